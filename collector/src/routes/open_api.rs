//! `/api/open-api`: the API of Je donne mon avis, for the programs that use it.

use super::authorization::{Holder, holder};
use super::avis::count;
use super::health;
use crate::application::Collector;
use crate::body;
use crate::catalogue::{Catalogue, Demarche, DemarcheId, Scope};
use crate::coding::{self, Coding};
use crate::jdma::statistiques::{self, Request, Slice};
use crate::jdma::{essential_forms, form_alias, forms_of};
use crate::problem::Problem;
use crate::store::{CatalogueError, StoreError};
use actix_web::http::header;
use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde_json::{Value, json};
use shared::Tally;
use std::collections::HashMap;
use std::io;

/// `GET /api/open-api/services`: the démarches of the key.
pub(super) async fn services(
    request: HttpRequest,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let catalogue = collector.catalogue.now();
    let holder = authorized(&request, &collector, &catalogue, Scope::Read)?;
    let reached = catalogue.demarches().iter().filter(|demarche| holder.reaches(&demarche.id));
    let services: Vec<Value> = reached.map(service).collect();
    Ok(answer().json(json!({"data": services})))
}

/// `POST /api/open-api/statistiques`: how often each answer was given.
pub(super) async fn statistiques(
    request: HttpRequest,
    payload: Payload,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let catalogue = collector.catalogue.now();
    let holder = authorized(&request, &collector, &catalogue, Scope::Read)?;
    let asked = Request::parse(&read_json(&request, payload).await?).map_err(Problem::InvalidBody)?;
    let products = select(&asked, &catalogue, &holder)?;
    // One after the other, as the client takes them: the answer has no limit, and what it costs in memory has one.
    let mut products = Box::pin(stream::iter(products).then(move |product| {
        let (collector, asked) = (collector.clone(), asked.clone());
        async move { product.counted(&asked, &collector).await }
    }));
    // Where the store is away, that is said before anything else.
    let first = products.next().await.transpose()?.unwrap_or_default();
    let begun = [b"{\"data\":[", first.as_slice()].concat();
    let others = products.map(|product| match product {
        Ok(product) => Ok([b",", product.as_slice()].concat()),
        // Cut, never ended as if it were whole.
        Err(error) => {
            tracing::error!(error = error.chain(), "the store failed; statistics were cut");
            Err(io::Error::other(error))
        }
    });
    let parts = stream::iter([Ok(begun)]).chain(others).chain(stream::iter([Ok(b"]}".to_vec())]));
    let coding = Coding::accepted(&request);
    let mut response = answer();
    response.content_type("application/json").insert_header((header::VARY, "Accept-Encoding"));
    if let Some(name) = coding.name() {
        response.insert_header((header::CONTENT_ENCODING, name));
    }
    Ok(response.streaming(coding::coded(coding, parts)))
}

/// `POST /api/open-api/setTop250`: the whole list of essential démarches.
pub(super) async fn set_top_250(
    request: HttpRequest,
    payload: Payload,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let catalogue = collector.catalogue.now();
    if !authorized(&request, &collector, &catalogue, Scope::Admin)?.reaches_all() {
        return Err(Problem::InsufficientKey);
    }
    let forms = essential_forms(&read_json(&request, payload).await?).map_err(Problem::InvalidBody)?;
    let demarche_of = |form: &u64| catalogue.demarche(&form_alias(form));
    let unknown: Vec<String> =
        forms.iter().filter(|form| demarche_of(form).is_none()).map(u64::to_string).collect();
    if !unknown.is_empty() {
        return Err(Problem::UnknownForms(unknown));
    }
    let demarches: Vec<DemarcheId> = forms.iter().filter_map(demarche_of).map(|one| one.id.clone()).collect();
    let change = collector.store.set_essential(&demarches).await?;
    tracing::info!(
        new = change.new.len(),
        already = change.already.len(),
        down = change.down.len(),
        "the list of essential démarches was set"
    );
    let asked_among = |ids: &[DemarcheId]| -> Vec<u64> {
        forms
            .iter()
            .zip(&demarches)
            .filter(|(_, id)| ids.binary_search(id).is_ok())
            .map(|(form, _)| *form)
            .collect()
    };
    let down: Vec<u64> =
        change.down.iter().filter_map(|id| catalogue.demarche(&id.0)).flat_map(forms_of).collect();
    let result = json!({
        "new_top250_forms": asked_among(&change.new),
        "already_top250_forms": asked_among(&change.already),
        "down_top250_forms": down,
    });
    Ok(answer().json(json!({"result": result})))
}

/// `GET /api/open-api/health`: whether the database answers. There is no search engine that could fail beside it.
pub(super) async fn health(collector: web::Data<Collector>) -> Result<HttpResponse, Problem> {
    if !health::store_is_ready(&collector).await {
        return Err(Problem::Unhealthy);
    }
    Ok(answer().json(json!({"status": "ok", "database": "ok", "elk": "ok"})))
}

/// The holder of a key of this scope.
fn authorized(
    request: &HttpRequest,
    collector: &Collector,
    catalogue: &Catalogue,
    needed: Scope,
) -> Result<Holder, Problem> {
    match holder(request, collector, catalogue, needed) {
        Ok(Some(holder)) => Ok(holder),
        Ok(None) => count(request, collector).and(Err(Problem::Unauthorized)),
        Err(Problem::Forbidden) => Err(Problem::InsufficientKey),
        Err(problem) => Err(problem),
    }
}

async fn read_json(request: &HttpRequest, payload: Payload) -> Result<Value, Problem> {
    let body = body::read(request, payload, "application/json").await?;
    serde_json::from_slice(&body).map_err(|_| Problem::NotJson)
}

/// What only the holder of a key may read, and nobody may keep for them.
fn answer() -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response
}

fn service(demarche: &Demarche) -> Value {
    let Demarche { id, title, administration, .. } = demarche;
    let forms: Vec<Value> =
        forms_of(demarche).into_iter().map(|form| json!({"id": form, "title": title})).collect();
    // Ids were numbers there; those of ours that are none go out as they are.
    let number = id.0.parse::<u32>().ok().filter(|number| number.to_string() == id.0);
    let id = number.map_or_else(|| json!(id), |number| json!(number));
    json!({"id": id, "title": title, "entity": administration, "forms": forms})
}

/// A démarche whose answers were asked for, and the forms under which to tell them.
#[derive(Debug, PartialEq, Eq)]
struct Product {
    id: DemarcheId,
    title: String,
    forms: Vec<String>,
}

/// What was asked for, in the order of publication: the démarches that are named and those whose forms are, or all that
/// the key reaches. All names that lead to none of these, if one does not.
fn select(asked: &Request, catalogue: &Catalogue, holder: &Holder) -> Result<Vec<Product>, Problem> {
    let products = asked.products.iter().map(|name| (name.clone(), None));
    let forms = asked.forms.iter().map(|form| (form_alias(form), Some(form)));
    let mut named: HashMap<&DemarcheId, Vec<String>> = HashMap::new();
    let mut missing = Vec::new();
    for (name, form) in products.chain(forms) {
        match catalogue.demarche(&name).filter(|demarche| holder.reaches(&demarche.id)) {
            Some(demarche) => named.entry(&demarche.id).or_default().extend(form.cloned()),
            None => missing.push(name),
        }
    }
    if !missing.is_empty() {
        return Err(Problem::OutOfReach(missing));
    }
    let reached = catalogue.demarches().iter().filter(|demarche| holder.reaches(&demarche.id));
    let all = named.is_empty();
    let select = |demarche: &Demarche| {
        let forms = named.remove(&demarche.id).or_else(|| all.then(Vec::new))?;
        Some(Product::of(demarche, forms))
    };
    Ok(reached.filter_map(select).collect())
}

impl Product {
    /// A démarche with those of its forms that were asked for. Each tells the same answers, since it is the démarche
    /// that is rated: where none was asked for, one tells them, so that no sum has an answer twice.
    fn of(demarche: &Demarche, mut forms: Vec<String>) -> Self {
        // As numbers: 900 comes before 1000.
        forms.sort_unstable_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
        forms.dedup();
        if forms.is_empty() {
            forms.push(forms_of(demarche).first().map(u64::to_string).unwrap_or_default());
        }
        Self { id: demarche.id.clone(), title: demarche.title.clone(), forms }
    }

    /// Its part of the answer, as JSON.
    async fn counted(&self, asked: &Request, collector: &Collector) -> Result<Vec<u8>, StoreError> {
        let intervals = match asked.interval {
            None => {
                let mut sum = Tally::default();
                for (_, tally) in collector.store.tallies_by_bouton(&self.id, asked.period).await? {
                    sum += &tally;
                }
                vec![statistiques::whole(&sum, &asked.fields)]
            }
            Some(interval) => {
                let days = collector.store.tallies_by_day(&self.id, asked.period).await?;
                statistiques::series(days, interval, &asked.fields)
            }
        };
        let forms = self.forms.iter();
        let forms = forms
            .map(|form_id| FormDocument { form_id, form_name: &self.title, intervals: &intervals })
            .collect();
        let document = ProductDocument { product_id: &self.id, product_name: &self.title, forms };
        serde_json::to_vec(&document).map_err(|error| StoreError::new("cannot write statistics", error))
    }
}

#[derive(Serialize)]
struct ProductDocument<'a> {
    product_id: &'a DemarcheId,
    product_name: &'a str,
    forms: Vec<FormDocument<'a>>,
}

#[derive(Serialize)]
struct FormDocument<'a> {
    form_id: &'a str,
    form_name: &'a str,
    intervals: &'a [Slice],
}

impl From<CatalogueError> for Problem {
    fn from(error: CatalogueError) -> Self {
        match error {
            CatalogueError::Store(error) => error.into(),
            // What a handler changes, it has found in the catalogue.
            CatalogueError::Exists(_) | CatalogueError::Unknown(_) => {
                tracing::error!(error = error.to_string(), "the catalogue is not as it was a moment ago");
                Self::Internal
            }
        }
    }
}
