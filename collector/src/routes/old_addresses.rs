//! The addresses of the buttons that are already out there: each opens the same form. What they mean is in
//! [`addresses`](crate::jdma::addresses).

use super::form;
use crate::application::Collector;
use crate::jdma::addresses::{LANGUAGES, Query, find, find_form};
use crate::problem::Problem;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

/// What the path says.
#[derive(Debug, Deserialize)]
pub(super) struct Place {
    language: Option<String>,
    number: String,
}

/// `GET /Demarches/{number}` and `GET /Demarches/{language}/{number}`, as each generation of buttons wrote them.
pub(super) async fn by_number(
    request: HttpRequest,
    place: web::Path<Place>,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    if place.language.as_deref().is_some_and(|tag| !LANGUAGES.contains(&tag)) {
        return Err(Problem::NotFound);
    }
    let catalogue = collector.catalogue.now();
    let query = Query::parse(request.query_string());
    let (demarche, bouton) =
        find(&catalogue, &place.number, &query).ok_or(Problem::UnknownDemarche(vec![]))?;
    form::open(&request, &collector, &catalogue, demarche, bouton)
}

/// `GET /Demarches/avis/{number}?button=` and the same behind a language, where the number is that of a form.
pub(super) async fn by_form(
    request: HttpRequest,
    place: web::Path<Place>,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    if place.language.as_deref().is_some_and(|tag| !LANGUAGES.contains(&tag)) {
        return Err(Problem::NotFound);
    }
    let catalogue = collector.catalogue.now();
    let query = Query::parse(request.query_string());
    let (demarche, bouton) =
        find_form(&catalogue, &place.number, &query).ok_or(Problem::UnknownDemarche(vec![]))?;
    form::open(&request, &collector, &catalogue, demarche, bouton)
}
