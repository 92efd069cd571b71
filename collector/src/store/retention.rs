//! The record of purges, alike for every database.

use super::StoreError;
use super::rows::day;
use crate::day::Day;
use crate::retention::{Kept, Purge};
use std::ops::Range;

/// The reading and writing of the record, for one of sqlx's databases, as [`catalogue_on`](super::catalogue::catalogue_on).
macro_rules! record_on {
    ($database:ty, write: $begin:literal) => {
        use super::failed;
        use crate::retention::{Kept, Portion, Purge};
        use crate::store::StoreError;
        use crate::store::retention::{
            EMPTIED, ENTER, PURGES, PurgeRow, emptied, is_worth_saying, of_a_month, purge,
        };
        use sqlx::Pool;

        type Connection = <$database as sqlx::Database>::Connection;

        pub(super) async fn purges(reader: &mut Connection) -> Result<Vec<Purge>, StoreError> {
            let rows: Vec<PurgeRow> = sqlx::query_as(PURGES)
                .fetch_all(reader)
                .await
                .map_err(failed("cannot read the record of purges"))?;
            rows.into_iter().map(purge).collect()
        }

        pub(super) async fn add_purges(writer: &Pool<$database>, purges: &[Purge]) -> Result<(), StoreError> {
            let mut begun =
                writer.begin_with($begin).await.map_err(failed("cannot enter purges in the record"))?;
            for purge in purges {
                enter(&mut begun, purge).await?;
            }
            begun.commit().await.map_err(failed("cannot commit"))
        }

        async fn enter(connection: &mut Connection, purge: &Purge) -> Result<(), StoreError> {
            sqlx::query(ENTER)
                .bind(purge.on.number())
                .bind(purge.kept.code())
                .bind(purge.before.number())
                .bind(i64::try_from(purge.avis).unwrap_or(i64::MAX))
                .execute(connection)
                .await
                .map_err(failed("cannot enter purges in the record"))?;
            Ok(())
        }

        /// The day before which nothing of this kind was left by an earlier purge; none if there was none.
        async fn emptied_before(connection: &mut Connection, kept: Kept) -> Result<Option<Day>, StoreError> {
            let number: Option<i32> = sqlx::query_scalar(EMPTIED)
                .bind(kept.code())
                .fetch_one(connection)
                .await
                .map_err(failed("cannot read the record of purges"))?;
            emptied(number)
        }
    };
}
pub(super) use record_on;

/// Day of the purge, kind, before which day, and of how many avis.
pub(super) type PurgeRow = (i32, String, i32, i64);

pub(super) const PURGES: &str = "select day, kind, before_day, avis from purge order by purge_id";
pub(super) const ENTER: &str = "insert into purge (day, kind, before_day, avis) values ($1, $2, $3, $4)";
pub(super) const EMPTIED: &str = "select max(before_day) from purge where kind = $1";

pub(super) fn purge((on, kind, before, avis): PurgeRow) -> Result<Purge, StoreError> {
    let kept = Kept::from_code(&kind).ok_or_else(|| {
        StoreError::message(format!("the database holds a purge of {kind}, which is nothing"))
    })?;
    Ok(Purge { on: day(on)?, kept, before: day(before)?, avis: avis.unsigned_abs() })
}

pub(super) fn emptied(number: Option<i32>) -> Result<Option<Day>, StoreError> {
    number.map(day).transpose()
}

/// The days to look through next, from the first one with avis on: those of its month at most, since most may have none of
/// what is looked for.
pub(super) fn of_a_month(first: Day, end: Day) -> Range<Day> {
    first..first.last_of_month().plus(1).min(end)
}

/// Whether a portion goes on record: one that blanked something, and of pages, once a week, also one that found none. What
/// was looked through is not looked through again.
pub(super) fn is_worth_saying(purge: &Purge, left_off: Option<Day>) -> bool {
    purge.avis > 0 || purge.kept == Kept::Pages && left_off.is_none_or(|day| day.plus(7) <= purge.before)
}
