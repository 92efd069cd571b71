//! A synthetic CSV export of today's service, of the real shape: the same for the same seed.
//!
//! Headings and labels are written out here as the contract has them, so that what imports them from another
//! definition is held against this one.

use std::io::{self, Write};

use jiff::Timestamp;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The first line of every export.
pub const HEADER: &str = "Date de l'avis,Nom du formulaire,Lien d'intégration,Identifiant Avis,\
    \"De façon générale, comment ça s'est passé ?\",\
    Qu'avez-vous pensé des informations et des instructions fournies ?,\
    \"Durant votre parcours, avez-vous tenté d'obtenir de l'aide par l'un des moyens suivants ?\",\
    \"Quand vous avez cherché de l'aide, avez-vous réussi à joindre l'administration ?\",\
    Comment évaluez-vous la qualité de l'aide que vous avez obtenue de la part de l'administration ?,\
    Souhaitez-vous nous en dire plus ?,Adresse mail";

const SATISFACTION: [&str; 3] = ["Pas bien", "Moyen", "Très bien"];

const CHANNELS: [&str; 4] = [
    "Au guichet avec l'administration",
    "Par téléphone avec l'administration",
    "Par e-mail avec l'administration",
    "Par chat avec l'administration",
];

const OTHER_HELP: [&str; 4] =
    ["Une personne proche", "Une association", "Des sites internet", "Autres, précisez"];

const NO_HELP: &str = "Je n'ai pas eu besoin d'aide";

const QUALITY: [&str; 5] = ["Très mauvaise", "Mauvaise", "Ni bonne, ni mauvaise", "Bonne", "Excellente"];

const BOUTONS: [&str; 3] = ["Bouton de fin de parcours", "Courriel de confirmation", "Page d'accueil"];

const WORDS: [&str; 16] = [
    "le",
    "formulaire",
    "était",
    "clair",
    "mais",
    "la",
    "page",
    "des",
    "pièces",
    "jointes",
    "ne",
    "répondait",
    "pas,",
    "j'ai",
    "dû",
    "recommencer",
];

/// 1 July 2025, from which avis come one after the other.
const START: i64 = 1_751_320_800;

/// Over how long they are spread, in seconds: 400 days.
const SPAN: u64 = 400 * 86_400;

/// What to write.
#[derive(Debug, Clone, Copy)]
pub struct Export {
    /// How many avis.
    pub avis: u64,
    /// What chance is made of.
    pub seed: u64,
    /// Whether they come in any order, rather than the oldest first.
    pub shuffled: bool,
    /// Whether each has a comment, as in the export that today's service makes by default.
    pub commented: bool,
}

impl Export {
    /// An export of so many avis in the order of their days, 4 in 10 with a comment.
    #[must_use]
    pub fn of(avis: u64, seed: u64) -> Self {
        Self { avis, seed, shuffled: false, commented: false }
    }

    /// Writes the file.
    ///
    /// # Errors
    ///
    /// The output takes no more.
    pub fn write(&self, output: &mut impl Write) -> io::Result<()> {
        writeln!(output, "{HEADER}")?;
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        for place in 0..self.avis {
            self.write_avis(output, place, &mut random)?;
        }
        output.flush()
    }

    fn write_avis(&self, output: &mut impl Write, place: u64, random: &mut ChaCha8Rng) -> io::Result<()> {
        // Today's numbers are those of all avis of the service, in the order in which they came.
        let number = 0x0a0_0000 + place * 7 + random.random_range(0..7);
        let moment = if self.shuffled { random.random_range(0..self.avis) } else { place };
        let offset =
            i64::try_from(u128::from(moment) * u128::from(SPAN) / u128::from(self.avis)).unwrap_or(0);
        let at = Timestamp::from_second(START + offset).unwrap_or_default();
        let bouton = if random.random_ratio(1, 50) { "" } else { pick(random, &BOUTONS) };
        let satisfaction = pick_weighted(random, &SATISFACTION, &[109, 154, 737]);
        let clarity = if random.random_ratio(9, 10) {
            pick_weighted(random, &["1", "2", "3", "4", "5"], &[5, 7, 15, 28, 45])
        } else {
            ""
        };
        let (tried, reached, quality) = help(random);
        let is_commented = self.commented || random.random_ratio(2, 5);
        let comment = if is_commented { comment(random) } else { String::new() };
        let mail = if random.random_ratio(1, 20) { "quelqu.un@example.fr" } else { "" };
        writeln!(
            output,
            "{},Formulaire,{bouton},{number:07x},{satisfaction},{clarity},{},{},{},{},{mail}",
            at.strftime("%Y-%m-%d %H:%M:%S"),
            quoted(&tried),
            quoted(&reached),
            quoted(&quality),
            quoted(&comment),
        )
    }
}

/// Help tried, reached and its quality.
fn help(random: &mut ChaCha8Rng) -> (String, String, String) {
    if random.random_ratio(13, 100) {
        return Default::default();
    }
    if random.random_ratio(4, 5) {
        return (NO_HELP.to_owned(), String::new(), String::new());
    }
    let channels: Vec<&str> = CHANNELS.into_iter().filter(|_| random.random_ratio(1, 3)).collect();
    let mut tried = channels.clone();
    if tried.is_empty() || random.random_ratio(1, 5) {
        tried.push(pick(random, &OTHER_HELP));
    }
    let (mut reached, mut quality) = (Vec::new(), Vec::new());
    for channel in channels {
        if random.random_ratio(7, 10) {
            reached.push(format!("{channel} : Oui"));
            quality.push(format!("{channel} : {}", pick(random, &QUALITY)));
        } else {
            reached.push(format!("{channel} : Non"));
        }
    }
    (tried.join(" / "), reached.join(" / "), quality.join(" / "))
}

/// A few words, sometimes on two lines or with quotes.
fn comment(random: &mut ChaCha8Rng) -> String {
    let mut comment = String::new();
    for _ in 0..random.random_range(3..40) {
        comment.push_str(pick(random, &WORDS));
        comment.push(if random.random_ratio(1, 40) { '\n' } else { ' ' });
    }
    if random.random_ratio(1, 30) {
        comment.push_str("le bouton \"Valider\" / «Envoyer»");
    }
    comment.trim().to_owned()
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

fn pick<'a>(random: &mut ChaCha8Rng, among: &[&'a str]) -> &'a str {
    among[random.random_range(0..among.len())]
}

fn pick_weighted<'a>(random: &mut ChaCha8Rng, among: &[&'a str], weights: &[u32]) -> &'a str {
    let mut at = random.random_range(0..weights.iter().sum());
    for (one, weight) in among.iter().zip(weights) {
        match at.checked_sub(*weight) {
            Some(rest) => at = rest,
            None => return one,
        }
    }
    among[0]
}
