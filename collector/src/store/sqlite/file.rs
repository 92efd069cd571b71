//! Whether the file that was opened is still the one at its path.

use crate::store::StoreError;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The file of a store, by which it is known again. SQLite goes on with a file that was moved away or deleted; what it
/// takes from then on nobody finds again.
pub(super) struct OpenedFile {
    path: PathBuf,
    identity: Identity,
    /// Whether it is known to be elsewhere, and was said to be.
    is_missed: AtomicBool,
}

/// Device and inode.
#[cfg(unix)]
type Identity = (u64, u64);

/// Elsewhere nobody moves a file that is open.
#[cfg(not(unix))]
type Identity = ();

#[cfg(unix)]
fn identity(path: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    path.metadata().map(|file| (file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> io::Result<Identity> {
    path.metadata().map(drop)
}

impl OpenedFile {
    /// The file at this path, which has just been opened.
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), identity: identity(path)?, is_missed: AtomicBool::new(false) })
    }

    /// Makes sure that it is there still; what to do if it is not is logged once.
    ///
    /// # Errors
    /// It was moved away, deleted or replaced: the store is away.
    pub(super) fn is_in_its_place(&self) -> Result<(), StoreError> {
        let is_there = identity(&self.path).is_ok_and(|found| found == self.identity);
        let was_missed = self.is_missed.swap(!is_there, Ordering::Relaxed);
        if is_there {
            return Ok(());
        }
        if !was_missed {
            tracing::error!(
                file = %self.path.display(),
                "the database file was moved away, deleted or replaced: nothing is written any more; put it back, or \
                 restart the collector on the file that is to be served"
            );
        }
        Err(StoreError::message("the database file is not the one that was opened").away())
    }
}
