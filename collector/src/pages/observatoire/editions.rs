//! The page of editions: what was published of each quarter, to download and to check, and what was said of it since.

use super::texts;
use super::words::{Words, capitalised};
use super::{OBSERVATOIRE, PATH, footer, masthead};
use crate::day::Day;
use crate::edition::{Edition, EditionFile, Format};
use crate::language::choose;
use crate::observatoire::View;
use crate::pages::{Page, document_with};
use crate::quarter::Quarter;
use maud::{Markup, html};
use shared::Language;

/// The page of all editions.
pub struct EditionsPage<'a> {
    /// Its language.
    pub language: Language,
    /// What a person brought along.
    pub view: &'a View,
    /// Every edition, the newest first.
    pub editions: &'a [Edition],
}

/// The words of one language.
struct EditionsTexts {
    check: &'static str,
    download: &'static str,
    none: &'static str,
    frozen: &'static str,
    formula: &'static str,
    twelve_months: &'static str,
    three_months: &'static str,
    errata: &'static str,
    digests: &'static str,
}

const FR: EditionsTexts = EditionsTexts {
    check: "Chaque fichier a son empreinte\u{a0}: qui le télécharge peut vérifier que c’est bien celui qui a été publié. Si une erreur est découverte, le fichier reste et un erratum le dit ici.",
    download: "Télécharger\u{a0}:",
    none: "Aucun trimestre n’est encore figé.",
    frozen: "Figée le",
    formula: "formule",
    twelve_months: "Douze mois",
    three_months: "Trois mois",
    errata: "Errata",
    digests: "Empreintes (SHA-256)",
};

const EN: EditionsTexts = EditionsTexts {
    check: "Each file has its digest: who downloads it can check that it is the one that was published. If something proves wrong, the file stays and an erratum says so here.",
    download: "Download:",
    none: "No quarter is frozen yet.",
    frozen: "Frozen on",
    formula: "formula",
    twelve_months: "Twelve months",
    three_months: "Three months",
    errata: "Errata",
    digests: "Digests (SHA-256)",
};

/// Renders it.
#[must_use]
pub fn editions(page: &EditionsPage<'_>) -> Page {
    let EditionsPage { language, view, editions } = page;
    let (texts, own) = (texts::of(*language), choose(*language, &FR, &EN));
    let path = format!("{PATH}/editions");
    let body = html! {
        (masthead(view, &path, texts))
        main.one {
            p.back { a href=(view.luggage().at(PATH)) { (texts.all_demarches) } }
            h1 { (texts.editions) }
            p.lead { (texts.editions_detail) " " (own.check) }
            @if editions.is_empty() { p.nothing { (own.none) } }
            @for edition in *editions { (section(edition, Words(*language), own)) }
        }
        (footer(view, texts))
    };
    let title = format!("{} – {}", texts.editions, texts.name);
    document_with(*language, &title, &OBSERVATOIRE, &html! {}, &body)
}

fn section(edition: &Edition, words: Words, own: &EditionsTexts) -> Markup {
    let Edition { quarter, frozen_at, formula, files, errata } = edition;
    let period = |name: &str, period| format!("{name}{}{}", words.colon(), words.period(period));
    html! {
        section aria-labelledby=(quarter) {
            div.card {
                h2 #(quarter) { (capitalised(&name(*quarter, words.0))) }
                p {
                    (period(own.three_months, quarter.period())) " · "
                    (period(own.twelve_months, quarter.twelve_months()))
                }
                p.aside { (own.frozen) " " (words.day(Day::of(*frozen_at))) " · " (own.formula) " " (formula) }
                nav.downloads aria-labelledby=(quarter) {
                    span aria-hidden="true" { (own.download) }
                    @for format in [Format::Csv, Format::Xlsx, Format::Json] {
                        @if let Some(file) = edition.file(format) {
                            a href=(crate::edition::path(*quarter, format)) { (format.code().to_uppercase()) " (" (size(file, words)) ")" }
                        }
                    }
                }
                @if !errata.is_empty() {
                    h3 { (own.errata) }
                    ul {
                        @for erratum in errata {
                            li { strong { (words.day(Day::of(erratum.added_at))) } (words.colon()) (erratum.text) }
                        }
                    }
                }
                details {
                    summary { (own.digests) }
                    pre { code { @for file in files { (line(*quarter, file)) "\n" } } }
                }
            }
        }
    }
}

/// `3e trimestre 2026`, `quarter 3 of 2026`.
fn name(quarter: Quarter, language: Language) -> String {
    let (year, number) = (quarter.year(), quarter.number());
    let ordinal = if number == 1 { "er" } else { "e" };
    choose(language, format!("{number}{ordinal} trimestre {year}"), format!("quarter {number} of {year}"))
}

/// So many thousand bytes, none left out.
fn size(file: &EditionFile, words: Words) -> String {
    let unit = choose(words.0, "ko", "kB");
    format!("{}\u{a0}{unit}", words.count(file.bytes.div_ceil(1_000)))
}

/// A line as `sha256sum --check` takes it.
fn line(quarter: Quarter, file: &EditionFile) -> String {
    format!("{}  {}", file.sha256, crate::edition::file_name(quarter, file.format))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_is_said_in_words() {
        let said = |quarter: &str, language| name(quarter.parse().unwrap(), language);
        assert_eq!(said("2026-T1", Language::Fr), "1er trimestre 2026");
        assert_eq!(said("2026-T3", Language::Fr), "3e trimestre 2026");
        assert_eq!(said("2026-T3", Language::En), "quarter 3 of 2026");
    }
}
