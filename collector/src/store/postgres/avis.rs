//! Avis, read many at a time.

use super::counts::begin_to_read;
use super::{failed, select_avis, uuid};
use crate::catalogue::DemarcheId;
use crate::day::Day;
use crate::identity::AvisId;
use crate::mending::Selection;
use crate::store::encoding;
use crate::store::rows::AvisRow;
use crate::store::selected::push_conditions;
use crate::store::{Avis, PORTION, Period, Rated, StoreError};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use sqlx::{PgConnection, PgPool, Postgres, QueryBuilder};
use std::collections::HashSet;
use uuid::Uuid;

/// The avis that are meant, some at a time. No index leads to those that count, so each statement reads a month of them at
/// most, one partition, from the first avis that there is: months and years without any are passed over.
pub(super) fn selected<'a>(
    readers: &'a PgPool,
    selection: &'a Selection,
) -> BoxStream<'a, Result<Vec<Avis>, StoreError>> {
    let period = selection.days();
    // The id after which it is read: before all others, no avis has the first one of a day.
    let (from, end) = (AvisId::first_of(period.from), AvisId::first_of(period.to.plus(1)));
    let portions = stream::try_unfold(from, move |mut after| async move {
        while let Some((start, before)) = next(readers, selection, after, end).await? {
            let cannot = failed("cannot read avis");
            let mut reading = begin_to_read(readers).await?;
            let some = portion(&mut reading, selection, (start, before), "").await?;
            reading.commit().await.map_err(&cannot)?;
            after = match some.last() {
                Some(avis) if some.len() == PORTION as usize => avis.id,
                _ => before,
            };
            if !some.is_empty() {
                return Ok(Some((some, after)));
            }
        }
        Ok(None)
    });
    portions.boxed()
}

/// The ids to read next, the first one and the last one not among them; none once there is nothing between these.
async fn next(
    readers: &PgPool,
    selection: &Selection,
    after: AvisId,
    end: AvisId,
) -> Result<Option<(AvisId, AvisId)>, StoreError> {
    if after >= end || selection.kept.is_aside() {
        return Ok((after < end).then_some((after, end)));
    }
    let Some(day) = first_day(readers, after, end).await? else { return Ok(None) };
    let before = AvisId::first_of(day.last_of_month().plus(1)).min(end);
    Ok(Some((after.max(AvisId::first_of(day)), before)))
}

/// The day of the first avis between these two ids, whatever its démarche.
pub(super) async fn first_day(
    readers: &PgPool,
    after: AvisId,
    before: AvisId,
) -> Result<Option<Day>, StoreError> {
    let first: Option<Uuid> = sqlx::query_scalar(
        "select avis_id from avis where avis_id > $1 and avis_id < $2 order by avis_id limit 1",
    )
    .bind(uuid(after.as_bytes()))
    .bind(uuid(before.as_bytes()))
    .fetch_optional(readers)
    .await
    .map_err(failed("cannot look for avis"))?;
    Ok(first.and_then(|avis_id| AvisId::from_bytes(avis_id.into_bytes()).day()))
}

/// The avis that are meant between two ids, in their order, as many as one reading takes; `lock` ends the statement.
pub(super) async fn portion(
    connection: &mut PgConnection,
    selection: &Selection,
    (after, before): (AvisId, AvisId),
    lock: &str,
) -> Result<Vec<Avis>, StoreError> {
    let mut query: QueryBuilder<Postgres> = QueryBuilder::new(select_avis!("where avis.avis_id > "));
    query.push_bind(uuid(after.as_bytes())).push(" and avis.avis_id < ").push_bind(uuid(before.as_bytes()));
    push_conditions(&mut query, selection);
    if !selection.avis.is_empty() {
        let ids: Vec<Uuid> = selection.avis.iter().map(|avis_id| uuid(avis_id.as_bytes())).collect();
        query.push(" and avis.avis_id = any(").push_bind(ids).push(")");
    }
    query.push(" order by avis.avis_id limit ").push_bind(i64::from(PORTION)).push(lock);
    let rows: Vec<AvisRow> =
        query.build_query_as().fetch_all(connection).await.map_err(failed("cannot read avis"))?;
    rows.into_iter().map(Avis::try_from).collect()
}

/// Which of these avis are stored.
pub(super) async fn stored(
    connection: &mut PgConnection,
    avis: &[AvisId],
) -> Result<HashSet<AvisId>, StoreError> {
    let found: Vec<Uuid> = sqlx::query_scalar("select avis_id from avis where avis_id = any($1)")
        .bind(avis.iter().map(|avis_id| uuid(avis_id.as_bytes())).collect::<Vec<_>>())
        .fetch_all(connection)
        .await
        .map_err(failed("cannot look for avis"))?;
    Ok(found.into_iter().map(|avis_id| AvisId::from_bytes(avis_id.into_bytes())).collect())
}

/// Démarche, origin and path of the page, satisfaction, and how many avis.
type RatedRow = (String, Option<String>, Option<String>, i64, i64);

/// How often each satisfaction was given in a period, by démarche and page.
pub(super) async fn rated_by_page(readers: &PgPool, period: Period) -> Result<Vec<Rated>, StoreError> {
    let cannot = failed("cannot count avis by page");
    let mut reading = begin_to_read(readers).await?;
    let rows: Vec<RatedRow> = sqlx::query_as(
        "select demarche_id, origin, path, satisfaction::bigint, avis from (
            select demarche_id, page_id, satisfaction, count(*) as avis from avis
            where avis_id >= $1 and avis_id < $2 and quarantine is null group by demarche_id, page_id, satisfaction
        ) as rated left join page using (page_id)",
    )
    .bind(uuid(AvisId::first_of(period.from).as_bytes()))
    .bind(uuid(AvisId::first_of(period.to.plus(1)).as_bytes()))
    .fetch_all(&mut *reading)
    .await
    .map_err(&cannot)?;
    reading.commit().await.map_err(&cannot)?;
    let rated = |(demarche, origin, path, satisfaction, avis): RatedRow| {
        Ok(Rated {
            demarche: DemarcheId(demarche),
            page: origin.zip(path),
            satisfaction: encoding::choice(satisfaction)?,
            avis: avis.try_into().unwrap_or(0),
        })
    };
    rows.into_iter().map(rated).collect()
}
