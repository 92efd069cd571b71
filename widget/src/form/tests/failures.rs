//! What becomes of a request that fails: made again by itself or by a person, or given up.

use super::*;
use crate::form::delivery::KEY_LIFE;

#[test]
fn each_failure_is_named() {
    let named = |method, status| Trouble::of(method, status, Some(42));
    assert_eq!(named(Method::Post, 0), Trouble::Unreachable);
    assert_eq!(named(Method::Post, 429), Trouble::Limited(Some(42)));
    assert_eq!(named(Method::Post, 409), Trouble::Server);
    assert_eq!(named(Method::Post, 503), Trouble::Server);
    assert_eq!(named(Method::Post, 404), Trouble::Unknown);
    assert_eq!(named(Method::Post, 410), Trouble::Closed);
    assert_eq!(named(Method::Post, 413), Trouble::Refused);
    assert_eq!(named(Method::Patch, 401), Trouble::Expired);
    assert_eq!(named(Method::Delete, 404), Trouble::Expired);
    for language in Language::ALL {
        let text = named(Method::Post, 429).text(language);
        assert!(text.contains("42"), "{text}");
        let minutes = Trouble::Limited(Some(600)).text(language);
        assert!(minutes.contains("10"), "{minutes}");
    }
}

#[test]
fn a_success_without_an_avis_is_none() {
    let mut form = sending();
    let _ = form.answer(failed(200));
    assert_eq!(form.status(), Status::Trouble(Trouble::Server));
}

#[test]
fn a_retry_repeats_the_first_request_to_the_byte_and_what_changed_follows() {
    let mut form = form();
    form.pick(Pick::Satisfaction(Satisfaction::PasBien));
    let first = form.sends(Event::Next);
    assert_eq!(form.answer(failed(0)), [Effect::Pause(1, 2)]);
    assert_eq!(form.status(), Status::Trouble(Trouble::Unreachable));
    assert_eq!(form.screen(), Some(Screen::Satisfaction));

    // The answer changes, but the first request may have been stored: it is repeated as it was.
    form.pick(Pick::Satisfaction(Satisfaction::TresBien));
    let second = form.sends(Event::Retry);
    assert_eq!((&second.key, &second.body), (&first.key, &first.body));
    assert_ne!(second.number, first.number);
    assert_eq!(form.status(), Status::Sending);

    let _ = form.answer(failed(503));
    let third = form.sends(Event::Next);
    assert_eq!((&third.key, &third.body), (&first.key, &first.body));
    assert_eq!(sent_body(&form.answer(stored(201))), Some(r#"{"answers":{"satisfaction":"tres_bien"}}"#));
    assert_eq!(form.screen(), Some(Screen::Clarity));
}

#[test]
fn the_button_that_retries_hands_the_focus_over() {
    let mut form = sending();
    let _ = form.answer(failed(500));
    assert!(form.happen(Event::Retry).contains(&Effect::Focus(Target::Status)));
    assert_eq!(form.happen(Event::Retry).len(), 0, "a double click asks once");
}

#[test]
fn a_change_that_failed_in_the_background_is_kept_said_and_sent_with_the_next() {
    let mut form = changing();
    let _ = form.answer(failed(0));
    assert_eq!(form.status(), Status::Trouble(Trouble::Unreachable));
    form.pick(Pick::HelpTried(Help::None));
    assert_eq!(form.sends_body(Event::Next), r#"{"answers":{"ease":"2","help_tried":["none"]}}"#);
    assert_eq!(form.status(), Status::Quiet);
}

#[test]
fn what_is_added_before_a_retry_is_sent_with_it() {
    let mut form = finishing();
    let _ = form.answer(failed(503));
    form.write_text(Question::Comment, "Bien. Et vite.");
    assert_eq!(form.sends_body(Event::Retry), r#"{"answers":{"comment":"Bien. Et vite."}}"#);
    let _ = form.answer(stored(200));
    assert_eq!(form.place(), Place::Thanks);
}

#[test]
fn what_is_taken_back_before_a_retry_needs_no_request() {
    let mut form = finishing();
    let _ = form.answer(failed(429));
    form.write_text(Question::Comment, "");
    let effects = form.happen(Event::Retry);
    assert_eq!(sent(&effects), None);
    assert_eq!(effects.last(), Some(&Effect::Focus(Target::Heading)));
    assert_eq!(form.place(), Place::Thanks);
}

#[test]
fn what_is_taken_back_is_taken_back_where_it_may_have_arrived() {
    let mut form = finishing();
    let _ = form.answer(failed(0));
    form.write_text(Question::Comment, "");
    assert_eq!(form.sends_body(Event::Retry), r#"{"answers":{"comment":null}}"#);
}

#[test]
fn a_failure_is_tried_again_by_itself_after_pauses_that_grow_to_some_minutes() {
    let mut form = form();
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    let first = form.sends(Event::Next);
    let mut pauses = Vec::new();
    for attempt in 1..=10 {
        let effects = form.answer(failed(if attempt % 2 == 0 { 0 } else { 503 }));
        let [Effect::Pause(number, seconds)] = effects[..] else { panic!("{effects:?}") };
        pauses.push(seconds);
        let again = form.sends(Event::Again(number));
        assert_eq!((&again.key, &again.body), (&first.key, &first.body));
        assert!(matches!(form.status(), Status::Trouble(_)), "what was said stands until there is news");
        assert_eq!(form.happen(Event::Again(number)), [], "once for each pause");
    }
    assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 128, 256, 256, 256]);
    let effects = form.answer(stored(201));
    assert_eq!(effects, [Effect::Tell(News::Sent), Effect::Focus(Target::Heading)]);
    assert_eq!(form.status(), Status::Delivered);
    let _ = form.happen(Event::Back);
    assert_eq!(form.status(), Status::Quiet, "said once");
}

#[test]
fn who_asks_to_wait_is_not_hurried() {
    let mut form = sending();
    let effects = form.answer(Reply { retry_after: Some(120), ..failed(503) });
    assert_eq!(effects, [Effect::Pause(1, 120)]);
    assert_eq!(form.update(Event::Awake, NOW + 119), []);
    assert!(sent(&form.update(Event::Awake, NOW + 120)).is_some());
}

#[test]
fn a_page_that_wakes_up_waits_no_longer() {
    let mut form = form();
    assert_eq!(form.happen(Event::Awake), [], "there is nothing to send");
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    let _ = form.happen(Event::Next);
    let _ = form.answer(failed(0));
    assert!(sent(&form.happen(Event::Awake)).is_some());
    assert_eq!(form.happen(Event::Awake), [], "one at a time");
}

#[test]
fn who_presses_again_while_it_is_tried_again_sees_that_it_is_under_way() {
    let mut form = sending();
    let _ = form.answer(failed(0));
    let _ = form.happen(Event::Again(1));
    assert!(!form.is_waiting());
    assert_eq!(form.happen(Event::Next), []);
    assert_eq!((form.is_waiting(), form.status()), (true, Status::Sending));
}

#[test]
fn what_is_half_typed_is_not_sent_with_what_is_tried_again() {
    let mut form = changing();
    let _ = form.answer(failed(0));
    form.pick(Pick::HelpTried(Help::Other));
    form.write_text(Question::HelpTriedOther, "Ma vois");
    assert_eq!(form.sends_body(Event::Again(2)), r#"{"answers":{"ease":"2"}}"#);
}

#[test]
fn a_refusal_for_good_lets_the_next_attempt_say_something_else() {
    let mut form = sending();
    let _ = form.answer(failed(410));
    assert_eq!(form.status(), Status::Trouble(Trouble::Closed));
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    let again = form.sends(Event::Next);
    assert!(again.body.unwrap().contains("moyen"));
    assert_eq!(again.key.as_deref(), Some(KEY), "still the one key");
}

#[test]
fn what_is_refused_for_good_is_said_told_and_dropped() {
    for status in [404, 410, 413] {
        let mut form = sending();
        assert_eq!(form.answer(failed(status)), [Effect::Tell(News::Failed)]);
        assert_eq!(form.kept(), None);
    }
    let mut form = changing();
    assert_eq!(form.answer(failed(401)), [Effect::Tell(News::Failed)]);
    assert_eq!((form.status(), form.kept()), (Status::Trouble(Trouble::Expired), None));
}

#[test]
fn what_could_be_stored_twice_is_given_up() {
    let mut form = sending();
    let _ = form.answer(failed(0));
    let effects = form.update(Event::Again(1), NOW + KEY_LIFE + 1);
    assert_eq!(effects, [Effect::Tell(News::Failed)]);
    assert_eq!((form.status(), form.kept()), (Status::Trouble(Trouble::TooLate), None));
}
