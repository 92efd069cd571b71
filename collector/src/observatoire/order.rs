//! The order in which démarches are shown.

use super::listing::Row;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The note, exactly and not as printed.
    Note,
    /// The number of avis.
    Avis,
    /// The title.
    Title,
    /// The administration.
    Administration,
    /// The ministry.
    Ministry,
    /// How the note moved of late.
    Trend,
}

impl Key {
    /// Every key, in the order in which they are offered.
    pub const ALL: [Self; 6] =
        [Self::Note, Self::Avis, Self::Trend, Self::Title, Self::Administration, Self::Ministry];

    /// Its code in addresses.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Avis => "n",
            Self::Title => "title",
            Self::Administration => "administration",
            Self::Ministry => "ministry",
            Self::Trend => "trend",
        }
    }

    /// Whether people look at its large end first: numbers from the highest, words from A.
    #[must_use]
    pub fn is_number(self) -> bool {
        matches!(self, Self::Note | Self::Avis | Self::Trend)
    }
}

/// A key and which end comes first. Written as its code, after a minus where the large end does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// What is compared.
    pub key: Key,
    /// Whether the large end comes first.
    pub descending: bool,
}

impl Default for Order {
    /// The highest note first.
    fn default() -> Self {
        Self::natural(Key::Note)
    }
}

impl Order {
    /// By this key, from the end that people look at first.
    #[must_use]
    pub fn natural(key: Key) -> Self {
        Self { key, descending: key.is_number() }
    }

    /// The same from the other end.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { descending: !self.descending, ..self }
    }

    /// Compares two rows. A row that lacks what is compared comes last from either end; rows that are alike in it come
    /// by title, and then as they were.
    pub(super) fn compare(self, a: &Row<'_>, b: &Row<'_>) -> Ordering {
        let by_key = match self.key {
            Key::Note => self.known(a.mean(), b.mean()),
            Key::Avis => self.known(Some(a.satisfaction.n), Some(b.satisfaction.n)),
            Key::Trend => self.known(a.shown_move(), b.shown_move()),
            Key::Title => self.known(Some(&a.title), Some(&b.title)),
            Key::Administration => self.known(Some(&a.administration), Some(&b.administration)),
            Key::Ministry => self.known(a.ministry.as_ref(), b.ministry.as_ref()),
        };
        by_key.then_with(|| a.title.cmp(&b.title))
    }

    fn known<T: Ord>(self, a: Option<T>, b: Option<T>) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) if self.descending => b.cmp(&a),
            (Some(a), Some(b)) => a.cmp(&b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", if self.descending { "-" } else { "" }, self.key.code())
    }
}

/// What is no order.
#[derive(Debug)]
pub struct NoOrder;

impl FromStr for Order {
    type Err = NoOrder;

    fn from_str(text: &str) -> Result<Self, NoOrder> {
        let (descending, code) = match text.strip_prefix('-') {
            Some(code) => (true, code),
            None => (false, text),
        };
        let key = Key::ALL.into_iter().find(|key| key.code() == code).ok_or(NoOrder)?;
        Ok(Self { key, descending })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_is_read_as_it_is_written() {
        for key in Key::ALL {
            for order in [Order::natural(key), Order::natural(key).reversed()] {
                assert_eq!(order.to_string().parse::<Order>().ok(), Some(order));
            }
        }
        for text in ["", "-", "--note", "Note", "note-", "id"] {
            assert!(text.parse::<Order>().is_err(), "{text}");
        }
    }
}
