//! The same figures as a table of text.

use super::rows::{HEADER, Value, row};
use super::{Document, Figures};
use crate::catalogue::Demarche;
use crate::spreadsheet::formula_safe;
use crate::store::Period;

pub use crate::spreadsheet::Dialect;

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
    let mut writer = dialect.writer(dialect.mark().as_bytes().to_vec());
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
    let mut writer = dialect.writer(Vec::new());
    for (period, indicators) in figures.slices(period) {
        for indicator in indicators.iter() {
            writer.write_record(row(demarche, period, indicator).map(|value| written(value, dialect)))?;
        }
    }
    bytes(writer)
}

fn bytes(writer: csv::Writer<Vec<u8>>) -> Result<Vec<u8>, csv::Error> {
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

fn written(value: Value<'_>, dialect: Dialect) -> String {
    let decimal =
        |text: String| if dialect == Dialect::FrenchSpreadsheet { text.replace('.', ",") } else { text };
    match value {
        Value::Empty => String::new(),
        Value::Text(text) => formula_safe(&text).into_owned(),
        Value::Day(day) => day.to_string(),
        Value::Count(count) => count.to_string(),
        Value::Decimal(number) => decimal(number.to_f64().to_string()),
        Value::Printed(number) => decimal(number.to_owned()),
    }
}
