//! Bank accounts (IBAN, ISO 13616).

use super::symbols::Symbols;

/// How many letters and digits an IBAN has in each country: the registry of SWIFT, then what banks of further countries
/// write. Without it, the words behind an account would have to be tried for a part of it.
const LENGTHS: &[(usize, &str)] = &[
    (15, "NO"),
    (16, "BE"),
    (18, "DK FI FK FO GL NL SD"),
    (19, "MK SI"),
    (20, "AT BA EE KZ LT LU MN XK"),
    (21, "CH HR LI LV"),
    (22, "BG BH CR DE GB GE IE ME RS VA"),
    (23, "AE GI IL IQ OM SO TL"),
    (24, "AD CZ ES MD PK RO SA SE SK TN VG"),
    (25, "LY PT ST"),
    (26, "IS TR"),
    (27, "BI DJ FR GR IT MC MR SM"),
    (28, "AL AZ BY CY DO GT HN HU LB NI PL SV"),
    (29, "BR EG PS QA UA"),
    (30, "JO KW MU YE"),
    (31, "MT SC"),
    (32, "LC"),
    (33, "RU"),
    (24, "CV DZ"),
    (25, "AO GW MZ"),
    (26, "IR"),
    (27, "CF CG CM GA GQ KM MG TD"),
    (28, "BF BJ CI MA ML NE SN TG"),
];

/// The length in bytes of the account that symbols begin, if it leaves 1 when divided by 97 (ISO 7064).
pub(super) fn find(symbols: &Symbols) -> Option<usize> {
    let country = [symbols.byte(0)?.to_ascii_uppercase(), symbols.byte(1)?.to_ascii_uppercase()];
    let is_listed =
        |countries: &str| countries.split(' ').any(|listed| listed.as_bytes() == country.as_slice());
    let listed = LENGTHS.iter().find(|(_, countries)| is_listed(countries)).map(|(length, _)| *length);
    // Of another country, as long as it is written in one piece.
    let length = listed.or_else(|| symbols.groups(34).next().filter(|length| *length >= 15))?;
    let end = symbols.end_of(length)?;
    symbols.number(2, 4)?;
    let remainder = (4..length).chain(0..4).try_fold(0, |remainder, place| {
        let byte = symbols.byte(place)?.to_ascii_uppercase();
        Some(match byte {
            b'A'..=b'Z' => (remainder * 100 + u32::from(byte - b'A') + 10) % 97,
            _ => (remainder * 10 + u32::from(byte - b'0')) % 97,
        })
    })?;
    (remainder == 1).then_some(end)
}
