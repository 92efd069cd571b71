//! Errors as the document tells of them, from those that there are.

use super::operation::{headers, reference};
use crate::limits::Exceeded;
use crate::problem::{ParameterError, ParameterErrorCode, Problem};
use serde_json::{Map, Value, json};
use shared::{FieldError, FieldErrorCode, Language};
use std::collections::BTreeMap;

/// The answers of these problems, by status.
pub(super) fn responses(path: &str, problems: &[Problem], language: Language) -> BTreeMap<String, Value> {
    let mut by_status: BTreeMap<String, Vec<&Problem>> = BTreeMap::new();
    for problem in problems {
        by_status.entry(problem.status().as_str().to_owned()).or_default().push(problem);
    }
    by_status.into_iter().map(|(status, problems)| (status, response(path, &problems, language))).collect()
}

fn response(path: &str, problems: &[&Problem], language: Language) -> Value {
    let titles: Vec<&str> = problems.iter().map(|problem| problem.title(language)).collect();
    let types: Vec<String> = problems.iter().map(|problem| problem.kind()).collect();
    let statuses: Vec<u16> = problems.iter().map(|problem| problem.status().as_u16()).collect();
    let examples: Map<String, Value> = problems
        .iter()
        .map(|problem| {
            let example = sample(problem).document_at(path, language);
            (problem.slug().to_owned(), json!({"summary": problem.title(language), "value": example}))
        })
        .collect();
    let schema = json!({
        "allOf": [reference("Problem")],
        "properties": {"type": {"enum": types}, "status": {"const": statuses.first()}},
    });
    let mut schema = schema;
    if let Some(member) = own_member(path) {
        schema["required"] = json!([member]);
    }
    let mut response = json!({
        "description": format!("{}.", titles.join(". ")),
        "content": {"application/problem+json": {"schema": schema, "examples": examples}},
    });
    let names: &[&'static str] = match problems {
        [Problem::TooManyRequests(_)] => &["Retry-After", "RateLimit", "RateLimit-Policy"],
        [Problem::Unavailable | Problem::InFlight] => &["Retry-After"],
        [Problem::Unauthorized | Problem::KeyExpired(_) | Problem::InsufficientKey, ..] => {
            &["WWW-Authenticate"]
        }
        _ => &[],
    };
    if !names.is_empty() {
        response["headers"] = headers(names, language).into();
    }
    response
}

/// The member in which clients of Je donne mon avis look for an error of this address.
fn own_member(path: &str) -> Option<&'static str> {
    match path {
        path if path.starts_with("/api/trpc/") => Some("error"),
        path if path.starts_with("/api/open-api/") => Some("message"),
        _ => None,
    }
}

/// The problem with something in it, where it can hold something.
fn sample(problem: &Problem) -> Problem {
    match problem {
        Problem::Invalid(_) => Problem::Invalid(vec![
            FieldError { pointer: "/answers/satisfaction".to_owned(), code: FieldErrorCode::Required },
            FieldError { pointer: "/answers/ease".to_owned(), code: FieldErrorCode::UnknownChoice },
        ]),
        Problem::InvalidQuery(_) => Problem::InvalidQuery(vec![
            ParameterError { name: "from".to_owned(), code: ParameterErrorCode::NotADay },
            ParameterError { name: "to".to_owned(), code: ParameterErrorCode::Required },
        ]),
        Problem::InvalidBody(_) => Problem::InvalidBody(vec![
            ParameterError { name: "start_date".to_owned(), code: ParameterErrorCode::NotADate },
            ParameterError { name: "field_codes".to_owned(), code: ParameterErrorCode::UnknownChoice },
        ]),
        Problem::UnknownDemarche(_) => Problem::UnknownDemarche(vec!["9999".to_owned()]),
        Problem::OutOfReach(_) => Problem::OutOfReach(vec!["9999".to_owned()]),
        Problem::UnknownForms(_) => Problem::UnknownForms(vec!["9".to_owned(), "10".to_owned()]),
        Problem::UnknownEdition(_) => Problem::UnknownEdition(vec!["2025-T4".to_owned()]),
        Problem::TooManyRequests(_) => Problem::TooManyRequests(Exceeded::for_seconds(60)),
        other => other.clone(),
    }
}
