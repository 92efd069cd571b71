//! What was not taken, and why: lines and reasons, never a word of what the cells say.

use super::labels::Column;
use super::line::COMMENT_MAX;
use shared::questionnaire::Question;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;

/// Why something is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The same avis was there before, in the file or in the database.
    SeenBefore,
    /// The date is not written as it should be.
    NoDate,
    /// The date is before 1900 or in the future.
    OutOfTime,
    /// The number is no hexadecimal one.
    NoId,
    /// The one required question has no answer.
    Unanswered,
    /// A value is none of the labels.
    UnknownChoice,
    /// Two different answers to a question that takes one.
    TwoChoices,
    /// A tick that excludes all others stands beside another.
    ExclusiveChoice,
    /// The same answer twice.
    SameTwice,
    /// «Ne se prononce pas».
    NoOpinion,
    /// An answer in words to the question that clarity replaced in July 2024.
    OtherQuestion,
    /// Whether a channel was reached that was not tried.
    NotTried,
    /// How good the help of a channel was that was not reached.
    NotReached,
    /// A comment longer than any that could be written.
    TooLong,
}

impl Reason {
    /// Its code, for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::SeenBefore => "seen_before",
            Self::NoDate => "no_date",
            Self::OutOfTime => "out_of_time",
            Self::NoId => "no_id",
            Self::Unanswered => "unanswered",
            Self::UnknownChoice => "unknown_choice",
            Self::TwoChoices => "two_choices",
            Self::ExclusiveChoice => "exclusive_choice",
            Self::SameTwice => "same_twice",
            Self::NoOpinion => "no_opinion",
            Self::OtherQuestion => "other_question",
            Self::NotTried => "not_tried",
            Self::NotReached => "not_reached",
            Self::TooLong => "too_long",
        }
    }

    /// Whether the whole line is not taken, or only what the reason is about.
    #[must_use]
    pub fn is_of_line(self) -> bool {
        self <= Self::ExclusiveChoice
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::SeenBefore => "seen before",
            Self::NoDate => "not a date like 2026-09-30 21:59:59",
            Self::OutOfTime => "before 1900 or in the future",
            Self::NoId => "not a hexadecimal number",
            Self::Unanswered => "no answer to the one required question",
            Self::UnknownChoice => "none of the choices",
            Self::TwoChoices => "two different answers to a question that takes one",
            Self::ExclusiveChoice => "an answer that excludes all others beside another",
            Self::SameTwice => "the same answer twice: taken once",
            Self::NoOpinion => "«Ne se prononce pas»: no answer",
            Self::OtherQuestion => "an answer in words, as before July 2024, to another question: left out",
            Self::NotTried => "reached or not, of a channel that was not tried: left out",
            Self::NotReached => "quality of a channel without «Oui»: left out",
            Self::TooLong => {
                return write!(formatter, "longer than {COMMENT_MAX} characters: cut");
            }
        })
    }
}

/// Something that is not taken from a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// Why.
    pub reason: Reason,
    /// Where.
    pub column: Column,
}

impl Note {
    pub(super) const SEEN_BEFORE: Self = Self { reason: Reason::SeenBefore, column: Column::Id };

    pub(super) fn of(reason: Reason, column: Column) -> Self {
        Self { reason, column }
    }

    pub(super) fn about(reason: Reason, question: Question) -> Self {
        Self::of(reason, Column::Answer(question))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.column.code(), self.reason)
    }
}

/// How many lines a report keeps of each note.
const FIRST: usize = 8;

/// Everything that was not taken: how often for which reason, the first lines, and all of them in a file.
#[derive(Default)]
pub struct Report {
    noted: BTreeMap<Note, Noted>,
    file: Option<csv::Writer<File>>,
    /// Why the file cannot be written any more. It holds up no avis.
    failure: Option<csv::Error>,
}

/// Where a note was made.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Noted {
    /// How often.
    pub count: u64,
    /// The first lines.
    pub first: Vec<u64>,
}

impl Report {
    /// A report that writes every line into a file too: a CSV with the columns `line,column,reason,taken`, where
    /// `taken` is `no` or, if the rest of the line was, `in_part`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn into_file(path: &Path) -> io::Result<Self> {
        let mut file = csv::Writer::from_path(path)?;
        file.write_record(["line", "column", "reason", "taken"])?;
        Ok(Self { file: Some(file), ..Self::default() })
    }

    pub(super) fn add(&mut self, line: u64, note: Note) {
        let noted = self.noted.entry(note).or_default();
        noted.count += 1;
        // Lines come in any order: avis are written in that of their days.
        if noted.first.len() < FIRST || noted.first.last().is_some_and(|last| line < *last) {
            noted.first.insert(noted.first.partition_point(|one| *one < line), line);
            noted.first.truncate(FIRST);
        }
        if let (Some(file), None) = (&mut self.file, &self.failure) {
            let taken = if note.reason.is_of_line() { "no" } else { "in_part" };
            let cells = [&line.to_string(), note.column.code(), note.reason.code(), taken];
            self.failure = file.write_record(cells).err();
        }
    }

    /// Writes what waits to be written.
    ///
    /// # Errors
    /// The file could not be written, now or before.
    pub fn finish(&mut self) -> io::Result<()> {
        if let Some(failure) = self.failure.take() {
            return Err(failure.into());
        }
        self.file.as_mut().map_or(Ok(()), csv::Writer::flush)
    }

    /// Each note that was made: first those of whole lines.
    #[must_use]
    pub fn notes(&self) -> &BTreeMap<Note, Noted> {
        &self.noted
    }

    /// How many lines were refused for what they say; an avis that was seen before is none.
    #[must_use]
    pub fn refused(&self) -> u64 {
        let is_refused = |note: &Note| note.reason.is_of_line() && note.reason != Reason::SeenBefore;
        self.noted.iter().filter(|(note, _)| is_refused(note)).map(|(_, noted)| noted.count).sum()
    }

    /// How many avis were seen before.
    #[must_use]
    pub fn seen_before(&self) -> u64 {
        self.noted.get(&Note::SEEN_BEFORE).map_or(0, |noted| noted.count)
    }
}
