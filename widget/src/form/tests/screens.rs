//! From screen to screen: what is required, what can be left out, where the buttons lead.

use super::*;

#[test]
fn nothing_is_sent_without_the_one_required_answer() {
    for event in [Event::Next, Event::Finish] {
        let mut form = form();
        let effects = form.happen(event);
        assert_eq!(effects, [Effect::Focus(Target::Field(Field::of(Question::Satisfaction)))]);
        assert!(form.error(Field::of(Question::Satisfaction)).is_some());
        form.pick(Pick::Satisfaction(Satisfaction::Moyen));
        assert_eq!(form.errors(), []);
    }
}

#[test]
fn every_later_screen_can_be_skipped() {
    let mut form = begun_at(Screen::Comment);
    let effects = form.happen(Event::Next);
    assert_eq!(sent(&effects), None);
    assert_eq!(form.place(), Place::Thanks);
}

#[test]
fn the_rest_can_be_left_out_from_any_later_screen() {
    let mut form = begun();
    form.pick(Pick::Ease(Scale::Two));
    assert_eq!(form.sends_body(Event::Finish), r#"{"answers":{"ease":"2"}}"#);
    assert_eq!(form.place(), Place::Questions(Screen::Clarity), "thanks come when all is stored");
    assert_eq!(form.status(), Status::Sending);
    assert_eq!(form.answer(stored(200)), [Effect::Focus(Target::Heading)]);
    assert_eq!(form.place(), Place::Thanks);
}

#[test]
fn buttons_that_say_they_are_disabled_are() {
    let mut form = finishing();
    for event in [Event::Back, Event::Next, Event::Finish] {
        assert_eq!(form.happen(event), []);
    }
    assert_eq!(form.screen(), Some(Screen::Comment));
    let _ = form.answer(stored(200));
    assert_eq!(form.place(), Place::Thanks);
}
