//! Comments as people write them, with personal data in some and what only looks like it in others: the same for the
//! same seed.
//!
//! It knows what it planted where, so it can tell what was masked rightly, what was missed, and what was masked that
//! should not have been. Check digits are worked out here, apart from the detectors that are held against them.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The personal data that tests write where they need some: looked for in all that any collector leaves behind.
pub const PRIVATE: [&str; 3] = ["06 12 34 56 78", "jean.dupont@example.fr", "quelqu.un@example.fr"];

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A number of the social security, with its key.
    Nir,
    /// A bank account.
    Iban,
    /// A payment card.
    Card,
    /// The plate of a vehicle.
    Plate,
    /// A tax number, in a sentence about taxes.
    TaxNumber,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Email, Self::Phone, Self::Nir, Self::Iban, Self::Card, Self::Plate, Self::TaxNumber];

    /// What has to stand in its place once it is masked.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Email => "[mail]",
            Self::Phone => "[tél.]",
            Self::Nir => "[NIR]",
            Self::Iban => "[IBAN]",
            Self::Card => "[carte]",
            Self::Plate => "[immat]",
            Self::TaxNumber => "[n° fiscal]",
        }
    }

    /// Whether its values have check digits.
    #[must_use]
    pub fn has_check_digits(self) -> bool {
        matches!(self, Self::Nir | Self::Iban | Self::Card)
    }
}

/// A comment, piece by piece. A piece of words stands behind each other piece.
#[derive(Debug, Clone)]
pub struct Comment {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone)]
enum Piece {
    /// Words without any figure.
    Words(String),
    /// Personal data.
    Value(Kind, String),
    /// What is to stay, though it may look like that.
    Decoy(String),
}

/// How a comment came back.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// The values that were masked by the word of their kind, and as a whole.
    pub masked: Vec<(Kind, String)>,
    /// The values that were not.
    pub missed: Vec<(Kind, String)>,
    /// What was masked that should have stayed.
    pub taken: Vec<String>,
}

impl Comment {
    /// So many comments, half of them with personal data.
    #[must_use]
    pub fn some(count: usize, seed: u64) -> Vec<Self> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        (0..count).map(|place| Self::any(place.is_multiple_of(2), &mut random)).collect()
    }

    fn any(holds_data: bool, random: &mut ChaCha8Rng) -> Self {
        let mut sentences: Vec<Vec<Piece>> = Vec::new();
        for _ in 0..random.random_range(0..3) {
            sentences.push(vec![Piece::Words(pick(random, &PLAIN).to_owned())]);
        }
        for _ in 0..random.random_range(u32::from(!holds_data)..3) {
            sentences.push(around(pick(random, &DECOY_SENTENCES), Piece::Decoy(decoy(random))));
        }
        if holds_data {
            for _ in 0..random.random_range(1..3) {
                let kind = Kind::ALL[random.random_range(0..Kind::ALL.len())];
                let at = random.random_range(0..=sentences.len());
                let sentence =
                    around(pick(random, sentences_with(kind)), Piece::Value(kind, value(kind, random)));
                sentences.insert(at, sentence);
            }
        }
        let mut comment = Self { pieces: vec![] };
        for sentence in sentences {
            for piece in sentence {
                comment.push(piece);
            }
            comment.push(Piece::Words(if random.random_ratio(1, 6) { "\n" } else { " " }.to_owned()));
        }
        comment.push(Piece::Words("Cordialement".to_owned()));
        comment
    }

    fn push(&mut self, piece: Piece) {
        match (self.pieces.last_mut(), piece) {
            (Some(Piece::Words(before)), Piece::Words(words)) => before.push_str(&words),
            (_, piece) => self.pieces.push(piece),
        }
    }

    /// What is written.
    #[must_use]
    pub fn text(&self) -> String {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Words(text) | Piece::Value(_, text) | Piece::Decoy(text) => text.as_str(),
            })
            .collect()
    }

    /// The personal data in it.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Value(_, text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// Compares with what became of it.
    ///
    /// # Panics
    ///
    /// When the words around are not as they were.
    #[must_use]
    pub fn judge(&self, masked: &str) -> Verdict {
        let mut verdict = Verdict::default();
        let mut rest = masked;
        let mut pieces = self.pieces.iter().peekable();
        while let Some(piece) = pieces.next() {
            let (kind, text) = match piece {
                Piece::Words(words) => {
                    rest = match rest.strip_prefix(words.as_str()) {
                        Some(rest) => rest,
                        None => panic!("{words:?} is not where it was: {masked:?} of {:?}", self.text()),
                    };
                    continue;
                }
                Piece::Value(kind, text) => (Some(*kind), text),
                Piece::Decoy(text) => (None, text),
            };
            let Some(Piece::Words(behind)) = pieces.peek() else { panic!("words stand behind each piece") };
            let Some(end) = rest.find(behind.as_str()) else {
                panic!("{behind:?} is gone: {masked:?} of {:?}", self.text())
            };
            let found = &rest[..end];
            match kind {
                Some(kind) if found == kind.word() => verdict.masked.push((kind, text.clone())),
                Some(kind) => verdict.missed.push((kind, text.clone())),
                None if found == text => {}
                None => verdict.taken.push(text.clone()),
            }
            rest = &rest[end..];
        }
        assert!(rest.is_empty(), "{rest:?} is new: {masked:?} of {:?}", self.text());
        verdict
    }
}

/// A sentence with a piece at its `{}`.
fn around(sentence: &str, piece: Piece) -> Vec<Piece> {
    let (before, behind) = sentence.split_once("{}").unwrap_or((sentence, ""));
    vec![Piece::Words(before.to_owned()), piece, Piece::Words(behind.to_owned())]
}

const PLAIN: [&str; 10] = [
    "Le site est clair et rapide.",
    "La page ne répondait plus, j'ai dû tout recommencer !",
    "Très simple, merci.",
    "Je n'ai pas trouvé où joindre mes pièces justificatives.",
    "POURQUOI FAUT-IL SE RECONNECTER SANS ARRÊT ???",
    "Mon mari a fait la démarche à ma place : le formulaire refusait ma saisie.",
    "Franchement… c'est long.",
    "Déclarer mes impôts en ligne est devenu facile.",
    "Merci à l'agent qui m'a rappelée le soir même :)",
    "Das Formular war verständlich, thank you.",
];

const DECOY_SENTENCES: [&str; 8] = [
    "J'ai indiqué {} et rien ne s'est passé.",
    "Le site affiche {} sans explication.",
    "On me demande {}, pourquoi ?",
    "Réponse reçue : {}. Que faire ?",
    "Voir {} pour le détail.",
    "Bloqué à l'étape ({}) depuis hier.",
    "Toujours {} à l'écran, c'est pénible.",
    "IL FAUT LIRE {} POUR COMPRENDRE.",
];

fn sentences_with(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Email => &[
            "Mon adresse est {}.",
            "Répondez à {}, merci.",
            "mail:{} si besoin.",
            "Le lien envoyé à <{}> n'arrive jamais.",
            "Contact : {}\nSans réponse à ce jour.",
            "Le compte ({}) est bloqué.",
        ],
        Kind::Phone => &[
            "Rappelez-moi au {}.",
            "Tél : {} le soir.",
            "Mon numéro ({}) n'est pas reconnu.",
            "tel.{}, merci de rappeler.",
            "Je suis joignable au {}\nAprès le travail.",
            "Aucun SMS reçu sur le {} !",
        ],
        Kind::Nir => &[
            "Mon numéro de sécu est {}.",
            "Sécurité sociale : {} et rien ne marche.",
            "Le n° {}, pourtant exact, est refusé.",
            "NIR={} (assuré).",
            "Le site refuse {} !",
        ],
        Kind::Iban => &[
            "Mon IBAN est {}.",
            "Virement attendu sur {} depuis longtemps.",
            "RIB : {}, toujours refusé.",
            "Le compte ({}) n'est pas accepté.",
            "Impossible d'enregistrer {} !",
        ],
        Kind::Card => &[
            "J'ai payé avec la carte {}.",
            "Ma CB {}, refusée.",
            "Carte bleue n°{} débitée par erreur !",
            "Le paiement ({}) a échoué.",
            "Numéro : {} expirée depuis.",
        ],
        Kind::Plate => &[
            "Mon véhicule {} n'existe pas selon le site.",
            "La plaque {}, saisie telle quelle, est refusée.",
            "Immatriculation : {}.",
            "Carte grise de la voiture ({}) jamais reçue.",
            "J'ai vendu {} et je reçois les amendes.",
        ],
        Kind::TaxNumber => &[
            "Mon numéro fiscal est {}.",
            "N° fiscal : {} refusé.",
            "Le SPI {}, pourtant exact, n'est pas reconnu.",
            "Aux impôts on me connaît sous le {} !",
            "Numéro fiscal :\n{} comme sur mon avis.",
            "Le {} est bien mon numéro fiscal.",
        ],
    }
}

fn value(kind: Kind, random: &mut ChaCha8Rng) -> String {
    match kind {
        Kind::Email => email(random),
        Kind::Phone => phone(random),
        Kind::Nir => nir(random, false),
        Kind::Iban => iban(random, false),
        Kind::Card => card(random, false),
        Kind::Plate => plate(random),
        Kind::TaxNumber => tax_number(random),
    }
}

fn email(random: &mut ChaCha8Rng) -> String {
    let first = pick(random, &["jean", "lea", "mohamed", "Anne-Marie", "Chloé", "k", "contact", "j.p"]);
    let last = pick(random, &["dupont", "le_gall", "Nguyen", "o.martin", "b"]);
    let number = if random.random_ratio(1, 3) { digits(random, 2) } else { String::new() };
    let local = match random.random_range(0..4) {
        0 => format!("{first}.{last}{number}"),
        1 => format!("{first}{last}{number}"),
        2 => format!("{first}_{last}+impots{number}"),
        _ => format!("{first}-{last}{number}"),
    };
    let at = if random.random_ratio(1, 20) { " @" } else { "@" };
    let host = pick(
        random,
        &[
            "example.fr",
            "orange.example.com",
            "ville-exemple.example.org",
            "mail.EXAMPLE.net",
            "laposte.example",
        ],
    );
    format!("{local}{at}{host}")
}

fn phone(random: &mut ChaCha8Rng) -> String {
    if random.random_ratio(1, 5) {
        let [code, groups @ ..] = pick(
            random,
            &[
                ["+32", "3", "2", "2", "2"],
                ["+44", "2", "4", "4", ""],
                ["+1", "3", "3", "4", ""],
                ["+212", "1", "2", "2", "4"],
                ["+41", "2", "3", "2", "2"],
                ["+49", "3", "4", "4", ""],
                ["0034", "3", "3", "3", ""],
                ["+262", "3", "2", "2", "2"],
            ],
        );
        let separator = pick(random, &[" ", " ", "-", ""]);
        let groups = groups.iter().filter_map(|length| length.parse().ok());
        let groups: Vec<String> = groups
            .map(|length: usize| format!("{}{}", random.random_range(1..10), digits(random, length - 1)))
            .collect();
        return format!("{code}{separator}{}", groups.join(separator));
    }
    let operator = random.random_range(1..10);
    let pairs: Vec<String> = (0..4).map(|_| digits(random, 2)).collect();
    let separator = pick(random, &[" ", " ", " ", ".", "-", "", "", "/", "\u{a0}"]);
    let start = match random.random_range(0..10) {
        0 => format!("+33 {operator}"),
        1 => format!("+33{separator}{operator}"),
        2 => format!("+33 (0){operator}"),
        3 => format!("0033{separator}{operator}"),
        _ => format!("0{operator}"),
    };
    format!("{start}{separator}{}", pairs.join(separator))
}

/// A number of the social security; with a wrong key, if asked for.
fn nir(random: &mut ChaCha8Rng, is_wrong: bool) -> String {
    let corsica = random.random_ratio(1, 12).then(|| pick(random, &["2A", "2B"]));
    let sex = random.random_range(1..3);
    let (year, month) = (digits(random, 2), random.random_range(1..13));
    let departement = corsica.map_or_else(|| format!("{:02}", random.random_range(1..96)), str::to_owned);
    let (commune, order) = (digits(random, 3), digits(random, 3));
    let spelled = format!("{sex}{year}{month:02}{departement}{commune}{order}");
    // The remainder, digit by digit, with 19 and 18 for the two départements that have a letter.
    let counted = spelled.replace("2A", "19").replace("2B", "18");
    let remainder =
        counted.bytes().fold(0, |remainder, digit| (remainder * 10 + u32::from(digit - b'0')) % 97);
    let key = 97 - remainder;
    let key = if is_wrong { key % 97 + 1 } else { key };
    match random.random_range(0..4) {
        0 => format!("{spelled}{key:02}"),
        1 => format!("{spelled} {key:02}"),
        2 => format!("{sex}.{year}.{month:02}.{departement}.{commune}.{order}.{key:02}"),
        _ => format!("{sex} {year} {month:02} {departement} {commune} {order} {key:02}"),
    }
}

/// A bank account; with wrong check digits, if asked for.
fn iban(random: &mut ChaCha8Rng, is_wrong: bool) -> String {
    // Digits, letters, or either, as each country has it.
    let (country, pattern) = pick(
        random,
        &[
            ("FR", "nnnnnnnnnnnnnnnnnnnnnnn"),
            ("FR", "nnnnnnnnnnnnnnnnnnnnnnn"),
            ("FR", "nnnnnnnnnncccccccccccnn"),
            ("DE", "nnnnnnnnnnnnnnnnnn"),
            ("BE", "nnnnnnnnnnnn"),
            ("GB", "aaaannnnnnnnnnnnnn"),
            ("NL", "aaaannnnnnnnnn"),
            ("ES", "nnnnnnnnnnnnnnnnnnnn"),
            ("NO", "nnnnnnnnnnn"),
            ("MT", "aaaannnnncccccccccccccccccc"),
            ("LU", "nnnccccccccccccc"),
            ("PT", "nnnnnnnnnnnnnnnnnnnnn"),
            ("TN", "nnnnnnnnnnnnnnnnnnnn"),
        ],
    );
    let account: String = pattern
        .chars()
        .map(|symbol| match symbol {
            'n' => char::from(b'0' + random.random_range(0..10_u8)),
            'a' => char::from(b'A' + random.random_range(0..26_u8)),
            _ => char::from(pick(random, b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ")),
        })
        .collect();
    let spelled: String = format!("{account}{country}00")
        .chars()
        .filter_map(|symbol| symbol.to_digit(36))
        .map(|value| value.to_string())
        .collect();
    let remainder =
        spelled.bytes().fold(0, |remainder, digit| (remainder * 10 + u32::from(digit - b'0')) % 97);
    let check = if is_wrong { 98 - (remainder + 1) % 97 } else { 98 - remainder };
    let iban = format!("{country}{check:02}{account}");
    match random.random_range(0..8) {
        0..3 => iban,
        3 => iban.to_lowercase(),
        4 if country == "FR" => {
            format!("{} {} {} {} {}", &iban[..4], &iban[4..9], &iban[9..14], &iban[14..25], &iban[25..])
        }
        _ => in_groups(&iban, &[4; 8], ' '),
    }
}

/// A payment card; with a wrong check digit, if asked for.
fn card(random: &mut ChaCha8Rng, is_wrong: bool) -> String {
    let (prefix, length): (&str, usize) = match random.random_range(0..50) {
        0..24 => ("4", 16),
        24..40 => (pick(random, &["51", "52", "53", "54", "55", "2221", "2500", "2719"]), 16),
        40..45 => (pick(random, &["34", "37"]), 15),
        45..48 => (pick(random, &["6759", "6304", "5018"]), 16),
        48 => ("6011", 16),
        _ => ("4", 13),
    };
    let mut card = format!("{prefix}{}", digits(random, length - 1 - prefix.len()));
    let wrong = if is_wrong { random.random_range(1..10) } else { 0 };
    let check = (luhn(&card) + wrong) % 10;
    card.push_str(&check.to_string());
    let separator = pick(random, &[Some(' '), Some(' '), Some('-'), None, None]);
    match separator {
        Some(separator) if length == 15 => in_groups(&card, &[4, 6, 5], separator),
        Some(separator) => in_groups(&card, &[4; 4], separator),
        None => card,
    }
}

/// The digit by which these pass the check of Luhn.
fn luhn(digits: &str) -> u32 {
    const DOUBLED: [u32; 10] = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|digit| digit.to_digit(10))
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { DOUBLED[digit as usize] } else { digit })
        .sum();
    (10 - sum % 10) % 10
}

fn plate(random: &mut ChaCha8Rng) -> String {
    let letters = |random: &mut ChaCha8Rng, count: usize| -> String {
        (0..count).map(|_| char::from(pick(random, b"ABCDEFGHJKLMNPQRSTVWXYZ"))).collect()
    };
    if random.random_ratio(1, 4) {
        let number = random.random_range(10..10_000);
        let count = random.random_range(2..4);
        let letters = letters(random, count);
        let departement = if random.random_ratio(1, 30) {
            "2B".to_owned()
        } else {
            format!("{:02}", random.random_range(1..96))
        };
        let separator = pick(random, &[" ", " ", "-"]);
        return format!("{number}{separator}{letters}{separator}{departement}");
    }
    let (before, behind) = (letters(random, 2), letters(random, 2));
    let separator = pick(random, &["-", "-", "-", " ", ""]);
    format!("{before}{separator}{:03}{separator}{behind}", random.random_range(1..1_000))
}

fn tax_number(random: &mut ChaCha8Rng) -> String {
    let number = format!("{}{}", random.random_range(0..4), digits(random, 12));
    if random.random_ratio(1, 3) { in_groups(&number, &[2, 2, 3, 3, 3], ' ') } else { number }
}

/// What looks a little like personal data, and is none.
fn decoy(random: &mut ChaCha8Rng) -> String {
    let day = random.random_range(1..29);
    let month = random.random_range(1..13);
    let year = random.random_range(1990..2031);
    let short = year % 100;
    match random.random_range(0..40) {
        0 => format!("{} {},{} €", random.random_range(1..1_000), digits(random, 3), digits(random, 2)),
        1 => format!("{} {} {} euros", random.random_range(1..100), digits(random, 3), digits(random, 3)),
        2 => format!("+{} {} €", random.random_range(1..100), digits(random, 3)),
        3 => format!("{}.{},00 EUR", random.random_range(1..100), digits(random, 3)),
        4 => format!("{day:02}/{month:02}/{year}"),
        5 => format!("{day:02}.{month:02}.{short:02} {day:02}.{month:02}.{short:02}"),
        6 => format!("{day:02}/{month:02}/{short:02} - {day:02}/{month:02}/{short:02}"),
        7 => format!(
            "{year}-{month:02}-{day:02} {}:{}",
            random.random_range(10..24),
            random.random_range(10..60)
        ),
        8 => format!("{day:02} {month:02} {year}"),
        9 => format!("les années {year}, {} et {}", year + 1, year + 2),
        10 => format!("{year} {} {} {}", year + 1, year + 2, year + 3),
        11 => format!("dossier {}", digits_from(random, 8)),
        12 => format!("dossier {year}-{}", digits(random, 6)),
        13 => format!("dossier {}", digits_from(random, 11)),
        14 => format!("le dossier {}", digits_from(random, 13)),
        15 => format!("la référence {}", digits_from(random, 16)),
        16 => format!("la référence {year}-0{}", digits(random, 9)),
        17 => format!("DS-{}", digits_from(random, 7)),
        18 => format!("l'article {} A", random.random_range(100..2_000)),
        19 => format!("l'article L. {}-{}", random.random_range(100..1_000), random.random_range(1..30)),
        20 => format!("R*{}-{} du LPF", random.random_range(100..1_000), random.random_range(1..30)),
        21 => format!("{:05} Paris", random.random_range(1_000..98_900)),
        22 => format!("{:05} {:05}", random.random_range(1_000..98_900), random.random_range(1_000..98_900)),
        23 => format!("le formulaire 2042 C PRO {year}"),
        24 => format!("le cerfa {}*0{}", digits_from(random, 5), random.random_range(1..9)),
        25 => siret(random),
        26 => in_groups(&siret(random), &[3, 3, 3, 5], ' '),
        27 => nir(random, true),
        28 => iban(random, true),
        29 => card(random, true),
        30 => format!("PLUS DE {} EN TOUT", random.random_range(100..1_000)),
        31 => format!("ENTRE {} ET {} ANS", random.random_range(10..50), random.random_range(50..90)),
        32 => pick(random, &["@impots_gouv", "amig@s", "tod@s", "3 @ 5", "cher@s tous"]).to_owned(),
        33 => pick(random, &["https://www.example.fr/fr/123456", "service-public.example"]).to_owned(),
        34 => format!("Firefox {}.0.{}", random.random_range(100..140), random.random_range(1..9)),
        35 => format!("192.168.{}.{}", random.random_range(0..256), random.random_range(0..256)),
        36 => pick(random, &["le 3939", "le 36 46", "le 15", "le 0 du standard"]).to_owned(),
        37 => format!("{},{} %", random.random_range(1..100), random.random_range(1..100)),
        38 => format!("{} TTC {}", random.random_range(100..2_000), random.random_range(10..90)),
        _ => format!("l'erreur {}", pick(random, &["404", "E-1203", "500", "0x80070057", "AUTH-12-AB"])),
    }
}

/// The number of a company's establishment.
fn siret(random: &mut ChaCha8Rng) -> String {
    let company = digits_from(random, 8);
    let company = format!("{company}{}", luhn(&company));
    let establishment = format!("{company}000{}", random.random_range(1..10));
    format!("{establishment}{}", luhn(&establishment))
}

/// The symbols in groups of these lengths, the last as long as there are any.
fn in_groups(symbols: &str, lengths: &[usize], separator: char) -> String {
    let mut grouped = String::new();
    let mut rest = symbols;
    for length in lengths {
        let (group, behind) = rest.split_at((*length).min(rest.len()));
        if group.is_empty() {
            break;
        }
        if !grouped.is_empty() {
            grouped.push(separator);
        }
        grouped.push_str(group);
        rest = behind;
    }
    grouped
}

/// So many digits.
fn digits(random: &mut ChaCha8Rng, count: usize) -> String {
    (0..count).map(|_| char::from(b'0' + random.random_range(0..10_u8))).collect()
}

/// So many digits, the first of which is none of 0.
fn digits_from(random: &mut ChaCha8Rng, count: usize) -> String {
    format!("{}{}", random.random_range(1..10), digits(random, count - 1))
}

fn pick<T: Copy>(random: &mut ChaCha8Rng, among: &[T]) -> T {
    among[random.random_range(0..among.len())]
}
