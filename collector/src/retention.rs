//! For how long what people wrote, and where they came from, is kept beside their answers; and its end.
//!
//! The coded answers stay as long as the décomptes that they can be recounted from: they name nobody. What is blanked
//! goes on counting as answered.

use crate::clock::Clock;
use crate::day::{Day, paris_hour};
use crate::metrics::Metrics;
use crate::store::{Period, Store, StoreError};
use jiff::Timestamp;
use std::fmt;
use std::num::NonZeroU16;
use std::ops::Range;
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
    /// So many avis, maybe none, and there may be more from this day on.
    Some(u64, Day),
    /// So many avis, and no more are left.
    Last(u64),
    /// Another collector is at it.
    TakenCareOf,
}

/// A pause between two portions, in which what citizens write goes first.
const PAUSE: Duration = Duration::from_millis(20);

/// What came of a purge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purged {
    /// In how many avis it was blanked; what another collector blanks is its to count.
    pub avis: u64,
    /// Whether nothing is left. If not, another collector is at it.
    pub is_whole: bool,
}

/// Blanks all that is older than it is kept, whatever earlier purges looked through. Cut short, it is to be run again.
///
/// # Errors
/// The store failed; what was blanked by then stays so, and is on record.
pub async fn purge(store: &dyn Store, kept: Kept, before: Day, today: Day) -> Result<Purged, StoreError> {
    purge_of(store, kept, Period::ALL.from..before, today).await
}

async fn purge_of(
    store: &dyn Store,
    kept: Kept,
    mut days: Range<Day>,
    today: Day,
) -> Result<Purged, StoreError> {
    let mut blanked = 0;
    loop {
        match store.purge_some(kept, days.clone(), today).await? {
            Portion::Some(avis, emptied) => {
                blanked += avis;
                days.start = emptied;
            }
            Portion::Last(avis) => return Ok(Purged { avis: blanked + avis, is_whole: true }),
            Portion::TakenCareOf => return Ok(Purged { avis: blanked, is_whole: false }),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The same for every night: texts wherever there are any, since an import may bring old ones; pages from where the last
/// purge left off, since to find them is to go through all avis, and old ones bring none.
async fn purge_on(store: &dyn Store, kept: Kept, before: Day, today: Day) -> Result<Purged, StoreError> {
    let left_off = match kept {
        Kept::Texts => None,
        Kept::Pages => left_off(store, kept).await?,
    };
    purge_of(store, kept, left_off.unwrap_or(Period::ALL.from)..before, today).await
}

/// The day before which nothing of this kind was left by an earlier purge, as the record tells; none if there was none.
async fn left_off(store: &dyn Store, kept: Kept) -> Result<Option<Day>, StoreError> {
    let purges = store.purges().await?;
    Ok(purges.iter().filter(|purge| purge.kept == kept).map(|purge| purge.before).max())
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

/// Purges every night, and by day what nights have left for too long; and tells what is overdue all the same.
pub(crate) async fn keep_purging(store: &dyn Store, retention: Retention, metrics: &Metrics, clock: &Clock) {
    tokio::time::sleep(FIRST).await;
    let mut emptied = [None; Kept::ALL.len()];
    loop {
        for (kept, emptied) in Kept::ALL.into_iter().zip(&mut emptied) {
            let overdue = look(store, kept, retention, emptied, clock.now()).await;
            metrics.purge_overdue(kept, overdue);
        }
        tokio::time::sleep(LOOKING).await;
    }
}

/// Purges what has to go at this hour, and notes before which day nothing is left. Returns for how many days some of it may
/// have been kept too long.
async fn look(
    store: &dyn Store,
    kept: Kept,
    retention: Retention,
    emptied: &mut Option<Day>,
    now: Timestamp,
) -> u16 {
    let today = Day::of(now);
    let first_kept = retention.first_kept(kept, today);
    let late = if NIGHT.contains(&paris_hour(now)) { 0 } else { GRACE };
    let before = first_kept.plus(-late);
    match purge_on(store, kept, before, today).await {
        Ok(Purged { avis, is_whole }) => {
            if is_whole {
                *emptied = (*emptied).max(Some(before));
            }
            if avis > 0 {
                tracing::info!(
                    kind = kept.code(),
                    %before,
                    avis,
                    "what was kept for its time was blanked; the avis count as before"
                );
            }
        }
        Err(error) => tracing::warn!(
            kind = kept.code(),
            error = error.chain(),
            "what is older than it is to be kept could not be blanked; in an hour again"
        ),
    }
    if emptied.is_none() {
        // Never since it started: what was done before is on record, if it can be read. Where it cannot, or there is no
        // record, what fails from the start is told in the days that follow.
        let on_record = left_off(store, kept).await.ok().flatten();
        *emptied = Some(on_record.unwrap_or(first_kept));
    }
    emptied.map_or(0, |emptied| emptied.days_until(first_kept))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::{noon, one, record, text, with_catalogue, write};
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
        let mut emptied = None;
        let mut left_after = async |instant: &str| {
            let now = instant.parse().unwrap();
            let overdue = look(&store, Kept::Texts, Retention::default(), &mut emptied, now).await;
            (store.overdue(Kept::Texts, day("2025-01-01")).await.unwrap(), overdue)
        };
        assert_eq!(left_after("2026-11-20T11:00:00Z").await, (2, 2), "by day, what is two days late");
        store.is(Mood::Away);
        assert_eq!(left_after("2026-11-20T01:30:00Z").await, (2, 2));
        store.is(Mood::There);
        assert_eq!(left_after("2026-11-20T01:30:00Z").await, (1, 0), "at night, all of it");
        assert_eq!(
            left_after("2026-11-20T11:00:00Z").await,
            (1, 0),
            "the 20th is the first day that is kept"
        );
        assert_eq!(left_after("2026-11-21T02:30:00Z").await, (0, 0));
        store.is(Mood::Away);
        assert_eq!(left_after("2026-11-25T02:30:00Z").await, (0, 4), "nobody knows that there is nothing");
        emptied = None;
        let restarted = look(
            &store,
            Kept::Texts,
            Retention::default(),
            &mut emptied,
            "2026-11-26T02:30:00Z".parse().unwrap(),
        );
        assert_eq!(restarted.await, 5, "nor does a collector that starts, but for the record");
    }
}
