//! The style sheet without what only its authors read: comments, indentation, line breaks. Done while compiling, so
//! that the source stays readable and nobody downloads it.

const SOURCE: &[u8] = include_str!("../style/form.css").as_bytes();

/// How long the style sheet is without them.
const LENGTH: usize = strip(&mut [0; SOURCE.len()]);

static STRIPPED: [u8; LENGTH] = {
    let mut all = [0; SOURCE.len()];
    strip(&mut all);
    let mut stripped = [0; LENGTH];
    let mut at = 0;
    while at < LENGTH {
        stripped[at] = all[at];
        at += 1;
    }
    stripped
};

/// The style sheet.
pub(crate) const TEXT: &str = match std::str::from_utf8(&STRIPPED) {
    Ok(text) => text,
    Err(_) => "",
};

/// Writes the source into `out` and returns how many bytes that took. Drops comments, and blanks at the start of a
/// line, before `{` and after `{ } : ; ,` (a blank before a colon stays: it is a descendant of a selector).
const fn strip(out: &mut [u8; SOURCE.len()]) -> usize {
    let mut from = 0;
    let mut to = 0;
    while from < SOURCE.len() {
        let byte = SOURCE[from];
        let after = if to == 0 { b'\n' } else { out[to - 1] };
        if byte == b'/' && SOURCE[from + 1] == b'*' {
            while !(SOURCE[from] == b'*' && SOURCE[from + 1] == b'/') {
                from += 1;
            }
            from += 2;
        } else if (byte == b' ' || byte == b'\n')
            && matches!(after, b' ' | b'\n' | b'{' | b'}' | b':' | b';' | b',')
        {
            from += 1;
        } else {
            if byte == b'{' && after == b' ' {
                to -= 1;
            }
            out[to] = if byte == b'\n' { b' ' } else { byte };
            to += 1;
            from += 1;
        }
    }
    to
}

#[cfg(test)]
mod colours;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_comments_and_blanks_are_gone() {
        assert!(!TEXT.contains("/*"));
        assert!(!TEXT.contains("  "));
        assert!(TEXT.starts_with(".avis{all:initial;display:block;"));
        let dense =
            |css: &str| css.chars().filter(|character| !character.is_whitespace()).collect::<String>();
        let source = std::str::from_utf8(SOURCE).unwrap();
        let mut kept = String::new();
        for (index, part) in source.split("/*").enumerate() {
            kept.push_str(if index == 0 { part } else { part.split_once("*/").unwrap().1 });
        }
        assert_eq!(dense(TEXT), dense(&kept));
    }

    #[test]
    fn a_blank_that_means_something_stays() {
        assert!(TEXT.contains(".avis [hidden]"));
        assert!(TEXT.contains(".avis :focus-visible"));
        assert!(TEXT.contains("calc(100% - 1.5em)"));
    }
}
