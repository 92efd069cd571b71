//! What a form left on the device, which every script of the page around it can write.

use shared::Language;
use widget::form::{Event, Form, Setup};

/// Whatever is found is nothing, or a form that goes on, and leaves what it is read from again.
pub fn kept(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(mut form) = restored(text) else { return };
    let left = form.kept().expect("its avis is still to be sent");
    let again = restored(&left).expect("that was written by a form");
    assert_eq!((again.place(), again.answers()), (form.place(), form.answers()));
    assert_eq!(again.kept().as_ref(), Some(&left));
    for event in [Event::Awake, Event::Next, Event::Finish, Event::Closed] {
        let _ = form.update(event, 1_790_000_000);
    }
}

fn restored(text: &str) -> Option<Form> {
    let setup = Setup {
        demarche: "3059".to_owned(),
        bouton: None,
        language: Language::default(),
        page: None,
        key: "8e03978e-40d5-43e8-bc93-6894a57f9324".to_owned(),
    };
    Form::restored(setup, text)
}
