//! What entries of a spool come to, without the database: by the rules of a store's batch, as far as they can be known.

use crate::identity::{AvisId, AvisKey, edit_until};
use crate::store::{KEY_MEMORY, OnReplay, Outcome, Record, Remembered, Write};
use shared::Answers;
use shared::draft::AnswersPatch;
use std::collections::HashMap;

/// What the spool says of an avis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fold {
    /// It is here as a whole, with these answers now.
    Whole(Answers),
    /// The database has it; these changes are to come.
    Changes(Vec<AnswersPatch>),
    /// It is withdrawn.
    Withdrawn,
}

impl Fold {
    /// Whether the answers depend on those that the database has.
    #[must_use]
    pub fn needs_store(&self) -> bool {
        matches!(self, Self::Changes(_))
    }

    /// The answers of the avis, given those that the database has; none if it is withdrawn or was never there.
    #[must_use]
    pub fn over(&self, stored: Option<Answers>) -> Option<Answers> {
        match self {
            Self::Whole(answers) => Some(answers.clone()),
            Self::Withdrawn => None,
            Self::Changes(patches) => stored.map(|stored| {
                // A change that contradicts the avis will be refused: it changes nothing.
                patches.iter().fold(stored, |answers, patch| {
                    patch.apply(&answers).map_or(answers, |changed| (*changed).clone())
                })
            }),
        }
    }
}

/// The keys and avis that some entries are about.
#[derive(Default)]
pub(super) struct Overlay {
    keys: HashMap<AvisKey, Remembered>,
    avis: HashMap<AvisId, Fold>,
}

/// What a write does.
enum Effect {
    Nothing,
    Insert,
    Change(AvisId),
    Withdraw(Vec<AvisId>),
}

impl Overlay {
    pub(super) fn avis(&self, avis_id: AvisId) -> Option<&Fold> {
        self.avis.get(&avis_id)
    }

    /// What becomes of a write, and the entries that it makes, each with the avis that it is about. Changes nothing.
    pub(super) fn judge(&self, write: &Write) -> (Outcome, Vec<(AvisId, Write)>) {
        let (outcome, effect) = self.effect(write);
        let entries = match (effect, write) {
            (Effect::Insert, Write::Record(record)) => vec![(record.avis_id, write.clone())],
            // A form sent again becomes the change that it means: the entry that holds its avis may be gone before it.
            (Effect::Change(avis_id), Write::Record(record)) => match &record.on_replay {
                OnReplay::Change(patch) => vec![(avis_id, Write::Change(avis_id, patch.clone()))],
                OnReplay::Exact => vec![],
            },
            (Effect::Change(avis_id), _) => vec![(avis_id, write.clone())],
            // An entry is about one avis: of these, one is there at most.
            (Effect::Withdraw(ids), _) => {
                ids.into_iter().map(|avis_id| (avis_id, Write::Withdraw(vec![avis_id]))).collect()
            }
            (Effect::Nothing | Effect::Insert, _) => vec![],
        };
        (outcome, entries)
    }

    /// Takes a write in.
    pub(super) fn take(&mut self, write: &Write) {
        match (self.effect(write).1, write) {
            (Effect::Insert, Write::Record(record)) => {
                if record.remember {
                    let Record { avis_id, fingerprint, accepted_at, .. } = **record;
                    self.keys.insert(avis_id.key(), Remembered { avis_id, fingerprint, accepted_at });
                }
                match (self.avis.get_mut(&record.avis_id), &record.on_replay) {
                    (None, _) => {
                        self.avis.insert(record.avis_id, Fold::Whole((*record.answers).clone()));
                    }
                    // Where something is to come for this avis, the database has it: there, it is a form sent again.
                    (Some(Fold::Changes(patches)), OnReplay::Change(patch)) => patches.push(patch.clone()),
                    (Some(_), _) => {}
                }
            }
            (Effect::Change(avis_id), Write::Change(_, patch)) => self.fold(avis_id, patch),
            (Effect::Change(avis_id), Write::Record(record)) => {
                if let OnReplay::Change(patch) = &record.on_replay {
                    self.fold(avis_id, patch);
                }
            }
            (Effect::Withdraw(ids), _) => {
                self.avis.extend(ids.into_iter().map(|avis_id| (avis_id, Fold::Withdrawn)));
            }
            (Effect::Nothing | Effect::Insert | Effect::Change(_), _) => {}
        }
    }

    fn fold(&mut self, avis_id: AvisId, patch: &AnswersPatch) {
        match self.avis.entry(avis_id).or_insert_with(|| Fold::Changes(Vec::new())) {
            Fold::Whole(answers) => {
                if let Ok(changed) = patch.apply(answers) {
                    answers.clone_from(&changed);
                }
            }
            Fold::Changes(patches) => patches.push(patch.clone()),
            Fold::Withdrawn => {}
        }
    }

    fn effect(&self, write: &Write) -> (Outcome, Effect) {
        match write {
            Write::Record(record) => self.record(record),
            Write::Change(avis_id, patch) => self.change(*avis_id, patch),
            Write::Withdraw(ids) => self.withdraw(ids),
        }
    }

    fn record(&self, record: &Record) -> (Outcome, Effect) {
        if let Some(earlier) = self.remembered(record) {
            let replayed = Outcome::Replayed(earlier.avis_id, earlier.accepted_at);
            return match &record.on_replay {
                OnReplay::Exact if earlier.fingerprint == record.fingerprint => (replayed, Effect::Nothing),
                OnReplay::Exact => (Outcome::KeyReused, Effect::Nothing),
                OnReplay::Change(_) if record.accepted_at > edit_until(earlier.accepted_at) => {
                    (Outcome::Expired, Effect::Nothing)
                }
                OnReplay::Change(patch) => match self.change(earlier.avis_id, patch) {
                    (Outcome::Changed | Outcome::Missing, effect) => (replayed, effect),
                    other => other,
                },
            };
        }
        if record.closed {
            return (Outcome::Closed, Effect::Nothing);
        }
        if !record.remember && matches!(self.avis.get(&record.avis_id), Some(Fold::Whole(_))) {
            return (Outcome::Replayed(record.avis_id, record.accepted_at), Effect::Nothing);
        }
        (Outcome::Recorded, Effect::Insert)
    }

    fn remembered(&self, record: &Record) -> Option<&Remembered> {
        record
            .keys()
            .filter_map(|key| self.keys.get(&key))
            .find(|earlier| earlier.accepted_at >= record.accepted_at - KEY_MEMORY)
    }

    fn change(&self, avis_id: AvisId, patch: &AnswersPatch) -> (Outcome, Effect) {
        match self.avis.get(&avis_id) {
            Some(Fold::Withdrawn) => (Outcome::Missing, Effect::Nothing),
            Some(Fold::Whole(answers)) => match patch.apply(answers) {
                Err(errors) => (Outcome::Refused(errors), Effect::Nothing),
                // Also where it changes nothing: what is taken for new here may be a replay to the database, whose avis
                // was changed since.
                Ok(_) => (Outcome::Changed, Effect::Change(avis_id)),
            },
            Some(Fold::Changes(_)) | None => (Outcome::Changed, Effect::Change(avis_id)),
        }
    }

    fn withdraw(&self, ids: &[AvisId]) -> (Outcome, Effect) {
        let here =
            |avis_id: &&AvisId| matches!(self.avis.get(avis_id), Some(Fold::Whole(_) | Fold::Changes(_)));
        if let Some(avis_id) = ids.iter().find(here) {
            return (Outcome::Withdrawn, Effect::Withdraw(vec![*avis_id]));
        }
        if ids.iter().any(|avis_id| self.avis.contains_key(avis_id)) {
            return (Outcome::Missing, Effect::Nothing);
        }
        (Outcome::Withdrawn, Effect::Withdraw(ids.to_vec()))
    }
}
