//! What is sent of the answers, when, and in which words.

use super::*;

#[test]
fn the_first_answer_is_posted_when_its_screen_is_left() {
    let mut form = form();
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    let request = form.sends(Event::Next);
    assert_eq!((request.method, request.path.as_str()), (Method::Post, "/api/v1/avis"));
    assert_eq!(request.key.as_deref(), Some(KEY));
    assert_eq!(request.bearer, None);
    assert_eq!(
        request.body.as_deref(),
        Some(
            r#"{"demarche":"3059","bouton":"12","lang":"fr","page":"https://www.impots.gouv.fr/fin","answers":{"satisfaction":"moyen"}}"#
        )
    );
    assert_eq!(form.status(), Status::Sending);
    assert_eq!(form.screen(), Some(Screen::Satisfaction), "the form waits until the avis exists");

    let effects = form.answer(stored(201));
    assert_eq!(effects, [Effect::Tell(News::Sent), Effect::Focus(Target::Heading)]);
    assert_eq!(form.screen(), Some(Screen::Clarity));
    assert_eq!(form.receipt(), Some("7K3M-9PQR-2STV-4WXY"));
    assert_eq!(form.status(), Status::Quiet);
}

#[test]
fn an_avis_in_the_spool_is_an_avis() {
    let mut form = sending();
    let _ = form.answer(stored(202));
    assert_eq!(form.screen(), Some(Screen::Clarity));
}

#[test]
fn a_first_answer_changed_while_it_is_on_its_way_follows() {
    let mut form = sending();
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    assert_eq!(sent_body(&form.answer(stored(201))), Some(r#"{"answers":{"satisfaction":"moyen"}}"#));
}

#[test]
fn slow_is_said_when_somebody_waits() {
    let mut form = form();
    form.pick(Pick::Satisfaction(Satisfaction::PasBien));
    let number = form.sends(Event::Next).number;
    let _ = form.happen(Event::Slow(number + 7));
    assert_eq!(form.status(), Status::Sending);
    let _ = form.happen(Event::Slow(number));
    assert_eq!(form.status(), Status::Slow);
    let _ = form.happen(Event::Answered(number, stored(201)));
    assert_eq!(form.status(), Status::Quiet);
    let _ = form.happen(Event::Answered(number, failed(500)));
    assert_eq!(form.status(), Status::Quiet, "an answer counts once");
}

#[test]
fn a_later_screen_is_stored_as_it_is_left_and_carries_only_what_changed() {
    let mut form = begun();
    form.pick(Pick::Clarity(Scale::Five));
    form.pick(Pick::Ease(Scale::Four));
    let request = form.sends(Event::Next);
    assert_eq!((request.method, request.path.as_str()), (Method::Patch, "/api/v1/avis/0193"));
    assert_eq!(request.bearer.as_deref(), Some("jeton"));
    assert_eq!(request.key, None);
    assert_eq!(request.body.as_deref(), Some(r#"{"answers":{"clarity":"5","ease":"4"}}"#));
    assert_eq!(form.screen(), Some(Screen::Help), "the person goes on meanwhile");
    assert_eq!(form.status(), Status::Quiet);
    let _ = form.answer(stored(200));

    let effects = form.happen(Event::Back);
    assert_eq!(sent(&effects), None, "nothing changed");
    form.pick(Pick::Ease(Scale::One));
    assert_eq!(form.sends_body(Event::Back), r#"{"answers":{"ease":"1"}}"#);
    assert_eq!(form.screen(), Some(Screen::Satisfaction));
    assert!(Pick::Clarity(Scale::Five).is_in(form.answers()), "going back loses nothing");
}

#[test]
fn screens_left_while_a_request_is_on_its_way_follow_when_it_is_answered() {
    let mut form = changing();
    form.pick(Pick::HelpTried(Help::Chat));
    assert_eq!(sent(&form.happen(Event::Next)), None, "one at a time");
    // Not left yet, so not sent yet.
    form.pick(Pick::Malfunctions(Malfunction::Slow));
    assert_eq!(sent_body(&form.answer(stored(200))), Some(r#"{"answers":{"help_tried":["chat"]}}"#));
}

#[test]
fn what_is_added_while_the_last_request_is_on_its_way_follows_before_thanks() {
    let mut form = finishing();
    form.write_text(Question::Comment, "Bien. Et vite.");
    assert_eq!(sent_body(&form.answer(stored(200))), Some(r#"{"answers":{"comment":"Bien. Et vite."}}"#));
    assert_eq!(form.screen(), Some(Screen::Comment));
    let _ = form.answer(stored(200));
    assert_eq!(form.place(), Place::Thanks);
}

#[test]
fn closing_the_dialog_stores_the_screen_it_shows() {
    let mut form = begun();
    form.pick(Pick::Clarity(Scale::Three));
    assert_eq!(form.sends_body(Event::Closed), r#"{"answers":{"clarity":"3"}}"#);
    assert_eq!(form.screen(), Some(Screen::Clarity), "and it opens again where it was");
}

#[test]
fn closing_before_the_first_answer_is_sent_sends_nothing() {
    let mut form = form();
    form.pick(Pick::Satisfaction(Satisfaction::PasBien));
    assert_eq!(form.happen(Event::Closed), []);
}

#[test]
fn only_what_is_not_stored_is_ahead_of_it() {
    let mut form = form();
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    assert!(!form.is_ahead(), "nobody has pressed a button");
    let _ = form.happen(Event::Next);
    assert!(form.is_ahead());
    let _ = form.answer(stored(201));
    assert!(!form.is_ahead());
    form.pick(Pick::Clarity(Scale::Four));
    assert!(form.is_ahead(), "it is sent when the form is left");
}

#[test]
fn an_answer_taken_back_is_sent_as_null() {
    let mut form = begun_at(Screen::Malfunctions);
    form.pick(Pick::Malfunctions(Malfunction::Slow));
    let _ = form.happen(Event::Next);
    let _ = form.answer(stored(200));
    let _ = form.happen(Event::Back);
    form.pick(Pick::Malfunctions(Malfunction::Slow));
    assert_eq!(form.sends_body(Event::Next), r#"{"answers":{"malfunctions":null}}"#);
}

#[test]
fn what_is_no_longer_asked_is_not_sent_but_comes_back_with_its_tick() {
    let mut form = begun_at(Screen::Malfunctions);
    form.pick(Pick::Malfunctions(Malfunction::Other));
    form.write_text(Question::MalfunctionsOther, "Le bouton");
    form.pick(Pick::Malfunctions(Malfunction::None));
    assert_eq!(form.sends_body(Event::Next), r#"{"answers":{"malfunctions":["none"]}}"#);
    let _ = form.answer(stored(200));
    let _ = form.happen(Event::Back);
    form.pick(Pick::Malfunctions(Malfunction::Other));
    assert_eq!(form.answers().text(Question::MalfunctionsOther), Some("Le bouton"));
    assert_eq!(
        form.sends_body(Event::Next),
        r#"{"answers":{"malfunctions":["other"],"malfunctions_other":"Le bouton"}}"#
    );
}

#[test]
fn the_follow_ups_of_a_channel_go_with_it() {
    let mut form = begun_at(Screen::Help);
    form.pick(Pick::HelpTried(Help::Guichet));
    form.pick(Pick::HelpReached(Channel::Guichet, Reached::Oui));
    form.pick(Pick::HelpQuality(Channel::Guichet, Quality::Bonne));
    let _ = form.happen(Event::Next);
    let _ = form.answer(stored(200));
    let _ = form.happen(Event::Back);
    form.pick(Pick::HelpReached(Channel::Guichet, Reached::Non));
    assert_eq!(
        form.sends_body(Event::Next),
        r#"{"answers":{"help_reached":{"guichet":"non"},"help_quality":null}}"#
    );
}

#[test]
fn blanks_are_no_comment() {
    let mut form = begun_at(Screen::Comment);
    form.write_text(Question::Comment, " \n ");
    assert_eq!(sent(&form.happen(Event::Finish)), None);
    assert_eq!(form.place(), Place::Thanks);
}
