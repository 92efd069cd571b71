use super::*;
use crate::identity::AvisKey;
use crate::quarantine::Reasons;
use crate::store::samples::{aside, day};
use shared::{Answers, Tally};

fn avis(number: u64, on: &str, set_aside: Reasons) -> Avis {
    let answers = Answers::default();
    Avis {
        id: AvisKey::imported("test", "1", number).on(day(on)),
        demarche: DemarcheId("1".into()),
        bouton: Some(BoutonId("12".into())),
        day: day(on),
        language: None,
        page: None,
        tally: Tally::of(&answers),
        answers,
        set_aside,
    }
}

#[test]
fn each_act_is_for_some_avis_and_changes_one_thing() {
    let held = aside(&[Reason::Honeypot]);
    let settled = |act: &Act, set_aside| act.applied(&avis(1, "2026-11-22", set_aside));
    let reasons = |act: &Act, before| settled(act, before).map(|one| one.set_aside);
    assert_eq!(reasons(&Act::Release, held), Some(Reasons::NONE));
    assert_eq!(reasons(&Act::Release, held.confirmed()), Some(Reasons::NONE));
    assert_eq!(reasons(&Act::Release, Reasons::NONE), None);
    assert_eq!(reasons(&Act::Confirm, held), Some(held.confirmed()));
    assert_eq!(reasons(&Act::Confirm, held.confirmed()), None);
    assert_eq!(reasons(&Act::Confirm, Reasons::NONE), None);
    assert_eq!(reasons(&Act::Hold(Reason::Honeypot), Reasons::NONE), Some(held));
    assert_eq!(reasons(&Act::Hold(Reason::NetworkShare), held), None);
    let (there, here) = (DemarcheId("2".into()), DemarcheId("1".into()));
    let moved = settled(&Act::Reattribute(there.clone(), None), held.confirmed()).expect("it moves");
    assert_eq!(moved, Settled { demarche: there, bouton: None, set_aside: held.confirmed() });
    assert_eq!(settled(&Act::Reattribute(here, Some(BoutonId("12".into()))), held), None);
}

#[test]
fn a_state_as_sql_is_what_it_is_otherwise() {
    let confirmed = aside(&[Reason::Honeypot]).confirmed().bits() - aside(&[Reason::Honeypot]).bits();
    for kept in [Counting::Held, Counting::Confirmed] {
        assert!(kept.condition().ends_with(&confirmed.to_string()), "{kept:?}");
    }
}

#[test]
fn portions_end_with_their_month_and_when_they_are_full() {
    let mut groups = Groups::default();
    for (number, on) in
        (0..).zip(["2026-10-30", "2026-11-01", "2026-11-02", "2026-11-02", "2026-11-03", "2026-11-30"])
    {
        groups.add(&[avis(number, on, aside(&[Reason::Honeypot]))]);
    }
    let period = |from: &str, to: &str| Period { from: day(from), to: day(to) };
    assert_eq!((groups.avis(), groups.demarches()), (6, 1));
    assert_eq!(
        groups.portions(3),
        [
            period("2026-10-30", "2026-10-30"),
            period("2026-11-01", "2026-11-02"),
            period("2026-11-03", "2026-11-30")
        ]
    );
    assert_eq!(groups.portions(1).len(), 5, "a day is never cut");
    assert_eq!(groups.portions(99).len(), 2);
}
