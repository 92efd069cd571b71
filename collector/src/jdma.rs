//! What Je donne mon avis, the service before, answers to programs, made from our décomptes: the statistics that the
//! observatory imports and those of its API. Their addresses are in `routes/trpc.rs` and `routes/open_api.rs`.

pub mod addresses;
pub mod bound;
pub mod observatoire;
pub mod statistiques;

use crate::catalogue::Demarche;
use crate::problem::{ParameterError, ParameterErrorCode};
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::fmt::Display;

/// The number that an identifier of theirs is, in digits, be it sent as a number or as a text; a text that is none may
/// be an identifier of ours.
#[must_use]
pub fn name(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(_) => whole(value).filter(|number| *number >= 0).map(|number| number.to_string()),
        _ => None,
    }
}

/// A whole number, also where it is written with a fraction of zero, as some languages do.
fn whole(value: &Value) -> Option<i64> {
    /// Up to here a double tells every whole number from the next.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole, and far below 2^63")]
    value.as_i64().or_else(|| {
        value
            .as_f64()
            .filter(|number| number.fract() == 0.0 && number.abs() < EXACT)
            .map(|number| number as i64)
    })
}

/// The alias by which a form of theirs is known here.
#[must_use]
pub fn form_alias(form: impl Display) -> String {
    format!("form:{form}")
}

/// The alias by which a démarche of their first generation is known here: its numbers were given away again since.
#[must_use]
pub fn xwiki_alias(number: impl Display) -> String {
    format!("xwiki:{number}")
}

/// The numbers of a démarche's forms, the lowest first.
#[must_use]
pub fn forms_of(demarche: &Demarche) -> Vec<u64> {
    let numbers = demarche.aliases.iter().filter_map(|alias| alias.strip_prefix("form:")?.parse().ok());
    let mut forms: Vec<u64> = numbers.filter(|form| demarche.aliases.contains(&form_alias(form))).collect();
    forms.sort_unstable();
    forms
}

/// The forms that the body of `setTop250` lists, each once.
///
/// # Errors
/// Everything that is wrong with it.
pub fn essential_forms(body: &Value) -> Result<Vec<u64>, Vec<ParameterError>> {
    const LIST: &str = "form_ids";
    let mut errors = Errors::default();
    let number = |form: &Value| name(form)?.parse::<u64>().ok();
    let members = errors.expect("", ParameterErrorCode::WrongType, body.as_object());
    let forms = members.and_then(|members| {
        errors.expect(LIST, ParameterErrorCode::Required, members.get(LIST))?;
        list(members, LIST, &mut errors, number)
    });
    let mut seen = HashSet::new();
    forms.map(|forms| forms.into_iter().filter(|form| seen.insert(*form)).collect()).ok_or(errors.0)
}

/// Reads a list, of which every element must be what it is for; none if it is absent or wrong.
fn list<T>(
    members: &Map<String, Value>,
    name: &str,
    errors: &mut Errors,
    read: impl Fn(&Value) -> Option<T>,
) -> Option<Vec<T>> {
    let value = members.get(name)?;
    let elements = value.as_array().and_then(|elements| elements.iter().map(read).collect());
    errors.expect(name, ParameterErrorCode::WrongType, elements)
}

/// What is wrong with the members of a request, found all at once.
#[derive(Default)]
struct Errors(Vec<ParameterError>);

impl Errors {
    fn add(&mut self, name: &str, code: ParameterErrorCode) {
        self.0.push(ParameterError { name: name.to_owned(), code });
    }

    /// What was read of a member, or an error in its place.
    fn expect<T>(&mut self, name: &str, code: ParameterErrorCode, read: Option<T>) -> Option<T> {
        if read.is_none() {
            self.add(name, code);
        }
        read
    }
}
