//! The quarantine: avis that are stored and not counted, because something about how they came says that they may not be
//! honest. Each is kept with the reason, and every act is reversible: an honest avis that was set aside loses nothing
//! but time.

pub mod watch;

use std::fmt;

/// Why an avis is set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A field that no person sees was filled.
    Honeypot,
    /// Its form token had been sent with another avis.
    TokenCopied,
    /// It came from a page whose origin its bouton does not declare.
    ForeignOrigin,
    /// The network it came from gave more than its share of what its démarche got that day.
    NetworkShare,
    /// It came without a credible form token, among more of these than its démarche ever gets.
    UnvouchedSurge,
    /// A person set it aside, for a reason of theirs.
    ByHand,
    /// It came sooner after its form token than people answer. Never the only reason.
    TooFast,
}

impl Reason {
    /// Every reason, in the order of their bits.
    pub const ALL: [Self; 7] = [
        Self::Honeypot,
        Self::TokenCopied,
        Self::ForeignOrigin,
        Self::NetworkShare,
        Self::UnvouchedSurge,
        Self::ByHand,
        Self::TooFast,
    ];

    /// How commands and metrics call it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Honeypot => "honeypot",
            Self::TokenCopied => "token_copied",
            Self::ForeignOrigin => "foreign_origin",
            Self::NetworkShare => "network_share",
            Self::UnvouchedSurge => "unvouched_surge",
            Self::ByHand => "by_hand",
            Self::TooFast => "too_fast",
        }
    }

    fn bit(self) -> u16 {
        // The position in `ALL` is what databases and spools hold: new reasons go at its end.
        1 << self as u16
    }
}

/// The reasons why one avis is set aside, and whether a person found them good; it is counted if there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Reasons(u16);

/// The bit of reasons that a person found good: the highest that all databases hold without a sign.
const CONFIRMED: u16 = 1 << 14;

impl Reasons {
    /// None: the avis is counted.
    pub const NONE: Self = Self(0);

    /// Adds a reason.
    pub fn insert(&mut self, reason: Reason) {
        self.0 |= reason.bit();
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether this is one of them.
    #[must_use]
    pub fn contains(self, reason: Reason) -> bool {
        self.0 & reason.bit() != 0
    }

    /// Each of them, in the order of [`Reason::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Reason> {
        Reason::ALL.into_iter().filter(move |reason| self.contains(*reason))
    }

    /// Whether a person looked, and found that the avis is not to count.
    #[must_use]
    pub fn is_confirmed(self) -> bool {
        self.0 & CONFIRMED != 0
    }

    /// The same, found good by a person.
    #[must_use]
    pub fn confirmed(self) -> Self {
        if self.is_empty() { self } else { Self(self.0 | CONFIRMED) }
    }

    /// As an integer, bit *i* being the reason *i* of [`Reason::ALL`] and bit 14 that they are confirmed: how they are
    /// stored.
    #[must_use]
    pub fn bits(self) -> u16 {
        self.0
    }

    /// The reasons behind [`bits`](Self::bits); none if a bit stands for no reason, or nothing is there to confirm.
    #[must_use]
    pub fn from_bits(bits: u16) -> Option<Self> {
        let known = bits & !CONFIRMED;
        (known >> Reason::ALL.len() == 0 && bits != CONFIRMED).then_some(Self(bits))
    }
}

impl FromIterator<Reason> for Reasons {
    fn from_iter<T: IntoIterator<Item = Reason>>(reasons: T) -> Self {
        let mut all = Self::NONE;
        reasons.into_iter().for_each(|reason| all.insert(reason));
        all
    }
}

/// Their codes, separated by commas.
impl fmt::Display for Reasons {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, reason) in self.iter().enumerate() {
            let separator = if place == 0 { "" } else { "," };
            write!(formatter, "{separator}{}", reason.code())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_what_their_bits_say() {
        for bits in 0..1 << Reason::ALL.len() {
            let reasons = Reasons::from_bits(bits).unwrap();
            assert_eq!(reasons.iter().collect::<Reasons>(), reasons);
            assert_eq!(reasons.iter().count(), bits.count_ones() as usize);
        }
        assert_eq!(Reasons::from_bits(1 << Reason::ALL.len()), None);
        assert_eq!(Reasons::from_bits(CONFIRMED), None);
        assert!(Reasons::NONE.confirmed().is_empty());
        let reasons: Reasons = [Reason::ForeignOrigin, Reason::Honeypot].into_iter().collect();
        assert_eq!((reasons.to_string().as_str(), reasons.bits()), ("honeypot,foreign_origin", 0b101));
        let confirmed = reasons.confirmed();
        assert!(confirmed.is_confirmed() && !reasons.is_confirmed());
        assert_eq!(Reasons::from_bits(confirmed.bits()), Some(confirmed));
        assert_eq!(confirmed.iter().collect::<Reasons>(), reasons);
        // What databases and spools hold: these never change.
        let bits = Reason::ALL.map(|reason| (reason.code(), reason.bit()));
        let known = [
            "honeypot",
            "token_copied",
            "foreign_origin",
            "network_share",
            "unvouched_surge",
            "by_hand",
            "too_fast",
        ];
        assert_eq!(
            bits.to_vec(),
            (0..).map(|place| 1 << place).zip(known).map(|(bit, code)| (code, bit)).collect::<Vec<_>>()
        );
        assert!(bits.iter().all(|(_, bit)| *bit < CONFIRMED));
    }
}
