//! `/api/v1/demarches`

use serde_json::{Value, json};
use tests::TestCollector;

use crate::helpers::Answer;

async fn start() -> TestCollector {
    let mut collector = TestCollector::stopped(&[]);
    for id in ["zeta", "10", "9", "alpha"] {
        collector.add_demarche(id, &format!("Démarche {id}"));
    }
    collector.add_demarche_with(
        "3059",
        "Déclaration des revenus",
        &["--ministry", "Économie", "--audience", "particuliers", "--alias", "xwiki:823"],
    );
    collector.serve().await;
    collector
}

/// The démarches of a list, whatever it is wrapped in.
fn list(body: &Value) -> &Vec<Value> {
    body.as_array()
        .or_else(|| body["demarches"].as_array())
        .unwrap_or_else(|| panic!("no list of démarches: {body}"))
}

#[tokio::test]
async fn lists_every_demarche_numbers_first_by_value_the_rest_by_bytes() {
    let collector = start().await;

    let answer = Answer::of(collector.get("/api/v1/demarches")).await;

    answer.wants_status(200);
    let body = answer.json();
    let ids: Vec<_> = list(&body).iter().map(|demarche| demarche["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["9", "10", "3059", "alpha", "zeta"]);
}

#[tokio::test]
async fn gives_one_by_its_id_or_an_alias() {
    let collector = start().await;

    for reference in ["3059", "xwiki:823", "xwiki%3A823"] {
        let answer = Answer::of(collector.get(&format!("/api/v1/demarches/{reference}"))).await;
        answer.wants_status(200);
        let body = answer.json();
        let expected = json!({
            "id": "3059", "aliases": ["xwiki:823"], "title": "Déclaration des revenus",
            "administration": "DGFIP", "ministry": "Économie", "audience": ["particuliers"],
        });
        for (member, value) in expected.as_object().unwrap() {
            assert_eq!(&body[member], value, "{member}: {body}");
        }
    }
}

#[tokio::test]
async fn one_that_is_unknown_is_404() {
    let collector = start().await;

    for path in ["/api/v1/demarches/999", "/api/v1/demarches/999/satisfaction?from=2026-01-01&to=2026-12-31"]
    {
        Answer::of(collector.get(path)).await.wants_problem(404, "unknown-demarche");
    }
}

#[tokio::test]
async fn gives_the_averages_of_one() {
    let collector = start().await;

    let path = "/api/v1/demarches/3059/satisfaction?from=2026-01-01&to=2026-12-31";
    let answer = Answer::of(collector.get(path)).await;

    answer.wants_status(200);
    let whole =
        Answer::of(collector.get("/api/v1/satisfaction?from=2026-01-01&to=2026-12-31&demarche=3059")).await;
    let (one, whole) = (answer.json(), whole.json());
    assert!(one == whole || one == whole["demarches"][0], "{one}\n{whole}");
}
