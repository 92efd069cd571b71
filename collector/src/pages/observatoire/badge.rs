//! The badge of a démarche: an image that says by itself whose note it is, of when, and of how many avis.

use super::drawing::shape;
use super::texts::{self, ObservatoireTexts};
use super::why;
use super::words::{Words, capitalised};
use crate::pages::Style;
use crate::store::Period;
use maud::{Markup, html};
use shared::Language;
use shared::indicator::{Indicator, Level};
use std::sync::LazyLock;

/// How wide a badge is, in CSS pixels.
pub(super) const WIDTH: u32 = 380;
/// How high.
pub(super) const HEIGHT: u32 = 104;

/// Where its lines begin.
const TEXT: u32 = 112;

/// How far apart they are.
const ROW: u32 = 20;

/// The most that a line of the title takes, in thousandths of its size.
const LINE: u32 = 16_000;

/// Colours of pages, once for light and once for dark: an image takes them from the system and not from the page.
static STYLE: LazyLock<Style> = LazyLock::new(|| Style::of(&[include_str!("../../../assets/badge.css")]));

/// What a badge shows.
pub struct BadgeLook<'a> {
    /// Its language.
    pub language: Language,
    /// The title of the démarche.
    pub title: &'a str,
    /// The period.
    pub period: Period,
    /// Its satisfaction over it.
    pub satisfaction: &'a Indicator,
}

/// The badge, and the content security policy that lets it look as it should when it is opened by itself.
#[must_use]
pub fn badge(look: &BadgeLook<'_>) -> (String, String) {
    let texts = texts::of(look.language);
    let words = Words(look.language);
    let Indicator { n, figure, .. } = look.satisfaction;
    let level = figure.as_ref().and_then(|figure| figure.level);
    let period = capitalised(&words.short_period(look.period));
    let avis = format!("{} {}", words.count(*n), texts.avis.to_lowercase());
    let said = match words.figure(look.satisfaction).zip(level) {
        Some((figure, level)) => format!("{figure}, {}. {avis}", texts.level(level)),
        None => why(look.satisfaction, words, texts),
    };
    let lines = lines(look.title);
    // Lines of the title, then two more, around the middle.
    let rows = u32::try_from(lines.len()).unwrap_or(2) + 2;
    let row = |place: u32| HEIGHT / 2 + place * ROW + 5 - (rows - 1) * ROW / 2;
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } width=(WIDTH) height=(HEIGHT)
            role="img" aria-labelledby="t" lang=(look.language.code()) {
            title #t { (look.title) (words.colon()) (said) ", " (period) "." }
            style { (maud::PreEscaped(&STYLE.text)) }
            rect.paper x="0.5" y="0.5" width=(WIDTH - 1) height=(HEIGHT - 1) rx="12" {}
            (side(look.satisfaction, level, words, texts))
            @for (line, place) in lines.iter().zip(0..) {
                text.title x=(TEXT) y=(row(place)) { (line) }
            }
            @if let Some(level) = level {
                g data-level=(level.code()) {
                    (drawn(level, row(rows - 2)))
                    text x=(TEXT + 18) y=(row(rows - 2)) {
                        (texts.level(level)) tspan.soft { " · " (avis) }
                    }
                }
            } @else {
                text.soft x=(TEXT) y=(row(rows - 2)) { (short_why(look.satisfaction, &avis, texts)) }
            }
            text.soft x=(TEXT) y=(row(rows - 1)) { (period) }
        }
    };
    (svg.into_string(), format!("default-src 'none'; style-src {}; frame-ancestors 'none'", STYLE.source))
}

/// The note, large, at the side.
fn side(satisfaction: &Indicator, level: Option<Level>, words: Words, texts: &ObservatoireTexts) -> Markup {
    html! {
        path.rule d={ "M96 16v" (HEIGHT - 32) } {}
        g data-level=[level.map(Level::code)] text-anchor="middle" {
            text.note x="48" y="59" {
                @if let Some(figure) = &satisfaction.figure { (words.decimal(&figure.printed)) } @else { "–" }
            }
            text.soft x="48" y="79" { (texts.of_ten) }
        }
    }
}

/// The shape of a level before its word, whose line is at this height.
fn drawn(level: Level, line: u32) -> Markup {
    let (x, y) = (TEXT + 6, line - 4);
    html! {
        @match shape(level) {
            "disc" => circle cx=(x) cy=(y) r="5.5" {},
            "triangle" => path d={ "M" (x) " " (y - 6) "l6 11h-12z" } {},
            _ => path d={ "M" (x - 5) " " (y - 5) "h10v10h-10z" } {},
        }
    }
}

/// Why there is no note, in the room that there is.
fn short_why(satisfaction: &Indicator, avis: &str, texts: &ObservatoireTexts) -> String {
    if satisfaction.n == 0 { texts.no_avis.to_owned() } else { format!("{avis} · {}", texts.too_few_short) }
}

/// A title on two lines at most, each cut short where it has to be. Nobody knows the font that a badge is read in:
/// each letter is taken for as wide as fonts have it, and rather wider.
fn lines(title: &str) -> Vec<String> {
    let mut lines: Vec<String> = vec![];
    for word in title.split_whitespace() {
        let is_last = lines.len() == 2;
        match lines.last_mut() {
            Some(line) if is_last || width(line) + letter(' ') + width(word) <= LINE => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.into_iter().map(shortened).collect()
}

fn shortened(mut line: String) -> String {
    if width(&line) <= LINE {
        return line;
    }
    while width(&line) + letter('…') > LINE {
        line.pop();
    }
    format!("{}…", line.trim_end())
}

fn width(text: &str) -> u32 {
    text.chars().map(letter).sum()
}

/// How wide a letter is, in thousandths of its size.
fn letter(letter: char) -> u32 {
    match letter {
        'i' | 'j' | 'l' | 'I' | '\'' | '’' | '.' | ',' | ':' | ';' | '|' | '!' | ' ' | '\u{a0}' => 330,
        'f' | 'r' | 't' | '(' | ')' | '-' => 420,
        'm' | 'w' | 'M' | 'W' | 'œ' | 'Œ' | '…' | '—' => 980,
        letter if letter.is_ascii_digit() || letter.is_lowercase() => 620,
        letter if letter.is_ascii() || letter.is_uppercase() => 760,
        _ => 1_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_has_two_lines_at_most_and_shows_where_it_is_cut() {
        assert_eq!(lines("Carte grise"), ["Carte grise"]);
        let two = lines("Déclaration annuelle de revenus");
        assert_eq!(two.len(), 2, "{two:?}");
        assert_eq!(two.join(" "), "Déclaration annuelle de revenus");
        let cut = lines(
            "Demande de renouvellement d'une autorisation exceptionnelle d'occupation du domaine public",
        );
        assert_eq!(cut.len(), 2);
        assert!(cut[1].ends_with('…'), "{cut:?}");
        let word = lines("Anticonstitutionnellementissimement");
        assert!(word[0].ends_with('…') && word.len() == 1, "{word:?}");
        assert_eq!(lines(""), Vec::<String>::new());
    }
}
