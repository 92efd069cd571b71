//! `POST /api/v1/avis`

use serde_json::json;
use tests::TestCollector;

use crate::helpers::{Answer, accepted, counts, least, new_key, post, post_text, stored, with_answers};

#[tokio::test]
async fn the_avis_of_the_contract_is_stored_and_counted_in_every_indicator() {
    let collector = TestCollector::start().await;
    let avis = json!({
        "demarche": "3059", "bouton": "12", "lang": "fr", "page": "https://www.impots.gouv.fr/fin",
        "answers": {
            "satisfaction": "tres_bien",
            "ease": "4", "clarity": "5",
            "malfunctions": ["slow", "other"], "malfunctions_other": "Le bouton ne répondait pas",
            "help_tried": ["guichet", "telephone"],
            "help_reached": {"guichet": "oui", "telephone": "non"},
            "help_quality": {"guichet": "bonne"},
            "comment": "Très simple.",
        },
    });

    let answer = Answer::of(post(&collector, &avis)).await;

    answer.wants_status(201);
    assert_eq!(answer.header("content-type"), "application/json");
    let id = answer.accepted().id;
    assert_eq!(answer.location(), format!("/api/v1/avis/{id}"));
    assert_eq!(counts(&collector, "satisfaction").await, [("tres_bien".to_owned(), 1)].into());
    assert_eq!(counts(&collector, "ease").await, [("4".to_owned(), 1)].into());
    assert_eq!(counts(&collector, "clarity").await, [("5".to_owned(), 1)].into());
    assert_eq!(
        counts(&collector, "help_reachable").await,
        [("oui".to_owned(), 1), ("non".to_owned(), 1)].into()
    );
    assert_eq!(counts(&collector, "help_quality").await, [("bonne".to_owned(), 1)].into());
    for (indicator, n) in [("malfunctions", 1), ("autonomy", 1), ("help_reachable", 2), ("help_quality", 1)] {
        assert_eq!(collector.indicator("3059", indicator).await["n"], n, "{indicator}");
    }
}

#[tokio::test]
async fn the_answer_holds_id_receipt_edit_token_and_its_end_and_nothing_else() {
    let collector = TestCollector::start().await;

    let answer = Answer::of(post(&collector, &least())).await;

    let body = answer.json();
    let mut members: Vec<_> = body.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["edit_token", "edit_until", "id", "receipt"]);
    let until = body["edit_until"].as_str().unwrap();
    assert!(until.starts_with("20") && until.contains('T'), "{until} is no ISO 8601 instant");
}

#[tokio::test]
async fn an_id_is_a_uuid_of_version_8() {
    let collector = TestCollector::start().await;

    let id = accepted(&collector, &least()).await.id;

    let groups: Vec<_> = id.split('-').map(str::len).collect();
    assert_eq!(groups, [8, 4, 4, 4, 12], "{id}");
    assert!(id.chars().all(|c| c == '-' || (c.is_ascii_hexdigit() && !c.is_ascii_uppercase())), "{id}");
    assert_eq!(&id[14..15], "8", "{id}");
    assert!("89ab".contains(&id[19..20]), "{id}");
}

#[tokio::test]
async fn a_receipt_is_sixteen_characters_of_crockford_base_32_in_groups_of_four() {
    let collector = TestCollector::start().await;

    let receipt = accepted(&collector, &least()).await.receipt;

    let groups: Vec<_> = receipt.split('-').map(str::len).collect();
    assert_eq!(groups, [4, 4, 4, 4], "{receipt}");
    let alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ-";
    assert!(receipt.chars().all(|c| alphabet.contains(c)), "{receipt}");
}

#[tokio::test]
async fn two_avis_share_neither_id_nor_receipt_nor_token() {
    let collector = TestCollector::start().await;

    let first = accepted(&collector, &least()).await;
    let second = accepted(&collector, &least()).await;

    assert_ne!(first.id, second.id);
    assert_ne!(first.receipt, second.receipt);
    assert_ne!(first.edit_token, second.edit_token);
}

#[tokio::test]
async fn demarche_and_bouton_are_strings_or_numbers_ids_or_aliases() {
    let collector = TestCollector::start().await;
    collector.add_demarche_with("4079", "Titre de séjour", &["--alias", "xwiki:823"]);
    collector.run(&["bouton", "add", "--demarche", "4079", "--id", "13", "--alias", "button-fin"]);

    let references = [
        json!({"demarche": "4079"}),
        json!({"demarche": 4079}),
        json!({"demarche": "xwiki:823"}),
        json!({"demarche": 4079, "bouton": 13}),
        json!({"demarche": "4079", "bouton": "13"}),
        json!({"demarche": "xwiki:823", "bouton": "button-fin"}),
        json!({"demarche": "4079", "bouton": null}),
    ];
    for reference in &references {
        let mut avis = least();
        for (member, value) in reference.as_object().unwrap() {
            avis[member] = value.clone();
        }
        // What a command changes, running collectors see within 2 s.
        tests::wait::until("the new démarche to be known", async || {
            match Answer::of(post(&collector, &avis)).await {
                answer if answer.status == 201 => Ok(()),
                answer => Err(format!("{reference}: {answer:?}")),
            }
        })
        .await;
    }
    assert_eq!(collector.smileys("4079").await, [0, 0, references.len() as u64]);
}

#[tokio::test]
async fn a_key_goes_quoted_or_bare_or_in_the_body() {
    let collector = TestCollector::start().await;
    let text = least().to_string();

    let quoted = post_text(&collector, &text).header("Idempotency-Key", format!("\"{}\"", new_key()));
    Answer::of(quoted).await.wants_status(201);
    let bare = post_text(&collector, &text).header("Idempotency-Key", new_key());
    Answer::of(bare).await.wants_status(201);
    let mut avis = least();
    avis["idempotency_key"] = json!(new_key());
    Answer::of(post_text(&collector, &avis.to_string())).await.wants_status(201);

    assert_eq!(stored(&collector).await, 3);
}

#[tokio::test]
async fn five_thousand_characters_pass_in_any_script_and_with_any_line_break() {
    let collector = TestCollector::start().await;

    let arabic = "\u{0634}".repeat(5000);
    let lines = "ab\r\n".repeat(1666) + "ab";
    let decomposed = "e\u{301}".repeat(5000);
    let emoji = "👍".repeat(5000);
    for comment in [arabic, lines, decomposed, emoji] {
        accepted(&collector, &with_answers(&json!({ "comment": comment }))).await;
    }

    assert_eq!(stored(&collector).await, 4);
}

#[tokio::test]
async fn what_the_form_adds_against_abuse_is_taken() {
    let collector = TestCollector::start().await;

    let mut avis = least();
    avis["website"] = json!("");
    avis["token"] = json!("not-a-token-of-ours");

    accepted(&collector, &avis).await;
}

#[tokio::test]
async fn a_charset_beside_the_content_type_is_taken() {
    let collector = TestCollector::start().await;

    let request = collector
        .request(reqwest::Method::POST, "/api/v1/avis")
        .header("Content-Type", "application/json; charset=utf-8")
        .header("Idempotency-Key", new_key())
        .body(least().to_string());

    Answer::of(request).await.wants_status(201);
}

#[tokio::test]
async fn an_avis_outlives_a_restart_and_a_power_cut() {
    let mut collector = TestCollector::start().await;

    accepted(&collector, &least()).await;
    collector.restart().await;
    assert_eq!(stored(&collector).await, 1);
    accepted(&collector, &least()).await;
    collector.kill();
    collector.serve().await;

    assert_eq!(stored(&collector).await, 2);
}
