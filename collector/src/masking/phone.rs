//! Phone numbers: ten digits from 0 on as people group them in France, and international ones behind + or 00.

use super::symbols::{Gap, Symbols, digit};

/// How ten digits are grouped. Dates and postal codes side by side are grouped otherwise.
const NATIONAL: [&[usize]; 9] = [
    &[10],
    &[2, 2, 2, 2, 2],
    &[4, 2, 2, 2],
    &[4, 3, 3],
    &[2, 4, 4],
    &[2, 8],
    &[4, 6],
    &[1, 3, 3, 3],
    &[1, 1, 2, 2, 2, 2],
];

/// Digits of an international number, the country's included. ITU-T E.164 has at most fifteen; below nine, with a
/// plus before them, they are an amount more often than a number.
const INTERNATIONAL: std::ops::RangeInclusive<usize> = 9..=15;

/// The length in bytes of the number that digits begin.
pub(super) fn find(symbols: &Symbols) -> Option<usize> {
    match (symbols.digit(0)?, symbols.digit(1)?) {
        (0, 0) if symbols.gap(1) == Gap::None => behind_zeros(symbols),
        (0, 1..) => national(symbols),
        _ => None,
    }
}

/// The length in bytes of the number that begins with a plus or a bracket.
pub(super) fn find_marked(text: &str) -> Option<usize> {
    if let Some(inner) = text.strip_prefix('(') {
        let length = match inner.chars().next()? {
            '+' => find_marked(inner)?,
            first => digit(first).and_then(|_| find(&Symbols::read(inner)))?,
        };
        // One that closes behind the number is around it, not within it, and stays.
        let count = |bracket: char| inner[..length].matches(bracket).count();
        return (count(')') > count('(')).then_some(1 + length);
    }
    let digits = text.strip_prefix('+')?;
    let digits = digits.strip_prefix(' ').unwrap_or(digits);
    Some(text.len() - digits.len() + international(&Symbols::read(digits), 0)?)
}

fn national(symbols: &Symbols) -> Option<usize> {
    let end = symbols.end_of_digits(10)?;
    let is_grouped = NATIONAL.iter().any(|lengths| symbols.are_grouped(lengths));
    // The first gap may differ, as in 06 12.34.56.78; where others do, as in 01/02/24 03/04, these are dates.
    let mut gaps = (1..10).map(|place| symbols.gap(place)).filter(|gap| *gap != Gap::None).skip(1);
    let gap = gaps.next();
    (is_grouped && gaps.all(|other| Some(other) == gap)).then_some(end)
}

/// A number behind 00. Zeros also fill up references: those are of one group and mostly small, so that no number of
/// North America is taken without a gap.
fn behind_zeros(symbols: &Symbols) -> Option<usize> {
    let first_group = symbols.groups(13).next()?;
    match symbols.digit(2)? {
        1 if first_group == 13 => None,
        // No country has a number of one digit but these: a part of a longer number, as in 494 009 855 00045.
        2..=6 | 8 | 9 if first_group == 3 => None,
        _ => international(symbols, 2),
    }
}

/// A number that begins with its country, at this place.
fn international(symbols: &Symbols, start: usize) -> Option<usize> {
    let counted = |count: usize| symbols.end_of_digits(start + count);
    match (symbols.digit(start)?, symbols.digit(start + 1)?) {
        (0, _) => None,
        // France, with the 0 that is dialled within it.
        (3, 3) if symbols.digit(start + 2) == Some(0) => counted(12),
        // Without it, as many as all numbers of North America and Russia.
        (3, 3) | (1 | 7, _) => counted(11),
        // As much as can be of it: rather a digit too many than one left.
        _ => INTERNATIONAL.rev().find_map(counted),
    }
}
