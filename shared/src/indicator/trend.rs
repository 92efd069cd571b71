//! Whether satisfaction moved from one period to the next, by how much, and whether chance alone could have done it.

use super::{IndicatorKind, Moments, Z, counts};
use crate::questionnaire::Satisfaction;
use crate::tally::{Cell, Tally};
use std::cmp::Ordering;

/// Which way a note went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// It rose.
    Up,
    /// It fell.
    Down,
    /// The difference is zero at one decimal, or no larger than chance makes it in one case of twenty.
    Steady,
}

/// How the note of satisfaction moved from one period to a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trend {
    tenths: i64,
    beyond_chance: bool,
}

impl Trend {
    /// The trend between the décomptes of two periods that share no avis; none unless each has enough answers for a
    /// note.
    #[must_use]
    pub fn between(before: &Tally, after: &Tally) -> Option<Self> {
        let moments = |tally: &Tally| {
            Moments::of::<Satisfaction>(&counts(|choice| tally.count(Cell::Satisfaction(choice))))
        };
        let (before, after) = (moments(before), moments(after));
        if before.n.min(after.n) < IndicatorKind::Satisfaction.minimum() {
            return None;
        }
        let cross = |a: Moments, b: Moments| i128::from(a.sum) * i128::from(b.n);
        let difference = cross(after, before) - cross(before, after);
        let over = i128::from(before.n) * i128::from(after.n);
        // The standard error of a difference of two independent means.
        let error = (before.variance_of_mean() + after.variance_of_mean()).sqrt();
        #[expect(clippy::cast_precision_loss, reason = "a relative error of 1e-16 moves no decision")]
        let points = difference as f64 * 2.5 / over as f64;
        Some(Self {
            tenths: i64::try_from(round_half_away(difference * 25, over)).unwrap_or(0),
            beyond_chance: points.abs() > Z * error,
        })
    }

    /// Which way it went.
    #[must_use]
    pub fn direction(self) -> Move {
        match self.tenths.cmp(&0) {
            Ordering::Greater if self.beyond_chance => Move::Up,
            Ordering::Less if self.beyond_chance => Move::Down,
            _ => Move::Steady,
        }
    }

    /// By how much, in tenths of a point, half away from zero from the exact difference; also where it is steady.
    #[must_use]
    pub fn tenths(self) -> i64 {
        self.tenths
    }
}

/// The quotient rounded to a whole number, half away from zero, so that a fall and a rise of the same size print
/// alike.
fn round_half_away(numerator: i128, denominator: i128) -> i128 {
    let magnitude = (2 * numerator.abs() + denominator) / (2 * denominator);
    magnitude * numerator.signum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(counts: [i64; 3]) -> Tally {
        let mut tally = Tally::default();
        for (choice, count) in
            [Satisfaction::PasBien, Satisfaction::Moyen, Satisfaction::TresBien].into_iter().zip(counts)
        {
            tally[Cell::Satisfaction(choice)] = count;
        }
        tally
    }

    fn between(before: [i64; 3], after: [i64; 3]) -> Option<(Move, i64)> {
        Trend::between(&tally(before), &tally(after)).map(|trend| (trend.direction(), trend.tenths()))
    }

    #[test]
    fn a_difference_that_many_answers_bear_out_is_a_move() {
        // 8.0 and 8.5, a thousand each: s/√n is about 0.12, so 0.5 is beyond 1.96·√2·0.12 = 0.33.
        assert_eq!(between([150, 100, 750], [100, 100, 800]), Some((Move::Up, 5)));
        assert_eq!(between([100, 100, 800], [150, 100, 750]), Some((Move::Down, -5)));
    }

    #[test]
    fn the_same_difference_of_few_answers_is_chance() {
        assert_eq!(between([15, 10, 75], [10, 10, 80]), Some((Move::Steady, 5)));
    }

    #[test]
    fn what_rounds_to_nothing_is_no_move_however_sure() {
        let millions = |pas_bien: i64| [pas_bien, 0, 10_000_000 - pas_bien];
        assert_eq!(between(millions(1_000_000), millions(960_000)), Some((Move::Steady, 0)));
        // 0.05 exactly rounds away from zero, both ways.
        assert_eq!(between(millions(1_000_000), millions(950_000)), Some((Move::Up, 1)));
        assert_eq!(between(millions(950_000), millions(1_000_000)), Some((Move::Down, -1)));
    }

    #[test]
    fn answers_that_are_all_alike_move_for_certain_or_not_at_all() {
        assert_eq!(between([0, 0, 100], [0, 0, 100]), Some((Move::Steady, 0)));
        assert_eq!(between([0, 100, 0], [0, 0, 100]), Some((Move::Up, 50)));
    }

    #[test]
    fn a_period_without_a_note_has_no_trend() {
        assert_eq!(between([0, 0, 99], [0, 0, 100]), None);
        assert_eq!(between([0, 0, 100], [0, 0, 99]), None);
        assert_eq!(between([0, 0, 0], [0, 0, 0]), None);
    }
}
