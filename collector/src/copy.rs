//! From one store to another, whatever their databases: everything, compared, and again where it was cut short.
//!
//! A day at a time. What is there is left as it is and compared all the same, so that a copy that was cut goes on,
//! and one into a database of something else stops.

use crate::catalogue::{Catalogue, Demarche, DemarcheId};
use crate::day::Day;
use crate::satisfaction::{Document, Figures};
use crate::store::{
    Avis, CatalogueError, CountedIn, OnReplay, Outcome, Period, Record, Store, StoreError, Write,
};
use jiff::SignedDuration;
use shared::draft::AnswersPatch;
use shared::{Answers, PageAddress, Tally};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Avis of one commit.
const COMMIT: usize = 8_192;

/// What was copied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Copied {
    /// Avis that were written.
    pub written: u64,
    /// Avis that were there.
    pub there: u64,
    /// Days that hold the same.
    pub days: usize,
    /// Months that hold the same.
    pub months: usize,
}

/// Why a store is not a copy of another.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The target holds something else.
    #[error("{0}: the target is no part of a copy of the source; copy into a new database")]
    Foreign(String),
    /// The source was written meanwhile.
    #[error(
        "the source was written meanwhile: stop its collectors and run this again; if it then finds a difference, \
         copy into a new database"
    )]
    Moving,
    /// What the source holds cannot be written as it is.
    #[error("avis {0} cannot be copied as it is: {1}")]
    Inexact(crate::identity::AvisId, &'static str),
    /// The copy is not what was copied.
    #[error("{0} differ between source and target; `collector verify` tells whether the source is sound")]
    Different(String),
    /// The catalogue of the target was not changed.
    #[error("target: {0}")]
    Catalogue(#[from] CatalogueError),
    /// A store failed.
    #[error("{}", .0.chain())]
    Store(#[from] StoreError),
}

/// Copies everything, telling how many of how many days and months are done.
///
/// # Errors
/// The target holds anything that the source does not, the source is written meanwhile, or a store fails.
pub async fn copy(
    source: &dyn Store,
    target: &dyn Store,
    progress: impl Fn(u64, u64),
) -> Result<Copied, CopyError> {
    let before = moved(source).await?;
    let spans = source.spans().await?;
    refuse_foreign_spans(&spans, &target.spans().await?)?;
    copy_secret(source, target).await?;
    copy_catalogue(source, target).await?;
    let days: Vec<Day> = spans.iter().copied().filter_map(day_of).collect();
    let mut copied = Copied { days: days.len(), months: spans.len() - days.len(), ..Copied::default() };
    let all = u64::try_from(days.len() + spans.len()).unwrap_or(u64::MAX);
    let mut done = 0;
    let mut step = || {
        done += 1;
        progress(done, all);
    };
    for day in days {
        copy_day(source, target, day, &mut copied).await?;
        step();
    }
    target.remember_keys(&source.keys().await?).await?;
    compare_keys(source, target).await?;
    for span in spans {
        compare(source, target, span).await?;
        step();
    }
    if moved(source).await? != before {
        return Err(CopyError::Moving);
    }
    Ok(copied)
}

/// What moves when a store is written.
async fn moved(store: &dyn Store) -> Result<(i64, i64, usize), StoreError> {
    Ok((store.version(Period::ALL).await?, store.catalogue_version().await?, store.keys().await?.len()))
}

fn day_of(span: CountedIn) -> Option<Day> {
    match span {
        CountedIn::Day(day) => Some(day),
        CountedIn::Month(_) => None,
    }
}

fn refuse_foreign_spans(source: &[CountedIn], target: &[CountedIn]) -> Result<(), CopyError> {
    let known: BTreeSet<&CountedIn> = source.iter().collect();
    target.iter().find(|span| !known.contains(span)).map_or(Ok(()), |span| {
        Err(CopyError::Foreign(format!("the target has avis of {}, the source has none", named(*span))))
    })
}

async fn copy_secret(source: &dyn Store, target: &dyn Store) -> Result<(), CopyError> {
    let keys = source.dated_secret().await?;
    for there in target.dated_secret().await? {
        if !keys.contains(&there) {
            return Err(CopyError::Foreign(format!("the target has another secret key {}", there.0.id)));
        }
    }
    for (key, day) in &keys {
        target.add_secret_key(key, *day).await?;
    }
    if target.dated_secret().await?.len() == keys.len() {
        Ok(())
    } else {
        Err(CopyError::Different("the keys of the secret".to_owned()))
    }
}

async fn copy_catalogue(source: &dyn Store, target: &dyn Store) -> Result<(), CopyError> {
    let (whole, there) = (source.catalogue().await?, target.catalogue().await?);
    let demarches = missing(whole.demarches(), there.demarches(), |one| format!("démarche {}", one.id.0))?;
    let boutons = missing(whole.boutons(), there.boutons(), |one| format!("bouton {}", one.id.0))?;
    let keys = missing(whole.keys(), there.keys(), |one| format!("key {}", one.id))?;
    if !demarches.is_empty() {
        target.add_demarches(&demarches).await?;
    }
    if !boutons.is_empty() {
        target.add_boutons(&boutons).await?;
    }
    if !keys.is_empty() {
        target.load_keys(&keys).await?;
    }
    let there = target.catalogue().await?;
    let same = whole.demarches() == there.demarches()
        && whole.boutons() == there.boutons()
        && whole.keys() == there.keys();
    if same { Ok(()) } else { Err(CopyError::Different("démarches, boutons or keys".to_owned())) }
}

/// What the target lacks; an error if it has something that the source has not.
fn missing<T: Clone + PartialEq>(
    source: &[T],
    target: &[T],
    name: impl Fn(&T) -> String,
) -> Result<Vec<T>, CopyError> {
    let names: HashMap<String, &T> = source.iter().map(|one| (name(one), one)).collect();
    let mut there = BTreeSet::new();
    for one in target {
        match names.get(&name(one)) {
            Some(same) if *same == one => there.insert(name(one)),
            Some(_) => return Err(CopyError::Foreign(format!("{} is another in the target", name(one)))),
            None => return Err(CopyError::Foreign(format!("{} is in the target alone", name(one)))),
        };
    }
    Ok(source.iter().filter(|one| !there.contains(&name(one))).cloned().collect())
}

/// Copies the avis of a day. One on which the target counts the same was copied and compared before.
async fn copy_day(
    source: &dyn Store,
    target: &dyn Store,
    day: Day,
    copied: &mut Copied,
) -> Result<(), CopyError> {
    let period = Period { from: day, to: day };
    let counts = tallies(source, period).await?;
    if counts == tallies(target, period).await? {
        copied.there += counts.values().map(avis_counted).sum::<u64>();
        return Ok(());
    }
    let avis = source.avis_of(day).await?;
    for some in avis.chunks(COMMIT) {
        let writes = some.iter().map(write).collect::<Result<Vec<_>, _>>()?;
        for outcome in target.commit(&writes).await? {
            match outcome {
                Outcome::Recorded => copied.written += 1,
                _ => copied.there += 1,
            }
        }
    }
    if target.avis_of(day).await? == avis {
        Ok(())
    } else {
        Err(CopyError::Foreign(format!("the avis of {day} are others in the target")))
    }
}

fn avis_counted(tally: &Tally) -> u64 {
    tally.count(shared::tally::Cell::Answered(shared::questionnaire::Question::Satisfaction))
}

async fn tallies(store: &dyn Store, period: Period) -> Result<BTreeMap<DemarcheId, Tally>, StoreError> {
    let tallies = store.tallies(period).await?;
    Ok(tallies.into_iter().filter(|(_, tally)| !tally.is_zero()).collect())
}

/// A stored avis as a new one that is stored the same.
fn write(avis: &Avis) -> Result<Write, CopyError> {
    let inexact = |why| CopyError::Inexact(avis.id, why);
    let answers = AnswersPatch::between(&Answers::default(), &avis.answers)
        .apply(&Answers::default())
        .map_err(|_| inexact("its answers contradict one another"))?;
    // A text that is counted and no longer kept would cease to be counted.
    if Tally::of(&answers) != avis.tally {
        return Err(inexact("a text that it counts is kept no longer"));
    }
    let page = match &avis.page {
        None => None,
        Some((origin, path)) => Some(
            PageAddress::parse(&format!("{origin}{path}"))
                .filter(|page| page.origin() == origin && page.path() == path)
                .ok_or_else(|| inexact("its page is none that would be stored"))?,
        ),
    };
    Ok(Write::Record(Box::new(Record {
        avis_id: avis.id,
        remember: false,
        former_keys: vec![],
        fingerprint: [0; 16],
        on_replay: OnReplay::Exact,
        closed: false,
        accepted_at: avis.day.end() - SignedDuration::from_hours(12),
        demarche: avis.demarche.clone(),
        bouton: avis.bouton.clone(),
        language: avis.language,
        page,
        answers,
    })))
}

/// The keys of the source are all remembered, and no others.
async fn compare_keys(source: &dyn Store, target: &dyn Store) -> Result<(), CopyError> {
    let (mut ours, mut theirs) = (source.keys().await?, target.keys().await?);
    for keys in [&mut ours, &mut theirs] {
        keys.sort_unstable_by_key(|one| one.avis_id);
    }
    if ours == theirs {
        Ok(())
    } else {
        Err(CopyError::Foreign(
            "the idempotency keys of the last 72 hours are others in the target".to_owned(),
        ))
    }
}

/// Compares décomptes and their recount; of a month, the averages as published too.
async fn compare(source: &dyn Store, target: &dyn Store, span: CountedIn) -> Result<(), CopyError> {
    let (ours, theirs) = (source.audit(span).await?, target.audit(span).await?);
    if ours != theirs || ours.iter().any(|one| one.stored != one.counted) {
        return Err(CopyError::Different(format!("the décomptes of {}", named(span))));
    }
    if let CountedIn::Month(month) = span
        && averages(source, month).await? != averages(target, month).await?
    {
        return Err(CopyError::Different(format!("the averages of {}", named(span))));
    }
    Ok(())
}

/// The averages of a month, as published.
async fn averages(store: &dyn Store, month: i32) -> Result<Vec<u8>, CopyError> {
    let none = || CopyError::Different(format!("the averages of {}", named(CountedIn::Month(month))));
    let from = Day::from_number(month * 100 + 1).ok_or_else(none)?;
    let period = Period { from, to: from.last_of_month() };
    let catalogue: Catalogue = store.catalogue().await?;
    let mut tallies = tallies(store, period).await?;
    let mut figures = |one: &Demarche| Figures::whole(&tallies.remove(&one.id).unwrap_or_default());
    let demarches = catalogue.demarches().iter().map(|one| (one, figures(one))).collect();
    serde_json::to_vec(&Document { period, closed: true, demarches }).map_err(|_| none())
}

fn named(span: CountedIn) -> String {
    match span {
        CountedIn::Day(day) => day.to_string(),
        CountedIn::Month(month) => format!("{}-{:02}", month / 100, month % 100),
    }
}

#[cfg(test)]
mod tests;
