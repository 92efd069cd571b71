//! Chance that falls alike on every machine: a stream cipher and integers, no floating point.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use sha2::{Digest, Sha256};

/// Where streams of dice come from: what was drawn from one of them moves none of the others, so that each avis is
/// the same whatever the order in which they are made.
#[derive(Clone)]
pub(super) struct Urn(ChaCha8Rng);

/// Dice to throw.
pub(super) struct Dice(ChaCha8Rng);

impl Urn {
    /// The urn of this purpose for these numbers.
    pub(super) fn new(purpose: &str, numbers: &[u64]) -> Self {
        let mut digest = Sha256::new();
        digest.update(purpose.as_bytes());
        for number in numbers {
            digest.update(number.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(digest.finalize().into()))
    }

    /// The dice of one of its streams.
    pub(super) fn dice(&self, stream: u64) -> Dice {
        let mut dice = self.0.clone();
        dice.set_stream(stream);
        Dice(dice)
    }
}

impl Dice {
    /// A number below `n`; 0 if that is 0.
    pub(super) fn below(&mut self, n: u32) -> u32 {
        // A product rather than a remainder: no division, and nothing is drawn twice.
        let wide = u64::from(self.0.next_u32()) * u64::from(n);
        u32::try_from(wide >> 32).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i32, high: i32) -> i32 {
        low.saturating_add_unsigned(self.below(high.abs_diff(low).saturating_add(1)))
    }

    /// Whether something happens that happens so many times in a thousand.
    pub(super) fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1_000) < per_mille
    }

    /// The place of one of so many things.
    pub(super) fn place(&mut self, things: usize) -> usize {
        let things = u32::try_from(things).unwrap_or(u32::MAX);
        usize::try_from(self.below(things)).unwrap_or(0)
    }

    /// One of these.
    pub(super) fn pick<T: Copy>(&mut self, things: &[T]) -> T {
        things[self.place(things.len())]
    }

    /// The place of one of these weights, each as likely as it is heavy.
    pub(super) fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut rest = self.below(weights.iter().sum());
        for (place, weight) in weights.iter().enumerate() {
            match rest.checked_sub(*weight) {
                Some(less) => rest = less,
                None => return place,
            }
        }
        0
    }

    /// Sixteen bytes.
    pub(super) fn bytes(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_numbers_fall_on_every_machine() {
        let mut dice = Urn::new("test", &[1, 2]).dice(3);
        let thrown: Vec<u32> = (0..6).map(|_| dice.below(1_000)).collect();
        assert_eq!(thrown, [847, 339, 856, 572, 192, 261]);
    }

    #[test]
    fn what_is_drawn_from_one_stream_moves_no_other() {
        let urn = Urn::new("test", &[1]);
        let alone = urn.dice(2).bytes();
        urn.dice(1).bytes();
        assert_eq!(urn.dice(2).bytes(), alone);
        assert_ne!(urn.dice(1).bytes(), alone);
        assert_ne!(Urn::new("test", &[2]).dice(2).bytes(), alone);
    }

    #[test]
    fn weights_are_kept() {
        let mut dice = Urn::new("test", &[1]).dice(1);
        let mut thrown = [0_u32; 3];
        for _ in 0..10_000 {
            thrown[dice.weighted(&[1, 0, 3])] += 1;
        }
        assert_eq!(thrown[1], 0);
        assert!(thrown[0].abs_diff(2_500) < 150, "{thrown:?}");
    }
}
