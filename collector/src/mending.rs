//! What an operator does to stored avis, many at once: counts those that were set aside, confirms that they are not to
//! count, sets others aside, or gives avis to the démarche that they are about.
//!
//! Which avis is said by what they have in common. Each act moves the décomptes and writes the journal in the
//! transaction that changes the avis, and can be taken back by another act. Editions stay what they are.

use crate::catalogue::{BoutonId, DemarcheId};
use crate::day::Day;
use crate::identity::AvisId;
use crate::quarantine::{Reason, Reasons};
use crate::store::{Avis, Period};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Which avis are meant: those that have all of this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Their days.
    pub period: Period,
    /// Whether they count.
    pub kept: Counting,
    /// Their démarche.
    pub demarche: Option<DemarcheId>,
    /// Their bouton.
    pub bouton: Option<FromBouton>,
    /// The origin of the page they came from.
    pub page_origin: Option<String>,
    /// One of the reasons why they are set aside.
    pub reason: Option<Reason>,
    /// These alone; all, if none is named.
    pub avis: Vec<AvisId>,
}

/// Whether avis count, and if not, whether a person confirmed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// Whatever they are.
    Anyhow,
    /// They count.
    Counted,
    /// They are in quarantine.
    Quarantined,
    /// They are in quarantine, and nobody confirmed that they belong there.
    Held,
    /// They are in quarantine, and somebody did.
    Confirmed,
}

impl Counting {
    /// Whether such avis are all in quarantine, where few are.
    #[must_use]
    pub fn is_aside(self) -> bool {
        matches!(self, Self::Quarantined | Self::Held | Self::Confirmed)
    }

    /// What the column `quarantine` says of them, as SQL.
    pub(crate) fn condition(self) -> &'static str {
        match self {
            Self::Anyhow => "true",
            Self::Counted => "quarantine is null",
            Self::Quarantined => "quarantine is not null",
            Self::Held => "quarantine is not null and quarantine < 16384",
            Self::Confirmed => "quarantine is not null and quarantine >= 16384",
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Anyhow => "any",
            Self::Counted => "counted",
            Self::Quarantined => "quarantined",
            Self::Held => "held",
            Self::Confirmed => "confirmed",
        }
    }
}

/// By which bouton avis came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FromBouton {
    /// By this one.
    Of(BoutonId),
    /// By none.
    None,
}

impl Selection {
    /// All avis of a period that are kept so.
    #[must_use]
    pub fn of(period: Period, kept: Counting) -> Self {
        Self { period, kept, demarche: None, bouton: None, page_origin: None, reason: None, avis: vec![] }
    }

    /// All that count about a démarche in a period.
    #[must_use]
    pub fn counted(demarche: &DemarcheId, period: Period) -> Self {
        Self { demarche: Some(demarche.clone()), ..Self::of(period, Counting::Counted) }
    }

    /// The same, within these days.
    #[must_use]
    pub fn within(&self, period: Period) -> Self {
        Self { period, ..self.clone() }
    }

    /// The days on which such an avis can be.
    pub(crate) fn days(&self) -> Period {
        let named = || self.avis.iter().filter_map(AvisId::day);
        let Period { from, to } = self.period;
        Period {
            from: named().min().map_or(from, |first| first.max(from)),
            to: named().max().map_or(to, |last| last.min(to)),
        }
    }

    /// As the journal tells it: what was asked for, not who was found.
    fn to_json(&self) -> Value {
        let mut filter = Map::from_iter([("state".to_owned(), json!(self.kept.code()))]);
        let mut add = |name: &str, value: Value| drop(filter.insert(name.to_owned(), value));
        if self.period != Period::ALL {
            add("from", json!(self.period.from.to_string()));
            add("to", json!(self.period.to.to_string()));
        }
        if let Some(demarche) = &self.demarche {
            add("demarche", json!(demarche.0));
        }
        match &self.bouton {
            Some(FromBouton::Of(bouton)) => add("bouton", json!(bouton.0)),
            Some(FromBouton::None) => add("bouton", Value::Null),
            None => {}
        }
        if let Some(origin) = &self.page_origin {
            add("page_origin", json!(origin));
        }
        if let Some(reason) = self.reason {
            add("reason", json!(reason.code()));
        }
        if !self.avis.is_empty() {
            add("avis", json!(self.avis.len()));
        }
        Value::Object(filter)
    }
}

/// What is done to avis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Counts those that were set aside.
    Release,
    /// Says of those that were set aside that they are not to count.
    Confirm,
    /// Sets aside those that count.
    Hold(Reason),
    /// Gives them to another démarche, and to a bouton of it or to none.
    Reattribute(DemarcheId, Option<BoutonId>),
}

/// Where an avis counts, or why it does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Its démarche.
    pub demarche: DemarcheId,
    /// Its bouton.
    pub bouton: Option<BoutonId>,
    /// Why it is set aside; counted if there is no reason.
    pub set_aside: Reasons,
}

impl Act {
    /// What becomes of an avis; none if it is so already, or the act is not for such as it.
    #[must_use]
    pub fn applied(&self, avis: &Avis) -> Option<Settled> {
        let was = Settled {
            demarche: avis.demarche.clone(),
            bouton: avis.bouton.clone(),
            set_aside: avis.set_aside,
        };
        let will = match self {
            Self::Release => Settled { set_aside: Reasons::NONE, ..was.clone() },
            Self::Confirm => Settled { set_aside: was.set_aside.confirmed(), ..was.clone() },
            Self::Hold(reason) if was.set_aside.is_empty() => {
                Settled { set_aside: [*reason].into_iter().collect(), ..was.clone() }
            }
            Self::Hold(_) => return None,
            Self::Reattribute(demarche, bouton) => {
                Settled { demarche: demarche.clone(), bouton: bouton.clone(), ..was.clone() }
            }
        };
        (will != was).then_some(will)
    }

    /// How commands and the journal call it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Confirm => "confirm",
            Self::Hold(_) => "hold",
            Self::Reattribute(..) => "reattribute",
        }
    }

    /// What the journal says of it, done to these avis, each as it was before.
    pub(crate) fn detail<'a>(&self, selection: &Selection, avis: impl Iterator<Item = &'a Avis>) -> Value {
        let mut demarches: BTreeMap<&str, (u64, BTreeMap<&str, u64>)> = BTreeMap::new();
        for one in avis {
            let (count, reasons) = demarches.entry(&one.demarche.0).or_default();
            *count += 1;
            for reason in one.set_aside.iter() {
                *reasons.entry(reason.code()).or_default() += 1;
            }
        }
        let demarches: Vec<Value> = demarches
            .into_iter()
            .map(|(id, (avis, reasons))| json!({"demarche": id, "avis": avis, "reasons": reasons}))
            .collect();
        let mut detail = json!({"filter": selection.to_json(), "demarches": demarches});
        match self {
            Self::Hold(reason) => detail["reason"] = json!(reason.code()),
            Self::Reattribute(demarche, bouton) => {
                detail["to"] = json!({"demarche": demarche.0, "bouton": bouton.as_ref().map(|one| &one.0)});
            }
            Self::Release | Self::Confirm => {}
        }
        detail
    }
}

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub id: i64,
    /// When it was done.
    pub at: Timestamp,
    /// The code of what was done.
    pub act: String,
    /// With which avis, and to how many.
    pub detail: Value,
}

/// How many avis of a day are alike in what an operator chooses them by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// Their démarche.
    pub demarche: DemarcheId,
    /// Their day.
    pub day: Day,
    /// The codes of the reasons why they are set aside; empty for those that count.
    pub reasons: String,
    /// Whether a person confirmed that they are not to count.
    pub confirmed: bool,
}

/// Avis by group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups(BTreeMap<Group, u64>);

impl Groups {
    /// Counts avis.
    pub fn add(&mut self, avis: &[Avis]) {
        for Avis { demarche, day, set_aside, .. } in avis {
            let group = Group {
                demarche: demarche.clone(),
                day: *day,
                reasons: set_aside.to_string(),
                confirmed: set_aside.is_confirmed(),
            };
            *self.0.entry(group).or_default() += 1;
        }
    }

    /// Each group with its avis, by démarche and day.
    pub fn iter(&self) -> impl Iterator<Item = (&Group, u64)> {
        self.0.iter().map(|(group, avis)| (group, *avis))
    }

    /// How many avis there are.
    #[must_use]
    pub fn avis(&self) -> u64 {
        self.0.values().sum()
    }

    /// How many démarches they are about.
    #[must_use]
    pub fn demarches(&self) -> usize {
        let mut ids: Vec<_> = self.0.keys().map(|group| &group.demarche).collect();
        ids.dedup();
        ids.len()
    }

    /// The periods in which an act is done to them, one after the other: of so many avis each, or of a day, and never of
    /// more than a month, since a transaction goes through all avis of its days.
    #[must_use]
    pub fn portions(&self, most: u64) -> Vec<Period> {
        let mut days: BTreeMap<Day, u64> = BTreeMap::new();
        for (group, avis) in &self.0 {
            *days.entry(group.day).or_default() += avis;
        }
        let mut portions: Vec<(Period, u64)> = Vec::new();
        for (day, avis) in days {
            match portions.last_mut() {
                Some((period, before)) if period.from.month() == day.month() && *before + avis <= most => {
                    period.to = day;
                    *before += avis;
                }
                _ => portions.push((Period { from: day, to: day }, avis)),
            }
        }
        portions.into_iter().map(|(period, _)| period).collect()
    }
}

#[cfg(test)]
mod tests;
