//! Files that come from the binary: the widget, and what pages out there load from today's service.

use super::reading::{etag_of, has};
use crate::coding::Coding;
use crate::pages::Image;
use crate::problem::Problem;
use crate::{assets, coding, pages};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};

/// Names that hold the hash of their content never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The loader and the modal script keep their names: a page runs a new one within minutes.
const FOR_MINUTES: &str = "public, max-age=300";

const FOR_A_DAY: &str = "public, max-age=86400";

/// `GET /v1/{name}`: the loader, the glue, the wasm.
pub(super) async fn widget(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let asset = assets::find(&name).ok_or(Problem::NotFound)?;
    let caching = if asset.immutable { FOR_EVER } else { FOR_MINUTES };
    Ok(coded(&request, asset.content_type, caching, asset.identity, asset.brotli))
}

/// `GET /static/jdma-modal-widget.js`, `GET /Demarches/assets/jdma-modal-widget.js`.
pub(super) async fn modal(request: HttpRequest) -> HttpResponse {
    let script = &*assets::MODAL;
    coded(&request, "text/javascript; charset=utf-8", FOR_MINUTES, &script.identity, &script.brotli)
}

/// `GET /static/{name}`, `GET /static/buttons/{name}`, `GET /monavis-static/{name}`: the images that are pasted out
/// there.
pub(super) async fn image(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    Ok(match pages::button_image(&name).ok_or(Problem::NotFound)? {
        Image::Svg(svg) => coded(&request, "image/svg+xml", FOR_A_DAY, &svg.identity, &svg.brotli),
        Image::Png(png) => file("image/png", FOR_A_DAY).body(*png),
    })
}

/// A file in the coding that the browser takes; one that can change has a validator, for who looks again.
fn coded(
    request: &HttpRequest,
    content_type: &'static str,
    caching: &'static str,
    identity: &'static [u8],
    brotli: &'static [u8],
) -> HttpResponse {
    let coding = if coding::takes_brotli(request) { Coding::Brotli } else { Coding::Identity };
    let mut response = file(content_type, caching);
    response.insert_header((header::VARY, "Accept-Encoding"));
    if caching != FOR_EVER {
        let etag = coding.etag(&etag_of(identity));
        if has(request, &etag) {
            return response.status(StatusCode::NOT_MODIFIED).insert_header((header::ETAG, etag)).finish();
        }
        response.insert_header((header::ETAG, etag));
    }
    match coding.name() {
        Some(name) => response.insert_header((header::CONTENT_ENCODING, name)).body(brotli),
        None => response.body(identity),
    }
}

fn file(content_type: &'static str, caching: &'static str) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    for_any_page(&mut response)
        .insert_header((header::CONTENT_TYPE, content_type))
        .insert_header((header::CACHE_CONTROL, caching));
    response
}

/// Pages of any origin may load it, whatever isolation they ask for.
pub(super) fn for_any_page(response: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    response
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((header::CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"))
}
