//! `DELETE /api/v1/avis/{id}`

use reqwest::Method;
use serde_json::json;
use tests::TestCollector;

use crate::helpers::{Answer, accepted, delete, least, stored, with_answers};

#[tokio::test]
async fn the_edit_token_takes_the_avis_out_of_every_count() {
    let collector = TestCollector::start().await;
    let all = json!({
        "ease": "4", "clarity": "5", "help_tried": ["guichet"], "help_reached": {"guichet": "oui"},
        "help_quality": {"guichet": "bonne"}, "malfunctions": ["slow"], "comment": "Merci.",
    });
    let avis = accepted(&collector, &with_answers(&all)).await;

    let answer = Answer::of(delete(&collector, &avis.id, &avis.edit_token)).await;

    answer.wants_status(204);
    assert_eq!(answer.text, "");
    let indicators =
        ["satisfaction", "ease", "clarity", "help_quality", "help_reachable", "malfunctions", "autonomy"];
    for indicator in indicators {
        let found = collector.indicator("3059", indicator).await;
        assert_eq!((&found["n"], &found["status"]), (&json!(0), &json!("none")), "{indicator}");
    }
}

#[tokio::test]
async fn the_receipt_does_too_and_it_may_be_repeated() {
    let collector = TestCollector::start().await;
    let avis = accepted(&collector, &least()).await;
    accepted(&collector, &least()).await;

    for _ in 0..3 {
        Answer::of(delete(&collector, &avis.id, &avis.receipt)).await.wants_status(204);
        Answer::of(delete(&collector, &avis.id, &avis.edit_token)).await.wants_status(204);
    }

    assert_eq!(stored(&collector).await, 1);
}

#[tokio::test]
async fn without_a_token_it_is_401() {
    let collector = TestCollector::start().await;
    let avis = accepted(&collector, &least()).await;

    let request = collector.request(Method::DELETE, &format!("/api/v1/avis/{}", avis.id));
    Answer::of(request).await.wants_problem(401, "unauthorized");

    assert_eq!(stored(&collector).await, 1);
}

#[tokio::test]
async fn nobody_elses_token_or_receipt_will_do() {
    let collector = TestCollector::start().await;
    let mine = accepted(&collector, &least()).await;
    let other = accepted(&collector, &least()).await;

    for token in [&other.edit_token, &other.receipt, "0000-0000-0000-0000", "nonsense", ""] {
        Answer::of(delete(&collector, &mine.id, token)).await.wants_problem(401, "unauthorized");
    }

    assert_eq!(stored(&collector).await, 2);
}
