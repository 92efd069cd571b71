//! Texts that stand on one line of a log, a terminal, a table or an image, and stay there whoever wrote them.

/// Whether a character does more than stand in its line: a terminal obeys it, a reader begins another line or turns
/// what follows around, or it is none that XML may hold.
#[must_use]
pub fn leaves_its_line(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}'
        )
}

/// The text without them.
#[must_use]
pub fn within_its_line(text: &str) -> String {
    text.chars().filter(|character| !leaves_its_line(*character)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_or_a_reader_follows_is_left_out() {
        assert_eq!(
            within_its_line("a\u{1b}[31m\r\nb\u{85}\u{9b}\u{2028}c\u{202e}d\u{2069}\u{fffe}"),
            "a[31mbcd"
        );
        // Letters of any script stay, with the marks that belong to them.
        for text in ["Déclaration d’impôt", "إقرار\u{200f} الدخل", "नौकरी\u{200d}", "🙂"]
        {
            assert_eq!(within_its_line(text), text);
        }
    }
}
