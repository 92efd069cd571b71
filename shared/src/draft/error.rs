//! What can be wrong with one field.

/// An error in one field: where, and what. It carries limits and counts, never what the person wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// A JSON pointer (RFC 6901) into the request, empty for the whole document.
    pub pointer: String,
    /// What is wrong.
    pub code: FieldErrorCode,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldErrorCode {
    /// It is missing.
    Required,
    /// There is no such field.
    UnknownField,
    /// It is there twice.
    DuplicateField,
    /// It is of another JSON type than the question takes.
    WrongType,
    /// It is none of the choices.
    UnknownChoice,
    /// The same choice is there twice.
    DuplicateChoice,
    /// «Aucun» stands beside another choice.
    ExclusiveChoice,
    /// The answer it depends on is not given.
    ConditionNotMet,
    /// It is too long.
    TooLong {
        /// The longest that is taken.
        max: usize,
        /// The length that was sent.
        length: usize,
    },
    /// It is not written as it should be.
    Malformed,
}

impl FieldErrorCode {
    /// One of each.
    pub const ALL: [Self; 10] = [
        Self::Required,
        Self::UnknownField,
        Self::DuplicateField,
        Self::WrongType,
        Self::UnknownChoice,
        Self::DuplicateChoice,
        Self::ExclusiveChoice,
        Self::ConditionNotMet,
        Self::TooLong { max: 0, length: 0 },
        Self::Malformed,
    ];

    /// The stable code that programs rely on.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::UnknownField => "unknown_field",
            Self::DuplicateField => "duplicate_field",
            Self::WrongType => "wrong_type",
            Self::UnknownChoice => "unknown_choice",
            Self::DuplicateChoice => "duplicate_choice",
            Self::ExclusiveChoice => "exclusive_choice",
            Self::ConditionNotMet => "condition_not_met",
            Self::TooLong { .. } => "too_long",
            Self::Malformed => "malformed",
        }
    }
}

/// The most errors told at once: beyond, the sender has another problem, and the answer stays small.
const ERRORS_MAX: usize = 100;

/// The errors found so far, in the order of the request.
#[derive(Debug, Default)]
pub(super) struct Errors(Vec<FieldError>);

impl Errors {
    /// Adds one, unless the same was found already: a key that comes ten times is one mistake.
    pub(super) fn push(&mut self, pointer: &str, code: FieldErrorCode) {
        let is_known = || self.0.iter().any(|error| error.pointer == pointer && error.code == code);
        if self.0.len() < ERRORS_MAX && !is_known() {
            self.0.push(FieldError { pointer: pointer.to_owned(), code });
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether something at or below this pointer was found wrong already.
    pub(super) fn has_at(&self, pointer: &str) -> bool {
        self.0.iter().any(|error| {
            error.pointer.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    pub(super) fn into_vec(self) -> Vec<FieldError> {
        self.0
    }
}
