//! Décomptes beside their recount, alike for every database.

use super::rows::day;
use super::{Audited, CountedIn, StoreError, missing};
use crate::catalogue::{BoutonId, DemarcheId};
use crate::day::Day;
use shared::Tally;
use shared::questionnaire::{Choice, Question, Satisfaction};
use shared::tally::Cell;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The columns of a décompte, in the order of its cells.
pub(super) static CELL_COLUMNS: LazyLock<Vec<String>> =
    LazyLock::new(|| Cell::all().map(Cell::name).collect());

/// Décomptes by démarche and bouton ('' for none).
pub(super) type Tallies = BTreeMap<(String, String), Tally>;

/// The bouton of a décompte; '' stands for none.
pub(super) fn bouton_named(bouton: String) -> Option<BoutonId> {
    (!bouton.is_empty()).then_some(BoutonId(bouton))
}

/// The cells of the first question, and how many avis are in quarantine.
pub(super) fn satisfaction_cells() -> impl Iterator<Item = Cell> {
    let answers = Satisfaction::ALL.iter().copied().map(Cell::Satisfaction);
    [Cell::Answered(Question::Satisfaction), Cell::Quarantined].into_iter().chain(answers)
}

/// Each décompte of a span as it is stored and as it was counted; those of nothing at all left out.
pub(super) fn compare(span: CountedIn, stored: Tallies, mut counted: Tallies) -> Vec<Audited> {
    let mut pairs: BTreeMap<(String, String), (Tally, Tally)> = stored
        .into_iter()
        .map(|(place, tally)| {
            let counted = counted.remove(&place).unwrap_or_default();
            (place, (tally, counted))
        })
        .collect();
    pairs.extend(counted.into_iter().map(|(place, counted)| (place, (Tally::default(), counted))));
    pairs
        .into_iter()
        .filter(|(_, (stored, counted))| !(stored.is_zero() && counted.is_zero()))
        .map(|((demarche, bouton), (stored, counted))| Audited {
            demarche: DemarcheId(demarche),
            bouton: bouton_named(bouton),
            when: span,
            stored,
            counted,
        })
        .collect()
}

/// How many avis are counted that are not there, each décompte by itself.
pub(super) fn avis_missing(stored: &Tallies, counted: &Tallies) -> u64 {
    let none = Tally::default();
    stored.iter().map(|(place, tally)| missing(tally, counted.get(place).unwrap_or(&none))).sum()
}

/// The days of a month, at least one.
pub(super) fn days_of(month: i32) -> Result<Vec<Day>, StoreError> {
    let first = day(month * 100 + 1)?;
    Ok((0..31).map(|days| first.plus(days)).take_while(|day| day.month() == month).collect())
}
