//! `/api/open-api/…`

mod health;
mod services;
mod set_top_250;
mod statistiques;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tests::TestCollector;

use crate::helpers::Answer;

/// Three démarches, and a key for all of them: the first with a form, the second with two, the third with none.
async fn start() -> (TestCollector, String) {
    let mut collector = TestCollector::stopped(&[]);
    collector.add_demarche_with("3059", "Déclaration des revenus", &["--alias", "form:12"]);
    let forms = ["--alias", "form:21", "--alias", "form:20", "--alias", "form:x", "--essential"];
    collector.add_demarche_with("4079", "Titre de séjour", &forms);
    collector.add_demarche_with("cni", "Carte d'identité", &[]);
    let key = key(&collector, &["--scope", "read"]);
    collector.serve().await;
    (collector, key)
}

/// A new key.
fn key(collector: &TestCollector, arguments: &[&str]) -> String {
    let command = [&["key", "create"], arguments].concat();
    collector.run(&command).stdout.trim().to_owned()
}

fn post(collector: &TestCollector, path: &str, key: &str, body: &Value) -> RequestBuilder {
    collector.request(Method::POST, path).bearer_auth(key).json(body)
}

/// Wants a problem that also has the members which clients of Je donne mon avis read.
#[track_caller]
fn wants_error(answer: &Answer, status: u16, kind: &str, code: &str) -> Value {
    let problem = answer.wants_problem(status, kind);
    assert_eq!((&problem["code"], &problem["message"]), (&json!(code), &problem["detail"]), "{problem}");
    assert_eq!(problem.get("issues").is_some(), status == 400, "{problem}");
    problem
}

#[tokio::test]
async fn an_address_that_is_none_and_a_method_that_it_does_not_take_are_told_as_clients_know_it() {
    let (collector, key) = start().await;

    let nowhere = Answer::of(collector.get("/api/open-api/stats").bearer_auth(&key)).await;
    wants_error(&nowhere, 404, "not-found", "NOT_FOUND");
    let get = Answer::of(collector.get("/api/open-api/statistiques").bearer_auth(&key)).await;
    wants_error(&get, 405, "method-not-allowed", "METHOD_NOT_SUPPORTED");
    assert_eq!(get.header("allow"), "POST");
}
