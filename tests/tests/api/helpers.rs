//! What most tests do: send a request, read the answer, look for the avis it left.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tests::TestCollector;

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// What a `POST` that was accepted gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) id: String,
    pub(crate) receipt: String,
    pub(crate) edit_token: String,
}

impl fmt::Debug for Answer {
    /// Status, headers, and what of the body fits on a screen.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start: String = self.text.chars().take(2000).collect();
        write!(f, "{} {:#?} {start}", self.status, self.headers)
    }
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let answer = request.send().await.unwrap();
        Self {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            text: answer.text().await.unwrap(),
        }
    }

    /// The value of a header, empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    #[track_caller]
    pub(crate) fn wants_status(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
    }

    /// Wants an RFC 9457 problem with this status and a `type` that ends in `kind`.
    #[track_caller]
    pub(crate) fn wants_problem(&self, status: u16, kind: &str) -> Value {
        self.wants_status(status);
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], status, "{problem}");
        for member in ["type", "title", "detail"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "no {member}: {problem}");
        }
        let found = problem["type"].as_str().unwrap();
        assert_eq!(found.rsplit(['/', '#', ':']).next(), Some(kind), "{problem}");
        problem
    }

    /// Wants a 422 that lists exactly these errors, pointers and codes, in any order.
    #[track_caller]
    pub(crate) fn wants_errors(&self, kind: &str, errors: &[(&str, &str)]) {
        let problem = self.wants_problem(422, kind);
        let mut found: Vec<_> = problem["errors"]
            .as_array()
            .unwrap_or_else(|| panic!("no errors: {problem}"))
            .iter()
            .map(|error| {
                assert!(error["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{error}");
                (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())
            })
            .collect();
        let mut expected = errors.to_vec();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{problem}");
    }

    /// Wants an HTML page that is no error of the application's own.
    #[track_caller]
    pub(crate) fn wants_page(&self, status: u16) {
        self.wants_status(status);
        assert!(self.header("content-type").starts_with("text/html"), "{self:?}");
    }

    #[track_caller]
    pub(crate) fn accepted(&self) -> Accepted {
        let body = self.json();
        let text = |member: &str| {
            body[member].as_str().unwrap_or_else(|| panic!("no {member}: {self:?}")).to_owned()
        };
        Accepted { id: text("id"), receipt: text("receipt"), edit_token: text("edit_token") }
    }

    /// Where a redirect leads.
    #[track_caller]
    pub(crate) fn location(&self) -> &str {
        self.headers.get(LOCATION).unwrap_or_else(|| panic!("no Location: {self:?}")).to_str().unwrap()
    }
}

/// An idempotency key that no other test uses.
pub(crate) fn new_key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("8e03978e-40d5-43e8-bc93-{number:012x}")
}

/// The least avis: the one required answer about the démarche every collector starts with.
pub(crate) fn least() -> Value {
    json!({"demarche": "3059", "answers": {"satisfaction": "tres_bien"}})
}

/// [`least`] with further answers.
pub(crate) fn with_answers(further: &Value) -> Value {
    let mut avis = least();
    for (question, answer) in further.as_object().unwrap() {
        avis["answers"][question] = answer.clone();
    }
    avis
}

/// A `POST` of an avis with a key of its own.
pub(crate) fn post(collector: &TestCollector, avis: &Value) -> RequestBuilder {
    post_with_key(collector, avis, &new_key())
}

/// A `POST` of an avis with this key, quoted as the draft wants it.
pub(crate) fn post_with_key(collector: &TestCollector, avis: &Value, key: &str) -> RequestBuilder {
    post_text(collector, &avis.to_string()).header("Idempotency-Key", format!("\"{key}\""))
}

/// A `POST` of this text as JSON, without a key.
pub(crate) fn post_text(collector: &TestCollector, text: &str) -> RequestBuilder {
    collector
        .request(Method::POST, "/api/v1/avis")
        .header(CONTENT_TYPE, "application/json")
        .body(text.to_owned())
}

/// Posts an avis that has to be accepted.
pub(crate) async fn accepted(collector: &TestCollector, avis: &Value) -> Accepted {
    let answer = Answer::of(post(collector, avis)).await;
    answer.wants_status(201);
    answer.accepted()
}

/// A `PATCH` of answers by who holds `token`.
pub(crate) fn patch(collector: &TestCollector, id: &str, token: &str, answers: &Value) -> RequestBuilder {
    collector
        .request(Method::PATCH, &format!("/api/v1/avis/{id}"))
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .json(&json!({ "answers": answers }))
}

/// A `DELETE` by who holds `token`, an edit token or a receipt.
pub(crate) fn delete(collector: &TestCollector, id: &str, token: &str) -> RequestBuilder {
    collector
        .request(Method::DELETE, &format!("/api/v1/avis/{id}"))
        .header(AUTHORIZATION, format!("Bearer {token}"))
}

/// The counts of an indicator as a map, so that a test names those it means.
pub(crate) async fn counts(collector: &TestCollector, indicator: &str) -> HashMap<String, u64> {
    let found = collector.indicator("3059", indicator).await;
    found["counts"]
        .as_object()
        .unwrap_or_else(|| panic!("no counts: {found}"))
        .iter()
        .filter_map(|(choice, count)| Some((choice.clone(), count.as_u64().filter(|count| *count > 0)?)))
        .collect()
}

/// How many avis the démarche every collector starts with has.
pub(crate) async fn stored(collector: &TestCollector) -> u64 {
    collector.smileys("3059").await.iter().sum()
}
