//! French tax numbers (numéro fiscal, SPI): thirteen digits with no check that is published, so only where the sentence
//! speaks of taxes.

use super::symbols::Symbols;

/// How words of a sentence about taxes begin, in the languages of the form.
const ABOUT_TAXES: [&str; 9] =
    ["fisc", "impôt", "impot", "tax", "steuer", "impuesto", "imposto", "ضريب", "الضريب"];

/// The number's own name.
const NAME: &str = "spi";

/// The length in bytes of the number that digits begin, in one group or as it is printed.
pub(super) fn find(symbols: &Symbols) -> Option<usize> {
    let end = symbols.end_of_digits(13)?;
    let is_grouped = symbols.are_grouped(&[13]) || symbols.are_grouped(&[2, 2, 3, 3, 3]);
    (is_grouped && symbols.digit(0)? <= 3).then_some(end)
}

/// The sentences of a text, asked in their order.
pub(super) struct Sentences<'a> {
    text: &'a str,
    end: usize,
    is_about_taxes: bool,
}

impl<'a> Sentences<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, end: 0, is_about_taxes: false }
    }

    /// Whether the sentence at this place speaks of taxes. Places come in order.
    pub(super) fn is_about_taxes(&mut self, at: usize) -> bool {
        while self.end <= at {
            let rest = &self.text[self.end..];
            let sentence = &rest[..sentence_length(rest)];
            self.end += sentence.len();
            if self.end > at {
                self.is_about_taxes = words(sentence).any(is_about_taxes);
            }
        }
        self.is_about_taxes
    }
}

/// The length of the first sentence: up to a line break or the sign that ends it. A line that ends with a colon goes
/// on, and so does «n° fisc. 30…».
fn sentence_length(text: &str) -> usize {
    let mut last = ' ';
    for (at, character) in text.char_indices() {
        let end = at + character.len_utf8();
        let ends = match character {
            '\n' => last != ':',
            '.' | '!' | '?' | '…' | '؟' => {
                let behind = &text[end..];
                behind.starts_with(char::is_whitespace)
                    && !behind.trim_start().starts_with(|next| super::digit(next).is_some())
            }
            _ => false,
        };
        if ends {
            return end;
        }
        if !character.is_whitespace() {
            last = character;
        }
    }
    text.len()
}

fn words(sentence: &str) -> impl Iterator<Item = &str> {
    sentence.split(|character: char| !character.is_alphabetic())
}

fn is_about_taxes(word: &str) -> bool {
    word.eq_ignore_ascii_case(NAME) || ABOUT_TAXES.iter().any(|beginning| begins_with(word, beginning))
}

/// Whether a word begins so, in either case.
fn begins_with(word: &str, beginning: &str) -> bool {
    let mut letters = word.chars().flat_map(char::to_lowercase);
    beginning.chars().all(|wanted| letters.next() == Some(wanted))
}
