//! E-mail addresses, as people write them: any letters, and a name behind the @ that ends like one of a domain.

/// Whether an address can begin so.
pub(super) fn can_begin(first: char) -> bool {
    first.is_alphanumeric() || first == '_'
}

/// The longest beginning of a text that can stand before the @.
pub(super) fn local_part(text: &str) -> &str {
    let is_part =
        |character: char| character.is_alphanumeric() || matches!(character, '.' | '_' | '%' | '+' | '-');
    text.find(|character| !is_part(character)).map_or(text, |end| &text[..end])
}

/// The length in bytes of the address that begins with this local part. Keyboards of phones like to put a space beside
/// the @: one is taken on either side.
pub(super) fn find(text: &str, local_part: &str) -> Option<usize> {
    let space = [' ', '\u{a0}'];
    let behind = &text[local_part.len()..];
    let behind = behind.strip_prefix('@').or_else(|| {
        // The end of a sentence begins no address.
        behind.strip_prefix(space).filter(|_| !local_part.ends_with('.'))?.strip_prefix('@')
    })?;
    let domain = behind.strip_prefix(space).unwrap_or(behind);
    Some(text.len() - domain.len() + domain_length(domain)?)
}

/// The length of a domain: labels of letters, digits and hyphens, the last one with at least two letters. What follows
/// these, as where somebody forgot a space, is left.
fn domain_length(text: &str) -> Option<usize> {
    let (mut found, mut start) = (None, 0);
    loop {
        let label = &text[start..];
        let is_part = |character: char| character.is_alphanumeric() || character == '-';
        let label = label.find(|character| !is_part(character)).map_or(label, |end| &label[..end]);
        if !label.starts_with(char::is_alphanumeric) {
            return found;
        }
        if start > 0 {
            let letters = label.find(|character: char| !character.is_alphabetic()).unwrap_or(label.len());
            let is_encoded = label.starts_with("xn--");
            if is_encoded {
                found = Some(start + label.len());
            } else if label[..letters].chars().nth(1).is_some() {
                found = Some(start + letters);
            }
        }
        start += label.len();
        if !text[start..].starts_with('.') {
            return found;
        }
        start += 1;
    }
}
