//! Crowds and attackers, played against what decides on every avis ([`Limits`] and [`Vigilance`]), by a clock of their
//! own: a day takes a moment, and the same seed gives the same table.
//!
//! What a token says is taken as read. That nobody can forge one is shown where tokens are made.

mod crowd;
mod scenarios;

use std::net::Ipv4Addr;
use std::ops::AddAssign;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use collector::catalogue::{Bouton, BoutonChannel, BoutonId, DemarcheId};
use collector::day::Day;
use collector::identity::FormToken;
use collector::limits::{Limits, Quotas, Ticks};
use collector::sender::DayKey;
use collector::vigilance::{Arrival, Thresholds, Usual, Vigilance};
use jiff::{SignedDuration, Timestamp};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use shared::PageAddress;
use uuid::Uuid;

pub use scenarios::{Bound, Scenario, all};

/// What came of the avis of a scenario.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Honest avis that were sent.
    pub honest: u64,
    /// Those of them that were set aside.
    pub held_back: u64,
    /// Those of them that were refused.
    pub refused: u64,
    /// Dishonest avis that were sent.
    pub dishonest: u64,
    /// Those of them that were counted.
    pub counted: u64,
}

impl AddAssign for Ledger {
    fn add_assign(&mut self, other: Self) {
        self.honest += other.honest;
        self.held_back += other.held_back;
        self.refused += other.refused;
        self.dishonest += other.dishonest;
        self.counted += other.counted;
    }
}

/// Avis a year of the démarche that attackers are after: half of all démarches have fewer.
const ATTACKED_A_YEAR: u64 = 2_200;

/// Points of its honest avis, in thousandths: 15.4 % moyen, 73.7 % très bien.
const HONEST_MEAN: u64 = 8_140;

impl Ledger {
    /// By how much its year's note moves, if each counted one says «pas bien».
    #[must_use]
    pub fn shift(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "avis of a year")]
        let [all, dishonest] = [ATTACKED_A_YEAR + self.counted, self.counted].map(|avis| avis as f64);
        #[expect(clippy::cast_precision_loss, reason = "a note")]
        let mean = HONEST_MEAN as f64 / 1e3;
        -mean * dishonest / all
    }
}

/// What vouches for an avis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Vouch {
    /// Nothing: its program fetches no token, or the fetch failed.
    Nothing,
    /// A token of its own, fetched so many milliseconds before.
    Token(i64),
    /// The one token that an attacker fetched, with every avis.
    Copied,
}

/// Where the form stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stood {
    /// Online, on the page where it belongs.
    Online,
    /// On a kiosk.
    Kiosk,
    /// On a page of somebody else.
    Elsewhere,
}

/// One avis that is sent.
#[derive(Debug, Clone, Copy)]
struct Visit {
    /// Second of the day.
    at: u32,
    address: Ipv4Addr,
    demarche: usize,
    vouch: Vouch,
    stood: Stood,
    honeypot: bool,
    is_honest: bool,
}

/// A collector that has just started, and the time around it.
struct World {
    limits: Limits,
    vigilance: Vigilance,
    day_key: DayKey,
    elapsed: Arc<AtomicU64>,
    begun: Timestamp,
    demarches: Vec<DemarcheId>,
    boutons: [Bouton; 2],
    pages: [PageAddress; 2],
    random: ChaCha8Rng,
    keys: u128,
    copied: FormToken,
    ledger: Ledger,
}

/// Requests that an honest avis takes, about: each screen is one.
const SCREENS: usize = 4;

impl World {
    fn new(seed: u64) -> Self {
        // Midnight in Paris, in winter. Nobody comes between ten at night and six, so summer makes no difference.
        let today = Day::constant(2026, 1, 5);
        let begun = today.plus(-1).end();
        let elapsed = Arc::new(AtomicU64::new(0));
        let told = elapsed.clone();
        let ticks = Ticks::custom(move || Duration::from_millis(told.load(Ordering::Relaxed)));
        let bouton = |id: &str, channel, origins| Bouton {
            id: BoutonId(id.into()),
            demarche: demarche(0),
            aliases: vec![],
            label: None,
            channel,
            origins,
            closed: false,
        };
        let own = "https://www.service.example.fr";
        let page = |origin: &str| PageAddress::kept(origin.to_owned(), "/fin".into());
        Self {
            limits: Limits::new(&Quotas::default(), &ticks),
            vigilance: Vigilance::new(Thresholds::default(), today),
            day_key: DayKey::new(today),
            elapsed,
            begun,
            demarches: (0..crowd::DEMARCHES).map(demarche).collect(),
            boutons: [
                bouton("1", BoutonChannel::Online, vec![own.to_owned()]),
                bouton("2", BoutonChannel::Borne, vec![]),
            ],
            pages: [page(own), page("https://www.elsewhere.example.org")],
            random: ChaCha8Rng::seed_from_u64(seed),
            keys: 0,
            copied: FormToken::new(begun),
            ledger: Ledger::default(),
        }
    }

    /// Has a démarche known for what it usually gets, as read from the décomptes of half a year.
    fn usually(&self, demarche: usize, a_day: u64) {
        let usual = Usual { a_day, history: 182 * a_day };
        self.vigilance.learn_usual([(self.demarches[demarche].clone(), usual)]);
    }

    /// Plays a day, the first being 0.
    fn play(&mut self, day: u32, mut visits: Vec<Visit>) {
        visits.sort_by_key(|visit| visit.at);
        for visit in visits {
            self.send(day, &visit);
        }
    }

    fn send(&mut self, day: u32, visit: &Visit) {
        let seconds = u64::from(day) * 86_400 + u64::from(visit.at);
        self.elapsed.store(seconds * 1_000, Ordering::Relaxed);
        let at = self.begun + SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
        let today = Day::of(at);
        let sender = self.day_key.sender(visit.address.into(), today);
        let demarche = &self.demarches[visit.demarche];
        let requests = if visit.is_honest { SCREENS } else { 1 };
        let is_refused = (0..requests).any(|_| self.limits.check(&sender).is_err())
            || self.limits.check_demarche(self.day_key.demarche(demarche, today)).is_err();
        self.keys += 1;
        let token = match visit.vouch {
            Vouch::Nothing => None,
            Vouch::Token(age) => Some(FormToken::new(at - SignedDuration::from_millis(age))),
            Vouch::Copied => Some(FormToken { issued: at - SignedDuration::from_secs(9), ..self.copied }),
        };
        let (bouton, page) = match visit.stood {
            Stood::Online => (&self.boutons[0], &self.pages[0]),
            Stood::Kiosk => (&self.boutons[1], &self.pages[0]),
            Stood::Elsewhere => (&self.boutons[0], &self.pages[1]),
        };
        let is_set_aside = !is_refused
            && !self
                .vigilance
                .judge(&Arrival {
                    at,
                    sender,
                    demarche,
                    bouton: Some(bouton),
                    page: Some(page),
                    is_own_page: false,
                    key: Uuid::from_u128(self.keys),
                    token,
                    honeypot: visit.honeypot,
                })
                .reasons
                .is_empty();
        let ledger = &mut self.ledger;
        if visit.is_honest {
            ledger.honest += 1;
            ledger.refused += u64::from(is_refused);
            ledger.held_back += u64::from(is_set_aside);
        } else {
            ledger.dishonest += 1;
            ledger.counted += u64::from(!is_refused && !is_set_aside);
        }
    }
}

fn demarche(number: usize) -> DemarcheId {
    DemarcheId((1_001 + number).to_string())
}

/// The results as a table in Markdown, the sum in its last line.
#[must_use]
pub fn table(results: &[(Scenario, Ledger)]) -> String {
    let mut lines = vec![
        "| scenario | honest sent | held back | refused | dishonest sent | counted | note moves by | asked |"
            .to_owned(),
        "|---|--:|--:|--:|--:|--:|--:|---|".to_owned(),
    ];
    let mut total = Ledger::default();
    let part = |some: u64, of: u64| {
        #[expect(clippy::cast_precision_loss, reason = "avis of a simulation")]
        let percent = 100.0 * some as f64 / of as f64;
        if of == 0 || some == 0 { some.to_string() } else { format!("{some} ({percent:.2} %)") }
    };
    for (scenario, ledger) in results {
        total += *ledger;
        let (sent, counted, shift) = match ledger.dishonest {
            0 => Default::default(),
            sent => (sent.to_string(), part(ledger.counted, sent), format!("{:.2}", ledger.shift())),
        };
        lines.push(format!(
            "| {} | {} | {} | {} | {sent} | {counted} | {shift} | {} |",
            scenario.name,
            ledger.honest,
            part(ledger.held_back, ledger.honest),
            part(ledger.refused, ledger.honest),
            scenario.bound.words(),
        ));
    }
    lines.push(format!(
        "| **all** | {} | {} | {} | {} | {} | | |",
        total.honest,
        part(total.held_back, total.honest),
        part(total.refused, total.honest),
        total.dishonest,
        part(total.counted, total.dishonest)
    ));
    lines.join("\n") + "\n"
}
