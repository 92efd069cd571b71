//! Synthetic démarches and avis with the shape of real ones: to try the service on, and to measure it by.
//!
//! The same seed, sizes and last day make the same averages to the byte, on every machine and database. So all is
//! drawn in integers, and each avis from dice of its own: its place in the database depends on the secret, what it
//! says does not. Each is written as a draft and parsed like what people send.

mod dice;
mod places;
mod shape;
mod words;

use crate::catalogue::{Bouton, Demarche, DemarcheId};
use crate::day::Day;
use crate::identity::{AvisId, Keyring};
use crate::quarantine::Reasons;
use crate::store::{CatalogueError, OnReplay, Outcome, Record, Store, StoreError, Write};
use dice::{Dice, Urn};
use jiff::SignedDuration;
use places::Place;
use shared::draft::Raw;
use shared::questionnaire::{
    Channel, Choice, Help, Malfunction, Quality, Question, Reached, Satisfaction, Scale,
};
use shared::{AvisDraft, FieldError};
use std::sync::Arc;
use tokio::sync::mpsc;
use uuid::Uuid;

/// Avis of one commit: a day's, where there are not many more. A commit touches the décomptes of most boutons
/// whatever its size, so that small ones would spend their time there.
const COMMIT: usize = 32_768;

/// Commits that may wait for the store while more are made.
const AHEAD: usize = 2;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How many démarches.
    pub demarches: usize,
    /// How many avis, of all démarches together.
    pub avis: u64,
    /// What chance is made of.
    pub seed: u64,
    /// The last day.
    pub until: Day,
}

/// Why a database was not filled.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Something is there already.
    #[error(
        "{0}; a demo goes into a database of its own: name one that is not there yet, such as --database sqlite://demo.db"
    )]
    Taken(String),
    /// The catalogue was not changed.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The store failed.
    #[error("{}", .0.chain())]
    Store(#[from] StoreError),
    /// The generator wrote what the questionnaire refuses.
    #[error("an invented avis is not valid, which is an error of this program: {0:?}")]
    Invalid(Vec<FieldError>),
    /// The avis ended before all were written.
    #[error("the avis could not all be made")]
    CutShort,
}

/// Démarches and avis, drawn but not written yet.
pub struct Demo {
    days: Vec<Day>,
    profiles: Vec<Profile>,
    urn: Urn,
}

/// A démarche with what is particular about it.
struct Profile {
    place: Place,
    /// How many avis fall on each day.
    by_day: Vec<u32>,
    /// How much worse than average it goes, and by how much that grows in half the time.
    mood: i32,
    drift: i32,
    /// Avis of a thousand that come with a comment.
    comments: u32,
    /// How often each malfunction is named.
    troubles: [u32; 8],
}

/// An avis that is to be made: its id, its place in its day, its démarche.
type Due = (AvisId, u32, usize);

impl Demo {
    /// Draws what is asked for: a few figures per démarche and day, no avis yet.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let Plan { demarches, avis, seed, until } = *plan;
        let days: Vec<Day> = (0..i32::from(shape::DAYS)).rev().map(|back| until.plus(-back)).collect();
        let sizes = shape::sizes(demarches, avis);
        let mut dice = Urn::new("demo days", &[seed]).dice(0);
        let business = shape::business(&days, &mut dice);
        let rush = shape::rush_day(&days);
        let places = places::places(demarches, &Urn::new("demo places", &[seed]));
        let mut dice = Urn::new("demo profiles", &[seed]).dice(0);
        let mut profiles: Vec<Profile> = places
            .into_iter()
            .zip(&sizes)
            .enumerate()
            .map(|(rank, (place, size))| Profile {
                by_day: shape::spread(*size, &business, rush.filter(|_| rank == 0), &mut dice),
                place,
                mood: mood(rank, &mut dice),
                drift: dice.between(-40, 40),
                comments: u32::try_from(dice.between(300, 450)).unwrap_or(375),
                troubles: troubles(&mut dice),
            })
            .collect();
        balance(&mut profiles, &sizes);
        let numbers = [seed, u64::try_from(demarches).unwrap_or(u64::MAX), avis];
        Self { days, profiles, urn: Urn::new("demo avis", &numbers) }
    }

    /// The first day and the last.
    #[must_use]
    pub fn days(&self) -> (Day, Day) {
        (self.days[0], self.days[self.days.len() - 1])
    }

    /// The démarches, the most used first.
    #[must_use]
    pub fn demarches(&self) -> Vec<Demarche> {
        self.profiles.iter().map(|profile| profile.place.demarche.clone()).collect()
    }

    /// Their boutons.
    #[must_use]
    pub fn boutons(&self) -> Vec<Bouton> {
        let placements = self.profiles.iter().flat_map(|profile| &profile.place.boutons);
        placements.map(|placement| placement.bouton.clone()).collect()
    }

    /// What is due on a day, in the order of ids, so that each goes to the end of the table.
    fn due(&self, day: usize, keyring: &Keyring) -> Vec<Due> {
        let counts = self.profiles.iter().enumerate().map(|(rank, profile)| (rank, profile.by_day[day]));
        let ranks = counts.flat_map(|(rank, count)| (0..count).map(move |_| rank));
        let mut due: Vec<Due> = (0..)
            .zip(ranks)
            .map(|(nth, rank)| {
                let key = uuid::Builder::from_random_bytes(self.dice(day, nth).bytes()).into_uuid();
                (keyring.identity(self.days[day], key).avis_id, nth, rank)
            })
            .collect();
        due.sort_unstable();
        due
    }

    fn dice(&self, day: usize, nth: u32) -> Dice {
        self.urn.dice(u64::try_from(day).unwrap_or(0) << 32 | u64::from(nth))
    }

    /// One of them, parsed as if somebody had sent it.
    fn write(&self, day: usize, (avis_id, nth, rank): Due) -> Result<Write, DemoError> {
        let mut dice = self.dice(day, nth);
        // Its idempotency key, made of the same dice; none is remembered, since nobody will send it again.
        let _key: Uuid = Uuid::from_bytes(dice.bytes());
        let new = self.profiles[rank].draft(day, &mut dice).parse().map_err(DemoError::Invalid)?;
        Ok(Write::Record(Box::new(Record {
            avis_id,
            remember: false,
            former_keys: vec![],
            fingerprint: [0; 16],
            on_replay: OnReplay::Exact,
            closed: false,
            accepted_at: self.days[day].end() - SignedDuration::from_hours(12),
            demarche: DemarcheId(new.demarche),
            bouton: new.bouton.map(crate::catalogue::BoutonId),
            language: new.language,
            page: new.page,
            answers: new.answers,
            set_aside: Reasons::NONE,
        })))
    }
}

impl Profile {
    /// What somebody sends.
    fn draft(&self, day: usize, dice: &mut Dice) -> AvisDraft {
        let mut members = Vec::with_capacity(5);
        members.push(member("demarche", text(&self.place.demarche.id.0)));
        // Some come by an address that names no bouton.
        if dice.chance(980) {
            let boutons = &self.place.boutons;
            let placement = &boutons[if dice.chance(650) { 0 } else { dice.place(boutons.len()) }];
            members.push(member("bouton", text(&placement.bouton.id.0)));
            if dice.chance(900) {
                members.push(member("page", text(&placement.pages[dice.place(placement.pages.len())])));
            }
        }
        let french = dice.chance(985);
        members.push(member("lang", text(if french { "fr" } else { "en" })));
        members.push(member("answers", self.answers(day, french, dice)));
        AvisDraft(Raw::Map(members))
    }

    fn answers(&self, day: usize, french: bool, dice: &mut Dice) -> Raw {
        let satisfaction = Satisfaction::ALL[dice.weighted(&self.mix(day))];
        let tone = satisfaction.index();
        let mut answers = vec![answer(Question::Satisfaction, text(satisfaction.code()))];
        // How far somebody goes on: those who answer a screen have seen the ones before it.
        let patience = dice.below(1_000);
        if patience < 900 {
            answers.push(answer(Question::Clarity, text(Scale::ALL[dice.weighted(&CLARITY[tone])].code())));
        }
        if patience < 893 {
            answers.push(answer(Question::Ease, text(Scale::ALL[dice.weighted(&EASE[tone])].code())));
        }
        if patience < 870 {
            help(&mut answers, tone, dice);
        }
        let mut malfunctions = Vec::new();
        if patience < 855 {
            malfunctions = self::malfunctions(tone, &self.troubles, dice);
            let codes = malfunctions.iter().map(|malfunction| text(malfunction.code())).collect();
            answers.push(answer(Question::Malfunctions, Raw::List(codes)));
            if malfunctions.contains(&Malfunction::Other) && dice.chance(850) {
                answers.push(answer(Question::MalfunctionsOther, text(words::other_trouble(dice))));
            }
        }
        if patience < 830 && dice.chance(self.comments * COMMENTS[tone] / 830) {
            let called = self.place.called;
            let subject = words::Subject { satisfaction, malfunctions: &malfunctions, called, french };
            answers.push(answer(Question::Comment, Raw::Text(words::comment(&subject, dice))));
        }
        Raw::Map(answers)
    }

    /// How often each smiley comes, in ten thousands.
    fn mix(&self, day: usize) -> [u32; 3] {
        let half = i32::from(shape::DAYS / 2);
        let since_middle = i32::try_from(day).unwrap_or(half) - half;
        let mood = (self.mood + self.drift * since_middle / half).clamp(-115, 400);
        let per_myriad = |usual: i32, by_mood: i32| u32::try_from(usual + by_mood * mood).unwrap_or(0);
        let (pas_bien, moyen) = (per_myriad(1_090, 8), per_myriad(1_540, 4));
        [pas_bien, moyen, 10_000 - pas_bien - moyen]
    }
}

// For pas_bien, moyen and tres_bien.
const CLARITY: [[u32; 5]; 3] = [[38, 25, 20, 11, 6], [6, 16, 38, 28, 12], [1, 2, 8, 26, 63]];
const EASE: [[u32; 5]; 3] = [[44, 26, 16, 9, 5], [7, 19, 37, 26, 11], [1, 2, 7, 24, 66]];
/// Of a thousand who answer about help: who asked the administration, and who did elsewhere.
const ASKED: [u32; 3] = [480, 300, 125];
const ELSEWHERE: [u32; 3] = [220, 150, 75];
const REACHED: [u32; 3] = [450, 650, 880];
const QUALITY: [[u32; 5]; 3] = [[30, 26, 22, 16, 6], [8, 16, 34, 32, 10], [1, 3, 12, 44, 40]];
const TROUBLED: [u32; 3] = [640, 340, 60];
/// How much likelier than on average a comment is, in thousandths.
const COMMENTS: [u32; 3] = [1_350, 1_100, 930];

/// How much worse than average a démarche goes: most a little better or worse, one in ten badly, though none of
/// the ten that make up half of all avis.
fn mood(rank: usize, dice: &mut Dice) -> i32 {
    let usual = dice.between(-60, 60) + dice.between(-50, 50);
    if rank >= 10 && dice.chance(100) { usual.max(0) + dice.between(100, 300) } else { usual }
}

/// Every démarche has a malfunction of its own.
fn troubles(dice: &mut Dice) -> [u32; 8] {
    let mut troubles = [18, 30, 16, 14, 14, 8, 2, 10];
    troubles[dice.weighted(&[20, 20, 20, 15, 15, 8, 2])] += 45;
    troubles
}

/// Moves all démarches alike, so that the avis of all together are as satisfied as real ones.
fn balance(profiles: &mut [Profile], sizes: &[u64]) {
    let size = |size: u64| i64::try_from(size).unwrap_or(i64::MAX);
    let all: i64 = sizes.iter().map(|one| size(*one)).sum();
    let moods: i64 = profiles.iter().zip(sizes).map(|(one, avis)| i64::from(one.mood) * size(*avis)).sum();
    let mean = i32::try_from(moods / all.max(1)).unwrap_or(0);
    for profile in profiles {
        profile.mood -= mean;
    }
}

fn help(answers: &mut Vec<(String, Raw)>, tone: usize, dice: &mut Dice) {
    let mut tried = Vec::new();
    let mut channels = Vec::new();
    if dice.chance(ASKED[tone]) {
        let first = dice.weighted(&[28, 46, 18, 8]);
        channels.push(Channel::ALL[first]);
        if dice.chance(180) {
            let second = (first + 1 + dice.place(3)) % 4;
            channels.push(Channel::ALL[second]);
        }
        tried.extend(channels.iter().map(|channel| channel.help()));
    }
    if dice.chance(ELSEWHERE[tone]) {
        let elsewhere = [Help::Relative, Help::Association, Help::Websites, Help::Other];
        tried.push(elsewhere[dice.weighted(&[38, 8, 38, 16])]);
    }
    let other = tried.contains(&Help::Other);
    if tried.is_empty() {
        tried.push(Help::None);
    }
    let codes = tried.iter().map(|help| text(help.code())).collect();
    answers.push(answer(Question::HelpTried, Raw::List(codes)));
    if other && dice.chance(800) {
        answers.push(answer(Question::HelpTriedOther, text(words::other_help(dice))));
    }
    if channels.is_empty() || !dice.chance(910) {
        return;
    }
    let reached: Vec<(Channel, bool)> =
        channels.into_iter().map(|channel| (channel, dice.chance(REACHED[tone]))).collect();
    let said = |(channel, reached): &(Channel, bool)| {
        let reached = if *reached { Reached::Oui } else { Reached::Non };
        member(channel.code(), text(reached.code()))
    };
    answers.push(answer(Question::HelpReached, Raw::Map(reached.iter().map(said).collect())));
    if reached.iter().any(|(_, reached)| *reached) && dice.chance(970) {
        let quality = reached
            .iter()
            .filter(|(_, reached)| *reached)
            .map(|(channel, _)| {
                let quality = Quality::ALL[dice.weighted(&QUALITY[tone])];
                member(channel.code(), text(quality.code()))
            })
            .collect();
        answers.push(answer(Question::HelpQuality, Raw::Map(quality)));
    }
}

fn malfunctions(tone: usize, troubles: &[u32; 8], dice: &mut Dice) -> Vec<Malfunction> {
    if !dice.chance(TROUBLED[tone]) {
        return vec![Malfunction::None];
    }
    let mut named = vec![Malfunction::ALL[dice.weighted(troubles)]];
    let second = Malfunction::ALL[dice.weighted(troubles)];
    if dice.chance(220) && !named.contains(&second) {
        named.push(second);
    }
    named
}

fn text(value: &str) -> Raw {
    Raw::Text(value.to_owned())
}

fn member(name: &str, value: Raw) -> (String, Raw) {
    (name.to_owned(), value)
}

fn answer(question: Question, value: Raw) -> (String, Raw) {
    member(question.code(), value)
}

/// Fills a database, telling how many avis are written whenever more are.
///
/// # Errors
/// The database holds avis or one of the démarches already, or fails.
pub async fn fill(
    store: &dyn Store,
    demo: Arc<Demo>,
    keyring: Keyring,
    progress: impl Fn(u64),
) -> Result<(), DemoError> {
    refuse_taken(store, &demo).await?;
    store.add_demarches(&demo.demarches()).await?;
    store.add_boutons(&demo.boutons()).await?;
    let (_, until) = demo.days();
    let (batches, mut made) = mpsc::channel(AHEAD);
    let maker = tokio::task::spawn_blocking(move || make(&demo, &keyring, &batches));
    let mut written = 0;
    while let Some(writes) = made.recv().await {
        let writes: Vec<Write> = writes;
        let outcomes = store.commit(&writes).await?;
        if outcomes.iter().any(|outcome| *outcome != Outcome::Recorded) {
            return Err(DemoError::Taken("some of these avis are there already".to_owned()));
        }
        written += u64::try_from(writes.len()).unwrap_or(0);
        progress(written);
    }
    maker.await.map_err(|_| DemoError::CutShort)??;
    Ok(store.prepare_ahead(until).await?)
}

/// What is there already must not mix with what is invented.
async fn refuse_taken(store: &dyn Store, demo: &Demo) -> Result<(), DemoError> {
    if !store.spans().await?.is_empty() {
        return Err(DemoError::Taken("the database holds avis already".to_owned()));
    }
    let catalogue = store.catalogue().await?;
    let demarches = demo.demarches();
    let names = demarches.iter().flat_map(|one| one.aliases.iter().chain([&one.id.0]));
    let mut taken: Vec<String> = names
        .filter(|name| catalogue.demarche(name).is_some())
        .map(|name| format!("démarche {name} is there already"))
        .collect();
    let boutons = demo.boutons();
    taken.extend(
        boutons
            .iter()
            .filter(|one| catalogue.bouton_by_id(&one.id.0).is_some())
            .map(|one| format!("bouton {} is there already", one.id.0)),
    );
    taken.into_iter().next().map_or(Ok(()), |what| Err(DemoError::Taken(what)))
}

/// Makes all avis, day by day, until nobody takes them any more.
fn make(demo: &Demo, keyring: &Keyring, batches: &mpsc::Sender<Vec<Write>>) -> Result<(), DemoError> {
    for day in 0..demo.days.len() {
        for due in demo.due(day, keyring).chunks(COMMIT) {
            let writes = due.iter().map(|one| demo.write(day, *one)).collect::<Result<_, _>>()?;
            if batches.blocking_send(writes).is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
