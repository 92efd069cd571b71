//! Where avis are kept: one trait that speaks of avis and décomptes, an implementation for each database.
//!
//! Whatever is above knows nothing of SQL; whatever is below knows nothing of HTTP. The contract of the trait is a
//! set of tests (`store/contract.rs` and what is below it) that every implementation runs.

mod assets;
mod batch;
mod catalogue;
mod editions;
pub(crate) mod encoding;
mod journal;
mod page_numbers;
pub mod postgres;
mod retention;
mod rows;
mod selected;
mod spooled;
pub mod sqlite;
mod tallies;

#[cfg(test)]
pub(crate) mod contract;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
pub(crate) mod unsteady;

pub use spooled::{Refusal, SpoolEntry, SpoolId, SpoolState};

use crate::assets::{Integrity, KeptAsset};
use crate::catalogue::{ApiKey, Bouton, BoutonId, Catalogue, Demarche, DemarcheId, Scope};
use crate::day::Day;
use crate::edition::{Edition, Erratum, Format, NewEdition};
use crate::identity::{AvisId, AvisKey, SecretKey};
use crate::mending::{Act, Entry, Selection};
use crate::quarantine::Reasons;
use crate::quarter::Quarter;
use crate::retention::{Kept, Portion, Purge};
use async_trait::async_trait;
use futures_util::stream::BoxStream;
use jiff::{SignedDuration, Timestamp};
use shared::draft::AnswersPatch;
use shared::questionnaire::Satisfaction;
use shared::tally::Cell;
use shared::{FieldError, Language, PageAddress, Question, Tally, ValidAnswers};
use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::sync::Arc;

/// How long an idempotency key is remembered.
pub const KEY_MEMORY: SignedDuration = SignedDuration::from_hours(72);

/// The store failed; what was asked for may or may not have happened.
#[derive(Debug, thiserror::Error)]
#[error("{context}")]
pub struct StoreError {
    context: String,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    away: bool,
    busy: bool,
}

impl StoreError {
    pub(crate) fn new(
        context: impl Into<String>,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self { context: context.into(), source: Some(Box::new(source)), away: false, busy: false }
    }

    pub(crate) fn message(context: impl Into<String>) -> Self {
        Self { context: context.into(), source: None, away: false, busy: false }
    }

    /// The database cannot be reached or cannot write now: what was asked for is as good later.
    pub(crate) fn away(mut self) -> Self {
        self.away = true;
        self
    }

    /// Another process was writing all the time that was waited for it: away, and probably for a moment only.
    pub(crate) fn busy(mut self) -> Self {
        self.busy = true;
        self.away()
    }

    /// Whether another process was writing, so that it is worth asking again at once.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.busy
    }

    /// Whether the database was away, so that nothing is wrong with what was asked for.
    #[must_use]
    pub fn is_away(&self) -> bool {
        self.away
    }

    /// The error with its causes, on one line.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut next = std::error::Error::source(self);
        while let Some(cause) = next {
            // Some errors repeat their cause by themselves.
            let said = cause.to_string();
            if !text.ends_with(&said) {
                text = format!("{text}: {said}");
            }
            next = cause.source();
        }
        text
    }
}

/// Something that is to be written about an avis.
#[derive(Debug, Clone)]
pub enum Write {
    /// A new avis, or one that was sent before.
    Record(Box<Record>),
    /// A change of the answers of a stored avis.
    Change(AvisId, AnswersPatch),
    /// A withdrawal of the avis that has one of these ids.
    Withdraw(Vec<AvisId>),
}

/// A new avis.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its id.
    pub avis_id: AvisId,
    /// Whether its idempotency key is remembered, by the key of its id. Not where nobody will send it again, as from
    /// an import: then its id tells whether it is there.
    pub remember: bool,
    /// By what the key would be remembered had it been sent before the secret was rotated, or after.
    pub former_keys: Vec<AvisKey>,
    /// A digest of the request, by which a replay is told from a key used twice.
    pub fingerprint: [u8; 16],
    /// What to do if the key is remembered.
    pub on_replay: OnReplay,
    /// Whether its démarche or bouton is closed: a replay is answered all the same, a new avis is not stored.
    pub closed: bool,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// Its démarche.
    pub demarche: DemarcheId,
    /// Its bouton.
    pub bouton: Option<BoutonId>,
    /// The language of the form.
    pub language: Option<Language>,
    /// The page it came from.
    pub page: Option<PageAddress>,
    /// Its answers.
    pub answers: ValidAnswers,
    /// Why it is set aside; counted if there is no reason.
    pub set_aside: Reasons,
}

impl Record {
    /// The Paris day it belongs to.
    #[must_use]
    pub fn day(&self) -> Day {
        Day::of(self.accepted_at)
    }

    /// The keys under which its idempotency key may be remembered; none if it is not to be.
    pub fn keys(&self) -> impl Iterator<Item = AvisKey> {
        let own = self.remember.then(|| self.avis_id.key());
        own.into_iter().chain(self.former_keys.iter().copied().filter(|_| self.remember))
    }
}

/// What to do with an avis whose key is remembered.
#[derive(Debug, Clone)]
pub enum OnReplay {
    /// The same request gets the same answer, another is refused: what programs rely on.
    Exact,
    /// The stored avis takes these answers: what a person means who goes back in the form and answers otherwise.
    Change(AnswersPatch),
}

/// What became of a [`Write`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A new avis is stored, and counted unless it is set aside.
    Recorded,
    /// It had been stored, under this id, at this instant.
    Replayed(AvisId, Timestamp),
    /// The key was used for another request.
    KeyReused,
    /// It is new, and its démarche or bouton is closed.
    Closed,
    /// It had been stored so long ago that it can no longer be changed.
    Expired,
    /// The stored avis has the new answers.
    Changed,
    /// The change would leave an avis that contradicts itself.
    Refused(Vec<FieldError>),
    /// There is no such avis: it was withdrawn, or never was.
    Missing,
    /// It is withdrawn, and counts no more.
    Withdrawn,
}

/// An avis as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Avis {
    /// Its id.
    pub id: AvisId,
    /// Its démarche.
    pub demarche: DemarcheId,
    /// Its bouton.
    pub bouton: Option<BoutonId>,
    /// The day it belongs to.
    pub day: Day,
    /// The language of the form.
    pub language: Option<Language>,
    /// Origin and path of the page it came from.
    pub page: Option<(String, String)>,
    /// Its answers. A text that is kept no longer is empty.
    pub answers: shared::Answers,
    /// What its answers come to, which outlives the texts it came with.
    pub tally: Tally,
    /// Why it is set aside; counted if there is no reason.
    pub set_aside: Reasons,
}

impl Avis {
    /// What it adds to the décompte where it is.
    #[must_use]
    pub fn counts_for(&self) -> Tally {
        counts_for(self.tally.clone(), self.set_aside)
    }
}

/// What an avis adds whose answers come to this, and that is set aside for these reasons.
fn counts_for(tally: Tally, set_aside: Reasons) -> Tally {
    if set_aside.is_empty() { tally } else { Tally::of_quarantined() }
}

/// How often one satisfaction was given about a démarche by people who came from one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rated {
    /// The démarche.
    pub demarche: DemarcheId,
    /// Origin and path of the page; none for avis of which no page is known.
    pub page: Option<(String, String)>,
    /// The satisfaction.
    pub satisfaction: Satisfaction,
    /// How many avis.
    pub avis: u64,
}

/// What is remembered of an idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remembered {
    /// The avis it made.
    pub avis_id: AvisId,
    /// The digest of the request.
    pub fingerprint: [u8; 16],
    /// When it was accepted.
    pub accepted_at: Timestamp,
}

impl Remembered {
    /// The fingerprint of no request: a digest never comes to this, and that of forms is another.
    const OF_NO_REQUEST: [u8; 16] = [255; 16];

    /// What is remembered of an avis that was withdrawn before it was stored.
    fn withdrawn_ahead(avis_id: AvisId, at: Timestamp) -> Self {
        Self { avis_id, fingerprint: Self::OF_NO_REQUEST, accepted_at: at }
    }

    /// Whether this very record made it: no other request was accepted at the same instant.
    fn is_made_by(&self, record: &Record) -> bool {
        self.accepted_at == record.accepted_at && self.fingerprint == record.fingerprint
    }

    /// Whether it is of the same request as this record. One that was withdrawn ahead is of whatever comes.
    fn is_of(&self, record: &Record) -> bool {
        self.fingerprint == record.fingerprint || self.fingerprint == Self::OF_NO_REQUEST
    }
}

/// What a décompte spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CountedIn {
    /// A Paris day.
    Day(Day),
    /// A month, as a number: 202609.
    Month(i32),
}

impl CountedIn {
    /// The month that it is, or is in.
    fn month(self) -> i32 {
        match self {
            Self::Day(day) => day.month(),
            Self::Month(month) => month,
        }
    }
}

/// A décompte of one démarche, bouton and day or month, beside its recount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// The démarche.
    pub demarche: DemarcheId,
    /// The bouton; none for avis that came without.
    pub bouton: Option<BoutonId>,
    /// The day or month.
    pub when: CountedIn,
    /// The counts as stored.
    pub stored: Tally,
    /// The counts as the avis add up to them.
    pub counted: Tally,
}

impl Audited {
    /// How many avis are not there that were counted, each by the one question that it answers at least, or set aside: they
    /// were lost, or deleted by hand.
    #[must_use]
    pub fn missing(&self) -> u64 {
        missing(&self.stored, &self.counted)
    }
}

/// How many more avis a décompte knows of than there are, be they counted or in quarantine: one that went from the one to
/// the other is there.
fn missing(stored: &Tally, counted: &Tally) -> u64 {
    let avis = |tally: &Tally| tally[Cell::Answered(Question::Satisfaction)] + tally[Cell::Quarantined];
    u64::try_from(avis(stored) - avis(counted)).unwrap_or(0)
}

/// What to do where décomptes count avis that are not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingAvis {
    /// Leave the décomptes as they are.
    Keep,
    /// Count what is there alone.
    Forget,
}

/// A period of days, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
}

/// How fresh the décomptes of a period are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// A number that grows whenever a décompte of the period moves, and never otherwise: what was computed under the
    /// same number is good still.
    pub version: i64,
    /// When a décompte moved last, by the database's clock; none if that is not known.
    pub moved_at: Option<Timestamp>,
    /// When the last avis that was counted was accepted; none if that is not known.
    pub last_avis_at: Option<Timestamp>,
}

impl Freshness {
    /// As the store keeps it: milliseconds, 0 where nothing is known.
    fn of((version, moved_at, last_avis_at): (i64, i64, i64)) -> Result<Self, StoreError> {
        let instant = |milliseconds| match milliseconds {
            0 => Ok(None),
            known => Timestamp::from_millisecond(known)
                .map(Some)
                .map_err(|_| StoreError::message("the database holds an impossible instant")),
        };
        Ok(Self { version, moved_at: instant(moved_at)?, last_avis_at: instant(last_avis_at)? })
    }
}

/// A period as whole months and what of its first and last month is not in them, or not in it: an edge of a few days is
/// added, one of many is a month less the other days.
#[derive(Debug, PartialEq, Eq)]
struct Slices {
    /// The first and the last; the last before the first if there is none.
    months: (i32, i32),
    edges: [Edge; 2],
}

/// Days that a period has and its whole months do not, or the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Edge {
    /// The first and the last; the last before the first if there is none.
    days: (i32, i32),
    /// 1 for days to add, -1 for days to take away.
    sign: i32,
}

impl Edge {
    const NONE: Self = Self { days: (1, 0), sign: 1 };

    fn of(from: Day, to: Day, sign: i32) -> Self {
        Self { days: (from.number(), to.number()), sign }
    }
}

impl Period {
    /// Every day on which an avis can have been given, and more.
    pub const ALL: Self = Self { from: Day::constant(1900, 1, 1), to: Day::constant(2999, 12, 31) };

    /// What of it is read by month and what by day: never more than half a month of days at either end, unless it lies
    /// within one month.
    fn slices(self) -> Slices {
        let Self { from, to } = self;
        let (first, last) = (from.first_of_month(), to.last_of_month());
        if from > to || from.month() == to.month() && (from, to) != (first, last) {
            return Slices { months: (1, 0), edges: [Edge::of(from, to, 1), Edge::NONE] };
        }
        let (before, begun) =
            (from.day_of_month() - 1, from.last_of_month().day_of_month() - from.day_of_month() + 1);
        let (first_month, head) = if before < begun {
            (from.month(), Edge::of(first, from.plus(-1), -1))
        } else {
            (from.last_of_month().plus(1).month(), Edge::of(from, from.last_of_month(), 1))
        };
        let (after, ended) = (last.day_of_month() - to.day_of_month(), to.day_of_month());
        let (last_month, tail) = if after < ended {
            (to.month(), Edge::of(to.plus(1), last, -1))
        } else {
            (to.first_of_month().plus(-1).month(), Edge::of(to.first_of_month(), to, 1))
        };
        Slices { months: (first_month, last_month), edges: [head, tail] }
    }
}

/// How many avis are read at a time where all of a démarche are. Few in tests, as they make few avis.
const PORTION: u32 = if cfg!(test) { 3 } else { 4_096 };

/// Whether a binary that knows these migrations can work on a database that asks for `oldest` at least.
fn check_compatible(oldest: i64, known: impl Iterator<Item = i64>) -> Result<(), StoreError> {
    let newest = known.max().unwrap_or(0);
    if oldest <= newest {
        return Ok(());
    }
    Err(StoreError::message(format!(
        "the database was made by a newer version, which took away what this one needs (migration {oldest}; this \
         version knows those up to {newest}); start a version that knows it, or restore a backup from before"
    )))
}

/// Why the catalogue was not changed.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The id or alias names something else already.
    #[error("{0} exists already; nothing was changed")]
    Exists(String),
    /// What is referred to does not exist.
    #[error("{0} does not exist; nothing was changed")]
    Unknown(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Changes to a démarche; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct DemarcheChange {
    /// A new title.
    pub title: Option<String>,
    /// A new administration.
    pub administration: Option<String>,
    /// A new ministry.
    pub ministry: Option<String>,
    /// A new audience.
    pub audience: Option<Vec<crate::catalogue::Audience>>,
    /// Aliases to take back, before any is added.
    pub remove_aliases: Vec<String>,
    /// Aliases to add.
    pub add_aliases: Vec<String>,
    /// Whether it is among those that the observatory follows.
    pub essential: Option<bool>,
    /// Open or closed.
    pub closed: Option<bool>,
}

/// What a new list of essential démarches changes, each by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EssentialChange {
    /// Those that become essential.
    pub new: Vec<DemarcheId>,
    /// Those that are and stay essential.
    pub already: Vec<DemarcheId>,
    /// Those that cease to be essential.
    pub down: Vec<DemarcheId>,
}

impl EssentialChange {
    /// The change from those that are essential to those that are to be.
    fn between(before: BTreeSet<DemarcheId>, after: BTreeSet<DemarcheId>) -> Self {
        let (already, new) = after.into_iter().partition(|id| before.contains(id));
        let mut change = Self { new, already, down: vec![] };
        change.down = before.into_iter().filter(|id| change.already.binary_search(id).is_err()).collect();
        change
    }
}

/// Changes to a bouton; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct BoutonChange {
    /// A new label.
    pub label: Option<String>,
    /// A new channel.
    pub channel: Option<crate::catalogue::BoutonChannel>,
    /// Aliases to take back, before any is added.
    pub remove_aliases: Vec<String>,
    /// Aliases to add.
    pub add_aliases: Vec<String>,
    /// Origins, replacing the present ones.
    pub origins: Option<Vec<String>>,
    /// Open or closed.
    pub closed: Option<bool>,
}

/// A store of avis. One method, one transaction.
#[async_trait]
pub trait Store: Send + Sync {
    /// Writes a batch, durably and all at once, each write seeing those before it. The outcomes come in the order
    /// of the writes; a write that is refused fails none of its neighbours.
    async fn commit(&self, writes: &[Write]) -> Result<Vec<Outcome>, StoreError>;

    /// Writes the next entries of a collector's spool, in their order, exactly once: those that an earlier call has
    /// written are left out, however that call ended. Returns the entries among these that were refused, now or
    /// before, so that the spool keeps them apart. Withdrawing what is not there is no refusal.
    async fn drain(&self, spool: SpoolId, entries: &[SpoolEntry]) -> Result<Vec<Refusal>, StoreError>;

    /// The number of the last entry of a spool that is written; 0 if none is.
    async fn spool_progress(&self, spool: SpoolId) -> Result<i64, StoreError>;

    /// Makes known that a spool is there, and the first day of which it holds avis or changes.
    async fn report_spool(
        &self,
        spool: SpoolId,
        seen_at: Timestamp,
        holds_since: Option<Day>,
    ) -> Result<(), StoreError>;

    /// The spools that are made known, and those of which entries were refused.
    async fn spools(&self) -> Result<Vec<SpoolState>, StoreError>;

    /// Has a spool no longer count as being there; its progress and refusals stay. Returns whether it counted.
    async fn forget_spool(&self, spool: SpoolId) -> Result<bool, StoreError>;

    /// An avis, if it is stored.
    async fn avis(&self, avis_id: AvisId) -> Result<Option<Avis>, StoreError>;

    /// The décompte of each démarche over a period; a démarche without avis may be left out. Reads décomptes
    /// alone: a number of rows that depends on months and on days at the period's edges, never on avis.
    async fn tallies(&self, period: Period) -> Result<Vec<(DemarcheId, Tally)>, StoreError>;

    /// The same of several periods, all of one moment: what is withdrawn or added meanwhile is in each of them or in
    /// none.
    async fn tallies_of_periods(
        &self,
        periods: &[Period],
    ) -> Result<Vec<Vec<(DemarcheId, Tally)>>, StoreError>;

    /// The décomptes of one démarche over a period, by bouton; none for avis that came without. Those of nothing at all
    /// may be left out. Reads the rows of this démarche alone.
    async fn tallies_by_bouton(
        &self,
        demarche: &DemarcheId,
        period: Period,
    ) -> Result<Vec<(Option<BoutonId>, Tally)>, StoreError>;

    /// The décomptes of one démarche, each day of a period that has avis, in order. Reads the rows of this démarche
    /// alone, one a day and bouton.
    async fn tallies_by_day(
        &self,
        demarche: &DemarcheId,
        period: Period,
    ) -> Result<Vec<(Day, Tally)>, StoreError>;

    /// How satisfaction was answered, by démarche and month, from a first month to a last one, both inclusive and as
    /// numbers (202609). Of each décompte, the cells of this question and of the quarantine alone are filled.
    async fn satisfaction_by_month(
        &self,
        first: i32,
        last: i32,
    ) -> Result<Vec<(DemarcheId, i32, Tally)>, StoreError>;

    /// How fresh the décomptes of a period are.
    async fn freshness(&self, period: Period) -> Result<Freshness, StoreError>;

    /// The [version](Freshness::version) of a period alone.
    async fn version(&self, period: Period) -> Result<i64, StoreError> {
        Ok(self.freshness(period).await?.version)
    }

    /// Every day that has avis or décomptes, then every month.
    async fn spans(&self) -> Result<Vec<CountedIn>, StoreError>;

    /// The décomptes of a span as they are stored and as they add up, both of the same moment, so that avis which
    /// arrive meanwhile raise no false alarm. Those of a day are compared with its avis, those of a month with its
    /// days.
    async fn audit(&self, span: CountedIn) -> Result<Vec<Audited>, StoreError>;

    /// Writes the décomptes of a span anew: a day's from its avis, a month's from its days. Avis that arrive
    /// meanwhile wait, and are counted. Returns how many avis were counted that are not there; where that is any and they
    /// are to be kept, nothing is written.
    async fn rebuild(&self, span: CountedIn, missing: MissingAvis) -> Result<u64, StoreError>;

    /// The avis of a day, in the order of their ids.
    async fn avis_of(&self, day: Day) -> Result<Vec<Avis>, StoreError>;

    /// The avis that are meant, day by day, some at a time, each as it is when its turn comes. No reading lasts long, so
    /// that an export keeps neither writers nor what tidies up behind them waiting.
    fn selected<'a>(&'a self, selection: &'a Selection) -> BoxStream<'a, Result<Vec<Avis>, StoreError>>;

    /// Does an act to the avis that are meant, some thousands at most, and writes it in the journal: avis, décomptes and
    /// entry in one transaction. Returns how many avis it was; 0, and nothing is written, once the act has been done to
    /// all. A selection must hold no avis that the act leaves as it is.
    async fn mend(&self, act: &Act, selection: &Selection, at: Timestamp) -> Result<u64, StoreError>;

    /// The journal, from its first entry on.
    async fn journal(&self) -> Result<Vec<Entry>, StoreError>;

    /// Adds entries to the journal as another store has them, with their numbers; all or none.
    async fn load_journal(&self, entries: &[Entry]) -> Result<(), StoreError>;

    /// Which of these avis are stored.
    async fn stored(&self, avis: &[AvisId]) -> Result<HashSet<AvisId>, StoreError>;

    /// How often each satisfaction was given in a period, by démarche and page, in no order, by avis that count. Counts
    /// avis: nothing else keeps their pages.
    async fn rated_by_page(&self, period: Period) -> Result<Vec<Rated>, StoreError>;

    /// Every idempotency key that is remembered.
    async fn keys(&self) -> Result<Vec<Remembered>, StoreError>;

    /// Remembers keys; one that is remembered already stays as it is.
    async fn remember_keys(&self, keys: &[Remembered]) -> Result<(), StoreError>;

    /// Forgets the idempotency keys of avis accepted before this instant. Returns how many.
    async fn forget_keys(&self, before: Timestamp) -> Result<u64, StoreError>;

    /// Blanks what is kept for a time only in some of the avis of these days, the oldest first, and enters it in the
    /// record of purges; so few that no writer waits long. Nothing of this kind is left from before the first day.
    /// Décomptes stay, and every avis counts for what it did.
    async fn purge_some(&self, kept: Kept, days: Range<Day>, today: Day) -> Result<Portion, StoreError>;

    /// In how many avis from before a day it is there to be blanked.
    async fn overdue(&self, kept: Kept, before: Day) -> Result<u64, StoreError>;

    /// The record of purges, in order.
    async fn purges(&self) -> Result<Vec<Purge>, StoreError>;

    /// Enters purges in the record that were made in another store, all or none.
    async fn add_purges(&self, purges: &[Purge]) -> Result<(), StoreError>;

    /// Makes what avis of today and of the weeks to come will need, so that the first of a month waits for nothing, and
    /// puts what commits left on its way where readers need not gather it. A commit makes what it needs and does not
    /// find; this is called every minute and after many commits, and costs nothing once it is done.
    async fn prepare_ahead(&self, today: Day) -> Result<(), StoreError>;

    /// Succeeds if a write could be made durable now.
    async fn ready(&self) -> Result<(), StoreError>;

    /// The keys of the secret, each with the day it was made, by number.
    async fn dated_secret(&self) -> Result<Vec<(SecretKey, Day)>, StoreError>;

    /// The keys of the secret.
    async fn secret(&self) -> Result<Vec<SecretKey>, StoreError> {
        Ok(self.dated_secret().await?.into_iter().map(|(key, _)| key).collect())
    }

    /// Adds a key to the secret unless another collector added one of this number first.
    async fn add_secret_key(&self, key: &SecretKey, today: Day) -> Result<(), StoreError>;

    /// A number that changes whenever the catalogue does.
    async fn catalogue_version(&self) -> Result<i64, StoreError>;

    /// The whole catalogue.
    async fn catalogue(&self) -> Result<Catalogue, StoreError>;

    /// Registers démarches, all or none.
    async fn add_demarches(&self, demarches: &[Demarche]) -> Result<(), CatalogueError>;

    /// Changes a démarche.
    async fn change_demarche(&self, id: &DemarcheId, change: &DemarcheChange) -> Result<(), CatalogueError>;

    /// Makes these the essential démarches, and no other. What changes nothing leaves the version of the catalogue.
    async fn set_essential(&self, demarches: &[DemarcheId]) -> Result<EssentialChange, CatalogueError>;

    /// Registers boutons, all or none.
    async fn add_boutons(&self, boutons: &[Bouton]) -> Result<(), CatalogueError>;

    /// Changes a bouton.
    async fn change_bouton(&self, id: &BoutonId, change: &BoutonChange) -> Result<(), CatalogueError>;

    /// The day of the last avis that came through each bouton and counts: what is set aside may come from anywhere, and
    /// tells nothing of the bouton.
    async fn last_avis(&self) -> Result<Vec<(BoutonId, Day)>, StoreError>;

    /// How many avis that count came through each bouton on each day of a period on which some did, in no order.
    async fn avis_by_bouton(&self, period: Period) -> Result<Vec<(BoutonId, Day, u64)>, StoreError>;

    /// Registers a key and returns its number. `expires` is the last day on which it opens anything.
    async fn add_key(
        &self,
        digest: [u8; 32],
        scope: Scope,
        demarche: Option<&DemarcheId>,
        today: Day,
        expires: Option<Day>,
    ) -> Result<i64, CatalogueError>;

    /// Registers keys as another store has them: with their numbers, revoked or not; all or none.
    async fn load_keys(&self, keys: &[ApiKey]) -> Result<(), CatalogueError>;

    /// Revokes a key.
    async fn revoke_key(&self, id: i64) -> Result<(), CatalogueError>;

    /// Keeps files that are served, each with its brotli, for good: those whose names are not there. One whose digest is
    /// revoked is kept as revoked. Returns how many are new; if none is, the version of the catalogue stays.
    async fn keep_assets(&self, assets: &[(KeptAsset, Vec<u8>)]) -> Result<u64, StoreError>;

    /// The brotli of a kept file, as it is stored; none if there is none of this name. [`Catalogue::assets`] lists them.
    async fn asset_content(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Revokes every kept file of this digest, whatever its name, or restores it, and writes in the journal that this was
    /// done at an instant; at none where the journal comes over from another store. Returns how many that changes; none,
    /// and nothing is written.
    async fn revoke_asset(
        &self,
        integrity: Integrity,
        revoked: bool,
        at: Option<Timestamp>,
    ) -> Result<u64, StoreError>;

    /// Keeps an edition for good, with all its files. False, and nothing is kept, if its quarter has one already.
    async fn freeze(&self, edition: &NewEdition) -> Result<bool, StoreError>;

    /// Every edition, the newest quarter first.
    async fn editions(&self) -> Result<Vec<Edition>, StoreError>;

    /// The bytes of an edition in one format, as they are stored; none if there is no such edition.
    async fn edition_file(&self, quarter: Quarter, format: Format) -> Result<Option<Vec<u8>>, StoreError>;

    /// Says what is wrong with an edition, for good. False if there is no such edition.
    async fn add_erratum(&self, quarter: Quarter, erratum: &Erratum) -> Result<bool, StoreError>;
    /// Notes on which days keys were used; an earlier day than the one known changes nothing, and neither does a key
    /// that is not there. The version of the catalogue stays: what it holds is the same.
    async fn note_key_uses(&self, uses: &[(i64, Day)]) -> Result<(), StoreError>;

    /// The last day on which each key was used, by number; those that never were are left out.
    async fn key_uses(&self) -> Result<Vec<(i64, Day)>, StoreError>;

    /// Lets go of the database, leaving its files as they should be copied.
    async fn close(&self);
}

/// What to do about a database that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Make it.
    Create,
    /// Say so.
    Refuse,
}

/// Whether the database behind an address is elsewhere, so that it can be away while the collector is there.
#[must_use]
pub fn is_elsewhere(address: &str) -> bool {
    matches!(address.split_once(':'), Some(("postgres" | "postgresql", _)))
}

/// Opens the store behind a database address, and brings its tables up to date.
///
/// # Errors
/// The address is of no known database, or the database cannot be opened or migrated.
pub async fn open(address: &str, missing: Missing) -> Result<Arc<dyn Store>, StoreError> {
    match address.split_once(':') {
        Some(("sqlite", _)) => Ok(Arc::new(sqlite::SqliteStore::open(address, missing).await?)),
        Some(("postgres" | "postgresql", _)) => {
            Ok(Arc::new(postgres::PostgresStore::open(address, missing).await?))
        }
        _ => Err(StoreError::message("a database address begins with sqlite:// or postgres://")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    /// How often each day is read, days that are taken away again left out.
    fn read(slices: &Slices) -> BTreeMap<i32, i32> {
        let mut read = BTreeMap::new();
        let calendar = (0..900).map(|days| day("2024-12-01").plus(days));
        for one in calendar {
            let in_month = (slices.months.0..=slices.months.1).contains(&one.month());
            let edges =
                slices.edges.iter().filter(|edge| (edge.days.0..=edge.days.1).contains(&one.number()));
            let times = i32::from(in_month) + edges.map(|edge| edge.sign).sum::<i32>();
            if times != 0 {
                read.insert(one.number(), times);
            }
        }
        read
    }

    #[test]
    fn the_slices_of_a_period_are_its_days_each_once_and_few() {
        for length in [0, 1, 5, 14, 15, 27, 28, 30, 31, 40, 59, 89, 364, 365] {
            for start in 0..400 {
                let from = day("2025-01-01").plus(start);
                let period = Period { from, to: from.plus(length) };
                let slices = period.slices();
                let days: BTreeMap<i32, i32> =
                    (0..=length).map(|days| (from.plus(days).number(), 1)).collect();
                assert_eq!(read(&slices), days, "{period:?}: {slices:?}");
                let width = |edge: &Edge| (edge.days.1 - edge.days.0 + 1).max(0);
                let by_day: i32 = slices.edges.iter().map(width).sum();
                assert!(by_day <= 30, "{period:?}: {slices:?}");
            }
        }
    }

    #[test]
    fn an_avis_that_was_set_aside_or_released_is_not_missing() {
        let tally = |counted, quarantined| {
            let mut tally = Tally::default();
            tally[Cell::Answered(Question::Satisfaction)] = counted;
            tally[Cell::Quarantined] = quarantined;
            tally
        };
        assert_eq!(missing(&tally(2, 1), &tally(1, 2)), 0);
        assert_eq!(missing(&tally(1, 2), &tally(2, 1)), 0);
        assert_eq!(missing(&tally(2, 1), &tally(2, 0)), 1);
    }

    #[test]
    fn a_period_of_whole_months_is_read_by_month_alone() {
        let slices = Period { from: day("2025-10-01"), to: day("2026-09-30") }.slices();
        assert_eq!(slices.months, (202_510, 202_609));
        assert!(slices.edges.iter().all(|edge| edge.days.0 > edge.days.1));
    }
}
