//! French. Wordings of clarity, help and comment are those in use since July 2024, so that series stay comparable.

use super::{Counted, FormTexts, Texts, each};
#[cfg(feature = "texts")]
use crate::draft::FieldErrorCode;
use crate::questionnaire::{Help, Malfunction, Quality, Question, Reached, Satisfaction, Screen};

pub(super) static TEXTS: Texts = Texts {
    title: "Je donne mon avis",
    screen: each!(|screen: Screen| match screen {
        Screen::Satisfaction => "Votre avis",
        Screen::Clarity => "Clarté et facilité",
        Screen::Help => "Aide",
        Screen::Malfunctions => "Dysfonctionnements",
        Screen::Comment => "Commentaire",
    }),
    question: each!(|question: Question| match question {
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
    }),
    satisfaction: each!(|choice: Satisfaction| match choice {
        Satisfaction::PasBien => "Pas bien",
        Satisfaction::Moyen => "Moyen",
        Satisfaction::TresBien => "Très bien",
    }),
    clarity_ends: ["Pas clair du tout", "Très clair"],
    ease_ends: ["Très difficile", "Très facile"],
    help: each!(|choice: Help| match choice {
        Help::Guichet => "Au guichet avec l’administration",
        Help::Telephone => "Par téléphone avec l’administration",
        Help::Email => "Par e-mail avec l’administration",
        Help::Chat => "Par chat avec l’administration",
        Help::Relative => "Une personne proche",
        Help::Association => "Une association",
        Help::Websites => "Des sites internet",
        Help::Other => "Autres, précisez",
        Help::None => "Je n’ai pas eu besoin d’aide",
    }),
    reached: each!(|choice: Reached| match choice {
        Reached::Oui => "Oui",
        Reached::Non => "Non",
    }),
    quality: each!(|choice: Quality| match choice {
        Quality::TresMauvaise => "Très mauvaise",
        Quality::Mauvaise => "Mauvaise",
        Quality::Moyenne => "Ni bonne, ni mauvaise",
        Quality::Bonne => "Bonne",
        Quality::Excellente => "Excellente",
    }),
    malfunction: each!(|choice: Malfunction| match choice {
        Malfunction::Broken => "Une page ou un bouton ne fonctionnait pas",
        Malfunction::Slow => "Le service était lent ou indisponible",
        Malfunction::SignIn => "Je n’ai pas réussi à m’identifier",
        Malfunction::Document => "Je n’ai pas pu joindre un document",
        Malfunction::KnownData => "On m’a demandé une information que l’administration a déjà",
        Malfunction::Device => "L’affichage n’allait pas sur mon appareil",
        Malfunction::Accessibility => "Le service n’était pas utilisable avec mes outils d’accessibilité",
        Malfunction::Other => "Autre, précisez",
        Malfunction::None => "Aucun",
    }),
    form: FormTexts {
        loading: "Chargement du formulaire…",
        language: "Langue",
        step: "Étape {step} sur {steps}",
        required: "(obligatoire)",
        several: "Plusieurs réponses possibles.",
        optional: "La suite est facultative\u{a0}: répondez à ce que vous voulez, ou passez.",
        send: "Envoyer mon avis",
        next: "Continuer",
        back: "Retour",
        finish: "Terminer",
        finish_now: "Terminer maintenant",
        close: "Fermer",
        retry: "Réessayer",
        anonymous: "Facultatif et anonyme\u{a0}: ni cookie, ni adresse conservée. Vos réponses servent à l’administration à \
                    améliorer cette démarche (mission d’intérêt public).",
        privacy: "Vos données\u{a0}: responsable, durées, droits",
        comment_notice: "Votre commentaire est anonyme et sera lu par l’administration. N’y écrivez rien de \
                         personnel\u{a0}: ni nom, ni numéro de dossier, ni coordonnées. Pour une réponse, adressez-vous \
                         au service.",
        personal: "Cela ressemble à une adresse ou à un numéro personnel\u{a0}: mieux vaut l’enlever. Reconnu à l’envoi, il \
                   sera masqué.",
        remaining: Counted("Il reste {count} caractère.|Il reste {count} caractères."),
        overrun: Counted("{count} caractère de trop.|{count} caractères de trop."),
        too_long: "Ce texte est trop long\u{a0}: {length} caractères, pour {max} au plus.",
        errors_title: "À corriger pour continuer",
        satisfaction_missing: "Choisissez l’une des trois réponses.",
        answer_refused: "Cette réponse n’a pas pu être enregistrée\u{a0}: modifiez-la.",
        sending: "Enregistrement en cours…",
        slow: "C’est plus long que d’habitude. Patientez encore un peu\u{a0}: rien de ce que vous avez écrit n’est perdu.",
        speechless: "Cette langue n’a pas pu être chargée\u{a0}: réessayez dans un moment.",
        unreachable: "La connexion ne passe pas. Rien n’est perdu\u{a0}: l’envoi se fera dès qu’elle reviendra. Gardez cette page \
                      ouverte.",
        limited: "Beaucoup d’avis arrivent de votre réseau. Rien n’est perdu\u{a0}: l’envoi se fera de lui-même {when}.",
        in_a_while: "dans un moment",
        in_seconds: Counted("dans {count}\u{a0}s|dans {count}\u{a0}s"),
        in_minutes: Counted("dans {count}\u{a0}minute|dans {count}\u{a0}minutes"),
        server_failed: "Le service a un problème de son côté. Rien n’est perdu\u{a0}: l’envoi se fera de lui-même. Gardez cette \
                        page ouverte.",
        closed: "Cette démarche ne recueille plus d’avis ici. Le vôtre n’a pas été enregistré.",
        unknown: "Cette démarche est inconnue de notre service. Votre avis n’a pas été enregistré\u{a0}; \
                  signalez-le au service d’où vous venez.",
        expired: "Cet avis ne peut plus être modifié ici. Ce qui avait été enregistré le \
                  demeure\u{a0}; votre dernière modification ne l’a pas été.",
        refused: "Le service n’a pas accepté cet envoi. Vos réponses sont toujours là\u{a0}; si cela se répète, \
                  signalez-le au service d’où vous venez.",
        too_late: "Votre avis n’a pas pu partir à temps et n’est plus gardé ici. Pour le donner, envoyez-le de nouveau.",
        withdrawal_waits: "Le retrait n’a pas encore abouti. Il sera retenté tout seul\u{a0}: gardez cette page ouverte.",
        withdrawal_failed: "Cet avis n’a pas pu être retiré ici. Essayez avec votre reçu, sur la page de retrait.",
        delivered: "Votre avis est maintenant bien enregistré.",
        receipt: "Avis enregistré. Votre reçu\u{a0}:",
        thanks_title: "Merci, votre avis est enregistré",
        thanks: "Il compte dans les résultats publics de cette démarche et aide l’administration à l’améliorer.",
        receipt_label: "Votre reçu",
        receipt_help: "Gardez-le si vous pensez changer d’avis\u{a0}: il permet de retirer votre avis à tout moment, et \
                       ne dit rien de vous.",
        withdraw: "Retirer mon avis",
        withdraw_title: "Retirer votre avis\u{a0}?",
        withdraw_text: "Vos réponses seront effacées et ne compteront plus. C’est définitif.",
        withdraw_confirm: "Oui, le retirer",
        withdraw_keep: "Non, le garder",
        withdrawn_title: "Votre avis est retiré",
        withdrawn: "Vos réponses sont effacées et ne comptent plus.",
    },
};

/// What is wrong with a field, and what to do.
#[cfg(feature = "texts")]
pub(super) fn field_error(code: FieldErrorCode) -> &'static str {
    match code {
        FieldErrorCode::Required => "Une réponse est nécessaire.",
        FieldErrorCode::UnknownField => "Ce champ n’existe pas.",
        FieldErrorCode::DuplicateField => "Ce champ est donné deux fois.",
        FieldErrorCode::WrongType => "Cette valeur n’est pas du type attendu.",
        FieldErrorCode::UnknownChoice => "Cette valeur ne fait pas partie des choix proposés.",
        FieldErrorCode::DuplicateChoice => "Ce choix est donné deux fois.",
        FieldErrorCode::ExclusiveChoice => {
            "La dernière réponse exclut les autres\u{a0}: décochez-la, ou décochez les autres."
        }
        FieldErrorCode::ConditionNotMet => "Cette question ne se pose pas, vu les autres réponses.",
        FieldErrorCode::TooLong { .. } => TEXTS.form.too_long,
        FieldErrorCode::Malformed => "Cette valeur n’est pas écrite comme attendu.",
    }
}
