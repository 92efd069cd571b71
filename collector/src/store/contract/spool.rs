//! Of the contract: what a collector kept while the database was away.

use crate::identity::AvisId;
use crate::store::samples::{
    assert_recount, day, map, noon, one, patch, record, smile, smiles, text, with_catalogue, write,
};
use crate::store::{OnReplay, Record, Refusal, SpoolEntry, SpoolId, SpoolState, Store, Write};
use jiff::SignedDuration;

fn entries(writes: Vec<Write>) -> Vec<SpoolEntry> {
    (1..).zip(writes).map(|(seq, write)| SpoolEntry { seq, write: Ok(write) }).collect()
}

pub(crate) async fn entries_of_a_spool_are_written_exactly_once(store: &dyn Store) {
    with_catalogue(store).await;
    let (first, second) =
        (record(1, noon("2026-11-22"), &smile("moyen")), record(2, noon("2026-11-22"), &smile("moyen")));
    let unkeyed = Record { remember: false, ..record(3, noon("2026-11-22"), &smile("moyen")) };
    let entries = entries(vec![
        write(&first),
        write(&second),
        write(&unkeyed),
        Write::Change(first.avis_id, patch(&smile("tres_bien"))),
        Write::Withdraw(vec![second.avis_id]),
        Write::Withdraw(vec![AvisId::from_bytes([9; 16])]),
    ]);
    let (spool, other) = (SpoolId::random(), SpoolId::random());
    assert_eq!(store.drain(spool, &entries[..2]).await.unwrap(), []);
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 2, 0]);
    // The collector ended before it had taken them away, and begins with them again; and again.
    assert_eq!(store.drain(spool, &entries).await.unwrap(), []);
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 1, 1]);
    let later = Write::Change(first.avis_id, patch(&smile("pas_bien")));
    one(store, later).await;
    assert_eq!(store.drain(spool, &entries).await.unwrap(), []);
    assert_eq!(store.drain(spool, &entries[3..4]).await.unwrap(), []);
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [1, 1, 0], "the change came back");
    // Another spool numbers its own.
    let third = record(4, noon("2026-11-23"), &smile("moyen"));
    let elsewhere = [SpoolEntry { seq: 1, write: Ok(write(&third)) }];
    assert_eq!(store.drain(other, &elsewhere).await.unwrap(), []);
    assert!(store.avis(third.avis_id).await.unwrap().is_some());
    assert_eq!(store.drain(other, &[]).await.unwrap(), []);
    assert_recount(store).await;
}

pub(crate) async fn entries_that_prove_wrong_are_told_with_their_reasons(store: &dyn Store) {
    with_catalogue(store).await;
    let first = record(1, noon("2026-11-22"), &smile("moyen"));
    one(store, write(&first)).await;
    let reused = Record { fingerprint: [2; 16], ..first.clone() };
    let late = Record {
        on_replay: OnReplay::Change(patch(&smile("pas_bien"))),
        accepted_at: first.accepted_at + SignedDuration::from_hours(25),
        ..first.clone()
    };
    let closed = Record { closed: true, ..record(2, noon("2026-11-22"), &smile("moyen")) };
    let good = record(3, noon("2026-11-22"), &smile("moyen"));
    let contradiction = patch(&[("help_quality", map(&[("chat", text("bonne"))]))]);
    let mut all = entries(vec![
        write(&reused),
        write(&late),
        write(&closed),
        Write::Change(AvisId::from_bytes([9; 16]), patch(&smile("moyen"))),
        Write::Change(first.avis_id, contradiction),
        write(&good),
    ]);
    all.insert(5, SpoolEntry { seq: 6, write: Err("the entry is unreadable".into()) });
    all[6].seq = 8;
    let reasons = [
        (1, "key_reused"),
        (2, "expired"),
        (3, "closed"),
        (4, "missing"),
        (5, "refused: /answers/help_quality/chat condition_not_met"),
        (6, "the entry is unreadable"),
    ];
    let expected = reasons.map(|(seq, reason)| Refusal { seq, reason: reason.into() });
    let spool = SpoolId::random();
    assert_eq!(store.drain(spool, &all).await.unwrap(), expected);
    // Told again to a collector that ended before it could keep them apart, of the entries that it names.
    assert_eq!(store.drain(spool, &all).await.unwrap(), expected);
    assert_eq!(store.drain(spool, &all[1..3]).await.unwrap(), expected[1..3]);
    assert!(store.avis(good.avis_id).await.unwrap().is_some());
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 2, 0]);
    assert_recount(store).await;
    let known = store.spools().await.unwrap();
    assert_eq!(known, [SpoolState { id: spool, seen_at: None, holds_since: None, refused: 6 }]);
}

pub(crate) async fn spools_are_known_until_they_are_forgotten(store: &dyn Store) {
    assert_eq!(store.spools().await.unwrap(), []);
    let (one, two) = (SpoolId::random(), SpoolId::random());
    let at = noon("2026-11-22");
    store.report_spool(one, at, Some(day("2026-11-20"))).await.unwrap();
    store.report_spool(two, at, None).await.unwrap();
    store.report_spool(one, at + SignedDuration::from_secs(30), None).await.unwrap();
    let mut expected = vec![
        SpoolState {
            id: one,
            seen_at: Some(at + SignedDuration::from_secs(30)),
            holds_since: None,
            refused: 0,
        },
        SpoolState { id: two, seen_at: Some(at), holds_since: None, refused: 0 },
    ];
    expected.sort_by_key(|spool| spool.id.to_string());
    assert_eq!(store.spools().await.unwrap(), expected);
    assert!(store.forget_spool(one).await.unwrap());
    assert!(!store.forget_spool(one).await.unwrap());
    store.report_spool(two, at, Some(day("2026-11-21"))).await.unwrap();
    let left = SpoolState { id: two, seen_at: Some(at), holds_since: Some(day("2026-11-21")), refused: 0 };
    assert_eq!(store.spools().await.unwrap(), [left]);
}
