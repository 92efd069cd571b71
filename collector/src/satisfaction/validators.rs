//! What answers «nothing has changed» without computing anything: the validators of documents made before, each with
//! the version of its period. Documents themselves are not kept: they are large, and made in milliseconds.

use sha2::{Digest, Sha256};
use std::collections::HashMap;
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
#[derive(Default)]
pub struct Validators(Mutex<Generations>);

/// Those asked for lately, and those before them, which are dropped when the former have become too many.
#[derive(Default)]
struct Generations {
    new: HashMap<Question, Known>,
    old: HashMap<Question, Known>,
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
        if let Some(known) = generations.old.remove(&question) {
            generations.add(question, known);
        }
        let known = generations.new.get(&question)?;
        (known.version == version).then(|| known.etag.clone())
    }

    /// Remembers a validator. The version must have been read before the décomptes: what arrives in between makes the
    /// version too old, so that the document is made once more than needed, and never the document.
    pub fn remember(&self, question: Question, version: i64, etag: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(question, Known { version, etag });
    }
}

impl Generations {
    fn add(&mut self, question: Question, known: Known) {
        if self.new.len() >= REMEMBERED {
            self.old = std::mem::take(&mut self.new);
        }
        self.old.remove(&question);
        self.new.insert(question, known);
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

    #[test]
    fn what_is_asked_for_stays_and_the_number_is_bounded() {
        let validators = Validators::default();
        let often = Question::of(&"often");
        validators.remember(often, 1, "often".to_owned());
        for number in 0..10 * REMEMBERED {
            validators.remember(Question::of(&number), 1, String::new());
            assert!(validators.find(often, 1).is_some(), "{number}");
        }
        assert_eq!(validators.find(Question::of(&0), 1), None);
        let generations = validators.0.lock().unwrap();
        assert!(generations.new.len() + generations.old.len() <= 2 * REMEMBERED);
    }
}
