//! Giving an avis, changing it, withdrawing it.

use super::operation::{Example, Operation, Tag, language_parameter, path, query, reference, required};
use super::schemas::UUID;
use crate::language::choose;
use crate::limits::Exceeded;
use crate::problem::Problem;
use serde_json::{Value, json};
use shared::Language;

const ONE: &str = "/api/v1/avis/{id}";

pub(super) fn operations(language: Language) -> Vec<Operation> {
    vec![store(language), change(language), withdraw(language), token(language)]
}

/// What can go wrong with any body.
fn of_a_body() -> Vec<Problem> {
    vec![
        Problem::NotJson,
        Problem::SlowBody,
        Problem::TooLarge,
        Problem::UnsupportedMediaType,
        Problem::Invalid(vec![]),
    ]
}

/// What can go wrong with any write.
fn of_a_write() -> Vec<Problem> {
    vec![Problem::Unauthorized, Problem::TooManyRequests(Exceeded::default()), Problem::Unavailable]
}

fn store(language: Language) -> Operation {
    let key = json!({
        "name": "Idempotency-Key",
        "in": "header",
        "description": choose(
            language,
            "Un UUID nouveau pour chaque avis, et le même pour réessayer\u{a0}: la même requête reçoit la même réponse pendant 72 heures (draft-ietf-httpapi-idempotency-key-header-06).",
            "A new UUID for each avis, and the same one to try again: the same request gets the same answer for 72 hours (draft-ietf-httpapi-idempotency-key-header-06).",
        ),
        "schema": {"type": "string", "pattern": format!("^(\"{UUID}\"|{UUID})$")},
    });
    let problems = [
        vec![
            Problem::KeyMissing,
            Problem::KeyMalformed,
            Problem::Forbidden,
            Problem::UnknownDemarche(vec![]),
            Problem::UnknownBouton,
            Problem::InFlight,
            Problem::Closed,
        ],
        of_a_body(),
        vec![Problem::ForeignBouton, Problem::KeyReused],
        of_a_write(),
    ];
    Operation::new("post", "/api/v1/avis", "storeAvis", Tag::Avis, language)
        .told(
            "Donner un avis",
            "Give an avis",
            "Seules la démarche et la satisfaction sont nécessaires. Le client envoie des codes, jamais des libellés, des points ni des dates. Une réponse que sa condition n’admet pas est une erreur. Dans les textes, adresses électroniques, téléphones, NIR, IBAN, cartes, plaques et numéros fiscaux sont masqués avant l’enregistrement.",
            "Only the démarche and the satisfaction are required. The client sends codes, never labels, points or dates. An answer that its condition does not allow is an error. In texts, e-mail addresses, phones, NIR, IBAN, cards, plates and tax numbers are masked before they are stored.",
        )
        .parameter(required(key))
        .secured_by(&["", "submit"])
        .takes("AvisDraft")
        .answer(201, "Enregistré sur disque et compté.", "On disk and counted.")
        .content("application/json", &reference("Accepted"))
        .header("Location")
        .leads_to("changeAvis", "id", "$response.body#/id")
        .leads_to("withdrawAvis", "id", "$response.body#/id")
        .answer(
            202,
            "Enregistré sur le disque du collecteur, compté dès que la base de données revient.",
            "On the collector’s own disk, counted once the database is back.",
        )
        .content("application/json", &reference("Accepted"))
        .header("Location")
        .problems(&problems.concat())
        .example(Example {
            name: "least",
            summary: choose(language, "Le strict nécessaire", "The least"),
            parameters: vec![("Idempotency-Key", json!("\"8e03978e-40d5-43e8-bc93-6894a57f9324\""))],
            body: Some(json!({"demarche": "1001", "answers": {"satisfaction": "tres_bien"}})),
            status: 201,
            answer: Some(("application/json", accepted())),
        })
        .example(Example {
            name: "whole",
            summary: choose(language, "Toutes les questions", "Every question"),
            parameters: vec![("Idempotency-Key", json!("1b4e28ba-2fa1-41d2-883f-0016d3cca427"))],
            body: Some(json!({
                "demarche": "1001", "bouton": "5001", "lang": "fr", "page": "https://contributions.example.fr/1001/fin",
                "answers": {
                    "satisfaction": "tres_bien",
                    "clarity": "5", "ease": "4",
                    "help_tried": ["guichet", "telephone"],
                    "help_reached": {"guichet": "oui", "telephone": "non"},
                    "help_quality": {"guichet": "bonne"},
                    "malfunctions": ["slow", "other"], "malfunctions_other": "Le bouton ne répondait pas",
                    "comment": "Très simple.",
                },
            })),
            status: 201,
            answer: Some(("application/json", accepted())),
        })
        .example(Example {
            name: "invalid-avis",
            summary: choose(language, "Toutes les erreurs à la fois", "All errors at once"),
            parameters: vec![("Idempotency-Key", json!("6fa459ea-ee8a-4ca4-894e-db77e160355e"))],
            body: Some(json!({"demarche": "1001", "answers": {"ease": "6"}})),
            status: 422,
            answer: Some(("application/problem+json", invalid(language))),
        })
}

fn invalid(language: Language) -> Value {
    use shared::{FieldError, FieldErrorCode};
    let error = |pointer: &str, code| FieldError { pointer: pointer.to_owned(), code };
    Problem::Invalid(vec![
        error("/answers/ease", FieldErrorCode::UnknownChoice),
        error("/answers/satisfaction", FieldErrorCode::Required),
    ])
    .document(language)
}

/// What who gave an avis gets; every one is another.
fn accepted() -> Value {
    json!({
        "id": "20261122-d20a-829f-a318-05790460fb13",
        "receipt": "17AG-ZCQZ-F2HK-WNSK",
        "edit_token": "AWsEVTMJ1Q-y_3ijPlczi4GfqBM89UjR6RnKP6ztfQ",
        "edit_until": "2026-11-23T15:01:07Z",
    })
}

fn id(language: Language) -> Value {
    let schema = json!({"type": "string", "format": "uuid"});
    path("id", &schema, choose(language, "L’identifiant de l’avis.", "The id of the avis."))
}

fn change(language: Language) -> Operation {
    Operation::new("patch", ONE, "changeAvis", Tag::Avis, language)
        .told(
            "Modifier un avis",
            "Change an avis",
            "Pendant 24 heures, avec son edit_token. Le dernier arrivé l’emporte\u{a0}; une réponse dont la condition disparaît part avec elle. Possible aussi quand le bouton est fermé.",
            "For 24 hours, with its edit_token. The last to arrive wins; an answer whose condition vanishes goes with it. It works after the bouton closes too.",
        )
        .parameter(id(language))
        .secured_by(&["edit"])
        .takes("Change")
        .answer(200, "Modifié et compté.", "Changed and counted.")
        .content("application/json", &reference("Accepted"))
        .answer(202, "Modifié dès que la base de données revient.", "Changed once the database is back.")
        .content("application/json", &reference("Accepted"))
        .problems(&[vec![Problem::EditExpired, Problem::UnknownAvis], of_a_body(), of_a_write()].concat())
        .example(Example {
            name: "more",
            summary: choose(language, "Une réponse de plus, une autre retirée", "One answer more, another taken back"),
            parameters: vec![("id", accepted()["id"].clone())],
            body: Some(json!({"answers": {"ease": "3", "comment": null}})),
            status: 200,
            answer: Some(("application/json", accepted())),
        })
}

fn withdraw(language: Language) -> Operation {
    let problems = [vec![Problem::EditExpired, Problem::UnknownAvis], of_a_write()];
    Operation::new("delete", ONE, "withdrawAvis", Tag::Avis, language)
        .told(
            "Retirer un avis",
            "Withdraw an avis",
            "À tout moment avec le reçu, pendant 24 heures avec l’edit_token. Répété, il répond de même. Les éditions déjà figées ne changent pas.",
            "At any time with the receipt, for 24 hours with the edit_token. Repeated, it answers the same. Editions that are frozen do not change.",
        )
        .parameter(id(language))
        .secured_by(&["receipt", "edit"])
        .answer(204, "Effacé, et ne compte plus.", "Erased, and counts no more.")
        .answer(202, "Effacé dès que la base de données revient.", "Erased once the database is back.")
        .problems(&problems.concat())
        .example(Example {
            name: "withdrawn",
            summary: choose(language, "Avec le reçu", "With the receipt"),
            parameters: vec![("id", accepted()["id"].clone())],
            body: None,
            status: 204,
            answer: None,
        })
}

fn token(language: Language) -> Operation {
    let demarche = required(query(
        "demarche",
        &json!({"type": "string", "minLength": 1}),
        choose(
            language,
            "L’identifiant de la démarche, ou un alias.",
            "The id of the démarche, or an alias.",
        ),
    ));
    Operation::get("/api/v1/token", "formToken", Tag::Avis, language)
        .told(
            "Obtenir un jeton de formulaire",
            "Get a form token",
            "À demander quand le formulaire s’ouvre, et à joindre au premier envoi de l’avis (`token`). Il dit quand le formulaire a été ouvert, et rien de personne. Un avis sans jeton est accepté tout autant\u{a0}: le jeton montre seulement qu’il vient d’un formulaire.",
            "To be asked for when the form opens, and sent with the avis (`token`). It says when the form was opened, and nothing of anybody. An avis without a token is taken just as well: the token merely shows that it comes from a form.",
        )
        .parameter(demarche)
        .parameter(language_parameter(language))
        .answer(200, "Le jeton, à usage unique.", "The token, for one avis.")
        .content("application/json", &reference("FormToken"))
        .problems(&[Problem::InvalidQuery(vec![]), Problem::UnknownDemarche(vec![])])
        .example(Example {
            name: "token",
            summary: choose(language, "Un jeton pour une démarche", "A token for a démarche"),
            parameters: vec![("demarche", json!("1001"))],
            body: None,
            status: 200,
            answer: Some((
                "application/json",
                json!({
                    "token": "AQGa5oT1yKCxtYx2qW0oQmJ0hQ6cB0h1cVh0r8Yf2wPq3uVb",
                    "expires": "2026-11-23T15:01:07Z",
                }),
            )),
        })
}
