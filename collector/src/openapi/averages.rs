//! The published figures.

use super::operation::{
    Example, Operation, Tag, language_parameter, path, query, recorded, reference, required,
};
use crate::catalogue::Audience;
use crate::language::choose;
use crate::problem::Problem;
use crate::satisfaction::csv::Dialect;
use crate::satisfaction::{CELLS_MAX, Interval, UNITS_MAX};
use serde_json::{Value, json};
use shared::Language;

pub(super) fn operations(language: Language) -> Vec<Operation> {
    vec![all(language), one(language)]
}

/// What is asked for in the examples: a year of the demo, and more.
fn year(more: &[(&'static str, Value)]) -> Vec<(&'static str, Value)> {
    [("from", json!("2025-01-01")), ("to", json!("2025-12-31"))].iter().chain(more).cloned().collect()
}

fn all(language: Language) -> Operation {
    let t = |fr, en| choose(language, fr, en);
    let audiences: Vec<&str> = Audience::ALL.iter().map(|one| one.code()).collect();
    let several = |schema: Value| json!({"type": "array", "items": schema});
    let of_the_demarche = Example {
        name: "demarche",
        summary: t("Une démarche, une année", "One démarche, one year"),
        parameters: year(&[("demarche", json!(["1001"]))]),
        body: None,
        status: 200,
        answer: Some(("application/json", recorded(include_str!("examples/averages.json")))),
    };
    let as_table = Example {
        name: "table",
        summary: t("Toutes les démarches, en tableau", "All démarches, as a table"),
        parameters: year(&[("format", json!("csv"))]),
        body: None,
        status: 200,
        answer: Some(("text/csv", json!(include_str!("examples/averages.csv")))),
    };
    let unknown = Example {
        name: "unknown-demarche",
        summary: t("Des identifiants inconnus", "Unknown ids"),
        parameters: year(&[("demarche", json!(["1001", "9998", "9999"]))]),
        body: None,
        status: 404,
        answer: Some((
            "application/problem+json",
            Problem::UnknownDemarche(vec!["9998".to_owned(), "9999".to_owned()]).document(language),
        )),
    };
    figures(Operation::get("/api/v1/satisfaction", "averages", Tag::Averages, language).told(
        "Les moyennes de toutes les démarches",
        "The averages of all démarches",
        "Toutes en un seul appel, celles sans avis aussi. Un identifiant inconnu fait tout refuser\u{a0}: jamais de réponse partielle. Une période close ne contient aucune heure\u{a0}: deux appels donnent les mêmes octets tant qu’aucun de ses avis ne change.",
        "All in one call, those without avis too. An unknown id refuses everything: never a partial answer. A closed period holds no clock value: two calls give the same bytes while none of its avis changes.",
    ), language)
    .parameters([
        query("demarche", &several(json!({"type": "string", "minLength": 1})), t("Une démarche, par identifiant ou alias\u{a0}; à répéter pour plusieurs.", "A démarche, by id or alias; repeat it for several.")),
        query("ministry", &json!({"type": "string"}), t("Celles de ce ministère seulement.", "Those of this ministry only.")),
        query("audience", &json!({"type": "string", "enum": audiences}), t("Celles qui s’adressent à ce public seulement.", "Those for this audience only.")),
        query("essential", &json!({"type": "boolean"}), t("Les démarches essentielles seulement, ou les autres.", "The essential démarches only, or the others.")),
    ])
    .example(of_the_demarche)
    .example(as_table)
    .example(unknown)
}

fn one(language: Language) -> Operation {
    let t = |fr, en| choose(language, fr, en);
    let monthly = Example {
        name: "series",
        summary: t("Un trimestre, mois par mois", "A quarter, month by month"),
        parameters: vec![
            ("id", json!("1001")),
            ("from", json!("2025-10-01")),
            ("to", json!("2025-12-31")),
            ("interval", json!("month")),
        ],
        body: None,
        status: 200,
        answer: Some(("application/json", recorded(include_str!("examples/series.json")))),
    };
    let id = path(
        "id",
        &json!({"type": "string", "minLength": 1}),
        t("L’identifiant de la démarche, ou un alias.", "The id of the démarche, or an alias."),
    );
    let operation =
        Operation::get("/api/v1/demarches/{id}/satisfaction", "averagesOfOne", Tag::Averages, language)
            .told(
                "Les moyennes d’une démarche",
                "The averages of one démarche",
                "Le même document, pour une seule démarche.",
                "The same document, for one démarche.",
            )
            .parameter(id);
    figures(operation, language).example(monthly)
}

/// What both have in common.
fn figures(operation: Operation, language: Language) -> Operation {
    let t = |fr, en| choose(language, fr, en);
    let day = || json!({"type": "string", "format": "date"});
    let intervals = Interval::ALL.map(Interval::code);
    let formats = ["json"].into_iter().chain(Dialect::ALL.map(Dialect::code)).collect::<Vec<_>>();
    operation
        .parameters([
            required(query("from", &day(), t("Le premier jour, à Paris.", "The first day, in Paris."))),
            required(query("to", &day(), t("Le dernier jour, inclus\u{a0}; au plus tôt le premier. Il peut être à venir.", "The last day, included; the first at the earliest. It may lie in the future."))),
            query(
                "interval",
                &json!({"type": "string", "enum": intervals}),
                &choose(
                    language,
                    format!("Une série, par unité de calendrier (semaines ISO), coupée aux bornes\u{a0}: {UNITS_MAX} unités au plus, {CELLS_MAX} pour toutes les démarches."),
                    format!("A series, by calendar unit (ISO weeks), cut at the bounds: {UNITS_MAX} units at most, {CELLS_MAX} for all démarches."),
                ),
            ),
            query(
                "format",
                &json!({"type": "string", "enum": formats}),
                t("json, csv, ou csv-excel-fr pour les tableurs français\u{a0}; sinon selon Accept. Les colonnes sont décrites par /schemas/satisfaction.json.", "json, csv, or csv-excel-fr for French spreadsheets; else by Accept. The columns are described by /schemas/satisfaction.json."),
            ),
            language_parameter(language),
        ])
        .answer(200, "Les chiffres.", "The figures.")
        .content("application/json", &reference("Averages"))
        .content("text/csv", &json!({"type": "string"}))
        .header("ETag")
        .header("Last-Modified")
        .answer(304, "Rien n’a changé.", "Nothing has changed.")
        .problems(&[Problem::InvalidQuery(vec![]), Problem::UnknownDemarche(vec![]), Problem::Unavailable])
}
