//! Avis set aside until the whole file is checked, in the order of their days, whatever theirs in the file: then each
//! commit is about few days, and a table that keeps avis by day grows at its end.
//!
//! What is more than fits into a little memory goes sorted to a file without a name, which nobody else can open and
//! which is gone with the process, and is merged when it is read back.

use crate::store::encoding::CodedAnswers;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::vec;

/// Avis that are kept in memory, and bytes of their comments. Few in tests, as they make few avis.
const AVIS: usize = if cfg!(test) { 5 } else { 32_768 };
const BYTES: usize = 1 << 23;

/// What is read at a time of each sorted part.
const BUFFER: usize = 1 << 14;

/// An avis that was checked. Ordered by day, then by line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checked {
    /// Its day, as a number.
    pub(super) day: i32,
    /// Its line.
    pub(super) line: u64,
    /// Its number where it was given.
    pub(super) number: u64,
    /// The place of its bouton among those of the file.
    pub(super) bouton: Option<usize>,
    /// Its answers but for the comment.
    pub(super) coded: CodedAnswers,
    /// Its comment.
    pub(super) comment: Option<String>,
}

impl Ord for Checked {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.day, self.line).cmp(&(other.day, other.line))
    }
}

impl PartialOrd for Checked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Where avis are set aside.
#[derive(Default)]
pub(super) struct Aside {
    memory: Vec<Checked>,
    bytes: usize,
    parts: Vec<(u64, u64)>,
    file: Option<BufWriter<File>>,
    len: u64,
}

impl Aside {
    /// How many there are.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Sets one more aside.
    pub(super) fn push(&mut self, avis: Checked) -> io::Result<()> {
        self.len += 1;
        self.bytes += avis.comment.as_ref().map_or(0, String::len);
        self.memory.push(avis);
        if self.memory.len() >= AVIS || self.bytes >= BYTES { self.write_part() } else { Ok(()) }
    }

    fn write_part(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(BufWriter::with_capacity(1 << 16, tempfile::tempfile()?)),
        };
        let from = file.stream_position()?;
        self.memory.sort_unstable();
        for avis in self.memory.drain(..) {
            serde_json::to_writer(&mut *file, &avis)?;
            file.write_all(b"\n")?;
        }
        self.bytes = 0;
        self.parts.push((from, file.stream_position()?));
        Ok(())
    }

    /// All of them, in order.
    pub(super) fn into_sorted(mut self) -> io::Result<Sorted> {
        self.memory.sort_unstable();
        let mut sources = vec![Source::Memory(self.memory.into_iter())];
        if let Some(file) = self.file {
            let file = Arc::new(Mutex::new(file.into_inner().map_err(io::IntoInnerError::into_error)?));
            sources.extend(self.parts.into_iter().map(|(from, to)| {
                let part = Part { file: file.clone(), from, to };
                Source::File(BufReader::with_capacity(BUFFER, part))
            }));
        }
        let mut sorted = Sorted { sources, next: BinaryHeap::new() };
        for source in 0..sorted.sources.len() {
            sorted.advance(source)?;
        }
        Ok(sorted)
    }
}

/// Avis in order, merged from what is sorted each by itself.
pub(super) struct Sorted {
    sources: Vec<Source>,
    /// The first that is left of each source, with its place among them.
    next: BinaryHeap<Reverse<(Checked, usize)>>,
}

enum Source {
    Memory(vec::IntoIter<Checked>),
    File(BufReader<Part>),
}

impl Sorted {
    fn advance(&mut self, place: usize) -> io::Result<()> {
        let next = match &mut self.sources[place] {
            Source::Memory(memory) => memory.next(),
            Source::File(part) => {
                let mut line = Vec::new();
                part.read_until(b'\n', &mut line)?;
                if line.is_empty() { None } else { Some(serde_json::from_slice(&line)?) }
            }
        };
        self.next.extend(next.map(|avis| Reverse((avis, place))));
        Ok(())
    }
}

impl Iterator for Sorted {
    type Item = io::Result<Checked>;

    fn next(&mut self) -> Option<Self::Item> {
        let Reverse((avis, place)) = self.next.pop()?;
        Some(self.advance(place).map(|()| avis))
    }
}

/// A part of a file that several read in turns.
struct Part {
    file: Arc<Mutex<File>>,
    from: u64,
    to: u64,
}

impl Read for Part {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.from))?;
        let length = (&mut *file).take(self.to - self.from).read(buffer)?;
        self.from += u64::try_from(length).unwrap_or(0);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Answers;
    use shared::questionnaire::Satisfaction;

    fn checked(day: i32, line: u64) -> Checked {
        let answers = Answers { satisfaction: Some(Satisfaction::Moyen), ..Answers::default() };
        let comment = line.is_multiple_of(2).then(|| format!("«{line}»,\n\"là\""));
        Checked { day, line, number: line * 7, bouton: None, coded: CodedAnswers::of(&answers), comment }
    }

    #[test]
    fn avis_come_back_by_day_and_line_however_many_parts_they_fill() {
        for count in [0, 1, 4, 5, 6, 10, 23] {
            let mut all: Vec<Checked> = (0..count)
                .map(|line| checked(20_260_901 + i32::try_from(line * 11 % 4).unwrap(), line))
                .collect();
            let mut aside = Aside::default();
            for avis in &all {
                aside.push(avis.clone()).unwrap();
            }
            assert_eq!(aside.len(), count);
            let sorted: Vec<Checked> = aside.into_sorted().unwrap().map(Result::unwrap).collect();
            all.sort_unstable_by_key(|avis| (avis.day, avis.line));
            assert_eq!(sorted, all);
        }
    }
}
