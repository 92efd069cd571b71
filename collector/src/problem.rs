//! What can go wrong with a request, said to programs (RFC 9457) and to people (a page) in their language.
//!
//! A handler returns a [`Problem`]; the middleware [`render`] turns it into one or the other, so that the same facts
//! are written once. The `type` of each is an address that explains it.

mod jdma;
mod words;

use crate::catalogue::codes;
use crate::day::Day;
use crate::language;
use crate::limits::Exceeded;
use crate::pages::{self, Framing};
use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpMessage, HttpResponse, ResponseError};
use serde_json::{Value, json};
use shared::draft::pointer_token;
use shared::{FieldError, FieldErrorCode, Language};

/// Why a request was not served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The body is not JSON.
    NotJson,
    /// There is no idempotency key.
    KeyMissing,
    /// The idempotency key is no UUID.
    KeyMalformed,
    /// Parameters of the address are missing, unknown or make no sense.
    InvalidQuery(Vec<ParameterError>),
    /// Members of the body are missing or make no sense, to who was used to a 400.
    InvalidBody(Vec<ParameterError>),
    /// There are no such forms.
    UnknownForms(Vec<String>),
    /// No token or key where one is needed, or one that was not made here.
    Unauthorized,
    /// The key's last day, which it may tell, is over.
    KeyExpired(Option<Day>),
    /// The key is genuine and does not allow this, to who was used to a 401.
    InsufficientKey,
    /// The token or key is genuine and does not allow this.
    Forbidden,
    /// The time in which an avis can be changed is over.
    EditExpired,
    /// There is nothing at this address.
    NotFound,
    /// There is no such démarche; the ids asked for that do not exist.
    UnknownDemarche(Vec<String>),
    /// The form is none of the démarche's.
    ForeignForm,
    /// The key does not reach what was asked for by these names, or nothing has them.
    OutOfReach(Vec<String>),
    /// There is no such bouton.
    UnknownBouton,
    /// There is no such avis; it may have been withdrawn.
    UnknownAvis,
    /// There is no such edition; those that there are.
    UnknownEdition(Vec<String>),
    /// The address knows other methods.
    MethodNotAllowed(&'static str),
    /// A browser asked whether it may send what the API does not take.
    CrossOriginRefused,
    /// The body took too long to arrive.
    SlowBody,
    /// The same key is being worked on.
    InFlight,
    /// The bouton, or the whole démarche, takes avis no more.
    Closed,
    /// The file was revoked.
    Revoked,
    /// The body is too large.
    TooLarge,
    /// The body is of another media type.
    UnsupportedMediaType,
    /// Fields are wrong.
    Invalid(Vec<FieldError>),
    /// The bouton belongs to another démarche.
    ForeignBouton,
    /// The key was used for another request.
    KeyReused,
    /// A form's state that was not signed here.
    BrokenForm,
    /// Too many requests from one address.
    TooManyRequests(Exceeded),
    /// The queue is full or the store is away.
    Unavailable,
    /// The database does not answer, to who was used to a 500.
    Unhealthy,
    /// A bug: logged, and said without details.
    Internal,
}

/// An error in a parameter of the address, or in a member of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterError {
    /// The parameter; empty for the whole of a body.
    pub name: String,
    /// What is wrong, as a stable code.
    pub code: ParameterErrorCode,
}

impl ParameterError {
    /// What is wrong, in words.
    #[must_use]
    pub fn detail(&self, language: Language) -> String {
        words::parameter(self.code, language)
    }
}

codes! {
    /// What is wrong with it.
    ParameterErrorCode {
        /// It is missing.
        Required = "required",
        /// There is no such parameter.
        Unknown = "unknown_parameter",
        /// It is there twice.
        Duplicate = "duplicate_parameter",
        /// It is no day.
        NotADay = "not_a_day",
        /// The period ends before it begins.
        EndsBeforeItBegins = "ends_before_it_begins",
        /// It is none of the choices.
        UnknownChoice = "unknown_choice",
        /// The period holds more units than a series shows.
        TooManyUnits = "too_many_units",
        /// It is not JSON.
        NotJson = "not_json",
        /// It is of another JSON type.
        WrongType = "wrong_type",
        /// It is null where it must have a value or be absent.
        Null = "null",
        /// It is no date, in any of the ways to write one.
        NotADate = "not_a_date",
        /// It asks for several answers at once.
        Batch = "batch",
    }
}

/// The codes of names that lead nowhere, or to what belongs to another.
const NAME_CODES: [&str; 4] = ["unknown_demarche", "unknown_bouton", "foreign_bouton", "unknown_form"];

/// Every `code` that an error of a field or parameter can have, each once.
#[must_use]
pub fn error_codes() -> Vec<&'static str> {
    let mut codes: Vec<&str> = FieldErrorCode::ALL
        .iter()
        .map(|one| one.code())
        .chain(ParameterErrorCode::ALL.iter().map(|one| one.code()))
        .chain(NAME_CODES)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// How long to wait when the store is away or the queue is full.
const RETRY_SECONDS: u64 = 5;

impl Problem {
    /// One of each, in the order of their status: what the pages that explain them are made from.
    #[must_use]
    pub fn all() -> Vec<Self> {
        vec![
            Self::NotJson,
            Self::KeyMissing,
            Self::KeyMalformed,
            Self::InvalidQuery(vec![]),
            Self::InvalidBody(vec![]),
            Self::UnknownForms(vec![]),
            Self::BrokenForm,
            Self::CrossOriginRefused,
            Self::Unauthorized,
            Self::KeyExpired(None),
            Self::InsufficientKey,
            Self::Forbidden,
            Self::EditExpired,
            Self::NotFound,
            Self::UnknownDemarche(vec![]),
            Self::ForeignForm,
            Self::OutOfReach(vec![]),
            Self::UnknownBouton,
            Self::UnknownAvis,
            Self::UnknownEdition(vec![]),
            Self::MethodNotAllowed(""),
            Self::SlowBody,
            Self::InFlight,
            Self::Closed,
            Self::Revoked,
            Self::TooLarge,
            Self::UnsupportedMediaType,
            Self::Invalid(vec![]),
            Self::ForeignBouton,
            Self::KeyReused,
            Self::TooManyRequests(Exceeded::default()),
            Self::Unhealthy,
            Self::Internal,
            Self::Unavailable,
        ]
    }

    /// The last part of its `type`, stable.
    #[must_use]
    pub fn slug(&self) -> &'static str {
        match self {
            Self::NotJson => "not-json",
            Self::KeyMissing => "idempotency-key-missing",
            Self::KeyMalformed => "idempotency-key-malformed",
            Self::InvalidQuery(_) => "invalid-query",
            Self::InvalidBody(_) => "invalid-body",
            Self::UnknownForms(_) => "unknown-forms",
            Self::Unauthorized => "unauthorized",
            Self::KeyExpired(_) => "key-expired",
            Self::InsufficientKey => "insufficient-key",
            Self::Forbidden => "forbidden",
            Self::EditExpired => "edit-expired",
            Self::NotFound => "not-found",
            Self::UnknownDemarche(_) => "unknown-demarche",
            Self::ForeignForm => "foreign-form",
            Self::OutOfReach(_) => "out-of-reach",
            Self::UnknownBouton => "unknown-bouton",
            Self::UnknownAvis => "unknown-avis",
            Self::UnknownEdition(_) => "unknown-edition",
            Self::MethodNotAllowed(_) => "method-not-allowed",
            Self::CrossOriginRefused => "cross-origin-refused",
            Self::SlowBody => "slow-body",
            Self::InFlight => "in-flight",
            Self::Closed => "closed",
            Self::Revoked => "revoked",
            Self::TooLarge => "too-large",
            Self::UnsupportedMediaType => "unsupported-media-type",
            Self::Invalid(_) => "invalid-avis",
            Self::ForeignBouton => "foreign-bouton",
            Self::KeyReused => "idempotency-key-reused",
            Self::BrokenForm => "broken-form",
            Self::TooManyRequests(_) => "too-many-requests",
            Self::Unavailable => "unavailable",
            Self::Unhealthy => "unhealthy",
            Self::Internal => "internal",
        }
    }

    /// Its status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotJson
            | Self::KeyMissing
            | Self::KeyMalformed
            | Self::InvalidQuery(_)
            | Self::InvalidBody(_)
            | Self::UnknownForms(_)
            | Self::BrokenForm
            | Self::CrossOriginRefused => StatusCode::BAD_REQUEST,
            Self::Unauthorized | Self::KeyExpired(_) | Self::InsufficientKey => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::EditExpired => StatusCode::FORBIDDEN,
            Self::NotFound
            | Self::UnknownDemarche(_)
            | Self::ForeignForm
            | Self::OutOfReach(_)
            | Self::UnknownBouton
            | Self::UnknownAvis
            | Self::UnknownEdition(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::InFlight => StatusCode::CONFLICT,
            Self::Closed | Self::Revoked => StatusCode::GONE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) | Self::ForeignBouton | Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unhealthy | Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The language in which it is told to who reads this one: English where it is not told in it.
    #[must_use]
    pub fn language(&self, wanted: Language) -> Language {
        if words::is_told(self, wanted) { wanted } else { Language::En }
    }

    /// What happened, in a few words.
    #[must_use]
    pub fn title(&self, language: Language) -> &'static str {
        words::title(self, language)
    }

    /// What happened and what to do next.
    #[must_use]
    pub fn detail(&self, language: Language) -> String {
        words::detail(self, language)
    }

    /// Its `type`: the address of a page that explains it.
    #[must_use]
    pub fn kind(&self) -> String {
        format!("/problems/{}", self.slug())
    }

    /// The document of it (RFC 9457).
    #[must_use]
    pub fn document(&self, language: Language) -> Value {
        let mut document = json!({
            "type": self.kind(),
            "title": self.title(language),
            "status": self.status().as_u16(),
            "detail": self.detail(language),
        });
        if let Some(errors) = self.errors(language) {
            document["errors"] = errors;
        }
        if let Self::UnknownDemarche(missing) | Self::OutOfReach(missing) | Self::UnknownForms(missing) = self
            && !missing.is_empty()
        {
            document["missing"] = json!(missing);
        }
        if let Self::UnknownEdition(known) = self {
            document["editions"] = json!(known);
        }
        document
    }

    /// The same, as the clients of this address know it.
    #[must_use]
    pub fn document_at(&self, path: &str, language: Language) -> Value {
        jdma::as_clients_know_it(path, self.document(language))
    }

    fn errors(&self, language: Language) -> Option<Value> {
        let one = |pointer: &str, code: &str, detail: String| json!({"pointer": pointer, "code": code, "detail": detail});
        match self {
            Self::Invalid(errors) => Some(
                errors
                    .iter()
                    .map(|error| one(&error.pointer, error.code.code(), language.field_error(error.code)))
                    .collect(),
            ),
            Self::InvalidQuery(errors) | Self::InvalidBody(errors) => Some(
                errors
                    .iter()
                    .map(|error| {
                        let name = &error.name;
                        let pointer =
                            if name.is_empty() { String::new() } else { format!("/{}", pointer_token(name)) };
                        one(&pointer, error.code.code(), error.detail(language))
                    })
                    .collect(),
            ),
            Self::UnknownForms(_) => Some(json!([one("/form_ids", "unknown_form", self.detail(language))])),
            Self::UnknownDemarche(_) => {
                Some(json!([one("/demarche", "unknown_demarche", self.detail(language))]))
            }
            Self::UnknownBouton => Some(json!([one("/bouton", "unknown_bouton", self.detail(language))])),
            Self::ForeignBouton => Some(json!([one("/bouton", "foreign_bouton", self.detail(language))])),
            _ => None,
        }
    }

    /// Headers that say the same to machines.
    fn add_headers(&self, response: &mut HttpResponse) {
        let mut set = |name: header::HeaderName, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        };
        match self {
            Self::MethodNotAllowed(allow) => set(header::ALLOW, (*allow).to_owned()),
            Self::Unauthorized | Self::KeyExpired(_) | Self::InsufficientKey => {
                set(header::WWW_AUTHENTICATE, "Bearer".to_owned());
            }
            Self::InFlight => set(header::RETRY_AFTER, "1".to_owned()),
            Self::Unavailable => set(header::RETRY_AFTER, RETRY_SECONDS.to_string()),
            Self::SlowBody | Self::TooLarge => set(header::CONNECTION, "close".to_owned()),
            Self::TooManyRequests(exceeded) => {
                set(header::RETRY_AFTER, exceeded.retry_after.to_string());
                set(header::HeaderName::from_static("ratelimit"), exceeded.header());
                set(header::HeaderName::from_static("ratelimit-policy"), exceeded.allowed());
            }
            _ => {}
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.slug())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status());
        self.add_headers(&mut response);
        response.extensions_mut().insert(self.clone());
        response
    }
}

/// The store's failures, logged once, here.
impl From<crate::store::StoreError> for Problem {
    fn from(error: crate::store::StoreError) -> Self {
        tracing::error!(error = error.chain(), "the store failed");
        Self::Unavailable
    }
}

/// Gives the problem of a response its body: JSON to programs, below `/api/` and `/health/`, a page elsewhere.
pub fn render(response: ServiceResponse) -> ServiceResponse {
    let path = response.request().path();
    let is_api = path.starts_with("/api/");
    let told = response.response().extensions().get::<Problem>().cloned();
    // The one refusal that no handler of ours makes is that of a preflight.
    let refused = is_api && response.status() == StatusCode::BAD_REQUEST;
    let Some(problem) = told.or(refused.then_some(Problem::CrossOriginRefused)) else { return response };
    let is_for_programs = is_api || path.starts_with("/health/");
    let language = if is_for_programs {
        language::of_two(response.request())
    } else {
        problem.language(language::of(response.request()))
    };
    let is_form = ["/avis/", "/Demarches/"].iter().any(|prefix| path.starts_with(prefix));
    // The handler knew who may frame it, unless it knew no démarche.
    let framing = is_form.then(|| {
        let known = response.request().extensions().get::<Framing>().cloned();
        known.unwrap_or_else(|| Framing::of(response.request(), vec![]))
    });
    let (request, mut response) = response.into_parts();
    let (content_type, body) = if is_for_programs {
        ("application/problem+json", problem.document_at(request.path(), language).to_string())
    } else {
        let page = pages::problem(&problem, language, framing.as_ref());
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, pages::policy_header(&page));
        ("text/html; charset=utf-8", page.html)
    };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    ServiceResponse::new(request, response.set_body(BoxBody::new(body)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_problem_has_its_own_type_and_words_in_every_language() {
        let all = Problem::all();
        assert_eq!(all.iter().map(Problem::slug).collect::<HashSet<_>>().len(), all.len());
        for language in Language::ALL {
            let titles: HashSet<_> = all.iter().map(|problem| problem.title(language)).collect();
            assert_eq!(titles.len(), all.len(), "{language:?}");
        }
    }

    #[test]
    fn a_document_holds_every_error_with_its_pointer() {
        let problem = Problem::Invalid(vec![FieldError {
            pointer: "/answers/ease".into(),
            code: shared::FieldErrorCode::UnknownChoice,
        }]);
        let document = problem.document(Language::Fr);
        assert_eq!(document["type"], "/problems/invalid-avis");
        assert_eq!(document["status"], 422);
        assert_eq!(document["errors"][0]["pointer"], "/answers/ease");
        assert_eq!(document["errors"][0]["code"], "unknown_choice");
    }
}
