//! What the pages that explain the published data have in common: their style, and the way from one to the other.

use super::{Page, STYLE, Style, document_with, office_texts};
use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{Event, Parser};
use shared::Language;
use std::sync::LazyLock;

static READING_STYLE: LazyLock<Style> =
    LazyLock::new(|| Style::of(&[STYLE, include_str!("../../assets/reading.css")]));

/// The documents about the published data, for people and for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Document {
    /// The figures themselves.
    Observatory,
    /// How the figures are computed.
    Method,
    /// What programs can ask for.
    Api,
    /// What data there are.
    Catalogue,
    /// What the columns of the table mean.
    TableSchema,
}

impl Document {
    const ALL: [Self; 5] = [Self::Observatory, Self::Method, Self::Api, Self::Catalogue, Self::TableSchema];

    fn address(self) -> &'static str {
        match self {
            Self::Observatory => "/observatoire",
            Self::Method => "/methode",
            Self::Api => "/api/",
            Self::Catalogue => "/catalogue.jsonld",
            Self::TableSchema => "/schemas/satisfaction.json",
        }
    }

    fn name(self, language: Language) -> &'static str {
        let texts = &office_texts(language).data;
        match self {
            Self::Observatory => texts.observatory,
            Self::Method => texts.method,
            Self::Api => texts.api,
            Self::Catalogue => texts.catalogue,
            Self::TableSchema => texts.table_schema,
        }
    }
}

/// A page to be read at length, which is one of these documents.
pub(super) fn reading(
    language: Language,
    current: Document,
    title: &str,
    head: &Markup,
    main: &Markup,
) -> Page {
    let body = html! {
        header.ways {
            nav aria-label=(office_texts(language).data.title) {
                ul {
                    @for document in Document::ALL {
                        li {
                            a href=(document.address()) aria-current=[(document == current).then_some("page")] {
                                (document.name(language))
                            }
                        }
                    }
                }
            }
        }
        main { div.sheet { (main) } }
    };
    document_with(language, title, &READING_STYLE, head, &body)
}

/// A heading as a link: its id and its words, and the same of those below it.
pub(super) type Heading<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>);

/// The headings of a page as links.
pub(super) fn contents(title: &str, headings: &[Heading<'_>]) -> Markup {
    let link = |id: &str, words: &str| html! { a href={ "#" (id) } { (words) } };
    html! {
        nav.contents aria-labelledby="contents" {
            p #contents { (title) }
            ul {
                @for (id, words, below) in headings {
                    li {
                        (link(id, words))
                        @if !below.is_empty() {
                            ul { @for (id, words) in below { li { (link(id, words)) } } }
                        }
                    }
                }
            }
        }
    }
}

/// A text of a few paragraphs in the marks of CommonMark.
pub(super) fn markdown(text: &str) -> Markup {
    written(Parser::new(text))
}

/// What was read of such a text, as HTML.
pub(super) fn written<'a>(events: impl Iterator<Item = Event<'a>>) -> Markup {
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events);
    PreEscaped(html)
}
