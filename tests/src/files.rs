//! What programs leave on the disk.

use std::fs;
use std::path::{Path, PathBuf};

/// Every file in a folder and in those below it, with its path.
#[must_use]
pub fn below(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = vec![];
    // What is gone meanwhile, and sockets, hold nothing.
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(below(&path));
        } else if let Ok(bytes) = fs::read(&path) {
            files.push((path, bytes));
        }
    }
    files
}

/// Whether a text stands in these bytes.
#[must_use]
pub fn hold(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(bytes, text.as_bytes()).is_some()
}
