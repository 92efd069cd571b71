//! What commits moved and the rows of décomptes do not hold yet.
//!
//! A commit of a few hundred avis is about a hundred démarches, and each has a row of seventy columns for its day and
//! another for its month: writing those would take longer than writing the avis. So a commit appends one row that says
//! what it moves, and every so often one brings them home together. Whoever reads décomptes adds what is on its way.

use super::many_rows::{Bound, ManyRows, Script};
use super::{CELL_COLUMNS, day, failed, get};
use crate::day::Day;
use crate::store::StoreError;
use crate::store::batch::Place;
use shared::Tally;
use shared::tally::CELLS;
use sqlx::{SqliteConnection, SqlitePool};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static ADD_TO_DAY: LazyLock<ManyRows> = LazyLock::new(|| add_to("tally", "day"));
static ADD_TO_MONTH: LazyLock<ManyRows> = LazyLock::new(|| add_to("tally_month", "month"));

fn add_to(table: &str, unit: &str) -> ManyRows {
    let columns = CELL_COLUMNS.join(", ");
    let sums: Vec<String> =
        CELL_COLUMNS.iter().map(|column| format!("{column} = {column} + excluded.{column}")).collect();
    ManyRows::new(
        &format!("insert into {table} ({unit}, demarche_id, bouton_id, {columns})"),
        3 + CELLS,
        &format!("on conflict ({unit}, demarche_id, bouton_id) do update set {}", sums.join(", ")),
    )
}

/// What is on its way, by day, démarche and bouton ('' for none).
pub(super) type Moved = BTreeMap<(Day, String, String), Tally>;

/// One décompte of a row: day, démarche, bouton, and the cells that move as pairs of their place and how much.
type Line = (i32, String, String, Vec<i64>);

/// Says what a commit moves.
pub(super) fn append(script: Script, moved: &[(Place<'_>, Tally)]) -> Result<Script, StoreError> {
    if moved.is_empty() {
        return Ok(script);
    }
    let lines: Vec<Line> = moved.iter().map(|(place, tally)| line(place, tally)).collect();
    let tallies =
        serde_json::to_string(&lines).map_err(|error| StoreError::new("cannot write moves down", error))?;
    Ok(script.once("insert into moved (tallies) values (?)", |bound| bound.bind(tallies)))
}

fn line((day, demarche, bouton): &Place<'_>, tally: &Tally) -> Line {
    let cells = (0..).zip(tally.cells()).filter(|(_, count)| **count != 0);
    let pairs = cells.flat_map(|(place, count)| [place, *count]).collect();
    (day.number(), (*demarche).to_owned(), bouton.unwrap_or_default().to_owned(), pairs)
}

/// What is on its way.
pub(super) async fn read(connection: &mut SqliteConnection) -> Result<Moved, StoreError> {
    let impossible = || StoreError::message("the database holds a move of décomptes that makes no sense");
    let rows = sqlx::query("select tallies from moved")
        .fetch_all(connection)
        .await
        .map_err(failed("cannot read décomptes"))?;
    let mut moved = Moved::new();
    for row in &rows {
        let text: String = get(row, 0)?;
        let lines: Vec<Line> = serde_json::from_str(&text).map_err(|_| impossible())?;
        for (number, demarche, bouton, pairs) in lines {
            let mut cells = [0; CELLS];
            for pair in pairs.chunks(2) {
                let [place, count] = pair else { return Err(impossible()) };
                let place = usize::try_from(*place).ok().filter(|place| *place < CELLS);
                cells[place.ok_or_else(impossible)?] = *count;
            }
            *moved.entry((day(number)?, demarche, bouton)).or_default() += &Tally::from(cells);
        }
    }
    Ok(moved)
}

/// Adds what is on its way to the décomptes of days and months.
pub(super) async fn bring_home(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let cannot = "cannot count avis";
    let by_day = read(connection).await?;
    let mut by_month: BTreeMap<(i32, &str, &str), Tally> = BTreeMap::new();
    for ((day, demarche, bouton), tally) in &by_day {
        *by_month.entry((day.month(), demarche, bouton)).or_default() += tally;
    }
    let bind = |bound: Bound, (unit, demarche, bouton, tally): &(i32, &str, &str, &Tally)| {
        let bound = bound.bind(*unit).bind(*demarche).bind(*bouton);
        tally.cells().iter().fold(bound, |bound, count| bound.bind(*count))
    };
    let days: Vec<_> = by_day
        .iter()
        .map(|((day, demarche, bouton), tally)| (day.number(), demarche.as_str(), bouton.as_str(), tally))
        .collect();
    let months: Vec<_> = by_month
        .iter()
        .map(|((month, demarche, bouton), tally)| (*month, *demarche, *bouton, tally))
        .collect();
    ADD_TO_DAY.run(connection, &days, bind, cannot).await?;
    ADD_TO_MONTH.run(connection, &months, bind, cannot).await?;
    sqlx::query("delete from moved").execute(connection).await.map_err(failed(cannot))?;
    Ok(())
}

/// The same, in a transaction of its own.
pub(super) async fn bring_all_home(writer: &SqlitePool) -> Result<(), StoreError> {
    let mut transaction =
        writer.begin_with("begin immediate").await.map_err(failed("cannot begin a transaction"))?;
    bring_home(&mut transaction).await?;
    transaction.commit().await.map_err(failed("cannot commit"))
}
