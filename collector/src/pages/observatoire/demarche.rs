//! The page of one démarche: all that is known of it, but for what people wrote.

use super::drawing::{PLANE, Plane, bar, level, strip, symbols};
use super::periods::periods;
use super::texts::{self, ObservatoireTexts};
use super::words::{Words, capitalised};
use super::{
    OBSERVATOIRE, PATH, about, aside, footer, masthead, moved, note_cells, path_of, scale, title, why,
};
use crate::catalogue::{Bouton, Demarche};
use crate::day::Day;
use crate::observatoire::{View, Window};
use crate::pages::{Page, document_with, integration::encoded};
use crate::store::Period;
use maud::{Markup, html};
use shared::Language;
use shared::indicator::{Indicator, IndicatorKind, Indicators, Status, Trend};
use shared::questionnaire::{Choice, Quality, Reached, Satisfaction, Scale, Ticked};

/// The page of one démarche.
pub struct DemarchePage<'a> {
    /// Its language.
    pub language: Language,
    /// What is looked at.
    pub view: &'a View,
    /// The period with its months.
    pub window: &'a Window,
    /// The periods to choose from depend on it.
    pub today: Day,
    /// Whether the figures move no more.
    pub closed: bool,
    /// The démarche.
    pub demarche: &'a Demarche,
    /// Its figures over the period.
    pub indicators: &'a Indicators,
    /// How many avis of the period are in quarantine, and in none of these.
    pub quarantined: u64,
    /// Its satisfaction in each month of the window; none if it had no avis in any of them.
    pub months: &'a [Indicator],
    /// How its note moved of late.
    pub trend: Option<Trend>,
    /// Its satisfaction by bouton; none is for avis that came without.
    pub boutons: &'a [(Option<&'a Bouton>, Indicator)],
    /// The address of the collector, as the public reaches it, without a final slash.
    pub collector: &'a str,
}

/// Renders it.
#[must_use]
pub fn demarche(page: &DemarchePage<'_>) -> Page {
    let DemarchePage { view, demarche, .. } = page;
    let texts = texts::of(page.language);
    let words = Words(page.language);
    let path = path_of(demarche);
    let body = html! {
        (symbols(&IndicatorKind::ALL))
        (masthead(view, &path, texts))
        main.one {
            p.back { a href=(view.luggage().at(PATH)) { (texts.all_demarches) } }
            h1 { (demarche.title) }
            p.lead {
                (about(demarche, texts))
                @if demarche.essential { " · " (texts.essential) }
            }
            (periods(view, &path, page.today, words, texts))
            @for indicator in page.indicators.iter().filter(|one| one.kind == IndicatorKind::Satisfaction) {
                (satisfaction(indicator, page, words, texts))
            }
            (months(page, words, texts))
            section aria-labelledby="indicators" {
                h2 #indicators { (texts.indicators) }
                div.grid {
                    @for indicator in page.indicators.iter().filter(|one| one.kind != IndicatorKind::Satisfaction) {
                        (question(indicator, words, texts))
                    }
                }
            }
            @if !page.boutons.is_empty() { (boutons(page.boutons, words, texts)) }
            (data(page, texts))
            (badge(page, texts))
        }
        (footer(view, texts))
    };
    let title = format!("{} – {}", demarche.title, title(texts));
    document_with(page.language, &title, &OBSERVATOIRE, &html! {}, &body)
}

/// The first thing that people want to know.
fn satisfaction(
    indicator: &Indicator,
    page: &DemarchePage<'_>,
    words: Words,
    texts: &ObservatoireTexts,
) -> Markup {
    html! {
        section.card.headline aria-labelledby="satisfaction" {
            div.figure {
                h2 #satisfaction {
                    (texts.indicator(indicator.kind)) ", " (words.period(page.window.period))
                }
                @if let Some(figure) = &indicator.figure {
                    p.big { b { (words.decimal(&figure.printed)) } small { " " (texts.of_ten) } }
                    p.facts {
                        @if let Some(of_it) = figure.level { (level(of_it, texts)) }
                        span { (words.count(indicator.n)) " " (texts.avis.to_lowercase()) }
                        span { (texts.trend_over) (words.colon()) (moved(page.trend, texts.too_few_for_trend, words, texts)) }
                    }
                    (strip(indicator, words, texts))
                    p.aside { (interval(indicator, words, texts)) }
                } @else {
                    p.why { (why(indicator, words, texts)) }
                }
                @if !page.closed { p.aside { (texts.open) } }
                @if page.quarantined > 0 { p.aside { (aside(page.quarantined, words, texts)) } }
            }
            @if indicator.status != Status::None { (answers(indicator, words, texts)) }
        }
    }
}

fn interval(indicator: &Indicator, words: Words, texts: &ObservatoireTexts) -> String {
    words
        .interval(indicator)
        .map_or_else(|| texts.no_interval.to_owned(), |(low, high)| (texts.interval)(&low, &high))
}

/// An indicator with the answers it is made of.
fn question(indicator: &Indicator, words: Words, texts: &ObservatoireTexts) -> Markup {
    let kind = indicator.kind;
    html! {
        section.card aria-labelledby=(kind.code()) {
            h3 id=(kind.code()) { (texts.indicator(kind)) }
            p.aside { (asked(kind, texts)) }
            @match (&indicator.figure, indicator.status) {
                (Some(figure), _) => {
                    p.figure-line {
                        @if kind.is_mean() {
                            b { (words.decimal(&figure.printed)) } small { " " (texts.of_ten) }
                        } @else {
                            b { (words.per_cent(&figure.printed)) } small { " " (texts.says(kind)) }
                        }
                        @if let Some(of_it) = figure.level { " " (level(of_it, texts)) }
                    }
                    (strip(indicator, words, texts))
                    p.aside.facts {
                        span { ((texts.answers)(&words.count(indicator.n), indicator.n == 1)) }
                        span { (interval(indicator, words, texts)) }
                    }
                }
                (None, Status::None) => p.why { (texts.no_answers) },
                (None, _) => p.why {
                    ((texts.answers)(&words.count(indicator.n), indicator.n == 1)) ". "
                    ((texts.answers_needed)(kind.minimum()))
                },
            }
            @if indicator.status != Status::None { (answers(indicator, words, texts)) }
        }
    }
}

fn asked(kind: IndicatorKind, texts: &ObservatoireTexts) -> &'static str {
    texts.language.texts().question(kind.question())
}

/// How often each answer was given: a chart that is its own table.
fn answers(indicator: &Indicator, words: Words, texts: &ObservatoireTexts) -> Markup {
    let Indicator { kind, n, .. } = *indicator;
    let several = matches!(kind, IndicatorKind::Malfunctions | IndicatorKind::Autonomy);
    html! {
        table.answers {
            caption.unseen { (asked(kind, texts)) }
            thead.unseen {
                tr {
                    th scope="col" { (texts.answer) }
                    th scope="col" { (texts.share) }
                    th scope="col" { (texts.number) }
                }
            }
            tbody {
                @for (code, count) in &indicator.counts {
                    tr {
                        th scope="row" { (answer(kind, code, texts)) (bar(*count, n)) }
                        td.n { (words.share(*count, n)) }
                        td.n { (words.count(*count)) }
                    }
                }
            }
        }
        @if several { p.aside { (texts.several) } }
    }
}

/// The label of an answer, as the form has it.
fn answer(kind: IndicatorKind, code: &str, texts: &ObservatoireTexts) -> String {
    let form = texts.language.texts();
    let scale = |[worst, best]: [&str; 2]| match Scale::from_code(code) {
        Some(Scale::One) => format!("{code} – {worst}"),
        Some(Scale::Five) => format!("{code} – {best}"),
        _ => code.to_owned(),
    };
    let label = match kind {
        IndicatorKind::Satisfaction => Satisfaction::from_code(code).map(|choice| form.satisfaction(choice)),
        IndicatorKind::Ease => return scale(form.ease_ends),
        IndicatorKind::Clarity => return scale(form.clarity_ends),
        IndicatorKind::HelpQuality => Quality::from_code(code).map(|choice| form.quality(choice)),
        IndicatorKind::HelpReachable => Reached::from_code(code).map(|choice| form.reached(choice)),
        IndicatorKind::Malfunctions => ticked(code, |choice| form.malfunction(choice), texts),
        IndicatorKind::Autonomy => ticked(code, |choice| form.help(choice), texts),
    };
    label.unwrap_or(code).to_owned()
}

/// The label of a tick; that of «other» without what the form says about the text behind it.
fn ticked<C: Ticked>(
    code: &str,
    label: impl Fn(C) -> &'static str,
    texts: &ObservatoireTexts,
) -> Option<&'static str> {
    let choice = C::from_code(code)?;
    Some(if choice == C::OTHER { texts.other } else { label(choice) })
}

/// The notes of the months, drawn and as a table.
fn months(page: &DemarchePage<'_>, words: Words, texts: &ObservatoireTexts) -> Markup {
    let months = &page.window.months;
    let all = match (months.first(), months.last()) {
        (Some(from), Some(to)) => Period { from: *from, to: to.last_of_month() },
        _ => page.window.period,
    };
    html! {
        section aria-labelledby="months" {
            h2 #months { (texts.months) }
            div.card {
                @match Plane::of(page.months) {
                    Some(plane) => (chart(&plane, page, &(texts.months_drawn)(&words.period(all)), words, texts)),
                    None => p.why { (texts.no_month) },
                }
                @if !page.months.is_empty() {
                    details {
                        summary { (texts.figures) }
                        (month_table(page, words, texts))
                    }
                }
            }
        }
    }
}

fn chart(
    plane: &Plane,
    page: &DemarchePage<'_>,
    label: &str,
    words: Words,
    texts: &ObservatoireTexts,
) -> Markup {
    let (low, high) = plane.bounds;
    let marks = (low..=high).rev();
    let thresholds = IndicatorKind::Satisfaction.thresholds();
    let is_threshold = |note: u32| {
        thresholds.is_some_and(|(yellow, green)| [yellow, green].contains(&(u64::from(note) * 10)))
    };
    let most = page.months.iter().map(|month| month.n).max().unwrap_or(0).max(1);
    let count = page.months.len().max(1);
    html! {
        div.chart {
            div.notes aria-hidden="true" { @for note in marks.clone() { span { (note) } } }
            svg.plane viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" aria-label=(label) {
                @for note in marks {
                    path.rule.threshold[is_threshold(note)] d={ "M0 " (format!("{:.0}", plane.depth_of(note) * PLANE)) "h1000" } {}
                }
                path.band d=(plane.band) {}
                path.line d=(plane.line) {}
                path.points d=(plane.points) {}
            }
            svg.volume viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                @for (place, month) in page.months.iter().enumerate() {
                    @let height = (month.n * 100).div_ceil(most);
                    rect x=((place * 1000 + 150) / count) width=(700 / count) y=(100 - height) height=(height) {}
                }
            }
            div.months.many[count > 12] aria-hidden="true" {
                @for month in &page.window.months { span { (words.short_month(*month)) } }
            }
            p.aside.volume-name aria-hidden="true" { (texts.avis) }
        }
    }
}

fn month_table(page: &DemarchePage<'_>, words: Words, texts: &ObservatoireTexts) -> Markup {
    html! {
        table.months-table {
            caption.unseen { (texts.months) }
            thead {
                tr {
                    th scope="col" { (texts.month) }
                    th.n scope="col" { (texts.note) }
                    th.n scope="col" { (texts.interval_label) }
                    th scope="col" { (texts.level_label) }
                    th.n scope="col" { (texts.avis) }
                }
            }
            tbody {
                @for (month, indicator) in page.window.months.iter().zip(page.months) {
                    tr {
                        th scope="row" { (capitalised(&words.month(*month))) }
                        @if let Some(figure) = &indicator.figure {
                            td.n { (words.decimal(&figure.printed)) }
                            td.n { @if let Some((low, high)) = words.interval(indicator) { (low) " – " (high) } }
                            td { @if let Some(of_it) = figure.level { (level(of_it, texts)) } }
                        } @else {
                            td.why colspan="3" { (why(indicator, words, texts)) }
                        }
                        td.n { (words.count(indicator.n)) }
                    }
                }
            }
        }
    }
}

fn boutons(boutons: &[(Option<&Bouton>, Indicator)], words: Words, texts: &ObservatoireTexts) -> Markup {
    html! {
        section aria-labelledby="boutons" {
            h2 #boutons { (texts.boutons) }
            p.aside { (texts.boutons_detail) }
            div.card {
                table.demarches.boutons role="table" aria-labelledby="boutons" {
                    thead role="rowgroup" {
                        tr role="row" {
                            th.title scope="col" role="columnheader" { (texts.bouton) }
                            th.note scope="col" role="columnheader" { (texts.note) }
                            (scale(texts))
                            th scope="col" role="columnheader" { (texts.level_label) }
                            th.n scope="col" role="columnheader" { (texts.avis) }
                        }
                    }
                    tbody role="rowgroup" {
                        @for (bouton, indicator) in boutons {
                            tr role="row" {
                                th.title scope="row" role="rowheader" {
                                    (bouton.map_or(texts.without_bouton, |bouton| bouton.label.as_deref().unwrap_or(&bouton.id.0)))
                                    @if let Some(bouton) = bouton {
                                        small {
                                            (texts.channel(bouton.channel))
                                            @if bouton.closed { " · " (texts.bouton_closed) }
                                        }
                                    }
                                }
                                (note_cells(indicator, words, texts))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn data(page: &DemarchePage<'_>, texts: &ObservatoireTexts) -> Markup {
    let Period { from, to } = page.window.period;
    let id = encoded(&page.demarche.id.0);
    let at = |further: &str| format!("/api/v1/demarches/{id}/satisfaction?from={from}&to={to}{further}");
    let by_month = format!("CSV, {}", texts.by_month);
    html! {
        section aria-labelledby="data" {
            h2 #data { (texts.data) }
            nav.downloads aria-label=(texts.data) {
                span { (texts.data_detail) }
                a href=(at("&format=csv")) { "CSV" }
                a href=(at("&format=csv-excel-fr")) { (texts.csv_for_spreadsheets) }
                a href=(at("&format=csv&interval=month")) { (by_month) }
                a href=(at("")) { "JSON" }
            }
            p { a href=(page.view.luggage().at("/observatoire/editions")) { (texts.editions) } " – " (texts.editions_detail) }
        }
    }
}

fn badge(page: &DemarchePage<'_>, texts: &ObservatoireTexts) -> Markup {
    let DemarchePage { demarche, collector, .. } = page;
    let id = encoded(&demarche.id.0);
    let alt = (texts.badge_alt)(&demarche.title);
    let spoken =
        View { language: Some(page.language).filter(|one| *one != Language::default()), ..View::default() };
    let image = spoken.at(&format!("/demarches/{id}/badge.svg"));
    let snippet = html! {
        a href={ (collector) (spoken.at(&path_of(demarche))) } {
            img src={ (collector) (image) } alt=(alt) width=(super::badge::WIDTH) height=(super::badge::HEIGHT) loading="lazy";
        }
    };
    html! {
        section aria-labelledby="badge" {
            h2 #badge { (texts.badge) }
            p { (texts.badge_detail) }
            p { img.badge src=(image) alt=(alt) width=(super::badge::WIDTH) height=(super::badge::HEIGHT); }
            pre tabindex="0" role="group" aria-labelledby="badge" { code { (snippet.into_string()) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Tally;
    use shared::questionnaire::{Help, Malfunction};

    #[test]
    fn every_answer_has_the_label_of_the_form_in_every_language() {
        for language in Language::ALL {
            let texts = texts::of(language);
            for indicator in Indicators::of(&Tally::default()).iter() {
                let labels: Vec<String> =
                    indicator.counts.iter().map(|(code, _)| answer(indicator.kind, code, texts)).collect();
                let mut distinct = labels.clone();
                distinct.sort();
                distinct.dedup();
                assert_eq!(distinct.len(), labels.len(), "{labels:?}");
                // A code is shown for the middle of a scale alone.
                let bare = indicator.counts.iter().zip(&labels).filter(|((code, _), label)| code == label);
                let scales = [IndicatorKind::Ease, IndicatorKind::Clarity];
                assert_eq!(bare.count(), if scales.contains(&indicator.kind) { 3 } else { 0 }, "{labels:?}");
            }
        }
        let help = answer(IndicatorKind::Autonomy, Help::Other.code(), texts::of(Language::Fr));
        let malfunction =
            answer(IndicatorKind::Malfunctions, Malfunction::Slow.code(), texts::of(Language::Fr));
        assert_eq!((help.as_str(), malfunction.as_str()), ("Autre", "Le service était lent ou indisponible"));
    }
}
