//! Methods that an address does not have.

use reqwest::Method;
use tests::TestCollector;

use crate::helpers::Answer;

async fn wants_405(collector: &TestCollector, method: Method, path: &str, allowed: &[&str]) {
    let answer = Answer::of(collector.request(method.clone(), path)).await;
    answer.wants_status(405);
    let found: Vec<_> = answer.header("allow").split(',').map(str::trim).collect();
    for name in allowed {
        assert!(found.contains(name), "{method} {path}: no {name} in Allow: {found:?}");
    }
    assert!(!found.contains(&method.as_str()), "{method} {path}: {found:?}");
    if method == Method::HEAD {
        assert_eq!(answer.text, "");
    } else if ["/api/", "/health/"].iter().any(|prefix| path.starts_with(prefix)) {
        answer.wants_problem(405, "method-not-allowed");
    } else {
        answer.wants_page(405);
    }
}

#[tokio::test]
async fn get_405_with_allow() {
    let collector = TestCollector::start().await;

    wants_405(&collector, Method::GET, "/api/v1/avis", &["POST"]).await;
    wants_405(&collector, Method::HEAD, "/api/v1/avis", &["POST"]).await;
    wants_405(&collector, Method::PUT, "/api/v1/avis", &["POST"]).await;
    wants_405(&collector, Method::POST, "/api/v1/avis/x", &["PATCH", "DELETE"]).await;
    wants_405(&collector, Method::GET, "/api/v1/avis/x", &["PATCH", "DELETE"]).await;
    wants_405(&collector, Method::POST, "/api/v1/satisfaction", &["GET", "HEAD"]).await;
    wants_405(&collector, Method::DELETE, "/api/v1/demarches", &["GET", "HEAD"]).await;
    wants_405(&collector, Method::PUT, "/api/v1/demarches/3059", &["GET", "HEAD"]).await;
    wants_405(&collector, Method::PUT, "/avis/3059", &["GET", "HEAD", "POST"]).await;
    wants_405(&collector, Method::POST, "/integration/3059", &["GET", "HEAD"]).await;
    wants_405(&collector, Method::POST, "/v1/avis.js", &["GET", "HEAD"]).await;
    wants_405(&collector, Method::POST, "/health/live", &["GET", "HEAD"]).await;
}

#[tokio::test]
async fn head_is_get_without_its_body() {
    let collector = TestCollector::start().await;

    let paths = [
        "/api/v1/satisfaction?from=2026-01-01&to=2026-12-31",
        "/api/v1/demarches",
        "/avis/3059",
        "/integration/3059",
        "/v1/avis.js",
        "/health/ready",
        "/static/bouton-bleu.svg",
    ];
    for path in paths {
        let head = Answer::of(collector.request(Method::HEAD, path)).await;
        let get = Answer::of(collector.get(path)).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
        assert_eq!(get.status, 200, "{path}");
    }
}
