//! What a collector does by the clock: making ready, forgetting, learning what is usual, blanking what was kept for its
//! time, and telling which boutons are silent.

use crate::catalogue::KeyUses;
use crate::clock::Clock;
use crate::day::Day;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::retention::{self, Retention};
use crate::rhythm;
use crate::store::{KEY_MEMORY, Store, StoreError};
use crate::vigilance::{self, Vigilance};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How often what is over is forgotten, such as idle addresses and old idempotency keys, and uses of keys are stored.
const HOUSEKEEPING: Duration = Duration::from_mins(1);

/// How long after a panic something begins anew.
const AGAIN: Duration = Duration::from_mins(1);

/// How often it is told which boutons are silent: they fall silent by the day.
const SILENCE: Duration = Duration::from_hours(1);

/// What it is done with.
#[derive(Clone)]
pub(super) struct House {
    pub(super) store: Arc<dyn Store>,
    pub(super) limits: Limits,
    pub(super) key_uses: KeyUses,
    pub(super) vigilance: Vigilance,
    pub(super) retention: Retention,
    pub(super) metrics: Arc<Metrics>,
    pub(super) clock: Clock,
}

/// Does all of it, for as long as the collector runs.
pub(super) async fn keep(house: House) {
    tokio::join!(
        keep_going("housekeeping", AGAIN, &house, keep_house),
        keep_going("telling which boutons are silent", AGAIN, &house, keep_telling_silence),
        keep_going("learning what is usual", AGAIN, &house, |house| {
            vigilance::keep_learning(house.store, house.vigilance, house.clock)
        }),
        keep_going("blanking", AGAIN, &house, |house| async move {
            retention::keep_purging(&*house.store, house.retention, &house.metrics, &house.clock).await;
        }),
    );
}

/// Does one thing until it ends, and begins it anew some time after a panic: that of one must neither end the others nor
/// pass unnoticed, and what is blanked by the clock has to be.
async fn keep_going<With: Clone, Doing>(
    what: &str,
    again: Duration,
    with: &With,
    begin: impl Fn(With) -> Doing,
) where
    Doing: Future<Output = ()> + Send + 'static,
{
    let mut doing = JoinSet::new();
    loop {
        doing.spawn(begin(with.clone()));
        match doing.join_next().await {
            Some(Err(error)) if error.is_panic() => {
                tracing::error!(what, "it has panicked, and soon begins anew");
            }
            _ => return,
        }
        tokio::time::sleep(again).await;
    }
}

/// Looks once an hour which boutons have fallen silent.
async fn keep_telling_silence(House { store, metrics, clock, .. }: House) {
    loop {
        if let Err(error) = tell_silence(&*store, &metrics, clock.today()).await {
            tracing::warn!(
                error = error.chain(),
                "which boutons are silent could not be read; in an hour again"
            );
        }
        tokio::time::sleep(SILENCE).await;
    }
}

/// Tells what each bouton that takes avis misses by its own rhythm.
async fn tell_silence(store: &dyn Store, metrics: &Metrics, today: Day) -> Result<(), StoreError> {
    let catalogue = store.catalogue().await?;
    let open = || catalogue.boutons().iter().filter(|bouton| catalogue.takes_avis(bouton));
    let mut last: HashMap<_, _> = store.last_avis().await?.into_iter().collect();
    let last = open().filter_map(|bouton| last.remove_entry(&bouton.id)).collect();
    let rhythms = rhythm::rhythms(store, &last, today).await?;
    metrics.missed(open().filter_map(|bouton| Some((bouton, rhythms.get(&bouton.id)?.missed))));
    Ok(())
}

async fn keep_house(House { store, limits, key_uses, clock, .. }: House) {
    loop {
        if let Err(error) = store.prepare_ahead(clock.today()).await {
            tracing::warn!(error = error.chain(), "nothing could be made ready for the months to come");
        }
        limits.forget_the_idle();
        if let Err(error) = key_uses.store_in(&*store).await {
            tracing::warn!(
                error = error.chain(),
                "when keys were last used could not be stored; in a minute again"
            );
        }
        // At the start too: by this a database is known that is no mere copy any more.
        match store.forget_keys(clock.now() - KEY_MEMORY).await {
            Ok(0) => {}
            Ok(keys) => tracing::info!(keys, "idempotency keys older than 72 hours were forgotten"),
            Err(error) => {
                tracing::warn!(error = error.chain(), "old idempotency keys could not be forgotten");
            }
        }
        tokio::time::sleep(HOUSEKEEPING).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn what_panics_begins_anew_and_the_others_go_on() {
        let begun = Arc::new(AtomicUsize::new(0));
        keep_going("a test", Duration::ZERO, &begun, |begun| async move {
            assert!(begun.fetch_add(1, Ordering::Relaxed) == 2, "as it was told to");
        })
        .await;
        assert_eq!(begun.load(Ordering::Relaxed), 3);
    }
}
