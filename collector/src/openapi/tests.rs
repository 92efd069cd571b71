//! The document describes what is routed and refused here, all of it and nothing else.

use super::*;
use crate::problem::ParameterErrorCode;
use crate::routes::satisfaction::{ALL_PARAMETERS, ONE_PARAMETERS};
use std::collections::BTreeSet;

fn french() -> Value {
    document(Language::Fr, "https://avis.example.fr")
}

/// Every value of this name, wherever it stands.
fn all_named<'a>(value: &'a Value, name: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                if key == name {
                    found.push(value);
                }
                all_named(value, name, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| all_named(item, name, found)),
        _ => {}
    }
}

/// The patterns of the API, as `routes.rs` has them on its one page. That each takes the methods described, and no
/// other, a test sees from outside.
fn routed() -> BTreeSet<String> {
    let page = include_str!("../routes.rs");
    let ways = ["api.get(", "api.post(", "api.resource("];
    let after = |way: &'static str| page.split(way).skip(1);
    let pattern = |rest: &str| {
        rest.trim_start().trim_start_matches('"').split('"').next().unwrap_or_default().to_owned()
    };
    ways.into_iter().flat_map(after).map(|rest| format!("/api{}", pattern(rest))).collect()
}

#[test]
fn every_route_of_the_api_is_described_and_no_other() {
    let mut routed = routed();
    // The page that shows this document is no part of it, and no procedure but one has anything to answer.
    for other in ["/api/", "/api/trpc/{procedure}"] {
        assert!(routed.remove(other), "{other}");
    }
    let document = french();
    let described: BTreeSet<String> = document["paths"].as_object().unwrap().keys().cloned().collect();
    assert!(described.contains("/api/v1/avis/{id}"));
    assert_eq!(described, routed);
}

#[test]
fn every_reference_leads_to_a_schema_and_every_schema_is_used() {
    let document = french();
    let mut references = Vec::new();
    all_named(&document, "$ref", &mut references);
    let used: BTreeSet<&str> = references
        .iter()
        .map(|one| one.as_str().unwrap().trim_start_matches("#/components/schemas/"))
        .collect();
    let schemas: BTreeSet<&str> =
        document["components"]["schemas"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(used, schemas);
}

#[test]
fn parameters_are_those_that_are_read() {
    let document = french();
    let names = |path: &str| -> BTreeSet<String> {
        let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap().iter();
        parameters
            .filter(|one| one["in"] == "query")
            .map(|one| one["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let known = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(names("/api/v1/satisfaction"), known(&ALL_PARAMETERS));
    assert_eq!(names("/api/v1/demarches/{id}/satisfaction"), known(&ONE_PARAMETERS));
}

#[test]
fn every_type_and_code_of_an_error_is_listed() {
    let document = french();
    let schemas = &document["components"]["schemas"];
    let types = schemas["Problem"]["properties"]["type"]["enum"].as_array().unwrap();
    let codes = schemas["FieldError"]["properties"]["code"]["enum"].as_array().unwrap();
    for problem in crate::problem::Problem::all() {
        assert!(types.contains(&problem.kind().into()), "{problem}");
        let mut told = Vec::new();
        let example = problem.document(Language::En);
        all_named(&example, "code", &mut told);
        assert!(told.iter().all(|code| codes.contains(code)), "{example}");
    }
    for code in ParameterErrorCode::ALL.iter().map(|one| one.code()) {
        assert!(codes.contains(&code.into()), "{code}");
    }
}

#[test]
fn every_operation_has_its_words_in_each_language_and_a_name_of_its_own() {
    let mut ids = Vec::new();
    for language in Language::ALL {
        let document = document(language, "");
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                assert!(!operation["summary"].as_str().unwrap().is_empty(), "{method} {path}");
                let mut descriptions = Vec::new();
                all_named(operation, "description", &mut descriptions);
                assert!(
                    descriptions.iter().all(|words| !words.as_str().unwrap().is_empty()),
                    "{method} {path}"
                );
                ids.push(format!("{language:?} {}", operation["operationId"]));
            }
        }
    }
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
}

#[test]
fn an_example_has_its_name_at_the_request_and_at_one_answer() {
    let document = french();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let empty = vec![];
            let parts = operation["parameters"].as_array().unwrap_or(&empty).iter();
            let parts = parts.chain([&operation["requestBody"]["content"]["application/json"]]);
            let asked: BTreeSet<&str> = parts
                .filter_map(|part| part["examples"].as_object())
                .flat_map(|examples| examples.keys().map(String::as_str))
                .collect();
            let responses = operation["responses"].as_object().unwrap();
            for name in asked {
                let answers = responses.values().filter(|response| {
                    let shown =
                        response["content"].as_object().into_iter().flat_map(|content| content.values());
                    shown.into_iter().any(|media| media["examples"].get(name).is_some())
                        || response["x-examples"].as_array().is_some_and(|names| names.contains(&name.into()))
                });
                assert_eq!(answers.count(), 1, "{method} {path}: {name}");
            }
        }
    }
}
