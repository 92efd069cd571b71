//! A selection as SQL, alike for every database but for ids and days, which each keeps in its own way.

use crate::mending::{FromBouton, Selection};
use sqlx::{Database, Encode, QueryBuilder, Type};

/// Adds what a selection asks of avis beyond their days and ids, each condition after an `and`.
pub(super) fn push_conditions<D>(query: &mut QueryBuilder<D>, selection: &Selection)
where
    D: Database,
    for<'v> String: Encode<'v, D> + Type<D>,
    for<'v> i32: Encode<'v, D> + Type<D>,
{
    query.push(" and ").push(selection.kept.condition());
    if let Some(demarche) = &selection.demarche {
        query.push(" and demarche_id = ").push_bind(demarche.0.clone());
    }
    match &selection.bouton {
        Some(FromBouton::Of(bouton)) => drop(query.push(" and bouton_id = ").push_bind(bouton.0.clone())),
        Some(FromBouton::None) => drop(query.push(" and bouton_id is null")),
        None => {}
    }
    if let Some(origin) = &selection.page_origin {
        query.push(" and page_id in (select page_id from page where origin = ");
        query.push_bind(origin.clone()).push(")");
    }
    if let Some(reason) = selection.reason {
        let bits = crate::quarantine::Reasons::from_iter([reason]).bits();
        query.push(" and quarantine & ").push_bind(i32::from(bits)).push(" <> 0");
    }
}
