//! The journal, alike for every database.

use super::StoreError;
use crate::mending::Entry;
use jiff::Timestamp;

/// The reading and writing of the journal, for one of sqlx's databases, as
/// [`catalogue_on`](super::catalogue::catalogue_on).
macro_rules! journal_on {
    ($database:ty, write: $begin:literal $(, after loading: $after_load:literal)?) => {
        use super::failed;
        use crate::mending::Entry;
        use crate::store::StoreError;
        use crate::store::journal::{ADD, ENTRIES, LOAD, entry};
        use jiff::Timestamp;
        use serde_json::Value;
        use sqlx::Pool;

        type Connection = <$database as sqlx::Database>::Connection;

        pub(super) async fn read(readers: &Pool<$database>) -> Result<Vec<Entry>, StoreError> {
            let rows: Vec<(i64, i64, String, String)> = sqlx::query_as(ENTRIES)
                .fetch_all(readers)
                .await
                .map_err(failed("cannot read the journal"))?;
            rows.into_iter().map(entry).collect()
        }

        /// Adds an entry, within the transaction of what it tells.
        pub(super) async fn add(
            connection: &mut Connection,
            at: Timestamp,
            act: &str,
            detail: &Value,
        ) -> Result<(), StoreError> {
            sqlx::query(ADD)
                .bind(at.as_millisecond())
                .bind(act)
                .bind(detail.to_string())
                .execute(connection)
                .await
                .map_err(failed("cannot write the journal"))?;
            Ok(())
        }

        pub(super) async fn load(writers: &Pool<$database>, entries: &[Entry]) -> Result<(), StoreError> {
            let cannot = failed("cannot write the journal");
            let mut begun = writers.begin_with($begin).await.map_err(&cannot)?;
            for one in entries {
                sqlx::query(LOAD)
                    .bind(one.id)
                    .bind(one.at.as_millisecond())
                    .bind(&one.act)
                    .bind(one.detail.to_string())
                    .execute(&mut *begun)
                    .await
                    .map_err(&cannot)?;
            }
            $(
                sqlx::query($after_load).execute(&mut *begun).await.map_err(&cannot)?;
            )?
            begun.commit().await.map_err(failed("cannot commit"))
        }
    };
}
pub(super) use journal_on;

pub(super) const ENTRIES: &str =
    "select journal_id, done_at_ms, act, detail from journal order by journal_id";
pub(super) const ADD: &str = "insert into journal (done_at_ms, act, detail) values ($1, $2, $3)";
pub(super) const LOAD: &str =
    "insert into journal (journal_id, done_at_ms, act, detail) values ($1, $2, $3, $4)";

pub(super) fn entry((id, at, act, detail): (i64, i64, String, String)) -> Result<Entry, StoreError> {
    let impossible =
        || StoreError::message("the database holds an entry of the journal of an impossible form");
    Ok(Entry {
        id,
        at: Timestamp::from_millisecond(at).map_err(|_| impossible())?,
        act,
        detail: serde_json::from_str(&detail).map_err(|_| impossible())?,
    })
}
