//! Where suspicion begins. Each threshold is configuration, with a default that the simulator was used to find (see
//! `docs/vigilance.md`).

use jiff::SignedDuration;

/// From where on what is suspicious.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// How long after the form was opened an answer can be a person's. Nobody reads three smileys and presses two
    /// buttons in less than a second; a program that waits is believed, so more would only hurt quick people.
    pub too_fast: SignedDuration,
    /// Avis that one address may give about a démarche in a day, whatever its share: an hour of a busy kiosk, an open day
    /// in a town hall.
    pub share_vouched: u64,
    /// The same for avis not vouched for, each of which costs a single request, about a démarche with a history.
    pub share_unvouched: u64,
    /// The same for avis vouched for that came through a bouton of another channel than online, which stands on a shared
    /// device: a kiosk in front of a queue brings one avis a minute all day.
    pub share_shared_device: u64,
    /// How many times as much a network may give as one of its addresses: it is a company or a part of a mobile carrier,
    /// with several.
    pub share_network_times: u64,
    /// The part of a démarche's day, in per cent, that one network may give beyond this: on a busy day a carrier brings
    /// more than any of these numbers, and never a fifth of all.
    pub share_percent: u64,
    /// Avis not vouched for that a démarche may get in a day, however few it usually gets.
    pub surge_floor: u64,
    /// How many times its usual day they may be.
    pub surge_times: u64,
    /// Avis of the half year before without which a démarche has no history, and nothing is usual.
    pub history: u64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            too_fast: SignedDuration::from_secs(1),
            share_vouched: 200,
            share_unvouched: 50,
            share_shared_device: 1_000,
            share_network_times: 4,
            share_percent: 20,
            surge_floor: 25,
            surge_times: 3,
            history: 100,
        }
    }
}
