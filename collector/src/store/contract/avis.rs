//! Of the contract: how stored avis are read again.

use crate::catalogue::DemarcheId;
use crate::identity::AvisId;
use crate::mending::Selection;
use crate::store::samples::{any_answers, day, noon, one, record, smile, with_catalogue, write};
use crate::store::{Avis, PORTION, Period, Record, Store, Write};
use futures_util::TryStreamExt;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use shared::Answers;
use shared::draft::AnswersPatch;
use std::collections::HashSet;

pub(crate) async fn the_avis_of_a_day_are_read_in_order(store: &dyn Store) {
    with_catalogue(store).await;
    let records: Vec<Record> = (1..=5).map(|key| record(key, noon("2026-11-22"), &smile("moyen"))).collect();
    for record in &records {
        one(store, write(record)).await;
    }
    one(store, write(&record(6, noon("2026-11-23"), &smile("moyen")))).await;
    let mut expected: Vec<AvisId> = records.iter().map(|record| record.avis_id).collect();
    expected.sort();
    let read = store.avis_of(day("2026-11-22")).await.unwrap();
    assert_eq!(read.iter().map(|avis| avis.id).collect::<Vec<_>>(), expected);
    assert_eq!(read[0], store.avis(expected[0]).await.unwrap().unwrap());
}

pub(crate) async fn the_avis_about_a_demarche_are_read_day_by_day_some_at_a_time(store: &dyn Store) {
    with_catalogue(store).await;
    let days =
        ["2026-08-31", "2026-11-22", "2026-11-22", "2026-11-22", "2026-11-22", "2026-11-30", "2026-12-01"];
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for (key, on) in (1..).zip(days) {
        let answers = any_answers().new_tree(&mut runner).expect("answers").current();
        let patch = AnswersPatch::between(&Answers::default(), &answers);
        let answers = patch.apply(&Answers::default()).expect("pruned answers are valid");
        let record = Record { answers, ..record(key, noon(on), &smile("moyen")) };
        let elsewhere = Record {
            demarche: DemarcheId("2".into()),
            bouton: None,
            ..self::record(key + 100, noon(on), &smile("moyen"))
        };
        store.commit(&[write(&elsewhere), write(&record)]).await.unwrap();
    }
    let read = async |from: &str, to: &str| {
        let period = Period { from: day(from), to: day(to) };
        let id = DemarcheId("1".into());
        let selection = Selection::counted(&id, period);
        let portions: Vec<Vec<Avis>> = store.selected(&selection).try_collect().await.unwrap();
        assert!(portions.iter().all(|some| (1..=PORTION as usize).contains(&some.len())));
        let avis = portions.concat();
        assert!(avis.is_sorted_by_key(|one| one.day));
        for one in &avis {
            assert_eq!(store.avis(one.id).await.unwrap().as_ref(), Some(one));
        }
        assert!(avis.iter().all(|one| one.demarche == id));
        let ids: HashSet<AvisId> = avis.iter().map(|one| one.id).collect();
        assert_eq!(ids.len(), avis.len());
        avis.len()
    };
    assert_eq!(read("1900-01-01", "2999-12-31").await, 7);
    assert_eq!(read("2026-09-01", "2026-11-30").await, 5);
    assert_eq!(read("2026-11-22", "2026-11-22").await, 4);
    assert_eq!(read("2026-12-02", "2999-12-31").await, 0);
    assert_eq!(read("2026-12-01", "2026-11-01").await, 0);
}

pub(crate) async fn stored_avis_are_told_from_others(store: &dyn Store) {
    with_catalogue(store).await;
    let here = [1, 2].map(|key| record(key, noon("2026-11-22"), &smile("moyen")));
    let unkeyed = Record { remember: false, ..record(3, noon("2023-01-31"), &smile("moyen")) };
    let gone = record(4, noon("2026-11-22"), &smile("moyen"));
    let writes = [write(&here[0]), write(&here[1]), write(&unkeyed), write(&gone)];
    store.commit(&writes).await.unwrap();
    one(store, Write::Withdraw(vec![gone.avis_id])).await;
    let never = record(5, noon("2026-11-22"), &smile("moyen"));
    let ids = [&here[0], &unkeyed, &gone, &never].map(|record| record.avis_id);
    assert_eq!(store.stored(&ids).await.unwrap(), HashSet::from([here[0].avis_id, unkeyed.avis_id]));
    assert!(store.stored(&[]).await.unwrap().is_empty());
}
