//! What is acknowledged stays, and is counted once, whatever happens to the database and to the way there.
//!
//! Each test harms something of its own; they run one after the other (`--test-threads=1`). `AVIS_FAULTS=long`, which
//! `cargo xtask test --faults` sets ([`tests::faults_run_long`]), makes the same tests run for as
//! long as it takes to trust the answer.
#![expect(clippy::panic, clippy::unwrap_used, reason = "test code, also outside `#[test]` functions")]

mod away;
mod client;
mod crowd;
mod disk;
mod file;
mod harness;
mod killed;
mod migration;
mod mounts;
mod strace;
mod synced;

use std::io::Write as _;
use std::time::Duration;

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use tests::TestCollector;

use crate::crowd::{Crowd, Kept};

/// How long a crowd is at work before there is harm.
fn moment(random: &mut ChaCha8Rng) -> Duration {
    Duration::from_millis(random.random_range(50..900))
}

/// A crowd is one address, and a line for each of its requests is more than anybody reads.
const FLAGS: &[&str] = &["--limits", "off", "--log", "info,collector::routes=warn"];

/// Shows the figures of a test, also when it passes: `println!` would keep them for a failure.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "\n    {line}");
}

/// Compares the database with what was promised to the crowd, and the décomptes with the avis.
async fn assert_exact(crowd: &Crowd, collector: &TestCollector) -> Kept {
    let kept = crowd.kept_by(collector.database()).await;
    kept.assert_everything();
    let verified = collector.run(&["verify"]);
    assert!(verified.stdout.contains("no difference"), "{verified:?}");
    kept
}
