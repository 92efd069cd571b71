//! The document says what the code does: its tables and its examples are computed again.

use super::*;
use crate::satisfaction::words;
use shared::indicator::{FORMULA, Figure, IndicatorKind, Level, Status, Z};
use shared::questionnaire::{Channel, Choice, Help, Quality, Question, Reached, Satisfaction, Scale, Scored};
use shared::tally::Cell;
use shared::{Indicator, Tally};

/// The rows of the table below a heading, without its head; cells without the marks of code.
fn table(heading: &str) -> Vec<Vec<String>> {
    let after = TEXT.split(&format!("\n## {heading}\n")).nth(1).unwrap_or_else(|| panic!("no {heading}"));
    let lines =
        after.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let cells = |line: &str| {
        line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect::<Vec<_>>()
    };
    lines.skip(2).map(cells).collect()
}

/// A number as it is written in French, with so many decimals.
fn number(value: f64, decimals: usize) -> String {
    format!("{value:.decimals$}").replace('.', ",")
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
    groups.join(" ")
}

fn points<C: Scored>(label: impl Fn(C) -> String) -> Vec<[String; 3]> {
    let in_words = |quarters: u64| {
        let whole = number(f64::from(u32::try_from(quarters).unwrap()) * 2.5, 1);
        whole.trim_end_matches(",0").to_owned()
    };
    C::ALL
        .iter()
        .map(|choice| [label(*choice), choice.code().to_owned(), in_words(choice.quarters())])
        .collect()
}

#[test]
fn questions_answers_and_points_are_those_of_the_questionnaire() {
    let texts = Language::Fr.texts();
    let scale = |[worst, best]: [&'static str; 2]| {
        points::<Scale>(move |step| match step {
            Scale::One => format!("1 « {worst} »"),
            Scale::Five => format!("5 « {best} »"),
            other => other.code().to_owned(),
        })
    };
    let mut expected = Vec::new();
    for (question, answers) in [
        (Question::Satisfaction, points::<Satisfaction>(|choice| texts.satisfaction(choice).to_owned())),
        (Question::Clarity, scale(texts.clarity_ends)),
        (Question::Ease, scale(texts.ease_ends)),
        (Question::HelpQuality, points::<Quality>(|choice| texts.quality(choice).to_owned())),
    ] {
        for (place, [label, code, points]) in answers.into_iter().enumerate() {
            let question =
                if place == 0 { texts.question(question).replace('\u{a0}', " ") } else { String::new() };
            expected.push(vec![question, label, code, points]);
        }
    }
    assert_eq!(table("Les questions et leurs points"), expected);
}

#[test]
fn every_indicator_is_there_with_its_minimum() {
    let told: Vec<[String; 3]> = table("Les indicateurs")
        .into_iter()
        .map(|row| [row[0].replace('\'', "’"), row[1].clone(), row[3].clone()])
        .collect();
    let computed = IndicatorKind::ALL.map(|kind| {
        [words::indicator(kind, Language::Fr).to_owned(), kind.code().to_owned(), kind.minimum().to_string()]
    });
    assert_eq!(told, computed);
    let no_help = Language::Fr.texts().help(Help::None);
    assert!(table("Les indicateurs")[6][2].contains(no_help));
    for status in [Status::Insufficient, Status::None] {
        assert!(TEXT.contains(&format!("`{}`", status.code())));
    }
    assert!(TEXT.contains(FORMULA) && TEXT.contains(&number(Z, 2)));
}

#[test]
fn levels_begin_where_the_document_says() {
    let told = table("Les niveaux");
    for (row, level) in told.iter().zip(Level::ALL) {
        assert_eq!(row[..2], [words::level(level, Language::Fr), level.code()]);
    }
    let from = |tenths: u64| format!("{},{}", tenths / 10, tenths % 10);
    let (yellow, green) = IndicatorKind::Satisfaction.thresholds().unwrap();
    let (nearly, reached) = IndicatorKind::HelpReachable.thresholds().unwrap();
    assert_eq!(told[0][2..], [format!("{} et plus", from(green)), format!("{} % et plus", from(reached))]);
    assert_eq!(told[1][2..], [format!("{} et plus", from(yellow)), format!("{} % et plus", from(nearly))]);
    for kind in IndicatorKind::ALL {
        let without = [IndicatorKind::Malfunctions, IndicatorKind::Autonomy].contains(&kind);
        assert_eq!(kind.thresholds().is_none(), without, "{kind:?}");
        if kind.is_mean() {
            assert_eq!(kind.thresholds(), Some((yellow, green)), "{kind:?}");
        }
    }
}

fn figure(kind: IndicatorKind, counts: &[(Cell, i64)]) -> (u64, Figure) {
    let mut tally = Tally::default();
    for (cell, count) in counts {
        tally[*cell] = *count;
    }
    let indicator = Indicator::of(kind, &tally);
    (indicator.n, indicator.figure.unwrap())
}

/// Wants these words in the section of that name.
fn wants(section: &str, words: &[String]) {
    let section = TEXT.split(&format!("\n## {section}\n")).nth(1).unwrap().split("\n## ").next().unwrap();
    let section = section.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in words {
        assert!(section.contains(words.as_str()), "{words} is not in:\n{section}");
    }
}

#[test]
fn the_worked_example_comes_out_as_computed() {
    let counts = [29_488_u32, 60_153, 199_512];
    let cells = Satisfaction::ALL
        .iter()
        .zip(counts)
        .map(|(choice, count)| (Cell::Satisfaction(*choice), i64::from(count)));
    let (n, figure) = figure(IndicatorKind::Satisfaction, &cells.collect::<Vec<_>>());
    let (low, high) = figure.interval.unwrap();
    let [none, five, ten] = counts.map(u64::from);
    let (sum, squares) = (5 * five + 10 * ten, 25 * five + 100 * ten);
    let count = f64::from(u32::try_from(n).unwrap());
    let (sum_, squares_) =
        (f64::from(u32::try_from(sum).unwrap()), f64::from(u32::try_from(squares).unwrap()));
    let variance = (squares_ - sum_ * sum_ / count) / (count - 1.0);
    // «…» stands for the digits that are left out, not for a rounding.
    let cut = |value: f64| format!("{}…", &number(value, 9)[..number(value, 9).len() - 3]);
    wants(
        "Recalculer une note soi-même",
        &[
            format!("{} + {} + {} = **{}**", grouped(none), grouped(five), grouped(ten), grouped(n)),
            format!("= **{}**", grouped(sum)),
            format!("{} ÷ {} = {}", grouped(sum), grouped(n), cut(sum_ / count)),
            format!(
                "**{}** à 4 décimales et une note de **{}**",
                number(figure.value.to_f64(), 4),
                figure.printed.replace('.', ",")
            ),
            grouped(squares),
            format!("= {} ; sa racine : s = {}", cut(variance), cut(variance.sqrt())),
            format!(
                "{} × {} ÷ √{} = {}",
                number(Z, 2),
                cut(variance.sqrt()),
                grouped(n),
                cut(Z * (variance / count).sqrt())
            ),
            format!("**{}** à **{}**", number(low.to_f64(), 4), number(high.to_f64(), 4)),
            format!("donc **`{}`**", figure.level.unwrap().code()),
            format!(r#""n": {n},"#),
            format!(
                r#""mean": {}, "note": "{}", "interval": [{}, {}], "level": "{}""#,
                figure.value.to_f64(),
                figure.printed,
                low.to_f64(),
                high.to_f64(),
                figure.level.unwrap().code()
            ),
        ],
    );
}

#[test]
fn the_worked_share_comes_out_as_computed() {
    let cell = |reached| Cell::HelpReached(Channel::Telephone, reached);
    let (n, figure) =
        figure(IndicatorKind::HelpReachable, &[(cell(Reached::Oui), 25_144), (cell(Reached::Non), 9_964)]);
    let (low, high) = figure.interval.unwrap();
    wants(
        "Recalculer une note soi-même",
        &[
            format!("{} ÷ {} = 0,716190…", grouped(25_144), grouped(n)),
            format!("**{}**, **{} %**", number(figure.value.to_f64(), 4), figure.printed.replace('.', ",")),
            format!("de **{}** à **{}**", number(low.to_f64(), 4), number(high.to_f64(), 4)),
            format!("le niveau **`{}`**", figure.level.unwrap().code()),
        ],
    );
}

#[test]
fn the_examples_of_rounding_come_out_as_computed() {
    let satisfaction = |counts: [i64; 3]| {
        let cells =
            Satisfaction::ALL.iter().zip(counts).map(|(choice, count)| (Cell::Satisfaction(*choice), count));
        let (_, figure) = figure(IndicatorKind::Satisfaction, &cells.collect::<Vec<_>>());
        (number(figure.value.to_f64(), 4), figure.printed.replace('.', ","), figure.level.unwrap().code())
    };
    let says = |section: &str, words: String| wants(section, &[words]);
    let (_, half, _) = satisfaction([75, 0, 125]);
    says("Les arrondis", format!("6,25 devient {half}"));
    let (_, half, _) = satisfaction([33, 0, 167]);
    says("Les arrondis", format!("8,35 devient {half}"));
    let (value, note, _) = satisfaction([313, 1_937, 4_000]);
    says("Les arrondis", format!("{value} est publié {note},"));
    let (value, note, level) = satisfaction([33, 67, 230]);
    says("Les niveaux", format!("{value} est publié {note}, donc `{level}`"));
    let cell = |reached| Cell::HelpReached(Channel::Telephone, reached);
    let (_, reached) =
        figure(IndicatorKind::HelpReachable, &[(cell(Reached::Oui), 8_496), (cell(Reached::Non), 1_504)]);
    let (percent, level) = (reached.printed.replace('.', ","), reached.level.unwrap().code());
    says("Les niveaux", format!("84,96 % est publié {percent} %, donc `{level}`"));
}

#[test]
fn french_is_set_as_it_is_printed() {
    assert_eq!(french("l'aide : 29 488 avis, 95 %"), "l’aide\u{a0}: 29\u{202f}488 avis, 95\u{a0}%");
    assert_eq!(french("« oui » en 2024 et 2025"), "«\u{a0}oui\u{a0}» en 2024 et 2025");
    assert_eq!(slug("Ce qu’une note ne dit pas"), "ce-qu-une-note-ne-dit-pas");
}

#[test]
fn sections_are_listed_and_tables_scroll_by_themselves() {
    let page = method().html;
    let sections = TEXT.lines().filter(|line| line.starts_with("## ")).count();
    assert_eq!(page.matches("<h2 id=").count(), sections);
    assert_eq!(page.matches("<li><a href=\"#").count(), sections);
    let tables = TEXT.matches("\n|---").count();
    assert_eq!(
        (page.matches("<div class=\"wide\"").count(), page.matches("</table>").count()),
        (tables, tables)
    );
    assert!(page.contains("<th>Question</th>"), "a table has its head");
}
