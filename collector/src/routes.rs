//! What is where: every address of the collector, on one page.

mod authorization;
pub mod avis;
mod data;
mod demarches;
mod editions;
mod files;
mod form;
mod health;
mod integration;
pub mod middleware;
mod observatoire;
mod old_addresses;
mod open_api;
pub mod reading;
pub mod satisfaction;
mod token;
mod trpc;
mod withdrawal;

use crate::metrics::Metrics;
use crate::problem::Problem;
use actix_cors::Cors;
use actix_web::http::{Method, header};
use actix_web::web::{self, ServiceConfig};
use actix_web::{Resource, Route, guard};
use std::sync::Arc;

/// Adds every route.
pub fn configure(service: &mut ServiceConfig, metrics: &Arc<Metrics>) {
    let api = Below { prefix: "/api", metrics };
    let site = Below { prefix: "", metrics };
    service
        .app_data(metrics.route("none".to_owned()))
        .service(
            web::scope(api.prefix)
                .wrap(cors())
                .service(api.post("/v1/avis", web::post().to(avis::post)))
                .service(
                    api.resource("/v1/avis/{id}")
                        .route(web::patch().to(avis::patch))
                        .route(web::delete().to(avis::delete))
                        .default_service(not_allowed("PATCH, DELETE")),
                )
                .service(api.get("/v1/token", read(token::get)))
                .service(api.get("/v1/satisfaction", read(satisfaction::all)))
                .service(api.get("/v1/demarches", read(demarches::all)))
                .service(api.get("/v1/demarches/{id}", read(demarches::one)))
                .service(api.get("/v1/demarches/{id}/satisfaction", read(satisfaction::one)))
                .service(api.get("/v1/editions", read(editions::all)))
                .service(api.get("/v1/editions/{edition}.csv", read(editions::csv)))
                .service(api.get("/v1/editions/{edition}.xlsx", read(editions::xlsx)))
                .service(api.get("/v1/editions/{edition}.json", read(editions::json)))
                .service(api.get("/v1/editions/{edition}", read(editions::with_errata)))
                .service(
                    api.resource("/trpc/answer.getObservatoireStats")
                        .route(read(trpc::observatoire))
                        .default_service(web::to(trpc::not_allowed)),
                )
                .service(api.resource("/trpc/{procedure}").default_service(web::to(trpc::unknown)))
                .service(api.get("/open-api/services", read(open_api::services)))
                .service(api.post("/open-api/statistiques", web::post().to(open_api::statistiques)))
                .service(api.post("/open-api/setTop250", web::post().to(open_api::set_top_250)))
                .service(api.get("/open-api/health", read(open_api::health)))
                .service(api.get("/", read(data::api)))
                .service(api.get("/openapi.json", read(data::openapi)))
                .default_service(web::to(not_found)),
        )
        .service(
            site.pasted("/avis/{demarche}")
                .route(read(form::show))
                .route(web::post().to(form::take))
                .default_service(not_allowed("GET, HEAD, POST")),
        )
        .service(
            site.resource("/retrait")
                .route(read(withdrawal::show))
                .route(web::post().to(withdrawal::take))
                .default_service(not_allowed("GET, HEAD, POST")),
        )
        .service(site.get("/Demarches/assets/jdma-modal-widget.js", read(files::modal)))
        .service(site.get("/Demarches/assets/buttons/{name}", read(files::image)))
        .service(site.old("/Demarches/avis/{number}", read(old_addresses::by_form)))
        .service(site.old("/Demarches/{language}/avis/{number}", read(old_addresses::by_form)))
        .service(site.old("/Demarches/{language}/{number}", read(old_addresses::by_number)))
        .service(site.old("/Demarches/{number}", read(old_addresses::by_number)))
        .service(site.get("/integration/{demarche}", read(integration::show)))
        .service(site.get("/", read(reading::home)))
        .service(site.get("/observatoire", read(observatoire::list)))
        .service(site.get("/observatoire.csv", read(observatoire::csv)))
        .service(site.get("/observatoire.xlsx", read(observatoire::xlsx)))
        .service(site.get("/observatoire.json", read(observatoire::json)))
        .service(site.get("/observatoire/editions", read(observatoire::editions)))
        .service(site.get("/observatoire/{demarche}", read(observatoire::one)))
        .service(site.get("/demarches/{demarche}/badge.svg", read(observatoire::badge)))
        .service(site.get("/confidentialite", read(reading::privacy)))
        .service(site.get("/accessibilite", read(reading::accessibility)))
        .service(site.get("/methode", read(reading::method)))
        .service(site.get("/schemas/satisfaction.json", read(data::table_schema)))
        .service(site.get("/catalogue.jsonld", read(data::catalogue)))
        .service(site.get("/problems/{slug}", read(reading::problem)))
        .service(site.get("/v1/{name}", read(files::widget)))
        .service(site.get("/static/jdma-modal-widget.js", read(files::modal)))
        .service(site.get("/static/{name}", read(files::image)))
        .service(site.get("/static/buttons/{name}", read(files::image)))
        .service(site.get("/monavis-static/{name}", read(files::image)))
        .service(site.get("/health/live", read(health::live)))
        .service(site.get("/health/ready", read(health::ready)))
        .default_service(web::to(not_found));
}

/// Resources below a prefix, each with its pattern on it: what is logged and counted, without looking it up again.
struct Below<'a> {
    prefix: &'static str,
    metrics: &'a Arc<Metrics>,
}

impl Below<'_> {
    fn resource(&self, path: &str) -> Resource {
        self.known_as(path, web::resource(path))
    }

    /// A resource whose address people paste and type: a slash at its end changes nothing.
    fn pasted(&self, path: &str) -> Resource {
        self.known_as(path, web::resource([path.to_owned(), format!("{path}/")]))
    }

    fn known_as(&self, path: &str, resource: Resource) -> Resource {
        resource.app_data(self.metrics.route(format!("{}{path}", self.prefix)))
    }

    /// A resource that is only read; `HEAD` is answered like `GET`, without the body.
    fn get(&self, path: &str, route: Route) -> Resource {
        self.resource(path).route(route).default_service(not_allowed("GET, HEAD"))
    }

    /// The same at an address of the buttons already out there.
    fn old(&self, path: &str, route: Route) -> Resource {
        self.pasted(path).route(route).default_service(not_allowed("GET, HEAD"))
    }

    fn post(&self, path: &str, route: Route) -> Resource {
        self.resource(path).route(route).default_service(not_allowed("POST"))
    }
}

fn read<F, Args>(handler: F) -> Route
where
    F: actix_web::Handler<Args>,
    Args: actix_web::FromRequest + 'static,
    F::Output: actix_web::Responder + 'static,
{
    web::route().guard(guard::Any(guard::Get()).or(guard::Head())).to(handler)
}

fn not_allowed(allow: &'static str) -> Route {
    web::to(move || async move { Err::<&'static str, _>(Problem::MethodNotAllowed(allow)) })
}

async fn not_found() -> Result<&'static str, Problem> {
    Err(Problem::NotFound)
}

/// Any page may send avis and read averages: there is no cookie and no session that another origin could abuse.
fn cors() -> Cors {
    Cors::default()
        .allow_any_origin()
        .send_wildcard()
        .allowed_methods([Method::GET, Method::HEAD, Method::POST, Method::PATCH, Method::DELETE])
        .allowed_headers([
            header::CONTENT_TYPE,
            header::AUTHORIZATION,
            header::ACCEPT,
            header::ACCEPT_LANGUAGE,
            header::IF_NONE_MATCH,
        ])
        .allowed_header("idempotency-key")
        .expose_headers(["Location", "Retry-After", "RateLimit", "RateLimit-Policy", "ETag"])
        .expose_headers(["Repr-Digest", "Content-Disposition"])
        .max_age(7_200)
}

#[cfg(test)]
mod tests;
