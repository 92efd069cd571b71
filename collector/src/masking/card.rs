//! Payment cards (ISO/IEC 7812).

use super::symbols::Symbols;
use std::ops::RangeInclusive;

/// By the first four digits, how many digits the cards of an issuer have. References of other companies begin
/// otherwise; one in ten of them would pass the check digit.
const ISSUERS: [(RangeInclusive<u64>, &[usize]); 13] = [
    (2200..=2204, &[16, 17, 18, 19]),
    (2221..=2720, &[16]),
    (3000..=3059, &[14, 16, 19]),
    (3400..=3499, &[15]),
    (3528..=3589, &[16, 17, 18, 19]),
    (3600..=3699, &[14, 16, 19]),
    (3700..=3799, &[15]),
    (3800..=3999, &[14, 16, 19]),
    (4000..=4999, &[13, 16, 19]),
    (5000..=5099, &[13, 14, 15, 16, 17, 18, 19]),
    (5100..=5599, &[16]),
    (5600..=5899, &[13, 14, 15, 16, 17, 18, 19]),
    (6000..=6999, &[13, 14, 15, 16, 17, 18, 19]),
];

/// The length in bytes of the card that digits begin; the longest where two could be meant.
pub(super) fn find(symbols: &Symbols) -> Option<usize> {
    let prefix = symbols.number(0, 4)?;
    let lengths =
        ISSUERS.iter().find(|(prefixes, _)| prefixes.contains(&prefix)).map(|(_, lengths)| *lengths)?;
    lengths.iter().rev().find_map(|&length| {
        let end = symbols.end_of_digits(length)?;
        let is_card =
            is_grouped(symbols, length) && passes_luhn(symbols, length) && !is_siret(symbols, length);
        is_card.then_some(end)
    })
}

/// Whether the digits are in groups as on a card, of four or of six but for the last, or in larger pieces of these.
/// Postal codes and amounts side by side are not.
fn is_grouped(symbols: &Symbols, length: usize) -> bool {
    let mut start = 0;
    symbols.groups(length).all(|group| {
        start += group;
        start == length || group % 4 == 0 || group == 6
    })
}

/// Whether the digits, every second one from the right doubled and its own digits added, make a multiple of ten.
fn passes_luhn(symbols: &Symbols, length: usize) -> bool {
    let sum = (0..length).try_fold(0, |sum, place| {
        let digit = u32::from(symbols.digit(place)?);
        let is_doubled = (length - place).is_multiple_of(2);
        Some(sum + if is_doubled { digit * 2 / 10 + digit * 2 % 10 } else { digit })
    });
    sum.is_some_and(|sum: u32| sum.is_multiple_of(10))
}

/// Whether it is the number of a company's establishment, which is public: it has the same check digit as a card, and
/// so has the company's within it.
fn is_siret(symbols: &Symbols, length: usize) -> bool {
    length == 14 && passes_luhn(symbols, 9)
}
