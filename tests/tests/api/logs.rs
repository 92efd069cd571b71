//! What the collector writes about itself.

use serde_json::json;
use tests::{TestCollector, wait};

use crate::helpers::{Answer, accepted, delete, patch, with_answers};

/// Standard error, as soon as it holds this.
async fn written_once(collector: &TestCollector, wanted: &str) -> String {
    wait::until(&format!("{wanted} in the log"), async || {
        let (_, stderr) = collector.written();
        if stderr.contains(wanted) { Ok(stderr) } else { Err(stderr) }
    })
    .await
}

#[tokio::test]
async fn standard_output_holds_the_address_alone() {
    let collector = TestCollector::start().await;
    Answer::of(collector.get("/avis/3059")).await.wants_status(200);

    let (stdout, _) = collector.written();

    assert_eq!(stdout.trim_end(), collector.address());
    assert_eq!(stdout.lines().count(), 1);
}

#[tokio::test]
async fn logs_hold_no_address_token_receipt_or_answer() {
    let collector = TestCollector::start_with(&["--trusted-proxy", "127.0.0.0/8"]).await;
    let secret = "un commentaire que personne d'autre n'écrit";
    let avis = accepted(&collector, &with_answers(&json!({ "comment": secret }))).await;
    let change =
        patch(&collector, &avis.id, &avis.edit_token, &json!({"comment": "encore un commentaire privé"}));
    Answer::of(change.header("X-Forwarded-For", "203.0.113.77")).await.wants_status(200);
    let bad = patch(&collector, &avis.id, &avis.edit_token, &json!({"ease": "une réponse privée"}));
    Answer::of(bad).await.wants_status(422);
    Answer::of(collector.get(&format!("/avis/3059?suite={secret}"))).await;
    Answer::of(delete(&collector, &avis.id, &avis.receipt)).await.wants_status(204);

    // Lines are written a moment after their request was answered, and in order: that of the last is the last.
    let stderr = written_once(&collector, "status=204").await;
    let (stdout, _) = collector.written();

    for private in [secret, "privé", "203.0.113.77", &avis.receipt, &avis.edit_token] {
        assert!(
            !stderr.contains(private) && !stdout.contains(private),
            "{private} is in the logs:\n{stderr}"
        );
    }
}

#[tokio::test]
async fn logs_hold_no_colour_where_no_terminal_shows_it() {
    let collector = TestCollector::start().await;

    let stderr = written_once(&collector, "/health/ready").await;

    assert!(!stderr.contains('\x1b'), "{stderr:?}");
}

#[tokio::test]
async fn sigterm_ends_it_with_0_and_keeps_what_was_accepted() {
    let mut collector = TestCollector::start().await;
    accepted(&collector, &with_answers(&json!({}))).await;

    let status = collector.stop();

    assert_eq!(status.code(), Some(0));
    collector.serve().await;
    assert_eq!(collector.smileys("3059").await, [0, 0, 1]);
}

#[tokio::test]
async fn a_request_is_one_line_with_its_route_and_all_lines_are_there_at_the_end() {
    let mut collector = TestCollector::start_with(&["--log-format", "json"]).await;
    for _ in 0..50 {
        Answer::of(collector.get("/avis/3059")).await.wants_status(200);
    }
    Answer::of(collector.get("/nowhere/private")).await.wants_status(404);

    collector.stop();

    let (_, stderr) = collector.written();
    let lines: Vec<serde_json::Value> =
        stderr.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect();
    let of = |route: &str| lines.iter().filter(|line| line["route"] == route).count();
    assert_eq!((of("/avis/{demarche}"), of("none")), (50, 1), "{stderr}");
    assert!(lines.last().unwrap()["message"].as_str().unwrap().starts_with("stopped"), "{stderr}");
    assert!(!stderr.contains("private"), "{stderr}");
}
