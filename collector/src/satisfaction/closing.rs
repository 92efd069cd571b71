//! When a period is closed: its figures move no more, but for a withdrawal.

use crate::identity::EDIT_TIME;
use crate::store::{Period, SpoolState, Store, StoreError};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long what is known of spools is good.
const KNOWN: Duration = Duration::from_secs(1);

/// Tells which periods are closed.
pub struct Closing {
    store: Arc<dyn Store>,
    spools: Mutex<Option<(Instant, Arc<[SpoolState]>)>>,
}

impl Closing {
    /// As the spools that this store knows allow.
    #[must_use]
    pub fn of(store: Arc<dyn Store>) -> Self {
        Self { store, spools: Mutex::new(None) }
    }

    /// Whether a period is closed at this instant.
    ///
    /// # Errors
    /// The store failed.
    pub async fn is_closed(&self, period: Period, now: Timestamp) -> Result<bool, StoreError> {
        // Most are asked for while they run: nobody need look at spools for those.
        Ok(is_closed(period, now, &[]) && is_closed(period, now, &self.spools().await?))
    }

    async fn spools(&self) -> Result<Arc<[SpoolState]>, StoreError> {
        let mut known = self.spools.lock().await;
        if let Some((at, spools)) = &*known
            && at.elapsed() < KNOWN
        {
            return Ok(spools.clone());
        }
        let spools: Arc<[SpoolState]> = self.store.spools().await?.into();
        *known = Some((Instant::now(), spools.clone()));
        Ok(spools)
    }
}

/// What a period waits for before it is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wait {
    /// For this instant: until then, avis of its last day can be changed.
    Until(Timestamp),
    /// For this spool: it holds avis of the period, or has not been heard of since no avis of it can be changed.
    Spool(SpoolState),
}

/// What a period waits for; nothing once it is closed. No avis of its last day can be changed any more by then, and each
/// spool has been heard of since, holding nothing of it. One that is cut off from the database has not been heard of:
/// the period waits for it.
#[must_use]
pub fn wait(period: Period, now: Timestamp, spools: &[SpoolState]) -> Option<Wait> {
    let closes = period.to.end().saturating_add(EDIT_TIME).unwrap_or(Timestamp::MAX);
    if now < closes {
        return Some(Wait::Until(closes));
    }
    let lets = |spool: &&SpoolState| {
        spool.seen_at.is_none_or(|seen| seen >= closes && spool.holds_since.is_none_or(|day| day > period.to))
    };
    spools.iter().find(|spool| !lets(spool)).cloned().map(Wait::Spool)
}

fn is_closed(period: Period, now: Timestamp, spools: &[SpoolState]) -> bool {
    wait(period, now, spools).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::SpoolId;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn september() -> Period {
        Period { from: "2026-09-01".parse().unwrap(), to: "2026-09-30".parse().unwrap() }
    }

    #[test]
    fn a_period_closes_24_hours_after_its_last_day_in_paris() {
        assert!(!is_closed(september(), at("2026-10-01T21:59:59Z"), &[]));
        assert!(is_closed(september(), at("2026-10-01T22:00:00Z"), &[]));
    }

    #[test]
    fn a_period_waits_for_every_spool_that_may_hold_avis_of_it() {
        let now = at("2026-10-02T12:00:00Z");
        let spool = |seen_at: Option<&str>, holds: Option<&str>| SpoolState {
            id: SpoolId::random(),
            seen_at: seen_at.map(at),
            holds_since: holds.map(|day| day.parse().unwrap()),
            refused: 0,
        };
        let closed = |spools: &[SpoolState]| is_closed(september(), now, spools);
        let empty = || spool(Some("2026-10-01T22:00:00Z"), None);
        assert!(closed(&[empty()]));
        assert!(closed(&[spool(Some("2026-10-02T11:59:59Z"), Some("2026-10-01"))]));
        // Cut off since before it closed: nobody knows what it holds.
        assert!(!closed(&[empty(), spool(Some("2026-10-01T21:59:59Z"), None)]));
        assert!(!closed(&[empty(), spool(Some("2026-10-02T11:59:59Z"), Some("2026-09-30"))]));
        // Forgotten: it counts no more.
        assert!(closed(&[spool(None, None)]));
    }
}
