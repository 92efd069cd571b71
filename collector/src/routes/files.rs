//! Files that pages out there load: the widget of this version from the binary, of former ones from the store; and what
//! they load from today's service.

use super::reading::{etag_of, has};
use crate::application::Collector;
use crate::assets::{Coded, Integrity};
use crate::coding::Coding;
use crate::pages::Image;
use crate::problem::Problem;
use crate::{assets, coding, pages};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError, web};

/// Names that hold the hash of their content never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The loader and the modal script keep their names: a page runs a new one within minutes.
const FOR_MINUTES: &str = "public, max-age=300";

const FOR_A_DAY: &str = "public, max-age=86400";

/// `GET /v1/{name}`: loaders, glue, wasm, texts, of this version and of those before it.
pub(super) async fn widget(
    request: HttpRequest,
    name: web::Path<String>,
    collector: web::Data<Collector>,
) -> HttpResponse {
    match find(&request, &name, &collector).await {
        Ok(response) => response,
        // Or the page could not tell that it was refused from a network that failed.
        Err(problem) => {
            let mut response = problem.error_response();
            for (name, value) in FOR_ANY_PAGE {
                response.headers_mut().insert(name, HeaderValue::from_static(value));
            }
            response
        }
    }
}

async fn find(request: &HttpRequest, name: &str, collector: &Collector) -> Result<HttpResponse, Problem> {
    let catalogue = collector.catalogue.now();
    let kept = catalogue.asset(name);
    if kept.is_some_and(|kept| kept.revoked) {
        return Err(Problem::Revoked);
    }
    if let Some(own) = assets::find(name) {
        let caching = if own.immutable { FOR_EVER } else { FOR_MINUTES };
        let etag = etag_of_integrity(own.integrity());
        return Ok(coded(request, own.content_type, caching, &etag, &own.coded()));
    }
    let kept = kept.ok_or(Problem::NotFound)?;
    let file = collector.shelf.file(kept).await?.ok_or(Problem::Internal)?;
    Ok(coded(request, &kept.media_type, FOR_EVER, &etag_of_integrity(kept.integrity), &file))
}

fn etag_of_integrity(integrity: Integrity) -> String {
    format!("\"{}\"", &integrity.digits()[..32])
}

/// `GET /static/jdma-modal-widget.js`, `GET /Demarches/assets/jdma-modal-widget.js`.
pub(super) async fn modal(request: HttpRequest) -> HttpResponse {
    let script = &*assets::MODAL;
    let etag = etag_of(&script.identity);
    coded(&request, "text/javascript; charset=utf-8", FOR_MINUTES, &etag, script)
}

/// `GET /static/{name}`, `GET /static/buttons/{name}`, `GET /monavis-static/{name}`: the images that are pasted out
/// there.
pub(super) async fn image(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    Ok(match pages::button_image(&name).ok_or(Problem::NotFound)? {
        Image::Svg(svg) => coded(&request, "image/svg+xml", FOR_A_DAY, &etag_of(&svg.identity), svg),
        Image::Png(png) => file("image/png", FOR_A_DAY).body(*png),
    })
}

/// A file in the coding that the browser takes, with a validator for who looks again.
fn coded(
    request: &HttpRequest,
    content_type: &str,
    caching: &'static str,
    etag: &str,
    content: &Coded,
) -> HttpResponse {
    let coding = if coding::takes_brotli(request) { Coding::Brotli } else { Coding::Identity };
    let etag = coding.etag(etag);
    let mut response = file(content_type, caching);
    response.insert_header((header::VARY, "Accept-Encoding"));
    if has(request, &etag) {
        return response.status(StatusCode::NOT_MODIFIED).insert_header((header::ETAG, etag)).finish();
    }
    response.insert_header((header::ETAG, etag));
    match coding.name() {
        Some(name) => response.insert_header((header::CONTENT_ENCODING, name)).body(content.brotli.clone()),
        None => response.body(content.identity.clone()),
    }
}

fn file(content_type: &str, caching: &'static str) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    for_any_page(&mut response)
        .insert_header((header::CONTENT_TYPE, content_type))
        .insert_header((header::CACHE_CONTROL, caching));
    response
}

/// Pages of any origin may load it, whatever isolation they ask for.
const FOR_ANY_PAGE: [(HeaderName, &str); 2] =
    [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"), (header::CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin")];

/// Adds [what lets any page load it](FOR_ANY_PAGE).
pub(super) fn for_any_page(response: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    FOR_ANY_PAGE.into_iter().fold(response, |response, header| response.insert_header(header))
}
