//! The end of what is kept for a time only.

use super::{advisory, uuid, within};
use crate::day::Day;
use crate::identity::AvisId;
use crate::store::PORTION;
use sqlx::{AssertSqlSafe, Connection as _, PgPool};
use uuid::Uuid;

crate::store::retention::record_on!(sqlx::Postgres, write: "begin");

/// Finds the next of them and blanks them, between two ids. Texts are those that are there; of avis, those that have a
/// page are looked for, from where the last purge left off.
struct Statements {
    find: &'static str,
    blank: &'static str,
    count: &'static str,
}

fn statements(kept: Kept) -> Statements {
    match kept {
        Kept::Texts => Statements {
            find: "select count(*), (array_agg(avis_id order by avis_id desc))[1] from (
                select avis_id from avis_text where avis_id >= $1 and avis_id < $2 order by avis_id limit $3
            ) as portion",
            blank: "delete from avis_text where avis_id >= $1 and avis_id <= $2",
            count: "select count(*) from avis_text where avis_id < $1",
        },
        Kept::Pages => Statements {
            find: "select count(*), (array_agg(avis_id order by avis_id desc))[1] from (
                select avis_id from avis
                where avis_id >= $1 and avis_id < $2 and page_id is not null order by avis_id limit $3
            ) as portion",
            blank: "update avis set page_id = null
                where avis_id >= $1 and avis_id <= $2 and page_id is not null",
            count: "select count(*) from avis where avis_id < $1 and page_id is not null",
        },
    }
}

pub(super) async fn purge_some(
    writers: &PgPool,
    kept: Kept,
    before: Day,
    today: Day,
) -> Result<Portion, StoreError> {
    let portion =
        within(writers, async |connection| blank_some(connection, kept, before, today).await).await?;
    if kept == Kept::Texts && matches!(portion, Portion::Last(_)) {
        within(writers, async |connection| give_back(connection, before).await).await?;
    }
    Ok(portion)
}

async fn blank_some(
    connection: &mut Connection,
    kept: Kept,
    before: Day,
    today: Day,
) -> Result<Portion, StoreError> {
    let cannot = failed("cannot blank what is kept no longer");
    let statements = statements(kept);
    let mut transaction = connection.begin().await.map_err(&cannot)?;
    let alone: bool = sqlx::query_scalar("select pg_try_advisory_xact_lock($1, 0)")
        .bind(advisory::PURGE)
        .fetch_one(&mut *transaction)
        .await
        .map_err(&cannot)?;
    if !alone {
        return Ok(Portion::TakenCareOf);
    }
    let left_off = emptied_before(&mut transaction, kept).await?;
    let from = match (kept, left_off) {
        (Kept::Pages, Some(day)) => uuid(AvisId::first_of(day).as_bytes()),
        _ => Uuid::nil(),
    };
    let (found, last): (i64, Option<Uuid>) = sqlx::query_as(statements.find)
        .bind(from)
        .bind(uuid(AvisId::first_of(before).as_bytes()))
        .bind(i64::from(PORTION))
        .fetch_one(&mut *transaction)
        .await
        .map_err(&cannot)?;
    let is_last = found < i64::from(PORTION);
    let of_last = last.and_then(|last| AvisId::from_bytes(last.into_bytes()).day());
    let emptied = of_last.filter(|_| !is_last).unwrap_or(before);
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
    Ok(if is_last { Portion::Last(avis) } else { Portion::Some(avis) })
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

pub(super) async fn overdue(connection: &mut Connection, kept: Kept, before: Day) -> Result<u64, StoreError> {
    let avis: i64 = sqlx::query_scalar(statements(kept).count)
        .bind(uuid(AvisId::first_of(before).as_bytes()))
        .fetch_one(connection)
        .await
        .map_err(failed("cannot count what is kept no longer"))?;
    Ok(avis.unsigned_abs())
}
