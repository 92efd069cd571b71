//! What a page that shows the button must allow, and what its element understands: the one definition from which the
//! integration page writes its policy lines, and the doctor reads the policies of others.

use crate::assets::Integrity;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The address of the loader at a collector. It stays the same from version to version.
pub const LOADER: &str = "/v1/avis.js";

/// The way in which a page brings the loader in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Snippet {
    /// A module of its own. `DOMContentLoaded` and `load` wait for it, as long as the collector takes.
    Module,
    /// The same, for which only `load` waits.
    Async,
    /// A line of script that imports it after `load`, so that nothing waits. A policy that forbids scripts within the
    /// page has to allow it, by a nonce or its hash; or the page puts the line in a script of its own.
    AfterLoad,
}

impl Snippet {
    /// Every one, the most patient first.
    pub const ALL: [Self; 3] = [Self::Module, Self::Async, Self::AfterLoad];

    /// Its HTML, for the collector at this address.
    #[must_use]
    pub fn html(self, collector: &str) -> String {
        match self {
            Self::Module => format!(r#"<script type="module" src="{collector}{LOADER}"></script>"#),
            Self::Async => format!(r#"<script type="module" async src="{collector}{LOADER}"></script>"#),
            Self::AfterLoad => format!(r#"<script type="module">{}</script>"#, after_load(collector)),
        }
    }
}

/// The line of [`Snippet::AfterLoad`].
fn after_load(collector: &str) -> String {
    format!(r#"addEventListener("load", () => import("{collector}{LOADER}"))"#)
}

/// The source that allows that line, and no other script within the page.
#[must_use]
pub fn after_load_source(collector: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(after_load(collector))))
}

/// What the address of a pinned loader begins with; the digits of its digest follow.
pub const PINNED: &str = "/v1/avis-";

/// A loader at an address that holds its digest: whole, so that one integrity covers all the JavaScript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// Its address at a collector.
    pub path: String,
    /// The digest of its bytes.
    pub integrity: Integrity,
}

impl Pinned {
    /// The one of this name.
    #[must_use]
    pub fn new(name: &str, integrity: Integrity) -> Self {
        Self { path: format!("/v1/{name}"), integrity }
    }

    /// Its HTML, for the collector at this address. As with [`Snippet::Async`], only `load` waits for it.
    #[must_use]
    pub fn html(&self, collector: &str) -> String {
        let Self { path, integrity } = self;
        format!(
            r#"<script type="module" async src="{collector}{path}" integrity="{integrity}" crossorigin></script>"#
        )
    }

    /// Whether the file is a loader, or one that loaders fetch.
    #[must_use]
    pub fn is_loader(&self) -> bool {
        self.path.starts_with(PINNED)
    }

    /// A policy that allows this very loader and no other script, whoever should come to serve it.
    #[must_use]
    pub fn policy(&self, collector: &str) -> String {
        let hash = format!("'{}'", self.integrity);
        written(|need| if need == Need::Script { &hash } else { need.source(collector) })
    }
}

/// The name of the element.
pub const ELEMENT: &str = "je-donne-mon-avis";

/// The values of its `mode`; the first is the default.
pub const MODES: [&str; 3] = ["dialog", "inline", "frame"];

/// The values of its `theme`; the first is the default.
pub const THEMES: [&str; 3] = ["auto", "light", "dark"];

/// Something that a page with a content security policy has to allow.
///
/// No style is among it: the element adopts style sheets that it makes by script, which no policy forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// To run the loader, and what it imports from beside it.
    Script,
    /// To instantiate the form's WebAssembly. Where it is forbidden, the form opens in a frame, else by its link.
    WebAssembly,
    /// To fetch the wasm and to send avis.
    Connection,
    /// To show the hosted form in a frame: for `mode="frame"`, and where WebAssembly is forbidden.
    Frame,
    /// To show the button as an image.
    Image,
}

impl Need {
    /// Every one, those of one directive side by side.
    pub const ALL: [Self; 5] = [Self::Script, Self::WebAssembly, Self::Connection, Self::Frame, Self::Image];

    /// The directive that allows it.
    #[must_use]
    pub fn directive(self) -> &'static str {
        match self {
            Self::Script | Self::WebAssembly => "script-src",
            Self::Connection => "connect-src",
            Self::Frame => "frame-src",
            Self::Image => "img-src",
        }
    }

    /// What to add to that directive: the origin of the collector, or a keyword.
    #[must_use]
    pub fn source(self, collector: &str) -> &str {
        match self {
            Self::WebAssembly => "'wasm-unsafe-eval'",
            Self::Script | Self::Connection | Self::Frame | Self::Image => collector,
        }
    }
}

/// A policy that allows all of it from the collector at this origin, and nothing else.
#[must_use]
pub fn policy(collector: &str) -> String {
    written(|need| need.source(collector))
}

fn written<'a>(source: impl Fn(Need) -> &'a str) -> String {
    let directives = Need::ALL.chunk_by(|one, other| one.directive() == other.directive());
    let written = directives.map(|needs| {
        let sources = needs.iter().map(|need| source(*need));
        sources.fold(needs[0].directive().to_owned(), |text, source| text + " " + source)
    });
    written.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_names_each_directive_once() {
        assert_eq!(
            policy("https://a.example"),
            "script-src https://a.example 'wasm-unsafe-eval'; connect-src https://a.example; \
             frame-src https://a.example; img-src https://a.example"
        );
    }

    #[test]
    fn the_policy_of_a_pinned_loader_names_its_digest_and_no_host_for_scripts() {
        let pinned = Pinned::new("avis-0f3c.js", Integrity::of(b"abc"));
        assert_eq!(
            pinned.policy("https://a.example"),
            "script-src 'sha384-ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2AhgcroefMI1i67KE0yCWn' \
             'wasm-unsafe-eval'; connect-src https://a.example; frame-src https://a.example; \
             img-src https://a.example"
        );
    }

    #[test]
    fn the_loader_registers_this_element() {
        let loader = include_str!("../../widget/loader/avis.js");
        assert!(loader.contains(&format!("customElements.define(\"{ELEMENT}\"")));
    }
}
