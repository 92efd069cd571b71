//! What strangers do to a collector that people need meanwhile.
//!
//! Each test attacks one collector in one way while honest people send avis at a steady rate, and prints a line: what
//! became of the attack, and how people were served. They run one after the other (`--test-threads=1`);
//! `AVIS_FAULTS=long`, which `cargo xtask test --faults` sets, makes the same attacks larger and longer.
#![expect(clippy::unwrap_used, reason = "test code, also outside `#[test]` functions")]

mod bodies;
mod connections;
mod floods;
mod framing;
mod hosts;
mod methods;
mod paths;
mod people;
mod proxied;
mod raw;
mod siege;

/// More of it where the run is long.
fn sized(short: usize, long: usize) -> usize {
    if tests::faults_run_long() { long } else { short }
}
