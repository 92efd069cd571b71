//! Spools of collectors: written here exactly once, and known while they may hold something.

use super::writes::{Race, apply, make_months};
use super::{PostgresStore, failed, within};
use crate::day::Day;
use crate::store::rows::day;
use crate::store::spooled::{refused, split};
use crate::store::{Refusal, SpoolEntry, SpoolId, SpoolState, StoreError, Write};
use jiff::Timestamp;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

pub(super) async fn drain(
    store: &PostgresStore,
    spool: SpoolId,
    entries: &[SpoolEntry],
) -> Result<Vec<Refusal>, StoreError> {
    // Of all entries, also of those that turn out to be written: their months are there already.
    let writes: Vec<Write> = entries.iter().filter_map(|entry| entry.write.clone().ok()).collect();
    let mut race = Race::default();
    loop {
        make_months(store, &writes).await?;
        let tried =
            within(&store.writers, async |connection| attempt_on(connection, store, spool, entries).await)
                .await;
        if let Some(done) = race.is_over(tried) {
            return done;
        }
    }
}

/// One transaction, and the refusals of these entries, of before too. None if another collector took an idempotency
/// key meanwhile: then nothing is written.
async fn attempt_on(
    connection: &mut PgConnection,
    store: &PostgresStore,
    spool: SpoolId,
    entries: &[SpoolEntry],
) -> Result<Option<Vec<Refusal>>, StoreError> {
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(Some(vec![])) };
    let cannot = failed("cannot drain a spool");
    let mut transaction = connection.begin().await.map_err(&cannot)?;
    // The row is made where it is missing, so that there is always one to lock: a step that was given up as too slow
    // may be under way still.
    let written: i64 = sqlx::query_scalar(
        "insert into spool_progress (spool_id, seq) values ($1, 0)
         on conflict (spool_id) do update set seq = spool_progress.seq returning seq",
    )
    .bind(spool.uuid())
    .fetch_one(&mut *transaction)
    .await
    .map_err(&cannot)?;
    let mut new_pages = None;
    if last.seq > written {
        let (seqs, writes, mut refusals) = split(entries, written);
        let Some((outcomes, pages)) = apply(&mut transaction, store, &writes).await? else {
            transaction.rollback().await.map_err(&cannot)?;
            return Ok(None);
        };
        new_pages = Some(pages);
        refusals.extend(refused(&seqs, &writes, &outcomes));
        sqlx::query("insert into spool_refusal (spool_id, seq, reason) select $1, * from unnest($2::bigint[], $3::text[])")
            .bind(spool.uuid())
            .bind(refusals.iter().map(|one| one.seq).collect::<Vec<_>>())
            .bind(refusals.iter().map(|one| one.reason.as_str()).collect::<Vec<_>>())
            .execute(&mut *transaction)
            .await
            .map_err(&cannot)?;
        sqlx::query("update spool_progress set seq = $2 where spool_id = $1")
            .bind(spool.uuid())
            .bind(last.seq)
            .execute(&mut *transaction)
            .await
            .map_err(&cannot)?;
    }
    let refusals: Vec<(i64, String)> = sqlx::query_as(
        "select seq, reason from spool_refusal where spool_id = $1 and seq between $2 and $3 order by seq",
    )
    .bind(spool.uuid())
    .bind(first.seq)
    .bind(last.seq)
    .fetch_all(&mut *transaction)
    .await
    .map_err(&cannot)?;
    transaction.commit().await.map_err(failed("cannot commit"))?;
    if let Some(pages) = new_pages {
        store.pages.keep(pages);
    }
    Ok(Some(refusals.into_iter().map(|(seq, reason)| Refusal { seq, reason }).collect()))
}

pub(super) async fn progress(connection: &mut PgConnection, spool: SpoolId) -> Result<i64, StoreError> {
    let written: Option<i64> = sqlx::query_scalar("select seq from spool_progress where spool_id = $1")
        .bind(spool.uuid())
        .fetch_optional(connection)
        .await
        .map_err(failed("cannot read how far a spool is written"))?;
    Ok(written.unwrap_or(0))
}

pub(super) async fn report(
    connection: &mut PgConnection,
    spool: SpoolId,
    seen_at: Timestamp,
    holds_since: Option<Day>,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into spool (spool_id, seen_at_ms, holds_since) values ($1, $2, $3)
         on conflict (spool_id) do update set seen_at_ms = excluded.seen_at_ms, holds_since = excluded.holds_since",
    )
    .bind(spool.uuid())
    .bind(seen_at.as_millisecond())
    .bind(holds_since.map(Day::number))
    .execute(connection)
    .await
    .map_err(failed("cannot make a spool known"))?;
    Ok(())
}

pub(super) async fn all(connection: &mut PgConnection) -> Result<Vec<SpoolState>, StoreError> {
    let rows: Vec<(Uuid, Option<i64>, Option<i32>, i64)> = sqlx::query_as(
        "select spool_id, seen_at_ms, holds_since,
            (select count(*) from spool_refusal where spool_refusal.spool_id = named.spool_id)
         from (select spool_id from spool union select spool_id from spool_refusal) as named
         left join spool using (spool_id) order by spool_id",
    )
    .fetch_all(connection)
    .await
    .map_err(failed("cannot read which spools there are"))?;
    rows.into_iter()
        .map(|(id, seen_at, holds_since, refused)| {
            let impossible = |_| StoreError::message("the database holds an impossible time");
            Ok(SpoolState {
                id: SpoolId::from(id),
                seen_at: seen_at.map(Timestamp::from_millisecond).transpose().map_err(impossible)?,
                holds_since: holds_since.map(day).transpose()?,
                refused,
            })
        })
        .collect()
}

pub(super) async fn forget(connection: &mut PgConnection, spool: SpoolId) -> Result<bool, StoreError> {
    let forgotten = sqlx::query("delete from spool where spool_id = $1")
        .bind(spool.uuid())
        .execute(connection)
        .await
        .map_err(failed("cannot forget a spool"))?;
    Ok(forgotten.rows_affected() > 0)
}
