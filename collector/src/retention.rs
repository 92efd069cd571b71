//! For how long what people wrote, and where they came from, is kept beside their answers; and its end.
//!
//! The coded answers stay as long as the décomptes that they can be recounted from: they name nobody. What is blanked
//! goes on counting as answered.

use crate::clock::Clock;
use crate::day::{Day, paris_hour};
use crate::store::{Store, StoreError};
use jiff::Timestamp;
use std::fmt;
use std::num::NonZeroU16;
use std::str::FromStr;
use std::time::Duration;

/// What of an avis is kept for a time only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// The answers to open questions.
    Texts,
    /// Origin and path of the page it came from.
    Pages,
}

impl Kept {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::Texts, Self::Pages];

    /// As it is stored and told.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Texts => "texts",
            Self::Pages => "pages",
        }
    }

    /// The one of this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kept| kept.code() == code)
    }
}

/// A number of months, from 1 to 120. An avis can be changed for a day and its key is remembered for three: under a
/// month, a purge would meet what is still being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Months(NonZeroU16);

impl Months {
    const MAX: u16 = 120;

    /// Two years: a full cycle of a yearly démarche and the next one to compare it with, texts and all.
    pub const TWO_YEARS: Self = Self(NonZeroU16::new(24).unwrap());
}

impl FromStr for Months {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let months = text.parse().ok().filter(|months: &NonZeroU16| months.get() <= Self::MAX);
        months.map(Self).ok_or_else(|| format!("a number of months from 1 to {}", Self::MAX))
    }
}

impl fmt::Display for Months {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// For how long each of them is kept, from the day of the avis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// What people wrote.
    pub texts: Months,
    /// The pages they came from. Not for less time than texts without a reason: by them an administration finds that a
    /// button stood on the page of another démarche, and a year of the European feedback is told by page.
    pub pages: Months,
}

impl Default for Retention {
    fn default() -> Self {
        Self { texts: Months::TWO_YEARS, pages: Months::TWO_YEARS }
    }
}

impl Retention {
    /// For how long this is kept.
    #[must_use]
    pub fn of(self, kept: Kept) -> Months {
        match kept {
            Kept::Texts => self.texts,
            Kept::Pages => self.pages,
        }
    }

    /// The first day of which this is kept still.
    #[must_use]
    pub fn first_kept(self, kept: Kept, today: Day) -> Day {
        today.months_earlier(self.of(kept).0.get())
    }
}

/// What was blanked, in one portion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purge {
    /// The day of the purge.
    pub on: Day,
    /// What was blanked.
    pub kept: Kept,
    /// The day before which nothing of this kind was left.
    pub before: Day,
    /// In how many avis.
    pub avis: u64,
}

/// What came of one portion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Portion {
    /// So many avis, and there may be more.
    Some(u64),
    /// So many avis, and no more are left.
    Last(u64),
    /// Another collector is at it.
    TakenCareOf,
}

/// A pause between two portions, in which what citizens write goes first.
const PAUSE: Duration = Duration::from_millis(20);

/// Blanks all that is older than it is kept. Returns in how many avis; what another collector blanks is its to count.
/// Cut short, it is to be run again.
///
/// # Errors
/// The store failed; what was blanked by then stays so, and is on record.
pub async fn purge(store: &dyn Store, kept: Kept, before: Day, today: Day) -> Result<u64, StoreError> {
    let mut blanked = 0;
    loop {
        match store.purge_some(kept, before, today).await? {
            Portion::Some(avis) => blanked += avis,
            Portion::Last(avis) => return Ok(blanked + avis),
            Portion::TakenCareOf => return Ok(blanked),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// When a collector first looks whether anything has to go: who has started it with the wrong months can still stop it.
const FIRST: Duration = Duration::from_mins(10);

/// How often it looks again.
const LOOKING: Duration = Duration::from_hours(1);

/// The hours in Paris in which few people give avis.
const NIGHT: std::ops::Range<i8> = 2..5;

/// For how many days what should have gone at night may wait for the next one: a collector that is off every night purges
/// by day.
const GRACE: i32 = 2;

/// Purges every night, and by day what nights have left for too long.
pub(crate) async fn keep_purging(store: &dyn Store, retention: Retention, clock: &Clock) {
    tokio::time::sleep(FIRST).await;
    loop {
        look(store, retention, clock.now()).await;
        tokio::time::sleep(LOOKING).await;
    }
}

/// Purges what has to go at this hour.
async fn look(store: &dyn Store, retention: Retention, now: Timestamp) {
    let today = Day::of(now);
    let late = if NIGHT.contains(&paris_hour(now)) { 0 } else { GRACE };
    for kept in Kept::ALL {
        let before = retention.first_kept(kept, today).plus(-late);
        match purge(store, kept, before, today).await {
            Ok(0) => {}
            Ok(avis) => tracing::info!(
                kind = kept.code(),
                %before,
                avis,
                "what was kept for its time was blanked; the avis count as before"
            ),
            Err(error) => tracing::warn!(
                kind = kept.code(),
                error = error.chain(),
                "what is older than it is to be kept could not be blanked; in an hour again"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::{noon, one, record, text, with_catalogue, write};
    use crate::store::unsteady::{Mood, Unsteady};

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_kept_begins_on_the_same_day_so_many_months_ago() {
        let retention = Retention { texts: "24".parse().unwrap(), pages: "3".parse().unwrap() };
        let first = |kept, today| retention.first_kept(kept, day(today)).to_string();
        assert_eq!(first(Kept::Texts, "2026-11-22"), "2024-11-22");
        assert_eq!(first(Kept::Pages, "2026-05-31"), "2026-02-28", "a shorter month ends earlier");
        for wrong in ["0", "121", "-1", "", "two", "1.5"] {
            assert!(wrong.parse::<Months>().is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn nights_purge_and_days_only_what_they_left() {
        let store = Unsteady::new().await;
        with_catalogue(&store).await;
        for (key, on) in (1..).zip(["2024-11-17", "2024-11-18", "2024-11-20"]) {
            let answers = [("satisfaction", text("moyen")), ("comment", text("Trop long."))];
            one(&store, write(&record(key, noon(on), &answers))).await;
        }
        let left_after = async |instant: &str| {
            look(&store, Retention::default(), instant.parse().unwrap()).await;
            store.overdue(Kept::Texts, day("2025-01-01")).await.unwrap()
        };
        assert_eq!(left_after("2026-11-20T11:00:00Z").await, 2, "by day, what is two days late");
        store.is(Mood::Away);
        assert_eq!(left_after("2026-11-20T01:30:00Z").await, 2);
        store.is(Mood::There);
        assert_eq!(left_after("2026-11-20T01:30:00Z").await, 1, "at night, all of it");
        assert_eq!(left_after("2026-11-20T02:30:00Z").await, 1, "the 20th is the first day that is kept");
        assert_eq!(left_after("2026-11-21T02:30:00Z").await, 0);
    }
}
