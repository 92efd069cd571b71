//! The same figures as a table of text.

use super::rows::{HEADER, Value, row};
use super::{Document, Figures};
use crate::catalogue::Demarche;
use crate::store::Period;

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// RFC 4180: UTF-8, comma, decimal point.
    Standard,
    /// What a French spreadsheet opens by a double click: byte order mark, semicolon, decimal comma.
    FrenchSpreadsheet,
}

impl Document<'_> {
    /// The table, as bytes.
    ///
    /// # Errors
    /// A row cannot be written, which a table in memory never is.
    pub fn to_csv(&self, dialect: Dialect) -> Result<Vec<u8>, csv::Error> {
        table(&[self], dialect)
    }
}

/// The rows of several documents, one document after the other, under one header.
///
/// # Errors
/// A row cannot be written, which a table in memory never is.
pub fn table(documents: &[&Document<'_>], dialect: Dialect) -> Result<Vec<u8>, csv::Error> {
    let mut table = head(dialect)?;
    for document in documents {
        for (demarche, figures) in &document.demarches {
            table.extend(part(dialect, demarche, document.period, figures)?);
        }
    }
    Ok(table)
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
    for (period, indicators) in figures.slices(period) {
        for indicator in indicators.iter() {
            writer.write_record(row(demarche, period, indicator).map(|value| written(value, dialect)))?;
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

fn written(value: Value<'_>, dialect: Dialect) -> String {
    let decimal =
        |text: String| if dialect == Dialect::FrenchSpreadsheet { text.replace('.', ",") } else { text };
    match value {
        Value::Empty => String::new(),
        Value::Text(text) => formula_safe(&text),
        Value::Day(day) => day.to_string(),
        Value::Count(count) => count.to_string(),
        Value::Decimal(number) => decimal(number.to_f64().to_string()),
        Value::Printed(number) => decimal(number.to_owned()),
    }
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
