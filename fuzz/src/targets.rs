//! The targets, and what several of them need.

pub(crate) mod avis;
pub(crate) mod doctor;
pub(crate) mod form;
pub(crate) mod headers;
pub(crate) mod identity;
pub(crate) mod import;
pub(crate) mod jdma;
pub(crate) mod kept;
pub(crate) mod masking;
pub(crate) mod page_address;
pub(crate) mod queries;
pub(crate) mod spool;

use actix_web::http::Uri;
use actix_web::test::TestRequest;
use collector::catalogue::{Bouton, BoutonChannel, BoutonId, Catalogue, Demarche, DemarcheId};
use collector::day::Day;
use collector::problem::ParameterError;
use shared::FieldError;
use std::collections::HashSet;
use std::sync::LazyLock;

/// The day on which inputs arrive.
const TODAY: Day = Day::constant(2026, 11, 22);

/// A démarche with a bouton, by ids and aliases of every kind.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let id = DemarcheId("3059".to_owned());
    let demarche = Demarche {
        id: id.clone(),
        aliases: ["xwiki:823", "form:12"].map(str::to_owned).to_vec(),
        title: "Déclaration des revenus".to_owned(),
        administration: "DGFIP".to_owned(),
        ministry: None,
        audience: vec![],
        essential: false,
        closed: false,
    };
    let bouton = Bouton {
        id: BoutonId("12".to_owned()),
        demarche: id,
        aliases: vec!["button".to_owned()],
        label: Some("fin de parcours".to_owned()),
        channel: BoutonChannel::Online,
        origins: vec!["https://www.impots.example.fr".to_owned()],
        closed: false,
    };
    Catalogue::new(vec![demarche], vec![bouton], vec![])
});

/// A request for this path and query, if a server would take them for some.
fn request(path_and_query: &str) -> Option<TestRequest> {
    let uri: Uri = path_and_query.parse().ok()?;
    uri.path_and_query().is_some().then(|| TestRequest::with_uri(path_and_query))
}

/// Who is refused is told why, each thing once, by the place where it stands.
fn check_errors(errors: &[FieldError]) {
    assert!(!errors.is_empty(), "refused without a reason");
    assert!(errors.iter().all(|error| error.pointer.is_empty() || error.pointer.starts_with('/')));
    check_each_once(errors.iter().map(|error| format!("{error:?}")));
}

/// The same of what an address asks.
fn check_parameters(errors: &[ParameterError]) {
    assert!(!errors.is_empty(), "refused without a reason");
}

fn check_each_once(told: impl Iterator<Item = String>) {
    let mut seen = HashSet::new();
    for one in told {
        assert!(seen.insert(one.clone()), "told twice: {one}");
    }
}
