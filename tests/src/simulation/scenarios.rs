//! What is played.

use std::net::Ipv4Addr;

use rand::Rng as _;

use super::crowd::{self, ATTACKED, attack, people, person, public};
use super::{Ledger, Stood, Visit, Vouch, World};

/// A scenario.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// What happens, in a line.
    pub name: &'static str,
    /// What is asked of it.
    pub bound: Bound,
    play: fn(&mut World),
}

/// What is asked of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// No honest avis is held back or refused.
    NoneHeldBack,
    /// Of the dishonest ones, one in a hundred is counted at most.
    OneInAHundred,
    /// The note moves down by a tenth at most.
    ATenth,
    /// As [`ATenth`](Self::ATenth), and known not to be met: what comes of it is told, and nothing is asked.
    KnownShortfall,
}

impl Bound {
    /// As the table tells it.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::NoneHeldBack => "none held back",
            Self::OneInAHundred => "1 % counted at most",
            Self::ATenth => "moves by 0.1 at most",
            Self::KnownShortfall => "moves by 0.1 at most: **known shortfall**",
        }
    }
}

impl Scenario {
    /// Plays it.
    #[must_use]
    pub fn run(&self, seed: u64) -> Ledger {
        let mut world = World::new(seed);
        (self.play)(&mut world);
        world.ledger
    }
}

/// Every scenario, crowds first.
#[must_use]
pub fn all() -> Vec<Scenario> {
    let one = |name, bound, play| Scenario { name, bound, play };
    vec![
        one("a kiosk in a France services house, 240 a day about many démarches", Bound::NoneHeldBack, kiosk),
        one("a kiosk at a counter, 300 a day about one démarche", Bound::NoneHeldBack, counter),
        one(
            "a ministry behind one address, and one behind four of a /24, among the public",
            Bound::NoneHeldBack,
            ministry,
        ),
        one("tax day: 21,000 avis, 14,000 about one démarche", Bound::NoneHeldBack, tax_day),
        one("carriers behind few addresses, about a démarche of 500 a day", Bound::NoneHeldBack, carriers),
        one("a démarche that breaks: 600 within the hour, 60 % pas bien, alike", Bound::NoneHeldBack, outage),
        one(
            "a site that keeps a form of before tokens, on a day with five times its avis",
            Bound::NoneHeldBack,
            form_of_old,
        ),
        one("one in five tokens is blocked, on a day with twice the avis", Bound::NoneHeldBack, blocked),
        one("one address, no token, 20,000 in a day", Bound::OneInAHundred, naive),
        one("the same, about a démarche that is new", Bound::OneInAHundred, naive_on_a_new_one),
        one("one address, a fresh token each, human ages, 20,000 in a day", Bound::OneInAHundred, patient),
        one("one token, copied to 1,000 addresses, 20,000 in a day", Bound::OneInAHundred, copied),
        one("programs that fill in every field, 10,000 addresses", Bound::OneInAHundred, every_field),
        one("a button pasted on a page of somebody else, 3,500", Bound::OneInAHundred, pasted),
        one("a botnet of 10,000 addresses, no token, 20,000 in a day", Bound::ATenth, botnet),
        one(
            "a botnet of 10,000 addresses with a fresh token each, 20,000 in a day",
            Bound::KnownShortfall,
            botnet_of_browsers,
        ),
        one("5 a day for a year, no token", Bound::KnownShortfall, drip),
        one("5 a day for a year, a fresh token each", Bound::KnownShortfall, drip_with_tokens),
    ]
}

/// Days in which a collector gets to know who usually comes.
const KNOWN_DAYS: u32 = 28;

/// The address of one attacker.
const ATTACKER: Ipv4Addr = Ipv4Addr::new(185, 0, 2, 1);

/// Four weeks in which a démarche gets so many avis a day, as in the half year before; returns the next day.
fn known(world: &mut World, demarche: usize, a_day: u32) -> u32 {
    world.usually(demarche, a_day.into());
    for day in 0..KNOWN_DAYS {
        let visits = people(&mut world.random, a_day as usize, demarche);
        world.play(day, visits);
    }
    KNOWN_DAYS
}

fn kiosk(world: &mut World) {
    for day in 0..7 {
        let mut visits = public(&mut world.random, 5_300);
        for _ in 0..240 {
            let demarche = crowd::any_demarche(&mut world.random);
            visits.push(person(&mut world.random, Ipv4Addr::new(193, 5, 5, 5), demarche));
        }
        world.play(day, visits);
    }
}

fn counter(world: &mut World) {
    world.usually(ATTACKED, 300);
    for day in 0..7 {
        let at_the_counter = |world: &mut World| Visit {
            stood: Stood::Kiosk,
            ..person(&mut world.random, Ipv4Addr::new(193, 5, 5, 5), ATTACKED)
        };
        let visits = (0..300).map(|_| at_the_counter(world)).collect();
        world.play(day, visits);
    }
}

fn ministry(world: &mut World) {
    for day in 0..7 {
        let mut visits = public(&mut world.random, 5_300);
        for number in 0..1_600 {
            let last = if number % 2 == 0 { 1 } else { world.random.random_range(2..6) };
            let demarche = crowd::any_demarche(&mut world.random);
            visits.push(person(&mut world.random, Ipv4Addr::new(194, 7, 7, last), demarche));
        }
        world.play(day, visits);
    }
}

fn tax_day(world: &mut World) {
    let day = known(world, 0, 800);
    let mut visits = public(&mut world.random, 7_000);
    visits.extend(people(&mut world.random, 14_000, 0));
    world.play(day, visits);
}

fn carriers(world: &mut World) {
    let day = known(world, ATTACKED, 500);
    let visits = (0..500)
        .map(|_| {
            let carrier = world.random.random_range(0..3);
            let address = crowd::by_carrier(&mut world.random, carrier, 1);
            person(&mut world.random, address, ATTACKED)
        })
        .collect();
    world.play(day, visits);
}

fn outage(world: &mut World) {
    let day = known(world, 5, 200);
    let mut visits = people(&mut world.random, 200, 5);
    // What they say is known to nobody here: there is nothing to play.
    for visit in people(&mut world.random, 600, 5) {
        visits.push(Visit { at: 10 * 3_600 + visit.at % 3_600, ..visit });
    }
    world.play(day, visits);
}

fn form_of_old(world: &mut World) {
    world.usually(5, 200);
    for (day, avis) in (0..=KNOWN_DAYS).map(|day| (day, if day == KNOWN_DAYS { 1_000 } else { 200 })) {
        let visits = people(&mut world.random, avis, 5);
        world.play(day, visits.into_iter().map(|visit| Visit { vouch: Vouch::Nothing, ..visit }).collect());
    }
}

fn blocked(world: &mut World) {
    let day = known(world, 5, 200);
    let visits = people(&mut world.random, 400, 5).into_iter().enumerate();
    let without = |(number, visit)| match number % 5 {
        0 => Visit { vouch: Vouch::Nothing, ..visit },
        _ => visit,
    };
    world.play(day, visits.map(without).collect());
}

/// An attack on a known démarche of six a day, by so many avis.
fn attacked(world: &mut World, avis: u32, visit: impl Fn(&mut World, u32) -> Visit) {
    let day = known(world, ATTACKED, 6);
    let mut visits = people(&mut world.random, 6, ATTACKED);
    visits.extend((0..avis).map(|number| visit(world, number)));
    world.play(day, visits);
}

/// One of so many machines far apart.
fn machine(number: u32, of: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(0x2e00_0000 + (number % of) * 1_009)
}

/// How long a patient program waits before it sends, in milliseconds.
fn patience(world: &mut World) -> Vouch {
    Vouch::Token(world.random.random_range(4_000..60_000))
}

fn naive(world: &mut World) {
    attacked(world, 20_000, |world, _| attack(&mut world.random, ATTACKER, Vouch::Nothing));
}

fn naive_on_a_new_one(world: &mut World) {
    let visits = (0..20_000).map(|_| attack(&mut world.random, ATTACKER, Vouch::Nothing)).collect();
    world.play(0, visits);
}

fn patient(world: &mut World) {
    attacked(world, 20_000, |world, _| {
        let vouch = patience(world);
        attack(&mut world.random, ATTACKER, vouch)
    });
}

fn copied(world: &mut World) {
    attacked(world, 20_000, |world, number| attack(&mut world.random, machine(number, 1_000), Vouch::Copied));
}

fn every_field(world: &mut World) {
    attacked(world, 10_000, |world, number| {
        let vouch = patience(world);
        Visit { honeypot: true, ..attack(&mut world.random, machine(number, 10_000), vouch) }
    });
}

fn pasted(world: &mut World) {
    attacked(world, 3_500, |world, _| {
        let (address, vouch) = (crowd::anybody(&mut world.random), patience(world));
        Visit { stood: Stood::Elsewhere, ..attack(&mut world.random, address, vouch) }
    });
}

fn botnet(world: &mut World) {
    attacked(world, 20_000, |world, number| {
        attack(&mut world.random, machine(number, 10_000), Vouch::Nothing)
    });
}

fn botnet_of_browsers(world: &mut World) {
    attacked(world, 20_000, |world, number| {
        let vouch = patience(world);
        attack(&mut world.random, machine(number, 10_000), vouch)
    });
}

fn drip(world: &mut World) {
    drop_by_drop(world, |_| Vouch::Nothing);
}

fn drip_with_tokens(world: &mut World) {
    drop_by_drop(world, patience);
}

fn drop_by_drop(world: &mut World, vouch: impl Fn(&mut World) -> Vouch) {
    let first = known(world, ATTACKED, 6);
    for day in first..first + 365 {
        let mut visits = people(&mut world.random, 6, ATTACKED);
        for _ in 0..5 {
            let vouch = vouch(world);
            visits.push(attack(&mut world.random, ATTACKER, vouch));
        }
        world.play(day, visits);
    }
}
