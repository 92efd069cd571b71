//! The period that is looked at, and the months drawn beside it.

use crate::day::Day;
use crate::quarter::Quarter;
use crate::store::Period;
use jiff::Span;

/// How many months are drawn at least: a year shows every season once.
const MONTHS: usize = 12;

/// How many months are drawn at most.
const MONTHS_MAX: usize = 120;

/// How many months each side of a trend has.
const TREND: usize = 3;

/// Which period is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PeriodChoice {
    /// The twelve whole months that end with the last whole month.
    #[default]
    TwelveMonths,
    /// A quarter of a year.
    Quarter(Quarter),
    /// From a day to a day.
    Days(Period),
}

impl PeriodChoice {
    /// The days it comes to, today.
    #[must_use]
    pub fn period(self, today: Day) -> Period {
        match self {
            Self::TwelveMonths => {
                let to = today.first_of_month().plus(-1);
                Period { from: months_before(to, MONTHS - 1), to }
            }
            Self::Quarter(quarter) => quarter.period(),
            Self::Days(period) => period,
        }
    }

    /// What is offered: twelve months, and the last quarters that are over.
    pub fn offered(today: Day) -> impl Iterator<Item = Self> {
        let newest = Quarter::of(today).previous();
        let quarters = std::iter::successors(Some(newest), |quarter| Some(quarter.previous())).take(4);
        std::iter::once(Self::TwelveMonths).chain(quarters.map(Self::Quarter))
    }
}

/// A period, and the whole months to draw: its own where it has more, else the twelve that end with its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The period.
    pub period: Period,
    /// The first day of each month, one after the other; none of them is still going on.
    pub months: Vec<Day>,
}

impl Window {
    /// The window of a period, today.
    #[must_use]
    pub fn of(period: Period, today: Day) -> Self {
        // Today is not over, so that a month that ends today is not either.
        let over = period.to.min(today.plus(-1));
        let last = if over == over.last_of_month() { over.first_of_month() } else { months_before(over, 1) };
        let back = |months: usize| (0..months).rev().map(|back| months_before(last, back));
        let own = back(MONTHS_MAX).filter(|month| *month >= period.from.first_of_month()).count();
        Self { period, months: back(own.max(MONTHS)).collect() }
    }

    /// The same with the last twelve months alone.
    #[must_use]
    pub fn last_year(mut self) -> Self {
        self.months.drain(..self.months.len() - MONTHS);
        self
    }

    /// The first and the last month as numbers: 202511, 202610.
    #[must_use]
    pub fn bounds(&self) -> (i32, i32) {
        let number = |month: Option<&Day>| month.map_or(0, |month| month.month());
        (number(self.months.first()), number(self.months.last()))
    }

    /// Whether the period is some of these months, so that their décomptes are all it takes.
    #[must_use]
    pub fn holds_period(&self) -> bool {
        let Period { from, to } = self.period;
        let whole = from == from.first_of_month() && to == to.last_of_month();
        let (first, last) = self.bounds();
        whole && from.month() >= first && to.month() <= last
    }

    /// The two sides of the trend: the last three months and the three before them.
    #[must_use]
    pub fn trend(&self) -> [Period; 2] {
        let side = |months: &[Day]| match (months.first(), months.last()) {
            (Some(from), Some(to)) => Period { from: *from, to: to.last_of_month() },
            _ => self.period,
        };
        Self::sides(&self.months).map(side)
    }

    /// What stands at the places of those months, before and after.
    pub(super) fn sides<T>(months: &[T]) -> [&[T]; 2] {
        let after = months.len().saturating_sub(TREND);
        let before = after.saturating_sub(TREND);
        [&months[before..after], &months[after..]]
    }
}

/// The first day of the month that lies so many months before that of a day.
fn months_before(day: Day, months: usize) -> Day {
    let span = Span::new().months(i32::try_from(months).unwrap_or(i32::MAX));
    Day::from(day.date().first_of_month().saturating_sub(span))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn days(from: &str, to: &str) -> Period {
        Period { from: day(from), to: day(to) }
    }

    #[test]
    fn twelve_whole_months_end_with_the_last_whole_month() {
        let on = |today: &str| PeriodChoice::TwelveMonths.period(day(today));
        assert_eq!(on("2026-11-22"), days("2025-11-01", "2026-10-31"));
        assert_eq!(on("2026-11-01"), days("2025-11-01", "2026-10-31"));
        assert_eq!(on("2026-10-31"), days("2025-10-01", "2026-09-30"));
        assert_eq!(on("2024-03-01"), days("2023-03-01", "2024-02-29"));
    }

    #[test]
    fn the_quarters_that_are_offered_are_over() {
        let offered: Vec<String> = PeriodChoice::offered(day("2026-04-01"))
            .filter_map(|choice| match choice {
                PeriodChoice::Quarter(quarter) => Some(quarter.to_string()),
                _ => None,
            })
            .collect();
        assert_eq!(offered, ["2026-T1", "2025-T4", "2025-T3", "2025-T2"]);
    }

    #[test]
    fn the_months_drawn_are_over_and_a_year_at_least() {
        let window = |from: &str, to: &str| Window::of(days(from, to), day("2026-11-22"));
        assert_eq!(window("2026-07-01", "2026-09-30").bounds(), (202_510, 202_609));
        assert_eq!(window("2026-07-01", "2026-09-29").bounds(), (202_509, 202_608));
        // This month goes on, and so does whatever ends in the future.
        assert_eq!(window("2025-12-01", "2026-11-30").bounds(), (202_511, 202_610));
        assert_eq!(window("2020-01-01", "2099-12-31").bounds(), (202_001, 202_610));
        assert_eq!(window("1900-01-01", "2026-09-30").months.len(), MONTHS_MAX);
        assert_eq!(window("2020-01-01", "2026-09-30").last_year().bounds(), (202_510, 202_609));
        // Its last day is not over.
        assert_eq!(Window::of(days("2026-09-01", "2026-09-30"), day("2026-09-30")).bounds().1, 202_608);
    }

    #[test]
    fn months_hold_a_period_of_whole_months_among_them() {
        let holds = |from: &str, to: &str| Window::of(days(from, to), day("2026-11-22")).holds_period();
        assert!(holds("2025-11-01", "2026-10-31"));
        assert!(holds("2026-07-01", "2026-09-30"));
        assert!(!holds("2026-07-02", "2026-09-30"));
        assert!(!holds("2026-07-01", "2026-09-29"));
        assert!(!holds("2026-07-01", "2026-11-30"));
        assert!(!Window::of(days("2025-01-01", "2026-10-31"), day("2026-11-22")).last_year().holds_period());
    }

    #[test]
    fn a_trend_sets_three_months_against_the_three_before() {
        let window = Window::of(days("2025-11-01", "2026-10-31"), day("2026-11-22"));
        assert_eq!(window.trend(), [days("2026-05-01", "2026-07-31"), days("2026-08-01", "2026-10-31")]);
    }
}
