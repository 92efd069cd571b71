//! Démarches, boutons and keys.

use super::{day, failed, get};
use crate::catalogue::{ApiKey, Audience, Bouton, BoutonId, Catalogue, Demarche, DemarcheId, Scope};
use crate::day::Day;
use crate::store::{BoutonChange, CatalogueError, DemarcheChange, StoreError};
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqlitePool, Transaction};
use std::collections::HashMap;
use std::str::FromStr;

type Begun = Transaction<'static, sqlx::Sqlite>;

pub(super) async fn read(readers: &SqlitePool) -> Result<Catalogue, StoreError> {
    let cannot = failed("cannot read the catalogue");
    // One transaction, so that no bouton is read without its démarche.
    let mut reading = readers.begin().await.map_err(&cannot)?;
    let mut all = async |statement: &'static str| -> Result<Vec<SqliteRow>, StoreError> {
        sqlx::query(statement).fetch_all(&mut *reading).await.map_err(&cannot)
    };
    let mut aliases = pairs(&all("select demarche_id, alias from demarche_alias order by alias").await?)?;
    let demarches =
        all("select demarche_id, title, administration, ministry, audience, essential, closed from demarche")
            .await?
            .iter()
            .map(|row| {
                let id: String = get(row, 0)?;
                let audience: String = get(row, 4)?;
                Ok(Demarche {
                    aliases: aliases.remove(&id).unwrap_or_default(),
                    id: DemarcheId(id),
                    title: get(row, 1)?,
                    administration: get(row, 2)?,
                    ministry: get(row, 3)?,
                    audience: audience.split_whitespace().map(code).collect::<Result<_, _>>()?,
                    essential: get(row, 5)?,
                    closed: get(row, 6)?,
                })
            })
            .collect::<Result<_, StoreError>>()?;
    let mut aliases = pairs(&all("select bouton_id, alias from bouton_alias order by alias").await?)?;
    let mut origins = pairs(&all("select bouton_id, origin from bouton_origin order by origin").await?)?;
    let boutons = all("select bouton_id, demarche_id, label, channel, closed from bouton")
        .await?
        .iter()
        .map(|row| {
            let id: String = get(row, 0)?;
            let channel: String = get(row, 3)?;
            Ok(Bouton {
                aliases: aliases.remove(&id).unwrap_or_default(),
                origins: origins.remove(&id).unwrap_or_default(),
                id: BoutonId(id),
                demarche: DemarcheId(get(row, 1)?),
                label: get(row, 2)?,
                channel: code(&channel)?,
                closed: get(row, 4)?,
            })
        })
        .collect::<Result<_, StoreError>>()?;
    let keys = all("select api_key_id, digest, scope, demarche_id, created_day, revoked from api_key order by api_key_id")
        .await?
        .iter()
        .map(|row| {
            let (digest, scope): (Vec<u8>, String) = (get(row, 1)?, get(row, 2)?);
            let demarche: Option<String> = get(row, 3)?;
            Ok(ApiKey {
                id: get(row, 0)?,
                digest: digest
                    .try_into()
                    .map_err(|_| StoreError::message("the database holds a digest of another length"))?,
                scope: code(&scope)?,
                demarche: demarche.map(DemarcheId),
                created: day(get(row, 4)?)?,
                revoked: get(row, 5)?,
            })
        })
        .collect::<Result<_, StoreError>>()?;
    Ok(Catalogue::new(demarches, boutons, keys))
}

fn pairs(rows: &[SqliteRow]) -> Result<HashMap<String, Vec<String>>, StoreError> {
    let mut pairs: HashMap<String, Vec<String>> = HashMap::new();
    for row in rows {
        pairs.entry(get(row, 0)?).or_default().push(get(row, 1)?);
    }
    Ok(pairs)
}

fn code<C: FromStr>(code: &str) -> Result<C, StoreError> {
    code.parse().map_err(|_| StoreError::message("the database holds a code that this version does not know"))
}

pub(super) async fn add_demarches(writer: &SqlitePool, demarches: &[Demarche]) -> Result<(), CatalogueError> {
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
    writer: &SqlitePool,
    id: &DemarcheId,
    change: &DemarcheChange,
) -> Result<(), CatalogueError> {
    let mut begun = begin(writer).await?;
    let updated = sqlx::query(
        "update demarche set title = coalesce($2, title), administration = coalesce($3, administration),
            ministry = coalesce($4, ministry), audience = coalesce($5, audience), closed = coalesce($6, closed)
         where demarche_id = $1",
    )
    .bind(&id.0)
    .bind(&change.title)
    .bind(&change.administration)
    .bind(&change.ministry)
    .bind(change.audience.as_deref().map(audience_codes))
    .bind(change.closed)
    .execute(&mut *begun)
    .await
    .map_err(failed("cannot change a démarche"))?;
    if updated.rows_affected() == 0 {
        return Err(CatalogueError::Unknown(format!("démarche {}", id.0)));
    }
    add_demarche_aliases(&mut begun, id, &change.add_aliases).await?;
    end(begun).await
}

async fn add_demarche_aliases(
    connection: &mut SqliteConnection,
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

async fn refuse_if_any(
    connection: &mut SqliteConnection,
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

pub(super) async fn add_boutons(writer: &SqlitePool, boutons: &[Bouton]) -> Result<(), CatalogueError> {
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
    writer: &SqlitePool,
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
    connection: &mut SqliteConnection,
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
    connection: &mut SqliteConnection,
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
    writer: &SqlitePool,
    digest: [u8; 32],
    scope: Scope,
    demarche: Option<&DemarcheId>,
    today: Day,
) -> Result<i64, CatalogueError> {
    let mut begun = begin(writer).await?;
    let insert =
        sqlx::query("insert into api_key (digest, scope, demarche_id, created_day) values ($1, $2, $3, $4)")
            .bind(&digest[..])
            .bind(scope.code())
            .bind(demarche.map(|id| &id.0))
            .bind(today.number())
            .execute(&mut *begun)
            .await;
    let none = DemarcheId(String::new());
    let id = referring(insert, demarche.unwrap_or(&none), || "this key".to_owned())?.last_insert_rowid();
    end(begun).await?;
    Ok(id)
}

pub(super) async fn load_keys(writer: &SqlitePool, keys: &[ApiKey]) -> Result<(), CatalogueError> {
    let mut begun = begin(writer).await?;
    for key in keys {
        let insert = sqlx::query(
            "insert into api_key (api_key_id, digest, scope, demarche_id, created_day, revoked)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(key.id)
        .bind(&key.digest[..])
        .bind(key.scope.code())
        .bind(key.demarche.as_ref().map(|id| &id.0))
        .bind(key.created.number())
        .bind(key.revoked)
        .execute(&mut *begun)
        .await;
        let none = DemarcheId(String::new());
        referring(insert, key.demarche.as_ref().unwrap_or(&none), || format!("key {}", key.id))?;
    }
    end(begun).await
}

pub(super) async fn revoke_key(writer: &SqlitePool, id: i64) -> Result<(), CatalogueError> {
    let mut begun = begin(writer).await?;
    let updated = sqlx::query("update api_key set revoked = 1 where api_key_id = $1")
        .bind(id)
        .execute(&mut *begun)
        .await
        .map_err(failed("cannot revoke a key"))?;
    if updated.rows_affected() == 0 {
        return Err(CatalogueError::Unknown(format!("key {id}")));
    }
    end(begun).await
}

async fn begin(writer: &SqlitePool) -> Result<Begun, StoreError> {
    writer.begin_with("begin immediate").await.map_err(failed("cannot begin a transaction"))
}

/// Commits a change of the catalogue, and lets collectors know.
async fn end(mut begun: Begun) -> Result<(), CatalogueError> {
    sqlx::query("update catalogue_version set version = version + 1")
        .execute(&mut *begun)
        .await
        .map_err(failed("cannot change the catalogue"))?;
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

fn audience_codes(audience: &[Audience]) -> String {
    audience.iter().map(|one| one.code()).collect::<Vec<_>>().join(" ")
}
