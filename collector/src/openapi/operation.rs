//! One operation of the document, put together.

use super::problems;
use crate::language::choose;
use crate::problem::Problem;
use serde_json::{Map, Value, json};
use shared::Language;

/// What an operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// Sending, changing and withdrawing avis.
    Avis,
    /// Figures.
    Averages,
    /// Frozen quarters.
    Editions,
    /// What is rated.
    Demarches,
    /// What clients of Je donne mon avis ask for.
    FormerApi,
    /// This description.
    Description,
}

impl Tag {
    pub(super) const ALL: [Self; 6] =
        [Self::Avis, Self::Averages, Self::Editions, Self::Demarches, Self::FormerApi, Self::Description];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Avis => "avis",
            Self::Averages => "moyennes",
            Self::Editions => "editions",
            Self::Demarches => "demarches",
            Self::FormerApi => "je-donne-mon-avis",
            Self::Description => "description",
        }
    }

    pub(super) fn description(self, language: Language) -> &'static str {
        let (fr, en) = match self {
            Self::Avis => ("Donner un avis, le modifier, le retirer", "Give an avis, change it, withdraw it"),
            Self::Averages => ("Les chiffres publiés", "The published figures"),
            Self::Editions => ("Les éditions, figées chaque trimestre", "Editions, frozen each quarter"),
            Self::Demarches => ("Ce qui est évalué", "What is rated"),
            Self::FormerApi => (
                "Les adresses de Je donne mon avis, pour ses clients",
                "The addresses of Je donne mon avis, for its clients",
            ),
            Self::Description => ("Ce document", "This document"),
        };
        choose(language, fr, en)
    }
}

/// An operation in the making: its answers are added one after the other, and what belongs to an answer after it.
pub(super) struct Operation {
    language: Language,
    path: &'static str,
    method: &'static str,
    parameters: Vec<Value>,
    value: Value,
    /// The answer that is being described.
    status: String,
}

/// A request and what it is answered, on the database that the page of the API names.
pub(super) struct Example {
    /// Its name, the same in the request and in the answer.
    pub(super) name: &'static str,
    /// What it shows.
    pub(super) summary: &'static str,
    /// The values of parameters.
    pub(super) parameters: Vec<(&'static str, Value)>,
    /// The body, if one is sent.
    pub(super) body: Option<Value>,
    /// The status of the answer.
    pub(super) status: u16,
    /// Its media type and its body; none if it has no body.
    pub(super) answer: Option<(&'static str, Value)>,
}

impl Operation {
    pub(super) fn new(
        method: &'static str,
        path: &'static str,
        id: &'static str,
        tag: Tag,
        language: Language,
    ) -> Self {
        let value = json!({"operationId": id, "tags": [tag.name()], "summary": "", "responses": {}});
        Self { language, path, method, parameters: vec![], value, status: String::new() }
    }

    pub(super) fn get(path: &'static str, id: &'static str, tag: Tag, language: Language) -> Self {
        Self::new("get", path, id, tag, language)
    }

    /// What it does, in a few words and in full.
    pub(super) fn told(mut self, fr: &str, en: &str, more_fr: &str, more_en: &str) -> Self {
        self.value["summary"] = choose(self.language, fr, en).into();
        if !more_fr.is_empty() {
            self.value["description"] = choose(self.language, more_fr, more_en).into();
        }
        self
    }

    pub(super) fn parameter(mut self, parameter: Value) -> Self {
        self.parameters.push(parameter);
        self
    }

    pub(super) fn parameters(self, parameters: impl IntoIterator<Item = Value>) -> Self {
        parameters.into_iter().fold(self, Self::parameter)
    }

    /// Which of these ways to prove oneself it takes; `""` is none at all.
    pub(super) fn secured_by(mut self, schemes: &[&str]) -> Self {
        let requirement = |scheme: &&str| if scheme.is_empty() { json!({}) } else { json!({*scheme: []}) };
        self.value["security"] = schemes.iter().map(requirement).collect();
        self
    }

    /// The JSON that it takes.
    pub(super) fn takes(mut self, schema: &str) -> Self {
        let content = json!({"application/json": {"schema": reference(schema)}});
        self.value["requestBody"] = json!({"required": true, "content": content});
        self
    }

    /// Begins an answer.
    pub(super) fn answer(mut self, status: u16, fr: &str, en: &str) -> Self {
        self.status = status.to_string();
        self.value["responses"][&self.status] = json!({"description": choose(self.language, fr, en)});
        self
    }

    /// The answer's body.
    pub(super) fn content(mut self, media_type: &str, schema: &Value) -> Self {
        self.response()["content"][media_type] = json!({"schema": schema});
        self
    }

    /// A header that the answer always has.
    pub(super) fn header(mut self, name: &'static str) -> Self {
        let described = header(name, self.language);
        self.response()["headers"][name] = described;
        self
    }

    /// What can be done next with what the answer gives.
    pub(super) fn leads_to(mut self, operation: &str, parameter: &str, from: &str) -> Self {
        self.response()["links"][operation] =
            json!({"operationId": operation, "parameters": {parameter: from}});
        self
    }

    fn response(&mut self) -> &mut Value {
        &mut self.value["responses"][&self.status]
    }

    /// The problems it can answer with, besides those that any can.
    pub(super) fn problems(mut self, of_its_own: &[Problem]) -> Self {
        let mut all = of_its_own.to_vec();
        all.push(Problem::Internal);
        for (status, response) in problems::responses(self.path, &all, self.language) {
            self.value["responses"][status] = response;
        }
        self
    }

    /// Shows an example. Its name stands at every part of the request and at the answer.
    pub(super) fn example(mut self, example: Example) -> Self {
        let Example { name, summary, parameters, body, status, answer } = example;
        let shown = |value: Value| json!({"summary": summary, "value": value});
        for parameter in &mut self.parameters {
            let given = parameters.iter().find(|(known, _)| parameter["name"] == *known);
            if let Some((_, value)) = given {
                parameter["examples"][name] = shown(value.clone());
            }
        }
        if let Some(body) = body {
            self.value["requestBody"]["content"]["application/json"]["examples"][name] = shown(body);
        }
        let response = &mut self.value["responses"][status.to_string()];
        match answer {
            Some((media_type, body)) => response["content"][media_type]["examples"][name] = shown(body),
            // An answer without a body has no place for examples: it is named all the same.
            None => response["x-examples"] = json!([name]),
        }
        self
    }

    /// Its path, its method, and what the document says of it.
    pub(super) fn finish(mut self) -> (String, &'static str, Value) {
        if !self.parameters.is_empty() {
            self.value["parameters"] = self.parameters.into();
        }
        if let Some(responses) = self.value["responses"].as_object_mut() {
            responses.sort_keys();
        }
        (self.path.to_owned(), self.method, self.value)
    }
}

/// The JSON of an answer as a collector gave it, kept in a file.
pub(super) fn recorded(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// A schema of the components.
pub(super) fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

/// A parameter of the query.
pub(super) fn query(name: &str, schema: &Value, description: &str) -> Value {
    json!({"name": name, "in": "query", "description": description, "schema": schema})
}

/// A parameter that must be there.
pub(super) fn required(mut parameter: Value) -> Value {
    parameter["required"] = true.into();
    parameter
}

/// A parameter of the path.
pub(super) fn path(name: &str, schema: &Value, description: &str) -> Value {
    required(json!({"name": name, "in": "path", "description": description, "schema": schema}))
}

/// The language of errors and descriptions.
pub(super) fn language_parameter(language: Language) -> Value {
    let description = choose(
        language,
        "La langue des textes\u{a0}: fr ou en. Sinon celle d’Accept-Language, sinon le français.",
        "The language of texts: fr or en. Else that of Accept-Language, else French.",
    );
    query("lang", &json!({"type": "string"}), description)
}

fn header(name: &str, language: Language) -> Value {
    let (schema, fr, en) = match name {
        "ETag" => (
            json!({"type": "string", "pattern": "^\"[^\"]+\"$"}),
            "Change avec le document\u{a0}: à renvoyer dans If-None-Match.",
            "Changes with the document: to be sent back in If-None-Match.",
        ),
        "Last-Modified" => (
            json!({"type": "string"}),
            "Quand ces chiffres ont bougé pour la dernière fois.",
            "When these figures moved last.",
        ),
        "Location" => (
            json!({"type": "string", "format": "uri-reference"}),
            "L’adresse de l’avis.",
            "The address of the avis.",
        ),
        "Repr-Digest" => (
            json!({"type": "string", "pattern": "^sha-256=:[A-Za-z0-9+/]{43}=:$"}),
            "Le SHA-256 des octets (RFC 9530).",
            "The SHA-256 of the bytes (RFC 9530).",
        ),
        "Content-Disposition" => (json!({"type": "string"}), "Un nom de fichier.", "A name for the file."),
        "Retry-After" => (
            json!({"type": "integer", "minimum": 0}),
            "Dans combien de secondes réessayer.",
            "In how many seconds to try again.",
        ),
        "RateLimit" => (
            json!({"type": "string"}),
            "Ce qui reste (draft-ietf-httpapi-ratelimit-headers-11).",
            "What is left (draft-ietf-httpapi-ratelimit-headers-11).",
        ),
        "RateLimit-Policy" => (json!({"type": "string"}), "Ce qui est permis.", "What is allowed."),
        "WWW-Authenticate" => (json!({"const": "Bearer"}), "Ce qu’il faut joindre.", "What is to be added."),
        _ => (json!({"type": "string"}), "", ""),
    };
    // Figures that never moved tell no instant.
    json!({"description": choose(language, fr, en), "required": name != "Last-Modified", "schema": schema})
}

/// Headers by name.
pub(super) fn headers(names: &[&'static str], language: Language) -> Map<String, Value> {
    names.iter().map(|name| ((*name).to_owned(), header(name, language))).collect()
}
