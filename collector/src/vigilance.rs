//! Which avis are set aside as they come, and why: hard on who cheats, kind to crowds.
//!
//! An avis is **vouched for** if a form token came with it that was given out here, for its démarche, long enough ago for
//! a person to have answered and not more than a day ago, and that came with no other avis. That it is not is no reason
//! by itself, nor is any of these alone: programs send without a token, and the fetch of one may fail. It only makes the
//! room smaller that a network or a day has. Of what is set aside it is told beside the reason that it came too fast.
//!
//! Everything here is known at the moment of arrival, in the memory of this process, and nothing of it is stored but the
//! [`Reasons`]. How satisfied people are and what they write counts for nothing: an outage is a sudden crowd of angry
//! people who say the same, and must be heard.

mod book;
mod learning;
mod thresholds;

pub use book::Usual;
pub use learning::keep_learning;
pub use thresholds::Thresholds;

use crate::catalogue::{Bouton, BoutonChannel, DemarcheId};
use crate::day::Day;
use crate::generations::Generations;
use crate::identity::{FORM_TIME, FormToken};
use crate::quarantine::{Reason, Reasons};
use crate::sender::Sender;
use book::Book;
use jiff::{SignedDuration, Timestamp};
use shared::PageAddress;
use siphasher::sip::SipHasher24;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// The watch over a collector's entrance; clones share what they have seen.
#[derive(Clone)]
pub struct Vigilance(Arc<Watch>);

struct Watch {
    thresholds: Thresholds,
    /// What was counted today; none where nothing is to be.
    book: Option<Mutex<Book>>,
    /// With which avis each token came first: a hash of its key, since a key opens its avis.
    tokens: Mutex<Generations<u64, u64>>,
    hashing: SipHasher24,
}

/// Tokens that are remembered at least, some 5 MB at most: those of the busiest day several times over.
const TOKENS: usize = 100_000;

/// How an avis came.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// When.
    pub at: Timestamp,
    /// From whom.
    pub sender: Sender,
    /// About what.
    pub demarche: &'a DemarcheId,
    /// Through which bouton, if any.
    pub bouton: Option<&'a Bouton>,
    /// On which page the form was opened, if it is known.
    pub page: Option<&'a PageAddress>,
    /// Whether that is a page of this collector.
    pub is_own_page: bool,
    /// Its idempotency key.
    pub key: Uuid,
    /// Its form token, if a genuine one for this démarche came with it.
    pub token: Option<FormToken>,
    /// Whether a field was filled that people do not see.
    pub honeypot: bool,
}

/// What was decided of an avis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Why it is set aside, if it is.
    pub reasons: Reasons,
    /// What was counted of it, to be taken back should it not be stored.
    counted: Option<Counted>,
}

impl Judgement {
    /// That it is to be counted, whatever is known of it: it came from who holds a key.
    pub const TRUSTED: Self = Self { reasons: Reasons::NONE, counted: None };
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Counted {
    day: Day,
    demarche: DemarcheId,
    sender: Sender,
    vouched: bool,
}

impl Vigilance {
    /// A watch that begins today, and has seen nothing.
    #[must_use]
    pub fn new(thresholds: Thresholds, today: Day) -> Self {
        Self::watching(thresholds, Some(Mutex::new(Book::new(today))))
    }

    /// One that counts nothing, for tests on a loopback address: what tells by itself is all that sets aside.
    #[must_use]
    pub fn without_counts() -> Self {
        Self::watching(Thresholds::default(), None)
    }

    fn watching(thresholds: Thresholds, book: Option<Mutex<Book>>) -> Self {
        Self(Arc::new(Watch {
            thresholds,
            book,
            tokens: Mutex::new(Generations::of(TOKENS)),
            hashing: SipHasher24::new_with_key(Uuid::new_v4().as_bytes()),
        }))
    }

    /// Decides on an avis, and counts it unless it is set aside.
    #[must_use]
    pub fn judge(&self, arrival: &Arrival<'_>) -> Judgement {
        let mut judgement = self.judge_whatever_its_haste(arrival);
        if !judgement.reasons.is_empty() && self.is_too_fast(arrival) {
            judgement.reasons.insert(Reason::TooFast);
        }
        judgement
    }

    fn judge_whatever_its_haste(&self, arrival: &Arrival<'_>) -> Judgement {
        let mut reasons = Reasons::NONE;
        if arrival.honeypot {
            reasons.insert(Reason::Honeypot);
        }
        if is_foreign(arrival) {
            reasons.insert(Reason::ForeignOrigin);
        }
        let copied = arrival.token.is_some_and(|token| self.is_copied(&token, arrival.key));
        if copied {
            reasons.insert(Reason::TokenCopied);
        }
        // A crowd is told by its addresses, and this machine's say nothing.
        let Some(mut book) = self.book().filter(|_| !arrival.sender.is_local) else {
            return Judgement { reasons, counted: None };
        };
        let thresholds = &self.0.thresholds;
        let day = Day::of(arrival.at);
        let vouched = !copied && arrival.token.is_some_and(|token| is_credible(&token, arrival, thresholds));
        let on_shared_device = arrival.bouton.is_some_and(|bouton| bouton.channel != BoutonChannel::Online);
        book.turn_to(day);
        if book.is_over_share(thresholds, arrival.demarche, &arrival.sender, vouched, on_shared_device) {
            reasons.insert(Reason::NetworkShare);
        }
        if !vouched && book.is_surge(thresholds, arrival.demarche) {
            reasons.insert(Reason::UnvouchedSurge);
        }
        let counted = reasons.is_empty().then(|| {
            book.count(arrival.demarche, &arrival.sender, vouched);
            Counted { day, demarche: arrival.demarche.clone(), sender: arrival.sender, vouched }
        });
        Judgement { reasons, counted }
    }

    /// Counts an avis no more that was not stored, being there already or for another reason.
    pub fn take_back(&self, judgement: &Judgement) {
        if let Some(mut book) = self.book()
            && let Some(Counted { day, demarche, sender, vouched }) = &judgement.counted
        {
            book.take_back(*day, demarche, sender, *vouched);
        }
    }

    /// Learns what was counted about démarches today, by all collectors: also what came before this one was started.
    pub fn learn_today(&self, today: Day, counts: impl IntoIterator<Item = (DemarcheId, u64)>) {
        if let Some(mut book) = self.book() {
            book.learn_today(today, counts);
        }
    }

    /// Learns what démarches usually get.
    pub fn learn_usual(&self, usual: impl IntoIterator<Item = (DemarcheId, Usual)>) {
        if let Some(mut book) = self.book() {
            book.learn_usual(usual);
        }
    }

    /// Forgets networks that a flood has left behind.
    pub fn forget_the_rare(&self) {
        if let Some(mut book) = self.book() {
            book.forget_the_rare();
        }
    }

    /// Whether anything is counted.
    fn counts(&self) -> bool {
        self.0.book.is_some()
    }

    fn book(&self) -> Option<MutexGuard<'_, Book>> {
        self.0.book.as_ref().map(|book| book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether nobody can have answered since the token was given out. Where the clock of another collector is ahead,
    /// nothing is known of it.
    fn is_too_fast(&self, arrival: &Arrival<'_>) -> bool {
        let too_fast = SignedDuration::ZERO..self.0.thresholds.too_fast;
        arrival.token.is_some_and(|token| too_fast.contains(&token.age(arrival.at)))
    }

    /// Whether this token came with another avis before. With the same one it comes again when that is sent again.
    fn is_copied(&self, token: &FormToken, key: Uuid) -> bool {
        let key = self.0.hashing.hash(key.as_bytes());
        let mut tokens = self.0.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = tokens.get(&token.nonce) {
            return *first != key;
        }
        tokens.add(token.nonce, key);
        false
    }
}

/// Whether a person may have answered since this token was given out.
fn is_credible(token: &FormToken, arrival: &Arrival<'_>, thresholds: &Thresholds) -> bool {
    (thresholds.too_fast..=FORM_TIME).contains(&token.age(arrival.at))
}

/// Whether an avis came from a page on which its bouton has no place, as far as its bouton says where that is.
fn is_foreign(arrival: &Arrival<'_>) -> bool {
    let (Some(bouton), Some(page)) = (arrival.bouton, arrival.page) else { return false };
    !bouton.origins.is_empty()
        && !arrival.is_own_page
        && !bouton.origins.iter().any(|origin| origin == page.origin())
}

#[cfg(test)]
mod tests;
