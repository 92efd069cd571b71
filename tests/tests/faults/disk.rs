//! The disk is full, or closed; another process keeps the file to itself.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use sqlx::{Connection as _, Executor as _, SqliteConnection};
use tests::postgres::Stop;
use tests::{Cluster, TestCollector, faults_run_long, wait};

use crate::crowd::Crowd;
use crate::file::Folder;
use crate::mounts::{Disk, Immutable, ReadOnly, has_own_mounts};
use crate::{FLAGS, assert_exact, tell};

/// What SQLite itself says of the file.
async fn integrity(database: &str) -> String {
    let mut connection = SqliteConnection::connect(database).await.unwrap();
    let verdict = sqlx::query_scalar("pragma integrity_check").fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    verdict
}

async fn is_ready(collector: &TestCollector) -> bool {
    collector.get("/health/ready").send().await.unwrap().status().is_success()
}

async fn gets_ready(collector: &TestCollector) {
    wait::until("a collector that is ready", async || {
        if is_ready(collector).await { Ok(()) } else { Err("not ready") }
    })
    .await;
}

#[tokio::test]
async fn a_full_disk_is_told_and_over_as_soon_as_there_is_room() {
    if !has_own_mounts("disk::a_full_disk_is_told_and_over_as_soon_as_there_is_room") {
        return;
    }
    let rounds = if faults_run_long() { 20 } else { 3 };
    let disk = Disk::of(if faults_run_long() { 512 } else { 64 });
    let mut collector = TestCollector::start_on(&disk.database(), FLAGS).await;
    let mut crowd = Crowd::of(16, 3);
    for round in 0..rounds {
        let busy = crowd.set_off(&[collector.authority()]);
        busy.advance(100).await;
        let before = busy.refused();

        let ballast = disk.fill();
        wait::until("the crowd to be refused", async || {
            // What the log still had room for is used up first.
            disk.fill();
            if busy.refused() > before + 50 { Ok(()) } else { Err(busy.refused()) }
        })
        .await;
        wait::until("a collector that is not ready", async || {
            if is_ready(&collector).await { Err("ready") } else { Ok(()) }
        })
        .await;
        let averages =
            collector.get("/api/v1/satisfaction?from=2020-01-01&to=2030-12-31").send().await.unwrap();
        assert_eq!(averages.status(), 200, "reads need no room");

        // Every other time it ends there, too.
        if round % 2 == 1 {
            collector.kill();
            std::fs::remove_file(ballast).unwrap();
            crowd = busy.stop();
            collector.serve().await;
        } else {
            std::fs::remove_file(ballast).unwrap();
            busy.advance(100).await;
            gets_ready(&collector).await;
            crowd = busy.stop();
        }
        crowd = crowd.settle(&[collector.authority()]);
        assert_eq!(integrity(collector.database()).await, "ok");
        assert_exact(&crowd, &collector).await;
    }
    let kept = assert_exact(&crowd, &collector).await;
    tell(&format!("full disk: {rounds} rounds, {}, {kept}", crowd.promised()));
}

#[tokio::test]
async fn a_spool_on_a_full_disk_refuses_and_holds_nobody_up_once_the_database_is_back() {
    if !has_own_mounts("disk::a_spool_on_a_full_disk_refuses_and_holds_nobody_up_once_the_database_is_back") {
        return;
    }
    let disk = Disk::of(16);
    let mut cluster = Cluster::start().await;
    let folder = disk.path().join("spool").display().to_string();
    let flags = [FLAGS, &["--spool", &folder]].concat();
    let collector = TestCollector::start_on(&cluster.create_database().await, &flags).await;
    let busy = Crowd::of(16, 19).set_off(&[collector.authority()]);
    cluster.stop(Stop::Fast).await;
    busy.advance(100).await;
    let before = busy.refused();
    wait::until("the crowd to be refused", async || {
        disk.fill();
        if busy.refused() > before + 50 { Ok(()) } else { Err(busy.refused()) }
    })
    .await;
    assert!(!is_ready(&collector).await);

    cluster.start_again().await;
    busy.advance(200).await;
    gets_ready(&collector).await;
    std::fs::remove_file(disk.path().join("ballast")).unwrap();
    let crowd = busy.stop().settle(&[collector.authority()]);
    let kept = assert_exact(&crowd, &collector).await;
    tell(&format!("spool on a full disk: {}, {kept}", crowd.promised()));
}

#[tokio::test]
async fn while_another_process_writes_avis_wait_and_nobody_is_refused() {
    let collector = TestCollector::start_with(FLAGS).await;
    let mut other = SqliteConnection::connect(collector.database()).await.unwrap();
    let mut crowd = Crowd::of(16, 4);
    for lock in ["begin immediate", "begin exclusive"] {
        let busy = crowd.set_off(&[collector.authority()]);
        busy.advance(100).await;
        other.execute(lock).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        let before = busy.acknowledged();
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(busy.acknowledged(), before, "acknowledged while nothing could be written");
        other.execute("rollback").await.unwrap();
        busy.advance(100).await;
        crowd = busy.stop();
        assert_exact(&crowd, &collector).await;
    }
    let promised = crowd.promised();
    assert_eq!((promised.refused, promised.unanswered), (0, 0), "{promised}");
    let kept = assert_exact(&crowd, &collector).await;
    tell(&format!("write lock held for 5 s: 2 rounds, {promised}, {kept}"));
}

#[tokio::test]
async fn it_stops_in_time_although_another_process_writes() {
    let mut collector = TestCollector::start_with(FLAGS).await;
    let mut other = SqliteConnection::connect(collector.database()).await.unwrap();
    let busy = Crowd::of(16, 20).set_off(&[collector.authority()]);
    busy.advance(100).await;
    other.execute("begin immediate").await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(collector.stop().success());
    other.execute("rollback").await.unwrap();
    collector.serve().await;
    let crowd = busy.stop().settle(&[collector.authority()]);
    let kept = assert_exact(&crowd, &collector).await;
    tell(&format!("stopped beside a write lock: {}, {kept}", crowd.promised()));
}

#[tokio::test]
async fn where_another_process_never_ends_people_are_told_to_come_again() {
    if !faults_run_long() {
        tell("write lock that is not let go: left out, since it takes long (`cargo xtask test --faults`)");
        return;
    }
    let collector = TestCollector::start_with(FLAGS).await;
    let mut other = SqliteConnection::connect(collector.database()).await.unwrap();
    let busy = Crowd::of(16, 5).set_off(&[collector.authority()]);
    busy.advance(100).await;
    other.execute("begin immediate").await.unwrap();
    // Ten seconds for the batch that met the lock, and as many for the one that queued behind it.
    wait::until("everybody to be refused", async || match busy.refused() {
        0..16 => Err(busy.refused()),
        _ => Ok(()),
    })
    .await;
    assert!(!is_ready(&collector).await);
    other.execute("rollback").await.unwrap();
    busy.advance(100).await;
    let crowd = busy.stop().settle(&[collector.authority()]);
    let kept = assert_exact(&crowd, &collector).await;
    tell(&format!("write lock that is not let go: {}, {kept}", crowd.promised()));
}

#[tokio::test]
async fn on_a_disk_that_cannot_be_written_it_does_not_start_and_says_why() {
    if !has_own_mounts("disk::on_a_disk_that_cannot_be_written_it_does_not_start_and_says_why") {
        return;
    }
    let disk = Disk::of(64);
    let mut collector = TestCollector::start_on(&disk.database(), FLAGS).await;
    let busy = Crowd::of(4, 6).set_off(&[collector.authority()]);
    busy.advance(100).await;
    // Killed, it leaves a log that the next start would have to write home.
    collector.kill();
    let crowd = busy.stop();
    let before = Folder::of(disk.path());

    disk.close();
    let refused = collector.try_run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stdout.is_empty() && refused.stderr.lines().count() == 1, "{refused:?}");
    assert!(refused.stderr.contains("avis.db") && refused.stderr.contains("ead-only"), "{refused:?}");
    assert_eq!(Folder::of(disk.path()), before);

    disk.reopen();
    collector.serve().await;
    let crowd = crowd.settle(&[collector.authority()]);
    let kept = assert_exact(&crowd, &collector).await;
    tell(&format!("read-only disk: refused, exit 2: {}; writable again: {kept}", refused.stderr.trim()));
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_refused_at_the_start() {
    if !has_own_mounts("disk::a_file_that_cannot_be_written_is_refused_at_the_start") {
        return;
    }
    let mut collector = TestCollector::start_with(FLAGS).await;
    let busy = Crowd::of(4, 7).set_off(&[collector.authority()]);
    busy.advance(100).await;
    collector.stop();
    let crowd = busy.stop();
    let before = Folder::of(collector.directory());

    let file = ReadOnly::mounted(&collector.directory().join("avis.db"));
    let refused = collector.try_run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stdout.is_empty() && refused.stderr.lines().count() == 1, "{refused:?}");
    assert!(refused.stderr.contains("avis.db") && refused.stderr.contains("ead-only"), "{refused:?}");
    assert_eq!(Folder::of(collector.directory()), before);

    file.reopen();
    collector.serve().await;
    let crowd = crowd.settle(&[collector.authority()]);
    let kept = assert_exact(&crowd, &collector).await;
    tell(&format!("read-only file: refused, exit 2: {}; writable again: {kept}", refused.stderr.trim()));
}

#[tokio::test]
async fn a_file_that_cannot_be_written_any_more_is_told_and_over_once_it_can() {
    let mut collector = TestCollector::start_with(FLAGS).await;
    let files = ["avis.db", "avis.db-wal"].map(|name| collector.directory().join(name));
    // A mount cannot become read-only under those who write to it, and rights are asked for as a file is opened: this is
    // the one way in which it happens to a collector that has it open.
    let Some(first) = Immutable::make(&files) else {
        tell("read-only file under a collector: left out, since no file can be made immutable here");
        return;
    };
    drop(first);
    let mut crowd = Crowd::of(8, 8);
    for round in 0..2 {
        let busy = crowd.set_off(&[collector.authority()]);
        busy.advance(100).await;
        let before = busy.refused();
        let immutable = Immutable::make(&files);
        wait::until("the crowd to be refused", async || {
            if busy.refused() > before + 50 { Ok(()) } else { Err(busy.refused()) }
        })
        .await;
        assert!(!is_ready(&collector).await);
        let refused = collector.request(Method::POST, "/api/v1/avis").json(&json!({
            "demarche": "3059", "idempotency_key": uuid::Uuid::from_u128(round), "answers": {"satisfaction": "moyen"},
        }));
        let refused = refused.send().await.unwrap();
        assert_eq!(refused.status(), 503);
        assert!(refused.headers().contains_key("retry-after"));
        let averages =
            collector.get("/api/v1/satisfaction?from=2020-01-01&to=2030-12-31").send().await.unwrap();
        assert_eq!(averages.status(), 200, "reads need no right to write");
        assert!(collector.logs().contains("a commit failed"), "{}", collector.logs());
        drop(immutable);

        busy.advance(100).await;
        gets_ready(&collector).await;
        crowd = busy.stop().settle(&[collector.authority()]);
        assert_eq!(integrity(collector.database()).await, "ok");
        assert_exact(&crowd, &collector).await;
        if round == 0 {
            collector.kill_and_restart().await;
        }
    }
    let kept = assert_exact(&crowd, &collector).await;
    tell(&format!("read-only file under a collector: 2 rounds, {}, {kept}", crowd.promised()));
}
