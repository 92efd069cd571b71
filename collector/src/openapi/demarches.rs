//! What is rated.

use super::operation::{Example, Operation, Tag, path, recorded, reference};
use crate::language::choose;
use crate::problem::Problem;
use serde_json::{Value, json};
use shared::Language;

pub(super) fn operations(language: Language) -> Vec<Operation> {
    vec![all(language), one(language)]
}

fn all(language: Language) -> Operation {
    Operation::get("/api/v1/demarches", "demarches", Tag::Demarches, language)
        .told("Toutes les démarches", "All démarches", "", "")
        .answer(200, "Les démarches, fermées comprises.", "The démarches, closed ones too.")
        .content("application/json", &reference("Demarches"))
        .header("ETag")
        .answer(304, "Rien n’a changé.", "Nothing has changed.")
        .problems(&[])
        .example(Example {
            name: "all",
            summary: choose(language, "Trois démarches", "Three démarches"),
            parameters: vec![],
            body: None,
            status: 200,
            answer: Some(("application/json", recorded(include_str!("examples/demarches.json")))),
        })
}

fn one(language: Language) -> Operation {
    let id = path(
        "id",
        &json!({"type": "string", "minLength": 1}),
        choose(
            language,
            "L’identifiant de la démarche, ou un alias.",
            "The id of the démarche, or an alias.",
        ),
    );
    let example = |name, summary, id: &str, status, answer: (&'static str, Value)| Example {
        name,
        summary,
        parameters: vec![("id", json!(id))],
        body: None,
        status,
        answer: Some(answer),
    };
    let unknown = Problem::UnknownDemarche(vec!["9999".to_owned()]).document(language);
    Operation::get("/api/v1/demarches/{id}", "demarche", Tag::Demarches, language)
        .told("Une démarche", "One démarche", "", "")
        .parameter(id)
        .answer(200, "La démarche.", "The démarche.")
        .content("application/json", &reference("Demarche"))
        .header("ETag")
        .answer(304, "Rien n’a changé.", "Nothing has changed.")
        .problems(&[Problem::UnknownDemarche(vec![])])
        .example(example(
            "alias",
            choose(language, "Par un alias", "By an alias"),
            "xwiki:2002",
            200,
            ("application/json", recorded(include_str!("examples/demarche.json"))),
        ))
        .example(example(
            "unknown-demarche",
            choose(language, "Un identifiant inconnu", "An unknown id"),
            "9999",
            404,
            ("application/problem+json", unknown),
        ))
}
