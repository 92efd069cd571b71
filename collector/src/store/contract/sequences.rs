//! Of the contract: any sequence of writes and acts.

use crate::catalogue::{BoutonId, DemarcheId};
use crate::day::Day;
use crate::mending::{Act as Mending, Counting, Selection};
use crate::quarantine::{Reason, Reasons};
use crate::store::samples::{
    any_answers, assert_recount, day, keyring, mend_all, noon, record, smile, with_catalogue,
};
use crate::store::{OnReplay, Period, Record, Store, Write};
use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use shared::draft::AnswersPatch;
use shared::{Answers, Tally};
use uuid::Uuid;

/// A step of the property below, on one of a few avis.
#[derive(Debug, Clone)]
enum Act {
    Post { key: u128, hours: i64, answers: Answers, set_aside: Reasons },
    Form { key: u128, hours: i64, answers: Answers },
    Patch { key: u128, posted: i64, answers: Answers },
    Delete { key: u128, posted: i64 },
}

/// The reasons for an avis to be set aside; none for every other one.
fn any_reasons() -> impl Strategy<Value = Reasons> {
    prop_oneof![
        Just(Reasons::NONE),
        (1_u16..1 << Reason::ALL.len()).prop_map(|bits| Reasons::from_bits(bits).expect("known reasons")),
    ]
}

/// Something that an operator does to any of the avis below.
fn any_mending() -> impl Strategy<Value = (Mending, Selection)> {
    let hours = || 0_i64..120;
    let start = noon("2026-11-28");
    let between = move |from: i64, to: i64| {
        let day = |hours| Day::of(start + SignedDuration::from_hours(hours));
        Period { from: day(from.min(to)), to: day(from.max(to)) }
    };
    let either = |one: &str, other: &str, is_one| DemarcheId(if is_one { one } else { other }.into());
    (0..4, any::<bool>(), any::<bool>(), hours(), hours()).prop_map(move |(act, way, bouton, from, to)| {
        let of = |kept| Selection::of(between(from, to), kept);
        let (here, there) = (either("1", "2", way), either("2", "1", way));
        match act {
            0 => (Mending::Release, of(if way { Counting::Held } else { Counting::Quarantined })),
            1 => (Mending::Confirm, of(Counting::Held)),
            2 => (Mending::Hold(Reason::NetworkShare), of(Counting::Counted)),
            _ => {
                let to = bouton.then(|| BoutonId(if way { "21" } else { "12" }.into()));
                (Mending::Reattribute(there, to), Selection { demarche: Some(here), ..of(Counting::Anyhow) })
            }
        }
    })
}

fn any_act() -> impl Strategy<Value = Act> {
    // A few keys over five days around a month's end: replays, reuses and midnights are common.
    let (key, hours) = (|| 1_u128..5, || 0_i64..120);
    prop_oneof![
        3 => (key(), hours(), any_answers(), any_reasons())
            .prop_map(|(key, hours, answers, set_aside)| Act::Post { key, hours, answers, set_aside }),
        2 => (key(), hours(), any_answers()).prop_map(|(key, hours, answers)| Act::Form { key, hours, answers }),
        3 => (key(), hours(), any_answers()).prop_map(|(key, posted, answers)| Act::Patch { key, posted, answers }),
        2 => (key(), hours()).prop_map(|(key, posted)| Act::Delete { key, posted }),
    ]
}

pub(crate) async fn any_sequence_of_writes_leaves_decomptes_equal_to_a_recount(store: &dyn Store) {
    with_catalogue(store).await;
    let start = noon("2026-11-28");
    let at = |hours: i64| start + SignedDuration::from_hours(hours);
    let write_of = |act: &Act| match act {
        Act::Post { key, hours, answers, .. } | Act::Form { key, hours, answers } => {
            let patch = AnswersPatch::between(&Answers::default(), answers);
            let answers = patch.apply(&Answers::default()).expect("pruned answers are valid");
            // Half of the avis come without bouton.
            let bouton = (key % 2 == 0).then(|| BoutonId("12".into()));
            let on_replay =
                if matches!(act, Act::Form { .. }) { OnReplay::Change(patch) } else { OnReplay::Exact };
            let set_aside = if let Act::Post { set_aside, .. } = act { *set_aside } else { Reasons::NONE };
            let record = record(*key, at(*hours), &smile("moyen"));
            Write::Record(Box::new(Record { on_replay, bouton, answers, set_aside, ..record }))
        }
        Act::Patch { key, posted, answers } => Write::Change(
            keyring().identity(Day::of(at(*posted)), Uuid::from_u128(*key)).avis_id,
            AnswersPatch::between(&Answers::default(), answers),
        ),
        Act::Delete { key, posted } => {
            Write::Withdraw(vec![keyring().identity(Day::of(at(*posted)), Uuid::from_u128(*key)).avis_id])
        }
    };
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let batches = prop::collection::vec(
        (prop::collection::vec(any_act(), 1..8), prop::option::of(any_mending())),
        1..6,
    );
    // Each case goes on where the one before it ended, so that later ones meet a richer store.
    for _ in 0..150 {
        let batches = batches.new_tree(&mut runner).expect("a case").current();
        for (batch, mending) in &batches {
            let writes: Vec<Write> = batch.iter().map(write_of).collect();
            assert_eq!(store.commit(&writes).await.unwrap().len(), writes.len());
            if let Some((act, selection)) = mending {
                mend_all(store, act, selection).await;
            }
        }
        let stored = assert_recount(store).await;
        let mut all = Tally::default();
        for one in &stored {
            all += &one.stored;
        }
        let read = store.tallies(Period { from: day("2026-01-01"), to: day("2027-12-31") }).await.unwrap();
        let mut by_month = Tally::default();
        for (_, tally) in &read {
            by_month += tally;
        }
        assert_eq!(by_month, all, "{batches:?}");
    }
}
