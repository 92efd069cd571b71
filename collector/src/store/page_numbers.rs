//! The numbers of pages: the same few come with nearly every avis. None is ever deleted.

use shared::PageAddress;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Pages that are kept in memory. A service that shows its button on more of them asks the database for the rest.
const KEPT: usize = 10_000;

/// Numbers that the database is known to have given.
pub(super) struct PageNumbers<N>(Mutex<HashMap<PageAddress, N>>);

impl<N> Default for PageNumbers<N> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<N: Copy> PageNumbers<N> {
    pub(super) fn known(&self, page: &PageAddress) -> Option<N> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(page).copied()
    }

    /// Keeps numbers, once they are committed: those of a transaction that failed are given to other pages.
    pub(super) fn keep(&self, pages: HashMap<PageAddress, N>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < KEPT {
            known.extend(pages);
        }
    }
}
