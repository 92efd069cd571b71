//! The file: its cells, line by line, or what is wrong with it.

use super::labels::{Column, same};
use super::{Damage, ImportError};
use csv::StringRecord;
use std::io::{self, BufRead, BufReader, Read};

/// The largest cell that is read, in bytes: several times the longest comment. A quote that is never closed would
/// make a cell of the rest of the file.
const CELL_MAX: usize = 1 << 20;

/// How much of a heading an error shows, in characters.
const SHOWN: usize = 80;

const BOM: &[u8] = "\u{feff}".as_bytes();

/// The lines of an export.
pub(super) struct Lines<R> {
    reader: csv::Reader<Strict<BufReader<R>>>,
    record: StringRecord,
}

impl<R: Read> Lines<R> {
    /// Opens a file whose header is that of the export.
    ///
    /// # Errors
    /// The header is another, or cannot be read.
    pub(super) fn open(file: R) -> Result<Self, ImportError> {
        let mut file = BufReader::with_capacity(1 << 16, file);
        // Today's export has none; whoever opened it in a spreadsheet since has one.
        if file.fill_buf().map_err(ImportError::Unreadable)?.starts_with(BOM) {
            file.consume(BOM.len());
        }
        if let Some(other) = other_delimiter(file.buffer()) {
            return Err(ImportError::Parted(other));
        }
        let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 16).from_reader(Strict::of(file));
        check_header(reader.headers().map_err(damaged)?)?;
        Ok(Self { reader, record: StringRecord::new() })
    }

    /// The next line: its number in the file, where that of the header is 1, and its cells.
    ///
    /// # Errors
    /// It is damaged, or cannot be read.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &StringRecord)>, ImportError> {
        let is_there = self.reader.read_record(&mut self.record).map_err(damaged)?;
        let line = self.record.position().map_or(0, csv::Position::line);
        Ok(is_there.then_some((line, &self.record)))
    }

    /// How many bytes were read.
    pub(super) fn bytes(&self) -> u64 {
        self.reader.position().byte()
    }
}

/// What parts the cells of a file if it is no comma: a spreadsheet saves what it was opened with its own.
fn other_delimiter(beginning: &[u8]) -> Option<&'static str> {
    let first = Column::ALL[0].heading().as_bytes();
    let beginning = beginning.strip_prefix(b"\"").unwrap_or(beginning);
    let rest = beginning.strip_prefix(first)?;
    match rest.strip_prefix(b"\"").unwrap_or(rest).first()? {
        b';' => Some("semicolons"),
        b'\t' => Some("tabs"),
        _ => None,
    }
}

fn check_header(found: &StringRecord) -> Result<(), ImportError> {
    for (place, column) in (1..).zip(Column::ALL) {
        let heading = found.get(place - 1);
        if !heading.is_some_and(|heading| same(heading, column.heading())) {
            let found = heading.map(|heading| heading.chars().take(SHOWN).collect());
            return Err(ImportError::Header { place, found, expected: Some(column.heading()) });
        }
    }
    match found.get(Column::ALL.len()) {
        None => Ok(()),
        Some(more) => Err(ImportError::Header {
            place: Column::ALL.len() + 1,
            found: Some(more.chars().take(SHOWN).collect()),
            expected: None,
        }),
    }
}

/// What an error says about the file, without a word of what is in it.
fn damaged(error: csv::Error) -> ImportError {
    let at = |position: Option<csv::Position>| position.map_or(1, |position| position.line());
    match error.into_kind() {
        csv::ErrorKind::Io(error) => match error.downcast::<Misquoted>() {
            Ok(Misquoted { line, damage }) => ImportError::Damaged { line, damage },
            Err(error) => ImportError::Unreadable(error),
        },
        csv::ErrorKind::Utf8 { pos, .. } => ImportError::Damaged { line: at(pos), damage: Damage::Encoding },
        csv::ErrorKind::UnequalLengths { pos, len, .. } => {
            ImportError::Damaged { line: at(pos), damage: Damage::Cells(len) }
        }
        _ => ImportError::Damaged { line: 1, damage: Damage::Encoding },
    }
}

/// Passes bytes on as long as quotes stand where RFC 4180 lets them. The reader behind it forgives: it takes a quote
/// that is never closed for the end of the last cell, and half a file for a whole one. It also counts a line once it
/// sees its `\n`, which of `\r\n` would be a line late: what ends a line becomes a single `\n` here.
struct Strict<R> {
    source: R,
    place: Place,
    /// Bytes of the present cell so far.
    cell: usize,
    line: u64,
    /// The line on which the present cell began.
    began: u64,
    /// Whether the byte before was a `\r` that ended a line.
    after_return: bool,
}

/// Where the next byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the beginning of a cell.
    Beginning,
    /// In a cell without quotes.
    Plain,
    /// Between quotes.
    Quoted,
    /// Behind a quote that closes the cell, or is the first of two that stand for one.
    AfterQuote,
}

/// An error on its way through the reader.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {damage}")]
struct Misquoted {
    line: u64,
    damage: Damage,
}

impl<R> Strict<R> {
    fn of(source: R) -> Self {
        Self { source, place: Place::Beginning, cell: 0, line: 1, began: 1, after_return: false }
    }

    /// Checks these bytes, and puts what is to be passed on at their beginning. Returns how many those are.
    fn check(&mut self, bytes: &mut [u8]) -> Result<usize, Misquoted> {
        let mut passed = 0;
        for place in 0..bytes.len() {
            let mut byte = bytes[place];
            let is_within = self.place == Place::Quoted;
            if matches!(byte, b'\r' | b'\n') && !is_within {
                let ended_already = std::mem::replace(&mut self.after_return, byte == b'\r');
                if ended_already {
                    continue;
                }
                byte = b'\n';
            } else {
                self.after_return = false;
            }
            let ends_cell = matches!(byte, b',' | b'\n') && !is_within;
            self.place = match (self.place, byte) {
                _ if ends_cell => Place::Beginning,
                (Place::Quoted, b'"') => Place::AfterQuote,
                (Place::Beginning | Place::AfterQuote, b'"') | (Place::Quoted, _) => Place::Quoted,
                (Place::Plain, b'"') | (Place::AfterQuote, _) => {
                    return Err(Misquoted { line: self.line, damage: Damage::Quote });
                }
                (Place::Beginning | Place::Plain, _) => Place::Plain,
            };
            self.line += u64::from(byte == b'\n');
            if ends_cell {
                (self.cell, self.began) = (0, self.line);
            } else if self.cell == CELL_MAX {
                return Err(Misquoted { line: self.began, damage: Damage::Cell });
            } else {
                self.cell += 1;
            }
            bytes[passed] = byte;
            passed += 1;
        }
        Ok(passed)
    }

    fn end(&self) -> Result<(), Misquoted> {
        if self.place == Place::Quoted {
            return Err(Misquoted { line: self.began, damage: Damage::Unclosed });
        }
        Ok(())
    }
}

impl<R: Read> Read for Strict<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let misquoted = |error| io::Error::new(io::ErrorKind::InvalidData, error);
        loop {
            let length = self.source.read(buffer)?;
            if length == 0 {
                return self.end().map(|()| 0).map_err(misquoted);
            }
            // Nothing passed on would be taken for the end.
            match self.check(&mut buffer[..length]).map_err(misquoted)? {
                0 => {}
                passed => return Ok(passed),
            }
        }
    }
}
