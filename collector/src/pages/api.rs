//! The description of the API for people: the OpenAPI document, laid out. It needs no script.

mod curl;
mod json;
mod schema;

use super::reading::{Document, contents, markdown, reading};
use super::{Page, office_texts};
use crate::problem::Problem;
use maud::{Markup, html};
use serde_json::{Map, Value};
use shared::Language;

pub(super) use schema::Types;

/// What fills the database on which the examples answer.
const DEMO: &str = "collector demo --demarches 3 --avis 3000 --seed 1 --until 2025-12-31";

/// The words of this page, in one language.
pub(super) struct ApiTexts {
    pub(super) title: &'static str,
    pub(super) contents: &'static str,
    pub(super) for_programs: &'static str,
    pub(super) parameters: &'static str,
    pub(super) body: &'static str,
    pub(super) answers: &'static str,
    pub(super) examples: &'static str,
    pub(super) answer: &'static str,
    pub(super) formats: &'static str,
    pub(super) formats_detail: &'static str,
    pub(super) errors: &'static str,
    pub(super) errors_detail: &'static str,
    pub(super) examples_detail: &'static str,
    pub(super) authorization: &'static str,
    pub(super) authorization_optional: &'static str,
    pub(super) required: &'static str,
    pub(super) or: &'static str,
    pub(super) types: Types,
}

/// The page of this OpenAPI document.
#[must_use]
pub fn api(language: Language, document: &Value) -> Page {
    let texts = &office_texts(language).api;
    let description = document["info"]["description"].as_str().unwrap_or_default();
    let tags: Vec<&Value> = document["tags"].as_array().into_iter().flatten().collect();
    let of_tag = |tag: &&Value| {
        let name = text(tag, "name").to_owned();
        operations(document, &name)
            .map(|(_, _, one)| (text(one, "operationId"), text(one, "summary")))
            .collect::<Vec<_>>()
    };
    let sections: Vec<_> = tags
        .iter()
        .map(|tag| (text(tag, "name"), text(tag, "description"), of_tag(tag)))
        .chain([("formats", texts.formats, vec![]), ("errors", texts.errors, vec![])])
        .collect();
    let main = html! {
        h1 { (texts.title) }
        (markdown(description))
        p { (texts.for_programs) " " a href="/api/openapi.json" { "openapi.json" } "." }
        p { (texts.examples_detail) " " code { (DEMO) } }
        (contents(texts.contents, &sections))
        @for tag in &tags {
            h2 id=(text(tag, "name")) { (text(tag, "description")) }
            @for (path, method, operation) in operations(document, text(tag, "name")) {
                (described(language, document, path, method, operation))
            }
        }
        h2 #formats { (texts.formats) }
        p { (texts.formats_detail) }
        @for (name, schema) in members(&document["components"]["schemas"]) {
            section.format {
                h3 id=(name) { (name) }
                (schema::explained(schema, texts))
            }
        }
        h2 #errors { (texts.errors) }
        p { (texts.errors_detail) }
        dl.members.answers {
            @for problem in Problem::all() {
                div {
                    dt { span.status { (problem.status().as_u16()) } }
                    dd { (problem.title(language)) ". " a href=(problem.kind()) { code { (problem.slug()) } } }
                }
            }
        }
    };
    let head = html! { link rel="service-desc" type="application/json" href="/api/openapi.json"; };
    reading(language, Document::Api, texts.title, &head, &main)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter).map(|(name, value)| (name.as_str(), value))
}

/// The operations of a tag, in the order of the document.
fn operations<'a>(document: &'a Value, tag: &str) -> impl Iterator<Item = (&'a str, &'a str, &'a Value)> {
    members(&document["paths"])
        .flat_map(|(path, item)| members(item).map(move |(method, operation)| (path, method, operation)))
        .filter(move |(_, _, operation)| operation["tags"][0] == *tag)
}

fn described(language: Language, document: &Value, path: &str, method: &str, operation: &Value) -> Markup {
    let texts = &office_texts(language).api;
    let parameters: Vec<&Value> = operation["parameters"].as_array().into_iter().flatten().collect();
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    let examples = examples(operation);
    html! {
        section.operation {
            h3 id=(text(operation, "operationId")) { (text(operation, "summary")) }
            p.call { span.verb { (method.to_uppercase()) } " " code { (path) } }
            @if let Some(description) = operation["description"].as_str() { p { (description) } }
            @if let Some(note) = authorization(document, operation, texts) { p { (note) } }
            @if !parameters.is_empty() {
                h4 { (texts.parameters) }
                dl.members {
                    @for parameter in &parameters {
                        div {
                            dt {
                                code { (text(parameter, "name")) } " "
                                (schema::kind(&parameter["schema"], texts))
                                @if parameter["required"] == true { " " span.must { (texts.required) } }
                            }
                            dd { (text(parameter, "description")) }
                        }
                    }
                }
            }
            @if !body.is_null() {
                h4 { (texts.body) }
                p { code { "application/json" } " " (schema::kind(body, texts)) }
            }
            @if !examples.is_empty() {
                h4 { (texts.examples) }
                @for example in &examples {
                    p { (example.summary) }
                    pre.copy { code { (curl::command(document, path, method, operation, example.name)) } }
                    @if let Some(body) = example.answer {
                        details {
                            summary { (texts.answer) " " (example.status) }
                            pre { code { (json::shown(body)) } }
                        }
                    } @else {
                        p.aside { (texts.answer) " " (example.status) }
                    }
                }
            }
            h4 { (texts.answers) }
            dl.members.answers {
                @for (status, response) in members(&operation["responses"]) { (answer(status, response, texts)) }
            }
        }
    }
}

/// Who may call it, if not anybody without more.
fn authorization(document: &Value, operation: &Value, texts: &ApiTexts) -> Option<String> {
    let requirements = operation["security"].as_array()?;
    let schemes: Vec<&str> = requirements.iter().flat_map(members).map(|(name, _)| name).collect();
    let described =
        schemes.iter().map(|name| text(&document["components"]["securitySchemes"][*name], "description"));
    let is_optional = requirements.len() > schemes.len();
    let lead = if is_optional { texts.authorization_optional } else { texts.authorization };
    Some(format!("{lead} {}", described.collect::<Vec<_>>().join(" ")))
}

fn answer(status: &str, response: &Value, texts: &ApiTexts) -> Markup {
    let types = |schema: &Value| schema["properties"]["type"]["enum"].as_array().cloned().unwrap_or_default();
    html! {
        div {
            dt { span.status { (status) } }
            dd {
                (text(response, "description"))
                @for (media_type, content) in members(&response["content"]) {
                    @let problems = types(&content["schema"]);
                    @if problems.is_empty() {
                        " " code { (media_type) } " " (schema::kind(&content["schema"], texts))
                    } @else {
                        @for kind in problems.iter().filter_map(Value::as_str) {
                            " " a href=(kind) { code { (kind.trim_start_matches("/problems/")) } }
                        }
                    }
                }
            }
        }
    }
}

/// An example of an operation: what is asked, and what is answered.
struct Example<'a> {
    name: &'a str,
    summary: &'a str,
    status: &'a str,
    answer: Option<&'a Value>,
}

/// The examples that can be replayed: those whose name stands at the request and at an answer. Of an operation that asks
/// for nothing, those of its success: no request shows its failures.
fn examples(operation: &Value) -> Vec<Example<'_>> {
    let bare = operation["parameters"].is_null() && operation["requestBody"].is_null();
    let asked = |name: &str, status: &str| {
        if bare {
            return status.starts_with('2');
        }
        parts(operation).any(|part| part["examples"].get(name).is_some())
    };
    let summary = |name: &str| {
        parts(operation).find_map(|part| part["examples"][name]["summary"].as_str()).unwrap_or_default()
    };
    let mut examples: Vec<Example<'_>> = Vec::new();
    for (status, response) in members(&operation["responses"]) {
        let shown = members(&response["content"]).flat_map(|(_, content)| members(&content["examples"]));
        examples.extend(shown.filter(|(name, _)| asked(name, status)).map(|(name, example)| Example {
            name,
            summary: if bare { text(example, "summary") } else { summary(name) },
            status,
            answer: Some(&example["value"]),
        }));
        let empty = response["x-examples"].as_array().into_iter().flatten().filter_map(Value::as_str);
        examples.extend(empty.map(|name| Example { name, summary: summary(name), status, answer: None }));
    }
    examples
}

/// The parts of a request that hold examples.
fn parts(operation: &Value) -> impl Iterator<Item = &Value> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters.chain(operation["requestBody"]["content"].get("application/json"))
}
