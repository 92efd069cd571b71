//! `/api/v1/demarches`: what is rated here.

use super::reading::with_etag;
use crate::application::Collector;
use crate::catalogue::Demarche;
use crate::problem::Problem;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

/// `GET /api/v1/demarches`: every démarche, in the order of publication.
pub(super) async fn all(request: HttpRequest, collector: web::Data<Collector>) -> HttpResponse {
    let catalogue = collector.catalogue.now();
    let demarches: Vec<Value> = catalogue.demarches().iter().map(describe).collect();
    with_etag(&request, "application/json", json!({"demarches": demarches}).to_string().into_bytes())
}

/// `GET /api/v1/demarches/{id}`: one, by its id or an alias.
pub(super) async fn one(
    request: HttpRequest,
    id: web::Path<String>,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let catalogue = collector.catalogue.now();
    let demarche = catalogue.demarche(&id).ok_or_else(|| Problem::UnknownDemarche(vec![id.into_inner()]))?;
    Ok(with_etag(&request, "application/json", describe(demarche).to_string().into_bytes()))
}

fn describe(demarche: &Demarche) -> Value {
    let Demarche { id, aliases, title, administration, ministry, audience, essential, closed } = demarche;
    let audience: Vec<&str> = audience.iter().map(|one| one.code()).collect();
    json!({"id": id, "aliases": aliases, "title": title, "administration": administration, "ministry": ministry,
        "audience": audience, "essential": essential, "closed": closed})
}
