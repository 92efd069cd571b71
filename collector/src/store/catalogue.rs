//! Démarches, boutons and keys, alike for every database; kept files are read with them.

use super::StoreError;
use super::assets::AssetRow;
use super::rows::day;
use crate::assets::KeptAsset;
use crate::catalogue::{ApiKey, Audience, Bouton, BoutonId, Catalogue, Demarche, DemarcheId};
use std::collections::HashMap;
use std::str::FromStr;

/// The reading and writing of a catalogue, for one of sqlx's databases: what is around it gives `failed`. The
/// statements are those of every database, and a function that is generic over it would say in thirty bounds what these
/// two lines do.
macro_rules! catalogue_on {
    ($database:ty, read: $read:literal, write: $begin:literal $(, after loading keys: $after_load:literal)?) => {
        use super::failed;
        use crate::catalogue::{ApiKey, Bouton, BoutonId, Catalogue, Demarche, DemarcheId, Scope};
        use crate::day::Day;
        use crate::store::assets::ASSETS;
        use crate::store::catalogue::{
            BOUTON_ALIASES, BOUTONS, DEMARCHE_ALIASES, DEMARCHES, KEYS, ORIGINS, Rows, audience_codes,
        };
        use crate::store::rows::day;
        use crate::store::{BoutonChange, CatalogueError, DemarcheChange, EssentialChange, StoreError};
        use sqlx::{Connection as _, Pool, Transaction};

        type Begun = Transaction<'static, $database>;
        type Connection = <$database as sqlx::Database>::Connection;

        pub(super) async fn read(reader: &mut Connection) -> Result<Catalogue, StoreError> {
            let cannot = failed("cannot read the catalogue");
            // One moment, so that no bouton is read without its démarche.
            let mut reading = reader.begin_with($read).await.map_err(&cannot)?;
            let demarches = sqlx::query_as(DEMARCHES).fetch_all(&mut *reading).await.map_err(&cannot)?;
            let demarche_aliases =
                sqlx::query_as(DEMARCHE_ALIASES).fetch_all(&mut *reading).await.map_err(&cannot)?;
            let boutons = sqlx::query_as(BOUTONS).fetch_all(&mut *reading).await.map_err(&cannot)?;
            let bouton_aliases =
                sqlx::query_as(BOUTON_ALIASES).fetch_all(&mut *reading).await.map_err(&cannot)?;
            let origins = sqlx::query_as(ORIGINS).fetch_all(&mut *reading).await.map_err(&cannot)?;
            let keys = sqlx::query_as(KEYS).fetch_all(&mut *reading).await.map_err(&cannot)?;
            let assets = sqlx::query_as(ASSETS).fetch_all(&mut *reading).await.map_err(&cannot)?;
            Rows { demarches, demarche_aliases, boutons, bouton_aliases, origins, keys, assets }.try_into()
        }

        pub(super) async fn add_demarches(writer: &Pool<$database>, demarches: &[Demarche]) -> Result<(), CatalogueError> {
            let mut begun = begin(writer).await?;
            for demarche in demarches {
                let insert = sqlx::query(
                    "insert into demarche (demarche_id, title, administration, ministry, audience, essential, closed)
                     values ($1, $2, $3, $4, $5, $6, $7)",
                )
                .bind(&demarche.id.0)
                .bind(&demarche.title)
                .bind(&demarche.administration)
                .bind(&demarche.ministry)
                .bind(audience_codes(&demarche.audience))
                .bind(demarche.essential)
                .bind(demarche.closed)
                .execute(&mut *begun)
                .await;
                unique(insert, || format!("démarche {}", demarche.id.0))?;
                // An id that is an alias would take over what is sent to that alias, in silence.
                let taken = "select count(*) from demarche_alias where alias = $1";
                refuse_if_any(&mut begun, taken, &demarche.id.0, || format!("alias {}", demarche.id.0)).await?;
                add_demarche_aliases(&mut begun, &demarche.id, &demarche.aliases).await?;
            }
            end(begun).await
        }

        pub(super) async fn change_demarche(
            writer: &Pool<$database>,
            id: &DemarcheId,
            change: &DemarcheChange,
        ) -> Result<(), CatalogueError> {
            let mut begun = begin(writer).await?;
            let updated = sqlx::query(
                "update demarche set title = coalesce($2, title), administration = coalesce($3, administration),
                    ministry = coalesce($4, ministry), audience = coalesce($5, audience),
                    essential = coalesce($6, essential), closed = coalesce($7, closed)
                 where demarche_id = $1",
            )
            .bind(&id.0)
            .bind(&change.title)
            .bind(&change.administration)
            .bind(&change.ministry)
            .bind(change.audience.as_deref().map(audience_codes))
            .bind(change.essential)
            .bind(change.closed)
            .execute(&mut *begun)
            .await
            .map_err(failed("cannot change a démarche"))?;
            if updated.rows_affected() == 0 {
                return Err(CatalogueError::Unknown(format!("démarche {}", id.0)));
            }
            for alias in &change.remove_aliases {
                let remove = "delete from demarche_alias where alias = $2 and demarche_id = $1";
                remove_alias(&mut begun, remove, &id.0, alias).await?;
            }
            add_demarche_aliases(&mut begun, id, &change.add_aliases).await?;
            end(begun).await
        }

        pub(super) async fn set_essential(
            writer: &Pool<$database>,
            demarches: &[DemarcheId],
        ) -> Result<EssentialChange, CatalogueError> {
            let mut begun = begin(writer).await?;
            let before: Vec<String> = sqlx::query_scalar("select demarche_id from demarche where essential")
                .fetch_all(&mut *begun)
                .await
                .map_err(failed("cannot read the essential démarches"))?;
            let before = before.into_iter().map(DemarcheId).collect();
            let change = EssentialChange::between(before, demarches.iter().cloned().collect());
            for (ids, essential) in [(&change.new, true), (&change.down, false)] {
                for id in ids {
                    let updated = sqlx::query("update demarche set essential = $2 where demarche_id = $1")
                        .bind(&id.0)
                        .bind(essential)
                        .execute(&mut *begun)
                        .await
                        .map_err(failed("cannot change the essential démarches"))?;
                    if updated.rows_affected() == 0 {
                        return Err(CatalogueError::Unknown(format!("démarche {}", id.0)));
                    }
                }
            }
            if !(change.new.is_empty() && change.down.is_empty()) {
                end(begun).await?;
            }
            Ok(change)
        }

        async fn add_demarche_aliases(
            connection: &mut Connection,
            id: &DemarcheId,
            aliases: &[String],
        ) -> Result<(), CatalogueError> {
            for alias in aliases {
                let insert = sqlx::query("insert into demarche_alias (alias, demarche_id) values ($1, $2)")
                    .bind(alias)
                    .bind(&id.0)
                    .execute(&mut *connection)
                    .await;
                unique(insert, || format!("alias {alias}"))?;
                let taken = "select count(*) from demarche where demarche_id = $1";
                refuse_if_any(connection, taken, alias, || format!("démarche {alias}")).await?;
            }
            Ok(())
        }

        async fn remove_alias(
            connection: &mut Connection,
            remove: &'static str,
            id: &str,
            alias: &str,
        ) -> Result<(), CatalogueError> {
            let removed = sqlx::query(remove)
                .bind(id)
                .bind(alias)
                .execute(connection)
                .await
                .map_err(failed("cannot take back an alias"))?;
            match removed.rows_affected() {
                0 => Err(CatalogueError::Unknown(format!("alias {alias} of {id}"))),
                _ => Ok(()),
            }
        }

        async fn refuse_if_any(
            connection: &mut Connection,
            count: &'static str,
            name: &str,
            what: impl Fn() -> String,
        ) -> Result<(), CatalogueError> {
            let found: i64 = sqlx::query_scalar(count)
                .bind(name)
                .fetch_one(connection)
                .await
                .map_err(failed("cannot read the catalogue"))?;
            if found == 0 { Ok(()) } else { Err(CatalogueError::Exists(what())) }
        }

        pub(super) async fn add_boutons(writer: &Pool<$database>, boutons: &[Bouton]) -> Result<(), CatalogueError> {
            let mut begun = begin(writer).await?;
            for bouton in boutons {
                let insert = sqlx::query(
                    "insert into bouton (bouton_id, demarche_id, label, channel, closed) values ($1, $2, $3, $4, $5)",
                )
                .bind(&bouton.id.0)
                .bind(&bouton.demarche.0)
                .bind(&bouton.label)
                .bind(bouton.channel.code())
                .bind(bouton.closed)
                .execute(&mut *begun)
                .await;
                referring(insert, &bouton.demarche, || format!("bouton {}", bouton.id.0))?;
                add_bouton_aliases(&mut begun, &bouton.id, &bouton.aliases).await?;
                set_origins(&mut begun, &bouton.id, &bouton.origins).await?;
            }
            end(begun).await
        }

        pub(super) async fn change_bouton(
            writer: &Pool<$database>,
            id: &BoutonId,
            change: &BoutonChange,
        ) -> Result<(), CatalogueError> {
            let mut begun = begin(writer).await?;
            let updated = sqlx::query(
                "update bouton set label = coalesce($2, label), channel = coalesce($3, channel), closed = coalesce($4, closed)
                 where bouton_id = $1",
            )
            .bind(&id.0)
            .bind(&change.label)
            .bind(change.channel.map(crate::catalogue::BoutonChannel::code))
            .bind(change.closed)
            .execute(&mut *begun)
            .await
            .map_err(failed("cannot change a bouton"))?;
            if updated.rows_affected() == 0 {
                return Err(CatalogueError::Unknown(format!("bouton {}", id.0)));
            }
            for alias in &change.remove_aliases {
                let remove = "delete from bouton_alias where alias = $2 and bouton_id = $1";
                remove_alias(&mut begun, remove, &id.0, alias).await?;
            }
            add_bouton_aliases(&mut begun, id, &change.add_aliases).await?;
            if let Some(origins) = &change.origins {
                sqlx::query("delete from bouton_origin where bouton_id = $1")
                    .bind(&id.0)
                    .execute(&mut *begun)
                    .await
                    .map_err(failed("cannot change a bouton"))?;
                set_origins(&mut begun, id, origins).await?;
            }
            end(begun).await
        }

        async fn add_bouton_aliases(
            connection: &mut Connection,
            id: &BoutonId,
            aliases: &[String],
        ) -> Result<(), CatalogueError> {
            for alias in aliases {
                let insert = sqlx::query(
                    "insert into bouton_alias (demarche_id, alias, bouton_id)
                     select demarche_id, $2, bouton_id from bouton where bouton_id = $1",
                )
                .bind(&id.0)
                .bind(alias)
                .execute(&mut *connection)
                .await;
                unique(insert, || format!("alias {alias}"))?;
            }
            Ok(())
        }

        async fn set_origins(
            connection: &mut Connection,
            id: &BoutonId,
            origins: &[String],
        ) -> Result<(), CatalogueError> {
            for origin in origins {
                sqlx::query("insert into bouton_origin (bouton_id, origin) values ($1, $2) on conflict do nothing")
                    .bind(&id.0)
                    .bind(origin)
                    .execute(&mut *connection)
                    .await
                    .map_err(failed("cannot store an origin"))?;
            }
            Ok(())
        }

        pub(super) async fn add_key(
            writer: &Pool<$database>,
            digest: [u8; 32],
            scope: Scope,
            demarche: Option<&DemarcheId>,
            today: Day,
            expires: Option<Day>,
        ) -> Result<i64, CatalogueError> {
            let mut begun = begin(writer).await?;
            let insert = sqlx::query_scalar(
                "insert into api_key (digest, scope, demarche_id, created_day, expires_day)
                 values ($1, $2, $3, $4, $5) returning api_key_id",
            )
            .bind(&digest[..])
            .bind(scope.code())
            .bind(demarche.map(|id| &id.0))
            .bind(today.number())
            .bind(expires.map(Day::number))
            .fetch_one(&mut *begun)
            .await;
            let none = DemarcheId(String::new());
            let id = referring(insert, demarche.unwrap_or(&none), || "this key".to_owned())?;
            end(begun).await?;
            Ok(id)
        }

        pub(super) async fn load_keys(writer: &Pool<$database>, keys: &[ApiKey]) -> Result<(), CatalogueError> {
            let mut begun = begin(writer).await?;
            for key in keys {
                let insert = sqlx::query(
                    "insert into api_key (api_key_id, digest, scope, demarche_id, created_day, expires_day, revoked)
                     values ($1, $2, $3, $4, $5, $6, $7)",
                )
                .bind(key.id)
                .bind(&key.digest[..])
                .bind(key.scope.code())
                .bind(key.demarche.as_ref().map(|id| &id.0))
                .bind(key.created.number())
                .bind(key.expires.map(Day::number))
                .bind(key.revoked)
                .execute(&mut *begun)
                .await;
                let none = DemarcheId(String::new());
                referring(insert, key.demarche.as_ref().unwrap_or(&none), || format!("key {}", key.id))?;
            }
            $(
                // The next key made here gets a number after theirs.
                sqlx::query($after_load)
                    .execute(&mut *begun)
                    .await
                    .map_err(failed("cannot number the keys after these"))?;
            )?
            end(begun).await
        }

        pub(super) async fn revoke_key(writer: &Pool<$database>, id: i64) -> Result<(), CatalogueError> {
            let mut begun = begin(writer).await?;
            let updated = sqlx::query("update api_key set revoked = true where api_key_id = $1")
                .bind(id)
                .execute(&mut *begun)
                .await
                .map_err(failed("cannot revoke a key"))?;
            if updated.rows_affected() == 0 {
                return Err(CatalogueError::Unknown(format!("key {id}")));
            }
            end(begun).await
        }

        pub(super) async fn note_key_uses(
            writer: &Pool<$database>,
            uses: &[(i64, Day)],
        ) -> Result<(), StoreError> {
            let cannot = failed("cannot note when keys were used");
            // Their rows in one order, or collectors that note at the same time wait for one another in a circle.
            let mut uses = uses.to_vec();
            uses.sort_unstable();
            let mut begun = writer.begin_with($begin).await.map_err(&cannot)?;
            for (id, day) in uses {
                sqlx::query(
                    "update api_key set last_used_day = $2
                     where api_key_id = $1 and (last_used_day is null or last_used_day < $2)",
                )
                .bind(id)
                .bind(day.number())
                .execute(&mut *begun)
                .await
                .map_err(&cannot)?;
            }
            begun.commit().await.map_err(&cannot)
        }

        pub(super) async fn key_uses(reader: &Pool<$database>) -> Result<Vec<(i64, Day)>, StoreError> {
            let rows: Vec<(i64, i32)> = sqlx::query_as(
                "select api_key_id, last_used_day from api_key where last_used_day is not null order by api_key_id",
            )
            .fetch_all(reader)
            .await
            .map_err(failed("cannot read when keys were used"))?;
            rows.into_iter().map(|(id, number)| Ok((id, day(number)?))).collect()
        }

        /// Begins a change of the catalogue, and lets collectors know. The row of the version makes changes wait for one
        /// another: what one finds free, no other takes meanwhile.
        pub(super) async fn begin(writer: &Pool<$database>) -> Result<Begun, StoreError> {
            let mut begun = writer.begin_with($begin).await.map_err(failed("cannot begin a transaction"))?;
            sqlx::query("update catalogue_version set version = version + 1")
                .execute(&mut *begun)
                .await
                .map_err(failed("cannot change the catalogue"))?;
            Ok(begun)
        }

        async fn end(begun: Begun) -> Result<(), CatalogueError> {
            begun.commit().await.map_err(failed("cannot commit"))?;
            Ok(())
        }

        /// Names the database's answer: what must be unique is there already.
        fn unique<T>(result: Result<T, sqlx::Error>, what: impl Fn() -> String) -> Result<T, CatalogueError> {
            result.map_err(|error| match error.as_database_error() {
                Some(answer) if answer.is_unique_violation() => CatalogueError::Exists(what()),
                _ => failed("cannot change the catalogue")(error).into(),
            })
        }

        /// The same where a démarche is referred to, which may not exist.
        fn referring<T>(
            result: Result<T, sqlx::Error>,
            demarche: &DemarcheId,
            what: impl Fn() -> String,
        ) -> Result<T, CatalogueError> {
            match result {
                Err(error)
                    if error
                        .as_database_error()
                        .is_some_and(sqlx::error::DatabaseError::is_foreign_key_violation) =>
                {
                    Err(CatalogueError::Unknown(format!("démarche {}", demarche.0)))
                }
                other => unique(other, what),
            }
        }
    };
}
pub(super) use catalogue_on;

pub(super) const DEMARCHES: &str =
    "select demarche_id, title, administration, ministry, audience, essential, closed from demarche";
pub(super) const DEMARCHE_ALIASES: &str = "select demarche_id, alias from demarche_alias order by alias";
pub(super) const BOUTONS: &str = "select bouton_id, demarche_id, label, channel, closed from bouton";
pub(super) const BOUTON_ALIASES: &str = "select bouton_id, alias from bouton_alias order by alias";
pub(super) const ORIGINS: &str = "select bouton_id, origin from bouton_origin order by origin";
pub(super) const KEYS: &str = "select api_key_id, digest, scope, demarche_id, created_day, expires_day, revoked from api_key order by api_key_id";

/// A démarche.
#[derive(sqlx::FromRow)]
pub(super) struct DemarcheRow {
    demarche_id: String,
    title: String,
    administration: String,
    ministry: Option<String>,
    audience: String,
    essential: bool,
    closed: bool,
}

/// A bouton.
#[derive(sqlx::FromRow)]
pub(super) struct BoutonRow {
    bouton_id: String,
    demarche_id: String,
    label: Option<String>,
    channel: String,
    closed: bool,
}

/// A key.
#[derive(sqlx::FromRow)]
pub(super) struct KeyRow {
    api_key_id: i64,
    digest: Vec<u8>,
    scope: String,
    demarche_id: Option<String>,
    created_day: i32,
    expires_day: Option<i32>,
    revoked: bool,
}

/// The rows of the catalogue. Names come with the id of what they belong to.
pub(super) struct Rows {
    pub(super) demarches: Vec<DemarcheRow>,
    pub(super) demarche_aliases: Vec<(String, String)>,
    pub(super) boutons: Vec<BoutonRow>,
    pub(super) bouton_aliases: Vec<(String, String)>,
    pub(super) origins: Vec<(String, String)>,
    pub(super) keys: Vec<KeyRow>,
    pub(super) assets: Vec<AssetRow>,
}

impl TryFrom<Rows> for Catalogue {
    type Error = StoreError;

    fn try_from(rows: Rows) -> Result<Self, StoreError> {
        let mut aliases = by_owner(rows.demarche_aliases);
        let demarches = rows
            .demarches
            .into_iter()
            .map(|row| {
                Ok(Demarche {
                    aliases: aliases.remove(&row.demarche_id).unwrap_or_default(),
                    id: DemarcheId(row.demarche_id),
                    title: row.title,
                    administration: row.administration,
                    ministry: row.ministry,
                    audience: row.audience.split_whitespace().map(code).collect::<Result<_, _>>()?,
                    essential: row.essential,
                    closed: row.closed,
                })
            })
            .collect::<Result<_, StoreError>>()?;
        let (mut aliases, mut origins) = (by_owner(rows.bouton_aliases), by_owner(rows.origins));
        let boutons = rows
            .boutons
            .into_iter()
            .map(|row| {
                Ok(Bouton {
                    aliases: aliases.remove(&row.bouton_id).unwrap_or_default(),
                    origins: origins.remove(&row.bouton_id).unwrap_or_default(),
                    id: BoutonId(row.bouton_id),
                    demarche: DemarcheId(row.demarche_id),
                    label: row.label,
                    channel: code(&row.channel)?,
                    closed: row.closed,
                })
            })
            .collect::<Result<_, StoreError>>()?;
        let keys =
            rows.keys
                .into_iter()
                .map(|row| {
                    Ok(ApiKey {
                        id: row.api_key_id,
                        digest: row.digest.try_into().map_err(|_| {
                            StoreError::message("the database holds a digest of another length")
                        })?,
                        scope: code(&row.scope)?,
                        demarche: row.demarche_id.map(DemarcheId),
                        created: day(row.created_day)?,
                        expires: row.expires_day.map(day).transpose()?,
                        revoked: row.revoked,
                    })
                })
                .collect::<Result<_, StoreError>>()?;
        let assets = rows.assets.into_iter().map(KeptAsset::try_from).collect::<Result<_, _>>()?;
        Ok(Self::new(demarches, boutons, keys).with_assets(assets))
    }
}

fn by_owner(names: Vec<(String, String)>) -> HashMap<String, Vec<String>> {
    let mut by_owner: HashMap<String, Vec<String>> = HashMap::new();
    for (owner, name) in names {
        by_owner.entry(owner).or_default().push(name);
    }
    by_owner
}

pub(super) fn code<C: FromStr>(code: &str) -> Result<C, StoreError> {
    code.parse().map_err(|_| StoreError::message("the database holds a code that this version does not know"))
}

/// The codes of an audience, as they are stored.
pub(super) fn audience_codes(audience: &[Audience]) -> String {
    audience.iter().map(|one| one.code()).collect::<Vec<_>>().join(" ")
}
