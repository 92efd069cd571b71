//! Who sends, as far as crowds can be told from floods: the networks of a client's address, as hashes under a key of the
//! day. The key is in memory alone and is replaced at midnight in Paris: from then on nobody, not even this process,
//! can say which address a hash was of, nor whether it is that of the day before.

use crate::catalogue::DemarcheId;
use crate::day::Day;
use siphasher::sip::SipHasher24;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{PoisonError, RwLock};
use uuid::Uuid;

/// The networks of one sender on one day. Two senders of another day have nothing in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sender {
    /// What stands for one subscriber: an IPv4 address, the /64 of an IPv6 address.
    pub address: u64,
    /// The network around it, such as that of a company or of a part of a mobile carrier: /24, or /48.
    pub network: u64,
    /// The network around that, for floods that come from everywhere: /16, or /32.
    pub region: u64,
    /// Whether it is this machine. Then it is a program of the operator, or a proxy that was not named with
    /// `--trusted-proxy`, behind which all citizens are one: nothing can be told of them by their address.
    pub is_local: bool,
}

/// The key of the day.
pub struct DayKey(RwLock<(Day, SipHasher24)>);

impl DayKey {
    /// A key for this day.
    #[must_use]
    pub fn new(today: Day) -> Self {
        Self(RwLock::new((today, random())))
    }

    /// The networks of an address.
    #[must_use]
    pub fn sender(&self, address: IpAddr, today: Day) -> Sender {
        let address = address.to_canonical();
        let key = self.of(today);
        // With the bits: an address may be written like the network around it.
        let hash = |v4_bits, v6_bits| hash(&key, (v4_bits, network(address, v4_bits, v6_bits)));
        Sender {
            address: hash(32, 64),
            network: hash(24, 48),
            region: hash(16, 32),
            is_local: address.is_loopback(),
        }
    }

    /// A démarche, hashed like a network.
    #[must_use]
    pub fn demarche(&self, demarche: &DemarcheId, today: Day) -> u64 {
        hash(&self.of(today), demarche)
    }

    fn of(&self, today: Day) -> SipHasher24 {
        let (day, key) = *self.0.read().unwrap_or_else(PoisonError::into_inner);
        // A clock that is set back makes no new key.
        if day >= today {
            return key;
        }
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if held.0 < today {
            *held = (today, random());
        }
        held.1
    }
}

/// 122 random bits, and six that are always the same.
fn random() -> SipHasher24 {
    SipHasher24::new_with_key(Uuid::new_v4().as_bytes())
}

fn hash(key: &SipHasher24, what: impl Hash) -> u64 {
    let mut hasher = *key;
    what.hash(&mut hasher);
    hasher.finish()
}

/// The network of an address, of so many bits.
fn network(address: IpAddr, v4_bits: u8, v6_bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(u32::from(32 - v4_bits)).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(u32::from(128 - v6_bits)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Day = Day::constant(2026, 11, 22);

    #[test]
    fn a_subscriber_with_many_ipv6_addresses_is_one_sender_within_its_networks() {
        let key = DayKey::new(TODAY);
        let of = |address: &str| key.sender(address.parse().unwrap(), TODAY);
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2:ffff::1"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
        let (one, other) = (of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(one.address, other.address);
        assert_eq!((one.network, one.region), (other.network, other.region));
        let (one, other) = (of("192.0.2.1"), of("192.0.3.1"));
        assert_ne!((one.address, one.network), (other.address, other.network));
        assert_eq!(one.region, other.region);
        let first = of("192.0.0.0");
        assert!(first.address != first.network && first.network != first.region, "{first:?}");
        assert_eq!(network("192.0.2.1".parse().unwrap(), 16, 32).to_string(), "192.0.0.0");
        assert_eq!(network("2001:db8:1:2::1".parse().unwrap(), 24, 48).to_string(), "2001:db8:1::");
    }

    #[test]
    fn this_machine_is_known() {
        let key = DayKey::new(TODAY);
        let is_local = |address: &str| key.sender(address.parse().unwrap(), TODAY).is_local;
        assert!(["127.0.0.1", "::1", "::ffff:127.0.0.9"].into_iter().all(is_local));
        assert!(!["10.0.0.1", "192.0.2.1", "fe80::1"].into_iter().any(is_local));
    }

    #[test]
    fn the_next_day_knows_nobody_of_the_day_before() {
        let key = DayKey::new(TODAY);
        let address: IpAddr = "192.0.2.1".parse().unwrap();
        let today = key.sender(address, TODAY);
        assert_eq!(key.sender(address, TODAY), today);
        let tomorrow = key.sender(address, TODAY.plus(1));
        assert_ne!((today.address, today.network), (tomorrow.address, tomorrow.network));
        assert_eq!(key.sender(address, TODAY), tomorrow, "a clock that goes back finds the key gone");
    }
}
