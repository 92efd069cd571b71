//! The form token: what vouches for an avis, and holds nobody up.

use super::*;

/// The request for a token that opening the form makes, if it makes one.
fn token_request(form: &mut Form) -> Option<Request> {
    form.happen(Event::Opened).into_iter().find_map(|effect| match effect {
        Effect::Send(request) if request.method == Method::Get => Some(request),
        _ => None,
    })
}

fn token(text: &str) -> Reply {
    Reply { token: Some(text.into()), ..failed(200) }
}

#[test]
fn the_first_answer_carries_the_token_that_came_while_the_form_was_open() {
    let mut form = form();
    let request = token_request(&mut form).unwrap();
    assert_eq!((request.number, request.path.as_str()), (0, "/api/v1/token?demarche=3059"));
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
    let _ = form.happen(Event::Answered(0, token("first")));
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
