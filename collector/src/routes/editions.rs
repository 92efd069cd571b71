//! `/api/v1/editions`: what was published of each quarter, frozen.

use super::reading::{has, with_etag};
use crate::application::Collector;
use crate::edition::{self, Edition, Erratum, Format, ReadError};
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
pub(super) async fn json(
    request: HttpRequest,
    name: web::Path<String>,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    serve(&request, &collector, &name, Format::Json).await
}

/// `GET /api/v1/editions/{edition}.csv`: its table.
pub(super) async fn csv(
    request: HttpRequest,
    name: web::Path<String>,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    serve(&request, &collector, &name, Format::Csv).await
}

/// `GET /api/v1/editions/{edition}.xlsx`: its workbook.
pub(super) async fn xlsx(
    request: HttpRequest,
    name: web::Path<String>,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    serve(&request, &collector, &name, Format::Xlsx).await
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

/// Serves an edition as it was frozen, byte for byte: nobody on the way may code it otherwise.
async fn serve(
    request: &HttpRequest,
    collector: &Collector,
    name: &str,
    format: Format,
) -> Result<HttpResponse, Problem> {
    let editions = collector.store.editions().await?;
    let named = |edition: &&Edition| edition.quarter.to_string() == name;
    let found = editions.iter().find(named).and_then(|edition| Some((edition, edition.file(format)?)));
    let Some((edition, file)) = found else {
        let known = editions.iter().map(|edition| edition.quarter.to_string());
        return Err(Problem::UnknownEdition(known.collect()));
    };
    // Errata are only ever added, so their number tells which of them are in the document.
    let mut etag = file.sha256.to_string();
    if format == Format::Json && !edition.errata.is_empty() {
        etag = format!("{etag}-{}", edition.errata.len());
    }
    let etag = format!("\"{etag}\"");
    if has(request, &etag) {
        return Ok(validated(HttpResponse::NotModified(), etag).finish());
    }
    let mut body = edition.read(&*collector.store, format).await?;
    let mut response = validated(HttpResponse::Ok(), etag);
    if format == Format::Json {
        body = edition.with_errata(body);
    } else {
        let name = edition::file_name(edition.quarter, format);
        response.insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
    }
    let digest = STANDARD.encode(Sha256::digest(&body));
    response.insert_header(("repr-digest", format!("sha-256=:{digest}:")));
    response.insert_header((header::CONTENT_TYPE, content_type(format)));
    Ok(response.body(body))
}

fn validated(mut response: HttpResponseBuilder, etag: String) -> HttpResponseBuilder {
    // Asked for again each time, as an erratum may have come.
    response
        .insert_header((header::ETAG, etag))
        .insert_header((header::CACHE_CONTROL, "no-cache, no-transform"));
    response
}

fn content_type(format: Format) -> &'static str {
    match format {
        Format::Json => "application/json",
        Format::Csv => "text/csv; charset=utf-8",
        Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
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
