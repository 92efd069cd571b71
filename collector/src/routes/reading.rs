//! Pages to be read, and what documents that are only read have in common.

use crate::hexadecimal;
use crate::language;
use crate::pages;
use crate::problem::Problem;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use sha2::{Digest, Sha256};

/// A document with a strong validator made of its bytes; 304 for who has them.
pub(super) fn with_etag(request: &HttpRequest, content_type: &'static str, body: Vec<u8>) -> HttpResponse {
    let etag = format!("\"{}\"", hexadecimal::encode(&Sha256::digest(&body)[..16]));
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let matches = known.is_some_and(|list| {
        list.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == etag)
    });
    let mut response = if matches { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, etag))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::VARY, "Accept, Accept-Encoding"));
    if matches {
        response.finish()
    } else {
        response.insert_header((header::CONTENT_TYPE, content_type)).body(body)
    }
}

/// `GET /confidentialite`: what becomes of the answers.
pub(super) async fn privacy(request: HttpRequest) -> HttpResponse {
    pages::respond(&request, HttpResponse::Ok(), pages::privacy(language::of(&request)))
}

/// `GET /problems/{slug}`: what a `type` of an error means.
pub(super) async fn problem(request: HttpRequest, slug: web::Path<String>) -> Result<HttpResponse, Problem> {
    let problem =
        Problem::all().into_iter().find(|problem| problem.slug() == *slug).ok_or(Problem::NotFound)?;
    Ok(pages::respond(&request, HttpResponse::Ok(), pages::problem(&problem, language::of(&request), false)))
}
