//! The first or last day of a period as clients of Je donne mon avis write it: an instant, in one of two spellings, or
//! a day.

use super::whole;
use crate::day::Day;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

/// The day that a bound means: milliseconds since 1970 (a number, or its digits in a text), an ISO 8601 instant,
/// which without an offset is one of UTC, or a day such as `2026-09-30`. None if it is no date.
#[must_use]
pub fn day(value: &Value) -> Option<Day> {
    match value {
        Value::String(text) => day_of_text(text),
        Value::Number(_) => day_of_milliseconds(whole(value)?),
        _ => None,
    }
}

/// The same of a text.
#[must_use]
pub fn day_of_text(text: &str) -> Option<Day> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return day_of_milliseconds(text.parse().ok()?);
    }
    let in_utc = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
    let instant = || text.parse().ok().or_else(|| in_utc().map(|zoned| zoned.timestamp()));
    text.parse().ok().or_else(|| instant().map(day_of_instant))
}

fn day_of_milliseconds(milliseconds: i64) -> Option<Day> {
    Timestamp::from_millisecond(milliseconds).ok().map(day_of_instant)
}

/// The calendar date that somebody means by an instant. Clients make bounds of dates, with the clock of their machine:
/// the first or last millisecond of a UTC day stands for its date, which is not always that of Paris. So does that of
/// a Paris day, and any other instant means the Paris day that holds it: the same.
fn day_of_instant(instant: Timestamp) -> Day {
    const DAY: i128 = 24 * 60 * 60 * 1_000;
    let milliseconds = instant.as_nanosecond().div_euclid(1_000_000);
    match milliseconds.rem_euclid(DAY) {
        0 | 86_399_999 => Day::from(TimeZone::UTC.to_datetime(instant).date()),
        _ => Day::of(instant),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn means(value: &Value) -> String {
        day(value).map_or_else(|| "none".to_owned(), |day| day.to_string())
    }

    #[test]
    fn the_bounds_of_the_contract_mean_a_year() {
        assert_eq!(means(&json!("1743465600000")), "2025-04-01");
        assert_eq!(means(&json!("1775001599999")), "2026-03-31");
    }

    #[test]
    fn midnights_of_utc_and_of_paris_mean_their_date_in_summer_and_in_winter() {
        let spellings = [
            // The last day of winter time, 29 March: it has 23 hours in Paris.
            ("2026-03-28", "2026-03-28T00:00:00Z", "2026-03-27T23:00:00Z"),
            ("2026-03-29", "2026-03-29T00:00:00Z", "2026-03-28T23:00:00Z"),
            ("2026-03-30", "2026-03-30T00:00:00Z", "2026-03-29T22:00:00Z"),
            // The day on which it begins again, 25 October: it has 25.
            ("2026-10-24", "2026-10-24T00:00:00Z", "2026-10-23T22:00:00Z"),
            ("2026-10-25", "2026-10-25T00:00:00Z", "2026-10-24T22:00:00Z"),
            ("2026-10-26", "2026-10-26T00:00:00Z", "2026-10-25T23:00:00Z"),
            ("2027-01-01", "2027-01-01T00:00:00Z", "2026-12-31T23:00:00Z"),
            ("2024-02-29", "2024-02-29T00:00:00Z", "2024-02-28T23:00:00Z"),
        ];
        for (date, utc, paris) in spellings {
            assert_eq!(means(&json!(date)), date);
            for first in [utc, paris] {
                assert_eq!(means(&json!(first)), date, "{first}");
                let milliseconds = first.parse::<Timestamp>().unwrap().as_millisecond();
                assert_eq!(means(&json!(milliseconds)), date, "{first}");
                assert_eq!(means(&json!(milliseconds.to_string())), date, "{first}");
            }
        }
        let last = [
            ("2026-03-28", "2026-03-28T23:59:59.999Z", "2026-03-28T22:59:59.999Z"),
            ("2026-03-29", "2026-03-29T23:59:59.999Z", "2026-03-29T21:59:59.999Z"),
            ("2026-06-30", "2026-06-30T23:59:59.999Z", "2026-06-30T21:59:59.999Z"),
            ("2026-10-25", "2026-10-25T23:59:59.999Z", "2026-10-25T22:59:59.999Z"),
            ("2026-12-31", "2026-12-31T23:59:59.999Z", "2026-12-31T22:59:59.999Z"),
        ];
        for (date, utc, paris) in last {
            assert_eq!((means(&json!(utc)), means(&json!(paris))), (date.to_owned(), date.to_owned()));
        }
    }

    #[test]
    fn any_other_instant_means_the_paris_day_that_holds_it() {
        assert_eq!(means(&json!("2026-06-30T23:59:59.998Z")), "2026-07-01");
        assert_eq!(means(&json!("2026-06-30T23:59:59Z")), "2026-07-01");
        assert_eq!(means(&json!("2026-06-30T22:00:00.001Z")), "2026-07-01");
        assert_eq!(means(&json!("2026-06-30T21:59:59.998Z")), "2026-06-30");
        assert_eq!(means(&json!("2026-12-31T23:00:00.001Z")), "2027-01-01");
        assert_eq!(means(&json!("2026-12-31T22:30:00Z")), "2026-12-31");
        assert_eq!(means(&json!("2026-07-01T00:00:00+02:00")), "2026-07-01");
        assert_eq!(means(&json!("2026-06-30T20:00:00-04:00")), "2026-07-01");
        // Without an offset it is one of UTC.
        assert_eq!(means(&json!("2026-06-30T00:00:00")), "2026-06-30");
        assert_eq!(means(&json!("2026-06-30T22:30:00")), "2026-07-01");
        // Finer than a millisecond is still the last one.
        assert_eq!(means(&json!("2026-06-30T23:59:59.999999Z")), "2026-06-30");
    }

    #[test]
    fn numbers_may_be_texts_whole_doubles_and_before_1970() {
        assert_eq!(means(&json!(0)), "1970-01-01");
        assert_eq!(means(&json!(1_743_465_600_000.0)), "2025-04-01");
        assert_eq!(means(&json!("-1")), "1969-12-31");
        assert_eq!(means(&json!(-86_400_000)), "1969-12-31");
    }

    #[test]
    fn what_is_no_date_is_none() {
        for value in [
            json!(""),
            json!("-"),
            json!("hier"),
            json!("2026-02-30"),
            json!("2026-13-01"),
            json!("2026-9-30"),
            json!("30/09/2026"),
            json!("99999999999999999999"),
            json!("9999999999999999"),
            json!(1.5),
            json!(1e300),
            json!(true),
            json!(["2026-09-30"]),
            json!({}),
            Value::Null,
        ] {
            assert_eq!(day(&value), None, "{value}");
        }
    }

    proptest! {
        /// However a date is sent, it comes out as it went in.
        #[test]
        fn a_date_survives_every_spelling(days in -20_000_i32..40_000, spelling in 0..5_usize, as_text: bool) {
            let date = Day::constant(1970, 1, 1).plus(days);
            let utc = i64::from(days) * 86_400_000;
            let (paris, end) = (date.plus(-1).end().as_millisecond(), date.end().as_millisecond() - 1);
            let sent = [utc, utc + 86_399_999, paris, end];
            let value = match (sent.get(spelling), as_text) {
                (None, _) => json!(date.to_string()),
                (Some(milliseconds), true) => json!(milliseconds.to_string()),
                (Some(milliseconds), false) => json!(milliseconds),
            };
            prop_assert_eq!(day(&value), Some(date), "{}", value);
        }

        /// No instant moves a bound by more than the two hours between Paris and UTC.
        #[test]
        fn an_instant_is_at_most_two_hours_from_the_paris_day_it_means(milliseconds in 0..4_000_000_000_000_i64) {
            let meant = day(&json!(milliseconds)).unwrap();
            let instant = Timestamp::from_millisecond(milliseconds).unwrap();
            let hours = jiff::SignedDuration::from_hours(2);
            prop_assert!(meant.plus(-1).end() - hours <= instant && instant < meant.end() + hours);
        }

        #[test]
        fn nothing_that_is_sent_panics(text in ".{0,40}", milliseconds: i64, number: f64) {
            let _ = (day(&json!(text)), day(&json!(milliseconds)), day(&json!(number)));
        }
    }
}
