//! Whether a bouton has fallen silent, told by its own rhythm. A page that lost its button complains of nothing, and the
//! average of its démarche goes on without it.
//!
//! What a bouton would have brought on a day is the mean of that day of the week over the half year until its last avis:
//! one that is used at work is not missed on Sundays. What it would have brought over the whole days since is what is
//! **missed**, and stays so however long it is silent. Were avis to come at random at that rhythm (Poisson), none of
//! [`CHANCE`] would stay out less often than one time in a thousand. No more is missed than it brought: of a few avis
//! nothing is concluded.

use crate::catalogue::BoutonId;
use crate::day::Day;
use crate::store::{Period, Store, StoreError};
use std::collections::BTreeMap;

/// How many avis a bouton can miss by chance: e⁻⁷ is 0.0009.
pub const CHANCE: f64 = 7.0;

/// The days that tell a rhythm: 26 weeks, so that each day of the week is there as often.
pub const DAYS: i32 = 182;

/// The days of which something is usual, of which today, which is not over, is none.
#[must_use]
pub fn window(today: Day) -> Period {
    until(today.plus(-1))
}

/// Half a year, the last day included.
fn until(last: Day) -> Period {
    Period { from: last.plus(1 - DAYS), to: last }
}

/// The rhythm of a bouton that brought avis before today.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rhythm {
    /// Avis in a week, as it brought them until its last.
    pub a_week: f64,
    /// What it would have brought since.
    pub missed: f64,
}

impl Rhythm {
    /// The rhythm that the days tell on which avis came, each with how many, until this last one; none without any.
    #[must_use]
    pub fn of(avis: &BTreeMap<Day, u64>, last: Day, today: Day) -> Option<Self> {
        let (first, end) = (*avis.first_key_value()?.0, today.min(last.plus(1)));
        let of_week = |day: Day| usize::from(day.date().weekday().to_monday_zero_offset().unsigned_abs());
        let (mut brought, mut days) = ([0.0; 7], [0.0; 7]);
        for day in each(first, end) {
            days[of_week(day)] += 1.0;
        }
        for (day, avis) in avis {
            #[expect(clippy::cast_precision_loss, reason = "avis of a day")]
            let avis = *avis as f64;
            brought[of_week(*day)] += avis;
        }
        let mean = |place: usize| if days[place] > 0.0 { brought[place] / days[place] } else { 0.0 };
        let missed: f64 = each(end, today).map(|day| mean(of_week(day))).sum();
        Some(Self { a_week: (0..7).map(mean).sum(), missed: missed.min(brought.iter().sum()) })
    }

    /// Whether it misses more than chance explains.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.missed > CHANCE
    }
}

/// The days from one on, until before another.
fn each(first: Day, end: Day) -> impl Iterator<Item = Day> {
    (0..first.days_until(end).into()).map(move |days| first.plus(days))
}

/// The rhythm of each of these boutons, whose last avis came on these days.
///
/// # Errors
/// If the store fails.
pub async fn rhythms(
    store: &dyn Store,
    last: &BTreeMap<BoutonId, Day>,
    today: Day,
) -> Result<BTreeMap<BoutonId, Rhythm>, StoreError> {
    let mut days: BTreeMap<BoutonId, BTreeMap<Day, u64>> = BTreeMap::new();
    let told = |last: Day| until(last.min(today.plus(-1)));
    let first = last.values().min().map_or(today, |first| told(*first).from);
    // From today backwards, half a year in memory at a time, and only those in which a bouton's own half year lies.
    let mut part = window(today);
    while first <= part.to {
        let is_told = |last: &Day| told(*last).from <= part.to && part.from <= *last;
        if last.values().any(is_told) {
            for (bouton, day, avis) in store.avis_by_bouton(part).await? {
                if last.get(&bouton).is_some_and(|last| told(*last).from <= day) {
                    days.entry(bouton).or_default().insert(day, avis);
                }
            }
        }
        part = until(part.from.plus(-1));
    }
    let rhythm = |(bouton, days): (BoutonId, BTreeMap<Day, u64>)| {
        let rhythm = Rhythm::of(&days, *last.get(&bouton)?, today)?;
        Some((bouton, rhythm))
    };
    Ok(days.into_iter().filter_map(rhythm).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::{noon, record, smile, with_catalogue, write};
    use crate::store::unsteady::Unsteady;
    use proptest::prelude::*;

    const TODAY: Day = Day::constant(2026, 11, 23);

    /// So many avis on each of these days before today: a Monday.
    fn rhythm(days: impl Iterator<Item = i32>, avis: u64) -> Rhythm {
        of(&days.map(|before| (TODAY.plus(-before), avis)).collect(), TODAY).unwrap()
    }

    fn of(avis: &BTreeMap<Day, u64>, today: Day) -> Option<Rhythm> {
        Rhythm::of(avis, *avis.last_key_value()?.0, today)
    }

    fn working_days(from: i32) -> impl Iterator<Item = i32> {
        // Yesterday is a Sunday.
        (from..=DAYS).filter(|before| !matches!(before % 7, 1 | 2))
    }

    #[test]
    fn one_that_brings_avis_every_day_is_missed_after_a_day_and_a_rare_one_after_weeks() {
        assert!(!rhythm(1..=DAYS, 100).is_silent());
        assert!(rhythm(2..=DAYS, 100).is_silent());
        let rarer = |silent: i32| rhythm((silent..=DAYS).step_by(3), 1);
        assert!(!rarer(15).is_silent());
        assert!(rarer(40).is_silent());
        let weekly = |silent: i32| rhythm((silent..=silent + DAYS).step_by(7), 1);
        assert!(!weekly(50).is_silent());
        assert!(weekly(70).is_silent());
        assert!(!rhythm(150..=150, 1).is_silent(), "one avis is no rhythm");
    }

    #[test]
    fn a_rhythm_is_that_until_the_last_avis_however_long_ago_it_came() {
        for silent in [1, 2, 100, 1_000] {
            let daily = rhythm(silent..silent + 28, 10);
            assert!((daily.a_week - 70.0).abs() < 1e-9, "{silent}: {daily:?}");
            assert!(
                (daily.missed - f64::from(silent.min(29) - 1) * 10.0).abs() < 1e-9,
                "{silent}: {daily:?}"
            );
        }
    }

    #[test]
    fn one_that_is_used_at_work_is_not_missed_at_the_weekend() {
        assert!(rhythm(working_days(1), 50).missed < 1e-9);
        assert!((rhythm(working_days(1), 50).a_week - 250.0).abs() < 1e-9);
        assert!(rhythm(working_days(4), 50).is_silent(), "nor on the Friday before");
    }

    #[tokio::test]
    async fn one_that_is_silent_for_a_year_and_a_half_is_still_missed() {
        let store = Unsteady::new().await;
        with_catalogue(&store).await;
        let rhythms = async |today: Day| {
            let last = store.last_avis().await.unwrap().into_iter().collect();
            rhythms(&store, &last, today).await.unwrap().into_values().collect::<Vec<_>>()
        };
        assert_eq!(rhythms(TODAY).await, []);
        let last = TODAY.plus(-540);
        // An avis a day; those of more than half a year before its last say nothing of its rhythm.
        for (key, before) in (1..).zip((0..40).chain([DAYS, DAYS + 1])) {
            let record = record(key, noon(&last.plus(-before).to_string()), &smile("moyen"));
            store.commit(&[write(&record)]).await.unwrap();
        }
        let silent = Rhythm { a_week: 7.0, missed: 40.0 };
        for today in [TODAY, last.plus(183), last.plus(100)] {
            let told = rhythms(today).await;
            assert!(told.len() == 1 && (told[0].missed - silent.missed).abs() < 1e-9, "{today}: {told:?}");
            assert!((told[0].a_week - silent.a_week).abs() < 1e-9, "{today}: {told:?}");
        }
        // Today is not over: what came is no rhythm yet, and ends the silence.
        let record = record(100, noon(&TODAY.to_string()), &smile("moyen"));
        store.commit(&[write(&record)]).await.unwrap();
        assert_eq!(rhythms(TODAY).await, []);
    }

    proptest! {
        /// The longer a bouton is silent, the more it misses.
        #[test]
        fn what_is_missed_grows_with_silence(
            days in proptest::collection::btree_map(1..=DAYS, 1_u64..500, 1..60),
            later in 0_i32..60,
        ) {
            let avis = days.iter().map(|(before, avis)| (TODAY.plus(-before), *avis)).collect();
            let missed = |today: Day| of(&avis, today).unwrap().missed;
            let (sooner, later) = (missed(TODAY.plus(later)), missed(TODAY.plus(later + 1)));
            prop_assert!(0.0 <= sooner && sooner <= later + 1e-9, "{sooner} {later}");
        }
    }
}
