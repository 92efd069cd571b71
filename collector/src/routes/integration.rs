//! `/integration/{demarche}`: what an administration copies.

use crate::application::Collector;
use crate::assets;
use crate::catalogue::Bouton;
use crate::language;
use crate::pages::{self, IntegrationPage};
use crate::problem::Problem;
use crate::query;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use shared::PageAddress;

/// `GET /integration/{demarche}?bouton=`: the snippets of its first open bouton, or of the one asked for.
pub(super) async fn show(
    request: HttpRequest,
    name: web::Path<String>,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let catalogue = collector.catalogue.now();
    let demarche = catalogue.demarche(&name).ok_or(Problem::UnknownDemarche(vec![]))?;
    let boutons: Vec<&Bouton> = catalogue.boutons_of(&demarche.id).filter(|bouton| !bouton.closed).collect();
    let asked = query::parameter(&request, "bouton");
    let chosen = asked.and_then(|id| boutons.iter().find(|bouton| bouton.id.0 == id)).or(boutons.first());
    let page = pages::integration(&IntegrationPage {
        language: language::of_two(&request),
        demarche,
        bouton: chosen.copied(),
        boutons: &boutons,
        collector: &address(&request, &collector),
        pinned: assets::pinned(|integrity| catalogue.is_revoked(integrity)).as_ref(),
    });
    // Its snippets hold the address it was reached by: it is for who asked, and no cache gives it to another.
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    Ok(pages::respond(&request, response, page))
}

/// The address under which the public reaches the collector: as configured, else as this request reached it. What is
/// forwarded is believed from trusted proxies alone: anybody else could have administrations copy their address. A name
/// that no host has is not repeated.
pub(super) fn address(request: &HttpRequest, collector: &Collector) -> String {
    collector.public_url.clone().unwrap_or_else(|| reached_at(request, collector))
}

/// Where this request reached the collector.
fn reached_at(request: &HttpRequest, collector: &Collector) -> String {
    let connection = request.connection_info();
    let reached = if collector.proxies.trusts_peer_of(request) {
        format!("{}://{}", connection.scheme(), connection.host())
    } else {
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        format!("http://{}", host.unwrap_or_default())
    };
    let page = PageAddress::parse(&reached);
    page.map_or_else(|| "http://localhost".to_owned(), |page| page.origin().to_owned())
}

/// Whether a page is one of this collector: of its public address, or of the host name that it was reached by. The
/// scheme of that is not asked for, since a proxy that is not named hides it.
pub(super) fn is_own_page(request: &HttpRequest, collector: &Collector, page: &PageAddress) -> bool {
    let host = |origin: &str| origin.split_once("://").map(|(_, host)| host.to_ascii_lowercase());
    collector.public_url.as_deref() == Some(page.origin())
        || host(page.origin()) == host(&reached_at(request, collector))
}
