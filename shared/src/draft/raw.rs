//! A document as sent, before anything is asked of it.

use super::FieldErrorCode;
use super::error::Errors;
use std::collections::BTreeSet;

/// A JSON value of which only what the questionnaire can use is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Raw {
    /// `null`.
    Null,
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Raw>),
    /// An object, in the order sent; a key may be there twice.
    Map(Vec<(String, Raw)>),
    /// What no field takes: a boolean, a fraction, a value nested too deep.
    Other,
}

/// A member of an object with its own JSON pointer.
pub(super) struct Member {
    pub(super) key: String,
    pub(super) value: Raw,
    pub(super) pointer: String,
}

/// The members of an object, each key once; a key that comes again is an error.
pub(super) fn members(members: Vec<(String, Raw)>, parent: &str, errors: &mut Errors) -> Vec<Member> {
    let mut seen = BTreeSet::new();
    let mut kept: Vec<Member> = Vec::new();
    for (key, value) in members {
        let pointer = format!("{parent}/{}", pointer_token(&key));
        if seen.insert(key.clone()) {
            kept.push(Member { key, value, pointer });
        } else {
            errors.push(&pointer, FieldErrorCode::DuplicateField);
        }
    }
    kept
}

/// A key as a part of a JSON pointer (RFC 6901), cut short where it is longer than any field's name.
#[must_use]
pub fn pointer_token(key: &str) -> String {
    const LONGEST: usize = 64;
    let mut token = key.replace('~', "~0").replace('/', "~1");
    if let Some((cut, _)) = token.char_indices().nth(LONGEST) {
        token.truncate(cut);
        token.push('…');
    }
    token
}

#[cfg(feature = "serde")]
mod deserialize {
    use super::Raw;
    use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
    use std::fmt;

    /// Deeper than any document of ours; below it, values are skipped without recursion, so that no nesting
    /// exhausts the stack or the parser's own limit.
    const DEPTH_MAX: u8 = 8;

    impl<'de> Deserialize<'de> for Raw {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            AtDepth(0).deserialize(deserializer)
        }
    }

    struct AtDepth(u8);

    impl<'de> DeserializeSeed<'de> for AtDepth {
        type Value = Raw;

        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
            if self.0 > DEPTH_MAX {
                IgnoredAny::deserialize(deserializer).map(|_| Raw::Other)
            } else {
                deserializer.deserialize_any(self)
            }
        }
    }

    impl<'de> Visitor<'de> for AtDepth {
        type Value = Raw;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a JSON value")
        }

        fn visit_unit<E>(self) -> Result<Raw, E> {
            Ok(Raw::Null)
        }

        fn visit_bool<E>(self, _: bool) -> Result<Raw, E> {
            Ok(Raw::Other)
        }

        fn visit_i64<E>(self, number: i64) -> Result<Raw, E> {
            Ok(Raw::Integer(number))
        }

        fn visit_u64<E>(self, number: u64) -> Result<Raw, E> {
            Ok(i64::try_from(number).map_or(Raw::Other, Raw::Integer))
        }

        fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
            Ok(Raw::Other)
        }

        fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
            Ok(Raw::Text(text.to_owned()))
        }

        fn visit_string<E>(self, text: String) -> Result<Raw, E> {
            Ok(Raw::Text(text))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Raw, A::Error> {
            let mut items = Vec::new();
            while let Some(item) = sequence.next_element_seed(AtDepth(self.0 + 1))? {
                items.push(item);
            }
            Ok(Raw::List(items))
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
            let mut members = Vec::new();
            while let Some(key) = map.next_key()? {
                members.push((key, map.next_value_seed(AtDepth(self.0 + 1))?));
            }
            Ok(Raw::Map(members))
        }
    }
}
