//! People who give avis, change them, withdraw them and send them again, many at once; what each of them was promised,
//! and whether the database keeps it.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use collector::store::{self, CountedIn, Missing};
use rand::{Rng as _, RngCore as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use shared::Choice as _;
use tests::collector::DEMARCHE;
use uuid::Uuid;

use crate::client::Client;

/// Between two attempts at what was not answered: short, so that a collector that is back finds the same load.
const PAUSE: Duration = Duration::from_millis(20);

/// How long a person goes on asking once the collector is said to be well again.
const PATIENCE: Duration = Duration::from_secs(30);

/// Avis that each person sends again when all is over; those that were not answered are sent again anyway.
const REPLAYS: usize = 20;

const SMILEYS: [&str; 3] = ["pas_bien", "moyen", "tres_bien"];

/// Several people, each on a connection of their own.
pub(crate) struct Crowd {
    people: Vec<Person>,
}

/// A crowd at work.
pub(crate) struct Busy {
    progress: Arc<Progress>,
    people: Vec<JoinHandle<Person>>,
}

#[derive(Default)]
struct Progress {
    is_over: AtomicBool,
    acknowledged: AtomicU64,
    refused: AtomicU64,
}

/// What was promised to a crowd.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Promised {
    /// Avis, changes, withdrawals and replays that were answered with 2xx.
    pub(crate) acknowledged: u64,
    /// Those among them with 202: on the disk, and not yet counted.
    pub(crate) spooled: u64,
    /// Requests answered with 503.
    pub(crate) refused: u64,
    /// Requests that nobody answered.
    pub(crate) unanswered: u64,
    /// The longest that anybody waited for an answer.
    pub(crate) slowest: Duration,
}

/// What a database holds of what was promised.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Avis that are there.
    pub(crate) there: usize,
    /// Promises that were not kept, in words.
    pub(crate) lost: Vec<String>,
    /// Avis that are there more than once, or of which nobody knows.
    pub(crate) doubled: Vec<String>,
}

struct Person {
    number: usize,
    random: ChaCha8Rng,
    avis: Vec<Avis>,
    /// The avis about which something was asked that is to be asked again until it is answered.
    insists_on: Option<usize>,
    promised: Promised,
}

/// One avis, as its author knows it.
struct Avis {
    key: Uuid,
    /// Its id and edit token.
    names: Option<(Uuid, String)>,
    /// Which answers are promised.
    version: u32,
    is_withdrawn: bool,
    /// What was asked and not answered: done or not, nobody knows.
    unanswered: Option<Ask>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask {
    Give,
    Change,
    Withdraw,
    /// To give what was given: changes nothing, and says the same.
    Replay,
}

enum Outcome {
    Acknowledged,
    /// Not now, said the collector.
    Refused,
    /// The connection broke, or was none.
    Unanswered,
}

impl Crowd {
    /// So many people, who do the same whenever the seed is the same.
    pub(crate) fn of(people: usize, seed: u64) -> Self {
        let person = |number| Person {
            number,
            random: ChaCha8Rng::seed_from_u64(seed.wrapping_mul(1_000) + number as u64),
            avis: Vec::new(),
            insists_on: None,
            promised: Promised::default(),
        };
        Self { people: (0..people).map(person).collect() }
    }

    /// Everybody sends as fast as answers come, to these collectors (`host:port`) in turn.
    pub(crate) fn set_off(self, collectors: &[&str]) -> Busy {
        let progress = Arc::new(Progress::default());
        let people = self.on_threads(collectors, |mut person, mut client| {
            let progress = Arc::clone(&progress);
            move || {
                while !progress.is_over.load(Ordering::Relaxed) {
                    match person.go_on(&mut client) {
                        Outcome::Acknowledged => {
                            progress.acknowledged.fetch_add(1, Ordering::Relaxed);
                            continue;
                        }
                        Outcome::Refused => _ = progress.refused.fetch_add(1, Ordering::Relaxed),
                        Outcome::Unanswered => {}
                    }
                    std::thread::sleep(PAUSE);
                }
                person
            }
        });
        Busy { progress, people }
    }

    /// Everybody who still insists on something asks again until it is answered, and sends some avis again, the last
    /// ones first: each must get the names it got before.
    pub(crate) fn settle(self, collectors: &[&str]) -> Self {
        let people = self.on_threads(collectors, |mut person, mut client| {
            move || {
                person.settle(&mut client);
                person
            }
        });
        Self { people: people.into_iter().map(joined).collect() }
    }

    fn on_threads<Work>(
        self,
        collectors: &[&str],
        work: impl Fn(Person, Client) -> Work,
    ) -> Vec<JoinHandle<Person>>
    where
        Work: FnOnce() -> Person + Send + 'static,
    {
        let client = |person: &Person| Client::of(collectors[person.number % collectors.len()]);
        self.people
            .into_iter()
            .map(|person| {
                let client = client(&person);
                std::thread::spawn(work(person, client))
            })
            .collect()
    }

    /// What was promised to all of them.
    pub(crate) fn promised(&self) -> Promised {
        self.people.iter().fold(Promised::default(), |all, person| all.and(person.promised))
    }

    /// Compares the database with what was promised.
    pub(crate) async fn kept_by(&self, database: &str) -> Kept {
        let store = store::open(database, Missing::Refuse).await.unwrap();
        let mut kept = Kept::default();
        let mut there: HashMap<(usize, usize), (Uuid, u32)> = HashMap::new();
        for span in store.spans().await.unwrap() {
            let CountedIn::Day(day) = span else { continue };
            for avis in store.avis_of(day).await.unwrap() {
                kept.there += 1;
                let comment = avis.answers.comment.as_deref().unwrap_or_default();
                let id = Uuid::from_bytes(*avis.id.as_bytes());
                let Some((person, number, version)) = numbers(comment) else {
                    kept.doubled.push(format!("{id} is nobody's: {comment:?}"));
                    continue;
                };
                let satisfaction = avis.answers.satisfaction.map(shared::Choice::code);
                let ease = avis.answers.ease.map(shared::Choice::code);
                let (expected, scale) = answers(number, version);
                if satisfaction != Some(expected) || ease != Some(scale) {
                    kept.lost.push(format!("{comment} says {satisfaction:?} and {ease:?}"));
                }
                if there.insert((person, number), (id, version)).is_some() {
                    kept.doubled.push(comment.to_owned());
                }
            }
        }
        store.close().await;
        for person in &self.people {
            for (number, avis) in person.avis.iter().enumerate() {
                let found = there.remove(&(person.number, number));
                if let Some(broken) = avis.broken_promise(found) {
                    kept.lost.push(format!("{}-{number}: {broken}", person.number));
                }
            }
        }
        kept.doubled.extend(there.keys().map(|avis| format!("{avis:?} was never given")));
        kept
    }
}

impl Busy {
    /// How much was acknowledged since they set off.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.progress.acknowledged.load(Ordering::Relaxed)
    }

    /// How often anybody was told to come again since they set off.
    pub(crate) fn refused(&self) -> u64 {
        self.progress.refused.load(Ordering::Relaxed)
    }

    /// Waits until so much more has been acknowledged.
    pub(crate) async fn advance(&self, more: u64) {
        let goal = self.acknowledged() + more;
        tests::wait::until("the crowd to advance", async || match self.acknowledged() {
            now if now >= goal => Ok(()),
            now => Err(format!("{now} of {goal} acknowledged")),
        })
        .await;
    }

    /// Everybody finishes the request under way.
    pub(crate) fn stop(self) -> Crowd {
        self.progress.is_over.store(true, Ordering::Relaxed);
        Crowd { people: self.people.into_iter().map(joined).collect() }
    }
}

fn joined(person: JoinHandle<Person>) -> Person {
    // What a person complains about is the test's failure.
    person.join().unwrap_or_else(|complaint| std::panic::resume_unwind(complaint))
}

impl Promised {
    fn and(self, other: Self) -> Self {
        Self {
            acknowledged: self.acknowledged + other.acknowledged,
            spooled: self.spooled + other.spooled,
            refused: self.refused + other.refused,
            unanswered: self.unanswered + other.unanswered,
            slowest: self.slowest.max(other.slowest),
        }
    }
}

impl fmt::Display for Promised {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} acknowledged", self.acknowledged)?;
        if self.spooled > 0 {
            write!(formatter, " ({} of them on the spool)", self.spooled)?;
        }
        write!(
            formatter,
            ", {} refused, {} unanswered, slowest answer {:.1} s",
            self.refused,
            self.unanswered,
            self.slowest.as_secs_f64()
        )
    }
}

impl Kept {
    /// Fails the test unless every promise is kept.
    #[track_caller]
    pub(crate) fn assert_everything(&self) {
        let some = |list: &[String]| list.iter().take(10).cloned().collect::<Vec<_>>().join("\n  ");
        assert!(
            self.lost.is_empty() && self.doubled.is_empty(),
            "{} lost:\n  {}\n{} doubled:\n  {}",
            self.lost.len(),
            some(&self.lost),
            self.doubled.len(),
            some(&self.doubled)
        );
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} avis there, {} lost, {} doubled",
            self.there,
            self.lost.len(),
            self.doubled.len()
        )
    }
}

impl Person {
    /// Asks for one thing.
    fn go_on(&mut self, client: &mut Client) -> Outcome {
        let (index, ask) = self.choose();
        let outcome = self.ask(client, index, ask);
        if matches!(outcome, Outcome::Acknowledged) {
            self.insists_on = None;
        } else if ask != Ask::Replay {
            // Some try until they are heard, others go on to something else.
            self.insists_on = self.random.random_bool(0.8).then_some(index);
        }
        outcome
    }

    fn choose(&mut self) -> (usize, Ask) {
        if let Some(index) = self.insists_on
            && let Some(ask) = self.avis[index].unanswered
        {
            return (index, ask);
        }
        let ask = match self.random.random_range(0..100) {
            0..10 => Ask::Change,
            10..16 => Ask::Withdraw,
            16..24 => Ask::Replay,
            _ => Ask::Give,
        };
        if ask != Ask::Give && !self.avis.is_empty() {
            let index = self.random.random_range(0..self.avis.len());
            let avis = &self.avis[index];
            let is_settled = avis.names.is_some() && avis.unanswered.is_none();
            if is_settled && (ask == Ask::Replay || !avis.is_withdrawn) {
                return (index, ask);
            }
        }
        let mut key = [0; 16];
        self.random.fill_bytes(&mut key);
        self.avis.push(Avis {
            key: uuid::Builder::from_random_bytes(key).into_uuid(),
            names: None,
            version: 0,
            is_withdrawn: false,
            unanswered: Some(Ask::Give),
        });
        (self.avis.len() - 1, Ask::Give)
    }

    fn settle(&mut self, client: &mut Client) {
        if let Some(index) = self.insists_on.take()
            && let Some(ask) = self.avis[index].unanswered
        {
            self.insist(client, index, ask);
        }
        let settled: Vec<usize> = (0..self.avis.len())
            .rev()
            .filter(|index| self.avis[*index].names.is_some() && self.avis[*index].unanswered.is_none())
            .take(REPLAYS)
            .collect();
        for index in settled {
            self.insist(client, index, Ask::Replay);
        }
    }

    fn insist(&mut self, client: &mut Client, index: usize, ask: Ask) {
        let begun = Instant::now();
        while !matches!(self.ask(client, index, ask), Outcome::Acknowledged) {
            assert!(begun.elapsed() < PATIENCE, "{ask:?} of {}-{index} is never answered", self.number);
            std::thread::sleep(PAUSE);
        }
    }

    fn ask(&mut self, client: &mut Client, index: usize, ask: Ask) -> Outcome {
        let request = self.request(index, ask);
        let avis = &mut self.avis[index];
        if ask != Ask::Replay {
            avis.unanswered = Some(ask);
        }
        let begun = Instant::now();
        let answer = client.exchange(&request);
        self.promised.slowest = self.promised.slowest.max(begun.elapsed());
        let Ok(answer) = answer else {
            self.promised.unanswered += 1;
            return Outcome::Unanswered;
        };
        let said = || format!("{ask:?} of {}-{index}: {} {}", self.number, answer.status, answer.text());
        match (answer.status, ask) {
            (201 | 202, Ask::Give | Ask::Replay) => {
                let names: Value = serde_json::from_slice(&answer.body).unwrap();
                let id = names["id"].as_str().and_then(|id| id.parse::<Uuid>().ok()).unwrap();
                let token = names["edit_token"].as_str().unwrap().to_owned();
                if let Some((promised, _)) = &avis.names {
                    assert_eq!(id, *promised, "another id: {}", said());
                }
                avis.names = Some((id, token));
            }
            (200 | 202, Ask::Change) => avis.version += 1,
            (204 | 202, Ask::Withdraw) => avis.is_withdrawn = true,
            // The first attempt is on its way still.
            (409, Ask::Give | Ask::Replay) => return Outcome::Refused,
            (503, _) => {
                assert!(answer.retry_after, "no Retry-After: {}", said());
                self.promised.refused += 1;
                return Outcome::Refused;
            }
            _ => panic!("{}", said()),
        }
        if ask != Ask::Replay {
            avis.unanswered = None;
        }
        self.promised.acknowledged += 1;
        self.promised.spooled += u64::from(answer.status == 202);
        Outcome::Acknowledged
    }

    fn request(&self, index: usize, ask: Ask) -> Vec<u8> {
        let avis = &self.avis[index];
        let with_answers = |version| {
            let (satisfaction, ease) = answers(index, version);
            let comment = format!("{}-{index}, version {version}", self.number);
            json!({"satisfaction": satisfaction, "ease": ease, "comment": comment})
        };
        let (start, header, body) = match (ask, &avis.names) {
            (Ask::Give | Ask::Replay, _) => (
                "POST /api/v1/avis".to_owned(),
                format!("Idempotency-Key: \"{}\"", avis.key),
                json!({"demarche": DEMARCHE, "answers": with_answers(0)}).to_string(),
            ),
            (Ask::Change | Ask::Withdraw, Some((id, token))) => {
                let method = if ask == Ask::Change { "PATCH" } else { "DELETE" };
                let body = match ask {
                    Ask::Change => json!({"answers": with_answers(avis.version + 1)}).to_string(),
                    _ => String::new(),
                };
                (format!("{method} /api/v1/avis/{id}"), format!("Authorization: Bearer {token}"), body)
            }
            (_, None) => panic!("{ask:?} of an avis that has no name"),
        };
        format!(
            "{start} HTTP/1.1\r\nHost: collector\r\n{header}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }
}

impl Avis {
    /// What is wrong with what the database holds of it.
    fn broken_promise(&self, found: Option<(Uuid, u32)>) -> Option<String> {
        let Some((id, version)) = found else {
            let may_be_absent =
                self.names.is_none() || self.is_withdrawn || self.unanswered == Some(Ask::Withdraw);
            return (!may_be_absent).then(|| "is not there".to_owned());
        };
        if self.is_withdrawn {
            return Some("was withdrawn and is there".to_owned());
        }
        if let Some((promised, _)) = &self.names
            && id != *promised
        {
            return Some(format!("has the id {id} and not {promised}"));
        }
        let may_be_newer = self.unanswered == Some(Ask::Change) && version == self.version + 1;
        (version != self.version && !may_be_newer)
            .then(|| format!("has the answers of version {version} and not {}", self.version))
    }
}

/// The answers of one version of an avis.
fn answers(number: usize, version: u32) -> (&'static str, &'static str) {
    let turn = number + version as usize;
    (SMILEYS[turn % SMILEYS.len()], shared::questionnaire::Scale::ALL[turn % 5].code())
}

/// Person, avis and version, from the comment.
fn numbers(comment: &str) -> Option<(usize, usize, u32)> {
    let (names, version) = comment.split_once(", version ")?;
    let (person, number) = names.split_once('-')?;
    Some((person.parse().ok()?, number.parse().ok()?, version.parse().ok()?))
}

/// Harms a database behind the crowd's back.
async fn harmed(sql: &'static str) -> Kept {
    use sqlx::{Connection as _, Executor as _};

    let mut collector = tests::TestCollector::start_with(crate::FLAGS).await;
    let busy = Crowd::of(4, 1).set_off(&[collector.authority()]);
    busy.advance(100).await;
    let crowd = busy.stop();
    collector.stop();
    crate::assert_exact(&crowd, &collector).await;
    let mut database = sqlx::SqliteConnection::connect(collector.database()).await.unwrap();
    database.execute(sql).await.unwrap();
    database.close().await.unwrap();
    crowd.kept_by(collector.database()).await
}

#[tokio::test]
async fn a_crowd_sees_what_is_lost_and_what_is_doubled() {
    let gone = harmed(
        "delete from avis_text where avis_no = (select max(avis_no) from avis);
         delete from avis where avis_no = (select max(avis_no) from avis)",
    )
    .await;
    assert_eq!((gone.lost.len(), gone.doubled.len()), (1, 0), "{gone:?}");
    let other_answers =
        harmed("update avis set ease = 1 + ease % 5 where avis_no = (select max(avis_no) from avis)").await;
    assert_eq!((other_answers.lost.len(), other_answers.doubled.len()), (1, 0), "{other_answers:?}");
    let twice = harmed(
        "create temp table one as select * from avis where avis_no = (select max(avis_no) from avis);
         update one set avis_no = avis_no + 1, avis_key = randomblob(12);
         insert into avis select * from one;
         insert into avis_text select avis_no + 1, null, null, comment from avis_text
            where avis_no = (select max(avis_no) - 1 from avis)",
    )
    .await;
    assert_eq!(twice.doubled.len(), 1, "{twice:?}");
}
