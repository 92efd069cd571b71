//! A schema in words: of what type, among which values, within which bounds, and what its members are.

use super::{ApiTexts, members, text};
use maud::{Markup, html};
use serde_json::Value;
use std::fmt::Write;

/// The words of types.
pub(crate) struct Types {
    pub(crate) string: &'static str,
    pub(crate) number: &'static str,
    pub(crate) integer: &'static str,
    pub(crate) boolean: &'static str,
    pub(crate) object: &'static str,
    pub(crate) list_of: &'static str,
    pub(crate) date: &'static str,
    pub(crate) instant: &'static str,
    pub(crate) at_most: fn(u64) -> String,
}

/// What a value may be, in a few words.
pub(super) fn kind(schema: &Value, texts: &ApiTexts) -> Markup {
    let alternatives = ["anyOf", "allOf"].iter().find_map(|name| schema[*name].as_array());
    html! {
        @if let Some(reference) = schema["$ref"].as_str() {
            @let name = reference.rsplit('/').next().unwrap_or_default();
            a href={ "#" (name) } { (name) }
        } @else if let Some(alternatives) = alternatives.filter(|_| schema["properties"].is_null() || schema["type"].is_null()) {
            @for (place, alternative) in alternatives.iter().enumerate() {
                @if place > 0 { " " (texts.or) " " }
                (kind(alternative, texts))
            }
        } @else if let Some(value) = schema.get("const") {
            span.type { code { (super::json::on_one_line(value)) } }
        } @else if let Some(values) = schema["enum"].as_array() {
            span.type {
                @for (place, value) in values.iter().enumerate() {
                    @if place > 0 { " · " }
                    code { (value.as_str().map_or_else(|| value.to_string(), str::to_owned)) }
                }
            }
        } @else {
            span.type { (of_type(schema, texts)) }
            @if let Some(items) = schema.get("items") { " " (kind(items, texts)) }
        }
    }
}

fn of_type(schema: &Value, texts: &ApiTexts) -> String {
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let named = types.into_iter().map(|name| match (name, schema["format"].as_str()) {
        ("string", Some("date")) => texts.types.date,
        ("string", Some("date-time")) => texts.types.instant,
        ("string", Some("uuid")) => "UUID",
        ("string", Some("uri")) => "URL",
        ("string", _) => texts.types.string,
        ("number", _) => texts.types.number,
        ("integer", _) => texts.types.integer,
        ("boolean", _) => texts.types.boolean,
        ("array", _) => texts.types.list_of,
        ("object", _) => texts.types.object,
        _ => "null",
    });
    let mut words = named.collect::<Vec<_>>().join(&format!(" {} ", texts.or));
    if let Some(longest) = schema["maxLength"].as_u64() {
        let _ = write!(words, ", {}", (texts.types.at_most)(longest));
    }
    if let (Some(least), Some(most)) = (schema["minimum"].as_u64(), schema["maximum"].as_u64())
        && most <= 100
    {
        let _ = write!(words, " {least}–{most}");
    }
    words
}

/// A schema in full: what it is about, and its members.
pub(super) fn explained(schema: &Value, texts: &ApiTexts) -> Markup {
    html! {
        @if let Some(description) = schema["description"].as_str() { p { (description) } }
        (explained_members(schema, texts))
    }
}

fn explained_members(schema: &Value, texts: &ApiTexts) -> Markup {
    let required: Vec<&Value> = schema["required"].as_array().into_iter().flatten().collect();
    html! {
        @if schema["properties"].is_object() {
            dl.members {
                @for (name, member) in members(&schema["properties"]) {
                    div {
                        dt {
                            code { (name) } " " (kind(member, texts))
                            @if required.contains(&&Value::from(name)) { " " span.must { (texts.required) } }
                        }
                        dd {
                            (text(member, "description"))
                            @let inner = member.get("items").filter(|items| items["properties"].is_object()).unwrap_or(member);
                            @if inner["properties"].is_object() { (explained_members(inner, texts)) }
                        }
                    }
                }
            }
        }
    }
}
