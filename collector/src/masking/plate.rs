//! The plates of French vehicles, in capitals: AA-123-AA since 2009, 123 ABC 75 before.

use super::symbols::{Gap, Symbols};

/// What stands beside a number in texts in capitals and could be letters of a plate: DE 200 EN, ENTRE 18 ET 25.
const WORDS: &str = "AN ANS AS AV BD CAF CE CES CM CSG DE DES EN ES ET EX GB HA HT JE KG KM LA LE LES MA MB ME MES MM \
    NE NB PAR PC PDF PM RER RSA SA SE SES SMS SPE ST TA TE TER TES TGV TTC TV TVA VA";

/// Letters that no plate has, since they look like digits or like others.
const UNUSED: [u8; 3] = *b"IOU";

/// The length in bytes of the plate of today's shape that symbols begin.
pub(super) fn find_new(symbols: &Symbols) -> Option<usize> {
    let end = symbols.end_of(7)?;
    let (before, behind) = (letters(symbols, 0, 2)?, letters(symbols, 5, 7)?);
    symbols.number(2, 5).filter(|number| *number > 0)?;
    let gaps = [symbols.gap(2), symbols.gap(5)];
    let is_grouped = [1, 3, 4, 6].into_iter().all(|place| symbols.gap(place) == Gap::None);
    let are_words = gaps[0] == Gap::Spaces && is_word(before) && is_word(behind);
    (is_grouped && gaps.into_iter().all(parts) && !are_words).then_some(end)
}

/// The length in bytes of the plate of the shape before that symbols begin: two to four digits, two or three letters,
/// the département.
pub(super) fn find_old(symbols: &Symbols) -> Option<usize> {
    let digits = (0..5).take_while(|place| symbols.digit(*place).is_some()).count();
    let start = (2..=4).contains(&digits).then_some(digits)?;
    let behind = (start..start + 4).find(|place| symbols.digit(*place).is_some())?;
    let middle = letters(symbols, start, behind)?;
    let end = symbols.end_of(behind + 2)?;
    match (symbols.byte(behind)?, symbols.byte(behind + 1)?) {
        (b'2', b'A' | b'B') => {}
        _ => _ = symbols.number(behind, behind + 2).filter(|number| (1..=95).contains(number))?,
    }
    let gap = symbols.gap(start);
    let is_grouped = (1..behind + 2).all(|place| {
        let expected = if place == start || place == behind { gap } else { Gap::None };
        symbols.gap(place) == expected
    });
    let is_plain = gap != Gap::None || digits > 2;
    (is_grouped && parts(gap) && is_plain && !is_word(middle)).then_some(end)
}

/// Letters of a plate from one place to another, two or three of them; the third is a space where there are two.
fn letters(symbols: &Symbols, from: usize, to: usize) -> Option<[u8; 3]> {
    let mut letters = *b"   ";
    if !(from + 2..=from + 3).contains(&to) {
        return None;
    }
    for (place, letter) in (from..to).zip(&mut letters) {
        let is_used = |byte: &u8| byte.is_ascii_uppercase() && !UNUSED.contains(byte);
        *letter = symbols.byte(place).filter(is_used)?;
    }
    Some(letters)
}

fn is_word(letters: [u8; 3]) -> bool {
    let letters = letters.trim_ascii_end();
    WORDS.split(' ').any(|word| word.as_bytes() == letters)
}

/// Whether this is what parts the groups of a plate.
fn parts(gap: Gap) -> bool {
    matches!(gap, Gap::None | Gap::Spaces | Gap::Sign('-'))
}
