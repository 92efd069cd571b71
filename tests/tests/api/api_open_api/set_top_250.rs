//! `POST /api/open-api/setTop250`

use serde_json::{Value, json};
use tests::TestCollector;

use crate::api_open_api::{key, post, start, wants_error};
use crate::helpers::Answer;
use crate::keys::known;

async fn start_with_admin() -> (TestCollector, String) {
    let (collector, _) = start().await;
    let admin = key(&collector, &["--scope", "admin"]);
    known(&collector, &admin).await;
    (collector, admin)
}

async fn set(collector: &TestCollector, key: &str, forms: Value) -> Answer {
    Answer::of(post(collector, "/api/open-api/setTop250", key, &json!({ "form_ids": forms }))).await
}

/// The essential démarches, as a command finds them in the database.
fn essential(collector: &TestCollector) -> Vec<String> {
    let list = collector.run(&["demarche", "list"]).stdout;
    list.lines()
        .filter(|line| line.ends_with("\ttrue"))
        .filter_map(|line| line.split('\t').next().map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn the_list_is_the_whole_list_and_tells_what_changed() {
    let (collector, admin) = start_with_admin().await;
    assert_eq!(essential(&collector), ["4079"]);

    let first = set(&collector, &admin, json!([12, "20", 12])).await;
    first.wants_status(200);
    assert_eq!(
        first.text,
        r#"{"result":{"new_top250_forms":[12],"already_top250_forms":[20],"down_top250_forms":[]}}"#
    );
    assert_eq!(essential(&collector), ["3059", "4079"]);

    let second = set(&collector, &admin, json!(["12"])).await;
    assert_eq!(
        second.text,
        r#"{"result":{"new_top250_forms":[],"already_top250_forms":[12],"down_top250_forms":[20,21]}}"#
    );
    assert_eq!(essential(&collector), ["3059"]);

    let none = set(&collector, &admin, json!([])).await;
    assert_eq!(
        none.text,
        r#"{"result":{"new_top250_forms":[],"already_top250_forms":[],"down_top250_forms":[12]}}"#
    );
    assert!(essential(&collector).is_empty());
}

#[tokio::test]
async fn one_unknown_form_changes_nothing() {
    let (collector, admin) = start_with_admin().await;

    let answer = set(&collector, &admin, json!([12, 9, "10", 9])).await;

    let problem = wants_error(&answer, 400, "unknown-forms", "BAD_REQUEST");
    let message = "Les form_ids suivants n'existent pas en base : 9, 10";
    assert_eq!(problem["message"], message);
    assert_eq!(
        problem["issues"],
        json!([{"code": "unknown_form", "path": ["form_ids"], "message": message}])
    );
    assert_eq!(essential(&collector), ["4079"]);
}

#[tokio::test]
async fn only_an_admin_of_all_demarches_sets_it() {
    let (collector, admin) = start_with_admin().await;
    let read = key(&collector, &["--scope", "read"]);
    let of_one = key(&collector, &["--scope", "admin", "--demarche", "3059"]);
    known(&collector, &of_one).await;

    for key in [&read, &of_one] {
        let answer = set(&collector, key, json!([12])).await;
        wants_error(&answer, 401, "insufficient-key", "UNAUTHORIZED");
    }
    wants_error(&set(&collector, "nonsense", json!([12])).await, 401, "unauthorized", "UNAUTHORIZED");
    assert_eq!(essential(&collector), ["4079"]);
    set(&collector, &admin, json!([12])).await.wants_status(200);
}

#[tokio::test]
async fn a_body_that_makes_no_sense_is_told_field_by_field() {
    let (collector, admin) = start_with_admin().await;

    let bodies = [
        (json!({}), "required", json!(["form_ids"])),
        (json!({"form_ids": null}), "wrong_type", json!(["form_ids"])),
        (json!({"form_ids": [12, "douze"]}), "wrong_type", json!(["form_ids"])),
        (json!({"form_ids": [1.5]}), "wrong_type", json!(["form_ids"])),
        (json!([12]), "wrong_type", json!([])),
    ];
    for (body, code, path) in bodies {
        let answer = Answer::of(post(&collector, "/api/open-api/setTop250", &admin, &body)).await;
        let problem = wants_error(&answer, 400, "invalid-body", "BAD_REQUEST");
        let issues = problem["issues"].as_array().unwrap();
        assert_eq!(
            (issues.len(), &issues[0]["code"], &issues[0]["path"]),
            (1, &json!(code), &path),
            "{body}"
        );
    }
    let cut = collector.request(reqwest::Method::POST, "/api/open-api/setTop250").bearer_auth(&admin);
    let cut = Answer::of(cut.header("Content-Type", "application/json").body("{")).await;
    wants_error(&cut, 400, "not-json", "BAD_REQUEST");
    assert_eq!(essential(&collector), ["4079"]);
}
