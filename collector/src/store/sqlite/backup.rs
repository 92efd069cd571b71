//! Copies of a database file: made while collectors serve, put back where none does.
//!
//! Either way a file gets its name last: once it is whole, on the disk and found sound. What is cut short leaves a
//! `.partial` beside it, which the next attempt writes over.

use super::{assets, counts, editions, failed, moved, refuse_too_new};
use crate::store::{Audited, StoreError};
use shared::Tally;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{ConnectOptions, Connection, SqlitePool};
use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A copy that was made and found sound.
#[derive(Debug, Clone, Copy)]
pub struct Copied {
    /// The avis in it.
    pub avis: i64,
    /// Its size.
    pub bytes: u64,
    /// Whether its décomptes were compared with its avis. Those of an older version are brought up to date first,
    /// when a collector opens them.
    pub audited: bool,
}

/// Makes a consistent copy of a database, also while it is written.
///
/// # Errors
/// The file exists, cannot be written, or does not hold what the database does.
pub async fn backup(address: &str, file: &Path) -> Result<Copied, StoreError> {
    let partial = Partial::begin(file)?;
    let cannot = failed("cannot open the database");
    let options = SqliteConnectOptions::from_str(address).map_err(&cannot)?;
    let name = options.get_filename().display().to_string();
    let source = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.map_err(&cannot)?;
    let newest = check_version(&source, &name).await?;
    let before = State::read(&source, newest).await?;
    let path = partial
        .path
        .to_str()
        .ok_or_else(|| StoreError::message(format!("{} is no name that SQLite takes", file.display())))?;
    sqlx::query("vacuum into ?")
        .bind(path.to_owned())
        .execute(&source)
        .await
        .map_err(failed("cannot copy the database"))?;
    partial.sync()?;
    let after = State::read(&source, newest).await?;
    source.close().await;
    let (copied, state) = verify(&partial.path, file).await?;
    let between = before.version <= state.version && state.version <= after.version;
    let unmoved = before == after;
    if !between || (unmoved && state != before) {
        return Err(StoreError::message(format!(
            "the copy does not hold what the database does: {} avis of {}",
            state.avis, after.avis
        )));
    }
    partial.finish(file)?;
    Ok(copied)
}

/// Puts a copy where there is no database.
///
/// # Errors
/// The database exists, or the copy is damaged or none of ours.
pub async fn restore(address: &str, file: &Path) -> Result<Copied, StoreError> {
    let options =
        SqliteConnectOptions::from_str(address).map_err(failed("cannot read the database address"))?;
    let target = options.get_filename();
    let beside = |file: &Path, ending: &str| {
        let mut name = OsString::from(file);
        name.push(ending);
        PathBuf::from(name)
    };
    // A log that belongs to another file of this name would be played into the new one.
    for ending in ["", "-wal", "-shm", "-journal"] {
        let there = beside(target, ending);
        if there.exists() {
            return Err(StoreError::message(format!(
                "{} exists: stop what uses it and move it away first, nothing is ever written over",
                there.display()
            )));
        }
    }
    if ["-wal", "-journal"].iter().any(|ending| beside(file, ending).exists()) {
        return Err(StoreError::message(format!(
            "{} has a log beside it, so it is a database in use and no backup: `collector backup` makes one",
            file.display()
        )));
    }
    let cannot = |error| StoreError::new(format!("cannot read {}", file.display()), error);
    let mut source = File::open(file).map_err(cannot)?;
    let partial = Partial::begin(target)?;
    std::io::copy(&mut source, &mut &partial.file).map_err(cannot)?;
    partial.sync()?;
    let (copied, _) = verify(&partial.path, file).await?;
    partial.finish(target)?;
    Ok(copied)
}

/// What a database holds, as its décomptes say.
#[derive(Debug, PartialEq, Eq)]
struct State {
    avis: i64,
    /// How often its décomptes have moved; 0 for all of an older version, which does not know.
    version: i64,
}

impl State {
    /// Reads it from a database whose newest migration is this one.
    async fn read(pool: &SqlitePool, newest: i64) -> Result<Self, StoreError> {
        let cannot = failed("cannot read décomptes");
        // Both of the same moment.
        let mut reading = pool.acquire().await.map_err(&cannot)?;
        let mut reading = reading.begin().await.map_err(&cannot)?;
        let counted = if newest >= QUARANTINE {
            "select coalesce(sum(satisfaction_answered + quarantined), 0) from tally_month"
        } else {
            "select coalesce(sum(satisfaction_answered), 0) from tally_month"
        };
        let mut avis: i64 = sqlx::query_scalar(counted).fetch_one(&mut *reading).await.map_err(&cannot)?;
        if newest < ENGINE {
            return Ok(Self { avis, version: 0 });
        }
        let on_its_way = moved::read(&mut reading).await?;
        avis += on_its_way.values().map(Tally::avis).sum::<i64>();
        let version = sqlx::query_scalar("select coalesce(sum(version), 0) from day_version")
            .fetch_one(&mut *reading)
            .await
            .map_err(&cannot)?;
        Ok(Self { avis, version })
    }
}

/// Looks a copy through, without writing a byte to it: its pages, its references, its décomptes against its avis, and its
/// editions and assets against their digests. Errors name it `called`.
async fn verify(path: &Path, called: &Path) -> Result<(Copied, State), StoreError> {
    let unsound = |what: String| StoreError::message(format!("{} is not sound: {what}", called.display()));
    let cannot = |error| StoreError::new(format!("cannot read {}", called.display()), error);
    // Nobody else writes it, so SQLite need not look for a log, nor leave one.
    let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true);
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options.disable_statement_logging())
        .await
        .map_err(cannot)?;
    let newest = check_version(&pool, &called.display().to_string()).await?;
    let audited = newest >= QUARANTINE;
    let findings: Vec<String> =
        sqlx::query_scalar("pragma integrity_check").fetch_all(&pool).await.map_err(cannot)?;
    if findings != ["ok"] {
        return Err(unsound(findings.into_iter().next().unwrap_or_default()));
    }
    let dangling = sqlx::query("pragma foreign_key_check").fetch_all(&pool).await.map_err(cannot)?;
    if !dangling.is_empty() {
        return Err(unsound(format!("{} rows refer to others that are not there", dangling.len())));
    }
    if audited {
        for span in counts::spans(&pool).await? {
            let differs = |one: &Audited| one.stored != one.counted;
            if let Some(one) = counts::audit(&pool, span).await?.iter().find(|one| differs(one)) {
                return Err(unsound(format!(
                    "the décomptes of démarche {} are not what its avis add up to; `collector rebuild` on the \
                     database writes them anew",
                    one.demarche.0
                )));
            }
        }
    }
    if newest >= EDITIONS {
        let mut reader = pool.acquire().await.map_err(cannot)?;
        for edition in editions::read(&mut reader).await? {
            for file in &edition.files {
                let content = editions::file(&mut reader, edition.quarter, file.format).await?;
                edition
                    .check(file.format, &content.unwrap_or_default())
                    .map_err(|error| unsound(error.to_string()))?;
            }
        }
    }
    if newest >= ASSETS {
        let mut reader = pool.acquire().await.map_err(cannot)?;
        for asset in assets::all(&mut reader).await? {
            let content = assets::content(&mut reader, &asset.name).await?;
            if asset.decoded(&content.unwrap_or_default()).is_none() {
                return Err(unsound(format!("asset {} is not what its digest says", asset.name)));
            }
        }
    }
    let avis: i64 = sqlx::query_scalar("select count(*) from avis").fetch_one(&pool).await.map_err(cannot)?;
    let state = State::read(&pool, newest).await?;
    pool.close().await;
    if state.avis != avis {
        return Err(unsound(format!("it holds {avis} avis and counts {}", state.avis)));
    }
    let bytes = path
        .metadata()
        .map_err(|error| StoreError::new(format!("cannot read {}", called.display()), error))?
        .len();
    Ok((Copied { avis, bytes, audited }, state))
}

/// The migration that made avis and décomptes as they are counted here.
const ENGINE: i64 = 2;

/// The migration that made what they are audited by.
const QUARANTINE: i64 = 7;

/// The migration that made editions.
const EDITIONS: i64 = 6;

/// The migration that made assets.
const ASSETS: i64 = 8;

/// The newest migration of a database, which tells what of it can be looked through; an error where it is none of ours,
/// or of a newer version that took away what this one needs.
async fn check_version(pool: &SqlitePool, called: &str) -> Result<i64, StoreError> {
    let newest: Option<i64> = sqlx::query_scalar(
        "select max(version) from _sqlx_migrations where exists (select 1 from pragma_table_info('avis'))",
    )
    .fetch_one(pool)
    .await
    .map_err(|error| {
        StoreError::new(format!("{called} is no database of this program, or damaged"), error)
    })?;
    let newest =
        newest.ok_or_else(|| StoreError::message(format!("{called} is no database of this program")))?;
    let migrations = sqlx::migrate!("../migrations/sqlite");
    refuse_too_new(pool, called, &migrations).await?;
    Ok(newest)
}

/// A file in the making. Dropped unfinished, it goes.
struct Partial {
    path: PathBuf,
    folder: PathBuf,
    file: File,
}

impl Partial {
    /// Begins the file that is to have this name, for its owner alone: it will hold the secret.
    fn begin(target: &Path) -> Result<Self, StoreError> {
        let cannot = |error| StoreError::new(format!("cannot write {}", target.display()), error);
        refuse_existing(target)?;
        let name = target
            .file_name()
            .ok_or_else(|| StoreError::message(format!("{} is no name of a file", target.display())))?;
        let folder = match target.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        // Absolute, so that SQLite takes it for nothing else than a path.
        let folder = folder.canonicalize().map_err(cannot)?;
        let mut partial = name.to_owned();
        partial.push(".partial");
        let path = folder.join(partial);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::message(format!("another process is writing {}", path.display())));
            }
            Err(TryLockError::Error(error)) => return Err(cannot(error)),
        }
        file.set_len(0).map_err(cannot)?;
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(cannot)?;
        Ok(Self { path, folder, file })
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.file
            .sync_all()
            .map_err(|error| StoreError::new(format!("cannot sync {}", self.path.display()), error))
    }

    /// Gives it its name, for good.
    fn finish(self, target: &Path) -> Result<(), StoreError> {
        let cannot = |error| StoreError::new(format!("cannot write {}", target.display()), error);
        refuse_existing(target)?;
        std::fs::rename(&self.path, target).map_err(cannot)?;
        // Until the folder is on the disk too, a power cut may take the name back.
        #[cfg(unix)]
        File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(cannot)?;
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // Gone already where it was finished.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn refuse_existing(target: &Path) -> Result<(), StoreError> {
    if target.exists() {
        return Err(StoreError::message(format!(
            "{} exists and is not written over; give another name",
            target.display()
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
