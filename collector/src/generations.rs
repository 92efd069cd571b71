//! A memory of bounded size for what is asked for again and again.

use std::collections::HashMap;
use std::hash::Hash;

/// What was asked for lately, and what was before it, which is dropped when the former has become too much. So a flood of
/// things that come once drives out nothing that comes often.
pub struct Generations<K, V> {
    new: HashMap<K, V>,
    old: HashMap<K, V>,
    room: usize,
}

impl<K: Eq + Hash, V> Generations<K, V> {
    /// Room for so many things at least, twice as many at most.
    #[must_use]
    pub fn of(room: usize) -> Self {
        Self { new: HashMap::new(), old: HashMap::new(), room }
    }

    /// What is known of this. It stays while so many others as there is room for are asked for.
    pub fn get(&mut self, key: &K) -> Option<&V> {
        if let Some((key, value)) = self.old.remove_entry(key) {
            self.add(key, value);
        }
        self.new.get(key)
    }

    /// Remembers something.
    pub fn add(&mut self, key: K, value: V) {
        if self.new.len() >= self.room {
            self.old = std::mem::take(&mut self.new);
        }
        self.old.remove(&key);
        self.new.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_number_is_bounded() {
        let mut generations = Generations::of(16);
        generations.add(-1, "often");
        for number in 0..160 {
            generations.add(number, "once");
            assert_eq!(generations.get(&-1), Some(&"often"), "{number}");
        }
        assert_eq!(generations.get(&0), None);
        assert!(generations.new.len() + generations.old.len() <= 32);
    }

    #[test]
    fn what_was_just_asked_for_is_there_until_as_many_others_were() {
        let mut generations = Generations::of(16);
        for number in 0..100 {
            generations.add(number, ());
            assert!((0..=number).rev().take(16).all(|recent| generations.get(&recent).is_some()), "{number}");
        }
    }
}
