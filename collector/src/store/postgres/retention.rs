//! The end of what is kept for a time only.

use super::avis::first_day;
use super::counts::begin_to_read;
use super::{advisory, uuid, within};
use crate::day::Day;
use crate::identity::AvisId;
use crate::store::PORTION;
use sqlx::{AssertSqlSafe, Connection as _, PgPool};
use std::ops::Range;
use uuid::Uuid;

crate::store::retention::record_on!(sqlx::Postgres, write: "begin");

/// Finds them between two ids, and blanks those of some ids.
struct Statements {
    find: &'static str,
    blank: &'static str,
    count: &'static str,
}

fn statements(kept: Kept) -> Statements {
    match kept {
        Kept::Texts => Statements {
            find: "select avis_id from avis_text where avis_id >= $1 and avis_id < $2 order by avis_id limit $3",
            blank: "delete from avis_text where avis_id = any($1)",
            count: "select count(*) from avis_text where avis_id < $1",
        },
        Kept::Pages => Statements {
            find: "select avis_id from avis
                where avis_id >= $1 and avis_id < $2 and page_id is not null order by avis_id limit $3",
            blank: "update avis set page_id = null where avis_id = any($1) and page_id is not null",
            count: "select count(*) from avis where avis_id < $1 and page_id is not null",
        },
    }
}

/// To find them may take a walk through a month of avis, for which there is no limit of time; to blank them there is.
pub(super) async fn purge_some(
    readers: &PgPool,
    writers: &PgPool,
    kept: Kept,
    days: Range<Day>,
    today: Day,
) -> Result<Portion, StoreError> {
    let (found, emptied) = find(readers, kept, &days).await?;
    let purge = Purge { on: today, kept, before: emptied, avis: 0 };
    let blanked = within(writers, async |connection| blank(connection, &found, purge).await).await?;
    let Some(avis) = blanked else { return Ok(Portion::TakenCareOf) };
    if emptied < days.end {
        return Ok(Portion::Some(avis, emptied));
    }
    if kept == Kept::Texts {
        within(writers, async |connection| give_back(connection, days.end).await).await?;
    }
    Ok(Portion::Last(avis))
}

/// The next of them, and the day before which there are no others. Texts are those that are there; of avis, those that
/// have a page are looked for.
async fn find(readers: &PgPool, kept: Kept, days: &Range<Day>) -> Result<(Vec<Uuid>, Day), StoreError> {
    let cannot = failed("cannot find what is kept no longer");
    let looked = match kept {
        Kept::Texts => days.clone(),
        Kept::Pages => {
            match first_day(readers, AvisId::first_of(days.start), AvisId::first_of(days.end)).await? {
                Some(first) => of_a_month(first, days.end),
                None => return Ok((vec![], days.end)),
            }
        }
    };
    let mut reading = begin_to_read(readers).await?;
    let mut found: Vec<Uuid> = sqlx::query_scalar(statements(kept).find)
        .bind(uuid(AvisId::first_of(looked.start).as_bytes()))
        .bind(uuid(AvisId::first_of(looked.end).as_bytes()))
        .bind(i64::from(PORTION) + 1)
        .fetch_all(&mut *reading)
        .await
        .map_err(&cannot)?;
    reading.commit().await.map_err(&cannot)?;
    // One more tells whether these are all, so that the record names the day up to which they are.
    let next = found.get(PORTION as usize).and_then(|next| AvisId::from_bytes(next.into_bytes()).day());
    found.truncate(PORTION as usize);
    let emptied = next.unwrap_or(looked.end);
    Ok((found, emptied))
}

/// Blanks these and enters it in the record, with how many it was; none if another collector is at it.
async fn blank(connection: &mut Connection, found: &[Uuid], purge: Purge) -> Result<Option<u64>, StoreError> {
    let cannot = failed("cannot blank what is kept no longer");
    let mut transaction = connection.begin().await.map_err(&cannot)?;
    let alone: bool = sqlx::query_scalar("select pg_try_advisory_xact_lock($1, 0)")
        .bind(advisory::PURGE)
        .fetch_one(&mut *transaction)
        .await
        .map_err(&cannot)?;
    if !alone {
        return Ok(None);
    }
    let left_off = emptied_before(&mut transaction, purge.kept).await?;
    let blanked = sqlx::query(statements(purge.kept).blank).bind(found).execute(&mut *transaction).await;
    let avis = blanked.map_err(&cannot)?.rows_affected();
    let purge = Purge { avis, ..purge };
    if is_worth_saying(&purge, left_off) {
        enter(&mut transaction, &purge).await?;
    }
    transaction.commit().await.map_err(failed("cannot commit"))?;
    Ok(Some(avis))
}

/// Empties the partitions of whole months that hold no text any more, so that their disk is free and what was blanked is
/// not on it either: deleted rows stay in their file, vacuumed or not. Where somebody reads one just now, the next purge
/// does it.
async fn give_back(connection: &mut Connection, before: Day) -> Result<(), StoreError> {
    const LOCK_NOT_AVAILABLE: &str = "55P03";
    let cannot = failed("cannot give back the disk of texts");
    let months: Vec<i32> = sqlx::query_scalar(
        "select right(relname, 6)::int from pg_inherits join pg_class on pg_class.oid = inhrelid
         where inhparent = 'avis_text'::regclass and right(relname, 6)::int < $1 and pg_relation_size(inhrelid) > 0",
    )
    .bind(before.month())
    .fetch_all(&mut *connection)
    .await
    .map_err(&cannot)?;
    for month in months {
        let mut transaction = connection.begin().await.map_err(&cannot)?;
        let locked = sqlx::raw_sql(AssertSqlSafe(format!(
            "set local lock_timeout = '500ms'; lock table avis_text_{month} in access exclusive mode"
        )))
        .execute(&mut *transaction)
        .await;
        match locked {
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(LOCK_NOT_AVAILABLE) => {
                continue;
            }
            locked => locked.map_err(&cannot)?,
        };
        let is_empty: bool =
            sqlx::query_scalar(AssertSqlSafe(format!("select not exists (select 1 from avis_text_{month})")))
                .fetch_one(&mut *transaction)
                .await
                .map_err(&cannot)?;
        if is_empty {
            sqlx::raw_sql(AssertSqlSafe(format!("truncate avis_text_{month}")))
                .execute(&mut *transaction)
                .await
                .map_err(&cannot)?;
        }
        transaction.commit().await.map_err(failed("cannot commit"))?;
    }
    Ok(())
}

pub(super) async fn overdue(readers: &PgPool, kept: Kept, before: Day) -> Result<u64, StoreError> {
    let cannot = failed("cannot count what is kept no longer");
    let mut reading = begin_to_read(readers).await?;
    let avis: i64 = sqlx::query_scalar(statements(kept).count)
        .bind(uuid(AvisId::first_of(before).as_bytes()))
        .fetch_one(&mut *reading)
        .await
        .map_err(&cannot)?;
    reading.commit().await.map_err(&cannot)?;
    Ok(avis.unsigned_abs())
}
