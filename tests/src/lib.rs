//! The outside view of the project: what its own tests, and those who check it, drive it with.
//!
//! Nothing in this library imports the collector, but for the [`simulation`] of crowds, which drives what decides on
//! avis by a clock of its own. The tests start the real binary on a free port with a database of
//! its own ([`TestCollector`]), speak HTTP to it, walk its pages in three real browsers ([`Browser`]), and harm the
//! database under it ([`Cluster`], [`Wire`]). The tests of faults alone know its store, to look into a database that
//! they have harmed.
//!
//! A harness has one way of failing, to say what it saw and stop the test, so it panics by design. A tool
//! that is missing is a failure like any other: a test that skips itself proves nothing.
#![expect(clippy::panic, reason = "a harness reports what it could not do by failing the test")]

pub mod bare_server;
pub mod browser;
pub mod collector;
pub mod comments;
pub mod faults;
pub mod files;
pub mod jdma_export;
pub mod line;
pub mod load;
pub mod nginx;
mod port;
pub mod postgres;
pub mod process;
pub mod simulation;
pub mod site;
pub mod tampering;
pub mod wait;
pub mod wire;

pub use browser::{Browser, Engine, Options};
pub use collector::TestCollector;
pub use nginx::Nginx;
pub use postgres::Cluster;
pub use wire::Wire;

/// Whether the tests of `faults` and `attacks` run for as long as it takes to trust the answer (`AVIS_FAULTS=long`),
/// rather than as short as shows that they work.
///
/// # Panics
///
/// When `AVIS_FAULTS` is set to anything else.
#[must_use]
pub fn faults_run_long() -> bool {
    match std::env::var("AVIS_FAULTS").as_deref() {
        Ok("long") => true,
        Err(_) => false,
        Ok(other) => panic!("AVIS_FAULTS is {other:?}; \"long\" is all it can be"),
    }
}
