//! The keys that a running collector signs and verifies with.

use super::{DatedKey, Keyring};
use crate::store::{Store, StoreError};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How often the store is asked for new keys. What a command changes shows within two seconds.
const RENEWAL: Duration = Duration::from_secs(1);

/// A keyring to which keys may come while the collector runs. Clones share it.
#[derive(Clone)]
pub struct LiveKeyring(Arc<RwLock<Arc<Keyring>>>);

impl From<Keyring> for LiveKeyring {
    /// A keyring to which none will come by itself.
    fn from(keyring: Keyring) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(keyring))))
    }
}

impl LiveKeyring {
    /// The keyring as it is now.
    #[must_use]
    pub fn now(&self) -> Arc<Keyring> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Goes on asking the store for new keys.
    pub fn renew_from(&self, store: Arc<dyn Store>) {
        let renewed = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(RENEWAL).await;
                if let Err(error) = renewed.renew(&*store).await {
                    // The catalogue, which lies beside it, warns.
                    tracing::debug!(error = error.chain(), "the secret cannot be read");
                }
            }
        });
    }

    /// Takes in keys of numbers that are not known yet. Those that are known stay as they are, whatever the store says:
    /// avis were made with them.
    async fn renew(&self, store: &dyn Store) -> Result<(), StoreError> {
        let stored = store.dated_secret().await?;
        let known = self.now();
        let new: Vec<DatedKey> = stored
            .into_iter()
            .filter(|(key, _)| known.find(key.id).is_none())
            .map(|(key, made)| DatedKey::made_on(key, made))
            .collect();
        if !new.is_empty() {
            tracing::info!(keys = new.len(), "new keys of the secret are known");
            *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known.with(&new));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::Day;
    use crate::identity::SecretKey;
    use crate::store::Missing;
    use crate::store::sqlite::SqliteStore;
    use uuid::Uuid;

    #[tokio::test]
    async fn a_key_that_is_added_comes_in_and_no_key_ever_goes_or_changes() {
        let today = Day::constant(2026, 11, 22);
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite://{}/avis.db", folder.path().display());
        let store = SqliteStore::open(&address, Missing::Create).await.unwrap();
        let secret = |id, byte| SecretKey { id, bytes: [byte; 32] };
        // The store has another key of number 1, as a database that was put back might.
        store.add_secret_key(&secret(1, 9), today).await.unwrap();
        store.add_secret_key(&secret(2, 2), today).await.unwrap();
        let before = Keyring::new(vec![secret(1, 1), secret(3, 3)]).unwrap();
        let live = LiveKeyring::from(before.clone());

        live.renew(&store).await.unwrap();

        let (ring, key) = (live.now(), Uuid::from_u128(1));
        assert_eq!(format!("{ring:?}"), "[3, 2, 1]");
        assert_eq!(ring.identity(today, key), before.identity(today, key));
        let of_the_first = Keyring::new(vec![secret(1, 1)]).unwrap().identity(today, key);
        assert!(ring.avis_ids(of_the_first.receipt).contains(&of_the_first.avis_id));
    }
}
