//! Pages to be read, and what documents that are only read have in common.

use crate::application::Collector;
use crate::coding::Coding;
use crate::hexadecimal;
use crate::language;
use crate::pages;
use crate::problem::Problem;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError, web};
use sha2::{Digest, Sha256};

/// A document with a strong validator made of its bytes; 304 for who has them. Coded as who asks takes it.
pub(super) fn with_etag(request: &HttpRequest, content_type: &'static str, body: Vec<u8>) -> HttpResponse {
    document(request, content_type, &etag_of(&body), body)
}

/// The same, where the validator of its plain bytes was made already.
pub(super) fn document(
    request: &HttpRequest,
    content_type: &'static str,
    etag: &str,
    body: Vec<u8>,
) -> HttpResponse {
    let coding = Coding::accepted(request);
    if has(request, &coding.etag(etag)) {
        return unchanged(coding.etag(etag));
    }
    match coding.code(body) {
        Ok(coded) => coded_document(coding, content_type, etag).body(coded),
        Err(_) => Problem::Internal.error_response(),
    }
}

/// What an answer says of a document in a coding, whose plain bytes have this validator.
pub(super) fn coded_document(coding: Coding, content_type: &'static str, etag: &str) -> HttpResponseBuilder {
    let mut response = validated(HttpResponse::Ok(), coding.etag(etag));
    response.insert_header((header::CONTENT_TYPE, content_type));
    if let Some(name) = coding.name() {
        response.insert_header((header::CONTENT_ENCODING, name));
    }
    response
}

/// A strong validator made of bytes.
pub(super) fn etag_of(body: &[u8]) -> String {
    etag_of_digest(Sha256::digest(body).into())
}

/// The same, made of the SHA-256 of bytes.
pub(super) fn etag_of_digest(digest: [u8; 32]) -> String {
    format!("\"{}\"", hexadecimal::encode(&digest[..16]))
}

/// Whether who asks has the document of this validator.
#[must_use]
pub fn has(request: &HttpRequest, etag: &str) -> bool {
    let mut lists = request.headers().get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    lists.any(|list| {
        list.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == etag)
    })
}

/// The answer to who has it.
pub(super) fn unchanged(etag: String) -> HttpResponse {
    validated(HttpResponse::NotModified(), etag).finish()
}

/// A response of this validator, that is asked for again each time.
pub(super) fn validated(mut response: HttpResponseBuilder, etag: String) -> HttpResponseBuilder {
    response
        .insert_header((header::ETAG, etag))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::VARY, "Accept, Accept-Encoding"));
    response
}

/// `GET /`: the ways from here.
pub(super) async fn home(request: HttpRequest) -> HttpResponse {
    pages::respond(&request, HttpResponse::Ok(), pages::home(language::of_two(&request)))
}

/// `GET /confidentialite`: what becomes of the answers.
pub(super) async fn privacy(request: HttpRequest, collector: web::Data<Collector>) -> HttpResponse {
    let page = pages::privacy(language::of(&request), &collector.responsible);
    pages::respond(&request, HttpResponse::Ok(), page)
}

/// `GET /accessibilite`: the statement of accessibility.
pub(super) async fn accessibility(request: HttpRequest, collector: web::Data<Collector>) -> HttpResponse {
    let page = pages::accessibility(language::of(&request), &collector.responsible);
    pages::respond(&request, HttpResponse::Ok(), page)
}

/// `GET /problems/{slug}`: what a `type` of an error means.
pub(super) async fn problem(request: HttpRequest, slug: web::Path<String>) -> Result<HttpResponse, Problem> {
    let problem =
        Problem::all().into_iter().find(|problem| problem.slug() == *slug).ok_or(Problem::NotFound)?;
    Ok(pages::respond(
        &request,
        HttpResponse::Ok(),
        pages::problem(&problem, problem.language(language::of(&request)), None),
    ))
}

/// `GET /methode`: how the figures are computed.
pub(super) async fn method(request: HttpRequest) -> HttpResponse {
    pages::respond(&request, HttpResponse::Ok(), pages::method())
}
