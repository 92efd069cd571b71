//! The décompte: how many times each choice was given. Averages are computed from décomptes and from nothing else.

use crate::answers::Answers;
use crate::questionnaire::{
    Channel, Choice, Help, Malfunction, Quality, Question, Reached, Satisfaction, Scale,
};
use std::ops::{AddAssign, Index, IndexMut, Neg, Sub};

/// One of the counts of a [`Tally`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// Avis that answered the question.
    Answered(Question),
    /// Avis with this satisfaction.
    Satisfaction(Satisfaction),
    /// Avis with this clarity.
    Clarity(Scale),
    /// Avis with this ease.
    Ease(Scale),
    /// Avis that looked for help in this way.
    HelpTried(Help),
    /// Avis that did or did not reach this channel.
    HelpReached(Channel, Reached),
    /// Avis that found the help of this channel so good.
    HelpQuality(Channel, Quality),
    /// Avis that met this malfunction.
    Malfunctions(Malfunction),
    /// Avis in quarantine: stored, and in no other count.
    Quarantined,
}

const fn of<C: Choice>() -> usize {
    C::ALL.len()
}

// Where each question's cells begin.
const SATISFACTION: usize = of::<Question>();
const CLARITY: usize = SATISFACTION + of::<Satisfaction>();
const EASE: usize = CLARITY + of::<Scale>();
const HELP_TRIED: usize = EASE + of::<Scale>();
const HELP_REACHED: usize = HELP_TRIED + of::<Help>();
const HELP_QUALITY: usize = HELP_REACHED + of::<Channel>() * of::<Reached>();
const MALFUNCTIONS: usize = HELP_QUALITY + of::<Channel>() * of::<Quality>();

const QUARANTINED: usize = MALFUNCTIONS + of::<Malfunction>();

/// How many cells a tally has.
pub const CELLS: usize = QUARANTINED + 1;

impl Cell {
    /// Every cell, in the order of [`index`](Self::index).
    pub fn all() -> impl Iterator<Item = Self> {
        let each = |channel: &Channel| *channel;
        Question::ALL
            .iter()
            .map(|question| Self::Answered(*question))
            .chain(Satisfaction::ALL.iter().map(|choice| Self::Satisfaction(*choice)))
            .chain(Scale::ALL.iter().map(|choice| Self::Clarity(*choice)))
            .chain(Scale::ALL.iter().map(|choice| Self::Ease(*choice)))
            .chain(Help::ALL.iter().map(|choice| Self::HelpTried(*choice)))
            .chain(Channel::ALL.iter().map(each).flat_map(|channel| {
                Reached::ALL.iter().map(move |choice| Self::HelpReached(channel, *choice))
            }))
            .chain(Channel::ALL.iter().map(each).flat_map(|channel| {
                Quality::ALL.iter().map(move |choice| Self::HelpQuality(channel, *choice))
            }))
            .chain(Malfunction::ALL.iter().map(|choice| Self::Malfunctions(*choice)))
            .chain([Self::Quarantined])
    }

    /// Its place among all cells.
    #[must_use]
    pub fn index(self) -> usize {
        match self {
            Self::Answered(question) => question.index(),
            Self::Satisfaction(choice) => SATISFACTION + choice.index(),
            Self::Clarity(choice) => CLARITY + choice.index(),
            Self::Ease(choice) => EASE + choice.index(),
            Self::HelpTried(choice) => HELP_TRIED + choice.index(),
            Self::HelpReached(channel, choice) => {
                HELP_REACHED + channel.index() * of::<Reached>() + choice.index()
            }
            Self::HelpQuality(channel, choice) => {
                HELP_QUALITY + channel.index() * of::<Quality>() + choice.index()
            }
            Self::Malfunctions(choice) => MALFUNCTIONS + choice.index(),
            Self::Quarantined => QUARANTINED,
        }
    }

    /// Its name, which is that of its column: `satisfaction_tres_bien`, `help_reached_guichet_oui`,
    /// `comment_answered`.
    #[must_use]
    pub fn name(self) -> String {
        let named = |question: Question, choice: &str| format!("{}_{choice}", question.code());
        match self {
            Self::Answered(question) => named(question, "answered"),
            Self::Satisfaction(choice) => named(Question::Satisfaction, choice.code()),
            Self::Clarity(choice) => named(Question::Clarity, choice.code()),
            Self::Ease(choice) => named(Question::Ease, choice.code()),
            Self::HelpTried(choice) => named(Question::HelpTried, choice.code()),
            Self::HelpReached(channel, choice) => {
                named(Question::HelpReached, &format!("{}_{}", channel.code(), choice.code()))
            }
            Self::HelpQuality(channel, choice) => {
                named(Question::HelpQuality, &format!("{}_{}", channel.code(), choice.code()))
            }
            Self::Malfunctions(choice) => named(Question::Malfunctions, choice.code()),
            Self::Quarantined => "quarantined".to_owned(),
        }
    }
}

/// A décompte. Tallies add up, and the difference of two is what a correction moves; so cells are signed, though a
/// published count never is negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally([i64; CELLS]);

impl Default for Tally {
    fn default() -> Self {
        Self([0; CELLS])
    }
}

impl Tally {
    /// What one avis adds.
    #[must_use]
    pub fn of(answers: &Answers) -> Self {
        let mut tally = Self::default();
        tally.add(answers);
        tally
    }

    /// What one avis adds that is in quarantine, whatever its answers.
    #[must_use]
    pub fn of_quarantined() -> Self {
        let mut tally = Self::default();
        tally[Cell::Quarantined] = 1;
        tally
    }

    /// Adds one avis.
    pub fn add(&mut self, answers: &Answers) {
        for question in Question::ALL.iter().filter(|question| answers.answered(**question)) {
            self[Cell::Answered(*question)] += 1;
        }
        if let Some(choice) = answers.satisfaction {
            self[Cell::Satisfaction(choice)] += 1;
        }
        if let Some(choice) = answers.clarity {
            self[Cell::Clarity(choice)] += 1;
        }
        if let Some(choice) = answers.ease {
            self[Cell::Ease(choice)] += 1;
        }
        for choice in answers.help_tried.iter() {
            self[Cell::HelpTried(choice)] += 1;
        }
        for (channel, choice) in answers.help_reached.iter() {
            self[Cell::HelpReached(channel, choice)] += 1;
        }
        for (channel, choice) in answers.help_quality.iter() {
            self[Cell::HelpQuality(channel, choice)] += 1;
        }
        for choice in answers.malfunctions.iter() {
            self[Cell::Malfunctions(choice)] += 1;
        }
    }

    /// The counts in the order of [`Cell::all`].
    #[must_use]
    pub fn cells(&self) -> &[i64; CELLS] {
        &self.0
    }

    /// Whether every count is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.iter().all(|count| *count == 0)
    }

    /// How many avis it was made from: those that count, each by the one question that it answers at least, and those in
    /// quarantine.
    #[must_use]
    pub fn avis(&self) -> i64 {
        self[Cell::Answered(Question::Satisfaction)] + self[Cell::Quarantined]
    }

    /// A count as published.
    #[must_use]
    pub fn count(&self, cell: Cell) -> u64 {
        u64::try_from(self[cell]).unwrap_or(0)
    }
}

impl From<[i64; CELLS]> for Tally {
    fn from(cells: [i64; CELLS]) -> Self {
        Self(cells)
    }
}

impl Index<Cell> for Tally {
    type Output = i64;

    fn index(&self, cell: Cell) -> &i64 {
        &self.0[cell.index()]
    }
}

impl IndexMut<Cell> for Tally {
    fn index_mut(&mut self, cell: Cell) -> &mut i64 {
        &mut self.0[cell.index()]
    }
}

impl AddAssign<&Self> for Tally {
    fn add_assign(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine += theirs;
        }
    }
}

impl Sub for Tally {
    type Output = Self;

    fn sub(mut self, other: Self) -> Self {
        self += &-other;
        self
    }
}

impl Neg for Tally {
    type Output = Self;

    fn neg(mut self) -> Self {
        for count in &mut self.0 {
            *count = -*count;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_cell_has_its_place_and_its_own_name() {
        for (index, cell) in Cell::all().enumerate() {
            assert_eq!(cell.index(), index, "{cell:?}");
        }
        assert_eq!(Cell::all().count(), CELLS);
        assert_eq!(Cell::all().map(Cell::name).collect::<HashSet<_>>().len(), CELLS);
        assert_eq!(Cell::HelpReached(Channel::Guichet, Reached::Oui).name(), "help_reached_guichet_oui");
    }

    #[test]
    fn what_an_avis_adds_is_what_it_takes_back() {
        let mut answers = Answers { satisfaction: Some(Satisfaction::Moyen), ..Answers::default() };
        answers.help_tried.insert(Help::Chat);
        answers.help_reached.set(Channel::Chat, Some(Reached::Non));
        let mut tally = Tally::of(&answers);
        assert_eq!(tally.count(Cell::Answered(Question::HelpReached)), 1);
        assert_eq!(tally.count(Cell::HelpReached(Channel::Chat, Reached::Non)), 1);
        tally += &-Tally::of(&answers);
        assert!(tally.is_zero());
    }
}
