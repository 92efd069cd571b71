//! Bytes as hexadecimal digits, and back.

use std::fmt::Write;

/// Two lower-case digits a byte.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// So many bytes of so many digits, in either case.
#[must_use]
pub fn decode<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if digits.len() != 2 * N || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_lead_back_to_their_bytes_and_nothing_else_does() {
        assert_eq!(encode(&[0, 10, 255]), "000aff");
        assert_eq!(decode("000aFF"), Some([0, 10, 255]));
        for wrong in ["", "000af", "000aff0", "000agf", "+0+a+f", "é0af"] {
            assert_eq!(decode::<3>(wrong), None, "{wrong}");
        }
    }
}
