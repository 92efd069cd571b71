//! What describes the published data to programs: the columns of the table, the catalogue.

use super::integration::address;
use super::reading::with_etag;
use crate::application::Collector;
use crate::dcat::{self, Facts};
use crate::problem::Problem;
use crate::{language, openapi, pages, satisfaction};
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

/// Every month there can be.
const ALWAYS: (i32, i32) = (0, 999_912);

/// `GET /schemas/satisfaction.json`: what the columns of the table mean.
pub(super) async fn table_schema(request: HttpRequest) -> HttpResponse {
    described(&request, "application/json", &satisfaction::table_schema(language::of_two(&request)))
}

/// `GET /catalogue.jsonld`: what data there are, under which licence and where.
pub(super) async fn catalogue(
    request: HttpRequest,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let months = collector.store.satisfaction_by_month(ALWAYS.0, ALWAYS.1).await?;
    let catalogue = dcat::catalogue(&Facts {
        address: &address(&request, &collector),
        publisher: collector.publisher.as_deref(),
        editions: &collector.store.editions().await?,
        first_month: months.iter().map(|(_, month, _)| *month).min(),
        today: collector.clock.today(),
    });
    Ok(described(&request, "application/ld+json", &catalogue))
}

/// `GET /api/openapi.json`: what programs can ask for.
pub(super) async fn openapi(request: HttpRequest, collector: web::Data<Collector>) -> HttpResponse {
    let document = openapi::document(language::of_two(&request), &address(&request, &collector));
    described(&request, "application/json", &document)
}

/// `GET /api/`: the same, for people.
pub(super) async fn api(request: HttpRequest, collector: web::Data<Collector>) -> HttpResponse {
    let language = language::of_two(&request);
    let document = openapi::document(language, &address(&request, &collector));
    // Its examples hold the address it was reached by: it is for who asked.
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    pages::respond(&request, response, pages::api(language, &document))
}

/// A document for any program, in the browser too, that depends on how it is asked for.
fn described(request: &HttpRequest, content_type: &'static str, document: &Value) -> HttpResponse {
    let mut response = with_etag(request, content_type, document.to_string().into_bytes());
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding, Accept-Language"));
    response
}
