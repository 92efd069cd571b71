//! Editions, alike for every database.

use super::StoreError;
use super::catalogue::code;
use crate::edition::{Edition, EditionFile, Erratum, FileDigest, Format};
use crate::quarter::Quarter;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The reading and writing of editions, for one of sqlx's databases, as [`catalogue_on`](super::catalogue::catalogue_on).
macro_rules! editions_on {
    ($database:ty, read: $read:literal, write: $begin:literal) => {
        use super::failed;
        use crate::edition::{Edition, Erratum, Format, NewEdition};
        use crate::quarter::Quarter;
        use crate::store::StoreError;
        use crate::store::editions::{ADD_ERRATUM, ADD_FILE, EDITION, EDITIONS, ERRATA, FILE, FILES, Rows};
        use sqlx::{Connection as _, Pool};

        type Connection = <$database as sqlx::Database>::Connection;

        pub(super) async fn freeze(
            writer: &Pool<$database>,
            edition: &NewEdition,
        ) -> Result<bool, StoreError> {
            let cannot = failed("cannot freeze an edition");
            let mut begun = writer.begin_with($begin).await.map_err(&cannot)?;
            let frozen = sqlx::query(EDITION)
                .bind(edition.quarter.to_string())
                .bind(edition.frozen_at.as_millisecond())
                .bind(&edition.formula)
                .execute(&mut *begun)
                .await
                .map_err(&cannot)?;
            if frozen.rows_affected() == 0 {
                return Ok(false);
            }
            for (format, sha256, content) in &edition.files {
                sqlx::query(ADD_FILE)
                    .bind(edition.quarter.to_string())
                    .bind(format.code())
                    .bind(&sha256.0[..])
                    .bind(content)
                    .execute(&mut *begun)
                    .await
                    .map_err(&cannot)?;
            }
            begun.commit().await.map_err(failed("cannot commit"))?;
            Ok(true)
        }

        pub(super) async fn read(reader: &mut Connection) -> Result<Vec<Edition>, StoreError> {
            let cannot = failed("cannot read editions");
            // One moment, so that none is read without its files.
            let mut reading = reader.begin_with($read).await.map_err(&cannot)?;
            let editions = sqlx::query_as(EDITIONS).fetch_all(&mut *reading).await.map_err(&cannot)?;
            let files = sqlx::query_as(FILES).fetch_all(&mut *reading).await.map_err(&cannot)?;
            let errata = sqlx::query_as(ERRATA).fetch_all(&mut *reading).await.map_err(&cannot)?;
            reading.commit().await.map_err(&cannot)?;
            Rows { editions, files, errata }.try_into()
        }

        pub(super) async fn file(
            reader: &mut Connection,
            quarter: Quarter,
            format: Format,
        ) -> Result<Option<Vec<u8>>, StoreError> {
            sqlx::query_scalar(FILE)
                .bind(quarter.to_string())
                .bind(format.code())
                .fetch_optional(reader)
                .await
                .map_err(failed("cannot read an edition"))
        }

        pub(super) async fn add_erratum(
            writer: &mut Connection,
            quarter: Quarter,
            erratum: &Erratum,
        ) -> Result<bool, StoreError> {
            let added = sqlx::query(ADD_ERRATUM)
                .bind(quarter.to_string())
                .bind(erratum.added_at.as_millisecond())
                .bind(&erratum.text)
                .execute(writer)
                .await
                .map_err(failed("cannot add an erratum"))?;
            Ok(added.rows_affected() > 0)
        }
    };
}
pub(super) use editions_on;

/// Nothing where there is one: of two that freeze at once, the database lets one. SQLite's trigger is not asked, which
/// refuses loudly what would replace an edition.
pub(super) const EDITION: &str = "insert into edition (edition_id, frozen_at_ms, formula)
    select $1, $2, $3 where not exists (select 1 from edition where edition_id = $1) on conflict do nothing";
pub(super) const ADD_FILE: &str =
    "insert into edition_file (edition_id, format, sha256, content) values ($1, $2, $3, $4)";
pub(super) const EDITIONS: &str =
    "select edition_id, frozen_at_ms, formula from edition order by edition_id desc";
pub(super) const FILES: &str =
    "select edition_id, format, sha256, cast(length(content) as bigint) from edition_file";
pub(super) const ERRATA: &str = "select edition_id, added_at_ms, body from erratum order by erratum_id";
pub(super) const FILE: &str = "select content from edition_file where edition_id = $1 and format = $2";
pub(super) const ADD_ERRATUM: &str = "insert into erratum (edition_id, added_at_ms, body)
    select edition_id, $2, $3 from edition where edition_id = $1";

/// The rows of editions: each begins with the id of its edition.
pub(super) struct Rows {
    pub(super) editions: Vec<(String, i64, String)>,
    pub(super) files: Vec<(String, String, Vec<u8>, i64)>,
    pub(super) errata: Vec<(String, i64, String)>,
}

impl TryFrom<Rows> for Vec<Edition> {
    type Error = StoreError;

    fn try_from(rows: Rows) -> Result<Self, StoreError> {
        let mut files: BTreeMap<String, Vec<EditionFile>> = BTreeMap::new();
        for (edition, format, sha256, bytes) in rows.files {
            files.entry(edition).or_default().push(file(&format, sha256, bytes)?);
        }
        let mut errata: BTreeMap<String, Vec<Erratum>> = BTreeMap::new();
        for (edition, added_at, text) in rows.errata {
            errata.entry(edition).or_default().push(Erratum { added_at: instant(added_at)?, text });
        }
        let edition = |(id, frozen_at, formula): (String, _, _)| {
            let mut files = files.remove(&id).unwrap_or_default();
            files.sort_by_key(|file| Format::ALL.iter().position(|format| *format == file.format));
            Ok(Edition {
                quarter: id.parse::<Quarter>().map_err(|_| impossible())?,
                frozen_at: instant(frozen_at)?,
                formula,
                files,
                errata: errata.remove(&id).unwrap_or_default(),
            })
        };
        rows.editions.into_iter().map(edition).collect()
    }
}

fn file(format: &str, sha256: Vec<u8>, bytes: i64) -> Result<EditionFile, StoreError> {
    Ok(EditionFile {
        format: code(format)?,
        sha256: FileDigest(sha256.try_into().map_err(|_| impossible())?),
        bytes: bytes.try_into().map_err(|_| impossible())?,
    })
}

fn instant(milliseconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(milliseconds).map_err(|_| impossible())
}

fn impossible() -> StoreError {
    StoreError::message("the database holds an edition of an impossible form")
}
