//! `GET /api/open-api/services`

use crate::api_open_api::{key, start, wants_error};
use crate::helpers::Answer;
use crate::keys::known;

#[tokio::test]
async fn the_demarches_of_the_key_are_listed_with_their_forms() {
    let (collector, key) = start().await;

    let answer = Answer::of(collector.get("/api/open-api/services").bearer_auth(&key)).await;

    answer.wants_status(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(
        answer.text,
        concat!(
            r#"{"data":["#,
            r#"{"id":3059,"title":"Déclaration des revenus","entity":"DGFIP","forms":[{"id":12,"title":"Déclaration des revenus"}]},"#,
            r#"{"id":4079,"title":"Titre de séjour","entity":"DGFIP","forms":[{"id":20,"title":"Titre de séjour"},{"id":21,"title":"Titre de séjour"}]},"#,
            r#"{"id":"cni","title":"Carte d'identité","entity":"DGFIP","forms":[]}"#,
            r#"]}"#
        )
    );
}

#[tokio::test]
async fn a_key_of_one_demarche_sees_that_one_alone() {
    let (collector, _) = start().await;
    let key = key(&collector, &["--scope", "admin", "--demarche", "4079"]);
    known(&collector, &key).await;

    let body = Answer::of(collector.get("/api/open-api/services").bearer_auth(&key)).await.json();

    assert_eq!(body["data"].as_array().map(Vec::len), Some(1), "{body}");
    assert_eq!(body["data"][0]["id"], 4079);
}

#[tokio::test]
async fn whoever_has_no_key_that_reads_is_not_authorized() {
    let (collector, _) = start().await;
    let submit = key(&collector, &["--scope", "submit"]);
    let expired = key(&collector, &["--scope", "read", "--expires", "2026-01-31"]);
    known(&collector, &submit).await;

    let services = || collector.get("/api/open-api/services");
    let refused = [
        (services(), "unauthorized"),
        (services().bearer_auth("nonsense"), "unauthorized"),
        (services().bearer_auth(&submit), "insufficient-key"),
        (services().bearer_auth(&expired), "key-expired"),
    ];
    for (request, kind) in refused {
        let answer = Answer::of(request).await;
        let problem = wants_error(&answer, 401, kind, "UNAUTHORIZED");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        assert_eq!(
            problem["detail"].as_str().unwrap().contains("2026-01-31"),
            kind == "key-expired",
            "{problem}"
        );
    }
}
