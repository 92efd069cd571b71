//! The harness itself: that the harm is done where a test says, and no more of it.

use std::time::Duration;

use sqlx::{Connection as _, Executor as _, PgConnection};
use tests::postgres::Stop;
use tests::wire::Break;
use tests::{Cluster, TestCollector, Wire};

/// Long against what a server on the same machine takes to answer.
const A_WHILE: Duration = Duration::from_millis(300);

async fn with_table(cluster: &Cluster) -> String {
    let database = cluster.create_database().await;
    let mut connection = connected(&database).await;
    connection.execute("create table fact (number bigint not null)").await.unwrap();
    database
}

async fn connected(database: &str) -> PgConnection {
    PgConnection::connect(database).await.unwrap()
}

/// Adds `number` in a transaction of its own.
async fn add(connection: &mut PgConnection, number: i64) -> sqlx::Result<()> {
    let mut transaction = connection.begin().await?;
    sqlx::query("insert into fact values ($1)").bind(number).execute(&mut *transaction).await?;
    transaction.commit().await
}

async fn facts(database: &str) -> Vec<i64> {
    let mut connection = connected(database).await;
    sqlx::query_scalar("select number from fact order by number").fetch_all(&mut connection).await.unwrap()
}

#[tokio::test]
async fn a_server_stopped_at_once_keeps_what_was_committed_and_nothing_else() {
    let mut cluster = Cluster::start().await;
    let database = with_table(&cluster).await;
    let mut connection = connected(&database).await;
    add(&mut connection, 1).await.unwrap();
    connection.execute("begin; insert into fact values (2)").await.unwrap();

    cluster.stop(Stop::Immediate).await;
    assert!(PgConnection::connect(&database).await.is_err());
    cluster.start_again().await;

    assert_eq!(facts(&database).await, [1]);
    assert!(cluster.log().contains("was not properly shut down"), "{}", cluster.log());
}

#[tokio::test]
async fn a_server_stopped_in_order_has_nothing_to_recover() {
    let mut cluster = Cluster::start().await;
    let database = with_table(&cluster).await;
    add(&mut connected(&database).await, 1).await.unwrap();

    cluster.stop(Stop::Fast).await;
    cluster.start_again().await;

    assert_eq!(facts(&database).await, [1]);
    assert!(!cluster.log().contains("was not properly shut down"), "{}", cluster.log());
}

#[tokio::test]
async fn a_commit_broken_before_it_arrives_is_none() {
    let cluster = Cluster::start().await;
    let database = with_table(&cluster).await;
    let wire = Wire::before(&cluster);
    let mut connection = connected(&wire.url(&database)).await;
    add(&mut connection, 1).await.unwrap();

    wire.break_next_commit(Break::BeforeCommit);
    add(&mut connection, 2).await.unwrap_err();
    wire.has_broken(1).await;
    assert_eq!(facts(&database).await, [1]);

    // Once, and only that connection.
    add(&mut connected(&wire.url(&database)).await, 3).await.unwrap();
    assert_eq!(facts(&database).await, [1, 3]);
}

#[tokio::test]
async fn a_commit_broken_after_it_is_done_is_one_although_the_client_saw_an_error() {
    let cluster = Cluster::start().await;
    let database = with_table(&cluster).await;
    let wire = Wire::before(&cluster);
    let mut connection = connected(&wire.url(&database)).await;
    add(&mut connection, 1).await.unwrap();

    wire.break_next_commit(Break::AfterCommit);
    add(&mut connection, 2).await.unwrap_err();
    wire.has_broken(1).await;
    assert_eq!(facts(&database).await, [1, 2]);

    add(&mut connected(&wire.url(&database)).await, 3).await.unwrap();
    assert_eq!(facts(&database).await, [1, 2, 3]);
}

#[tokio::test]
async fn a_commit_by_a_prepared_statement_breaks_as_well() {
    let cluster = Cluster::start().await;
    let database = with_table(&cluster).await;
    let wire = Wire::before(&cluster);
    for (moment, expected) in [(Break::BeforeCommit, &[][..]), (Break::AfterCommit, &[1])] {
        let mut connection = connected(&wire.url(&database)).await;
        connection.execute("begin; insert into fact values (1)").await.unwrap();
        wire.break_next_commit(moment);
        sqlx::query("commit").persistent(true).execute(&mut connection).await.unwrap_err();
        assert_eq!(facts(&database).await, expected, "{moment:?}");
    }
}

#[tokio::test]
async fn while_the_network_is_gone_connections_are_broken_and_new_ones_refused() {
    let cluster = Cluster::start().await;
    let database = with_table(&cluster).await;
    let mut wire = Wire::before(&cluster);
    let mut connection = connected(&wire.url(&database)).await;
    add(&mut connection, 1).await.unwrap();

    wire.cut();
    add(&mut connection, 2).await.unwrap_err();
    let refused = PgConnection::connect(&wire.url(&database)).await.unwrap_err();
    let sqlx::Error::Io(refused) = refused else { panic!("{refused:?}") };
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    assert_eq!(wire.connections(), 0);

    wire.pass();
    add(&mut connected(&wire.url(&database)).await, 3).await.unwrap();
    assert_eq!(facts(&database).await, [1, 3]);
}

#[tokio::test]
async fn in_a_black_hole_nothing_is_answered_and_what_was_sent_arrives_late() {
    let cluster = Cluster::start().await;
    let database = with_table(&cluster).await;
    let mut wire = Wire::before(&cluster);
    let mut connection = connected(&wire.url(&database)).await;

    wire.silence();
    tokio::time::timeout(A_WHILE, PgConnection::connect(&wire.url(&database))).await.unwrap_err();
    let mut adding = Box::pin(add(&mut connection, 1));
    tokio::time::timeout(A_WHILE, &mut adding).await.unwrap_err();
    assert!(facts(&database).await.is_empty());

    wire.pass();
    adding.await.unwrap();
    assert_eq!(facts(&database).await, [1]);
}

#[tokio::test]
async fn what_a_black_hole_swallowed_before_the_network_went_never_arrives() {
    let cluster = Cluster::start().await;
    let database = with_table(&cluster).await;
    let mut wire = Wire::before(&cluster);
    let mut connection = connected(&wire.url(&database)).await;
    connection.execute("begin; insert into fact values (1)").await.unwrap();

    wire.silence();
    tokio::time::timeout(A_WHILE, connection.execute("commit")).await.unwrap_err();
    wire.cut();
    wire.pass();

    add(&mut connected(&wire.url(&database)).await, 2).await.unwrap();
    assert_eq!(facts(&database).await, [2]);
}

#[tokio::test]
async fn a_server_stopped_behind_the_wire_is_seen_in_front_of_it() {
    let mut cluster = Cluster::start().await;
    let database = with_table(&cluster).await;
    let wire = Wire::before(&cluster);
    let mut connection = connected(&wire.url(&database)).await;

    cluster.stop(Stop::Immediate).await;
    add(&mut connection, 1).await.unwrap_err();
    PgConnection::connect(&wire.url(&database)).await.unwrap_err();

    cluster.start_again().await;
    add(&mut connected(&wire.url(&database)).await, 2).await.unwrap();
    assert_eq!(facts(&database).await, [2]);
}

#[tokio::test]
async fn a_collector_that_was_killed_starts_again_on_the_database_it_was_given() {
    let directory = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}/given.db", directory.path().display());
    let mut collector = TestCollector::start_on(&database, &[]).await;
    let first = collector.pid();
    let (stdout, _) = collector.written();

    collector.kill_and_restart().await;

    assert_ne!(collector.pid(), first);
    assert_eq!(collector.smileys("3059").await, [0, 0, 0]);
    assert_ne!(collector.written().0, stdout);
    let beside = TestCollector::on(&database, &[]);
    assert!(beside.run(&["demarche", "list"]).stdout.contains("3059"));
}
