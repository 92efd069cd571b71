//! Avis, found by their id and read.
//!
//! Avis are kept in the order in which they came, and no index leads from an id to its row: that of the last
//! 72 hours stands in [`recent`](super::recent) or `remembered`, and an older one is looked for among the
//! avis of its day, which its id tells. It is rare: a withdrawal long after, or an import that is run again.

use super::many_rows::{Bound, ManyRows};
use super::recent::Recent;
use super::{day, failed, get};
use crate::catalogue::{BoutonId, DemarcheId};
use crate::day::Day;
use crate::hexadecimal;
use crate::identity::{AvisId, AvisKey};
use crate::mending::Selection;
use crate::store::encoding::{self, CodedAnswers};
use crate::store::rows::reasons;
use crate::store::selected::push_conditions;
use crate::store::{Avis, PORTION, Period, Rated, StoreError};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use serde::Serialize;
use shared::Language;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection, SqliteExecutor, SqlitePool};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

/// Bits of a number that count within its day.
const WITHIN_DAY: u32 = 32;

/// The numbers that avis of a day may have.
pub(super) fn numbers_of(day: Day) -> Range<i64> {
    i64::from(day.number()) << WITHIN_DAY..(i64::from(day.number()) + 1) << WITHIN_DAY
}

/// The numbers that avis of a period may have.
pub(super) fn numbers_in(period: Period) -> Range<i64> {
    numbers_of(period.from).start..numbers_of(period.to).end
}

/// The day of an avis.
pub(super) fn day_of(avis_no: i64) -> Result<Day, StoreError> {
    day(i32::try_from(avis_no >> WITHIN_DAY).unwrap_or(0))
}

macro_rules! select_avis {
    ($rest:literal) => {
        concat!(
            "select avis_no, avis_key, demarche_id, bouton_id, language, origin, path, satisfaction, clarity, ease,
                help_tried, help_reached, help_quality, malfunctions, texts, help_tried_other, malfunctions_other,
                comment, quarantine
            from avis left join avis_text using (avis_no) left join page using (page_id) ",
            $rest
        )
    };
}

static SELECT_AVIS: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new(select_avis!("where avis_no in ("), 1, ")"));

static SELECT_NUMBERS: LazyLock<ManyRows> =
    LazyLock::new(|| ManyRows::new("select avis_key, avis_no from remembered where avis_key in (", 1, ")"));

/// The avis that have one of these ids, with their numbers.
pub(super) async fn find(
    connection: &mut SqliteConnection,
    recent: &Recent,
    wanted: &[AvisId],
) -> Result<HashMap<AvisId, (i64, Avis)>, StoreError> {
    let numbers = numbers(connection, recent, wanted).await?;
    let bind = |query: Bound, avis_no: &i64| query.bind(*avis_no);
    let rows = SELECT_AVIS.fetch(connection, &numbers, bind, "cannot read avis").await?;
    let wanted: HashSet<&AvisId> = wanted.iter().collect();
    let mut found = HashMap::with_capacity(rows.len());
    for row in &rows {
        let (avis_no, avis) = read(row)?;
        // The number of an avis that was withdrawn may be another's by now.
        if wanted.contains(&avis.id) {
            found.insert(avis.id, (avis_no, avis));
        }
    }
    Ok(found)
}

async fn numbers(
    connection: &mut SqliteConnection,
    recent: &Recent,
    wanted: &[AvisId],
) -> Result<Vec<i64>, StoreError> {
    let cannot = "cannot look for avis";
    let keys: Vec<AvisKey> = wanted.iter().map(AvisId::key).collect();
    let mut remembered: HashMap<AvisKey, i64> =
        recent.find(&keys).into_iter().map(|(avis_no, one)| (one.avis_id.key(), avis_no)).collect();
    let older: Vec<&AvisKey> = keys.iter().filter(|key| !remembered.contains_key(key)).collect();
    let bind = |query: Bound, key: &&AvisKey| query.bind(key.as_bytes().to_vec());
    for row in SELECT_NUMBERS.fetch(connection, &older, bind, cannot).await? {
        remembered.insert(read_key(&row, 0)?, get(&row, 1)?);
    }
    let mut numbers = Vec::with_capacity(wanted.len());
    let mut older: BTreeMap<Day, Vec<AvisKey>> = BTreeMap::new();
    for avis_id in wanted {
        let Some(day) = avis_id.day() else { continue };
        match remembered.get(&avis_id.key()) {
            Some(avis_no) if numbers_of(day).contains(avis_no) => numbers.push(*avis_no),
            _ => {
                older.entry(day).or_default().push(avis_id.key());
            }
        }
    }
    for (day, keys) in older {
        // In one go through the day, where all others are left: to hand each over would take far longer.
        let found: Vec<i64> = sqlx::query_scalar(
            "select avis_no from avis where avis_no >= ? and avis_no < ?
                and avis_key in (select unhex(value) from json_each(?))",
        )
        .bind(numbers_of(day).start)
        .bind(numbers_of(day).end)
        .bind(json_of_keys(&keys)?)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed(cannot))?;
        numbers.extend(found);
    }
    Ok(numbers)
}

/// Keys as `json_each` takes them.
fn json_of_keys(keys: &[AvisKey]) -> Result<String, StoreError> {
    json_of(&keys.iter().map(|key| hexadecimal::encode(key.as_bytes())).collect::<Vec<_>>())
}

/// A list as `json_each` takes it.
pub(super) fn json_of(list: &[impl Serialize]) -> Result<String, StoreError> {
    serde_json::to_string(list).map_err(|error| StoreError::new("cannot look for avis", error))
}

/// The avis of a day, in the order of their ids.
pub(super) async fn of_day(connection: &mut SqliteConnection, day: Day) -> Result<Vec<Avis>, StoreError> {
    let rows = sqlx::query(select_avis!("where avis_no >= ? and avis_no < ?"))
        .bind(numbers_of(day).start)
        .bind(numbers_of(day).end)
        .fetch_all(connection)
        .await
        .map_err(failed("cannot read the avis of a day"))?;
    let mut avis = rows.iter().map(|row| Ok(read(row)?.1)).collect::<Result<Vec<_>, StoreError>>()?;
    avis.sort_unstable_by_key(|avis| avis.id);
    Ok(avis)
}

/// The numbers of avis among which some are looked for.
pub(super) enum Among {
    /// All between two.
    Between(Range<i64>),
    /// These.
    These(Vec<i64>),
}

/// The avis that are meant among those of these numbers, in their order, as many as one reading takes.
pub(super) async fn portion(
    executor: impl SqliteExecutor<'_>,
    selection: &Selection,
    among: &Among,
) -> Result<Vec<(i64, Avis)>, StoreError> {
    // Those in quarantine are few, and an index of them alone leads to each. Left to itself, SQLite goes through all.
    let by = if selection.kept.is_aside() { "indexed by avis_quarantine" } else { "not indexed" };
    let mut query: QueryBuilder<Sqlite> = QueryBuilder::new(format!(
        "select avis_no, avis_key, demarche_id, bouton_id, language, origin, path, {packed}, help_tried_other,
            malfunctions_other, comment, quarantine
        from avis {by} left join avis_text using (avis_no) left join page using (page_id) where ",
        packed = encoding::packed()
    ));
    match among {
        Among::Between(numbers) => {
            query.push("avis_no >= ").push_bind(numbers.start).push(" and avis_no < ").push_bind(numbers.end);
        }
        Among::These(numbers) => {
            query.push("avis_no in (select value from json_each(").push_bind(json_of(numbers)?).push("))");
        }
    }
    push_conditions(&mut query, selection);
    if !selection.avis.is_empty() {
        let keys: Vec<AvisKey> = selection.avis.iter().map(AvisId::key).collect();
        query
            .push(" and avis_key in (select unhex(value) from json_each(")
            .push_bind(json_of_keys(&keys)?)
            .push("))");
    }
    query.push(" order by avis_no limit ").push_bind(PORTION);
    let rows = query.build().fetch_all(executor).await.map_err(failed("cannot read avis"))?;
    rows.iter().map(read_packed).collect()
}

/// The avis that are meant, some at a time. No index leads to those that count, so each statement reads a month of them at
/// most, from the first avis that there is: months and years without any are passed over.
pub(super) fn selected<'a>(
    readers: &'a SqlitePool,
    selection: &'a Selection,
) -> BoxStream<'a, Result<Vec<Avis>, StoreError>> {
    let all = numbers_in(selection.days());
    let portions = stream::try_unfold(all.start, move |mut from| async move {
        while let Some(numbers) = next(readers, selection, from..all.end).await? {
            let some = portion(readers, selection, &Among::Between(numbers.clone())).await?;
            from = match some.last() {
                Some((avis_no, _)) if some.len() == PORTION as usize => avis_no + 1,
                _ => numbers.end,
            };
            if !some.is_empty() {
                let avis: Vec<Avis> = some.into_iter().map(|(_, avis)| avis).collect();
                return Ok(Some((avis, from)));
            }
        }
        Ok(None)
    });
    portions.boxed()
}

/// The numbers to read next of those that are left; none once there is nothing among them.
async fn next(
    readers: &SqlitePool,
    selection: &Selection,
    left: Range<i64>,
) -> Result<Option<Range<i64>>, StoreError> {
    if left.is_empty() || selection.kept.is_aside() {
        return Ok((!left.is_empty()).then_some(left));
    }
    let Some(first) = first_number(readers, left.clone()).await? else { return Ok(None) };
    let end = numbers_of(day_of(first)?.last_of_month()).end;
    Ok(Some(first..end.min(left.end)))
}

/// The first of these numbers that an avis has, whatever its démarche.
pub(super) async fn first_number(
    readers: &SqlitePool,
    numbers: Range<i64>,
) -> Result<Option<i64>, StoreError> {
    sqlx::query_scalar("select min(avis_no) from avis where avis_no >= ? and avis_no < ?")
        .bind(numbers.start)
        .bind(numbers.end)
        .fetch_one(readers)
        .await
        .map_err(failed("cannot look for avis"))
}

/// How often each satisfaction was given in a period, by démarche and page.
pub(super) async fn rated_by_page(readers: &SqlitePool, period: Period) -> Result<Vec<Rated>, StoreError> {
    let rows = sqlx::query(
        "select demarche_id, origin, path, satisfaction, avis from (
            select demarche_id, page_id, satisfaction, count(*) as avis from avis
            where avis_no >= ? and avis_no < ? and quarantine is null group by demarche_id, page_id, satisfaction
        ) left join page using (page_id)",
    )
    .bind(numbers_of(period.from).start)
    .bind(numbers_of(period.to).end)
    .fetch_all(readers)
    .await
    .map_err(failed("cannot count avis by page"))?;
    let rated = |row: &SqliteRow| {
        let (origin, path): (Option<String>, Option<String>) = (get(row, 1)?, get(row, 2)?);
        Ok(Rated {
            demarche: DemarcheId(get(row, 0)?),
            page: origin.zip(path),
            satisfaction: encoding::choice(get(row, 3)?)?,
            avis: get::<i64>(row, 4)?.try_into().unwrap_or(0),
        })
    };
    rows.iter().map(rated).collect()
}

fn read(row: &SqliteRow) -> Result<(i64, Avis), StoreError> {
    assemble(row, DemarcheId(get(row, 2)?), 3, read_answers(row, 7)?, 15)
}

fn read_packed(row: &SqliteRow) -> Result<(i64, Avis), StoreError> {
    assemble(row, DemarcheId(get(row, 2)?), 3, CodedAnswers::of_packed(get(row, 7)?), 8)
}

/// An avis of a row that begins with its number and key, and has its bouton, language and page from one column on, and
/// its texts and quarantine from another.
fn assemble(
    row: &SqliteRow,
    demarche: DemarcheId,
    place: usize,
    coded: CodedAnswers,
    texts: usize,
) -> Result<(i64, Avis), StoreError> {
    let avis_no = get(row, 0)?;
    let day = day_of(avis_no)?;
    let bouton: Option<String> = get(row, place)?;
    let language: Option<String> = get(row, place + 1)?;
    let (origin, path): (Option<String>, Option<String>) = (get(row, place + 2)?, get(row, place + 3)?);
    let avis = Avis {
        id: read_key(row, 1)?.on(day),
        demarche,
        bouton: bouton.map(BoutonId),
        day,
        language: language.as_deref().and_then(Language::from_tag),
        page: origin.zip(path),
        answers: coded.answers_with([get(row, texts)?, get(row, texts + 1)?, get(row, texts + 2)?])?,
        tally: coded.tally()?,
        set_aside: reasons(get(row, texts + 3)?)?,
    };
    Ok((avis_no, avis))
}

/// The coded answers of a row, from this column on.
pub(super) fn read_answers(row: &SqliteRow, first: usize) -> Result<CodedAnswers, StoreError> {
    Ok(CodedAnswers {
        satisfaction: get(row, first)?,
        clarity: get(row, first + 1)?,
        ease: get(row, first + 2)?,
        help_tried: get(row, first + 3)?,
        help_reached: get(row, first + 4)?,
        help_quality: get(row, first + 5)?,
        malfunctions: get(row, first + 6)?,
        texts: get(row, first + 7)?,
    })
}

pub(super) fn read_key(row: &SqliteRow, index: usize) -> Result<AvisKey, StoreError> {
    let bytes: Vec<u8> = get(row, index)?;
    bytes
        .try_into()
        .map(AvisKey::from_bytes)
        .map_err(|_| StoreError::message("the database holds the key of an avis of another length"))
}
