//! A migration is killed half-way and runs again.

use std::path::Path;
use std::time::Instant;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _, SqliteConnection};
use tests::collector::{DEMARCHE, workspace};
use tests::process::Process;
use tests::{Cluster, TestCollector, faults_run_long, wait};

use crate::{FLAGS, tell};

/// What of an old database has to be there after the migration, whatever its tables are then called.
#[derive(Debug, PartialEq, Eq)]
struct Census {
    avis: i64,
    satisfactions: Vec<i64>,
    comments: i64,
    length_of_comments: i64,
}

impl Census {
    async fn of(database: &str) -> Self {
        let mut connection = SqliteConnection::connect(database).await.unwrap();
        let counts = sqlx::query(
            "select (select count(*) from avis), (select count(*) from avis_text),
                (select sum(length(comment)) from avis_text)",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap();
        let satisfactions = "select count(*) from avis group by satisfaction order by satisfaction";
        let satisfactions = sqlx::query_scalar(satisfactions).fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        Self {
            avis: counts.get(0),
            satisfactions,
            comments: counts.get(1),
            length_of_comments: counts.get(2),
        }
    }
}

/// A database as the first migration made it, with so many avis in it.
async fn old_database(file: &Path, avis: u32) {
    let migrations = Migrator::new(workspace().join("migrations/sqlite")).await.unwrap();
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    migrations.run_to(1, &mut connection).await.unwrap();
    let filled = format!(
        "pragma journal_mode = wal;
        begin;
        insert into demarche (demarche_id, title, administration, audience)
            values ('{DEMARCHE}', 'Déclaration des revenus', 'DGFIP', '');
        insert into secret (secret_id, secret_key, created_day) values (1, randomblob(32), 20260901);
        with recursive number (n) as (select 1 union all select n + 1 from number where n < {avis})
        insert into avis
        select unhex((20260900 + 1 + n % 28) || hex(randomblob(12))), '{DEMARCHE}', null, 20260900 + 1 + n % 28, 'fr',
            null, 1 + n % 3, null, null, 0, 0, 0, 0
        from number;
        insert into avis_text
        select avis_id, null, null, hex(avis_id) || hex(zeroblob(300)) from avis where satisfaction = 1;"
    );
    connection.execute(AssertSqlSafe(filled)).await.unwrap();
    for (table, span) in [("tally", "day"), ("tally_month", "day / 100")] {
        let columns: Vec<String> = sqlx::query_scalar("select name from pragma_table_info(?)")
            .bind(table)
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let values: Vec<&str> = columns
            .iter()
            .map(|column| match column.as_str() {
                "demarche_id" => "demarche_id",
                "day" | "month" => span,
                "bouton_id" => "''",
                "satisfaction_answered" => "count(*)",
                "satisfaction_pas_bien" => "sum(satisfaction = 1)",
                "satisfaction_moyen" => "sum(satisfaction = 2)",
                "satisfaction_tres_bien" => "sum(satisfaction = 3)",
                "comment_answered" => "count(comment)",
                _ => "0",
            })
            .collect();
        let counted = format!(
            "insert into {table} ({}) select {} from avis left join avis_text using (avis_id)
             group by demarche_id, {span}",
            columns.join(", "),
            values.join(", ")
        );
        connection.execute(AssertSqlSafe(counted)).await.unwrap();
    }
    connection.execute("commit").await.unwrap();
    connection.close().await.unwrap();
}

/// The length of the log beside a database.
fn log_of(file: &Path) -> u64 {
    file.with_extension("db-wal").metadata().map_or(0, |log| log.len())
}

async fn migrations(database: &str) -> Vec<i64> {
    let mut connection = SqliteConnection::connect(database).await.unwrap();
    let applied = sqlx::query_scalar("select version from _sqlx_migrations where success order by version")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    applied
}

/// Starts a collector without waiting for it.
fn launched(collector: &TestCollector, name: &str) -> Process {
    let mut command = collector.command(&["serve", "--listen", "127.0.0.1:0"]);
    Process::start(name, command.args(FLAGS), collector.directory(), "")
}

async fn serves(process: &Process) {
    wait::until("a collector that serves", async || {
        if process.stdout().contains('\n') { Ok(()) } else { Err(process.stderr()) }
    })
    .await;
}

#[tokio::test]
async fn a_migration_that_is_killed_half_way_runs_again() {
    let (rounds, avis) = if faults_run_long() { (20, 200_000) } else { (4, 40_000) };
    let mut random = ChaCha8Rng::seed_from_u64(21);
    let mut collector = TestCollector::stopped(FLAGS);
    let file = collector.directory().join("avis.db");
    let old = collector.directory().join("old");
    old_database(&old, avis).await;
    std::fs::copy(&old, &file).unwrap();
    let before = Census::of(collector.database()).await;
    assert_eq!(before.avis, i64::from(avis));

    // How long it takes when nobody disturbs it.
    let begun = Instant::now();
    let undisturbed = launched(&collector, "undisturbed");
    serves(&undisturbed).await;
    let takes = begun.elapsed();
    undisturbed.kill();

    let (mut half_way, mut in_the_log, mut done) = (0, 0, 0);
    for round in 0..rounds {
        for extension in ["db", "db-wal", "db-shm"] {
            let _ = std::fs::remove_file(file.with_extension(extension));
        }
        std::fs::copy(&old, &file).unwrap();
        let process = launched(&collector, &format!("killed-{round}"));
        if round % 2 == 0 {
            // While it works in memory.
            tokio::time::sleep(takes.mul_f64(random.random_range(0.2..0.9))).await;
        } else {
            // While it is written to the log.
            while log_of(&file) == 0 && !process.stdout().contains('\n') {
                std::thread::yield_now();
            }
        }
        process.kill();
        // On a copy: the collector is to find things as the dead one left them.
        let copy = collector.directory().join(format!("copy-{round}.db"));
        std::fs::copy(&file, &copy).unwrap();
        let _ = std::fs::copy(file.with_extension("db-wal"), copy.with_extension("db-wal"));
        match migrations(&format!("sqlite://{}", copy.display())).await[..] {
            [1] => (half_way, in_the_log) = (half_way + 1, in_the_log + usize::from(log_of(&file) > 0)),
            _ => done += 1,
        }

        collector.serve().await;
        assert_eq!(Census::of(collector.database()).await, before);
        let verified = collector.run(&["verify"]);
        assert!(verified.stdout.contains("no difference"), "{verified:?}");
        assert_eq!(collector.smileys(DEMARCHE).await.iter().sum::<u64>(), u64::from(avis));
        collector.stop();
    }
    assert!(half_way > 0, "every migration was done before it was killed");
    assert!(in_the_log > 0 || !faults_run_long(), "no migration was killed while it was written");
    tell(&format!(
        "migration of {avis} avis killed: {rounds} rounds, {half_way} half-way ({in_the_log} with part of it on \
         the disk) and {done} just after, each time all avis there and counted; undisturbed it takes {:.1} s",
        takes.as_secs_f64()
    ));
}

/// How many migrations a PostgreSQL database has, once nobody else is connected to it: what a collector asked for goes
/// on for a moment after its death. None before the first start has begun.
async fn migrations_of(connection: &mut PgConnection) -> Option<i64> {
    wait::until("the dead collector's connections to end", async || {
        let others = "select count(*) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'";
        let others: i64 = sqlx::query_scalar(others).fetch_one(&mut *connection).await.unwrap();
        if others == 0 { Ok(()) } else { Err(others) }
    })
    .await;
    if !has_begun(connection).await {
        return None;
    }
    let applied = "select count(*) from _sqlx_migrations where success";
    Some(sqlx::query_scalar(applied).fetch_one(connection).await.unwrap())
}

async fn has_begun(connection: &mut PgConnection) -> bool {
    let table = "select to_regclass('_sqlx_migrations') is not null";
    sqlx::query_scalar(table).fetch_one(connection).await.unwrap()
}

#[tokio::test]
async fn the_first_start_on_postgresql_that_is_killed_half_way_is_made_again() {
    let rounds = if faults_run_long() { 20 } else { 3 };
    let mut random = ChaCha8Rng::seed_from_u64(22);
    let cluster = Cluster::start().await;
    let all =
        i64::try_from(Migrator::new(workspace().join("migrations/postgres")).await.unwrap().iter().count())
            .unwrap();

    // How long it takes when nobody disturbs it.
    let undisturbed = TestCollector::on(&cluster.create_database().await, FLAGS);
    let begun = Instant::now();
    let process = launched(&undisturbed, "undisturbed");
    serves(&process).await;
    let takes = begun.elapsed();
    process.kill();

    let (mut before, mut half_way, mut done) = (0, 0, 0);
    for _ in 0..rounds {
        let mut collector = TestCollector::on(&cluster.create_database().await, FLAGS);
        let mut connection = PgConnection::connect(collector.database()).await.unwrap();
        for attempt in 0..3 {
            let process = launched(&collector, &format!("killed-{attempt}"));
            if attempt == 0 {
                // While its tables are being made.
                while !has_begun(&mut connection).await {}
                tokio::time::sleep(takes.mul_f64(random.random_range(0.0..0.2))).await;
            } else {
                tokio::time::sleep(takes.mul_f64(random.random_range(0.1..1.0))).await;
            }
            process.kill();
            match migrations_of(&mut connection).await {
                None => before += 1,
                Some(applied) if applied < all => half_way += 1,
                Some(_) => done += 1,
            }
        }
        connection.close().await.unwrap();
        collector.register();
        collector.serve().await;
        assert_eq!(collector.smileys(DEMARCHE).await, [0, 0, 0]);
    }
    assert!(half_way > 0 || !faults_run_long(), "no first start was killed half-way");
    tell(&format!(
        "first start on PostgreSQL killed: {rounds} databases, 3 times each, {before} before it had begun, {half_way} \
         half-way and {done} after, all came up after that; undisturbed it takes {:.2} s",
        takes.as_secs_f64()
    ));
}
