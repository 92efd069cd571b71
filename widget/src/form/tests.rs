//! The form without a browser: events in, effects and requests out.

mod delivery;
mod errors;
mod failures;
mod kept;
mod languages;
mod people;
mod screens;
mod sequences;
mod token;
mod withdrawal;

use super::*;
use shared::questionnaire::{Channel, Help, Malfunction, Quality, Reached, Scale};

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

/// A 422 with these errors, each a pointer and a code.
fn refused(errors: &[(&str, &str)]) -> Reply {
    let errors = errors.iter().map(|(pointer, code)| ((*pointer).into(), (*code).into())).collect();
    Reply { errors, ..failed(422) }
}

fn sent(effects: &[Effect]) -> Option<&Request> {
    effects.iter().find_map(|effect| match effect {
        Effect::Send(request) if request.method != Method::Get => Some(request),
        _ => None,
    })
}

fn sent_body(effects: &[Effect]) -> Option<&str> {
    sent(effects)?.body.as_deref()
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

/// A form whose first answer, `tres_bien`, is on its way.
fn sending() -> Form {
    let mut form = form();
    form.pick(Pick::Satisfaction(Satisfaction::TresBien));
    let _ = form.happen(Event::Next);
    form
}

/// A form whose first answer is stored, on its second screen.
fn begun() -> Form {
    let mut form = sending();
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

/// A form on its third screen, with the answer of its second, `"ease":"2"`, on its way.
fn changing() -> Form {
    let mut form = begun();
    form.pick(Pick::Ease(Scale::Two));
    let _ = form.happen(Event::Next);
    form
}

/// A form that was finished on its last screen, with its comment, `Bien`, on its way.
fn finishing() -> Form {
    let mut form = begun_at(Screen::Comment);
    form.write_text(Question::Comment, "Bien");
    let _ = form.happen(Event::Finish);
    form
}

/// The form after its page was loaded again.
fn reloaded(form: &Form) -> Form {
    Form::restored(form.setup.clone(), &form.kept().expect("nothing was kept")).expect("cannot be restored")
}
