//! Reading a CSV file whose columns are named like flags: every error with its line, all before anything is stored.

use super::Failure;
use csv::StringRecord;
use std::path::Path;

/// A row by the names of its columns.
pub(super) struct Row<'a> {
    header: &'a StringRecord,
    record: &'a StringRecord,
}

impl Row<'_> {
    /// The text of a cell; none if it is empty or its column is not there.
    pub(super) fn optional(&self, column: &str) -> Option<&str> {
        let index = self.header.iter().position(|name| name == column)?;
        self.record.get(index).map(str::trim).filter(|text| !text.is_empty())
    }

    /// The text of a cell that must not be empty.
    pub(super) fn required(&self, column: &str) -> Result<&str, String> {
        self.optional(column).ok_or_else(|| format!("{column} is empty"))
    }

    /// The values of a cell, separated by spaces.
    pub(super) fn list(&self, column: &str) -> impl Iterator<Item = String> {
        self.optional(column)
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .into_iter()
    }
}

/// Reads every row of a file.
pub(super) fn read<T>(
    file: &Path,
    columns: &[&str],
    parse: impl Fn(&Row<'_>) -> Result<T, String>,
) -> Result<Vec<T>, Failure> {
    let unreadable =
        |error: csv::Error| Failure::new(format!("{}: {error}; nothing was changed", file.display()));
    let mut reader = csv::Reader::from_path(file).map_err(unreadable)?;
    let header: StringRecord = reader
        .headers()
        .map_err(unreadable)?
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').trim())
        .collect();
    if let Some(unknown) = header.iter().find(|name| !columns.contains(name)) {
        let known = columns.join(", ");
        return Err(Failure::new(format!(
            "there is no column {unknown:?}, but {known}; nothing was changed"
        )));
    }
    let mut rows = Vec::new();
    let mut errors = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        match parse(&Row { header: &header, record: &record }) {
            Ok(row) => rows.push(row),
            Err(error) => errors.push(format!("line {line}: {error}")),
        }
    }
    if errors.is_empty() {
        Ok(rows)
    } else {
        Err(Failure::new(format!("{}; nothing was changed", errors.join("; "))))
    }
}
