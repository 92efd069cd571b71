//! From counts to published figures: n, counts, mean or share, note, interval, level, status.
//!
//! All from a [`Tally`], in integers: points are multiples of 2.5, so sums are exact and each figure is divided
//! once and rounded half up once. Intervals alone are computed in double precision, having a square root.

mod trend;

pub use trend::{Move, Trend};

use crate::questionnaire::{
    Channel, Choice, Help, Malfunction, Quality, Question, Reached, Satisfaction, Scale, Scored,
};
use crate::tally::{Cell, Tally};

/// The version of these formulas, published beside every figure.
pub const FORMULA: &str = "avis-0-5-10/1";

/// The standard normal quantile of a 95 % interval.
pub const Z: f64 = 1.96;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IndicatorKind {
    /// Mean of the points of satisfaction.
    Satisfaction,
    /// Mean of the points of ease.
    Ease,
    /// Mean of the points of clarity.
    Clarity,
    /// Share of the avis that name at least one malfunction among those that answered.
    Malfunctions,
    /// Share of channel answers that reached the administration.
    HelpReachable,
    /// Mean of the points of help quality, per channel answer.
    HelpQuality,
    /// Share of the avis that needed no help among those that answered.
    Autonomy,
}

impl IndicatorKind {
    /// Every indicator, in the order of publication.
    pub const ALL: [Self; 7] = [
        Self::Satisfaction,
        Self::Ease,
        Self::Clarity,
        Self::Malfunctions,
        Self::HelpReachable,
        Self::HelpQuality,
        Self::Autonomy,
    ];

    /// Its code in documents.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Satisfaction => "satisfaction",
            Self::Ease => "ease",
            Self::Clarity => "clarity",
            Self::Malfunctions => "malfunctions",
            Self::HelpReachable => "help_reachable",
            Self::HelpQuality => "help_quality",
            Self::Autonomy => "autonomy",
        }
    }

    /// The smallest n for which a figure is published: below it, chance weighs more than the service.
    #[must_use]
    pub fn minimum(self) -> u64 {
        match self {
            Self::HelpQuality => 50,
            _ => 100,
        }
    }

    /// Whether its figure is a mean of points (0 to 10); otherwise it is a share (0 to 1).
    #[must_use]
    pub fn is_mean(self) -> bool {
        matches!(self, Self::Satisfaction | Self::Ease | Self::Clarity | Self::HelpQuality)
    }

    /// The question whose answers it is made of.
    #[must_use]
    pub fn question(self) -> Question {
        match self {
            Self::Satisfaction => Question::Satisfaction,
            Self::Ease => Question::Ease,
            Self::Clarity => Question::Clarity,
            Self::Malfunctions => Question::Malfunctions,
            Self::HelpReachable => Question::HelpReached,
            Self::HelpQuality => Question::HelpQuality,
            Self::Autonomy => Question::HelpTried,
        }
    }

    /// Where yellow and green begin, in tenths of the figure as printed; none for an indicator without levels.
    #[must_use]
    pub fn thresholds(self) -> Option<(u64, u64)> {
        match self {
            Self::Satisfaction | Self::Ease | Self::Clarity | Self::HelpQuality => Some((50, 80)),
            Self::HelpReachable => Some((700, 850)),
            Self::Malfunctions | Self::Autonomy => None,
        }
    }
}

/// Whether there is a figure, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// n reaches the minimum.
    Published,
    /// There are answers, fewer than the minimum.
    Insufficient,
    /// There is no answer.
    None,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Published, Self::Insufficient, Self::None];

    /// Its code in documents.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Insufficient => "insufficient",
            Self::None => "none",
        }
    }
}

/// How good a published figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// A note of 8.0 or more; 85.0 % reached or more.
    Green,
    /// A note of 5.0 or more; 70.0 % reached or more.
    Yellow,
    /// Anything below.
    Red,
}

impl Level {
    /// Every level, the best first.
    pub const ALL: [Self; 3] = [Self::Green, Self::Yellow, Self::Red];

    /// Its code in documents.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Red => "red",
        }
    }

    fn of(kind: IndicatorKind, tenths: u64) -> Option<Self> {
        let (yellow, green) = kind.thresholds()?;
        Some(match tenths {
            _ if tenths >= green => Self::Green,
            _ if tenths >= yellow => Self::Yellow,
            _ => Self::Red,
        })
    }
}

/// A non-negative decimal number with four decimals, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal4(u64);

impl Decimal4 {
    /// The number as the nearest double, whose shortest form has at most four decimals.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        to_f64(self.0) / 10_000.0
    }

    /// So many times the number.
    #[must_use]
    pub fn times(self, factor: u64) -> Self {
        Self(self.0 * factor)
    }

    /// The number with so many decimals, four at most, half up from these four.
    #[must_use]
    pub fn printed(self, decimals: u32) -> String {
        let decimals = decimals.min(4);
        let rounded = half_up(self.0, 10_u64.pow(4 - decimals));
        let scale = 10_u64.pow(decimals);
        match usize::try_from(decimals) {
            Ok(width @ 1..) => format!("{}.{:0width$}", rounded / scale, rounded % scale),
            _ => rounded.to_string(),
        }
    }

    /// Rounds half up; below zero is zero.
    fn rounded(value: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100,000")]
        Self((value * 10_000.0 + 0.5).floor().max(0.0) as u64)
    }
}

/// The figure of an indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Mean of points (0 to 10) or share (0 to 1), half up at four decimals from the exact value.
    pub value: Decimal4,
    /// As published, half up at one decimal from the exact value: a note out of ten (`7.9`), or a share in per
    /// cent (`71.6`).
    pub printed: String,
    /// The 95 % interval, in the unit of `value`. None where all answers are the same: there is nothing to
    /// estimate a spread from.
    pub interval: Option<(Decimal4, Decimal4)>,
    /// How good it is, for the indicators that have thresholds; of the figure as published, so that what is
    /// printed and its colour never disagree.
    pub level: Option<Level>,
}

/// One indicator over one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// What is measured.
    pub kind: IndicatorKind,
    /// How many answers it is made of: each indicator has its own n.
    pub n: u64,
    /// How often each choice was given, by code, in the order of the questionnaire.
    pub counts: Vec<(&'static str, u64)>,
    /// Whether there is a figure.
    pub status: Status,
    /// The figure, if it is published.
    pub figure: Option<Figure>,
}

impl Indicator {
    /// Computes one indicator from a décompte.
    #[must_use]
    pub fn of(kind: IndicatorKind, tally: &Tally) -> Self {
        let Measured { sums, counts } = Measured::of(kind, tally);
        let Exact { n, .. } = sums.exact();
        let status = status(kind, n);
        let figure = (status == Status::Published).then(|| match sums {
            Sums::OfPoints(moments) => mean(kind, moments),
            Sums::OfPart(exact) => share(kind, exact),
        });
        Self { kind, n, counts, status, figure }
    }
}

/// The value of an indicator before it is divided and rounded, whatever its n.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exact {
    /// How many answers there are.
    pub n: u64,
    /// Their points in units of 2.5 where the indicator is a mean, how many of them count for it where it is a share.
    pub sum: u64,
}

impl Exact {
    /// Adds up one indicator from a décompte.
    #[must_use]
    pub fn of(kind: IndicatorKind, tally: &Tally) -> Self {
        Measured::of(kind, tally).sums.exact()
    }
}

/// What is counted for an indicator.
struct Measured {
    sums: Sums,
    counts: Vec<(&'static str, u64)>,
}

/// What its figure is made of.
enum Sums {
    /// A mean of points.
    OfPoints(Moments),
    /// A part of the whole.
    OfPart(Exact),
}

impl Sums {
    fn exact(&self) -> Exact {
        match *self {
            Self::OfPoints(Moments { n, sum, .. }) => Exact { n, sum },
            Self::OfPart(exact) => exact,
        }
    }
}

impl Measured {
    fn of(kind: IndicatorKind, tally: &Tally) -> Self {
        match kind {
            IndicatorKind::Satisfaction => {
                Self::points::<Satisfaction>(|c| tally.count(Cell::Satisfaction(c)))
            }
            IndicatorKind::Ease => Self::points::<Scale>(|c| tally.count(Cell::Ease(c))),
            IndicatorKind::Clarity => Self::points::<Scale>(|c| tally.count(Cell::Clarity(c))),
            IndicatorKind::HelpQuality => Self::points::<Quality>(|c| {
                Channel::ALL.iter().map(|channel| tally.count(Cell::HelpQuality(*channel, c))).sum()
            }),
            IndicatorKind::HelpReachable => {
                let counts = counts::<Reached>(|c| {
                    Channel::ALL.iter().map(|channel| tally.count(Cell::HelpReached(*channel, c))).sum()
                });
                let n = counts.iter().map(|(_, count)| count).sum();
                Self::part(counts[Reached::Oui.index()].1, n, counts)
            }
            IndicatorKind::Malfunctions => {
                let counts = counts::<Malfunction>(|c| tally.count(Cell::Malfunctions(c)));
                let n = tally.count(Cell::Answered(Question::Malfunctions));
                Self::part(n.saturating_sub(counts[Malfunction::None.index()].1), n, counts)
            }
            IndicatorKind::Autonomy => {
                let counts = counts::<Help>(|c| tally.count(Cell::HelpTried(c)));
                let n = tally.count(Cell::Answered(Question::HelpTried));
                Self::part(counts[Help::None.index()].1, n, counts)
            }
        }
    }

    fn points<C: Scored>(count: impl Fn(C) -> u64) -> Self {
        let counts = counts::<C>(count);
        Self { sums: Sums::OfPoints(Moments::of::<C>(&counts)), counts }
    }

    fn part(sum: u64, n: u64, counts: Vec<(&'static str, u64)>) -> Self {
        Self { sums: Sums::OfPart(Exact { n, sum }), counts }
    }
}

/// All indicators of one décompte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicators([Indicator; 7]);

impl Indicators {
    /// Computes every indicator.
    #[must_use]
    pub fn of(tally: &Tally) -> Self {
        Self(IndicatorKind::ALL.map(|kind| Indicator::of(kind, tally)))
    }

    /// The indicators, in the order of publication.
    pub fn iter(&self) -> impl Iterator<Item = &Indicator> {
        self.0.iter()
    }
}

fn counts<C: Choice>(count: impl Fn(C) -> u64) -> Vec<(&'static str, u64)> {
    C::ALL.iter().map(|choice| (choice.code(), count(*choice))).collect()
}

fn status(kind: IndicatorKind, n: u64) -> Status {
    match n {
        0 => Status::None,
        n if n < kind.minimum() => Status::Insufficient,
        _ => Status::Published,
    }
}

fn mean(kind: IndicatorKind, moments: Moments) -> Figure {
    let Moments { n, sum, .. } = moments;
    let tenths = half_up(sum * 25, n);
    Figure {
        value: Decimal4(half_up(sum * 25_000, n)),
        printed: one_decimal(tenths),
        interval: moments.interval(),
        level: Level::of(kind, tenths),
    }
}

fn share(kind: IndicatorKind, Exact { n, sum }: Exact) -> Figure {
    let tenths_of_percent = half_up(sum * 1_000, n);
    Figure {
        value: Decimal4(half_up(sum * 10_000, n)),
        printed: one_decimal(tenths_of_percent),
        interval: wilson_interval(sum, n),
        level: Level::of(kind, tenths_of_percent),
    }
}

/// The quotient rounded half up to a whole number.
fn half_up(numerator: u64, denominator: u64) -> u64 {
    (2 * numerator + denominator) / (2 * denominator)
}

fn one_decimal(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// What a mean and its interval are made of: the number of answers, the sum of their points, and that of their
/// squares. In units of 2.5 points, so that all three are exact.
#[derive(Debug, Clone, Copy)]
struct Moments {
    n: u64,
    sum: u64,
    squares: u64,
}

impl Moments {
    fn of<C: Scored>(counts: &[(&'static str, u64)]) -> Self {
        let weighted = || C::ALL.iter().zip(counts).map(|(choice, (_, count))| (choice.quarters(), *count));
        Self {
            n: weighted().map(|(_, count)| count).sum(),
            sum: weighted().map(|(quarters, count)| quarters * count).sum(),
            squares: weighted().map(|(quarters, count)| quarters * quarters * count).sum(),
        }
    }

    /// Whether all answers are the same, so that there is nothing to estimate a spread from.
    fn is_even(self) -> bool {
        self.spread() == 0
    }

    /// n·Σx² − (Σx)² in integers: the difference of two large doubles would lose the digits that matter.
    fn spread(self) -> u128 {
        u128::from(self.n) * u128::from(self.squares) - u128::from(self.sum) * u128::from(self.sum)
    }

    /// s²/n, the variance of the mean, in points: s² is the sample variance.
    fn variance_of_mean(self) -> f64 {
        #[expect(
            clippy::cast_precision_loss,
            reason = "exact below 2^53, and a relative error of 1e-16 above"
        )]
        let spread = self.spread() as f64;
        let n = to_f64(self.n);
        spread / (n * to_f64(self.n - 1)) * 6.25 / n
    }

    /// m ± 1.96·s/√n with the sample variance, kept within 0 and 10.
    fn interval(self) -> Option<(Decimal4, Decimal4)> {
        if self.is_even() {
            return None;
        }
        let mean = to_f64(self.sum) * 2.5 / to_f64(self.n);
        let margin = Z * self.variance_of_mean().sqrt();
        Some((Decimal4::rounded((mean - margin).max(0.0)), Decimal4::rounded((mean + margin).min(10.0))))
    }
}

/// The score interval of Wilson (1927), which stays within 0 and 1 and holds for small shares.
fn wilson_interval(k: u64, n: u64) -> Option<(Decimal4, Decimal4)> {
    if k == 0 || k == n {
        return None;
    }
    let (n, share) = (to_f64(n), to_f64(k) / to_f64(n));
    let scale = 1.0 + Z * Z / n;
    let centre = (share + Z * Z / (2.0 * n)) / scale;
    let margin = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt() / scale;
    Some((Decimal4::rounded(centre - margin), Decimal4::rounded(centre + margin)))
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn to_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
