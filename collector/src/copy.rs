//! From one store to another, whatever their databases: everything, compared, and again where it was cut short or the
//! source has moved on.
//!
//! A day at a time, avis by avis: what the target lacks is written, what has other answers is changed, what the source
//! has no more is withdrawn. So a target is made equal however often that takes, and it must be one that nobody else
//! writes: one that holds avis has to bear the mark of a copy, and the same secret.

use crate::assets::KeptAsset;
use crate::catalogue::{Bouton, Catalogue, Demarche, DemarcheId};
use crate::day::Day;
use crate::edition::{Edition, NewEdition, ReadError};
use crate::identity::{AvisId, AvisKey};
use crate::retention::{self, Kept, Purge};
use crate::satisfaction::{Document, Figures, Standing};
use crate::store::{
    Avis, BoutonChange, CatalogueError, CountedIn, DemarcheChange, OnReplay, Outcome, Period, Record,
    Remembered, Store, StoreError, Write,
};
use jiff::{SignedDuration, Timestamp};
use shared::draft::AnswersPatch;
use shared::{Answers, PageAddress, Tally, ValidAnswers};
use std::collections::{BTreeMap, HashMap};

/// Avis of one commit.
const COMMIT: usize = 8_192;

/// What a target remembers so long as nobody but a copy writes it: an idempotency key so old that the first collector
/// that serves forgets it as it starts. Without it, avis that the source does not have may be a live service's, and
/// are not to be withdrawn.
const MARK: [u8; 12] = [0; 12];

/// What was copied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Copied {
    /// Avis that were written.
    pub written: u64,
    /// Avis that were there.
    pub there: u64,
    /// Avis that had other answers in the target.
    pub changed: u64,
    /// Avis that were of another démarche or bouton in the target, or in quarantine there and not in the source, or the
    /// other way round.
    pub mended: u64,
    /// Avis that the source has no more.
    pub withdrawn: u64,
    /// Avis in whose page a NUL, which PostgreSQL takes nowhere, stands as U+FFFD.
    pub replaced: u64,
    /// Days that hold the same.
    pub days: usize,
    /// Months that hold the same.
    pub months: usize,
    /// Editions that are the same.
    pub editions: usize,
    /// Files for pages that are the same.
    pub assets: usize,
    /// Entries of the journal that are the same.
    pub entries: usize,
}

/// Why a store is not a copy of another.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The target holds something else.
    #[error("{0}: the target is no copy of the source, and was left as it is; copy into a new database")]
    Foreign(String),
    /// The source was written meanwhile.
    #[error(
        "the source was written meanwhile: what was copied stays; stop its collectors and run this again, which brings \
         over the rest"
    )]
    Moving,
    /// What the source holds cannot be written as it is.
    #[error("avis {0} cannot be copied as it is: {1}")]
    Inexact(AvisId, &'static str),
    /// The copy is not what was copied.
    #[error("{0} differ between source and target; `collector verify` tells whether the source is sound")]
    Different(String),
    /// An edition of the source cannot be read.
    #[error("source: {0}")]
    Edition(#[from] ReadError),
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
/// The target is no copy of the source, the source is written meanwhile, or a store fails.
pub async fn copy(
    source: &dyn Store,
    target: &dyn Store,
    progress: impl Fn(u64, u64),
) -> Result<Copied, CopyError> {
    let before = moved(source).await?;
    let copied = copy_all(source, target, progress).await;
    match copied {
        Ok(_) | Err(CopyError::Different(_)) if moved(source).await? != before => Err(CopyError::Moving),
        copied => copied,
    }
}

async fn copy_all(
    source: &dyn Store,
    target: &dyn Store,
    progress: impl Fn(u64, u64),
) -> Result<Copied, CopyError> {
    let may_change = begin(source, target).await?;
    copy_catalogue(source, target, may_change).await?;
    let assets = copy_assets(source, target, may_change).await?;
    let editions = copy_editions(source, target).await?;
    let entries = copy_journal(source, target).await?;
    copy_purges(source, target).await?;
    let mut spans = source.spans().await?;
    spans.extend(target.spans().await?);
    spans.sort_unstable();
    spans.dedup();
    let days: Vec<Day> = spans.iter().copied().filter_map(day_of).collect();
    let months = spans.len() - days.len();
    let mut copied = Copied { days: days.len(), months, editions, assets, entries, ..Copied::default() };
    let all = u64::try_from(days.len() + spans.len()).unwrap_or(u64::MAX);
    let mut done = 0;
    let mut step = || {
        done += 1;
        progress(done, all);
    };
    for day in days {
        copy_day(source, target, day, may_change, &mut copied).await?;
        step();
    }
    copy_keys(source, target).await?;
    for span in spans {
        compare(source, target, span).await?;
        step();
    }
    Ok(copied)
}

/// What moves when a store is written. A comment that is written anew moves nothing: what is sure is a copy of a source
/// that nobody serves.
async fn moved(store: &dyn Store) -> Result<(i64, i64, Vec<Edition>, usize), StoreError> {
    let (version, catalogue) = (store.version(Period::ALL).await?, store.catalogue_version().await?);
    Ok((version, catalogue, store.editions().await?, store.journal().await?.len()))
}

fn day_of(span: CountedIn) -> Option<Day> {
    match span {
        CountedIn::Day(day) => Some(day),
        CountedIn::Month(_) => None,
    }
}

/// Makes sure that the target is new or a copy of the source, and marks it. Whether what it holds may be changed: a
/// source whose secret is in a file cannot be told from another one.
async fn begin(source: &dyn Store, target: &dyn Store) -> Result<bool, CopyError> {
    let (keys, there) = (source.dated_secret().await?, target.dated_secret().await?);
    if let Some((other, _)) = there.iter().find(|key| !keys.contains(key)) {
        return Err(CopyError::Foreign(format!("the target has another secret key {}", other.id)));
    }
    let is_marked = target.keys().await?.iter().any(is_mark);
    if !is_marked && !target.spans().await?.is_empty() {
        return Err(CopyError::Foreign(
            "the target holds avis and was not made by a copy, or was served since".to_owned(),
        ));
    }
    mark(target).await?;
    for (key, day) in &keys {
        target.add_secret_key(key, *day).await?;
    }
    if target.dated_secret().await?.len() != keys.len() {
        return Err(CopyError::Different("the keys of the secret".to_owned()));
    }
    Ok(is_marked && !keys.is_empty())
}

async fn mark(target: &dyn Store) -> Result<(), StoreError> {
    let avis_id = AvisKey::from_bytes(MARK).on(Period::ALL.from);
    let mark = Remembered { avis_id, fingerprint: [0; 16], accepted_at: Timestamp::UNIX_EPOCH };
    target.remember_keys(&[mark]).await
}

fn is_mark(one: &Remembered) -> bool {
    *one.avis_id.key().as_bytes() == MARK
}

async fn copy_catalogue(source: &dyn Store, target: &dyn Store, may_change: bool) -> Result<(), CopyError> {
    let (whole, there) = (source.catalogue().await?, target.catalogue().await?);
    let named = |one: &Demarche| format!("démarche {}", one.id.0);
    let demarches = News::of(whole.demarches(), there.demarches(), named, may_change)?;
    let named = |one: &Bouton| format!("bouton {}", one.id.0);
    let boutons = News::of(whole.boutons(), there.boutons(), named, may_change)?;
    let keys = News::of(whole.keys(), there.keys(), |one| format!("key {}", one.id), may_change)?;
    for (one, was) in &demarches.changed {
        target.change_demarche(&one.id, &demarche_change(one, was)).await?;
    }
    for (one, was) in &boutons.changed {
        target.change_bouton(&one.id, &bouton_change(one, was)).await?;
    }
    for (one, _) in keys.changed.iter().filter(|(one, _)| one.revoked) {
        target.revoke_key(one.id).await?;
    }
    if !demarches.missing.is_empty() {
        target.add_demarches(&demarches.missing).await?;
    }
    if !boutons.missing.is_empty() {
        target.add_boutons(&boutons.missing).await?;
    }
    if !keys.missing.is_empty() {
        target.load_keys(&keys.missing).await?;
    }
    let there = target.catalogue().await?;
    let uses = source.key_uses().await?;
    target.note_key_uses(&uses).await?;
    let same = whole.demarches() == there.demarches()
        && whole.boutons() == there.boutons()
        && whole.keys() == there.keys()
        && target.key_uses().await? == uses;
    if same { Ok(()) } else { Err(CopyError::Different("démarches, boutons or keys".to_owned())) }
}

/// What a target has to learn about one kind of things.
struct News<'a, T> {
    missing: Vec<T>,
    /// As it is in the source, and as it is in the target.
    changed: Vec<(&'a T, &'a T)>,
}

impl<'a, T: Clone + PartialEq> News<'a, T> {
    /// An error if the target has something that the source has not, or another one that may not be changed.
    fn of(
        source: &'a [T],
        target: &'a [T],
        name: impl Fn(&T) -> String,
        may_change: bool,
    ) -> Result<Self, CopyError> {
        let mut there: HashMap<String, &T> = target.iter().map(|one| (name(one), one)).collect();
        let mut news = Self { missing: vec![], changed: vec![] };
        for one in source {
            match there.remove(&name(one)) {
                None => news.missing.push(one.clone()),
                Some(same) if same == one => {}
                Some(was) if may_change => news.changed.push((one, was)),
                Some(_) => {
                    return Err(CopyError::Foreign(format!("{} is another in the target", name(one))));
                }
            }
        }
        match there.keys().min() {
            Some(alone) => Err(CopyError::Foreign(format!("{alone} is in the target alone"))),
            None => Ok(news),
        }
    }
}

fn demarche_change(one: &Demarche, was: &Demarche) -> DemarcheChange {
    DemarcheChange {
        title: Some(one.title.clone()),
        administration: Some(one.administration.clone()),
        ministry: one.ministry.clone(),
        audience: Some(one.audience.clone()),
        remove_aliases: added(&was.aliases, &one.aliases),
        add_aliases: added(&one.aliases, &was.aliases),
        essential: Some(one.essential),
        closed: Some(one.closed),
    }
}

fn bouton_change(one: &Bouton, was: &Bouton) -> BoutonChange {
    BoutonChange {
        label: one.label.clone(),
        channel: Some(one.channel),
        remove_aliases: added(&was.aliases, &one.aliases),
        add_aliases: added(&one.aliases, &was.aliases),
        origins: Some(one.origins.clone()),
        closed: Some(one.closed),
    }
}

fn added(names: &[String], before: &[String]) -> Vec<String> {
    names.iter().filter(|name| !before.contains(name)).cloned().collect()
}

/// Makes the avis of a day those of the source.
async fn copy_day(
    source: &dyn Store,
    target: &dyn Store,
    day: Day,
    may_change: bool,
    copied: &mut Copied,
) -> Result<(), CopyError> {
    let mut avis = source.avis_of(day).await?;
    for (_, path) in avis.iter_mut().filter_map(|one| one.page.as_mut()) {
        if path.contains('\0') {
            *path = path.replace('\0', "\u{fffd}");
            copied.replaced += 1;
        }
    }
    let there = target.avis_of(day).await?;
    // No avis knows when it was accepted; the day knows it of its last one, which the target then has the same.
    let last_avis_at = source.freshness(Period { from: day, to: day }).await?.last_avis_at;
    let accepted_at = last_avis_at.unwrap_or_else(|| day.end() - SignedDuration::from_hours(12));
    let Differences { gone, mended, writes } = differences(day, accepted_at, &avis, &there, may_change)?;
    let recorded = writes.iter().filter(|write| matches!(write, Write::Record(_))).count();
    copied.there += (avis.len() + mended.len() - recorded) as u64;
    copied.withdrawn += gone.len() as u64;
    copied.mended += mended.len() as u64;
    // First and by themselves: what is withdrawn and written in one batch stays withdrawn.
    let withdrawals: Vec<Write> =
        gone.iter().chain(&mended).map(|avis_id| Write::Withdraw(vec![*avis_id])).collect();
    for some in withdrawals.chunks(COMMIT) {
        target.commit(some).await?;
    }
    for some in writes.chunks(COMMIT) {
        for outcome in target.commit(some).await? {
            match outcome {
                Outcome::Recorded => copied.written += 1,
                Outcome::Changed => copied.changed += 1,
                _ => {}
            }
        }
    }
    copied.written -= mended.len() as u64;
    if withdrawals.is_empty() && writes.is_empty() || target.avis_of(day).await? == avis {
        Ok(())
    } else {
        Err(CopyError::Different(format!("the avis of {day}")))
    }
}

/// What has to be written for what is there to become these avis of a day.
struct Differences {
    /// What the source has no more.
    gone: Vec<AvisId>,
    /// What counts otherwise there, and is written anew.
    mended: Vec<AvisId>,
    writes: Vec<Write>,
}

fn differences(
    day: Day,
    accepted_at: Timestamp,
    avis: &[Avis],
    there: &[Avis],
    may_change: bool,
) -> Result<Differences, CopyError> {
    let others = || CopyError::Foreign(format!("the avis of {day} are others in the target"));
    let mut there: HashMap<AvisId, &Avis> = there.iter().map(|one| (one.id, one)).collect();
    let (mut mended, mut writes) = (Vec::new(), Vec::new());
    for one in avis {
        match there.remove(&one.id) {
            None => writes.push(write(one, accepted_at)?),
            Some(same) if same == one => {}
            Some(was) if may_change && counts_otherwise(one, was) => {
                mended.push(one.id);
                writes.push(write(one, accepted_at)?);
            }
            Some(was) if may_change => writes.push(change(one, was).ok_or_else(others)??),
            Some(_) => return Err(others()),
        }
    }
    if !there.is_empty() && !may_change {
        return Err(others());
    }
    Ok(Differences { gone: there.into_keys().collect(), mended, writes })
}

/// Whether an avis counts for another démarche or bouton, or in quarantine and not, as an operator may have it.
fn counts_otherwise(avis: &Avis, was: &Avis) -> bool {
    (&avis.demarche, &avis.bouton, avis.set_aside) != (&was.demarche, &was.bouton, was.set_aside)
}

/// A stored avis as a new one that is stored the same.
fn write(avis: &Avis, accepted_at: Timestamp) -> Result<Write, CopyError> {
    Ok(Write::Record(Box::new(Record {
        avis_id: avis.id,
        remember: false,
        former_keys: vec![],
        fingerprint: [0; 16],
        on_replay: OnReplay::Exact,
        closed: false,
        accepted_at,
        demarche: avis.demarche.clone(),
        bouton: avis.bouton.clone(),
        language: avis.language,
        page: avis.page.clone().map(|(origin, path)| PageAddress::kept(origin, path)),
        answers: answers(avis, &Answers::default())?,
        set_aside: avis.set_aside,
    })))
}

/// The change by which an avis of the same place becomes what the source has of it; none if more than its answers differs,
/// which nobody can change.
fn change(avis: &Avis, was: &Avis) -> Option<Result<Write, CopyError>> {
    let same = (avis.language, &avis.page) == (was.language, &was.page);
    same.then(|| {
        answers(avis, &was.answers)?;
        Ok(Write::Change(avis.id, AnswersPatch::between(&was.answers, &avis.answers)))
    })
}

/// The answers of an avis, if they are stored the same once they have taken the place of these.
fn answers(avis: &Avis, was: &Answers) -> Result<ValidAnswers, CopyError> {
    let inexact = |why| CopyError::Inexact(avis.id, why);
    let answers = AnswersPatch::between(was, &avis.answers)
        .apply(was)
        .map_err(|_| inexact("its answers contradict one another"))?;
    // A text that is kept no longer is empty, and counts.
    if Tally::of(&answers) == avis.tally { Ok(answers) } else { Err(inexact("it counts for something else")) }
}

/// Remembers the idempotency keys of the source. Others that the target remembers are those that the source has
/// forgotten since, and the first collector of the target will.
async fn copy_keys(source: &dyn Store, target: &dyn Store) -> Result<(), CopyError> {
    let by_key = |keys: Vec<Remembered>| -> HashMap<AvisKey, Remembered> {
        keys.into_iter().map(|one| (one.avis_id.key(), one)).collect()
    };
    let mut keys = source.keys().await?;
    keys.retain(|one| !is_mark(one));
    let mut there = by_key(target.keys().await?);
    // One that was used again after 72 hours stays as it was unless it is forgotten first.
    let used_again = keys.iter().filter_map(|one| there.get(&one.avis_id.key()).filter(|was| *was != one));
    if let Some(last) = used_again.map(|was| was.accepted_at).max() {
        target.forget_keys(last + SignedDuration::from_millis(1)).await?;
        mark(target).await?;
        there = by_key(target.keys().await?);
    }
    let is_there = |one: &Remembered, there: &HashMap<_, _>| there.get(&one.avis_id.key()) == Some(one);
    let missing: Vec<Remembered> = keys.iter().filter(|one| !is_there(one, &there)).copied().collect();
    if missing.is_empty() {
        return Ok(());
    }
    target.remember_keys(&missing).await?;
    let there = by_key(target.keys().await?);
    if keys.iter().all(|one| is_there(one, &there)) {
        Ok(())
    } else {
        Err(CopyError::Different("the idempotency keys of the last 72 hours".to_owned()))
    }
}

/// Blanks in the target what was blanked in the source since it was copied, and says there as well what was purged: before
/// any avis comes, so that each is what the source has of it.
async fn copy_purges(source: &dyn Store, target: &dyn Store) -> Result<(), CopyError> {
    let missing = unsaid(source, target).await?;
    for kept in Kept::ALL {
        let newest = missing.iter().filter(|purge| purge.kept == kept).max_by_key(|purge| purge.before);
        if let Some(newest) = newest {
            retention::purge(target, kept, newest.before, newest.on).await?;
        }
    }
    // What the target has just said by itself is not said twice.
    Ok(target.add_purges(&unsaid(source, target).await?).await?)
}

/// The purges that the source has on record and the target has not.
async fn unsaid(source: &dyn Store, target: &dyn Store) -> Result<Vec<Purge>, StoreError> {
    let mut there = target.purges().await?;
    let mut unsaid = source.purges().await?;
    unsaid.retain(|purge| match there.iter().position(|known| known == purge) {
        Some(place) => {
            there.swap_remove(place);
            false
        }
        None => true,
    });
    Ok(unsaid)
}

/// Brings over the files that pages load, revoked or not. What has the same name is the same file: nothing changes one.
/// Returns how many there are.
async fn copy_assets(source: &dyn Store, target: &dyn Store, may_change: bool) -> Result<usize, CopyError> {
    let (whole, there) = (source.catalogue().await?, target.catalogue().await?);
    let named = |one: &KeptAsset| format!("asset {}", one.name);
    let news = News::of(whole.assets(), there.assets(), named, may_change)?;
    for asset in news.missing {
        let content = source.asset_content(&asset.name).await?.unwrap_or_default();
        target.keep_assets(&[(asset, content)]).await?;
    }
    for (one, was) in news.changed {
        if (KeptAsset { revoked: one.revoked, ..was.clone() }) != *one {
            return Err(CopyError::Foreign(format!("{} is another in the target", named(one))));
        }
        target.revoke_asset(one.integrity, one.revoked, None).await?;
    }
    for asset in whole.assets() {
        if source.asset_content(&asset.name).await? != target.asset_content(&asset.name).await? {
            return Err(CopyError::Different(format!("the bytes of {}", named(asset))));
        }
    }
    let same = target.catalogue().await?.assets() == whole.assets();
    if same { Ok(whole.assets().len()) } else { Err(CopyError::Different("assets".to_owned())) }
}

/// Freezes in the target what is frozen in the source, and adds what was said of it since. Returns how many editions
/// there are.
async fn copy_editions(source: &dyn Store, target: &dyn Store) -> Result<usize, CopyError> {
    let (editions, mut there) = (source.editions().await?, target.editions().await?);
    for edition in &editions {
        let quarter = edition.quarter;
        let known = match there.iter().position(|one| one.quarter == quarter) {
            None => {
                target.freeze(&content(source, edition).await?).await?;
                0
            }
            Some(place) => {
                let was = there.swap_remove(place);
                let errata = edition.errata.get(..was.errata.len()).unwrap_or_default();
                if was != (Edition { errata: errata.to_vec(), ..edition.clone() }) {
                    return Err(CopyError::Foreign(format!("edition {quarter} is another in the target")));
                }
                errata.len()
            }
        };
        for erratum in &edition.errata[known..] {
            target.add_erratum(quarter, erratum).await?;
        }
    }
    if let Some(alone) = there.first() {
        return Err(CopyError::Foreign(format!("edition {} is in the target alone", alone.quarter)));
    }
    let same = target.editions().await? == editions;
    if same { Ok(editions.len()) } else { Err(CopyError::Different("editions".to_owned())) }
}

/// Writes in the target what its journal lacks. Returns how many entries there are.
async fn copy_journal(source: &dyn Store, target: &dyn Store) -> Result<usize, CopyError> {
    let (entries, there) = (source.journal().await?, target.journal().await?);
    if entries.get(..there.len()) != Some(&there[..]) {
        return Err(CopyError::Foreign("the journal is another in the target".to_owned()));
    }
    target.load_journal(&entries[there.len()..]).await?;
    let same = target.journal().await? == entries;
    if same { Ok(entries.len()) } else { Err(CopyError::Different("the journal".to_owned())) }
}

/// An edition with the bytes of its files.
async fn content(store: &dyn Store, edition: &Edition) -> Result<NewEdition, ReadError> {
    let Edition { quarter, frozen_at, formula, .. } = edition.clone();
    let mut files = Vec::with_capacity(edition.files.len());
    for file in &edition.files {
        files.push((file.format, file.sha256, edition.read(store, file.format).await?));
    }
    Ok(NewEdition { quarter, frozen_at, formula, files })
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
    let mut tallies: BTreeMap<DemarcheId, Tally> = store.tallies(period).await?.into_iter().collect();
    let mut figures = |one: &Demarche| Figures::whole(&tallies.remove(&one.id).unwrap_or_default());
    let demarches = catalogue.demarches().iter().map(|one| (one, figures(one))).collect();
    serde_json::to_vec(&Document { period, standing: Standing::Closed, demarches }).map_err(|_| none())
}

fn named(span: CountedIn) -> String {
    match span {
        CountedIn::Day(day) => day.to_string(),
        CountedIn::Month(month) => format!("{}-{:02}", month / 100, month % 100),
    }
}

#[cfg(test)]
mod tests;
