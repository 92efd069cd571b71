//! Numbers and dates as people of each language write them.

use crate::day::Day;
use crate::language::choose;
use crate::store::Period;
use shared::Language;
use shared::indicator::{Decimal4, Indicator};

/// The words of one language for numbers and dates.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words(pub(super) Language);

impl Words {
    /// What stands between a name and what it is the name of.
    pub(super) fn colon(self) -> &'static str {
        choose(self.0, "\u{a0}: ", ": ")
    }
}

const MONTHS: [(&str, &str, &str, &str); 12] = [
    ("janvier", "janv.", "January", "Jan"),
    ("février", "févr.", "February", "Feb"),
    ("mars", "mars", "March", "Mar"),
    ("avril", "avr.", "April", "Apr"),
    ("mai", "mai", "May", "May"),
    ("juin", "juin", "June", "Jun"),
    ("juillet", "juil.", "July", "Jul"),
    ("août", "août", "August", "Aug"),
    ("septembre", "sept.", "September", "Sep"),
    ("octobre", "oct.", "October", "Oct"),
    ("novembre", "nov.", "November", "Nov"),
    ("décembre", "déc.", "December", "Dec"),
];

impl Words {
    /// A whole number, in groups of three digits.
    pub(super) fn count(self, number: u64) -> String {
        let separator = match self.0 {
            Language::Fr => '\u{202f}',
            _ => ',',
        };
        let digits = number.to_string();
        let mut text = String::with_capacity(digits.len() * 2);
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(separator);
            }
            text.push(digit);
        }
        text
    }

    /// A number that is written with a point.
    pub(super) fn decimal(self, text: &str) -> String {
        match self.0 {
            Language::Fr => text.replace('.', ","),
            _ => text.to_owned(),
        }
    }

    /// A share of so many parts in so many, in whole per cent: `12 %`.
    pub(super) fn share(self, part: u64, whole: u64) -> String {
        if whole == 0 {
            return self.per_cent("0");
        }
        let rounded = (200 * part + whole) / (2 * whole);
        // What is there is never nothing, and what is not all never all.
        match (part, rounded) {
            (1.., 0) => format!("<\u{a0}{}", self.per_cent("1")),
            (_, 100) if part < whole => format!(">\u{a0}{}", self.per_cent("99")),
            _ => self.per_cent(&rounded.to_string()),
        }
    }

    pub(super) fn per_cent(self, number: &str) -> String {
        match self.0 {
            Language::Fr => format!("{}\u{a0}%", self.decimal(number)),
            _ => format!("{number}%"),
        }
    }

    /// The figure of an indicator with its unit, in words to read aloud: `7,9 sur 10`, `71,6 %`.
    pub(super) fn figure(self, indicator: &Indicator) -> Option<String> {
        let printed = &indicator.figure.as_ref()?.printed;
        Some(match (indicator.kind.is_mean(), self.0) {
            (true, Language::Fr) => format!("{} sur 10", self.decimal(printed)),
            (true, _) => format!("{printed} out of 10"),
            (false, _) => self.per_cent(printed),
        })
    }

    /// The bounds of the interval of an indicator, with one digit more than its figure has.
    pub(super) fn interval(self, indicator: &Indicator) -> Option<(String, String)> {
        let (low, high) = indicator.figure.as_ref()?.interval?;
        let bound = |value: Decimal4| {
            if indicator.kind.is_mean() {
                self.decimal(&value.printed(2))
            } else {
                self.per_cent(&value.times(100).printed(1))
            }
        };
        Some((bound(low), bound(high)))
    }

    /// `1er octobre 2026`, `1 October 2026`.
    pub(super) fn day(self, day: Day) -> String {
        let number = match (self.0, day.day_of_month()) {
            (Language::Fr, 1) => "1er".to_owned(),
            (_, number) => number.to_string(),
        };
        format!("{number} {}", self.month(day))
    }

    /// `octobre 2026`.
    pub(super) fn month(self, day: Day) -> String {
        format!("{} {}", self.month_name(day), day.date().year())
    }

    pub(super) fn month_name(self, day: Day) -> &'static str {
        let (fr, _, en, _) = month(day);
        match self.0 {
            Language::Fr => fr,
            _ => en,
        }
    }

    /// `oct.`
    pub(super) fn short_month(self, day: Day) -> &'static str {
        let (_, fr, _, en) = month(day);
        match self.0 {
            Language::Fr => fr,
            _ => en,
        }
    }

    /// A period as short as it can be said: `octobre 2026`, `juillet – septembre 2026`, `1er mai 2026 – 3 juin 2026`.
    pub(super) fn period(self, period: Period) -> String {
        self.period_with(period, |day| self.month_name(day))
    }

    /// The same with short months.
    pub(super) fn short_period(self, period: Period) -> String {
        self.period_with(period, |day| self.short_month(day))
    }

    fn period_with(self, Period { from, to }: Period, name: impl Fn(Day) -> &'static str) -> String {
        let year = |day: Day| day.date().year();
        if from == to {
            return self.day(from);
        }
        if from != from.first_of_month() || to != to.last_of_month() {
            return format!("{} – {}", self.day(from), self.day(to));
        }
        let end = format!("{} {}", name(to), year(to));
        match (from.month() == to.month(), year(from) == year(to)) {
            (true, _) => end,
            (false, true) => format!("{} – {end}", name(from)),
            (false, false) => format!("{} {} – {end}", name(from), year(from)),
        }
    }
}

fn month(day: Day) -> (&'static str, &'static str, &'static str, &'static str) {
    usize::try_from(day.date().month() - 1).map_or(MONTHS[0], |month| MONTHS[month])
}

/// With a capital letter, as at the beginning of a sentence.
pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FR: Words = Words(Language::Fr);
    const EN: Words = Words(Language::En);

    fn period(from: &str, to: &str) -> Period {
        Period { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn numbers_are_grouped_as_each_language_does() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(|n| EN.count(n)), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(FR.count(289_153), "289\u{202f}153");
        assert_eq!((FR.decimal("7.9"), EN.decimal("7.9")), ("7,9".to_owned(), "7.9".to_owned()));
    }

    #[test]
    fn a_share_is_nothing_or_all_only_where_it_is() {
        let shares = [(0, 0), (0, 7), (1, 1_000), (1, 200), (1, 3), (995, 1_000), (999, 1_000), (7, 7)];
        assert_eq!(
            shares.map(|(part, whole)| EN.share(part, whole)),
            ["0%", "0%", "<\u{a0}1%", "1%", "33%", ">\u{a0}99%", ">\u{a0}99%", "100%"]
        );
    }

    #[test]
    fn a_period_is_said_as_short_as_it_can_be() {
        assert_eq!(FR.period(period("2026-10-01", "2026-10-31")), "octobre 2026");
        assert_eq!(FR.period(period("2026-07-01", "2026-09-30")), "juillet – septembre 2026");
        assert_eq!(FR.short_period(period("2025-11-01", "2026-10-31")), "nov. 2025 – oct. 2026");
        assert_eq!(EN.period(period("2026-05-01", "2026-06-20")), "1 May 2026 – 20 June 2026");
        assert_eq!(FR.period(period("2026-05-01", "2026-05-01")), "1er mai 2026");
        assert_eq!(capitalised("été"), "Été");
    }
}
