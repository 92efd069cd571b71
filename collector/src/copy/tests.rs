use super::*;
use crate::demo::{Demo, Plan, fill};
use crate::identity::{Keyring, SecretKey};
use crate::store::Remembered;
use crate::store::sqlite::SqliteStore;
use crate::store::{DemarcheChange, Missing};
use jiff::Timestamp;
use std::sync::Arc;
use tempfile::TempDir;

async fn store(folder: &TempDir, name: &str) -> SqliteStore {
    let address = format!("sqlite://{}", folder.path().join(name).display());
    SqliteStore::open(&address, Missing::Create).await.unwrap()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// A store that has something of everything.
async fn full(folder: &TempDir) -> SqliteStore {
    let source = store(folder, "source.db").await;
    let key = SecretKey { id: 1, bytes: [1; 32] };
    source.add_secret_key(&key, day("2026-01-31")).await.unwrap();
    source.add_secret_key(&SecretKey { id: 2, bytes: [2; 32] }, day("2026-02-28")).await.unwrap();
    let plan = Plan { demarches: 12, avis: 1_500, seed: 1, until: day("2026-11-21") };
    fill(&source, Arc::new(Demo::new(&plan)), Keyring::new(vec![key]).unwrap(), |_| {}).await.unwrap();
    let id = DemarcheId("1001".into());
    let first = source.add_key([1; 32], crate::catalogue::Scope::Submit, Some(&id), day("2026-03-31")).await;
    source.add_key([2; 32], crate::catalogue::Scope::Admin, None, day("2026-04-30")).await.unwrap();
    source.revoke_key(first.unwrap()).await.unwrap();
    let closed = DemarcheChange { closed: Some(true), ..DemarcheChange::default() };
    source.change_demarche(&DemarcheId("1002".into()), &closed).await.unwrap();
    let avis_id = source.avis_of(day("2026-11-19")).await.unwrap()[0].id;
    let accepted_at: Timestamp = "2026-11-19T11:00:00Z".parse().unwrap();
    let remembered = Remembered { avis_id, fingerprint: [3; 16], accepted_at };
    source.remember_keys(&[remembered]).await.unwrap();
    source
}

/// The same copy, which stops after so many days.
async fn cut_after(source: &dyn Store, target: &dyn Store, days: u64) {
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let stop = std::cell::Cell::new(Some(stop));
    let progress = |done, _| {
        if done == days {
            stop.take();
        }
    };
    tokio::select! {
        biased;
        _ = stopped => {}
        result = copy(source, target, progress) => panic!("not cut: {result:?}"),
    }
}

#[tokio::test]
async fn everything_is_copied_and_a_second_copy_finds_it_there() {
    let folder = tempfile::tempdir().unwrap();
    let (source, target) = (full(&folder).await, store(&folder, "target.db").await);
    let copied = copy(&source, &target, |_, _| {}).await.unwrap();
    assert_eq!((copied.written, copied.there), (1_500, 0));
    assert!(copied.days > 300 && copied.months >= 13, "{copied:?}");
    for span in source.spans().await.unwrap() {
        if let CountedIn::Day(day) = span {
            assert_eq!(target.avis_of(day).await.unwrap(), source.avis_of(day).await.unwrap());
        }
    }
    assert_eq!(target.keys().await.unwrap(), source.keys().await.unwrap());
    assert_eq!(target.dated_secret().await.unwrap(), source.dated_secret().await.unwrap());
    assert_eq!(target.catalogue().await.unwrap().keys(), source.catalogue().await.unwrap().keys());
    assert!(target.catalogue().await.unwrap().demarche("1002").unwrap().closed);
    let again = copy(&source, &target, |_, _| {}).await.unwrap();
    assert_eq!((again.written, again.there), (0, 1_500));
}

#[tokio::test]
async fn a_copy_that_was_cut_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (source, target) = (full(&folder).await, store(&folder, "target.db").await);
    cut_after(&source, &target, 100).await;
    let copied = copy(&source, &target, |_, _| {}).await.unwrap();
    assert_eq!(copied.written + copied.there, 1_500);
    assert!(copied.there > 100 && copied.written > 500, "{copied:?}");
}

#[tokio::test]
async fn a_target_that_holds_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let source = full(&folder).await;
    let refused = async |target: &SqliteStore, what: &str| {
        let error = copy(&source, target, |_, _| {}).await.unwrap_err();
        assert!(matches!(error, CopyError::Foreign(_)), "{error}");
        assert!(error.to_string().contains(what), "{error}");
    };
    let secret = store(&folder, "secret.db").await;
    secret.add_secret_key(&SecretKey { id: 1, bytes: [9; 32] }, day("2026-01-31")).await.unwrap();
    refused(&secret, "secret key 1").await;

    let other = store(&folder, "demarche.db").await;
    let mut demarche = source.catalogue().await.unwrap().demarche("1003").unwrap().clone();
    demarche.title.push('s');
    other.add_demarches(std::slice::from_ref(&demarche)).await.unwrap();
    refused(&other, "démarche 1003 is another").await;

    let alone = store(&folder, "alone.db").await;
    demarche.id = DemarcheId("9".into());
    alone.add_demarches(&[demarche]).await.unwrap();
    refused(&alone, "démarche 9 is in the target alone").await;

    // An avis that was withdrawn from the source since it was copied.
    let target = store(&folder, "target.db").await;
    copy(&source, &target, |_, _| {}).await.unwrap();
    let withdrawn = source.avis_of(day("2026-11-20")).await.unwrap()[0].id;
    source.commit(&[Write::Withdraw(vec![withdrawn])]).await.unwrap();
    refused(&target, "2026-11-20").await;
}

#[tokio::test]
async fn a_source_that_is_written_meanwhile_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (source, target) = (full(&folder).await, store(&folder, "target.db").await);
    let (source, written) = (Arc::new(source), std::cell::Cell::new(None));
    let progress = |done, _| {
        if done == 5 {
            let source = source.clone();
            written.set(Some(tokio::spawn(async move {
                let id = DemarcheId("1001".into());
                let title = DemarcheChange { title: Some("Autre".into()), ..DemarcheChange::default() };
                source.change_demarche(&id, &title).await.unwrap();
            })));
        }
    };
    let error = copy(&*source, &target, progress).await.unwrap_err();
    written.take().unwrap().await.unwrap();
    // Which of the two shows first, the other title or the count of changes, is as it falls.
    assert!(matches!(error, CopyError::Moving | CopyError::Different(_)), "{error}");
}
