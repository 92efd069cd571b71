//! Of the contract: how long a key is remembered, and what a request that comes twice gets.

use crate::identity::{Keyring, SecretKey};
use crate::store::samples::{
    assert_recount, day, noon, one, patch, record, smile, smiles, with_catalogue, write,
};
use crate::store::{KEY_MEMORY, OnReplay, Outcome, Record, Remembered, Store};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub(crate) async fn a_replay_gets_the_same_answer_and_counts_once(store: &dyn Store) {
    with_catalogue(store).await;
    let first = record(1, noon("2026-11-22"), &smile("moyen"));
    let later = record(1, noon("2026-11-22") + SignedDuration::from_mins(5), &smile("moyen"));
    let same_batch = store.commit(&[write(&first), write(&later)]).await.unwrap();
    assert_eq!(same_batch, [Outcome::Recorded, Outcome::Replayed(first.avis_id, first.accepted_at)]);
    assert_eq!(one(store, write(&later)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 1, 0]);
    assert_recount(store).await;
}

pub(crate) async fn a_key_used_for_another_request_is_refused(store: &dyn Store) {
    with_catalogue(store).await;
    let first = record(1, noon("2026-11-22"), &smile("moyen"));
    let other = Record { fingerprint: [2; 16], ..record(1, noon("2026-11-22"), &smile("pas_bien")) };
    one(store, write(&first)).await;
    assert_eq!(one(store, write(&other)).await, Outcome::KeyReused);
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 1, 0]);
}

pub(crate) async fn a_key_is_remembered_across_midnight_and_forgotten_after_72_hours(store: &dyn Store) {
    with_catalogue(store).await;
    // Long past, whatever the clock of the server says.
    let at = noon("2023-11-22");
    let first = record(1, at, &smile("moyen"));
    one(store, write(&first)).await;
    let after = |time: SignedDuration| record(1, at + time, &smile("moyen"));
    assert_eq!(
        one(store, write(&after(SignedDuration::from_hours(71)))).await,
        Outcome::Replayed(first.avis_id, at)
    );
    assert_eq!(store.forget_keys(at + SignedDuration::from_secs(1) - KEY_MEMORY).await.unwrap(), 0);
    // A minute past its memory, the key is as good as new, whether its row is there still or not.
    let past = after(KEY_MEMORY + SignedDuration::from_mins(1));
    let other = record(2, at, &smile("moyen"));
    one(store, write(&other)).await;
    assert_eq!(one(store, write(&past)).await, Outcome::Recorded);
    assert_eq!(store.forget_keys(at + SignedDuration::from_secs(1)).await.unwrap(), 1);
    assert_eq!(store.forget_keys(at + SignedDuration::from_secs(1)).await.unwrap(), 0);
    assert_eq!(one(store, write(&past)).await, Outcome::Replayed(past.avis_id, past.accepted_at));
}

pub(crate) async fn a_key_is_remembered_across_the_day_that_lacks_an_hour(store: &dyn Store) {
    with_catalogue(store).await;
    // 71 h 59 min before Monday 00:30, on the Thursday: four calendar days back.
    let now: Timestamp = "2026-03-29T22:30:00Z".parse().unwrap();
    let first = record(1, now - SignedDuration::from_mins(72 * 60 - 1), &smile("moyen"));
    assert_eq!(first.day(), day("2026-03-26"));
    one(store, write(&first)).await;
    let again = record(1, now, &smile("moyen"));
    assert_eq!(again.day(), day("2026-03-30"));
    assert_eq!(one(store, write(&again)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
}

pub(crate) async fn a_key_is_remembered_when_the_secret_was_rotated_meanwhile(store: &dyn Store) {
    with_catalogue(store).await;
    let first = record(1, noon("2026-11-22"), &smile("moyen"));
    one(store, write(&first)).await;
    let secret = |id| SecretKey { id, bytes: [id; 32] };
    let rotated = Keyring::new(vec![SecretKey { id: 1, bytes: [7; 32] }, secret(2)]).unwrap();
    let key = Uuid::from_u128(1);
    let again = Record {
        avis_id: rotated.identity(day("2026-11-23"), key).avis_id,
        former_keys: rotated.other_keys(day("2026-11-23"), key),
        ..record(1, noon("2026-11-23"), &smile("moyen"))
    };
    assert_ne!(again.avis_id.key(), first.avis_id.key());
    assert_eq!(one(store, write(&again)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
    let form = Record { on_replay: OnReplay::Change(patch(&smile("pas_bien"))), ..again };
    assert_eq!(one(store, write(&form)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
    assert_eq!(smiles(store, "2026-11-22", "2026-11-23").await, [1, 0, 0]);
}

pub(crate) async fn an_avis_without_a_key_is_stored_once(store: &dyn Store) {
    with_catalogue(store).await;
    let imported = Record { remember: false, ..record(1, noon("2024-02-29"), &smile("moyen")) };
    let outcomes = store.commit(&[write(&imported), write(&imported)]).await.unwrap();
    let there = Outcome::Replayed(imported.avis_id, imported.accepted_at);
    assert_eq!(outcomes, [Outcome::Recorded, there.clone()]);
    assert_eq!(one(store, write(&imported)).await, there);
    assert_eq!(smiles(store, "2024-02-29", "2024-02-29").await, [0, 1, 0]);
    assert_eq!(store.keys().await.unwrap(), []);
    assert_recount(store).await;
}

pub(crate) async fn remembered_keys_can_be_carried_over(store: &dyn Store) {
    with_catalogue(store).await;
    let first = record(1, noon("2026-11-22"), &smile("moyen"));
    one(store, write(&first)).await;
    let known = store.keys().await.unwrap();
    let Record { avis_id, fingerprint, accepted_at, .. } = first;
    let one_key = Remembered { avis_id, fingerprint, accepted_at };
    assert_eq!(known, [one_key]);
    let other = record(2, noon("2026-11-22"), &smile("moyen"));
    let carried = Remembered { avis_id: other.avis_id, ..one_key };
    let changed = Remembered { fingerprint: [9; 16], ..one_key };
    one(store, write(&Record { remember: false, ..other.clone() })).await;
    store.remember_keys(&[changed, carried]).await.unwrap();
    // What is remembered already stays; what was carried over answers a replay.
    assert_eq!(one(store, write(&first)).await, Outcome::Replayed(avis_id, accepted_at));
    assert_eq!(one(store, write(&other)).await, Outcome::Replayed(other.avis_id, accepted_at));
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 2, 0]);
}

pub(crate) async fn the_first_secret_stays(store: &dyn Store) {
    assert!(store.secret().await.unwrap().is_empty());
    let (first, second) = (SecretKey { id: 1, bytes: [1; 32] }, SecretKey { id: 1, bytes: [2; 32] });
    store.add_secret_key(&first, day("2026-11-22")).await.unwrap();
    store.add_secret_key(&second, day("2026-11-22")).await.unwrap();
    assert_eq!(store.secret().await.unwrap(), std::slice::from_ref(&first));
    assert_eq!(store.dated_secret().await.unwrap(), [(first, day("2026-11-22"))]);
}
