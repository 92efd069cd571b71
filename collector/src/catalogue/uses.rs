//! On which days keys were used, for operators who ask which of them anybody still needs.

use crate::day::Day;
use crate::store::{Store, StoreError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The last uses of keys. They gather here and go to the store now and then, since a write a request would cost more
/// than most requests. Clones share it.
#[derive(Clone, Default)]
pub struct KeyUses(Arc<Mutex<HashMap<i64, Use>>>);

#[derive(Clone, Copy, PartialEq, Eq)]
struct Use {
    day: Day,
    is_stored: bool,
}

impl KeyUses {
    /// Notes that the key of this number was used on this day.
    pub fn note(&self, key: i64, day: Day) {
        let mut uses = self.lock();
        let used = uses.entry(key).or_insert(Use { day, is_stored: false });
        if used.day < day {
            *used = Use { day, is_stored: false };
        }
    }

    /// Has the store know what it does not know yet; where it cannot, the next call tries again.
    ///
    /// # Errors
    /// The store failed.
    pub async fn store_in(&self, store: &dyn Store) -> Result<(), StoreError> {
        let news: Vec<(i64, Day)> = self
            .lock()
            .iter()
            .filter(|(_, used)| !used.is_stored)
            .map(|(key, used)| (*key, used.day))
            .collect();
        if news.is_empty() {
            return Ok(());
        }
        store.note_key_uses(&news).await?;
        let mut uses = self.lock();
        for (key, day) in news {
            if let Some(used) = uses.get_mut(&key) {
                used.is_stored |= used.day == day;
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Use>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Scope;
    use crate::store::unsteady::{Mood, Unsteady};

    #[tokio::test]
    async fn uses_wait_for_a_store_that_is_away_and_are_stored_once() {
        let store = Unsteady::new().await;
        let today: Day = "2026-11-22".parse().unwrap();
        let mut keys = Vec::new();
        for digest in [[1; 32], [2; 32]] {
            keys.push(store.add_key(digest, Scope::Read, None, today, None).await.unwrap());
        }
        let uses = KeyUses::default();
        uses.note(keys[0], today);
        store.is(Mood::Away);
        assert!(uses.store_in(&store).await.is_err());
        // Meanwhile a day went by for one of them, and a request that began before midnight ends after it.
        uses.note(keys[1], today);
        uses.note(keys[0], today.plus(1));
        uses.note(keys[0], today);

        store.is(Mood::There);
        uses.store_in(&store).await.unwrap();

        assert_eq!(store.key_uses().await.unwrap(), [(keys[0], today.plus(1)), (keys[1], today)]);
        store.is(Mood::Away);
        uses.note(keys[0], today.plus(1));
        assert!(uses.store_in(&store).await.is_ok(), "there is nothing to store");
    }
}
