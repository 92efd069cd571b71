//! Décomptes: read, compared with the avis, written anew.

use super::many_rows::{Bound, ManyRows, Script};
use super::{CELL_COLUMNS, avis, day, failed, get, moved, read_tally, writes};
use crate::catalogue::{BoutonId, DemarcheId};
use crate::day::Day;
use crate::store::rows::reasons;
use crate::store::tallies::{Tallies, avis_missing, bouton_named, compare, days_of, satisfaction_cells};
use crate::store::{Audited, CountedIn, Freshness, MissingAvis, Period, Slices, StoreError, counts_for};
use futures_util::TryStreamExt;
use shared::Tally;
use shared::tally::CELLS;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Sqlite, SqliteConnection, SqlitePool};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The sums of the slices of a period, one after the other. Each goes through the démarches, and for each through the
/// units of its slice, so that it adds as it reads: were the rows put together first, SQLite would sort all of them.
/// Days that have décomptes stand in `day_version`.
static SUMS_OF_SLICES: LazyLock<String> = LazyLock::new(|| {
    slices(|table, unit, units, sign| {
        format!(
            "select demarche.demarche_id, {}, {sign} from demarche cross join ({units}) as units
             cross join {table} on {table}.{unit} = units.{unit} and {table}.demarche_id = demarche.demarche_id
             group by demarche.demarche_id",
            sums()
        )
    })
});

/// The same of one démarche, by bouton.
static SUMS_OF_BOUTONS: LazyLock<String> = LazyLock::new(|| {
    slices(|table, unit, units, sign| {
        format!(
            "select {table}.bouton_id, {}, {sign} from ({units}) as units
             cross join {table} on {table}.{unit} = units.{unit} and {table}.demarche_id = $9
             group by {table}.bouton_id",
            sums()
        )
    })
});

/// The décomptes of one démarche, day by day.
static SUMS_OF_DAYS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select tally.day, {} from (select day from day_version where day between ? and ?) as days
         cross join tally on tally.day = days.day and tally.demarche_id = ? group by tally.day",
        sums()
    )
});

/// A statement for each slice of a period, made from its table, its unit, the units of the slice and their sign.
fn slices(slice: impl Fn(&str, &str, &str, &str) -> String) -> String {
    let months = "select distinct day / 100 as month from day_version where day / 100 between $1 and $2";
    let days =
        |from: &str, to: &str| format!("select day from day_version where day between {from} and {to}");
    [
        slice("tally_month", "month", months, "1"),
        slice("tally", "day", &days("$3", "$4"), "$5"),
        slice("tally", "day", &days("$6", "$7"), "$8"),
    ]
    .join(" union all ")
}

static SATISFACTION_BY_MONTH: LazyLock<String> = LazyLock::new(|| {
    let sums: Vec<String> = satisfaction_cells().map(|cell| format!("sum({})", cell.name())).collect();
    format!(
        "select demarche_id, month, {} from tally_month where month between ? and ? group by month, demarche_id",
        sums.join(", ")
    )
});

fn sums() -> String {
    CELL_COLUMNS.iter().map(|column| format!("sum({column})")).collect::<Vec<_>>().join(", ")
}

/// The décomptes of one day or month.
static DAY_TALLIES: LazyLock<String> = LazyLock::new(|| {
    format!("select demarche_id, {}, bouton_id from tally where day = ?", CELL_COLUMNS.join(", "))
});
static MONTH_TALLIES: LazyLock<String> = LazyLock::new(|| {
    format!("select demarche_id, {}, bouton_id from tally_month where month = ?", CELL_COLUMNS.join(", "))
});

/// The décomptes of a month as its days add up to them.
static SUM_OF_DAYS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select demarche_id, {}, bouton_id from tally where day between ? and ? group by demarche_id, bouton_id",
        sums()
    )
});

static INSERT_DAY: LazyLock<ManyRows> = LazyLock::new(|| insert("tally", "day"));
static INSERT_MONTH: LazyLock<ManyRows> = LazyLock::new(|| insert("tally_month", "month"));

fn insert(table: &str, unit: &str) -> ManyRows {
    let head = format!("insert into {table} ({unit}, demarche_id, bouton_id, {})", CELL_COLUMNS.join(", "));
    ManyRows::new(&head, 3 + CELLS, "")
}

pub(super) async fn tallies(
    readers: &SqlitePool,
    period: Period,
) -> Result<Vec<(DemarcheId, Tally)>, StoreError> {
    let mut reading = readers.begin().await.map_err(failed("cannot read décomptes"))?;
    tallies_of(&mut reading, period).await
}

pub(super) async fn tallies_of_periods(
    readers: &SqlitePool,
    periods: &[Period],
) -> Result<Vec<Vec<(DemarcheId, Tally)>>, StoreError> {
    let mut reading = readers.begin().await.map_err(failed("cannot read décomptes"))?;
    let mut tallies = Vec::with_capacity(periods.len());
    for period in periods {
        tallies.push(tallies_of(&mut reading, *period).await?);
    }
    Ok(tallies)
}

/// Within a transaction, as it reads twice.
async fn tallies_of(
    reading: &mut SqliteConnection,
    period: Period,
) -> Result<Vec<(DemarcheId, Tally)>, StoreError> {
    let rows = bind_slices(sqlx::query(SUMS_OF_SLICES.as_str()), period)
        .fetch_all(&mut *reading)
        .await
        .map_err(failed("cannot read décomptes"))?;
    let mut tallies = add_up(&rows)?;
    for ((day, demarche, _), tally) in moved::read(reading).await? {
        if (period.from..=period.to).contains(&day) {
            *tallies.entry(demarche).or_default() += &tally;
        }
    }
    Ok(tallies.into_iter().map(|(demarche, tally)| (DemarcheId(demarche), tally)).collect())
}

/// Binds the slices of a period, as the statements above number them.
fn bind_slices(
    query: Query<'_, Sqlite, SqliteArguments>,
    period: Period,
) -> Query<'_, Sqlite, SqliteArguments> {
    let Slices { months, edges } = period.slices();
    let query = query.bind(months.0).bind(months.1);
    edges.iter().fold(query, |query, edge| query.bind(edge.days.0).bind(edge.days.1).bind(edge.sign))
}

/// Adds the sums of slices up, each by what its first column names.
fn add_up(rows: &[SqliteRow]) -> Result<BTreeMap<String, Tally>, StoreError> {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for row in rows {
        let (tally, sign): (_, i64) = (read_tally(row)?, get(row, 1 + CELLS)?);
        *tallies.entry(get(row, 0)?).or_default() += &if sign < 0 { -tally } else { tally };
    }
    Ok(tallies)
}

pub(super) async fn tallies_by_bouton(
    readers: &SqlitePool,
    demarche: &DemarcheId,
    period: Period,
) -> Result<Vec<(Option<BoutonId>, Tally)>, StoreError> {
    let cannot = failed("cannot read the décomptes of a démarche");
    let mut reading = readers.begin().await.map_err(&cannot)?;
    let rows = bind_slices(sqlx::query(SUMS_OF_BOUTONS.as_str()), period)
        .bind(&demarche.0)
        .fetch_all(&mut *reading)
        .await
        .map_err(&cannot)?;
    let mut tallies = add_up(&rows)?;
    for ((day, of, bouton), tally) in moved::read(&mut reading).await? {
        if of == demarche.0 && (period.from..=period.to).contains(&day) {
            *tallies.entry(bouton).or_default() += &tally;
        }
    }
    Ok(tallies.into_iter().map(|(bouton, tally)| (bouton_named(bouton), tally)).collect())
}

pub(super) async fn tallies_by_day(
    readers: &SqlitePool,
    demarche: &DemarcheId,
    period: Period,
) -> Result<Vec<(Day, Tally)>, StoreError> {
    let cannot = failed("cannot read the days of a démarche");
    let mut reading = readers.begin().await.map_err(&cannot)?;
    let rows = sqlx::query(SUMS_OF_DAYS.as_str())
        .bind(period.from.number())
        .bind(period.to.number())
        .bind(&demarche.0)
        .fetch_all(&mut *reading)
        .await
        .map_err(&cannot)?;
    let mut tallies: BTreeMap<Day, Tally> = BTreeMap::new();
    for row in &rows {
        tallies.insert(day(get(row, 0)?)?, read_tally(row)?);
    }
    for ((day, of, _), tally) in moved::read(&mut reading).await? {
        if of == demarche.0 && (period.from..=period.to).contains(&day) {
            *tallies.entry(day).or_default() += &tally;
        }
    }
    Ok(tallies.into_iter().filter(|(_, tally)| !tally.is_zero()).collect())
}

pub(super) async fn satisfaction_by_month(
    readers: &SqlitePool,
    first: i32,
    last: i32,
) -> Result<Vec<(DemarcheId, i32, Tally)>, StoreError> {
    let cannot = failed("cannot read the décomptes of months");
    let mut reading = readers.begin().await.map_err(&cannot)?;
    let rows = sqlx::query(SATISFACTION_BY_MONTH.as_str())
        .bind(first)
        .bind(last)
        .fetch_all(&mut *reading)
        .await
        .map_err(&cannot)?;
    let mut tallies: BTreeMap<(String, i32), Tally> = BTreeMap::new();
    for row in &rows {
        let mut tally = Tally::default();
        for (column, cell) in (2..).zip(satisfaction_cells()) {
            tally[cell] = get(row, column)?;
        }
        tallies.insert((get(row, 0)?, get(row, 1)?), tally);
    }
    for ((day, demarche, _), moved) in moved::read(&mut reading).await? {
        if (first..=last).contains(&day.month()) {
            let tally = tallies.entry((demarche, day.month())).or_default();
            for cell in satisfaction_cells() {
                tally[cell] += moved[cell];
            }
        }
    }
    Ok(tallies.into_iter().map(|((demarche, month), tally)| (DemarcheId(demarche), month, tally)).collect())
}

pub(super) async fn freshness(readers: &SqlitePool, period: Period) -> Result<Freshness, StoreError> {
    let row = sqlx::query_as(
        "select coalesce(sum(version), 0), coalesce(max(moved_at_ms), 0), coalesce(max(last_avis_ms), 0)
         from day_version where day between ? and ?",
    )
    .bind(period.from.number())
    .bind(period.to.number())
    .fetch_one(readers)
    .await
    .map_err(failed("cannot read how fresh a period is"))?;
    Freshness::of(row)
}

pub(super) async fn spans(readers: &SqlitePool) -> Result<Vec<CountedIn>, StoreError> {
    let cannot = failed("cannot read which days have avis");
    let mut reading = readers.begin().await.map_err(&cannot)?;
    let counted: Vec<i32> = sqlx::query_scalar("select distinct day from tally")
        .fetch_all(&mut *reading)
        .await
        .map_err(&cannot)?;
    let mut days = counted.into_iter().map(day).collect::<Result<BTreeSet<Day>, _>>()?;
    // From day to day along the index, rather than through all avis.
    let mut from = 0;
    loop {
        let next: Option<i64> =
            sqlx::query_scalar("select avis_no from avis where avis_no >= ? order by avis_no limit 1")
                .bind(from)
                .fetch_optional(&mut *reading)
                .await
                .map_err(&cannot)?;
        let Some(avis_no) = next else { break };
        let found = avis::day_of(avis_no)?;
        days.insert(found);
        from = avis::numbers_of(found).end;
    }
    let counted: Vec<i32> = sqlx::query_scalar("select distinct month from tally_month")
        .fetch_all(&mut *reading)
        .await
        .map_err(&cannot)?;
    let months: BTreeSet<i32> = days.iter().map(|day| day.month()).chain(counted).collect();
    Ok(days.into_iter().map(CountedIn::Day).chain(months.into_iter().map(CountedIn::Month)).collect())
}

pub(super) async fn audit(readers: &SqlitePool, span: CountedIn) -> Result<Vec<Audited>, StoreError> {
    let mut reading = readers.begin().await.map_err(failed("cannot read the avis and their décomptes"))?;
    let on_its_way = on_its_way(&mut reading, span).await?;
    let mut stored = stored(&mut reading, span).await?;
    add(&mut stored, &on_its_way);
    let mut counted = recount(&mut reading, span).await?;
    // A month is compared with its days, which have as much on their way.
    if matches!(span, CountedIn::Month(_)) {
        add(&mut counted, &on_its_way);
    }
    Ok(compare(span, stored, counted))
}

pub(super) async fn rebuild(
    writer: &SqlitePool,
    span: CountedIn,
    missing: MissingAvis,
) -> Result<u64, StoreError> {
    let cannot = "cannot write décomptes anew";
    let mut transaction = writer.begin_with("begin immediate").await.map_err(failed(cannot))?;
    moved::bring_home(&mut transaction).await?;
    let counted = recount(&mut transaction, span).await?;
    let lost = avis_missing(&stored(&mut transaction, span).await?, &counted);
    if lost > 0 && missing == MissingAvis::Keep {
        return Ok(lost);
    }
    let (delete, insert, unit): (_, &'static ManyRows, _) = match span {
        CountedIn::Day(day) => ("delete from tally where day = ?", &INSERT_DAY, day.number()),
        CountedIn::Month(month) => ("delete from tally_month where month = ?", &INSERT_MONTH, month),
    };
    sqlx::query(delete).bind(unit).execute(&mut *transaction).await.map_err(failed(cannot))?;
    let rows: Vec<_> = counted.iter().filter(|(_, tally)| !tally.is_zero()).collect();
    let bind = |query: Bound, ((demarche, bouton), tally): &(&(String, String), &Tally)| {
        let query = query.bind(unit).bind(demarche.clone()).bind(bouton.clone());
        tally.cells().iter().fold(query, |query, count| query.bind(*count))
    };
    insert.run(&mut transaction, &rows, bind, cannot).await?;
    // All of the month: a period that has some of its days may be read as the month less the others.
    let days = days_of(span.month())?.into_iter().map(|day| (day, 0));
    writes::renew(Script::default(), days).run(&mut transaction, cannot).await?;
    transaction.commit().await.map_err(failed("cannot commit"))?;
    Ok(lost)
}

/// What is on its way to the décomptes of a span.
async fn on_its_way(connection: &mut SqliteConnection, span: CountedIn) -> Result<Tallies, StoreError> {
    let mut tallies = Tallies::new();
    for ((day, demarche, bouton), tally) in moved::read(connection).await? {
        if span == CountedIn::Day(day) || span == CountedIn::Month(day.month()) {
            *tallies.entry((demarche, bouton)).or_default() += &tally;
        }
    }
    Ok(tallies)
}

fn add(tallies: &mut Tallies, others: &Tallies) {
    for (place, tally) in others {
        *tallies.entry(place.clone()).or_default() += tally;
    }
}

async fn stored(connection: &mut SqliteConnection, span: CountedIn) -> Result<Tallies, StoreError> {
    let (statement, unit) = match span {
        CountedIn::Day(day) => (&DAY_TALLIES, day.number()),
        CountedIn::Month(month) => (&MONTH_TALLIES, month),
    };
    let rows = sqlx::query(statement.as_str())
        .bind(unit)
        .fetch_all(connection)
        .await
        .map_err(failed("cannot read décomptes"))?;
    rows.iter().map(|row| Ok(((get(row, 0)?, get(row, CELLS + 1)?), read_tally(row)?))).collect()
}

/// What a span adds up to: a day from its avis, a month from its days.
async fn recount(connection: &mut SqliteConnection, span: CountedIn) -> Result<Tallies, StoreError> {
    match span {
        CountedIn::Day(day) => recount_day(connection, day).await,
        CountedIn::Month(month) => {
            let days = days_of(month)?;
            let rows = sqlx::query(SUM_OF_DAYS.as_str())
                .bind(days[0].number())
                .bind(days[days.len() - 1].number())
                .fetch_all(connection)
                .await
                .map_err(failed("cannot read décomptes"))?;
            rows.iter().map(|row| Ok(((get(row, 0)?, get(row, CELLS + 1)?), read_tally(row)?))).collect()
        }
    }
}

async fn recount_day(connection: &mut SqliteConnection, day: Day) -> Result<Tallies, StoreError> {
    let mut tallies = Tallies::new();
    let mut rows = sqlx::query(
        "select demarche_id, bouton_id, satisfaction, clarity, ease, help_tried, help_reached, help_quality,
            malfunctions, texts, quarantine
         from avis where avis_no >= ? and avis_no < ?",
    )
    .bind(avis::numbers_of(day).start)
    .bind(avis::numbers_of(day).end)
    .fetch(connection);
    while let Some(row) = rows.try_next().await.map_err(failed("cannot read avis"))? {
        let coded = avis::read_answers(&row, 2)?;
        let bouton: Option<String> = get(&row, 1)?;
        *tallies.entry((get(&row, 0)?, bouton.unwrap_or_default())).or_default() +=
            &counts_for(coded.tally()?, reasons(get(&row, 10)?)?);
    }
    Ok(tallies)
}
