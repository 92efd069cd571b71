//! The flags that say how much may come, and where suspicion begins.

use crate::day::Day;
use crate::limits::{Limits, Quota, Quotas, Ticks};
use crate::vigilance::{Thresholds, Vigilance};
use clap::{Args, ValueEnum};
use jiff::SignedDuration;
use std::num::{NonZeroU32, NonZeroU64};

/// The defaults of each flag are those of [`Quotas`] and [`Thresholds`], which say more of why.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits and quarantine")]
pub(super) struct Guards {
    /// Whether requests and avis are counted by address and démarche; `off` is for tests, on a loopback address only.
    /// What tells by itself (a honeypot, a copied token, a foreign origin) sets an avis aside all the same
    #[arg(long, env = "AVIS_LIMITS", value_enum, default_value_t = Switch::On)]
    pub(super) limits: Switch,
    /// Requests that one address (IPv6: one /64) may make at once: an hour of a busy kiosk
    #[arg(long, env = "AVIS_LIMIT_BURST", default_value_t = Quotas::default().address.burst, value_name = "REQUESTS")]
    limit_burst: NonZeroU32,
    /// Requests that become possible again for one address each hour
    #[arg(long, env = "AVIS_LIMIT_PER_HOUR", default_value_t = Quotas::default().address.per_hour, value_name = "REQUESTS")]
    limit_per_hour: NonZeroU32,
    /// Requests that the network around an address (/24; IPv6: /48) may make at once: a ministry has several addresses
    #[arg(long, env = "AVIS_LIMIT_NETWORK_BURST", default_value_t = Quotas::default().network.burst, value_name = "REQUESTS")]
    limit_network_burst: NonZeroU32,
    /// Requests that become possible again for it each hour
    #[arg(long, env = "AVIS_LIMIT_NETWORK_PER_HOUR", default_value_t = Quotas::default().network.per_hour, value_name = "REQUESTS")]
    limit_network_per_hour: NonZeroU32,
    /// New avis about one démarche that may come at once: far more than people send, or few machines could shut them out
    #[arg(long, env = "AVIS_LIMIT_DEMARCHE_BURST", default_value_t = Quotas::default().demarche.burst, value_name = "REQUESTS")]
    limit_demarche_burst: NonZeroU32,
    /// New avis that become possible again about it each hour
    #[arg(long, env = "AVIS_LIMIT_DEMARCHE_PER_HOUR", default_value_t = Quotas::default().demarche.per_hour, value_name = "REQUESTS")]
    limit_demarche_per_hour: NonZeroU32,
    /// Requests that may come at once in all: a minute of what a collector can serve
    #[arg(long, env = "AVIS_LIMIT_EVERYONE_BURST", default_value_t = Quotas::default().everyone.burst, value_name = "REQUESTS")]
    limit_everyone_burst: NonZeroU32,
    /// Requests that become possible again in all each hour
    #[arg(long, env = "AVIS_LIMIT_EVERYONE_PER_HOUR", default_value_t = Quotas::default().everyone.per_hour, value_name = "REQUESTS")]
    limit_everyone_per_hour: NonZeroU32,
    /// How many milliseconds after its form was opened an avis can be a person's; earlier, its token vouches for nothing
    #[arg(long, env = "AVIS_TOO_FAST_MS", default_value_t = milliseconds(Thresholds::default().too_fast), value_name = "MILLISECONDS")]
    too_fast_ms: u32,
    /// Avis that one address may give about a démarche in a day, whatever its share; further ones are set aside. An hour
    /// of a busy kiosk, or an open day in a town hall, brings as many
    #[arg(long, env = "AVIS_SHARE_VOUCHED", default_value_t = Thresholds::default().share_vouched, value_name = "AVIS")]
    share_vouched: u64,
    /// The same for avis without a good form token, each of which costs a single request, about a démarche with a history
    #[arg(long, env = "AVIS_SHARE_UNVOUCHED", default_value_t = Thresholds::default().share_unvouched, value_name = "AVIS")]
    share_unvouched: u64,
    /// The same for avis with a good token through a bouton that stands on a shared device (any channel but online): a
    /// kiosk brings one a minute all day
    #[arg(long, env = "AVIS_SHARE_SHARED_DEVICE", default_value_t = Thresholds::default().share_shared_device, value_name = "AVIS")]
    share_shared_device: u64,
    /// How many times as much the network around an address may give: it has several
    #[arg(long, env = "AVIS_SHARE_NETWORK_TIMES", default_value_t = one_or(Thresholds::default().share_network_times), value_name = "TIMES")]
    share_network_times: NonZeroU64,
    /// The part of a démarche's day that an address or network may give beyond that, in per cent: no carrier brings as
    /// much on a busy day
    #[arg(long, env = "AVIS_SHARE_PERCENT", default_value_t = percent(), value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    share_percent: u8,
    /// Avis without a good token that a démarche with a history may get in a day before further ones are set aside,
    /// however few it usually gets, and only while they are more than half of its day
    #[arg(long, env = "AVIS_SURGE_FLOOR", default_value_t = Thresholds::default().surge_floor, value_name = "AVIS")]
    surge_floor: u64,
    /// How many times its usual day they may be: a busy day doubles
    #[arg(long, env = "AVIS_SURGE_TIMES", default_value_t = one_or(Thresholds::default().surge_times), value_name = "TIMES")]
    surge_times: NonZeroU64,
    /// Avis of the half year before without which a démarche has no history: of what begins, nothing is concluded from
    /// missing tokens
    #[arg(long, env = "AVIS_HISTORY", default_value_t = Thresholds::default().history, value_name = "AVIS")]
    history: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Switch {
    On,
    Off,
}

fn milliseconds(time: SignedDuration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

fn one_or(times: u64) -> NonZeroU64 {
    NonZeroU64::new(times).unwrap_or(NonZeroU64::MIN)
}

fn percent() -> u8 {
    u8::try_from(Thresholds::default().share_percent).unwrap_or(100)
}

impl Guards {
    pub(super) fn limits(&self) -> Limits {
        let quota = |burst, per_hour| Quota { burst, per_hour };
        match self.limits {
            Switch::Off => Limits::off(),
            Switch::On => Limits::new(
                &Quotas {
                    address: quota(self.limit_burst, self.limit_per_hour),
                    network: quota(self.limit_network_burst, self.limit_network_per_hour),
                    demarche: quota(self.limit_demarche_burst, self.limit_demarche_per_hour),
                    everyone: quota(self.limit_everyone_burst, self.limit_everyone_per_hour),
                },
                &Ticks::system(),
            ),
        }
    }

    pub(super) fn vigilance(&self, today: Day) -> Vigilance {
        let thresholds = Thresholds {
            too_fast: SignedDuration::from_millis(self.too_fast_ms.into()),
            share_vouched: self.share_vouched,
            share_unvouched: self.share_unvouched,
            share_shared_device: self.share_shared_device,
            share_network_times: self.share_network_times.get(),
            share_percent: self.share_percent.into(),
            surge_floor: self.surge_floor,
            surge_times: self.surge_times.get(),
            history: self.history,
        };
        match self.limits {
            Switch::Off => Vigilance::without_counts(),
            Switch::On => Vigilance::new(thresholds, today),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        guards: Guards,
    }

    #[test]
    fn what_is_not_said_is_as_the_thresholds_themselves_say() {
        let Thresholds { too_fast, share_network_times, share_percent, surge_times, .. } =
            Thresholds::default();
        let guards = Line::parse_from(["serve"]).guards;
        assert_eq!(SignedDuration::from_millis(guards.too_fast_ms.into()), too_fast);
        assert_eq!(u64::from(guards.share_percent), share_percent);
        assert_eq!(
            (guards.share_network_times.get(), guards.surge_times.get()),
            (share_network_times, surge_times)
        );
        assert!(Line::try_parse_from(["serve", "--share-percent", "101"]).is_err());
        assert!(Line::try_parse_from(["serve", "--limit-network-burst", "0"]).is_err());
    }
}
