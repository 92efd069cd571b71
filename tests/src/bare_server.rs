//! What the servers that the collector is measured against have in common with it: reading an avis, and an answer of
//! the same shape.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use shared::{AvisDraft, NewAvis};
use uuid::Uuid;

/// The largest body, in bytes: the collector's.
pub const BODY_MAX: usize = 64 * 1024;

/// The key and the avis of a request, by the parsing and validation that the collector uses.
///
/// # Errors
/// The status to answer with.
pub fn parse(request: &HttpRequest, body: &[u8]) -> Result<(Uuid, NewAvis), StatusCode> {
    let draft: AvisDraft = serde_json::from_slice(body).map_err(|_| StatusCode::BAD_REQUEST)?;
    let avis = draft.parse().map_err(|_| StatusCode::UNPROCESSABLE_ENTITY)?;
    let key = request.headers().get("idempotency-key").and_then(|value| value.to_str().ok());
    let key =
        key.and_then(|key| Uuid::try_parse(key.trim_matches('"')).ok()).ok_or(StatusCode::BAD_REQUEST)?;
    Ok((key, avis))
}

/// What the collector answers, with names that are made for nobody.
#[must_use]
pub fn created() -> HttpResponse {
    HttpResponse::Created()
        .insert_header((header::LOCATION, "/api/v1/avis/20261122-0000-8000-8000-000000000000"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(json!({
            "id": "20261122-0000-8000-8000-000000000000",
            "receipt": "0000-0000-0000-0000",
            "edit_token": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "edit_until": "2026-11-23T08:00:00Z",
        }))
}
