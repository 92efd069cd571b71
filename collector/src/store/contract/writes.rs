//! Of the contract: what becomes of an avis, of its changes and of its withdrawal.

use crate::identity::AvisId;
use crate::store::samples::{
    assert_recount, day, map, noon, one, patch, record, smile, smiles, text, with_catalogue, write,
};
use crate::store::{OnReplay, Outcome, Record, Store, Write};
use jiff::SignedDuration;
use shared::draft::Raw;
use shared::{Language, PageAddress};

pub(crate) async fn an_avis_is_stored_with_all_its_answers(store: &dyn Store) {
    with_catalogue(store).await;
    let record = record(
        1,
        noon("2026-11-22"),
        &[
            ("satisfaction", text("tres_bien")),
            ("ease", text("4")),
            ("clarity", text("5")),
            ("malfunctions", Raw::List(vec![text("slow"), text("other")])),
            ("malfunctions_other", text("Le bouton ne répondait pas")),
            ("help_tried", Raw::List(vec![text("guichet"), text("telephone"), text("other")])),
            ("help_tried_other", text("Ma voisine")),
            ("help_reached", map(&[("guichet", text("oui")), ("telephone", text("non"))])),
            ("help_quality", map(&[("guichet", text("bonne"))])),
            ("comment", text("Très simple,\nmerci 🙂")),
        ],
    );
    assert_eq!(one(store, write(&record)).await, Outcome::Recorded);
    let avis = store.avis(record.avis_id).await.unwrap().expect("stored");
    assert_eq!(avis.answers, *record.answers);
    assert_eq!((avis.demarche.0.as_str(), avis.bouton), ("1", record.bouton));
    assert_eq!((avis.day, avis.language), (day("2026-11-22"), Some(Language::Fr)));
    assert_eq!(avis.page, Some(("https://a.fr".to_owned(), "/fin".to_owned())));
    assert_eq!(store.avis(AvisId::from_bytes([0; 16])).await.unwrap(), None);
    assert_recount(store).await;
}

pub(crate) async fn a_closed_bouton_takes_no_new_avis_and_answers_replays(store: &dyn Store) {
    with_catalogue(store).await;
    let first = record(1, noon("2026-11-22"), &smile("moyen"));
    one(store, write(&first)).await;
    let replay = Record { closed: true, ..first.clone() };
    assert_eq!(one(store, write(&replay)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
    let new = Record { closed: true, ..record(2, noon("2026-11-22"), &smile("moyen")) };
    assert_eq!(one(store, write(&new)).await, Outcome::Closed);
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 1, 0]);
}

pub(crate) async fn a_form_that_is_sent_again_changes_its_avis(store: &dyn Store) {
    with_catalogue(store).await;
    let first = record(1, noon("2026-11-22"), &smile("moyen"));
    one(store, write(&first)).await;
    let again = Record {
        on_replay: OnReplay::Change(patch(&smile("pas_bien"))),
        fingerprint: [2; 16],
        ..first.clone()
    };
    assert_eq!(one(store, write(&again)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [1, 0, 0]);
    assert_recount(store).await;
    // Past its day, the avis can be changed this way no more than in any other.
    let late = Record { accepted_at: first.accepted_at + SignedDuration::from_hours(25), ..again };
    assert_eq!(one(store, write(&late)).await, Outcome::Expired);
}

pub(crate) async fn a_write_that_comes_twice_takes_back_nothing_that_was_changed_since(store: &dyn Store) {
    with_catalogue(store).await;
    let form = Record {
        on_replay: OnReplay::Change(patch(&smile("moyen"))),
        ..record(1, noon("2026-11-22"), &smile("moyen"))
    };
    one(store, write(&form)).await;
    assert_eq!(one(store, Write::Change(form.avis_id, patch(&smile("tres_bien")))).await, Outcome::Changed);
    // Its first answer was lost, and it comes from a spool.
    assert_eq!(one(store, write(&form)).await, Outcome::Replayed(form.avis_id, form.accepted_at));
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 0, 1]);
    // Sent again by the person, it is another request.
    let again = Record { accepted_at: form.accepted_at + SignedDuration::from_secs(1), ..form.clone() };
    one(store, write(&again)).await;
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 1, 0]);
}

pub(crate) async fn a_change_moves_the_decompte_on_the_day_of_the_avis(store: &dyn Store) {
    with_catalogue(store).await;
    let mut answers = smile("moyen");
    answers.push(("comment", text("Bof")));
    let first = record(1, noon("2026-11-22"), &answers);
    one(store, write(&first)).await;
    let change = patch(&[("satisfaction", text("tres_bien")), ("comment", Raw::Null), ("ease", text("5"))]);
    assert_eq!(one(store, Write::Change(first.avis_id, change)).await, Outcome::Changed);
    let changed = store.avis(first.avis_id).await.unwrap().unwrap();
    assert_eq!((changed.answers.comment, changed.day), (None, day("2026-11-22")));
    assert_eq!(smiles(store, "2026-11-01", "2026-11-30").await, [0, 0, 1]);
    let missing = Write::Change(AvisId::from_bytes([9; 16]), patch(&smile("moyen")));
    assert_eq!(one(store, missing).await, Outcome::Missing);
    assert_recount(store).await;
}

pub(crate) async fn a_change_that_contradicts_the_avis_is_refused_and_fails_no_neighbour(store: &dyn Store) {
    with_catalogue(store).await;
    let (first, second) =
        (record(1, noon("2026-11-22"), &smile("moyen")), record(2, noon("2026-11-22"), &smile("moyen")));
    let change = patch(&[("help_quality", map(&[("chat", text("bonne"))]))]);
    let outcomes =
        store.commit(&[write(&first), Write::Change(first.avis_id, change), write(&second)]).await.unwrap();
    assert_eq!((&outcomes[0], &outcomes[2]), (&Outcome::Recorded, &Outcome::Recorded));
    assert!(
        matches!(&outcomes[1], Outcome::Refused(errors) if errors[0].pointer == "/answers/help_quality/chat")
    );
    assert_recount(store).await;
}

pub(crate) async fn a_withdrawn_avis_is_gone_and_no_replay_brings_it_back(store: &dyn Store) {
    with_catalogue(store).await;
    let mut answers = smile("moyen");
    answers.push(("comment", text("À retirer")));
    let first = record(1, noon("2026-11-22"), &answers);
    one(store, write(&first)).await;
    let withdraw = Write::Withdraw(vec![AvisId::from_bytes([9; 16]), first.avis_id]);
    assert_eq!(one(store, withdraw.clone()).await, Outcome::Withdrawn);
    assert_eq!(one(store, withdraw).await, Outcome::Missing);
    assert_eq!(store.avis(first.avis_id).await.unwrap(), None);
    assert_eq!(one(store, write(&first)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
    let again = Record { on_replay: OnReplay::Change(patch(&smile("pas_bien"))), ..first.clone() };
    assert_eq!(one(store, write(&again)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 0, 0]);
    assert!(assert_recount(store).await.is_empty());
}

pub(crate) async fn writes_of_one_batch_see_those_before_them(store: &dyn Store) {
    with_catalogue(store).await;
    let (first, second) =
        (record(1, noon("2026-11-22"), &smile("moyen")), record(2, noon("2026-11-22"), &smile("moyen")));
    let mut commented = smile("pas_bien");
    commented.push(("comment", text("Bof")));
    let form = Record {
        on_replay: OnReplay::Change(patch(&smile("tres_bien"))),
        accepted_at: first.accepted_at + SignedDuration::from_secs(1),
        ..first.clone()
    };
    let outcomes = store
        .commit(&[
            Write::Change(first.avis_id, patch(&smile("pas_bien"))),
            write(&first),
            Write::Change(first.avis_id, patch(&commented)),
            write(&second),
            write(&form),
            Write::Withdraw(vec![second.avis_id]),
            Write::Withdraw(vec![second.avis_id]),
            write(&second),
        ])
        .await
        .unwrap();
    let replayed = |record: &Record| Outcome::Replayed(record.avis_id, record.accepted_at);
    let expected = [
        Outcome::Missing,
        Outcome::Recorded,
        Outcome::Changed,
        Outcome::Recorded,
        replayed(&first),
        Outcome::Withdrawn,
        Outcome::Missing,
        replayed(&second),
    ];
    assert_eq!(outcomes, expected);
    let avis = store.avis(first.avis_id).await.unwrap().unwrap();
    assert_eq!(avis.answers.comment.as_deref(), Some("Bof"));
    assert_eq!(store.avis(second.avis_id).await.unwrap(), None);
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 0, 1]);
    assert_recount(store).await;
}

pub(crate) async fn a_large_batch_is_stored_whole(store: &dyn Store) {
    with_catalogue(store).await;
    let mut answers = smile("moyen");
    answers.push(("comment", text("Une phrase.")));
    let records: Vec<Record> = (1..=1_333)
        .map(|key| record(key, noon("2026-11-22"), if key % 3 == 0 { &answers } else { &answers[..1] }))
        .collect();
    let writes: Vec<Write> = records.iter().map(write).collect();
    let outcomes = store.commit(&writes).await.unwrap();
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Recorded));
    assert!(
        store.commit(&writes).await.unwrap().iter().all(|outcome| matches!(outcome, Outcome::Replayed(..)))
    );
    let read = store.avis_of(day("2026-11-22")).await.unwrap();
    assert_eq!(read.len(), 1_333);
    assert_eq!(read.iter().filter(|avis| avis.answers.comment.is_some()).count(), 444);
    assert_recount(store).await;
}

pub(crate) async fn pages_keep_their_addresses(store: &dyn Store) {
    with_catalogue(store).await;
    let from = |key: u128, page: Option<&str>| {
        let page = page.map(|page| PageAddress::parse(page).expect("an address"));
        Record { page, ..record(key, noon("2026-11-22"), &smile("moyen")) }
    };
    let (first, other, none) =
        (from(1, Some("https://a.fr/fin")), from(2, Some("https://b.fr/fin")), from(3, None));
    store.commit(&[write(&first), write(&other), write(&none)]).await.unwrap();
    // One that is known by now, one that is half known, one that is new.
    let (again, path, new) = (
        from(4, Some("https://b.fr/fin")),
        from(5, Some("https://b.fr/autre")),
        from(6, Some("https://c.fr/")),
    );
    store.commit(&[write(&new), write(&again), write(&path)]).await.unwrap();
    for record in [first, other, none, again, path, new] {
        let stored = store.avis(record.avis_id).await.unwrap().expect("stored").page;
        let sent = record.page.map(|page| (page.origin().to_owned(), page.path().to_owned()));
        assert_eq!(stored, sent);
    }
}
