//! What a browser lets a page of another origin do with `/api/v1/avis`.

use reqwest::Method;
use serde_json::json;
use tests::TestCollector;

use crate::helpers::{Answer, accepted, least, patch, post, post_text, with_answers};

const ORIGIN: &str = "https://www.impots.gouv.fr";

/// The names in a header that lists them, in lower case.
fn list(answer: &Answer, name: &str) -> Vec<String> {
    answer.header(name).split(',').map(|item| item.trim().to_lowercase()).collect()
}

#[track_caller]
fn wants_readable(answer: &Answer) {
    let allowed = answer.header("access-control-allow-origin");
    assert!(allowed == "*" || allowed == ORIGIN, "{answer:?}");
    assert_eq!(answer.header("access-control-allow-credentials"), "", "{answer:?}");
    let exposed = list(answer, "access-control-expose-headers");
    for name in ["retry-after", "ratelimit", "ratelimit-policy"] {
        assert!(exposed.iter().any(|header| header == name), "{name} is not exposed: {answer:?}");
    }
}

#[tokio::test]
async fn a_page_of_another_origin_reads_success() {
    let collector = TestCollector::start().await;

    let answer = Answer::of(post(&collector, &least()).header("Origin", ORIGIN)).await;

    answer.wants_status(201);
    wants_readable(&answer);
}

#[tokio::test]
async fn a_page_of_another_origin_reads_errors() {
    let collector = TestCollector::start().await;
    let avis = accepted(&collector, &least()).await;
    let mut unknown = least();
    unknown["demarche"] = json!("999");

    let requests = [
        (422, post(&collector, &with_answers(&json!({"ease": "9"})))),
        (404, post(&collector, &unknown)),
        (400, post_text(&collector, "{")),
        (400, post_text(&collector, &least().to_string())),
        (401, patch(&collector, &avis.id, "nonsense", &json!({"ease": "4"}))),
        (405, collector.request(Method::PUT, "/api/v1/avis")),
        (413, post_text(&collector, &" ".repeat(80 * 1024))),
        (404, collector.get("/api/v1/nothing")),
    ];
    for (status, request) in requests {
        let answer = Answer::of(request.header("Origin", ORIGIN)).await;
        answer.wants_status(status);
        wants_readable(&answer);
    }
}

#[tokio::test]
async fn preflights_allow_what_the_form_sends_and_are_remembered_two_hours() {
    let collector = TestCollector::start().await;

    for (path, method) in
        [("/api/v1/avis", "POST"), ("/api/v1/avis/x", "PATCH"), ("/api/v1/avis/x", "DELETE")]
    {
        let request = collector
            .request(Method::OPTIONS, path)
            .header("Origin", ORIGIN)
            .header("Access-Control-Request-Method", method)
            .header("Access-Control-Request-Headers", "authorization,content-type,idempotency-key");
        let answer = Answer::of(request).await;

        assert!(matches!(answer.status, 200 | 204), "{answer:?}");
        let origin = answer.header("access-control-allow-origin");
        assert!(origin == "*" || origin == ORIGIN, "{answer:?}");
        let methods = list(&answer, "access-control-allow-methods");
        assert!(methods.contains(&method.to_lowercase()), "{answer:?}");
        let headers = list(&answer, "access-control-allow-headers");
        for name in ["authorization", "content-type", "idempotency-key"] {
            assert!(headers.iter().any(|header| header == name), "{name}: {answer:?}");
        }
        assert_eq!(answer.header("access-control-max-age"), "7200", "{answer:?}");
    }
}

#[tokio::test]
async fn the_averages_are_readable_from_any_page() {
    let collector = TestCollector::start().await;

    let request =
        collector.get("/api/v1/satisfaction?from=2026-01-01&to=2026-12-31").header("Origin", ORIGIN);
    let answer = Answer::of(request).await;

    answer.wants_status(200);
    let allowed = answer.header("access-control-allow-origin");
    assert!(allowed == "*" || allowed == ORIGIN, "{answer:?}");
}
