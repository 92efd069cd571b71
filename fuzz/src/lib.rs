//! Every parser of foreign bytes, with what must hold whatever the bytes are.
//!
//! A target takes any bytes and panics where the collector does wrong: so libFuzzer can look for such bytes
//! (`cargo xtask fuzz`), and `tests/corpus.rs` tries every input that ever taught it something.

#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a panic is how a target tells what it found"
)]

mod targets;

pub use targets::{
    avis::avis, doctor::doctor, form::form, headers::headers, identity::identity, import::import, jdma::jdma,
    kept::kept, masking::masking, page_address::page_address, queries::queries, spool::spool,
};

/// Tries one input.
pub type Target = fn(&[u8]);

/// Every target by its name, which is that of its folder in `corpus` too.
pub const TARGETS: [(&str, Target); 12] = [
    ("avis", avis),
    ("doctor", doctor),
    ("form", form),
    ("headers", headers),
    ("identity", identity),
    ("import", import),
    ("jdma", jdma),
    ("kept", kept),
    ("masking", masking),
    ("page_address", page_address),
    ("queries", queries),
    ("spool", spool),
];

/// The target of this name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().find(|(known, _)| *known == name).map(|(_, target)| *target)
}
