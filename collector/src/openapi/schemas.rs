//! The schemas of what is sent and answered, with the codes and lengths of the questionnaire.

use super::former_api::number;
use super::operation::reference;
use crate::catalogue::Audience;
use crate::edition::SCHEMA as EDITION_SCHEMA;
use crate::language::choose;
use crate::problem::{Problem, error_codes};
use crate::satisfaction::{SCHEMA, words};
use serde_json::{Map, Value, json};
use shared::draft::{PAGE_MAX, REFERENCE_MAX};
use shared::indicator::{FORMULA, IndicatorKind, Level, Status};
use shared::questionnaire::{
    Channel, Choice, Help, Malfunction, Quality, Question, Reached, Satisfaction, Scale, Ticked,
};
use shared::{Indicator, Language, Tally};

/// A UUID as the idempotency key takes it, quoted or not.
pub(super) const UUID: &str = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";

/// What is not blank once a text is read: control characters are dropped, blanks at the ends too.
const NOT_BLANK: &str = r"[^\s\u0000-\u001f\u007f-\u009f]";

/// A digit or letter of a receipt.
const CROCKFORD: &str = "[0-9A-HJKMNP-TV-Z]";

/// Every schema, by name.
pub(super) fn all(language: Language) -> Map<String, Value> {
    let schemas = [
        ("AvisDraft", avis_draft(language)),
        ("Answers", answers(language, true)),
        ("Change", change(language)),
        ("AnswersChange", answers(language, false)),
        ("Accepted", accepted(language)),
        ("FormToken", form_token(language)),
        ("Averages", averages(language)),
        ("DemarcheAverages", demarche_averages(language)),
        ("Indicators", indicators(language)),
        ("Mean", mean(language)),
        ("Share", share(language)),
        ("Demarche", demarche(language)),
        ("Demarches", demarches(language)),
        ("Edition", edition(language)),
        ("Editions", editions(language)),
        ("ObservatoireStats", observatoire_stats(language)),
        ("Services", services()),
        ("StatistiquesQuestion", statistiques_question()),
        ("Statistiques", statistiques()),
        ("FormList", form_list(language)),
        ("EssentialForms", essential_forms()),
        ("Problem", problem(language)),
        ("FieldError", field_error(language)),
    ];
    schemas.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

/// The codes of a choice.
fn codes<C: Choice>() -> Vec<&'static str> {
    C::ALL.iter().map(|choice| choice.code()).collect()
}

fn described(mut schema: Value, description: &str) -> Value {
    schema["description"] = description.into();
    schema
}

fn or_null(mut schema: Value) -> Value {
    schema["type"] = json!([schema["type"], "null"]);
    if let Some(codes) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        codes.push(Value::Null);
    }
    schema
}

fn avis_draft(language: Language) -> Value {
    let t = |fr, en| choose(language, fr, en);
    let languages: Vec<String> = Language::ALL
        .iter()
        .map(|language| {
            let either = |c: char| format!("[{}{c}]", c.to_ascii_uppercase());
            language.code().chars().map(either).collect()
        })
        .collect();
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["demarche", "answers"],
        "properties": {
            "demarche": name(t("L’identifiant de la démarche, ou un alias.", "The id of the démarche, or an alias.")),
            "bouton": {
                "description": t("L’identifiant du bouton, ou un alias au sein de la démarche.", "The id of the bouton, or an alias within the démarche."),
                "anyOf": [name(""), {"type": "null"}],
            },
            "lang": described(
                json!({"type": ["string", "null"], "pattern": format!("^({})([-_][A-Za-z0-9]+)*$", languages.join("|"))}),
                t("La langue du formulaire.", "The language of the form."),
            ),
            "page": described(
                json!({"type": ["string", "null"], "format": "uri", "pattern": "^https?://[A-Za-z0-9._-]+(:[1-9][0-9]{0,3})?([/?#][!-~]*)?$", "maxLength": PAGE_MAX}),
                t("La page où le formulaire s’est ouvert\u{a0}: son origine et son chemin sont gardés, sans ce qui pourrait désigner quelqu’un.", "The page on which the form was opened: its origin and path are kept, without what might name somebody."),
            ),
            "answers": reference("Answers"),
            "idempotency_key": described(
                json!({"type": ["string", "null"], "pattern": format!("^(\"{UUID}\"|{UUID})$")}),
                t("La clé d’idempotence, pour qui ne peut pas envoyer d’en-tête\u{a0}; l’en-tête prime.", "The idempotency key, for who cannot send headers; the header comes first."),
            ),
            "token": described(json!({"type": ["string", "null"]}), t("Le jeton de /api/v1/token, s’il y en a un. Son absence, un jeton inconnu ou expiré ne sont jamais une erreur.", "The token of /api/v1/token, if any. That there is none, or one that is unknown or has expired, is never an error.")),
            "website": described(json!({"type": ["string", "null"]}), t("Un champ que personne ne voit\u{a0}: laissez-le vide.", "A field that nobody sees: leave it empty.")),
        },
    })
}

/// An id or alias of a démarche or bouton.
fn name(description: &str) -> Value {
    let text = json!({"type": "string", "minLength": 1, "maxLength": REFERENCE_MAX, "pattern": "^[ -~]+$"});
    let schema = json!({"anyOf": [text, {"type": "integer", "minimum": 0, "maximum": i64::MAX}]});
    if description.is_empty() { schema } else { described(schema, description) }
}

/// The answers to all questions. In a change, `null` takes an answer back, and what an answer depends on may be stored
/// already: no condition can be told by the change alone.
fn answers(language: Language, whole: bool) -> Value {
    let questions: Map<String, Value> = Question::ALL
        .iter()
        .map(|question| {
            let words = language.texts().question(*question);
            let condition = condition(*question, language);
            let description =
                if condition.is_empty() { words.to_owned() } else { format!("{words} {condition}") };
            (question.code().to_owned(), described(answer(*question), &description))
        })
        .collect();
    let mut schema = json!({"type": "object", "additionalProperties": false, "properties": questions});
    if whole {
        schema["required"] = json!([Question::Satisfaction.code()]);
        schema["allOf"] = conditions().into();
    }
    schema
}

/// What an answer to a question is.
fn answer(question: Question) -> Value {
    let choice = |codes: Vec<&str>| json!({"type": "string", "enum": codes});
    match question {
        Question::Satisfaction => choice(codes::<Satisfaction>()),
        Question::Clarity | Question::Ease => or_null(choice(codes::<Scale>())),
        Question::HelpTried => ticks::<Help>(),
        Question::Malfunctions => ticks::<Malfunction>(),
        Question::HelpReached => per_channel(&codes::<Reached>()),
        Question::HelpQuality => per_channel(&codes::<Quality>()),
        Question::HelpTriedOther | Question::MalfunctionsOther | Question::Comment => {
            json!({"type": ["string", "null"], "maxLength": question.max_length()})
        }
    }
}

/// Several choices, each once; the one that excludes the others alone.
fn ticks<C: Ticked>() -> Value {
    let others: Vec<&str> =
        C::ALL.iter().filter(|choice| **choice != C::NONE).map(|choice| choice.code()).collect();
    json!({"anyOf": [
        {"type": "array", "uniqueItems": true, "items": {"type": "string", "enum": others}},
        {"const": [C::NONE.code()]},
        {"type": "null"},
    ]})
}

fn per_channel(codes: &[&str]) -> Value {
    let answer = or_null(json!({"type": "string", "enum": codes}));
    let channels: Map<String, Value> =
        Channel::ALL.iter().map(|channel| (channel.code().to_owned(), answer.clone())).collect();
    json!({"type": ["object", "null"], "additionalProperties": false, "properties": channels})
}

/// When a question is asked, in words.
fn condition(question: Question, language: Language) -> String {
    let t = |fr: &str, en: &str| choose(language, fr.to_owned(), en.to_owned());
    match question {
        Question::HelpTriedOther => t("Si help_tried contient other.", "If help_tried holds other."),
        Question::HelpReached => {
            t("Pour chaque canal que contient help_tried.", "For each channel that help_tried holds.")
        }
        Question::HelpQuality => {
            t("Pour chaque canal dont help_reached est oui.", "For each channel whose help_reached is oui.")
        }
        Question::MalfunctionsOther => t("Si malfunctions contient other.", "If malfunctions holds other."),
        _ => String::new(),
    }
}

/// When a question is asked, for programs.
fn conditions() -> Vec<Value> {
    let holds = |question: Question, code: &str| json!({"required": [question.code()], "properties": {question.code(): {"type": "array", "contains": {"const": code}}}});
    let says = |question: Question, channel: &Channel, answer: Value| {
        let channels =
            json!({"type": "object", "required": [channel.code()], "properties": {channel.code(): answer}});
        json!({"required": [question.code()], "properties": {question.code(): channels}})
    };
    let told = |question: Question| json!({"required": [question.code()], "properties": {question.code(): {"type": "string", "pattern": NOT_BLANK}}});
    let implies = |given: Value, wanted: Value| json!({"if": given, "then": wanted});
    let something = || json!({"type": "string"});
    let mut conditions = vec![
        implies(told(Question::HelpTriedOther), holds(Question::HelpTried, Help::OTHER.code())),
        implies(told(Question::MalfunctionsOther), holds(Question::Malfunctions, Malfunction::OTHER.code())),
    ];
    for channel in Channel::ALL {
        conditions.push(implies(
            says(Question::HelpReached, channel, something()),
            holds(Question::HelpTried, channel.help().code()),
        ));
        conditions.push(implies(
            says(Question::HelpQuality, channel, something()),
            says(Question::HelpReached, channel, json!({"const": Reached::Oui.code()})),
        ));
    }
    conditions
}

fn change(language: Language) -> Value {
    let description = choose(
        language,
        "Chaque question donnée remplace toute sa réponse\u{a0}; null la retire. L’avis entier doit rester cohérent.",
        "Each question given replaces its whole answer; null takes it back. The avis as a whole must stay consistent.",
    );
    json!({
        "type": "object",
        "description": description,
        "additionalProperties": false,
        "required": ["answers"],
        "properties": {"answers": reference("AnswersChange")},
    })
}

/// What a form shows that its avis came with.
fn form_token(language: Language) -> Value {
    json!({
        "type": "object",
        "required": ["token", "expires"],
        "properties": {
            "token": described(
                json!({"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}),
                choose(language, "À joindre à l’avis, tel quel.", "To be sent with the avis as it is."),
            ),
            "expires": described(
                json!({"type": "string", "format": "date-time"}),
                choose(language, "Quand il ne dira plus rien.", "When it will say nothing any more."),
            ),
        },
    })
}

fn accepted(language: Language) -> Value {
    let t = |fr, en| choose(language, fr, en);
    json!({
        "type": "object",
        "required": ["id", "receipt", "edit_token", "edit_until"],
        "properties": {
            "id": described(json!({"type": "string", "format": "uuid"}), t("L’identifiant de l’avis.", "The id of the avis.")),
            "receipt": described(
                json!({"type": "string", "pattern": format!("^{CROCKFORD}{{4}}(-{CROCKFORD}{{4}}){{3}}$")}),
                t("Le reçu, à donner à la personne\u{a0}: il retire l’avis à tout moment.", "The receipt, for the person: it withdraws the avis at any time."),
            ),
            "edit_token": described(json!({"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}), t("Permet de modifier l’avis, et de le retirer.", "Changes the avis, and withdraws it.")),
            "edit_until": described(json!({"type": "string", "format": "date-time"}), t("Jusqu’à quand.", "Until when.")),
        },
    })
}

fn averages(language: Language) -> Value {
    let t = |fr, en| choose(language, fr, en);
    let minimums: Map<String, Value> = IndicatorKind::ALL
        .iter()
        .map(|kind| (kind.code().to_owned(), json!({"const": kind.minimum()})))
        .collect();
    json!({
        "type": "object",
        "required": ["schema", "formula", "period", "minimum", "demarches"],
        "properties": {
            "schema": {"const": SCHEMA},
            "formula": described(json!({"const": FORMULA}), t("La version des formules, voir /methode.", "The version of the formulas, see /methode.")),
            "period": {
                "type": "object",
                "required": ["from", "to", "timezone", "closed"],
                "properties": {
                    "from": day(),
                    "to": day(),
                    "timezone": {"const": "Europe/Paris"},
                    "closed": described(json!({"type": "boolean"}), t("Vrai quand ses chiffres ne bougent plus, sauf retrait d’un avis\u{a0}: 24 heures après son dernier jour.", "True once its figures move no more, but for a withdrawal: 24 hours after its last day.")),
                },
            },
            "last_avis_at": described(
                json!({"type": ["string", "null"], "format": "date-time"}),
                t("Dans une période ouverte seulement\u{a0}: l’instant du dernier avis compté.", "In an open period only: the instant of the last avis that counts in it."),
            ),
            "minimum": described(
                json!({"type": "object", "required": minimums.keys().collect::<Vec<_>>(), "properties": minimums}),
                t("Le nombre de réponses à partir duquel chaque indicateur est publié.", "From how many answers on each indicator is published."),
            ),
            "demarches": described(
                json!({"type": "array", "items": reference("DemarcheAverages")}),
                t("Par identifiant\u{a0}: les nombres d’abord, par valeur, puis les autres. Sans avis aussi.", "By id: numbers first, by value, then the others. Those without avis too."),
            ),
        },
    })
}

fn day() -> Value {
    json!({"type": "string", "format": "date"})
}

/// What is told of a démarche everywhere.
fn identity(language: Language) -> Map<String, Value> {
    let t = |fr, en| choose(language, fr, en);
    let audiences: Vec<&str> = Audience::ALL.iter().map(|one| one.code()).collect();
    let members = [
        ("id", json!({"type": "string"})),
        (
            "aliases",
            described(
                json!({"type": "array", "items": {"type": "string"}}),
                t(
                    "D’autres noms, que les paramètres acceptent aussi.",
                    "Other names, which parameters take too.",
                ),
            ),
        ),
        ("title", json!({"type": "string"})),
        ("administration", json!({"type": "string"})),
        ("ministry", json!({"type": ["string", "null"]})),
        (
            "audience",
            described(
                json!({"type": "array", "items": {"enum": audiences}}),
                t("À qui elle s’adresse.", "Whom it is for."),
            ),
        ),
        (
            "essential",
            described(
                json!({"type": "boolean"}),
                t(
                    "Si elle fait partie des démarches essentielles.",
                    "Whether it is one of the essential démarches.",
                ),
            ),
        ),
    ];
    members.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn demarche_averages(language: Language) -> Value {
    let t = |fr, en| choose(language, fr, en);
    let mut members = identity(language);
    members.insert(
        "quarantined".to_owned(),
        described(
            json!({"type": "integer", "minimum": 0}),
            t("Les avis mis à l’écart, qui ne comptent pas.", "The avis set aside, which do not count."),
        ),
    );
    let required: Vec<String> = members.keys().cloned().collect();
    members.insert(
        "indicators".to_owned(),
        described(reference("Indicators"), t("Sur toute la période.", "Over the whole period.")),
    );
    let slice = json!({
        "type": "object",
        "required": ["from", "to", "indicators"],
        "properties": {"from": day(), "to": day(), "indicators": reference("Indicators")},
    });
    members.insert(
        "series".to_owned(),
        described(json!({"type": "array", "items": slice}), t("Avec interval, à la place d’indicators\u{a0}: une unité de calendrier après l’autre, coupées aux bornes.", "With interval, in the place of indicators: one calendar unit after the other, cut at the bounds.")),
    );
    json!({
        "type": "object",
        "required": required,
        "properties": members,
        "oneOf": [{"required": ["indicators"]}, {"required": ["series"]}],
    })
}

fn indicators(language: Language) -> Value {
    let nothing = Tally::default();
    let members: Map<String, Value> = IndicatorKind::ALL
        .iter()
        .map(|kind| {
            let counts: Map<String, Value> = Indicator::of(*kind, &nothing)
                .counts
                .iter()
                .map(|(code, _)| ((*code).to_owned(), json!({"type": "integer", "minimum": 0})))
                .collect();
            let counts = json!({"type": "object", "required": counts.keys().collect::<Vec<_>>(), "properties": counts});
            let mut schema = json!({
                "description": words::indicator(*kind, language),
                "allOf": [reference(if kind.is_mean() { "Mean" } else { "Share" })],
                "properties": {"counts": counts},
            });
            if kind.thresholds().is_none() {
                schema["properties"]["level"] = json!({"type": "null"});
            }
            (kind.code().to_owned(), schema)
        })
        .collect();
    json!({"type": "object", "required": members.keys().collect::<Vec<_>>(), "properties": members})
}

fn mean(language: Language) -> Value {
    let note = choose(language, "La moyenne telle que publiée.", "The mean as published.");
    figure(language, ("mean", 10), ("note", r"^(10|[0-9])\.[0-9]$", note))
}

fn share(language: Language) -> Value {
    let percent =
        choose(language, "La part telle que publiée, en pour cent.", "The share as published, in per cent.");
    figure(language, ("share", 1), ("percent", r"^(100|[1-9]?[0-9])\.[0-9]$", percent))
}

fn figure(
    language: Language,
    (value, most): (&str, u64),
    (printed, pattern, told): (&str, &str, &str),
) -> Value {
    let t = |fr, en| choose(language, fr, en);
    let number = || json!({"type": "number", "minimum": 0, "maximum": most});
    let interval =
        json!({"type": ["array", "null"], "prefixItems": [number(), number()], "minItems": 2, "maxItems": 2});
    json!({
        "type": "object",
        "required": ["status", "n", "counts", value, printed, "interval", "level"],
        "properties": {
            "status": described(json!({"enum": Status::ALL.map(Status::code)}), t("insufficient\u{a0}: trop peu de réponses pour un chiffre. none\u{a0}: aucune.", "insufficient: too few answers for a figure. none: no answer.")),
            "n": described(json!({"type": "integer", "minimum": 0}), t("Le nombre de réponses de cet indicateur.", "The number of answers of this indicator.")),
            "counts": described(json!({"type": "object"}), t("Combien de fois chaque réponse a été donnée.", "How often each answer was given.")),
            value: described(or_null(number()), t("À 4 décimales, arrondi vers le haut au milieu\u{a0}; null sans chiffre.", "4 decimals, half up; null where there is no figure.")),
            printed: described(json!({"type": ["string", "null"], "pattern": pattern}), told),
            "interval": described(interval, t("L’intervalle à 95\u{a0}%\u{a0}; null si toutes les réponses sont les mêmes.", "The 95 % interval; null where all answers are the same.")),
            "level": described(
                or_null(json!({"type": "string", "enum": Level::ALL.map(Level::code)})),
                t("Celui du chiffre tel que publié\u{a0}; null pour un indicateur sans niveaux.", "That of the figure as published; null for an indicator without levels."),
            ),
        },
    })
}

fn demarche(language: Language) -> Value {
    let mut members = identity(language);
    let closed = choose(language, "Si elle ne recueille plus d’avis.", "Whether it takes avis no more.");
    members.insert("closed".to_owned(), described(json!({"type": "boolean"}), closed));
    json!({"type": "object", "required": members.keys().collect::<Vec<_>>(), "properties": members})
}

fn demarches(language: Language) -> Value {
    let order = choose(
        language,
        "Par identifiant\u{a0}: les nombres d’abord, par valeur, puis les autres.",
        "By id: numbers first, by value, then the others.",
    );
    json!({
        "type": "object",
        "required": ["demarches"],
        "properties": {"demarches": described(json!({"type": "array", "items": reference("Demarche")}), order)},
    })
}

fn edition(language: Language) -> Value {
    let t = |fr, en| choose(language, fr, en);
    json!({
        "type": "object",
        "required": ["schema", "edition", "twelve_months", "three_months", "errata"],
        "properties": {
            "schema": {"const": EDITION_SCHEMA},
            "edition": described(json!({"type": "string"}), t("Le trimestre.", "The quarter.")),
            "twelve_months": described(reference("Averages"), t("Les douze mois qui finissent avec lui.", "The twelve months that end with it.")),
            "three_months": described(reference("Averages"), t("Ses trois mois.", "Its three months.")),
            "errata": errata(language),
        },
    })
}

fn errata(language: Language) -> Value {
    let erratum = json!({
        "type": "object",
        "required": ["added_at", "text"],
        "properties": {"added_at": {"type": "string", "format": "date-time"}, "text": {"type": "string"}},
    });
    let description = choose(
        language,
        "Ce qui s’est révélé faux depuis, le premier d’abord. Les octets figés n’en changent pas.",
        "What turned out wrong since, the first one first. The frozen bytes do not change by it.",
    );
    described(json!({"type": "array", "items": erratum}), description)
}

fn editions(language: Language) -> Value {
    let t = |fr, en| choose(language, fr, en);
    let days =
        || json!({"type": "object", "required": ["from", "to"], "properties": {"from": day(), "to": day()}});
    let file = json!({
        "type": "object",
        "required": ["url", "bytes", "sha256"],
        "properties": {
            "url": {"type": "string", "format": "uri-reference"},
            "bytes": {"type": "integer", "minimum": 1},
            "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        },
    });
    let files: Map<String, Value> =
        crate::edition::Format::ALL.iter().map(|format| (format.code().to_owned(), file.clone())).collect();
    let edition = json!({
        "type": "object",
        "required": ["id", "twelve_months", "three_months", "frozen_at", "formula", "files", "errata"],
        "properties": {
            "id": described(json!({"type": "string"}), t("Le trimestre.", "The quarter.")),
            "twelve_months": days(),
            "three_months": days(),
            "frozen_at": {"type": "string", "format": "date-time"},
            "formula": {"type": "string"},
            "files": {"type": "object", "required": files.keys().collect::<Vec<_>>(), "properties": files},
            "errata": errata(language),
        },
    });
    json!({
        "type": "object",
        "required": ["editions"],
        "properties": {"editions": {"type": "array", "items": edition}},
    })
}

/// An object with these members, all of them there.
fn whole(members: &[(&str, Value)]) -> Value {
    let properties: Map<String, Value> =
        members.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({"type": "object", "required": properties.keys().collect::<Vec<_>>(), "properties": properties})
}

fn observatoire_stats(language: Language) -> Value {
    let t = |fr, en| choose(language, fr, en);
    let count = || json!({"type": "integer", "minimum": 0});
    let note = |told: &str| described(json!({"type": "number", "minimum": 0, "maximum": 10}), told);
    let data = whole(&[
        ("satisfaction", note(t("La moyenne des points.", "The mean of points."))),
        ("comprehension", note(t("Celle de la clarté.", "That of clarity."))),
        (
            "contact",
            note(t(
                "Σ points de l’aide ÷ (réponses de qualité + «\u{a0}non\u{a0}»).",
                "Σ points of help ÷ (answers of quality + «non»).",
            )),
        ),
        (
            "contact_reachability",
            described(
                json!({"type": "number", "minimum": 0, "maximum": 1}),
                t("oui ÷ (oui + non).", "oui ÷ (oui + non)."),
            ),
        ),
        ("contact_satisfaction", note(t("La moyenne des points de l’aide.", "The mean of points of help."))),
        (
            "autonomy",
            note(t(
                "10 × «\u{a0}pas eu besoin d’aide\u{a0}» ÷ avis qui ont répondu.",
                "10 × «no help needed» ÷ avis that answered.",
            )),
        ),
    ]);
    let metadata = whole(&[
        ("satisfaction_count", count()),
        ("comprehension_count", count()),
        ("contact_count", count()),
        ("contactReachability_count", count()),
        ("contactSatisfaction_count", count()),
        ("autonomy_count", count()),
    ]);
    let json = whole(&[("data", data), ("metadata", metadata)]);
    whole(&[("result", whole(&[("data", whole(&[("json", json)]))]))])
}

fn services() -> Value {
    let form = whole(&[("id", json!({"type": "integer"})), ("title", json!({"type": "string"}))]);
    let service = whole(&[
        ("id", json!({"type": ["integer", "string"]})),
        ("title", json!({"type": "string"})),
        ("entity", json!({"type": "string"})),
        ("forms", json!({"type": "array", "items": form})),
    ]);
    whole(&[("data", json!({"type": "array", "items": service}))])
}

fn statistiques_question() -> Value {
    let fields: Vec<&str> = crate::jdma::statistiques::Field::ALL.iter().map(|field| field.code()).collect();
    let date = json!({"anyOf": [
        {"type": "string", "format": "date"},
        {"type": "string", "format": "date-time"},
        {"type": "string", "pattern": "^[0-9]{1,14}$"},
    ]});
    json!({
        "type": "object",
        "required": ["start_date", "end_date"],
        "properties": {
            "start_date": date,
            "end_date": date,
            "product_ids": {"type": "array", "items": number()},
            "form_ids": {"type": "array", "items": number()},
            "field_codes": {"type": "array", "items": {"type": "string", "enum": fields}},
            "interval": {"type": "string", "enum": ["day", "week", "month", "year", "none"]},
        },
    })
}

fn statistiques() -> Value {
    let category = |hit: Value| {
        whole(&[
            ("category", json!({"type": "string"})),
            ("label", json!({"type": "string"})),
            ("number_hits", json!({"type": "array", "items": hit})),
        ])
    };
    let hit = whole(&[
        ("intention", json!({"enum": ["bad", "medium", "good", "very_bad", "very_good", "neutral"]})),
        ("label", json!({"type": "string"})),
        ("count", json!({"type": "integer", "minimum": 0})),
    ]);
    let mut parent = hit.clone();
    parent["properties"]["children"] = json!({"type": "array", "items": category(hit)});
    let interval = whole(&[
        ("date", json!({"type": "string"})),
        ("length_interval", json!({"type": "string"})),
        ("data", json!({"type": "array", "items": category(parent)})),
    ]);
    let form = whole(&[
        ("form_id", json!({"type": "string"})),
        ("form_name", json!({"type": "string"})),
        ("intervals", json!({"type": "array", "items": interval})),
    ]);
    let product = whole(&[
        ("product_id", json!({"type": "string"})),
        ("product_name", json!({"type": "string"})),
        ("forms", json!({"type": "array", "items": form})),
    ]);
    whole(&[("data", json!({"type": "array", "items": product}))])
}

fn form_list(language: Language) -> Value {
    let form = json!({"anyOf": [
        {"type": "integer", "minimum": 0, "maximum": i64::MAX},
        {"type": "string", "pattern": "^[0-9]{1,18}$"},
    ]});
    let all = choose(
        language,
        "Toutes les démarches essentielles, par leurs numéros de formulaire.",
        "All essential démarches, by the numbers of their forms.",
    );
    json!({
        "type": "object",
        "required": ["form_ids"],
        "properties": {"form_ids": described(json!({"type": "array", "items": form}), all)},
    })
}

fn essential_forms() -> Value {
    let forms = || json!({"type": "array", "items": {"type": "integer"}});
    let result = whole(&[
        ("new_top250_forms", forms()),
        ("already_top250_forms", forms()),
        ("down_top250_forms", forms()),
    ]);
    whole(&[("result", result)])
}

fn problem(language: Language) -> Value {
    let t = |fr, en| choose(language, fr, en);
    let types: Vec<String> = Problem::all().iter().map(Problem::kind).collect();
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": described(json!({"type": "string", "enum": types}), t("Stable\u{a0}: l’adresse d’une page qui l’explique.", "Stable: the address of a page that explains it.")),
            "title": described(json!({"type": "string"}), t("Ce qui s’est passé, en quelques mots.", "What happened, in a few words.")),
            "status": {"type": "integer"},
            "detail": described(json!({"type": "string"}), t("Ce qui s’est passé et ce qu’il faut faire.", "What happened, and what to do next.")),
            "errors": described(json!({"type": "array", "items": reference("FieldError")}), t("Tous les champs à corriger.", "Every field that is wrong.")),
            "missing": described(json!({"type": "array", "items": {"type": "string"}}), t("Les noms demandés qui n’existent pas.", "The names asked for that do not exist.")),
            "editions": described(json!({"type": "array", "items": {"type": "string"}}), t("Les éditions qui existent.", "The editions that there are.")),
            "message": described(json!({"type": "string"}), t("Sous /api/open-api\u{a0}: le même detail, pour les clients de Je donne mon avis.", "Below /api/open-api: the same detail, for clients of Je donne mon avis.")),
            "code": described(json!({"type": "string"}), t("Sous /api/open-api\u{a0}: le nom de l’erreur.", "Below /api/open-api: the name of the error.")),
            "issues": described(json!({"type": "array", "items": {"type": "object"}}), t("Sous /api/open-api, en 400\u{a0}: les mêmes erreurs, comme zod les écrit.", "Below /api/open-api, with 400: the same errors, as zod writes them.")),
            "error": described(json!({"type": "object", "required": ["json"]}), t("Sous /api/trpc\u{a0}: la même erreur, comme tRPC l’écrit.", "Below /api/trpc: the same error, as tRPC writes it.")),
        },
    })
}

fn field_error(language: Language) -> Value {
    let t = |fr, en| choose(language, fr, en);
    json!({
        "type": "object",
        "required": ["pointer", "code", "detail"],
        "properties": {
            "pointer": described(json!({"type": "string", "pattern": "^(/.*)?$"}), t("Où, en pointeur JSON (RFC 6901)\u{a0}; un paramètre de l’adresse par son nom.", "Where, as a JSON pointer (RFC 6901); a parameter of the address by its name.")),
            "code": described(json!({"type": "string", "enum": error_codes()}), t("Stable, pour les programmes.", "Stable, for programs.")),
            "detail": described(json!({"type": "string"}), t("Quoi, et que faire.", "What, and what to do.")),
        },
    })
}
