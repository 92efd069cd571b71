//! The averages as published: a document per period, from décomptes alone.

mod closing;
pub mod csv;
pub mod parts;
mod rows;
mod table_schema;
pub mod validators;
pub mod words;
pub mod xlsx;

pub use closing::{Closing, Wait, wait};
pub use table_schema::table_schema;

use crate::catalogue::Demarche;
use crate::day::Day;
use crate::store::{Freshness, Period};
use jiff::Timestamp;
use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};
use shared::indicator::{FORMULA, IndicatorKind};
use shared::tally::Cell;
use shared::{Indicator, Indicators, Tally};
use std::borrow::Cow;

/// The most units of a series: each is a read of its own. Ten years of days.
pub const UNITS_MAX: usize = 3_660;

/// The most units of all démarches together: a year of days for 270 démarches, some 120 MB of JSON, of which what has
/// avis is held as décomptes, half a kilobyte each.
pub const CELLS_MAX: usize = 100_000;

/// The version of the document's form, as it names it.
pub const SCHEMA: &str = "satisfaction/1";

/// The unit of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// A day.
    Day,
    /// A week, from Monday (ISO 8601).
    Week,
    /// A month.
    Month,
    /// A quarter of the year.
    Quarter,
    /// A year.
    Year,
}

impl Interval {
    /// Every unit, the shortest first.
    pub const ALL: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// The unit of this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.code() == code)
    }

    /// Its code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// The calendar units that a period touches, cut at its bounds; so many of them at most.
    #[must_use]
    pub fn cut(self, period: Period, most: usize) -> Vec<Period> {
        let mut cuts = Vec::new();
        let mut from = period.from;
        while from <= period.to && cuts.len() < most {
            let to = self.last_day(from).min(period.to);
            cuts.push(Period { from, to });
            let next = to.plus(1);
            if next == to {
                break;
            }
            from = next;
        }
        cuts
    }

    /// The first day of the unit that holds this day.
    #[must_use]
    pub fn first_day(self, day: Day) -> Day {
        let date = day.date();
        match self {
            Self::Day => day,
            Self::Week => day.plus(1 - i32::from(date.weekday().to_monday_one_offset())),
            Self::Month => day.first_of_month(),
            Self::Quarter => {
                let months = (date.month() - 1) % 3;
                Day::from(date.first_of_month().saturating_sub(jiff::Span::new().months(months)))
            }
            Self::Year => Day::from(date.first_of_year()),
        }
    }

    /// The last day of the unit that holds this day.
    fn last_day(self, day: Day) -> Day {
        let date = day.date();
        match self {
            Self::Day => day,
            Self::Week => day.plus(7 - i32::from(date.weekday().to_monday_one_offset())),
            Self::Month => day.last_of_month(),
            Self::Quarter => {
                let months = (3 - date.month() % 3) % 3;
                let within = date.first_of_month().saturating_add(jiff::Span::new().months(months));
                Day::from(within).last_of_month()
            }
            Self::Year => Day::from(date.last_of_year()),
        }
    }
}

/// The figures of a démarche, over the whole period or unit by unit.
pub enum Figures {
    /// Over the whole period.
    Whole {
        /// Its indicators.
        indicators: Box<Indicators>,
        /// Avis that are in quarantine, and in none of them.
        quarantined: u64,
    },
    /// Unit by unit, each with its décompte; none where it has no avis. Indicators are worked out as they are written:
    /// those of a year of days take more memory than a collector has.
    Series(Vec<(Period, Option<Box<Tally>>)>),
}

impl Figures {
    /// The figures of one décompte.
    #[must_use]
    pub fn whole(tally: &Tally) -> Self {
        Self::Whole {
            indicators: Box::new(Indicators::of(tally)),
            quarantined: tally.count(Cell::Quarantined),
        }
    }

    /// How many avis are in quarantine.
    #[must_use]
    pub fn quarantined(&self) -> u64 {
        match self {
            Self::Whole { quarantined, .. } => *quarantined,
            Self::Series(series) => series
                .iter()
                .filter_map(|(_, tally)| tally.as_ref())
                .map(|tally| tally.count(Cell::Quarantined))
                .sum(),
        }
    }

    /// The same for both kinds: each period, of which `whole` is the one where there are no units, with its indicators.
    fn slices(&self, whole: Period) -> Vec<(Period, Cow<'_, Indicators>)> {
        match self {
            Self::Whole { indicators, .. } => vec![(whole, Cow::Borrowed(indicators))],
            Self::Series(series) => series
                .iter()
                .map(|(period, tally)| (*period, Cow::Owned(indicators(tally.as_deref()))))
                .collect(),
        }
    }
}

/// Whether the figures of a period can still move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// No more, but for a withdrawal. A closed period holds no clock value: its document is the same bytes for ever.
    Closed,
    /// With every avis that comes.
    Open {
        /// When the last avis that counts in it was accepted; none if that is not known.
        last_avis_at: Option<Timestamp>,
    },
}

impl Standing {
    /// That of a period which is closed or not, as fresh as this.
    #[must_use]
    pub fn of(closed: bool, freshness: &Freshness) -> Self {
        if closed { Self::Closed } else { Self::Open { last_avis_at: freshness.last_avis_at } }
    }
}

/// A satisfaction document.
pub struct Document<'a> {
    /// The period.
    pub period: Period,
    /// Whether its figures can still move.
    pub standing: Standing,
    /// Each démarche with its figures, in the order of publication.
    pub demarches: Vec<(&'a Demarche, Figures)>,
}

#[derive(Serialize)]
struct PeriodDocument {
    from: Day,
    to: Day,
    timezone: &'static str,
    closed: bool,
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Period { from, to } = self.period;
        let closed = self.standing == Standing::Closed;
        let mut document = serializer.serialize_struct("Document", 6)?;
        document.serialize_field("schema", SCHEMA)?;
        document.serialize_field("formula", FORMULA)?;
        document.serialize_field("period", &PeriodDocument { from, to, timezone: "Europe/Paris", closed })?;
        if let Standing::Open { last_avis_at } = self.standing {
            document.serialize_field("last_avis_at", &last_avis_at.map(|at| at.to_string()))?;
        }
        document.serialize_field("minimum", &Minimum)?;
        let demarches: Vec<_> =
            self.demarches.iter().map(|(demarche, figures)| Entry { demarche, figures }).collect();
        document.serialize_field("demarches", &demarches)?;
        document.end()
    }
}

/// The smallest n of each indicator.
struct Minimum;

impl Serialize for Minimum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(IndicatorKind::ALL.map(|kind| (kind.code(), kind.minimum())))
    }
}

struct Entry<'a> {
    demarche: &'a Demarche,
    figures: &'a Figures,
}

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Demarche { id, aliases, title, administration, ministry, audience, essential, .. } =
            self.demarche;
        let audience: Vec<&str> = audience.iter().map(|one| one.code()).collect();
        let mut entry = serializer.serialize_struct("Entry", 9)?;
        entry.serialize_field("id", id)?;
        entry.serialize_field("aliases", aliases)?;
        entry.serialize_field("title", title)?;
        entry.serialize_field("administration", administration)?;
        entry.serialize_field("ministry", ministry)?;
        entry.serialize_field("audience", &audience)?;
        entry.serialize_field("essential", essential)?;
        entry.serialize_field("quarantined", &self.figures.quarantined())?;
        match self.figures {
            Figures::Whole { indicators, .. } => {
                entry.serialize_field("indicators", &IndicatorsMap(indicators))?;
            }
            Figures::Series(series) => {
                let slices: Vec<_> = series
                    .iter()
                    .map(|(period, tally)| Slice { period: *period, tally: tally.as_deref() })
                    .collect();
                entry.serialize_field("series", &slices)?;
            }
        }
        entry.end()
    }
}

struct Slice<'a> {
    period: Period,
    tally: Option<&'a Tally>,
}

impl Serialize for Slice<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut slice = serializer.serialize_struct("Slice", 3)?;
        slice.serialize_field("from", &self.period.from)?;
        slice.serialize_field("to", &self.period.to)?;
        slice.serialize_field("indicators", &IndicatorsMap(&indicators(self.tally)))?;
        slice.end()
    }
}

/// The indicators of a unit of a series.
fn indicators(tally: Option<&Tally>) -> Indicators {
    tally.map_or_else(|| Indicators::of(&Tally::default()), Indicators::of)
}

struct IndicatorsMap<'a>(&'a Indicators);

impl Serialize for IndicatorsMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer
            .collect_map(self.0.iter().map(|indicator| (indicator.kind.code(), IndicatorMap(indicator))))
    }
}

struct IndicatorMap<'a>(&'a Indicator);

impl Serialize for IndicatorMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Indicator { kind, n, counts, status, figure } = self.0;
        let figure = figure.as_ref();
        let (value, printed) = if kind.is_mean() { ("mean", "note") } else { ("share", "percent") };
        let mut map = serializer.serialize_map(Some(7))?;
        map.serialize_entry("status", status.code())?;
        map.serialize_entry("n", n)?;
        map.serialize_entry("counts", &Counts(counts))?;
        map.serialize_entry(value, &figure.map(|figure| figure.value.to_f64()))?;
        map.serialize_entry(printed, &figure.map(|figure| &figure.printed))?;
        let interval = figure.and_then(|figure| figure.interval);
        map.serialize_entry("interval", &interval.map(|(low, high)| [low.to_f64(), high.to_f64()]))?;
        map.serialize_entry(
            "level",
            &figure.and_then(|figure| figure.level).map(shared::indicator::Level::code),
        )?;
        map.end()
    }
}

struct Counts<'a>(&'a [(&'static str, u64)]);

impl Serialize for Counts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

#[cfg(test)]
mod tests;
