//! The partitions of avis and of their texts: one a month each, made before they are needed.

use super::{advisory, failed, within};
use crate::store::StoreError;
use crate::store::tallies::days_of;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The months that are known to have their partitions. None is ever taken away.
pub(super) struct Months(Mutex<BTreeSet<i32>>);

impl Months {
    /// Those of the database.
    pub(super) async fn read(connection: &mut PgConnection) -> Result<Self, StoreError> {
        let months: Vec<i32> = sqlx::query_scalar(
            "select right(relname, 6)::int from pg_inherits join pg_class on pg_class.oid = inhrelid
             where inhparent = 'avis'::regclass",
        )
        .fetch_all(connection)
        .await
        .map_err(failed("cannot read which months have partitions"))?;
        Ok(Self(Mutex::new(months.into_iter().collect())))
    }

    /// Makes the partitions of these months where they are not known to be there.
    pub(super) async fn make(
        &self,
        writers: &PgPool,
        months: impl IntoIterator<Item = i32>,
    ) -> Result<(), StoreError> {
        let unknown: BTreeSet<i32> = {
            let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            months.into_iter().filter(|month| !known.contains(month)).collect()
        };
        if unknown.is_empty() {
            return Ok(());
        }
        within(writers, async |connection| make(connection, &unknown).await).await?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(unknown);
        Ok(())
    }
}

async fn make(connection: &mut PgConnection, months: &BTreeSet<i32>) -> Result<(), StoreError> {
    let cannot = failed("cannot make the partitions of a month");
    let mut transaction = connection.begin().await.map_err(&cannot)?;
    // Collectors that come to a month together make it one after the other: the second finds it made.
    sqlx::query("select pg_advisory_xact_lock($1, 0)")
        .bind(advisory::PARTITIONS)
        .execute(&mut *transaction)
        .await
        .map_err(&cannot)?;
    for month in months {
        let there: bool = sqlx::query_scalar("select to_regclass($1) is not null")
            .bind(format!("avis_{month}"))
            .fetch_one(&mut *transaction)
            .await
            .map_err(&cannot)?;
        if !there {
            let statements = AssertSqlSafe(partitions_of(*month)?);
            sqlx::raw_sql(statements).execute(&mut *transaction).await.map_err(&cannot)?;
        }
    }
    transaction.commit().await.map_err(&cannot)
}

/// The statements that make the partitions of a month. A table that is attached lets avis of other months come in
/// meanwhile; one that is made as a partition would lock them out.
fn partitions_of(month: i32) -> Result<String, StoreError> {
    let days = days_of(month)?;
    let (first, next) = (days[0], days[days.len() - 1].plus(1));
    let bound = |day: crate::day::Day| format!("{:08}-0000-0000-0000-000000000000", day.number());
    let (from, to) = (bound(first), bound(next));
    // Most avis are changed soon, as a form goes on: the new version finds room beside the old one.
    Ok([("avis", 90), ("avis_text", 90)]
        .map(|(table, fillfactor)| {
            format!(
                "create table {table}_{month} (like {table} including defaults including indexes)
                     with (fillfactor = {fillfactor});
                 alter table {table} attach partition {table}_{month} for values from ('{from}') to ('{to}');"
            )
        })
        .join("\n"))
}
