//! PostgreSQL: one database behind as many collectors as are needed.
//!
//! A batch is one statement, whose rows are locked in one order, so that collectors wait for one another and never in
//! a circle. Avis are kept in a partition a month.

mod assets;
mod avis;
mod catalogue;
mod counts;
mod editions;
mod journal;
mod partitions;
mod retention;
mod spools;
mod writes;

use super::page_numbers::PageNumbers;
use super::rows::{AvisRow, SECRET, SecretRow, day};
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
use partitions::Months;
use shared::Tally;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool, Postgres};
use std::collections::HashSet;
use std::ops::Range;
use std::str::FromStr;
use std::time::Duration;
use uuid::Uuid;

/// Connections that write: one for the batches, the rest for what operators do. Together with [`READERS`], nine
/// collectors fit under the hundred connections that a server allows if nobody tells it otherwise.
const WRITERS: u32 = 3;

/// Connections that read.
const READERS: u32 = 8;

/// How long to wait for a connection, new or free.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// How long the database may take over a commit, or over an answer that somebody waits for. A network that was cut does
/// not say so: without a limit of its own, a collector would wait for as long as its machine sends again, a quarter of
/// an hour.
const TIMEOUT: Duration = Duration::from_secs(8);

/// How long connections may take to be closed.
const CLOSING: Duration = Duration::from_secs(1);

/// A connection that lay idle so long is asked whether it is good still.
const DOUBTFUL: Duration = Duration::from_secs(1);

/// How each connection is set up.
///
/// What a collector leaves behind when it vanishes, the server puts an end to, before another one that waits for its
/// locks gives up. Compiling a statement of 69 sums takes longer than running it. And whoever told the server not to
/// sync commits meant other data than avis.
const SET_UP: &str = "select
    set_config('statement_timeout', '10s', false),
    set_config('idle_in_transaction_session_timeout', '5s', false),
    set_config('jit', 'off', false),
    set_config('synchronous_commit',
        case current_setting('synchronous_commit') when 'off' then 'on' else current_setting('synchronous_commit') end,
        false)";

/// How each connection that writes is set up besides.
///
/// Whatever a batch looks for, it looks for by key. But the server plans a statement once, when its tables may be all but
/// empty and reading them from end to end the quickest way, and keeps to it until somebody analyses them.
const SET_UP_TO_WRITE: &str = "select set_config('enable_seqscan', 'off', false)";

/// The numbers by which collectors lock what is no row: the first of the two keys of an advisory lock.
mod advisory {
    /// A Paris day: shared by commits that move its décomptes, held alone by whoever writes them anew.
    pub(super) const DAY: i32 = 0x6176_0001;
    /// The making of partitions.
    pub(super) const PARTITIONS: i32 = 0x6176_0002;
    /// The blanking of what is kept for a time only.
    pub(super) const PURGE: i32 = 0x6176_0009;
}

/// A store in a PostgreSQL database.
pub struct PostgresStore {
    writers: PgPool,
    readers: PgPool,
    pages: PageNumbers<i32>,
    months: Months,
    replays: Replays,
    /// Whose row of each day's version is this store's: random, since nothing else about a collector is its own.
    collector_id: i64,
}

impl PostgresStore {
    /// Connects to the database, which must exist, and brings its tables up to date.
    ///
    /// # Errors
    /// The address is malformed, or the database cannot be reached or migrated.
    pub async fn open(address: &str, missing: Missing) -> Result<Self, StoreError> {
        // The error of an address may hold the address, and an address holds a password.
        let options = PgConnectOptions::from_str(address)
            .map_err(|_| StoreError::message("the address of the PostgreSQL database is malformed"))?
            .application_name("collector");
        let name = format!(
            "{} on {}:{}",
            options.get_database().unwrap_or(options.get_username()),
            options.get_host(),
            options.get_port()
        );
        let cannot = |error| explain(format!("cannot open the database {name}"), error);
        let random = getrandom::u64().map_err(|error| {
            StoreError::message(format!("the operating system has no randomness to give: {error}"))
        })?;
        let collector_id = i64::from_ne_bytes(random.to_ne_bytes());

        let mut connection = tokio::time::timeout(TIMEOUT, PgConnection::connect_with(&options))
            .await
            .map_err(|_| StoreError::message(format!("the database {name} does not answer")).away())?
            .map_err(cannot)?;
        migrate(&mut connection, &name, missing).await?;
        let months = Months::read(&mut connection).await?;
        connection.close().await.map_err(cannot)?;

        Ok(Self {
            writers: pool(WRITERS, options.clone(), &[SET_UP, SET_UP_TO_WRITE]),
            readers: pool(READERS, options, &[SET_UP]),
            pages: PageNumbers::default(),
            months,
            replays: Replays::default(),
            collector_id,
        })
    }
}

/// Connections, each made when it is first needed.
fn pool(connections: u32, options: PgConnectOptions, set_up: &'static [&'static str]) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // Asking every time would cost each commit a way to the server and back.
        .test_before_acquire(false)
        .before_acquire(|connection, connected| {
            Box::pin(async move { Ok(connected.idle_for < DOUBTFUL || writable(connection).await?) })
        })
        .after_connect(move |connection, _| {
            Box::pin(async move {
                for statement in set_up {
                    sqlx::query(*statement).execute(&mut *connection).await?;
                }
                // After a failover, an address may lead for a while to the server that must not be written to. Here it
                // counts as one that is not there.
                if writable(connection).await? {
                    return Ok(());
                }
                Err(sqlx::Error::Io(std::io::Error::other("the server only reads")))
            })
        })
        .connect_lazy_with(options)
}

async fn writable(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let reads_only: String =
        sqlx::query_scalar("select current_setting('transaction_read_only')").fetch_one(connection).await?;
    Ok(reads_only == "off")
}

/// Brings the tables up to date, or goes on over those of a newer version that only adds. Collectors that start at the
/// same time wait for one another.
async fn migrate(connection: &mut PgConnection, name: &str, missing: Missing) -> Result<(), StoreError> {
    let cannot = |error| explain(format!("cannot read the database {name}"), error);
    let mut migrations = sqlx::migrate!("../migrations/postgres");
    let there: bool = sqlx::query_scalar("select to_regclass('compatibility') is not null")
        .fetch_one(&mut *connection)
        .await
        .map_err(cannot)?;
    if there {
        let oldest: i64 = sqlx::query_scalar("select oldest from compatibility")
            .fetch_one(&mut *connection)
            .await
            .map_err(cannot)?;
        super::check_compatible(oldest, migrations.iter().map(|migration| migration.version))?;
    } else if missing == Missing::Refuse {
        return Err(StoreError::message(format!(
            "the database {name} holds no tables of a collector; `collector serve` makes them"
        )));
    }
    migrations.set_ignore_missing(true);
    migrations
        .run(connection)
        .await
        .map_err(|error| StoreError::new(format!("cannot migrate the database {name}"), error))
}

/// Has something done on a connection, within [`TIMEOUT`].
async fn within<T>(
    pool: &PgPool,
    work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    // Whatever kept a connection from being made, it says nothing about what was asked for.
    let unreachable = |error| StoreError::new("cannot reach the database", error).away();
    let mut lent = Lent(Some(pool.acquire().await.map_err(unreachable)?));
    let silent = || StoreError::message("the database does not answer").away();
    let done = match lent.0.as_deref_mut() {
        Some(connection) => tokio::time::timeout(TIMEOUT, work(connection)).await.map_err(|_| silent())?,
        None => Err(silent()),
    };
    lent.give_back();
    done
}

/// A connection that leaves its pool unless it is given back: by then an answer may be on its way that is for nobody,
/// and the next one to use the connection would wait for it. So it ends with its work, whoever lost patience first.
struct Lent(Option<PoolConnection<Postgres>>);

impl Lent {
    /// Its pool asks it whether it is good still, without a limit: where the network was cut meanwhile, the pool would
    /// lack it for as long as the machine sends again.
    fn give_back(mut self) {
        if let Some(mut connection) = self.0.take() {
            tokio::spawn(tokio::time::timeout(TIMEOUT, connection.return_to_pool()));
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        drop(self.0.take().map(PoolConnection::detach));
    }
}

fn failed(context: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |error| explain(context, error)
}

fn explain(context: impl Into<String>, error: sqlx::Error) -> StoreError {
    let away = is_away(&error);
    let error = StoreError::new(context, error);
    if away { error.away() } else { error }
}

/// Whether the error is that of a server which cannot be reached or cannot write now.
fn is_away(error: &sqlx::Error) -> bool {
    /// Codes, or their beginnings.
    const AWAY: [&str; 11] = [
        "08",    // The connection failed.
        "25006", // The server only reads: it was the primary, before a failover.
        "25P03", // The server ended a transaction that was idle: this machine stood still.
        "28",    // The server lets nobody in under this name: its password is being changed.
        "3D",    // There is no such database: it is being put back.
        "53",    // No disk, no memory, no connection left.
        "57P01", // The server is told to stop.
        "57P02", // The server crashed.
        "57P03", // The server is starting.
        "57P04", // The database was dropped.
        "58",    // The server's disk or operating system failed.
    ];
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
            true
        }
        sqlx::Error::Database(answer) => {
            answer.code().is_some_and(|code| AWAY.iter().any(|away| code.starts_with(away)))
        }
        _ => false,
    }
}

/// What is read of an avis, as [`AvisRow`] takes it.
macro_rules! select_avis {
    ($rest:literal) => {
        concat!(
            "select avis.avis_id, demarche_id, bouton_id, day, language, origin, path, satisfaction::bigint,
                clarity::bigint, ease::bigint, help_tried::bigint, help_reached::bigint, help_quality::bigint,
                malfunctions::bigint, texts::bigint, help_tried_other, malfunctions_other, comment,
                quarantine::bigint
            from avis left join avis_text using (avis_id) left join page using (page_id) ",
            $rest
        )
    };
}

use select_avis;
use writes::Replays;

fn uuid(bytes: &[u8; 16]) -> Uuid {
    Uuid::from_bytes(*bytes)
}

#[async_trait]
impl Store for PostgresStore {
    async fn commit(&self, writes: &[Write]) -> Result<Vec<Outcome>, StoreError> {
        writes::commit(self, writes).await
    }

    async fn avis(&self, avis_id: AvisId) -> Result<Option<Avis>, StoreError> {
        within(&self.readers, async |connection| {
            let row: Option<AvisRow> = sqlx::query_as(select_avis!("where avis.avis_id = $1"))
                .bind(uuid(avis_id.as_bytes()))
                .fetch_optional(connection)
                .await
                .map_err(failed("cannot read an avis"))?;
            row.map(Avis::try_from).transpose()
        })
        .await
    }

    async fn tallies(&self, period: Period) -> Result<Vec<(DemarcheId, Tally)>, StoreError> {
        within(&self.readers, async |connection| counts::tallies(connection, period).await).await
    }

    async fn tallies_of_periods(
        &self,
        periods: &[Period],
    ) -> Result<Vec<Vec<(DemarcheId, Tally)>>, StoreError> {
        within(&self.readers, async |connection| counts::tallies_of_periods(connection, periods).await).await
    }

    async fn tallies_by_bouton(
        &self,
        demarche: &DemarcheId,
        period: Period,
    ) -> Result<Vec<(Option<BoutonId>, Tally)>, StoreError> {
        within(&self.readers, async |connection| {
            counts::tallies_by_bouton(connection, demarche, period).await
        })
        .await
    }

    async fn tallies_by_day(
        &self,
        demarche: &DemarcheId,
        period: Period,
    ) -> Result<Vec<(Day, Tally)>, StoreError> {
        within(&self.readers, async |connection| counts::tallies_by_day(connection, demarche, period).await)
            .await
    }

    async fn satisfaction_by_month(
        &self,
        first: i32,
        last: i32,
    ) -> Result<Vec<(DemarcheId, i32, Tally)>, StoreError> {
        within(&self.readers, async |connection| counts::satisfaction_by_month(connection, first, last).await)
            .await
    }

    async fn freshness(&self, period: Period) -> Result<Freshness, StoreError> {
        within(&self.readers, async |connection| counts::freshness(connection, period).await).await
    }

    async fn spans(&self) -> Result<Vec<CountedIn>, StoreError> {
        counts::spans(&self.readers).await
    }

    async fn audit(&self, span: CountedIn) -> Result<Vec<Audited>, StoreError> {
        counts::audit(&self.readers, span).await
    }

    async fn rebuild(&self, span: CountedIn, missing: MissingAvis) -> Result<u64, StoreError> {
        counts::rebuild(&self.writers, self.collector_id, span, missing).await
    }

    async fn avis_of(&self, day: Day) -> Result<Vec<Avis>, StoreError> {
        let rows: Vec<AvisRow> = sqlx::query_as(select_avis!(
            "where avis.avis_id >= $1 and avis.avis_id < $2 order by avis.avis_id"
        ))
        .bind(uuid(AvisId::first_of(day).as_bytes()))
        .bind(uuid(AvisId::first_of(day.plus(1)).as_bytes()))
        .fetch_all(&self.readers)
        .await
        .map_err(failed("cannot read the avis of a day"))?;
        rows.into_iter().map(Avis::try_from).collect()
    }

    fn selected<'a>(&'a self, selection: &'a Selection) -> BoxStream<'a, Result<Vec<Avis>, StoreError>> {
        avis::selected(&self.readers, selection)
    }

    async fn mend(&self, act: &Act, selection: &Selection, at: Timestamp) -> Result<u64, StoreError> {
        writes::mend(self, act, selection, at).await
    }

    async fn journal(&self) -> Result<Vec<Entry>, StoreError> {
        journal::read(&self.readers).await
    }

    async fn load_journal(&self, entries: &[Entry]) -> Result<(), StoreError> {
        journal::load(&self.writers, entries).await
    }

    async fn stored(&self, avis: &[AvisId]) -> Result<HashSet<AvisId>, StoreError> {
        within(&self.readers, async |connection| avis::stored(connection, avis).await).await
    }

    async fn rated_by_page(&self, period: Period) -> Result<Vec<Rated>, StoreError> {
        avis::rated_by_page(&self.readers, period).await
    }

    async fn keys(&self) -> Result<Vec<Remembered>, StoreError> {
        let rows: Vec<writes::RememberedRow> =
            sqlx::query_as("select avis_id, fingerprint, accepted_at_ms from remembered")
                .fetch_all(&self.readers)
                .await
                .map_err(failed("cannot read idempotency keys"))?;
        rows.into_iter().map(writes::remembered_of).collect()
    }

    async fn remember_keys(&self, keys: &[Remembered]) -> Result<(), StoreError> {
        writes::remember_keys(&self.writers, keys).await
    }

    async fn forget_keys(&self, before: Timestamp) -> Result<u64, StoreError> {
        writes::forget_keys(&self.writers, before).await
    }

    async fn purge_some(&self, kept: Kept, days: Range<Day>, today: Day) -> Result<Portion, StoreError> {
        retention::purge_some(&self.readers, &self.writers, kept, days, today).await
    }

    async fn overdue(&self, kept: Kept, before: Day) -> Result<u64, StoreError> {
        retention::overdue(&self.readers, kept, before).await
    }

    async fn purges(&self) -> Result<Vec<Purge>, StoreError> {
        within(&self.readers, async |connection| retention::purges(connection).await).await
    }

    async fn add_purges(&self, purges: &[Purge]) -> Result<(), StoreError> {
        retention::add_purges(&self.writers, purges).await
    }

    async fn prepare_ahead(&self, today: Day) -> Result<(), StoreError> {
        let next = today.last_of_month().plus(1);
        let after = next.last_of_month().plus(1);
        self.months.make(&self.writers, [today, next, after].map(Day::month)).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        // A lock is a write, though nobody waits for this one; so a server that only reads is not ready.
        within(&self.writers, async |connection| {
            let mut transaction = connection.begin().await.map_err(failed("cannot begin a transaction"))?;
            sqlx::query("select version from catalogue_version for key share")
                .execute(&mut *transaction)
                .await
                .map_err(failed("cannot write"))?;
            transaction.rollback().await.map_err(failed("cannot end a transaction"))
        })
        .await
    }

    async fn dated_secret(&self) -> Result<Vec<(SecretKey, Day)>, StoreError> {
        let rows: Vec<SecretRow> = within(&self.readers, async |connection| {
            sqlx::query_as(SECRET).fetch_all(connection).await.map_err(failed("cannot read the secret"))
        })
        .await?;
        rows.into_iter().map(SecretRow::key).collect()
    }

    async fn add_secret_key(&self, key: &SecretKey, today: Day) -> Result<(), StoreError> {
        sqlx::query("insert into secret (secret_id, secret_key, created_day) values ($1, $2, $3) on conflict do nothing")
            .bind(i64::from(key.id))
            .bind(&key.bytes[..])
            .bind(today.number())
            .execute(&self.writers)
            .await
            .map_err(failed("cannot store a secret key"))?;
        Ok(())
    }

    async fn catalogue_version(&self) -> Result<i64, StoreError> {
        within(&self.readers, async |connection| {
            sqlx::query_scalar("select version from catalogue_version")
                .fetch_one(connection)
                .await
                .map_err(failed("cannot read the catalogue"))
        })
        .await
    }

    async fn catalogue(&self) -> Result<Catalogue, StoreError> {
        within(&self.readers, async |connection| catalogue::read(connection).await).await
    }

    async fn add_demarches(&self, demarches: &[Demarche]) -> Result<(), CatalogueError> {
        catalogue::add_demarches(&self.writers, demarches).await
    }

    async fn change_demarche(&self, id: &DemarcheId, change: &DemarcheChange) -> Result<(), CatalogueError> {
        catalogue::change_demarche(&self.writers, id, change).await
    }

    async fn set_essential(&self, demarches: &[DemarcheId]) -> Result<EssentialChange, CatalogueError> {
        catalogue::set_essential(&self.writers, demarches).await
    }

    async fn add_boutons(&self, boutons: &[Bouton]) -> Result<(), CatalogueError> {
        catalogue::add_boutons(&self.writers, boutons).await
    }

    async fn change_bouton(&self, id: &BoutonId, change: &BoutonChange) -> Result<(), CatalogueError> {
        catalogue::change_bouton(&self.writers, id, change).await
    }

    async fn last_avis(&self) -> Result<Vec<(BoutonId, Day)>, StoreError> {
        let rows: Vec<(String, i32)> = sqlx::query_as(
            "select bouton_id, max(day) from tally where bouton_id <> '' and satisfaction_answered > 0 group by bouton_id",
        )
        .fetch_all(&self.readers)
        .await
        .map_err(failed("cannot read the last avis"))?;
        rows.into_iter().map(|(bouton, number)| Ok((BoutonId(bouton), day(number)?))).collect()
    }

    async fn avis_by_bouton(&self, period: Period) -> Result<Vec<(BoutonId, Day, u64)>, StoreError> {
        let rows: Vec<(String, i32, i64)> = sqlx::query_as(
            "select bouton_id, day, satisfaction_answered::bigint from tally
            where day between $1 and $2 and bouton_id <> '' and satisfaction_answered > 0",
        )
        .bind(period.from.number())
        .bind(period.to.number())
        .fetch_all(&self.readers)
        .await
        .map_err(failed("cannot count the avis of boutons"))?;
        rows.into_iter()
            .map(|(bouton, number, avis)| Ok((BoutonId(bouton), day(number)?, avis.unsigned_abs())))
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
        catalogue::add_key(&self.writers, digest, scope, demarche, today, expires).await
    }

    async fn load_keys(&self, keys: &[ApiKey]) -> Result<(), CatalogueError> {
        catalogue::load_keys(&self.writers, keys).await
    }

    async fn revoke_key(&self, id: i64) -> Result<(), CatalogueError> {
        catalogue::revoke_key(&self.writers, id).await
    }

    async fn note_key_uses(&self, uses: &[(i64, Day)]) -> Result<(), StoreError> {
        catalogue::note_key_uses(&self.writers, uses).await
    }

    async fn key_uses(&self) -> Result<Vec<(i64, Day)>, StoreError> {
        catalogue::key_uses(&self.readers).await
    }

    async fn drain(&self, spool: SpoolId, entries: &[SpoolEntry]) -> Result<Vec<Refusal>, StoreError> {
        spools::drain(self, spool, entries).await
    }

    async fn spool_progress(&self, spool: SpoolId) -> Result<i64, StoreError> {
        within(&self.readers, async |connection| spools::progress(connection, spool).await).await
    }

    async fn report_spool(
        &self,
        spool: SpoolId,
        seen_at: Timestamp,
        holds_since: Option<Day>,
    ) -> Result<(), StoreError> {
        within(&self.writers, async |connection| {
            spools::report(connection, spool, seen_at, holds_since).await
        })
        .await
    }

    async fn spools(&self) -> Result<Vec<SpoolState>, StoreError> {
        within(&self.readers, async |connection| spools::all(connection).await).await
    }

    async fn forget_spool(&self, spool: SpoolId) -> Result<bool, StoreError> {
        within(&self.writers, async |connection| spools::forget(connection, spool).await).await
    }

    async fn keep_assets(&self, assets: &[(KeptAsset, Vec<u8>)]) -> Result<u64, StoreError> {
        assets::keep(&self.writers, assets).await
    }

    async fn asset_content(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        within(&self.readers, async |connection| assets::content(connection, name).await).await
    }

    async fn revoke_asset(
        &self,
        integrity: Integrity,
        revoked: bool,
        at: Option<Timestamp>,
    ) -> Result<u64, StoreError> {
        assets::revoke(&self.writers, integrity, revoked, at).await
    }

    async fn freeze(&self, edition: &NewEdition) -> Result<bool, StoreError> {
        editions::freeze(&self.writers, edition).await
    }

    async fn editions(&self) -> Result<Vec<Edition>, StoreError> {
        within(&self.readers, async |connection| editions::read(connection).await).await
    }

    async fn edition_file(&self, quarter: Quarter, format: Format) -> Result<Option<Vec<u8>>, StoreError> {
        within(&self.readers, async |connection| editions::file(connection, quarter, format).await).await
    }

    async fn add_erratum(&self, quarter: Quarter, erratum: &Erratum) -> Result<bool, StoreError> {
        within(&self.writers, async |connection| editions::add_erratum(connection, quarter, erratum).await)
            .await
    }

    async fn close(&self) {
        // What is committed is committed: a connection that does not say goodbye in time is left to the server.
        let all = async { tokio::join!(self.readers.close(), self.writers.close()) };
        let _ = tokio::time::timeout(CLOSING, all).await;
    }
}

#[cfg(test)]
mod tests;
