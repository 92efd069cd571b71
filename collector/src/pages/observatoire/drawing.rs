//! What is drawn: strips, sparklines, months, bars. Plain SVG, sized and coloured by the style of the page.
//!
//! Every drawing stands beside its figures in words, so that nobody has to see it. What its maths come to are whole
//! numbers or tenths of a unit too small to be seen: drawings are most of what a page weighs.

use super::texts::ObservatoireTexts;
use super::words::Words;
use maud::{Markup, html};
use shared::indicator::{Figure, Indicator, IndicatorKind, Level};
use std::fmt::Write;

/// How wide a strip is, in units of its own.
const STRIP: f64 = 200.0;

/// The shape of a level, as its symbol is called.
pub(super) fn shape(level: Level) -> &'static str {
    match level {
        Level::Green => "disc",
        Level::Yellow => "triangle",
        Level::Red => "square",
    }
}

/// What other drawings of the page refer to: the shapes of levels, and the axis of each kind of strip on it.
pub(super) fn symbols(kinds: &[IndicatorKind]) -> Markup {
    let mut axes: Vec<(&str, String)> = kinds.iter().map(|kind| (axis_name(*kind), axis(*kind))).collect();
    axes.sort_unstable();
    axes.dedup();
    html! {
        svg.symbols aria-hidden="true" focusable="false" width="0" height="0" {
            defs {
                circle #disc r="5.5" {}
                path #triangle d="M0-6.5 6.5 5.2h-13z" {}
                path #square d="M-5-5H5V5H-5z" {}
                @for (name, path) in axes { path.axis id=(name) d=(path) {} }
            }
        }
    }
}

fn axis_name(kind: IndicatorKind) -> &'static str {
    match (kind.is_mean(), kind.thresholds()) {
        (true, _) => "axis-note",
        (false, Some(_)) => "axis-share",
        (false, None) => "axis-plain",
    }
}

/// The axis of a kind of strip: a piece for each level, with a gap where the next begins.
fn axis(kind: IndicatorKind) -> String {
    let whole = if kind.is_mean() { 100 } else { 1_000 };
    let begins = kind.thresholds().map(|(yellow, green)| [yellow, green].map(|tenths| tenths * 200 / whole));
    match begins {
        Some([yellow, green]) => {
            format!("M0 12H{}M{yellow} 12H{}M{green} 12H200", yellow - 2, green - 2)
        }
        None => "M0 12H200".to_owned(),
    }
}

/// A level: its shape and its word.
pub(super) fn level(level: Level, texts: &ObservatoireTexts) -> Markup {
    html! {
        span.level data-level=(level.code()) {
            svg.shape viewBox="-7 -7 14 14" aria-hidden="true" focusable="false" { use href={ "#" (shape(level)) } {} }
            (texts.level(level))
        }
    }
}

/// Where a figure lies between the worst and the best it could be, with its interval: from 0 to 10, or from 0 to 100 %.
pub(super) fn strip(indicator: &Indicator, words: Words, texts: &ObservatoireTexts) -> Markup {
    let Some(figure) = &indicator.figure else { return html! {} };
    let label = words
        .interval(indicator)
        .map_or_else(|| texts.no_interval.to_owned(), |(low, high)| (texts.interval)(&low, &high));
    let (at, interval) = on_strip(indicator.kind, figure);
    html! {
        svg.strip viewBox="-2 0 204 24" role="img" aria-label=(label) data-level=[figure.level.map(Level::code)] {
            use href={ "#" (axis_name(indicator.kind)) } {}
            @if let Some((low, high)) = interval {
                path.interval d={ "M" (tenths(low)) " 12H" (tenths(high)) } {}
            }
            path.marker d={ "M" (tenths(at)) " 4v16" } {}
        }
    }
}

/// The places of a figure and of its interval on a strip.
fn on_strip(kind: IndicatorKind, figure: &Figure) -> (f64, Option<(f64, f64)>) {
    let scale = if kind.is_mean() { 10.0 } else { 1.0 };
    let place = |value: shared::indicator::Decimal4| value.to_f64() / scale * STRIP;
    (place(figure.value), figure.interval.map(|(low, high)| (place(low), place(high))))
}

/// A number with one decimal at most.
fn tenths(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), ToOwned::to_owned)
}

/// How much a sparkline spans at least, in points: with a scale of its own, each would make a mountain of a molehill.
const SPARK_SPAN: f64 = 2.0;
const SPARK_HEIGHT: f64 = 48.0;
const SPARK_STEP: i32 = 15;

/// The notes of some months, one after the other, with a gap where a month has too few avis for one; nothing if most
/// months have.
pub(super) fn sparkline(months: &[Indicator]) -> Option<Markup> {
    let notes: Vec<Option<f64>> =
        months.iter().map(|month| month.figure.as_ref().map(|figure| figure.value.to_f64())).collect();
    if notes.iter().flatten().count() * 2 < notes.len() {
        return None;
    }
    let path = spark_path(&notes)?;
    Some(html! {
        svg.spark viewBox="-4 -4 173 56" aria-hidden="true" focusable="false" { path d=(path) {} }
    })
}

fn spark_path(notes: &[Option<f64>]) -> Option<String> {
    let known = || notes.iter().flatten().copied();
    let (low, high) = (known().reduce(f64::min)?, known().reduce(f64::max)?);
    let span = (high - low).max(SPARK_SPAN);
    let top = f64::midpoint(low, high) + span / 2.0;
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and the height")]
    let height = |note: f64| ((top - note) / span * SPARK_HEIGHT).round() as i32;
    let mut path = String::new();
    // Where the pen is; none above the paper.
    let mut pen: Option<i32> = None;
    for (x, note) in (0..).step_by(usize::try_from(SPARK_STEP).unwrap_or(1)).zip(notes) {
        let y = note.map(height);
        // Writing to a string does not fail.
        let _ = match (pen, y) {
            (Some(last), Some(y)) => write!(path, "l{SPARK_STEP} {}", y - last),
            (None, Some(y)) => write!(path, "M{x} {y}h0"),
            _ => Ok(()),
        };
        pen = y;
    }
    Some(path)
}

/// Months on a plane that stretches: what is drawn of them, and what stands at its left side.
pub(super) struct Plane {
    /// The lowest and the highest note of the plane, whole.
    pub(super) bounds: (u32, u32),
    /// The line through the notes, broken where a month has none; in hundreds by hundreds.
    pub(super) line: String,
    /// A point on each note, as a line of no length, so that a round pen draws it round however the plane stretches.
    pub(super) points: String,
    /// What the intervals cover.
    pub(super) band: String,
}

/// How wide and high a plane is, in units of its own.
pub(super) const PLANE: f64 = 1_000.0;

/// The least that a plane spans, in points.
const PLANE_SPAN: u32 = 4;

impl Plane {
    /// The plane of the satisfaction of some months; none if no month has a note.
    pub(super) fn of(months: &[Indicator]) -> Option<Self> {
        let range = |figure: &Figure| match figure.interval {
            Some((low, high)) => (low.to_f64(), high.to_f64()),
            None => (figure.value.to_f64(), figure.value.to_f64()),
        };
        let known = || months.iter().filter_map(|month| month.figure.as_ref());
        let low = known().map(|figure| range(figure).0).reduce(f64::min)?;
        let high = known().map(|figure| range(figure).1).reduce(f64::max)?;
        let bounds = bounds(low, high);
        let span = f64::from(bounds.1 - bounds.0);
        let x = |month: usize| (0.5 + as_f64(month)) / as_f64(months.len()) * PLANE;
        let y = |note: f64| (f64::from(bounds.1) - note) / span * PLANE;
        let (mut line, mut points, mut band) = (String::new(), String::new(), String::new());
        for run in runs(months) {
            let mut back = String::new();
            for (place, (month, figure)) in run.iter().enumerate() {
                let pen = if place == 0 { "M" } else { "L" };
                let (note, (low, high)) = (figure.value.to_f64(), range(figure));
                let x = x(*month);
                let _ = write!(line, "{pen}{x:.0} {:.0}", y(note));
                let _ = write!(points, "M{x:.0} {:.0}h0", y(note));
                let _ = write!(band, "{pen}{x:.0} {:.0}", y(high));
                back.insert_str(0, &format!("L{x:.0} {:.0}", y(low)));
            }
            let _ = write!(band, "{back}z");
        }
        Some(Self { bounds, line, points, band })
    }

    /// How far a note lies below the top: from 0 to 1.
    pub(super) fn depth_of(&self, note: u32) -> f64 {
        let (low, high) = self.bounds;
        f64::from(high.saturating_sub(note)) / f64::from(high - low)
    }
}

/// Whole numbers around two notes, with some room.
fn bounds(low: f64, high: f64) -> (u32, u32) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 10")]
    let (mut low, mut high) = (low.floor().clamp(0.0, 10.0) as u32, high.ceil().clamp(0.0, 10.0) as u32);
    while high - low < PLANE_SPAN {
        if high < 10 {
            high += 1;
        }
        if high - low < PLANE_SPAN && low > 0 {
            low -= 1;
        }
    }
    (low, high)
}

/// Months that follow one another and have notes, each with its place.
fn runs(months: &[Indicator]) -> Vec<Vec<(usize, &Figure)>> {
    let mut runs: Vec<Vec<(usize, &Figure)>> = Vec::new();
    let mut open = false;
    for (place, month) in months.iter().enumerate() {
        match (&month.figure, runs.last_mut().filter(|_| open)) {
            (Some(figure), Some(run)) => run.push((place, figure)),
            (Some(figure), None) => runs.push(vec![(place, figure)]),
            (None, _) => {}
        }
        open = month.figure.is_some();
    }
    runs
}

#[expect(clippy::cast_precision_loss, reason = "months are few")]
fn as_f64(number: usize) -> f64 {
    number as f64
}

/// A bar as long as a part is of a whole.
pub(super) fn bar(part: u64, whole: u64) -> Markup {
    let permille = (1_000 * part + whole / 2).checked_div(whole).unwrap_or(0);
    html! {
        svg.bar viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect.whole width="1000" height="10" {}
            rect.part width=(permille) height="10" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::questionnaire::Satisfaction;
    use shared::tally::Cell;
    use shared::{Language, Tally};

    fn month(counts: [i64; 3]) -> Indicator {
        let mut tally = Tally::default();
        for (choice, count) in
            [Satisfaction::PasBien, Satisfaction::Moyen, Satisfaction::TresBien].into_iter().zip(counts)
        {
            tally[Cell::Satisfaction(choice)] = count;
        }
        Indicator::of(IndicatorKind::Satisfaction, &tally)
    }

    #[test]
    fn a_strip_has_its_marker_and_interval_where_the_figures_are() {
        let drawn = |counts, language| {
            strip(&month(counts), Words(language), super::super::texts::of(language)).into_string()
        };
        // 8.15, from 7.487 to 8.813.
        let one = drawn([11, 15, 74], Language::Fr);
        assert!(one.contains("d=\"M163 4v16\"") && one.contains("d=\"M149.7 12H176.3\""), "{one}");
        assert!(one.contains("7,49") && one.contains("8,81"), "{one}");
        // All alike: no interval to draw, and words that say so.
        let alike = drawn([0, 0, 100], Language::En);
        assert!(!alike.contains("class=\"interval\"") && alike.contains("there is no interval"), "{alike}");
    }

    #[test]
    fn an_axis_has_a_piece_for_each_level() {
        assert_eq!(axis(IndicatorKind::Satisfaction), "M0 12H98M100 12H158M160 12H200");
        assert_eq!(axis(IndicatorKind::HelpReachable), "M0 12H138M140 12H168M170 12H200");
        assert_eq!(axis(IndicatorKind::Autonomy), "M0 12H200");
    }

    #[test]
    fn a_sparkline_spans_two_points_at_least_and_breaks_where_there_is_no_note() {
        // Around 8: half a point is a quarter of the height.
        let notes = [Some(8.25), Some(7.75), None, Some(8.0), None];
        assert_eq!(spark_path(&notes).as_deref(), Some("M0 18h0l15 12M45 24h0"));
        // What moves more fills the height.
        assert_eq!(spark_path(&[Some(2.0), Some(10.0)]).as_deref(), Some("M0 48h0l15 -48"));
        assert_eq!(spark_path(&[None, None]), None);
    }

    #[test]
    fn a_sparkline_needs_notes_in_half_of_its_months() {
        let (known, unknown) = ([0, 0, 100], [0, 0, 99]);
        assert!(sparkline(&[known, known, unknown, unknown].map(month)).is_some());
        assert!(sparkline(&[known, unknown, unknown, unknown].map(month)).is_none());
        assert!(sparkline(&[]).is_none());
    }

    #[test]
    fn a_plane_has_whole_bounds_around_its_intervals_and_four_points_at_least() {
        assert_eq!(bounds(7.9, 8.1), (6, 10));
        assert_eq!(bounds(9.7, 10.0), (6, 10));
        assert_eq!(bounds(0.0, 0.2), (0, 4));
        assert_eq!(bounds(1.2, 9.1), (1, 10));
        let all_alike = |counts| Plane::of(&[month(counts)]).map(|plane| plane.bounds);
        assert_eq!(all_alike([0, 0, 100]), Some((6, 10)));
        assert_eq!(all_alike([100, 0, 0]), Some((0, 4)));
        assert_eq!(all_alike([0, 0, 99]), None);
    }

    #[test]
    fn a_plane_draws_each_run_of_months_by_itself() {
        let months = [month([0, 0, 100]), month([0, 100, 0]), month([1, 0, 0]), month([0, 100, 0])];
        let plane = Plane::of(&months).unwrap();
        assert_eq!(plane.bounds, (5, 10));
        assert_eq!(plane.line, "M125 0L375 1000M875 1000");
        assert_eq!(plane.points, "M125 0h0M375 1000h0M875 1000h0");
        assert_eq!(plane.band, "M125 0L375 1000L375 1000L125 0zM875 1000L875 1000z");
        assert!((plane.depth_of(8) - 0.4).abs() < 1e-9);
    }

    #[test]
    fn a_bar_is_as_long_as_its_part() {
        let width = |part, whole| bar(part, whole).into_string();
        assert!(width(1, 3).contains("class=\"part\" width=\"333\""));
        assert!(width(0, 0).contains("class=\"part\" width=\"0\""));
        assert!(width(7, 7).contains("class=\"part\" width=\"1000\""));
    }
}
