//! Writing avis: a batch is one transaction, and what it adds to décomptes is added once for the whole batch.

use super::{CELL_COLUMNS, SELECT_AVIS_BY_ID, failed, read_avis};
use crate::catalogue::{BoutonId, DemarcheId};
use crate::day::Day;
use crate::identity::{AvisId, edit_until};
use crate::store::encoding::CodedAnswers;
use crate::store::{Avis, KEY_MEMORY, OnReplay, Outcome, Record, StoreError, Write};
use jiff::Timestamp;
use shared::draft::AnswersPatch;
use shared::{Answers, PageAddress, Tally};
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Row, Sqlite, SqliteConnection, SqlitePool};
use std::collections::HashMap;
use std::sync::LazyLock;

static ADD_TO_DAY: LazyLock<String> = LazyLock::new(|| upsert("tally", "day"));
static ADD_TO_MONTH: LazyLock<String> = LazyLock::new(|| upsert("tally_month", "month"));

fn upsert(table: &str, unit: &str) -> String {
    let values: Vec<String> = (4..4 + CELL_COLUMNS.len()).map(|place| format!("${place}")).collect();
    let sums: Vec<String> =
        CELL_COLUMNS.iter().map(|column| format!("{column} = {column} + excluded.{column}")).collect();
    format!(
        "insert into {table} (demarche_id, {unit}, bouton_id, {columns}) values ($1, $2, $3, {values})
         on conflict (demarche_id, {unit}, bouton_id) do update set {sums}",
        columns = CELL_COLUMNS.join(", "),
        values = values.join(", "),
        sums = sums.join(", ")
    )
}

pub(super) async fn commit(writer: &SqlitePool, writes: &[Write]) -> Result<Vec<Outcome>, StoreError> {
    let mut transaction =
        writer.begin_with("begin immediate").await.map_err(failed("cannot begin a transaction"))?;
    let mut batch = Batch { connection: &mut transaction, moved: HashMap::new() };
    let mut outcomes = Vec::with_capacity(writes.len());
    for write in writes {
        outcomes.push(match write {
            Write::Record(record) => batch.record(record).await?,
            Write::Change(avis_id, patch) => batch.change(*avis_id, patch).await?,
            Write::Withdraw(ids) => batch.withdraw(ids).await?,
        });
    }
    batch.move_tallies().await?;
    transaction.commit().await.map_err(failed("cannot commit"))?;
    Ok(outcomes)
}

/// Binds the coded answers, in the order in which both statements have them.
fn bind_answers<'q>(
    query: Query<'q, Sqlite, SqliteArguments>,
    coded: &CodedAnswers,
) -> Query<'q, Sqlite, SqliteArguments> {
    query
        .bind(coded.satisfaction)
        .bind(coded.clarity)
        .bind(coded.ease)
        .bind(coded.help_tried)
        .bind(coded.help_reached)
        .bind(coded.help_quality)
        .bind(coded.malfunctions)
}

/// A transaction under way, with what its avis add to each décompte.
struct Batch<'c> {
    connection: &'c mut SqliteConnection,
    moved: HashMap<(DemarcheId, Day, Option<BoutonId>), Tally>,
}

impl Batch<'_> {
    async fn record(&mut self, record: &Record) -> Result<Outcome, StoreError> {
        if let Some((avis_id, accepted_at, fingerprint)) = self.remembered(record).await? {
            return match &record.on_replay {
                OnReplay::Exact if fingerprint == record.fingerprint => {
                    Ok(Outcome::Replayed(avis_id, accepted_at))
                }
                OnReplay::Exact => Ok(Outcome::KeyReused),
                OnReplay::Change(_) if record.accepted_at > edit_until(accepted_at) => Ok(Outcome::Expired),
                OnReplay::Change(patch) => Ok(match self.change(avis_id, patch).await? {
                    Outcome::Changed | Outcome::Missing => Outcome::Replayed(avis_id, accepted_at),
                    other => other,
                }),
            };
        }
        if record.closed {
            return Ok(Outcome::Closed);
        }
        let page = match &record.page {
            Some(page) => Some(self.page_id(page).await?),
            None => None,
        };
        let insert = sqlx::query(
            "insert into avis (avis_id, demarche_id, bouton_id, day, language, page_id, satisfaction, clarity, ease,
                help_tried, help_reached, help_quality, malfunctions)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(&record.avis_id.as_bytes()[..])
        .bind(&record.demarche.0)
        .bind(record.bouton.as_ref().map(|bouton| &bouton.0))
        .bind(record.day().number())
        .bind(record.language.map(shared::Language::code))
        .bind(page);
        bind_answers(insert, &CodedAnswers::of(&record.answers))
            .execute(&mut *self.connection)
            .await
            .map_err(failed("cannot store an avis"))?;
        self.store_texts(record.avis_id, &record.answers).await?;
        sqlx::query(
            "insert into idempotency (avis_id, fingerprint, accepted_at_ms) values ($1, $2, $3)
             on conflict (avis_id) do update set fingerprint = excluded.fingerprint, accepted_at_ms = excluded.accepted_at_ms",
        )
        .bind(&record.avis_id.as_bytes()[..])
        .bind(&record.fingerprint[..])
        .bind(record.accepted_at.as_millisecond())
        .execute(&mut *self.connection)
        .await
        .map_err(failed("cannot store an idempotency key"))?;
        self.add(&record.demarche, record.day(), record.bouton.as_ref(), &Tally::of(&record.answers));
        Ok(Outcome::Recorded)
    }

    /// The avis that was stored under the same idempotency key within its memory.
    async fn remembered(
        &mut self,
        record: &Record,
    ) -> Result<Option<(AvisId, Timestamp, [u8; 16])>, StoreError> {
        let oldest = (record.accepted_at - KEY_MEMORY).as_millisecond();
        for avis_id in std::iter::once(&record.avis_id).chain(&record.earlier) {
            let row = sqlx::query("select fingerprint, accepted_at_ms from idempotency where avis_id = $1")
                .bind(&avis_id.as_bytes()[..])
                .fetch_optional(&mut *self.connection)
                .await
                .map_err(failed("cannot read an idempotency key"))?;
            let Some(row) = row else { continue };
            let fingerprint: Vec<u8> = row.try_get(0).map_err(failed("cannot read an idempotency key"))?;
            let at: i64 = row.try_get(1).map_err(failed("cannot read an idempotency key"))?;
            if at >= oldest {
                let impossible = || StoreError::message("the database holds an impossible idempotency key");
                let at = Timestamp::from_millisecond(at).map_err(|_| impossible())?;
                return Ok(Some((*avis_id, at, fingerprint.try_into().map_err(|_| impossible())?)));
            }
        }
        Ok(None)
    }

    async fn change(&mut self, avis_id: AvisId, patch: &AnswersPatch) -> Result<Outcome, StoreError> {
        let Some(avis) = self.find(avis_id).await? else { return Ok(Outcome::Missing) };
        let answers = match patch.apply(&avis.answers) {
            Ok(answers) => answers,
            Err(errors) => return Ok(Outcome::Refused(errors)),
        };
        if *answers == avis.answers {
            return Ok(Outcome::Changed);
        }
        let update = sqlx::query(
            "update avis set satisfaction = $2, clarity = $3, ease = $4, help_tried = $5, help_reached = $6,
                help_quality = $7, malfunctions = $8 where avis_id = $1",
        )
        .bind(&avis_id.as_bytes()[..]);
        bind_answers(update, &CodedAnswers::of(&answers))
            .execute(&mut *self.connection)
            .await
            .map_err(failed("cannot change an avis"))?;
        self.store_texts(avis_id, &answers).await?;
        // On the day the avis was first stored: a correction moves no count from one day to another.
        let difference = Tally::of(&answers) - Tally::of(&avis.answers);
        self.add(&avis.demarche, avis.day, avis.bouton.as_ref(), &difference);
        Ok(Outcome::Changed)
    }

    async fn withdraw(&mut self, ids: &[AvisId]) -> Result<Outcome, StoreError> {
        for avis_id in ids {
            let Some(avis) = self.find(*avis_id).await? else { continue };
            for statement in
                ["delete from avis_text where avis_id = $1", "delete from avis where avis_id = $1"]
            {
                sqlx::query(statement)
                    .bind(&avis_id.as_bytes()[..])
                    .execute(&mut *self.connection)
                    .await
                    .map_err(failed("cannot withdraw an avis"))?;
            }
            self.add(&avis.demarche, avis.day, avis.bouton.as_ref(), &-Tally::of(&avis.answers));
            return Ok(Outcome::Withdrawn);
        }
        Ok(Outcome::Missing)
    }

    async fn find(&mut self, avis_id: AvisId) -> Result<Option<Avis>, StoreError> {
        let row = sqlx::query(SELECT_AVIS_BY_ID)
            .bind(&avis_id.as_bytes()[..])
            .fetch_optional(&mut *self.connection)
            .await
            .map_err(failed("cannot read an avis"))?;
        row.map(|row| read_avis(&row)).transpose()
    }

    async fn page_id(&mut self, page: &PageAddress) -> Result<i64, StoreError> {
        // The update changes nothing: it makes the row that is there already answer with its number.
        sqlx::query_scalar(
            "insert into page (origin, path) values ($1, $2)
             on conflict (origin, path) do update set path = excluded.path returning page_id",
        )
        .bind(page.origin())
        .bind(page.path())
        .fetch_one(&mut *self.connection)
        .await
        .map_err(failed("cannot store a page"))
    }

    async fn store_texts(&mut self, avis_id: AvisId, answers: &Answers) -> Result<(), StoreError> {
        let texts = [&answers.help_tried_other, &answers.malfunctions_other, &answers.comment];
        let statement = if texts.iter().all(|text| text.is_none()) {
            sqlx::query("delete from avis_text where avis_id = $1").bind(&avis_id.as_bytes()[..])
        } else {
            let insert = sqlx::query(
                "insert into avis_text (avis_id, help_tried_other, malfunctions_other, comment) values ($1, $2, $3, $4)
                 on conflict (avis_id) do update set help_tried_other = excluded.help_tried_other,
                    malfunctions_other = excluded.malfunctions_other, comment = excluded.comment",
            )
            .bind(&avis_id.as_bytes()[..]);
            texts.into_iter().fold(insert, |insert, text| insert.bind(text.as_deref()))
        };
        statement
            .execute(&mut *self.connection)
            .await
            .map_err(failed("cannot store the texts of an avis"))?;
        Ok(())
    }

    fn add(&mut self, demarche: &DemarcheId, day: Day, bouton: Option<&BoutonId>, tally: &Tally) {
        *self.moved.entry((demarche.clone(), day, bouton.cloned())).or_default() += tally;
    }

    async fn move_tallies(mut self) -> Result<(), StoreError> {
        for ((demarche, day, bouton), tally) in std::mem::take(&mut self.moved) {
            if tally.is_zero() {
                continue;
            }
            let bouton = bouton.map_or(String::new(), |bouton| bouton.0);
            for (statement, unit) in [(&ADD_TO_DAY, day.number()), (&ADD_TO_MONTH, day.month())] {
                let query = sqlx::query(statement.as_str()).bind(&demarche.0).bind(unit).bind(&bouton);
                tally
                    .cells()
                    .iter()
                    .fold(query, |query, count| query.bind(*count))
                    .execute(&mut *self.connection)
                    .await
                    .map_err(failed("cannot count an avis"))?;
            }
        }
        Ok(())
    }
}
