//! The observatory for people: every démarche with its note, and the page of each. No script is needed, and none is
//! there: the filter is the address, and a drawing is part of the page.

mod badge;
mod demarche;
mod drawing;
mod editions;
mod periods;
mod texts;
mod words;

pub use badge::{BadgeLook, badge};
pub use demarche::{DemarchePage, demarche};
pub use editions::{EditionsPage, editions};

use super::integration::encoded;
use super::{Page, STYLE, Style, document_with};
use crate::catalogue::{Audience, Demarche};
use crate::language::choose;
use crate::observatoire::{Key, Listing, Order, Row, Shown, View, Window, fold};
use drawing::{level, shape, sparkline, strip, symbols};
use maud::{Markup, html};
use periods::{hidden, periods};
use shared::Language;
use shared::indicator::{Indicator, IndicatorKind, Move, Status, Trend};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use texts::ObservatoireTexts;
use words::{Words, capitalised};

/// Colours and type are those of every page; the rest is the observatory's own.
static OBSERVATOIRE: LazyLock<Style> =
    LazyLock::new(|| Style::of(&[STYLE, include_str!("../../assets/observatoire.css")]));

const PATH: &str = "/observatoire";

/// The page of all démarches.
pub struct ListPage<'a> {
    /// Its language.
    pub language: Language,
    /// What is looked at.
    pub view: &'a View,
    /// The period with its months.
    pub window: &'a Window,
    /// The periods to choose from depend on it.
    pub today: crate::day::Day,
    /// Whether the figures move no more.
    pub closed: bool,
    /// Every démarche, to choose from.
    pub demarches: &'a [Demarche],
    /// Those that are shown.
    pub listing: &'a Listing<'a>,
}

/// Renders it.
#[must_use]
pub fn list(page: &ListPage<'_>) -> Page {
    let ListPage { view, window, listing, .. } = page;
    let texts = texts::of(page.language);
    let words = Words(page.language);
    let body = html! {
        (symbols(&[IndicatorKind::Satisfaction]))
        (masthead(view, PATH, texts))
        main {
            h1 { (heading(listing.all, words, texts)) }
            p.lead {
                strong { (capitalised(&words.period(window.period))) "." } " " span.how { (texts.lead) }
                @if !page.closed { " " (texts.open) }
            }
            (periods(view, PATH, page.today, words, texts))
            (filters(page, texts))
            (levels(view, listing, words, texts))
            (results(page, words, texts))
            @if listing.rows.is_empty() {
                p.nothing { (texts.nothing) " " a href=(view.unfiltered().at(PATH)) { (texts.everything) } }
            } @else {
                (table(view, &listing.rows, words, texts))
            }
            (legend(window, words, texts))
        }
        (footer(view, texts))
    };
    document_with(page.language, &title(texts), &OBSERVATOIRE, &html! {}, &body)
}

fn title(texts: &ObservatoireTexts) -> String {
    format!("{} – {}", texts.name, texts.language.texts().title)
}

fn heading(demarches: usize, words: Words, texts: &ObservatoireTexts) -> String {
    match demarches {
        0 => texts.no_demarche.to_owned(),
        _ => (texts.title)(&count(demarches, words), demarches == 1),
    }
}

fn count(number: usize, words: Words) -> String {
    words.count(u64::try_from(number).unwrap_or(u64::MAX))
}

/// What stands above every page of the observatory.
fn masthead(view: &View, path: &str, texts: &ObservatoireTexts) -> Markup {
    let (other, name) = texts.other_language;
    let translated = View { language: Some(other), ..(*view).clone() };
    html! {
        header.masthead {
            nav aria-label=(texts.ways) {
                a href=(spoken(view).at("/")) { (texts.language.texts().title) }
                a href=(view.luggage().at(PATH)) { (texts.name) }
            }
            a lang=(other.code()) hreflang=(other.code()) rel="alternate" href=(translated.at(path)) { (name) }
        }
    }
}

fn footer(view: &View, texts: &ObservatoireTexts) -> Markup {
    let spoken = spoken(view);
    html! {
        footer.colophon {
            a href=(spoken.at("/observatoire/editions")) { (texts.editions) }
            a href=(spoken.at("/methode")) { (texts.method) }
            a href=(spoken.at("/api/")) { (texts.api) }
            a href=(spoken.at("/confidentialite")) { (texts.privacy) }
            a href=(spoken.at("/accessibilite")) { (super::legal::foot_words(texts.language)) }
        }
    }
}

/// What of a view other pages understand: its language.
fn spoken(view: &View) -> View {
    View { language: view.language, ..View::default() }
}

/// The form that chooses démarches. It sends what is filled in; what it has no field for goes along unseen.
fn filters(page: &ListPage<'_>, texts: &ObservatoireTexts) -> Markup {
    let view = page.view;
    let kept = View { choice: view.choice, level: view.level, language: view.language, ..View::default() };
    html! {
        form.filters action=(PATH) method="get" role="search" aria-label=(texts.choose) {
            (hidden(&kept))
            div.field.wide {
                label for="q" { (texts.search) }
                input #q name="q" type="search" value=(view.text) autocomplete="off";
            }
            // Where there is little room, the other fields wait to be asked for. It has no name and is not sent.
            div.tick.unfold {
                input #unfold type="checkbox" aria-controls="fields";
                label for="unfold" { (texts.more) }
            }
            div #fields .fields {
                div.field {
                    label for="ministry" { (texts.ministry) }
                    select #ministry name="ministry" {
                        option value="" { (texts.every_ministry) }
                        @for ministry in ministries(page.demarches) {
                            option value=(ministry) selected[view.ministry.as_deref() == Some(ministry)] { (ministry) }
                        }
                    }
                }
                div.field {
                    label for="administration" { (texts.administration) }
                    select #administration name="administration" {
                        option value="" { (texts.every_administration) }
                        @for (ministry, administrations) in administrations(page.demarches) {
                            optgroup label=(ministry.unwrap_or(texts.without_ministry)) {
                                @for name in administrations {
                                    option value=(name) selected[view.administration.as_deref() == Some(name)] { (name) }
                                }
                            }
                        }
                    }
                }
                div.field {
                    label for="audience" { (texts.audience_label) }
                    select #audience name="audience" {
                        option value="" { (texts.every_audience) }
                        @for audience in Audience::ALL {
                            option value=(audience.code()) selected[view.audience == Some(*audience)] { (texts.audience(*audience)) }
                        }
                    }
                }
                div.field {
                    label for="sort" { (texts.sort) }
                    select #sort name="sort" {
                        @for order in orders() {
                            option value=(if order == Order::default() { String::new() } else { order.to_string() })
                                selected[view.order == order] { (texts.order(order)) }
                        }
                    }
                }
                div.tick {
                    input #essential name="essential" type="checkbox" value="true" checked[view.essential == Some(true)];
                    label for="essential" { (texts.essential_only) }
                }
            }
            button type="submit" { (texts.show) }
            @if view.is_filtered() {
                a.everything href=(view.unfiltered().at(PATH)) { (texts.everything) }
            }
        }
    }
}

fn orders() -> impl Iterator<Item = Order> {
    Key::ALL.into_iter().map(Order::natural).flat_map(|order| [order, order.reversed()])
}

/// What names are sorted by; two that only look alike are two all the same, as they are to who filters by one.
type Folded<'a> = (String, &'a str);

fn folded(name: &str) -> Folded<'_> {
    (fold(name), name)
}

fn ministries(demarches: &[Demarche]) -> impl Iterator<Item = &str> {
    let sorted: BTreeSet<Folded<'_>> =
        demarches.iter().filter_map(|one| one.ministry.as_deref()).map(folded).collect();
    sorted.into_iter().map(|(_, name)| name)
}

/// The administrations of each ministry; those without one last.
fn administrations(demarches: &[Demarche]) -> Vec<(Option<&str>, Vec<&str>)> {
    let mut sorted: BTreeMap<(bool, Option<Folded<'_>>), BTreeSet<Folded<'_>>> = BTreeMap::new();
    for demarche in demarches {
        let ministry = demarche.ministry.as_deref().map(folded);
        sorted.entry((ministry.is_none(), ministry)).or_default().insert(folded(&demarche.administration));
    }
    sorted
        .into_iter()
        .map(|((_, ministry), names)| {
            (ministry.map(|(_, name)| name), names.into_iter().map(|(_, name)| name).collect())
        })
        .collect()
}

/// How many démarches there are of each level, each a way to see those alone.
fn levels(view: &View, listing: &Listing<'_>, words: Words, texts: &ObservatoireTexts) -> Markup {
    let all: usize = listing.levels.iter().map(|(_, count)| count).sum();
    let at = |level: Option<Shown>| View { level, ..(*view).clone() }.at(PATH);
    let current = |level: Option<Shown>| (view.level == level).then_some("true");
    html! {
        nav.levels aria-label=(texts.level_label) {
            ul.choices {
                li {
                    a href=(at(None)) aria-current=[current(None)] { (texts.every_level) " " (number(all, words)) }
                }
                @for (shown, of_it) in listing.levels {
                    li {
                        a href=(at(Some(shown))) aria-current=[current(Some(shown))] data-level=(shown.code()) {
                            @if let Shown::Level(level) = shown {
                                svg.shape viewBox="-7 -7 14 14" aria-hidden="true" focusable="false" { use href={ "#" (shape(level)) } {} }
                            }
                            (shown_name(shown, texts)) " " (number(of_it, words))
                        }
                    }
                }
            }
        }
    }
}

fn number(of: usize, words: Words) -> Markup {
    html! { span.of { (count(of, words)) } }
}

fn shown_name(shown: Shown, texts: &ObservatoireTexts) -> &'static str {
    match shown {
        Shown::Level(level) => texts.level(level),
        Shown::WithoutNote => texts.without_note,
    }
}

/// How many avis are in quarantine.
fn aside(quarantined: u64, words: Words, texts: &ObservatoireTexts) -> String {
    (texts.quarantined)(&words.count(quarantined), quarantined == 1)
}

/// What is shown, in words, with the same as a table.
fn results(page: &ListPage<'_>, words: Words, texts: &ObservatoireTexts) -> Markup {
    let ListPage { view, window, listing, .. } = page;
    let shown = listing.rows.len();
    let all = (shown < listing.all).then(|| count(listing.all, words));
    let said = (texts.results)(
        &count(shown, words),
        choose(page.language, shown < 2, shown == 1),
        all.as_deref(),
        &words.count(listing.avis()),
    );
    let csv = view.at("/observatoire.csv");
    let excel = format!("{csv}{}format=csv-excel-fr", if csv.contains('?') { '&' } else { '?' });
    let json = view.in_api(window.period).unwrap_or_else(|| view.at("/observatoire.json"));
    let (chosen, quarantined) = (chosen(view, texts), listing.quarantined());
    html! {
        div.results {
            p #results {
                strong { (said) }
                @if !chosen.is_empty() { span.chosen { (chosen.join(" · ")) } }
                @if quarantined > 0 { span.chosen { (aside(quarantined, words, texts)) } }
            }
            nav.downloads aria-label=(texts.download) {
                span aria-hidden="true" { (texts.download) }
                a href=(csv) { "CSV" }
                a href=(excel) { (texts.csv_for_spreadsheets) }
                a href=(view.at("/observatoire.xlsx")) { "XLSX" }
                a href=(json) { "JSON" }
            }
        }
    }
}

/// What a view leaves out, in words: paper has no form.
fn chosen(view: &View, texts: &ObservatoireTexts) -> Vec<String> {
    let essential = view
        .essential
        .map(|essential| if essential { texts.essential_only } else { texts.not_essential }.to_owned());
    let text = (!view.text.is_empty()).then(|| format!("«\u{a0}{}\u{a0}»", view.text));
    let mut chosen: Vec<String> = [text, view.ministry.clone(), view.administration.clone()]
        .into_iter()
        .chain([view.audience.map(|audience| texts.audience(audience).to_owned())])
        .chain([view.level.map(|shown| shown_name(shown, texts).to_owned()), essential])
        .flatten()
        .collect();
    if view.order != Order::default() {
        chosen.push(texts.order(view.order).to_owned());
    }
    chosen
}

/// The table. Its roles are said again, since a style that folds rows into cards takes them away in some browsers.
fn table(view: &View, rows: &[Row<'_>], words: Words, texts: &ObservatoireTexts) -> Markup {
    html! {
        div.card {
            table.demarches role="table" aria-labelledby="results" {
                thead role="rowgroup" {
                    tr role="row" {
                        (column("title", Key::Title, texts.demarche, view))
                        (column("note", Key::Note, texts.note, view))
                        (scale(texts))
                        th scope="col" role="columnheader" { (texts.level_label) }
                        (column("n", Key::Avis, texts.avis, view))
                        (column("trend", Key::Trend, texts.trend, view))
                    }
                }
                tbody role="rowgroup" {
                    @for row in rows { (line(row, view, words, texts)) }
                }
            }
        }
    }
}

/// Above the strips, what the ends of their pieces stand for.
fn scale(texts: &ObservatoireTexts) -> Markup {
    html! {
        th.scale scope="col" role="columnheader" {
            span.unseen { (texts.scale) }
            svg.strip viewBox="-2 0 204 24" aria-hidden="true" focusable="false" {
                @for (note, x) in [("0", 0), ("5", 99), ("8", 159), ("10", 200)] {
                    text x=(x) y="16" text-anchor="middle" { (note) }
                }
            }
        }
    }
}

fn column(class: &str, key: Key, name: &str, view: &View) -> Markup {
    let current = (view.order.key == key).then_some(view.order);
    let next = current.map_or(Order::natural(key), Order::reversed);
    let sorted = current.map(|order| if order.descending { "descending" } else { "ascending" });
    html! {
        th class=(class) scope="col" role="columnheader" aria-sort=[sorted] {
            a href=(View { order: next, ..(*view).clone() }.at(PATH)) { (name) }
        }
    }
}

fn line(row: &Row<'_>, view: &View, words: Words, texts: &ObservatoireTexts) -> Markup {
    let demarche = row.demarche;
    html! {
        tr role="row" {
            th.title scope="row" role="rowheader" {
                a href=(view.luggage().at(&path_of(demarche))) { (demarche.title) }
                small { (about(demarche, texts)) }
            }
            (note_cells(&row.satisfaction, words, texts))
            td.trend role="cell" { (trend(row, words, texts)) }
        }
    }
}

/// How the note went, month by month and of late. Where only one of both is known, it stands in its place all the same.
fn trend(row: &Row<'_>, words: Words, texts: &ObservatoireTexts) -> Markup {
    let drawn = sparkline(&row.months);
    html! {
        @match (drawn, row.trend, row.satisfaction.status) {
            (None, None, Status::Published) => (moved(None, texts.no_trend, words, texts)),
            (None, None, _) => {},
            (drawn, trend, _) => {
                @if let Some(drawn) = drawn { (drawn) } @else { span.spark {} }
                (moved(trend, texts.no_trend, words, texts))
            }
        }
    }
}

fn path_of(demarche: &Demarche) -> String {
    format!("{PATH}/{}", encoded(&demarche.id.0))
}

/// Whose a démarche is and for whom, on one line.
fn about(demarche: &Demarche, texts: &ObservatoireTexts) -> String {
    let audience: Vec<&str> = demarche.audience.iter().map(|one| texts.audience(*one)).collect();
    let mut parts = vec![demarche.administration.clone()];
    parts.extend(demarche.ministry.clone());
    if !audience.is_empty() {
        parts.push(audience.join(", "));
    }
    if demarche.closed {
        parts.push(texts.closed.to_owned());
    }
    parts.join(" · ")
}

/// The note, where it lies, its level and its n, each in a cell; or why there is no note.
fn note_cells(satisfaction: &Indicator, words: Words, texts: &ObservatoireTexts) -> Markup {
    html! {
        @if let Some(figure) = &satisfaction.figure {
            td.note role="cell" { b { (words.decimal(&figure.printed)) } small { "/10" } }
            td.scale role="cell" { (strip(satisfaction, words, texts)) }
            td.level-cell role="cell" { @if let Some(of_it) = figure.level { (level(of_it, texts)) } }
        } @else {
            td.note role="cell" { span aria-hidden="true" { "–" } }
            td.why role="cell" colspan="2" { (why(satisfaction, words, texts)) }
        }
        td.n role="cell" { (words.count(satisfaction.n)) span.unit { " " (texts.avis.to_lowercase()) } }
    }
}

/// Why there is no note.
fn why(satisfaction: &Indicator, words: Words, texts: &ObservatoireTexts) -> String {
    let minimum = satisfaction.kind.minimum();
    match satisfaction.status {
        Status::None => texts.no_avis.to_owned(),
        _ => (texts.too_few)(&words.count(satisfaction.n), satisfaction.n == 1, minimum),
    }
}

/// How a note moved, in tenths of a point, or that it did not; where too few avis tell, what to say instead.
fn moved(trend: Option<Trend>, none: &str, words: Words, texts: &ObservatoireTexts) -> Markup {
    let Some(trend) = trend else { return html! { span.move { (none) } } };
    let by = trend.tenths().unsigned_abs();
    let by = words.decimal(&format!("{}.{}", by / 10, by % 10));
    match trend.direction() {
        Move::Up => html! { span.move.clear { "+" (by) } },
        Move::Down => html! { span.move.clear { "−" (by) } },
        Move::Steady => html! { span.move { (texts.steady) } },
    }
}

fn legend(window: &Window, words: Words, texts: &ObservatoireTexts) -> Markup {
    let [before, after] = window.trend().map(|side| words.period(side));
    html! {
        section.legend aria-labelledby="legend" {
            h2 #legend { (texts.legend) }
            ul {
                li { (texts.legend_strip) }
                li { (texts.legend_spark) }
                li { ((texts.legend_trend)(&before, &after)) }
                li { ((texts.legend_minimum)(IndicatorKind::Satisfaction.minimum())) }
            }
        }
    }
}
