//! The widget's files, embedded by `build.rs`: the loader, the glue and the wasm, each with its brotli twin
//! made once at build time, so that serving one costs no compression. And small files of the collector's own, coded
//! once when they are first asked for.

use std::sync::LazyLock;

/// One file of the widget.
#[derive(Debug)]
pub struct Asset {
    /// The file's name, what follows `/v1/` in its address.
    pub name: &'static str,
    /// What `Content-Type` says of it.
    pub content_type: &'static str,
    /// The bytes as they are.
    pub identity: &'static [u8],
    /// The same bytes, coded with brotli at its highest quality.
    pub brotli: &'static [u8],
    /// Whether the name holds the hash of the content, so that it may be kept for ever.
    pub immutable: bool,
}

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The file of that name, or none: then it never was one, or the widget was not built (see `build.rs`).
#[must_use]
pub fn find(name: &str) -> Option<&'static Asset> {
    EMBEDDED.iter().find(|asset| asset.name == name)
}

/// A file of the collector's own.
#[derive(Debug)]
pub struct Coded {
    /// The bytes as they are.
    pub identity: Vec<u8>,
    /// The same bytes, coded with brotli.
    pub brotli: Vec<u8>,
}

impl Coded {
    /// Codes a file.
    #[must_use]
    pub fn of(identity: Vec<u8>) -> Self {
        Self { brotli: brotli(&identity, 11), identity }
    }
}

/// Codes a page, or a file of its size, with brotli at this quality (0 to 11).
#[must_use]
pub fn brotli(bytes: &[u8], quality: i32) -> Vec<u8> {
    let parameters = ::brotli::enc::BrotliEncoderParams { quality, lgwin: 18, ..Default::default() };
    let mut coded = Vec::with_capacity(bytes.len() / 3);
    match ::brotli::BrotliCompress(&mut &bytes[..], &mut coded, &parameters) {
        Ok(_) => coded,
        // Writing to memory does not fail; if it did, a page cut short would be worse than an empty one.
        Err(_) => Vec::new(),
    }
}

/// The script of hosts that have pasted that of today's service.
pub static MODAL: LazyLock<Coded> =
    LazyLock::new(|| Coded::of(include_bytes!("../assets/jdma-modal-widget.js").to_vec()));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_modal_script_is_small() {
        assert!(MODAL.brotli.len() <= 3_500, "{} bytes", MODAL.brotli.len());
    }

    #[test]
    fn every_embedded_file_is_found_by_its_name_and_smaller_in_brotli() {
        for asset in EMBEDDED {
            let found = find(asset.name).unwrap();
            assert!(found.brotli.len() < found.identity.len(), "{}", asset.name);
        }
    }

    #[test]
    fn an_unknown_name_is_no_asset() {
        assert!(find("../avis.db").is_none());
    }

    #[test]
    fn the_loader_alone_may_change_under_its_name() {
        for asset in EMBEDDED {
            assert_eq!(asset.immutable, asset.name != "avis.js");
        }
    }
}
