//! What a collector does by the clock: making ready, forgetting, and telling which boutons are silent.

use crate::catalogue::{Bouton, KeyUses};
use crate::clock::Clock;
use crate::day::Day;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::rhythm;
use crate::store::{KEY_MEMORY, Store, StoreError};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// How often what is over is forgotten, such as idle addresses and old idempotency keys, and uses of keys are stored.
const HOUSEKEEPING: Duration = Duration::from_mins(1);

/// How often it is told which boutons are silent: they fall silent by the day.
const SILENCE: Duration = Duration::from_hours(1);

/// Looks once an hour which boutons have fallen silent.
pub(super) async fn keep_telling_silence(store: Arc<dyn Store>, metrics: Arc<Metrics>, clock: Clock) {
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
    let takes_avis = |bouton: &Bouton| {
        !bouton.closed && catalogue.demarche(&bouton.demarche.0).is_some_and(|demarche| !demarche.closed)
    };
    let open = || catalogue.boutons().iter().filter(|bouton| takes_avis(bouton));
    let mut last: HashMap<_, _> = store.last_avis().await?.into_iter().collect();
    let last = open().filter_map(|bouton| last.remove_entry(&bouton.id)).collect();
    let rhythms = rhythm::rhythms(store, &last, today).await?;
    metrics.missed(open().filter_map(|bouton| Some((bouton, rhythms.get(&bouton.id)?.missed))));
    Ok(())
}

pub(super) async fn keep_house(store: Arc<dyn Store>, limits: Limits, key_uses: KeyUses, clock: Clock) {
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
