//! Of the contract: what the décomptes add up to, how they are read and how they are written anew.

use crate::catalogue::{BoutonId, DemarcheId};
use crate::identity::AvisId;
use crate::quarantine::Reason;
use crate::quarter::Quarter;
use crate::store::samples::{
    aside, assert_recount, bouton, day, noon, one, patch, quarantined, record, smile, smiles, text,
    with_catalogue, write,
};
use crate::store::{CountedIn, MissingAvis, Outcome, Period, Record, Store, Write};
use jiff::SignedDuration;
use shared::questionnaire::{Choice, Satisfaction};
use shared::tally::Cell;
use shared::{Answers, PageAddress, Tally};

pub(crate) async fn decomptes_are_read_by_months_and_days(store: &dyn Store) {
    with_catalogue(store).await;
    let days = ["2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01", "2026-05-15"];
    for (key, day) in (1..).zip(days) {
        one(store, write(&record(key, noon(day), &smile("tres_bien")))).await;
    }
    for (from, to, expected) in [
        ("2026-01-31", "2026-05-15", 5),
        ("2026-02-01", "2026-02-28", 2),
        ("2026-01-31", "2026-03-01", 4),
        ("2026-02-02", "2026-05-14", 2),
        ("2026-02-02", "2026-02-27", 0),
        ("2020-01-01", "2030-12-31", 5),
        ("2026-05-15", "2026-05-15", 1),
    ] {
        assert_eq!(smiles(store, from, to).await, [0, 0, expected], "{from} to {to}");
    }
}

pub(crate) async fn the_decomptes_of_a_demarche_are_read_by_bouton(store: &dyn Store) {
    with_catalogue(store).await;
    store.add_boutons(&[bouton("13", "1")]).await.unwrap();
    let through = |key, at: &str, bouton: Option<&str>| Record {
        bouton: bouton.map(|id| BoutonId(id.into())),
        ..record(key, noon(at), &smile("moyen"))
    };
    let days = ["2026-10-31", "2026-11-01", "2026-11-02", "2026-11-22"];
    for (key, at) in (0..).zip(days) {
        for (place, bouton) in [Some("12"), Some("13"), None].into_iter().enumerate() {
            one(store, write(&through(key * 3 + place as u128, at, bouton))).await;
        }
    }
    let gone = through(12, "2026-11-22", Some("13"));
    one(store, write(&gone)).await;
    one(store, Write::Withdraw(vec![gone.avis_id])).await;
    let elsewhere = Record { demarche: DemarcheId("2".into()), ..through(13, "2026-11-22", Some("21")) };
    one(store, write(&elsewhere)).await;

    let answered = Cell::Answered(shared::Question::Satisfaction);
    for (from, to, expected) in
        [("2026-10-01", "2026-11-30", 4), ("2026-11-02", "2026-11-22", 2), ("2026-10-31", "2026-10-31", 1)]
    {
        let period = Period { from: day(from), to: day(to) };
        let mut read = store.tallies_by_bouton(&DemarcheId("1".into()), period).await.unwrap();
        read.retain(|(_, tally)| !tally.is_zero());
        read.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let counts: Vec<_> =
            read.iter().map(|(id, tally)| (id.as_ref().map(|id| id.0.as_str()), tally[answered])).collect();
        assert_eq!(counts, [(None, expected), (Some("12"), expected), (Some("13"), expected)], "{from} {to}");
        // Together they are the décompte of the démarche.
        let mut sum = Tally::default();
        for (_, tally) in &read {
            sum += tally;
        }
        let all = store.tallies(period).await.unwrap();
        assert!(all.contains(&(DemarcheId("1".into()), sum)), "{from} {to}");
    }
}

pub(crate) async fn the_decomptes_of_a_demarche_are_read_by_day(store: &dyn Store) {
    use shared::questionnaire::Satisfaction::{Moyen, PasBien, TresBien};
    with_catalogue(store).await;
    let given = [
        ("2026-09-30", "1", "moyen"),
        ("2026-10-01", "1", "moyen"),
        ("2026-10-03", "1", "pas_bien"),
        ("2026-10-03", "2", "pas_bien"),
        ("2026-10-31", "1", "tres_bien"),
        ("2026-11-01", "1", "moyen"),
    ];
    for (key, (at, demarche, smiled)) in (1..).zip(given) {
        let of = Record {
            demarche: DemarcheId(demarche.into()),
            bouton: None,
            ..record(key, noon(at), &smile(smiled))
        };
        one(store, write(&of)).await;
    }
    one(store, write(&record(9, noon("2026-10-03"), &smile("tres_bien")))).await;
    let gone = record(10, noon("2026-10-02"), &smile("moyen"));
    one(store, write(&gone)).await;
    one(store, Write::Withdraw(vec![gone.avis_id])).await;

    let period = Period { from: day("2026-10-01"), to: day("2026-10-31") };
    let read = store.tallies_by_day(&DemarcheId("1".into()), period).await.unwrap();

    let of = |choice| Tally::of(&Answers { satisfaction: Some(choice), ..Answers::default() });
    let mut third = of(PasBien);
    third += &of(TresBien);
    let expected =
        [(day("2026-10-01"), of(Moyen)), (day("2026-10-03"), third), (day("2026-10-31"), of(TresBien))];
    assert_eq!(read, expected);
    assert_eq!(store.tallies_by_day(&DemarcheId("9".into()), Period::ALL).await.unwrap(), []);
}

pub(crate) async fn satisfaction_is_read_by_month(store: &dyn Store) {
    with_catalogue(store).await;
    let given = [("2026-08-31", "pas_bien"), ("2026-09-30", "moyen"), ("2026-11-01", "tres_bien")];
    for (key, (at, choice)) in (1..).zip(given) {
        let answers = [("satisfaction", text(choice)), ("ease", text("5"))];
        one(store, write(&record(key, noon(at), &answers))).await;
    }
    let at = noon("2026-09-02");
    let elsewhere =
        Record { demarche: DemarcheId("2".into()), bouton: None, ..record(9, at, &smile("moyen")) };
    one(store, write(&elsewhere)).await;

    let mut read = store.satisfaction_by_month(202_609, 202_611).await.unwrap();
    read.sort_unstable_by(|(a, x, _), (b, y, _)| (a, x).cmp(&(b, y)));
    let of = |choice| Tally::of(&Answers { satisfaction: Some(choice), ..Answers::default() });
    let demarche = |id: &str| DemarcheId(id.into());
    let expected = [
        (demarche("1"), 202_609, of(Satisfaction::Moyen)),
        (demarche("1"), 202_611, of(Satisfaction::TresBien)),
        (demarche("2"), 202_609, of(Satisfaction::Moyen)),
    ];
    assert_eq!(read, expected);
}

pub(crate) async fn how_fresh_a_period_is_tells_its_last_avis(store: &dyn Store) {
    with_catalogue(store).await;
    let november = Period { from: day("2026-11-01"), to: day("2026-11-30") };
    let nothing = store.freshness(november).await.unwrap();
    assert_eq!((nothing.version, nothing.moved_at, nothing.last_avis_at), (0, None, None));
    let (late, early) = (noon("2026-11-22"), noon("2026-11-21"));
    let last = record(1, late, &smile("moyen"));
    one(store, write(&last)).await;
    let first = store.freshness(november).await.unwrap();
    assert_eq!(first.last_avis_at, Some(late));
    assert!(first.moved_at.is_some());
    // One that arrives late, as from a spool, and a change: neither is a newer avis.
    one(store, write(&record(2, early, &smile("moyen")))).await;
    one(store, write(&record(3, late - SignedDuration::from_hours(1), &smile("moyen")))).await;
    one(store, Write::Change(last.avis_id, patch(&smile("pas_bien")))).await;
    let after = store.freshness(november).await.unwrap();
    assert_eq!(after.last_avis_at, Some(late));
    assert!(after.moved_at >= first.moved_at && after.version > first.version);
    store.rebuild(CountedIn::Month(202_611), MissingAvis::Keep).await.unwrap();
    assert_eq!(store.freshness(november).await.unwrap().last_avis_at, Some(late));
    let until_then = Period { to: day("2026-11-21"), ..november };
    assert_eq!(store.freshness(until_then).await.unwrap().last_avis_at, Some(early));
}

pub(crate) async fn the_version_of_a_period_grows_when_its_averages_move_and_only_then(store: &dyn Store) {
    with_catalogue(store).await;
    let version =
        async |from: &str, to: &str| store.version(Period { from: day(from), to: day(to) }).await.unwrap();
    let month = async || version("2026-11-01", "2026-11-30").await;
    let before = month().await;
    let first = record(1, noon("2026-11-22"), &smile("moyen"));
    one(store, write(&first)).await;
    let stored = month().await;
    assert!(stored > before);
    // A replay, a change to the same, an avis of another month: nothing of this period moves.
    one(store, write(&first)).await;
    one(store, Write::Change(first.avis_id, patch(&smile("moyen")))).await;
    one(store, write(&record(2, noon("2026-12-01"), &smile("moyen")))).await;
    assert_eq!(month().await, stored);
    one(store, Write::Change(first.avis_id, patch(&smile("pas_bien")))).await;
    let changed = month().await;
    assert!(changed > stored);
    one(store, Write::Withdraw(vec![first.avis_id])).await;
    assert!(month().await > changed);
    assert_eq!(version("2026-11-01", "2026-11-21").await, 0);
}

pub(crate) async fn decomptes_written_anew_are_the_same(store: &dyn Store) {
    with_catalogue(store).await;
    for (key, day) in (1..).zip(["2026-10-31", "2026-11-01", "2026-11-01", "2026-11-22"]) {
        let record = record(key, noon(day), &smile("moyen"));
        let bouton = record.bouton.clone().filter(|_| key % 2 == 0);
        one(store, write(&Record { bouton, ..record })).await;
    }
    let spans = store.spans().await.unwrap();
    let day_span = |text: &str| CountedIn::Day(day(text));
    let expected = [
        day_span("2026-10-31"),
        day_span("2026-11-01"),
        day_span("2026-11-22"),
        CountedIn::Month(202_610),
        CountedIn::Month(202_611),
    ];
    assert_eq!(spans, expected);
    let before = assert_recount(store).await;
    assert_eq!(before.len(), 4);
    // A period that is read as its months less other days moves with these too.
    let from_the_fifth = Period { from: day("2026-11-05"), to: day("2026-12-31") };
    for span in spans {
        let version = store.version(from_the_fifth).await.unwrap();
        assert_eq!(store.rebuild(span, MissingAvis::Keep).await.unwrap(), 0);
        let has_moved = store.version(from_the_fifth).await.unwrap() > version;
        assert_eq!(has_moved, span.month() == 202_611, "{span:?}");
    }
    assert_eq!(assert_recount(store).await, before);
    assert_eq!(smiles(store, "2026-10-01", "2026-11-30").await, [0, 4, 0]);
}

/// Loses avis, one that counts and one that is set aside, and looks what becomes of the décomptes.
pub(crate) async fn avis_are_lost(store: &dyn Store, lose: impl AsyncFn(AvisId)) {
    with_catalogue(store).await;
    for (key, on) in [(1, "2026-10-30"), (2, "2026-10-30"), (3, "2026-10-31")] {
        one(store, write(&record(key, noon(on), &smile("moyen")))).await;
    }
    let counted = record(1, noon("2026-10-30"), &smile("moyen")).avis_id;
    let held =
        Record { set_aside: aside(&[Reason::Honeypot]), ..record(4, noon("2026-10-30"), &smile("moyen")) };
    one(store, write(&held)).await;
    lose(held.avis_id).await;
    let (damaged, sound, month) =
        (CountedIn::Day(day("2026-10-30")), CountedIn::Day(day("2026-10-31")), CountedIn::Month(202_610));
    let version = store.version(Period::ALL).await.unwrap();
    assert_eq!(store.rebuild(damaged, MissingAvis::Keep).await.unwrap(), 1);
    assert_eq!(store.version(Period::ALL).await.unwrap(), version, "nothing is written");
    assert_eq!(quarantined(store).await, 1);
    lose(counted).await;
    assert_eq!(store.rebuild(damaged, MissingAvis::Keep).await.unwrap(), 2);
    assert_eq!(store.audit(damaged).await.unwrap()[0].missing(), 2);
    for span in [sound, month] {
        assert_eq!(store.rebuild(span, MissingAvis::Keep).await.unwrap(), 0);
    }
    assert_eq!(smiles(store, "2026-10-01", "2026-10-31").await, [0, 3, 0]);
    assert_eq!(store.rebuild(damaged, MissingAvis::Forget).await.unwrap(), 2);
    assert_eq!(
        store.rebuild(month, MissingAvis::Keep).await.unwrap(),
        2,
        "it counts what its days do not any more"
    );
    assert_eq!(store.rebuild(month, MissingAvis::Forget).await.unwrap(), 2);
    assert_recount(store).await;
    assert_eq!(quarantined(store).await, 0);
    assert_eq!(smiles(store, "2026-10-01", "2026-10-31").await, [0, 2, 0]);
}

pub(crate) async fn satisfaction_is_counted_by_demarche_and_page(store: &dyn Store) {
    with_catalogue(store).await;
    let from = |key, on: &str, smiley: &str, page: Option<&str>| {
        let page = page.map(|page| PageAddress::parse(page).unwrap());
        write(&Record { page, ..record(key, noon(on), &smile(smiley)) })
    };
    let (fin, debut) = (Some("https://a.fr/fin"), Some("https://a.fr/debut"));
    let elsewhere = Record {
        demarche: DemarcheId("2".into()),
        bouton: None,
        ..record(8, noon("2026-09-15"), &smile("moyen"))
    };
    let writes = [
        from(1, "2026-08-31", "moyen", fin),
        from(2, "2026-09-01", "moyen", fin),
        from(3, "2026-09-01", "pas_bien", fin),
        from(4, "2026-09-30", "moyen", fin),
        from(5, "2026-09-30", "tres_bien", debut),
        from(6, "2026-09-30", "tres_bien", None),
        from(7, "2026-10-01", "tres_bien", None),
        write(&elsewhere),
    ];
    store.commit(&writes).await.unwrap();
    let september = Period { from: day("2026-09-01"), to: day("2026-09-30") };
    let rated = store.rated_by_page(september).await.unwrap();
    let mut rated: Vec<_> = rated
        .into_iter()
        .map(|one| {
            let page = one.page.map(|(origin, path)| format!("{origin}{path}"));
            (one.demarche.0, page.unwrap_or_default(), one.satisfaction.code(), one.avis)
        })
        .collect();
    rated.sort_unstable();
    let row = |demarche: &str, page: &str, smiley, avis| (demarche.to_owned(), page.to_owned(), smiley, avis);
    assert_eq!(
        rated,
        [
            row("1", "", "tres_bien", 1),
            row("1", "https://a.fr/debut", "tres_bien", 1),
            row("1", "https://a.fr/fin", "moyen", 2),
            row("1", "https://a.fr/fin", "pas_bien", 1),
            row("2", "https://a.fr/fin", "moyen", 1),
        ]
    );
}

pub(crate) async fn a_store_that_was_prepared_is_ready(store: &dyn Store) {
    with_catalogue(store).await;
    store.ready().await.unwrap();
    for _ in 0..2 {
        store.prepare_ahead(day("2026-12-31")).await.unwrap();
    }
    store.ready().await.unwrap();
    for (key, day) in (1..).zip(["2026-12-31", "2027-01-01", "2027-02-28", "2027-03-01", "2025-01-01"]) {
        let record = record(key, noon(day), &smile("moyen"));
        assert_eq!(one(store, write(&record)).await, Outcome::Recorded);
    }
    assert_recount(store).await;
}

pub(crate) async fn the_last_avis_of_a_bouton_is_known(store: &dyn Store) {
    with_catalogue(store).await;
    assert_eq!(store.last_avis().await.unwrap(), []);
    one(store, write(&record(1, noon("2026-11-20"), &smile("moyen")))).await;
    let last = record(2, noon("2026-11-22"), &smile("moyen"));
    one(store, write(&last)).await;
    assert_eq!(store.last_avis().await.unwrap(), [(BoutonId("12".into()), day("2026-11-22"))]);
    one(store, Write::Withdraw(vec![last.avis_id])).await;
    assert_eq!(store.last_avis().await.unwrap(), [(BoutonId("12".into()), day("2026-11-20"))]);
}

pub(crate) async fn avis_are_counted_by_bouton_and_day(store: &dyn Store) {
    with_catalogue(store).await;
    let period = Period { from: day("2026-11-20"), to: day("2026-11-22") };
    assert_eq!(store.avis_by_bouton(period).await.unwrap(), []);
    let days = ["2026-11-19", "2026-11-20", "2026-11-22", "2026-11-22", "2026-11-23"];
    let records: Vec<Record> =
        (1..).zip(days).map(|(key, on)| record(key, noon(on), &smile("moyen"))).collect();
    let without = Record { bouton: None, ..record(9, noon("2026-11-22"), &smile("moyen")) };
    store.commit(&records.iter().chain([&without]).map(write).collect::<Vec<_>>()).await.unwrap();
    let mut counted = store.avis_by_bouton(period).await.unwrap();
    counted.sort();
    let bouton = || BoutonId("12".into());
    assert_eq!(counted, [(bouton(), day("2026-11-20"), 1), (bouton(), day("2026-11-22"), 2)]);
    one(store, Write::Withdraw(vec![records[1].avis_id])).await;
    assert_eq!(store.avis_by_bouton(period).await.unwrap(), [(bouton(), day("2026-11-22"), 2)]);
}

pub(crate) async fn periods_read_together_are_of_one_moment(store: &dyn Store) {
    with_catalogue(store).await;
    let quarter = "2026-T3".parse::<Quarter>().unwrap();
    let periods = [quarter.twelve_months(), quarter.period()];
    let avis: Vec<Record> = (0..60).map(|key| record(key, noon("2026-08-15"), &smile("moyen"))).collect();
    let come_and_go = async {
        for one_of_them in &avis {
            assert_eq!(one(store, write(one_of_them)).await, Outcome::Recorded);
        }
        for one_of_them in &avis {
            assert_eq!(one(store, Write::Withdraw(vec![one_of_them.avis_id])).await, Outcome::Withdrawn);
        }
    };
    let mut seen = 0;
    let look = async {
        loop {
            let read = store.tallies_of_periods(&periods).await.unwrap();
            // All of them are in both.
            assert_eq!(read[0], read[1]);
            seen += 1;
        }
    };
    tokio::select! {
        biased;
        () = come_and_go => {}
        () = look => {}
    }
    assert!(seen > 1, "it was not looked at meanwhile");
    assert_eq!(store.tallies_of_periods(&[]).await.unwrap(), Vec::<Vec<_>>::new());
}

/// The last millisecond of a quarter and the first of the next, in summer time and in winter time.
pub(crate) async fn an_avis_counts_in_the_quarter_of_its_paris_day(store: &dyn Store) {
    with_catalogue(store).await;
    let instants = [
        ("2025-12-31T22:59:59.999Z", "2025-12-31T23:00:00Z", ["2025-T4", "2026-T1"]),
        ("2026-03-31T21:59:59.999Z", "2026-03-31T22:00:00Z", ["2026-T1", "2026-T2"]),
        ("2026-06-30T21:59:59.999Z", "2026-06-30T22:00:00Z", ["2026-T2", "2026-T3"]),
        ("2026-09-30T21:59:59.999Z", "2026-09-30T22:00:00Z", ["2026-T3", "2026-T4"]),
    ];
    for (key, (last, first, quarters)) in (0..).zip(instants) {
        let periods = quarters.map(|quarter| quarter.parse::<Quarter>().unwrap().period());
        let count = async || {
            let read = store.tallies_of_periods(&periods).await.unwrap();
            let answered = Cell::Answered(shared::Question::Satisfaction);
            let of = |tallies: &Vec<(DemarcheId, Tally)>| -> i64 {
                tallies.iter().map(|(_, tally)| tally[answered]).sum()
            };
            [of(&read[0]), of(&read[1])]
        };
        let before = count().await;
        one(store, write(&record(2 * key, last.parse().unwrap(), &smile("moyen")))).await;
        assert_eq!(count().await, [before[0] + 1, before[1]], "{last}");
        one(store, write(&record(2 * key + 1, first.parse().unwrap(), &smile("moyen")))).await;
        assert_eq!(count().await, [before[0] + 1, before[1] + 1], "{first}");
    }
}
