//! `POST /api/v1/avis` again: the same key gives the same answer, and one avis.

use std::collections::HashSet;

use serde_json::json;
use tests::TestCollector;

use crate::helpers::{Answer, delete, least, new_key, post_text, post_with_key, stored, with_answers};

#[tokio::test]
async fn the_same_key_with_the_same_body_gives_the_same_answer() {
    let collector = TestCollector::start().await;
    let key = new_key();

    let first = Answer::of(post_with_key(&collector, &least(), &key)).await;
    let second = Answer::of(post_with_key(&collector, &least(), &key)).await;
    let bare = post_text(&collector, &least().to_string()).header("Idempotency-Key", &key);
    let third = Answer::of(bare).await;

    for replay in [&second, &third] {
        assert_eq!((replay.status, &replay.text), (201, &first.text));
        assert_eq!(replay.location(), first.location());
    }
    assert_eq!(stored(&collector).await, 1);
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer_after_a_restart() {
    let mut collector = TestCollector::start().await;
    let key = new_key();

    let first = Answer::of(post_with_key(&collector, &least(), &key)).await;
    collector.restart().await;
    let second = Answer::of(post_with_key(&collector, &least(), &key)).await;

    assert_eq!((second.status, &second.text), (201, &first.text));
    assert_eq!(stored(&collector).await, 1);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused() {
    let collector = TestCollector::start().await;
    let key = new_key();
    Answer::of(post_with_key(&collector, &least(), &key)).await.wants_status(201);

    let mut other = least();
    other["answers"]["satisfaction"] = json!("pas_bien");
    let answer = Answer::of(post_with_key(&collector, &other, &key)).await;

    answer.wants_problem(422, "idempotency-key-reused");
    assert_eq!(collector.smileys("3059").await, [0, 0, 1]);
}

#[tokio::test]
async fn twenty_at_once_with_one_key_store_one_avis() {
    let collector = TestCollector::start().await;
    let key = new_key();
    let avis = with_answers(&json!({"comment": "Un double clic."}));

    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..20 {
        requests.spawn(Answer::of(post_with_key(&collector, &avis, &key)));
    }
    let answers = requests.join_all().await;

    let bodies: HashSet<_> =
        answers.iter().filter(|answer| answer.status == 201).map(|answer| &answer.text).collect();
    assert_eq!(bodies.len(), 1, "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.wants_problem(409, "in-flight");
    }
    assert_eq!(stored(&collector).await, 1);
}

#[tokio::test]
async fn no_key_is_refused() {
    let collector = TestCollector::start().await;

    let answer = Answer::of(post_text(&collector, &least().to_string())).await;

    answer.wants_problem(400, "idempotency-key-missing");
    assert_eq!(stored(&collector).await, 0);
}

#[tokio::test]
async fn a_key_that_is_no_uuid_is_refused() {
    let collector = TestCollector::start().await;

    for key in ["", "\"\"", "1", "8e03978e-40d5-43e8-bc93", "\"8e03978e-40d5-43e8-bc93-6894a57f932g\""] {
        let request = post_text(&collector, &least().to_string()).header("Idempotency-Key", key);
        Answer::of(request).await.wants_problem(400, "idempotency-key-malformed");
    }
    let mut avis = least();
    avis["idempotency_key"] = json!("kiosque-3");
    let in_body = Answer::of(post_text(&collector, &avis.to_string())).await;
    in_body.wants_problem(400, "idempotency-key-malformed");

    assert_eq!(stored(&collector).await, 0);
}

#[tokio::test]
async fn a_key_whose_first_body_was_refused_is_free_again() {
    let collector = TestCollector::start().await;
    let key = new_key();

    let wrong = with_answers(&json!({"ease": "9"}));
    Answer::of(post_with_key(&collector, &wrong, &key)).await.wants_status(422);

    Answer::of(post_with_key(&collector, &least(), &key)).await.wants_status(201);
}

#[tokio::test]
async fn a_replay_gives_the_same_answer_after_the_bouton_closed() {
    let mut collector = TestCollector::start().await;
    let key = new_key();
    let mut avis = least();
    avis["bouton"] = json!("12");
    let first = Answer::of(post_with_key(&collector, &avis, &key)).await;
    first.wants_status(201);

    collector.stop();
    collector.run(&["bouton", "close", "12"]);
    collector.serve().await;
    let replay = Answer::of(post_with_key(&collector, &avis, &key)).await;

    assert_eq!((replay.status, &replay.text), (201, &first.text));
    assert_eq!(stored(&collector).await, 1);
}

#[tokio::test]
async fn a_replay_after_the_withdrawal_gives_its_201_and_restores_nothing() {
    let collector = TestCollector::start().await;
    let key = new_key();
    let first = Answer::of(post_with_key(&collector, &least(), &key)).await;
    let avis = first.accepted();
    Answer::of(delete(&collector, &avis.id, &avis.receipt)).await.wants_status(204);

    let replay = Answer::of(post_with_key(&collector, &least(), &key)).await;

    assert_eq!((replay.status, &replay.text), (201, &first.text));
    assert_eq!(stored(&collector).await, 0);
}
