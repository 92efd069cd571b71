//! Spools of collectors: written here exactly once, and known while they may hold something.

use super::many_rows::{Bound, ManyRows};
use super::writes::Memory;
use super::{day, failed, get, writes};
use crate::day::Day;
use crate::store::spooled::{refused, split};
use crate::store::{Refusal, SpoolEntry, SpoolId, SpoolState, StoreError};
use jiff::Timestamp;
use sqlx::SqlitePool;
use std::sync::LazyLock;

static INSERT_REFUSALS: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("insert into spool_refusal (spool_id, seq, reason)", 3, ""));

pub(super) async fn drain(
    writer: &SqlitePool,
    memory: &Memory,
    spool: SpoolId,
    entries: &[SpoolEntry],
) -> Result<Vec<Refusal>, StoreError> {
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(vec![]) };
    let cannot = "cannot drain a spool";
    let name = spool.to_string();
    let mut transaction = writer.begin_with("begin immediate").await.map_err(failed(cannot))?;
    let written: Option<i64> = sqlx::query_scalar("select seq from spool_progress where spool_id = ?")
        .bind(&name)
        .fetch_optional(&mut *transaction)
        .await
        .map_err(failed(cannot))?;
    let written = written.unwrap_or(0);
    if last.seq > written {
        let (seqs, writes, mut refusals) = split(entries, written);
        let (outcomes, learned) = writes::apply(&mut transaction, memory, &writes).await?;
        refusals.extend(refused(&seqs, &writes, &outcomes));
        let bind = |query: Bound, one: &Refusal| {
            query.bind(spool.to_string()).bind(one.seq).bind(one.reason.clone())
        };
        INSERT_REFUSALS.run(&mut transaction, &refusals, bind, cannot).await?;
        sqlx::query(
            "insert into spool_progress (spool_id, seq) values (?, ?)
             on conflict (spool_id) do update set seq = excluded.seq",
        )
        .bind(&name)
        .bind(last.seq)
        .execute(&mut *transaction)
        .await
        .map_err(failed(cannot))?;
        transaction.commit().await.map_err(failed("cannot commit"))?;
        memory.keep(learned);
    } else {
        transaction.rollback().await.map_err(failed(cannot))?;
    }
    let rows = sqlx::query(
        "select seq, reason from spool_refusal where spool_id = ? and seq between ? and ? order by seq",
    )
    .bind(&name)
    .bind(first.seq)
    .bind(last.seq)
    .fetch_all(writer)
    .await
    .map_err(failed(cannot))?;
    rows.iter().map(|row| Ok(Refusal { seq: get(row, 0)?, reason: get(row, 1)? })).collect()
}

pub(super) async fn progress(readers: &SqlitePool, spool: SpoolId) -> Result<i64, StoreError> {
    let written: Option<i64> = sqlx::query_scalar("select seq from spool_progress where spool_id = ?")
        .bind(spool.to_string())
        .fetch_optional(readers)
        .await
        .map_err(failed("cannot read how far a spool is written"))?;
    Ok(written.unwrap_or(0))
}

pub(super) async fn report(
    writer: &SqlitePool,
    spool: SpoolId,
    seen_at: Timestamp,
    holds_since: Option<Day>,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into spool (spool_id, seen_at_ms, holds_since) values (?, ?, ?)
         on conflict (spool_id) do update set seen_at_ms = excluded.seen_at_ms, holds_since = excluded.holds_since",
    )
    .bind(spool.to_string())
    .bind(seen_at.as_millisecond())
    .bind(holds_since.map(Day::number))
    .execute(writer)
    .await
    .map_err(failed("cannot make a spool known"))?;
    Ok(())
}

pub(super) async fn all(readers: &SqlitePool) -> Result<Vec<SpoolState>, StoreError> {
    let rows = sqlx::query(
        "select spool_id, seen_at_ms, holds_since,
            (select count(*) from spool_refusal where spool_refusal.spool_id = named.spool_id)
         from (select spool_id from spool union select spool_id from spool_refusal) as named
         left join spool using (spool_id) order by spool_id",
    )
    .fetch_all(readers)
    .await
    .map_err(failed("cannot read which spools there are"))?;
    rows.iter()
        .map(|row| {
            let seen_at: Option<i64> = get(row, 1)?;
            let holds_since: Option<i32> = get(row, 2)?;
            let impossible = |_| StoreError::message("the database holds an impossible time");
            Ok(SpoolState {
                id: SpoolId::read(&get::<String>(row, 0)?)?,
                seen_at: seen_at.map(Timestamp::from_millisecond).transpose().map_err(impossible)?,
                holds_since: holds_since.map(day).transpose()?,
                refused: get(row, 3)?,
            })
        })
        .collect()
}

pub(super) async fn forget(writer: &SqlitePool, spool: SpoolId) -> Result<bool, StoreError> {
    let forgotten = sqlx::query("delete from spool where spool_id = ?")
        .bind(spool.to_string())
        .execute(writer)
        .await
        .map_err(failed("cannot forget a spool"))?;
    Ok(forgotten.rows_affected() > 0)
}
