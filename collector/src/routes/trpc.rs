//! `/api/trpc/answer.getObservatoireStats`: the one procedure of Je donne mon avis that others call, as they call it.

use super::reading::with_etag;
use crate::application::Collector;
use crate::catalogue::Catalogue;
use crate::jdma::observatoire::{Question, Statistics, named};
use crate::jdma::xwiki_alias;
use crate::problem::{ParameterError, ParameterErrorCode, Problem};
use crate::query;
use actix_web::{HttpRequest, HttpResponse, web};
use shared::Tally;

/// `GET /api/trpc/answer.getObservatoireStats`. Not counted against its address: the observatory reads hundreds in a
/// night, each a few rows of décomptes.
pub(super) async fn observatoire(
    request: HttpRequest,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let answered = answer(&request, &collector).await;
    noting(&request, &collector, answered)
}

/// Another method than the procedure takes.
pub(super) async fn not_allowed(
    request: HttpRequest,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    noting(&request, &collector, Err(Problem::MethodNotAllowed("GET, HEAD")))
}

/// Any other procedure, or several of them in one call.
pub(super) async fn unknown(
    request: HttpRequest,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    noting(&request, &collector, refuse_batch(&request).and(Err(Problem::NotFound)))
}

async fn answer(request: &HttpRequest, collector: &Collector) -> Result<HttpResponse, Problem> {
    refuse_batch(request)?;
    let input = query::parameter(request, "input");
    let asked = Question::parse(input.as_deref(), collector.clock.today()).map_err(Problem::InvalidQuery)?;
    let tally = tally(&asked, collector).await?;
    let body = Statistics::of(&tally).to_json().map_err(|error| {
        tracing::error!(error = error.to_string(), "statistics cannot be written");
        Problem::Internal
    })?;
    Ok(with_etag(request, "application/json", body.into_bytes()))
}

fn refuse_batch(request: &HttpRequest) -> Result<(), Problem> {
    if query::parameter(request, "batch").as_deref() != Some("1") {
        return Ok(());
    }
    let error = ParameterError { name: "batch".to_owned(), code: ParameterErrorCode::Batch };
    Err(Problem::InvalidQuery(vec![error]))
}

/// The décompte that was asked for. Through a bouton that the démarche does not have, no avis came: its figures are 0,
/// as they are in Je donne mon avis.
async fn tally(asked: &Question, collector: &Collector) -> Result<Tally, Problem> {
    let catalogue = collector.catalogue.now();
    let name = &asked.demarche;
    let demarche = catalogue.demarche(name).ok_or_else(|| Problem::UnknownDemarche(vec![name.clone()]))?;
    if asked.form.as_ref().is_some_and(|form| !demarche.aliases.contains(form)) {
        return Err(Problem::ForeignForm);
    }
    let found = asked.bouton.as_ref().and_then(|name| catalogue.bouton(&demarche.id, name));
    let bouton = found.filter(|bouton| bouton.demarche == demarche.id).map(|bouton| &bouton.id);
    if asked.bouton.is_some() && bouton.is_none() {
        tracing::warn!(
            demarche = demarche.id.0,
            "statistics of a bouton were asked for that its démarche does not have"
        );
        return Ok(Tally::default());
    }
    let mut sum = Tally::default();
    for (through, tally) in collector.store.tallies_by_bouton(&demarche.id, asked.period).await? {
        if bouton.is_none() || bouton == through.as_ref() {
            sum += &tally;
        }
    }
    Ok(sum)
}

/// Tells operators of a refusal, and of which démarche: today's importer says nothing of it and goes on without.
fn noting(
    request: &HttpRequest,
    collector: &Collector,
    answered: Result<HttpResponse, Problem>,
) -> Result<HttpResponse, Problem> {
    if let Err(problem) = &answered {
        let catalogue = collector.catalogue.now();
        let (demarche, form) = named(query::parameter(request, "input").as_deref());
        let (demarche, form) = (loggable(&catalogue, demarche), loggable(&catalogue, form));
        tracing::warn!(demarche, form, problem = problem.slug(), "statistics were refused");
    }
    answered
}

/// What may be logged of a name that somebody sent: one that the catalogue knows, or a number too
/// short to be a telephone's. Anything else may be somebody's.
fn loggable(catalogue: &Catalogue, name: Option<String>) -> String {
    const DIGITS: usize = 8;
    let is_harmless = |name: &String| {
        let number = name.strip_prefix(&xwiki_alias("")).unwrap_or(name);
        let short = number.len() <= DIGITS && number.bytes().all(|byte| byte.is_ascii_digit());
        short || catalogue.demarche(name).is_some()
    };
    match name {
        None => "none".to_owned(),
        Some(name) if is_harmless(&name) => name,
        Some(_) => "withheld".to_owned(),
    }
}
