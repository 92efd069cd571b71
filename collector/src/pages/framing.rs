//! The form inside a page of somebody else: who may show it there, and what it tells that page.
//!
//! A host asks for the form by `mode=widget&nonce=N`, and hears from it by messages between windows, each with that
//! nonce: `{source: "jdma-widget", type: "resize", height, nonce}` at every step, `sent` whenever answers were stored,
//! `failed` when they could not be, `submitted` at the end, and `close` when Esc is pressed in it. Both parameters go from step to step in the address, where the script that sends the
//! messages finds them: they are the host's, nothing depends on them here, so nothing signs them.

use crate::query::parameter;
use actix_web::HttpRequest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, PreEscaped, html};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// What sends the messages. In the page rather than beside it: it costs no request at each step, and is never of
/// another version than the page.
const SCRIPT: &str = include_str!("../../assets/frame.js");

/// What allows that script and no other.
static SCRIPT_SOURCE: LazyLock<String> =
    LazyLock::new(|| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(SCRIPT))));

/// How a page of the form may be framed, and whether the page around it wants to hear from it.
#[derive(Debug, Clone, Default)]
pub struct Framing {
    ancestors: Vec<String>,
    /// Of a host that wants to hear: what keeps it hearing, as a part of a query.
    host: Option<String>,
}

impl Framing {
    /// For an answer to this request, which `ancestors` (origins) may show in a frame: anyone, if there are none.
    #[must_use]
    pub fn of(request: &HttpRequest, ancestors: Vec<String>) -> Self {
        let nonce = || parameter(request, "nonce").filter(|nonce| !nonce.is_empty());
        let host = parameter(request, "mode").filter(|mode| mode == "widget").map(|mode| {
            let pairs = [Some(("mode", mode)), nonce().map(|nonce| ("nonce", nonce))];
            serde_urlencoded::to_string(pairs.into_iter().flatten().collect::<Vec<_>>()).unwrap_or_default()
        });
        Self { ancestors, host }
    }

    /// What an address within the form carries on, to be added to its query: nothing, or `&mode=widget&nonce=N`.
    #[must_use]
    pub fn query(&self) -> String {
        self.host.as_ref().map(|host| format!("&{host}")).unwrap_or_default()
    }

    /// The directive that says who may frame it, to be added to a policy. None at all where anyone may: `*` means the
    /// pages of networks alone, and not those that an application on a kiosk or a telephone brings with it.
    pub(super) fn directive(&self) -> String {
        match self.ancestors.as_slice() {
            [] => String::new(),
            origins => format!("; frame-ancestors 'self' {}", origins.join(" ")),
        }
    }

    /// The source of the script, where there is one.
    pub(super) fn script_source(&self) -> Option<&'static str> {
        self.host.as_ref().map(|_| SCRIPT_SOURCE.as_str())
    }

    /// The class of the page's content: without a margin of its own inside a host's.
    pub(super) fn class(&self) -> Option<&'static str> {
        self.host.as_ref().map(|_| "framed")
    }

    /// The script, where there is one; after the one that upgrades the form, since it looks for what that made.
    pub(super) fn script(&self) -> Markup {
        html! {
            @if self.host.is_some() {
                script type="module" { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn framing(query: &str) -> Framing {
        Framing::of(&TestRequest::with_uri(&format!("/avis/1?{query}")).to_http_request(), vec![])
    }

    #[test]
    fn the_mode_and_the_nonce_are_carried_on_as_they_came() {
        assert_eq!(framing("mode=widget&nonce=6f2a").query(), "&mode=widget&nonce=6f2a");
        assert_eq!(
            framing("&button=1&nonce=a%26b%3D%22%3Cc+d%C3%A9&mode=widget&nonce=e").query(),
            "&mode=widget&nonce=a%26b%3D%22%3Cc+d%C3%A9"
        );
    }

    #[test]
    fn a_nonce_may_be_missing_and_is_nothing_without_the_mode() {
        assert_eq!(framing("mode=widget").query(), "&mode=widget");
        assert_eq!(framing("mode=widget&nonce=").query(), "&mode=widget");
        assert_eq!(framing("nonce=6f2a").query(), "");
        assert_eq!(framing("mode=preview&nonce=6f2a").query(), "");
    }

    #[test]
    fn the_script_comes_with_what_allows_it() {
        let (alone, framed) = (framing(""), framing("mode=widget"));
        assert_eq!((alone.script().0.as_str(), alone.script_source()), ("", None));
        assert!(framed.script().0.contains("postMessage"));
        assert!(framed.script_source().is_some_and(|source| source.starts_with("'sha256-")));
    }

    #[test]
    fn the_origins_of_boutons_frame_it_and_anyone_where_there_are_none() {
        let request = TestRequest::default().to_http_request();
        assert_eq!(Framing::of(&request, vec![]).directive(), "");
        let origins = vec!["https://a.example".to_owned(), "https://b.example".to_owned()];
        let directive = "; frame-ancestors 'self' https://a.example https://b.example";
        assert_eq!(Framing::of(&request, origins).directive(), directive);
    }
}
