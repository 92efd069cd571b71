//! A change of answers: which questions it touches, and what their answers become.

use super::error::Errors;
use super::raw::{self, Member};
use super::{FieldError, FieldErrorCode, Raw};
use crate::answers::{Answers, PerChannel, ValidAnswers, text_length};
use crate::questionnaire::{Channel, Choice, Question, Screen, Set, Ticked};
use std::borrow::Cow;

/// New answers to some questions. A touched question without an answer is taken back.
///
/// A first avis is a patch too, of no answers at all: so there is one way in, and one set of rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswersPatch {
    touched: Set<Question>,
    answers: Answers,
}

impl AnswersPatch {
    pub(super) fn parse(value: Raw, pointer: &str, errors: &mut Errors) -> Self {
        let mut patch = Self::default();
        match value {
            Raw::Map(members) => {
                for Member { key, value, pointer } in raw::members(members, pointer, errors) {
                    match Question::from_code(&key) {
                        Some(question) => patch.read(question, value, &pointer, errors),
                        None => errors.push(&pointer, FieldErrorCode::UnknownField),
                    }
                }
            }
            _ => errors.push(pointer, FieldErrorCode::WrongType),
        }
        patch
    }

    /// What one screen of the HTML form sends: a whole new state of that screen's questions, so that a tick which
    /// is not sent is a tick taken back. Answers whose condition does not hold are dropped, since the fields of a
    /// page without scripts cannot disappear.
    ///
    /// `fields` are the decoded pairs of an `application/x-www-form-urlencoded` body; those of no question of this
    /// screen are ignored, other things travel beside the answers.
    ///
    /// The answers come back beside the errors, so that a form can show again what was typed: one that is too long
    /// is among them, one that is none of the choices is not.
    #[must_use]
    pub fn from_screen(screen: Screen, fields: &[(String, String)]) -> (Self, Vec<FieldError>) {
        let mut errors = Errors::default();
        let mut patch = Self::default();
        for question in screen.questions() {
            let pointer = format!("/answers/{}", question.code());
            patch.read(question, field_value(question, fields), &pointer, &mut errors);
        }
        patch.answers.prune();
        (patch, errors.into_vec())
    }

    /// What has to change for `earlier` answers to become `later` ones.
    #[must_use]
    pub fn between(earlier: &Answers, later: &Answers) -> Self {
        Self { touched: later.differences(earlier).into_iter().collect(), answers: later.clone() }
    }

    /// The new answers alone, as far as they are given: what a form shows again beside its errors.
    #[must_use]
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// See [`Answers::rewrite_texts`].
    pub fn rewrite_texts(&mut self, rewrite: impl Fn(&str) -> Cow<'_, str>) {
        self.answers.rewrite_texts(rewrite);
    }

    /// Whether nothing is touched.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.touched.is_empty()
    }

    /// The change as a program would send it: what [`ChangeDraft`](super::ChangeDraft) reads as `answers`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        crate::json::answers(&mut json, &self.answers, &self.touched.iter().collect::<Vec<_>>());
        json
    }

    /// The answers after this change. Earlier answers whose condition vanishes go with it; a new answer that its
    /// condition does not allow is an error.
    ///
    /// # Errors
    /// What the avis as a whole would break: a condition that does not hold, satisfaction missing.
    pub fn apply(&self, earlier: &Answers) -> Result<ValidAnswers, Vec<FieldError>> {
        let mut errors = Errors::default();
        match self.apply_collecting(earlier, &mut errors) {
            Some(answers) if errors.is_empty() => Ok(answers),
            _ => Err(errors.into_vec()),
        }
    }

    pub(super) fn apply_collecting(&self, earlier: &Answers, errors: &mut Errors) -> Option<ValidAnswers> {
        let mut answers = earlier.clone();
        for question in self.touched.iter() {
            answers.copy_from(question, &self.answers);
        }
        self.check_conditions(&mut answers, errors);
        answers.prune();
        let satisfaction = answers.satisfaction;
        if satisfaction.is_none() && !errors.has_at("/answers/satisfaction") {
            errors.push("/answers/satisfaction", FieldErrorCode::Required);
        }
        satisfaction.map(|satisfaction| ValidAnswers::new(satisfaction, answers))
    }

    /// An answer of this patch whose condition does not hold is an error, and said of the first link of the chain
    /// that is broken.
    fn check_conditions(&self, answers: &mut Answers, errors: &mut Errors) {
        if self.touched.contains(Question::HelpTriedOther)
            && answers.help_tried_other.is_some()
            && !answers.asks_help_other()
        {
            errors.push("/answers/help_tried_other", FieldErrorCode::ConditionNotMet);
        }
        for &channel in Channel::ALL {
            if !answers.asks_reached(channel) && answers.help_reached.get(channel).is_some() {
                if self.touched.contains(Question::HelpReached) {
                    let pointer = format!("/answers/help_reached/{}", channel.code());
                    errors.push(&pointer, FieldErrorCode::ConditionNotMet);
                } else {
                    answers.help_reached.set(channel, None);
                }
            }
            if self.touched.contains(Question::HelpQuality)
                && answers.help_quality.get(channel).is_some()
                && !answers.asks_quality(channel)
            {
                let pointer = format!("/answers/help_quality/{}", channel.code());
                errors.push(&pointer, FieldErrorCode::ConditionNotMet);
            }
        }
        if self.touched.contains(Question::MalfunctionsOther)
            && answers.malfunctions_other.is_some()
            && !answers.asks_malfunctions_other()
        {
            errors.push("/answers/malfunctions_other", FieldErrorCode::ConditionNotMet);
        }
    }

    fn read(&mut self, question: Question, value: Raw, pointer: &str, errors: &mut Errors) {
        self.touched.insert(question);
        let answers = &mut self.answers;
        match question {
            Question::Satisfaction => answers.satisfaction = choice(&value, pointer, errors),
            Question::Clarity => answers.clarity = choice(&value, pointer, errors),
            Question::Ease => answers.ease = choice(&value, pointer, errors),
            Question::HelpTried => answers.help_tried = ticks(&value, pointer, errors),
            Question::HelpReached => answers.help_reached = per_channel(value, pointer, errors),
            Question::HelpQuality => answers.help_quality = per_channel(value, pointer, errors),
            Question::Malfunctions => answers.malfunctions = ticks(&value, pointer, errors),
            Question::HelpTriedOther => answers.help_tried_other = text(question, value, pointer, errors),
            Question::MalfunctionsOther => {
                answers.malfunctions_other = text(question, value, pointer, errors);
            }
            Question::Comment => answers.comment = text(question, value, pointer, errors),
        }
    }
}

/// The fields of one question in an HTML form, as the JSON that a program would send.
fn field_value(question: Question, fields: &[(String, String)]) -> Raw {
    let code = question.code();
    let values = || fields.iter().filter(|(name, value)| name == code && !value.is_empty());
    match question {
        Question::HelpTried | Question::Malfunctions => {
            Raw::List(values().map(|(_, value)| Raw::Text(value.clone())).collect())
        }
        Question::HelpReached | Question::HelpQuality => Raw::Map(
            fields
                .iter()
                .filter(|(_, value)| !value.is_empty())
                .filter_map(|(name, value)| {
                    let channel = name.strip_prefix(code)?.strip_prefix('.')?;
                    Some((channel.to_owned(), Raw::Text(value.clone())))
                })
                .collect(),
        ),
        _ => values().next().map_or(Raw::Null, |(_, value)| Raw::Text(value.clone())),
    }
}

fn choice<C: Choice>(value: &Raw, pointer: &str, errors: &mut Errors) -> Option<C> {
    let code = match value {
        Raw::Null => return None,
        Raw::Text(code) => match C::from_code(code) {
            Some(choice) => return Some(choice),
            None => FieldErrorCode::UnknownChoice,
        },
        _ => FieldErrorCode::WrongType,
    };
    errors.push(pointer, code);
    None
}

fn ticks<C: Ticked>(value: &Raw, pointer: &str, errors: &mut Errors) -> Set<C> {
    let mut set = Set::default();
    match value {
        Raw::Null => {}
        Raw::List(items) => {
            for (index, item) in items.iter().enumerate() {
                let item_pointer = format!("{pointer}/{index}");
                match item {
                    Raw::Text(code) => match C::from_code(code) {
                        Some(choice) if set.contains(choice) => {
                            errors.push(&item_pointer, FieldErrorCode::DuplicateChoice);
                        }
                        Some(choice) => set.insert(choice),
                        None => errors.push(&item_pointer, FieldErrorCode::UnknownChoice),
                    },
                    _ => errors.push(&item_pointer, FieldErrorCode::WrongType),
                }
            }
            if set.contradicts_itself() {
                errors.push(pointer, FieldErrorCode::ExclusiveChoice);
            }
        }
        _ => errors.push(pointer, FieldErrorCode::WrongType),
    }
    set
}

fn per_channel<C: Choice>(value: Raw, pointer: &str, errors: &mut Errors) -> PerChannel<C> {
    let mut answers = PerChannel::default();
    match value {
        Raw::Null => {}
        Raw::Map(members) => {
            for Member { key, value, pointer } in raw::members(members, pointer, errors) {
                match Channel::from_code(&key) {
                    Some(channel) => answers.set(channel, choice(&value, &pointer, errors)),
                    None => errors.push(&pointer, FieldErrorCode::UnknownField),
                }
            }
        }
        _ => errors.push(pointer, FieldErrorCode::WrongType),
    }
    answers
}

fn text(question: Question, value: Raw, pointer: &str, errors: &mut Errors) -> Option<String> {
    let text = match value {
        Raw::Null => return None,
        Raw::Text(text) => clean(&text),
        _ => {
            errors.push(pointer, FieldErrorCode::WrongType);
            return None;
        }
    };
    let length = text_length(&text);
    if let Some(max) = question.max_length().filter(|max| length > *max) {
        errors.push(pointer, FieldErrorCode::TooLong { max, length });
    }
    (!text.is_empty()).then_some(text)
}

/// A text as it is counted and stored: line breaks as LF, in NFC, without control characters (PostgreSQL refuses
/// NUL, and none of them is written by a person), without blank edges.
#[must_use]
pub fn clean(text: &str) -> String {
    let breaks = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept = breaks.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    #[cfg(feature = "nfc")]
    let kept = unicode_normalization::UnicodeNormalization::nfc(kept);
    let text: String = kept.collect();
    text.trim().to_owned()
}
