//! The widget's files, embedded by `build.rs`: the loader, the pinned loader, the glue, the wasm and the texts, each with
//! its brotli twin made once at build time, so that serving one costs no compression. Those whose names hold their digest
//! are kept in the store as well, for collectors of later versions ([`Shelf`]). And small files of the collector's own,
//! coded once when they are first asked for.

mod shelf;

pub use shelf::Shelf;

use crate::day::Day;
use crate::embedding::Pinned;
use crate::hexadecimal;
use actix_web::web::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha384};
use std::collections::HashMap;
use std::fmt;
use std::io::Read;
use std::str::FromStr;
use std::sync::LazyLock;

/// The SHA-384 of a file, by which browsers know it: `sha384-…` in the `integrity` of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Integrity(pub [u8; 48]);

impl Integrity {
    const ALGORITHM: &str = "sha384-";

    /// That of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha384::digest(bytes).into())
    }

    /// Its hexadecimal digits, the first of which stand in names.
    #[must_use]
    pub fn digits(&self) -> String {
        hexadecimal::encode(&self.0)
    }
}

impl fmt::Display for Integrity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", Self::ALGORITHM, STANDARD.encode(self.0))
    }
}

impl FromStr for Integrity {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let coded = text.strip_prefix(Self::ALGORITHM).and_then(|coded| STANDARD.decode(coded).ok());
        coded.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or("an integrity is written like sha384-…")
    }
}

/// A file that is or was served at an address that holds its digest, as the store keeps it, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAsset {
    /// Its name, what follows `/v1/` in its address.
    pub name: String,
    /// What `Content-Type` says of it.
    pub media_type: String,
    /// The digest of its bytes.
    pub integrity: Integrity,
    /// How many bytes.
    pub size: u64,
    /// The day on which a collector first served it.
    pub first_served: Day,
    /// Whether it is served no more, nor is anything else of its digest.
    pub revoked: bool,
}

impl KeptAsset {
    /// Its bytes from their brotli, if they are what its digest says. No more is decoded than its size.
    #[must_use]
    pub fn decoded(&self, brotli: &[u8]) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let coded = ::brotli::Decompressor::new(brotli, 4_096);
        coded.take(self.size.saturating_add(1)).read_to_end(&mut bytes).ok()?;
        (Integrity::of(&bytes) == self.integrity).then_some(bytes)
    }
}

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

static INTEGRITIES: LazyLock<HashMap<&str, Integrity>> =
    LazyLock::new(|| EMBEDDED.iter().map(|asset| (asset.name, Integrity::of(asset.identity))).collect());

impl Asset {
    /// The digest of its bytes.
    #[must_use]
    pub fn integrity(&self) -> Integrity {
        INTEGRITIES.get(self.name).copied().unwrap_or_else(|| Integrity::of(self.identity))
    }

    /// Its bytes, in both codings.
    #[must_use]
    pub fn coded(&self) -> Coded {
        Coded { identity: Bytes::from_static(self.identity), brotli: Bytes::from_static(self.brotli) }
    }
}

/// The file of that name, or none: then it never was one, or the widget was not built (see `build.rs`).
#[must_use]
pub fn find(name: &str) -> Option<&'static Asset> {
    EMBEDDED.iter().find(|asset| asset.name == name)
}

/// The files of this version that are to be kept, with their brotli: all whose names hold their digest.
#[must_use]
pub fn to_keep(today: Day) -> Vec<(KeptAsset, Vec<u8>)> {
    let immutable = EMBEDDED.iter().filter(|asset| asset.immutable);
    immutable.map(|asset| (kept(asset, today), asset.brotli.to_vec())).collect()
}

fn kept(asset: &Asset, first_served: Day) -> KeptAsset {
    KeptAsset {
        name: asset.name.to_owned(),
        media_type: asset.content_type.to_owned(),
        integrity: asset.integrity(),
        size: asset.identity.len() as u64,
        first_served,
        revoked: false,
    }
}

/// The pinned loader of this version; none if the widget was not built, or if a part of it was revoked.
#[must_use]
pub fn pinned(is_revoked: impl Fn(Integrity) -> bool) -> Option<Pinned> {
    let immutable = EMBEDDED.iter().filter(|asset| asset.immutable);
    let all: Vec<Pinned> = immutable.map(|asset| Pinned::new(asset.name, asset.integrity())).collect();
    let is_whole = !all.iter().any(|one| is_revoked(one.integrity));
    all.into_iter().find(|one| is_whole && one.is_loader())
}

/// A file in both codings.
#[derive(Debug, Clone)]
pub struct Coded {
    /// The bytes as they are.
    pub identity: Bytes,
    /// The same bytes, coded with brotli.
    pub brotli: Bytes,
}

impl Coded {
    /// Codes a file.
    #[must_use]
    pub fn of(identity: Vec<u8>) -> Self {
        Self { brotli: brotli(&identity, 11).into(), identity: identity.into() }
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

    #[test]
    fn what_is_kept_has_its_digest_in_its_name() {
        for (asset, brotli) in to_keep("2026-11-22".parse().unwrap()) {
            let (_, digits) = asset.name.rsplit_once('-').unwrap();
            let digits = digits.split('.').next().unwrap();
            assert!(digits.len() == 32 && asset.integrity.digits().starts_with(digits), "{}", asset.name);
            assert_eq!(asset.decoded(&brotli).unwrap().len() as u64, asset.size);
        }
    }

    #[test]
    fn an_integrity_is_read_as_it_is_written() {
        let integrity = Integrity::of(b"abc");
        let text = "sha384-ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2AhgcroefMI1i67KE0yCWn";
        assert_eq!(integrity.to_string(), text);
        assert_eq!(text.parse(), Ok(integrity));
        for wrong in ["", "sha384-", "sha256-ywB1", &text[..70]] {
            assert!(wrong.parse::<Integrity>().is_err(), "{wrong}");
        }
    }
}
