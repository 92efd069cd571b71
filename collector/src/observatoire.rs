//! The observatory as people look at it: which démarches, over which period, in which order, with what figures.
//!
//! What is looked at is the address and nothing else: a [`View`] is read from a query and written back to one, so that
//! the page, its tables to download and every link on it speak of the same thing.

mod fold;
mod listing;
mod order;
mod period;
mod view;

pub use fold::fold;
pub use listing::{Counted, Listing, Row, by_month, read};
pub use order::{Key, Order};
pub use period::{PeriodChoice, Window};
pub use view::{Shown, View};
