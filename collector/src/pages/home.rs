//! The front page: what this is, and the ways from here.

use super::{Page, office_texts, simple};
use maud::html;
use shared::Language;

/// The front page.
#[must_use]
pub fn home(language: Language) -> Page {
    let texts = &office_texts(language).home;
    let name = language.texts().title;
    let inner = html! {
        h1 { (name) }
        p { (texts.lead) }
        @for (address, name, detail) in texts.ways {
            h2 { a href={ (address) "?lang=" (language.code()) } { (name) } }
            p { (detail) }
        }
    };
    simple(language, name, &inner)
}
