//! `/api/v1/editions`: what was published of each quarter, frozen.

use super::reading::{has, with_etag};
use crate::application::Collector;
use crate::edition::{self, Edition, EditionFile, Erratum, Format, ReadError};
use crate::problem::Problem;
use crate::store::Period;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// `GET /api/v1/editions`: every edition, the newest first, with the digests of its files and what was said of it since.
pub(super) async fn all(
    request: HttpRequest,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let editions: Vec<Value> = collector.store.editions().await?.iter().map(describe).collect();
    Ok(with_etag(&request, "application/json", json!({"editions": editions}).to_string().into_bytes()))
}

/// `GET /api/v1/editions/{edition}`: as programs read it, with its errata.
pub(super) async fn with_errata(
    request: HttpRequest,
    name: web::Path<String>,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let (edition, file) = find(&collector, &name, Format::Json).await?;
    // Errata are only ever added, so their number tells which of them are in the document.
    let etag = match edition.errata.len() {
        0 => format!("\"{}\"", file.sha256),
        errata => format!("\"{}-{errata}\"", file.sha256),
    };
    if has(&request, &etag) {
        return Ok(validated(HttpResponse::NotModified(), etag).finish());
    }
    let frozen = edition.read(&*collector.store, Format::Json).await?;
    let content = edition.with_errata(frozen);
    Ok(exact(Format::Json, etag, &content).body(content))
}

/// `GET /api/v1/editions/{edition}.json`: its document as it was frozen.
pub(super) async fn json(
    request: HttpRequest,
    name: web::Path<String>,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    frozen(&request, &collector, &name, Format::Json).await
}

/// `GET /api/v1/editions/{edition}.csv`: its table.
pub(super) async fn csv(
    request: HttpRequest,
    name: web::Path<String>,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    frozen(&request, &collector, &name, Format::Csv).await
}

/// `GET /api/v1/editions/{edition}.xlsx`: its workbook.
pub(super) async fn xlsx(
    request: HttpRequest,
    name: web::Path<String>,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    frozen(&request, &collector, &name, Format::Xlsx).await
}

fn describe(edition: &Edition) -> Value {
    let Edition { quarter, frozen_at, formula, files, errata } = edition;
    let days = |Period { from, to }| json!({"from": from, "to": to});
    let files: serde_json::Map<String, Value> = files
        .iter()
        .map(|one| {
            let facts =
                json!({"url": edition::path(*quarter, one.format), "bytes": one.bytes, "sha256": one.sha256});
            (one.format.code().to_owned(), facts)
        })
        .collect();
    let errata: Vec<Value> = errata.iter().map(Erratum::to_json).collect();
    json!({"id": quarter, "twelve_months": days(quarter.twelve_months()), "three_months": days(quarter.period()),
        "frozen_at": frozen_at.to_string(), "formula": formula, "files": files, "errata": errata})
}

async fn find(collector: &Collector, name: &str, format: Format) -> Result<(Edition, EditionFile), Problem> {
    let editions = collector.store.editions().await?;
    let named = |edition: &&Edition| edition.quarter.to_string() == name;
    let found = editions.iter().find(named);
    match found.and_then(|edition| Some((edition.clone(), edition.file(format)?.clone()))) {
        Some(found) => Ok(found),
        None => Err(Problem::UnknownEdition(editions.iter().map(|one| one.quarter.to_string()).collect())),
    }
}

/// Serves a file of an edition as it was frozen.
async fn frozen(
    request: &HttpRequest,
    collector: &Collector,
    name: &str,
    format: Format,
) -> Result<HttpResponse, Problem> {
    let (edition, file) = find(collector, name, format).await?;
    let etag = format!("\"{}\"", file.sha256);
    if has(request, &etag) {
        return Ok(validated(HttpResponse::NotModified(), etag).finish());
    }
    let name = edition::file_name(edition.quarter, format);
    let content = edition.read(&*collector.store, format).await?;
    let disposition = (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""));
    Ok(exact(format, etag, &content).insert_header(disposition).body(content))
}

/// Says of these bytes what they are: nobody on the way may code them otherwise.
fn exact(format: Format, etag: String, content: &[u8]) -> HttpResponseBuilder {
    let mut response = validated(HttpResponse::Ok(), etag);
    let digest = STANDARD.encode(Sha256::digest(content));
    response
        .insert_header(("repr-digest", format!("sha-256=:{digest}:")))
        .insert_header((header::CONTENT_TYPE, format.media_type()));
    response
}

fn validated(mut response: HttpResponseBuilder, etag: String) -> HttpResponseBuilder {
    // Asked for again each time, as an erratum may have come.
    response
        .insert_header((header::ETAG, etag))
        .insert_header((header::CACHE_CONTROL, "no-cache, no-transform"));
    response
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Store(error) => error.into(),
            ReadError::Damaged(damaged) => {
                tracing::error!(error = damaged.to_string(), "an edition cannot be served");
                Self::Internal
            }
        }
    }
}
