//! Looks for inputs that make a target panic, by libFuzzer. `cargo xtask fuzz` builds and runs it.

#![no_main]

use fuzz::Target;
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

/// The target that the environment names.
static TARGET: OnceLock<Target> = OnceLock::new();

fuzz_target!(
    init: {
        let target = std::env::var("AVIS_FUZZ_TARGET").ok().and_then(|name| fuzz::target(&name));
        #[expect(clippy::expect_used, reason = "there is nothing else to do, and nobody else to tell")]
        TARGET.get_or_init(|| target.expect("AVIS_FUZZ_TARGET names a target"));
    },
    |bytes: &[u8]| {
        if let Some(target) = TARGET.get() {
            target(bytes);
        }
    }
);
