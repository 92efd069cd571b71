//! PostgreSQL is away, slow to answer, or cut off in the middle of a commit.

use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use tests::postgres::Stop;
use tests::wire::Break;
use tests::{Cluster, TestCollector, Wire, faults_run_long, wait};

use crate::crowd::{Crowd, Kept};
use crate::{FLAGS, assert_exact, moment, tell};

/// What a spool of minutes takes to be drained on a slow machine.
const DRAINING: Duration = Duration::from_mins(3);

/// What `/health/ready` says, if it says yes.
async fn health(collector: &TestCollector) -> Result<Value, String> {
    let answer = collector.get("/health/ready").send().await.map_err(|error| error.to_string())?;
    let status = answer.status();
    let text = answer.text().await.map_err(|error| error.to_string())?;
    if status.is_success() {
        Ok(serde_json::from_str(&text).unwrap())
    } else {
        Err(format!("{status} {text}"))
    }
}

/// Waits until the store is there and has everything.
async fn is_drained(collector: &TestCollector) {
    wait::until_within(DRAINING, "an empty spool", async || {
        let health = health(collector).await?;
        if health["store"] == "ok" && health["spool"] == 0 { Ok(()) } else { Err(health.to_string()) }
    })
    .await;
}

/// The crowd insists on what was not answered, and all of it is in the database.
async fn settled(crowd: Crowd, collector: &TestCollector, beside: &TestCollector) -> (Crowd, Kept) {
    let crowd = crowd.settle(&[collector.authority()]);
    is_drained(collector).await;
    let kept = assert_exact(&crowd, beside).await;
    (crowd, kept)
}

#[tokio::test]
async fn a_collector_on_postgresql_that_is_killed_again_and_again_keeps_what_it_acknowledged() {
    let rounds = if faults_run_long() { 30 } else { 2 };
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let cluster = Cluster::start().await;
    let mut collector = TestCollector::start_on(&cluster.create_database().await, FLAGS).await;
    let mut crowd = Crowd::of(16, 11);
    for _ in 0..rounds {
        let busy = crowd.set_off(&[collector.authority()]);
        tokio::time::sleep(moment(&mut random)).await;
        collector.kill();
        crowd = busy.stop();
        collector.serve().await;
        (crowd, _) = settled(crowd, &collector, &collector).await;
    }
    let kept = assert_exact(&crowd, &collector).await;
    tell(&format!("kill -9 of a collector on PostgreSQL: {rounds} rounds, {}, {kept}", crowd.promised()));
}

#[tokio::test]
async fn a_server_that_ends_without_a_word_again_and_again_loses_nothing() {
    let rounds = if faults_run_long() { 30 } else { 2 };
    let mut random = ChaCha8Rng::seed_from_u64(12);
    let mut cluster = Cluster::start().await;
    let mut collector = TestCollector::start_on(&cluster.create_database().await, FLAGS).await;
    let mut crowd = Crowd::of(16, 12);
    for round in 0..rounds {
        let busy = crowd.set_off(&[collector.authority()]);
        tokio::time::sleep(moment(&mut random)).await;
        cluster.stop(Stop::Immediate).await;
        tokio::time::sleep(moment(&mut random)).await;
        // Now and then the collector goes as well, and its spool is all there is.
        if round % 5 == 1 {
            collector.kill();
            crowd = busy.stop();
            cluster.start_again().await;
            collector.serve().await;
        } else {
            cluster.start_again().await;
            busy.advance(100).await;
            crowd = busy.stop();
        }
        (crowd, _) = settled(crowd, &collector, &collector).await;
    }
    let kept = assert_exact(&crowd, &collector).await;
    tell(&format!("PostgreSQL stopped -m immediate: {rounds} rounds, {}, {kept}", crowd.promised()));
}

#[tokio::test]
async fn while_the_server_is_stopped_avis_are_taken_and_then_brought_there() {
    let away = Duration::from_secs(if faults_run_long() { 60 } else { 5 });
    let mut cluster = Cluster::start().await;
    let collector = TestCollector::start_on(&cluster.create_database().await, FLAGS).await;
    let busy = Crowd::of(16, 13).set_off(&[collector.authority()]);
    busy.advance(200).await;
    assert_eq!(health(&collector).await.unwrap()["store"], "ok");

    cluster.stop(Stop::Fast).await;
    tokio::time::sleep(away / 2).await;
    let meanwhile = busy.acknowledged();
    let health = health(&collector).await.unwrap();
    assert_eq!(health["store"], "away", "{health}");
    assert!(health["spool"].as_u64().unwrap() > 0, "{health}");
    tokio::time::sleep(away / 2).await;
    assert!(busy.acknowledged() > meanwhile + 100, "{} and then {}", meanwhile, busy.acknowledged());
    cluster.start_again().await;
    // It catches up although avis keep coming.
    is_drained(&collector).await;
    busy.advance(200).await;
    let crowd = busy.stop();

    let promised = crowd.promised();
    assert!(promised.spooled > 0, "{promised}");
    assert_eq!((promised.refused, promised.unanswered), (0, 0), "{promised}");
    let (crowd, kept) = settled(crowd, &collector, &collector).await;
    tell(&format!("PostgreSQL stopped for {} s: {}, {kept}", away.as_secs(), crowd.promised()));
}

#[tokio::test]
async fn a_full_spool_is_told_and_over_once_the_server_is_back() {
    let mut cluster = Cluster::start().await;
    let flags = [FLAGS, &["--spool-mib", "1"]].concat();
    let collector = TestCollector::start_on(&cluster.create_database().await, &flags).await;
    let busy = Crowd::of(16, 17).set_off(&[collector.authority()]);
    busy.advance(50).await;
    cluster.stop(Stop::Fast).await;
    wait::until("the crowd to be refused", async || match busy.refused() {
        0..100 => Err(busy.refused()),
        _ => Ok(()),
    })
    .await;
    let refused = health(&collector).await.unwrap_err();
    assert!(refused.starts_with("503"), "{refused}");
    cluster.start_again().await;
    busy.advance(200).await;
    let crowd = busy.stop();
    let (crowd, kept) = settled(crowd, &collector, &collector).await;
    tell(&format!("spool of 1 MiB full: {}, {kept}", crowd.promised()));
}

#[tokio::test]
async fn a_commit_of_which_nobody_knows_whether_it_was_made_is_made_once() {
    let rounds = if faults_run_long() { 40 } else { 4 };
    let mut random = ChaCha8Rng::seed_from_u64(14);
    let cluster = Cluster::start().await;
    let wire = Wire::before(&cluster);
    let database = cluster.create_database().await;
    let collector = TestCollector::start_on(&wire.url(&database), FLAGS).await;
    let beside = TestCollector::on(&database, &[]);
    let mut crowd = Crowd::of(16, 14);
    for round in 0..rounds {
        let moment_of_break = if round % 2 == 0 { Break::BeforeCommit } else { Break::AfterCommit };
        let busy = crowd.set_off(&[collector.authority()]);
        tokio::time::sleep(moment(&mut random) / 2).await;
        wire.break_next_commit(moment_of_break);
        wire.has_broken(round + 1).await;
        // The drain of the spool that follows may break as well.
        if random.random_bool(0.5) {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        busy.advance(100).await;
        crowd = busy.stop();
        (crowd, _) = settled(crowd, &collector, &beside).await;
    }
    let kept = assert_exact(&crowd, &beside).await;
    tell(&format!("commit cut in the middle: {rounds} rounds, {}, {kept}", crowd.promised()));
}

#[tokio::test]
async fn in_a_black_hole_avis_are_taken_and_nothing_is_made_twice_when_it_speaks_again() {
    let rounds = if faults_run_long() { 6 } else { 1 };
    let cluster = Cluster::start().await;
    let mut wire = Wire::before(&cluster);
    let database = cluster.create_database().await;
    let collector = TestCollector::start_on(&wire.url(&database), FLAGS).await;
    let beside = TestCollector::on(&database, &[]);
    let mut crowd = Crowd::of(16, 15);
    for round in 0..rounds {
        let busy = crowd.set_off(&[collector.authority()]);
        busy.advance(200).await;
        let before = busy.acknowledged();
        wire.silence();
        // A commit is waited for some seconds before the spool takes over.
        wait::until("avis on the spool", async || match busy.acknowledged() {
            now if now > before + 200 => Ok(()),
            now => Err(now - before),
        })
        .await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        // What was held back arrives late, or never.
        if round % 2 == 1 {
            wire.cut();
        }
        wire.pass();
        is_drained(&collector).await;
        crowd = busy.stop();
        (crowd, _) = settled(crowd, &collector, &beside).await;
    }
    let promised = crowd.promised();
    assert!(promised.spooled > 0, "{promised}");
    let kept = assert_exact(&crowd, &beside).await;
    tell(&format!("black hole: {rounds} rounds, {promised}, {kept}"));
}

#[tokio::test]
async fn it_stops_in_time_although_its_database_fell_silent() {
    let cluster = Cluster::start().await;
    let mut wire = Wire::before(&cluster);
    let database = cluster.create_database().await;
    let mut collector = TestCollector::start_on(&wire.url(&database), FLAGS).await;
    let beside = TestCollector::on(&database, &[]);
    let busy = Crowd::of(16, 21).set_off(&[collector.authority()]);
    busy.advance(100).await;
    wire.silence();
    tokio::time::sleep(Duration::from_millis(500)).await;
    // Those who ask whether it is ready lose their patience before the database does.
    let _ = health(&collector).await;
    assert!(collector.stop().success());
    wire.cut();
    wire.pass();
    collector.serve().await;
    let (crowd, kept) = settled(busy.stop(), &collector, &beside).await;
    tell(&format!("stopped in a black hole: {}, {kept}", crowd.promised()));
}

#[tokio::test]
async fn of_two_collectors_on_one_database_the_other_goes_on_and_knows_what_the_dead_one_did() {
    let rounds = if faults_run_long() { 10 } else { 2 };
    let mut random = ChaCha8Rng::seed_from_u64(16);
    let cluster = Cluster::start().await;
    let mut first = TestCollector::start_on(&cluster.create_database().await, FLAGS).await;
    let mut second = TestCollector::on(first.database(), FLAGS);
    second.serve().await;
    let mut crowd = Crowd::of(16, 16);
    for _ in 0..rounds {
        let busy = crowd.set_off(&[first.authority(), second.authority()]);
        tokio::time::sleep(moment(&mut random)).await;
        first.kill();
        busy.advance(200).await;
        crowd = busy.stop();
        // The people of the first one turn to the second: what they were not told, and what they were.
        (crowd, _) = settled(crowd, &second, &second).await;
        std::mem::swap(&mut first, &mut second);
        second.serve().await;
    }
    let kept = assert_exact(&crowd, &second).await;
    tell(&format!(
        "two collectors on one PostgreSQL, one killed: {rounds} rounds, {}, {kept}",
        crowd.promised()
    ));
}

#[tokio::test]
async fn what_lies_on_two_spools_is_there_once() {
    let rounds = if faults_run_long() { 5 } else { 1 };
    let mut cluster = Cluster::start().await;
    let first = TestCollector::start_on(&cluster.create_database().await, FLAGS).await;
    let mut second = TestCollector::on(first.database(), FLAGS);
    second.serve().await;
    let mut crowd = Crowd::of(16, 18);
    for _ in 0..rounds {
        let busy = crowd.set_off(&[first.authority(), second.authority()]);
        busy.advance(100).await;
        cluster.stop(Stop::Immediate).await;
        busy.advance(300).await;
        crowd = busy.stop();
        // What the one holds, people send to the other as well.
        crowd = crowd.settle(&[second.authority(), first.authority()]);
        cluster.start_again().await;
        is_drained(&first).await;
        (crowd, _) = settled(crowd, &second, &second).await;
    }
    let kept = assert_exact(&crowd, &second).await;
    tell(&format!("the same avis on two spools: {rounds} rounds, {}, {kept}", crowd.promised()));
}
