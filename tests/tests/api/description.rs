//! `/api/openapi.json` and its page `/api/`: every example is answered as it is written there.

use std::collections::BTreeSet;
use std::process::Command;

use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value, json};
use tests::TestCollector;

use crate::helpers::{Accepted, Answer, accepted, new_key};

/// The collector of the examples: what the document says it is.
async fn start() -> (TestCollector, String) {
    let mut collector = TestCollector::stopped(&["--limits", "off"]);
    collector.run(&["demo", "--demarches", "3", "--avis", "3000", "--seed", "1", "--until", "2025-12-31"]);
    collector.run(&["edition", "freeze", "2025-T4"]);
    let key = collector.run(&["key", "create", "--scope", "admin"]).stdout;
    collector.serve().await;
    (collector, key.trim().to_owned())
}

async fn document(collector: &TestCollector) -> Value {
    let answer = Answer::of(collector.get("/api/openapi.json")).await;
    answer.wants_status(200);
    assert_eq!(answer.header("content-type"), "application/json");
    answer.json()
}

/// Every operation of the document: path, method, and what it says.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        })
        .collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

/// A request that the document shows with its answer.
struct Example {
    name: String,
    status: u16,
    /// Media type and body of the answer; none where it has no body.
    body: Option<(String, Value)>,
}

/// The examples that an operation shows a request of.
fn examples(operation: &Value) -> Vec<Example> {
    let body = &operation["requestBody"]["content"]["application/json"];
    let asked: BTreeSet<&String> = list(&operation["parameters"])
        .chain([body])
        .flat_map(|part| members(&part["examples"]))
        .map(|(name, _)| name)
        .collect();
    let asks_nothing = operation["parameters"].is_null() && operation["requestBody"].is_null();
    let mut examples = Vec::new();
    for (status, response) in members(&operation["responses"]) {
        let status: u16 = status.parse().unwrap();
        for (media_type, content) in members(&response["content"]) {
            for (name, example) in members(&content["examples"]) {
                if asked.contains(name) || (asks_nothing && status < 300) {
                    let body = Some((media_type.clone(), example["value"].clone()));
                    examples.push(Example { name: name.clone(), status, body });
                }
            }
        }
        examples.extend(list(&response["x-examples"]).map(|name| Example {
            name: name.as_str().unwrap().to_owned(),
            status,
            body: None,
        }));
    }
    examples
}

/// The request of an example, about an avis and with a key that there are.
fn request(
    collector: &TestCollector,
    (path, method, operation): (&str, &str, &Value),
    name: &str,
    avis: &Accepted,
    key: &str,
) -> RequestBuilder {
    let mut path = path.to_owned();
    let mut query = Vec::new();
    let mut headers = Vec::new();
    for parameter in list(&operation["parameters"]) {
        let Some(example) = parameter["examples"].get(name) else { continue };
        let (parameter_name, value) = (parameter["name"].as_str().unwrap(), &example["value"]);
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match parameter["in"].as_str().unwrap() {
            "path" if path.starts_with("/api/v1/avis/") => path = path.replace("{id}", &avis.id),
            "path" => path = path.replace(&format!("{{{parameter_name}}}"), &plain(value)),
            // A key is for one avis: that of the example may have been used by another run of it.
            "header" => headers.push((parameter_name.to_owned(), new_key())),
            _ if value.is_array() => query.extend(list(value).map(|one| (parameter_name, plain(one)))),
            _ => query.push((parameter_name, plain(value))),
        }
    }
    let method: Method = method.to_uppercase().parse().unwrap();
    let mut request = collector.request(method, &path).query(&query);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let schemes: Vec<&String> =
        list(&operation["security"]).flat_map(members).map(|(name, _)| name).collect();
    let is_open = list(&operation["security"]).any(|one| *one == json!({}));
    if let Some(scheme) = schemes.first().filter(|_| !is_open) {
        request = request.bearer_auth(match scheme.as_str() {
            "edit" => &avis.edit_token,
            "receipt" => &avis.receipt,
            _ => key,
        });
    }
    let body = &operation["requestBody"]["content"]["application/json"]["examples"][name]["value"];
    if body.is_null() { request } else { request.json(body) }
}

#[tokio::test]
async fn every_example_is_answered_as_it_is_written() {
    let (collector, key) = start().await;
    let document = document(&collector).await;
    let mut replayed = 0;
    for (path, method, operation) in operations(&document) {
        for Example { name, status, body: shown } in examples(operation) {
            let avis =
                accepted(&collector, &json!({"demarche": "1001", "answers": {"satisfaction": "moyen"}}))
                    .await;
            let answer = Answer::of(request(&collector, (path, method, operation), &name, &avis, &key)).await;
            assert_eq!(answer.status, status, "{method} {path}, {name}: {answer:?}");
            let Some((media_type, body)) = shown else {
                assert_eq!(answer.text, "", "{method} {path}, {name}");
                continue;
            };
            let found = answer.header("content-type").split(';').next().unwrap();
            assert_eq!(found, media_type, "{method} {path}, {name}");
            match body {
                Value::String(text) => assert_eq!(answer.text, text, "{method} {path}, {name}"),
                // What names an avis, or is good for one, is another each time, and has the same members.
                Value::Object(members)
                    if ["receipt", "token"].iter().any(|name| members.contains_key(*name)) =>
                {
                    let names =
                        |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
                    assert_eq!(
                        names(&answer.json()),
                        names(&Value::Object(members)),
                        "{method} {path}, {name}"
                    );
                }
                value => assert_eq!(answer.json(), value, "{method} {path}, {name}"),
            }
            replayed += 1;
        }
    }
    assert!(replayed >= 18, "{replayed} examples");
}

#[tokio::test]
async fn every_path_takes_the_methods_that_are_described_and_no_other() {
    let (collector, _) = start().await;
    let document = document(&collector).await;
    for (path, item) in document["paths"].as_object().unwrap() {
        let mut described: BTreeSet<String> =
            item.as_object().unwrap().keys().map(|name| name.to_uppercase()).collect();
        if described.contains("GET") {
            described.insert("HEAD".to_owned());
        }
        let real = path.replace("{id}", "1001").replace("{edition}", "2025-T4");
        let refused = Answer::of(collector.request(Method::PUT, &real)).await;
        refused.wants_problem(405, "method-not-allowed");
        let allowed: BTreeSet<String> = refused.header("allow").split(", ").map(str::to_owned).collect();
        assert_eq!(allowed, described, "{path}");
        for method in described {
            let answer = Answer::of(collector.request(method.parse().unwrap(), &real)).await;
            assert_ne!(answer.status, 405, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_document_names_the_address_by_which_it_is_reached_and_speaks_two_languages() {
    let (collector, _) = start().await;

    let french = document(&collector).await;
    let request = collector.get("/api/openapi.json").header("Accept-Language", "en");
    let english = Answer::of(request.header("Host", "avis.example.org")).await.json();

    assert_eq!(french["openapi"], "3.1.1");
    assert_eq!(french["servers"][0]["url"], collector.address());
    assert_eq!(english["servers"][0]["url"], "http://avis.example.org");
    assert_eq!(french["paths"]["/api/v1/avis"]["post"]["summary"], "Donner un avis");
    assert_eq!(english["paths"]["/api/v1/avis"]["post"]["summary"], "Give an avis");
    let etag = Answer::of(collector.get("/api/openapi.json")).await.header("etag").to_owned();
    Answer::of(collector.get("/api/openapi.json").header("If-None-Match", etag)).await.wants_status(304);
}

/// The commands of the page, each with the status that it shows below.
fn commands(page: &str) -> Vec<(String, String)> {
    let text = |html: &str| {
        html.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    };
    page.split("<pre class=\"copy\"><code>")
        .skip(1)
        .map(|rest| {
            let (command, rest) = rest.split_once("</code>").unwrap();
            let status = rest.split("Réponse ").nth(1).unwrap();
            (text(command), status[..3].to_owned())
        })
        .collect()
}

#[tokio::test]
async fn the_page_holds_every_operation_and_its_commands_run_as_they_are_copied() {
    let (collector, key) = start().await;
    let page = Answer::of(collector.get("/api/")).await;
    page.wants_page(200);
    let document = document(&collector).await;
    for (path, _, operation) in operations(&document) {
        assert!(page.text.contains(&format!("<code>{path}</code>")), "{path}");
        assert!(
            page.text.contains(&format!("id=\"{}\"", operation["operationId"].as_str().unwrap())),
            "{path}"
        );
    }
    let examples: usize = operations(&document).into_iter().map(|(_, _, one)| examples(one).len()).sum();
    let commands = commands(&page.text);
    assert_eq!(commands.len(), examples);

    std::fs::write(collector.directory().join(".curlrc"), "silent\nwrite-out = \"\\n%{http_code}\"\n")
        .unwrap();
    for (command, status) in commands {
        let avis =
            accepted(&collector, &json!({"demarche": "1001", "answers": {"satisfaction": "moyen"}})).await;
        let output = Command::new("sh")
            .args(["-c", &command])
            .env("CURL_HOME", collector.directory())
            .envs([
                ("ID", &avis.id),
                ("EDIT_TOKEN", &avis.edit_token),
                ("RECEIPT", &avis.receipt),
                ("KEY", &key),
            ])
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said.lines().last(), Some(status.as_str()), "{command}\n{said}");
    }
}

#[tokio::test]
async fn every_link_of_the_pages_about_the_data_leads_somewhere() {
    let (collector, _) = start().await;
    for path in ["/api/", "/api/?lang=en", "/methode"] {
        let page = Answer::of(collector.get(path)).await;
        page.wants_page(200);
        let hrefs: BTreeSet<&str> =
            page.text.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        for href in hrefs {
            if let Some(anchor) = href.strip_prefix('#') {
                assert!(page.text.contains(&format!("id=\"{anchor}\"")), "{path}: {href}");
            } else if href.starts_with('/') {
                Answer::of(collector.get(href)).await.wants_status(200);
            }
        }
    }
}
