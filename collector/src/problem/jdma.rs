//! Problems with the members that clients of Je donne mon avis read besides.

use serde_json::{Value, json};

/// The document of a problem, as the clients of its address know it: those of tRPC find theirs in `error`, those of its
/// API in `message`, `code` and `issues`. Elsewhere it stays as it is.
pub(super) fn as_clients_know_it(path: &str, mut document: Value) -> Value {
    let status = document["status"].as_u64().unwrap_or_default();
    if let Some(procedure) = path.strip_prefix("/api/trpc/") {
        let code = Code::of(status);
        let data = json!({"code": code.name, "httpStatus": status, "path": procedure});
        document["error"] =
            json!({"json": {"message": document["detail"], "code": code.number, "data": data}});
    } else if path.starts_with("/api/open-api/") {
        let code = Code::of(status);
        document["message"] = document["detail"].clone();
        document["code"] = code.name.into();
        if code == Code::BAD_REQUEST {
            document["issues"] = issues(&document);
        }
    }
    document
}

/// Errors in the members of a request, as zod lists them.
fn issues(document: &Value) -> Value {
    let issue = |error: &Value| {
        let pointer = error["pointer"].as_str().unwrap_or_default();
        let path: Vec<&str> = pointer.split('/').skip(1).collect();
        json!({"code": error["code"], "path": path, "message": error["detail"]})
    };
    document["errors"].as_array().into_iter().flatten().map(issue).collect()
}

/// The code of an error in tRPC: its name, and its number in JSON-RPC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Code {
    name: &'static str,
    number: i32,
}

impl Code {
    const BAD_REQUEST: Self = Self { name: "BAD_REQUEST", number: -32_600 };

    /// That of a status; those of 4xx have its last digits (trpc.io/docs/server/error-handling).
    fn of(status: u64) -> Self {
        let (name, number) = match status {
            400 => return Self::BAD_REQUEST,
            401 => ("UNAUTHORIZED", -32_001),
            403 => ("FORBIDDEN", -32_003),
            404 => ("NOT_FOUND", -32_004),
            405 => ("METHOD_NOT_SUPPORTED", -32_005),
            408 => ("TIMEOUT", -32_008),
            413 => ("PAYLOAD_TOO_LARGE", -32_013),
            415 => ("UNSUPPORTED_MEDIA_TYPE", -32_015),
            429 => ("TOO_MANY_REQUESTS", -32_029),
            503 => ("SERVICE_UNAVAILABLE", -32_603),
            _ => ("INTERNAL_SERVER_ERROR", -32_603),
        };
        Self { name, number }
    }
}
