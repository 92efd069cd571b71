use super::*;
use crate::store::contract;
use crate::store::samples;
use std::collections::BTreeSet;

async fn store(folder: &tempfile::TempDir) -> SqliteStore {
    let path = folder.path().join("avis.db");
    SqliteStore::open(&format!("sqlite://{}", path.display()), Missing::Create).await.expect("a new database")
}

#[tokio::test]
async fn the_columns_of_a_decompte_are_the_cells_of_the_questionnaire() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    for table in ["tally", "tally_month"] {
        let columns: Vec<String> = sqlx::query_scalar("select name from pragma_table_info($1) order by cid")
            .bind(table)
            .fetch_all(&store.readers)
            .await
            .unwrap();
        assert_eq!(columns[3..], CELL_COLUMNS[..], "{table}");
    }
}

#[tokio::test]
async fn a_commit_is_synced_and_the_log_is_written_ahead() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let mode: String = sqlx::query_scalar("pragma journal_mode").fetch_one(&store.writer).await.unwrap();
    let synchronous: i64 = sqlx::query_scalar("pragma synchronous").fetch_one(&store.writer).await.unwrap();
    assert_eq!((mode.as_str(), synchronous), ("wal", 2));
}

#[tokio::test]
async fn a_database_that_is_not_there_is_made_for_its_owner_alone_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("avis.db");
    let address = format!("sqlite://{}", path.display());
    assert!(SqliteStore::open(&address, Missing::Refuse).await.is_err());
    assert!(!path.exists());
    SqliteStore::open(&address, Missing::Create).await.unwrap().close().await;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(SqliteStore::open(&address, Missing::Refuse).await.is_ok());
}

#[tokio::test]
async fn a_database_that_is_not_a_collectors_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    let address = format!("sqlite://{}", path.display());
    let other = SqlitePool::connect(&format!("{address}?mode=rwc")).await.unwrap();
    sqlx::query("create table other (some text)").execute(&other).await.unwrap();
    other.close().await;
    let before = std::fs::read(&path).unwrap();
    for missing in [Missing::Create, Missing::Refuse] {
        let error = SqliteStore::open(&address, missing).await.err().unwrap().chain();
        assert!(error.contains("another program"), "{error}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
    for address in ["sqlite://:memory:", "sqlite::memory:", "sqlite://avis.db?mode=memory"] {
        let error = SqliteStore::open(address, Missing::Create).await.err().unwrap().chain();
        assert!(error.contains("name a file"), "{error}");
    }
}

#[tokio::test]
async fn a_closed_database_is_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    store.add_secret_key(&SecretKey { id: 1, bytes: [1; 32] }, "2026-11-22".parse().unwrap()).await.unwrap();
    assert!(folder.path().join("avis.db-wal").exists());
    store.close().await;
    let files: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["avis.db"]);
}

#[tokio::test]
async fn collectors_that_start_together_on_a_new_database_all_start() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite://{}", folder.path().join("avis.db").display());
    let starts = (0..6).map(|_| SqliteStore::open(&address, Missing::Create));
    for started in futures_util::future::join_all(starts).await {
        assert!(started.is_ok(), "{:?}", started.err().map(|error| error.chain()));
    }
}

/// A new avis that takes some room.
fn large(key: u128) -> Write {
    let mut answers = samples::smile("moyen");
    answers.push(("comment", samples::text(&"long ".repeat(900))));
    samples::write(&samples::record(key, "2026-11-22T11:00:00Z".parse().unwrap(), &answers))
}

#[tokio::test]
async fn a_full_disk_is_said_to_be_one_and_is_written_to_again_once_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    samples::with_catalogue(&store).await;
    let pages: i64 = sqlx::query_scalar("pragma page_count").fetch_one(&store.writer).await.unwrap();
    let limit = |pages: i64| format!("pragma max_page_count = {pages}");
    sqlx::query(sqlx::AssertSqlSafe(limit(pages + 4))).execute(&store.writer).await.unwrap();
    let batch: Vec<Write> = (1..=64).map(large).collect();
    let error = store.commit(&batch).await.unwrap_err();
    assert!(error.is_away() && !error.is_busy(), "{}", error.chain());
    sqlx::query(sqlx::AssertSqlSafe(limit(pages + 4_000))).execute(&store.writer).await.unwrap();
    assert_eq!(store.commit(&batch).await.unwrap(), vec![Outcome::Recorded; 64]);
    samples::assert_recount(&store).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_not_in_its_place_takes_nothing_until_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    samples::with_catalogue(&store).await;
    let (path, elsewhere) = (folder.path().join("avis.db"), folder.path().join("elsewhere.db"));
    let is_away = async |key| {
        let error = store.commit(&[large(key)]).await.unwrap_err();
        assert!(error.is_away() && !error.is_busy(), "{}", error.chain());
        assert!(store.ready().await.unwrap_err().is_away());
    };
    std::fs::rename(&path, &elsewhere).unwrap();
    is_away(1).await;
    // A copy of it is another file.
    std::fs::copy(&elsewhere, &path).unwrap();
    is_away(2).await;
    std::fs::rename(&elsewhere, &path).unwrap();
    store.ready().await.unwrap();
    assert_eq!(store.commit(&[large(3)]).await.unwrap(), [Outcome::Recorded]);
    assert_eq!(samples::smiles(&store, "2026-11-01", "2026-11-30").await, [0, 1, 0]);
}

#[tokio::test]
async fn a_transaction_that_sqlite_ended_by_itself_does_not_stop_those_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    samples::with_catalogue(&store).await;
    // As after some errors of a disk (sqlite.org/lang_transaction.html): behind the back of the driver, which then
    // has nothing to roll back and takes itself to be within a transaction.
    let mut transaction = store.writer.begin_with("begin immediate").await.unwrap();
    sqlx::query("rollback").execute(&mut *transaction).await.unwrap();
    drop(transaction);
    assert_eq!(store.commit(&[large(1)]).await.unwrap(), [Outcome::Recorded]);
    store.ready().await.unwrap();
}

#[tokio::test]
async fn a_database_that_another_process_keeps_is_busy_and_free_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    samples::with_catalogue(&store).await;
    sqlx::query("pragma busy_timeout = 50").execute(&store.writer).await.unwrap();
    let address = format!("sqlite://{}", folder.path().join("avis.db").display());
    let other = SqlitePool::connect(&address).await.unwrap();
    let held = other.begin_with("begin immediate").await.unwrap();
    let error = store.commit(&[large(1)]).await.unwrap_err();
    assert!(error.is_busy() && error.is_away(), "{}", error.chain());
    held.rollback().await.unwrap();
    assert_eq!(store.commit(&[large(1)]).await.unwrap(), [Outcome::Recorded]);
}

contract::run_on!({
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    (store, folder)
});

#[tokio::test]
async fn a_store_that_was_prepared_has_no_decompte_on_its_way() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    samples::with_catalogue(&store).await;
    let on_its_way = async || -> i64 {
        sqlx::query_scalar("select count(*) from moved").fetch_one(&store.readers).await.unwrap()
    };
    store.commit(&[large(1)]).await.unwrap();
    assert_eq!(on_its_way().await, 1);
    store.prepare_ahead(samples::day("2026-11-22")).await.unwrap();
    assert_eq!(on_its_way().await, 0);
    assert_eq!(samples::smiles(&store, "2026-11-01", "2026-11-30").await, [0, 1, 0]);
    samples::assert_recount(&store).await;
}

#[tokio::test]
async fn the_database_lets_nobody_change_an_asset() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let (asset, brotli) = samples::asset("form-1.js", b"one");
    store.keep_assets(&[(asset, brotli.clone())]).await.unwrap();
    for statement in [
        "update asset set content = x'00'",
        "update asset set name = 'form-2.js', sha384 = x'00'",
        "update asset set first_served_day = 20300101",
        "delete from asset",
        "replace into asset values ('form-1.js', '', x'00', 0, x'00', 0, 0)",
    ] {
        let refused = sqlx::query(statement).execute(&store.writer).await.unwrap_err().to_string();
        assert!(refused.contains("immutable"), "{statement}: {refused}");
    }
    assert_eq!(store.asset_content("form-1.js").await.unwrap(), Some(brotli));
}

#[tokio::test]
async fn the_database_lets_nobody_change_what_is_frozen() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let frozen = samples::edition("2026-T3", b"{}");
    let erratum = crate::edition::Erratum { added_at: frozen.frozen_at, text: "Erreur".to_owned() };
    store.freeze(&frozen).await.unwrap();
    store.add_erratum(frozen.quarter, &erratum).await.unwrap();
    let editions = store.editions().await.unwrap();
    for statement in [
        "update edition set formula = 'other'",
        "update edition_file set content = x'00'",
        "update erratum set body = 'other'",
        "delete from edition",
        "delete from edition_file where format = 'csv'",
        "delete from erratum",
        "replace into edition values ('2026-T3', 0, '')",
        "insert into edition_file values ('2026-T3', 'json', x'00', x'00')
         on conflict do update set content = excluded.content",
        "insert or replace into edition_file values ('2026-T3', 'json', x'00', x'00')",
        "replace into erratum values (1, '2026-T3', 0, 'other')",
    ] {
        let refused = sqlx::query(statement).execute(&store.writer).await.unwrap_err().to_string();
        assert!(refused.contains("is frozen") || refused.contains("is published"), "{statement}: {refused}");
    }
    assert_eq!(store.editions().await.unwrap(), editions);
}

#[tokio::test]
async fn decomptes_of_avis_that_are_missing_are_left_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    contract::decomptes::avis_are_lost(&store, async |avis_id| {
        let lost = sqlx::query("delete from avis where avis_key = ?").bind(avis_id.key().as_bytes().to_vec());
        assert_eq!(lost.execute(&store.writer).await.unwrap().rows_affected(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_said_of_purges_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    contract::retention::purged_once(&store).await;
    for statement in [
        "update purge set avis = 0",
        "delete from purge",
        "insert or replace into purge (purge_id, day, kind, before_day, avis) values (1, 20261122, 'texts', 20261122, 0)",
    ] {
        let error = sqlx::query(statement).execute(&store.writer).await.unwrap_err().to_string();
        assert!(error.contains("a purge was made"), "{error}");
    }
    assert_eq!(store.purges().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_purged_is_in_no_file_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    samples::with_catalogue(&store).await;
    // Short and long ones, some beyond a page, so that pages split, merge and are freed.
    let said =
        |key: u128| format!("Parole-{key:04} {}", "mot ".repeat(usize::try_from(key * 37 % 1_200).unwrap()));
    for key in 0..400 {
        let at = samples::noon(if key % 3 == 0 { "2026-11-20" } else { "2024-11-20" });
        let answers = [("satisfaction", samples::text("moyen")), ("comment", samples::text(&said(key)))];
        samples::one(&store, samples::write(&samples::record(key, at, &answers))).await;
    }
    let found = || -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            for at in
                bytes.windows(7).enumerate().filter(|(_, window)| *window == b"Parole-").map(|(at, _)| at)
            {
                found.insert(String::from_utf8_lossy(&bytes[at + 7..at + 11]).into_owned());
            }
        }
        found
    };
    let kept: BTreeSet<String> = (0..400).step_by(3).map(|key| format!("{key:04}")).collect();
    assert_eq!(found().len(), 400);
    let (before, today) = (samples::day("2024-11-21"), samples::day("2026-11-21"));
    let purged = crate::retention::purge(&store, Kept::Texts, before, today).await.unwrap();
    assert_eq!(purged, crate::retention::Purged { avis: 266, is_whole: true });
    assert_eq!(found(), kept, "neither in the file nor in its log");
}
