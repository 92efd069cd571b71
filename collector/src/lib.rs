//! The collector: takes avis, keeps them safe, averages them per démarche.
//!
//! `main` hands over to [`cli`]; [`application`] serves; [`routes`] says on one page what is where; [`ingest`]
//! brings avis to the [`store`]; [`satisfaction`] makes figures of décomptes.

pub mod accept;
pub mod application;
pub mod assets;
pub mod body;
pub mod catalogue;
pub mod cli;
pub mod client_address;
pub mod clock;
pub mod coding;
pub mod copy;
pub mod day;
pub mod dcat;
pub mod demo;
pub mod doctor;
pub mod edition;
pub mod embedding;
pub mod export;
pub mod file_limit;
pub mod generations;
pub mod hexadecimal;
pub mod identity;
pub mod import;
pub mod ingest;
pub mod jdma;
pub mod language;
pub mod limits;
pub mod logging;
pub mod masking;
pub mod mending;
pub mod metrics;
pub mod observatoire;
pub mod one_line;
pub mod openapi;
pub mod pages;
pub mod problem;
pub mod quarantine;
pub mod quarter;
pub mod query;
pub mod retention;
pub mod rhythm;
pub mod routes;
pub mod satisfaction;
pub mod sdg;
pub mod sender;
pub mod spool;
pub mod spreadsheet;
pub mod store;
pub mod vigilance;
