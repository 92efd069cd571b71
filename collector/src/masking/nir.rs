//! The number of the French social security (NIR, INSEE): sex, year, month, département, commune, order, key.

use super::symbols::Symbols;

/// The length in bytes of the number that symbols begin, if its key is right: what the thirteen before it lack to a
/// multiple of 97. The départements of Corsica, 2A and 2B, count as 19 and 18.
pub(super) fn find(symbols: &Symbols) -> Option<usize> {
    let end = symbols.end_of(15)?;
    // 3, 4, 7 and 8 are given while a person is being registered.
    matches!(symbols.digit(0)?, 1..=4 | 7 | 8).then_some(())?;
    // Months from 20 on are those of a birth whose month is not known.
    matches!(symbols.number(3, 5)?, 1..=12 | 20..=42 | 50..=99).then_some(())?;
    let departement = match (symbols.byte(5)?, symbols.byte(6)?) {
        (b'2', b'A' | b'a') => 19,
        (b'2', b'B' | b'b') => 18,
        _ => symbols.number(5, 7)?,
    };
    let number = (symbols.number(0, 5)? * 100 + departement) * 1_000_000 + symbols.number(7, 13)?;
    (symbols.number(13, 15)? == 97 - number % 97).then_some(end)
}
