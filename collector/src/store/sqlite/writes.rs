//! Writing avis: a batch is one transaction of a few statements, and what it adds to a décompte is added once.

use super::many_rows::{Bound, ManyRows};
use super::{avis, failed, get, moved};
use crate::day::Day;
use crate::identity::{AvisId, AvisKey};
use crate::store::batch::{self, Inserted, Known, Plan};
use crate::store::encoding::{CodedAnswers, has_texts};
use crate::store::page_numbers::PageNumbers;
use crate::store::{Outcome, Remembered, StoreError, Write};
use jiff::Timestamp;
use shared::{Answers, PageAddress};
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqlitePool};
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

static SELECT_REMEMBERED: LazyLock<ManyRows> = LazyLock::new(|| {
    let head = "select avis_key, avis_no, fingerprint, accepted_at_ms from remembered where avis_key in (";
    ManyRows::new(head, 1, ")")
});

static INSERT_AVIS: LazyLock<ManyRows> = LazyLock::new(|| {
    let head = "insert into avis (avis_no, avis_key, demarche_id, bouton_id, language, page_id, satisfaction, clarity,
        ease, help_tried, help_reached, help_quality, malfunctions, texts)";
    ManyRows::new(head, 14, "")
});

static INSERT_TEXTS: LazyLock<ManyRows> = LazyLock::new(|| {
    let head = "insert into avis_text (avis_no, help_tried_other, malfunctions_other, comment)";
    let tail = "on conflict (avis_no) do update set help_tried_other = excluded.help_tried_other,
        malfunctions_other = excluded.malfunctions_other, comment = excluded.comment";
    ManyRows::new(head, 4, tail)
});

static DELETE_TEXTS: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("delete from avis_text where avis_no in (", 1, ")"));

static DELETE_AVIS: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("delete from avis where avis_no in (", 1, ")"));

/// What is there already is older than its memory, or it would have been found.
static REMEMBER: LazyLock<ManyRows> = LazyLock::new(|| {
    let head = "insert into remembered (avis_key, avis_no, fingerprint, accepted_at_ms)";
    let tail = "on conflict (avis_key) do update set avis_no = excluded.avis_no,
        fingerprint = excluded.fingerprint, accepted_at_ms = excluded.accepted_at_ms";
    ManyRows::new(head, 4, tail)
});

static CARRY_OVER: LazyLock<ManyRows> = LazyLock::new(|| {
    let head = "insert into remembered (avis_key, avis_no, fingerprint, accepted_at_ms)";
    ManyRows::new(head, 4, "on conflict (avis_key) do nothing")
});

static FORGET: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("delete from remembered where avis_key in (", 1, ")"));

static RENEW_DAY: LazyLock<ManyRows> = LazyLock::new(|| {
    let tail = "on conflict (day) do update set version = version + excluded.version";
    ManyRows::new("insert into day_version (day, version)", 2, tail)
});

pub(super) async fn commit(
    writer: &SqlitePool,
    pages: &PageNumbers<i64>,
    writes: &[Write],
) -> Result<Vec<Outcome>, StoreError> {
    let mut transaction =
        writer.begin_with("begin immediate").await.map_err(failed("cannot begin a transaction"))?;
    let (outcomes, new_pages) = apply(&mut transaction, pages, writes).await?;
    transaction.commit().await.map_err(failed("cannot commit"))?;
    pages.keep(new_pages);
    Ok(outcomes)
}

/// Makes writes within a transaction. Returns their outcomes, and the pages that were not known.
pub(super) async fn apply(
    connection: &mut SqliteConnection,
    pages: &PageNumbers<i64>,
    writes: &[Write],
) -> Result<(Vec<Outcome>, HashMap<PageAddress, i64>), StoreError> {
    let (known, numbers) = read_known(&mut *connection, writes).await?;
    let plan = Plan::of(writes, &known);
    let new_pages = save(connection, pages, &plan, numbers).await?;
    Ok((plan.outcomes, new_pages))
}

/// The numbers of avis.
type Numbers = HashMap<AvisId, i64>;

async fn read_known(
    connection: &mut SqliteConnection,
    writes: &[Write],
) -> Result<(Known, Numbers), StoreError> {
    let bind = |query: Bound, key: &AvisKey| query.bind(key.as_bytes().to_vec());
    let rows = SELECT_REMEMBERED
        .fetch(connection, &batch::keys_of(writes), bind, "cannot read idempotency keys")
        .await?;
    let keys = rows
        .iter()
        .map(|row| read_remembered(row).map(|one| (one.avis_id.key(), one)))
        .collect::<Result<_, _>>()?;
    let mut numbers = Numbers::new();
    let mut avis = HashMap::new();
    for (avis_id, (number, found)) in avis::find(connection, &batch::avis_of(writes, &keys)).await? {
        numbers.insert(avis_id, number);
        avis.insert(avis_id, found);
    }
    Ok((Known { keys, avis }, numbers))
}

pub(super) fn read_remembered(row: &SqliteRow) -> Result<Remembered, StoreError> {
    let impossible = || StoreError::message("the database holds an impossible idempotency key");
    let fingerprint: Vec<u8> = get(row, 2)?;
    Ok(Remembered {
        avis_id: avis::read_key(row, 0)?.on(avis::day_of(get(row, 1)?)?),
        fingerprint: fingerprint.try_into().map_err(|_| impossible())?,
        accepted_at: Timestamp::from_millisecond(get(row, 3)?).map_err(|_| impossible())?,
    })
}

/// Saves what a batch comes to. Returns the pages that were not known.
async fn save(
    connection: &mut SqliteConnection,
    pages: &PageNumbers<i64>,
    plan: &Plan<'_>,
    mut numbers: Numbers,
) -> Result<HashMap<PageAddress, i64>, StoreError> {
    let inserted = plan.inserted();
    number(connection, &inserted, &mut numbers).await?;
    // One that was withdrawn in the batch it came with has no number: that of its day leads nowhere.
    let no = |avis_id: AvisId| numbers.get(&avis_id).copied().unwrap_or_else(|| nowhere(avis_id));
    let new_pages = number_pages(connection, pages, &inserted).await?;
    let page_id = |page: &PageAddress| pages.known(page).or_else(|| new_pages.get(page).copied());
    let bind = |query: Bound, one: &Inserted<'_>| {
        let record = one.record;
        let query = query
            .bind(no(record.avis_id))
            .bind(record.avis_id.key().as_bytes().to_vec())
            .bind(record.demarche.0.clone())
            .bind(record.bouton.as_ref().map(|bouton| bouton.0.clone()))
            .bind(record.language.map(shared::Language::code))
            .bind(record.page.as_ref().and_then(page_id));
        bind_answers(query, &CodedAnswers::of(one.answers))
    };
    INSERT_AVIS.run(connection, &inserted, bind, "cannot store avis").await?;
    let texts: Vec<(i64, &Answers)> = inserted
        .iter()
        .filter(|one| has_texts(one.answers))
        .map(|one| (no(one.record.avis_id), one.answers))
        .collect();
    INSERT_TEXTS.run(connection, &texts, bind_texts, "cannot store the texts of avis").await?;

    let updated = plan.updated();
    for (avis_id, answers) in &updated {
        let update = sqlx::query(
            "update avis set satisfaction = ?, clarity = ?, ease = ?, help_tried = ?, help_reached = ?,
                help_quality = ?, malfunctions = ?, texts = ? where avis_no = ?",
        );
        bind_answers(update, &CodedAnswers::of(answers))
            .bind(no(*avis_id))
            .execute(&mut *connection)
            .await
            .map_err(failed("cannot change an avis"))?;
    }
    let updated = updated.into_iter().map(|(avis_id, answers)| (no(avis_id), answers));
    let (given, bare): (Vec<_>, Vec<_>) = updated.partition(|(_, answers)| has_texts(answers));
    INSERT_TEXTS.run(connection, &given, bind_texts, "cannot store the texts of avis").await?;
    let bare: Vec<i64> = bare.into_iter().map(|(avis_no, _)| avis_no).collect();
    DELETE_TEXTS.run(connection, &bare, bind_no, "cannot store the texts of avis").await?;

    let withdrawn: Vec<i64> = plan.withdrawn().into_iter().map(no).collect();
    DELETE_TEXTS.run(connection, &withdrawn, bind_no, "cannot withdraw avis").await?;
    DELETE_AVIS.run(connection, &withdrawn, bind_no, "cannot withdraw avis").await?;

    let remembered: Vec<(i64, Remembered)> =
        plan.remembered.values().map(|one| (no(one.avis_id), *one)).collect();
    REMEMBER.run(connection, &remembered, bind_remembered, "cannot store idempotency keys").await?;
    count(connection, plan).await?;
    Ok(new_pages)
}

/// Numbers new avis, each behind the last of its day.
async fn number(
    connection: &mut SqliteConnection,
    inserted: &[Inserted<'_>],
    numbers: &mut Numbers,
) -> Result<(), StoreError> {
    let mut next: HashMap<Day, i64> = HashMap::new();
    for one in inserted {
        let avis_no = match next.entry(one.day) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(first_free(connection, one.day).await?),
        };
        numbers.insert(one.record.avis_id, *avis_no);
        *avis_no += 1;
    }
    Ok(())
}

async fn first_free(connection: &mut SqliteConnection, day: Day) -> Result<i64, StoreError> {
    let numbers = avis::numbers_of(day);
    let last: Option<i64> =
        sqlx::query_scalar("select max(avis_no) from avis where avis_no >= ? and avis_no < ?")
            .bind(numbers.start)
            .bind(numbers.end)
            .fetch_one(connection)
            .await
            .map_err(failed("cannot number avis"))?;
    // From 1: 0 is the number of none.
    Ok(last.unwrap_or(numbers.start) + 1)
}

/// A number of the day of this avis that no avis has.
fn nowhere(avis_id: AvisId) -> i64 {
    avis_id.day().map_or(0, |day| avis::numbers_of(day).start)
}

/// Remembers keys that were remembered elsewhere.
pub(super) async fn remember_keys(writer: &SqlitePool, keys: &[Remembered]) -> Result<(), StoreError> {
    let cannot = "cannot store idempotency keys";
    let mut transaction = writer.begin_with("begin immediate").await.map_err(failed(cannot))?;
    let ids: Vec<AvisId> = keys.iter().map(|one| one.avis_id).collect();
    let found = avis::find(&mut transaction, &ids).await?;
    let no = |avis_id| found.get(&avis_id).map_or_else(|| nowhere(avis_id), |(avis_no, _)| *avis_no);
    let keys: Vec<(i64, Remembered)> = keys.iter().map(|one| (no(one.avis_id), *one)).collect();
    CARRY_OVER.run(&mut transaction, &keys, bind_remembered, cannot).await?;
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

fn bind_remembered(query: Bound, (avis_no, one): &(i64, Remembered)) -> Bound {
    query
        .bind(one.avis_id.key().as_bytes().to_vec())
        .bind(*avis_no)
        .bind(one.fingerprint.to_vec())
        .bind(one.accepted_at.as_millisecond())
}

/// Counts what the batch moves.
async fn count(connection: &mut SqliteConnection, plan: &Plan<'_>) -> Result<(), StoreError> {
    let moved = plan.moved();
    moved::append(connection, &moved).await?;
    let days: BTreeSet<Day> = moved.keys().map(|(day, ..)| *day).collect();
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
    pages: &PageNumbers<i64>,
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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "bound like every other row")]
fn bind_no(query: Bound, avis_no: &i64) -> Bound {
    query.bind(*avis_no)
}

fn bind_texts(query: Bound, (avis_no, answers): &(i64, &Answers)) -> Bound {
    query
        .bind(*avis_no)
        .bind(answers.help_tried_other.clone())
        .bind(answers.malfunctions_other.clone())
        .bind(answers.comment.clone())
}
