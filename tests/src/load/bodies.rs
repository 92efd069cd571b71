//! Avis to send, of the real shape: which démarches, how satisfied, how much is answered, how long people write.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;

use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

/// The first démarche of the load, as `collector demo` numbers them.
pub const FIRST_DEMARCHE: u32 = 1001;

/// How many démarches the load is about.
pub const DEMARCHES: u32 = 250;

/// Requests that differ; more would only empty the processor's caches, which the server needs.
const POOL: usize = 20_000;

/// Per mille of all avis that the ten largest démarches have: 540 together, 140 the first.
const LARGEST: [u32; 10] = [140, 85, 65, 55, 45, 40, 35, 28, 25, 22];

const KEY_LENGTH: usize = 36;

/// Requests as they go over the wire, each ready but for its idempotency key and the address it is forwarded for.
pub(super) struct Requests {
    rendered: Vec<Vec<u8>>,
    /// Where the key stands in each.
    key_at: usize,
    next: usize,
    keys: ChaCha8Rng,
    forwarded: Option<Forwarded>,
}

/// The addresses that requests are forwarded for, one after the other.
struct Forwarded {
    addresses: NonZeroU32,
    next: u32,
    /// Where the address stands in each request.
    at: usize,
}

impl Forwarded {
    const HEADER: &str = "X-Forwarded-For: ";
    const LENGTH: usize = "2a00:0000:0000:0::1".len();

    /// The next address, far from the one before: IPv4 in 2,048 networks of 24 bits and IPv6 /64 in turn, these in
    /// networks of 48 bits with four of them each, spread over 65,536 networks of 32 bits. Real crowds are: to count them
    /// by wider networks must not be enough.
    fn write(&mut self, place: &mut [u8]) {
        let number = self.next / 2;
        let address: IpAddr = if self.next.is_multiple_of(2) {
            Ipv4Addr::from_bits(0x0b00_0000 | (number & 0x7ff) << 8 | number >> 11 & 0xff).into()
        } else {
            let (wide, narrow) = (u128::from(number & 0xffff), u128::from(number >> 16));
            Ipv6Addr::from_bits(0x2a00 << 112 | wide << 96 | (narrow >> 2) << 80 | (narrow & 3) << 64 | 1)
                .into()
        };
        let mut place = place;
        // It has room for as many; what is left of it is blank.
        let _ = write!(place, "{address:<width$}", width = Self::LENGTH);
        self.next = (self.next + 1) % self.addresses;
    }
}

impl Requests {
    /// The requests of this seed to this server. Their keys are new with each call: no server has seen them.
    ///
    /// # Panics
    ///
    /// When the system has no randomness.
    pub(super) fn new(server: SocketAddr, seed: u64, addresses: Option<NonZeroU32>) -> Self {
        let mut head = format!("POST /api/v1/avis HTTP/1.1\r\nHost: {server}\r\n");
        let forwarded = addresses.map(|addresses| {
            head.push_str(Forwarded::HEADER);
            let at = head.len();
            head.push_str(&" ".repeat(Forwarded::LENGTH));
            head.push_str("\r\n");
            Forwarded { addresses, next: 0, at }
        });
        head.push_str("Content-Type: application/json\r\nIdempotency-Key: \"");
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let rendered = (0..POOL)
            .map(|_| {
                let body = avis(&mut random).to_string();
                let key = "0".repeat(KEY_LENGTH);
                format!("{head}{key}\"\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
            })
            .collect();
        let mut unseen = [0; 32];
        getrandom::fill(&mut unseen).unwrap_or_else(|error| panic!("no randomness: {error}"));
        Self { rendered, key_at: head.len(), next: 0, keys: ChaCha8Rng::from_seed(unseen), forwarded }
    }

    /// The next request, under a key of its own, and from an address of its own if it tells one.
    pub(super) fn take(&mut self) -> &[u8] {
        let index = self.next;
        self.next = (index + 1) % self.rendered.len();
        let mut key = [0; 16];
        self.keys.fill_bytes(&mut key);
        let request = &mut self.rendered[index];
        let place = &mut request[self.key_at..self.key_at + KEY_LENGTH];
        uuid::Builder::from_random_bytes(key).into_uuid().hyphenated().encode_lower(place);
        if let Some(forwarded) = &mut self.forwarded {
            let at = forwarded.at;
            forwarded.write(&mut request[at..at + Forwarded::LENGTH]);
        }
        request
    }
}

/// One avis.
fn avis(random: &mut ChaCha8Rng) -> Value {
    let demarche = demarche(random);
    let mut answers = Map::new();
    answers.insert(
        "satisfaction".into(),
        choice(random, &[("pas_bien", 109), ("moyen", 154), ("tres_bien", 737)]).into(),
    );
    let scale = [("1", 50), ("2", 60), ("3", 140), ("4", 280), ("5", 470)];
    if random.random_bool(0.90) {
        answers.insert("clarity".into(), choice(random, &scale).into());
        answers.insert("ease".into(), choice(random, &scale).into());
    }
    if random.random_bool(0.87) {
        help(random, &mut answers);
    }
    if random.random_bool(0.80) {
        malfunctions(random, &mut answers);
    }
    if random.random_bool(0.37) {
        answers.insert("comment".into(), comment(random).into());
    }
    let place = random.random_range(0..3);
    json!({
        "demarche": demarche.to_string(),
        "lang": choice(random, &[("fr", 970), ("en", 30)]),
        "page": format!("https://www.service-{demarche}.example.fr/demarche/etape-{place}/fin"),
        "answers": answers,
    })
}

fn demarche(random: &mut ChaCha8Rng) -> u32 {
    let mut place = random.random_range(0..1000);
    for (rank, weight) in (0..).zip(LARGEST) {
        if place < weight {
            return FIRST_DEMARCHE + rank;
        }
        place -= weight;
    }
    // The rest falls off: the square of a random number makes small ranks more frequent than large ones.
    let ranks = DEMARCHES - 10;
    let skewed = f64::from(ranks) * random.random::<f64>().powi(2);
    let rank = (0..ranks).take_while(|rank| f64::from(*rank) < skewed).last().unwrap_or(0);
    FIRST_DEMARCHE + 10 + rank
}

/// 15 % of all avis have an answer to «reached», 11 % one to «quality».
fn help(random: &mut ChaCha8Rng, answers: &mut Map<String, Value>) {
    if random.random_bool(0.70) {
        answers.insert("help_tried".into(), json!(["none"]));
        return;
    }
    let mut tried = Vec::new();
    if random.random_bool(0.60) {
        let channel = choice(random, &[("guichet", 25), ("telephone", 45), ("email", 22), ("chat", 8)]);
        tried.push(channel);
        let reached = random.random_bool(0.72);
        answers.insert("help_reached".into(), json!({channel: if reached { "oui" } else { "non" }}));
        if reached {
            let quality = choice(
                random,
                &[("tres_mauvaise", 6), ("mauvaise", 8), ("moyenne", 20), ("bonne", 36), ("excellente", 30)],
            );
            answers.insert("help_quality".into(), json!({channel: quality}));
        }
    }
    if tried.is_empty() || random.random_bool(0.2) {
        tried.push(choice(random, &[("relative", 50), ("association", 10), ("websites", 40)]));
    }
    if random.random_bool(0.05) {
        tried.push("other");
        answers.insert("help_tried_other".into(), "La mairie de ma commune".into());
    }
    answers.insert("help_tried".into(), json!(tried));
}

fn malfunctions(random: &mut ChaCha8Rng, answers: &mut Map<String, Value>) {
    if random.random_bool(0.82) {
        answers.insert("malfunctions".into(), json!(["none"]));
        return;
    }
    let kinds =
        [("broken", 20), ("slow", 30), ("sign_in", 15), ("document", 15), ("known_data", 10), ("device", 10)];
    let mut met = vec![choice(random, &kinds)];
    if random.random_bool(0.15) {
        met.push("other");
        answers.insert("malfunctions_other".into(), "Le code reçu par SMS arrivait trop tard".into());
    }
    answers.insert("malfunctions".into(), json!(met));
}

const SENTENCES: [&str; 12] = [
    "Très simple.",
    "Merci !",
    "Rien à signaler, tout était clair et rapide.",
    "Le site a planté deux fois avant que je puisse envoyer mon dossier.",
    "Il manque une explication sur les pièces à fournir.",
    "J'ai dû recommencer trois fois car la page ne se chargeait pas.",
    "La personne au téléphone a été aimable et efficace.",
    "Je n'ai pas compris pourquoi on me demandait encore mon justificatif de domicile.",
    "Démarche rapide, je recommande de la faire en ligne plutôt qu'au guichet.",
    "Impossible de joindre le service par téléphone malgré plusieurs essais à des heures différentes.",
    "Le bouton « Continuer » n'était pas visible sur mon téléphone.",
    "Bravo pour ce service, c'est bien plus facile qu'avant.",
];

/// A comment of one to six sentences, most of them short: half have fewer than some 90 characters.
fn comment(random: &mut ChaCha8Rng) -> String {
    let sentences = choice(random, &[(1_usize, 42), (2, 34), (3, 14), (4, 6), (6, 4)]);
    let chosen: Vec<&str> =
        (0..sentences).map(|_| SENTENCES[random.random_range(0..SENTENCES.len())]).collect();
    chosen.join(" ")
}

/// One of the choices, as often as its weight says.
fn choice<T: Copy>(random: &mut ChaCha8Rng, choices: &[(T, u32)]) -> T {
    let mut place = random.random_range(0..choices.iter().map(|(_, weight)| weight).sum());
    for (choice, weight) in choices {
        if place < *weight {
            return *choice;
        }
        place -= weight;
    }
    choices[0].0
}
