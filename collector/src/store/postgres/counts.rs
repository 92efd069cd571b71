//! Décomptes: read, compared with the avis, written anew.

use super::writes::{Tallied, insert_tallies};
use super::{advisory, failed, uuid};
use crate::catalogue::{BoutonId, DemarcheId};
use crate::day::Day;
use crate::identity::AvisId;
use crate::store::encoding::CodedAnswers;
use crate::store::rows::{day, reasons};
use crate::store::tallies::{
    CELL_COLUMNS, Tallies, avis_missing, bouton_named, compare, days_of, satisfaction_cells,
};
use crate::store::{Audited, CountedIn, Freshness, MissingAvis, Period, Slices, StoreError, counts_for};
use futures_util::TryStreamExt;
use shared::Tally;
use shared::tally::CELLS;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::QueryAs;
use sqlx::{Connection, PgConnection, PgPool, Postgres, Row};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use uuid::Uuid;

/// Read démarche by démarche: each has the few rows of its own period, whatever lies beside.
static SUM_OF_PERIOD: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select demarche_id, {} from demarche cross join lateral ({}) as counted group by demarche_id",
        sums(),
        slices_of("demarche.demarche_id")
    )
});

/// The same of one démarche, by bouton.
static SUM_OF_BOUTONS: LazyLock<String> = LazyLock::new(|| {
    format!("select bouton_id, {} from ({}) as counted group by bouton_id", sums(), slices_of("$9"))
});

/// The décomptes of one démarche, day by day.
static SUMS_OF_DAYS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select day, {} from tally where demarche_id = $1 and day between $2 and $3 group by day order by day",
        sums()
    )
});

/// The rows of a démarche in the slices of a period, with the sign of each.
fn slices_of(demarche: &str) -> String {
    let signed = |sign: &str| {
        let signed = |column: &String| format!("{column} * {sign}::int as {column}");
        CELL_COLUMNS.iter().map(signed).collect::<Vec<_>>().join(", ")
    };
    format!(
        "select bouton_id, {columns} from tally_month
        where tally_month.demarche_id = {demarche} and month between $1 and $2
        union all
        select bouton_id, {head} from tally where tally.demarche_id = {demarche} and day between $3 and $4
        union all
        select bouton_id, {tail} from tally where tally.demarche_id = {demarche} and day between $6 and $7",
        columns = CELL_COLUMNS.join(", "),
        head = signed("$5"),
        tail = signed("$8"),
    )
}

/// Binds the slices of a period, as the statements above number them.
fn bind_slices<O>(
    query: QueryAs<'_, Postgres, O, PgArguments>,
    period: Period,
) -> QueryAs<'_, Postgres, O, PgArguments> {
    let Slices { months, edges } = period.slices();
    let query = query.bind(months.0).bind(months.1);
    edges.iter().fold(query, |query, edge| query.bind(edge.days.0).bind(edge.days.1).bind(edge.sign))
}

static SATISFACTION_BY_MONTH: LazyLock<String> = LazyLock::new(|| {
    let sums: Vec<String> = satisfaction_cells().map(|cell| format!("sum({})", cell.name())).collect();
    format!(
        "select demarche_id, month, array[{}]::bigint[] from demarche join tally_month using (demarche_id)
         where month between $1 and $2 group by demarche_id, month",
        sums.join(", ")
    )
});

/// The décomptes of one day or month. By way of the démarches, since an index begins with them.
static DAY_TALLIES: LazyLock<String> = LazyLock::new(|| stored_in("tally", "day"));
static MONTH_TALLIES: LazyLock<String> = LazyLock::new(|| stored_in("tally_month", "month"));

fn stored_in(table: &str, unit: &str) -> String {
    format!(
        "select demarche_id, bouton_id, array[{}]::bigint[] from demarche join {table} using (demarche_id)
         where {unit} = $1",
        CELL_COLUMNS.join(", ")
    )
}

/// The décomptes of a month as its days add up to them.
static SUM_OF_DAYS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select demarche_id, bouton_id, {} from demarche join tally using (demarche_id)
         where day between $1 and $2 group by demarche_id, bouton_id",
        sums()
    )
});

static INSERT_DAY: LazyLock<String> = LazyLock::new(|| insert_tallies("tally", "day", 1));
static INSERT_MONTH: LazyLock<String> = LazyLock::new(|| insert_tallies("tally_month", "month", 1));

const DELETE_DAY: &str =
    "delete from tally using demarche where tally.demarche_id = demarche.demarche_id and day = $1";
const DELETE_MONTH: &str = "delete from tally_month using demarche where tally_month.demarche_id = demarche.demarche_id and month = $1";

/// The sum of each cell, all in one array.
fn sums() -> String {
    let sums: Vec<String> = CELL_COLUMNS.iter().map(|column| format!("sum({column})")).collect();
    format!("array[{}]::bigint[]", sums.join(", "))
}

fn tally(cells: Vec<i64>) -> Result<Tally, StoreError> {
    let cells: [i64; CELLS] = cells
        .try_into()
        .map_err(|_| StoreError::message("the database holds a décompte of another questionnaire"))?;
    Ok(cells.into())
}

pub(super) async fn tallies(
    connection: &mut PgConnection,
    period: Period,
) -> Result<Vec<(DemarcheId, Tally)>, StoreError> {
    let rows: Vec<(String, Vec<i64>)> = bind_slices(sqlx::query_as(SUM_OF_PERIOD.as_str()), period)
        .fetch_all(connection)
        .await
        .map_err(failed("cannot read décomptes"))?;
    rows.into_iter().map(|(demarche, cells)| Ok((DemarcheId(demarche), tally(cells)?))).collect()
}

pub(super) async fn tallies_of_periods(
    connection: &mut PgConnection,
    periods: &[Period],
) -> Result<Vec<Vec<(DemarcheId, Tally)>>, StoreError> {
    let cannot = failed("cannot read décomptes");
    let begin = "begin isolation level repeatable read read only";
    let mut reading = connection.begin_with(begin).await.map_err(&cannot)?;
    let mut all = Vec::with_capacity(periods.len());
    for period in periods {
        all.push(tallies(&mut reading, *period).await?);
    }
    reading.commit().await.map_err(&cannot)?;
    Ok(all)
}

pub(super) async fn tallies_by_bouton(
    connection: &mut PgConnection,
    demarche: &DemarcheId,
    period: Period,
) -> Result<Vec<(Option<BoutonId>, Tally)>, StoreError> {
    let rows: Vec<(String, Vec<i64>)> = bind_slices(sqlx::query_as(SUM_OF_BOUTONS.as_str()), period)
        .bind(&demarche.0)
        .fetch_all(connection)
        .await
        .map_err(failed("cannot read the décomptes of a démarche"))?;
    rows.into_iter().map(|(bouton, cells)| Ok((bouton_named(bouton), tally(cells)?))).collect()
}

pub(super) async fn tallies_by_day(
    connection: &mut PgConnection,
    demarche: &DemarcheId,
    period: Period,
) -> Result<Vec<(Day, Tally)>, StoreError> {
    let rows: Vec<(i32, Vec<i64>)> = sqlx::query_as(SUMS_OF_DAYS.as_str())
        .bind(&demarche.0)
        .bind(period.from.number())
        .bind(period.to.number())
        .fetch_all(connection)
        .await
        .map_err(failed("cannot read the days of a démarche"))?;
    let mut days = rows
        .into_iter()
        .map(|(number, cells)| Ok((day(number)?, tally(cells)?)))
        .collect::<Result<Vec<_>, StoreError>>()?;
    days.retain(|(_, tally)| !tally.is_zero());
    Ok(days)
}

pub(super) async fn satisfaction_by_month(
    connection: &mut PgConnection,
    first: i32,
    last: i32,
) -> Result<Vec<(DemarcheId, i32, Tally)>, StoreError> {
    let rows: Vec<(String, i32, Vec<i64>)> = sqlx::query_as(SATISFACTION_BY_MONTH.as_str())
        .bind(first)
        .bind(last)
        .fetch_all(connection)
        .await
        .map_err(failed("cannot read the décomptes of months"))?;
    let tally = |counts: Vec<i64>| {
        let mut tally = Tally::default();
        for (cell, count) in satisfaction_cells().zip(counts) {
            tally[cell] = count;
        }
        tally
    };
    Ok(rows
        .into_iter()
        .map(|(demarche, month, counts)| (DemarcheId(demarche), month, tally(counts)))
        .collect())
}

/// Of the version, the sum over days and collectors. Rows of collectors that are no more stay: one a day that they counted in, of forty
/// bytes; taking a row away would make a sum lower than it was.
pub(super) async fn freshness(
    connection: &mut PgConnection,
    period: Period,
) -> Result<Freshness, StoreError> {
    let row = sqlx::query_as(
        "select coalesce(sum(version), 0)::bigint, coalesce(max(moved_at_ms), 0), coalesce(max(last_avis_ms), 0)
         from day_version where day between $1 and $2",
    )
    .bind(period.from.number())
    .bind(period.to.number())
    .fetch_one(connection)
    .await
    .map_err(failed("cannot read how fresh a period is"))?;
    Freshness::of(row)
}

pub(super) async fn spans(readers: &PgPool) -> Result<Vec<CountedIn>, StoreError> {
    let cannot = failed("cannot read which days have avis");
    let mut reading = begin_to_read(readers).await?;
    let counted: Vec<i32> = sqlx::query_scalar("select distinct day from tally")
        .fetch_all(&mut *reading)
        .await
        .map_err(&cannot)?;
    let mut days = counted.into_iter().map(day).collect::<Result<BTreeSet<Day>, _>>()?;
    // From day to day along the index, rather than through all avis.
    let mut from = AvisId::from_bytes([0; 16]);
    loop {
        let next: Option<i32> =
            sqlx::query_scalar("select day from avis where avis_id >= $1 order by avis_id limit 1")
                .bind(uuid(from.as_bytes()))
                .fetch_optional(&mut *reading)
                .await
                .map_err(&cannot)?;
        let Some(number) = next else { break };
        let found = day(number)?;
        days.insert(found);
        from = AvisId::first_of(found.plus(1));
    }
    let counted: Vec<i32> = sqlx::query_scalar("select distinct month from tally_month")
        .fetch_all(&mut *reading)
        .await
        .map_err(&cannot)?;
    let months: BTreeSet<i32> = days.iter().map(|day| day.month()).chain(counted).collect();
    Ok(days.into_iter().map(CountedIn::Day).chain(months.into_iter().map(CountedIn::Month)).collect())
}

pub(super) async fn audit(readers: &PgPool, span: CountedIn) -> Result<Vec<Audited>, StoreError> {
    let mut reading = begin_to_read(readers).await?;
    let stored = stored(&mut reading, span).await?;
    let counted = recount(&mut reading, span).await?;
    Ok(compare(span, stored, counted))
}

/// Begins to read all of one moment, for as long as it takes.
pub(super) async fn begin_to_read(
    readers: &PgPool,
) -> Result<sqlx::Transaction<'static, Postgres>, StoreError> {
    let cannot = failed("cannot begin to read");
    let mut reading =
        readers.begin_with("begin isolation level repeatable read read only").await.map_err(&cannot)?;
    take_your_time(&mut reading).await?;
    Ok(reading)
}

/// Until the end of the transaction, statements may take longer than somebody would wait.
pub(super) async fn take_your_time(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query("set local statement_timeout = 0")
        .execute(connection)
        .await
        .map_err(failed("cannot begin a transaction"))?;
    Ok(())
}

pub(super) async fn rebuild(
    writers: &PgPool,
    collector_id: i64,
    span: CountedIn,
    missing: MissingAvis,
) -> Result<u64, StoreError> {
    let cannot = failed("cannot write décomptes anew");
    let (delete, insert, unit, days) = match span {
        CountedIn::Day(day) => (DELETE_DAY, &INSERT_DAY, day.number(), vec![day]),
        CountedIn::Month(month) => (DELETE_MONTH, &INSERT_MONTH, month, days_of(month)?),
    };
    let mut transaction = writers.begin().await.map_err(&cannot)?;
    take_your_time(&mut transaction).await?;
    // From here on nothing moves these days; what a commit has moved before is seen by the statements that follow.
    sqlx::query("select pg_advisory_xact_lock($1, day) from unnest($2::int[]) as day")
        .bind(advisory::DAY)
        .bind(days.iter().map(|day| day.number()).collect::<Vec<_>>())
        .execute(&mut *transaction)
        .await
        .map_err(&cannot)?;
    let counted = recount(&mut transaction, span).await?;
    let lost = avis_missing(&stored(&mut transaction, span).await?, &counted);
    if lost > 0 && missing == MissingAvis::Keep {
        return Ok(lost);
    }
    let mut columns = Tallied::default();
    for ((demarche, bouton), tally) in counted.iter().filter(|(_, tally)| !tally.is_zero()) {
        columns.push(unit, demarche, bouton, tally)?;
    }
    sqlx::query(delete).bind(unit).execute(&mut *transaction).await.map_err(&cannot)?;
    sqlx::query(insert.as_str())
        .bind(columns.units)
        .bind(columns.demarches)
        .bind(columns.boutons)
        .bind(columns.cells)
        .execute(&mut *transaction)
        .await
        .map_err(&cannot)?;
    sqlx::query(
        "insert into day_version (day, collector_id, version, moved_at_ms)
         select day, $2, 1, (extract(epoch from now()) * 1000)::bigint from unnest($1::int[]) as day
         on conflict (day, collector_id) do update set version = day_version.version + 1,
            moved_at_ms = excluded.moved_at_ms",
    )
    // All of the month: a period that has some of its days may be read as the month less the others.
    .bind(days_of(span.month())?.into_iter().map(Day::number).collect::<Vec<_>>())
    .bind(collector_id)
    .execute(&mut *transaction)
    .await
    .map_err(&cannot)?;
    transaction.commit().await.map_err(failed("cannot commit"))?;
    Ok(lost)
}

async fn stored(connection: &mut PgConnection, span: CountedIn) -> Result<Tallies, StoreError> {
    let (statement, unit) = match span {
        CountedIn::Day(day) => (&DAY_TALLIES, day.number()),
        CountedIn::Month(month) => (&MONTH_TALLIES, month),
    };
    let rows = sqlx::query_as(statement.as_str())
        .bind(unit)
        .fetch_all(connection)
        .await
        .map_err(failed("cannot read décomptes"))?;
    by_place(rows)
}

fn by_place(rows: Vec<(String, String, Vec<i64>)>) -> Result<Tallies, StoreError> {
    rows.into_iter().map(|(demarche, bouton, cells)| Ok(((demarche, bouton), tally(cells)?))).collect()
}

/// What a span adds up to: a day from its avis, a month from its days.
async fn recount(connection: &mut PgConnection, span: CountedIn) -> Result<Tallies, StoreError> {
    match span {
        CountedIn::Day(day) => recount_day(connection, day).await,
        CountedIn::Month(month) => {
            let days = days_of(month)?;
            let rows = sqlx::query_as(SUM_OF_DAYS.as_str())
                .bind(days[0].number())
                .bind(days[days.len() - 1].number())
                .fetch_all(connection)
                .await
                .map_err(failed("cannot read décomptes"))?;
            by_place(rows)
        }
    }
}

async fn recount_day(connection: &mut PgConnection, day: Day) -> Result<Tallies, StoreError> {
    let mut tallies = Tallies::new();
    let mut rows = sqlx::query(
        "select demarche_id, bouton_id, satisfaction, clarity, ease, help_tried, help_reached, help_quality,
            malfunctions, texts, quarantine::bigint
         from avis where avis_id >= $1 and avis_id < $2",
    )
    .bind::<Uuid>(uuid(AvisId::first_of(day).as_bytes()))
    .bind::<Uuid>(uuid(AvisId::first_of(day.plus(1)).as_bytes()))
    .fetch(connection);
    while let Some(row) = rows.try_next().await.map_err(failed("cannot read avis"))? {
        let small = |index| get::<i16>(&row, index).map(i64::from);
        let coded = CodedAnswers {
            satisfaction: small(2)?,
            clarity: get::<Option<i16>>(&row, 3)?.map(i64::from),
            ease: get::<Option<i16>>(&row, 4)?.map(i64::from),
            help_tried: small(5)?,
            help_reached: small(6)?,
            help_quality: small(7)?,
            malfunctions: small(8)?,
            texts: small(9)?,
        };
        let bouton: Option<String> = get(&row, 1)?;
        *tallies.entry((get(&row, 0)?, bouton.unwrap_or_default())).or_default() +=
            &counts_for(coded.tally()?, reasons(get(&row, 10)?)?);
    }
    Ok(tallies)
}

fn get<'row, T>(row: &'row PgRow, index: usize) -> Result<T, StoreError>
where
    T: sqlx::Decode<'row, Postgres> + sqlx::Type<Postgres>,
{
    row.try_get(index).map_err(failed("the database holds a value of another type"))
}
