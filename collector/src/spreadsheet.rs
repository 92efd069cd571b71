//! What tables owe to the spreadsheets that open them.

use std::borrow::Cow;
use std::io::Write;

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// RFC 4180: UTF-8, comma, decimal point.
    Standard,
    /// What a French spreadsheet opens by a double click: byte order mark, semicolon, decimal comma.
    FrenchSpreadsheet,
}

impl Dialect {
    /// Every way.
    pub const ALL: [Self; 2] = [Self::Standard, Self::FrenchSpreadsheet];

    /// Its code, as the parameter `format` has it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Standard => "csv",
            Self::FrenchSpreadsheet => "csv-excel-fr",
        }
    }

    /// What a table begins with.
    #[must_use]
    pub fn mark(self) -> &'static str {
        match self {
            Self::Standard => "",
            Self::FrenchSpreadsheet => "\u{feff}",
        }
    }

    /// A writer of rows.
    pub fn writer<W: Write>(self, sink: W) -> csv::Writer<W> {
        let delimiter = match self {
            Self::Standard => b',',
            Self::FrenchSpreadsheet => b';',
        };
        csv::WriterBuilder::new().delimiter(delimiter).terminator(csv::Terminator::CRLF).from_writer(sink)
    }
}

/// A text that no spreadsheet takes for a formula: one that begins like it gets a leading apostrophe.
#[must_use]
pub fn formula_safe(text: &str) -> Cow<'_, str> {
    const STARTS: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'];
    if text.starts_with(STARTS) { format!("'{text}").into() } else { text.into() }
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
