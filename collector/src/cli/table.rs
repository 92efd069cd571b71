//! Reading a CSV file whose columns are named like flags: every error with its line and column, all before anything is
//! stored.

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
    fn optional(&self, column: &str) -> Option<&str> {
        let index = self.header.iter().position(|name| name == column)?;
        self.record.get(index).map(str::trim).filter(|text| !text.is_empty())
    }

    /// What a cell says; none if it is empty.
    pub(super) fn parsed<T>(
        &self,
        column: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        self.optional(column).map(|text| in_column(column, parse(text))).transpose()
    }

    /// What a cell says that must not be empty.
    pub(super) fn required<T>(
        &self,
        column: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, String> {
        self.parsed(column, parse)?.ok_or_else(|| format!("column {column}: it is empty"))
    }

    /// What the values of a cell say, which are separated by spaces.
    pub(super) fn list<T>(
        &self,
        column: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        let values = self.optional(column).unwrap_or_default().split_whitespace();
        in_column(column, values.map(parse).collect())
    }
}

fn in_column<T>(column: &str, parsed: Result<T, String>) -> Result<T, String> {
    parsed.map_err(|error| format!("column {column}: {error}"))
}

/// What stands between cells: French spreadsheets write a semicolon, as the comma is in their numbers.
fn separator(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    if header.contains(';') && !header.contains(',') { b';' } else { b',' }
}

/// Reads every row of a file.
pub(super) fn read<T>(
    file: &Path,
    columns: &[&str],
    parse: impl Fn(&Row<'_>) -> Result<T, String>,
) -> Result<Vec<T>, Failure> {
    let refused = |what: &str| Failure::new(format!("{}: {what}; nothing was changed", file.display()));
    let unreadable = |error: csv::Error| refused(&error.to_string());
    let bytes = std::fs::read(file).map_err(|error| refused(&error.to_string()))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| {
        refused("it is not UTF-8; in the spreadsheet, save it as \u{ab}\u{a0}CSV UTF-8\u{a0}\u{bb}")
    })?;
    if text.trim_matches(['\u{feff}', '\r', '\n', ' ']).is_empty() {
        return Err(refused("it is empty; its first line names the columns"));
    }
    let mut reader = csv::ReaderBuilder::new().delimiter(separator(text)).from_reader(text.as_bytes());
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
            Err(error) => errors.push(format!("line {line}, {error}")),
        }
    }
    if errors.is_empty() && rows.is_empty() {
        return Err(refused("there is no line below that of the columns"));
    }
    if errors.is_empty() {
        Ok(rows)
    } else {
        Err(Failure::new(format!("{}; nothing was changed", errors.join("; "))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_bytes(bytes: &[u8]) -> Result<Vec<(String, Option<u8>)>, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let number = |text: &str| text.parse().map_err(|_| "a number to 255".to_owned());
        let row = |row: &Row<'_>| {
            Ok((row.required("name", |text| Ok(text.to_owned()))?, row.parsed("size", number)?))
        };
        read(file.path(), &["name", "size"], row).map_err(|failure| failure.line)
    }

    #[test]
    fn a_semicolon_separates_where_the_header_has_no_comma() {
        let rows = vec![("Une, deux".to_owned(), Some(7)), ("Été".to_owned(), None)];
        assert_eq!(read_bytes("\u{feff}name;size\r\nUne, deux;7\r\nÉté;\r\n".as_bytes()), Ok(rows.clone()));
        assert_eq!(read_bytes("name,size\n\"Une, deux\",7\nÉté,\n".as_bytes()), Ok(rows));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (bytes, told) in [
            (
                &b"name,size\na,7\nb,many\n,8\n"[..],
                "line 3, column size: a number to 255; line 4, column name",
            ),
            (b"name,weight\n", "no column \"weight\""),
            (b"name\n\xc9t\xe9\n", "CSV UTF-8"),
            (b"", "it is empty"),
            (b"\xef\xbb\xbf\r\n", "it is empty"),
            (b"name,size\n", "no line below"),
        ] {
            let error = read_bytes(bytes).unwrap_err();
            assert!(error.contains(told) && error.ends_with("nothing was changed"), "{error}");
        }
    }
}
