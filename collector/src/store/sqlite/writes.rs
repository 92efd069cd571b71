//! Writing avis: a batch is one transaction of a few statements, and what it adds to a décompte is added once.

use super::avis::Among;
use super::many_rows::{Bound, ManyRows, ROWS_MAX, Script};
use super::recent::{self, Numbered, Recent};
use super::{avis, failed, get, journal, moved};
use crate::day::Day;
use crate::identity::{AvisId, AvisKey};
use crate::mending::{Act, Selection, Settled};
use crate::store::batch::{self, Inserted, Known, Plan};
use crate::store::encoding::{CodedAnswers, has_texts, kept_texts};
use crate::store::page_numbers::PageNumbers;
use crate::store::rows::quarantine;
use crate::store::{Avis, Outcome, Remembered, StoreError, Write};
use jiff::Timestamp;
use shared::{Answers, PageAddress};
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqlitePool};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

static SELECT_REMEMBERED: LazyLock<ManyRows> = LazyLock::new(|| {
    let head = "select avis_key, avis_no, fingerprint, accepted_at_ms from remembered where avis_key in (";
    ManyRows::new(head, 1, ")")
});

/// Commits whose moves of décomptes are brought home together, and what has become too much of their keys. A reader
/// of décomptes adds up that many at most. Few in tests, as they make few commits.
const GATHERED: i64 = if cfg!(test) { 2 } else { 32 };

static INSERT_AVIS: LazyLock<ManyRows> = LazyLock::new(|| {
    let head = "insert into avis (avis_no, avis_key, demarche_id, bouton_id, language, page_id, quarantine,
        satisfaction, clarity, ease, help_tried, help_reached, help_quality, malfunctions, texts)";
    ManyRows::new(head, 15, "")
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

static MEND_AVIS: LazyLock<ManyRows> = LazyLock::new(|| {
    let head = "update avis set demarche_id = mended.column2, bouton_id = mended.column3, quarantine = mended.column4
        from (";
    ManyRows::new(head, 4, ") as mended where avis_no = mended.column1")
});

static CARRY_OVER: LazyLock<ManyRows> = LazyLock::new(|| {
    let head = "insert into remembered (avis_key, avis_no, fingerprint, accepted_at_ms)";
    ManyRows::new(head, 4, "on conflict (avis_key) do nothing")
});

/// By key and time: what the key stands for meanwhile is not forgotten.
static FORGET: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("delete from remembered where (avis_key, accepted_at_ms) in (", 2, ")"));

static RENEW_DAY: LazyLock<ManyRows> = LazyLock::new(|| {
    let head = "insert into day_version (day, last_avis_ms, version, moved_at_ms)
        select column1, column2, 1, cast(unixepoch('subsec') * 1000 as integer) from (";
    let tail = ") where true on conflict (day) do update set version = version + 1,
        last_avis_ms = max(last_avis_ms, excluded.last_avis_ms), moved_at_ms = excluded.moved_at_ms";
    ManyRows::new(head, 2, tail)
});

/// What a store holds in memory of its file.
#[derive(Default)]
pub(super) struct Memory {
    pages: PageNumbers<i64>,
    pub(super) recent: Recent,
}

/// What a transaction adds to that.
pub(super) struct Learned {
    pages: HashMap<PageAddress, i64>,
    keys: recent::Change,
}

impl Memory {
    /// Learns what was committed; a transaction that failed teaches nothing.
    pub(super) fn keep(&self, learned: Learned) {
        self.pages.keep(learned.pages);
        self.recent.keep(learned.keys);
    }
}

pub(super) async fn commit(
    writer: &SqlitePool,
    memory: &Memory,
    writes: &[Write],
) -> Result<Vec<Outcome>, StoreError> {
    let mut transaction =
        writer.begin_with("begin immediate").await.map_err(failed("cannot begin a transaction"))?;
    let (outcomes, learned) = apply(&mut transaction, memory, writes).await?;
    transaction.commit().await.map_err(failed("cannot commit"))?;
    memory.keep(learned);
    Ok(outcomes)
}

/// Makes writes within a transaction. Returns their outcomes, and what memory is to learn.
pub(super) async fn apply(
    connection: &mut SqliteConnection,
    memory: &Memory,
    writes: &[Write],
) -> Result<(Vec<Outcome>, Learned), StoreError> {
    let wanted = batch::keys_of(writes);
    let standing = Standing::read(connection, memory, writes, &wanted).await?;
    let keys = standing.home.iter().copied().chain(memory.recent.find(&wanted));
    let mut known =
        Known { keys: keys.map(|(_, one)| (one.avis_id.key(), one)).collect(), ..Known::default() };
    let mut numbers = Numbers::new();
    let found = avis::find(connection, &memory.recent, &batch::avis_of(writes, &known.keys)).await?;
    for (avis_id, (number, avis)) in found {
        numbers.insert(avis_id, number);
        known.avis.insert(avis_id, avis);
    }
    let plan = Plan::of(writes, &known);
    let learned = save(connection, memory, &standing, &plan, numbers).await?;
    Ok((plan.outcomes, learned))
}

/// The numbers of avis.
type Numbers = HashMap<AvisId, i64>;

/// Where things stand as a transaction begins.
struct Standing {
    /// How many moves of décomptes have gathered.
    gathered: i64,
    /// The last number of the day that most likely is that of all new avis.
    last_avis: Option<(Day, Option<i64>)>,
    /// What is remembered of the keys that were asked for, of those at home.
    home: Vec<Numbered>,
}

impl Standing {
    async fn read(
        connection: &mut SqliteConnection,
        memory: &Memory,
        writes: &[Write],
        keys: &[AvisKey],
    ) -> Result<Self, StoreError> {
        let day = writes.iter().find_map(|write| match write {
            Write::Record(record) => Some(record.day()),
            _ => None,
        });
        let numbers = day.map_or(0..0, avis::numbers_of);
        let rows = Script::default()
            .once(
                "select (select ifnull(max(recent_no), 0) from recent), (select count(*) from moved),
                    (select max(avis_no) from avis where avis_no >= ? and avis_no < ?)",
                |bound| bound.bind(numbers.start).bind(numbers.end),
            )
            .rows(&SELECT_REMEMBERED, &keys[..keys.len().min(ROWS_MAX)], bind_key)
            .fetch(connection, "cannot read where things stand")
            .await?;
        let [first, home @ ..] = &rows[..] else {
            return Err(StoreError::message("the database does not tell where things stand"));
        };
        memory.recent.catch_up(connection, get(first, 0)?).await?;
        let last: Option<i64> = get(first, 2)?;
        let rest = keys.get(ROWS_MAX..).unwrap_or_default();
        let rest =
            SELECT_REMEMBERED.fetch(connection, rest, bind_key, "cannot read idempotency keys").await?;
        Ok(Self {
            gathered: get(first, 1)?,
            last_avis: day.map(|day| (day, last)),
            home: home.iter().chain(&rest).map(read_remembered).collect::<Result<_, _>>()?,
        })
    }
}

pub(super) fn read_remembered(row: &SqliteRow) -> Result<Numbered, StoreError> {
    let impossible = || StoreError::message("the database holds an impossible idempotency key");
    let avis_no = get(row, 1)?;
    let fingerprint: Vec<u8> = get(row, 2)?;
    let remembered = Remembered {
        avis_id: avis::read_key(row, 0)?.on(avis::day_of(avis_no)?),
        fingerprint: fingerprint.try_into().map_err(|_| impossible())?,
        accepted_at: Timestamp::from_millisecond(get(row, 3)?).map_err(|_| impossible())?,
    };
    Ok((avis_no, remembered))
}

/// Saves what a batch comes to. Returns what memory is to learn.
async fn save(
    connection: &mut SqliteConnection,
    memory: &Memory,
    standing: &Standing,
    plan: &Plan<'_>,
    mut numbers: Numbers,
) -> Result<Learned, StoreError> {
    let inserted = plan.inserted();
    number(connection, standing, &inserted, &mut numbers).await?;
    let pages = number_pages(connection, &memory.pages, &inserted).await?;
    change(connection, plan, &numbers).await?;
    let no = |avis_id| number_of(&numbers, avis_id);
    let page_id = |page: &PageAddress| memory.pages.known(page).or_else(|| pages.get(page).copied());
    let bind = |bound: Bound, one: &Inserted<'_>| {
        let record = one.record;
        let bound = bound
            .bind(no(record.avis_id))
            .bind(&record.avis_id.key().as_bytes()[..])
            .bind(&record.demarche.0)
            .bind(record.bouton.as_ref().map(|bouton| &bouton.0))
            .bind(record.language.map(shared::Language::code))
            .bind(record.page.as_ref().and_then(page_id))
            .bind(quarantine(record.set_aside));
        bind_answers(bound, &CodedAnswers::of(one.answers))
    };
    let mut script = Script::default();
    for inserted in inserted.chunks(ROWS_MAX) {
        if !script.is_empty() {
            std::mem::take(&mut script).run(connection, "cannot store avis").await?;
        }
        let written = inserted.iter().filter(|one| has_texts(one.answers));
        let texts: Vec<_> = written.map(|one| (no(one.record.avis_id), one.answers)).collect();
        script = script.rows(&INSERT_AVIS, inserted, bind).rows(&INSERT_TEXTS, &texts, bind_texts);
    }
    let remembered = plan.remembered.values().map(|one| (no(one.avis_id), *one)).collect();
    let (script, mut keys) = memory.recent.append(script, remembered);
    count(script, plan)?.run(connection, "cannot store avis").await?;
    if standing.gathered >= GATHERED {
        moved::bring_home(connection).await?;
        memory.recent.bring_home(connection, &mut keys).await?;
    }
    Ok(Learned { pages, keys })
}

/// Does an act to a portion of the avis that are meant. Returns how many it was.
pub(super) async fn mend(
    readers: &SqlitePool,
    writer: &SqlitePool,
    act: &Act,
    selection: &Selection,
    at: Timestamp,
) -> Result<u64, StoreError> {
    // To find them may take a walk through a month of avis, so nobody waits for it; and again, should somebody else have
    // done as much to all of them before it was their turn.
    loop {
        let all = Among::Between(avis::numbers_in(selection.days()));
        let found = avis::portion(readers, selection, &all).await?;
        if found.is_empty() {
            return Ok(0);
        }
        let these = Among::These(found.into_iter().map(|(avis_no, _)| avis_no).collect());
        if let Some(mended) = mend_these(writer, act, selection, &these, at).await? {
            return Ok(mended);
        }
    }
}

/// Does it to those that are meant among these; none if there are none.
async fn mend_these(
    writer: &SqlitePool,
    act: &Act,
    selection: &Selection,
    these: &Among,
    at: Timestamp,
) -> Result<Option<u64>, StoreError> {
    let cannot = "cannot mend avis";
    let mut transaction = writer.begin_with("begin immediate").await.map_err(failed(cannot))?;
    let found = avis::portion(&mut *transaction, selection, these).await?;
    if found.is_empty() {
        transaction.rollback().await.map_err(failed("cannot end a transaction"))?;
        return Ok(None);
    }
    let numbers: Numbers = found.iter().map(|(avis_no, avis)| (avis.id, *avis_no)).collect();
    let found: HashMap<AvisId, Avis> = found.into_iter().map(|(_, avis)| (avis.id, avis)).collect();
    let plan = Plan::mending(&found, act);
    let mended = plan.mended();
    if mended.is_empty() {
        transaction.rollback().await.map_err(failed("cannot end a transaction"))?;
        return Ok(Some(0));
    }
    let bind = |bound: Bound, (avis, now): &(&Avis, &Settled)| {
        bound
            .bind(number_of(&numbers, avis.id))
            .bind(now.demarche.0.clone())
            .bind(now.bouton.as_ref().map(|bouton| bouton.0.clone()))
            .bind(quarantine(now.set_aside))
    };
    MEND_AVIS.run(&mut transaction, &mended, bind, cannot).await?;
    count(Script::default(), &plan)?.run(&mut transaction, cannot).await?;
    // At once: what it moves may be a row of thousands of décomptes, which each reader would go through.
    moved::bring_home(&mut transaction).await?;
    let detail = act.detail(selection, mended.iter().map(|(avis, _)| *avis));
    journal::add(&mut transaction, at, act.code(), &detail).await?;
    transaction.commit().await.map_err(failed("cannot commit"))?;
    Ok(Some(mended.len() as u64))
}

/// Changes and withdraws what was stored before.
async fn change(
    connection: &mut SqliteConnection,
    plan: &Plan<'_>,
    numbers: &Numbers,
) -> Result<(), StoreError> {
    let no = |avis_id| number_of(numbers, avis_id);
    let updated: Vec<_> =
        plan.updated().into_iter().map(|(avis_id, answers)| (no(avis_id), answers)).collect();
    for (avis_no, answers) in &updated {
        let text =
            "update avis set satisfaction = ?, clarity = ?, ease = ?, help_tried = ?, help_reached = ?,
            help_quality = ?, malfunctions = ?, texts = ? where avis_no = ?";
        let bind = |bound| bind_answers(bound, &CodedAnswers::of(answers)).bind(*avis_no);
        Script::default().once(text, bind).run(connection, "cannot change an avis").await?;
    }
    let (given, bare): (Vec<_>, Vec<_>) = updated.into_iter().partition(|(_, answers)| has_texts(answers));
    INSERT_TEXTS.run(connection, &given, bind_texts, "cannot store the texts of avis").await?;
    let bare: Vec<i64> = bare.into_iter().map(|(avis_no, _)| avis_no).collect();
    DELETE_TEXTS.run(connection, &bare, bind_no, "cannot store the texts of avis").await?;
    let withdrawn: Vec<i64> = plan.withdrawn().into_iter().map(no).collect();
    DELETE_TEXTS.run(connection, &withdrawn, bind_no, "cannot withdraw avis").await?;
    DELETE_AVIS.run(connection, &withdrawn, bind_no, "cannot withdraw avis").await
}

/// Numbers new avis, each behind the last of its day.
async fn number(
    connection: &mut SqliteConnection,
    standing: &Standing,
    inserted: &[Inserted<'_>],
    numbers: &mut Numbers,
) -> Result<(), StoreError> {
    let likely = standing.last_avis.map(|(day, last)| (day, after(day, last)));
    let mut next: HashMap<Day, i64> = likely.into_iter().collect();
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
    Ok(after(day, last))
}

/// The number behind the last one of a day. From 1: 0 is the number of none.
fn after(day: Day, last: Option<i64>) -> i64 {
    last.unwrap_or(avis::numbers_of(day).start) + 1
}

/// The number of an avis. One that was withdrawn in the batch it came with has none: that of its day leads nowhere.
fn number_of(numbers: &Numbers, avis_id: AvisId) -> i64 {
    numbers.get(&avis_id).copied().unwrap_or_else(|| nowhere(avis_id))
}

/// A number of the day of this avis that no avis has.
fn nowhere(avis_id: AvisId) -> i64 {
    avis_id.day().map_or(0, |day| avis::numbers_of(day).start)
}

/// Remembers keys that were remembered elsewhere.
pub(super) async fn remember_keys(
    writer: &SqlitePool,
    memory: &Memory,
    keys: &[Remembered],
) -> Result<(), StoreError> {
    let cannot = "cannot store idempotency keys";
    let mut transaction = writer.begin_with("begin immediate").await.map_err(failed(cannot))?;
    let ids: Vec<AvisId> = keys.iter().map(|one| one.avis_id).collect();
    let found = avis::find(&mut transaction, &memory.recent, &ids).await?;
    let no = |avis_id| found.get(&avis_id).map_or_else(|| nowhere(avis_id), |(avis_no, _)| *avis_no);
    let keys: Vec<Numbered> = keys.iter().map(|one| (no(one.avis_id), *one)).collect();
    CARRY_OVER.run(&mut transaction, &keys, recent::bind, cannot).await?;
    transaction.commit().await.map_err(failed("cannot commit"))
}

/// Every key that is remembered.
pub(super) async fn keys(readers: &SqlitePool) -> Result<Vec<Remembered>, StoreError> {
    let cannot = failed("cannot read idempotency keys");
    let mut reading = readers.begin().await.map_err(&cannot)?;
    let rows = sqlx::query("select avis_key, avis_no, fingerprint, accepted_at_ms from remembered")
        .fetch_all(&mut *reading)
        .await
        .map_err(&cannot)?;
    let home = rows.iter().map(read_remembered).collect::<Result<Vec<_>, _>>()?;
    let recent = recent::read(&mut reading).await?.into_iter().map(|(_, one)| one);
    let keys: BTreeMap<AvisKey, Remembered> =
        home.into_iter().chain(recent).map(|(_, one)| (one.avis_id.key(), one)).collect();
    Ok(keys.into_values().collect())
}

/// Forgets keys older than this, a few at a time, so that no avis waits long.
pub(super) async fn forget_keys(
    writer: &SqlitePool,
    readers: &SqlitePool,
    memory: &Memory,
    before: Timestamp,
) -> Result<u64, StoreError> {
    const AT_ONCE: i64 = 4_096;
    let cannot = "cannot forget idempotency keys";
    let mut transaction = writer.begin_with("begin immediate").await.map_err(failed(cannot))?;
    Standing::read(&mut transaction, memory, &[], &[]).await?;
    let change = memory.recent.forget(&mut transaction, before).await?;
    transaction.commit().await.map_err(failed("cannot commit"))?;
    let mut forgotten = change.leaving();
    memory.recent.keep(change);
    let mut last = vec![];
    loop {
        // Found by a reader, through the whole table, so that no avis waits and no index has to be kept for it.
        let old: Vec<(Vec<u8>, i64)> = sqlx::query_as(
            "select avis_key, accepted_at_ms from remembered
             where avis_key > ? and accepted_at_ms < ? order by avis_key limit ?",
        )
        .bind(last)
        .bind(before.as_millisecond())
        .bind(AT_ONCE)
        .fetch_all(readers)
        .await
        .map_err(failed(cannot))?;
        let Some((key, _)) = old.last() else { return Ok(forgotten) };
        last = key.clone();
        let mut transaction = writer.begin_with("begin immediate").await.map_err(failed(cannot))?;
        let bind = |query: Bound, (key, at): &(Vec<u8>, i64)| query.bind(key.clone()).bind(*at);
        FORGET.run(&mut transaction, &old, bind, cannot).await?;
        transaction.commit().await.map_err(failed("cannot commit"))?;
        forgotten += u64::try_from(old.len()).unwrap_or(0);
    }
}

/// Counts what the batch moves.
fn count(script: Script, plan: &Plan<'_>) -> Result<Script, StoreError> {
    let moved = plan.moved();
    Ok(renew(moved::append(script, &moved)?, plan.days(&moved)))
}

/// Makes it known that décomptes of these days moved, and when the last new avis of each was accepted.
pub(super) fn renew(script: Script, days: impl IntoIterator<Item = (Day, i64)>) -> Script {
    let days: Vec<(Day, i64)> = days.into_iter().collect();
    script.rows(&RENEW_DAY, &days, |bound, (day, last_avis)| bound.bind(day.number()).bind(*last_avis))
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
fn bind_answers(bound: Bound, coded: &CodedAnswers) -> Bound {
    bound
        .bind(coded.satisfaction)
        .bind(coded.clarity)
        .bind(coded.ease)
        .bind(coded.help_tried)
        .bind(coded.help_reached)
        .bind(coded.help_quality)
        .bind(coded.malfunctions)
        .bind(coded.texts)
}

fn bind_key(bound: Bound, key: &AvisKey) -> Bound {
    bound.bind(&key.as_bytes()[..])
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "bound like every other row")]
fn bind_no(bound: Bound, avis_no: &i64) -> Bound {
    bound.bind(*avis_no)
}

fn bind_texts(bound: Bound, (avis_no, answers): &(i64, &Answers)) -> Bound {
    kept_texts(answers).into_iter().fold(bound.bind(*avis_no), Bound::bind)
}
