//! The collector ends without a word; or with one.

use std::time::{Duration, Instant};

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use tests::{TestCollector, faults_run_long};

use crate::crowd::Crowd;
use crate::{FLAGS, assert_exact, moment, tell};

#[tokio::test]
async fn a_collector_on_sqlite_that_is_killed_again_and_again_keeps_what_it_acknowledged() {
    let rounds = if faults_run_long() { 100 } else { 3 };
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut collector = TestCollector::start_with(FLAGS).await;
    let mut crowd = Crowd::of(16, 1);
    for _ in 0..rounds {
        let busy = crowd.set_off(&[collector.authority()]);
        tokio::time::sleep(moment(&mut random)).await;
        collector.kill();
        crowd = busy.stop();
        collector.serve().await;
        crowd = crowd.settle(&[collector.authority()]);
        assert_exact(&crowd, &collector).await;
    }
    let kept = assert_exact(&crowd, &collector).await;
    tell(&format!("kill -9 of a collector on SQLite: {rounds} rounds, {}, {kept}", crowd.promised()));
}

#[tokio::test]
async fn a_collector_that_is_asked_to_stop_answers_what_it_has_taken_and_ends() {
    let rounds = if faults_run_long() { 10 } else { 2 };
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let mut collector = TestCollector::start_with(FLAGS).await;
    let mut crowd = Crowd::of(16, 2);
    let mut longest = Duration::ZERO;
    for _ in 0..rounds {
        let busy = crowd.set_off(&[collector.authority()]);
        tokio::time::sleep(moment(&mut random)).await;
        let begun = Instant::now();
        // Within the 10 s of the contract, or it panics.
        let status = collector.stop();
        longest = longest.max(begun.elapsed());
        assert!(status.success(), "{status}");
        crowd = busy.stop();
        assert_exact(&crowd, &collector).await;
        collector.serve().await;
        crowd = crowd.settle(&[collector.authority()]);
    }
    let kept = assert_exact(&crowd, &collector).await;
    tell(&format!(
        "SIGTERM under load: {rounds} rounds, ended within {:.1} s, {}, {kept}",
        longest.as_secs_f64(),
        crowd.promised()
    ));
}
