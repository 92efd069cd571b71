//! `GET /metrics`, on a listener of its own.

use reqwest::Method;
use serde_json::json;
use tests::{TestCollector, wait};

use crate::helpers::{
    Answer, accepted, delete, least, new_key, patch, post, post_text, post_with_key, with_answers,
};

async fn start() -> TestCollector {
    TestCollector::start_with(&["--metrics-listen", "127.0.0.1:0"]).await
}

/// The whole text, and its media type.
async fn scrape(collector: &TestCollector) -> Answer {
    let address = format!("{}/metrics", collector.metrics_address().await);
    Answer::of(reqwest::Client::builder().no_proxy().build().unwrap().get(address)).await
}

/// Waits for a series to have this value: an answer may arrive a moment before it is counted.
async fn wants(collector: &TestCollector, series: &str, value: f64) {
    wait::until(&format!("{series} {value}"), async || match collector.metric(series).await {
        #[expect(clippy::float_cmp, reason = "a count, exactly")]
        Some(found) if found == value => Ok(()),
        found => Err(format!("{found:?}")),
    })
    .await;
}

#[tokio::test]
async fn the_format_is_that_of_openmetrics() {
    let collector = start().await;

    let answer = scrape(&collector).await;

    answer.wants_status(200);
    assert_eq!(answer.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(answer.text.ends_with("# EOF\n"), "{answer:?}");
    assert!(answer.text.contains("avis_build_info{version=\""), "{answer:?}");
}

#[tokio::test]
async fn they_are_on_a_listener_of_their_own_which_has_nothing_else() {
    let collector = start().await;

    Answer::of(collector.get("/metrics")).await.wants_status(404);
    let metrics = collector.metrics_address().await;
    for path in ["/", "/health/live", "/api/v1/satisfaction", "/metrics/"] {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Answer::of(client.get(format!("{metrics}{path}"))).await.wants_status(404);
    }
}

#[tokio::test]
async fn an_address_that_is_taken_is_said_before_anything_starts() {
    let collector = start().await;
    let taken = collector.metrics_address().await;
    let taken = taken.trim_start_matches("http://");

    let output = collector.try_run(&["serve", "--listen", "127.0.0.1:0", "--metrics-listen", taken]);

    assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{}", output.stderr);
    assert!(output.stderr.contains(taken), "{}", output.stderr);
}

#[tokio::test]
async fn a_collector_that_nobody_uses_yet_is_not_in_trouble() {
    let collector = start().await;

    wants(&collector, "avis_database_up", 1.0).await;
    wants(&collector, "avis_spool_depth", 0.0).await;
}

#[tokio::test]
async fn what_becomes_of_avis_is_counted() {
    let collector = start().await;
    let key = new_key();
    for _ in 0..2 {
        Answer::of(post_with_key(&collector, &least(), &key)).await.wants_status(201);
    }
    let avis = accepted(&collector, &with_answers(&json!({"ease": "4"}))).await;
    Answer::of(patch(&collector, &avis.id, &avis.edit_token, &json!({"ease": "5"}))).await.wants_status(200);
    Answer::of(delete(&collector, &avis.id, &avis.receipt)).await.wants_status(204);
    let form = collector.request(Method::POST, "/avis/3059");
    let step = form.form(&[("satisfaction", "moyen")]);
    Answer::of(step).await.wants_status(303);

    for (series, value) in [
        (r#"avis_accepted_total{via="api",outcome="recorded"}"#, 2.0),
        (r#"avis_accepted_total{via="api",outcome="replayed"}"#, 1.0),
        (r#"avis_accepted_total{via="api",outcome="spooled"}"#, 0.0),
        (r#"avis_accepted_total{via="form",outcome="recorded"}"#, 1.0),
        ("avis_changed_total", 1.0),
        ("avis_withdrawn_total", 1.0),
        (r#"avis_quarantined_total{reason="honeypot"}"#, 0.0),
        ("avis_queue_depth", 0.0),
        ("avis_queue_bytes", 0.0),
        ("avis_spool_depth", 0.0),
        ("avis_database_up", 1.0),
        ("avis_log_lines_lost_total", 0.0),
        ("avis_batch_size_sum", 6.0),
        (r#"avis_http_request_seconds_count{route="/api/v1/avis",method="POST",status_class="2xx"}"#, 3.0),
        (
            r#"avis_http_request_seconds_count{route="/avis/{demarche}",method="POST",status_class="3xx"}"#,
            1.0,
        ),
    ] {
        wants(&collector, series, value).await;
    }
    let commits = collector.metric("avis_commit_seconds_count").await;
    assert!(commits.is_some_and(|commits| (1.0..=6.0).contains(&commits)), "{commits:?}");
}

#[tokio::test]
async fn a_read_that_found_nothing_new_is_told_from_others() {
    let collector = start().await;
    let path = "/api/v1/satisfaction?from=2024-01-01&to=2024-12-31";
    let etag = Answer::of(collector.get(path)).await.header("etag").to_owned();
    Answer::of(collector.get(path).header("If-None-Match", etag)).await.wants_status(304);

    for class in ["2xx", "3xx"] {
        let labels = format!("route=\"/api/v1/satisfaction\",method=\"GET\",status_class=\"{class}\"");
        wants(&collector, &format!("avis_http_request_seconds_count{{{labels}}}"), 1.0).await;
    }
}

#[tokio::test]
async fn refusals_are_counted_by_their_reason_and_reads_are_none() {
    let collector = start().await;
    Answer::of(post(&collector, &with_answers(&json!({"ease": "9"})))).await.wants_status(422);
    Answer::of(post_text(&collector, "{")).await.wants_status(400);
    let form = collector.request(Method::POST, "/avis/3059").form(&[("satisfaction", "?")]);
    Answer::of(form).await.wants_status(422);
    Answer::of(collector.get("/api/v1/satisfaction")).await.wants_status(400);

    for (reason, count) in [
        ("invalid-avis", 2.0),
        ("not-json", 1.0),
        ("invalid-query", 0.0),
        ("too-many-requests", 0.0),
        ("unavailable", 0.0),
    ] {
        wants(&collector, &format!("avis_refused_total{{reason=\"{reason}\"}}"), count).await;
    }
}

#[tokio::test]
async fn no_label_holds_a_path_or_an_id_whatever_is_asked_for() {
    let collector = start().await;
    let avis = accepted(&collector, &least()).await;
    for number in 0..20 {
        Answer::of(collector.get(&format!("/secret-{number}"))).await.wants_status(404);
        Answer::of(collector.get(&format!("/api/secret-{number}"))).await.wants_status(404);
        let method = Method::from_bytes(format!("SECRET{number}").as_bytes()).unwrap();
        Answer::of(collector.request(method, "/api/v1/avis")).await.wants_status(405);
        Answer::of(delete(&collector, &avis.id, "secret")).await.wants_status(401);
    }

    let text = scrape(&collector).await.text;

    for private in ["secret", "SECRET", &avis.id, &avis.receipt, "3059"] {
        assert!(!text.contains(private), "{private} is in\n{text}");
    }
    wants(
        &collector,
        r#"avis_http_request_seconds_count{route="none",method="GET",status_class="4xx"}"#,
        40.0,
    )
    .await;
    wants(
        &collector,
        r#"avis_http_request_seconds_count{route="/api/v1/avis",method="other",status_class="4xx"}"#,
        20.0,
    )
    .await;
    wants(
        &collector,
        r#"avis_http_request_seconds_count{route="/api/v1/avis/{id}",method="DELETE",status_class="4xx"}"#,
        20.0,
    )
    .await;
}
