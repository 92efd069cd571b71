//! Writing avis: a batch is one transaction of, as a rule, one statement.
//!
//! Collectors that write at the same time lock in one order: the avis that are to change, new pages, days, idempotency
//! keys, new avis, décomptes of days, those of months; and the rows of each in the order of their keys.

use super::counts::take_your_time;
use super::{PostgresStore, advisory, avis, failed, journal, select_avis, uuid, within};
use crate::day::Day;
use crate::identity::{AvisId, AvisKey};
use crate::mending::{Act, Selection};
use crate::store::batch::{self, Inserted, Known, Plan};
use crate::store::encoding::{CodedAnswers, has_texts, kept_texts};
use crate::store::rows::{AvisRow, quarantine};
use crate::store::tallies::CELL_COLUMNS;
use crate::store::{Avis, KEY_MEMORY, Outcome, Period, Remembered, StoreError, Write};
use jiff::Timestamp;
use shared::tally::CELLS;
use shared::{Answers, PageAddress, Tally};
use sqlx::{Connection, PgConnection, PgPool};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use uuid::Uuid;

/// How often a batch is worked out again that another collector was quicker in.
const ATTEMPTS: usize = 8;

/// Keys that are remembered or forgotten at a time.
const KEYS: usize = 4_096;

/// Everything that a batch adds, in one statement: each part that locks rows waits for the one before it, since it asks
/// how many rows that one had. It fails where an idempotency key is taken, by a division by zero, for want of another way
/// to fail: an avis was sent again, or another collector has taken the key since it was looked up. The batch is worked out
/// again then.
static SAVE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "with locked as materialized (
            select pg_advisory_xact_lock_shared({day_lock}, day) from unnest($2::int[]) as day
        ), claimed as (
            insert into remembered (avis_key, avis_id, fingerprint, accepted_at_ms)
            select * from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::bigint[])
            where (select count(*) from locked) >= 0
            on conflict (avis_key) do update set avis_id = excluded.avis_id,
                fingerprint = excluded.fingerprint, accepted_at_ms = excluded.accepted_at_ms
            where remembered.accepted_at_ms < excluded.accepted_at_ms - {memory}
            returning 1
        ), answer as materialized (
            select count(*) = cardinality($3::uuid[]) as free from claimed
        ), stored as (
            insert into avis (avis_id, day, page_id, satisfaction, clarity, ease, help_tried, help_reached,
                help_quality, malfunctions, texts, demarche_id, bouton_id, language, quarantine)
            select * from unnest($7::uuid[], $8::int[], $9::int[], $10::smallint[], $11::smallint[],
                $12::smallint[], $13::smallint[], $14::smallint[], $15::smallint[], $16::smallint[],
                $17::smallint[], $18::text[], $19::text[], $20::text[], $34::smallint[])
            where (select free from answer)
            returning 1
        ), worded as (
            insert into avis_text (avis_id, help_tried_other, malfunctions_other, comment)
            select * from unnest($21::uuid[], $22::text[], $23::text[], $24::text[])
            where (select free from answer)
            on conflict (avis_id) do update set help_tried_other = excluded.help_tried_other,
                malfunctions_other = excluded.malfunctions_other, comment = excluded.comment
        ), by_day as (
            {by_day}
        ), by_month as (
            {by_month}
        ), renewed as (
            insert into day_version (day, collector_id, version, last_avis_ms, moved_at_ms)
            select day, $1, 1, last_avis_ms, (extract(epoch from now()) * 1000)::bigint
            from unnest($2::int[], $33::bigint[]) as renewed (day, last_avis_ms)
            where (select free from answer) and (select count(*) from by_month) >= 0
            on conflict (day, collector_id) do update set version = day_version.version + 1,
                last_avis_ms = greatest(day_version.last_avis_ms, excluded.last_avis_ms),
                moved_at_ms = excluded.moved_at_ms
        )
        select 1 / free::int from answer",
        day_lock = advisory::DAY,
        memory = KEY_MEMORY.as_millis(),
        by_day = add_to("tally", "day", 25, "stored"),
        by_month = add_to("tally_month", "month", 29, "by_day"),
    )
});

/// Adds to décomptes, whose cells come in one array, a row after the other: one array for each cell takes longer to
/// send and to take apart.
fn add_to(table: &str, unit: &str, first: usize, after: &str) -> String {
    let sums: Vec<String> = CELL_COLUMNS
        .iter()
        .map(|column| format!("{column} = {table}.{column} + excluded.{column}"))
        .collect();
    format!(
        "{} where (select free from answer) and (select count(*) from {after}) >= 0
        on conflict (demarche_id, {unit}, bouton_id) do update set {}
        returning 1",
        insert_tallies(table, unit, first),
        sums.join(", ")
    )
}

/// Inserts décomptes: units, démarches, boutons and cells, from this parameter on.
pub(super) fn insert_tallies(table: &str, unit: &str, first: usize) -> String {
    let (demarches, boutons, cells) = (first + 1, first + 2, first + 3);
    let values: Vec<String> = (1..=CELLS).map(|cell| format!("(${cells}::int[])[before + {cell}]")).collect();
    format!(
        "insert into {table} (demarche_id, {unit}, bouton_id, {columns})
        select demarche, unit, bouton, {values} from (
            select unit, demarche, bouton, ((place - 1) * {CELLS})::int as before
            from unnest(${first}::int[], ${demarches}::text[], ${boutons}::text[])
                with ordinality as moved (unit, demarche, bouton, place)
            offset 0
        ) as moved",
        columns = CELL_COLUMNS.join(", "),
        values = values.join(", "),
    )
}

const DIVISION_BY_ZERO: &str = "22012";

const UPDATE_AVIS: &str = "update avis set satisfaction = changed.satisfaction, clarity = changed.clarity,
        ease = changed.ease, help_tried = changed.help_tried, help_reached = changed.help_reached,
        help_quality = changed.help_quality, malfunctions = changed.malfunctions, texts = changed.texts
    from unnest($1::uuid[], $2::smallint[], $3::smallint[], $4::smallint[], $5::smallint[], $6::smallint[],
        $7::smallint[], $8::smallint[], $9::smallint[]) as changed (avis_id, satisfaction, clarity, ease,
        help_tried, help_reached, help_quality, malfunctions, texts)
    where avis.avis_id = changed.avis_id and avis.avis_id = any($1::uuid[])";

const MEND_AVIS: &str = "update avis set demarche_id = mended.demarche_id, bouton_id = mended.bouton_id,
        quarantine = mended.quarantine
    from unnest($1::uuid[], $2::text[], $3::text[], $4::smallint[])
        as mended (avis_id, demarche_id, bouton_id, quarantine)
    where avis.avis_id = mended.avis_id and avis.avis_id = any($1::uuid[])";

pub(super) const FIND_KEYS: &str =
    "select avis_id, fingerprint, accepted_at_ms from remembered where avis_key = any($1)";

const REMEMBER: &str = "insert into remembered (avis_key, avis_id, fingerprint, accepted_at_ms)
    select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[]) on conflict do nothing";

/// The time of the server, which is the same for all collectors, in milliseconds.
const NOW_IF_SPOOLS: &str =
    "select (extract(epoch from now()) * 1000)::bigint where exists (select from spool)";

/// One that is being written to now is left to the next time. What is past its memory by the server's clock too: that of
/// a collector may be days ahead, and the keys are those of all.
const FORGET: &str = "delete from remembered where ctid = any(array(
        select ctid from remembered
        where accepted_at_ms < least($1, (extract(epoch from now()) * 1000)::bigint - $3)
        limit $2 for update skip locked
    ))";

const FIND_PAGES: &str = "select origin, path, page_id from page
    where (origin, path) in (select * from unnest($1::text[], $2::text[]))";

const INSERT_PAGES: &str = "insert into page (origin, path) select * from unnest($1::text[], $2::text[])
    on conflict do nothing returning origin, path, page_id";

/// What is remembered of an idempotency key: its avis, fingerprint and time.
pub(super) type RememberedRow = (Uuid, Uuid, i64);

/// A key as it is stored.
fn key_uuid(key: AvisKey) -> Uuid {
    let mut bytes = [0; 16];
    bytes[4..].copy_from_slice(key.as_bytes());
    Uuid::from_bytes(bytes)
}

pub(super) fn remembered_of(
    (avis_id, fingerprint, accepted_at): RememberedRow,
) -> Result<Remembered, StoreError> {
    let accepted_at = Timestamp::from_millisecond(accepted_at)
        .map_err(|_| StoreError::message("the database holds an impossible idempotency key"))?;
    Ok(Remembered {
        avis_id: AvisId::from_bytes(avis_id.into_bytes()),
        fingerprint: fingerprint.into_bytes(),
        accepted_at,
    })
}

pub(super) async fn commit(store: &PostgresStore, writes: &[Write]) -> Result<Vec<Outcome>, StoreError> {
    if let Some(outcomes) = save_as_new(store, writes).await? {
        return Ok(outcomes);
    }
    let mut race = Race::default();
    loop {
        make_months(store, writes).await?;
        let tried =
            within(&store.writers, async |connection| attempt_on(connection, store, writes).await).await;
        if let Some(done) = race.is_over(tried) {
            return done;
        }
    }
}

/// Saves a batch of avis that are most likely new, without looking: one way to the server and back instead of four. None
/// if there is more to it.
async fn save_as_new(store: &PostgresStore, writes: &[Write]) -> Result<Option<Vec<Outcome>>, StoreError> {
    // Whether another key of theirs is remembered, or an avis that is closed was taken before, only a look tells.
    let is_likely_new = |write: &Write| match write {
        Write::Record(record) => record.remember && record.former_keys.is_empty() && !record.closed,
        Write::Change(..) | Write::Withdraw(_) => false,
    };
    if !writes.iter().all(is_likely_new) || !store.replays.are_rare() {
        return Ok(None);
    }
    make_months(store, writes).await?;
    let known = Known::default();
    let plan = Plan::of(writes, &known);
    match within(&store.writers, async |connection| save(connection, store, &plan).await).await {
        Ok(Some(new_pages)) => {
            store.pages.keep(new_pages);
            Ok(Some(plan.outcomes))
        }
        Ok(None) => {
            store.replays.note();
            Ok(None)
        }
        Err(error) if lost_a_race(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether batches hold avis that were sent before. To find out by failing costs a batch twice, so for a while after each
/// time all are looked up.
#[derive(Default)]
pub(super) struct Replays(AtomicU32);

impl Replays {
    /// Batches that are looked up after one that had to be.
    const LOOKS: u32 = 64;

    fn note(&self) {
        self.0.store(Self::LOOKS, Ordering::Relaxed);
    }

    fn are_rare(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |looks| looks.checked_sub(1)).is_err()
    }
}

/// Makes the partitions that new avis fall in.
pub(super) async fn make_months(store: &PostgresStore, writes: &[Write]) -> Result<(), StoreError> {
    let months: BTreeSet<i32> = writes
        .iter()
        .filter_map(|write| match write {
            Write::Record(record) => record.avis_id.day().map(Day::month),
            _ => None,
        })
        .collect();
    store.months.make(&store.writers, months).await
}

/// A race with other collectors for the same rows, run until it is won.
#[derive(Default)]
pub(super) struct Race {
    lost: usize,
}

impl Race {
    /// What an attempt came to; none if another collector was quicker, and it is to be tried again.
    pub(super) fn is_over<T>(
        &mut self,
        tried: Result<Option<T>, StoreError>,
    ) -> Option<Result<T, StoreError>> {
        // It has waited for the other one to end, and does not meet it again.
        self.lost += 1;
        match tried {
            Ok(Some(done)) => Some(Ok(done)),
            Err(error) if self.lost == ATTEMPTS || !lost_a_race(&error) => Some(Err(error)),
            Ok(None) if self.lost == ATTEMPTS => {
                Some(Err(StoreError::message("other collectors keep taking the same idempotency keys")))
            }
            Ok(None) | Err(_) => None,
        }
    }
}

/// Whether the database gave another collector what this one asked for, and will have an answer when asked again.
fn lost_a_race(error: &StoreError) -> bool {
    /// Serialization failure, deadlock, and the id of an avis without a key that has just been stored.
    const CODES: [&str; 3] = ["40001", "40P01", "23505"];
    let source = error.source.as_ref().and_then(|source| source.downcast_ref::<sqlx::Error>());
    source.and_then(code).is_some_and(|code| CODES.contains(&&*code))
}

fn code(error: &sqlx::Error) -> Option<Cow<'_, str>> {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code)
}

/// One transaction. None if another collector took an idempotency key meanwhile: then nothing is written.
async fn attempt_on(
    connection: &mut PgConnection,
    store: &PostgresStore,
    writes: &[Write],
) -> Result<Option<Vec<Outcome>>, StoreError> {
    let mut transaction = connection.begin().await.map_err(failed("cannot begin a transaction"))?;
    let Some((outcomes, new_pages)) = apply(&mut transaction, store, writes).await? else {
        transaction.rollback().await.map_err(failed("cannot end a transaction"))?;
        return Ok(None);
    };
    transaction.commit().await.map_err(failed("cannot commit"))?;
    store.pages.keep(new_pages);
    Ok(Some(outcomes))
}

/// Makes writes within a transaction. Returns their outcomes, and the pages that were not known.
pub(super) async fn apply(
    connection: &mut PgConnection,
    store: &PostgresStore,
    writes: &[Write],
) -> Result<Option<(Vec<Outcome>, HashMap<PageAddress, i32>)>, StoreError> {
    let (known, spools_at) = read_known(&mut *connection, writes).await?;
    let plan = Plan::beside_spools(writes, &known, spools_at);
    let new_pages = save(connection, store, &plan).await?;
    Ok(new_pages.map(|new_pages| (plan.outcomes, new_pages)))
}

/// What a batch needs to know; and now, if an avis that it does not find may lie on a spool.
async fn read_known(
    connection: &mut PgConnection,
    writes: &[Write],
) -> Result<(Known, Option<Timestamp>), StoreError> {
    let keys = read_keys(connection, &batch::keys_of(writes)).await?;
    // An avis that is only looked up by its id is not about to change.
    let locks = writes.iter().any(|write| !matches!(write, Write::Record(record) if !record.remember));
    let avis = read_avis(connection, &batch::avis_of(writes, &keys), locks).await?;
    let mut known = Known { keys, avis };
    let unfound = batch::unfound(writes, &known.avis);
    if unfound.is_empty() {
        return Ok((known, None));
    }
    let now: Option<i64> = sqlx::query_scalar(NOW_IF_SPOOLS)
        .fetch_optional(&mut *connection)
        .await
        .map_err(failed("cannot read which spools there are"))?;
    let Some(now) = now else { return Ok((known, None)) };
    let keys: Vec<AvisKey> = unfound.iter().map(AvisId::key).collect();
    let keys = read_keys(connection, &keys).await?;
    let earlier: BTreeSet<AvisId> =
        keys.values().map(|one| one.avis_id).filter(|avis_id| !known.avis.contains_key(avis_id)).collect();
    known.avis.extend(read_avis(connection, &earlier.into_iter().collect::<Vec<_>>(), true).await?);
    known.keys.extend(keys);
    let now = Timestamp::from_millisecond(now)
        .map_err(|_| StoreError::message("the database lives in an impossible time"))?;
    Ok((known, Some(now)))
}

async fn read_keys(
    connection: &mut PgConnection,
    keys: &[AvisKey],
) -> Result<HashMap<AvisKey, Remembered>, StoreError> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<RememberedRow> = sqlx::query_as(FIND_KEYS)
        .bind(keys.iter().copied().map(key_uuid).collect::<Vec<_>>())
        .fetch_all(connection)
        .await
        .map_err(failed("cannot read idempotency keys"))?;
    rows.into_iter().map(|row| remembered_of(row).map(|one| (one.avis_id.key(), one))).collect()
}

async fn read_avis(
    connection: &mut PgConnection,
    avis: &[AvisId],
    locks: bool,
) -> Result<HashMap<AvisId, Avis>, StoreError> {
    if avis.is_empty() {
        return Ok(HashMap::new());
    }
    let mut avis: Vec<Uuid> = avis.iter().map(|id| uuid(id.as_bytes())).collect();
    let cannot = failed("cannot read avis");
    // Locked first and read then: a statement that waits for a lock sees the row as it has become, but what it joins
    // with as it was before. What is stored between the two is as good as stored later: it is not locked.
    if locks {
        avis = sqlx::query_scalar(
            "select avis_id from avis where avis_id = any($1) order by avis_id for update",
        )
        .bind(avis)
        .fetch_all(&mut *connection)
        .await
        .map_err(&cannot)?;
    }
    let rows: Vec<AvisRow> = sqlx::query_as(select_avis!("where avis.avis_id = any($1)"))
        .bind(&avis)
        .fetch_all(connection)
        .await
        .map_err(&cannot)?;
    rows.into_iter().map(|row| Avis::try_from(row).map(|avis| (avis.id, avis))).collect()
}

/// Saves what a batch comes to. Returns the pages that were not known, or none if a key was taken meanwhile.
async fn save(
    connection: &mut PgConnection,
    store: &PostgresStore,
    plan: &Plan<'_>,
) -> Result<Option<HashMap<PageAddress, i32>>, StoreError> {
    let (inserted, updated) = (plan.inserted(), plan.updated());
    let new_pages = number_pages(connection, store, &inserted).await?;
    let page_id = |page: &PageAddress| store.pages.known(page).or_else(|| new_pages.get(page).copied());

    let moved = plan.moved();
    let days = plan.days(&moved);
    let (mut by_day, mut months) = (Tallied::default(), BTreeMap::<_, Tally>::new());
    for ((day, demarche, bouton), tally) in &moved {
        let bouton = bouton.unwrap_or_default();
        by_day.push(day.number(), demarche, bouton, tally)?;
        *months.entry((day.month(), *demarche, bouton)).or_default() += tally;
    }
    let mut by_month = Tallied::default();
    for ((month, demarche, bouton), tally) in &months {
        by_month.push(*month, demarche, bouton, tally)?;
    }

    let ids = inserted.iter().map(|one| uuid(one.record.avis_id.as_bytes()));
    let coded = Coded::of(inserted.iter().map(|one| one.answers))?;
    let texts = inserted.iter().map(|one| (one.record.avis_id, one.answers)).chain(updated.iter().copied());
    let (worded, bare): (BTreeMap<AvisId, _>, BTreeMap<AvisId, _>) =
        texts.partition(|(_, answers)| has_texts(answers));
    let each = |text: usize| worded.values().map(|answers| kept_texts(answers)[text]).collect::<Vec<_>>();

    let remembered = &plan.remembered;
    let something = !(remembered.is_empty() && inserted.is_empty() && moved.is_empty() && worded.is_empty());
    if something {
        let saved = sqlx::query(SAVE.as_str())
            .bind(store.collector_id)
            .bind(days.keys().map(|day| day.number()).collect::<Vec<_>>())
            .bind(remembered.keys().map(|key| key_uuid(*key)).collect::<Vec<_>>())
            .bind(remembered.values().map(|one| uuid(one.avis_id.as_bytes())).collect::<Vec<_>>())
            .bind(remembered.values().map(|one| uuid(&one.fingerprint)).collect::<Vec<_>>())
            .bind(remembered.values().map(|one| one.accepted_at.as_millisecond()).collect::<Vec<_>>())
            .bind(ids.collect::<Vec<_>>())
            .bind(inserted.iter().map(|one| one.day.number()).collect::<Vec<_>>())
            .bind(inserted.iter().map(|one| one.record.page.as_ref().and_then(page_id)).collect::<Vec<_>>())
            .bind(coded.satisfaction)
            .bind(coded.clarity)
            .bind(coded.ease)
            .bind(coded.help_tried)
            .bind(coded.help_reached)
            .bind(coded.help_quality)
            .bind(coded.malfunctions)
            .bind(coded.texts)
            .bind(inserted.iter().map(|one| one.record.demarche.0.as_str()).collect::<Vec<_>>())
            .bind(
                inserted
                    .iter()
                    .map(|one| one.record.bouton.as_ref().map(|bouton| bouton.0.as_str()))
                    .collect::<Vec<_>>(),
            )
            .bind(
                inserted
                    .iter()
                    .map(|one| one.record.language.map(shared::Language::code))
                    .collect::<Vec<_>>(),
            )
            .bind(worded.keys().map(|avis_id| uuid(avis_id.as_bytes())).collect::<Vec<_>>())
            .bind(each(0))
            .bind(each(1))
            .bind(each(2))
            .bind(by_day.units)
            .bind(by_day.demarches)
            .bind(by_day.boutons)
            .bind(by_day.cells)
            .bind(by_month.units)
            .bind(by_month.demarches)
            .bind(by_month.boutons)
            .bind(by_month.cells)
            .bind(days.into_values().collect::<Vec<_>>())
            .bind(inserted.iter().map(|one| quarantine(one.record.set_aside)).collect::<Vec<_>>())
            .execute(&mut *connection)
            .await;
        match saved {
            Err(error) if code(&error).as_deref() == Some(DIVISION_BY_ZERO) => return Ok(None),
            saved => saved.map_err(failed("cannot store avis"))?,
        };
    }
    change(connection, &updated, &bare).await?;
    withdraw(connection, &plan.withdrawn()).await?;
    Ok(Some(new_pages))
}

/// Gives stored avis their new answers. Their rows are locked already.
async fn change(
    connection: &mut PgConnection,
    updated: &[(AvisId, &Answers)],
    bare: &BTreeMap<AvisId, &Answers>,
) -> Result<(), StoreError> {
    if updated.is_empty() {
        return Ok(());
    }
    let ids = |ids: &mut dyn Iterator<Item = &AvisId>| ids.map(|id| uuid(id.as_bytes())).collect::<Vec<_>>();
    let coded = Coded::of(updated.iter().map(|(_, answers)| *answers))?;
    sqlx::query(UPDATE_AVIS)
        .bind(ids(&mut updated.iter().map(|(avis_id, _)| avis_id)))
        .bind(coded.satisfaction)
        .bind(coded.clarity)
        .bind(coded.ease)
        .bind(coded.help_tried)
        .bind(coded.help_reached)
        .bind(coded.help_quality)
        .bind(coded.malfunctions)
        .bind(coded.texts)
        .execute(&mut *connection)
        .await
        .map_err(failed("cannot change avis"))?;
    let taken_back =
        &mut updated.iter().map(|(avis_id, _)| avis_id).filter(|avis_id| bare.contains_key(avis_id));
    delete_texts(connection, &ids(taken_back)).await
}

/// Does an act to a portion of the avis that are meant. Returns how many it was.
pub(super) async fn mend(
    store: &PostgresStore,
    act: &Act,
    selection: &Selection,
    at: Timestamp,
) -> Result<u64, StoreError> {
    let mut race = Race::default();
    loop {
        // Not within a limit of time: to find them may take longer than somebody would wait for an answer.
        if let Some(done) = race.is_over(try_to_mend(store, act, selection, at).await.map(Some)) {
            return done;
        }
    }
}

async fn try_to_mend(
    store: &PostgresStore,
    act: &Act,
    selection: &Selection,
    at: Timestamp,
) -> Result<u64, StoreError> {
    let cannot = failed("cannot mend avis");
    let mut transaction = store.writers.begin().await.map_err(&cannot)?;
    take_your_time(&mut transaction).await?;
    let Period { from, to } = selection.days();
    let between = (AvisId::first_of(from), AvisId::first_of(to.plus(1)));
    let found = avis::portion(&mut transaction, selection, between, " for update of avis").await?;
    let found: HashMap<AvisId, Avis> = found.into_iter().map(|avis| (avis.id, avis)).collect();
    let plan = Plan::mending(&found, act);
    let mended = plan.mended();
    if mended.is_empty() {
        transaction.rollback().await.map_err(failed("cannot end a transaction"))?;
        return Ok(0);
    }
    sqlx::query(MEND_AVIS)
        .bind(mended.iter().map(|(avis, _)| uuid(avis.id.as_bytes())).collect::<Vec<_>>())
        .bind(mended.iter().map(|(_, now)| now.demarche.0.as_str()).collect::<Vec<_>>())
        .bind(
            mended
                .iter()
                .map(|(_, now)| now.bouton.as_ref().map(|bouton| bouton.0.as_str()))
                .collect::<Vec<_>>(),
        )
        .bind(mended.iter().map(|(_, now)| quarantine(now.set_aside)).collect::<Vec<_>>())
        .execute(&mut *transaction)
        .await
        .map_err(&cannot)?;
    save(&mut transaction, store, &plan).await?;
    let detail = act.detail(selection, mended.iter().map(|(avis, _)| *avis));
    journal::add(&mut transaction, at, act.code(), &detail).await?;
    transaction.commit().await.map_err(failed("cannot commit"))?;
    Ok(mended.len() as u64)
}

/// Takes out stored avis. Their rows are locked already.
async fn withdraw(connection: &mut PgConnection, withdrawn: &[AvisId]) -> Result<(), StoreError> {
    if withdrawn.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = withdrawn.iter().map(|avis_id| uuid(avis_id.as_bytes())).collect();
    delete_texts(connection, &ids).await?;
    sqlx::query("delete from avis where avis_id = any($1)")
        .bind(&ids)
        .execute(connection)
        .await
        .map_err(failed("cannot withdraw avis"))?;
    Ok(())
}

async fn delete_texts(connection: &mut PgConnection, ids: &[Uuid]) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query("delete from avis_text where avis_id = any($1)")
        .bind(ids)
        .execute(connection)
        .await
        .map_err(failed("cannot take back the texts of avis"))?;
    Ok(())
}

/// The number of each page that is not known yet.
async fn number_pages(
    connection: &mut PgConnection,
    store: &PostgresStore,
    inserted: &[Inserted<'_>],
) -> Result<HashMap<PageAddress, i32>, StoreError> {
    let cannot = failed("cannot store pages");
    let mut unknown: BTreeMap<(String, String), PageAddress> = inserted
        .iter()
        .filter_map(|one| one.record.page.as_ref())
        .filter(|page| store.pages.known(page).is_none())
        .map(|page| ((page.origin().to_owned(), page.path().to_owned()), page.clone()))
        .collect();
    let mut numbers = HashMap::new();
    // Looked up before they are inserted, since an insert that finds its page there uses up a number all the same; and
    // after it, for what another collector inserted meanwhile.
    for statement in [FIND_PAGES, INSERT_PAGES, FIND_PAGES] {
        if unknown.is_empty() {
            break;
        }
        let rows: Vec<(String, String, i32)> = sqlx::query_as(statement)
            .bind(unknown.keys().map(|(origin, _)| origin.as_str()).collect::<Vec<_>>())
            .bind(unknown.keys().map(|(_, path)| path.as_str()).collect::<Vec<_>>())
            .fetch_all(&mut *connection)
            .await
            .map_err(&cannot)?;
        for (origin, path, number) in rows {
            if let Some(page) = unknown.remove(&(origin, path)) {
                numbers.insert(page, number);
            }
        }
    }
    Ok(numbers)
}

/// Remembers keys that were remembered elsewhere.
pub(super) async fn remember_keys(writers: &PgPool, keys: &[Remembered]) -> Result<(), StoreError> {
    let mut keys = keys.to_vec();
    keys.sort_unstable_by_key(|one| one.avis_id.key());
    for keys in keys.chunks(KEYS) {
        sqlx::query(REMEMBER)
            .bind(keys.iter().map(|one| key_uuid(one.avis_id.key())).collect::<Vec<_>>())
            .bind(keys.iter().map(|one| uuid(one.avis_id.as_bytes())).collect::<Vec<_>>())
            .bind(keys.iter().map(|one| uuid(&one.fingerprint)).collect::<Vec<_>>())
            .bind(keys.iter().map(|one| one.accepted_at.as_millisecond()).collect::<Vec<_>>())
            .execute(writers)
            .await
            .map_err(failed("cannot store idempotency keys"))?;
    }
    Ok(())
}

/// Forgets the keys of what was accepted before this instant, a few at a time, so that nothing waits long.
pub(super) async fn forget_keys(writers: &PgPool, before: Timestamp) -> Result<u64, StoreError> {
    let limit = u64::try_from(KEYS).unwrap_or(u64::MAX);
    let mut forgotten = 0;
    loop {
        let some = within(writers, async |connection| {
            sqlx::query(FORGET)
                .bind(before.as_millisecond())
                .bind(i64::try_from(KEYS).unwrap_or(i64::MAX))
                .bind(i64::try_from(KEY_MEMORY.as_millis()).unwrap_or(i64::MAX))
                .execute(connection)
                .await
                .map_err(failed("cannot forget idempotency keys"))
        })
        .await?
        .rows_affected();
        forgotten += some;
        if some < limit {
            return Ok(forgotten);
        }
    }
}

/// Décomptes as columns.
#[derive(Default)]
pub(super) struct Tallied<'a> {
    pub(super) units: Vec<i32>,
    pub(super) demarches: Vec<&'a str>,
    pub(super) boutons: Vec<&'a str>,
    pub(super) cells: Vec<i32>,
}

impl<'a> Tallied<'a> {
    pub(super) fn push(
        &mut self,
        unit: i32,
        demarche: &'a str,
        bouton: &'a str,
        tally: &Tally,
    ) -> Result<(), StoreError> {
        self.units.push(unit);
        self.demarches.push(demarche);
        self.boutons.push(bouton);
        for count in tally.cells() {
            self.cells
                .push(i32::try_from(*count).map_err(|_| StoreError::message("a décompte is too large"))?);
        }
        Ok(())
    }
}

/// Coded answers as columns.
#[derive(Default)]
struct Coded {
    satisfaction: Vec<i16>,
    clarity: Vec<Option<i16>>,
    ease: Vec<Option<i16>>,
    help_tried: Vec<i16>,
    help_reached: Vec<i16>,
    help_quality: Vec<i16>,
    malfunctions: Vec<i16>,
    texts: Vec<i16>,
}

impl Coded {
    fn of<'a>(answers: impl Iterator<Item = &'a Answers>) -> Result<Self, StoreError> {
        let small =
            |number: i64| i16::try_from(number).map_err(|_| StoreError::message("a code is too large"));
        let mut columns = Self::default();
        for answers in answers {
            let coded = CodedAnswers::of(answers);
            columns.satisfaction.push(small(coded.satisfaction)?);
            columns.clarity.push(coded.clarity.map(small).transpose()?);
            columns.ease.push(coded.ease.map(small).transpose()?);
            columns.help_tried.push(small(coded.help_tried)?);
            columns.help_reached.push(small(coded.help_reached)?);
            columns.help_quality.push(small(coded.help_quality)?);
            columns.malfunctions.push(small(coded.malfunctions)?);
            columns.texts.push(small(coded.texts)?);
        }
        Ok(columns)
    }
}
