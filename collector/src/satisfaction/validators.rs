//! What answers «nothing has changed» without computing anything: the validators of documents made before, each with
//! the version of its period. Documents themselves are not kept: they are large, and made in milliseconds.

use crate::generations::Generations;
use sha2::{Digest, Sha256};
use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

/// How many validators are remembered at least; twice as many at most. Some 70 kB.
const REMEMBERED: usize = 256;

/// What identifies a document apart from the décomptes in it: a digest, so that long addresses take no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Question([u8; 32]);

impl Question {
    /// The question that these values tell from any other.
    #[must_use]
    pub fn of(values: &impl Debug) -> Self {
        Self(Sha256::digest(format!("{values:?}").as_bytes()).into())
    }
}

/// The validators of the documents that were asked for of late.
pub struct Validators(Mutex<Generations<Question, Known>>);

impl Default for Validators {
    fn default() -> Self {
        Self(Mutex::new(Generations::of(REMEMBERED)))
    }
}

struct Known {
    version: i64,
    etag: String,
}

impl Validators {
    /// The validator of the document that answers this question, if it was made when the period had this version.
    #[must_use]
    pub fn find(&self, question: Question, version: i64) -> Option<String> {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = generations.get(&question)?;
        (known.version == version).then(|| known.etag.clone())
    }

    /// Remembers a validator. The version must have been read before the décomptes: what arrives in between makes the
    /// version too old, so that the document is made once more than needed, and never the document.
    pub fn remember(&self, question: Question, version: i64, etag: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(question, Known { version, etag });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_validator_is_found_while_its_version_lasts() {
        let validators = Validators::default();
        let (one, other) = (Question::of(&("a", 1)), Question::of(&("a", 2)));
        validators.remember(one, 7, "{}".to_owned());

        assert_eq!(validators.find(one, 7), Some("{}".to_owned()));
        assert_eq!(validators.find(one, 8), None);
        assert_eq!(validators.find(other, 7), None);
        validators.remember(one, 8, "[]".to_owned());
        assert_eq!((validators.find(one, 7), validators.find(one, 8)), (None, Some("[]".to_owned())));
    }
}
