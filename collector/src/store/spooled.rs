//! What stores know of the spools of collectors.

use super::{Outcome, StoreError, Write};
use crate::day::Day;
use jiff::Timestamp;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// What names a spool, for as long as its file lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpoolId(Uuid);

impl SpoolId {
    /// The name of a new spool.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// Its name as a number.
    pub(crate) fn uuid(self) -> Uuid {
        self.0
    }

    /// The name that a database holds.
    pub(crate) fn read(text: &str) -> Result<Self, StoreError> {
        text.parse().map_err(|_| StoreError::message("the database holds an impossible name of a spool"))
    }
}

impl From<Uuid> for SpoolId {
    fn from(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl fmt::Display for SpoolId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for SpoolId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

/// An entry of a spool.
#[derive(Debug, Clone)]
pub struct SpoolEntry {
    /// Its number: later ones are higher, and none comes twice.
    pub seq: i64,
    /// What is to be written, or why it cannot be: then it is refused for that reason.
    pub write: Result<Write, String>,
}

/// An entry that proved wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its number.
    pub seq: i64,
    /// What is wrong with it, without a word of what it says.
    pub reason: String,
}

/// What is known of a spool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpoolState {
    /// Its name.
    pub id: SpoolId,
    /// When its collector was last heard of; none once it was forgotten.
    pub seen_at: Option<Timestamp>,
    /// The first day of which it held avis or changes then.
    pub holds_since: Option<Day>,
    /// How many of its entries were refused.
    pub refused: i64,
}

/// The entries beyond those that are written already, as the writes that can be made and the entries that cannot.
pub(super) fn split(entries: &[SpoolEntry], written: i64) -> (Vec<i64>, Vec<Write>, Vec<Refusal>) {
    let (mut seqs, mut writes, mut refusals) = (Vec::new(), Vec::new(), Vec::new());
    for SpoolEntry { seq, write } in entries.iter().filter(|entry| entry.seq > written) {
        match write {
            Ok(write) => {
                seqs.push(*seq);
                writes.push(write.clone());
            }
            Err(reason) => refusals.push(Refusal { seq: *seq, reason: reason.clone() }),
        }
    }
    (seqs, writes, refusals)
}

/// The entries that their outcomes refuse.
pub(super) fn refused(seqs: &[i64], writes: &[Write], outcomes: &[Outcome]) -> Vec<Refusal> {
    let each = seqs.iter().zip(writes).zip(outcomes);
    each.filter_map(|((seq, write), outcome)| Some(Refusal { seq: *seq, reason: reason(write, outcome)? }))
        .collect()
}

fn reason(write: &Write, outcome: &Outcome) -> Option<String> {
    match (write, outcome) {
        (Write::Withdraw(_), Outcome::Missing)
        | (_, Outcome::Recorded | Outcome::Replayed(..) | Outcome::Changed | Outcome::Withdrawn) => None,
        (_, Outcome::KeyReused) => Some("key_reused".to_owned()),
        (_, Outcome::Closed) => Some("closed".to_owned()),
        (_, Outcome::Expired) => Some("expired".to_owned()),
        (_, Outcome::Missing) => Some("missing".to_owned()),
        (_, Outcome::Refused(errors)) => {
            let errors: Vec<String> =
                errors.iter().map(|error| format!("{} {}", error.pointer, error.code.code())).collect();
            Some(format!("refused: {}", errors.join(", ")))
        }
    }
}
