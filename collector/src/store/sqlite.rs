//! SQLite: the database inside the binary, for one machine.
//!
//! Write-ahead log with `synchronous=FULL`, so that an acknowledged avis survives a power cut; one connection
//! writes, several read beside it.

mod catalogue;
mod writes;

use super::encoding::CodedAnswers;
use super::{
    Audited, Avis, BoutonChange, CatalogueError, CountedIn, DemarcheChange, Missing, Outcome, Period, Store,
    StoreError, Write,
};
use crate::catalogue::{Bouton, BoutonId, Catalogue, Demarche, DemarcheId, Scope};
use crate::day::Day;
use crate::identity::{AvisId, SecretKey};
use async_trait::async_trait;
use futures_util::TryStreamExt;
use jiff::Timestamp;
use shared::tally::{CELLS, Cell};
use shared::{Language, Tally};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Row, SqlitePool};
use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::LazyLock;
use std::time::Duration;

/// How long a connection waits for another process that is writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Connections that read while one writes.
const READERS: u32 = 4;

/// A store in a SQLite file.
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
}

/// The columns of a décompte, in the order of its cells.
static CELL_COLUMNS: LazyLock<Vec<String>> = LazyLock::new(|| Cell::all().map(Cell::name).collect());

static SUM_OF_PERIOD: LazyLock<String> = LazyLock::new(|| {
    let columns = CELL_COLUMNS.join(", ");
    let sums: Vec<String> = CELL_COLUMNS.iter().map(|column| format!("sum({column})")).collect();
    // A join per démarche rather than one scan: each reads the few rows of its own period, whatever lies beside.
    format!(
        "select demarche_id, {sums} from (
            select demarche.demarche_id, {columns} from demarche
            cross join tally_month using (demarche_id) where month between $1 and $2
            union all
            select demarche.demarche_id, {columns} from demarche
            cross join tally using (demarche_id) where day between $3 and $4
            union all
            select demarche.demarche_id, {columns} from demarche
            cross join tally using (demarche_id) where day between $5 and $6
        ) group by demarche_id",
        sums = sums.join(", ")
    )
});

static DAY_TALLIES: LazyLock<String> = LazyLock::new(|| all_tallies("tally", "day"));
static MONTH_TALLIES: LazyLock<String> = LazyLock::new(|| all_tallies("tally_month", "month"));

fn all_tallies(table: &str, unit: &str) -> String {
    format!("select demarche_id, {}, bouton_id, {unit} from {table}", CELL_COLUMNS.join(", "))
}

impl SqliteStore {
    /// Opens the file and brings its tables up to date.
    ///
    /// # Errors
    /// The address is malformed, or the file cannot be opened or migrated.
    pub async fn open(address: &str, missing: Missing) -> Result<Self, StoreError> {
        let failed = |error| StoreError::new(format!("cannot open the database {address}"), error);
        let options = SqliteConnectOptions::from_str(address)
            .map_err(failed)?
            // What is withdrawn is overwritten, not only forgotten.
            .pragma("secure_delete", "on")
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .statement_cache_capacity(200);
        if missing == Missing::Create {
            create(options.get_filename())
                .map_err(|error| StoreError::new(format!("cannot open the database {address}"), error))?;
        }
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options.clone())
            .await
            .map_err(failed)?;
        migrate(&writer, address).await?;
        let readers =
            SqlitePoolOptions::new().max_connections(READERS).connect_with(options).await.map_err(failed)?;
        Ok(Self { writer, readers })
    }
}

/// Brings the tables up to date. Where two processes do so at once, the slower one fails on what the faster one has
/// made, and finds it made when it looks again.
async fn migrate(writer: &SqlitePool, address: &str) -> Result<(), StoreError> {
    const ATTEMPTS: u32 = 20;
    let migrations = sqlx::migrate!("../migrations/sqlite");
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

/// Makes the file, for its owner alone: it holds the secret.
fn create(file: &std::path::Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}

fn failed(context: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |error| StoreError::new(context, error)
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, writes: &[Write]) -> Result<Vec<Outcome>, StoreError> {
        writes::commit(&self.writer, writes).await
    }

    async fn avis(&self, avis_id: AvisId) -> Result<Option<Avis>, StoreError> {
        let row = sqlx::query(SELECT_AVIS_BY_ID)
            .bind(&avis_id.as_bytes()[..])
            .fetch_optional(&self.readers)
            .await
            .map_err(failed("cannot read an avis"))?;
        row.map(|row| read_avis(&row)).transpose()
    }

    async fn tallies(&self, period: Period) -> Result<Vec<(DemarcheId, Tally)>, StoreError> {
        let slices = Slices::of(period);
        let rows = sqlx::query(SUM_OF_PERIOD.as_str())
            .bind(slices.months.0)
            .bind(slices.months.1)
            .bind(slices.head.0)
            .bind(slices.head.1)
            .bind(slices.tail.0)
            .bind(slices.tail.1)
            .fetch_all(&self.readers)
            .await
            .map_err(failed("cannot read décomptes"))?;
        rows.iter().map(|row| Ok((DemarcheId(get(row, 0)?), read_tally(row)?))).collect()
    }

    async fn audit(&self) -> Result<Vec<Audited>, StoreError> {
        let cannot = failed("cannot read the avis and their décomptes");
        let mut reading = self.readers.begin().await.map_err(&cannot)?;
        // Stored and counted, by démarche, day or month, and bouton ('' for none).
        let mut pairs: BTreeMap<(DemarcheId, CountedIn, String), (Tally, Tally)> = BTreeMap::new();
        for statement in [&DAY_TALLIES, &MONTH_TALLIES] {
            for row in sqlx::query(statement.as_str()).fetch_all(&mut *reading).await.map_err(&cannot)? {
                let when = match get(&row, CELLS + 2)? {
                    month if month < 1_000_000 => CountedIn::Month(month),
                    number => CountedIn::Day(day(number)?),
                };
                let key = (DemarcheId(get(&row, 0)?), when, get(&row, CELLS + 1)?);
                pairs.entry(key).or_default().0 = read_tally(&row)?;
            }
        }
        let mut rows = sqlx::query(SELECT_ALL_AVIS).fetch(&mut *reading);
        while let Some(row) = rows.try_next().await.map_err(&cannot)? {
            let avis = read_avis(&row)?;
            let tally = Tally::of(&avis.answers);
            let bouton = avis.bouton.map_or(String::new(), |bouton| bouton.0);
            for when in [CountedIn::Day(avis.day), CountedIn::Month(avis.day.month())] {
                pairs.entry((avis.demarche.clone(), when, bouton.clone())).or_default().1 += &tally;
            }
        }
        let named = |bouton: String| (!bouton.is_empty()).then_some(BoutonId(bouton));
        Ok(pairs
            .into_iter()
            .filter(|(_, (stored, counted))| !(stored.is_zero() && counted.is_zero()))
            .map(|((demarche, when, bouton), (stored, counted))| Audited {
                demarche,
                bouton: named(bouton),
                when,
                stored,
                counted,
            })
            .collect())
    }

    async fn forget_keys(&self, before: Timestamp) -> Result<u64, StoreError> {
        // Ids begin with their day: what is older than the oldest remembered day is found without an index on time.
        let result = sqlx::query("delete from idempotency where avis_id < $1 and accepted_at_ms < $2")
            .bind(&AvisId::first_of(Day::of(before).plus(1)).as_bytes()[..])
            .bind(before.as_millisecond())
            .execute(&self.writer)
            .await
            .map_err(failed("cannot forget idempotency keys"))?;
        Ok(result.rows_affected())
    }

    async fn ready(&self) -> Result<(), StoreError> {
        let transaction =
            self.writer.begin_with("begin immediate").await.map_err(failed("cannot begin a transaction"))?;
        transaction.rollback().await.map_err(failed("cannot end a transaction"))
    }

    async fn secret(&self) -> Result<Vec<SecretKey>, StoreError> {
        let rows = sqlx::query("select secret_id, secret_key from secret")
            .fetch_all(&self.readers)
            .await
            .map_err(failed("cannot read the secret"))?;
        rows.iter()
            .map(|row| {
                let impossible =
                    || StoreError::message("the database holds a secret key of an impossible form");
                let id: i64 = get(row, 0)?;
                let bytes: Vec<u8> = get(row, 1)?;
                Ok(SecretKey {
                    id: id.try_into().map_err(|_| impossible())?,
                    bytes: bytes.try_into().map_err(|_| impossible())?,
                })
            })
            .collect()
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
        catalogue::read(&self.readers).await
    }

    async fn add_demarches(&self, demarches: &[Demarche]) -> Result<(), CatalogueError> {
        catalogue::add_demarches(&self.writer, demarches).await
    }

    async fn change_demarche(&self, id: &DemarcheId, change: &DemarcheChange) -> Result<(), CatalogueError> {
        catalogue::change_demarche(&self.writer, id, change).await
    }

    async fn add_boutons(&self, boutons: &[Bouton]) -> Result<(), CatalogueError> {
        catalogue::add_boutons(&self.writer, boutons).await
    }

    async fn change_bouton(&self, id: &BoutonId, change: &BoutonChange) -> Result<(), CatalogueError> {
        catalogue::change_bouton(&self.writer, id, change).await
    }

    async fn last_avis(&self) -> Result<Vec<(BoutonId, Day)>, StoreError> {
        let rows = sqlx::query(
            "select bouton_id, max(day) from tally where bouton_id <> '' and satisfaction_answered > 0 group by bouton_id",
        )
        .fetch_all(&self.readers)
        .await
        .map_err(failed("cannot read the last avis"))?;
        rows.iter().map(|row| Ok((BoutonId(get(row, 0)?), day(get(row, 1)?)?))).collect()
    }

    async fn add_key(
        &self,
        digest: [u8; 32],
        scope: Scope,
        demarche: Option<&DemarcheId>,
        today: Day,
    ) -> Result<i64, CatalogueError> {
        catalogue::add_key(&self.writer, digest, scope, demarche, today).await
    }

    async fn revoke_key(&self, id: i64) -> Result<(), CatalogueError> {
        catalogue::revoke_key(&self.writer, id).await
    }

    async fn close(&self) {
        // The last connection to close brings the write-ahead log home: from then on, the file alone is everything.
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// A period as whole months, and the days before and after them; an empty slice ends before it begins.
#[derive(Debug, PartialEq, Eq)]
struct Slices {
    months: (i32, i32),
    head: (i32, i32),
    tail: (i32, i32),
}

impl Slices {
    fn of(period: Period) -> Self {
        const NOTHING: (i32, i32) = (1, 0);
        let Period { from, to } = period;
        let first_month = if from == from.first_of_month() { from } else { from.last_of_month().plus(1) };
        let last_month = if to == to.last_of_month() { to } else { to.first_of_month().plus(-1) };
        if first_month > last_month {
            return Self { months: NOTHING, head: (from.number(), to.number()), tail: NOTHING };
        }
        Self {
            months: (first_month.month(), last_month.month()),
            head: (from.number(), first_month.plus(-1).number()),
            tail: (last_month.plus(1).number(), to.number()),
        }
    }
}

macro_rules! select_avis {
    ($rest:literal) => {
        concat!(
            "select avis.avis_id, demarche_id, bouton_id, day, language, origin, path, satisfaction, clarity, ease,
                help_tried, help_reached, help_quality, malfunctions, help_tried_other, malfunctions_other, comment
            from avis left join avis_text using (avis_id) left join page using (page_id) ",
            $rest
        )
    };
}

const SELECT_AVIS_BY_ID: &str = select_avis!("where avis.avis_id = $1");
const SELECT_ALL_AVIS: &str = select_avis!("");

fn read_avis(row: &SqliteRow) -> Result<Avis, StoreError> {
    let id: Vec<u8> = get(row, 0)?;
    let bouton: Option<String> = get(row, 2)?;
    let language: Option<String> = get(row, 4)?;
    let (origin, path): (Option<String>, Option<String>) = (get(row, 5)?, get(row, 6)?);
    let coded = CodedAnswers {
        satisfaction: get(row, 7)?,
        clarity: get(row, 8)?,
        ease: get(row, 9)?,
        help_tried: get(row, 10)?,
        help_reached: get(row, 11)?,
        help_quality: get(row, 12)?,
        malfunctions: get(row, 13)?,
    };
    let mut answers = coded.answers()?;
    answers.help_tried_other = get(row, 14)?;
    answers.malfunctions_other = get(row, 15)?;
    answers.comment = get(row, 16)?;
    Ok(Avis {
        id: AvisId::from_bytes(
            id.try_into().map_err(|_| StoreError::message("the database holds an id of another length"))?,
        ),
        demarche: DemarcheId(get(row, 1)?),
        bouton: bouton.map(BoutonId),
        day: day(get(row, 3)?)?,
        language: language.as_deref().and_then(Language::from_tag),
        page: origin.zip(path),
        answers,
    })
}

/// The cells of a row, from its second column on.
fn read_tally(row: &SqliteRow) -> Result<Tally, StoreError> {
    let mut cells = [0; CELLS];
    for (index, cell) in cells.iter_mut().enumerate() {
        *cell = get(row, index + 1)?;
    }
    Ok(Tally::from(cells))
}

fn day(number: i32) -> Result<Day, StoreError> {
    Day::from_number(number)
        .ok_or_else(|| StoreError::message(format!("the database holds day {number}, which is none")))
}

fn get<'row, T>(row: &'row SqliteRow, index: usize) -> Result<T, StoreError>
where
    T: sqlx::Decode<'row, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    row.try_get(index).map_err(failed("the database holds a value of another type"))
}

#[cfg(test)]
mod tests;
