use super::*;
use crate::day::Day;
use crate::demo::{Demo, Plan, fill};
use crate::identity::{Keyring, SecretKey};
use crate::store::samples;
use crate::store::sqlite::SqliteStore;
use crate::store::{CountedIn, Missing, MissingAvis, Store, Write};
use std::sync::Arc;
use tempfile::TempDir;

fn address(folder: &TempDir, name: &str) -> String {
    format!("sqlite://{}", folder.path().join(name).display())
}

async fn filled(folder: &TempDir, avis: u64) -> SqliteStore {
    let store = SqliteStore::open(&address(folder, "avis.db"), Missing::Create).await.unwrap();
    let key = SecretKey { id: 1, bytes: [1; 32] };
    store.add_secret_key(&key, Day::constant(2026, 1, 31)).await.unwrap();
    let plan = Plan { demarches: 5, avis, seed: 1, until: Day::constant(2026, 11, 21) };
    fill(&store, Arc::new(Demo::new(&plan)), Keyring::new(vec![key]).unwrap(), |_| {}).await.unwrap();
    store
}

fn files(folder: &TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_backup_of_an_open_database_comes_back_as_one_file_with_everything() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = filled(&folder, 600).await;
    let frozen = samples::edition("2026-T3", b"{}");
    store.freeze(&frozen).await.unwrap();
    let assets = [samples::asset("avis-1.js", b"one"), samples::asset("form-1.js", b"two")];
    store.keep_assets(&assets).await.unwrap();
    store.revoke_asset(assets[0].0.integrity, true, None).await.unwrap();
    let file = elsewhere.path().join("monday.db");
    let copied = backup(&address(&folder, "avis.db"), &file).await.unwrap();
    assert_eq!((copied.avis, copied.audited), (600, true));
    assert_eq!(copied.bytes, file.metadata().unwrap().len());
    assert_eq!(files(&elsewhere), ["monday.db"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let back = address(&elsewhere, "back.db");
    assert_eq!(restore(&back, &file).await.unwrap().avis, 600);
    assert_eq!(files(&elsewhere), ["back.db", "monday.db"]);
    let restored = SqliteStore::open(&back, Missing::Refuse).await.unwrap();
    for span in store.spans().await.unwrap() {
        assert_eq!(restored.audit(span).await.unwrap(), store.audit(span).await.unwrap());
        if let CountedIn::Day(day) = span {
            assert_eq!(restored.avis_of(day).await.unwrap(), store.avis_of(day).await.unwrap());
        }
    }
    assert_eq!(restored.dated_secret().await.unwrap(), store.dated_secret().await.unwrap());
    assert_eq!(restored.editions().await.unwrap(), store.editions().await.unwrap());
    assert!(!restored.freeze(&frozen).await.unwrap());
    let kept = restored.catalogue().await.unwrap().assets().to_vec();
    assert_eq!(kept, store.catalogue().await.unwrap().assets());
    assert!(kept[0].revoked && !kept[1].revoked, "{kept:?}");
    assert_eq!(restored.asset_content("form-1.js").await.unwrap().as_ref(), Some(&assets[1].1));
}

#[tokio::test]
async fn nothing_that_exists_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    filled(&folder, 10).await.close().await;
    let (source, file) = (address(&folder, "avis.db"), folder.path().join("backup.db"));
    std::fs::write(&file, "kept").unwrap();
    let refused = backup(&source, &file).await.unwrap_err();
    assert!(refused.chain().contains("exists"), "{}", refused.chain());
    assert_eq!(std::fs::read(&file).unwrap(), b"kept");
    std::fs::remove_file(&file).unwrap();
    backup(&source, &file).await.unwrap();
    let refused = restore(&source, &file).await.unwrap_err();
    assert!(refused.chain().contains("move it away first"), "{}", refused.chain());
    // What a database that was moved away has left would be played into the new one.
    std::fs::write(folder.path().join("new.db-wal"), "left").unwrap();
    let refused = restore(&address(&folder, "new.db"), &file).await.unwrap_err();
    assert!(refused.chain().contains("new.db-wal"), "{}", refused.chain());
    assert_eq!(files(&folder), ["avis.db", "backup.db", "new.db-wal"]);
}

#[tokio::test]
async fn what_is_cut_short_is_written_over_and_what_is_at_work_is_not() {
    let folder = tempfile::tempdir().unwrap();
    filled(&folder, 10).await.close().await;
    let (source, file) = (address(&folder, "avis.db"), folder.path().join("backup.db"));
    std::fs::write(folder.path().join("backup.db.partial"), "half of it").unwrap();
    let other = File::open(folder.path().join("backup.db.partial")).unwrap();
    other.lock().unwrap();
    let refused = backup(&source, &file).await.unwrap_err();
    assert!(refused.chain().contains("another process"), "{}", refused.chain());
    drop(other);
    assert_eq!(backup(&source, &file).await.unwrap().avis, 10);
    assert_eq!(files(&folder), ["avis.db", "backup.db"]);
}

#[tokio::test]
async fn a_backup_that_is_damaged_or_none_is_not_restored() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(&folder, 400).await;
    let (source, file) = (address(&folder, "avis.db"), folder.path().join("backup.db"));
    backup(&source, &file).await.unwrap();
    let sound = std::fs::read(&file).unwrap();
    let target = address(&folder, "back.db");
    let refused = async |bytes: &[u8], why: &str| {
        std::fs::write(&file, bytes).unwrap();
        let error = restore(&target, &file).await.unwrap_err().chain();
        assert!(error.contains(why), "{error}");
        assert!(!folder.path().join("back.db").exists() && !folder.path().join("back.db.partial").exists());
    };
    refused(b"not a database at all", "no database of this program").await;
    refused(b"", "no database of this program").await;
    let mut damaged = sound.clone();
    // A page that is all zeros, in the middle.
    let middle = damaged.len() / 2 / 4_096 * 4_096;
    damaged[middle..middle + 4_096].fill(0);
    refused(&damaged, "backup.db").await;
    refused(&sound[..sound.len() / 2], "backup.db").await;
    // Sound pages that do not add up.
    store.rebuild(CountedIn::Day(Day::constant(2026, 9, 17)), MissingAvis::Keep).await.unwrap();
    sqlx::query("update tally set ease_1 = ease_1 + 1").execute(&store.writer).await.unwrap();
    let unsound = backup(&source, &folder.path().join("other.db")).await.unwrap_err().chain();
    assert!(unsound.contains("add up"), "{unsound}");
    assert!(!folder.path().join("other.db").exists());
    std::fs::write(&file, &sound).unwrap();
    assert_eq!(restore(&target, &file).await.unwrap().avis, 400);
}

#[tokio::test]
async fn a_backup_made_while_avis_come_and_go_is_of_one_moment() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(&folder, 2_000).await;
    let ids: Vec<_> = store.avis_of(Day::constant(2026, 9, 17)).await.unwrap();
    assert!(ids.len() > 20);
    let source = address(&folder, "avis.db");
    let writing = async {
        for avis in &ids {
            store.commit(&[Write::Withdraw(vec![avis.id])]).await.unwrap();
        }
    };
    let copying = async {
        let mut copies = Vec::new();
        for nth in 0..4 {
            let file = folder.path().join(format!("{nth}.db"));
            copies.push(backup(&source, &file).await.unwrap().avis);
        }
        copies
    };
    let (copies, ()) = futures_util::join!(copying, writing);
    assert!(copies.is_sorted_by(|before, after| before >= after), "{copies:?}");
    let last = backup(&source, &folder.path().join("last.db")).await.unwrap().avis;
    assert_eq!(last, 2_000 - i64::try_from(ids.len()).unwrap());
}

#[tokio::test]
async fn a_backup_of_an_asset_that_is_not_its_digest_is_not_sound() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(&folder, 10).await;
    let (mut asset, brotli) = samples::asset("form-1.js", b"one");
    asset.integrity = samples::asset("form-1.js", b"two").0.integrity;
    store.keep_assets(&[(asset, brotli)]).await.unwrap();
    let file = folder.path().join("monday.db");
    let error = backup(&address(&folder, "avis.db"), &file).await.unwrap_err();
    assert!(error.to_string().contains("asset form-1.js is not what its digest says"), "{error}");
    assert!(!file.exists());
}

#[tokio::test]
async fn a_backup_of_an_edition_that_was_changed_is_not_sound() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(&folder, 10).await;
    store.freeze(&samples::edition("2026-T3", b"{}")).await.unwrap();
    let pool = SqlitePool::connect(&address(&folder, "avis.db")).await.unwrap();
    for statement in [
        "drop trigger edition_file_is_frozen",
        "update edition_file set content = x'00' where format = 'csv'",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    let error = backup(&address(&folder, "avis.db"), &folder.path().join("monday.db")).await.unwrap_err();
    assert!(error.to_string().contains("the csv of edition 2026-T3 is damaged"), "{error}");
}

#[tokio::test]
async fn a_backup_of_an_older_version_is_restored_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (source, file) = (address(&folder, "old.db"), folder.path().join("backup.db"));
    let options = SqliteConnectOptions::from_str(&source).unwrap().create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    let mut migrations = sqlx::migrate!("../migrations/sqlite");
    migrations.migrations.to_mut().truncate(1);
    migrations.run(&pool).await.unwrap();
    pool.close().await;
    let copied = backup(&source, &file).await.unwrap();
    assert_eq!((copied.avis, copied.audited), (0, false));
    assert!(!restore(&address(&folder, "back.db"), &file).await.unwrap().audited);
}

#[tokio::test]
async fn a_backup_of_the_second_version_is_looked_through_with_what_is_on_its_way() {
    let folder = tempfile::tempdir().unwrap();
    let (source, file) = (address(&folder, "old.db"), folder.path().join("backup.db"));
    let options = SqliteConnectOptions::from_str(&source).unwrap().create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    let mut migrations = sqlx::migrate!("../migrations/sqlite");
    migrations.migrations.to_mut().truncate(2);
    migrations.run(&pool).await.unwrap();
    for statement in [
        "insert into demarche (demarche_id, title, administration, audience) values ('1', 'Une', 'DGFIP', '')",
        "insert into avis (avis_no, avis_key, demarche_id, satisfaction, help_tried, help_reached, help_quality,
            malfunctions, texts) values ((20261122 << 32) + 1, zeroblob(12), '1', 1, 0, 0, 0, 0, 0)",
        "insert into moved (tallies) values ('[[20261122,\"1\",\"\",[0,1,10,1]]]')",
        "insert into day_version (day, version) values (20261122, 1)",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    pool.close().await;
    let copied = backup(&source, &file).await.unwrap();
    assert_eq!((copied.avis, copied.audited), (1, false));
    assert_eq!(restore(&address(&folder, "back.db"), &file).await.unwrap().avis, 1);
}
