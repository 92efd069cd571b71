//! The end of what is kept for a time only.

use super::avis::{day_of, numbers_of};
use crate::day::Day;
use crate::store::PORTION;
use sqlx::SqlitePool;

crate::store::retention::record_on!(sqlx::Sqlite, write: "begin immediate");

/// Finds the next of them and blanks them, between two numbers. Texts are those that are there; of avis, those that have
/// a page are looked for, from where the last purge left off.
struct Statements {
    find: &'static str,
    blank: &'static str,
    count: &'static str,
}

fn statements(kept: Kept) -> Statements {
    match kept {
        Kept::Texts => Statements {
            find: "select count(*), max(avis_no) from (
                select avis_no from avis_text where avis_no >= ? and avis_no < ? order by avis_no limit ?)",
            blank: "delete from avis_text where avis_no >= ? and avis_no <= ?",
            count: "select count(*) from avis_text where avis_no < ?",
        },
        Kept::Pages => Statements {
            find: "select count(*), max(avis_no) from (select avis_no from avis
                where avis_no >= ? and avis_no < ? and page_id is not null order by avis_no limit ?)",
            blank: "update avis set page_id = null where avis_no >= ? and avis_no <= ? and page_id is not null",
            count: "select count(*) from avis where avis_no < ? and page_id is not null",
        },
    }
}

pub(super) async fn purge_some(
    writer: &SqlitePool,
    kept: Kept,
    before: Day,
    today: Day,
) -> Result<Portion, StoreError> {
    let cannot = failed("cannot blank what is kept no longer");
    let statements = statements(kept);
    let mut transaction = writer.begin_with("begin immediate").await.map_err(&cannot)?;
    let left_off = emptied_before(&mut transaction, kept).await?;
    let from = match (kept, left_off) {
        (Kept::Pages, Some(day)) => numbers_of(day).start,
        _ => 0,
    };
    let (found, last): (i64, Option<i64>) = sqlx::query_as(statements.find)
        .bind(from)
        .bind(numbers_of(before).start)
        .bind(PORTION)
        .fetch_one(&mut *transaction)
        .await
        .map_err(&cannot)?;
    let is_last = found < i64::from(PORTION);
    let emptied = match last {
        Some(avis_no) if !is_last => day_of(avis_no)?,
        _ => before,
    };
    if let Some(last) = last {
        sqlx::query(statements.blank)
            .bind(from)
            .bind(last)
            .execute(&mut *transaction)
            .await
            .map_err(&cannot)?;
    }
    let avis = found.unsigned_abs();
    let purge = Purge { on: today, kept, before: emptied, avis };
    if is_worth_saying(&purge, left_off) {
        enter(&mut transaction, &purge).await?;
    }
    transaction.commit().await.map_err(failed("cannot commit"))?;
    if !is_last {
        return Ok(Portion::Some(avis));
    }
    if avis > 0 {
        empty_log(writer).await?;
    }
    Ok(Portion::Last(avis))
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
