//! Entries of a spool, which a version before may have written, or a disk that fails.

use collector::spool::coded::{read, write};

/// What is read is written as it is read.
pub fn spool(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(entry) = read(text) else { return };
    let written = write(&entry);
    let again = read(&written).expect("what is written can be read");
    assert_eq!(write(&again), written);
}
