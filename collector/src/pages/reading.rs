//! What the pages that explain the published data have in common: their style, and the way from one to the other.

use super::{Page, STYLE, Style, document_with, page_texts};
use maud::{Markup, html};
use shared::Language;
use std::sync::LazyLock;

static READING_STYLE: LazyLock<Style> =
    LazyLock::new(|| Style::of(&[STYLE, include_str!("../../assets/reading.css")]));

/// The documents about the published data, for people and for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Document {
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
    const ALL: [Self; 4] = [Self::Method, Self::Api, Self::Catalogue, Self::TableSchema];

    fn address(self) -> &'static str {
        match self {
            Self::Method => "/methode",
            Self::Api => "/api/",
            Self::Catalogue => "/catalogue.jsonld",
            Self::TableSchema => "/schemas/satisfaction.json",
        }
    }

    fn name(self, language: Language) -> &'static str {
        let texts = &page_texts(language).data;
        match self {
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
            nav aria-label=(page_texts(language).data.title) {
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

/// The headings of a page as links, in a box that opens where there is little room.
pub(super) fn contents<'a>(title: &str, headings: impl Iterator<Item = (&'a str, &'a str)>) -> Markup {
    html! {
        nav.contents aria-labelledby="contents" {
            p #contents { (title) }
            ul {
                @for (id, heading) in headings {
                    li { a href={ "#" (id) } { (heading) } }
                }
            }
        }
    }
}
