//! The addresses of the buttons that are already out there: each opens the same form.

use super::form::{self, Opening};
use crate::application::Collector;
use crate::catalogue::{Bouton, Catalogue, Demarche};
use crate::problem::Problem;
use crate::query;
use actix_web::{HttpRequest, HttpResponse, web};
use shared::Language;

/// `GET /Demarches/{number}`, as each generation of buttons wrote it.
pub(super) async fn by_number(
    request: HttpRequest,
    number: web::Path<String>,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let catalogue = collector.catalogue.now();
    let query = Query::of(&request);
    let (demarche, bouton) = find(&catalogue, &number, &query).ok_or(Problem::UnknownDemarche(vec![]))?;
    form::open(&request, &collector, &Opening { demarche, bouton, language: None })
}

/// `GET /Demarches/{language}/{number}?button=`.
pub(super) async fn in_language(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let (tag, number) = path.into_inner();
    if !["fr", "en", "es", "ar", "pt"].contains(&tag.as_str()) {
        return Err(Problem::NotFound);
    }
    let catalogue = collector.catalogue.now();
    let (demarche, bouton) =
        find(&catalogue, &number, &Query::of(&request)).ok_or(Problem::UnknownDemarche(vec![]))?;
    form::open(&request, &collector, &Opening { demarche, bouton, language: Language::from_tag(&tag) })
}

/// `GET /Demarches/avis/{form}?button=`.
pub(super) async fn by_form(
    request: HttpRequest,
    number: web::Path<String>,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let catalogue = collector.catalogue.now();
    let demarche = catalogue.demarche(&format!("form:{number}")).ok_or(Problem::UnknownDemarche(vec![]))?;
    let query = Query::of(&request);
    let bouton = query.button.as_deref().and_then(|id| within(&catalogue, demarche, id));
    form::open(&request, &collector, &Opening { demarche, bouton, language: None })
}

/// What the address says beside its path.
#[derive(Debug, Default)]
struct Query {
    button: Option<String>,
    nd_source: Option<String>,
    has_key: bool,
}

impl Query {
    /// Reads a query as buttons wrote it: `?&` and repeated names included.
    fn of(request: &HttpRequest) -> Self {
        Self::parse(request.query_string())
    }

    fn parse(query: &str) -> Self {
        let pairs = query::parameters(query);
        let value = |name: &str| {
            let found = pairs.iter().find(|(key, value)| key == name && !value.is_empty());
            found.map(|(_, value)| value.clone())
        };
        Self {
            button: value("button"),
            nd_source: value("nd_source"),
            has_key: pairs.iter().any(|(key, _)| key == "key"),
        }
    }

    /// Whether a button of the first generation wrote it, whose numbers were reused for other démarches since.
    fn is_first_generation(&self) -> bool {
        self.button.is_none() && (self.nd_source.is_some() || self.has_key)
    }
}

/// The démarche and bouton that an address means.
fn find<'a>(
    catalogue: &'a Catalogue,
    number: &str,
    query: &Query,
) -> Option<(&'a Demarche, Option<&'a Bouton>)> {
    let first_generation = || catalogue.demarche(&format!("xwiki:{number}"));
    if let Some(id) = &query.button {
        let demarche = catalogue.demarche(number)?;
        return Some((demarche, within(catalogue, demarche, id)));
    }
    if query.is_first_generation() {
        let demarche = first_generation()?;
        let named = query.nd_source.as_deref().and_then(|alias| within(catalogue, demarche, alias));
        return Some((demarche, named.or_else(|| within(catalogue, demarche, "button"))));
    }
    first_generation().or_else(|| catalogue.demarche(number)).map(|demarche| (demarche, None))
}

/// The bouton of this name within the démarche; one of another démarche is none.
fn within<'a>(catalogue: &'a Catalogue, demarche: &Demarche, name: &str) -> Option<&'a Bouton> {
    catalogue.bouton(&demarche.id, name).filter(|bouton| bouton.demarche == demarche.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{BoutonChannel, BoutonId, DemarcheId};

    fn catalogue() -> Catalogue {
        let demarche = |id: &str, aliases: &[&str]| Demarche {
            id: DemarcheId(id.into()),
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            title: id.into(),
            administration: "DGFIP".into(),
            ministry: None,
            audience: vec![],
            essential: false,
            closed: false,
        };
        let bouton = |id: &str, of: &str, aliases: &[&str]| Bouton {
            id: BoutonId(id.into()),
            demarche: DemarcheId(of.into()),
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            label: None,
            channel: BoutonChannel::Online,
            origins: vec![],
            closed: false,
        };
        Catalogue::new(
            vec![demarche("3839", &[]), demarche("4079", &["xwiki:3839"]), demarche("123", &[])],
            vec![
                bouton("4509", "4079", &[]),
                bouton("1", "4079", &["button"]),
                bouton("2", "4079", &["button-declaration"]),
                bouton("9", "123", &[]),
            ],
            vec![],
        )
    }

    fn found(number: &str, query: &str) -> Option<(String, Option<String>)> {
        let catalogue = catalogue();
        let (demarche, bouton) = find(&catalogue, number, &Query::parse(query))?;
        Some((demarche.id.0.clone(), bouton.map(|bouton| bouton.id.0.clone())))
    }

    #[test]
    fn each_generation_of_addresses_finds_its_demarche_and_bouton() {
        let pair =
            |demarche: &str, bouton: Option<&str>| Some((demarche.to_owned(), bouton.map(str::to_owned)));
        assert_eq!(found("4079", "button=4509"), pair("4079", Some("4509")));
        assert_eq!(found("4079", "button=4509&nd_source=button&key=1"), pair("4079", Some("4509")));
        assert_eq!(found("4079", "button=77"), pair("4079", None));
        assert_eq!(found("4079", "button=9"), pair("4079", None));
        let first = "&view-mode=formulaire-avis&nd_source=button&key=6af8";
        assert_eq!(found("3839", first), pair("4079", Some("1")));
        let channel =
            "&view-mode=formulaire-avis&nd_mode=en-ligne-enti%C3%A8rement&nd_source=button-declaration&key=6";
        assert_eq!(found("3839", channel), pair("4079", Some("2")));
        assert_eq!(found("3839", "nd_source=site&key=abc"), pair("4079", Some("1")));
        assert_eq!(found("3839", ""), pair("4079", None));
        assert_eq!(found("123", ""), pair("123", None));
        // The number of a first-generation button is never an id: it was given to another démarche since.
        assert_eq!(found("123", "nd_source=button&key=1"), None);
        assert_eq!(found("999", ""), None);
    }
}
