//! What is wrong with an answer, where its person can mend it: on a screen, at a field, in words.

use super::{Effect, Field, Form, Place, Target};
use shared::answers::text_length;
use shared::questionnaire::{Choice, Question, Screen};

/// An error the person can mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Where.
    pub field: Field,
    /// What.
    pub fault: Fault,
}

/// What is wrong with a field. Its words are those of the language that the form speaks when it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The one required answer is missing.
    Missing,
    /// The text is too long.
    TooLong,
    /// The server refused the answer.
    Refused,
    /// The server says it in words, being the one that renders the form.
    Told(String),
}

impl Form {
    /// The errors to mend, in the order of the screen.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// The error of one field in words, if it has one.
    #[must_use]
    pub fn error(&self, field: Field) -> Option<String> {
        self.errors.iter().find(|error| error.field == field).map(|error| self.told(error))
    }

    /// An error in words.
    #[must_use]
    pub fn told(&self, error: &FieldError) -> String {
        let form = &self.texts().form;
        match &error.fault {
            Fault::Missing => form.satisfaction_missing.into(),
            Fault::TooLong => self.too_long(error.field.question).unwrap_or_default(),
            Fault::Refused => form.answer_refused.into(),
            Fault::Told(text) => text.clone(),
        }
    }

    /// Whether the fields in question are fit to be sent. If not, shows the first screen that has an error, with
    /// all of its errors, and puts the focus on the first.
    pub(super) fn check(&mut self, of_interest: impl Fn(Field) -> bool, effects: &mut Vec<Effect>) -> bool {
        let mut errors = Vec::new();
        for &question in Question::ALL {
            let field = Field::of(question);
            if !of_interest(field) || !field.is_asked(&self.answers) {
                continue;
            }
            if question == Question::Satisfaction && self.answers.satisfaction.is_none() {
                errors.push(FieldError { field, fault: Fault::Missing });
            }
            if self.too_long(question).is_some() {
                errors.push(FieldError { field, fault: Fault::TooLong });
            }
        }
        self.errors = errors;
        self.show_errors(effects)
    }

    /// What to say of a text that is too long.
    fn too_long(&self, question: Question) -> Option<String> {
        let max = question.max_length()?;
        let length = self.answers.text(question).map_or(0, text_length);
        (length > max).then(|| self.texts().too_long(length, max))
    }

    /// Shows the errors of the first screen that has one; true if there is none.
    pub(super) fn show_errors(&mut self, effects: &mut Vec<Effect>) -> bool {
        let Some(first) =
            self.errors.iter().map(|error| error.field).min_by_key(|field| field.question.index())
        else {
            return true;
        };
        self.bound_for = None;
        self.errors.retain(|error| error.field.screen() == first.screen());
        self.place = Place::Questions(first.screen());
        effects.push(Effect::Focus(Target::Field(first)));
        false
    }

    /// The errors of a 422 that a field of the form can show.
    pub(super) fn refusals(&self, errors: &[(String, String)]) -> Vec<FieldError> {
        let mut refusals: Vec<FieldError> = Vec::new();
        for (pointer, code) in errors {
            let Some(field) = Field::from_pointer(pointer) else { continue };
            // Later screens are for those whose avis exists, errors about them included.
            if self.stored.is_none() && field.screen() != Screen::Satisfaction {
                continue;
            }
            if refusals.iter().any(|refusal| refusal.field == field) {
                continue;
            }
            let is_too_long = code == "too_long" && self.too_long(field.question).is_some();
            let fault = if is_too_long { Fault::TooLong } else { Fault::Refused };
            refusals.push(FieldError { field, fault });
        }
        refusals
    }
}
