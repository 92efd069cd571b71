//! `POST /api/v1/avis` with what is wrong: each has its problem, and nothing is stored.

use reqwest::Method;
use serde_json::{Value, json};
use tests::TestCollector;
use tests::wait;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::helpers::{Answer, least, new_key, post, post_text, stored, with_answers};

/// Wants a 422 for these answers, with exactly these errors, and nothing stored.
async fn wants_refused(answers: Value, errors: &[(&str, &str)]) {
    let collector = TestCollector::start().await;
    let answer = Answer::of(post(&collector, &with_answers(&answers))).await;
    answer.wants_errors("invalid-avis", errors);
    assert_eq!(stored(&collector).await, 0);
}

#[tokio::test]
async fn an_unknown_demarche() {
    let collector = TestCollector::start().await;

    let mut avis = least();
    avis["demarche"] = json!("999");

    Answer::of(post(&collector, &avis)).await.wants_problem(404, "unknown-demarche");
}

#[tokio::test]
async fn an_unknown_bouton() {
    let collector = TestCollector::start().await;

    let mut avis = least();
    avis["bouton"] = json!("999");

    Answer::of(post(&collector, &avis)).await.wants_problem(404, "unknown-bouton");
    assert_eq!(stored(&collector).await, 0);
}

#[tokio::test]
async fn a_bouton_of_another_demarche() {
    let collector = TestCollector::start().await;
    collector.add_demarche("4079", "Titre de séjour");
    collector.run(&["bouton", "add", "--demarche", "4079", "--id", "13"]);

    let mut avis = least();
    avis["bouton"] = json!("13");

    wait::until("the new bouton to be known", async || match Answer::of(post(&collector, &avis)).await {
        answer if answer.status == 404 => Err(answer.text),
        answer => Ok(answer),
    })
    .await
    .wants_problem(422, "foreign-bouton");
    assert_eq!(stored(&collector).await, 0);
}

#[tokio::test]
async fn a_closed_bouton() {
    let mut collector = TestCollector::start().await;
    collector.stop();
    collector.run(&["bouton", "close", "12"]);
    collector.serve().await;

    let mut avis = least();
    avis["bouton"] = json!("12");

    Answer::of(post(&collector, &avis)).await.wants_problem(410, "closed");
    assert_eq!(stored(&collector).await, 0);
}

#[tokio::test]
async fn an_unknown_choice() {
    wants_refused(json!({"ease": "6"}), &[("/answers/ease", "unknown_choice")]).await;
}

#[tokio::test]
async fn labels_points_and_numbers_in_place_of_codes() {
    wants_refused(
        json!({"satisfaction": "Très bien", "ease": 4, "clarity": "10", "help_tried": ["Par chat"]}),
        &[
            ("/answers/satisfaction", "unknown_choice"),
            ("/answers/ease", "wrong_type"),
            ("/answers/clarity", "unknown_choice"),
            ("/answers/help_tried/0", "unknown_choice"),
        ],
    )
    .await;
}

#[tokio::test]
async fn the_quality_of_a_channel_that_was_not_reached() {
    wants_refused(
        json!({
            "help_tried": ["guichet", "telephone"],
            "help_reached": {"guichet": "oui", "telephone": "non"},
            "help_quality": {"guichet": "bonne", "telephone": "mauvaise"},
        }),
        &[("/answers/help_quality/telephone", "condition_not_met")],
    )
    .await;
}

#[tokio::test]
async fn a_channel_that_was_not_ticked() {
    wants_refused(
        json!({"help_tried": ["guichet"], "help_reached": {"chat": "oui"}}),
        &[("/answers/help_reached/chat", "condition_not_met")],
    )
    .await;
}

#[tokio::test]
async fn other_words_without_other() {
    wants_refused(
        json!({"malfunctions": ["slow"], "malfunctions_other": "x", "help_tried_other": "y"}),
        &[
            ("/answers/malfunctions_other", "condition_not_met"),
            ("/answers/help_tried_other", "condition_not_met"),
        ],
    )
    .await;
}

#[tokio::test]
async fn none_beside_something() {
    wants_refused(
        json!({"malfunctions": ["slow", "none"], "help_tried": ["none", "chat"]}),
        &[("/answers/malfunctions", "exclusive_choice"), ("/answers/help_tried", "exclusive_choice")],
    )
    .await;
}

#[tokio::test]
async fn a_comment_of_six_thousand_characters_and_other_words_of_251() {
    wants_refused(
        json!({
            "comment": "é".repeat(6000),
            "malfunctions": ["other"], "malfunctions_other": "x".repeat(251),
            "help_tried": ["other"], "help_tried_other": "ش".repeat(251),
        }),
        &[
            ("/answers/comment", "too_long"),
            ("/answers/malfunctions_other", "too_long"),
            ("/answers/help_tried_other", "too_long"),
        ],
    )
    .await;
}

#[tokio::test]
async fn wrong_types_all_at_once() {
    wants_refused(
        json!({
            "satisfaction": 10, "clarity": true, "help_tried": "chat",
            "help_reached": ["chat"], "comment": {"text": "x"}, "malfunctions": [["slow"]],
        }),
        &[
            ("/answers/satisfaction", "wrong_type"),
            ("/answers/clarity", "wrong_type"),
            ("/answers/help_tried", "wrong_type"),
            ("/answers/help_reached", "wrong_type"),
            ("/answers/comment", "wrong_type"),
            ("/answers/malfunctions/0", "wrong_type"),
        ],
    )
    .await;
}

#[tokio::test]
async fn unknown_fields_all_at_once() {
    let collector = TestCollector::start().await;

    let mut avis = with_answers(&json!({"speed": "4", "help_reached": {"fax": "oui"}}));
    avis["score"] = json!(10);
    avis["created_at"] = json!("2026-01-01");

    Answer::of(post(&collector, &avis)).await.wants_errors(
        "invalid-avis",
        &[
            ("/score", "unknown_field"),
            ("/created_at", "unknown_field"),
            ("/answers/speed", "unknown_field"),
            ("/answers/help_reached/fax", "unknown_field"),
        ],
    );
    assert_eq!(stored(&collector).await, 0);
}

#[tokio::test]
async fn what_is_required_and_missing() {
    let collector = TestCollector::start().await;

    Answer::of(post(&collector, &json!({})))
        .await
        .wants_errors("invalid-avis", &[("/demarche", "required"), ("/answers", "required")]);
    let no_smiley = json!({"demarche": "3059", "answers": {"ease": "4"}});
    Answer::of(post(&collector, &no_smiley))
        .await
        .wants_errors("invalid-avis", &[("/answers/satisfaction", "required")]);
}

#[tokio::test]
async fn json_that_is_no_object() {
    let collector = TestCollector::start().await;

    for text in ["[]", "null", "\"3059\"", "3059"] {
        let request = post_text(&collector, text).header("Idempotency-Key", new_key());
        Answer::of(request).await.wants_errors("invalid-avis", &[("", "wrong_type")]);
    }
}

#[tokio::test]
async fn a_field_that_is_there_twice() {
    let collector = TestCollector::start().await;

    let text = r#"{"demarche": "3059", "answers": {"satisfaction": "moyen", "satisfaction": "pas_bien"}}"#;
    let request = post_text(&collector, text).header("Idempotency-Key", new_key());

    Answer::of(request).await.wants_errors("invalid-avis", &[("/answers/satisfaction", "duplicate_field")]);
    assert_eq!(stored(&collector).await, 0);
}

#[tokio::test]
async fn truncated_json_and_no_json() {
    let collector = TestCollector::start().await;

    let whole = least().to_string();
    for text in ["", "{", &whole[..whole.len() - 1], "demarche=3059", &"[".repeat(30_000)] {
        let request = post_text(&collector, text).header("Idempotency-Key", new_key());
        let problem = Answer::of(request).await.wants_problem(400, "not-json");
        assert!(!problem.to_string().contains("line 1"), "a parser's message: {problem}");
    }
    let request = collector
        .request(Method::POST, "/api/v1/avis")
        .header("Content-Type", "application/json")
        .header("Idempotency-Key", new_key())
        .body(b"{\"demarche\": \"\xff\"}".to_vec());
    Answer::of(request).await.wants_problem(400, "not-json");
    assert_eq!(stored(&collector).await, 0);
}

#[tokio::test]
async fn well_formed_json_that_means_nothing_is_422() {
    let collector = TestCollector::start().await;

    for text in [r#"{"demarche": 1e999}"#, r#"{"demarche": "\ud800"}"#, r#"{"demarche": 3059.5}"#, "1e999"] {
        let request = post_text(&collector, text).header("Idempotency-Key", new_key());
        Answer::of(request).await.wants_problem(422, "invalid-avis");
    }
}

#[tokio::test]
async fn eighty_kib() {
    let collector = TestCollector::start().await;

    let mut text = with_answers(&json!({"comment": "x".repeat(4000)})).to_string();
    text.push_str(&" ".repeat(80 * 1024 - text.len()));
    let sized = post_text(&collector, &text).header("Idempotency-Key", new_key());
    Answer::of(sized).await.wants_problem(413, "too-large");

    // The same in chunks, whose sum no header tells.
    let mut stream = TcpStream::connect(collector.authority()).await.unwrap();
    let head = format!(
        "POST /api/v1/avis HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Idempotency-Key: {}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
        collector.authority(),
        new_key()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    for chunk in text.as_bytes().chunks(8192) {
        // The collector may well close before it has read all of it.
        let _ = stream.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).await;
        let _ = stream.write_all(chunk).await;
        let _ = stream.write_all(b"\r\n").await;
    }
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 413");

    assert_eq!(stored(&collector).await, 0);
}

#[tokio::test]
async fn sixty_four_kib_pass() {
    let collector = TestCollector::start().await;

    let mut text = least().to_string();
    text.push_str(&" ".repeat(64 * 1024 - text.len()));

    let request = post_text(&collector, &text).header("Idempotency-Key", new_key());
    Answer::of(request).await.wants_status(201);
}

#[tokio::test]
async fn another_content_type() {
    let collector = TestCollector::start().await;

    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "nonsense"] {
        let request = collector
            .request(Method::POST, "/api/v1/avis")
            .header("Content-Type", kind)
            .header("Idempotency-Key", new_key())
            .body(least().to_string());
        Answer::of(request).await.wants_problem(415, "unsupported-media-type");
    }
    let without = collector
        .request(Method::POST, "/api/v1/avis")
        .header("Idempotency-Key", new_key())
        .body(least().to_string());
    Answer::of(without).await.wants_problem(415, "unsupported-media-type");

    assert_eq!(stored(&collector).await, 0);
}

#[tokio::test]
async fn a_body_that_stays_away_gets_408() {
    let collector = TestCollector::start().await;

    let mut stream = TcpStream::connect(collector.authority()).await.unwrap();
    let head = format!(
        "POST /api/v1/avis HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Idempotency-Key: {}\r\nContent-Length: 500\r\n\r\n{{\"demarche\":",
        collector.authority(),
        new_key()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let limit = std::time::Duration::from_mins(1);
    let mut buffer = [0; 4096];
    while !String::from_utf8_lossy(&answer).contains('}') {
        let count = tokio::time::timeout(limit, stream.read(&mut buffer))
            .await
            .expect("a stalled body is given up within a minute")
            .unwrap();
        if count == 0 {
            break;
        }
        answer.extend_from_slice(&buffer[..count]);
    }

    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.to_lowercase().contains("application/problem+json"), "{answer}");
    assert_eq!(stored(&collector).await, 0);
}

#[tokio::test]
async fn no_problem_repeats_what_the_citizen_wrote() {
    let collector = TestCollector::start().await;

    let secret = "Je-m-appelle-Éloïse-Martin";
    let avis = with_answers(&json!({
        "ease": secret, "help_tried": [secret], "comment": secret.repeat(300), "malfunctions_other": secret,
    }));
    let answer = Answer::of(post(&collector, &avis)).await;

    answer.wants_status(422);
    assert!(!answer.text.contains("Éloïse"), "{answer:?}");
}
