//! Content security policies, as browsers read them: [CSP Level 3](https://www.w3.org/TR/CSP3/).
//!
//! What decides about the button is here and nothing else: scripts that a page loads, connections, frames, images and
//! WebAssembly. Where browsers and the text differ about addresses in digits, this follows the browsers.

use std::fmt;
use url::Url;

/// How a policy came to the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// By the header `Content-Security-Policy`.
    Header,
    /// By a `<meta>`, which holds for what comes after it.
    Meta,
}

impl fmt::Display for Delivery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Header => "the header Content-Security-Policy",
            Self::Meta => "the <meta> with Content-Security-Policy",
        })
    }
}

/// A directive: its name in lower case, and its values as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: Vec<String>,
}

/// One policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// How it came.
    pub delivery: Delivery,
    directives: Vec<Directive>,
}

/// A script that a page loads from an address.
#[derive(Debug, Clone, Copy)]
pub struct Script<'a> {
    /// Its address.
    pub url: &'a Url,
    /// The nonce of its tag.
    pub nonce: Option<&'a str>,
    /// The hashes that its tag wants.
    pub integrity: Option<&'a str>,
}

/// Directives that a `<meta>` cannot give.
const HEADER_ONLY: [&str; 3] = ["frame-ancestors", "report-uri", "sandbox"];

impl Policy {
    /// Reads what one header, or one `<meta>`, says: policies are separated by commas. Of a directive that is given
    /// twice, the first counts.
    #[must_use]
    pub fn parse_all(text: &str, delivery: Delivery) -> Vec<Self> {
        let policies = text.split(',').map(|text| Self::parse(text, delivery));
        policies.filter(|policy| !policy.directives.is_empty()).collect()
    }

    fn parse(text: &str, delivery: Delivery) -> Self {
        let mut directives: Vec<Directive> = Vec::new();
        for directive in text.split(';') {
            let mut words = directive.split_ascii_whitespace();
            let Some(name) = words.next().map(str::to_ascii_lowercase) else { continue };
            let ignored = delivery == Delivery::Meta && HEADER_ONLY.contains(&name.as_str());
            if !ignored && !directives.iter().any(|known| known.name == name) {
                directives.push(Directive { name, values: words.map(str::to_owned).collect() });
            }
        }
        Self { delivery, directives }
    }

    /// The directive of this name, if the policy has it.
    #[must_use]
    pub fn directive(&self, name: &str) -> Option<&Directive> {
        self.directives.iter().find(|directive| directive.name == name)
    }

    /// The directive that decides in the place of this one, which may be absent: none where nothing is decided.
    #[must_use]
    pub fn deciding(&self, name: &str) -> Option<&Directive> {
        let before: &[&str] = match name {
            "script-src" => &["script-src-elem"],
            _ => &[],
        };
        let after: &[&str] = match name {
            "frame-src" => &["child-src", "default-src"],
            _ => &["default-src"],
        };
        before.iter().chain([&name]).chain(after).find_map(|name| self.directive(name))
    }

    /// The directive that forbids this script; none if it may run.
    #[must_use]
    pub fn forbids_script(&self, script: Script<'_>, page: Option<&Url>) -> Option<&Directive> {
        let deciding = self.deciding("script-src")?;
        (!deciding.allows_script(script, page)).then_some(deciding)
    }

    /// The directive that forbids what this one (`connect-src`, `frame-src`, `img-src`) is about at an address; none if
    /// it is allowed.
    #[must_use]
    pub fn forbids(&self, name: &str, url: &Url, page: Option<&Url>) -> Option<&Directive> {
        let deciding = self.deciding(name)?;
        (!deciding.matches(url, page)).then_some(deciding)
    }

    /// The directive that forbids WebAssembly; none if it may run. `script-src-elem` has no say in it.
    #[must_use]
    pub fn forbids_web_assembly(&self) -> Option<&Directive> {
        let deciding = self.directive("script-src").or_else(|| self.directive("default-src"))?;
        let allowed = deciding.has("'wasm-unsafe-eval'") || deciding.has("'unsafe-eval'");
        (!allowed).then_some(deciding)
    }

    /// The directive that forbids any script, whatever its source: a sandbox without scripts.
    #[must_use]
    pub fn sandboxes_scripts(&self) -> Option<&Directive> {
        self.directive("sandbox").filter(|sandbox| !sandbox.has("allow-scripts"))
    }

    /// Whether what the page loads over http is loaded over https instead.
    #[must_use]
    pub fn upgrades_insecure_requests(&self) -> bool {
        self.directive("upgrade-insecure-requests").is_some()
    }
}

impl fmt::Display for Directive {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)?;
        self.values.iter().try_for_each(|value| write!(formatter, " {value}"))
    }
}

impl Directive {
    /// Whether it has this keyword.
    #[must_use]
    pub fn has(&self, keyword: &str) -> bool {
        self.values.iter().any(|value| value.eq_ignore_ascii_case(keyword))
    }

    /// Whether it allows scripts by their nonce.
    #[must_use]
    pub fn takes_nonces(&self) -> bool {
        self.values.iter().any(|value| quoted(value, "nonce-").is_some())
    }

    fn allows_script(&self, script: Script<'_>, page: Option<&Url>) -> bool {
        let named = |nonce: &str| {
            !nonce.is_empty() && self.values.iter().any(|value| quoted(value, "nonce-") == Some(nonce))
        };
        if script.nonce.is_some_and(named) || script.integrity.is_some_and(|hashes| self.allows_all(hashes)) {
            return true;
        }
        // A tag in the HTML is inserted by the parser: that is what 'strict-dynamic' does not trust.
        !self.has("'strict-dynamic'") && self.matches(script.url, page)
    }

    /// Whether every hash that a tag wants is one of its own. What is no hash in there says nothing.
    fn allows_all(&self, integrity: &str) -> bool {
        let mut hashes = integrity.split_ascii_whitespace().filter_map(Hash::parse).peekable();
        let own: Vec<Hash> = self.values.iter().filter_map(|value| Hash::parse(quoted(value, "")?)).collect();
        hashes.peek().is_some() && hashes.all(|hash| own.contains(&hash))
    }

    /// Whether one of its sources is an address that this one falls under.
    fn matches(&self, url: &Url, page: Option<&Url>) -> bool {
        self.values.iter().any(|value| Source::parse(value).is_some_and(|source| source.matches(url, page)))
    }
}

/// What stands between quotes behind this prefix, in any case: `'nonce-…'`, `'sha256-…'`.
fn quoted<'a>(value: &'a str, prefix: &str) -> Option<&'a str> {
    let inner = value.strip_prefix('\'')?.strip_suffix('\'')?;
    let (start, rest) = inner.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// A hash such as `sha384-…`, in one of the two alphabets of base64.
#[derive(Debug, PartialEq, Eq)]
struct Hash {
    algorithm: String,
    digest: String,
}

impl Hash {
    fn parse(text: &str) -> Option<Self> {
        let (algorithm, digest) = text.split_once('-')?;
        let algorithm = algorithm.to_ascii_lowercase();
        let known = ["sha256", "sha384", "sha512"].contains(&algorithm.as_str());
        // Behind a question mark are options, of which there are none.
        let digest = digest.split('?').next().unwrap_or_default().replace('-', "+").replace('_', "/");
        known.then_some(Self { algorithm, digest })
    }
}

/// A source that is about addresses.
#[derive(Debug, PartialEq, Eq)]
enum Source<'a> {
    Any,
    SameOrigin,
    Scheme(&'a str),
    Host { scheme: Option<&'a str>, host: &'a str, port: Option<&'a str>, path: &'a str },
}

impl<'a> Source<'a> {
    /// Reads a source; none for what is about no address (`'none'`, other keywords, nonces, hashes) or makes no sense.
    fn parse(text: &'a str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Any);
        }
        if text.starts_with('\'') {
            return text.eq_ignore_ascii_case("'self'").then_some(Self::SameOrigin);
        }
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => match text.strip_suffix(':') {
                Some(scheme) => return is_scheme(scheme).then_some(Self::Scheme(scheme)),
                None => (None, text),
            },
        };
        if !scheme.is_none_or(is_scheme) {
            return None;
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let port_at = match authority.rfind(']') {
            Some(bracket) => authority[bracket..].find(':').map(|colon| bracket + colon),
            None => authority.find(':'),
        };
        let (host, port) = match port_at {
            Some(at) => (&authority[..at], Some(&authority[at + 1..])),
            None => (authority, None),
        };
        let port_ok = port.is_none_or(|port| port == "*" || port.parse::<u16>().is_ok());
        (!host.is_empty() && port_ok).then_some(Self::Host { scheme, host, port, path })
    }

    fn matches(&self, url: &Url, page: Option<&Url>) -> bool {
        match self {
            Self::Any => {
                is_http(url.scheme()) || page.is_some_and(|page| scheme_matches(page.scheme(), url.scheme()))
            }
            Self::SameOrigin => page.is_some_and(|page| is_same(page, url)),
            Self::Scheme(scheme) => scheme_matches(scheme, url.scheme()),
            Self::Host { scheme, host, port, path } => {
                // Without one of its own, the page's counts. Of a page whose address nobody knows, any.
                let scheme = scheme.or(page.map(Url::scheme));
                scheme.is_none_or(|scheme| scheme_matches(scheme, url.scheme()))
                    && url.host_str().is_some_and(|of_url| host_matches(host, of_url))
                    && port_matches(*port, url)
                    && path_matches(path, url.path())
            }
        }
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

fn is_http(scheme: &str) -> bool {
    matches!(scheme, "http" | "https")
}

/// Whether a scheme falls under that of a source: what is safer does.
fn scheme_matches(source: &str, scheme: &str) -> bool {
    let source = source.to_ascii_lowercase();
    source == scheme
        || matches!((source.as_str(), scheme), ("http" | "wss", "https") | ("ws", "wss" | "http" | "https"))
}

fn host_matches(source: &str, host: &str) -> bool {
    match source.strip_prefix('*') {
        Some("") => true,
        Some(suffix) if suffix.starts_with('.') => host
            .len()
            .checked_sub(suffix.len())
            .and_then(|start| host.get(start..))
            .is_some_and(|end| host.len() > suffix.len() && end.eq_ignore_ascii_case(suffix)),
        Some(_) => false,
        None => source.eq_ignore_ascii_case(host),
    }
}

fn port_matches(source: Option<&str>, url: &Url) -> bool {
    match source {
        // The URL has none of its own where it is the scheme's.
        None => url.port().is_none(),
        Some("*") => true,
        Some(port) => port.parse().ok() == url.port_or_known_default(),
    }
}

/// With a slash at its end, a path stands for all below it; else for itself.
fn path_matches(source: &str, path: &str) -> bool {
    if source.is_empty() || source == "/" {
        return true;
    }
    let (own, of_url): (Vec<&str>, Vec<&str>) = (source.split('/').collect(), path.split('/').collect());
    let compared = if source.ends_with('/') {
        &own[..own.len() - 1]
    } else if own.len() == of_url.len() {
        &own[..]
    } else {
        return false;
    };
    own.len() <= of_url.len()
        && compared.iter().zip(&of_url).all(|(one, other)| decoded(one) == decoded(other))
}

fn decoded(segment: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(segment).collect()
}

/// What `'self'` means: the page's own origin, or the safer one of the same host.
fn is_same(page: &Url, url: &Url) -> bool {
    if page.origin() == url.origin() {
        return page.origin().is_tuple();
    }
    let (of_page, of_url) = (page.host_str(), url.host_str());
    of_page.is_some()
        && of_page == of_url
        && page.port() == url.port()
        && matches!(url.scheme(), "https" | "wss")
}

#[cfg(test)]
mod tests;
