//! Of the contract: avis that are set aside, released, confirmed or given to another démarche, and the journal of it.

use crate::catalogue::{BoutonId, DemarcheId};
use crate::mending::{Act as Mending, Counting, Entry, FromBouton, Selection};
use crate::quarantine::{Reason, Reasons};
use crate::store::samples::{
    aside, assert_recount, day, mend_all, noon, one, patch, quarantined, record, smile, smiles,
    with_catalogue, write,
};
use crate::store::{Avis, Outcome, PORTION, Period, Record, Store, Write};
use futures_util::TryStreamExt;
use serde_json::json;
use shared::questionnaire::Satisfaction;
use shared::tally::Cell;
use shared::{PageAddress, Tally};

/// Avis that are set aside, of a few démarches, boutons, pages, days and reasons.
async fn with_quarantine(store: &dyn Store) -> Vec<Record> {
    with_catalogue(store).await;
    let base = |key, on: &str, reasons: &[Reason]| Record {
        set_aside: aside(reasons),
        ..record(key, noon(on), &smile("pas_bien"))
    };
    let other_page = PageAddress::parse("https://b.fr/fin");
    let records = vec![
        base(1, "2026-11-22", &[Reason::Honeypot]),
        base(2, "2026-11-22", &[Reason::Honeypot, Reason::NetworkShare]),
        Record { page: other_page, ..base(3, "2026-11-22", &[Reason::ForeignOrigin]) },
        Record { bouton: None, page: None, ..base(4, "2026-11-23", &[Reason::NetworkShare]) },
        Record {
            demarche: DemarcheId("2".into()),
            bouton: Some(BoutonId("21".into())),
            ..base(5, "2026-12-01", &[Reason::NetworkShare])
        },
        base(6, "2026-11-22", &[]),
        Record { bouton: None, ..base(7, "2026-11-22", &[]) },
    ];
    let writes: Vec<Write> = records.iter().map(write).collect();
    store.commit(&writes).await.unwrap();
    records
}

/// The keys of the avis that a selection means, by the records that made them.
async fn found(store: &dyn Store, records: &[Record], selection: &Selection) -> Vec<usize> {
    let avis: Vec<Avis> = store.selected(selection).try_concat().await.unwrap();
    let place =
        |avis: &Avis| records.iter().position(|one| one.avis_id == avis.id).expect("one of the records");
    let mut found: Vec<usize> = avis.iter().map(|one| place(one) + 1).collect();
    found.sort_unstable();
    found
}

pub(crate) async fn an_avis_in_quarantine_is_stored_and_not_counted(store: &dyn Store) {
    with_catalogue(store).await;
    let reasons = aside(&[Reason::TokenCopied, Reason::NetworkShare]);
    let first = Record { set_aside: reasons, ..record(1, noon("2026-11-22"), &smile("moyen")) };
    assert_eq!(one(store, write(&first)).await, Outcome::Recorded);
    assert_eq!(one(store, write(&first)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
    let stored = store.avis(first.avis_id).await.unwrap().expect("stored");
    assert_eq!((stored.set_aside, &stored.answers), (reasons, &*first.answers));

    let (day, id) = (day("2026-11-22"), DemarcheId("1".into()));
    let period = Period { from: day, to: day };
    let aside = Tally::of_quarantined();
    assert_eq!(store.tallies(period).await.unwrap(), [(id.clone(), aside.clone())]);
    assert_eq!(store.tallies_by_day(&id, period).await.unwrap(), [(day, aside.clone())]);
    let by_bouton = store.tallies_by_bouton(&id, period).await.unwrap();
    assert_eq!(by_bouton, [(Some(BoutonId("12".into())), aside.clone())]);
    let by_month = store.satisfaction_by_month(202_611, 202_611).await.unwrap();
    assert_eq!(by_month, [(id, 202_611, aside)]);
    assert_eq!(store.rated_by_page(period).await.unwrap(), []);
    assert_eq!(store.last_avis().await.unwrap(), []);
    assert_eq!(store.avis_by_bouton(period).await.unwrap(), []);
    assert_recount(store).await;

    // Changed, it stays where it is; withdrawn, it is nowhere.
    let version = store.version(period).await.unwrap();
    let change = Write::Change(first.avis_id, patch(&smile("pas_bien")));
    assert_eq!(one(store, change).await, Outcome::Changed);
    let changed = store.avis(first.avis_id).await.unwrap().expect("stored");
    assert_eq!((changed.set_aside, changed.answers.satisfaction), (reasons, Some(Satisfaction::PasBien)));
    assert_eq!((smiles(store, "2026-11-22", "2026-11-22").await, quarantined(store).await), ([0; 3], 1));
    assert_eq!(store.version(period).await.unwrap(), version, "no figure has moved");
    assert_recount(store).await;
    assert_eq!(one(store, Write::Withdraw(vec![first.avis_id])).await, Outcome::Withdrawn);
    assert_eq!(quarantined(store).await, 0);
    assert!(store.version(period).await.unwrap() > version);
    assert_recount(store).await;
}

pub(crate) async fn the_quarantine_is_released_confirmed_and_filled_again(store: &dyn Store) {
    let records = with_quarantine(store).await;
    let day = Period { from: day("2026-11-22"), to: day("2026-11-22") };
    let state = async || (smiles(store, "2026-11-22", "2026-11-22").await[0], quarantined(store).await);
    let id = DemarcheId("1".into());
    let honeypot = Selection {
        demarche: Some(id.clone()),
        reason: Some(Reason::Honeypot),
        ..Selection::of(Period::ALL, Counting::Held)
    };
    assert_eq!(state().await, (2, 4));

    let before = store.version(day).await.unwrap();
    assert_eq!(mend_all(store, &Mending::Confirm, &honeypot).await, 2);
    assert_eq!(store.version(day).await.unwrap(), before, "no figure has moved");
    let confirmed = store.avis(records[1].avis_id).await.unwrap().unwrap().set_aside;
    assert_eq!(confirmed, aside(&[Reason::Honeypot, Reason::NetworkShare]).confirmed());
    assert_eq!(state().await, (2, 4));
    assert_recount(store).await;

    assert_eq!(mend_all(store, &Mending::Release, &honeypot).await, 0, "what is confirmed is not held");
    let confirmed = Selection { kept: Counting::Confirmed, ..honeypot };
    assert_eq!(mend_all(store, &Mending::Release, &confirmed).await, 2);
    assert!(store.version(day).await.unwrap() > before);
    assert_eq!(state().await, (4, 2));
    assert_eq!(store.avis(records[1].avis_id).await.unwrap().unwrap().set_aside, Reasons::NONE);
    assert_recount(store).await;

    // A release that was a mistake. What counted from the start stays.
    let again = Selection {
        avis: vec![records[0].avis_id, records[2].avis_id],
        ..Selection::counted(&id, Period::ALL)
    };
    assert_eq!(mend_all(store, &Mending::Hold(Reason::Honeypot), &again).await, 1);
    assert_eq!(state().await, (3, 3));
    // Changed after all that, it is still there and nowhere else.
    one(store, Write::Change(records[0].avis_id, patch(&smile("moyen")))).await;
    assert_eq!(state().await, (3, 3));
    assert_recount(store).await;
}

pub(crate) async fn avis_are_selected_by_what_they_have_in_common(store: &dyn Store) {
    let records = with_quarantine(store).await;
    let confirmed =
        Selection { avis: vec![records[1].avis_id], ..Selection::of(Period::ALL, Counting::Held) };
    mend_all(store, &Mending::Confirm, &confirmed).await;
    let all = |kept| Selection::of(Period::ALL, kept);
    let aside = || all(Counting::Quarantined);
    let of = |bouton: &str| Some(FromBouton::Of(BoutonId(bouton.into())));
    let period = |from: &str, to: &str| Period { from: day(from), to: day(to) };
    for (selection, expected) in [
        (all(Counting::Anyhow), vec![1, 2, 3, 4, 5, 6, 7]),
        (all(Counting::Counted), vec![6, 7]),
        (aside(), vec![1, 2, 3, 4, 5]),
        (all(Counting::Held), vec![1, 3, 4, 5]),
        (all(Counting::Confirmed), vec![2]),
        (Selection { demarche: Some(DemarcheId("2".into())), ..aside() }, vec![5]),
        (Selection { bouton: of("12"), ..aside() }, vec![1, 2, 3]),
        (Selection { bouton: of("12"), ..all(Counting::Anyhow) }, vec![1, 2, 3, 6]),
        (Selection { bouton: Some(FromBouton::None), ..all(Counting::Anyhow) }, vec![4, 7]),
        (Selection { reason: Some(Reason::NetworkShare), ..aside() }, vec![2, 4, 5]),
        (Selection { reason: Some(Reason::NetworkShare), ..all(Counting::Held) }, vec![4, 5]),
        (Selection { reason: Some(Reason::TokenCopied), ..aside() }, vec![]),
        (Selection { page_origin: Some("https://b.fr".into()), ..aside() }, vec![3]),
        (Selection { page_origin: Some("https://c.fr".into()), ..aside() }, vec![]),
        (Selection { period: period("2026-11-23", "2026-12-31"), ..aside() }, vec![4, 5]),
        (
            Selection { period: period("2026-11-01", "2026-11-22"), ..all(Counting::Anyhow) },
            vec![1, 2, 3, 6, 7],
        ),
        (Selection { period: period("2026-12-31", "2026-11-01"), ..all(Counting::Anyhow) }, vec![]),
        (
            Selection { avis: vec![records[0].avis_id, records[4].avis_id, records[5].avis_id], ..aside() },
            vec![1, 5],
        ),
    ] {
        assert_eq!(found(store, &records, &selection).await, expected, "{selection:?}");
        let avis: Vec<Avis> = store.selected(&selection).try_concat().await.unwrap();
        for one in avis {
            assert_eq!(store.avis(one.id).await.unwrap(), Some(one));
        }
    }
}

pub(crate) async fn an_act_is_done_some_at_a_time_and_to_nothing_else(store: &dyn Store) {
    with_catalogue(store).await;
    let many = 2 * PORTION + 1;
    let records: Vec<Record> = (1..=many)
        .map(|key| Record {
            set_aside: aside(&[Reason::NetworkShare]),
            ..record(key.into(), noon("2026-11-22"), &smile("moyen"))
        })
        .collect();
    store.commit(&records.iter().map(write).collect::<Vec<_>>()).await.unwrap();
    let held = Selection::of(Period::ALL, Counting::Held);
    let mut portions = vec![];
    loop {
        let some = store.mend(&Mending::Release, &held, noon("2026-12-02")).await.unwrap();
        assert_recount(store).await;
        if some == 0 {
            break;
        }
        portions.push(some);
    }
    let portion = u64::from(PORTION);
    assert_eq!(portions, [portion, portion, 1]);
    assert_eq!(
        (smiles(store, "2026-11-22", "2026-11-22").await, quarantined(store).await),
        ([0, many.into(), 0], 0)
    );
    assert_eq!(store.journal().await.unwrap().len(), 3, "an entry for each, none for what was nothing");
}

pub(crate) async fn avis_are_given_to_another_demarche(store: &dyn Store) {
    let records = with_quarantine(store).await;
    let count = async |id: &str| {
        let tallies = store.tallies(Period::ALL).await.unwrap();
        let tally =
            tallies.into_iter().find(|(one, _)| one.0 == id).map_or_else(Tally::default, |(_, tally)| tally);
        (tally[Cell::Satisfaction(Satisfaction::PasBien)], tally[Cell::Quarantined])
    };
    assert_eq!((count("1").await, count("2").await), ((2, 4), (0, 1)));
    let through = Selection {
        demarche: Some(DemarcheId("1".into())),
        bouton: Some(FromBouton::Of(BoutonId("12".into()))),
        page_origin: Some("https://a.fr".into()),
        ..Selection::of(Period { from: day("2026-11-01"), to: day("2026-11-30") }, Counting::Anyhow)
    };
    let act = Mending::Reattribute(DemarcheId("2".into()), None);
    assert_eq!(mend_all(store, &act, &through).await, 3);
    assert_eq!((count("1").await, count("2").await), ((1, 2), (1, 3)));
    let moved = store.avis(records[1].avis_id).await.unwrap().unwrap();
    assert_eq!((moved.demarche.0.as_str(), &moved.bouton, moved.day), ("2", &None, day("2026-11-22")));
    assert_eq!(moved.set_aside, aside(&[Reason::Honeypot, Reason::NetworkShare]));
    assert_recount(store).await;

    // It can be changed and withdrawn still, and nothing of it is left where it was.
    one(store, Write::Change(records[5].avis_id, patch(&smile("moyen")))).await;
    assert_eq!(count("2").await, (0, 3));
    one(store, Write::Withdraw(vec![records[0].avis_id])).await;
    assert_eq!(count("2").await, (0, 2));
    assert_recount(store).await;

    // And back.
    let back = Selection {
        demarche: Some(DemarcheId("2".into())),
        bouton: Some(FromBouton::None),
        ..Selection::of(Period::ALL, Counting::Anyhow)
    };
    let act = Mending::Reattribute(DemarcheId("1".into()), Some(BoutonId("12".into())));
    assert_eq!(mend_all(store, &act, &back).await, 2);
    assert_eq!((count("1").await, count("2").await), ((1, 3), (0, 1)));
    assert_recount(store).await;
}

pub(crate) async fn the_journal_keeps_what_was_done(store: &dyn Store) {
    let records = with_quarantine(store).await;
    assert_eq!(store.journal().await.unwrap(), []);
    let shares = Selection {
        reason: Some(Reason::NetworkShare),
        bouton: Some(FromBouton::None),
        ..Selection::of(Period { from: day("2026-11-01"), to: day("2026-11-30") }, Counting::Held)
    };
    mend_all(store, &Mending::Release, &shares).await;
    let named = Selection {
        avis: vec![records[1].avis_id],
        page_origin: Some("https://a.fr".into()),
        ..Selection::of(Period::ALL, Counting::Quarantined)
    };
    mend_all(store, &Mending::Reattribute(DemarcheId("2".into()), Some(BoutonId("21".into()))), &named).await;
    let entries = store.journal().await.unwrap();
    let told: Vec<_> = entries.iter().map(|one| (one.at, one.act.as_str(), one.detail.clone())).collect();
    let expected = [
        (
            noon("2026-12-02"),
            "release",
            json!({
                "filter": {"state": "held", "from": "2026-11-01", "to": "2026-11-30", "bouton": null,
                           "reason": "network_share"},
                "demarches": [{"demarche": "1", "avis": 1, "reasons": {"network_share": 1}}],
            }),
        ),
        (
            noon("2026-12-02"),
            "reattribute",
            json!({
                "filter": {"state": "quarantined", "page_origin": "https://a.fr", "avis": 1},
                "demarches": [{"demarche": "1", "avis": 1, "reasons": {"honeypot": 1, "network_share": 1}}],
                "to": {"demarche": "2", "bouton": "21"},
            }),
        ),
    ];
    assert_eq!(told, expected);
    assert!(entries.is_sorted_by_key(|one| one.id));

    // Entries of another store keep their numbers, none is written over, and new ones come behind them.
    let last = entries[1].id;
    let carried = |id| Entry { id, at: noon("2026-12-01"), act: "confirm".into(), detail: json!({}) };
    store.load_journal(&[carried(last + 1), carried(last + 5)]).await.unwrap();
    assert!(store.load_journal(&[carried(last + 9), carried(last)]).await.is_err());
    mend_all(store, &Mending::Hold(Reason::Honeypot), &Selection::of(Period::ALL, Counting::Counted)).await;
    let ids: Vec<i64> = store.journal().await.unwrap().iter().map(|one| one.id).collect();
    assert_eq!(ids, [entries[0].id, last, last + 1, last + 5, last + 6]);
}
