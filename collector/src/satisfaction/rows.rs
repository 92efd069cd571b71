//! The same figures as rows: one a démarche and indicator, and unit of a series. What tables of any format are made of.

use crate::catalogue::Demarche;
use crate::day::Day;
use crate::store::Period;
use shared::Indicator;
use shared::indicator::{Decimal4, Level};
use std::borrow::Cow;

/// The names of the columns.
pub(super) const HEADER: [&str; 17] = [
    "id",
    "title",
    "administration",
    "ministry",
    "from",
    "to",
    "indicator",
    "status",
    "n",
    "mean",
    "share",
    "note",
    "percent",
    "interval_low",
    "interval_high",
    "level",
    "counts",
];

/// What stands in a cell.
pub(super) enum Value<'a> {
    /// Nothing: there is no figure.
    Empty,
    /// A text, which no program that reads the table should take for anything else.
    Text(Cow<'a, str>),
    /// A day.
    Day(Day),
    /// A number of answers.
    Count(u64),
    /// A mean or a share.
    Decimal(Decimal4),
    /// A note or a percentage as published, with one decimal.
    Printed(&'a str),
}

/// The row of an indicator.
pub(super) fn row<'a>(
    demarche: &'a Demarche,
    period: Period,
    indicator: &'a Indicator,
) -> [Value<'a>; HEADER.len()] {
    let Indicator { kind, n, counts, status, figure } = indicator;
    let figure = figure.as_ref();
    let value = figure.map(|figure| figure.value);
    let printed = figure.map(|figure| figure.printed.as_str());
    let of_mean = |is_mean: bool| kind.is_mean() == is_mean;
    let interval = figure.and_then(|figure| figure.interval);
    let counts: Vec<String> = counts.iter().map(|(code, count)| format!("{code}={count}")).collect();
    [
        text(&demarche.id.0),
        text(&demarche.title),
        text(&demarche.administration),
        demarche.ministry.as_deref().map_or(Value::Empty, text),
        Value::Day(period.from),
        Value::Day(period.to),
        text(kind.code()),
        text(status.code()),
        Value::Count(*n),
        value.filter(|_| of_mean(true)).map_or(Value::Empty, Value::Decimal),
        value.filter(|_| of_mean(false)).map_or(Value::Empty, Value::Decimal),
        printed.filter(|_| of_mean(true)).map_or(Value::Empty, Value::Printed),
        printed.filter(|_| of_mean(false)).map_or(Value::Empty, Value::Printed),
        interval.map_or(Value::Empty, |(low, _)| Value::Decimal(low)),
        interval.map_or(Value::Empty, |(_, high)| Value::Decimal(high)),
        figure.and_then(|figure| figure.level).map(Level::code).map_or(Value::Empty, text),
        Value::Text(Cow::Owned(counts.join(";"))),
    ]
}

fn text(text: &str) -> Value<'_> {
    Value::Text(Cow::Borrowed(text))
}
