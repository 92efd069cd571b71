//! Naming content by its digest.

use sha2::{Digest as _, Sha256};

/// The SHA-256 in hexadecimal, lower case.
pub(crate) fn sha256(content: impl AsRef<[u8]>) -> String {
    let digits: Vec<String> = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_sha256sum_prints() {
        assert_eq!(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
