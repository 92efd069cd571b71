//! What the collector writes about itself.

use serde_json::json;
use tests::TestCollector;

use crate::helpers::{Answer, accepted, delete, patch, with_answers};

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

    let (stdout, stderr) = collector.written();

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

    let (_, stderr) = collector.written();

    assert!(stderr.contains("/health/ready") && !stderr.contains('\x1b'), "{stderr:?}");
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
