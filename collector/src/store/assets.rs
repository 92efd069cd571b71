//! Files that are served for good, alike for every database.

use super::StoreError;
use super::rows::day;
use crate::assets::{Integrity, KeptAsset};

/// The keeping of files, for one of sqlx's databases, as [`catalogue_on`](super::catalogue::catalogue_on). What is kept
/// is read with the catalogue, whose version tells collectors of a change.
macro_rules! assets_on {
    ($database:ty) => {
        use super::catalogue::begin;
        use super::{failed, journal};
        use crate::assets::{Integrity, KeptAsset};
        use crate::store::StoreError;
        use crate::store::assets::{CONTENT, KEEP, REVOKE};
        use jiff::Timestamp;
        use serde_json::json;
        use sqlx::{Pool, Transaction};

        type Connection = <$database as sqlx::Database>::Connection;

        pub(super) async fn keep(
            writer: &Pool<$database>,
            assets: &[(KeptAsset, Vec<u8>)],
        ) -> Result<u64, StoreError> {
            let mut begun = begin(writer).await?;
            let mut kept = 0;
            for (asset, brotli) in assets {
                let inserted = sqlx::query(KEEP)
                    .bind(&asset.name)
                    .bind(&asset.media_type)
                    .bind(&asset.integrity.0[..])
                    .bind(i64::try_from(asset.size).unwrap_or(i64::MAX))
                    .bind(brotli)
                    .bind(asset.first_served.number())
                    .bind(asset.revoked)
                    .execute(&mut *begun)
                    .await
                    .map_err(failed("cannot keep an asset"))?;
                kept += inserted.rows_affected();
            }
            end(begun, kept).await
        }

        pub(super) async fn content(
            reader: &mut Connection,
            name: &str,
        ) -> Result<Option<Vec<u8>>, StoreError> {
            sqlx::query_scalar(CONTENT)
                .bind(name)
                .fetch_optional(reader)
                .await
                .map_err(failed("cannot read an asset"))
        }

        pub(super) async fn revoke(
            writer: &Pool<$database>,
            integrity: Integrity,
            revoked: bool,
            at: Option<Timestamp>,
        ) -> Result<u64, StoreError> {
            let mut begun = begin(writer).await?;
            let changed = sqlx::query(REVOKE)
                .bind(&integrity.0[..])
                .bind(revoked)
                .execute(&mut *begun)
                .await
                .map_err(failed("cannot revoke an asset"))?;
            if let Some(at) = at {
                let act = if revoked { "asset revoke" } else { "asset restore" };
                let (integrity, assets) = (integrity.to_string(), changed.rows_affected());
                journal::add(&mut begun, at, act, &json!({"integrity": integrity, "assets": assets})).await?;
            }
            end(begun, changed.rows_affected()).await
        }

        /// Commits what changed so many rows. Where it changed none, neither does the version of the catalogue.
        async fn end(begun: Transaction<'static, $database>, rows: u64) -> Result<u64, StoreError> {
            let ended = if rows > 0 { begun.commit().await } else { begun.rollback().await };
            ended.map_err(failed("cannot commit"))?;
            Ok(rows)
        }
    };
}
pub(super) use assets_on;

pub(super) const ASSETS: &str = "select name, media_type, sha384, size, first_served_day, revoked from asset";
/// Nothing where there is one of that name, so that SQLite's trigger is not asked, which refuses loudly.
pub(super) const KEEP: &str =
    "insert into asset (name, media_type, sha384, size, content, first_served_day, revoked)
    select $1, $2, $3, $4, $5, $6, $7 or exists (select 1 from asset where sha384 = $3 and revoked)
    where not exists (select 1 from asset where name = $1) on conflict do nothing";
pub(super) const CONTENT: &str = "select content from asset where name = $1";
pub(super) const REVOKE: &str = "update asset set revoked = $2 where sha384 = $1 and revoked <> $2";

/// A kept file, without its bytes.
#[derive(sqlx::FromRow)]
pub(super) struct AssetRow {
    name: String,
    media_type: String,
    sha384: Vec<u8>,
    size: i64,
    first_served_day: i32,
    revoked: bool,
}

impl TryFrom<AssetRow> for KeptAsset {
    type Error = StoreError;

    fn try_from(row: AssetRow) -> Result<Self, StoreError> {
        let impossible = || StoreError::message("the database holds an asset of an impossible form");
        Ok(Self {
            name: row.name,
            media_type: row.media_type,
            integrity: Integrity(row.sha384.try_into().map_err(|_| impossible())?),
            size: row.size.try_into().map_err(|_| impossible())?,
            first_served: day(row.first_served_day)?,
            revoked: row.revoked,
        })
    }
}
