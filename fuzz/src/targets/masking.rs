//! Masking of personal data.

use collector::masking::mask;

/// What is masked once is masked: a second look finds nothing.
pub fn masking(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let masked = mask(text);
    assert_eq!(mask(&masked), masked);
}
