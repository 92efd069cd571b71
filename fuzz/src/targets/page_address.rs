//! The page on which a form was opened, as its browser or its program names it.

use shared::PageAddress;

/// What is kept is read as it is written, and says nothing about who was there.
pub fn page_address(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(page) = PageAddress::parse(text) else { return };
    let written = format!("{}{}", page.origin(), page.path());
    assert_eq!(PageAddress::parse(&written).as_ref(), Some(&page), "{written:?}");
    let path = page.path();
    assert!(path.starts_with('/'), "{path:?}");
    assert!(!path.contains(['?', '#', '@']) && !path.contains(char::is_control), "{path:?}");
    let digits =
        |segment: &str| segment.as_bytes().windows(5).any(|five| five.iter().all(u8::is_ascii_digit));
    assert!(!path.split('/').any(digits), "{path:?}");
}
