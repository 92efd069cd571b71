//! How the answers get to the collector: requests, and what becomes of them.
//!
//! Two copies of the answers make this simple. `answers` is what the screens show, with the text behind a tick
//! that was taken back. `due` is what should be stored: the answers at the moment a screen was last left, without
//! what their conditions no longer allow. The first request is a `POST` of what is due then; each later one is a
//! `PATCH` with the difference between `due` and what the server last stored, so nothing is sent twice and nothing
//! half-typed is sent. Who waits on a screen may type on: what was added is due when the request is made again, and
//! before thanks are said.
//!
//! A request that fails is made again by itself, after pauses that grow, until it is answered: always under the one
//! key of the form, and to the byte, so that an avis whose answer was lost is not stored twice.

use super::{Effect, Form, News, Place, Room, Status, Target, Trouble};
use shared::questionnaire::{Choice, Question};
use shared::{Answers, json};

/// The number of the request for a form token, which nobody waits for; others count from 1.
pub(super) const TOKEN_REQUEST: u32 = 0;

/// How long a request takes before the form says that it takes long, in milliseconds.
pub const SLOW_AFTER: u32 = 4_000;

/// How long a request may take before it counts as lost, in milliseconds.
pub const LOST_AFTER: u32 = 30_000;

/// How long the first request may be repeated, in seconds: an hour less than the collector remembers its key for.
/// Later, it could make a second avis.
pub(super) const KEY_LIFE: u32 = 71 * 60 * 60;

/// The longest pause between two attempts is 2 to the power of this, in seconds; the first is 2.
const LONGEST_PAUSE: u32 = 8;

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

/// What the server has said that it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) avis: Avis,
    pub(super) answers: Answers,
    /// What the server may hold other answers to: a change may have arrived whose answer did not.
    pub(super) doubt: Vec<Question>,
}

/// The first request, kept to the byte: what is retried must be what may have been stored already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct First {
    pub(super) body: String,
    pub(super) answers: Answers,
    /// When it was first made, in seconds since 1970.
    pub(super) at: u32,
    /// Whether the page knows that it was stored.
    pub(super) told: bool,
    /// Whether it was made before the page was loaded: the server may hold any later answers.
    pub(super) restored: bool,
}

/// The one request that is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InFlight {
    pub(super) number: u32,
    pub(super) method: Method,
    /// What the server will hold once it has said yes.
    pub(super) answers: Answers,
    pub(super) slow: bool,
    /// The person asked for it again and wants to know how it goes.
    pub(super) retried: bool,
    /// It was made again by itself: what was said of the failure stands until there is news.
    pub(super) quiet: bool,
}

impl Form {
    /// Makes the request again that failed, or was under way when the page was left, without a word.
    pub(super) fn again(&mut self, effects: &mut Vec<Effect>) {
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

    pub(super) fn retry(&mut self, effects: &mut Vec<Effect>) {
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

    /// The answers as they may be stored: without what their conditions do not allow, and with a text that is too
    /// long left as it was last stored.
    pub(super) fn sendable(&self) -> Answers {
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

    pub(super) fn token_request(&self) -> Request {
        Request {
            number: TOKEN_REQUEST,
            method: Method::Get,
            path: String::from("/api/v1/token?demarche=") + &self.setup.demarche,
            key: None,
            bearer: None,
            body: None,
        }
    }

    pub(super) fn post(&mut self, effects: &mut Vec<Effect>) {
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

    pub(super) fn patch(&mut self, effects: &mut Vec<Effect>) {
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

    pub(super) fn delete(&mut self, effects: &mut Vec<Effect>) {
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

    pub(super) fn answered(&mut self, request: InFlight, reply: Reply, effects: &mut Vec<Effect>) {
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
                let trouble = Trouble::of(method, status, reply.retry_after);
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
                        self.failures = 0;
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
}

/// A request about an avis that is stored already.
fn about(avis: &Avis, method: Method, token: &str, body: Option<String>) -> Request {
    let path = String::from("/api/v1/avis/") + &avis.id;
    Request { number: 0, method, path, key: None, bearer: Some(token.to_owned()), body }
}
