//! The ticks of a question that takes several answers.

use super::{Choice, Ticked};
use std::marker::PhantomData;

/// A set of choices, in the order of the questionnaire, held in the bits of an integer: bit *i* is choice *i*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Set<C> {
    bits: u16,
    choice: PhantomData<C>,
}

impl<C> Default for Set<C> {
    fn default() -> Self {
        Self { bits: 0, choice: PhantomData }
    }
}

impl<C: Choice> Set<C> {
    /// Whether the choice is ticked.
    #[must_use]
    pub fn contains(self, choice: C) -> bool {
        self.bits & Self::bit(choice) != 0
    }

    /// Ticks the choice, whatever else is ticked.
    pub fn insert(&mut self, choice: C) {
        self.bits |= Self::bit(choice);
    }

    /// Takes the tick back.
    pub fn remove(&mut self, choice: C) {
        self.bits &= !Self::bit(choice);
    }

    /// Whether nothing is ticked, which is no answer.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// How many are ticked.
    #[must_use]
    pub fn len(self) -> usize {
        self.bits.count_ones() as usize
    }

    /// The ticked choices, in the order of the questionnaire.
    pub fn iter(self) -> impl Iterator<Item = C> {
        C::ALL.iter().copied().filter(move |choice| self.contains(*choice))
    }

    /// The set as an integer, bit *i* being choice *i* of the questionnaire: how it is stored.
    #[must_use]
    pub fn bits(self) -> u16 {
        self.bits
    }

    /// The set behind [`bits`](Self::bits); none if a bit stands for no choice.
    #[must_use]
    pub fn from_bits(bits: u16) -> Option<Self> {
        (u32::from(bits) < 1 << C::ALL.len()).then_some(Self { bits, choice: PhantomData })
    }

    fn bit(choice: C) -> u16 {
        1 << choice.index()
    }
}

impl<C: Ticked> Set<C> {
    /// Ticks or unticks as a person does it: the exclusive tick clears all others, any other clears it.
    pub fn toggle(&mut self, choice: C) {
        if self.contains(choice) {
            self.remove(choice);
        } else if choice == C::NONE {
            *self = Self::default();
            self.insert(choice);
        } else {
            self.remove(C::NONE);
            self.insert(choice);
        }
    }

    /// Whether the exclusive tick stands beside another, which contradicts itself.
    #[must_use]
    pub fn contradicts_itself(self) -> bool {
        self.contains(C::NONE) && self.len() > 1
    }
}

impl<C: Choice> FromIterator<C> for Set<C> {
    fn from_iter<I: IntoIterator<Item = C>>(choices: I) -> Self {
        let mut set = Self::default();
        for choice in choices {
            set.insert(choice);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::questionnaire::Help;

    #[test]
    fn the_exclusive_tick_and_the_others_replace_each_other() {
        let mut set = Set::<Help>::default();
        set.toggle(Help::Chat);
        set.toggle(Help::Other);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Help::Chat, Help::Other]);
        set.toggle(Help::None);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Help::None]);
        set.toggle(Help::Email);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Help::Email]);
        set.toggle(Help::Email);
        assert!(set.is_empty());
    }

    #[test]
    fn bits_lead_back_to_the_set_and_foreign_bits_do_not() {
        let set: Set<Help> = [Help::Guichet, Help::None].into_iter().collect();
        assert_eq!(Set::from_bits(set.bits()), Some(set));
        assert_eq!(Set::<Help>::from_bits(1 << Help::ALL.len()), None);
    }
}
