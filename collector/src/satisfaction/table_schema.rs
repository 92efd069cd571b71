//! What the columns of the table mean, for programs that read it: a Table Schema of Frictionless Data.

use super::rows::HEADER;
use crate::language::choose;
use serde_json::{Value, json};
use shared::indicator::{IndicatorKind, Level, Status};
use shared::{Language, Tally};

/// The schema of the table of `/api/v1/satisfaction`, its words in this language.
#[must_use]
pub fn table_schema(language: Language) -> Value {
    let fields: Vec<Value> = HEADER
        .iter()
        .map(|name| {
            let (title, description) = words(name, language);
            let mut field = json!({"name": name, "title": title, "description": description});
            if let (Some(field), Some(shape)) = (field.as_object_mut(), shape(name).as_object()) {
                field.extend(shape.clone());
            }
            field
        })
        .collect();
    json!({
        "$schema": "https://specs.frictionlessdata.io/schemas/table-schema.json",
        "name": "satisfaction",
        "title": choose(language, "Satisfaction des usagers par démarche", "Satisfaction of users by démarche"),
        "description": choose(
            language,
            "Une ligne par démarche, indicateur et période. UTF-8, virgule, point décimal, RFC 4180\u{a0}; une cellule vide est une valeur absente, jamais un zéro.",
            "A row for each démarche, indicator and period. UTF-8, comma, decimal point, RFC 4180; an empty cell is a missing value, never a zero.",
        ),
        "homepage": "/methode",
        "version": "1",
        "fields": fields,
        "missingValues": [""],
        "primaryKey": ["id", "from", "to", "indicator"],
    })
}

/// The type of a column, and what its values keep to.
fn shape(column: &str) -> Value {
    let number = |maximum: u64| json!({"type": "number", "constraints": {"minimum": 0, "maximum": maximum}});
    let code = |codes: &[&str]| json!({"type": "string", "constraints": {"required": true, "enum": codes}});
    match column {
        "ministry" => json!({"type": "string"}),
        "from" | "to" => json!({"type": "date", "format": "%Y-%m-%d", "constraints": {"required": true}}),
        "indicator" => code(&IndicatorKind::ALL.map(IndicatorKind::code)),
        "status" => code(&Status::ALL.map(Status::code)),
        "n" => json!({"type": "integer", "constraints": {"required": true, "minimum": 0}}),
        "mean" | "note" | "interval_low" | "interval_high" => number(10),
        "share" => number(1),
        "percent" => number(100),
        "level" => json!({"type": "string", "constraints": {"enum": Level::ALL.map(Level::code)}}),
        "counts" => json!({"type": "string", "constraints": {"required": true, "pattern": counts_pattern()}}),
        _ => json!({"type": "string", "constraints": {"required": true}}),
    }
}

/// The counts of one indicator or another: each code once, in the order of the questionnaire.
fn counts_pattern() -> String {
    let nothing = Tally::default();
    let of = |kind| {
        let counts = shared::Indicator::of(kind, &nothing).counts;
        counts.iter().map(|(code, _)| format!("{code}=[0-9]+")).collect::<Vec<_>>().join(";")
    };
    let mut patterns: Vec<String> = IndicatorKind::ALL.map(of).to_vec();
    patterns.dedup();
    patterns.join("|")
}

/// The title and the description of a column.
fn words(column: &str, language: Language) -> (&'static str, &'static str) {
    let ([title_fr, title_en], [fr, en]) = match column {
        "id" => (["Identifiant", "Id"], ["L’identifiant de la démarche.", "The id of the démarche."]),
        "title" => (["Démarche", "Démarche"], ["Son nom.", "Its name."]),
        "administration" => {
            (["Administration", "Administration"], ["Qui en est responsable.", "Who is responsible for it."])
        }
        "ministry" => {
            (["Ministère", "Ministry"], ["Son ministère, s’il y en a un.", "Its ministry, if any."])
        }
        "from" => (
            ["Du", "From"],
            ["Le premier jour de la période, à Paris.", "The first day of the period, in Paris."],
        ),
        "to" => (["Au", "To"], ["Le dernier jour, inclus.", "The last day, included."]),
        "indicator" => (["Indicateur", "Indicator"], ["Ce qui est mesuré.", "What is measured."]),
        "status" => (
            ["État", "Status"],
            [
                "published\u{a0}: le chiffre est publié\u{a0}; insufficient\u{a0}: trop peu de réponses pour un chiffre\u{a0}; none\u{a0}: aucune réponse.",
                "published: there is a figure; insufficient: too few answers for one; none: no answer.",
            ],
        ),
        "n" => (
            ["Réponses", "Answers"],
            ["Combien de réponses forment cet indicateur.", "How many answers this indicator is made of."],
        ),
        "mean" => (
            ["Moyenne", "Mean"],
            [
                "De 0 à 10, à 4 décimales\u{a0}; vide pour une part.",
                "From 0 to 10, 4 decimals; empty for a share.",
            ],
        ),
        "share" => (
            ["Part", "Share"],
            [
                "De 0 à 1, à 4 décimales\u{a0}; vide pour une moyenne.",
                "From 0 to 1, 4 decimals; empty for a mean.",
            ],
        ),
        "note" => (
            ["Note", "Note"],
            ["La moyenne telle que publiée, à une décimale.", "The mean as published, one decimal."],
        ),
        "percent" => (
            ["Pourcentage", "Per cent"],
            [
                "La part telle que publiée, en pour cent, à une décimale.",
                "The share as published, in per cent, one decimal.",
            ],
        ),
        "interval_low" => (
            ["Intervalle, bas", "Interval, low"],
            [
                "La borne basse de l’intervalle à 95\u{a0}%, dans l’unité de la moyenne ou de la part.",
                "The lower end of the 95 % interval, in the unit of the mean or share.",
            ],
        ),
        "interval_high" => (["Intervalle, haut", "Interval, high"], ["Sa borne haute.", "Its upper end."]),
        "level" => (
            ["Niveau", "Level"],
            [
                "Le niveau du chiffre tel que publié\u{a0}; vide pour un indicateur sans niveaux.",
                "The level of the figure as published; empty for an indicator without levels.",
            ],
        ),
        "counts" => (
            ["Décompte", "Counts"],
            [
                "Combien de fois chaque réponse a été donnée\u{a0}: code=nombre, séparés par des points-virgules.",
                "How often each answer was given: code=number, separated by semicolons.",
            ],
        ),
        _ => (["", ""], ["", ""]),
    };
    (choose(language, title_fr, title_en), choose(language, fr, en))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_its_words_and_a_type() {
        for language in Language::ALL {
            let schema = table_schema(language);
            let fields = schema["fields"].as_array().unwrap();
            assert_eq!(fields.len(), HEADER.len());
            for field in fields {
                for member in ["title", "description", "type"] {
                    assert!(
                        field[member].as_str().is_some_and(|text| !text.is_empty()),
                        "{member} of {field}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_counts_of_every_indicator_are_described() {
        let pattern = counts_pattern();
        assert!(pattern.starts_with("pas_bien=[0-9]+;moyen=[0-9]+;tres_bien=[0-9]+|1=[0-9]+;"), "{pattern}");
        assert!(pattern.contains("|oui=[0-9]+;non=[0-9]+|"), "{pattern}");
    }
}
