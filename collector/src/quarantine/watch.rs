//! What an operator should look at: démarches whose avis are suddenly others, and comments that are alike. Nothing is set
//! aside for it: a service that is down gets many avis that are bad and say the same, and these have to count.

use crate::catalogue::DemarcheId;
use crate::day::Day;
use crate::observatoire::fold;
use crate::store::{Avis, Period};
use shared::Tally;
use shared::questionnaire::Satisfaction;
use shared::tally::Cell;
use siphasher::sip128::{Hasher128, SipHasher24};
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use uuid::Uuid;

/// The days before yesterday that a day is compared with: four of each day of the week.
const DAYS_BEFORE: i32 = 28;

/// Avis that a day must have, and those before it, for their shares to be compared.
const AVIS_MIN: u64 = 20;

/// How many standard deviations make a change. Of 250 démarches looked at every day, chance shows one in two months at 4.
const SUDDEN: f64 = 4.0;

/// Yesterday, and today as far as it is.
#[must_use]
pub fn days(today: Day) -> [Day; 2] {
    [today.plus(-1), today]
}

/// The days that they are compared with.
#[must_use]
pub fn before(today: Day) -> Period {
    Period { from: today.plus(-1 - DAYS_BEFORE), to: today.plus(-2) }
}

/// How many avis are «pas bien», of how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// «Pas bien».
    pub bad: u64,
    /// All.
    pub avis: u64,
}

impl Share {
    /// That of a décompte.
    #[must_use]
    pub fn of(tally: &Tally) -> Self {
        use Satisfaction::{Moyen, PasBien, TresBien};
        let count = |choice| tally.count(Cell::Satisfaction(choice));
        Self { bad: count(PasBien), avis: count(PasBien) + count(Moyen) + count(TresBien) }
    }

    /// In per cent; 0 of none.
    #[must_use]
    pub fn percent(self) -> f64 {
        if self.avis == 0 { 0.0 } else { 100.0 * float(self.bad) / float(self.avis) }
    }

    /// By how many standard deviations it is above another one, were both of the same avis (two-proportion z-test with
    /// the pooled share); 0 where all avis of both are alike.
    #[must_use]
    pub fn above(self, other: Self) -> f64 {
        let (n, m) = (float(self.avis), float(other.avis));
        let pooled = (float(self.bad) + float(other.bad)) / (n + m);
        let deviation = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
        if deviation > 0.0 { (self.percent() - other.percent()) / 100.0 / deviation } else { 0.0 }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}

/// A démarche whose avis of a day are others than before.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The démarche.
    pub demarche: DemarcheId,
    /// The share of «pas bien» that day.
    pub now: Share,
    /// The same before.
    pub before: Share,
    /// By how many standard deviations the first is above the second.
    pub z: f64,
}

/// The démarches whose avis of a day differ from those before by more than chance does, the most first.
#[must_use]
pub fn changes(day: &[(DemarcheId, Tally)], before: &[(DemarcheId, Tally)]) -> Vec<Change> {
    let before: HashMap<&DemarcheId, Share> =
        before.iter().map(|(id, tally)| (id, Share::of(tally))).collect();
    let mut changes: Vec<Change> = day
        .iter()
        .filter_map(|(id, tally)| {
            let (now, before) = (Share::of(tally), before.get(id).copied().unwrap_or_default());
            let z = (now.avis >= AVIS_MIN && before.avis >= AVIS_MIN).then(|| now.above(before))?;
            (z.abs() >= SUDDEN).then(|| Change { demarche: id.clone(), now, before, z })
        })
        .collect();
    changes.sort_by(|a, b| b.z.abs().total_cmp(&a.z.abs()));
    changes
}

/// Comments about a démarche on one day that say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    /// The démarche.
    pub demarche: DemarcheId,
    /// The day.
    pub day: Day,
    /// How many avis.
    pub avis: u64,
    /// How one of them begins.
    pub example: String,
}

/// Letters of an example.
const EXAMPLE: usize = 200;

/// Comments, counted by what they say once capitals, accents and spaces are left aside. Of those that came once only a
/// hash is held: what strangers write is as long and as various as they like.
pub struct Comments {
    hashing: SipHasher24,
    once: HashSet<u128>,
    alike: HashMap<u128, Alike>,
}

impl Default for Comments {
    fn default() -> Self {
        let hashing = SipHasher24::new_with_key(Uuid::new_v4().as_bytes());
        Self { hashing, once: HashSet::new(), alike: HashMap::new() }
    }
}

impl Comments {
    /// Counts those of some avis.
    pub fn add(&mut self, avis: &[Avis]) {
        for one in avis {
            let Some(comment) = &one.answers.comment else { continue };
            let mut same = self.hashing;
            (&one.demarche, one.day, fold(comment).trim()).hash(&mut same);
            let same = same.finish128().as_u128();
            if let Some(alike) = self.alike.get_mut(&same) {
                alike.avis += 1;
            } else if !self.once.insert(same) {
                let example = comment.chars().take(EXAMPLE).collect();
                self.alike
                    .insert(same, Alike { demarche: one.demarche.clone(), day: one.day, avis: 2, example });
            }
        }
    }

    /// Those that so many avis, two or more, give on one day, the most frequent first.
    #[must_use]
    pub fn alike(self, at_least: u64) -> Vec<Alike> {
        let mut alike: Vec<Alike> = self.alike.into_values().filter(|alike| alike.avis >= at_least).collect();
        alike.sort_by(|a, b| {
            (Reverse(a.avis), &a.demarche, a.day, &a.example).cmp(&(
                Reverse(b.avis),
                &b.demarche,
                b.day,
                &b.example,
            ))
        });
        alike
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::AvisKey;
    use crate::quarantine::Reasons;
    use crate::store::samples::day;
    use shared::Answers;

    fn tally(bad: i64, good: i64) -> Tally {
        let mut tally = Tally::default();
        tally[Cell::Satisfaction(Satisfaction::PasBien)] = bad;
        tally[Cell::Satisfaction(Satisfaction::TresBien)] = good;
        tally
    }

    fn id(id: &str) -> DemarcheId {
        DemarcheId(id.to_owned())
    }

    #[test]
    fn a_sudden_change_is_told_from_chance() {
        let before = [(id("down"), tally(100, 900)), (id("same"), tally(100, 900)), (id("few"), tally(1, 9))];
        let now = [
            (id("same"), tally(14, 86)),
            (id("down"), tally(60, 40)),
            (id("few"), tally(60, 40)),
            (id("new"), tally(60, 40)),
            (id("tiny"), tally(9, 0)),
        ];
        let changes = changes(&now, &before);
        let found: Vec<_> =
            changes.iter().map(|one| (one.demarche.0.as_str(), one.now, one.before)).collect();
        let (now, before) = (Share { bad: 60, avis: 100 }, Share { bad: 100, avis: 1_000 });
        assert_eq!(found, [("down", now, before)]);
        // By hand: 0.5 / √(0.14545 · 0.85455 · 0.011).
        assert!((changes[0].z - 13.522).abs() < 0.001, "{}", changes[0].z);
    }

    #[test]
    fn a_day_without_anything_bad_is_compared_too() {
        let (none, some) = (Share { bad: 0, avis: 400 }, Share { bad: 100, avis: 1_000 });
        assert!(none.above(some) < -6.0);
        assert!((none.above(none)).abs() < f64::EPSILON);
        let all = Share { bad: 5, avis: 5 };
        assert!((all.above(all)).abs() < f64::EPSILON);
    }

    #[test]
    fn comments_are_alike_whatever_their_capitals_accents_and_spaces() {
        let avis = |number, on: &str, comment: Option<&str>| {
            let answers = Answers { comment: comment.map(str::to_owned), ..Answers::default() };
            Avis {
                id: AvisKey::imported("test", "1", number).on(day(on)),
                demarche: id("1"),
                bouton: None,
                day: day(on),
                language: None,
                page: None,
                tally: Tally::of(&answers),
                set_aside: Reasons::NONE,
                answers,
            }
        };
        let mut comments = Comments::default();
        comments.add(&[avis(1, "2026-11-22", Some("Ça ne marche pas")), avis(2, "2026-11-22", None)]);
        comments.add(&[
            avis(3, "2026-11-22", Some("ca  NE\nmarche pas ")),
            avis(4, "2026-11-21", Some("ça ne marche pas")),
            avis(5, "2026-11-22", Some("ça marche")),
        ]);
        let long = "é".repeat(5_000);
        for number in 6..9 {
            comments.add(&[avis(number, "2026-11-20", Some(&long))]);
        }
        let longest = Alike { demarche: id("1"), day: day("2026-11-20"), avis: 3, example: "é".repeat(200) };
        let example = "ca  NE\nmarche pas ".to_owned();
        let expected = Alike { demarche: id("1"), day: day("2026-11-22"), avis: 2, example };
        assert_eq!(comments.alike(2), [longest, expected]);
    }
}
