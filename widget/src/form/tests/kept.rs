//! What waits on the device, and how the form goes on from it after a reload.

use super::*;

#[test]
fn nothing_waits_on_the_device_before_the_first_answer_is_sent_or_after_all_is_done() {
    let mut form = form();
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    assert_eq!(form.kept(), None);
    let _ = form.happen(Event::Next);
    assert!(form.kept().is_some());
    let _ = form.answer(stored(201));
    let kept = form.kept().unwrap();
    assert!(!kept.contains("7K3M-9PQR-2STV-4WXY") && !kept.contains("jeton"), "{kept}");
    let _ = form.happen(Event::Finish);
    assert_eq!((form.place(), form.kept()), (Place::Thanks, None));
}

#[test]
fn after_a_reload_the_form_is_where_it_was_and_asks_for_its_avis_again() {
    let mut form = begun_at(Screen::Malfunctions);
    form.pick(Pick::Malfunctions(Malfunction::Other));
    form.write_text(Question::MalfunctionsOther, "Le bouton\n\u{1f}rouge");
    let mut form = reloaded(&form);
    assert_eq!(form.screen(), Some(Screen::Malfunctions));
    assert_eq!(form.answers().malfunctions_other.as_deref(), Some("Le bouton\nrouge"));
    assert_eq!(form.receipt(), None);

    let request = form.sends(Event::Awake);
    assert_eq!((request.method, request.key.as_deref()), (Method::Post, Some(KEY)));
    assert!(!form.is_waiting(), "the person goes on meanwhile");
    let effects = form.answer(stored(201));
    assert!(!effects.contains(&Effect::Tell(News::Sent)), "the page knows");
    // What the collector holds is not known: everything is said.
    assert_eq!(
        sent_body(&effects),
        Some(
            r#"{"answers":{"satisfaction":"tres_bien","clarity":null,"ease":null,"help_tried":null,"help_tried_other":null,"help_reached":null,"help_quality":null,"malfunctions":["other"],"malfunctions_other":"Le bouton\nrouge","comment":null}}"#
        )
    );
    assert_eq!(form.receipt(), Some("7K3M-9PQR-2STV-4WXY"));
}

#[test]
fn finishing_after_a_reload_waits_for_the_avis_and_for_the_change() {
    let mut form = begun_at(Screen::Comment);
    form.write_text(Question::Comment, "Bien");
    let mut form = reloaded(&form);
    let _ = form.sends(Event::Awake);
    assert_eq!(sent(&form.happen(Event::Finish)), None);
    assert!(form.kept().is_some());
    let change = form.answer(stored(201));
    assert_eq!(sent(&change).map(|request| request.method), Some(Method::Patch));
    assert_ne!(form.place(), Place::Thanks);
    let _ = form.answer(stored(200));
    assert_eq!(form.place(), Place::Thanks);
}

#[test]
fn what_is_refused_for_good_after_a_reload_is_given_anew_with_all_answers() {
    let mut form = reloaded(&begun_at(Screen::Comment));
    let _ = form.sends(Event::Awake);
    let _ = form.answer(failed(410));
    let body = form.sends_body(Event::Finish);
    assert!(body.contains(r#""answers":{"satisfaction":"tres_bien"}"#), "{body}");
    let _ = form.answer(stored(201));
    assert_eq!(form.place(), Place::Thanks);
}

#[test]
fn a_form_that_was_finished_is_sent_without_anybody_before_it() {
    let mut form = reloaded(&finishing());
    assert!(form.is_finished());
    let _ = form.sends(Event::Awake);
    assert!(!form.is_settled());
    let _ = form.answer(stored(201));
    let _ = form.answer(stored(200));
    assert!(form.is_settled());
    assert_eq!((form.place(), form.kept()), (Place::Thanks, None));
}
