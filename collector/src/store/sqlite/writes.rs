//! Writing avis: a batch is one transaction of a few statements, and what it adds to a décompte is added once.

use super::many_rows::{Bound, ManyRows};
use super::{CELL_COLUMNS, failed, get, read_avis, select_avis};
use crate::day::Day;
use crate::identity::{AvisId, KeyDigest};
use crate::store::batch::{self, Inserted, Known, Plan};
use crate::store::encoding::CodedAnswers;
use crate::store::{Outcome, Remembered, StoreError, Write};
use jiff::Timestamp;
use shared::{Answers, PageAddress, Tally};
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqlitePool};
use std::collections::{BTreeSet, HashMap};
use std::sync::{LazyLock, Mutex, PoisonError};

static SELECT_KEYS: LazyLock<ManyRows> = LazyLock::new(|| {
    let head =
        "select key_digest, avis_id, fingerprint, accepted_at_ms from idempotency_key where key_digest in (";
    ManyRows::new(head, 1, ")")
});

static SELECT_AVIS: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new(select_avis!("where avis.avis_id in ("), 1, ")"));

static INSERT_AVIS: LazyLock<ManyRows> = LazyLock::new(|| {
    let head = "insert into avis (avis_id, demarche_id, bouton_id, day, language, page_id, satisfaction, clarity, ease,
        help_tried, help_reached, help_quality, malfunctions, texts)";
    ManyRows::new(head, 14, "")
});

static INSERT_TEXTS: LazyLock<ManyRows> = LazyLock::new(|| {
    let head = "insert into avis_text (avis_id, help_tried_other, malfunctions_other, comment)";
    let tail = "on conflict (avis_id) do update set help_tried_other = excluded.help_tried_other,
        malfunctions_other = excluded.malfunctions_other, comment = excluded.comment";
    ManyRows::new(head, 4, tail)
});

static DELETE_TEXTS: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("delete from avis_text where avis_id in (", 1, ")"));

static DELETE_AVIS: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("delete from avis where avis_id in (", 1, ")"));

/// A key that is there already is older than its memory, or it would have been found.
static REMEMBER: LazyLock<ManyRows> = LazyLock::new(|| {
    let head = "insert into idempotency_key (key_digest, avis_id, fingerprint, accepted_at_ms)";
    let tail = "on conflict (key_digest) do update set avis_id = excluded.avis_id,
        fingerprint = excluded.fingerprint, accepted_at_ms = excluded.accepted_at_ms";
    ManyRows::new(head, 4, tail)
});

static KEEP: LazyLock<ManyRows> = LazyLock::new(|| {
    let head = "insert into idempotency_key (key_digest, avis_id, fingerprint, accepted_at_ms)";
    ManyRows::new(head, 4, "on conflict (key_digest) do nothing")
});

static FORGET: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("delete from idempotency_key where key_digest in (", 1, ")"));

static ADD_TO_DAY: LazyLock<ManyRows> = LazyLock::new(|| upsert("tally", "day"));
static ADD_TO_MONTH: LazyLock<ManyRows> = LazyLock::new(|| upsert("tally_month", "month"));

static RENEW_DAY: LazyLock<ManyRows> = LazyLock::new(|| {
    let tail = "on conflict (day) do update set version = version + excluded.version";
    ManyRows::new("insert into day_version (day, version)", 2, tail)
});

fn upsert(table: &str, unit: &str) -> ManyRows {
    let columns = CELL_COLUMNS.join(", ");
    let sums: Vec<String> =
        CELL_COLUMNS.iter().map(|column| format!("{column} = {column} + excluded.{column}")).collect();
    ManyRows::new(
        &format!("insert into {table} (demarche_id, {unit}, bouton_id, {columns})"),
        3 + CELL_COLUMNS.len(),
        &format!("on conflict (demarche_id, {unit}, bouton_id) do update set {}", sums.join(", ")),
    )
}

/// The numbers of pages: the same few come with nearly every avis. None is ever deleted.
#[derive(Default)]
pub(super) struct Pages(Mutex<HashMap<PageAddress, i64>>);

impl Pages {
    /// Pages that are kept in memory. A service that shows its button on more of them asks the database for the rest.
    const KEPT: usize = 10_000;

    fn known(&self, page: &PageAddress) -> Option<i64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(page).copied()
    }

    pub(super) fn keep(&self, pages: HashMap<PageAddress, i64>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < Self::KEPT {
            known.extend(pages);
        }
    }
}

pub(super) async fn commit(
    writer: &SqlitePool,
    pages: &Pages,
    writes: &[Write],
) -> Result<Vec<Outcome>, StoreError> {
    let mut transaction =
        writer.begin_with("begin immediate").await.map_err(failed("cannot begin a transaction"))?;
    let (outcomes, new_pages) = apply(&mut transaction, pages, writes).await?;
    transaction.commit().await.map_err(failed("cannot commit"))?;
    // Only now: the numbers of a transaction that failed are given to other pages.
    pages.keep(new_pages);
    Ok(outcomes)
}

/// Makes writes within a transaction. Returns their outcomes, and the pages that were not known.
pub(super) async fn apply(
    connection: &mut SqliteConnection,
    pages: &Pages,
    writes: &[Write],
) -> Result<(Vec<Outcome>, HashMap<PageAddress, i64>), StoreError> {
    let known = read_known(&mut *connection, writes).await?;
    let plan = Plan::of(writes, &known);
    let new_pages = save(connection, pages, &plan).await?;
    Ok((plan.outcomes, new_pages))
}

async fn read_known(connection: &mut SqliteConnection, writes: &[Write]) -> Result<Known, StoreError> {
    let keys = batch::keys_of(writes);
    let bind = |query: Bound, key: &KeyDigest| query.bind(key.as_bytes().to_vec());
    let rows = SELECT_KEYS.fetch(&mut *connection, &keys, bind, "cannot read idempotency keys").await?;
    let keys = rows.iter().map(read_key).collect::<Result<_, _>>()?;
    let avis = batch::avis_of(writes, &keys);
    let rows = SELECT_AVIS.fetch(connection, &avis, bind_id, "cannot read avis").await?;
    let avis = rows.iter().map(|row| read_avis(row).map(|avis| (avis.id, avis))).collect::<Result<_, _>>()?;
    Ok(Known { keys, avis })
}

pub(super) fn read_key(row: &SqliteRow) -> Result<(KeyDigest, Remembered), StoreError> {
    let impossible = || StoreError::message("the database holds an impossible idempotency key");
    let bytes = |index| -> Result<[u8; 16], StoreError> {
        get::<Vec<u8>>(row, index)?.try_into().map_err(|_| impossible())
    };
    let remembered = Remembered {
        avis_id: AvisId::from_bytes(bytes(1)?),
        fingerprint: bytes(2)?,
        accepted_at: Timestamp::from_millisecond(get(row, 3)?).map_err(|_| impossible())?,
    };
    Ok((KeyDigest::from_bytes(bytes(0)?), remembered))
}

/// Saves what a batch comes to. Returns the pages that were not known.
async fn save(
    connection: &mut SqliteConnection,
    pages: &Pages,
    plan: &Plan<'_>,
) -> Result<HashMap<PageAddress, i64>, StoreError> {
    let inserted = plan.inserted();
    let new_pages = number_pages(connection, pages, &inserted).await?;
    let page_id = |page: &PageAddress| pages.known(page).or_else(|| new_pages.get(page).copied());
    let bind = |query: Bound, one: &Inserted<'_>| {
        let record = one.record;
        let query = query
            .bind(record.avis_id.as_bytes().to_vec())
            .bind(record.demarche.0.clone())
            .bind(record.bouton.as_ref().map(|bouton| bouton.0.clone()))
            .bind(one.day.number())
            .bind(record.language.map(shared::Language::code))
            .bind(record.page.as_ref().and_then(page_id));
        bind_answers(query, &CodedAnswers::of(one.answers))
    };
    INSERT_AVIS.run(connection, &inserted, bind, "cannot store avis").await?;

    let updated = plan.updated();
    for (avis_id, answers) in &updated {
        let update = sqlx::query(
            "update avis set satisfaction = ?, clarity = ?, ease = ?, help_tried = ?, help_reached = ?,
                help_quality = ?, malfunctions = ?, texts = ? where avis_id = ?",
        );
        bind_answers(update, &CodedAnswers::of(answers))
            .bind(avis_id.as_bytes().to_vec())
            .execute(&mut *connection)
            .await
            .map_err(failed("cannot change an avis"))?;
    }

    let texts = inserted.iter().map(|one| (one.record.avis_id, one.answers)).chain(updated.iter().copied());
    let (given, bare): (Vec<_>, Vec<_>) = texts.partition(|(_, answers)| has_texts(answers));
    let cannot = "cannot store the texts of avis";
    INSERT_TEXTS.run(connection, &given, bind_texts, cannot).await?;
    // A new avis without texts has none to take back.
    let taken_back: Vec<AvisId> = bare
        .into_iter()
        .map(|(avis_id, _)| avis_id)
        .filter(|avis_id| updated.iter().any(|(changed, _)| changed == avis_id))
        .collect();
    DELETE_TEXTS.run(connection, &taken_back, bind_id, cannot).await?;

    let withdrawn = plan.withdrawn();
    DELETE_TEXTS.run(connection, &withdrawn, bind_id, "cannot withdraw avis").await?;
    DELETE_AVIS.run(connection, &withdrawn, bind_id, "cannot withdraw avis").await?;

    let remembered: Vec<_> = plan.remembered.iter().map(|(key, one)| (*key, *one)).collect();
    REMEMBER.run(connection, &remembered, bind_key, "cannot store idempotency keys").await?;
    count(connection, plan).await?;
    Ok(new_pages)
}

/// Remembers keys that were remembered elsewhere.
pub(super) async fn remember_keys(
    writer: &SqlitePool,
    keys: &[(KeyDigest, Remembered)],
) -> Result<(), StoreError> {
    let cannot = "cannot store idempotency keys";
    let mut transaction = writer.begin_with("begin immediate").await.map_err(failed(cannot))?;
    KEEP.run(&mut transaction, keys, bind_key, cannot).await?;
    transaction.commit().await.map_err(failed("cannot commit"))
}

/// Forgets these keys, a few at a time, so that no avis waits long.
pub(super) async fn forget_keys(writer: &SqlitePool, keys: &[Vec<u8>]) -> Result<u64, StoreError> {
    let cannot = "cannot forget idempotency keys";
    for keys in keys.chunks(4_096) {
        let mut transaction = writer.begin_with("begin immediate").await.map_err(failed(cannot))?;
        let bind = |query: Bound, key: &Vec<u8>| query.bind(key.clone());
        FORGET.run(&mut transaction, keys, bind, cannot).await?;
        transaction.commit().await.map_err(failed("cannot commit"))?;
    }
    Ok(u64::try_from(keys.len()).unwrap_or(u64::MAX))
}

fn bind_key(query: Bound, (key, one): &(KeyDigest, Remembered)) -> Bound {
    query
        .bind(key.as_bytes().to_vec())
        .bind(one.avis_id.as_bytes().to_vec())
        .bind(one.fingerprint.to_vec())
        .bind(one.accepted_at.as_millisecond())
}

/// Adds to the décomptes of days and months what the batch moves.
async fn count(connection: &mut SqliteConnection, plan: &Plan<'_>) -> Result<(), StoreError> {
    let moved = plan.moved();
    let mut by_day: Vec<(String, i32, String, &Tally)> = Vec::with_capacity(moved.len());
    let mut by_month: Vec<(String, i32, String, &Tally)> = Vec::with_capacity(moved.len());
    let mut days: BTreeSet<Day> = BTreeSet::new();
    for ((day, demarche, bouton), tally) in &moved {
        let bouton = bouton.map_or(String::new(), |bouton| bouton.0.clone());
        by_month.push((demarche.0.clone(), day.month(), bouton.clone(), tally));
        by_day.push((demarche.0.clone(), day.number(), bouton, tally));
        days.insert(*day);
    }
    let bind = |query: Bound, (demarche, unit, bouton, tally): &(String, i32, String, &Tally)| {
        let query = query.bind(demarche.clone()).bind(*unit).bind(bouton.clone());
        tally.cells().iter().fold(query, |query, count| query.bind(*count))
    };
    ADD_TO_DAY.run(connection, &by_day, bind, "cannot count avis").await?;
    ADD_TO_MONTH.run(connection, &by_month, bind, "cannot count avis").await?;
    renew(connection, &days.into_iter().collect::<Vec<_>>()).await
}

/// Makes it known that décomptes of these days moved.
pub(super) async fn renew(connection: &mut SqliteConnection, days: &[Day]) -> Result<(), StoreError> {
    let bind = |query: Bound, day: &Day| query.bind(day.number()).bind(1_i64);
    RENEW_DAY.run(connection, days, bind, "cannot count avis").await
}

/// The number of each page that is not known yet.
async fn number_pages(
    connection: &mut SqliteConnection,
    pages: &Pages,
    inserted: &[Inserted<'_>],
) -> Result<HashMap<PageAddress, i64>, StoreError> {
    let mut numbers = HashMap::new();
    for page in inserted.iter().filter_map(|one| one.record.page.as_ref()) {
        if pages.known(page).is_some() || numbers.contains_key(page) {
            continue;
        }
        // The update changes nothing: it makes the row that is there already answer with its number.
        let number: i64 = sqlx::query_scalar(
            "insert into page (origin, path) values (?, ?)
             on conflict (origin, path) do update set path = excluded.path returning page_id",
        )
        .bind(page.origin())
        .bind(page.path())
        .fetch_one(&mut *connection)
        .await
        .map_err(failed("cannot store a page"))?;
        numbers.insert(page.clone(), number);
    }
    Ok(numbers)
}

/// Binds the coded answers, in the order in which both statements have them.
fn bind_answers(query: Bound, coded: &CodedAnswers) -> Bound {
    query
        .bind(coded.satisfaction)
        .bind(coded.clarity)
        .bind(coded.ease)
        .bind(coded.help_tried)
        .bind(coded.help_reached)
        .bind(coded.help_quality)
        .bind(coded.malfunctions)
        .bind(coded.texts)
}

fn bind_id(query: Bound, avis_id: &AvisId) -> Bound {
    query.bind(avis_id.as_bytes().to_vec())
}

fn bind_texts(query: Bound, (avis_id, answers): &(AvisId, &Answers)) -> Bound {
    query
        .bind(avis_id.as_bytes().to_vec())
        .bind(answers.help_tried_other.clone())
        .bind(answers.malfunctions_other.clone())
        .bind(answers.comment.clone())
}

fn has_texts(answers: &Answers) -> bool {
    answers.help_tried_other.is_some() || answers.malfunctions_other.is_some() || answers.comment.is_some()
}
