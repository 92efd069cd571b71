//! Whatever people, networks and servers do, in any order.

use super::*;
use proptest::prelude::*;
use shared::questionnaire::Choice;

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

/// One of `texts` as the answer to an open question.
fn writes(texts: impl Strategy<Value = String>) -> impl Strategy<Value = Event> {
    let questions =
        prop::sample::select(vec![Question::HelpTriedOther, Question::MalfunctionsOther, Question::Comment]);
    (questions, texts).prop_map(|(question, text)| Event::Wrote(question, text))
}

/// What a person does to a form that asks, with one of `texts` as the answer to an open question.
fn a_person_does(texts: impl Strategy<Value = String>) -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => picks().prop_map(Event::Picked),
        2 => writes(texts),
        6 => Just(Event::Next),
        2 => Just(Event::Back),
        1 => Just(Event::Finish),
        1 => Just(Event::Closed),
        1 => Just(Event::Retry),
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
    let person = prop_oneof![
        17 => a_person_does(texts),
        1 => Just(Event::Opened),
        1 => Just(Event::Withdraw),
        1 => Just(Event::Keep),
        1 => Just(Event::ConfirmWithdrawal),
    ];
    let replies = prop_oneof![
        6 => Just(stored(201)),
        1 => prop::sample::select(vec![0, 200, 204, 400, 401, 404, 409, 410, 413, 429, 500, 503]).prop_map(failed),
        1 => prop::sample::select(Question::ALL)
            .prop_map(|question| refused(&[(&format!("/answers/{}", question.code()), "unknown_choice")])),
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
    let chance = prop_oneof![
        8 => a_person_does(texts).prop_map(Chance::Person),
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
