use super::*;
use crate::catalogue::Scope;
use crate::demo::{Demo, Plan, fill};
use crate::edition::{Erratum, Format};
use crate::identity::{Keyring, SecretKey};
use crate::mending::{Act, Counting, Selection};
use crate::quarantine::Reason;
use crate::quarter::Quarter;
use crate::retention::{self, Kept};
use crate::store::samples::{asset, edition, noon, patch, record, smile, text};
use crate::store::sqlite::SqliteStore;
use crate::store::{DemarcheChange, Missing};
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
    let end = Some(day("2027-03-31"));
    let first = source.add_key([1; 32], Scope::Submit, Some(&id), day("2026-03-31"), end).await;
    let second = source.add_key([2; 32], Scope::Admin, None, day("2026-04-30"), None).await.unwrap();
    source.revoke_key(first.unwrap()).await.unwrap();
    source.note_key_uses(&[(second, day("2026-11-20"))]).await.unwrap();
    let closed = DemarcheChange { closed: Some(true), ..DemarcheChange::default() };
    source.change_demarche(&DemarcheId("1002".into()), &closed).await.unwrap();
    let avis_id = source.avis_of(day("2026-11-19")).await.unwrap()[0].id;
    let remembered = Remembered { avis_id, fingerprint: [3; 16], accepted_at: noon("2026-11-19") };
    source.remember_keys(&[remembered]).await.unwrap();
    crate::edition::freeze(&source, quarter(), noon("2026-11-21")).await.unwrap();
    source.add_erratum(quarter(), &erratum("2026-11-21")).await.unwrap();
    let (kept, revoked) = (asset("avis-1.js", b"one"), asset("form-1.wasm", b"two"));
    source.keep_assets(&[kept, revoked.clone()]).await.unwrap();
    source.revoke_asset(revoked.0.integrity, true, Some(noon("2026-11-22"))).await.unwrap();
    source
}

fn quarter() -> Quarter {
    "2026-T3".parse().unwrap()
}

fn erratum(day: &str) -> Erratum {
    Erratum { added_at: noon(day), text: format!("Constaté le {day}") }
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
    let (ours, theirs) = (source.keys().await.unwrap(), target.keys().await.unwrap());
    assert!(ours.len() == 1 && theirs.len() == 2 && theirs.contains(&ours[0]), "with the mark: {theirs:?}");
    assert_eq!(target.dated_secret().await.unwrap(), source.dated_secret().await.unwrap());
    assert_eq!(target.catalogue().await.unwrap().keys(), source.catalogue().await.unwrap().keys());
    assert!(target.catalogue().await.unwrap().demarche("1002").unwrap().closed);
    assert_eq!(copied.editions, 1);
    let editions = source.editions().await.unwrap();
    assert_eq!(target.editions().await.unwrap(), editions);
    for format in Format::ALL {
        let content = editions[0].read(&source, *format).await.unwrap();
        assert!(editions[0].read(&target, *format).await.unwrap() == content);
    }
    assert_eq!(copied.assets, 2);
    let assets = target.catalogue().await.unwrap().assets().to_vec();
    assert_eq!(assets, source.catalogue().await.unwrap().assets());
    assert_eq!(assets.iter().map(|asset| asset.revoked).collect::<Vec<_>>(), [false, true]);
    for kept in &assets {
        let content = target.asset_content(&kept.name).await.unwrap();
        assert!(content.is_some() && content == source.asset_content(&kept.name).await.unwrap());
    }
    let again = copy(&source, &target, |_, _| {}).await.unwrap();
    assert_eq!((again.written, again.there, again.editions, again.assets), (0, 1_500, 1, 2));
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
async fn what_was_purged_is_copied_as_it_is_before_the_first_copy_and_after() {
    let folder = tempfile::tempdir().unwrap();
    let (source, target) = (full(&folder).await, store(&folder, "target.db").await);
    let is_equal = async |target: &SqliteStore| {
        for span in source.spans().await.unwrap() {
            if let CountedIn::Day(day) = span {
                assert_eq!(target.avis_of(day).await.unwrap(), source.avis_of(day).await.unwrap());
            }
            assert_eq!(target.audit(span).await.unwrap(), source.audit(span).await.unwrap());
        }
        let said = source.purges().await.unwrap();
        let there = target.purges().await.unwrap();
        assert!(said.iter().all(|purge| there.contains(purge)), "{said:?} {there:?}");
    };
    let purge = async |before: &str| {
        let mut avis = vec![];
        for kept in Kept::ALL {
            avis.push(retention::purge(&source, kept, day(before), day("2026-11-22")).await.unwrap().avis);
        }
        assert!(avis.iter().all(|avis| *avis > 50), "{avis:?}");
    };
    purge("2026-04-01").await;
    let copied = copy(&source, &target, |_, _| {}).await.unwrap();
    assert_eq!((copied.written, copied.there), (1_500, 0));
    is_equal(&target).await;
    purge("2026-09-01").await;
    let copied = copy(&source, &target, |_, _| {}).await.unwrap();
    assert_eq!((copied.written, copied.there, copied.withdrawn), (0, 1_500, 0));
    is_equal(&target).await;
    assert_eq!(copied.changed, 0, "the target was purged by itself");
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

    // One with avis of its own.
    let own = store(&folder, "own.db").await;
    own.add_demarches(&[source.catalogue().await.unwrap().demarche("1003").unwrap().clone()]).await.unwrap();
    let avis = Record { remember: false, ..avis_of("1003", 1, "2026-11-20", "moyen") };
    own.commit(&[Write::Record(Box::new(avis))]).await.unwrap();
    refused(&own, "holds avis and was not made by a copy").await;
}

#[tokio::test]
async fn a_copy_that_was_served_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (source, target) = (full(&folder).await, store(&folder, "target.db").await);
    copy(&source, &target, |_, _| {}).await.unwrap();
    // What a collector does as it starts.
    target.forget_keys(noon("2026-11-22") - crate::store::KEY_MEMORY).await.unwrap();
    let avis = avis_of("1003", 1, "2026-11-22", "moyen");
    target.commit(&[Write::Record(Box::new(avis.clone()))]).await.unwrap();

    let error = copy(&source, &target, |_, _| {}).await.unwrap_err();

    assert!(error.to_string().contains("or was served since"), "{error}");
    assert!(target.avis(avis.avis_id).await.unwrap().is_some());
    // And the wrong way round it writes nothing either.
    let error = copy(&target, &source, |_, _| {}).await.unwrap_err();
    assert!(matches!(error, CopyError::Foreign(_)), "{error}");
    assert_eq!(source.avis(avis.avis_id).await.unwrap(), None);
}

/// An avis of this démarche, sent with a key.
fn avis_of(demarche: &str, key: u128, day: &str, smiley: &str) -> Record {
    Record { demarche: DemarcheId(demarche.into()), bouton: None, ..record(key, noon(day), &smile(smiley)) }
}

#[tokio::test]
async fn what_came_changed_and_went_between_two_copies_is_brought_over() {
    let folder = tempfile::tempdir().unwrap();
    let (source, target) = (full(&folder).await, store(&folder, "target.db").await);
    let send = async |record: &Record| {
        assert_eq!(
            source.commit(&[Write::Record(Box::new(record.clone()))]).await.unwrap(),
            [Outcome::Recorded]
        );
    };
    let given = avis_of("1001", 1, "2026-11-18", "moyen");
    let alone = avis_of("1001", 2, "2026-11-25", "moyen");
    for record in [&given, &alone] {
        send(record).await;
    }
    copy(&source, &target, |_, _| {}).await.unwrap();

    let of_day = async |text: &str| source.avis_of(day(text)).await.unwrap();
    let (first, second) = (of_day("2026-11-20").await[0].id, of_day("2026-11-20").await[1].id);
    let writes = [
        Write::Change(first, patch(&[("comment", text("Autrement dit"))])),
        Write::Change(second, patch(&[("satisfaction", text("pas_bien")), ("comment", text("Non"))])),
        // Among others, with the key under which it is remembered still; and all that a day had.
        Write::Withdraw(vec![of_day("2026-11-19").await[0].id]),
        Write::Withdraw(vec![alone.avis_id]),
        // Withdrawn, and given again as it was.
        Write::Withdraw(vec![given.avis_id]),
    ];
    for write in writes {
        let outcome = source.commit(&[write]).await.unwrap().remove(0);
        assert!(matches!(outcome, Outcome::Changed | Outcome::Withdrawn), "{outcome:?}");
    }
    send(&avis_of("1001", 3, "2026-11-18", "moyen")).await;
    send(&avis_of("1002", 4, "2026-11-26", "tres_bien")).await;
    // A key that was forgotten, and then used again.
    source.forget_keys(noon("2026-11-23")).await.unwrap();
    send(&avis_of("1001", 1, "2026-11-26", "moyen")).await;
    let title = DemarcheChange { title: Some("Autre".into()), ..DemarcheChange::default() };
    source.change_demarche(&DemarcheId("1001".into()), &title).await.unwrap();
    source.revoke_key(2).await.unwrap();
    source.note_key_uses(&[(2, day("2026-11-25"))]).await.unwrap();
    source.set_essential(&[DemarcheId("1012".into())]).await.unwrap();

    let copied = copy(&source, &target, |_, _| {}).await.unwrap();

    assert_eq!((copied.written, copied.changed, copied.withdrawn), (3, 2, 3));
    for span in source.spans().await.unwrap() {
        assert_eq!(target.audit(span).await.unwrap(), source.audit(span).await.unwrap());
        match span {
            CountedIn::Day(day) => {
                assert_eq!(target.avis_of(day).await.unwrap(), source.avis_of(day).await.unwrap());
            }
            CountedIn::Month(month) => {
                assert_eq!(averages(&target, month).await.unwrap(), averages(&source, month).await.unwrap());
            }
        }
    }
    let there = target.keys().await.unwrap();
    assert!(source.keys().await.unwrap().iter().all(|key| there.contains(key)));
    assert!(target.catalogue().await.unwrap().keys()[1].revoked);
    assert_eq!(target.key_uses().await.unwrap(), [(2, day("2026-11-25"))]);
    // Its own copies are none of a live service's: it can be copied into again, and from.
    let again = copy(&source, &target, |_, _| {}).await.unwrap();
    assert_eq!((again.written, again.changed, again.withdrawn), (0, 0, 0));
    let third = store(&folder, "third.db").await;
    copy(&target, &third, |_, _| {}).await.unwrap();
    assert!(third.avis_of(day("2026-11-20")).await.unwrap() == of_day("2026-11-20").await);
}

#[tokio::test]
async fn pages_that_are_read_otherwise_today_come_over() {
    let folder = tempfile::tempdir().unwrap();
    let (source, target) = (full(&folder).await, store(&folder, "target.db").await);
    let page = |path: &str| Some(PageAddress::kept("https://a.fr".to_owned(), path.to_owned()));
    let blank = Record { page: page("/a "), ..avis_of("1001", 1, "2026-11-18", "moyen") };
    let nul = Record { page: page("/b\0\u{1}"), ..avis_of("1001", 2, "2026-11-18", "moyen") };
    let writes = [&blank, &nul].map(|record| Write::Record(Box::new(record.clone())));
    source.commit(&writes).await.unwrap();

    for written in [1_502, 0] {
        let copied = copy(&source, &target, |_, _| {}).await.unwrap();
        assert_eq!((copied.written, copied.replaced), (written, 1));
    }

    for (record, path) in [(blank, "/a "), (nul, "/b\u{fffd}\u{1}")] {
        let avis = target.avis(record.avis_id).await.unwrap().unwrap();
        assert_eq!(avis.page, Some(("https://a.fr".to_owned(), path.to_owned())));
    }
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

#[tokio::test]
async fn assets_of_since_come_over_and_so_does_what_is_revoked_or_restored() {
    let folder = tempfile::tempdir().unwrap();
    let (source, target) = (full(&folder).await, store(&folder, "target.db").await);
    copy(&source, &target, |_, _| {}).await.unwrap();

    let (one, two) = (asset("avis-1.js", b"one").0, asset("form-1.wasm", b"two").0);
    source.keep_assets(&[asset("avis-2.js", b"three")]).await.unwrap();
    source.revoke_asset(one.integrity, true, Some(noon("2026-11-22"))).await.unwrap();
    source.revoke_asset(two.integrity, false, Some(noon("2026-11-22"))).await.unwrap();
    assert_eq!(copy(&source, &target, |_, _| {}).await.unwrap().assets, 3);
    let assets = target.catalogue().await.unwrap().assets().to_vec();
    assert_eq!(assets, source.catalogue().await.unwrap().assets());

    target.keep_assets(&[asset("avis-3.js", b"four")]).await.unwrap();
    let alone = copy(&source, &target, |_, _| {}).await.unwrap_err();
    assert!(alone.to_string().starts_with("asset avis-3.js is in the target alone"), "{alone}");
    source.keep_assets(&[asset("avis-3.js", b"five")]).await.unwrap();
    let another = copy(&source, &target, |_, _| {}).await.unwrap_err();
    assert!(another.to_string().starts_with("asset avis-3.js is another in the target"), "{another}");
}

#[tokio::test]
async fn editions_and_errata_of_since_come_over_and_another_edition_makes_another_database() {
    let folder = tempfile::tempdir().unwrap();
    let (source, target) = (full(&folder).await, store(&folder, "target.db").await);
    copy(&source, &target, |_, _| {}).await.unwrap();

    source.freeze(&edition("2026-T2", b"{}")).await.unwrap();
    source.add_erratum(quarter(), &erratum("2026-11-22")).await.unwrap();
    assert_eq!(copy(&source, &target, |_, _| {}).await.unwrap().editions, 2);
    assert_eq!(target.editions().await.unwrap(), source.editions().await.unwrap());

    target.freeze(&edition("2026-T1", b"[]")).await.unwrap();
    let alone = copy(&source, &target, |_, _| {}).await.unwrap_err();
    assert!(alone.to_string().starts_with("edition 2026-T1 is in the target alone"), "{alone}");
    source.freeze(&edition("2026-T1", b"{}")).await.unwrap();
    let another = copy(&source, &target, |_, _| {}).await.unwrap_err();
    assert!(another.to_string().starts_with("edition 2026-T1 is another in the target"), "{another}");
}

#[tokio::test]
async fn what_an_operator_did_at_the_source_reaches_the_copy() {
    let folder = tempfile::tempdir().unwrap();
    let (source, target) = (full(&folder).await, store(&folder, "target.db").await);
    let counted = Selection::counted(&DemarcheId("1001".into()), Period::ALL);
    let of = |kept| Selection::of(Period::ALL, kept);
    let mend = async |act: Act, selection: &Selection| {
        assert!(source.mend(&act, selection, noon("2026-11-21")).await.unwrap() > 0, "{act:?}");
    };
    let same = async || {
        for span in source.spans().await.unwrap() {
            if let CountedIn::Day(day) = span {
                assert_eq!(target.avis_of(day).await.unwrap(), source.avis_of(day).await.unwrap());
            }
        }
        assert_eq!(target.journal().await.unwrap(), source.journal().await.unwrap());
    };
    mend(Act::Hold(Reason::NetworkShare), &counted).await;
    mend(Act::Confirm, &of(Counting::Held)).await;
    mend(Act::Hold(Reason::Honeypot), &counted).await;
    let copied = copy(&source, &target, |_, _| {}).await.unwrap();
    // One more than was mended: an asset was revoked before.
    assert_eq!((copied.written, copied.entries), (1_500, 4));
    same().await;

    mend(Act::Release, &of(Counting::Confirmed)).await;
    mend(Act::Reattribute(DemarcheId("1003".into()), None), &of(Counting::Held)).await;
    let copied = copy(&source, &target, |_, _| {}).await.unwrap();
    assert_eq!((copied.mended, copied.entries), (6, 6));
    assert_eq!((copied.written, copied.changed, copied.withdrawn, copied.there), (0, 0, 0, 1_500));
    same().await;
}
