use super::*;
use delivery::KEY_LIFE;
use proptest::prelude::*;
use shared::questionnaire::{Channel, Choice, Help, Malfunction, Quality, Reached, Scale};

/// When everything happens that has no time of its own, in seconds since 1970.
const NOW: u32 = 1_790_000_000;

const KEY: &str = "8e03978e-40d5-43e8-bc93-6894a57f9324";

fn form() -> Form {
    Form::new(Setup {
        demarche: "3059".into(),
        bouton: Some("12".into()),
        language: Language::Fr,
        page: Some("https://www.impots.gouv.fr/fin".into()),
        key: KEY.into(),
    })
}

fn stored(status: u16) -> Reply {
    let avis = Avis { id: "0193".into(), receipt: "7K3M-9PQR-2STV-4WXY".into(), edit_token: "jeton".into() };
    Reply { status, avis: Some(avis), ..Reply::default() }
}

fn failed(status: u16) -> Reply {
    Reply { status, ..Reply::default() }
}

fn sent(effects: &[Effect]) -> Option<&Request> {
    effects.iter().find_map(|effect| match effect {
        Effect::Send(request) if request.method != Method::Get => Some(request),
        _ => None,
    })
}

impl Form {
    fn happen(&mut self, event: Event) -> Vec<Effect> {
        self.update(event, NOW)
    }

    fn pick(&mut self, pick: Pick) {
        assert_eq!(self.happen(Event::Picked(pick)), []);
    }

    fn write_text(&mut self, question: Question, text: &str) {
        assert_eq!(self.happen(Event::Wrote(question, text.into())), []);
    }

    /// What an event sends.
    fn sends(&mut self, event: Event) -> Request {
        sent(&self.happen(event)).cloned().expect("nothing was sent")
    }

    fn sends_body(&mut self, event: Event) -> String {
        self.sends(event).body.unwrap()
    }

    /// Answers the request that is on its way.
    fn answer(&mut self, reply: Reply) -> Vec<Effect> {
        let number = self.in_flight.as_ref().expect("nothing is on its way").number;
        self.happen(Event::Answered(number, reply))
    }

    fn screen(&self) -> Option<Screen> {
        match self.place {
            Place::Questions(screen) => Some(screen),
            _ => None,
        }
    }
}

/// A form whose first answer is stored, on its second screen.
fn begun() -> Form {
    let mut form = form();
    form.pick(Pick::Satisfaction(Satisfaction::TresBien));
    let _ = form.happen(Event::Next);
    let _ = form.answer(stored(201));
    assert_eq!(form.screen(), Some(Screen::Clarity));
    form
}

/// The same, on a later screen, with nothing on its way.
fn begun_at(screen: Screen) -> Form {
    let mut form = begun();
    while form.screen() != Some(screen) {
        assert_eq!(sent(&form.happen(Event::Next)), None);
    }
    form
}

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
    let mut form = form();
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    let _ = form.happen(Event::Next);
    let _ = form.answer(stored(202));
    assert_eq!(form.screen(), Some(Screen::Clarity));
}

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
fn blanks_are_no_comment() {
    let mut form = begun_at(Screen::Comment);
    form.write_text(Question::Comment, " \n ");
    assert_eq!(sent(&form.happen(Event::Finish)), None);
    assert_eq!(form.place(), Place::Thanks);
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
    let effects = form.answer(stored(201));
    let change = sent(&effects).expect("the change follows");
    assert_eq!(change.body.as_deref(), Some(r#"{"answers":{"satisfaction":"tres_bien"}}"#));
    assert_eq!(form.screen(), Some(Screen::Clarity));
}

#[test]
fn the_button_that_retries_hands_the_focus_over() {
    let mut form = form();
    form.pick(Pick::Satisfaction(Satisfaction::PasBien));
    let _ = form.happen(Event::Next);
    let _ = form.answer(failed(500));
    assert!(form.happen(Event::Retry).contains(&Effect::Focus(Target::Status)));
    assert_eq!(form.happen(Event::Retry).len(), 0, "a double click asks once");
}

#[test]
fn a_refusal_for_good_lets_the_next_attempt_say_something_else() {
    let mut form = form();
    form.pick(Pick::Satisfaction(Satisfaction::PasBien));
    let _ = form.happen(Event::Next);
    let _ = form.answer(failed(410));
    assert_eq!(form.status(), Status::Trouble(Trouble::Closed));
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    let again = form.sends(Event::Next);
    assert!(again.body.unwrap().contains("moyen"));
    assert_eq!(again.key.as_deref(), Some(KEY), "still the one key");
}

/// The request for a token that opening the form makes, if it makes one.
fn token_request(form: &mut Form) -> Option<Request> {
    form.happen(Event::Opened).into_iter().find_map(|effect| match effect {
        Effect::Send(request) if request.method == Method::Get => Some(request),
        _ => None,
    })
}

#[test]
fn the_first_answer_carries_the_token_that_came_while_the_form_was_open() {
    let mut form = form();
    let request = token_request(&mut form).unwrap();
    assert_eq!((request.number, request.path.as_str()), (0, "/api/v1/token?demarche=3059"));
    let token = |text: &str| Reply { status: 200, token: Some(text.into()), ..Reply::default() };
    assert_eq!(form.happen(Event::Answered(0, token("first"))), []);
    // The dialog was closed, and opens again: the fetch of another one fails.
    assert!(token_request(&mut form).is_some());
    assert_eq!(form.happen(Event::Answered(0, failed(500))), []);
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    let body = form.sends_body(Event::Next);
    assert!(body.contains(r#","token":"first","answers":"#), "{body}");
    // What is sent again is the same to the byte, whatever came meanwhile.
    assert_eq!(token_request(&mut form), None);
    let _ = form.happen(Event::Answered(0, token("late")));
    let _ = form.answer(failed(0));
    assert_eq!(form.sends_body(Event::Retry), body);
}

#[test]
fn what_is_sent_after_a_reload_carries_the_token_that_was_sent_before() {
    let mut form = form();
    assert!(token_request(&mut form).is_some());
    let token = Reply { status: 200, token: Some("first".into()), ..Reply::default() };
    let _ = form.happen(Event::Answered(0, token));
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    let body = form.sends_body(Event::Next);
    let mut form = reloaded(&form);
    assert_eq!(token_request(&mut form), None);
    assert_eq!(form.sends_body(Event::Awake), body);
}

#[test]
fn no_answer_waits_for_a_token() {
    let mut form = form();
    assert!(token_request(&mut form).is_some());
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    let body = form.sends_body(Event::Next);
    assert!(!body.contains("token"), "{body}");
    let _ = form.happen(Event::Answered(0, Reply::default()));
    assert_eq!(form.status(), Status::Sending);
}

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
fn a_change_that_failed_in_the_background_is_kept_said_and_sent_with_the_next() {
    let mut form = begun();
    form.pick(Pick::Ease(Scale::Two));
    let _ = form.happen(Event::Next);
    let _ = form.answer(failed(0));
    assert_eq!(form.status(), Status::Trouble(Trouble::Unreachable));
    form.pick(Pick::HelpTried(Help::None));
    assert_eq!(form.sends_body(Event::Next), r#"{"answers":{"ease":"2","help_tried":["none"]}}"#);
    assert_eq!(form.status(), Status::Quiet);
}

#[test]
fn screens_left_while_a_request_is_on_its_way_follow_when_it_is_answered() {
    let mut form = begun();
    form.pick(Pick::Ease(Scale::Two));
    let _ = form.happen(Event::Next);
    form.pick(Pick::HelpTried(Help::Chat));
    assert_eq!(sent(&form.happen(Event::Next)), None, "one at a time");
    // Not left yet, so not sent yet.
    form.pick(Pick::Malfunctions(Malfunction::Slow));
    let effects = form.answer(stored(200));
    assert_eq!(
        sent(&effects).and_then(|request| request.body.as_deref()),
        Some(r#"{"answers":{"help_tried":["chat"]}}"#)
    );
}

#[test]
fn what_is_added_before_a_retry_is_sent_with_it() {
    let mut form = begun_at(Screen::Comment);
    form.write_text(Question::Comment, "Bien");
    let _ = form.happen(Event::Finish);
    let _ = form.answer(failed(503));
    form.write_text(Question::Comment, "Bien. Et vite.");
    assert_eq!(form.sends_body(Event::Retry), r#"{"answers":{"comment":"Bien. Et vite."}}"#);
    let _ = form.answer(stored(200));
    assert_eq!(form.place(), Place::Thanks);
}

#[test]
fn what_is_added_while_the_last_request_is_on_its_way_follows_before_thanks() {
    let mut form = begun_at(Screen::Comment);
    form.write_text(Question::Comment, "Bien");
    let _ = form.happen(Event::Finish);
    form.write_text(Question::Comment, "Bien. Et vite.");
    let effects = form.answer(stored(200));
    let change = sent(&effects).expect("the addition follows");
    assert_eq!(change.body.as_deref(), Some(r#"{"answers":{"comment":"Bien. Et vite."}}"#));
    assert_eq!(form.screen(), Some(Screen::Comment));
    let _ = form.answer(stored(200));
    assert_eq!(form.place(), Place::Thanks);
}

#[test]
fn what_has_become_too_long_meanwhile_is_said_instead_of_thanks() {
    let mut form = begun_at(Screen::Comment);
    form.write_text(Question::Comment, "Bien");
    let _ = form.happen(Event::Finish);
    form.write_text(Question::Comment, &"a".repeat(5_001));
    let effects = form.answer(stored(200));
    assert_eq!(effects, [Effect::Focus(Target::Field(Field::of(Question::Comment)))]);
    assert_eq!(form.screen(), Some(Screen::Comment));
    assert!(!form.is_waiting());
}

#[test]
fn what_is_taken_back_before_a_retry_needs_no_request() {
    let mut form = begun_at(Screen::Comment);
    form.write_text(Question::Comment, "Bien");
    let _ = form.happen(Event::Finish);
    let _ = form.answer(failed(429));
    form.write_text(Question::Comment, "");
    let effects = form.happen(Event::Retry);
    assert_eq!(sent(&effects), None);
    assert_eq!(effects.last(), Some(&Effect::Focus(Target::Heading)));
    assert_eq!(form.place(), Place::Thanks);
}

#[test]
fn what_is_taken_back_is_taken_back_where_it_may_have_arrived() {
    let mut form = begun_at(Screen::Comment);
    form.write_text(Question::Comment, "Bien");
    let _ = form.happen(Event::Finish);
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
    let mut form = form();
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    let _ = form.happen(Event::Next);
    let effects = form.answer(Reply { status: 503, retry_after: Some(120), ..Reply::default() });
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
    let mut form = form();
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    let _ = form.happen(Event::Next);
    let _ = form.answer(failed(0));
    let _ = form.happen(Event::Again(1));
    assert!(!form.is_waiting());
    assert_eq!(form.happen(Event::Next), []);
    assert_eq!((form.is_waiting(), form.status()), (true, Status::Sending));
}

#[test]
fn what_is_half_typed_is_not_sent_with_what_is_tried_again() {
    let mut form = begun();
    form.pick(Pick::Ease(Scale::Two));
    let _ = form.happen(Event::Next);
    let _ = form.answer(failed(0));
    form.pick(Pick::HelpTried(Help::Other));
    form.write_text(Question::HelpTriedOther, "Ma vois");
    assert_eq!(form.sends_body(Event::Again(2)), r#"{"answers":{"ease":"2"}}"#);
}

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
fn what_is_refused_for_good_is_said_told_and_dropped() {
    for status in [404, 410, 413] {
        let mut form = form();
        form.pick(Pick::Satisfaction(Satisfaction::Moyen));
        let _ = form.happen(Event::Next);
        assert_eq!(form.answer(failed(status)), [Effect::Tell(News::Failed)]);
        assert_eq!(form.kept(), None);
    }
    let mut form = begun();
    form.pick(Pick::Ease(Scale::Two));
    let _ = form.happen(Event::Next);
    assert_eq!(form.answer(failed(401)), [Effect::Tell(News::Failed)]);
    assert_eq!((form.status(), form.kept()), (Status::Trouble(Trouble::Expired), None));
}

#[test]
fn what_could_be_stored_twice_is_given_up() {
    let mut form = form();
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    let _ = form.happen(Event::Next);
    let _ = form.answer(failed(0));
    let effects = form.update(Event::Again(1), NOW + KEY_LIFE + 1);
    assert_eq!(effects, [Effect::Tell(News::Failed)]);
    assert_eq!((form.status(), form.kept()), (Status::Trouble(Trouble::TooLate), None));
}

/// The form after its page was loaded again.
fn reloaded(form: &Form) -> Form {
    Form::restored(form.setup.clone(), &form.kept().expect("nothing was kept")).expect("cannot be restored")
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
        sent(&effects).and_then(|request| request.body.as_deref()),
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
fn a_form_that_was_finished_is_sent_without_anybody_before_it() {
    let mut form = begun_at(Screen::Comment);
    form.write_text(Question::Comment, "Bien");
    let _ = form.happen(Event::Finish);
    let mut form = reloaded(&form);
    assert!(form.is_finished());
    let _ = form.sends(Event::Awake);
    assert!(!form.is_settled());
    let _ = form.answer(stored(201));
    let _ = form.answer(stored(200));
    assert!(form.is_settled());
    assert_eq!((form.place(), form.kept()), (Place::Thanks, None));
}

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
fn how_another_avis_fares_is_said_while_there_is_nothing_else_to_say() {
    let mut form = form();
    let _ = form.happen(Event::Aside(Status::Trouble(Trouble::Unreachable)));
    assert_eq!(form.status(), Status::Trouble(Trouble::Unreachable));
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    let _ = form.happen(Event::Next);
    assert_eq!(form.status(), Status::Sending);
}

#[test]
fn a_first_answer_changed_while_it_is_on_its_way_follows() {
    let mut form = form();
    form.pick(Pick::Satisfaction(Satisfaction::PasBien));
    let _ = form.happen(Event::Next);
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    let effects = form.answer(stored(201));
    let change = sent(&effects).expect("the change follows");
    assert_eq!(change.body.as_deref(), Some(r#"{"answers":{"satisfaction":"moyen"}}"#));
}

#[test]
fn buttons_that_say_they_are_disabled_are() {
    let mut form = begun_at(Screen::Comment);
    form.write_text(Question::Comment, "Bien");
    let _ = form.happen(Event::Finish);
    for event in [Event::Back, Event::Next, Event::Finish] {
        assert_eq!(form.happen(event), []);
    }
    assert_eq!(form.screen(), Some(Screen::Comment));
    let _ = form.answer(stored(200));
    assert_eq!(form.place(), Place::Thanks);
}

#[test]
fn a_422_is_named_at_its_question_and_gets_the_focus() {
    let mut form = begun_at(Screen::Comment);
    form.write_text(Question::Comment, "Bien");
    let _ = form.happen(Event::Finish);
    let errors =
        vec![("/answers/comment".into(), "too_long".into()), ("/answers/colour".into(), "unknown".into())];
    let effects = form.answer(Reply { status: 422, errors, ..Reply::default() });
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
    let mut form = begun();
    form.pick(Pick::Ease(Scale::Two));
    let _ = form.happen(Event::Next);
    let errors = vec![("/answers/ease".into(), "unknown_choice".into())];
    let _ = form.answer(Reply { status: 422, errors, ..Reply::default() });
    assert_eq!(form.screen(), Some(Screen::Clarity));
}

#[test]
fn a_422_that_no_question_can_mend_is_said_all_the_same() {
    let mut form = form();
    form.pick(Pick::Satisfaction(Satisfaction::PasBien));
    let _ = form.happen(Event::Next);
    let _ = form.answer(Reply {
        status: 422,
        errors: vec![("/bouton".into(), "other".into())],
        ..Reply::default()
    });
    assert_eq!(form.status(), Status::Trouble(Trouble::Refused));
}

#[test]
fn a_success_without_an_avis_is_none() {
    let mut form = form();
    form.pick(Pick::Satisfaction(Satisfaction::PasBien));
    let _ = form.happen(Event::Next);
    let _ = form.answer(failed(200));
    assert_eq!(form.status(), Status::Trouble(Trouble::Server));
}

#[test]
fn an_avis_is_withdrawn_after_asking() {
    let mut form = begun();
    let _ = form.happen(Event::Finish);
    assert_eq!(sent(&form.happen(Event::Withdraw)), None);
    assert_eq!(form.place(), Place::Withdrawal);
    let _ = form.happen(Event::Keep);
    assert_eq!(form.place(), Place::Thanks);
    let _ = form.happen(Event::Withdraw);
    let request = form.sends(Event::ConfirmWithdrawal);
    assert_eq!(
        (request.method, request.bearer.as_deref()),
        (Method::Delete, Some("7K3M-9PQR-2STV-4WXY")),
        "the receipt works at any time"
    );
    assert_eq!(form.status(), Status::Sending);
    let _ = form.answer(failed(500));
    assert_eq!(form.place(), Place::Withdrawal);
    let _ = form.happen(Event::Retry);
    let _ = form.answer(failed(204));
    assert_eq!(form.place(), Place::Withdrawn);
}

#[test]
fn a_withdrawal_that_fails_is_said_to_be_one() {
    let mut form = begun();
    let _ = form.happen(Event::Finish);
    let _ = form.happen(Event::Withdraw);
    let _ = form.happen(Event::ConfirmWithdrawal);
    let _ = form.answer(failed(503));
    assert_eq!(form.status(), Status::WithdrawalWaits);
    assert!(!form.is_settled(), "it is tried again by itself, also when its person has left");
    let _ = form.happen(Event::Retry);
    let _ = form.answer(failed(404));
    assert_eq!(form.status(), Status::WithdrawalFailed);
    let _ = form.happen(Event::ConfirmWithdrawal);
    let _ = form.answer(failed(204));
    assert_eq!((form.status(), form.is_over()), (Status::Quiet, true), "nothing is stored any more");
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
fn what_may_be_withdrawn_already_cannot_be_kept() {
    for status in [0, 500] {
        let mut form = begun();
        let _ = form.happen(Event::Finish);
        let _ = form.happen(Event::Withdraw);
        let _ = form.happen(Event::ConfirmWithdrawal);
        assert!(form.answer(failed(status)).contains(&Effect::Focus(Target::Status)), "its buttons go");
        assert!(form.may_be_withdrawn());
        let _ = form.happen(Event::Keep);
        assert_eq!(form.place(), Place::Withdrawal);
        let _ = form.happen(Event::Retry);
        let _ = form.answer(failed(429));
        let _ = form.happen(Event::Keep);
        assert_eq!(form.place(), Place::Withdrawal, "the first request may have arrived all the same");
        let _ = form.happen(Event::Retry);
        let _ = form.answer(failed(204));
        assert_eq!(form.place(), Place::Withdrawn);
    }
}

#[test]
fn what_is_certainly_not_withdrawn_can_be_kept() {
    let mut form = begun();
    let _ = form.happen(Event::Finish);
    let _ = form.happen(Event::Withdraw);
    let _ = form.happen(Event::ConfirmWithdrawal);
    let _ = form.answer(failed(429));
    assert!(!form.may_be_withdrawn());
    let _ = form.happen(Event::Keep);
    assert_eq!((form.place(), form.status()), (Place::Thanks, Status::Quiet));
}

#[test]
fn what_was_checked_before_the_form_was_there_is_taken_over_once() {
    let mut form = form();
    form.take_over(Satisfaction::Moyen, NOW);
    form.take_over(Satisfaction::PasBien, NOW);
    assert_eq!(form.answers().satisfaction, Some(Satisfaction::Moyen));
    assert!(!form.is_left(NOW), "a person has just done that");
}

fn picks() -> impl Strategy<Value = Pick> {
    prop_oneof![
        prop::sample::select(Satisfaction::ALL).prop_map(Pick::Satisfaction),
        prop::sample::select(Scale::ALL).prop_map(Pick::Clarity),
        prop::sample::select(Scale::ALL).prop_map(Pick::Ease),
        prop::sample::select(Help::ALL).prop_map(Pick::HelpTried),
        (prop::sample::select(Channel::ALL), prop::sample::select(Reached::ALL))
            .prop_map(|(channel, choice)| Pick::HelpReached(channel, choice)),
        (prop::sample::select(Channel::ALL), prop::sample::select(Quality::ALL))
            .prop_map(|(channel, choice)| Pick::HelpQuality(channel, choice)),
        prop::sample::select(Malfunction::ALL).prop_map(Pick::Malfunctions),
    ]
}

/// What people and networks do, in any order; the number of an answer is that of the request on its way, or stale.
#[derive(Debug, Clone)]
enum Step {
    Event(Event),
    Answer { stale: bool, reply: Reply },
    Slow,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let texts = prop_oneof![
        Just(String::new()),
        Just(String::from("  ")),
        Just(String::from("Le bouton")),
        Just("x".repeat(251)),
        Just("é".repeat(5_001)),
    ];
    let questions =
        prop::sample::select(vec![Question::HelpTriedOther, Question::MalfunctionsOther, Question::Comment]);
    let person = prop_oneof![
        4 => picks().prop_map(Event::Picked),
        2 => (questions, texts).prop_map(|(question, text)| Event::Wrote(question, text)),
        6 => Just(Event::Next),
        2 => Just(Event::Back),
        1 => Just(Event::Finish),
        1 => Just(Event::Opened),
        1 => Just(Event::Closed),
        1 => Just(Event::Retry),
        1 => Just(Event::Withdraw),
        1 => Just(Event::Keep),
        1 => Just(Event::ConfirmWithdrawal),
    ];
    let replies = prop_oneof![
        6 => Just(stored(201)),
        1 => prop::sample::select(vec![0, 200, 204, 400, 401, 404, 409, 410, 413, 429, 500, 503]).prop_map(failed),
        1 => prop::sample::select(Question::ALL).prop_map(|question| Reply {
            status: 422,
            errors: vec![(format!("/answers/{}", question.code()), "unknown_choice".into())],
            ..Reply::default()
        }),
    ];
    let step = prop_oneof![
        8 => person.prop_map(Step::Event),
        4 => (prop::bool::weighted(0.1), replies).prop_map(|(stale, reply)| Step::Answer { stale, reply }),
        1 => Just(Step::Slow),
    ];
    prop::collection::vec(step, 0..80)
}

/// Is one answer the same in both?
fn keeps(before: &Answers, after: &Answers, question: Question) -> bool {
    before.differences(after).iter().all(|changed| *changed != question)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_nothing_is_lost_doubled_or_sent_in_vain(steps in steps()) {
        let mut form = form();
        form.pick(Pick::Satisfaction(Satisfaction::Moyen));
        let mut on_its_way: Option<u32> = None;
        let mut at_the_server: Option<Answers> = None;
        for step in steps {
            let before = form.clone();
            let number = on_its_way.unwrap_or_default();
            let event = match step {
                Step::Event(event) => event,
                Step::Slow => Event::Slow(number),
                Step::Answer { stale: true, reply } => Event::Answered(number + 100, reply),
                Step::Answer { stale: false, reply } => Event::Answered(number, reply),
            };
            // Only questions have controls to answer with.
            if before.screen().is_none() && matches!(event, Event::Picked(_) | Event::Wrote(..)) {
                continue;
            }
            if let Event::Answered(answered, reply) = &event
                && on_its_way == Some(*answered)
            {
                let request = before.in_flight.as_ref().unwrap();
                let is_stored = (200..300).contains(&reply.status)
                    && (request.method == Method::Patch || reply.avis.is_some() && request.method == Method::Post);
                if is_stored {
                    at_the_server = Some(request.answers.clone());
                }
                on_its_way = None;
            }
            let effects = form.happen(event.clone());

            // What a person gave stays, but for the answer they are giving.
            for &question in Question::ALL {
                let given = match &event {
                    Event::Picked(pick) => pick.field().question == question,
                    Event::Wrote(written, _) => *written == question,
                    _ => false,
                };
                prop_assert!(given || keeps(&before.answers, &form.answers, question));
            }
            // The exclusive ticks exclude.
            prop_assert!(!form.answers.help_tried.contradicts_itself());
            prop_assert!(!form.answers.malfunctions.contradicts_itself());

            let requests: Vec<_> = effects.iter().filter_map(|effect| match effect {
                Effect::Send(request) if request.method != Method::Get => Some(request),
                _ => None,
            }).collect();
            prop_assert!(requests.len() <= 1);
            for request in requests {
                prop_assert!(on_its_way.is_none(), "two at once");
                on_its_way = Some(request.number);
                match request.method {
                    Method::Post => {
                        prop_assert_eq!(request.key.as_deref(), Some(KEY));
                        prop_assert!(at_the_server.is_none(), "posted once it was stored");
                    }
                    Method::Patch => {
                        let sending = &form.in_flight.as_ref().unwrap().answers;
                        let is_sure = before.stored.as_ref().is_none_or(|stored| stored.doubt.is_empty());
                        prop_assert!(!is_sure || Some(sending) != at_the_server.as_ref(), "nothing changed");
                        prop_assert_ne!(request.body.as_deref(), Some("{\"answers\":{}}"));
                    }
                    Method::Delete => prop_assert!(matches!(before.place, Place::Withdrawal)),
                    Method::Get => prop_assert!(false, "that of a token is none of these"),
                }
                // What travels satisfies the questionnaire.
                let mut sending = form.in_flight.as_ref().unwrap().answers.clone();
                for &question in Question::ALL {
                    if let (Some(text), Some(max)) = (sending.text(question), question.max_length()) {
                        prop_assert!(text_length(text) <= max);
                    }
                }
                let as_sent = sending.clone();
                sending.prune();
                prop_assert_eq!(sending, as_sent);
            }
            prop_assert_eq!(on_its_way, form.in_flight.as_ref().map(|request| request.number));
            // Thanks are said for what is stored.
            if form.place == Place::Thanks {
                prop_assert_eq!(at_the_server.as_ref(), Some(&form.sendable()));
                prop_assert!(form.receipt().is_some());
            }
            // Later screens exist for those whose avis does.
            if form.screen() != Some(Screen::Satisfaction) {
                prop_assert!(form.receipt().is_some());
            }
        }
    }
}

#[test]
fn another_language_changes_the_words_and_nothing_else() {
    let mut form = begun_at(Screen::Comment);
    form.write_text(Question::Comment, &"é".repeat(5_003));
    let _ = form.happen(Event::Finish);
    let before = form.clone();

    let effects = form.happen(Event::Speak(Language::De));

    let focus = Effect::Focus(Target::Language(Language::De));
    assert_eq!(effects, [Effect::Speak(Language::De), focus]);
    let error = form.error(Field::of(Question::Comment));
    assert_eq!(error.as_deref(), Some("Dieser Text ist zu lang: 5003 Zeichen, erlaubt sind höchstens 5000."));
    let setup = Setup { language: Language::De, ..before.setup.clone() };
    assert_eq!(form, Form { setup, ..before });
}

#[test]
fn an_avis_is_in_the_language_in_which_its_first_answer_is_sent() {
    let mut form = form();
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    let _ = form.happen(Event::Speak(Language::Ar));
    assert!(form.sends_body(Event::Next).contains(r#""lang":"ar""#));
    let _ = form.happen(Event::Speak(Language::Es));
    let _ = form.answer(failed(0));
    // What is sent again is what may have been stored.
    assert!(form.sends_body(Event::Retry).contains(r#""lang":"ar""#));
}

#[test]
fn a_language_that_does_not_come_is_said_until_something_else_happens() {
    let mut form = form();
    assert_eq!(form.happen(Event::Speechless), []);
    assert_eq!((form.status(), form.language()), (Status::Speechless, Language::Fr));
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    assert_eq!(form.status(), Status::Quiet);
}

/// A collector as far as forms can tell: it reads what they send with the parser of the real one.
#[derive(Default)]
struct Collector {
    avis: Vec<(String, String, Answers)>,
}

impl Collector {
    fn answer(&mut self, request: &Request) -> Reply {
        let body = request.body.as_deref().unwrap_or_default();
        match request.method {
            Method::Post => {
                let key = request.key.as_deref().unwrap_or_default();
                if let Some((_, first, _)) = self.avis.iter().find(|(known, ..)| known == key) {
                    return if first == body { stored(201) } else { failed(422) };
                }
                let draft: shared::AvisDraft = serde_json::from_str(body).expect("no JSON");
                let answers = (*draft.parse().expect("invalid").answers).clone();
                self.avis.push((key.into(), body.into(), answers));
                stored(201)
            }
            Method::Patch => {
                let draft: shared::draft::ChangeDraft = serde_json::from_str(body).expect("no JSON");
                let (.., held) = self.avis.last_mut().expect("a change of no avis");
                *held = (*draft.parse().expect("invalid").apply(held).expect("conditions")).clone();
                stored(200)
            }
            Method::Delete => failed(204),
            Method::Get => failed(0),
        }
    }
}

/// What becomes of a request, and of the page.
#[derive(Debug, Clone)]
enum Chance {
    Person(Event),
    Answered,
    LostBefore,
    LostAfter,
    Refused(u16),
    Again,
    Awake,
    Reload { arrives: bool },
}

fn chances() -> impl Strategy<Value = Vec<Chance>> {
    let texts =
        prop_oneof![Just(String::new()), Just(String::from("Le bouton\n« rouge »")), Just(String::from(" "))];
    let questions =
        prop::sample::select(vec![Question::HelpTriedOther, Question::MalfunctionsOther, Question::Comment]);
    let person = prop_oneof![
        4 => picks().prop_map(Event::Picked),
        2 => (questions, texts).prop_map(|(question, text)| Event::Wrote(question, text)),
        6 => Just(Event::Next),
        2 => Just(Event::Back),
        1 => Just(Event::Finish),
        1 => Just(Event::Closed),
        1 => Just(Event::Retry),
    ];
    let chance = prop_oneof![
        8 => person.prop_map(Chance::Person),
        3 => Just(Chance::Answered),
        1 => Just(Chance::LostBefore),
        2 => Just(Chance::LostAfter),
        1 => prop::sample::select(vec![408, 409, 429, 500, 502, 503]).prop_map(Chance::Refused),
        2 => Just(Chance::Again),
        1 => Just(Chance::Awake),
        1 => any::<bool>().prop_map(|arrives| Chance::Reload { arrives }),
    ];
    prop::collection::vec(chance, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_fails_one_avis_arrives_with_the_last_answers(chances in chances()) {
        let mut collector = Collector::default();
        let mut form = form();
        let mut request: Option<Request> = None;
        let mut was_sent = false;
        let heal = std::iter::repeat_n([Chance::Again, Chance::Awake, Chance::Answered], 8).flatten();
        let end = heal.clone().chain([Chance::Person(Event::Closed)]).chain(heal);
        for chance in chances.into_iter().chain(end) {
            let number = form.requests;
            let on_its_way = form.in_flight.is_some();
            let event = match chance {
                Chance::Person(Event::Picked(_) | Event::Wrote(..)) if form.screen().is_none() => continue,
                Chance::Person(event) => event,
                Chance::Again => Event::Again(number),
                Chance::Awake => Event::Awake,
                Chance::Reload { arrives } => {
                    if let Some(request) = request.take().filter(|_| arrives && on_its_way) {
                        let _ = collector.answer(&request);
                    }
                    // All is done, or nothing was sent: the next form is another avis.
                    if form.kept().is_none() {
                        break;
                    }
                    form = reloaded(&form);
                    Event::Awake
                }
                Chance::Answered | Chance::LostAfter | Chance::LostBefore | Chance::Refused(_) => {
                    let Some(request) = request.take().filter(|_| on_its_way) else { continue };
                    let reply = match chance {
                        Chance::LostBefore => failed(0),
                        Chance::Refused(status) => failed(status),
                        _ => collector.answer(&request),
                    };
                    let is_lost = matches!(chance, Chance::LostAfter);
                    Event::Answered(number, if is_lost { failed(0) } else { reply })
                }
            };
            for effect in form.happen(event) {
                if let Effect::Send(sent) = effect {
                    was_sent = true;
                    request = Some(sent);
                }
            }
        }
        prop_assert_eq!(collector.avis.len(), usize::from(was_sent));
        if let Some((_, _, held)) = collector.avis.first() {
            prop_assert_eq!(held, &form.sendable());
            prop_assert!(form.is_settled());
        }
    }
}
