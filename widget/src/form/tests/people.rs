//! Who is before the form: one who leaves, one who comes next, one who had begun without it.

use super::*;

#[test]
fn a_person_who_is_away_for_long_has_left() {
    let mut form = form();
    assert!(!form.is_left(NOW), "there is nothing to see");
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    assert!(!form.is_left(NOW + LEFT_AFTER));
    assert!(form.is_left(NOW + LEFT_AFTER + 1));
    let _ = form.update(Event::Awake, NOW + LEFT_AFTER);
    assert!(form.is_left(NOW + LEFT_AFTER + 1), "no person did that");
}

#[test]
fn who_comes_next_is_shown_nothing_of_what_is_over() {
    let mut form = begun();
    assert!(!form.is_over());
    let _ = form.happen(Event::Finish);
    assert!(form.is_over(), "the receipt is shown");
    let next = Form::new(form.setup.clone()).after(&form);
    assert_eq!((next.receipt(), next.requests), (None, form.requests), "answers to its requests find nobody");
}

#[test]
fn how_another_avis_fares_is_said_while_there_is_nothing_else_to_say() {
    let mut form = form();
    let _ = form.happen(Event::Aside(Status::Trouble(Trouble::Unreachable)));
    assert_eq!(form.status(), Status::Trouble(Trouble::Unreachable));
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    let _ = form.happen(Event::Next);
    assert_eq!(form.status(), Status::Sending);
}

#[test]
fn what_was_checked_before_the_form_was_there_is_taken_over_once() {
    let mut form = form();
    form.take_over(Satisfaction::Moyen, NOW);
    form.take_over(Satisfaction::PasBien, NOW);
    assert_eq!(form.answers().satisfaction, Some(Satisfaction::Moyen));
    assert!(!form.is_left(NOW), "a person has just done that");
}
