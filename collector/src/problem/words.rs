//! The words of problems: what happened, and what to do next.

mod citizens;

use super::{ParameterErrorCode, Problem};
use crate::language::choose;
use crate::satisfaction::{CELLS_MAX, UNITS_MAX};
use shared::Language;

/// Whether this problem is told in this language. What programs and administrations alone can meet is told in French
/// and English.
pub(super) fn is_told(problem: &Problem, language: Language) -> bool {
    matches!(language, Language::Fr | Language::En) || citizens::said(problem, language).is_some()
}

pub(super) fn title(problem: &Problem, language: Language) -> &'static str {
    if let Some((title, _)) = citizens::said(problem, language) {
        return title;
    }
    let (fr, en) = match problem {
        Problem::NotJson => ("Le corps de la requête n’est pas du JSON", "The request body is not JSON"),
        Problem::KeyMissing => ("Il manque la clé d’idempotence", "The idempotency key is missing"),
        Problem::KeyMalformed => ("La clé d’idempotence n’est pas un UUID", "The idempotency key is no UUID"),
        Problem::InvalidQuery(_) => {
            ("Des paramètres de l’adresse sont à corriger", "Parameters of the address are wrong")
        }
        Problem::InvalidBody(_) => {
            ("Des champs de la requête sont à corriger", "Fields of the request are wrong")
        }
        Problem::UnknownForms(_) => ("Ces formulaires n’existent pas", "There are no such forms"),
        Problem::BrokenForm => ("Ce formulaire n’est plus reconnu", "This form is no longer recognised"),
        Problem::Unauthorized => ("Cette action demande un jeton valable", "This takes a valid token"),
        Problem::KeyExpired(_) => ("Cette clé a expiré", "This key has expired"),
        Problem::InsufficientKey => ("Cette clé ne suffit pas", "This key does not suffice"),
        Problem::Forbidden => ("Ce jeton ne permet pas cette action", "This token does not allow this"),
        Problem::EditExpired => {
            ("Cet avis ne peut plus être modifié", "This opinion can no longer be changed")
        }
        Problem::NotFound => ("Cette page n’existe pas", "This page does not exist"),
        Problem::UnknownDemarche(_) => ("Cette démarche n’existe pas", "There is no such démarche"),
        Problem::ForeignForm => {
            ("Ce formulaire n’est pas celui de cette démarche", "This form is none of this démarche’s")
        }
        Problem::OutOfReach(_) => {
            ("Ces services ne sont pas ceux de votre clé", "These services are none of your key’s")
        }
        Problem::UnknownBouton => ("Ce bouton n’existe pas", "There is no such bouton"),
        Problem::UnknownAvis => ("Cet avis n’existe pas, ou plus", "There is no such avis, or no longer"),
        Problem::UnknownEdition(_) => ("Cette édition n’existe pas", "There is no such edition"),
        Problem::MethodNotAllowed(_) => {
            ("Cette adresse ne prend pas cette méthode", "This address does not take this method")
        }
        Problem::CrossOriginRefused => {
            ("Cette requête inter-origines n’est pas permise", "This cross-origin request is not allowed")
        }
        Problem::SlowBody => {
            ("La requête a mis trop de temps à arriver", "The request took too long to arrive")
        }
        Problem::InFlight => ("Cette même requête est en cours", "This very request is under way"),
        Problem::Closed => {
            ("Cette démarche ne recueille plus d’avis ici", "Opinions are no longer collected here")
        }
        Problem::Revoked => ("Ce fichier a été retiré", "This file was revoked"),
        Problem::TooLarge => ("La requête est trop volumineuse", "The request is too large"),
        Problem::UnsupportedMediaType => {
            ("Ce type de contenu n’est pas pris en charge", "This media type is not supported")
        }
        Problem::Invalid(_) => ("Des réponses sont à corriger", "Some answers are wrong"),
        Problem::ForeignBouton => {
            ("Ce bouton est celui d’une autre démarche", "This bouton belongs to another démarche")
        }
        Problem::KeyReused => (
            "Cette clé d’idempotence a servi pour une autre requête",
            "This idempotency key was used for another request",
        ),
        Problem::TooManyRequests(_) => {
            ("Trop de requêtes en peu de temps", "Too many requests in a short time")
        }
        Problem::Unavailable => {
            ("Le service est momentanément indisponible", "The service is unavailable for the moment")
        }
        Problem::Unhealthy => ("La base de données ne répond pas", "The database does not answer"),
        Problem::Internal => ("Une erreur est survenue de notre côté", "Something went wrong on our side"),
    };
    choose(language, fr, en)
}

#[expect(clippy::too_many_lines, reason = "a table of words")]
pub(super) fn detail(problem: &Problem, language: Language) -> String {
    if let Some((_, detail)) = citizens::said(problem, language) {
        let Problem::TooManyRequests(exceeded) = problem else { return detail.to_owned() };
        let seconds = u32::try_from(exceeded.retry_after).unwrap_or(u32::MAX);
        return detail.replace("{when}", &language.when(Some(seconds)));
    }
    let (fr, en) = match problem {
        Problem::NotJson => (
            "Rien n’a été enregistré. Envoyez un document JSON complet, en UTF-8.",
            "Nothing was stored. Send a complete JSON document, in UTF-8.",
        ),
        Problem::KeyMissing => (
            "Rien n’a été enregistré. Ajoutez un en-tête Idempotency-Key portant un UUID nouveau, et gardez-le pour réessayer.",
            "Nothing was stored. Add an Idempotency-Key header with a new UUID, and keep it to try again.",
        ),
        Problem::KeyMalformed => (
            "Rien n’a été enregistré. L’en-tête Idempotency-Key porte un UUID, avec ou sans guillemets.",
            "Nothing was stored. The Idempotency-Key header holds a UUID, quoted or not.",
        ),
        Problem::InvalidQuery(_) => (
            "Aucune donnée n’est renvoyée. Corrigez les paramètres nommés dans errors.",
            "No data are returned. Mend the parameters named in errors.",
        ),
        Problem::InvalidBody(_) => (
            "Rien n’a été modifié, aucune donnée n’est renvoyée. Corrigez les champs nommés dans errors.",
            "Nothing was changed, no data are returned. Correct the fields named in errors.",
        ),
        Problem::UnknownForms(forms) if !forms.is_empty() => {
            // As Je donne mon avis says it, whatever the language: programs may look for it.
            return format!("Les form_ids suivants n'existent pas en base : {}", forms.join(", "));
        }
        Problem::UnknownForms(_) => (
            "Rien n’a été modifié. Vérifiez les numéros de form_ids.",
            "Nothing was changed. Check the numbers in form_ids.",
        ),
        Problem::BrokenForm => (
            "Ouvrez à nouveau le formulaire depuis le site de la démarche.",
            "Open the form again from the site of the service.",
        ),
        Problem::Unauthorized => (
            "L’en-tête Authorization: Bearer manque, ou ce qu’il porte est inconnu ici\u{a0}: joignez une clé valable ou, pour un avis, le jeton reçu en réponse. Rien n’a été modifié.",
            "There is no Authorization: Bearer header, or what it carries is unknown here: add a valid key or, for an avis, the token received when it was sent. Nothing was changed.",
        ),
        Problem::KeyExpired(Some(last)) => {
            return choose(
                language,
                format!(
                    "Rien n’a été modifié. Son dernier jour était le {last}\u{a0}: demandez une nouvelle clé à l’exploitant du service."
                ),
                format!(
                    "Nothing was changed. Its last day was {last}: ask the operator of the service for a new key."
                ),
            );
        }
        Problem::KeyExpired(None) => (
            "Rien n’a été modifié. Demandez une nouvelle clé à l’exploitant du service.",
            "Nothing was changed. Ask the operator of the service for a new key.",
        ),
        Problem::InsufficientKey => (
            "Rien n’a été modifié. La clé est authentique, mais elle ne donne pas ce droit\u{a0}: demandez-en une autre à l’exploitant du service.",
            "Nothing was changed. The key is genuine, but does not give this right: ask the operator of the service for another.",
        ),
        Problem::Forbidden => (
            "Rien n’a été modifié. Le jeton est authentique, mais il ne donne pas ce droit.",
            "Nothing was changed. The token is genuine, but does not give this right.",
        ),
        Problem::EditExpired => (
            "Un avis se modifie pendant 24 heures. Il reste enregistré tel quel, et son reçu permet toujours de le retirer.",
            "An avis can be changed for 24 hours. It stays stored as it is, and its receipt can still withdraw it.",
        ),
        Problem::NotFound => (
            "Vérifiez l’adresse, ou revenez au site dont vous venez.",
            "Check the address, or go back to the site you came from.",
        ),
        Problem::UnknownDemarche(missing) if !missing.is_empty() => {
            let list = missing.join(", ");
            return choose(
                language,
                format!("Aucune démarche ne porte ces identifiants : {list}."),
                format!("No démarche has these ids: {list}."),
            );
        }
        Problem::UnknownDemarche(_) => (
            "Vérifiez l’identifiant dans l’adresse, ou revenez au site dont vous venez.",
            "Check the id in the address, or go back to the site you came from.",
        ),
        Problem::ForeignForm => (
            "Aucune donnée n’est renvoyée. Retirez form_id, ou donnez le numéro d’un formulaire de cette démarche.",
            "No data are returned. Leave out form_id, or give the number of a form of this démarche.",
        ),
        Problem::OutOfReach(names) => {
            let list = names.join(", ");
            return choose(
                language,
                format!(
                    "Aucune donnée n’est renvoyée. Les services demandés (product_ids / form_ids) ne sont pas accessibles avec votre clé\u{a0}: {list}. GET /api/open-api/services donne ceux qui le sont."
                ),
                format!(
                    "No data are returned. The services asked for (product_ids / form_ids) cannot be reached with your key: {list}. GET /api/open-api/services gives those that can."
                ),
            );
        }
        Problem::UnknownBouton => (
            "Rien n’a été enregistré. Vérifiez l’identifiant du bouton, ou envoyez l’avis sans bouton.",
            "Nothing was stored. Check the id of the bouton, or send the avis without one.",
        ),
        Problem::UnknownAvis => (
            "Il a peut-être été retiré. Il n’y a rien à faire de plus.",
            "It may have been withdrawn. There is nothing more to do.",
        ),
        Problem::UnknownEdition(known) if !known.is_empty() => {
            let list = known.join(", ");
            return choose(
                language,
                format!(
                    "Les éditions figées sont\u{a0}: {list}. Celle d’un trimestre paraît après sa clôture."
                ),
                format!("The frozen editions are: {list}. That of a quarter comes out after it is closed."),
            );
        }
        Problem::UnknownEdition(_) => (
            "Aucun trimestre n’est encore figé. Les chiffres d’une période quelconque sont à /api/v1/satisfaction.",
            "No quarter is frozen yet. The figures of any period are at /api/v1/satisfaction.",
        ),
        Problem::MethodNotAllowed(_) => {
            ("L’en-tête Allow donne les méthodes possibles.", "The Allow header gives the methods it takes.")
        }
        Problem::CrossOriginRefused => (
            "L’API prend GET, HEAD, POST, PATCH et DELETE depuis toute page, avec les en-têtes de sa documentation.",
            "The API takes GET, HEAD, POST, PATCH and DELETE from any page, with the headers of its documentation.",
        ),
        Problem::SlowBody => (
            "Rien n’a été enregistré. Réessayez, si possible avec une meilleure connexion.",
            "Nothing was stored. Try again, if possible over a better connection.",
        ),
        Problem::InFlight => (
            "Attendez un instant, puis réessayez avec la même clé\u{a0}: vous recevrez la même réponse.",
            "Wait a moment, then try again with the same key: you will get the same answer.",
        ),
        Problem::Closed => (
            "L’administration a fermé ce bouton ou cette démarche. Rien n’a été enregistré\u{a0}; merci de votre attention.",
            "The administration closed this button or this procedure. Nothing was stored; thank you for your attention.",
        ),
        Problem::Revoked => (
            "Cette version du bouton n’est plus distribuée\u{a0}; à sa place, le lien mène au formulaire. Prenez la version présente sur la page d’intégration de la démarche.",
            "This version of the button is no longer served; the link takes its place and leads to the form. Take the present version from the integration page of the démarche.",
        ),
        Problem::TooLarge => (
            "Rien n’a été enregistré. Une requête a 64 Kio au plus.",
            "Nothing was stored. A request has 64 KiB at most.",
        ),
        Problem::UnsupportedMediaType => (
            "Rien n’a été enregistré. Envoyez un corps du type que cette adresse attend\u{a0}: application/json pour l’API.",
            "Nothing was stored. Send a body of the type that this address takes: application/json for the API.",
        ),
        Problem::Invalid(_) => (
            "Rien n’a été enregistré. Corrigez les champs nommés dans errors, puis réessayez.",
            "Nothing was stored. Correct the fields named in errors, then try again.",
        ),
        Problem::ForeignBouton => (
            "Rien n’a été enregistré. Un bouton sert une seule démarche\u{a0}: utilisez le sien, ou envoyez l’avis sans bouton.",
            "Nothing was stored. A bouton serves one démarche: use its own, or send the avis without one.",
        ),
        Problem::KeyReused => (
            "Rien n’a été enregistré. Prenez un UUID nouveau pour chaque avis, et la même requête à l’identique pour réessayer.",
            "Nothing was stored. Take a new UUID for each avis, and the very same request to try again.",
        ),
        Problem::TooManyRequests(exceeded) => {
            let seconds = exceeded.retry_after;
            return choose(
                language,
                format!("Rien n’a été enregistré. Réessayez dans {seconds} s."),
                format!("Nothing was stored. Try again in {seconds} s."),
            );
        }
        Problem::Unavailable => (
            "Réessayez dans quelques instants. Un avis renvoyé avec la même clé n’est pas compté deux fois.",
            "Try again in a moment. An avis that is sent again with the same key is not counted twice.",
        ),
        Problem::Unhealthy => ("Réessayez dans quelques instants.", "Try again in a moment."),
        Problem::Internal => (
            "Elle est notée. Réessayez plus tard. Un avis renvoyé avec la même clé n’est pas compté deux fois.",
            "It has been noted. Try again later. An avis that is sent again with the same key is not counted twice.",
        ),
    };
    choose(language, fr, en).to_owned()
}

pub(super) fn parameter(code: ParameterErrorCode, language: Language) -> String {
    let (fr, en) = match code {
        ParameterErrorCode::Required => ("Ce paramètre est nécessaire.", "This parameter is required."),
        ParameterErrorCode::Unknown => ("Ce paramètre n’existe pas.", "There is no such parameter."),
        ParameterErrorCode::Duplicate => {
            ("Ce paramètre est donné deux fois.", "This parameter is given twice.")
        }
        ParameterErrorCode::NotADay => (
            "Un jour du calendrier s’écrit comme 2026-09-30.",
            "A day of the calendar is written like 2026-09-30.",
        ),
        ParameterErrorCode::EndsBeforeItBegins => {
            ("La période finit avant de commencer.", "The period ends before it begins.")
        }
        ParameterErrorCode::UnknownChoice => {
            ("Cette valeur ne fait pas partie des choix possibles.", "This value is none of the choices.")
        }
        ParameterErrorCode::TooManyUnits => {
            return choose(
                language,
                format!(
                    "Cela ferait plus de {UNITS_MAX} unités, ou de {CELLS_MAX} pour toutes les démarches\u{a0}: prenez une unité plus longue, une période plus courte, ou moins de démarches."
                ),
                format!(
                    "This would be more than {UNITS_MAX} units, or {CELLS_MAX} for all démarches: take a longer unit, a shorter period or fewer démarches."
                ),
            );
        }
        ParameterErrorCode::NotJson => ("Cette valeur n’est pas du JSON.", "This value is not JSON."),
        ParameterErrorCode::WrongType => {
            ("Cette valeur n’est pas du type attendu.", "This value is not of the type that is expected.")
        }
        ParameterErrorCode::Null => (
            "Cette valeur est null\u{a0}: donnez-la, ou retirez sa clé.",
            "This value is null: give it, or leave its key out.",
        ),
        ParameterErrorCode::NotADate => (
            "Une date est un nombre de millisecondes depuis 1970, un instant ISO 8601 avec son décalage ou un jour comme 2026-09-30.",
            "A date is a number of milliseconds since 1970, an ISO 8601 instant with its offset, or a day like 2026-09-30.",
        ),
        ParameterErrorCode::Batch => (
            "Les appels groupés ne sont pas pris en charge\u{a0}: faites un appel par démarche, ou un seul à /api/v1/satisfaction.",
            "Batched calls are not supported: make a call for each démarche, or a single one to /api/v1/satisfaction.",
        ),
    };
    choose(language, fr, en).to_owned()
}
