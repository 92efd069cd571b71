//! `PATCH /api/v1/avis/{id}`

use reqwest::Method;
use serde_json::json;
use tests::TestCollector;

use crate::helpers::{Answer, accepted, counts, delete, least, patch, stored, with_answers};

#[tokio::test]
async fn adds_answers_and_gives_the_body_of_the_post_again() {
    let collector = TestCollector::start().await;
    let avis = accepted(&collector, &least()).await;

    let answer =
        Answer::of(patch(&collector, &avis.id, &avis.edit_token, &json!({"ease": "4", "clarity": "2"})))
            .await;

    answer.wants_status(200);
    assert_eq!(answer.accepted(), avis);
    assert!(answer.json()["edit_until"].is_string(), "{answer:?}");
    assert_eq!(counts(&collector, "ease").await, [("4".to_owned(), 1)].into());
    assert_eq!(counts(&collector, "clarity").await, [("2".to_owned(), 1)].into());
    assert_eq!(stored(&collector).await, 1);
}

#[tokio::test]
async fn replaces_answers_and_takes_them_back_with_null() {
    let collector = TestCollector::start().await;
    let avis = accepted(&collector, &with_answers(&json!({"ease": "4", "clarity": "2"}))).await;

    let change = json!({"satisfaction": "moyen", "ease": "1", "clarity": null});
    Answer::of(patch(&collector, &avis.id, &avis.edit_token, &change)).await.wants_status(200);

    assert_eq!(collector.smileys("3059").await, [0, 1, 0]);
    assert_eq!(counts(&collector, "ease").await, [("1".to_owned(), 1)].into());
    assert_eq!(collector.indicator("3059", "clarity").await["n"], 0);
}

#[tokio::test]
async fn satisfaction_does_not_vanish() {
    let collector = TestCollector::start().await;
    let avis = accepted(&collector, &least()).await;

    let answer =
        Answer::of(patch(&collector, &avis.id, &avis.edit_token, &json!({"satisfaction": null}))).await;

    answer.wants_errors("invalid-avis", &[("/answers/satisfaction", "required")]);
    assert_eq!(stored(&collector).await, 1);
}

#[tokio::test]
async fn a_key_replaces_its_whole_answer_objects_included() {
    let collector = TestCollector::start().await;
    let avis = accepted(
        &collector,
        &with_answers(&json!({
            "help_tried": ["guichet", "telephone"], "help_reached": {"guichet": "oui", "telephone": "non"},
        })),
    )
    .await;

    let change = json!({"help_reached": {"telephone": "oui"}});
    Answer::of(patch(&collector, &avis.id, &avis.edit_token, &change)).await.wants_status(200);

    assert_eq!(counts(&collector, "help_reachable").await, [("oui".to_owned(), 1)].into());
}

#[tokio::test]
async fn answers_whose_condition_vanished_go_with_it() {
    let collector = TestCollector::start().await;
    let avis = accepted(
        &collector,
        &with_answers(&json!({
            "help_tried": ["guichet"], "help_reached": {"guichet": "oui"}, "help_quality": {"guichet": "bonne"},
        })),
    )
    .await;

    let change = json!({"help_tried": ["none"]});
    Answer::of(patch(&collector, &avis.id, &avis.edit_token, &change)).await.wants_status(200);

    assert_eq!(collector.indicator("3059", "help_reachable").await["n"], 0);
    assert_eq!(collector.indicator("3059", "help_quality").await["n"], 0);
    assert_eq!(collector.indicator("3059", "autonomy").await["n"], 1);
}

#[tokio::test]
async fn the_avis_as_a_whole_must_satisfy_the_conditions() {
    let collector = TestCollector::start().await;
    let avis = accepted(&collector, &with_answers(&json!({"help_tried": ["guichet"]}))).await;

    let alone = json!({"help_quality": {"guichet": "bonne"}});
    Answer::of(patch(&collector, &avis.id, &avis.edit_token, &alone))
        .await
        .wants_errors("invalid-avis", &[("/answers/help_quality/guichet", "condition_not_met")]);
    let together = json!({"help_reached": {"guichet": "oui"}, "help_quality": {"guichet": "bonne"}});
    Answer::of(patch(&collector, &avis.id, &avis.edit_token, &together)).await.wants_status(200);
}

#[tokio::test]
async fn the_same_change_twice_counts_once() {
    let collector = TestCollector::start().await;
    let avis = accepted(&collector, &least()).await;

    for _ in 0..3 {
        let change = json!({"ease": "5", "malfunctions": ["none"]});
        Answer::of(patch(&collector, &avis.id, &avis.edit_token, &change)).await.wants_status(200);
    }

    assert_eq!(counts(&collector, "ease").await, [("5".to_owned(), 1)].into());
    assert_eq!(collector.indicator("3059", "malfunctions").await["n"], 1);
}

#[tokio::test]
async fn works_after_the_bouton_closes_and_after_a_restart() {
    let mut collector = TestCollector::start().await;
    let mut draft = least();
    draft["bouton"] = json!("12");
    let avis = accepted(&collector, &draft).await;

    collector.stop();
    collector.run(&["bouton", "close", "12"]);
    collector.serve().await;

    let change = json!({"ease": "5"});
    Answer::of(patch(&collector, &avis.id, &avis.edit_token, &change)).await.wants_status(200);
}

#[tokio::test]
async fn bad_answers_are_told_all_at_once_and_change_nothing() {
    let collector = TestCollector::start().await;
    let avis = accepted(&collector, &least()).await;

    let change = json!({"ease": "9", "clarity": 4, "speed": "x", "comment": "c".repeat(5001)});
    Answer::of(patch(&collector, &avis.id, &avis.edit_token, &change)).await.wants_errors(
        "invalid-avis",
        &[
            ("/answers/ease", "unknown_choice"),
            ("/answers/clarity", "wrong_type"),
            ("/answers/speed", "unknown_field"),
            ("/answers/comment", "too_long"),
        ],
    );

    assert_eq!(collector.indicator("3059", "ease").await["n"], 0);
}

#[tokio::test]
async fn without_a_token_it_is_401_and_says_what_is_wanted() {
    let collector = TestCollector::start().await;
    let avis = accepted(&collector, &least()).await;

    let request = collector
        .request(Method::PATCH, &format!("/api/v1/avis/{}", avis.id))
        .json(&json!({"answers": {"ease": "4"}}));
    let answer = Answer::of(request).await;

    answer.wants_problem(401, "unauthorized");
    assert!(answer.header("www-authenticate").starts_with("Bearer"), "{answer:?}");
    assert_eq!(collector.indicator("3059", "ease").await["n"], 0);
}

#[tokio::test]
async fn a_forged_token_and_one_for_another_avis_are_401() {
    let collector = TestCollector::start().await;
    let mine = accepted(&collector, &least()).await;
    let other = accepted(&collector, &least()).await;

    // Each character bent in turn, but for the last, of which base 64 may not use every bit.
    for position in 0..mine.edit_token.len() - 1 {
        let mut forged = mine.edit_token.clone().into_bytes();
        forged[position] = if forged[position] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        let answer = Answer::of(patch(&collector, &mine.id, &forged, &json!({"ease": "4"}))).await;
        answer.wants_problem(401, "unauthorized");
    }
    for token in ["nonsense", "", "a.b.c", &mine.receipt, &other.edit_token] {
        let answer = Answer::of(patch(&collector, &mine.id, token, &json!({"ease": "4"}))).await;
        answer.wants_problem(401, "unauthorized");
    }
    assert_eq!(collector.indicator("3059", "ease").await["n"], 0);
}

#[tokio::test]
async fn a_withdrawn_avis_takes_no_change() {
    let collector = TestCollector::start().await;
    let avis = accepted(&collector, &least()).await;
    Answer::of(delete(&collector, &avis.id, &avis.edit_token)).await.wants_status(204);

    let answer = Answer::of(patch(&collector, &avis.id, &avis.edit_token, &json!({"ease": "4"}))).await;

    answer.wants_problem(404, "unknown-avis");
    assert_eq!(stored(&collector).await, 0);
    assert_eq!(collector.indicator("3059", "ease").await["n"], 0);
}

#[tokio::test]
async fn truncated_json_a_wrong_content_type_and_80_kib_have_their_problems() {
    let collector = TestCollector::start().await;
    let avis = accepted(&collector, &least()).await;
    let request = |kind: &str, body: String| {
        collector
            .request(Method::PATCH, &format!("/api/v1/avis/{}", avis.id))
            .bearer_auth(&avis.edit_token)
            .header("Content-Type", kind)
            .body(body)
    };

    Answer::of(request("application/json", "{\"answers\":".to_owned())).await.wants_problem(400, "not-json");
    Answer::of(request("text/plain", "{}".to_owned())).await.wants_problem(415, "unsupported-media-type");
    Answer::of(request("application/json", " ".repeat(80 * 1024))).await.wants_problem(413, "too-large");
    Answer::of(request("application/json", "{\"demarche\": \"3059\"}".to_owned()))
        .await
        .wants_errors("invalid-avis", &[("/demarche", "unknown_field"), ("/answers", "required")]);
}
