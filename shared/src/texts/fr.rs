//! French. Wordings of clarity, help and comment are those in use since July 2024, so that series stay comparable.

use super::Texts;
use crate::draft::FieldErrorCode;
use crate::questionnaire::{Help, Malfunction, Quality, Question, Reached, Satisfaction, Screen};

pub(super) static TEXTS: Texts = Texts {
    title: "Je donne mon avis",
    language_name: "Français",
    screen: |screen| match screen {
        Screen::Satisfaction => "Votre avis",
        Screen::Clarity => "Clarté et facilité",
        Screen::Help => "Aide",
        Screen::Malfunctions => "Dysfonctionnements",
        Screen::Comment => "Commentaire",
    },
    question: |question| match question {
        Question::Satisfaction => "De façon générale, comment ça s’est passé\u{a0}?",
        Question::Clarity => "Qu’avez-vous pensé des informations et des instructions fournies\u{a0}?",
        Question::Ease => "Cette démarche a-t-elle été facile à faire\u{a0}?",
        Question::HelpTried => {
            "Durant votre parcours, avez-vous tenté d’obtenir de l’aide par l’un des moyens suivants\u{a0}?"
        }
        Question::HelpTriedOther => "Par quel autre moyen\u{a0}?",
        Question::HelpReached => {
            "Quand vous avez cherché de l’aide, avez-vous réussi à joindre l’administration\u{a0}?"
        }
        Question::HelpQuality => {
            "Comment évaluez-vous la qualité de l’aide que vous avez obtenue de la part de l’administration\u{a0}?"
        }
        Question::Malfunctions => "Avez-vous rencontré un dysfonctionnement\u{a0}?",
        Question::MalfunctionsOther => "Quel autre dysfonctionnement\u{a0}?",
        Question::Comment => "Souhaitez-vous nous en dire plus\u{a0}?",
    },
    satisfaction: |choice| match choice {
        Satisfaction::PasBien => "Pas bien",
        Satisfaction::Moyen => "Moyen",
        Satisfaction::TresBien => "Très bien",
    },
    clarity_ends: ("Pas clair du tout", "Très clair"),
    ease_ends: ("Très difficile", "Très facile"),
    help: |choice| match choice {
        Help::Guichet => "Au guichet avec l’administration",
        Help::Telephone => "Par téléphone avec l’administration",
        Help::Email => "Par e-mail avec l’administration",
        Help::Chat => "Par chat avec l’administration",
        Help::Relative => "Une personne proche",
        Help::Association => "Une association",
        Help::Websites => "Des sites internet",
        Help::Other => "Autres, précisez",
        Help::None => "Je n’ai pas eu besoin d’aide",
    },
    reached: |choice| match choice {
        Reached::Oui => "Oui",
        Reached::Non => "Non",
    },
    quality: |choice| match choice {
        Quality::TresMauvaise => "Très mauvaise",
        Quality::Mauvaise => "Mauvaise",
        Quality::Moyenne => "Ni bonne, ni mauvaise",
        Quality::Bonne => "Bonne",
        Quality::Excellente => "Excellente",
    },
    malfunction: |choice| match choice {
        Malfunction::Broken => "Une page ou un bouton ne fonctionnait pas",
        Malfunction::Slow => "Le service était lent ou indisponible",
        Malfunction::SignIn => "Je n’ai pas réussi à m’identifier",
        Malfunction::Document => "Je n’ai pas pu joindre un document",
        Malfunction::KnownData => "On m’a demandé une information que l’administration a déjà",
        Malfunction::Device => "L’affichage n’allait pas sur mon appareil",
        Malfunction::Accessibility => "Le service n’était pas utilisable avec mes outils d’accessibilité",
        Malfunction::Other => "Autre, précisez",
        Malfunction::None => "Aucun",
    },
    field_error: |code| match code {
        FieldErrorCode::Required => "Une réponse est nécessaire.".to_owned(),
        FieldErrorCode::UnknownField => "Ce champ n’existe pas.".to_owned(),
        FieldErrorCode::DuplicateField => "Ce champ est donné deux fois.".to_owned(),
        FieldErrorCode::WrongType => "Cette valeur n’est pas du type attendu.".to_owned(),
        FieldErrorCode::UnknownChoice => "Cette valeur ne fait pas partie des choix proposés.".to_owned(),
        FieldErrorCode::DuplicateChoice => "Ce choix est donné deux fois.".to_owned(),
        FieldErrorCode::ExclusiveChoice => {
            "La dernière réponse exclut les autres\u{a0}: décochez-la, ou décochez les autres.".to_owned()
        }
        FieldErrorCode::ConditionNotMet => {
            "Cette question ne se pose pas, vu les autres réponses.".to_owned()
        }
        FieldErrorCode::TooLong { max, length } => {
            format!("Ce texte est trop long\u{a0}: {length} caractères, pour {max} au plus.")
        }
        FieldErrorCode::Malformed => "Cette valeur n’est pas écrite comme attendu.".to_owned(),
    },
};
