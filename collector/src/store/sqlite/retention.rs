//! The end of what is kept for a time only.

use super::avis::{day_of, first_number, json_of, numbers_of};
use crate::day::Day;
use crate::store::PORTION;
use sqlx::SqlitePool;
use std::ops::Range;

crate::store::retention::record_on!(sqlx::Sqlite, write: "begin immediate");

/// Finds them between two numbers, and blanks those of some numbers.
struct Statements {
    find: &'static str,
    blank: &'static str,
    count: &'static str,
}

fn statements(kept: Kept) -> Statements {
    match kept {
        Kept::Texts => Statements {
            find: "select avis_no from avis_text where avis_no >= ? and avis_no < ? order by avis_no limit ?",
            blank: "delete from avis_text where avis_no in (select value from json_each(?))",
            count: "select count(*) from avis_text where avis_no < ?",
        },
        Kept::Pages => Statements {
            find: "select avis_no from avis not indexed
                where avis_no >= ? and avis_no < ? and page_id is not null order by avis_no limit ?",
            blank: "update avis set page_id = null
                where avis_no in (select value from json_each(?)) and page_id is not null",
            count: "select count(*) from avis where avis_no < ? and page_id is not null",
        },
    }
}

/// Only what was found is blanked where everybody else waits: to find it may take a walk through a month of avis.
pub(super) async fn purge_some(
    readers: &SqlitePool,
    writer: &SqlitePool,
    kept: Kept,
    days: Range<Day>,
    today: Day,
) -> Result<Portion, StoreError> {
    let cannot = failed("cannot blank what is kept no longer");
    let (found, emptied) = find(readers, kept, &days).await?;
    let numbers = json_of(&found)?;
    let mut transaction = writer.begin_with("begin immediate").await.map_err(&cannot)?;
    let left_off = emptied_before(&mut transaction, kept).await?;
    let blanked = sqlx::query(statements(kept).blank).bind(numbers).execute(&mut *transaction).await;
    let avis = blanked.map_err(&cannot)?.rows_affected();
    let purge = Purge { on: today, kept, before: emptied, avis };
    if is_worth_saying(&purge, left_off) {
        enter(&mut transaction, &purge).await?;
    }
    transaction.commit().await.map_err(failed("cannot commit"))?;
    if avis > 0 && found.len() < PORTION as usize {
        empty_log(writer).await?;
    }
    Ok(if emptied < days.end { Portion::Some(avis, emptied) } else { Portion::Last(avis) })
}

/// The next of them, and the day before which there are no others. Texts are those that are there; of avis, those that
/// have a page are looked for.
async fn find(readers: &SqlitePool, kept: Kept, days: &Range<Day>) -> Result<(Vec<i64>, Day), StoreError> {
    let numbers = |days: &Range<Day>| numbers_of(days.start).start..numbers_of(days.end).start;
    let looked = match kept {
        Kept::Texts => days.clone(),
        Kept::Pages => match first_number(readers, numbers(days)).await? {
            Some(first) => of_a_month(day_of(first)?, days.end),
            None => return Ok((vec![], days.end)),
        },
    };
    let numbers = numbers(&looked);
    let mut found: Vec<i64> = sqlx::query_scalar(statements(kept).find)
        .bind(numbers.start)
        .bind(numbers.end)
        .bind(PORTION + 1)
        .fetch_all(readers)
        .await
        .map_err(failed("cannot find what is kept no longer"))?;
    // One more tells whether these are all, so that the record names the day up to which they are.
    let emptied = match found.get(PORTION as usize) {
        Some(next) => day_of(*next)?,
        None => looked.end,
    };
    found.truncate(PORTION as usize);
    Ok((found, emptied))
}

/// Brings the write-ahead log home and cuts it off: what was blanked stands in it until then, and in the file behind it.
/// Where somebody reads all the while, the next purge does it.
async fn empty_log(writer: &SqlitePool) -> Result<(), StoreError> {
    sqlx::query("pragma wal_checkpoint(truncate)")
        .execute(writer)
        .await
        .map_err(failed("cannot bring the write-ahead log home"))?;
    Ok(())
}

pub(super) async fn overdue(readers: &SqlitePool, kept: Kept, before: Day) -> Result<u64, StoreError> {
    let avis: i64 = sqlx::query_scalar(statements(kept).count)
        .bind(numbers_of(before).start)
        .fetch_one(readers)
        .await
        .map_err(failed("cannot count what is kept no longer"))?;
    Ok(avis.unsigned_abs())
}
