//! Quarters as they were frozen.

use super::operation::{Example, Operation, Tag, path, reference};
use crate::edition::Format;
use crate::language::choose;
use crate::problem::Problem;
use serde_json::{Value, json};
use shared::Language;

pub(super) fn operations(language: Language) -> Vec<Operation> {
    vec![all(language), with_errata(language), json(language), csv(language), xlsx(language)]
}

fn all(language: Language) -> Operation {
    Operation::get("/api/v1/editions", "editions", Tag::Editions, language)
        .told(
            "Toutes les éditions",
            "All editions",
            "La plus récente d’abord, avec l’empreinte de leurs fichiers et leurs errata.",
            "The newest first, with the digests of their files and their errata.",
        )
        .answer(200, "Les éditions.", "The editions.")
        .content("application/json", &reference("Editions"))
        .header("ETag")
        .answer(304, "Rien n’a changé.", "Nothing has changed.")
        .problems(&[Problem::Unavailable])
}

fn edition(language: Language) -> Value {
    let schema = json!({"type": "string", "pattern": "^[0-9]{4}-T[1-4]$"});
    path(
        "edition",
        &schema,
        choose(language, "Le trimestre, écrit 2025-T4.", "The quarter, written 2025-T4."),
    )
}

fn with_errata(language: Language) -> Operation {
    let unknown = Problem::UnknownEdition(vec!["2025-T4".to_owned()]).document(language);
    file(
        Operation::get("/api/v1/editions/{edition}", "edition", Tag::Editions, language).told(
            "Une édition",
            "One edition",
            "Les douze mois qui finissent avec le trimestre, et ses trois mois\u{a0}; à la fin, ses errata.",
            "The twelve months that end with the quarter, and its three months; at the end, its errata.",
        ),
        language,
        ("Ce qui a été figé, et ses errata à la fin.", "What was frozen, and its errata at the end."),
        "application/json",
        &reference("Edition"),
    )
    .example(Example {
        name: "unknown-edition",
        summary: choose(language, "Une édition qui n’existe pas", "An unknown edition"),
        parameters: vec![("edition", json!("2019-T1"))],
        body: None,
        status: 404,
        answer: Some(("application/problem+json", unknown)),
    })
}

const FROZEN: (&str, &str) = ("Octet pour octet ce qui a été figé.", "Byte for byte what was frozen.");

fn json(language: Language) -> Operation {
    let operation =
        Operation::get("/api/v1/editions/{edition}.json", "frozenEdition", Tag::Editions, language).told(
            "Une édition, telle qu’elle a été figée",
            "One edition, as it was frozen",
            "Sans errata\u{a0}: le fichier dont la liste donne l’empreinte.",
            "Without errata: the file whose digest the list gives.",
        );
    file(operation, language, FROZEN, "application/json", &reference("Edition")).header("Content-Disposition")
}

fn csv(language: Language) -> Operation {
    let operation = Operation::get("/api/v1/editions/{edition}.csv", "editionTable", Tag::Editions, language)
        .told("Une édition, en tableau", "One edition, as a table", "", "");
    file(operation, language, FROZEN, "text/csv", &json!({"type": "string"})).header("Content-Disposition")
}

fn xlsx(language: Language) -> Operation {
    let operation = Operation::get(
        "/api/v1/editions/{edition}.xlsx",
        "editionWorkbook",
        Tag::Editions,
        language,
    )
    .told("Une édition, en classeur", "One edition, as a workbook", "", "");
    file(operation, language, FROZEN, Format::Xlsx.media_type(), &json!({})).header("Content-Disposition")
}

fn file(
    operation: Operation,
    language: Language,
    told: (&'static str, &'static str),
    media_type: &str,
    schema: &Value,
) -> Operation {
    operation
        .parameter(edition(language))
        .problems(&[Problem::UnknownEdition(vec![]), Problem::Unavailable])
        .answer(304, "Rien n’a changé.", "Nothing has changed.")
        .answer(200, told.0, told.1)
        .content(media_type, schema)
        .header("ETag")
        .header("Repr-Digest")
}
