//! How many requests one address may make. Generous: a ministry, a mobile carrier or a kiosk is one address to us,
//! and turning honest people away is worse than counting a few too many. Only floods meet a refusal.

use governor::clock::{Clock as _, QuantaClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

type Limiter = RateLimiter<IpAddr, DashMapStateStore<IpAddr>, QuantaClock, StateInformationMiddleware>;

/// What one address may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Requests at once. The default is what 240 people send who answer every screen: an hour of a busy kiosk.
    pub burst: NonZeroU32,
    /// Requests that become possible again each hour.
    pub per_hour: NonZeroU32,
}

impl Default for Quotas {
    fn default() -> Self {
        const BURST: NonZeroU32 = NonZeroU32::new(1_200).expect("not zero");
        const PER_HOUR: NonZeroU32 = NonZeroU32::new(3_600).expect("not zero");
        Self { burst: BURST, per_hour: PER_HOUR }
    }
}

/// The limits of a collector; clones share their counts.
#[derive(Clone)]
pub struct Limits(Option<Arc<Counted>>);

struct Counted {
    quotas: Quotas,
    limiter: Limiter,
}

/// A limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exceeded {
    /// Seconds after which one more request passes.
    pub retry_after: u64,
    /// Requests that may come at once.
    burst: u32,
    /// Seconds in which an empty allowance fills up.
    window: u64,
}

impl Exceeded {
    /// One that ends in so many seconds, whatever was allowed.
    #[must_use]
    pub fn for_seconds(retry_after: u64) -> Self {
        Self { retry_after, ..Self::default() }
    }

    /// The `RateLimit` field (IETF draft 11): what is left, and when there is more.
    #[must_use]
    pub fn header(&self) -> String {
        format!("\"address\";r=0;t={}", self.retry_after)
    }

    /// The `RateLimit-Policy` field: what is allowed, in which time.
    #[must_use]
    pub fn policy(&self) -> String {
        format!("\"address\";q={};w={}", self.burst, self.window)
    }
}

impl Limits {
    /// No limits, for tests on a loopback address.
    #[must_use]
    pub fn off() -> Self {
        Self(None)
    }

    /// These limits.
    #[must_use]
    pub fn new(quotas: Quotas) -> Self {
        let period = Duration::from_hours(1) / quotas.per_hour.get();
        let quota = Quota::with_period(period)
            .unwrap_or_else(|| Quota::per_second(quotas.per_hour))
            .allow_burst(quotas.burst);
        let limiter = RateLimiter::dashmap(quota).with_middleware();
        Self(Some(Arc::new(Counted { quotas, limiter })))
    }

    /// Counts a request of this address.
    ///
    /// # Errors
    /// The address has used up its allowance.
    pub fn check(&self, address: IpAddr) -> Result<(), Exceeded> {
        let Some(counted) = &self.0 else { return Ok(()) };
        let address = address.to_canonical();
        let crowded = counted.limiter.len() > ADDRESSES_MAX;
        let key = if crowded { network(address, 16, 32) } else { network(address, 32, 64) };
        counted.limiter.check_key(&key).map(|_| ()).map_err(|refusal| {
            let wait = refusal.wait_time_from(counted.limiter.clock().now());
            Exceeded {
                retry_after: wait.as_secs() + 1,
                burst: counted.quotas.burst.get(),
                window: u64::from(counted.quotas.burst.get()) * 3_600
                    / u64::from(counted.quotas.per_hour.get()),
            }
        })
    }

    /// Forgets addresses whose allowance is full again: governor never does so by itself.
    pub fn forget_the_idle(&self) {
        if let Some(counted) = &self.0 {
            counted.limiter.retain_recent();
            counted.limiter.shrink_to_fit();
        }
    }
}

/// How many addresses are counted one by one, some 20 MB. While more have been seen within minutes, which only a flood
/// of forged or hired addresses does, everybody is counted by their wider network: who shares it with the flood may be
/// turned away with it, and the networks are few.
const ADDRESSES_MAX: usize = 250_000;

/// What is counted together: the network of an address, of so many bits. One IPv4 address is one; of IPv6 it is the
/// /64 that a subscriber has for themselves.
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

    #[test]
    fn an_address_has_its_burst_and_no_more_and_its_neighbour_has_its_own() {
        let limits = Limits::new(Quotas { burst: NonZeroU32::new(3).unwrap(), ..Quotas::default() });
        let address: IpAddr = "192.0.2.1".parse().unwrap();
        for _ in 0..3 {
            assert_eq!(limits.check(address), Ok(()));
        }
        let exceeded = limits.check(address).unwrap_err();
        assert_eq!((exceeded.policy().as_str(), exceeded.retry_after >= 1), ("\"address\";q=3;w=3", true));
        assert_eq!(limits.check("::ffff:192.0.2.1".parse().unwrap()).unwrap_err().burst, 3);
        assert_eq!(limits.check("192.0.2.2".parse().unwrap()), Ok(()));
    }

    #[test]
    fn a_flood_of_addresses_is_counted_by_its_networks() {
        const NETWORKS: u32 = 16;
        let limits = Limits::new(Quotas { burst: NonZeroU32::new(3).unwrap(), ..Quotas::default() });
        // A million times another /64, in few /32.
        let flood = |number: u32| {
            let network = u128::from(0x2a00_0000 + number % NETWORKS) << 96;
            IpAddr::V6(Ipv6Addr::from_bits(network | u128::from(number) << 64 | 1))
        };
        let refused = (0..1_000_000).filter(|number| limits.check(flood(*number)).is_err()).count();

        let counted = limits.0.as_ref().unwrap().limiter.len();
        let most = ADDRESSES_MAX + 1 + usize::try_from(NETWORKS).unwrap();
        assert!((ADDRESSES_MAX..=most).contains(&counted), "{counted}");
        // Each network has its burst, and what becomes possible again while the test runs.
        assert!(refused > 700_000, "{refused}");
        let elsewhere: IpAddr = "192.0.2.1".parse().unwrap();
        let neighbour: IpAddr = "192.0.3.1".parse().unwrap();
        assert_eq!([elsewhere, neighbour, elsewhere].map(|address| limits.check(address)), [Ok(()); 3]);
        assert!(limits.check(neighbour).is_err(), "one network, one count");
    }

    #[test]
    fn a_subscriber_with_many_ipv6_addresses_is_one() {
        let of = |address: &str| network(address.parse().unwrap(), 32, 64);
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("192.0.2.1").to_string(), "192.0.2.1");
        assert_eq!(network("192.0.2.1".parse().unwrap(), 16, 32).to_string(), "192.0.0.0");
    }
}
