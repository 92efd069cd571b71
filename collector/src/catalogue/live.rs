//! The copy of the catalogue that a running collector answers from.

use super::Catalogue;
use crate::metrics::Metrics;
use crate::store::{Store, StoreError};
use std::ops::Deref;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How often the store is asked whether the catalogue changed. What a command changes shows within two seconds.
const RENEWAL: Duration = Duration::from_secs(1);

/// A catalogue that renews itself. Clones share it.
#[derive(Clone)]
pub struct LiveCatalogue(Arc<RwLock<Arc<Snapshot>>>);

/// The catalogue as it was read once.
pub struct Snapshot {
    catalogue: Catalogue,
    version: i64,
    renewals: u64,
}

impl Snapshot {
    /// A number that no other snapshot of this process has. The store's own version would do, but for a database that
    /// is put back from a backup and changed again.
    #[must_use]
    pub fn renewals(&self) -> u64 {
        self.renewals
    }
}

impl Deref for Snapshot {
    type Target = Catalogue;

    fn deref(&self) -> &Catalogue {
        &self.catalogue
    }
}

impl LiveCatalogue {
    /// Reads the catalogue, and goes on reading it whenever it has changed.
    ///
    /// # Errors
    /// The store could not be read the first time. Later failures are logged, and the last copy stays.
    pub async fn start(store: Arc<dyn Store>, metrics: Arc<Metrics>) -> Result<Self, StoreError> {
        // The version first: what changes in between makes it too old, and the catalogue is read once more.
        let version = store.catalogue_version().await?;
        let first = Snapshot { version, catalogue: store.catalogue().await?, renewals: 0 };
        let live = Self(Arc::new(RwLock::new(Arc::new(first))));
        let renewed = live.clone();
        tokio::spawn(async move {
            let mut stays = false;
            loop {
                tokio::time::sleep(RENEWAL).await;
                let renewal = renewed.renew(&*store).await;
                // The one thing that is asked of the database also while nobody writes.
                metrics.database_answers(renewal.is_ok());
                match renewal {
                    Ok(()) => stays = false,
                    // Once, not each second of an hour without the database.
                    Err(error) if !stays => {
                        stays = true;
                        tracing::warn!(
                            error = error.chain(),
                            "the catalogue cannot be renewed; the last copy stays"
                        );
                    }
                    Err(_) => {}
                }
            }
        });
        Ok(live)
    }

    /// The catalogue as it is now.
    #[must_use]
    pub fn now(&self) -> Arc<Snapshot> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn renew(&self, store: &dyn Store) -> Result<(), StoreError> {
        let seen = self.now();
        let version = store.catalogue_version().await?;
        if version != seen.version {
            let catalogue = store.catalogue().await?;
            let renewed = Snapshot { catalogue, version, renewals: seen.renewals + 1 };
            *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(renewed);
            tracing::info!("the catalogue was renewed");
        }
        Ok(())
    }
}
