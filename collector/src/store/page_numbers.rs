//! The numbers of pages: the same few come with nearly every avis. None is ever deleted.

use crate::generations::Generations;
use shared::PageAddress;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Pages that are kept in memory at least, twice as many at most: 6 MB where somebody invents long ones. The database is
/// asked for the rest. More than a batch has, whose pages must stay known from their first look to their last.
const KEPT: usize = 10_000;

/// Numbers that the database is known to have given.
pub(super) struct PageNumbers<N>(Mutex<Generations<PageAddress, N>>);

impl<N> Default for PageNumbers<N> {
    fn default() -> Self {
        Self(Mutex::new(Generations::of(KEPT)))
    }
}

impl<N: Copy> PageNumbers<N> {
    pub(super) fn known(&self, page: &PageAddress) -> Option<N> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(page).copied()
    }

    /// Keeps numbers, once they are committed: those of a transaction that failed are given to other pages.
    pub(super) fn keep(&self, pages: HashMap<PageAddress, N>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (page, number) in pages {
            known.add(page, number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_somebody_invents_leave_room_for_those_of_today() {
        let numbers = PageNumbers::default();
        let page = |path: usize| PageAddress::kept("https://a.fr".to_owned(), format!("/{path}"));
        for path in 0..3 * KEPT {
            numbers.keep(HashMap::from([(page(path), path)]));
            assert_eq!(numbers.known(&page(path)), Some(path));
        }
    }
}
