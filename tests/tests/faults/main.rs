//! What is acknowledged stays, and is counted once, whatever happens to the database and to the way there.
//!
//! Each test harms something of its own; they run one after the other (`--test-threads=1`). `AVIS_FAULTS=long`, which
//! `cargo xtask test --faults` sets ([`tests::faults_run_long`]), makes the same tests run for as long as it takes to trust the answer.
#![expect(clippy::unwrap_used, reason = "test code, also outside `#[test]` functions")]

mod harness;
