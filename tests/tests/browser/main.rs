//! The form in three real browsers.
#![expect(clippy::panic, clippy::unwrap_used, reason = "test code, also outside `#[test]` functions")]

use std::panic::{AssertUnwindSafe, resume_unwind};

use futures_util::FutureExt;

/// WebKit's driver now and then loses a command that meets a page on its way out, and never answers it: that says
/// nothing of the page, and the test begins again. What fails in any other way, or hangs three times, has failed.
async fn again_if_the_driver_hangs<T: Future<Output = ()>>(test: impl Fn() -> T) {
    for _ in 0..2 {
        match AssertUnwindSafe(test()).catch_unwind().await {
            Ok(()) => return,
            Err(panic) if panic.downcast_ref::<String>().is_some_and(|words| words.contains("hangs")) => {}
            Err(panic) => resume_unwind(panic),
        }
    }
    test().await;
}

/// The same test in each engine: `mod name { chromium, firefox, webkit }`.
macro_rules! in_every_engine {
    ($($(#[$attribute:meta])* async fn $name:ident($engine:ident: Engine) $body:block)*) => {$(
        $(#[$attribute])*
        mod $name {
            use super::*;

            async fn run($engine: Engine) $body

            #[tokio::test]
            async fn chromium() {
                run(Engine::Chromium).await;
            }

            #[tokio::test]
            async fn firefox() {
                run(Engine::Firefox).await;
            }

            #[tokio::test]
            async fn webkit() {
                crate::again_if_the_driver_hangs(|| run(Engine::WebKit)).await;
            }
        }
    )*};
}

mod accessibility;
mod care;
mod delivery;
mod embedding;
mod failures;
mod frame;
mod framed;
mod harness;
mod host_page;
mod hosted_form;
mod hosts;
mod keyboard;
mod languages;
mod matrix;
mod modal;
mod observatoire;
mod pages;
mod pinned;
mod walk;
mod without_javascript;
