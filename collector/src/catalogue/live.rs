//! The copy of the catalogue that a running collector answers from.

use super::Catalogue;
use crate::store::{Store, StoreError};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How often the store is asked whether the catalogue changed. What a command changes shows within two seconds.
const RENEWAL: Duration = Duration::from_secs(1);

/// A catalogue that renews itself. Clones share it.
#[derive(Clone)]
pub struct LiveCatalogue(Arc<RwLock<Arc<Catalogue>>>);

impl LiveCatalogue {
    /// Reads the catalogue, and goes on reading it whenever it has changed.
    ///
    /// # Errors
    /// The store could not be read the first time. Later failures are logged, and the last copy stays.
    pub async fn start(store: Arc<dyn Store>) -> Result<Self, StoreError> {
        let mut version = store.catalogue_version().await?;
        let live = Self(Arc::new(RwLock::new(Arc::new(store.catalogue().await?))));
        let renewed = live.clone();
        tokio::spawn(async move {
            let mut stays = false;
            loop {
                tokio::time::sleep(RENEWAL).await;
                match renewed.renew(&*store, version).await {
                    Ok(seen) => (version, stays) = (seen, false),
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
    pub fn now(&self) -> Arc<Catalogue> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn renew(&self, store: &dyn Store, seen: i64) -> Result<i64, StoreError> {
        let version = store.catalogue_version().await?;
        if version != seen {
            let catalogue = Arc::new(store.catalogue().await?);
            *self.0.write().unwrap_or_else(PoisonError::into_inner) = catalogue;
            tracing::info!("the catalogue was renewed");
        }
        Ok(version)
    }
}
