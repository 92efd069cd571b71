//! How the published figures are computed, in words: `docs/method.md`, which is for people who read the project and for
//! those who read the figures alike.

use super::Page;
use super::reading::{Document, contents, reading, written};
use maud::{Markup, html};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream};
use shared::Language;
use std::fmt::Write;
use std::sync::LazyLock;

/// The document.
const TEXT: &str = include_str!("../../../docs/method.md");

static PAGE: LazyLock<(String, Markup)> = LazyLock::new(|| render(TEXT));

/// The page, in French, as the document is.
#[must_use]
pub fn method() -> Page {
    let (title, article) = &*PAGE;
    reading(Language::Fr, Document::Method, title, &html! {}, article)
}

/// The title of a text and its HTML, with the list of its sections before the first of them.
fn render(text: &str) -> (String, Markup) {
    let parsed: Vec<Event<'_>> =
        TextMergeStream::new(Parser::new_ext(text, Options::ENABLE_TABLES)).map(set_in_french()).collect();
    let title = heading_at(&parsed, 0);
    let mut sections: Vec<(String, String)> = Vec::new();
    let (mut lead, mut rest) = (Vec::new(), Vec::new());
    for (at, event) in parsed.iter().enumerate() {
        let events = if sections.is_empty() { &mut lead } else { &mut rest };
        match event {
            Event::Start(Tag::Heading { level: level @ HeadingLevel::H2, .. }) => {
                let heading = heading_at(&parsed, at);
                let id = Some(CowStr::from(slug(&heading)));
                sections.push((slug(&heading), heading));
                rest.push(Event::Start(Tag::Heading { level: *level, id, classes: vec![], attrs: vec![] }));
            }
            // Wider than a phone: it scrolls by itself, with a keyboard too, and says what it is.
            Event::Start(Tag::Table(_)) => {
                let label = sections.last().map_or(title.as_str(), |(_, heading)| heading);
                let wide = html! { div.wide tabindex="0" role="region" aria-label=(label) {} }.into_string();
                events.push(Event::Html(CowStr::from(wide.trim_end_matches("</div>").to_owned())));
                events.push(event.clone());
            }
            Event::End(TagEnd::Table) => events.extend([event.clone(), Event::Html("</div>".into())]),
            _ => events.push(event.clone()),
        }
    }
    let headings: Vec<_> = sections.iter().map(|(id, words)| (id.as_str(), words.as_str(), vec![])).collect();
    let list = contents("Sommaire", &headings);
    (title, html! { (written(lead.into_iter())) (list) (written(rest.into_iter())) })
}

/// Sets all text but code.
fn set_in_french<'a>() -> impl FnMut(Event<'a>) -> Event<'a> {
    let mut in_code = false;
    move |event| {
        match &event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            _ => {}
        }
        match event {
            Event::Text(text) if !in_code => Event::Text(CowStr::from(french(&text))),
            other => other,
        }
    }
}

/// The words of the heading that begins at this event.
fn heading_at(events: &[Event<'_>], at: usize) -> String {
    let within = events[at..].iter().take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
    within.fold(String::new(), |mut words, event| {
        if let Event::Text(text) | Event::Code(text) = event {
            let _ = write!(words, "{text}");
        }
        words
    })
}

/// A heading as a part of an address: its letters, without accents, and hyphens.
fn slug(heading: &str) -> String {
    let plain = heading.chars().map(|character| match character.to_lowercase().next().unwrap_or(' ') {
        'é' | 'è' | 'ê' => 'e',
        'à' | 'â' => 'a',
        'î' => 'i',
        'ô' => 'o',
        'ç' => 'c',
        other => other,
    });
    let words: String = plain.map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    words.split_whitespace().collect::<Vec<_>>().join("-")
}

/// Text as French is set: apostrophes, and spaces that do not break before signs and within numbers.
fn french(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let digit = |at: usize| characters.get(at).is_some_and(char::is_ascii_digit);
    let space = |at: usize| {
        let (before, after) = (at.checked_sub(1).map(|at| characters[at]), characters.get(at + 1));
        let groups = at > 0 && digit(at - 1) && (1..=3).all(|by| digit(at + by)) && !digit(at + 4);
        let bound = before == Some('«') || matches!(after, Some(':' | ';' | '?' | '!' | '%' | '»'));
        match (groups, bound) {
            (true, _) => '\u{202f}',
            (_, true) => '\u{a0}',
            _ => ' ',
        }
    };
    let set = |(at, character): (usize, &char)| match character {
        '\'' => '’',
        ' ' => space(at),
        other => *other,
    };
    characters.iter().enumerate().map(set).collect()
}

#[cfg(test)]
mod tests;
