//! What a collector keeps on its own disk while the database is away: a SQLite file of writes in their order, each
//! synced before it is answered for, and handed to the database when it is back.
//!
//! One task appends and one takes away (both are [`Ingest`](crate::ingest::Ingest)'s); anybody may look. A write is
//! in the spool until the database has committed it, so what is not found here first is found there next.

pub mod coded;
mod overlay;

pub use overlay::Fold;

use crate::day::Day;
use crate::identity::{AvisId, AvisKey, EDIT_TIME};
use crate::store::sqlite::many_rows::{Bound, ManyRows};
use crate::store::sqlite::{create, failed, writing_pool};
use crate::store::{OnReplay, Outcome, Record, Refusal, SpoolEntry, SpoolId, StoreError, Write};
use jiff::Timestamp;
use overlay::Overlay;
use serde_json::Value;
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{Row, SqlitePool};
use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, Notify};

/// What an entry takes beside its text: its row, its places in the indexes.
const ENTRY_OVERHEAD: u64 = 128;

const FILE: &str = "spool.db";
const LOCK: &str = "lock";

/// The spool of a collector.
pub struct Spool {
    id: SpoolId,
    writer: SqlitePool,
    readers: SqlitePool,
    bytes_max: u64,
    /// The size of what had no room last.
    refused: AtomicU64,
    entries: AtomicU64,
    bytes: AtomicU64,
    /// Whether an error left it open what the file holds.
    unsure: AtomicBool,
    /// Up to which number the database has everything. What of it the file still holds is as good as gone: a disk that
    /// is full does not let it go.
    settled_to: AtomicI64,
    /// Whether the disk took what was written last.
    is_away: AtomicBool,
    /// Whoever changes the file, so that the counts above change with it; and what the file lags behind.
    turn: Mutex<Lag>,
    emptied: Notify,
    /// Held as long as the spool is open.
    _lock: File,
}

/// What is settled and not in the file yet.
#[derive(Default)]
struct Lag {
    /// Whether the file holds entries that are settled.
    is_there: bool,
    /// What the database refused, with the time when it did.
    refusals: Vec<(Refusal, Timestamp)>,
}

/// Why a spool cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The folder cannot be made or read.
    #[error("cannot use {0} as a spool: {1}")]
    Folder(PathBuf, std::io::Error),
    /// Another collector has it.
    #[error("the spool {0} belongs to another collector that runs; give each its own with --spool")]
    Taken(PathBuf),
    /// Its file is damaged, or not of this program.
    #[error("cannot use the spool {0}: {chain}", chain = .1.chain())]
    File(PathBuf, StoreError),
}

/// What became of a write that went to the spool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// It is on the disk, or needed not to be; the outcome is what can be known of it now.
    Kept(Outcome),
    /// There is no room.
    Full,
}

/// An entry that the database refused, with what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptApart {
    /// Its number.
    pub seq: i64,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// The write, in codes.
    pub write: Value,
}

impl KeptApart {
    /// The avis it is about, if that can be read.
    #[must_use]
    pub fn avis_id(&self) -> Option<&str> {
        let (_, write) = self.write.get("write")?.as_object()?.iter().next()?;
        let one = write.get("avis_id").or_else(|| write.get("avis_ids")?.get(0));
        one?.as_str()
    }
}

static APPEND: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("insert into spooled (avis_id, avis_key, day, write)", 4, ""));

static AVIS_OF_KEYS: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("select avis_id from spooled where avis_key in (", 1, ")"));

static ENTRIES_OF_AVIS: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("select seq, write from spooled where avis_id in (", 1, ")"));

impl Spool {
    /// Opens the spool in a folder, for this collector alone.
    ///
    /// # Errors
    /// The folder or its file cannot be used, or another collector has it.
    pub async fn open(folder: &Path, bytes_max: u64) -> Result<Self, SpoolError> {
        let unusable = |error| SpoolError::Folder(folder.to_owned(), error);
        make_folder(folder).map_err(unusable)?;
        let lock_path = folder.join(LOCK);
        create(&lock_path).map_err(unusable)?;
        let lock = File::open(&lock_path).map_err(unusable)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => SpoolError::Taken(folder.to_owned()),
            TryLockError::Error(error) => unusable(error),
        })?;
        let file = folder.join(FILE);
        create(&file).map_err(unusable)?;
        let broken = |error| SpoolError::File(folder.to_owned(), error);
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .pragma("secure_delete", "on")
            .auto_vacuum(SqliteAutoVacuum::Incremental)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5));
        let writer = writing_pool()
            .connect_with(options.clone())
            .await
            .map_err(failed("cannot open it"))
            .map_err(broken)?;
        // A version that only added leaves a file that this one can work on.
        let mut migrations = sqlx::migrate!("../migrations/spool");
        migrations.set_ignore_missing(true);
        migrations.run(&writer).await.map_err(|error| broken(StoreError::new("cannot migrate it", error)))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(2)
            .connect_with(options)
            .await
            .map_err(failed("cannot open it"))
            .map_err(broken)?;
        let id = name(&writer).await.map_err(broken)?;
        let spool = Self {
            id,
            writer,
            readers,
            bytes_max,
            refused: AtomicU64::new(0),
            entries: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            unsure: AtomicBool::new(true),
            settled_to: AtomicI64::new(0),
            is_away: AtomicBool::new(false),
            turn: Mutex::default(),
            emptied: Notify::new(),
            _lock: lock,
        };
        spool.recount().await.map_err(broken)?;
        Ok(spool)
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> SpoolId {
        self.id
    }

    /// The number that was given last; 0 if none was.
    ///
    /// # Errors
    /// The disk failed.
    pub async fn last_number(&self) -> Result<i64, StoreError> {
        let last: Option<i64> = sqlx::query_scalar("select seq from sqlite_sequence where name = 'spooled'")
            .fetch_optional(&self.readers)
            .await
            .map_err(failed("cannot read the spool"))?;
        Ok(last.unwrap_or(0))
    }

    /// Takes a new name.
    ///
    /// # Errors
    /// The disk failed.
    pub async fn rename(&mut self) -> Result<(), StoreError> {
        let id = SpoolId::random();
        sqlx::query("update identity set spool_id = ?")
            .bind(id.to_string())
            .execute(&self.writer)
            .await
            .map_err(failed("cannot rename the spool"))?;
        self.id = id;
        Ok(())
    }

    /// How many entries it holds.
    #[must_use]
    pub fn depth(&self) -> u64 {
        self.entries.load(Ordering::Acquire)
    }

    /// What its entries take, about, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Appends writes in their order, durably. Each sees those before it, as far as they are here; what can be told
    /// of it now is told, and what cannot be checked without the database is taken as it is.
    ///
    /// # Errors
    /// The disk failed; nothing was appended, or it is unknown what was.
    pub async fn append(&self, writes: &[Write]) -> Result<Vec<Appended>, StoreError> {
        let mut lag = self.turn.lock().await;
        self.catch_up(&mut lag).await;
        let appended = self.append_in_turn(writes).await;
        if appended.is_err() {
            self.unsure.store(true, Ordering::Relaxed);
        }
        self.is_away.store(appended.is_err(), Ordering::Relaxed);
        appended
    }

    async fn append_in_turn(&self, writes: &[Write]) -> Result<Vec<Appended>, StoreError> {
        self.recount().await?;
        let mut overlay = self.overlay_of(writes).await?;
        let mut room = self.bytes_max.saturating_sub(self.bytes());
        let (mut rows, mut taken) = (Vec::new(), 0);
        let mut results = Vec::with_capacity(writes.len());
        for write in writes {
            let (outcome, entries) = overlay.judge(write);
            let new: Vec<Entry> = entries.iter().map(|(avis_id, write)| Entry::of(*avis_id, write)).collect();
            let size: u64 = new.iter().map(Entry::size).sum();
            if size > room {
                self.refused.store(size, Ordering::Relaxed);
                results.push(Appended::Full);
                continue;
            }
            room -= size;
            taken += size;
            overlay.take(write);
            rows.extend(new);
            results.push(Appended::Kept(outcome));
        }
        if rows.is_empty() {
            return Ok(results);
        }
        let cannot = "cannot append to the spool";
        let mut transaction = self.writer.begin_with("begin immediate").await.map_err(failed(cannot))?;
        APPEND.run(&mut transaction, &rows, Entry::bind, cannot).await?;
        transaction.commit().await.map_err(failed(cannot))?;
        self.bytes.fetch_add(taken, Ordering::Relaxed);
        self.entries.fetch_add(count(rows.len()), Ordering::Release);
        Ok(results)
    }

    /// The oldest entries, in their order. One that cannot be read says so.
    ///
    /// # Errors
    /// The disk failed.
    pub async fn oldest(&self, most: usize) -> Result<Vec<SpoolEntry>, StoreError> {
        let rows = sqlx::query("select seq, write from spooled where seq > ? order by seq limit ?")
            .bind(self.settled_to.load(Ordering::Acquire))
            .bind(i64::try_from(most).unwrap_or(i64::MAX))
            .fetch_all(&self.readers)
            .await
            .map_err(failed("cannot read the spool"))?;
        rows.iter().map(read_entry).collect()
    }

    /// Takes away the oldest entries, which the database has; those it refused are kept apart. From then on they are
    /// gone; where the disk does not take it, they leave the file later.
    ///
    /// # Errors
    /// The disk cannot even be read; the entries are here still, and will be settled the next time.
    pub async fn settle(
        &self,
        entries: &[SpoolEntry],
        refusals: &[Refusal],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(last) = entries.last() else { return Ok(()) };
        let mut lag = self.turn.lock().await;
        self.recount().await?;
        let (entries, bytes) = self.size(last.seq).await?;
        self.settled_to.store(last.seq, Ordering::Release);
        lag.is_there = true;
        lag.refusals.extend(refusals.iter().map(|refusal| (refusal.clone(), at)));
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        let left = self.entries.fetch_sub(entries, Ordering::Release) - entries;
        self.catch_up(&mut lag).await;
        if left == 0 {
            self.shrink().await;
            self.emptied.notify_one();
        }
        Ok(())
    }

    /// Has entries that are settled leave the file, where the disk did not take it before.
    pub async fn tidy(&self) {
        self.catch_up(&mut *self.turn.lock().await).await;
    }

    async fn catch_up(&self, lag: &mut Lag) {
        if !lag.is_there {
            return;
        }
        let caught_up = self.forget_settled(&lag.refusals).await;
        self.is_away.store(caught_up.is_err(), Ordering::Relaxed);
        match caught_up {
            Ok(()) => *lag = Lag::default(),
            Err(error) => {
                tracing::warn!(
                    error = error.chain(),
                    "what left the spool stays in its file until the disk takes it"
                );
            }
        }
    }

    async fn forget_settled(&self, refusals: &[(Refusal, Timestamp)]) -> Result<(), StoreError> {
        let cannot = "cannot take entries from the spool";
        let mut transaction = self.writer.begin_with("begin immediate").await.map_err(failed(cannot))?;
        for (refusal, at) in refusals {
            sqlx::query(
                "insert into kept_apart (seq, write, reason, at_ms)
                 select seq, write, ?, ? from spooled where seq = ? on conflict (seq) do nothing",
            )
            .bind(&refusal.reason)
            .bind(at.as_millisecond())
            .bind(refusal.seq)
            .execute(&mut *transaction)
            .await
            .map_err(failed(cannot))?;
        }
        sqlx::query("delete from spooled where seq <= ?")
            .bind(self.settled_to.load(Ordering::Acquire))
            .execute(&mut *transaction)
            .await
            .map_err(failed(cannot))?;
        transaction.commit().await.map_err(failed(cannot))
    }

    /// Gives the disk back what it held, and leaves no copy of it.
    async fn shrink(&self) {
        for pragma in ["pragma incremental_vacuum", "pragma wal_checkpoint(truncate)"] {
            if let Err(error) = sqlx::query(pragma).execute(&self.writer).await {
                tracing::warn!(%error, "the empty spool could not be made smaller");
            }
        }
    }

    /// What the spool says of an avis.
    ///
    /// # Errors
    /// The disk failed.
    pub async fn avis(&self, avis_id: AvisId) -> Result<Option<Fold>, StoreError> {
        if self.depth() == 0 {
            return Ok(None);
        }
        let mut overlay = Overlay::default();
        self.read_into(&mut overlay, &[avis_id]).await?;
        Ok(overlay.avis(avis_id).cloned())
    }

    /// The first day of which it holds avis or changes. A withdrawal, which may come at any time, is none.
    ///
    /// # Errors
    /// The disk failed.
    pub async fn holds_since(&self) -> Result<Option<Day>, StoreError> {
        let day: Option<i32> = sqlx::query_scalar("select min(day) from spooled where seq > ?")
            .bind(self.settled_to.load(Ordering::Acquire))
            .fetch_one(&self.readers)
            .await
            .map_err(failed("cannot read the spool"))?;
        Ok(day.and_then(Day::from_number))
    }

    /// Succeeds if an entry could be made durable now.
    ///
    /// # Errors
    /// There is no room, or the disk cannot be written.
    pub async fn ready(&self) -> Result<(), StoreError> {
        // What had no room has none until that much was taken away; it is never filled to the last byte.
        if self.bytes() + self.refused.load(Ordering::Relaxed) > self.bytes_max {
            return Err(StoreError::message("the spool is full").away());
        }
        let cannot = failed("cannot write to the spool");
        let mut transaction = self.writer.begin_with("begin immediate").await.map_err(&cannot)?;
        if !self.is_away.load(Ordering::Relaxed) {
            return transaction.rollback().await.map_err(cannot);
        }
        // As in a store's file, only a write can tell whether a full disk has room again.
        sqlx::query("pragma user_version = 0").execute(&mut *transaction).await.map_err(&cannot)?;
        transaction.commit().await.map_err(cannot)?;
        self.is_away.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Waits until the last entry is taken away.
    pub async fn emptied(&self) {
        self.emptied.notified().await;
    }

    /// Lets go of the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// What the entries about the avis and keys of a batch say.
    async fn overlay_of(&self, writes: &[Write]) -> Result<Overlay, StoreError> {
        let mut overlay = Overlay::default();
        if self.depth() == 0 {
            return Ok(overlay);
        }
        let (mut keys, mut avis) = (BTreeSet::new(), BTreeSet::new());
        for write in writes {
            match write {
                Write::Record(record) => {
                    keys.extend(record.keys());
                    avis.insert(record.avis_id);
                }
                Write::Change(avis_id, _) => {
                    avis.insert(*avis_id);
                }
                Write::Withdraw(ids) => avis.extend(ids),
            }
        }
        let keys: Vec<AvisKey> = keys.into_iter().collect();
        let bind = |query: Bound, key: &AvisKey| query.bind(key.as_bytes().to_vec());
        let cannot = "cannot read the spool";
        let mut connection = self.readers.acquire().await.map_err(failed(cannot))?;
        for row in AVIS_OF_KEYS.fetch(&mut connection, &keys, bind, cannot).await? {
            let bytes: Vec<u8> = row.try_get(0).map_err(failed(cannot))?;
            let bytes =
                bytes.try_into().map_err(|_| StoreError::message("the spool holds an impossible id"))?;
            avis.insert(AvisId::from_bytes(bytes));
        }
        drop(connection);
        self.read_into(&mut overlay, &avis.into_iter().collect::<Vec<_>>()).await?;
        Ok(overlay)
    }

    async fn read_into(&self, overlay: &mut Overlay, avis: &[AvisId]) -> Result<(), StoreError> {
        let cannot = "cannot read the spool";
        let bind = |query: Bound, avis_id: &AvisId| query.bind(avis_id.as_bytes().to_vec());
        let mut connection = self.readers.acquire().await.map_err(failed(cannot))?;
        let rows = ENTRIES_OF_AVIS.fetch(&mut connection, avis, bind, cannot).await?;
        let settled_to = self.settled_to.load(Ordering::Acquire);
        let mut entries = rows.iter().map(read_entry).collect::<Result<Vec<_>, _>>()?;
        entries.retain(|entry| entry.seq > settled_to);
        entries.sort_unstable_by_key(|entry| entry.seq);
        for write in entries.iter().filter_map(|entry| entry.write.as_ref().ok()) {
            overlay.take(write);
        }
        Ok(())
    }

    /// Counts anew what the file holds, if an error left that open.
    async fn recount(&self) -> Result<(), StoreError> {
        if !self.unsure.load(Ordering::Relaxed) {
            return Ok(());
        }
        let (entries, bytes) = self.size(i64::MAX).await?;
        self.bytes.store(bytes, Ordering::Relaxed);
        self.entries.store(entries, Ordering::Release);
        self.unsure.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// How many entries there are up to this number, and what they take.
    async fn size(&self, to: i64) -> Result<(u64, u64), StoreError> {
        let (entries, texts): (i64, i64) = sqlx::query_as(
            "select count(*), coalesce(sum(octet_length(write)), 0) from spooled where seq > ? and seq <= ?",
        )
        .bind(self.settled_to.load(Ordering::Acquire))
        .bind(to)
        .fetch_one(&self.readers)
        .await
        .map_err(failed("cannot read the spool"))?;
        let (entries, texts) = (entries.unsigned_abs(), texts.unsigned_abs());
        Ok((entries, texts + entries * ENTRY_OVERHEAD))
    }
}

/// An entry as it is appended.
struct Entry {
    avis_id: AvisId,
    key: Option<AvisKey>,
    day: Option<Day>,
    text: String,
}

impl Entry {
    fn of(avis_id: AvisId, write: &Write) -> Self {
        let (key, day) = match write {
            Write::Record(record) => (record.remember.then(|| avis_id.key()), first_day(record)),
            Write::Change(..) => (None, avis_id.day()),
            Write::Withdraw(_) => (None, None),
        };
        Self { avis_id, key, day, text: coded::write(write) }
    }

    fn size(&self) -> u64 {
        count(self.text.len()) + ENTRY_OVERHEAD
    }

    fn bind(query: Bound, entry: &Self) -> Bound {
        query
            .bind(entry.avis_id.as_bytes().to_vec())
            .bind(entry.key.map(|key| key.as_bytes().to_vec()))
            .bind(entry.day.map(Day::number))
            .bind(entry.text.clone())
    }
}

/// The first day whose décomptes a record can move. A form that is sent again changes the avis that the database has
/// of it, of which the spool knows nothing: one that can still be changed.
fn first_day(record: &Record) -> Option<Day> {
    match record.on_replay {
        OnReplay::Exact => record.avis_id.day(),
        OnReplay::Change(_) => Some(Day::of(record.accepted_at - EDIT_TIME)),
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn read_entry(row: &SqliteRow) -> Result<SpoolEntry, StoreError> {
    let cannot = failed("the spool holds a value of another type");
    let text: String = row.try_get(1).map_err(&cannot)?;
    Ok(SpoolEntry { seq: row.try_get(0).map_err(&cannot)?, write: coded::read(&text) })
}

/// The name of the spool, made with its file.
async fn name(writer: &SqlitePool) -> Result<SpoolId, StoreError> {
    let cannot = failed("cannot read its name");
    sqlx::query("insert into identity (one, spool_id) values (1, ?) on conflict do nothing")
        .bind(SpoolId::random().to_string())
        .execute(writer)
        .await
        .map_err(&cannot)?;
    stored_name(writer).await
}

async fn stored_name(pool: &SqlitePool) -> Result<SpoolId, StoreError> {
    let name: String = sqlx::query_scalar("select spool_id from identity")
        .fetch_one(pool)
        .await
        .map_err(failed("cannot read its name"))?;
    SpoolId::read(&name)
}

/// Makes the folder, for its owner alone: people's words lie in it for a while.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The name of the spool of this folder, and what was kept apart in it; also while a collector uses it.
///
/// # Errors
/// There is no spool, or it cannot be read.
pub async fn kept_apart(folder: &Path) -> Result<(SpoolId, Vec<KeptApart>), SpoolError> {
    let broken = |error| SpoolError::File(folder.to_owned(), error);
    let cannot = failed("cannot read it");
    let options =
        SqliteConnectOptions::new().filename(folder.join(FILE)).busy_timeout(Duration::from_secs(5));
    let reader = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await
        .map_err(|error| broken(cannot(error)))?;
    let rows = sqlx::query("select seq, reason, at_ms, write from kept_apart order by seq")
        .fetch_all(&reader)
        .await
        .map_err(|error| broken(cannot(error)))?;
    let read = |row: &SqliteRow| -> Result<KeptApart, StoreError> {
        let text: String = row.try_get(3).map_err(&cannot)?;
        Ok(KeptApart {
            seq: row.try_get(0).map_err(&cannot)?,
            reason: row.try_get(1).map_err(&cannot)?,
            at: Timestamp::from_millisecond(row.try_get(2).map_err(&cannot)?)
                .map_err(|_| StoreError::message("the spool holds an impossible time"))?,
            write: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        })
    };
    let kept = rows.iter().map(read).collect::<Result<_, _>>().map_err(broken);
    let id = stored_name(&reader).await.map_err(broken);
    reader.close().await;
    Ok((id?, kept?))
}

#[cfg(test)]
mod tests;
