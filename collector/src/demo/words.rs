//! What people write: a small grammar of French, by how it went and what went wrong.

use super::dice::Dice;
use shared::questionnaire::{COMMENT_MAX, Choice, Malfunction, Satisfaction};

/// Whole comments of a few words.
const SHORT: [&[&str]; 3] = [
    &[
        "Très décevant",
        "À revoir",
        "Trop compliqué",
        "Ne fonctionne pas",
        "Inadmissible en 2026",
        "Une perte de temps",
        "Site inutilisable",
        "Je n'y arrive pas",
        "Vraiment pas clair !",
        "Personne ne répond",
    ],
    &[
        "Peut mieux faire",
        "Un peu long",
        "Pas très intuitif",
        "Correct sans plus",
        "Bof, assez lent",
        "Trop de clics",
        "Moyennement clair",
        "Ça va",
    ],
    &[
        "Très bien",
        "Parfait merci",
        "Simple et rapide",
        "Rien à dire",
        "Très bon site",
        "Facile à utiliser",
        "Merci beaucoup",
        "Rapide et efficace",
        "Nickel, merci !",
        "Tout est clair",
        "Au top",
        "Bravo à l'équipe",
        "Continuez comme ça",
    ],
];

/// Sentences about how it went. `{…}` is filled from [`SLOTS`], `{it}` with what the démarche is called.
const SENTENCES: [&[&str]; 3] = [
    &[
        "{it} n'a toujours pas abouti après {delay}",
        "Impossible de terminer : {step} renvoie une erreur à chaque fois",
        "J'ai recommencé {times} et j'ai fini par abandonner",
        "On tourne en rond entre {step} et {step}",
        "Les explications sont incompréhensibles, surtout pour {step}",
        "J'ai dû demander à {helper} de m'aider, sinon je n'y serais jamais arrivé",
        "Le téléphone sonne dans le vide et personne ne rappelle",
        "On me réclame {doc} que j'ai déjà envoyé {times}",
        "Aucun moyen de revenir en arrière sans tout perdre",
        "Cela fait {delay} que j'attends une réponse",
        "Le message d'erreur ne dit pas ce qu'il faut corriger",
        "Pour une personne âgée c'est tout simplement impossible",
        "Avant, au guichet, cela prenait dix minutes",
        "Je vais devoir me déplacer alors que tout devait se faire en ligne",
        "Le vocabulaire employé est réservé aux spécialistes",
        "{step} ne correspond pas à ma situation et rien d'autre n'est proposé",
        "Le délai annoncé n'est pas respecté",
        "La réponse automatique reçue par courriel ne répond pas à ma question",
    ],
    &[
        "{it} a fini par passer, mais il m'a fallu {delay}",
        "C'est faisable, à condition d'avoir {doc} sous la main",
        "{step} mériterait d'être expliqué plus simplement",
        "Dans l'ensemble correct, sauf {step}",
        "Il faudrait pouvoir enregistrer et reprendre plus tard",
        "J'ai hésité devant {step}, les consignes ne sont pas claires",
        "On ne sait pas à l'avance quelles pièces préparer",
        "Un récapitulatif par courriel serait utile",
        "Le site est un peu lent mais il fonctionne",
        "Sur {device} l'affichage n'est pas pratique",
        "Certaines questions reviennent deux fois",
        "J'ai eu besoin de {helper} pour une question, le reste s'est bien passé",
        "Il manque une indication du temps restant",
        "Le bouton pour continuer est tout en bas, on ne le voit pas",
        "Les délais de traitement ne sont pas indiqués",
    ],
    &[
        "{it} a été très simple",
        "Tout s'est bien passé, en {quick} c'était terminé",
        "Les étapes sont claires et bien expliquées",
        "{step} est bien pensé",
        "J'ai pu tout faire depuis {device}",
        "Réponse reçue en {quick}, je ne m'y attendais pas",
        "Très pratique de ne plus avoir à se déplacer",
        "L'aide à côté de chaque champ est très utile",
        "Bien plus rapide que l'année dernière",
        "Les pièces demandées sont annoncées dès le début, c'est appréciable",
        "La reprise des informations déjà connues fait gagner du temps",
        "{helper} me l'avait conseillé, je confirme que c'est facile",
        "Le courriel de confirmation est arrivé tout de suite",
        "Je suis peu à l'aise avec internet et j'y suis arrivé sans aide",
        "Pour une fois, une démarche sans stress",
        "Service efficace, merci aux agents",
    ],
];

/// Sentences about each malfunction, in the order of its choices; the last two have none of their own.
const TROUBLES: [&[&str]; 7] = [
    &[
        "Le bouton pour valider {step} ne réagit pas",
        "Une page blanche s'affiche après {step}",
        "Le lien vers {step} ne mène nulle part",
    ],
    &[
        "Le site est d'une lenteur incroyable, {delay} pour {step}",
        "Service indisponible {times} cette semaine",
        "La page tourne sans fin puis se déconnecte",
    ],
    &[
        "Impossible de me connecter, le code n'arrive jamais",
        "Mon mot de passe est refusé alors qu'il est bon",
        "L'identification m'a fait recommencer {times}",
    ],
    &[
        "Impossible de joindre {doc}, le fichier serait trop lourd",
        "Le format de {doc} est refusé sans explication",
        "L'envoi de {doc} échoue à la fin",
    ],
    &[
        "Pourquoi redemander {doc} que l'administration possède déjà",
        "Mon adresse est connue de vos services et il faut encore la saisir",
        "Il serait temps que les administrations se parlent entre elles",
    ],
    &[
        "Sur {device} les boutons sortent de l'écran",
        "L'affichage est illisible avec {device}",
        "Le clavier cache le champ à remplir",
    ],
    &[
        "Mon lecteur d'écran ne lit pas {step}",
        "Impossible de remplir le formulaire au clavier",
        "Le contraste est trop faible, je ne distingue pas les champs",
    ],
];

/// How a comment may end.
const ENDINGS: [&[&str]; 3] = [
    &["À améliorer d'urgence", "Merci de faire quelque chose", "C'est décourageant", "Cordialement"],
    &["À améliorer", "Merci quand même", "Sinon rien à redire", "Bonne continuation"],
    &["Merci", "Merci à tous", "Bravo", "Continuez ainsi", "Bonne journée"],
];

const ENGLISH: [&[&str]; 3] = [
    &["I could not finish the form", "Nobody answers the phone", "The error message is of no help"],
    &["It works but it takes too long", "Some pages are in French only", "The steps could be clearer"],
    &["Very easy, thank you", "Quick and clear", "Everything worked on my phone"],
];

/// What fills the slots of a sentence.
const SLOTS: [(&str, &[&str]); 7] = [
    (
        "step",
        &[
            "la page de confirmation",
            "l'étape des pièces justificatives",
            "le récapitulatif",
            "l'écran de connexion",
            "le choix de l'adresse",
            "la prise de rendez-vous",
            "le paiement en ligne",
            "la rubrique sur la situation familiale",
        ],
    ),
    (
        "doc",
        &[
            "un justificatif de domicile",
            "une photo d'identité",
            "le dernier avis d'imposition",
            "un acte de naissance",
            "un relevé d'identité bancaire",
            "une attestation de l'employeur",
        ],
    ),
    ("device", &["mon téléphone", "ma tablette", "un vieil ordinateur", "mon ordinateur portable"]),
    ("helper", &["ma fille", "mon voisin", "une conseillère", "la mairie", "une association", "un collègue"]),
    ("delay", &["une heure", "deux heures", "trois jours", "deux semaines", "un mois", "plus de six mois"]),
    ("quick", &["cinq minutes", "dix minutes", "un quart d'heure", "deux jours", "quelques clics"]),
    ("times", &["deux fois", "trois fois", "cinq fois", "une dizaine de fois"]),
];

const OTHER_HELP: [&str; 8] = [
    "Ma mairie",
    "Une maison de services au public",
    "Un forum",
    "La notice jointe",
    "Mon comptable",
    "Le syndicat",
    "Une vidéo",
    "Mon assistante sociale",
];

const OTHER_TROUBLES: [&str; 8] = [
    "Le courriel de confirmation n'est jamais arrivé",
    "La session expire trop vite",
    "Mon nom composé est refusé",
    "L'adresse de mon immeuble n'existe pas dans la liste",
    "Le paiement a été pris deux fois",
    "Pas de rendez-vous disponible",
    "Le document à imprimer est vide",
    "La date de naissance est inversée",
];

/// What a comment is about.
pub(super) struct Subject<'a> {
    pub(super) satisfaction: Satisfaction,
    pub(super) malfunctions: &'a [Malfunction],
    pub(super) called: &'a str,
    pub(super) french: bool,
}

/// Where else help was looked for.
pub(super) fn other_help(dice: &mut Dice) -> &'static str {
    dice.pick(&OTHER_HELP)
}

/// What else went wrong.
pub(super) fn other_trouble(dice: &mut Dice) -> &'static str {
    dice.pick(&OTHER_TROUBLES)
}

/// A comment: two words, most often a sentence or two, now and then a page.
pub(super) fn comment(subject: &Subject<'_>, dice: &mut Dice) -> String {
    let tone = subject.satisfaction.index();
    let sentences = match dice.weighted(&[160, 320, 300, 150, 64, 5, 1]) {
        0 => 0,
        1 => 1,
        2 => 2,
        3 => dice.between(3, 5),
        4 => dice.between(6, 14),
        5 => dice.between(15, 45),
        _ => i32::MAX,
    };
    if !subject.french {
        return english(tone, sentences.clamp(1, 6), dice);
    }
    if sentences == 0 {
        return misspell(dice.pick(SHORT[tone]).to_owned(), dice);
    }
    let mut text = String::new();
    let mut length = 0;
    for nth in 0..sentences {
        let template = template(subject, tone, nth > 0 && nth + 1 == sentences, dice);
        let sentence = sentence(template, subject.called, dice);
        length += sentence.chars().count() + 1;
        if length > COMMENT_MAX {
            break;
        }
        if nth > 0 {
            // Who writes at length makes paragraphs.
            text.push(if nth % 6 == 0 { '\n' } else { ' ' });
        }
        text.push_str(&sentence);
    }
    misspell(text, dice)
}

fn template(subject: &Subject<'_>, tone: usize, last: bool, dice: &mut Dice) -> &'static str {
    if last && dice.chance(350) {
        return dice.pick(ENDINGS[tone]);
    }
    let troubles = subject.malfunctions.iter().filter_map(|trouble| TROUBLES.get(trouble.index()));
    match troubles.clone().count() {
        count if count > 0 && dice.chance(550) => {
            troubles.into_iter().nth(dice.place(count)).map_or("", |sentences| dice.pick(sentences))
        }
        _ => dice.pick(SENTENCES[tone]),
    }
}

/// A sentence with its slots filled, a capital and a full stop.
fn sentence(template: &str, called: &str, dice: &mut Dice) -> String {
    let mut text = String::with_capacity(120);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let (slot, behind) = after.split_once('}').unwrap_or((after, ""));
        let fillings = SLOTS.iter().find(|(name, _)| *name == slot).map(|(_, fillings)| *fillings);
        text.push_str(fillings.map_or(called, |fillings| dice.pick(fillings)));
        rest = behind;
    }
    text.push_str(rest);
    let mut sentence = capital(&text);
    sentence.push_str(if dice.chance(60) { " !" } else { "." });
    sentence
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn english(tone: usize, sentences: i32, dice: &mut Dice) -> String {
    (0..sentences).map(|_| format!("{}.", dice.pick(ENGLISH[tone]))).collect::<Vec<_>>().join(" ")
}

/// As people type: one in six in haste.
fn misspell(text: String, dice: &mut Dice) -> String {
    match dice.weighted(&[840, 50, 45, 35, 30]) {
        0 => text,
        1 => text.chars().map(plain).collect(),
        2 => text.trim_end_matches('.').to_lowercase(),
        3 => {
            let mut letters: Vec<char> = text.chars().collect();
            let place = dice.place(letters.len() - 1);
            letters.swap(place, place + 1);
            letters.into_iter().collect()
        }
        _ => {
            let missing = dice.place(text.chars().count());
            text.chars()
                .enumerate()
                .filter(|(place, letter)| *place != missing || *letter == ' ')
                .map(|(_, letter)| letter)
                .collect()
        }
    }
}

/// A letter without its accent.
fn plain(letter: char) -> char {
    match letter {
        'é' | 'è' | 'ê' => 'e',
        'à' | 'â' => 'a',
        'ù' | 'û' => 'u',
        'î' => 'i',
        'ô' => 'o',
        'ç' => 'c',
        'À' => 'A',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::dice::Urn;
    use super::*;

    #[test]
    fn every_slot_has_its_fillings() {
        let all = SENTENCES.iter().chain(&TROUBLES).chain(&ENDINGS).flat_map(|list| list.iter());
        for template in all {
            for slot in template.split('{').skip(1) {
                let slot = slot.split_once('}').unwrap().0;
                assert!(slot == "it" || SLOTS.iter().any(|(name, _)| *name == slot), "{template}");
            }
        }
    }

    #[test]
    fn comments_go_from_two_words_to_a_page_and_half_are_of_a_sentence_or_two() {
        let urn = Urn::new("test", &[1]);
        let mut lengths: Vec<usize> = (0..20_000)
            .map(|nth| {
                let mut dice = urn.dice(nth);
                let satisfaction = Satisfaction::ALL[dice.weighted(&[25, 20, 55])];
                let subject = Subject { satisfaction, malfunctions: &[], called: "ma demande", french: true };
                let comment = comment(&subject, &mut dice);
                assert!(comment.split_whitespace().count() > 1, "{comment}");
                assert!(!comment.contains(['{', '}']), "{comment}");
                comment.chars().count()
            })
            .collect();
        lengths.sort_unstable();
        assert!((70..=110).contains(&lengths[10_000]), "{}", lengths[10_000]);
        assert!(lengths[0] < 12, "{}", lengths[0]);
        assert!((4_800..=COMMENT_MAX).contains(&lengths[19_999]), "{}", lengths[19_999]);
    }
}
