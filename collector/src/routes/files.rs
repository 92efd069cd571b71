//! Files that come from the binary: the widget, the images of the button.

use crate::problem::Problem;
use crate::{assets, coding, pages};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

/// Names that hold the hash of their content never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The loader keeps its name: a page shows a new one within minutes.
const FOR_MINUTES: &str = "public, max-age=300";

const FOR_A_DAY: &str = "public, max-age=86400";

/// `GET /v1/{name}`: the loader, the glue, the wasm.
pub(super) async fn widget(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let asset = assets::find(&name).ok_or(Problem::NotFound)?;
    let mut response = HttpResponse::Ok();
    for_any_page(&mut response)
        .insert_header((header::CONTENT_TYPE, asset.content_type))
        .insert_header((header::CACHE_CONTROL, if asset.immutable { FOR_EVER } else { FOR_MINUTES }))
        .insert_header((header::VARY, "Accept-Encoding"));
    Ok(if coding::takes_brotli(&request) {
        response.insert_header((header::CONTENT_ENCODING, "br")).body(asset.brotli)
    } else {
        response.body(asset.identity)
    })
}

/// `GET /static/{name}`, `GET /monavis-static/{name}`: the images that are pasted out there.
pub(super) async fn image(name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let image = pages::button_image(&name).ok_or(Problem::NotFound)?;
    let mut response = HttpResponse::Ok();
    Ok(for_any_page(&mut response)
        .insert_header((header::CONTENT_TYPE, image.content_type))
        .insert_header((header::CACHE_CONTROL, FOR_A_DAY))
        .body(image.bytes))
}

/// Pages of any origin may load it, whatever isolation they ask for.
pub(super) fn for_any_page(
    response: &mut actix_web::HttpResponseBuilder,
) -> &mut actix_web::HttpResponseBuilder {
    response
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((header::CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"))
}
