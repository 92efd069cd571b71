//! What the form does, without a browser: events in, effects out.
//!
//! One screen at a time. The first answer is posted when the first screen is left, and the form waits for it:
//! from then on the avis exists and the person can stop at any moment. Later screens are stored as they are left,
//! while the person goes on; only the thank-you screen waits, because it says that all is stored.
//!
//! Here is what a form is, what can happen to it, and where a person goes. How the answers get to the collector is
//! told in `delivery`, why they may not in `trouble`, what a person can mend in `errors`, and how a form outlives its
//! page in `kept`.

mod delivery;
mod errors;
pub mod field;
mod kept;
mod personal;
mod trouble;

pub use delivery::{Avis, LOST_AFTER, Method, Reply, Request, SLOW_AFTER};
pub use errors::{Fault, FieldError};
pub use field::{Field, Pick};
pub use trouble::Trouble;

use delivery::{First, InFlight, Stored, TOKEN_REQUEST};
use shared::answers::text_length;
use shared::questionnaire::{Question, Satisfaction, Screen};
use shared::texts::Texts;
use shared::{Answers, Language};

/// How long a person may be away before what they have answered is shown to nobody any more, in seconds: on a shared
/// device, the next one is there. What they had sent or left behind is still delivered.
pub const LEFT_AFTER: u32 = 15 * 60;

/// What the form is about and speaks. The language alone may change after its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// The démarche, by id or alias.
    pub demarche: String,
    /// The bouton, by id or alias, if the page names one.
    pub bouton: Option<String>,
    /// The language of the form.
    pub language: Language,
    /// Origin and path of the page, if it has any.
    pub page: Option<String>,
    /// The idempotency key of the one `POST` this form will ever make: a UUID.
    pub key: String,
}

/// Where the person is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On a screen of the questionnaire.
    Questions(Screen),
    /// Everything is stored; the receipt is shown.
    Thanks,
    /// Asked whether the avis is really to be withdrawn.
    Withdrawal,
    /// The avis is withdrawn.
    Withdrawn,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A radio button or a tick was pressed.
    Picked(Pick),
    /// The text of an open question is now this, in NFC.
    Wrote(Question, String),
    /// On to the next screen.
    Next,
    /// To the previous screen.
    Back,
    /// No more to say.
    Finish,
    /// The dialog was opened.
    Opened,
    /// The dialog was closed.
    Closed,
    /// The form is to speak this language, whose texts are here.
    Speak(Language),
    /// The texts of a language could not be fetched.
    Speechless,
    /// The request that failed is to be made again, now.
    Retry,
    /// The pause after the request of this number is over.
    Again(u32),
    /// The network may be back, the page is shown again, or the form was restored: no use in pausing on.
    Awake,
    /// How another avis fares that waits here, given before the form was begun that is shown.
    Aside(Status),
    /// The avis is to be withdrawn: asks first.
    Withdraw,
    /// It is not to be withdrawn after all.
    Keep,
    /// It is.
    ConfirmWithdrawal,
    /// The request of this number has been on its way for [`SLOW_AFTER`].
    Slow(u32),
    /// The request of this number was answered, or never will be.
    Answered(u32, Reply),
}

/// Something the browser has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Make this request, report [`Event::Slow`] after [`SLOW_AFTER`] and give up after [`LOST_AFTER`].
    Send(Request),
    /// The form speaks this language from now on.
    Speak(Language),
    /// Report [`Event::Again`] with this number, after at least so many seconds and at most half as many more: many
    /// who failed together must not come back together.
    Pause(u32, u32),
    /// Move the focus.
    Focus(Target),
    /// Tell the page.
    Tell(News),
}

/// Where the focus goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The heading of the screen.
    Heading,
    /// The first control of a field.
    Field(Field),
    /// The status line.
    Status,
    /// The choice of this language.
    Language(Language),
}

/// What the page around the form may learn: that something happened, never what was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// The form was opened.
    Opened,
    /// The avis was stored.
    Sent,
    /// The avis, or a change of it, was refused or given up.
    Failed,
}

impl News {
    /// The type of the event on the element.
    #[must_use]
    pub fn event_type(self) -> &'static str {
        match self {
            Self::Opened => "avis:opened",
            Self::Sent => "avis:sent",
            Self::Failed => "avis:failed",
        }
    }
}

/// How much room the text of an open question has left, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// More than a tenth.
    Plenty,
    /// This many.
    Left(usize),
    /// None: this many are too many.
    Over(usize),
}

/// What the form is doing, in one word, for its status line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Nothing to say.
    Quiet,
    /// The person waits for a request.
    Sending,
    /// The person has been waiting for [`SLOW_AFTER`].
    Slow,
    /// The last request failed.
    Trouble(Trouble),
    /// The withdrawal failed, and is tried again.
    WithdrawalWaits,
    /// The withdrawal failed for good.
    WithdrawalFailed,
    /// The language that was chosen last could not be fetched.
    Speechless,
    /// What had to wait is stored.
    Delivered,
}

/// The state of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    setup: Setup,
    place: Place,
    answers: Answers,
    due: Answers,
    /// What vouches for the avis; without it, it is sent as well.
    token: Option<String>,
    stored: Option<Stored>,
    first: Option<First>,
    in_flight: Option<InFlight>,
    requests: u32,
    /// Where the person wants to be once all that is due is stored; or where they may be without knowing, when a
    /// withdrawal got no answer.
    bound_for: Option<Place>,
    trouble: Option<(Method, Trouble)>,
    /// How often in a row that request has failed.
    failures: u32,
    /// Until when the server asked not to be asked again, in seconds since 1970.
    hold: u32,
    /// What there is to say while the form itself has nothing to say.
    aside: Status,
    /// The time of the last event, and of the last act of a person, in seconds since 1970.
    now: u32,
    touched: u32,
    errors: Vec<FieldError>,
    speechless: bool,
}

impl Form {
    /// An empty form at its first screen.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        Self::at(setup, Screen::Satisfaction, Answers::default(), Vec::new())
    }

    /// A form at any screen with answers and errors, as the server renders it.
    #[must_use]
    pub fn at(setup: Setup, screen: Screen, answers: Answers, errors: Vec<FieldError>) -> Self {
        Self {
            setup,
            place: Place::Questions(screen),
            answers,
            due: Answers::default(),
            token: None,
            stored: None,
            first: None,
            in_flight: None,
            requests: 0,
            bound_for: None,
            trouble: None,
            failures: 0,
            hold: 0,
            aside: Status::Quiet,
            now: 0,
            touched: 0,
            errors,
            speechless: false,
        }
    }

    /// The key of its avis.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.setup.key
    }

    /// When a person last did something to it, in seconds since 1970.
    #[must_use]
    pub fn touched(&self) -> u32 {
        self.touched
    }

    /// Whether whoever has answered is gone, so that nothing of it may be shown to who comes next. `now` is in
    /// seconds since 1970.
    #[must_use]
    pub fn is_left(&self, now: u32) -> bool {
        let is_blank = self.place == Place::Questions(Screen::Satisfaction)
            && self.first.is_none()
            && self.answers == Answers::default();
        !is_blank && now.saturating_sub(self.touched) > LEFT_AFTER
    }

    /// Whether whoever has answered has nothing to add.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.bound_for == Some(Place::Thanks)
    }

    /// The form nobody is before any more: all that is left to do is to store what it holds.
    #[must_use]
    pub fn finished(self) -> Self {
        Self { bound_for: Some(Place::Thanks), ..self }
    }

    /// Whether its person is done with it, and nothing of it may be shown to who comes next.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.place, Place::Thanks | Place::Withdrawn)
    }

    /// The form in the place of an earlier one, for whose requests it takes no answer.
    #[must_use]
    pub fn after(self, earlier: &Self) -> Self {
        Self { requests: earlier.requests, ..self }
    }

    /// Whether something was answered after the first request that is not known to be stored.
    #[must_use]
    pub fn is_ahead(&self) -> bool {
        let is_stored = |stored: &Stored| stored.doubt.is_empty() && stored.answers == self.sendable();
        self.first.is_some() && !self.stored.as_ref().is_some_and(is_stored)
    }

    /// Whether all is stored that is due, or no attempt is left that could store it.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.in_flight.is_none() && !self.trouble.is_some_and(|(_, trouble)| trouble.can_be_retried())
    }

    /// Where the person is.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// What the screens show.
    #[must_use]
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// The receipt, once the avis is stored.
    #[must_use]
    pub fn receipt(&self) -> Option<&str> {
        self.stored.as_ref().map(|stored| stored.avis.receipt.as_str())
    }

    /// The language of the form.
    #[must_use]
    pub fn language(&self) -> Language {
        self.setup.language
    }

    /// The words of the form.
    #[must_use]
    pub fn texts(&self) -> &'static Texts {
        self.setup.language.texts()
    }

    /// What the status line says. A `PATCH` in the background is not worth a word until it fails or is waited for.
    #[must_use]
    pub fn status(&self) -> Status {
        match (&self.in_flight, self.trouble) {
            (Some(request), _) if self.is_waiting() => {
                if request.slow {
                    Status::Slow
                } else {
                    Status::Sending
                }
            }
            _ if self.speechless => Status::Speechless,
            (_, Some((Method::Delete, trouble))) if trouble.can_be_retried() => Status::WithdrawalWaits,
            (_, Some((Method::Delete, _))) => Status::WithdrawalFailed,
            (_, Some((_, trouble))) => Status::Trouble(trouble),
            _ => self.aside,
        }
    }

    /// Whether the person waits for a request that is on its way.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.in_flight.as_ref().is_some_and(|request| {
            !request.quiet && (request.method != Method::Patch || request.retried || self.bound_for.is_some())
        })
    }

    /// Whether the avis may be withdrawn already: nobody can say that it is kept.
    #[must_use]
    pub fn may_be_withdrawn(&self) -> bool {
        self.bound_for == Some(Place::Withdrawn)
    }

    /// Whether the answer to an open question looks as if it told who somebody is.
    #[must_use]
    pub fn looks_personal(&self, question: Question) -> bool {
        self.answers.text(question).is_some_and(personal::looks_personal)
    }

    /// How much room an open question has left.
    #[must_use]
    pub fn room(&self, question: Question) -> Room {
        let length = self.answers.text(question).map_or(0, text_length);
        let max = question.max_length().unwrap_or(usize::MAX);
        match max.checked_sub(length) {
            None => Room::Over(length - max),
            // A counter is noise until it matters.
            Some(left) if left <= max / 10 => Room::Left(left),
            Some(_) => Room::Plenty,
        }
    }

    /// Takes over an answer to the first question that was given before the form was there: on the plain HTML
    /// form that the element replaces. `now` is in seconds since 1970.
    pub fn take_over(&mut self, satisfaction: Satisfaction, now: u32) {
        self.answers.satisfaction.get_or_insert(satisfaction);
        self.touched = now;
    }

    /// Lets an event happen, at a time in seconds since 1970.
    #[must_use = "the effects are for the browser to carry out"]
    pub fn update(&mut self, event: Event, now: u32) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.now = now;
        self.speechless = matches!(event, Event::Speechless);
        if !matches!(
            event,
            Event::Slow(_)
                | Event::Answered(..)
                | Event::Again(_)
                | Event::Awake
                | Event::Aside(_)
                | Event::Speechless
        ) {
            self.touched = now;
            if self.aside == Status::Delivered {
                self.aside = Status::Quiet;
            }
        }
        let is_waiting = self.is_waiting();
        if let Event::Next | Event::Finish | Event::Retry | Event::ConfirmWithdrawal = event
            && let Some(request) = &mut self.in_flight
        {
            request.quiet = false;
        }
        match event {
            Event::Picked(pick) => {
                pick.apply(&mut self.answers);
                self.errors.retain(|error| error.field != pick.field());
            }
            Event::Wrote(question, text) => self.write(question, text),
            // The buttons say that they are disabled.
            Event::Next | Event::Back | Event::Finish if is_waiting => {}
            Event::Next => self.next(&mut effects),
            Event::Back => self.back(&mut effects),
            Event::Finish => self.finish(&mut effects),
            Event::Opened => {
                effects.push(Effect::Tell(News::Opened));
                if self.first.is_none() {
                    effects.push(Effect::Send(self.token_request()));
                }
            }
            Event::Closed => self.leave(&mut effects),
            Event::Speak(language) => {
                self.setup.language = language;
                // The control that was pressed is built anew, as everything is.
                effects.extend([Effect::Speak(language), Effect::Focus(Target::Language(language))]);
            }
            Event::Speechless => {}
            Event::Retry => self.retry(&mut effects),
            Event::Again(number) => {
                if number == self.requests {
                    self.again(&mut effects);
                }
            }
            Event::Awake => {
                if now >= self.hold {
                    self.again(&mut effects);
                }
            }
            Event::Aside(status) => self.aside = status,
            Event::Withdraw => {
                if self.place == Place::Thanks {
                    self.go(Place::Withdrawal, &mut effects);
                }
            }
            Event::Keep => {
                if self.place == Place::Withdrawal && self.in_flight.is_none() && !self.may_be_withdrawn() {
                    self.trouble = None;
                    self.failures = 0;
                    self.go(Place::Thanks, &mut effects);
                }
            }
            Event::ConfirmWithdrawal => {
                if self.place == Place::Withdrawal {
                    self.delete(&mut effects);
                }
            }
            Event::Slow(number) => {
                if let Some(request) = self.in_flight.as_mut().filter(|request| request.number == number) {
                    request.slow = true;
                }
            }
            Event::Answered(TOKEN_REQUEST, reply) => self.token = reply.token.or(self.token.take()),
            Event::Answered(number, reply) => {
                if let Some(request) = self.in_flight.take_if(|request| request.number == number) {
                    self.answered(request, reply, &mut effects);
                }
            }
        }
        effects
    }

    fn write(&mut self, question: Question, text: String) {
        if let Some(place) = self.answers.text_mut(question) {
            *place = Some(text).filter(|text| !text.is_empty());
        }
        if !matches!(self.room(question), Room::Over(_)) {
            self.errors.retain(|error| error.field.question != question);
        }
    }

    fn next(&mut self, effects: &mut Vec<Effect>) {
        let Place::Questions(screen) = self.place else { return };
        let Some(next) = screen.next() else { return self.finish(effects) };
        self.bound_for = None;
        if !self.check(|field| field.screen() == screen, effects) {
            return;
        }
        if screen == Screen::Satisfaction && self.stored.is_none() {
            self.bound_for = Some(Place::Questions(next));
            self.due = self.sendable();
            self.post(effects);
        } else {
            self.leave(effects);
            self.go(Place::Questions(next), effects);
        }
    }

    fn back(&mut self, effects: &mut Vec<Effect>) {
        let Place::Questions(screen) = self.place else { return };
        let Some(previous) = screen.previous() else { return };
        self.bound_for = None;
        self.leave(effects);
        self.go(Place::Questions(previous), effects);
    }

    fn finish(&mut self, effects: &mut Vec<Effect>) {
        let Place::Questions(screen) = self.place else { return };
        // Nothing can be finished before the one required answer is sent.
        if screen == Screen::Satisfaction && self.stored.is_none() {
            return self.next(effects);
        }
        if !self.check(|_| true, effects) {
            return;
        }
        self.bound_for = Some(Place::Thanks);
        if self.stored.is_none() {
            // What was refused for good before is said anew, with all that was answered since.
            self.due = self.sendable();
            self.post(effects);
        }
        self.arrive(effects);
    }

    /// Leaves the screen as it is: what changed is due now.
    fn leave(&mut self, effects: &mut Vec<Effect>) {
        if self.stored.is_some() && matches!(self.place, Place::Questions(_)) {
            self.due = self.sendable();
            self.patch(effects);
        }
    }

    /// Goes where the person wanted to be, if all that is due is stored.
    fn arrive(&mut self, effects: &mut Vec<Effect>) {
        if self.bound_for != Some(Place::Thanks) || self.in_flight.is_some() || self.stored.is_none() {
            return;
        }
        // Something may have been added since.
        if !self.check(|_| true, effects) {
            return;
        }
        self.leave(effects);
        if self.in_flight.is_none() {
            self.bound_for = None;
            self.go(Place::Thanks, effects);
        }
    }

    fn go(&mut self, place: Place, effects: &mut Vec<Effect>) {
        self.place = place;
        self.errors.clear();
        effects.push(Effect::Focus(Target::Heading));
    }
}

#[cfg(test)]
mod tests;
