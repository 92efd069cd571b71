//! `GET /api/v1/token`: what shows that an avis came from a form.

use reqwest::Method;
use serde_json::{Value, json};
use tests::TestCollector;

use crate::helpers::{Answer, least, new_key, post, post_with_key, stored};

async fn token(collector: &TestCollector) -> String {
    let answer = Answer::of(collector.get("/api/v1/token?demarche=3059")).await;
    answer.wants_status(200);
    answer.json()["token"].as_str().unwrap_or_else(|| panic!("no token: {answer:?}")).to_owned()
}

fn with_token(token: &str) -> Value {
    let mut avis = least();
    avis["token"] = json!(token);
    avis
}

#[tokio::test]
async fn a_form_gets_a_token_of_its_own_that_nothing_keeps() {
    let collector = TestCollector::start().await;

    let request = collector.get("/api/v1/token?demarche=3059").header("Origin", "https://www.impots.gouv.fr");
    let answer = Answer::of(request).await;

    answer.wants_status(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let body = answer.json();
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["token", "expires"]);
    let opaque = body["token"].as_str().unwrap();
    assert!(opaque.len() > 32 && !opaque.contains("3059"), "{opaque}");
    assert!(body["expires"].as_str().unwrap().ends_with('Z'), "{body}");
    assert_ne!(token(&collector).await, opaque, "each form has its own");
}

#[tokio::test]
async fn it_is_asked_for_a_demarche_that_there_is_and_by_get() {
    let collector = TestCollector::start().await;

    Answer::of(collector.get("/api/v1/token?demarche=999")).await.wants_problem(404, "unknown-demarche");
    for query in ["", "?demarche=", "?demarche=3059&demarche=3059", "?demarche=3059&bouton=12"] {
        let asked = collector.get(&format!("/api/v1/token{query}"));
        Answer::of(asked).await.wants_problem(400, "invalid-query");
    }
    let posted = Answer::of(collector.request(Method::POST, "/api/v1/token?demarche=3059")).await;
    posted.wants_problem(405, "method-not-allowed");
    assert_eq!(posted.header("allow"), "GET, HEAD");
    let head = Answer::of(collector.request(Method::HEAD, "/api/v1/token?demarche=3059")).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
}

#[tokio::test]
async fn whatever_the_token_the_answer_is_that_of_any_avis() {
    let collector = TestCollector::start().await;
    let mine = token(&collector).await;

    // One's own, the same once more, none of ours, and none at all.
    for token in [mine.as_str(), &mine, "no-token-of-ours", ""] {
        let answer = Answer::of(post(&collector, &with_token(token))).await;
        answer.wants_status(201);
        let body = answer.json();
        let names: Vec<&String> = body.as_object().unwrap().keys().collect();
        assert_eq!(names, ["id", "receipt", "edit_token", "edit_until"], "nothing tells what became of it");
    }
    let mut filled = least();
    filled["website"] = json!("https://spam.example.org");
    Answer::of(post(&collector, &filled)).await.wants_status(201);
}

#[tokio::test]
async fn an_avis_that_is_set_aside_is_answered_again_as_it_was() {
    let collector = TestCollector::start().await;
    let mut filled = with_token(&token(&collector).await);
    filled["website"] = json!("https://spam.example.org");
    let key = new_key();

    let first = Answer::of(post_with_key(&collector, &filled, &key)).await;
    let again = Answer::of(post_with_key(&collector, &filled, &key)).await;

    first.wants_status(201);
    assert_eq!((again.status, again.text), (first.status, first.text));
    assert!(stored(&collector).await <= 1);
}
