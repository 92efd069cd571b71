//! What programs can ask for and what they get: the OpenAPI 3.1 document of `/api/openapi.json`.
//!
//! Codes, lengths, minimums and errors come from the types that answer requests. Schemas are written as the JSON they
//! are: derived ones would describe structs that no request is read into, since requests are walked so as to find all
//! errors at once. That they describe what the collector does is shown from outside: each example is replayed, and
//! generated requests are held against the schemas of their answers.

mod averages;
mod avis;
mod demarches;
mod editions;
mod former_api;
mod operation;
mod problems;
mod schemas;

use crate::dcat::LICENCE;
use crate::language::choose;
use operation::{Operation, Tag};
use serde_json::{Map, Value, json};
use shared::{Language, questionnaire};

/// The version of the contract: it changes by addition only.
const VERSION: &str = "1";

/// The document, its words in this language, for a collector at this address (without a final slash).
#[must_use]
pub fn document(language: Language, address: &str) -> Value {
    let mut paths = Map::new();
    for operation in operations(language) {
        let (path, method, value) = operation.finish();
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[method] = value;
    }
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Je donne mon avis",
            "version": VERSION,
            "summary": choose(
                language,
                "Envoyer des avis sur des démarches administratives, lire leurs moyennes.",
                "Send avis on administrative formalities, read their averages.",
            ),
            "description": description(language),
            "license": {"name": "Licence Ouverte 2.0", "url": LICENCE},
        },
        "servers": [{"url": address}],
        "externalDocs": {
            "description": choose(language, "Comment les chiffres sont calculés", "How the figures are computed"),
            "url": format!("{address}/methode"),
        },
        "tags": Tag::ALL.map(|tag| json!({"name": tag.name(), "description": tag.description(language)})),
        "paths": paths,
        "components": {"schemas": schemas::all(language), "securitySchemes": security_schemes(language)},
    })
}

fn operations(language: Language) -> Vec<Operation> {
    [
        avis::operations(language),
        averages::operations(language),
        editions::operations(language),
        demarches::operations(language),
        former_api::operations(language),
        vec![this_document(language)],
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn description(language: Language) -> String {
    let version = questionnaire::VERSION;
    choose(
        language,
        format!(
            "- Les lectures sont publiques, sans clé. `GET` répond aussi à `HEAD`\u{a0}; `ETag` et `If-None-Match` disent qu’un document n’a pas changé.\n- Un jour est un jour de Paris, écrit `2026-09-30`.\n- Une erreur est un `application/problem+json` (RFC 9457), avec tout ce qui est à corriger à la fois\u{a0}: des pointeurs et des codes stables, des textes en français, ou en anglais avec `Accept-Language`. Une autre méthode reçoit 405 avec `Allow`.\n- Des membres peuvent s’ajouter aux réponses. Ceux d’une requête qui ne sont pas décrits ici sont refusés, sauf aux adresses de Je donne mon avis, qui les ignorent.\n- Le questionnaire est `{version}`."
        ),
        format!(
            "- Reading is public and takes no key. `GET` answers `HEAD` too; `ETag` and `If-None-Match` tell that a document has not changed.\n- A day is a day of Paris, written `2026-09-30`.\n- An error is an `application/problem+json` (RFC 9457) with all that is wrong at once: stable pointers and codes, words in French, or in English by `Accept-Language`. Another method gets 405 with `Allow`.\n- Members may be added to answers. Those of a request that are not described here are refused, but at the addresses of Je donne mon avis, which ignore them.\n- The questionnaire is `{version}`."
        ),
    )
}

fn security_schemes(language: Language) -> Value {
    let bearer = |fr: &str, en: &str| json!({"type": "http", "scheme": "bearer", "description": choose(language, fr, en)});
    json!({
        "submit": bearer(
            "Une clé de portée submit\u{a0}: un programme d’une administration (borne, centre d’appels) n’est pas compté dans les limites de son adresse.",
            "A key of scope submit: a program of an administration (a kiosk, a call centre) is not counted against the limits of its address.",
        ),
        "edit": bearer(
            "L’edit_token reçu avec l’avis\u{a0}: il permet de le modifier pendant 24 heures.",
            "The edit_token that came with the avis: it changes it for 24 hours.",
        ),
        "read": bearer(
            "Une clé de portée read, pour une démarche ou pour toutes.",
            "A key of scope read, for one démarche or for all.",
        ),
        "admin": bearer("Une clé de portée admin, pour toutes les démarches.", "A key of scope admin, for all démarches."),
        "receipt": bearer(
            "Le reçu de l’avis\u{a0}: il permet de le retirer à tout moment.",
            "The receipt of the avis: it withdraws it at any time.",
        ),
    })
}

fn this_document(language: Language) -> Operation {
    Operation::get("/api/openapi.json", "describeApi", Tag::Description, language)
        .told("Ce document", "This document", "", "")
        .parameter(operation::language_parameter(language))
        .answer(200, "Le document OpenAPI 3.1.", "The OpenAPI 3.1 document.")
        .content("application/json", &json!({"type": "object", "required": ["openapi", "info", "paths"]}))
        .header("ETag")
        .answer(304, "Il n’a pas changé.", "It has not changed.")
}

#[cfg(test)]
mod tests;
