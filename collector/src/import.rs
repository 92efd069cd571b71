//! The CSV export of Je donne mon avis, brought in.
//!
//! First the whole file is read and checked, and its avis set aside ([`check`]): a file that is damaged changes
//! nothing. Then they are written ([`write()`]), many a commit, so that a collector that serves meanwhile never waits
//! long. Each avis has the id that its number, its démarche and its day make: an import that is cut short is made whole
//! by running it again, and one that is run again finds everything there.

mod aside;
mod file;
mod labels;
mod line;
mod report;
#[cfg(test)]
mod tests;

pub use labels::Column;
pub use line::COMMENT_MAX;
pub use report::{Note, Noted, Reason, Report};

use crate::catalogue::{Bouton, BoutonChannel, BoutonId, Catalogue, DemarcheId};
use crate::day::Day;
use crate::identity::{AvisId, AvisKey};
use crate::one_line::within_its_line;
use crate::quarantine::Reasons;
use crate::store::encoding::CodedAnswers;
use crate::store::{CatalogueError, OnReplay, Outcome, Record, Store, StoreError, Write};
use aside::{Aside, Checked, Sorted};
use jiff::{SignedDuration, Timestamp};
use labels::plain;
use roaring::RoaringTreemap;
use shared::draft::AnswersPatch;
use shared::{Answers, ValidAnswers};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::io::{self, Read};
use std::time::Instant;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Avis of one commit, and bytes of their comments: some hundredths of a second, for which a collector that serves waits.
const COMMIT: usize = 2_048;
const COMMIT_BYTES: usize = 1 << 22;

/// What part of the time that a commit took is left to others after it. SQLite lets nobody queue: who waits looks again
/// now and then, and would find one commit upon the other.
const LEFT_TO_OTHERS: u32 = 3;

/// Commits that may wait for the store while more are made.
const AHEAD: usize = 2;

/// What ids are made with beside the démarche and the number.
const SERVICE: &str = "jdma";

/// Why nothing is imported, or no more.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The header is not that of the export.
    #[error("{}; nothing was changed", header(*place, found.as_deref(), *expected))]
    Header {
        /// The first column that differs, from 1.
        place: usize,
        /// Its heading; none if the header ends before it.
        found: Option<String>,
        /// What it should be; none if the header should end before it.
        expected: Option<&'static str>,
    },
    /// Something else stands between the cells of the header.
    #[error(
        "its cells are parted by {0}, as a spreadsheet saves them, and not by commas: import the export as it was \
         downloaded; nothing was changed"
    )]
    Parted(&'static str),
    /// The file is damaged.
    #[error("line {line}: {damage}; nothing was changed")]
    Damaged {
        /// The line.
        line: u64,
        /// How.
        damage: Damage,
    },
    /// The file holds avis with a comment only.
    #[error(
        "each of its {0} avis has a comment: it is an export of avis with a comment only, which is what today's \
         service makes by default, and people who write differ from people who do not, so that it would bend every \
         mean; export all avis, or import these all the same with --filtered; nothing was changed"
    )]
    Filtered(u64),
    /// The file cannot be read.
    #[error("it cannot be read: {0}; nothing was changed")]
    Unreadable(io::Error),
    /// There is no room to set avis aside.
    #[error("avis cannot be set aside in {folder}: {0}", folder = std::env::temp_dir().display())]
    Aside(#[from] io::Error),
    /// The boutons were not registered.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The store failed.
    #[error("{}; what was written is whole: run the import again for the rest", .0.chain())]
    Store(#[from] StoreError),
    /// The avis ended before all were written.
    #[error("the avis could not all be written: run the import again for the rest")]
    CutShort,
}

fn header(place: usize, found: Option<&str>, expected: Option<&str>) -> String {
    match (found, expected) {
        (Some(found), Some(expected)) => {
            format!("column {place} of its header is «{found}» and should be «{expected}»")
        }
        (Some(found), None) => format!("column {place} of its header is «{found}» and should not be there"),
        (None, Some(expected)) => format!("column {place} of its header is missing: «{expected}»"),
        (None, None) => "it has another header".to_owned(),
    }
}

/// How a file is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// A quote in the middle of a cell, or text behind the quote that closes one.
    Quote,
    /// A cell whose quote is never closed.
    Unclosed,
    /// A cell of more than a mebibyte.
    Cell,
    /// Another number of cells than columns.
    Cells(u64),
    /// Bytes that are not UTF-8.
    Encoding,
}

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quote => formatter.write_str("a quote stands where none may"),
            Self::Unclosed => formatter.write_str("a quote is opened and never closed"),
            Self::Cell => formatter.write_str("a cell is larger than 1 MiB; is its quote not closed?"),
            Self::Cells(cells) => {
                let plural = if *cells == 1 { "" } else { "s" };
                write!(formatter, "it has {cells} cell{plural} instead of {}", Column::ALL.len())
            }
            Self::Encoding => formatter.write_str("it is not UTF-8"),
        }
    }
}

/// Whose avis, and what is taken.
pub struct Plan<'a> {
    /// The démarche that the form is about.
    pub demarche: &'a DemarcheId,
    /// The boutons that are there.
    pub catalogue: &'a Catalogue,
    /// Whether a file of avis with a comment only is taken.
    pub filtered: bool,
    /// Now.
    pub now: Timestamp,
}

/// A file that was read to its end and found sound.
pub struct Sound {
    demarche: DemarcheId,
    avis: Sorted,
    boutons: Vec<BoutonId>,
    new_boutons: Vec<Bouton>,
    /// How many lines it has, the header left out.
    pub lines: u64,
    /// How many avis can be imported, unless they are there.
    pub len: u64,
}

impl Sound {
    /// The boutons that are named in the file and are not registered.
    #[must_use]
    pub fn new_boutons(&self) -> &[Bouton] {
        &self.new_boutons
    }
}

/// Reads and checks a whole file, noting what cannot be taken, and sets its avis aside. Tells how many bytes are read
/// whenever more are.
///
/// # Errors
/// The file is damaged, of another kind, or filtered; or cannot be read or set aside.
pub fn check(
    file: impl Read,
    plan: &Plan<'_>,
    report: &mut Report,
    progress: impl Fn(u64),
) -> Result<Sound, ImportError> {
    let mut file = file::Lines::open(file)?;
    let mut boutons = Boutons::of(plan);
    let (mut aside, mut seen) = (Aside::default(), RoaringTreemap::new());
    let (mut lines, mut comments) = (0_u64, 0_u64);
    while let Some((line, record)) = file.next()? {
        lines += 1;
        let (read, left_out) = match line::Reading::of(record).finish(plan.now) {
            Ok((read, _)) if !seen.insert(read.number) => {
                report.add(line, Note::SEEN_BEFORE);
                continue;
            }
            Ok(sound) => sound,
            Err(note) => {
                report.add(line, note);
                continue;
            }
        };
        for note in left_out {
            report.add(line, note);
        }
        let bouton = boutons.place(read.bouton);
        let (coded, comment) = (CodedAnswers::of(&read.answers), read.answers.comment);
        comments += u64::from(comment.is_some());
        aside.push(Checked { day: read.day.number(), line, number: read.number, bouton, coded, comment })?;
        if lines.is_multiple_of(1_024) {
            progress(file.bytes());
        }
    }
    if comments > 0 && comments == aside.len() && !plan.filtered {
        return Err(ImportError::Filtered(comments));
    }
    Ok(Sound {
        demarche: plan.demarche.clone(),
        lines,
        len: aside.len(),
        avis: aside.into_sorted()?,
        boutons: boutons.ids,
        new_boutons: boutons.new,
    })
}

/// The boutons of a file, known by their labels.
struct Boutons<'a> {
    demarche: &'a DemarcheId,
    catalogue: &'a Catalogue,
    /// Their places by the cells that name them.
    by_cell: HashMap<String, usize>,
    by_label: HashMap<String, usize>,
    ids: Vec<BoutonId>,
    new: Vec<Bouton>,
}

impl<'a> Boutons<'a> {
    fn of(plan: &Plan<'a>) -> Self {
        let Plan { demarche, catalogue, .. } = plan;
        let (by_cell, by_label) = (HashMap::new(), HashMap::new());
        let mut boutons = Self { demarche, catalogue, by_cell, by_label, ids: vec![], new: vec![] };
        for bouton in catalogue.boutons_of(demarche) {
            if let Some(label) = &bouton.label {
                // Where two have the same label, the first one is meant: today's service has no such two in a form.
                boutons.by_label.entry(plain(label).collect()).or_insert(boutons.ids.len());
                boutons.ids.push(bouton.id.clone());
            }
        }
        boutons
    }

    /// The place of the bouton that a cell names, a new one if there is none; none for an empty cell.
    fn place(&mut self, cell: &str) -> Option<usize> {
        if let Some(place) = self.by_cell.get(cell) {
            return Some(*place);
        }
        let label = cell.split_whitespace().collect::<Vec<_>>().join(" ");
        let label = within_its_line(&label);
        if label.is_empty() {
            return None;
        }
        let place = match self.by_label.entry(plain(&label).collect()) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => {
                let id = BoutonId::imported(self.demarche, unknown.key());
                // One that an earlier import registered, and that was given another label since, is that bouton.
                if self.catalogue.own_bouton(self.demarche, &id.0).is_none() {
                    self.new.push(Bouton {
                        id: id.clone(),
                        demarche: self.demarche.clone(),
                        aliases: vec![],
                        label: Some(label),
                        channel: BoutonChannel::Online,
                        origins: vec![],
                        closed: false,
                    });
                }
                self.ids.push(id);
                *unknown.insert(self.ids.len() - 1)
            }
        };
        self.by_cell.insert(cell.to_owned(), place);
        Some(place)
    }
}

/// Registers these boutons, but for those that another import registered meanwhile: the ids are the same.
async fn register(store: &dyn Store, boutons: &[Bouton]) -> Result<(), ImportError> {
    let mut missing = boutons.to_vec();
    while !missing.is_empty() {
        match store.add_boutons(&missing).await {
            Err(CatalogueError::Exists(name)) => {
                let (before, catalogue) = (missing.len(), store.catalogue().await?);
                missing.retain(|bouton| catalogue.own_bouton(&bouton.demarche, &bouton.id.0).is_none());
                if missing.len() == before {
                    return Err(CatalogueError::Exists(name).into());
                }
            }
            registered => return Ok(registered?),
        }
    }
    Ok(())
}

/// Writes what was checked, registering first the boutons that are missing. Tells how many avis are through whenever
/// more are. Returns how many were imported; those that are there already are noted.
///
/// # Errors
/// The store failed. What was written by then is whole, and is found there by the next run.
pub async fn write(
    store: &dyn Store,
    sound: Sound,
    report: &mut Report,
    progress: impl Fn(u64),
) -> Result<u64, ImportError> {
    register(store, &sound.new_boutons).await?;
    let (mut imported, mut through) = (0, 0);
    let (mut batches, maker) = sound.batches();
    while let Some(Batch { lines, records }) = batches.recv().await {
        let writes: Vec<Write> = records.into_iter().map(Write::Record).collect();
        let begun = Instant::now();
        for (line, outcome) in lines.iter().zip(store.commit(&writes).await?) {
            match outcome {
                Outcome::Recorded => imported += 1,
                Outcome::Replayed(..) => report.add(*line, Note::SEEN_BEFORE),
                _ => return Err(ImportError::CutShort),
            }
        }
        through += lines.len() as u64;
        progress(through);
        tokio::time::sleep(begun.elapsed() / LEFT_TO_OTHERS).await;
    }
    maker.await.map_err(|_| ImportError::CutShort)??;
    Ok(imported)
}

/// The same, but for writing anything: returns how many would be imported.
///
/// # Errors
/// The store failed.
pub async fn rehearse(
    store: &dyn Store,
    sound: Sound,
    report: &mut Report,
    progress: impl Fn(u64),
) -> Result<u64, ImportError> {
    let (mut imported, mut through) = (0, 0);
    let (mut batches, maker) = sound.batches();
    while let Some(Batch { lines, records }) = batches.recv().await {
        let ids: Vec<AvisId> = records.iter().map(|record| record.avis_id).collect();
        let there = store.stored(&ids).await?;
        for (line, avis_id) in lines.iter().zip(&ids) {
            if there.contains(avis_id) {
                report.add(*line, Note::SEEN_BEFORE);
            } else {
                imported += 1;
            }
        }
        through += lines.len() as u64;
        progress(through);
    }
    maker.await.map_err(|_| ImportError::CutShort)??;
    Ok(imported)
}

/// Avis of one commit.
#[derive(Default)]
struct Batch {
    lines: Vec<u64>,
    #[expect(clippy::vec_box, reason = "a write holds its record boxed")]
    records: Vec<Box<Record>>,
}

impl Sound {
    /// Its avis, ready to be written, made on a thread of their own.
    fn batches(self) -> (mpsc::Receiver<Batch>, JoinHandle<Result<(), ImportError>>) {
        let (sender, receiver) = mpsc::channel(AHEAD);
        (receiver, tokio::task::spawn_blocking(move || self.make(&sender)))
    }

    fn make(self, batches: &mpsc::Sender<Batch>) -> Result<(), ImportError> {
        let Self { demarche, avis, boutons, .. } = self;
        let (mut batch, mut bytes) = (Batch::default(), 0);
        for checked in avis {
            let checked = checked?;
            bytes += checked.comment.as_ref().map_or(0, String::len);
            batch.lines.push(checked.line);
            batch.records.push(Box::new(record(checked, &demarche, &boutons).ok_or(ImportError::CutShort)?));
            if batch.lines.len() == COMMIT || bytes >= COMMIT_BYTES {
                bytes = 0;
                if batches.blocking_send(std::mem::take(&mut batch)).is_err() {
                    return Ok(());
                }
            }
        }
        if !batch.lines.is_empty() {
            // Who does not take it any more has failed, and says why.
            let _ = batches.blocking_send(batch);
        }
        Ok(())
    }
}

/// An avis as it is written; none if what was set aside makes no sense any more.
fn record(checked: Checked, demarche: &DemarcheId, boutons: &[BoutonId]) -> Option<Record> {
    let day = Day::from_number(checked.day)?;
    let mut answers = checked.coded.answers().ok()?;
    answers.comment = checked.comment;
    let bouton = match checked.bouton {
        Some(place) => Some(boutons.get(place)?.clone()),
        None => None,
    };
    Some(Record {
        avis_id: AvisKey::imported(SERVICE, &demarche.0, checked.number).on(day),
        remember: false,
        former_keys: vec![],
        fingerprint: [0; 16],
        on_replay: OnReplay::Exact,
        closed: false,
        accepted_at: day.end() - SignedDuration::from_hours(12),
        demarche: demarche.clone(),
        bouton,
        language: None,
        page: None,
        answers: valid(&answers)?,
        set_aside: Reasons::NONE,
    })
}

fn valid(answers: &Answers) -> Option<ValidAnswers> {
    let none = Answers::default();
    AnswersPatch::between(&none, answers).apply(&none).ok()
}
