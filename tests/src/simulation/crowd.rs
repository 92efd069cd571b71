//! Who sends avis: from which addresses, about what, how quickly.

use std::net::Ipv4Addr;

use rand::Rng;

use super::{Stood, Visit, Vouch};

/// Démarches of a collector.
pub(super) const DEMARCHES: usize = 250;

/// Per mille of all avis that the ten largest démarches have; the first of them is what tax day is about.
const LARGEST: [u32; 10] = [140, 85, 65, 55, 45, 40, 35, 28, 25, 22];

/// The démarche that attackers are after: one of the many small ones.
pub(super) const ATTACKED: usize = DEMARCHES - 1;

/// When people are awake.
const AWAKE: std::ops::Range<u32> = 6 * 3_600..22 * 3_600;

/// A subscriber of a fixed line.
pub(super) fn at_home(random: &mut impl Rng) -> Ipv4Addr {
    Ipv4Addr::from_bits(random.random_range(0x5000_0000..0x7e00_0000))
}

/// One of so many addresses of a carrier, in networks of 256: each stands for thousands of subscribers.
pub(super) fn by_carrier(random: &mut impl Rng, carrier: u32, networks: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(
        0x2500_0000 + (carrier << 16) + (random.random_range(0..networks) << 8) + random.random_range(0..64),
    )
}

/// Anybody: four in ten by one of four mobile carriers, with eight networks each, one in twenty from one of 200 offices.
pub(super) fn anybody(random: &mut impl Rng) -> Ipv4Addr {
    match random.random_range(0..20) {
        0 => Ipv4Addr::from_bits(0xc100_0001 + (random.random_range(0..200) << 8)),
        1..=8 => {
            let carrier = random.random_range(0..4);
            by_carrier(random, carrier, 8)
        }
        _ => at_home(random),
    }
}

/// A démarche, the large ones more often.
pub(super) fn any_demarche(random: &mut impl Rng) -> usize {
    let mut place = random.random_range(0..1_000);
    for (rank, weight) in LARGEST.into_iter().enumerate() {
        if place < weight {
            return rank;
        }
        place -= weight;
    }
    random.random_range(LARGEST.len()..DEMARCHES)
}

/// How people come: one in a hundred without a token, its fetch having failed; two in a hundred sooner than a person
/// should be able to; some after hours. Who has no JavaScript has the state of the form instead, which says the same.
fn vouch(random: &mut impl Rng) -> Vouch {
    match random.random_range(0..1_000) {
        0..10 => Vouch::Nothing,
        10..30 => Vouch::Token(random.random_range(100..1_000)),
        30..40 => Vouch::Token(random.random_range(3_600_000..40_000_000)),
        _ => Vouch::Token(random.random_range(1_500..120_000)),
    }
}

/// A person who gives an honest avis, at any time of the day.
pub(super) fn person(random: &mut impl Rng, address: Ipv4Addr, demarche: usize) -> Visit {
    Visit {
        at: random.random_range(AWAKE),
        address,
        demarche,
        vouch: vouch(random),
        stood: Stood::Online,
        honeypot: false,
        is_honest: true,
    }
}

/// So many people of all kinds, about all démarches.
pub(super) fn public(random: &mut impl Rng, avis: usize) -> Vec<Visit> {
    (0..avis)
        .map(|_| {
            let (address, demarche) = (anybody(random), any_demarche(random));
            person(random, address, demarche)
        })
        .collect()
}

/// So many people of all kinds, about one démarche.
pub(super) fn people(random: &mut impl Rng, avis: usize, demarche: usize) -> Vec<Visit> {
    (0..avis)
        .map(|_| {
            let address = anybody(random);
            person(random, address, demarche)
        })
        .collect()
}

/// An avis of somebody who wants the note to fall.
pub(super) fn attack(random: &mut impl Rng, address: Ipv4Addr, vouch: Vouch) -> Visit {
    Visit {
        at: random.random_range(AWAKE),
        address,
        demarche: ATTACKED,
        vouch,
        stood: Stood::Online,
        honeypot: false,
        is_honest: false,
    }
}
