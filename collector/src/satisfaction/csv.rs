//! The same figures as a table: one row a démarche and indicator, and unit of a series.

use super::{Document, Figures, indicators};
use crate::catalogue::Demarche;
use crate::store::Period;
use shared::indicator::Decimal4;
use shared::{Indicator, Indicators};

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// RFC 4180: UTF-8, comma, decimal point.
    Standard,
    /// What a French spreadsheet opens by a double click: byte order mark, semicolon, decimal comma.
    FrenchSpreadsheet,
}

const HEADER: [&str; 17] = [
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

impl Document<'_> {
    /// The table, as bytes.
    ///
    /// # Errors
    /// A row cannot be written, which a table in memory never is.
    pub fn to_csv(&self, dialect: Dialect) -> Result<Vec<u8>, csv::Error> {
        let mut table = head(dialect)?;
        for (demarche, figures) in &self.demarches {
            table.extend(part(dialect, demarche, self.period, figures)?);
        }
        Ok(table)
    }
}

/// What a table begins with.
pub(super) fn head(dialect: Dialect) -> Result<Vec<u8>, csv::Error> {
    let bom = if dialect == Dialect::FrenchSpreadsheet { "\u{feff}" } else { "" };
    let mut writer = writer(dialect, bom.as_bytes().to_vec());
    writer.write_record(HEADER)?;
    bytes(writer)
}

/// The rows of a démarche.
pub(super) fn part(
    dialect: Dialect,
    demarche: &Demarche,
    period: Period,
    figures: &Figures,
) -> Result<Vec<u8>, csv::Error> {
    let mut writer = writer(dialect, Vec::new());
    match figures {
        Figures::Whole(indicators) => rows(&mut writer, dialect, demarche, period, indicators)?,
        Figures::Series(series) => {
            for (period, tally) in series {
                rows(&mut writer, dialect, demarche, *period, &indicators(tally.as_deref()))?;
            }
        }
    }
    bytes(writer)
}

fn writer(dialect: Dialect, begun: Vec<u8>) -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new()
        .delimiter(if dialect == Dialect::FrenchSpreadsheet { b';' } else { b',' })
        .terminator(csv::Terminator::CRLF)
        .from_writer(begun)
}

fn bytes(writer: csv::Writer<Vec<u8>>) -> Result<Vec<u8>, csv::Error> {
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

fn rows(
    writer: &mut csv::Writer<Vec<u8>>,
    dialect: Dialect,
    demarche: &Demarche,
    period: Period,
    indicators: &Indicators,
) -> Result<(), csv::Error> {
    let decimal =
        |text: String| if dialect == Dialect::FrenchSpreadsheet { text.replace('.', ",") } else { text };
    let number = |value: Decimal4| decimal(value.to_f64().to_string());
    for indicator in indicators.iter() {
        let Indicator { kind, n, counts, status, figure } = indicator;
        let value = figure.as_ref().map(|figure| number(figure.value)).unwrap_or_default();
        let printed = figure.as_ref().map(|figure| decimal(figure.printed.clone())).unwrap_or_default();
        let (mean, share) = if kind.is_mean() { (value, String::new()) } else { (String::new(), value) };
        let (note, percent) =
            if kind.is_mean() { (printed, String::new()) } else { (String::new(), printed) };
        let interval = figure.as_ref().and_then(|figure| figure.interval);
        let level = figure.as_ref().and_then(|figure| figure.level).map(shared::indicator::Level::code);
        let counts: Vec<String> = counts.iter().map(|(code, count)| format!("{code}={count}")).collect();
        writer.write_record([
            formula_safe(&demarche.id.0),
            formula_safe(&demarche.title),
            formula_safe(&demarche.administration),
            formula_safe(demarche.ministry.as_deref().unwrap_or_default()),
            period.from.to_string(),
            period.to.to_string(),
            kind.code().to_owned(),
            status.code().to_owned(),
            n.to_string(),
            mean,
            share,
            note,
            percent,
            interval.map(|(low, _)| number(low)).unwrap_or_default(),
            interval.map(|(_, high)| number(high)).unwrap_or_default(),
            level.unwrap_or_default().to_owned(),
            counts.join(";"),
        ])?;
    }
    Ok(())
}

/// A text that no spreadsheet takes for a formula: one that begins like it gets a leading apostrophe.
fn formula_safe(text: &str) -> String {
    const STARTS: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'];
    if text.starts_with(STARTS) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_like_a_formula() {
        assert_eq!(formula_safe("=1+1"), "'=1+1");
        assert_eq!(formula_safe("＠x"), "'＠x");
        assert_eq!(formula_safe("Déclaration -= 1"), "Déclaration -= 1");
    }
}
