//! Naming content by its digest.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256, Sha384};

/// The SHA-256 in hexadecimal, lower case.
pub(crate) fn sha256(content: impl AsRef<[u8]>) -> String {
    hexadecimal(&Sha256::digest(content))
}

/// The SHA-384 in hexadecimal, lower case.
pub(crate) fn sha384(content: impl AsRef<[u8]>) -> String {
    hexadecimal(&Sha384::digest(content))
}

/// The SHA-384 as browsers compare it with what they fetch: `sha384-…`, in base64.
pub(crate) fn integrity(content: impl AsRef<[u8]>) -> String {
    format!("sha384-{}", STANDARD.encode(Sha384::digest(content)))
}

fn hexadecimal(digest: &[u8]) -> String {
    let digits: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_sha256sum_prints() {
        assert_eq!(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn an_integrity_is_the_sha384_in_base64() {
        // What `printf abc | openssl dgst -sha384 -binary | base64` prints.
        let integrity = "sha384-ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2AhgcroefMI1i67KE0yCWn";
        assert_eq!(super::integrity("abc"), integrity);
        assert!(sha384("abc").starts_with("cb00753f45a35e8bb5a03d699ac65007"));
    }
}
