//! What clients of Je donne mon avis ask for. Their requests may hold more than is described: it is ignored, as it is
//! there.

use super::operation::{Example, Operation, Tag, recorded, reference, required};
use crate::language::choose;
use crate::limits::Exceeded;
use crate::problem::{ParameterError, ParameterErrorCode, Problem};
use serde_json::{Value, json};
use shared::Language;

pub(super) fn operations(language: Language) -> Vec<Operation> {
    vec![
        observatoire_stats(language),
        services(language),
        statistiques(language),
        set_top_250(language),
        health(language),
    ]
}

const STATS: &str = "/api/trpc/answer.getObservatoireStats";

/// The first or last day, in any of the ways in which clients write it.
pub(super) fn bound() -> Value {
    json!({"anyOf": [
        {"type": "string", "format": "date"},
        {"type": "string", "format": "date-time"},
        {"type": "string", "pattern": "^[0-9]{1,14}$"},
        {"type": "integer", "minimum": 0, "maximum": 253_402_207_199_999_u64},
    ]})
}

/// A number, or a name.
pub(super) fn number() -> Value {
    json!({"anyOf": [{"type": "integer", "minimum": 0, "maximum": i64::MAX}, {"type": "string", "minLength": 1}]})
}

fn observatoire_stats(language: Language) -> Operation {
    let t = |fr, en| choose(language, fr, en);
    let schema = json!({
        "type": "object",
        "required": ["json"],
        "properties": {
            "json": {
                "type": "object",
                "required": ["product_id"],
                "properties": {
                    "product_id": number(), "form_id": number(), "button_id": number(),
                    "start_date": bound(), "end_date": bound(), "isXWiki": {"type": "boolean"},
                },
            },
            "meta": {"type": "object"},
        },
    });
    let input = required(json!({
        "name": "input",
        "in": "query",
        "description": t(
            "Du JSON, comme superjson l’enveloppe. product_id est nécessaire\u{a0}; form_id doit être celui de la démarche\u{a0}; button_id restreint tous les chiffres. Un null est refusé, sauf dit undefined dans meta.values. Les bornes sont des instants en millisecondes, ISO, ou des jours.",
            "JSON as superjson wraps it. product_id is required; form_id must be that of the démarche; button_id narrows every figure. A null is refused unless meta.values calls it undefined. Bounds are instants in milliseconds, ISO ones, or days.",
        ),
        "content": {"application/json": {"schema": schema}},
    }));
    let year = json!({"json": {"product_id": 1001, "start_date": "2025-01-01", "end_date": "2025-12-31", "form_id": 1}});
    let shifted = json!({"json": {"product_id": null, "form_id": 1001}});
    let null = ParameterError { name: "product_id".to_owned(), code: ParameterErrorCode::Null };
    let refused = Problem::InvalidQuery(vec![null]).document_at(STATS, language);
    Operation::get(STATS, "answer.getObservatoireStats", Tag::FormerApi, language)
        .told(
            "Les six chiffres de l’observatoire",
            "The six figures of the observatory",
            "Des moyennes sans minimum ni arrondi, 0 sans réponse. Une note à publier se prend dans /api/v1/satisfaction.",
            "Means without minimum or rounding, 0 without answers. A note to be published is taken from /api/v1/satisfaction.",
        )
        .parameter(input)
        .answer(200, "Les chiffres, et combien de réponses les forment.", "The figures, and of how many answers each is made.")
        .content("application/json", &reference("ObservatoireStats"))
        .header("ETag")
        .answer(304, "Rien n’a changé.", "Nothing has changed.")
        .problems(&[Problem::InvalidQuery(vec![]), Problem::UnknownDemarche(vec![]), Problem::ForeignForm, Problem::Unavailable])
        .example(Example {
            name: "year",
            summary: t("Une année d’une démarche", "One year of a démarche"),
            parameters: vec![("input", year)],
            body: None,
            status: 200,
            answer: Some(("application/json", recorded(include_str!("examples/stats.json")))),
        })
        .example(Example {
            name: "shifted",
            summary: t("Des arguments décalés, que rien ne permet de deviner", "Arguments that shifted, which nothing allows to guess"),
            parameters: vec![("input", shifted)],
            body: None,
            status: 400,
            answer: Some(("application/problem+json", refused)),
        })
}

/// What can go wrong with a key.
fn of_a_key() -> Vec<Problem> {
    vec![
        Problem::Unauthorized,
        Problem::KeyExpired(None),
        Problem::InsufficientKey,
        Problem::TooManyRequests(Exceeded::default()),
    ]
}

fn of_a_body() -> Vec<Problem> {
    vec![
        Problem::NotJson,
        Problem::InvalidBody(vec![]),
        Problem::SlowBody,
        Problem::TooLarge,
        Problem::UnsupportedMediaType,
        Problem::Unavailable,
    ]
}

fn services(language: Language) -> Operation {
    Operation::get("/api/open-api/services", "services", Tag::FormerApi, language)
        .told("Les démarches de la clé", "The démarches of the key", "", "")
        .secured_by(&["read", "admin"])
        .answer(200, "Les démarches et leurs formulaires.", "The démarches and their forms.")
        .content("application/json", &reference("Services"))
        .problems(&of_a_key())
        .example(Example {
            name: "all",
            summary: choose(language, "Avec une clé pour toutes", "With a key for all"),
            parameters: vec![],
            body: None,
            status: 200,
            answer: Some(("application/json", recorded(include_str!("examples/services.json")))),
        })
}

fn statistiques(language: Language) -> Operation {
    let asked = json!({"start_date": "2025-01-01", "end_date": "2025-12-31", "product_ids": [1001], "field_codes": ["satisfaction"], "interval": "none"});
    Operation::new("post", "/api/open-api/statistiques", "statistiques", Tag::FormerApi, language)
        .told(
            "Combien de fois chaque réponse a été donnée",
            "How often each answer was given",
            "Par démarche, et par jour, semaine, mois ou année. Sans liste, tout ce que la clé atteint.",
            "By démarche, and by day, week, month or year. Without a list, all that the key reaches.",
        )
        .secured_by(&["read", "admin"])
        .takes("StatistiquesQuestion")
        .answer(200, "Les décomptes.", "The counts.")
        .content("application/json", &reference("Statistiques"))
        .problems(&[vec![Problem::OutOfReach(vec![])], of_a_key(), of_a_body()].concat())
        .example(Example {
            name: "year",
            summary: choose(
                language,
                "La satisfaction d’une démarche sur un an",
                "The satisfaction of a démarche over a year",
            ),
            parameters: vec![],
            body: Some(asked),
            status: 200,
            answer: Some(("application/json", recorded(include_str!("examples/statistiques.json")))),
        })
}

fn set_top_250(language: Language) -> Operation {
    const PATH: &str = "/api/open-api/setTop250";
    let forms = vec!["9".to_owned(), "10".to_owned()];
    let example = |name, summary, forms: Value, status, answer| Example {
        name,
        summary,
        parameters: vec![],
        body: Some(json!({"form_ids": forms})),
        status,
        answer: Some(answer),
    };
    let already = json!({"result": {"new_top250_forms": [], "already_top250_forms": [1, 2, 3], "down_top250_forms": []}});
    Operation::new("post", PATH, "setTop250", Tag::FormerApi, language)
        .told(
            "Dire quelles démarches sont essentielles",
            "Say which démarches are essential",
            "La liste remplace l’ancienne. Un seul identifiant inconnu, et rien ne change.",
            "The list replaces the former one. One unknown id, and nothing changes.",
        )
        .secured_by(&["admin"])
        .takes("FormList")
        .answer(200, "Ce qui a changé.", "What changed.")
        .content("application/json", &reference("EssentialForms"))
        .problems(&[vec![Problem::UnknownForms(vec![])], of_a_key(), of_a_body()].concat())
        .example(example(
            "same",
            choose(language, "La même liste", "The same list"),
            json!([1, 2, 3]),
            200,
            ("application/json", already),
        ))
        .example(example(
            "unknown-forms",
            choose(language, "Des identifiants inconnus", "Unknown ids"),
            json!(["1", "9", "10"]),
            400,
            ("application/problem+json", Problem::UnknownForms(forms).document_at(PATH, language)),
        ))
}

fn health(language: Language) -> Operation {
    let ok = json!({"status": "ok", "database": "ok", "elk": "ok"});
    let all = json!({"const": "ok"});
    Operation::get("/api/open-api/health", "health", Tag::FormerApi, language)
        .told("L’état du service", "The state of the service", "", "")
        .answer(200, "La base de données répond.", "The database answers.")
        .content(
            "application/json",
            &json!({
                "type": "object",
                "required": ["status", "database", "elk"],
                "properties": {"status": all, "database": all, "elk": all},
            }),
        )
        .problems(&[Problem::Unhealthy])
        .example(Example {
            name: "well",
            summary: choose(language, "Tout va bien", "All is well"),
            parameters: vec![],
            body: None,
            status: 200,
            answer: Some(("application/json", ok)),
        })
}
