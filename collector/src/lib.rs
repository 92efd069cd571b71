//! The collector: takes avis, keeps them safe, averages them per démarche.
//!
//! `main` hands over to [`cli`]; [`application`] serves; [`routes`] says on one page what is where; [`ingest`]
//! brings avis to the [`store`]; [`satisfaction`] makes figures of décomptes.

pub mod catalogue;
pub mod clock;
pub mod day;
pub mod identity;
pub mod store;
