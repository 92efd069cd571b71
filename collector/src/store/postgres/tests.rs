use super::*;
use crate::clock::Clock;
use crate::store::tallies::CELL_COLUMNS;
use crate::store::{OnReplay, Record, contract, samples};
use sqlx::{AssertSqlSafe, ConnectOptions};
use std::sync::Arc;

/// A database of its own on the server that tests may use, gone with the test.
struct Database {
    server: PgConnectOptions,
    name: String,
}

impl Database {
    async fn new() -> Self {
        let server = std::env::var("AVIS_TEST_POSTGRES")
            .expect("AVIS_TEST_POSTGRES names no server; `cargo xtask test` starts one");
        let server = PgConnectOptions::from_str(&server).expect("AVIS_TEST_POSTGRES is an address");
        let name = format!("avis_test_{}", Uuid::new_v4().simple());
        let database = Self { server, name };
        database.on_server("create database", "").await;
        database
    }

    async fn on_server(&self, before: &str, after: &str) {
        let mut connection = PgConnection::connect_with(&self.server).await.expect("the server answers");
        let statement = AssertSqlSafe(format!("{before} {} {after}", self.name));
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }

    fn address(&self) -> String {
        self.server.clone().database(&self.name).to_url_lossy().to_string()
    }

    async fn store(&self) -> PostgresStore {
        PostgresStore::open(&self.address(), Missing::Create).await.expect("a new database")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Dropping waits, and a test's own runtime has no thread to spare for that.
        std::thread::scope(|scope| {
            let drop = || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(self.on_server("drop database", "with (force)"));
            };
            let _ = scope.spawn(drop).join();
        });
    }
}

#[tokio::test]
async fn a_plan_that_was_made_for_empty_tables_serves_full_ones() {
    let database = Database::new().await;
    let store = database.store().await;
    let mut connection = store.writers.acquire().await.unwrap();
    let prepare = AssertSqlSafe(format!("prepare find (uuid[]) as {}", writes::FIND_KEYS));
    for statement in ["set plan_cache_mode = force_generic_plan", "analyze remembered"] {
        sqlx::query(statement).execute(&mut *connection).await.unwrap();
    }
    sqlx::query(prepare).execute(&mut *connection).await.unwrap();
    let plan: Vec<String> =
        sqlx::query_scalar("explain execute find ('{}')").fetch_all(&mut *connection).await.unwrap();
    let plan = plan.join("\n");
    assert!(plan.contains("Index") && !plan.contains("Seq Scan"), "{plan}");
}

#[tokio::test]
async fn the_columns_of_a_decompte_are_the_cells_of_the_questionnaire() {
    let database = Database::new().await;
    let store = database.store().await;
    for table in ["tally", "tally_month"] {
        let columns: Vec<String> = sqlx::query_scalar(
            "select attname::text from pg_attribute where attrelid = $1::regclass and attnum > 0 order by attnum",
        )
        .bind(table)
        .fetch_all(&store.readers)
        .await
        .unwrap();
        assert_eq!(columns[3..], CELL_COLUMNS[..], "{table}");
    }
}

async fn partitions(store: &PostgresStore, table: &str) -> Vec<String> {
    sqlx::query_scalar(
        "select inhrelid::regclass::text from pg_inherits where inhparent = $1::regclass order by 1",
    )
    .bind(table)
    .fetch_all(&store.readers)
    .await
    .unwrap()
}

#[tokio::test]
async fn partitions_are_made_ahead_and_those_of_an_old_month_when_an_avis_comes() {
    let database = Database::new().await;
    let store = database.store().await;
    samples::with_catalogue(&store).await;
    store.prepare_ahead(samples::day("2026-11-30")).await.unwrap();
    assert_eq!(partitions(&store, "avis").await, ["avis_202611", "avis_202612", "avis_202701"]);
    let texts = ["avis_text_202611", "avis_text_202612", "avis_text_202701"];
    assert_eq!(partitions(&store, "avis_text").await, texts);
    let old = samples::record(1, samples::noon("2024-02-29"), &samples::smile("moyen"));
    let last_hour = samples::record(2, "2026-12-31T22:59:59Z".parse().unwrap(), &samples::smile("moyen"));
    let next_year = samples::record(3, "2026-12-31T23:00:00Z".parse().unwrap(), &samples::smile("moyen"));
    let writes = [&old, &last_hour, &next_year].map(samples::write);
    store.commit(&writes).await.unwrap();
    let months: Vec<(i32, String)> =
        sqlx::query_as("select day / 100, tableoid::regclass::text from avis order by avis_id")
            .fetch_all(&store.readers)
            .await
            .unwrap();
    let named = |month: i32| (month, format!("avis_{month}"));
    assert_eq!(months, [202_402, 202_612, 202_701].map(named));
    // Another store, and the same one again, find them made.
    database.store().await.prepare_ahead(samples::day("2026-11-30")).await.unwrap();
    let all = partitions(&store, "avis").await;
    assert_eq!(all, ["avis_202402", "avis_202611", "avis_202612", "avis_202701"]);
    samples::assert_recount(&store).await;
}

#[tokio::test]
async fn collectors_that_come_to_a_month_together_make_it_once() {
    let database = Database::new().await;
    let stores = [database.store().await, database.store().await, database.store().await];
    samples::with_catalogue(&stores[0]).await;
    let commits = (1..).zip(&stores).map(|(key, store)| async move {
        let record = samples::record(key, samples::noon("2026-11-22"), &samples::smile("moyen"));
        store.commit(&[samples::write(&record)]).await.unwrap()
    });
    for outcomes in futures_util::future::join_all(commits).await {
        assert_eq!(outcomes, [Outcome::Recorded]);
    }
    assert_eq!(partitions(&stores[0], "avis").await, ["avis_202611"]);
}

#[tokio::test]
async fn collectors_that_start_together_on_a_new_database_all_start() {
    let database = Database::new().await;
    let address = database.address();
    let starts = (0..6).map(|_| PostgresStore::open(&address, Missing::Create));
    for started in futures_util::future::join_all(starts).await {
        assert!(started.is_ok(), "{:?}", started.err().map(|error| error.chain()));
    }
}

#[tokio::test]
async fn a_database_without_tables_is_filled_or_refused() {
    let database = Database::new().await;
    let refused = PostgresStore::open(&database.address(), Missing::Refuse).await.err().expect("no tables");
    assert!(refused.to_string().contains("holds no tables"), "{refused}");
    database.store().await.close().await;
    assert!(PostgresStore::open(&database.address(), Missing::Refuse).await.is_ok());
}

#[tokio::test]
async fn a_database_that_needs_a_newer_version_is_refused() {
    let database = Database::new().await;
    let store = database.store().await;
    // One that only adds is gone over; one that takes away is not.
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
        values (9999, 'later', true, '', 0)";
    sqlx::query(newer).execute(&store.writers).await.unwrap();
    assert!(PostgresStore::open(&database.address(), Missing::Create).await.is_ok());
    sqlx::query("update compatibility set oldest = 9999").execute(&store.writers).await.unwrap();
    let refused = PostgresStore::open(&database.address(), Missing::Create).await.err().expect("too new");
    assert!(refused.to_string().contains("newer version"), "{refused}");
}

#[tokio::test]
async fn what_was_damaged_is_told_and_mended() {
    let database = Database::new().await;
    let store = database.store().await;
    samples::with_catalogue(&store).await;
    let record = samples::record(1, samples::noon("2026-11-22"), &samples::smile("moyen"));
    samples::one(&store, samples::write(&record)).await;
    let damage = "update tally set satisfaction_moyen = 7; update tally_month set clarity_1 = 3";
    sqlx::raw_sql(damage).execute(&store.writers).await.unwrap();
    let spans = store.spans().await.unwrap();
    for span in &spans {
        let audit = store.audit(*span).await.unwrap();
        assert!(audit.iter().any(|one| one.stored != one.counted), "{span:?}");
        store.rebuild(*span, MissingAvis::Keep).await.unwrap();
    }
    samples::assert_recount(&store).await;
}

/// Collectors on one database, each with tasks that write the same avis at the same time: the same keys from all sides,
/// changes and withdrawals of what others have just stored, and avis of two days in every batch.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn collectors_that_write_the_same_avis_count_each_once() {
    const TASKS: u128 = 8;
    const BATCHES: u128 = 25;
    let database = Database::new().await;
    let stores = [Arc::new(database.store().await), Arc::new(database.store().await)];
    samples::with_catalogue(&*stores[0]).await;
    let mut tasks = Vec::new();
    for (collector, store) in (0..).zip(&stores) {
        for task in 0..TASKS {
            let store = store.clone();
            tasks.push(tokio::spawn(async move {
                let mut recorded = 0;
                for batch in 0..BATCHES {
                    let outcomes = store.commit(&batch_of(collector * TASKS + task, batch)).await;
                    let outcomes = outcomes.map_err(|error| error.chain()).unwrap();
                    recorded += outcomes.iter().filter(|one| **one == Outcome::Recorded).count();
                }
                recorded
            }));
        }
    }
    let mut recorded = 0;
    for task in tasks {
        recorded += task.await.unwrap();
    }
    let [first, second] = stores;
    let keys = first.keys().await.unwrap();
    assert_eq!(recorded, keys.len());
    samples::assert_recount(&*second).await;
    let mut stored = 0;
    for span in first.spans().await.unwrap() {
        if let CountedIn::Day(day) = span {
            stored += first.avis_of(day).await.unwrap().len();
        }
    }
    assert!(stored > 0 && stored <= keys.len(), "{stored} avis under {} keys", keys.len());

    // Connections tell what they met when they end.
    first.close().await;
    second.close().await;
    let mut server = PgConnection::connect_with(&database.server).await.unwrap();
    let deadlocks: i64 = sqlx::query_scalar("select deadlocks from pg_stat_database where datname = $1")
        .bind(&database.name)
        .fetch_one(&mut server)
        .await
        .unwrap();
    assert_eq!(deadlocks, 0);
}

/// A batch whose keys every task meets, from another end each.
fn batch_of(task: u128, batch: u128) -> Vec<Write> {
    let at = |key: u128| samples::noon(if key.is_multiple_of(2) { "2026-11-30" } else { "2026-12-01" });
    let smiles = ["pas_bien", "moyen", "tres_bien"];
    let smile = |key: u128| samples::smile(smiles[usize::try_from(key % 3).unwrap()]);
    let mut writes = Vec::new();
    for step in 0..12 {
        let key = 1 + batch * 6 + (step * 5 + task * 7) % 12;
        let record = samples::record(key, at(key), &smile(key));
        writes.push(match (step + task) % 6 {
            0 => Write::Change(record.avis_id, samples::patch(&smile(key + task))),
            1 if key.is_multiple_of(4) => Write::Withdraw(vec![record.avis_id]),
            2 => Write::Record(Box::new(Record {
                on_replay: OnReplay::Change(samples::patch(&smile(key + step))),
                ..record
            })),
            _ => samples::write(&record),
        });
    }
    writes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn decomptes_written_anew_while_avis_come_are_exact() {
    let database = Database::new().await;
    let stores = [Arc::new(database.store().await), Arc::new(database.store().await)];
    samples::with_catalogue(&*stores[0]).await;
    let writing: Vec<_> = (0..4_u128)
        .map(|task| {
            let store = stores[usize::try_from(task % 2).unwrap()].clone();
            tokio::spawn(async move {
                for batch in 0..40 {
                    store.commit(&batch_of(task, batch)).await.map_err(|error| error.chain()).unwrap();
                }
            })
        })
        .collect();
    let days = ["2026-11-30", "2026-12-01"].map(|text| CountedIn::Day(samples::day(text)));
    let mut rebuilt = 0;
    while rebuilt < 4 || !writing.iter().all(tokio::task::JoinHandle::is_finished) {
        for span in days.into_iter().chain([CountedIn::Month(202_611), CountedIn::Month(202_612)]) {
            stores[0].rebuild(span, MissingAvis::Keep).await.map_err(|error| error.chain()).unwrap();
            for one in stores[1].audit(span).await.unwrap() {
                assert_eq!(one.stored, one.counted, "{one:?}");
            }
        }
        rebuilt += 1;
    }
    for task in writing {
        task.await.unwrap();
    }
    samples::assert_recount(&*stores[0]).await;
}

#[tokio::test]
async fn a_server_that_is_away_or_only_reads_is_told_from_a_write_that_is_wrong() {
    let database = Database::new().await;
    let store = database.store().await;
    samples::with_catalogue(&store).await;
    let record = samples::record(1, samples::noon("2026-11-22"), &samples::smile("moyen"));
    let wrong = Record { demarche: DemarcheId("none".into()), ..record.clone() };
    assert!(!store.commit(&[samples::write(&wrong)]).await.unwrap_err().is_away());

    // What a collector meets at a failover: its connections end, then lead to a server that only reads.
    let name = &database.name;
    let reads_only = format!("alter database {name} set default_transaction_read_only = on");
    sqlx::query(AssertSqlSafe(reads_only)).execute(&store.writers).await.unwrap();
    end_connections(&database).await;
    assert!(store.commit(&[samples::write(&record)]).await.unwrap_err().is_away());
    assert!(store.ready().await.unwrap_err().is_away());

    let mut server = PgConnection::connect_with(&database.server).await.unwrap();
    let writes_again = format!("alter database {name} reset default_transaction_read_only");
    sqlx::query(AssertSqlSafe(writes_again)).execute(&mut server).await.unwrap();
    end_connections(&database).await;
    let _ = store.ready().await;
    assert_eq!(store.commit(&[samples::write(&record)]).await.unwrap(), [Outcome::Recorded]);

    let nobody = "postgres://postgres@127.0.0.1:1/avis";
    assert!(PostgresStore::open(nobody, Missing::Create).await.err().expect("no server").is_away());
}

#[tokio::test]
async fn a_server_that_lets_nobody_in_is_away() {
    let database = Database::new().await;
    let role = format!("{}_role", database.name);
    let mut server = PgConnection::connect_with(&database.server).await.unwrap();
    let make = AssertSqlSafe(format!("create role {role} login superuser"));
    sqlx::query(make).execute(&mut server).await.unwrap();
    let address = database.server.clone().database(&database.name).username(&role).to_url_lossy().to_string();
    let store = PostgresStore::open(&address, Missing::Create).await.expect("a new database");
    samples::with_catalogue(&store).await;
    let record = samples::record(1, samples::noon("2026-11-22"), &samples::smile("moyen"));

    let shut = AssertSqlSafe(format!("alter role {role} nologin"));
    sqlx::query(shut).execute(&mut server).await.unwrap();
    end_connections(&database).await;
    // The first to notice are the connections that ended; after them, none is to be had.
    for _ in 0..3 {
        let error = store.commit(&[samples::write(&record)]).await.unwrap_err();
        assert!(error.is_away(), "{}", error.chain());
        let error = store.ready().await.unwrap_err();
        assert!(error.is_away(), "{}", error.chain());
    }

    let open = AssertSqlSafe(format!("alter role {role} login"));
    sqlx::query(open).execute(&mut server).await.unwrap();
    assert_eq!(store.commit(&[samples::write(&record)]).await.unwrap(), [Outcome::Recorded]);
    let hand_over = AssertSqlSafe(format!("reassign owned by {role} to postgres; drop role {role}"));
    store.close().await;
    let mut inside =
        PgConnection::connect_with(&database.server.clone().database(&database.name)).await.unwrap();
    sqlx::raw_sql(hand_over).execute(&mut inside).await.unwrap();
}

#[tokio::test]
async fn a_collector_whose_clock_is_ahead_forgets_no_key_of_the_others() {
    let database = Database::new().await;
    let store = database.store().await;
    samples::with_catalogue(&store).await;
    let now = Clock::system().now();
    let hours = jiff::SignedDuration::from_hours;
    for (key, age) in [(1, 1), (2, 71), (3, 73)] {
        let record = samples::record(key, now - hours(age), &samples::smile("moyen"));
        samples::one(&store, samples::write(&record)).await;
    }
    assert_eq!(store.forget_keys(now - hours(100)).await.unwrap(), 0);
    assert_eq!(store.forget_keys(now + hours(1_000)).await.unwrap(), 1);
    assert_eq!(store.keys().await.unwrap().len(), 2);
}

/// Drains avis and changes from a spool of their own.
async fn drained(store: &PostgresStore, writes: &[Write]) -> Vec<Refusal> {
    let entries: Vec<SpoolEntry> =
        (1..).zip(writes).map(|(seq, write)| SpoolEntry { seq, write: Ok(write.clone()) }).collect();
    store.drain(SpoolId::random(), &entries).await.unwrap()
}

#[tokio::test]
async fn an_avis_that_was_withdrawn_while_it_lay_on_a_spool_is_not_counted_when_it_comes() {
    let database = Database::new().await;
    let store = database.store().await;
    samples::with_catalogue(&store).await;
    let now = Clock::system().now();
    let withdraw = |record: &Record| Write::Withdraw(vec![record.avis_id]);
    let alone = samples::record(1, now, &samples::smile("moyen"));
    assert_eq!(samples::one(&store, withdraw(&alone)).await, Outcome::Missing);
    assert!(store.keys().await.unwrap().is_empty(), "where there is no spool, no avis can come from one");

    store.report_spool(SpoolId::random(), now, None).await.unwrap();
    let [first, form, old] = [(2, 0), (3, 0), (4, 100)].map(|(key, hours)| {
        samples::record(key, now - jiff::SignedDuration::from_hours(hours), &samples::smile("moyen"))
    });
    let form = Record { on_replay: OnReplay::Change(samples::patch(&samples::smile("pas_bien"))), ..form };
    for record in [&first, &form, &old] {
        for _ in 0..2 {
            assert_eq!(samples::one(&store, withdraw(record)).await, Outcome::Missing);
        }
    }
    assert_eq!(store.keys().await.unwrap().len(), 2, "no longer than keys are remembered");
    let spooled = [&first, &form, &old].map(samples::write);
    assert_eq!(drained(&store, &spooled).await, []);
    assert!(store.avis(first.avis_id).await.unwrap().is_none());
    assert!(store.avis(form.avis_id).await.unwrap().is_none());
    assert!(store.avis(old.avis_id).await.unwrap().is_some());
    samples::assert_recount(&store).await;
    // A key that a form used is none of these, though a form's request has no digest.
    let form = Record { fingerprint: [0; 16], ..samples::record(5, now, &samples::smile("moyen")) };
    let other = samples::record(5, now, &samples::smile("moyen"));
    store.commit(&[samples::write(&form)]).await.unwrap();
    assert_eq!(samples::one(&store, samples::write(&other)).await, Outcome::KeyReused);
}

#[tokio::test]
async fn an_avis_is_found_under_the_id_that_a_replay_was_told_after_midnight() {
    let database = Database::new().await;
    let store = database.store().await;
    samples::with_catalogue(&store).await;
    let now = Clock::system().now();
    store.report_spool(SpoolId::random(), now, None).await.unwrap();
    let [young, old] = [(1, 1), (2, 30)].map(|(key, hours)| {
        samples::record(key, now - jiff::SignedDuration::from_hours(hours), &samples::smile("moyen"))
    });
    let told = |record: &Record| record.avis_id.key().on(record.day().plus(1));
    let better = samples::patch(&samples::smile("tres_bien"));
    store.commit(&[&young, &old].map(samples::write)).await.unwrap();
    assert_eq!(samples::one(&store, Write::Change(told(&young), better.clone())).await, Outcome::Changed);
    let answers = store.avis(young.avis_id).await.unwrap().unwrap().answers;
    assert_eq!(answers, *better.apply(&young.answers).unwrap());
    // The day of the other one may be closed: whoever may change it under its own id could do so for a day.
    assert_eq!(samples::one(&store, Write::Change(told(&old), better)).await, Outcome::Missing);
    for record in [&young, &old] {
        assert_eq!(samples::one(&store, Write::Withdraw(vec![told(record)])).await, Outcome::Withdrawn);
        assert!(store.avis(record.avis_id).await.unwrap().is_none());
    }
    samples::assert_recount(&store).await;
}

/// A way to the server that can fall silent: nothing is answered on it, and nothing refused.
async fn wire_to(server: &PgConnectOptions) -> (u16, Arc<tokio::sync::watch::Sender<bool>>) {
    let target = format!("{}:{}", server.get_host(), server.get_port());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let silent = Arc::new(tokio::sync::watch::Sender::new(false));
    let says = silent.clone();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let (target, mut silence) = (target.clone(), says.subscribe());
            tokio::spawn(async move {
                let mut far = tokio::net::TcpStream::connect(target).await.unwrap();
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                    () = async { drop(silence.wait_for(|silent| *silent).await) } => std::future::pending::<()>().await,
                }
            });
        }
    });
    (port, silent)
}

#[tokio::test]
async fn connections_on_which_nothing_is_heard_hold_nobody_up() {
    let database = Database::new().await;
    let (port, silent) = wire_to(&database.server).await;
    let through = database.server.clone().host("127.0.0.1").port(port).database(&database.name);
    let store = PostgresStore::open(through.to_url_lossy().as_ref(), Missing::Create).await.unwrap();
    samples::with_catalogue(&store).await;
    let record = samples::record(1, samples::noon("2026-11-22"), &samples::smile("moyen"));
    samples::one(&store, samples::write(&record)).await;
    assert!(store.ready().await.is_ok() && store.catalogue_version().await.is_ok());
    let lent = |pool: &PgPool| pool.size() as usize - pool.num_idle();
    while lent(&store.writers) + lent(&store.readers) > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // The queue and `/health/ready` lose their patience before the store does.
    silent.send_replace(true);
    let patience = Duration::from_millis(200);
    let asked = async { tokio::join!(store.ready(), store.catalogue_version(), store.catalogue()) };
    assert!(tokio::time::timeout(patience, asked).await.is_err());
    tokio::task::yield_now().await;
    assert_eq!((lent(&store.writers), lent(&store.readers)), (0, 0), "what nobody waits for is let go of");
    let closed = tokio::time::timeout(CLOSING * 2, store.close()).await;
    assert!(closed.is_ok(), "a store that is closed waits for no answer");
}

async fn end_connections(database: &Database) {
    let mut server = PgConnection::connect_with(&database.server).await.unwrap();
    sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1")
        .bind(&database.name)
        .execute(&mut server)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_password_is_in_no_error() {
    for address in ["postgres://avis:hunter2@127.0.0.1:1/avis", "postgres://avis:hunter2@127.0.0.1:port/avis"]
    {
        let error = PostgresStore::open(address, Missing::Create).await.err().expect("no server").chain();
        assert!(!error.contains("hunter2"), "{error}");
    }
}

contract::run_on!({
    let database = Database::new().await;
    (database.store().await, database)
});

#[tokio::test]
async fn the_database_lets_nobody_change_an_asset() {
    let database = Database::new().await;
    let store = database.store().await;
    let (asset, brotli) = samples::asset("form-1.js", b"one");
    store.keep_assets(&[(asset, brotli.clone())]).await.unwrap();
    for statement in [
        "update asset set content = '\\x00'",
        "update asset set name = 'form-2.js', sha384 = '\\x00'",
        "update asset set first_served_day = 20300101",
        "delete from asset",
        "truncate asset",
    ] {
        let refused = sqlx::query(statement).execute(&store.writers).await.unwrap_err().to_string();
        assert!(refused.contains("immutable"), "{statement}: {refused}");
    }
    assert_eq!(store.asset_content("form-1.js").await.unwrap(), Some(brotli));
}

#[tokio::test]
async fn the_database_lets_nobody_change_what_is_frozen() {
    let database = Database::new().await;
    let store = database.store().await;
    let frozen = samples::edition("2026-T3", b"{}");
    let erratum = crate::edition::Erratum { added_at: frozen.frozen_at, text: "Erreur".to_owned() };
    store.freeze(&frozen).await.unwrap();
    store.add_erratum(frozen.quarter, &erratum).await.unwrap();
    let editions = store.editions().await.unwrap();
    for statement in [
        "update edition set formula = 'other'",
        "update edition_file set content = '\\x00'",
        "update erratum set body = 'other'",
        "delete from edition",
        "delete from edition_file where format = 'csv'",
        "delete from erratum",
        "truncate edition cascade",
        "truncate edition_file",
        "insert into edition_file values ('2026-T3', 'json', '\\x00', '\\x00')
         on conflict (edition_id, format) do update set content = excluded.content",
    ] {
        let refused = sqlx::query(statement).execute(&store.writers).await.unwrap_err().to_string();
        assert!(refused.contains("are frozen"), "{statement}: {refused}");
    }
    assert_eq!(store.editions().await.unwrap(), editions);
}

#[tokio::test]
async fn decomptes_of_avis_that_are_missing_are_left_as_they_are() {
    let database = Database::new().await;
    let store = database.store().await;
    contract::decomptes::avis_are_lost(&store, async |avis_id| {
        let lost = sqlx::query("delete from avis where avis_id = $1").bind(uuid(avis_id.as_bytes()));
        assert_eq!(lost.execute(&store.writers).await.unwrap().rows_affected(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_said_of_purges_stays() {
    let database = Database::new().await;
    let store = database.store().await;
    contract::retention::purged_once(&store).await;
    for statement in ["update purge set avis = 0", "delete from purge", "truncate purge"] {
        let error = sqlx::query(statement).execute(&store.writers).await.unwrap_err().to_string();
        assert!(error.contains("a purge was made"), "{error}");
    }
    assert_eq!(store.purges().await.unwrap().len(), 1);
}

#[tokio::test]
async fn months_without_texts_give_their_disk_back() {
    let database = Database::new().await;
    let store = database.store().await;
    contract::retention::purged_once(&store).await;
    let bytes = async |month: i32| -> i64 {
        let size = AssertSqlSafe(format!("select pg_relation_size('avis_text_{month}')"));
        sqlx::query_scalar(size).fetch_one(&store.writers).await.unwrap()
    };
    assert!(bytes(202_411).await > 0, "what is deleted of a month lies there until all of it is");
    let (before, today) = (samples::day("2024-12-01"), samples::day("2026-12-01"));
    // Where somebody reads, the disk waits and the purge does not.
    let mut reader = PgConnection::connect(&database.address()).await.unwrap();
    let mut reading = reader.begin().await.unwrap();
    sqlx::query("select from avis_text_202411").fetch_all(&mut *reading).await.unwrap();
    assert_eq!(samples::purge_before(&store, Kept::Texts, before, today).await, Portion::Last(1));
    assert!(bytes(202_411).await > 0);
    reading.commit().await.unwrap();
    assert_eq!(samples::purge_before(&store, Kept::Texts, before, today).await, Portion::Last(0));
    assert_eq!(bytes(202_411).await, 0);
    assert_eq!(store.avis_of(samples::day("2024-11-20")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn one_collector_purges_at_a_time() {
    let database = Database::new().await;
    let store = database.store().await;
    let mut other = PgConnection::connect(&database.address()).await.unwrap();
    let lock = "select pg_advisory_lock($1, 0)";
    sqlx::query(lock).bind(advisory::PURGE).execute(&mut other).await.unwrap();
    let (before, today) = (samples::day("2024-12-01"), samples::day("2026-12-01"));
    assert_eq!(samples::purge_before(&store, Kept::Texts, before, today).await, Portion::TakenCareOf);
    drop(other);
    assert!(matches!(
        samples::purge_before(&store, Kept::Texts, before, today).await,
        Portion::Last(0) | Portion::TakenCareOf
    ));
}
