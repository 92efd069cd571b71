//! What a person can mend: a text that is too long, an answer that the server refuses.

use super::*;

#[test]
fn a_text_that_is_too_long_is_said_before_it_is_sent() {
    let mut form = begun_at(Screen::Comment);
    form.write_text(Question::Comment, &"é".repeat(5_000));
    assert_eq!(form.room(Question::Comment), Room::Left(0));
    form.write_text(Question::Comment, &"م".repeat(5_003));
    assert_eq!(form.room(Question::Comment), Room::Over(3));
    let effects = form.happen(Event::Finish);
    assert_eq!(effects, [Effect::Focus(Target::Field(Field::of(Question::Comment)))]);
    assert!(form.error(Field::of(Question::Comment)).is_some());
    form.write_text(Question::Comment, &"م".repeat(5_000));
    assert_eq!(form.errors(), []);
    assert_eq!(form.room(Question::Comment), Room::Left(0));
    assert!(sent(&form.happen(Event::Finish)).is_some());
}

#[test]
fn a_text_that_is_too_long_does_not_hold_back_the_other_answers_or_the_way_back() {
    let mut form = begun_at(Screen::Malfunctions);
    form.pick(Pick::Malfunctions(Malfunction::Other));
    form.write_text(Question::MalfunctionsOther, &"a".repeat(251));
    assert_eq!(form.sends_body(Event::Back), r#"{"answers":{"malfunctions":["other"]}}"#);
    let _ = form.answer(stored(200));
    let effects = form.happen(Event::Finish);
    assert_eq!(form.screen(), Some(Screen::Malfunctions), "finishing shows where the error is");
    assert!(effects.contains(&Effect::Focus(Target::Field(Field::of(Question::MalfunctionsOther)))));
    assert_eq!(form.answers().text(Question::MalfunctionsOther).map(str::len), Some(251));
}

#[test]
fn what_has_become_too_long_meanwhile_is_said_instead_of_thanks() {
    let mut form = finishing();
    form.write_text(Question::Comment, &"a".repeat(5_001));
    let effects = form.answer(stored(200));
    assert_eq!(effects, [Effect::Focus(Target::Field(Field::of(Question::Comment)))]);
    assert_eq!(form.screen(), Some(Screen::Comment));
    assert!(!form.is_waiting());
}

#[test]
fn a_422_is_named_at_its_question_and_gets_the_focus() {
    let mut form = finishing();
    let effects = form.answer(refused(&[("/answers/comment", "too_long"), ("/answers/colour", "unknown")]));
    assert_eq!(
        effects,
        [Effect::Focus(Target::Field(Field::of(Question::Comment))), Effect::Tell(News::Failed)]
    );
    assert_eq!(form.screen(), Some(Screen::Comment));
    assert!(form.error(Field::of(Question::Comment)).is_some());
    assert_eq!(form.answers().comment.as_deref(), Some("Bien"));
}

#[test]
fn a_422_about_a_screen_already_left_leads_back_to_it() {
    let mut form = changing();
    let _ = form.answer(refused(&[("/answers/ease", "unknown_choice")]));
    assert_eq!(form.screen(), Some(Screen::Clarity));
}

#[test]
fn a_422_that_no_question_can_mend_is_said_all_the_same() {
    let mut form = sending();
    let _ = form.answer(refused(&[("/bouton", "other")]));
    assert_eq!(form.status(), Status::Trouble(Trouble::Refused));
}

#[test]
fn what_was_mended_is_stored_without_talk_of_a_wait() {
    let mut form = finishing();
    let _ = form.answer(failed(503));
    let _ = form.sends(Event::Retry);
    let _ = form.answer(refused(&[("/answers/comment", "too_long")]));
    let _ = form.sends(Event::Finish);
    let _ = form.answer(stored(200));
    assert_eq!((form.place(), form.status()), (Place::Thanks, Status::Quiet));
}
