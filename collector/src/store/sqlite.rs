//! SQLite: the database inside the binary, for one machine.
//!
//! Write-ahead log with `synchronous=FULL`, so that an acknowledged avis survives a power cut; one connection
//! writes, several read beside it.

mod assets;
mod avis;
pub mod backup;
mod catalogue;
mod counts;
mod editions;
mod file;
mod journal;
pub(crate) mod many_rows;
mod moved;
mod recent;
mod retention;
mod spools;
mod writes;

use super::rows::{SECRET, SecretRow, day};
use super::tallies::CELL_COLUMNS;
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
use file::OpenedFile;
use futures_util::stream::BoxStream;
use jiff::Timestamp;
use shared::Tally;
use shared::tally::CELLS;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Row, SqlitePool};
use std::collections::HashSet;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use writes::Memory;

/// How long a connection waits for another process that is writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Connections that read while one writes.
const READERS: u32 = 4;

/// Rows that a reader may be ahead of who takes them. Beyond, each row costs two turns of threads.
const ROWS_AHEAD: usize = 1_024;

/// Texts that each connection keeps prepared: the writer saves avis in nine sizes, each beside as many of texts.
const STATEMENTS: usize = 400;

/// What the writer keeps of the file in memory, in KiB (SQLite counts those below zero): the pages that the avis of a
/// busy day fall on.
const WRITER_CACHE: &str = "-65536";

/// Pages of write-ahead log after which they are brought home to the file: 32 MiB, since a page that many avis fall on
/// is then written home once for all of them.
const CHECKPOINT_PAGES: &str = "8192";

/// A store in a SQLite file.
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
    memory: Memory,
    file: OpenedFile,
    /// Whether the last commit could not be written, for want of room mostly.
    is_away: Arc<AtomicBool>,
}

impl SqliteStore {
    /// Opens the file and brings its tables up to date.
    ///
    /// # Errors
    /// The address is malformed, or the file cannot be opened or migrated.
    pub async fn open(address: &str, missing: Missing) -> Result<Self, StoreError> {
        Self::open_synced(address, missing, SqliteSynchronous::Full).await
    }

    /// The same, with the say when a commit is on the disk. Anything but [`SqliteSynchronous::Full`] loses acknowledged
    /// avis with the power: it is there to prove that the check which watches over this can fail.
    ///
    /// # Errors
    /// The address is malformed, or the file cannot be opened or migrated.
    pub async fn open_synced(
        address: &str,
        missing: Missing,
        synchronous: SqliteSynchronous,
    ) -> Result<Self, StoreError> {
        let failed = |error| StoreError::new(format!("cannot open the database {address}"), error);
        let unopened = |error| StoreError::new(format!("cannot open the database {address}"), error);
        let plain = SqliteConnectOptions::from_str(address).map_err(failed)?;
        if [":memory:", "mode=memory"].iter().any(|memory| address.contains(memory)) {
            return Err(StoreError::message(format!(
                "the database {address} would be gone with the process; name a file, such as sqlite://avis.db"
            )));
        }
        let options = plain
            .clone()
            // What is withdrawn is overwritten, not only forgotten.
            .pragma("secure_delete", "on")
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .statement_cache_capacity(STATEMENTS);
        if missing == Missing::Create {
            create(options.get_filename()).map_err(unopened)?;
        } else if !options.get_filename().exists() {
            return Err(StoreError::message(format!(
                "there is no database {address}; `collector serve`, `collector demo` or `collector demarche add` makes one"
            )));
        }
        if look(&plain).await.map_err(failed)? == Content::Foreign {
            return Err(StoreError::message(format!(
                "the database {address} is that of another program, and is left as it is; name another file"
            )));
        }
        let writing =
            options.clone().pragma("cache_size", WRITER_CACHE).pragma("wal_autocheckpoint", CHECKPOINT_PAGES);
        let is_away = Arc::new(AtomicBool::new(false));
        let writer = pool_of_store(is_away.clone()).connect_with(writing).await.map_err(failed)?;
        if let Err(error) = migrate(&writer, address).await {
            // Only a connection that is closed in order leaves nothing beside a file that is not ours to change.
            writer.close().await;
            return Err(error);
        }
        let file = OpenedFile::at(options.get_filename()).map_err(unopened)?;
        let reading = options.row_buffer_size(ROWS_AHEAD);
        let readers = lasting_pool().max_connections(READERS).connect_with(reading).await.map_err(failed)?;
        Ok(Self { writer, readers, memory: Memory::default(), file, is_away })
    }

    /// Remembers whether the disk took what was committed.
    fn noting<T>(&self, committed: Result<T, StoreError>) -> Result<T, StoreError> {
        let is_away = matches!(&committed, Err(error) if error.is_away() && !error.is_busy());
        self.is_away.store(is_away, Ordering::Relaxed);
        committed
    }
}

/// Whose a file is.
#[derive(PartialEq, Eq)]
enum Content {
    /// A collector's, or that of nobody yet.
    Ours,
    /// It holds tables, and none of a collector.
    Foreign,
}

/// Finds out whether the file is a database at all, and whose. A connection that fails while its settings are made is
/// left to itself, and its log with it; this one makes none, and is closed.
async fn look(options: &SqliteConnectOptions) -> sqlx::Result<Content> {
    let mut connection = options.connect().await?;
    // Migrations begin with a table of their own.
    let foreign: sqlx::Result<bool> = sqlx::query_scalar(
        "select count(*) > 0 and sum(name = 'catalogue_version') = 0 from sqlite_schema
        where type = 'table' and name <> '_sqlx_migrations' and name not like 'sqlite#_%' escape '#'",
    )
    .fetch_one(&mut connection)
    .await;
    connection.close().await?;
    Ok(if foreign? { Content::Foreign } else { Content::Ours })
}

/// Brings the tables up to date, or goes on over those of a newer version that only adds. Where two processes migrate
/// at once, the slower one fails on what the faster one has made, and finds it made when it looks again.
async fn migrate(writer: &SqlitePool, address: &str) -> Result<(), StoreError> {
    const ATTEMPTS: u32 = 20;
    let mut migrations = sqlx::migrate!("../migrations/sqlite");
    refuse_too_new(writer, address, &migrations).await?;
    migrations.set_ignore_missing(true);
    let mut attempt = 1;
    loop {
        match migrations.run(writer).await {
            Ok(()) => return Ok(()),
            Err(
                sqlx::migrate::MigrateError::Execute(_) | sqlx::migrate::MigrateError::ExecuteMigration(..),
            ) if attempt < ATTEMPTS => {
                attempt += 1;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) => {
                return Err(StoreError::new(format!("cannot migrate the database {address}"), error));
            }
        }
    }
}

async fn refuse_too_new(writer: &SqlitePool, address: &str, migrations: &Migrator) -> Result<(), StoreError> {
    let cannot = |error| StoreError::new(format!("cannot read the database {address}"), error);
    let tells: i64 = sqlx::query_scalar(
        "select count(*) from sqlite_schema where type = 'table' and name = 'compatibility'",
    )
    .fetch_one(writer)
    .await
    .map_err(cannot)?;
    if tells == 0 {
        return Ok(());
    }
    let oldest: i64 =
        sqlx::query_scalar("select oldest from compatibility").fetch_one(writer).await.map_err(cannot)?;
    super::check_compatible(oldest, migrations.iter().map(|migration| migration.version))
}

/// A pool whose connections stay: nothing lies between them and the file, and one that is opened anew may find another
/// file at the same path.
fn lasting_pool() -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_lifetime(None).idle_timeout(None)
}

/// A pool of the one connection that writes. Where the disk is full, SQLite may end a transaction by itself; the
/// driver then fails to roll it back, believes to be within it ever after and begins no other. Such a connection is
/// replaced. Whether it is alive needs no asking: nothing lies between it and the file.
pub(crate) fn writing_pool() -> SqlitePoolOptions {
    lasting_pool()
        .max_connections(1)
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
}

/// The same, which also replaces a connection after a commit that the disk did not take. SQLite opens a file that cannot
/// be written for reading, without a word; such a connection would not write when the file can be written again.
fn pool_of_store(is_away: Arc<AtomicBool>) -> SqlitePoolOptions {
    writing_pool().before_acquire(move |connection, _| {
        let is_good = !connection.is_in_transaction() && !is_away.load(Ordering::Relaxed);
        Box::pin(async move { Ok(is_good) })
    })
}

/// Makes the file, for its owner alone: it holds what others must not read.
pub(crate) fn create(file: &std::path::Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}

pub(crate) fn failed(context: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |error| {
        let state = State::of(&error);
        let error = StoreError::new(context, error);
        match state {
            State::Busy => error.busy(),
            State::Away => error.away(),
            State::There => error,
        }
    }
}

/// What an error says about the database, as opposed to what was asked of it.
enum State {
    /// Another process writes.
    Busy,
    /// The file cannot be read or written now: no room, no right, no disk.
    Away,
    There,
}

impl State {
    fn of(error: &sqlx::Error) -> Self {
        let sqlx::Error::Database(error) = error else {
            let away =
                matches!(error, sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_));
            return if away { Self::Away } else { Self::There };
        };
        // The lowest byte of an extended code is the code that it extends (sqlite.org/rescode.html).
        match error.code().and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff) {
            // BUSY, LOCKED
            Some(5 | 6) => Self::Busy,
            // NOMEM, READONLY, IOERR, FULL, CANTOPEN
            Some(7 | 8 | 10 | 13 | 14) => Self::Away,
            _ => Self::There,
        }
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, writes: &[Write]) -> Result<Vec<Outcome>, StoreError> {
        self.file.is_in_its_place()?;
        self.noting(writes::commit(&self.writer, &self.memory, writes).await)
    }

    async fn drain(&self, spool: SpoolId, entries: &[SpoolEntry]) -> Result<Vec<Refusal>, StoreError> {
        spools::drain(&self.writer, &self.memory, spool, entries).await
    }

    async fn spool_progress(&self, spool: SpoolId) -> Result<i64, StoreError> {
        spools::progress(&self.readers, spool).await
    }

    async fn report_spool(
        &self,
        spool: SpoolId,
        seen_at: Timestamp,
        holds_since: Option<Day>,
    ) -> Result<(), StoreError> {
        spools::report(&self.writer, spool, seen_at, holds_since).await
    }

    async fn spools(&self) -> Result<Vec<SpoolState>, StoreError> {
        spools::all(&self.readers).await
    }

    async fn forget_spool(&self, spool: SpoolId) -> Result<bool, StoreError> {
        spools::forget(&self.writer, spool).await
    }

    async fn avis(&self, avis_id: AvisId) -> Result<Option<Avis>, StoreError> {
        let mut connection = self.readers.acquire().await.map_err(failed("cannot read an avis"))?;
        let mut found = avis::find(&mut connection, &self.memory.recent, &[avis_id]).await?;
        Ok(found.remove(&avis_id).map(|(_, avis)| avis))
    }

    async fn tallies(&self, period: Period) -> Result<Vec<(DemarcheId, Tally)>, StoreError> {
        counts::tallies(&self.readers, period).await
    }

    async fn tallies_of_periods(
        &self,
        periods: &[Period],
    ) -> Result<Vec<Vec<(DemarcheId, Tally)>>, StoreError> {
        counts::tallies_of_periods(&self.readers, periods).await
    }

    async fn tallies_by_bouton(
        &self,
        demarche: &DemarcheId,
        period: Period,
    ) -> Result<Vec<(Option<BoutonId>, Tally)>, StoreError> {
        counts::tallies_by_bouton(&self.readers, demarche, period).await
    }

    async fn tallies_by_day(
        &self,
        demarche: &DemarcheId,
        period: Period,
    ) -> Result<Vec<(Day, Tally)>, StoreError> {
        counts::tallies_by_day(&self.readers, demarche, period).await
    }

    async fn satisfaction_by_month(
        &self,
        first: i32,
        last: i32,
    ) -> Result<Vec<(DemarcheId, i32, Tally)>, StoreError> {
        counts::satisfaction_by_month(&self.readers, first, last).await
    }

    async fn freshness(&self, period: Period) -> Result<Freshness, StoreError> {
        counts::freshness(&self.readers, period).await
    }

    async fn spans(&self) -> Result<Vec<CountedIn>, StoreError> {
        counts::spans(&self.readers).await
    }

    async fn audit(&self, span: CountedIn) -> Result<Vec<Audited>, StoreError> {
        counts::audit(&self.readers, span).await
    }

    async fn rebuild(&self, span: CountedIn, missing: MissingAvis) -> Result<u64, StoreError> {
        counts::rebuild(&self.writer, span, missing).await
    }

    async fn avis_of(&self, day: Day) -> Result<Vec<Avis>, StoreError> {
        let cannot = failed("cannot read the avis of a day");
        avis::of_day(&mut *self.readers.acquire().await.map_err(cannot)?, day).await
    }

    fn selected<'a>(&'a self, selection: &'a Selection) -> BoxStream<'a, Result<Vec<Avis>, StoreError>> {
        avis::selected(&self.readers, selection)
    }

    async fn mend(&self, act: &Act, selection: &Selection, at: Timestamp) -> Result<u64, StoreError> {
        self.file.is_in_its_place()?;
        writes::mend(&self.readers, &self.writer, act, selection, at).await
    }

    async fn journal(&self) -> Result<Vec<Entry>, StoreError> {
        journal::read(&self.readers).await
    }

    async fn load_journal(&self, entries: &[Entry]) -> Result<(), StoreError> {
        journal::load(&self.writer, entries).await
    }

    async fn stored(&self, avis: &[AvisId]) -> Result<HashSet<AvisId>, StoreError> {
        let mut connection = self.readers.acquire().await.map_err(failed("cannot look for avis"))?;
        Ok(avis::find(&mut connection, &self.memory.recent, avis).await?.into_keys().collect())
    }

    async fn rated_by_page(&self, period: Period) -> Result<Vec<Rated>, StoreError> {
        avis::rated_by_page(&self.readers, period).await
    }

    async fn keys(&self) -> Result<Vec<Remembered>, StoreError> {
        writes::keys(&self.readers).await
    }

    async fn remember_keys(&self, keys: &[Remembered]) -> Result<(), StoreError> {
        writes::remember_keys(&self.writer, &self.memory, keys).await
    }

    async fn forget_keys(&self, before: Timestamp) -> Result<u64, StoreError> {
        writes::forget_keys(&self.writer, &self.readers, &self.memory, before).await
    }

    async fn purge_some(&self, kept: Kept, days: Range<Day>, today: Day) -> Result<Portion, StoreError> {
        retention::purge_some(&self.readers, &self.writer, kept, days, today).await
    }

    async fn overdue(&self, kept: Kept, before: Day) -> Result<u64, StoreError> {
        retention::overdue(&self.readers, kept, before).await
    }

    async fn purges(&self) -> Result<Vec<Purge>, StoreError> {
        let cannot = failed("cannot read the record of purges");
        retention::purges(&mut *self.readers.acquire().await.map_err(cannot)?).await
    }

    async fn add_purges(&self, purges: &[Purge]) -> Result<(), StoreError> {
        retention::add_purges(&self.writer, purges).await
    }

    async fn prepare_ahead(&self, _: Day) -> Result<(), StoreError> {
        // Its tables take the avis of any month.
        let moves: bool = sqlx::query_scalar("select exists (select 1 from moved)")
            .fetch_one(&self.readers)
            .await
            .map_err(failed("cannot read décomptes"))?;
        if moves { moved::bring_all_home(&self.writer).await } else { Ok(()) }
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.file.is_in_its_place()?;
        let mut transaction =
            self.writer.begin_with("begin immediate").await.map_err(failed("cannot begin a transaction"))?;
        if !self.is_away.load(Ordering::Relaxed) {
            return transaction.rollback().await.map_err(failed("cannot end a transaction"));
        }
        // A transaction begins on a full disk as well. Whether there is room again, only a write can tell; writing each
        // time would let anybody who asks wear the disk. This number is nobody's, and its page is written even so.
        let mut written = sqlx::query("pragma user_version = 0").execute(&mut *transaction).await.map(drop);
        if written.is_ok() {
            written = transaction.commit().await;
        }
        self.noting(written.map_err(failed("cannot write")))
    }

    async fn dated_secret(&self) -> Result<Vec<(SecretKey, Day)>, StoreError> {
        let rows: Vec<SecretRow> = sqlx::query_as(SECRET)
            .fetch_all(&self.readers)
            .await
            .map_err(failed("cannot read the secret"))?;
        rows.into_iter().map(SecretRow::key).collect()
    }

    async fn add_secret_key(&self, key: &SecretKey, today: Day) -> Result<(), StoreError> {
        sqlx::query("insert into secret (secret_id, secret_key, created_day) values ($1, $2, $3) on conflict do nothing")
            .bind(i64::from(key.id))
            .bind(&key.bytes[..])
            .bind(today.number())
            .execute(&self.writer)
            .await
            .map_err(failed("cannot store a secret key"))?;
        Ok(())
    }

    async fn catalogue_version(&self) -> Result<i64, StoreError> {
        sqlx::query_scalar("select version from catalogue_version")
            .fetch_one(&self.readers)
            .await
            .map_err(failed("cannot read the catalogue"))
    }

    async fn catalogue(&self) -> Result<Catalogue, StoreError> {
        let mut reader = self.readers.acquire().await.map_err(failed("cannot read the catalogue"))?;
        catalogue::read(&mut reader).await
    }

    async fn add_demarches(&self, demarches: &[Demarche]) -> Result<(), CatalogueError> {
        catalogue::add_demarches(&self.writer, demarches).await
    }

    async fn change_demarche(&self, id: &DemarcheId, change: &DemarcheChange) -> Result<(), CatalogueError> {
        catalogue::change_demarche(&self.writer, id, change).await
    }

    async fn set_essential(&self, demarches: &[DemarcheId]) -> Result<EssentialChange, CatalogueError> {
        catalogue::set_essential(&self.writer, demarches).await
    }

    async fn add_boutons(&self, boutons: &[Bouton]) -> Result<(), CatalogueError> {
        catalogue::add_boutons(&self.writer, boutons).await
    }

    async fn change_bouton(&self, id: &BoutonId, change: &BoutonChange) -> Result<(), CatalogueError> {
        catalogue::change_bouton(&self.writer, id, change).await
    }

    async fn last_avis(&self) -> Result<Vec<(BoutonId, Day)>, StoreError> {
        let cannot = failed("cannot read the last avis");
        moved::bring_all_home(&self.writer).await?;
        let rows = sqlx::query(
            "select bouton_id, max(day) from tally where bouton_id <> '' and satisfaction_answered > 0 group by bouton_id",
        )
        .fetch_all(&self.readers)
        .await
        .map_err(&cannot)?;
        rows.iter().map(|row| Ok((BoutonId(get(row, 0)?), day(get(row, 1)?)?))).collect()
    }

    async fn avis_by_bouton(&self, period: Period) -> Result<Vec<(BoutonId, Day, u64)>, StoreError> {
        let cannot = failed("cannot count the avis of boutons");
        moved::bring_all_home(&self.writer).await?;
        let rows = sqlx::query(
            "select bouton_id, day, satisfaction_answered from tally
            where day between ? and ? and bouton_id <> '' and satisfaction_answered > 0",
        )
        .bind(period.from.number())
        .bind(period.to.number())
        .fetch_all(&self.readers)
        .await
        .map_err(&cannot)?;
        rows.iter()
            .map(|row| {
                let avis: i64 = get(row, 2)?;
                Ok((BoutonId(get(row, 0)?), day(get(row, 1)?)?, avis.unsigned_abs()))
            })
            .collect()
    }

    async fn add_key(
        &self,
        digest: [u8; 32],
        scope: Scope,
        demarche: Option<&DemarcheId>,
        today: Day,
        expires: Option<Day>,
    ) -> Result<i64, CatalogueError> {
        catalogue::add_key(&self.writer, digest, scope, demarche, today, expires).await
    }

    async fn load_keys(&self, keys: &[ApiKey]) -> Result<(), CatalogueError> {
        catalogue::load_keys(&self.writer, keys).await
    }

    async fn revoke_key(&self, id: i64) -> Result<(), CatalogueError> {
        catalogue::revoke_key(&self.writer, id).await
    }

    async fn keep_assets(&self, assets: &[(KeptAsset, Vec<u8>)]) -> Result<u64, StoreError> {
        assets::keep(&self.writer, assets).await
    }

    async fn asset_content(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let mut reader = self.readers.acquire().await.map_err(failed("cannot read an asset"))?;
        assets::content(&mut reader, name).await
    }

    async fn revoke_asset(
        &self,
        integrity: Integrity,
        revoked: bool,
        at: Option<Timestamp>,
    ) -> Result<u64, StoreError> {
        assets::revoke(&self.writer, integrity, revoked, at).await
    }

    async fn freeze(&self, edition: &NewEdition) -> Result<bool, StoreError> {
        editions::freeze(&self.writer, edition).await
    }

    async fn editions(&self) -> Result<Vec<Edition>, StoreError> {
        let mut reader = self.readers.acquire().await.map_err(failed("cannot read editions"))?;
        editions::read(&mut reader).await
    }

    async fn edition_file(&self, quarter: Quarter, format: Format) -> Result<Option<Vec<u8>>, StoreError> {
        let mut reader = self.readers.acquire().await.map_err(failed("cannot read an edition"))?;
        editions::file(&mut reader, quarter, format).await
    }

    async fn add_erratum(&self, quarter: Quarter, erratum: &Erratum) -> Result<bool, StoreError> {
        let mut writer = self.writer.acquire().await.map_err(failed("cannot add an erratum"))?;
        editions::add_erratum(&mut writer, quarter, erratum).await
    }

    async fn note_key_uses(&self, uses: &[(i64, Day)]) -> Result<(), StoreError> {
        catalogue::note_key_uses(&self.writer, uses).await
    }

    async fn key_uses(&self) -> Result<Vec<(i64, Day)>, StoreError> {
        catalogue::key_uses(&self.readers).await
    }

    async fn close(&self) {
        // The last connection to close brings the write-ahead log home: from then on, the file alone is everything.
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// The cells of a row, from its second column on.
fn read_tally(row: &SqliteRow) -> Result<Tally, StoreError> {
    let mut cells = [0; CELLS];
    for (index, cell) in cells.iter_mut().enumerate() {
        *cell = get(row, index + 1)?;
    }
    Ok(Tally::from(cells))
}

fn get<'row, T>(row: &'row SqliteRow, index: usize) -> Result<T, StoreError>
where
    T: sqlx::Decode<'row, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    row.try_get(index).map_err(failed("the database holds a value of another type"))
}

#[cfg(test)]
mod tests;
