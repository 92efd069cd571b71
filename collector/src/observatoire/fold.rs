//! Words as people look for them: without accents or capitals.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A text for comparing and for searching in: lower case, no accents, ligatures as letters, apostrophes and hyphens
/// alike, spaces single.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase) {
        match letter {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            '’' | 'ʼ' => folded.push('\''),
            '‐' | '‑' | '–' | '—' => folded.push('-'),
            space if space.is_whitespace() => {
                if !folded.ends_with(' ') {
                    folded.push(' ');
                }
            }
            other => folded.push(other),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_capitals_ligatures_and_typography_make_no_difference() {
        assert_eq!(fold("Œuvre d’ÉTÉ\u{a0}: l’Île‑aux‑Moines"), fold("oeuvre d'ete : l'ile-aux-moines"));
        assert_eq!(fold("e\u{301}"), fold("é"));
        assert_ne!(fold("pêche"), fold("péchés"));
    }
}
