//! The form in three real browsers.
#![expect(clippy::panic, clippy::unwrap_used, reason = "test code, also outside `#[test]` functions")]

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
                run(Engine::WebKit).await;
            }
        }
    )*};
}

mod embedding;
mod failures;
mod harness;
mod host_page;
mod hosted_form;
mod keyboard;
mod walk;
mod without_javascript;
