//! What a batch of writes comes to, alike for every database.
//!
//! A store reads what the batch needs to know ([`keys_of`], [`avis_of`]), has it worked out in memory, each write
//! seeing those before it ([`Plan::of`]), and saves the result: a few statements of many rows, whatever the batch.

use super::{Avis, KEY_MEMORY, OnReplay, Outcome, Record, Remembered, Write, counts_for};
use crate::catalogue::{BoutonId, DemarcheId};
use crate::day::Day;
use crate::identity::{AvisId, AvisKey, edit_until};
use crate::mending::{Act, Settled};
use jiff::Timestamp;
use shared::draft::AnswersPatch;
use shared::{Answers, Tally, ValidAnswers};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What the store holds of the things a batch is about.
#[derive(Default)]
pub(super) struct Known {
    pub(super) keys: HashMap<AvisKey, Remembered>,
    pub(super) avis: HashMap<AvisId, Avis>,
}

/// The keys under which avis of a batch may be remembered, in order.
pub(super) fn keys_of(writes: &[Write]) -> Vec<AvisKey> {
    let mut keys = Vec::with_capacity(writes.len());
    for write in writes {
        if let Write::Record(record) = write {
            keys.extend(record.keys());
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The avis that a batch may find stored, in order: those to change or to withdraw, those of a form that is sent
/// again, and those without a key, whose id alone tells whether they are there.
pub(super) fn avis_of(writes: &[Write], keys: &HashMap<AvisKey, Remembered>) -> Vec<AvisId> {
    let mut avis = BTreeSet::new();
    for write in writes {
        match write {
            Write::Change(avis_id, _) => {
                avis.insert(*avis_id);
            }
            Write::Withdraw(ids) => avis.extend(ids),
            Write::Record(record) if !record.remember => {
                avis.insert(record.avis_id);
            }
            Write::Record(record) => {
                if let OnReplay::Change(_) = record.on_replay {
                    avis.extend(record.keys().filter_map(|key| keys.get(&key)).map(|known| known.avis_id));
                }
            }
        }
    }
    avis.into_iter().collect()
}

/// The avis that a batch is to change or to withdraw and that are not there under their ids.
pub(super) fn unfound(writes: &[Write], found: &HashMap<AvisId, Avis>) -> Vec<AvisId> {
    let new: BTreeSet<AvisId> = writes
        .iter()
        .filter_map(|write| if let Write::Record(record) = write { Some(record.avis_id) } else { None })
        .collect();
    let is_there = |avis_id: &AvisId| found.contains_key(avis_id) || new.contains(avis_id);
    let mut unfound = Vec::new();
    for write in writes {
        match write {
            Write::Change(avis_id, _) if !is_there(avis_id) => unfound.push(*avis_id),
            Write::Withdraw(ids) if !ids.iter().any(is_there) => unfound.extend(ids),
            _ => {}
        }
    }
    unfound
}

/// A new avis, with its answers as the batch leaves them.
pub(super) struct Inserted<'a> {
    pub(super) record: &'a Record,
    pub(super) day: Day,
    pub(super) answers: &'a Answers,
}

/// Where a décompte is: day, démarche, bouton. Their order is that in which rows are locked.
pub(super) type Place<'a> = (Day, &'a str, Option<&'a str>);

fn place<'a>(day: Day, demarche: &'a DemarcheId, bouton: Option<&'a BoutonId>) -> Place<'a> {
    (day, &demarche.0, bouton.map(|bouton| &*bouton.0))
}

/// What is to be saved, each list in the order in which rows are locked.
pub(super) struct Plan<'a> {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) remembered: BTreeMap<AvisKey, Remembered>,
    pub(super) avis: BTreeMap<AvisId, State<'a>>,
    /// Now, if avis may lie on spools of collectors that are cut off.
    spools_at: Option<Timestamp>,
}

/// An avis in the course of a batch.
pub(super) struct State<'a> {
    source: Source<'a>,
    now: Now,
}

#[derive(Clone, Copy)]
enum Source<'a> {
    Stored(&'a Avis),
    New(&'a Record),
}

enum Now {
    /// As it came.
    Same,
    Changed(Box<ValidAnswers>),
    /// Its answers stay; where it counts, or whether, does not.
    Mended(Box<Settled>),
    Withdrawn,
}

impl<'a> Plan<'a> {
    /// Works out a batch.
    pub(super) fn of(writes: &'a [Write], known: &'a Known) -> Self {
        Self::beside_spools(writes, known, None)
    }

    /// Works out a batch where, at this instant, avis may lie on spools of collectors that are cut off.
    pub(super) fn beside_spools(writes: &'a [Write], known: &'a Known, spools_at: Option<Timestamp>) -> Self {
        let mut plan = Self {
            outcomes: Vec::with_capacity(writes.len()),
            remembered: BTreeMap::new(),
            avis: known
                .avis
                .iter()
                .map(|(avis_id, avis)| (*avis_id, State { source: Source::Stored(avis), now: Now::Same }))
                .collect(),
            spools_at,
        };
        for write in writes {
            let outcome = match write {
                Write::Record(record) => plan.record(record, known),
                Write::Change(avis_id, patch) => match plan.kept_as(*avis_id, known) {
                    // Its first day may be closed by now, though the token of the later one is good still.
                    Some(earlier) if spools_at.is_none_or(|now| now > edit_until(earlier.accepted_at)) => {
                        Outcome::Missing
                    }
                    Some(earlier) => plan.change(earlier.avis_id, patch),
                    None => plan.change(*avis_id, patch),
                },
                Write::Withdraw(ids) => plan.withdraw(ids, known),
            };
            plan.outcomes.push(outcome);
        }
        plan
    }

    /// Works out what an act comes to, done to these avis.
    pub(super) fn mending(avis: &'a HashMap<AvisId, Avis>, act: &Act) -> Self {
        let mended = |avis: &'a Avis| {
            let now = Now::Mended(Box::new(act.applied(avis)?));
            Some((avis.id, State { source: Source::Stored(avis), now }))
        };
        Self {
            outcomes: vec![],
            remembered: BTreeMap::new(),
            avis: avis.values().filter_map(mended).collect(),
            spools_at: None,
        }
    }

    fn record(&mut self, record: &'a Record, known: &Known) -> Outcome {
        if let Some(earlier) = self.remembered(record, known) {
            return match &record.on_replay {
                // The very same write, whose answer was lost: what was changed since stays.
                _ if earlier.is_made_by(record) => Outcome::Replayed(earlier.avis_id, earlier.accepted_at),
                OnReplay::Exact if earlier.is_of(record) => {
                    Outcome::Replayed(earlier.avis_id, earlier.accepted_at)
                }
                OnReplay::Exact => Outcome::KeyReused,
                OnReplay::Change(_) if record.accepted_at > edit_until(earlier.accepted_at) => {
                    Outcome::Expired
                }
                OnReplay::Change(patch) => match self.change(earlier.avis_id, patch) {
                    Outcome::Changed | Outcome::Missing => {
                        Outcome::Replayed(earlier.avis_id, earlier.accepted_at)
                    }
                    other => other,
                },
            };
        }
        if record.closed {
            return Outcome::Closed;
        }
        let new = State { source: Source::New(record), now: Now::Same };
        match self.avis.entry(record.avis_id) {
            std::collections::btree_map::Entry::Occupied(_) => {
                return Outcome::Replayed(record.avis_id, record.accepted_at);
            }
            std::collections::btree_map::Entry::Vacant(place) => place.insert(new),
        };
        if record.remember {
            let Record { avis_id, fingerprint, accepted_at, .. } = *record;
            self.remembered.insert(avis_id.key(), Remembered { avis_id, fingerprint, accepted_at });
        }
        Outcome::Recorded
    }

    /// What was stored under the same idempotency key within its memory.
    fn remembered(&self, record: &Record, known: &Known) -> Option<Remembered> {
        record
            .keys()
            .filter_map(|key| self.remembered.get(&key).or_else(|| known.keys.get(&key)).copied())
            .find(|earlier| earlier.accepted_at >= record.accepted_at - KEY_MEMORY)
    }

    fn change(&mut self, avis_id: AvisId, patch: &AnswersPatch) -> Outcome {
        let Some(state) = self.avis.get_mut(&avis_id) else { return Outcome::Missing };
        let Some(answers) = state.answers() else { return Outcome::Missing };
        match patch.apply(answers) {
            Ok(changed) => {
                if *changed != *answers {
                    state.now = Now::Changed(Box::new(changed));
                }
                Outcome::Changed
            }
            Err(errors) => Outcome::Refused(errors),
        }
    }

    fn withdraw(&mut self, ids: &[AvisId], known: &Known) -> Outcome {
        for avis_id in ids {
            let avis_id = self.kept_as(*avis_id, known).map_or(*avis_id, |earlier| earlier.avis_id);
            if let Some(state) = self.avis.get_mut(&avis_id)
                && state.answers().is_some()
            {
                state.now = Now::Withdrawn;
                return Outcome::Withdrawn;
            }
        }
        if let Some(now) = self.spools_at {
            self.withdraw_ahead(ids, known, now);
        }
        Outcome::Missing
    }

    /// Sees to it that an avis which lies on a spool still is withdrawn when it comes: its key is remembered, as that
    /// of any avis that was withdrawn. Only as long as keys are: a spool that comes later brings its avis all the same.
    fn withdraw_ahead(&mut self, ids: &[AvisId], known: &Known, now: Timestamp) {
        let first = Day::of(now - KEY_MEMORY);
        for avis_id in ids.iter().filter(|avis_id| avis_id.day().is_some_and(|day| day >= first)) {
            if !known.keys.contains_key(&avis_id.key()) {
                self.remembered
                    .entry(avis_id.key())
                    .or_insert_with(|| Remembered::withdrawn_ahead(*avis_id, now));
            }
        }
    }

    /// What is remembered of an avis that is not stored under this id: it may be stored under that of an earlier day.
    /// A collector that is cut off takes a replay from before midnight for new, and tells the person the id of its day.
    fn kept_as(&self, avis_id: AvisId, known: &Known) -> Option<Remembered> {
        if self.avis.contains_key(&avis_id) {
            return None;
        }
        let key = avis_id.key();
        let earlier = self.remembered.get(&key).or_else(|| known.keys.get(&key)).copied();
        earlier.filter(|earlier| earlier.avis_id != avis_id)
    }

    /// New avis, those that were withdrawn at once left out.
    pub(super) fn inserted(&self) -> Vec<Inserted<'_>> {
        self.avis
            .values()
            .filter_map(|state| match state.source {
                Source::New(record) => {
                    state.answers().map(|answers| Inserted { record, day: record.day(), answers })
                }
                Source::Stored(_) => None,
            })
            .collect()
    }

    /// Stored avis that have other answers now.
    pub(super) fn updated(&self) -> Vec<(AvisId, &Answers)> {
        self.avis
            .iter()
            .filter_map(|(avis_id, state)| match (state.source, &state.now) {
                (Source::Stored(_), Now::Changed(answers)) => Some((*avis_id, &***answers)),
                _ => None,
            })
            .collect()
    }

    /// Stored avis that count elsewhere now, or otherwise: as they were, and as they are.
    pub(super) fn mended(&self) -> Vec<(&'a Avis, &Settled)> {
        self.avis
            .values()
            .filter_map(|state| match (state.source, &state.now) {
                (Source::Stored(avis), Now::Mended(standing)) => Some((avis, &**standing)),
                _ => None,
            })
            .collect()
    }

    /// Stored avis that are to go.
    pub(super) fn withdrawn(&self) -> Vec<AvisId> {
        let gone =
            |state: &State<'_>| matches!((state.source, &state.now), (Source::Stored(_), Now::Withdrawn));
        self.avis.iter().filter(|(_, state)| gone(state)).map(|(avis_id, _)| *avis_id).collect()
    }

    /// The days of what moves, each with the instant in milliseconds of the last avis that is new on it and counts; 0 if
    /// none is.
    pub(super) fn days(&self, moved: &[(Place<'_>, Tally)]) -> BTreeMap<Day, i64> {
        let mut days: BTreeMap<Day, i64> = moved.iter().map(|((day, ..), _)| (*day, 0)).collect();
        for inserted in self.inserted().iter().filter(|one| one.record.set_aside.is_empty()) {
            if let Some(last) = days.get_mut(&inserted.day) {
                *last = inserted.record.accepted_at.as_millisecond().max(*last);
            }
        }
        days
    }

    /// What is to be added to each décompte.
    pub(super) fn moved(&self) -> Vec<(Place<'_>, Tally)> {
        // Boxed until they are counted: a tally is half a kilobyte.
        let mut moved: HashMap<Place<'_>, Box<Tally>> = HashMap::new();
        for state in self.avis.values() {
            match (state.source, &state.now) {
                (Source::Stored(_), Now::Same) | (Source::New(_), Now::Withdrawn) => {}
                // On the day the avis was first stored: a correction moves no count from one day to another.
                (Source::Stored(avis), now) => {
                    let was = place(avis.day, &avis.demarche, avis.bouton.as_ref());
                    **moved.entry(was).or_default() += &-avis.counts_for();
                    match now {
                        Now::Changed(answers) => {
                            let counts = counts_for(Tally::of(answers), avis.set_aside);
                            **moved.entry(was).or_default() += &counts;
                        }
                        Now::Mended(to) => {
                            let counts = counts_for(avis.tally.clone(), to.set_aside);
                            let is = place(avis.day, &to.demarche, to.bouton.as_ref());
                            **moved.entry(is).or_default() += &counts;
                        }
                        Now::Same | Now::Withdrawn => {}
                    }
                }
                (Source::New(record), now) => {
                    let answers = if let Now::Changed(answers) = now { answers } else { &record.answers };
                    let sum = moved
                        .entry(place(record.day(), &record.demarche, record.bouton.as_ref()))
                        .or_default();
                    if record.set_aside.is_empty() {
                        sum.add(answers);
                    } else {
                        **sum += &Tally::of_quarantined();
                    }
                }
            }
        }
        let mut moved: Vec<_> = moved.into_iter().filter(|(_, tally)| !tally.is_zero()).collect();
        moved.sort_unstable_by_key(|(place, _)| *place);
        moved.into_iter().map(|(place, tally)| (place, *tally)).collect()
    }
}

impl State<'_> {
    /// Its answers as they are now; none once it is withdrawn.
    fn answers(&self) -> Option<&Answers> {
        match (&self.now, self.source) {
            (Now::Withdrawn, _) => None,
            (Now::Changed(answers), _) => Some(answers),
            (Now::Same | Now::Mended(_), Source::Stored(avis)) => Some(&avis.answers),
            (Now::Same | Now::Mended(_), Source::New(record)) => Some(&record.answers),
        }
    }
}
