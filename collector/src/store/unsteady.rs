//! A store that can be away, for tests: SQLite behind a switch.

use super::sqlite::SqliteStore;
use super::{
    Audited, Avis, BoutonChange, CatalogueError, CountedIn, DemarcheChange, EssentialChange, Freshness,
    Missing, MissingAvis, Outcome, Period, Rated, Refusal, Remembered, SpoolEntry, SpoolId, SpoolState,
    Store, StoreError, Write,
};
use crate::assets::{Integrity, KeptAsset};
use crate::catalogue::{ApiKey, Bouton, BoutonId, Catalogue, Demarche, DemarcheId, Scope};
use crate::day::Day;
use crate::edition::{Edition, Erratum, Format, NewEdition};
use crate::identity::{AvisId, SecretKey};
use crate::mending::{Act, Entry, Selection};
use crate::quarter::Quarter;
use crate::retention::{Kept, Portion, Purge};
use async_trait::async_trait;
use futures_util::stream::BoxStream;
use jiff::Timestamp;
use shared::Tally;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How the store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    There,
    Away,
    /// It does what it is told, and the answer is lost.
    LosesAnswers,
    /// It never answers.
    Hangs,
    /// Another process writes; after so many more attempts it does not.
    Busy(usize),
    /// It panics.
    Panics,
}

/// A démarche whose avis it cannot store.
pub(crate) const POISON: &str = "poison";

pub(crate) struct Unsteady {
    pub(crate) store: SqliteStore,
    mood: Mutex<Mood>,
    pub(crate) commits: AtomicUsize,
    _folder: tempfile::TempDir,
}

impl Unsteady {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite://{}", folder.path().join("avis.db").display());
        let store = SqliteStore::open(&address, Missing::Create).await.unwrap();
        Self { store, mood: Mutex::new(Mood::There), commits: AtomicUsize::new(0), _folder: folder }
    }

    pub(crate) fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn mood(&self) -> Mood {
        let mut mood = self.mood.lock().unwrap();
        let now = *mood;
        if let Mood::Busy(attempts) = now {
            *mood = if attempts > 1 { Mood::Busy(attempts - 1) } else { Mood::There };
        }
        now
    }

    async fn reach(&self) -> Result<(), StoreError> {
        match self.mood() {
            Mood::There | Mood::LosesAnswers => Ok(()),
            Mood::Away => Err(StoreError::message("away").away()),
            Mood::Hangs => std::future::pending().await,
            Mood::Busy(_) => Err(StoreError::message("busy").busy()),
            Mood::Panics => panic!("as it was told to"),
        }
    }

    fn answer<T>(&self, answer: T) -> Result<T, StoreError> {
        match *self.mood.lock().unwrap() {
            Mood::LosesAnswers => Err(StoreError::message("the answer is lost").away()),
            _ => Ok(answer),
        }
    }
}

fn refuse<'a>(mut writes: impl Iterator<Item = &'a Write>) -> Result<(), StoreError> {
    let is_poison = |write: &Write| matches!(write, Write::Record(record) if record.demarche.0 == POISON);
    if writes.any(is_poison) { Err(StoreError::message("it cannot store that")) } else { Ok(()) }
}

#[async_trait]
impl Store for Unsteady {
    async fn commit(&self, writes: &[Write]) -> Result<Vec<Outcome>, StoreError> {
        self.reach().await?;
        self.commits.fetch_add(1, Ordering::Relaxed);
        refuse(writes.iter())?;
        self.answer(self.store.commit(writes).await?)
    }

    async fn drain(&self, spool: SpoolId, entries: &[SpoolEntry]) -> Result<Vec<Refusal>, StoreError> {
        self.reach().await?;
        refuse(entries.iter().filter_map(|entry| entry.write.as_ref().ok()))?;
        self.answer(self.store.drain(spool, entries).await?)
    }

    async fn spool_progress(&self, spool: SpoolId) -> Result<i64, StoreError> {
        self.reach().await?;
        self.store.spool_progress(spool).await
    }

    async fn report_spool(&self, spool: SpoolId, at: Timestamp, day: Option<Day>) -> Result<(), StoreError> {
        self.reach().await?;
        self.store.report_spool(spool, at, day).await
    }

    async fn spools(&self) -> Result<Vec<SpoolState>, StoreError> {
        self.reach().await?;
        self.store.spools().await
    }

    async fn forget_spool(&self, spool: SpoolId) -> Result<bool, StoreError> {
        self.reach().await?;
        self.store.forget_spool(spool).await
    }

    async fn avis(&self, avis_id: AvisId) -> Result<Option<Avis>, StoreError> {
        self.reach().await?;
        self.store.avis(avis_id).await
    }

    async fn tallies(&self, period: Period) -> Result<Vec<(DemarcheId, Tally)>, StoreError> {
        self.reach().await?;
        self.store.tallies(period).await
    }

    async fn tallies_of_periods(
        &self,
        periods: &[Period],
    ) -> Result<Vec<Vec<(DemarcheId, Tally)>>, StoreError> {
        self.reach().await?;
        self.store.tallies_of_periods(periods).await
    }

    async fn tallies_by_bouton(
        &self,
        demarche: &DemarcheId,
        period: Period,
    ) -> Result<Vec<(Option<BoutonId>, Tally)>, StoreError> {
        self.reach().await?;
        self.store.tallies_by_bouton(demarche, period).await
    }

    async fn tallies_by_day(
        &self,
        demarche: &DemarcheId,
        period: Period,
    ) -> Result<Vec<(Day, Tally)>, StoreError> {
        self.reach().await?;
        self.store.tallies_by_day(demarche, period).await
    }

    async fn satisfaction_by_month(
        &self,
        first: i32,
        last: i32,
    ) -> Result<Vec<(DemarcheId, i32, Tally)>, StoreError> {
        self.reach().await?;
        self.store.satisfaction_by_month(first, last).await
    }

    async fn freshness(&self, period: Period) -> Result<Freshness, StoreError> {
        self.reach().await?;
        self.store.freshness(period).await
    }

    async fn spans(&self) -> Result<Vec<CountedIn>, StoreError> {
        self.store.spans().await
    }

    async fn audit(&self, span: CountedIn) -> Result<Vec<Audited>, StoreError> {
        self.store.audit(span).await
    }

    async fn rebuild(&self, span: CountedIn, missing: MissingAvis) -> Result<u64, StoreError> {
        self.store.rebuild(span, missing).await
    }

    async fn avis_of(&self, day: Day) -> Result<Vec<Avis>, StoreError> {
        self.store.avis_of(day).await
    }

    fn selected<'a>(&'a self, selection: &'a Selection) -> BoxStream<'a, Result<Vec<Avis>, StoreError>> {
        self.store.selected(selection)
    }

    async fn mend(&self, act: &Act, selection: &Selection, at: Timestamp) -> Result<u64, StoreError> {
        self.store.mend(act, selection, at).await
    }

    async fn journal(&self) -> Result<Vec<Entry>, StoreError> {
        self.store.journal().await
    }

    async fn load_journal(&self, entries: &[Entry]) -> Result<(), StoreError> {
        self.store.load_journal(entries).await
    }

    async fn stored(&self, avis: &[AvisId]) -> Result<HashSet<AvisId>, StoreError> {
        self.store.stored(avis).await
    }

    async fn rated_by_page(&self, period: Period) -> Result<Vec<Rated>, StoreError> {
        self.store.rated_by_page(period).await
    }

    async fn keys(&self) -> Result<Vec<Remembered>, StoreError> {
        self.store.keys().await
    }

    async fn remember_keys(&self, keys: &[Remembered]) -> Result<(), StoreError> {
        self.store.remember_keys(keys).await
    }

    async fn forget_keys(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.store.forget_keys(before).await
    }

    async fn purge_some(&self, kept: Kept, days: Range<Day>, today: Day) -> Result<Portion, StoreError> {
        self.reach().await?;
        self.store.purge_some(kept, days, today).await
    }

    async fn overdue(&self, kept: Kept, before: Day) -> Result<u64, StoreError> {
        self.store.overdue(kept, before).await
    }

    async fn purges(&self) -> Result<Vec<Purge>, StoreError> {
        self.store.purges().await
    }

    async fn add_purges(&self, purges: &[Purge]) -> Result<(), StoreError> {
        self.store.add_purges(purges).await
    }

    async fn prepare_ahead(&self, today: Day) -> Result<(), StoreError> {
        self.store.prepare_ahead(today).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.reach().await?;
        self.store.ready().await
    }

    async fn dated_secret(&self) -> Result<Vec<(SecretKey, Day)>, StoreError> {
        self.store.dated_secret().await
    }

    async fn add_secret_key(&self, key: &SecretKey, today: Day) -> Result<(), StoreError> {
        self.store.add_secret_key(key, today).await
    }

    async fn catalogue_version(&self) -> Result<i64, StoreError> {
        self.reach().await?;
        self.store.catalogue_version().await
    }

    async fn catalogue(&self) -> Result<Catalogue, StoreError> {
        self.store.catalogue().await
    }

    async fn add_demarches(&self, demarches: &[Demarche]) -> Result<(), CatalogueError> {
        self.store.add_demarches(demarches).await
    }

    async fn change_demarche(&self, id: &DemarcheId, change: &DemarcheChange) -> Result<(), CatalogueError> {
        self.store.change_demarche(id, change).await
    }

    async fn set_essential(&self, demarches: &[DemarcheId]) -> Result<EssentialChange, CatalogueError> {
        self.reach().await?;
        self.store.set_essential(demarches).await
    }

    async fn add_boutons(&self, boutons: &[Bouton]) -> Result<(), CatalogueError> {
        self.store.add_boutons(boutons).await
    }

    async fn change_bouton(&self, id: &BoutonId, change: &BoutonChange) -> Result<(), CatalogueError> {
        self.store.change_bouton(id, change).await
    }

    async fn last_avis(&self) -> Result<Vec<(BoutonId, Day)>, StoreError> {
        self.store.last_avis().await
    }

    async fn avis_by_bouton(&self, period: Period) -> Result<Vec<(BoutonId, Day, u64)>, StoreError> {
        self.store.avis_by_bouton(period).await
    }

    async fn add_key(
        &self,
        digest: [u8; 32],
        scope: Scope,
        demarche: Option<&DemarcheId>,
        today: Day,
        expires: Option<Day>,
    ) -> Result<i64, CatalogueError> {
        self.store.add_key(digest, scope, demarche, today, expires).await
    }

    async fn load_keys(&self, keys: &[ApiKey]) -> Result<(), CatalogueError> {
        self.store.load_keys(keys).await
    }

    async fn revoke_key(&self, id: i64) -> Result<(), CatalogueError> {
        self.store.revoke_key(id).await
    }

    async fn keep_assets(&self, assets: &[(KeptAsset, Vec<u8>)]) -> Result<u64, StoreError> {
        self.reach().await?;
        self.store.keep_assets(assets).await
    }

    async fn asset_content(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.reach().await?;
        self.store.asset_content(name).await
    }

    async fn revoke_asset(
        &self,
        integrity: Integrity,
        revoked: bool,
        at: Option<Timestamp>,
    ) -> Result<u64, StoreError> {
        self.reach().await?;
        self.store.revoke_asset(integrity, revoked, at).await
    }

    async fn freeze(&self, edition: &NewEdition) -> Result<bool, StoreError> {
        self.reach().await?;
        self.store.freeze(edition).await
    }

    async fn editions(&self) -> Result<Vec<Edition>, StoreError> {
        self.reach().await?;
        self.store.editions().await
    }

    async fn edition_file(&self, quarter: Quarter, format: Format) -> Result<Option<Vec<u8>>, StoreError> {
        self.reach().await?;
        self.store.edition_file(quarter, format).await
    }

    async fn add_erratum(&self, quarter: Quarter, erratum: &Erratum) -> Result<bool, StoreError> {
        self.reach().await?;
        self.store.add_erratum(quarter, erratum).await
    }

    async fn note_key_uses(&self, uses: &[(i64, Day)]) -> Result<(), StoreError> {
        self.reach().await?;
        self.store.note_key_uses(uses).await
    }

    async fn key_uses(&self) -> Result<Vec<(i64, Day)>, StoreError> {
        self.reach().await?;
        self.store.key_uses().await
    }

    async fn close(&self) {
        self.store.close().await;
    }
}
