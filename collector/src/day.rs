//! Calendar days in Paris, the unit of every décompte and period.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

/// The time zone of the service. Compiled in, so that a machine without a time zone database counts the same days.
static PARIS: LazyLock<TimeZone> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the zone is part of the binary")]
    TimeZone::get("Europe/Paris").expect("Europe/Paris is compiled in")
});

/// A calendar day in Europe/Paris. Days of 23 and of 25 hours exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

/// What is no day of the calendar, or not written as `2026-09-30`.
#[derive(Debug, thiserror::Error)]
#[error("a day is written like 2026-09-30")]
pub struct NotADay;

impl Day {
    /// A day that is known to be one when this is compiled.
    #[must_use]
    pub const fn constant(year: i16, month: i8, day: i8) -> Self {
        Self(Date::constant(year, month, day))
    }

    /// How many days lie between this day and a later one; the nearest number that fits otherwise.
    #[must_use]
    pub fn days_until(self, later: Self) -> u16 {
        let days = (later.0 - self.0).get_days();
        u16::try_from(days.max(0)).unwrap_or(u16::MAX)
    }

    /// So many days later, if the calendar goes that far.
    #[must_use]
    pub fn checked_plus(self, days: u16) -> Option<Self> {
        self.0.checked_add(jiff::Span::new().days(i32::from(days))).ok().map(Self)
    }

    /// The day that holds this instant.
    #[must_use]
    pub fn of(instant: Timestamp) -> Self {
        Self(PARIS.to_datetime(instant).date())
    }

    /// The day as a number that sorts and reads like it: 20260930.
    #[must_use]
    pub fn number(self) -> i32 {
        i32::from(self.0.year()) * 10_000 + i32::from(self.0.month()) * 100 + i32::from(self.0.day())
    }

    /// The day of such a number.
    #[must_use]
    pub fn from_number(number: i32) -> Option<Self> {
        let part = |value: i32| i8::try_from(value).ok();
        Date::new(i16::try_from(number / 10_000).ok()?, part(number / 100 % 100)?, part(number % 100)?)
            .ok()
            .map(Self)
    }

    /// The month as a number: 202609.
    #[must_use]
    pub fn month(self) -> i32 {
        self.number() / 100
    }

    /// Its place in its month, from 1.
    #[must_use]
    pub fn day_of_month(self) -> i32 {
        i32::from(self.0.day())
    }

    /// So many days later, or earlier if negative; stays within the calendar.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().days(days)))
    }

    /// The same day of the next year; of 29 February, 28 February.
    #[must_use]
    pub fn a_year_later(self) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().years(1)))
    }

    /// The same day so many months earlier, or the last of that month where it is shorter.
    #[must_use]
    pub fn months_earlier(self, months: u16) -> Self {
        Self(self.0.saturating_sub(jiff::Span::new().months(i32::from(months))))
    }

    /// The first day of its month.
    #[must_use]
    pub fn first_of_month(self) -> Self {
        Self(self.0.first_of_month())
    }

    /// The last day of its month.
    #[must_use]
    pub fn last_of_month(self) -> Self {
        Self(self.0.last_of_month())
    }

    /// The date itself.
    #[must_use]
    pub fn date(self) -> Date {
        self.0
    }

    /// The instant at which it ends, which is the first of the next day.
    #[must_use]
    pub fn end(self) -> Timestamp {
        let tomorrow = self.plus(1).0.at(0, 0, 0, 0);
        PARIS.to_ambiguous_timestamp(tomorrow).compatible().unwrap_or(Timestamp::MAX)
    }
}

/// An instant as a clock in Paris shows it, to the minute: `2026-10-02 00:00`.
#[must_use]
pub fn paris_time(instant: Timestamp) -> String {
    PARIS.to_datetime(instant).strftime("%F %H:%M").to_string()
}

/// The hour that a clock in Paris shows at this instant.
#[must_use]
pub fn paris_hour(instant: Timestamp) -> i8 {
    PARIS.to_datetime(instant).hour()
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self(date)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for Day {
    type Err = NotADay;

    /// Strictly `YYYY-MM-DD`: other spellings of ISO 8601 would make two addresses of one document.
    fn from_str(text: &str) -> Result<Self, NotADay> {
        let shape = text.len() == 10
            && text.bytes().enumerate().all(|(index, byte)| match index {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !shape {
            return Err(NotADay);
        }
        text.parse().map(Self).map_err(|_| NotADay)
    }
}

impl Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_is_that_of_paris_in_summer_and_in_winter() {
        let of = |instant: &str| Day::of(instant.parse().unwrap()).to_string();
        assert_eq!(of("2026-06-30T21:59:59.999Z"), "2026-06-30");
        assert_eq!(of("2026-06-30T22:00:00Z"), "2026-07-01");
        assert_eq!(of("2026-12-31T22:59:59.999Z"), "2026-12-31");
        assert_eq!(of("2026-12-31T23:00:00Z"), "2027-01-01");
    }

    #[test]
    fn a_day_ends_where_the_next_begins_also_when_clocks_change() {
        assert_eq!(day("2026-03-29").end().to_string(), "2026-03-29T22:00:00Z");
        assert_eq!(day("2026-10-25").end().to_string(), "2026-10-25T23:00:00Z");
    }

    #[test]
    fn a_time_is_that_of_paris() {
        assert_eq!(paris_time("2026-10-01T22:00:59Z".parse().unwrap()), "2026-10-02 00:00");
        assert_eq!(paris_time("2026-12-31T23:00:00Z".parse().unwrap()), "2027-01-01 00:00");
    }

    #[test]
    fn only_one_spelling_is_a_day() {
        for text in ["2026-9-30", "20260930", "2026-02-30", "2026-09-30T00:00", "", "demain", "2026-13-01"] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }

    #[test]
    fn its_number_leads_back_to_it() {
        assert_eq!(day("2026-09-30").number(), 20_260_930);
        assert_eq!(Day::from_number(20_260_930), Some(day("2026-09-30")));
        assert_eq!(Day::from_number(20_260_931), None);
        assert_eq!(day("2026-01-31").plus(1), day("2026-02-01"));
        assert_eq!(day("2026-11-22").a_year_later(), day("2027-11-22"));
        assert_eq!(day("2028-02-29").a_year_later(), day("2029-02-28"));
    }
}
