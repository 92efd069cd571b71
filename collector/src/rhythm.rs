//! Whether a bouton has fallen silent, told by its own rhythm. A page that lost its button complains of nothing, and the
//! average of its démarche goes on without it.
//!
//! What a bouton would have brought on a day is the mean of that day of the week over the half year before: one that is
//! used at work is not missed on Sundays. What it would have brought over the whole days since its last avis is what is
//! **missed**. Were avis to come at random at that rhythm (Poisson), none of [`CHANCE`] would stay out less often than
//! one time in a thousand.

use crate::catalogue::BoutonId;
use crate::day::Day;
use crate::store::Period;
use std::collections::BTreeMap;

/// How many avis a bouton can miss by chance: e⁻⁷ is 0.0009.
pub const CHANCE: f64 = 7.0;

/// The days that tell a rhythm: 26 weeks, so that each day of the week is there as often.
const DAYS: i32 = 182;

/// The days to look at, of which today, which is not over, is none.
#[must_use]
pub fn window(today: Day) -> Period {
    Period { from: today.plus(-DAYS), to: today.plus(-1) }
}

/// The rhythm of a bouton that was heard of in the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rhythm {
    /// Avis in a week, as it brought them until its last.
    pub a_week: f64,
    /// What it would have brought since.
    pub missed: f64,
}

impl Rhythm {
    /// The rhythm that these days tell, each with how many avis came; none without any.
    #[must_use]
    pub fn of(avis: &BTreeMap<Day, u64>, today: Day) -> Option<Self> {
        let (first, last) = (*avis.first_key_value()?.0, *avis.last_key_value()?.0);
        let of_week = |day: Day| usize::from(day.date().weekday().to_monday_zero_offset().unsigned_abs());
        let (mut brought, mut days) = ([0.0; 7], [0.0; 7]);
        for day in each(first, today) {
            days[of_week(day)] += 1.0;
        }
        for (day, avis) in avis {
            #[expect(clippy::cast_precision_loss, reason = "avis of a day")]
            let avis = *avis as f64;
            brought[of_week(*day)] += avis;
        }
        let mean = |place: usize| if days[place] > 0.0 { brought[place] / days[place] } else { 0.0 };
        let missed = each(last.plus(1), today).map(|day| mean(of_week(day))).sum();
        Some(Self { a_week: (0..7).map(mean).sum(), missed })
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

/// The rhythm of each bouton of which a day is among these.
#[must_use]
pub fn rhythms(heard: Vec<(BoutonId, Day, u64)>, today: Day) -> BTreeMap<BoutonId, Rhythm> {
    let mut days: BTreeMap<BoutonId, BTreeMap<Day, u64>> = BTreeMap::new();
    for (bouton, day, avis) in heard {
        days.entry(bouton).or_default().insert(day, avis);
    }
    days.into_iter().filter_map(|(bouton, days)| Some((bouton, Rhythm::of(&days, today)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TODAY: Day = Day::constant(2026, 11, 23);

    /// So many avis on each of these days before today: a Monday.
    fn rhythm(days: impl Iterator<Item = i32>, avis: u64) -> Rhythm {
        Rhythm::of(&days.map(|before| (TODAY.plus(-before), avis)).collect(), TODAY).unwrap()
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
        // Chance explains any silence of one that brings an avis a week, within half a year.
        assert!(!rhythm((90..=DAYS).step_by(7), 1).is_silent());
        assert!(!rhythm(30..=30, 1).is_silent(), "one avis is no rhythm");
    }

    #[test]
    fn one_that_is_used_at_work_is_not_missed_at_the_weekend() {
        assert!(rhythm(working_days(1), 50).missed < 1e-9);
        assert!((rhythm(working_days(1), 50).a_week - 250.0).abs() < 1e-9);
        assert!(rhythm(working_days(4), 50).is_silent(), "nor on the Friday before");
    }

    #[test]
    fn nothing_is_told_of_one_that_was_not_heard_of() {
        assert_eq!(Rhythm::of(&BTreeMap::new(), TODAY), None);
        assert_eq!(rhythms(vec![], TODAY), BTreeMap::new());
    }

    proptest! {
        /// The longer a bouton is silent, the more it misses.
        #[test]
        fn what_is_missed_grows_with_silence(
            days in proptest::collection::btree_map(1..=DAYS, 1_u64..500, 1..60),
            later in 0_i32..60,
        ) {
            let avis = days.iter().map(|(before, avis)| (TODAY.plus(-before), *avis)).collect();
            let missed = |today: Day| Rhythm::of(&avis, today).unwrap().missed;
            let (sooner, later) = (missed(TODAY.plus(later)), missed(TODAY.plus(later + 1)));
            prop_assert!(0.0 <= sooner && sooner <= later + 1e-9, "{sooner} {later}");
        }
    }
}
