//! How many requests may come: from one address, from the network around it, about one démarche, and in all. Generous
//! throughout: a ministry, a mobile carrier or a kiosk is one address to us, and turning honest people away is worse than
//! counting a few too many. Only floods meet a refusal; what is merely suspicious is set aside (see
//! [`vigilance`](crate::vigilance)).
//!
//! Senders are hashes under the key of the day ([`Sender`]). When the day turns, so do the hashes, and every allowance is
//! whole again: around midnight in Paris, who has used up theirs gets it once more. What is left under the former hashes
//! fills up within the hour and is then forgotten.

use crate::sender::Sender;
use governor::clock::Clock as _;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota as Rate, RateLimiter};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

type Limiter = RateLimiter<u64, DashMapStateStore<u64>, Ticks, StateInformationMiddleware>;

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Policy {
    /// An IPv4 address, or the /64 of an IPv6 address.
    Address,
    /// The network around it: /24, or /48.
    Network,
    /// A démarche.
    Demarche,
    /// Everything.
    Everyone,
}

impl Policy {
    /// Every policy, in the order in which they are asked.
    pub const ALL: [Self; 4] = [Self::Address, Self::Network, Self::Demarche, Self::Everyone];

    /// How headers and metrics call it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Network => "network",
            Self::Demarche => "demarche",
            Self::Everyone => "everyone",
        }
    }
}

/// How much may come under one policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Requests at once.
    pub burst: NonZeroU32,
    /// Requests that become possible again each hour.
    pub per_hour: NonZeroU32,
}

impl Quota {
    const fn of(burst: u32, per_hour: u32) -> Self {
        match (NonZeroU32::new(burst), NonZeroU32::new(per_hour)) {
            (Some(burst), Some(per_hour)) => Self { burst, per_hour },
            _ => Self { burst: NonZeroU32::MIN, per_hour: NonZeroU32::MIN },
        }
    }
}

/// How much may come under each policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// From one address. The burst is what 300 people send who answer every screen: an hour of a busy kiosk.
    pub address: Quota,
    /// From the network around it: five times as much, as a ministry has several addresses side by side.
    pub network: Quota,
    /// About one démarche: a tenth of all, so that a flood about one leaves the others room. The busiest has had 50,000
    /// requests in a day, 14,000 avis; a limit that is near to what people send would let few machines shut them out.
    pub demarche: Quota,
    /// In all: 10,000 a second, a good part of what a collector can serve, and a minute of it at once.
    pub everyone: Quota,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            address: Quota::of(1_200, 3_600),
            network: Quota::of(6_000, 18_000),
            demarche: Quota::of(60_000, 3_600_000),
            everyone: Quota::of(600_000, 36_000_000),
        }
    }
}

impl Quotas {
    fn of(&self, policy: Policy) -> Quota {
        match policy {
            Policy::Address => self.address,
            Policy::Network => self.network,
            Policy::Demarche => self.demarche,
            Policy::Everyone => self.everyone,
        }
    }
}

/// What time allowances fill up by: it never goes back, as that of day may.
#[derive(Clone)]
pub struct Ticks(Arc<dyn Fn() -> Duration + Send + Sync>);

impl Ticks {
    /// The time since now, by the machine.
    #[must_use]
    pub fn system() -> Self {
        let begun = Instant::now();
        Self::custom(move || begun.elapsed())
    }

    /// The time since some moment, as it is told.
    pub fn custom(elapsed: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(elapsed))
    }
}

impl governor::clock::Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        (self.0)()
    }
}

/// The limits of a collector; clones share their counts.
#[derive(Clone)]
pub struct Limits(Option<Arc<[Layer; Policy::ALL.len()]>>);

/// One policy, and what has come under it.
struct Layer {
    policy: Policy,
    quota: Quota,
    limiter: Limiter,
}

/// A limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// Which.
    pub policy: Policy,
    /// Seconds after which one more request passes.
    pub retry_after: u64,
    /// Requests that may come at once.
    burst: u32,
    /// Seconds in which an empty allowance fills up.
    window: u64,
}

impl Default for Exceeded {
    /// One of an address: what is said of limits in general.
    fn default() -> Self {
        Self { policy: Policy::Address, retry_after: 0, burst: 0, window: 0 }
    }
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
        format!("\"{}\";r=0;t={}", self.policy.code(), self.retry_after)
    }

    /// The `RateLimit-Policy` field: what is allowed, in which time.
    #[must_use]
    pub fn allowed(&self) -> String {
        format!("\"{}\";q={};w={}", self.policy.code(), self.burst, self.window)
    }
}

impl Limits {
    /// No limits, for tests on a loopback address.
    #[must_use]
    pub fn off() -> Self {
        Self(None)
    }

    /// These limits, by this time.
    #[must_use]
    pub fn new(quotas: &Quotas, ticks: &Ticks) -> Self {
        Self(Some(Arc::new(Policy::ALL.map(|policy| Layer::new(policy, quotas.of(policy), ticks)))))
    }

    /// Counts a request of this sender.
    ///
    /// # Errors
    /// Its address, the network around it or everybody together have used up their allowance.
    pub fn check(&self, sender: &Sender) -> Result<(), Exceeded> {
        let Some(layers) = &self.0 else { return Ok(()) };
        for layer in &**layers {
            let key = match layer.policy {
                Policy::Address if layer.crowding() > 0 => continue,
                Policy::Address => sender.address,
                Policy::Network => match layer.crowding() {
                    0 => sender.network,
                    1 => sender.region,
                    _ => 0,
                },
                Policy::Demarche => continue,
                Policy::Everyone => 0,
            };
            layer.check(key)?;
        }
        Ok(())
    }

    /// Counts a request about this démarche, which is told by its hash.
    ///
    /// # Errors
    /// What may come about it is used up.
    pub fn check_demarche(&self, demarche: u64) -> Result<(), Exceeded> {
        let Some(layers) = &self.0 else { return Ok(()) };
        layers.iter().filter(|layer| layer.policy == Policy::Demarche).try_for_each(|one| one.check(demarche))
    }

    /// Forgets senders whose allowance is full again: governor never does so by itself.
    pub fn forget_the_idle(&self) {
        for layer in self.0.iter().flat_map(|layers| layers.iter()) {
            layer.limiter.retain_recent();
            layer.limiter.shrink_to_fit();
        }
    }
}

/// How many senders a policy tells apart, some 10 MB of them. While more have come within minutes, which only a flood
/// of hired addresses brings about, addresses are no longer counted one by one but by their network alone, and networks
/// by the region around them; where regions are as many again, all that come are one. Who shares a region with the
/// flood may be turned away with it, for as long as it lasts.
const SENDERS_MAX: usize = 250_000;

impl Layer {
    fn new(policy: Policy, quota: Quota, ticks: &Ticks) -> Self {
        let period = Duration::from_hours(1) / quota.per_hour.get();
        let rate = Rate::with_period(period).unwrap_or_else(|| Rate::per_second(quota.per_hour));
        let limiter = RateLimiter::dashmap_with_clock(rate.allow_burst(quota.burst), ticks.clone());
        Self { policy, quota, limiter: limiter.with_middleware() }
    }

    /// How many times over there are more senders than can be told apart.
    fn crowding(&self) -> usize {
        self.limiter.len() / SENDERS_MAX
    }

    fn check(&self, key: u64) -> Result<(), Exceeded> {
        self.limiter.check_key(&key).map(drop).map_err(|refusal| {
            let wait = refusal.wait_time_from(self.limiter.clock().now());
            let Quota { burst, per_hour } = self.quota;
            Exceeded {
                policy: self.policy,
                retry_after: wait.as_secs() + 1,
                burst: burst.get(),
                window: u64::from(burst.get()) * 3_600 / u64::from(per_hour.get()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::Day;
    use crate::sender::DayKey;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
    use std::sync::atomic::{AtomicU64, Ordering};

    const TODAY: Day = Day::constant(2026, 11, 22);

    /// Limits at whose time a test turns the seconds.
    struct Watched {
        limits: Limits,
        seconds: Arc<AtomicU64>,
        key: DayKey,
    }

    impl Watched {
        fn new(quotas: &Quotas) -> Self {
            let seconds = Arc::new(AtomicU64::new(0));
            let told = seconds.clone();
            let ticks = Ticks::custom(move || Duration::from_secs(told.load(Ordering::Relaxed)));
            Self { limits: Limits::new(quotas, &ticks), seconds, key: DayKey::new(TODAY) }
        }

        fn from(&self, address: impl Into<IpAddr>) -> Result<(), Exceeded> {
            self.limits.check(&self.key.sender(address.into(), TODAY))
        }

        /// How many of these requests are refused, and under which policy the last of them.
        fn refused(&self, addresses: impl Iterator<Item = IpAddr>) -> (usize, Option<Policy>) {
            let refusals: Vec<_> = addresses.filter_map(|address| self.from(address).err()).collect();
            (refusals.len(), refusals.last().map(|refusal| refusal.policy))
        }

        fn remembered(&self) -> usize {
            self.limits.0.iter().flat_map(|layers| layers.iter()).map(|layer| layer.limiter.len()).sum()
        }
    }

    fn quotas(address: u32, network: u32) -> Quotas {
        Quotas {
            address: Quota::of(address, 3_600),
            network: Quota::of(network, 3_600),
            everyone: Quota::of(2_000_000, 3_600),
            ..Quotas::default()
        }
    }

    fn v4(number: u32) -> IpAddr {
        Ipv4Addr::from_bits(0x0100_0000 + number).into()
    }

    #[test]
    fn an_address_has_its_burst_and_no_more_and_its_neighbour_has_its_own() {
        let watched = Watched::new(&quotas(3, 1_000));
        assert_eq!(watched.refused([v4(1); 3].into_iter()), (0, None));
        let exceeded = watched.from(v4(1)).unwrap_err();
        let told = (exceeded.header(), exceeded.allowed());
        assert_eq!(told, ("\"address\";r=0;t=2".to_owned(), "\"address\";q=3;w=3".to_owned()));
        assert_eq!(watched.from(v4(2)), Ok(()));
        watched.seconds.store(2, Ordering::Relaxed);
        assert_eq!(watched.refused([v4(1); 4].into_iter()), (2, Some(Policy::Address)));
    }

    #[test]
    fn who_has_a_whole_network_meets_the_limit_of_the_network() {
        let watched = Watched::new(&quotas(10, 100));
        assert_eq!(watched.refused((0..250).map(v4)), (150, Some(Policy::Network)));
        let v6 = |number: u128| Ipv6Addr::from_bits(0x2001_0db8 << 96 | number << 64).into();
        assert_eq!(watched.refused((0..250).map(v6)), (150, Some(Policy::Network)), "one /48");
        assert_eq!(watched.from(v4(256)), Ok(()), "the next /24");
    }

    #[test]
    fn what_comes_about_a_demarche_and_in_all_has_an_end() {
        let watched = Watched::new(&Quotas {
            demarche: Quota::of(5, 1),
            everyone: Quota::of(7, 1),
            ..Quotas::default()
        });
        let refusal = |refused: Result<(), Exceeded>| refused.err().map(|exceeded| exceeded.policy);
        let about = |demarche: u64| watched.limits.check_demarche(demarche);
        assert_eq!((0..5).filter_map(|_| about(1).err()).count(), 0);
        assert_eq!((refusal(about(1)), refusal(about(2))), (Some(Policy::Demarche), None));
        let far_apart = (0..9).map(|number| v4(number << 16));
        assert_eq!(watched.refused(far_apart), (2, Some(Policy::Everyone)));
    }

    #[test]
    fn a_million_senders_take_a_bounded_memory_and_are_forgotten() {
        let watched = Watched::new(&quotas(1_200, 6_000));
        // Each a /64 and a /48 of its own, in many a /32.
        let flood = |number: u32| Ipv6Addr::from_bits(0x2a << 120 | u128::from(number) << 84);
        watched.refused((0..1_000_000).map(|number| flood(number).into()));
        let remembered = watched.remembered();
        assert!((2 * SENDERS_MAX..4 * SENDERS_MAX).contains(&remembered), "{remembered}");
        watched.seconds.store(2_000_000, Ordering::Relaxed);
        watched.limits.forget_the_idle();
        assert_eq!(watched.remembered(), 0);
    }

    #[test]
    fn a_flood_from_few_regions_leaves_the_others_alone() {
        const REGIONS: u32 = 16;
        let watched = Watched::new(&quotas(3, 3));
        // Each a /64 and a /48 of its own, in few /32.
        let flood = |number: u32| {
            let region = u128::from(0x2a00_0000 + number % REGIONS) << 96;
            IpAddr::V6(Ipv6Addr::from_bits(region | u128::from(number) << 76))
        };
        let (refused, policy) = watched.refused((0..1_000_000).map(flood));
        assert!(refused > 700_000, "{refused}");
        assert_eq!(policy, Some(Policy::Network));
        let (elsewhere, neighbour) = (v4(0x1_0000), v4(0x1_0001));
        assert_eq!([elsewhere, neighbour, elsewhere].map(|address| watched.from(address)), [Ok(()); 3]);
        assert!(watched.from(neighbour).is_err(), "one region, one count");
    }
}
