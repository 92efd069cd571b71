//! The démarches of a view, each with what its row shows.

use super::fold::fold;
use super::period::Window;
use super::view::{Shown, View};
use crate::catalogue::{Demarche, DemarcheId};
use crate::store::{Store, StoreError};
use shared::indicator::{Decimal4, Indicator, IndicatorKind, Move, Trend};
use shared::tally::{Cell, Tally};
use std::collections::HashMap;

/// The décomptes of a démarche that its row is made of: satisfaction and the quarantine, which is all that a list shows.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    /// Those of the period.
    pub period: Tally,
    /// Those of each month of the window, in its order.
    pub months: Vec<Tally>,
}

/// Reads what rows are made of; a démarche without avis is left out.
///
/// # Errors
/// The store failed.
pub async fn read(store: &dyn Store, window: &Window) -> Result<HashMap<DemarcheId, Counted>, StoreError> {
    let mut counted = by_month(store, window).await?;
    if !window.holds_period() {
        for (id, tally) in store.tallies(window.period).await? {
            counted.entry(id).or_default().period = tally;
        }
    }
    Ok(counted)
}

/// The same, with a period only where it is made of the months of the window.
///
/// # Errors
/// The store failed.
pub async fn by_month(
    store: &dyn Store,
    window: &Window,
) -> Result<HashMap<DemarcheId, Counted>, StoreError> {
    let (from, to) = (window.period.from.month(), window.period.to.month());
    let (first, last) = window.bounds();
    let from_months = window.holds_period();
    let mut counted: HashMap<DemarcheId, Counted> = HashMap::new();
    for (id, number, tally) in store.satisfaction_by_month(first, last).await? {
        let Some(place) = window.months.iter().position(|month| month.month() == number) else { continue };
        let one = counted.entry(id).or_default();
        one.months.resize_with(window.months.len(), Tally::default);
        if from_months && (from..=to).contains(&number) {
            one.period += &tally;
        }
        one.months[place] = tally;
    }
    Ok(counted)
}

/// A démarche as a row shows it.
#[derive(Debug)]
pub struct Row<'a> {
    /// The démarche.
    pub demarche: &'a Demarche,
    /// Its satisfaction over the period.
    pub satisfaction: Indicator,
    /// How many of its avis of the period are in quarantine.
    pub quarantined: u64,
    /// Its satisfaction month by month; none if it had no avis in any of them.
    pub months: Vec<Indicator>,
    /// How its note moved of late; none without enough avis.
    pub trend: Option<Trend>,
    /// Its title, administration and ministry, folded to be compared.
    pub(super) title: String,
    pub(super) administration: String,
    pub(super) ministry: Option<String>,
}

impl<'a> Row<'a> {
    /// The row of a démarche.
    #[must_use]
    pub fn of(demarche: &'a Demarche, counted: &Counted) -> Self {
        let satisfaction = |tally: &Tally| Indicator::of(IndicatorKind::Satisfaction, tally);
        let [before, after] = Window::sides(&counted.months).map(sum);
        Self {
            demarche,
            satisfaction: satisfaction(&counted.period),
            quarantined: counted.period.count(Cell::Quarantined),
            months: counted.months.iter().map(satisfaction).collect(),
            trend: Trend::between(&before, &after),
            title: fold(&demarche.title),
            administration: fold(&demarche.administration),
            ministry: demarche.ministry.as_deref().map(fold),
        }
    }

    /// How good its note is.
    #[must_use]
    pub fn shown(&self) -> Shown {
        let level = self.satisfaction.figure.as_ref().and_then(|figure| figure.level);
        level.map_or(Shown::WithoutNote, Shown::Level)
    }

    /// Its note, exact to four decimals.
    pub(super) fn mean(&self) -> Option<Decimal4> {
        self.satisfaction.figure.as_ref().map(|figure| figure.value)
    }

    /// By how much its note moved, as shown: what chance may have done counts as nothing.
    pub(super) fn shown_move(&self) -> Option<i64> {
        self.trend.map(|trend| if trend.direction() == Move::Steady { 0 } else { trend.tenths() })
    }

    /// Whether each of these folded words is somewhere in it.
    fn holds(&self, words: &[&str]) -> bool {
        let Demarche { id, aliases, .. } = self.demarche;
        let names: Vec<String> = std::iter::once(&id.0).chain(aliases).map(|name| fold(name)).collect();
        words.iter().all(|word| {
            let texts = [&self.title, &self.administration].into_iter().chain(&self.ministry);
            texts.chain(&names).any(|text| text.contains(word))
        })
    }

    /// Whether a view shows it, whatever level the view asks for.
    fn is_in(&self, view: &View, words: &[&str]) -> bool {
        let demarche = self.demarche;
        let is = |asked: &Option<String>, name: Option<&String>| asked.is_none() || asked.as_ref() == name;
        is(&view.ministry, demarche.ministry.as_ref())
            && is(&view.administration, Some(&demarche.administration))
            && view.audience.is_none_or(|audience| demarche.audience.contains(&audience))
            && view.essential.is_none_or(|essential| demarche.essential == essential)
            && self.holds(words)
    }
}

fn sum(tallies: &[Tally]) -> Tally {
    let mut all = Tally::default();
    for tally in tallies {
        all += tally;
    }
    all
}

/// The démarches of a view, in its order.
#[derive(Debug)]
pub struct Listing<'a> {
    /// Their rows.
    pub rows: Vec<Row<'a>>,
    /// How many démarches there are, shown or not.
    pub all: usize,
    /// How many démarches of each level there would be, did the view not ask for one.
    pub levels: [(Shown, usize); 4],
}

impl<'a> Listing<'a> {
    /// What a view shows of these démarches.
    #[must_use]
    pub fn of(view: &View, demarches: &'a [Demarche], counted: &HashMap<DemarcheId, Counted>) -> Self {
        let text = fold(&view.text);
        let words: Vec<&str> = text.split_whitespace().collect();
        let nothing = Counted::default();
        let mut rows: Vec<Row<'a>> = demarches
            .iter()
            .map(|demarche| Row::of(demarche, counted.get(&demarche.id).unwrap_or(&nothing)))
            .filter(|row| row.is_in(view, &words))
            .collect();
        let levels = Shown::ALL.map(|shown| (shown, rows.iter().filter(|row| row.shown() == shown).count()));
        rows.retain(|row| view.level.is_none_or(|level| row.shown() == level));
        rows.sort_by(|a, b| view.order.compare(a, b));
        Self { rows, all: demarches.len(), levels }
    }

    /// How many avis of theirs are in quarantine.
    #[must_use]
    pub fn quarantined(&self) -> u64 {
        self.rows.iter().map(|row| row.quarantined).sum()
    }

    /// How many avis they have together.
    #[must_use]
    pub fn avis(&self) -> u64 {
        self.rows.iter().map(|row| row.satisfaction.n).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Audience;
    use crate::observatoire::{Key, Order};
    use shared::indicator::Level;
    use shared::questionnaire::Satisfaction;

    fn tally(counts: [i64; 3]) -> Tally {
        let mut tally = Tally::default();
        for (choice, count) in
            [Satisfaction::PasBien, Satisfaction::Moyen, Satisfaction::TresBien].into_iter().zip(counts)
        {
            tally[Cell::Satisfaction(choice)] = count;
        }
        tally
    }

    fn demarche(id: &str, title: &str, administration: &str, ministry: Option<&str>) -> Demarche {
        Demarche {
            id: DemarcheId(id.into()),
            aliases: vec![format!("xwiki:{id}")],
            title: title.into(),
            administration: administration.into(),
            ministry: ministry.map(Into::into),
            audience: vec![Audience::Particuliers],
            essential: false,
            closed: false,
        }
    }

    /// Four démarches: one is good and rises, one is fair and falls, one has too few avis, one none.
    fn example() -> (Vec<Demarche>, HashMap<DemarcheId, Counted>) {
        let demarches = vec![
            demarche("1", "Étude d’impact", "Cerema", None),
            demarche("2", "Carte grise", "Agence des titres", Some("Intérieur")),
            demarche("3", "Éoliennes en mer", "Cerema", Some("Écologie")),
            Demarche {
                audience: vec![Audience::Entreprises],
                essential: true,
                ..demarche("4", "Zones humides", "ONF", Some("Écologie"))
            },
        ];
        let months = |before: [i64; 3], after: [i64; 3]| {
            let mut months = vec![Tally::default(); 12];
            (months[6], months[9]) = (tally(before), tally(after));
            months
        };
        let counted = [
            ("1", Counted { period: tally([0, 0, 99]), months: vec![] }),
            (
                "2",
                Counted { period: tally([300, 400, 300]), months: months([100, 100, 300], [200, 200, 100]) },
            ),
            ("4", Counted { period: tally([10, 10, 380]), months: months([50, 50, 100], [0, 0, 200]) }),
        ];
        (demarches, counted.map(|(id, counted)| (DemarcheId(id.into()), counted)).into())
    }

    fn ids(view: &View) -> Vec<String> {
        let (demarches, counted) = example();
        let listing = Listing::of(view, &demarches, &counted);
        listing.rows.iter().map(|row| row.demarche.id.0.clone()).collect()
    }

    fn by(key: Key, descending: bool) -> Vec<String> {
        ids(&View { order: Order { key, descending }, ..View::default() })
    }

    #[test]
    fn demarches_without_what_is_compared_come_last_from_either_end() {
        assert_eq!(by(Key::Note, true), ["4", "2", "3", "1"]);
        assert_eq!(by(Key::Note, false), ["2", "4", "3", "1"]);
        assert_eq!(by(Key::Trend, true), ["4", "2", "3", "1"]);
        assert_eq!(by(Key::Trend, false), ["2", "4", "3", "1"]);
        assert_eq!(by(Key::Ministry, false), ["3", "4", "2", "1"]);
        assert_eq!(by(Key::Ministry, true), ["2", "3", "4", "1"]);
    }

    #[test]
    fn words_are_compared_without_accents_and_counts_by_value() {
        assert_eq!(by(Key::Title, false), ["2", "3", "1", "4"]);
        assert_eq!(by(Key::Title, true), ["4", "1", "3", "2"]);
        assert_eq!(by(Key::Administration, false), ["2", "3", "1", "4"]);
        assert_eq!(by(Key::Avis, true), ["2", "4", "1", "3"]);
        assert_eq!(by(Key::Avis, false), ["3", "1", "4", "2"]);
    }

    #[test]
    fn every_word_of_a_search_is_found_somewhere() {
        let search = |text: &str| ids(&View { text: text.into(), ..View::default() });
        assert_eq!(search("eoliennes"), ["3"]);
        assert_eq!(search("CEREMA étude d'impact"), ["1"]);
        assert_eq!(search("ecologie"), ["4", "3"]);
        assert_eq!(search("xwiki:4"), ["4"]);
        assert_eq!(search("cerema grise"), Vec::<String>::new());
    }

    #[test]
    fn filters_hold_together_and_levels_are_counted_beside_that_of_the_view() {
        let (demarches, counted) = example();
        let shown = |view: &View| {
            let listing = Listing::of(view, &demarches, &counted);
            (listing.rows.len(), listing.all, listing.levels.map(|(_, count)| count), listing.avis())
        };
        assert_eq!(shown(&View::default()), (4, 4, [1, 1, 0, 2], 99 + 1_000 + 400));
        let green = View { level: Some(Shown::Level(Level::Green)), ..View::default() };
        assert_eq!(shown(&green), (1, 4, [1, 1, 0, 2], 400));
        let ecology =
            View { ministry: Some("Écologie".into()), level: Some(Shown::WithoutNote), ..View::default() };
        assert_eq!(shown(&ecology), (1, 4, [1, 0, 0, 1], 0));
        let firms = View { audience: Some(Audience::Entreprises), essential: Some(true), ..View::default() };
        assert_eq!(shown(&firms), (1, 4, [1, 0, 0, 0], 400));
        let other = View { administration: Some("ONF".into()), essential: Some(false), ..View::default() };
        assert_eq!(shown(&other), (0, 4, [0, 0, 0, 0], 0));
    }
}
