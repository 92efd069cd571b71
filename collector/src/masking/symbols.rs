//! Letters and digits as they are written down in groups: `FR76 3000 6000`, `06.12.34.56.78`, `4970-1012`.

/// How many are read: those of the longest IBAN, and one that tells whether it goes on.
const LONGEST: usize = 35;

/// The letters and digits that begin a text, in their groups.
pub(super) struct Symbols {
    all: [Symbol; LONGEST],
    len: usize,
    /// Whether a letter or digit follows the last one that was read.
    goes_on: bool,
}

#[derive(Clone, Copy, Default)]
struct Symbol {
    /// An ASCII letter as it is written, or a digit.
    byte: u8,
    /// What stands before it.
    gap: Gap,
    /// Where it ends.
    end: usize,
}

/// What stands between two letters or digits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Gap {
    /// Nothing: they are of one group.
    #[default]
    None,
    /// Spaces.
    Spaces,
    /// A sign, with spaces or without.
    Sign(char),
}

impl Symbols {
    /// Reads the symbols that a text begins with, until something else comes than the gap between two groups.
    pub(super) fn read(text: &str) -> Self {
        let mut symbols = Self { all: [Symbol::default(); LONGEST], len: 0, goes_on: false };
        let mut end = 0;
        while symbols.len < LONGEST {
            let (gap, width) = if end == 0 { (Gap::None, 0) } else { gap(&text[end..]) };
            let next = text[end + width..].chars().next();
            let Some((character, byte)) = next.and_then(|next| Some((next, byte(next)?))) else { break };
            end += width + character.len_utf8();
            symbols.all[symbols.len] = Symbol { byte, gap, end };
            symbols.len += 1;
        }
        symbols.goes_on = text[end..].chars().next().is_some_and(char::is_alphanumeric);
        symbols
    }

    /// Where the first `count` end, in bytes; none if there are fewer, or if their last group goes on. `count` is 1 or
    /// more.
    pub(super) fn end_of(&self, count: usize) -> Option<usize> {
        let is_whole = match count.cmp(&self.len) {
            std::cmp::Ordering::Less => self.all[count].gap != Gap::None,
            std::cmp::Ordering::Equal => !self.goes_on,
            std::cmp::Ordering::Greater => false,
        };
        is_whole.then(|| self.all[count - 1].end)
    }

    /// The same of the first `count` digits: none if a letter is among them.
    pub(super) fn end_of_digits(&self, count: usize) -> Option<usize> {
        let end = self.end_of(count)?;
        (0..count).all(|place| self.digit(place).is_some()).then_some(end)
    }

    /// The symbol at a place.
    pub(super) fn byte(&self, place: usize) -> Option<u8> {
        (place < self.len).then(|| self.all[place].byte)
    }

    /// The digit at a place.
    pub(super) fn digit(&self, place: usize) -> Option<u8> {
        self.byte(place).filter(u8::is_ascii_digit).map(|byte| byte - b'0')
    }

    /// The number that the digits from one place to another make; none if a letter is among them.
    pub(super) fn number(&self, from: usize, to: usize) -> Option<u64> {
        (from..to).try_fold(0, |number, place| Some(number * 10 + u64::from(self.digit(place)?)))
    }

    /// What stands before the symbol at a place.
    pub(super) fn gap(&self, place: usize) -> Gap {
        if place < self.len { self.all[place].gap } else { Gap::None }
    }

    /// Whether these are the lengths of the first groups.
    pub(super) fn are_grouped(&self, lengths: &[usize]) -> bool {
        let mut end = 0;
        lengths.iter().all(|length| {
            let start = end;
            end += length;
            (start + 1..end).all(|place| self.gap(place) == Gap::None)
                && (start == 0 || self.gap(start) != Gap::None)
        })
    }

    /// The lengths of the groups of the first `count`, or of all if there are fewer.
    pub(super) fn groups(&self, count: usize) -> impl Iterator<Item = usize> {
        let count = count.min(self.len);
        let ends = (1..=count).filter(move |place| *place == count || self.gap(*place) != Gap::None);
        ends.scan(0, |start, end| Some(end - std::mem::replace(start, end)))
    }
}

/// Whether two letters and a digit begin a text, as an IBAN and a plate do, in one group or two.
pub(super) fn begins_like_a_code(text: &str) -> bool {
    let mut characters = text.chars();
    let mut letter = || characters.next().is_some_and(|character| character.is_ascii_alphabetic());
    if !(letter() && letter()) {
        return false;
    }
    let rest = characters.as_str();
    let (_, width) = gap(rest);
    rest[width..].chars().next().and_then(digit).is_some()
}

/// A decimal digit, of whatever script people have on their keyboard.
pub(super) fn digit(character: char) -> Option<u8> {
    const ZEROS: [char; 4] = ['0', '\u{660}', '\u{6f0}', '\u{ff10}'];
    let value = |zero: char| u32::from(character).checked_sub(zero.into()).filter(|value| *value < 10);
    ZEROS.into_iter().find_map(value).and_then(|value| u8::try_from(value).ok())
}

fn byte(character: char) -> Option<u8> {
    match character {
        'a'..='z' | 'A'..='Z' => u8::try_from(character).ok(),
        _ => digit(character).map(|digit| b'0' + digit),
    }
}

/// The gap that a text begins with and its width in bytes: up to three characters, spaces and a sign, or one bracket
/// upon the other. A full stop has no space around it, so that no value runs over the end of a sentence.
fn gap(text: &str) -> (Gap, usize) {
    let (mut gap, mut width, mut has_space) = (Gap::None, 0, false);
    for character in text.chars().take(3) {
        match (character, gap) {
            _ if is_space(character) => {
                has_space = true;
                if gap == Gap::None {
                    gap = Gap::Spaces;
                }
            }
            ('.' | '/' | '(' | ')', Gap::None | Gap::Spaces) | ('(', Gap::Sign(')')) => {
                gap = Gap::Sign(character);
            }
            ('-' | '\u{2010}' | '\u{2011}' | '\u{2013}', Gap::None | Gap::Spaces) => gap = Gap::Sign('-'),
            _ => break,
        }
        width += character.len_utf8();
    }
    if gap == Gap::Sign('.') && has_space { (Gap::None, 0) } else { (gap, width) }
}

/// Any space within a line, those without width too: numbers that are copied bring them along.
fn is_space(character: char) -> bool {
    character.is_whitespace() && character != '\n'
        || matches!(character, '\u{200b}' | '\u{2060}' | '\u{feff}')
}
