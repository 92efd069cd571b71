//! From what was sent to what is meant: [`AvisDraft`] → [`NewAvis`], with every error at once.
//!
//! A draft is read into [`Raw`] without judging it, then walked. Derived deserialisation would stop at the first
//! unknown field or wrong type, and a program's author would mend their request one error at a time.

mod answers_patch;
mod error;
mod raw;

pub use answers_patch::{AnswersPatch, clean};
pub use error::{FieldError, FieldErrorCode};
pub use raw::{Raw, pointer_token};

use crate::answers::{Answers, ValidAnswers};
use crate::page_address::PageAddress;
use crate::texts::Language;
use error::Errors;
use raw::Member;

/// An avis as sent: nothing about it has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct AvisDraft(pub Raw);

/// A change of answers as sent to an avis that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct ChangeDraft(pub Raw);

/// An avis that can be stored, once its démarche and bouton are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAvis {
    /// The id or alias of the démarche.
    pub demarche: String,
    /// The id or alias of the bouton, if it came through one.
    pub bouton: Option<String>,
    /// The language of the form.
    pub language: Option<Language>,
    /// The page on which the form was opened.
    pub page: Option<PageAddress>,
    /// What the person answered.
    pub answers: ValidAnswers,
    /// The idempotency key, when it came in the body; the header is the usual place.
    pub idempotency_key: Option<String>,
    /// The form token, if any.
    pub token: Option<String>,
    /// Whether the field that people do not see was filled in.
    pub honeypot: bool,
}

/// The longest id or alias of a démarche or bouton, in bytes.
pub const REFERENCE_MAX: usize = 128;

/// The longest address of a page that is taken, in bytes; the widget sends none that is longer.
pub const PAGE_MAX: usize = 2_048;

impl AvisDraft {
    /// Finds out what is meant.
    ///
    /// # Errors
    /// Every field that is missing, unknown, of the wrong type, not among the choices, too long, or not allowed by
    /// its condition, each with its JSON pointer.
    pub fn parse(self) -> Result<NewAvis, Vec<FieldError>> {
        let mut errors = Errors::default();
        let Raw::Map(members) = self.0 else {
            errors.push("", FieldErrorCode::WrongType);
            return Err(errors.into_vec());
        };
        let (mut demarche, mut bouton, mut language, mut page) = (None, None, None, None);
        let (mut patch, mut idempotency_key, mut token, mut honeypot) = (None, None, None, false);
        for Member { key, value, pointer } in raw::members(members, "", &mut errors) {
            match key.as_str() {
                "demarche" => demarche = Some(reference(value, &pointer, &mut errors)),
                "bouton" if value == Raw::Null => {}
                "bouton" => bouton = reference(value, &pointer, &mut errors),
                "lang" => language = parse_language(&value, &pointer, &mut errors),
                "page" => page = parse_page(&value, &pointer, &mut errors),
                "answers" => patch = Some(AnswersPatch::parse(value, &pointer, &mut errors)),
                "idempotency_key" => idempotency_key = text(value, &pointer, &mut errors),
                "token" => token = text(value, &pointer, &mut errors),
                "website" => {
                    honeypot = text(value, &pointer, &mut errors).is_some_and(|text| !text.is_empty());
                }
                _ => errors.push(&pointer, FieldErrorCode::UnknownField),
            }
        }
        if demarche.is_none() {
            errors.push("/demarche", FieldErrorCode::Required);
        }
        let answers = if let Some(patch) = patch {
            patch.apply_collecting(&Answers::default(), &mut errors)
        } else {
            errors.push("/answers", FieldErrorCode::Required);
            None
        };
        match (errors.is_empty(), demarche.flatten(), answers) {
            (true, Some(demarche), Some(answers)) => {
                Ok(NewAvis { demarche, bouton, language, page, answers, idempotency_key, token, honeypot })
            }
            _ => Err(errors.into_vec()),
        }
    }
}

impl ChangeDraft {
    /// Finds out what is meant. Whether the avis as a whole stays consistent shows when the patch is applied.
    ///
    /// # Errors
    /// Every field that is missing, unknown, of the wrong type, not among the choices or too long.
    pub fn parse(self) -> Result<AnswersPatch, Vec<FieldError>> {
        let mut errors = Errors::default();
        let Raw::Map(members) = self.0 else {
            errors.push("", FieldErrorCode::WrongType);
            return Err(errors.into_vec());
        };
        let mut patch = None;
        for Member { key, value, pointer } in raw::members(members, "", &mut errors) {
            match key.as_str() {
                "answers" => patch = Some(AnswersPatch::parse(value, &pointer, &mut errors)),
                _ => errors.push(&pointer, FieldErrorCode::UnknownField),
            }
        }
        if patch.is_none() {
            errors.push("/answers", FieldErrorCode::Required);
        }
        match patch {
            Some(patch) if errors.is_empty() => Ok(patch),
            _ => Err(errors.into_vec()),
        }
    }
}

/// An id or alias: a text, or a whole number as the buttons of today write it.
fn reference(value: Raw, pointer: &str, errors: &mut Errors) -> Option<String> {
    let code = match value {
        Raw::Integer(number) => return Some(number.to_string()),
        Raw::Text(text) if text.is_empty() => FieldErrorCode::Required,
        Raw::Text(text) if text.len() > REFERENCE_MAX => {
            FieldErrorCode::TooLong { max: REFERENCE_MAX, length: text.len() }
        }
        Raw::Text(text) => return Some(text),
        Raw::Null => FieldErrorCode::Required,
        _ => FieldErrorCode::WrongType,
    };
    errors.push(pointer, code);
    None
}

fn text(value: Raw, pointer: &str, errors: &mut Errors) -> Option<String> {
    match value {
        Raw::Text(text) => Some(text),
        Raw::Null => None,
        _ => {
            errors.push(pointer, FieldErrorCode::WrongType);
            None
        }
    }
}

fn parse_language(value: &Raw, pointer: &str, errors: &mut Errors) -> Option<Language> {
    let code = match value {
        Raw::Null => return None,
        Raw::Text(tag) => match Language::from_tag(tag) {
            Some(language) => return Some(language),
            None => FieldErrorCode::UnknownChoice,
        },
        _ => FieldErrorCode::WrongType,
    };
    errors.push(pointer, code);
    None
}

fn parse_page(value: &Raw, pointer: &str, errors: &mut Errors) -> Option<PageAddress> {
    let code = match value {
        Raw::Null => return None,
        Raw::Text(text) if text.len() > PAGE_MAX => {
            FieldErrorCode::TooLong { max: PAGE_MAX, length: text.len() }
        }
        Raw::Text(text) => match PageAddress::parse(text) {
            Some(page) => return Some(page),
            None => FieldErrorCode::Malformed,
        },
        _ => FieldErrorCode::WrongType,
    };
    errors.push(pointer, code);
    None
}

#[cfg(test)]
mod tests;
