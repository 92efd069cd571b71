//! Personal data in what people write, found and masked before anything keeps it.
//!
//! The form asks people to write nothing personal, and some do all the same: a number to be called back at, the IBAN
//! that a field refused. [`mask`] puts a word in its place, `[tél.]`, and leaves every other character as it was. It
//! knows the values that have a shape ([`Kind`]); names and addresses have none, and stay.
//!
//! A text is read once, from left to right, and each detector looks at a bounded number of characters or at a run that
//! none looks at again: time grows with length, whatever is written. What a detector decides depends on nothing that
//! masking changes, so that a text which is masked already stays as it is.
//!
//! Where a value has check digits, they decide. Where it has none, its grouping does: better to leave a number that
//! nobody writes like a phone than to take dates and amounts out of a comment that an administration is to learn from.

mod card;
mod email;
mod iban;
mod nir;
mod phone;
mod plate;
mod symbols;
mod tax_number;

use std::borrow::Cow;
use std::ops::Range;
use symbols::{Symbols, digit};
use tax_number::Sentences;

/// What is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// A phone number, French or international.
    Phone,
    /// A number of the French social security (NIR) with its key.
    Nir,
    /// A bank account (IBAN).
    Iban,
    /// A payment card.
    Card,
    /// The plate of a French vehicle, of today's shape or the one before 2009.
    Plate,
    /// A French tax number (SPI), where the sentence speaks of taxes.
    TaxNumber,
}

impl Kind {
    /// What stands in its place: French, as those who read comments are, and never longer than the shortest value of
    /// its kind, so that a text which was short enough when it was written still is.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Email => "[mail]",
            Self::Phone => "[tél.]",
            Self::Nir => "[NIR]",
            Self::Iban => "[IBAN]",
            Self::Card => "[carte]",
            Self::Plate => "[immat]",
            Self::TaxNumber => "[n° fiscal]",
        }
    }
}

/// The text with personal data masked; the same text, and nothing allocated, where none is found.
#[must_use]
pub fn mask(text: &str) -> Cow<'_, str> {
    // Most comments end here: each value holds a digit or an @.
    if !text.chars().any(|character| character == '@' || digit(character).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut masked = String::new();
    let mut copied = 0;
    for Found { kind, place } in Finder::new(text) {
        masked.push_str(&text[copied..place.start]);
        masked.push_str(kind.word());
        copied = place.end;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    masked.push_str(&text[copied..]);
    Cow::Owned(masked)
}

/// A value and where it stands.
struct Found {
    kind: Kind,
    place: Range<usize>,
}

/// Walks through a text from value to value.
struct Finder<'a> {
    text: &'a str,
    at: usize,
    /// The two characters before, the nearer one last. What was found counts as the bracket that closes its word.
    before: [char; 2],
    /// Up to where no e-mail address can begin: that run of characters was looked through.
    no_email_before: usize,
    sentences: Sentences<'a>,
}

impl<'a> Finder<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0, before: [' '; 2], no_email_before: 0, sentences: Sentences::of(text) }
    }

    /// The value that begins here, and its length in bytes.
    fn value(&mut self, first: char) -> Option<(Kind, usize)> {
        let [second_last, last] = self.before;
        if last.is_alphanumeric() {
            return None;
        }
        let rest = &self.text[self.at..];
        if self.at >= self.no_email_before && email::can_begin(first) {
            let local_part = email::local_part(rest);
            self.no_email_before = self.at + local_part.len();
            if let Some(length) = email::find(rest, local_part) {
                return Some((Kind::Email, length));
            }
        }
        if matches!(first, '+' | '(') {
            return phone::find_marked(rest).map(|length| (Kind::Phone, length));
        }
        if digit(first).is_some() {
            // The rest of a decimal, a date or a reference: 3.0612345678, 2024-0612345678.
            let is_glued = matches!(last, '.' | ',' | '-' | '/' | '_') && digit(second_last).is_some();
            return if is_glued { None } else { self.number(rest) };
        }
        if symbols::begins_like_a_code(rest) {
            let symbols = Symbols::read(rest);
            let is_glued = last == '-' && second_last.is_alphanumeric();
            return iban::find(&symbols).map(|length| (Kind::Iban, length)).or_else(|| {
                plate::find_new(&symbols).filter(|_| !is_glued).map(|length| (Kind::Plate, length))
            });
        }
        None
    }

    fn number(&mut self, rest: &str) -> Option<(Kind, usize)> {
        let symbols = Symbols::read(rest);
        let tax_number = tax_number::find(&symbols).filter(|_| self.sentences.is_about_taxes(self.at));
        let candidates = [
            (Kind::Nir, nir::find(&symbols)),
            (Kind::Card, card::find(&symbols)),
            (Kind::TaxNumber, tax_number),
            (Kind::Phone, phone::find(&symbols)),
            (Kind::Plate, plate::find_old(&symbols)),
        ];
        candidates.into_iter().find_map(|(kind, length)| Some((kind, length?)))
    }
}

impl Iterator for Finder<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        while let Some(first) = self.text[self.at..].chars().next() {
            let start = self.at;
            if let Some((kind, length)) = self.value(first) {
                self.at += length;
                self.before = [']'; 2];
                return Some(Found { kind, place: start..self.at });
            }
            self.at += first.len_utf8();
            self.before = [self.before[1], first];
        }
        None
    }
}

#[cfg(test)]
mod tests;
