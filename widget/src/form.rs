//! What the form does, without a browser: events in, effects out.
//!
//! One screen at a time. The first answer is posted when the first screen is left, and the form waits for it:
//! from then on the avis exists and the person can stop at any moment. Later screens are stored as they are left,
//! by a `PATCH` of what changed since the server last stored something, while the person goes on; only the
//! thank-you screen waits, because it says that all is stored.
//!
//! Two copies of the answers make this simple. `answers` is what the screens show, with the text behind a tick
//! that was taken back. `due` is what should be stored: the answers at the moment a screen was last left, without
//! what their conditions no longer allow. A request carries the difference between `due` and what is stored, so
//! nothing is sent twice and nothing half-typed is sent. Who waits on a screen may type on: what was added is due
//! when the request is made again, and before thanks are said.
//!
//! A request that fails is made again by itself, after pauses that grow, until it is answered: always under the one
//! key of the form, and to the byte, so that an avis whose answer was lost is not stored twice. Meanwhile the form
//! waits on the device as one text, from which it goes on after a reload ([`Form::restored`]).

pub mod field;
mod kept;
mod personal;

pub use field::{Field, Pick};

use shared::answers::text_length;
use shared::questionnaire::{Choice, Question, Satisfaction, Screen};
use shared::texts::Texts;
use shared::{Answers, Language, json};

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

/// The number of the request for a form token, which nobody waits for; others count from 1.
const TOKEN_REQUEST: u32 = 0;

/// How long a request takes before the form says that it takes long, in milliseconds.
pub const SLOW_AFTER: u32 = 4_000;

/// How long a request may take before it counts as lost, in milliseconds.
pub const LOST_AFTER: u32 = 30_000;

/// How long a person may be away before what they have answered is shown to nobody any more, in seconds: on a shared
/// device, the next one is there. What they had sent or left behind is still delivered.
pub const LEFT_AFTER: u32 = 15 * 60;

/// How long the first request may be repeated, in seconds: an hour less than the collector remembers its key for.
/// Later, it could make a second avis.
const KEY_LIFE: u32 = 71 * 60 * 60;

/// The longest pause between two attempts is 2 to the power of this, in seconds; the first is 2.
const LONGEST_PAUSE: u32 = 8;

/// What the server answered, as far as the form cares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status; 0 when no answer came.
    pub status: u16,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<u32>,
    /// What a stored avis is known by.
    pub avis: Option<Avis>,
    /// What a form shows that its avis came with.
    pub token: Option<String>,
    /// The pointers of a 422, with their codes.
    pub errors: Vec<(String, String)>,
}

/// What a stored avis is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Avis {
    /// Its id.
    pub id: String,
    /// What the person can withdraw it with, at any time.
    pub receipt: String,
    /// What this form can change it with, for a day.
    pub edit_token: String,
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

/// A request to the collector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its number, to tell its answer from that of an earlier one.
    pub number: u32,
    /// What it asks.
    pub method: Method,
    /// The path on the collector.
    pub path: String,
    /// The idempotency key of a `POST`.
    pub key: Option<String>,
    /// The token of a `PATCH` or `DELETE`.
    pub bearer: Option<String>,
    /// The JSON of a `POST` or `PATCH`.
    pub body: Option<String>,
}

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Asks for a form token.
    Get,
    /// Stores an avis.
    Post,
    /// Changes it.
    Patch,
    /// Withdraws it.
    Delete,
}

impl Method {
    /// As HTTP spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
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

/// Why the last request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No answer: offline, blocked, or too slow.
    Unreachable,
    /// Too many from this address; with the seconds to wait, when known.
    Limited(Option<u32>),
    /// The server failed.
    Server,
    /// The bouton is closed.
    Closed,
    /// The collector does not know this démarche or bouton.
    Unknown,
    /// The time to change the avis is over, or it is withdrawn.
    Expired,
    /// The server refuses for a reason that no field of the form can mend.
    Refused,
    /// The avis has waited for so long that it could be stored twice.
    TooLate,
}

impl Trouble {
    /// Whether the same request may succeed later.
    #[must_use]
    pub fn can_be_retried(self) -> bool {
        matches!(self, Self::Unreachable | Self::Limited(_) | Self::Server)
    }

    /// What to tell the person.
    #[must_use]
    pub fn text(self, language: Language) -> String {
        let form = &language.texts().form;
        match self {
            Self::Unreachable => form.unreachable.into(),
            Self::Limited(seconds) => language.limited(seconds),
            Self::Server => form.server_failed.into(),
            Self::Closed => form.closed.into(),
            Self::Unknown => form.unknown.into(),
            Self::Expired => form.expired.into(),
            Self::Refused => form.refused.into(),
            Self::TooLate => form.too_late.into(),
        }
    }
}

/// An error the person can mend, named in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Where.
    pub field: Field,
    /// What.
    pub fault: Fault,
}

/// What is wrong with a field. Its words are those of the language that the form speaks when it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The one required answer is missing.
    Missing,
    /// The text is too long.
    TooLong,
    /// The server refused the answer.
    Refused,
    /// The server says it in words, being the one that renders the form.
    Told(String),
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

#[derive(Debug, Clone, PartialEq, Eq)]
struct Stored {
    avis: Avis,
    answers: Answers,
    /// What the server may hold other answers to: a change may have arrived whose answer did not.
    doubt: Vec<Question>,
}

/// The first request, kept to the byte: what is retried must be what may have been stored already.
#[derive(Debug, Clone, PartialEq, Eq)]
struct First {
    body: String,
    answers: Answers,
    /// When it was first made, in seconds since 1970.
    at: u32,
    /// Whether the page knows that it was stored.
    told: bool,
    /// Whether it was made before the page was loaded: the server may hold any later answers.
    restored: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct InFlight {
    number: u32,
    method: Method,
    /// What the server will hold once it has said yes.
    answers: Answers,
    slow: bool,
    /// The person asked for it again and wants to know how it goes.
    retried: bool,
    /// It was made again by itself: what was said of the failure stands until there is news.
    quiet: bool,
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

    /// The errors to mend, in the order of the screen.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// The error of one field in words, if it has one.
    #[must_use]
    pub fn error(&self, field: Field) -> Option<String> {
        self.errors.iter().find(|error| error.field == field).map(|error| self.told(error))
    }

    /// An error in words.
    #[must_use]
    pub fn told(&self, error: &FieldError) -> String {
        let form = &self.texts().form;
        match &error.fault {
            Fault::Missing => form.satisfaction_missing.into(),
            Fault::TooLong => self.too_long(error.field.question).unwrap_or_default(),
            Fault::Refused => form.answer_refused.into(),
            Fault::Told(text) => text.clone(),
        }
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

    /// Makes the request again that failed, or was under way when the page was left, without a word.
    fn again(&mut self, effects: &mut Vec<Effect>) {
        let method = match self.trouble {
            Some((method, trouble)) if trouble.can_be_retried() => method,
            None if self.stored.is_none() => Method::Post,
            _ => return,
        };
        if self.in_flight.is_some() {
            return;
        }
        let trouble = self.trouble;
        match method {
            Method::Post => match &self.first {
                None => return,
                Some(first) if self.now.saturating_sub(first.at) > KEY_LIFE => {
                    self.first = None;
                    return self.fail(method, Trouble::TooLate, effects);
                }
                Some(_) => self.post(effects),
            },
            Method::Patch => {
                self.patch(effects);
                self.arrive(effects);
            }
            Method::Delete => self.delete(effects),
            // Its failure troubles nobody.
            Method::Get => {}
        }
        if let Some(request) = &mut self.in_flight {
            request.quiet = true;
            self.trouble = trouble;
        }
    }

    fn retry(&mut self, effects: &mut Vec<Effect>) {
        let Some((method, _)) = self.trouble.filter(|_| self.in_flight.is_none()) else { return };
        // The button that was pressed is about to go.
        effects.push(Effect::Focus(Target::Status));
        match method {
            Method::Post => self.post(effects),
            Method::Patch => {
                self.leave(effects);
                self.arrive(effects);
            }
            Method::Delete => self.delete(effects),
            // Its failure troubles nobody.
            Method::Get => {}
        }
        if let Some(request) = &mut self.in_flight {
            request.retried = true;
        }
    }

    /// Whether the fields in question are fit to be sent. If not, shows the first screen that has an error, with
    /// all of its errors, and puts the focus on the first.
    fn check(&mut self, of_interest: impl Fn(Field) -> bool, effects: &mut Vec<Effect>) -> bool {
        let mut errors = Vec::new();
        for &question in Question::ALL {
            let field = Field::of(question);
            if !of_interest(field) || !field.is_asked(&self.answers) {
                continue;
            }
            if question == Question::Satisfaction && self.answers.satisfaction.is_none() {
                errors.push(FieldError { field, fault: Fault::Missing });
            }
            if self.too_long(question).is_some() {
                errors.push(FieldError { field, fault: Fault::TooLong });
            }
        }
        self.errors = errors;
        self.show_errors(effects)
    }

    /// What to say of a text that is too long.
    fn too_long(&self, question: Question) -> Option<String> {
        let max = question.max_length()?;
        let length = self.answers.text(question).map_or(0, text_length);
        (length > max).then(|| self.texts().too_long(length, max))
    }

    /// Shows the errors of the first screen that has one; true if there is none.
    fn show_errors(&mut self, effects: &mut Vec<Effect>) -> bool {
        let Some(first) =
            self.errors.iter().map(|error| error.field).min_by_key(|field| field.question.index())
        else {
            return true;
        };
        self.bound_for = None;
        self.errors.retain(|error| error.field.screen() == first.screen());
        self.place = Place::Questions(first.screen());
        effects.push(Effect::Focus(Target::Field(first)));
        false
    }

    /// The answers as they may be stored: without what their conditions do not allow, and with a text that is too
    /// long left as it was last stored.
    fn sendable(&self) -> Answers {
        let mut answers = self.answers.clone();
        for &question in Question::ALL {
            if question.max_length().is_none() {
                continue;
            }
            if matches!(self.room(question), Room::Over(_)) {
                match &self.stored {
                    Some(stored) => answers.copy_from(question, &stored.answers),
                    None => answers.copy_from(question, &Answers::default()),
                }
            } else if answers.text(question).is_some_and(|text| text.chars().all(char::is_whitespace)) {
                answers.copy_from(question, &Answers::default());
            }
        }
        answers.prune();
        answers
    }

    fn token_request(&self) -> Request {
        Request {
            number: TOKEN_REQUEST,
            method: Method::Get,
            path: String::from("/api/v1/token?demarche=") + &self.setup.demarche,
            key: None,
            bearer: None,
            body: None,
        }
    }

    fn post(&mut self, effects: &mut Vec<Effect>) {
        if self.in_flight.is_some() {
            return;
        }
        let first = if let Some(first) = &self.first {
            first.clone()
        } else {
            let (body, answers) = (self.post_body(), self.due.clone());
            self.first.insert(First { body, answers, at: self.now, told: false, restored: false }).clone()
        };
        let request = Request {
            number: 0,
            method: Method::Post,
            path: String::from("/api/v1/avis"),
            key: Some(self.setup.key.clone()),
            bearer: None,
            body: Some(first.body),
        };
        self.send(request, first.answers, effects);
    }

    fn patch(&mut self, effects: &mut Vec<Effect>) {
        let Some(stored) = &self.stored else { return };
        let differences = self.due.differences(&stored.answers);
        // Of a text that is too long now, what was stored before stays.
        let doubtful =
            |question| stored.doubt.contains(&question) && !matches!(self.room(question), Room::Over(_));
        let changed: Vec<_> = Question::ALL
            .iter()
            .copied()
            .filter(|question| differences.contains(question) || doubtful(*question))
            .collect();
        if changed.is_empty() {
            // What failed before has been taken back since.
            self.trouble = self.trouble.filter(|(method, _)| *method != Method::Patch);
        }
        if changed.is_empty() || self.in_flight.is_some() {
            return;
        }
        let mut body = String::from("{");
        json::key(&mut body, "answers");
        json::answers(&mut body, &self.due, &changed);
        body.push('}');
        let request = about(&stored.avis, Method::Patch, &stored.avis.edit_token, Some(body));
        self.send(request, self.due.clone(), effects);
    }

    fn delete(&mut self, effects: &mut Vec<Effect>) {
        let Some(stored) = &self.stored else { return };
        if self.in_flight.is_none() {
            // The edit token works for a day, the receipt for as long as the tab stays open.
            let request = about(&stored.avis, Method::Delete, &stored.avis.receipt, None);
            self.send(request, self.due.clone(), effects);
        }
    }

    fn send(&mut self, mut request: Request, answers: Answers, effects: &mut Vec<Effect>) {
        self.requests += 1;
        self.trouble = None;
        request.number = self.requests;
        self.in_flight = Some(InFlight {
            number: request.number,
            method: request.method,
            answers,
            slow: false,
            retried: false,
            quiet: false,
        });
        effects.push(Effect::Send(request));
    }

    fn post_body(&self) -> String {
        let given: Vec<_> =
            Question::ALL.iter().copied().filter(|question| self.due.answered(*question)).collect();
        let mut body = String::from("{");
        let mut field = |name, value: &str| {
            json::key(&mut body, name);
            json::string(&mut body, value);
        };
        field("demarche", &self.setup.demarche);
        if let Some(bouton) = &self.setup.bouton {
            field("bouton", bouton);
        }
        field("lang", self.setup.language.code());
        if let Some(page) = &self.setup.page {
            field("page", page);
        }
        if let Some(token) = &self.token {
            field("token", token);
        }
        json::key(&mut body, "answers");
        json::answers(&mut body, &self.due, &given);
        body.push('}');
        body
    }

    fn answered(&mut self, request: InFlight, reply: Reply, effects: &mut Vec<Effect>) {
        let method = request.method;
        match (method, reply.status) {
            (Method::Delete, 200..=299) => {
                self.calm();
                self.aside = Status::Quiet;
                self.go(Place::Withdrawn, effects);
            }
            (Method::Post, 200..=299) => match (reply.avis, &mut self.first) {
                (Some(avis), Some(first)) => {
                    if !first.told {
                        first.told = true;
                        effects.push(Effect::Tell(News::Sent));
                    }
                    let doubt = if first.restored { Question::ALL.to_vec() } else { Vec::new() };
                    self.stored = Some(Stored { avis, answers: request.answers, doubt });
                    self.calm();
                    if self.bound_for == Some(Place::Thanks) {
                        return self.arrive(effects);
                    }
                    self.leave(effects);
                    // The first screen is left as soon as the avis exists, whatever follows in the background.
                    if let Some(place) = self.bound_for.take() {
                        self.go(place, effects);
                    }
                }
                // Something between us and the collector answered in its name.
                _ => self.fail(method, Trouble::Server, effects),
            },
            (Method::Patch, 200..=299) => {
                if let Some(stored) = &mut self.stored {
                    stored.answers = request.answers;
                    stored.doubt.clear();
                }
                self.calm();
                self.arrive(effects);
                // Screens may have been left since.
                self.patch(effects);
            }
            (_, status) => {
                let trouble = trouble(method, status, reply.retry_after);
                let may_have_arrived = matches!(trouble, Trouble::Unreachable | Trouble::Server);
                self.hold = self.now.saturating_add(reply.retry_after.unwrap_or_default());
                match method {
                    // Refused for good, so certainly not stored: the next attempt may say something else.
                    Method::Post if !trouble.can_be_retried() => self.first = None,
                    Method::Patch if may_have_arrived => {
                        if let Some(stored) = &mut self.stored {
                            stored.doubt.extend(request.answers.differences(&stored.answers));
                        }
                    }
                    Method::Delete if may_have_arrived => {
                        self.bound_for = Some(Place::Withdrawn);
                        if !request.quiet {
                            effects.push(Effect::Focus(Target::Status));
                        }
                    }
                    _ => {}
                }
                if status == 422 {
                    self.errors = self.refusals(&reply.errors);
                    if !self.show_errors(effects) {
                        self.trouble = None;
                        effects.push(Effect::Tell(News::Failed));
                        return;
                    }
                }
                self.fail(method, trouble, effects);
            }
        }
    }

    /// A request was answered well; who was told that it had to wait is told so.
    fn calm(&mut self) {
        self.trouble = None;
        if self.failures > 0 {
            self.aside = Status::Delivered;
        }
        self.failures = 0;
    }

    fn fail(&mut self, method: Method, trouble: Trouble, effects: &mut Vec<Effect>) {
        self.trouble = Some((method, trouble));
        if trouble.can_be_retried() {
            self.failures += 1;
            let asked_for = self.hold.saturating_sub(self.now);
            let pause = 1 << self.failures.min(LONGEST_PAUSE);
            effects.push(Effect::Pause(self.requests, asked_for.max(pause)));
        } else {
            self.failures = 0;
            effects.push(Effect::Tell(News::Failed));
        }
    }

    /// The errors of a 422 that a field of the form can show.
    fn refusals(&self, errors: &[(String, String)]) -> Vec<FieldError> {
        let mut refusals: Vec<FieldError> = Vec::new();
        for (pointer, code) in errors {
            let Some(field) = Field::from_pointer(pointer) else { continue };
            // Later screens are for those whose avis exists, errors about them included.
            if self.stored.is_none() && field.screen() != Screen::Satisfaction {
                continue;
            }
            if refusals.iter().any(|refusal| refusal.field == field) {
                continue;
            }
            let is_too_long = code == "too_long" && self.too_long(field.question).is_some();
            let fault = if is_too_long { Fault::TooLong } else { Fault::Refused };
            refusals.push(FieldError { field, fault });
        }
        refusals
    }
}

/// A request about an avis that is stored already.
fn about(avis: &Avis, method: Method, token: &str, body: Option<String>) -> Request {
    let path = String::from("/api/v1/avis/") + &avis.id;
    Request { number: 0, method, path, key: None, bearer: Some(token.to_owned()), body }
}

fn trouble(method: Method, status: u16, retry_after: Option<u32>) -> Trouble {
    match (method, status) {
        (_, 0) => Trouble::Unreachable,
        (_, 429) => Trouble::Limited(retry_after),
        // 408: the body came too slowly. 409: an earlier attempt is still being stored.
        (_, 408 | 409 | 500..) => Trouble::Server,
        (Method::Post, 404) => Trouble::Unknown,
        (Method::Post, 410) => Trouble::Closed,
        (Method::Patch | Method::Delete, 401 | 403 | 404 | 410) => Trouble::Expired,
        _ => Trouble::Refused,
    }
}

#[cfg(test)]
mod tests;
