//! Quarters of the year, the unit of editions.

use crate::day::Day;
use crate::store::Period;
use jiff::civil::Date;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// A quarter of a year, written like `2026-T3`. Its days are those of Paris.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter {
    year: i16,
    /// 1 to 4.
    number: i8,
}

/// What is no quarter, or not written like one.
#[derive(Debug, thiserror::Error)]
#[error("a quarter is written like 2026-T3")]
pub struct NotAQuarter;

impl Quarter {
    /// Its year.
    #[must_use]
    pub fn year(self) -> i16 {
        self.year
    }

    /// Its place in the year, from 1 to 4.
    #[must_use]
    pub fn number(self) -> i8 {
        self.number
    }

    /// The quarter that holds this day.
    #[must_use]
    pub fn of(day: Day) -> Self {
        Self { year: day.date().year(), number: (day.date().month() + 2) / 3 }
    }

    /// The one before.
    #[must_use]
    pub fn previous(self) -> Self {
        match self.number {
            1 => Self { year: self.year - 1, number: 4 },
            number => Self { number: number - 1, ..self },
        }
    }

    /// Its days: three months.
    #[must_use]
    pub fn period(self) -> Period {
        self.months(3)
    }

    /// The days of the twelve months that end with it.
    #[must_use]
    pub fn twelve_months(self) -> Period {
        self.months(12)
    }

    /// So many whole months, of which the last is its own last one.
    fn months(self, months: i32) -> Period {
        let last = Date::constant(self.year, 3 * self.number, 1);
        let first = last.saturating_sub(jiff::Span::new().months(months - 1));
        Period { from: Day::from(first), to: Day::from(last).last_of_month() }
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-T{}", self.year, self.number)
    }
}

impl FromStr for Quarter {
    type Err = NotAQuarter;

    /// Strictly `YYYY-T[1-4]`, so that an edition has one name; from 1900 on, where spreadsheets know days.
    fn from_str(text: &str) -> Result<Self, NotAQuarter> {
        let (year, number) = text.split_once("-T").ok_or(NotAQuarter)?;
        let are_digits =
            |text: &str, length| text.len() == length && text.bytes().all(|one| one.is_ascii_digit());
        if !are_digits(year, 4) || !are_digits(number, 1) {
            return Err(NotAQuarter);
        }
        let (year, number) =
            (year.parse().map_err(|_| NotAQuarter)?, number.parse().map_err(|_| NotAQuarter)?);
        if year >= 1900 && (1..=4).contains(&number) { Ok(Self { year, number }) } else { Err(NotAQuarter) }
    }
}

impl Serialize for Quarter {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(period: Period) -> String {
        format!("{} {}", period.from, period.to)
    }

    #[test]
    fn a_quarter_is_three_months_and_ends_twelve() {
        for (text, three, twelve) in [
            ("2026-T1", "2026-01-01 2026-03-31", "2025-04-01 2026-03-31"),
            ("2026-T2", "2026-04-01 2026-06-30", "2025-07-01 2026-06-30"),
            ("2026-T3", "2026-07-01 2026-09-30", "2025-10-01 2026-09-30"),
            ("2024-T4", "2024-10-01 2024-12-31", "2024-01-01 2024-12-31"),
        ] {
            let quarter: Quarter = text.parse().unwrap();
            assert_eq!(days(quarter.period()), three);
            assert_eq!(days(quarter.twelve_months()), twelve);
            assert_eq!(quarter.to_string(), text);
        }
    }

    #[test]
    fn a_day_is_in_one_quarter_and_the_one_before_may_be_of_the_year_before() {
        let of = |text: &str| Quarter::of(text.parse().unwrap());
        assert_eq!(of("2026-12-31").to_string(), "2026-T4");
        assert_eq!(of("2026-04-01").to_string(), "2026-T2");
        assert_eq!(of("2026-03-31").previous().to_string(), "2025-T4");
    }

    #[test]
    fn only_one_spelling_is_a_quarter() {
        for text in [
            "2026-T0",
            "2026-T5",
            "2026-t3",
            "2026-Q3",
            "2026T3",
            "26-T3",
            "2026-T03",
            "2026-T",
            "+202-T3",
            "1899-T4",
            "20266-T3",
            " 2026-T3",
            "2026-T3 ",
            "2026-T３",
            "",
        ] {
            assert!(text.parse::<Quarter>().is_err(), "{text}");
        }
    }
}
