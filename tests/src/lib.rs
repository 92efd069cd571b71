//! The outside view of the project: what its own tests, and those who check it, drive it with.
//!
//! Nothing here imports the collector. The tests start the real binary on a free port with a database of
//! its own ([`TestCollector`]), speak HTTP to it, walk its pages in three real browsers ([`Browser`]), and harm
//! the database under it ([`Cluster`], [`Wire`]).
//!
//! A harness has one way of failing, to say what it saw and stop the test, so it panics by design. A tool
//! that is missing is a failure like any other: a test that skips itself proves nothing.
#![expect(clippy::panic, reason = "a harness reports what it could not do by failing the test")]

pub mod browser;
pub mod collector;
pub mod faults;
mod port;
pub mod postgres;
pub mod process;
pub mod site;
pub mod wait;
pub mod wire;

pub use browser::{Browser, Engine, Options};
pub use collector::TestCollector;
pub use postgres::Cluster;
pub use wire::Wire;
