//! An example as a command to copy.

use super::json;
use serde_json::Value;
use std::fmt::Write;

/// The command that sends the example of this name.
pub(super) fn command(document: &Value, path: &str, method: &str, operation: &Value, name: &str) -> String {
    let own = || {
        operation["security"]
            .as_array()
            .and_then(|all| all.iter().find_map(|one| one.as_object()?.keys().next()))
    };
    let is_open = operation["security"]
        .as_array()
        .is_none_or(|all| all.iter().any(|one| one == &Value::Object(serde_json::Map::new())));
    let token = own().filter(|_| !is_open).map(|scheme| match scheme.as_str() {
        "edit" => "EDIT_TOKEN",
        "receipt" => "RECEIPT",
        _ => "KEY",
    });
    let mut path = path.to_owned();
    let mut query: Vec<(&str, String)> = Vec::new();
    let mut headers = String::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let Some(example) = parameter["examples"].get(name) else { continue };
        let parameter_name = parameter["name"].as_str().unwrap_or_default();
        let value = &example["value"];
        match parameter["in"].as_str() {
            // What is changed with a token is the avis that it came with.
            Some("path") if matches!(token, Some("EDIT_TOKEN" | "RECEIPT")) => {
                path = path.replace(&format!("{{{parameter_name}}}"), "$ID");
            }
            Some("path") => path = path.replace(&format!("{{{parameter_name}}}"), &encoded(&plain(value))),
            Some("header") => {
                headers.push_str(" \\\n  -H \"Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)\"");
            }
            _ => match value {
                Value::Array(values) => {
                    query.extend(values.iter().map(|value| (parameter_name, plain(value))));
                }
                one => query.push((parameter_name, plain(one))),
            },
        }
    }
    let address = document["servers"][0]["url"].as_str().unwrap_or_default();
    let query = serde_urlencoded::to_string(&query).unwrap_or_default();
    let question = if query.is_empty() { "" } else { "?" };
    let verb = match method {
        "get" | "post" => String::new(),
        other => format!(" -X {}", other.to_uppercase()),
    };
    let mut command = format!("curl{verb} \"{address}{path}{question}{query}\"{headers}");
    if let Some(token) = token {
        let _ = write!(command, " \\\n  -H \"Authorization: Bearer ${token}\"");
    }
    let body = &operation["requestBody"]["content"]["application/json"]["examples"][name]["value"];
    if !body.is_null() {
        let body = json::shown(body).replace('\'', r"'\''");
        let _ = write!(command, " \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'");
    }
    command
}

/// A value as it stands in an address: a text without its quotes, anything else as JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn encoded(part: &str) -> String {
    let pair = serde_urlencoded::to_string([("", part)]).unwrap_or_default();
    pair.trim_start_matches('=').replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use crate::openapi;
    use shared::Language;

    fn command(path: &str, method: &str, name: &str) -> String {
        let document = openapi::document(Language::Fr, "https://avis.example.fr");
        super::command(&document, path, method, &document["paths"][path][method], name)
    }

    #[test]
    fn a_reading_is_an_address() {
        assert_eq!(
            command("/api/v1/satisfaction", "get", "unknown-demarche"),
            "curl \"https://avis.example.fr/api/v1/satisfaction?from=2025-01-01&to=2025-12-31&demarche=1001&demarche=9998&demarche=9999\""
        );
        assert_eq!(
            command("/api/v1/demarches/{id}", "get", "alias"),
            "curl \"https://avis.example.fr/api/v1/demarches/xwiki%3A2002\""
        );
    }

    #[test]
    fn a_change_carries_the_token_that_came_with_the_avis() {
        assert_eq!(
            command("/api/v1/avis/{id}", "patch", "more"),
            "curl -X PATCH \"https://avis.example.fr/api/v1/avis/$ID\" \\\n  -H \"Authorization: Bearer $EDIT_TOKEN\" \\\n  \
             -H 'Content-Type: application/json' \\\n  -d '{\"answers\": {\"ease\": \"3\", \"comment\": null}}'"
        );
        let first = command("/api/v1/avis", "post", "least");
        assert!(
            first.contains("-H \"Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)\"")
                && !first.contains("Authorization"),
            "{first}"
        );
    }
}
