//! Ports that stay ours while nobody listens on them.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::net::{Ipv4Addr, TcpListener};

/// Below the ports that systems hand out by themselves (Linux from 32768 on, others from 49152). One of those
/// would be lost to any outgoing connection as soon as its server is down; and a client that keeps calling a
/// port of its own machine's range where nobody listens ends up connected to itself.
const FIRST: u64 = 20_000;
const COUNT: u64 = 12_000;

/// A port of the loopback address that was free a moment ago, another one with each call.
///
/// # Panics
///
/// When every port is taken.
#[must_use]
pub(crate) fn free() -> u16 {
    let start = random();
    (0..COUNT)
        .filter_map(|step| u16::try_from(FIRST + start.wrapping_add(step) % COUNT).ok())
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .unwrap_or_else(|| panic!("no free port from {FIRST} on"))
}

/// A number that nobody else has, as good as a map's seed is.
#[must_use]
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one(())
}
