//! What looks personal in a text that is being typed, so that a calm word can be said before it is sent.
//!
//! Not the masking, which works on what was sent and knows each kind by its rules: this one is a few bytes in every
//! browser, errs on the side of saying something, and holds nobody up.

/// As many digits as the shortest number that identifies somebody has: a SIREN or a phone number without its zero has
/// nine, an amount or a date fewer.
const DIGITS: u32 = 9;

/// Whether a text holds what looks like an e-mail address or a long number, as people group them.
pub(super) fn looks_personal(text: &str) -> bool {
    let (mut digits, mut before, mut at) = (0, b' ', false);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => digits += 1,
            // The bytes are those of no-break spaces, wide and narrow; the letters those of a NIR from Corsica.
            b' ' | b'.' | b'-' | 0xC2 | 0xA0 | 0xE2 | 0x80 | 0xAF => {}
            b'A' | b'B' if digits > 5 && before == b'2' => {}
            _ => digits = 0,
        }
        if digits == DIGITS || at && byte.is_ascii_alphanumeric() {
            return true;
        }
        at = byte == b'@' && before.is_ascii_alphanumeric();
        before = byte;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_long_numbers_look_personal() {
        for text in [
            "écrivez à jean.dupont@example.fr",
            "06 12 34 56 78",
            "06.12.34.56.78",
            "+33612345678",
            "06\u{a0}12\u{a0}34\u{a0}56\u{a0}78",
            "2 55 08 14 168 025 38",
            "1 72 11 2A 004 123 45",
            "06\u{202f}12\u{202f}34\u{202f}56\u{202f}78",
            "FR76 3000 6000 0112 3456 7890 189",
            "n° fiscal : 1234567890123",
        ] {
            assert!(looks_personal(text), "{text}");
        }
    }

    #[test]
    fn amounts_dates_and_short_numbers_do_not() {
        for text in [
            "",
            "Très simple, merci.",
            "le 12/06/2026 à 14:30",
            "1 234 567,89 €",
            "dossier 2024-0045",
            "@impots ne répond pas",
            "noté 4@",
            "le 3939, puis le 36 46",
            "75011 Paris",
        ] {
            assert!(!looks_personal(text), "{text}");
        }
    }
}
