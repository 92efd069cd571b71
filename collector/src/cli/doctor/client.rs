//! Reading pages, and asking collectors, over HTTP.

use crate::assets::Integrity;
use crate::doctor::csp::{Delivery, Policy};
use crate::doctor::{BoutonStanding, LoaderStanding, Placement, Registered, Standing, Visit, origin_of};
use serde_json::Value;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use ureq::http::Response;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Body, Error};
use url::Url;

/// For an answer, whole.
const PATIENCE: Duration = Duration::from_secs(20);

/// As many as browsers follow at most.
const REDIRECTS: usize = 20;

/// No answer of a collector that matters here is longer.
const LONGEST_ANSWER: u64 = 1 << 20;

/// Reads what it is told to, for one person who waits: one thing after the other.
pub(super) struct Client {
    agent: Agent,
}

impl Client {
    pub(super) fn new() -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(PATIENCE))
            .user_agent(concat!("collector-doctor/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls())
            .build();
        Self { agent: config.new_agent() }
    }

    /// Reads a page, and follows where it leads.
    ///
    /// # Errors
    /// Why it cannot be read, and what to do.
    pub(super) fn visit(&self, mut url: Url, longest: u64) -> Result<Visit, String> {
        let mut redirects = Vec::new();
        loop {
            let response = self.get(&url).map_err(|error| cannot_read(&url, &error))?;
            if let Some(next) = next(&url, &response) {
                if !matches!(next.scheme(), "http" | "https") {
                    return Err(format!("{url} leads to {next}, which is no page of the web"));
                }
                if redirects.len() == REDIRECTS {
                    return Err(format!(
                        "{url} leads from page to page without an end: give the last of them"
                    ));
                }
                redirects.push(std::mem::replace(&mut url, next));
                continue;
            }
            let headers = response.headers().iter().map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            });
            let (headers, status) = (headers.collect(), Some(response.status().as_u16()));
            let html = text(response, longest).map_err(|error| cannot_read(&url, &error))?;
            return Ok(Visit { url: Some(url), redirects, status, headers, html });
        }
    }

    /// What the collector at this address tells the public of a démarche and a bouton: whether the démarche is registered
    /// and open, whether the bouton is closed, and who may frame its form.
    pub(super) fn standing(&self, placement: &Placement, collector: &Url) -> Standing {
        self.told(placement, collector).unwrap_or_else(Standing::Untold)
    }

    /// How a pinned loader stands at its collector; none where that does not tell.
    pub(super) fn loader(&self, url: &Url) -> Option<LoaderStanding> {
        let response = self.get(url).ok()?;
        match response.status().as_u16() {
            200 => Some(LoaderStanding::Served(Integrity::of(&bytes(response, LONGEST_ANSWER).ok()?))),
            404 => Some(LoaderStanding::Unknown),
            410 => Some(LoaderStanding::Revoked),
            _ => None,
        }
    }

    fn told(&self, placement: &Placement, collector: &Url) -> Result<Standing, String> {
        let name = placement.demarche.as_str();
        let origin = origin_of(collector);
        let silent = |error: Error| format!("{origin} does not tell ({})", reason(&error));
        let response =
            self.get(&below(collector, &["api", "v1", "demarches", name], None)).map_err(silent)?;
        let status = response.status().as_u16();
        let body = text(response, LONGEST_ANSWER).map_err(silent)?;
        let body: Value = serde_json::from_str(&body).unwrap_or_default();
        let registered = (body["id"].as_str(), body["closed"].as_bool());
        let (demarche, closed) = match registered {
            (Some(id), Some(closed)) => (id.to_owned(), closed),
            _ if status == 404 && body["type"].is_string() => return Ok(Standing::UnknownDemarche),
            _ => return Err(format!("{origin} does not answer as a collector does ({status})")),
        };
        let form =
            self.get(&below(collector, &["avis", name], placement.bouton.as_deref())).map_err(silent)?;
        let bouton = placement.bouton.as_ref().map(|_| match form.status().as_u16() {
            410 => BoutonStanding::Closed,
            _ => BoutonStanding::Untold,
        });
        Ok(Standing::Registered(Registered { demarche, closed, bouton, origins: ancestors(&form) }))
    }

    fn get(&self, url: &Url) -> Result<Response<Body>, Error> {
        self.agent.get(url.as_str()).call()
    }
}

/// The authorities of this machine, as the collector takes them for its database.
static AUTHORITIES: LazyLock<Arc<Vec<Certificate<'static>>>> = LazyLock::new(|| {
    let found = rustls_native_certs::load_native_certs().certs;
    Arc::new(found.iter().map(|der| Certificate::from_der(der).to_owned()).collect())
});

fn tls() -> TlsConfig {
    TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::Specific(AUTHORITIES.clone()))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build()
}

/// Where an answer leads.
fn next(url: &Url, response: &Response<Body>) -> Option<Url> {
    let leads = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = response.headers().get("location").filter(|_| leads)?;
    url.join(location.to_str().ok()?).ok()
}

fn text(response: Response<Body>, longest: u64) -> Result<String, Error> {
    // Whatever its encoding, what tells of the button is ASCII.
    Ok(String::from_utf8_lossy(&bytes(response, longest)?).into_owned())
}

fn bytes(mut response: Response<Body>, longest: u64) -> Result<Vec<u8>, Error> {
    response.body_mut().with_config().limit(longest).read_to_vec()
}

/// The origins that a form lets frame it, beside its own.
fn ancestors(form: &Response<Body>) -> Vec<String> {
    let header = form.headers().get("content-security-policy").and_then(|value| value.to_str().ok());
    let policies = header.map(|text| Policy::parse_all(text, Delivery::Header)).unwrap_or_default();
    let directives = policies.iter().filter_map(|policy| policy.directive("frame-ancestors"));
    directives.flat_map(|it| &it.values).filter(|value| !value.starts_with('\'')).cloned().collect()
}

fn below(collector: &Url, segments: &[&str], bouton: Option<&str>) -> Url {
    let mut url = collector.clone();
    url.set_query(None);
    url.set_fragment(None);
    // It fails for addresses that have no path alone, and these are of the web.
    if let Ok(mut path) = url.path_segments_mut() {
        path.clear().extend(segments);
    }
    if let Some(bouton) = bouton {
        url.query_pairs_mut().append_pair("bouton", bouton);
    }
    url
}

fn cannot_read(url: &Url, error: &Error) -> String {
    let advice = match error {
        Error::Timeout(_) => "try again",
        Error::BodyExceedsLimit(_) => "give the page that shows the button",
        _ if is_about_tls(error) => {
            "is the certificate one that browsers take, and its authority known to this machine (SSL_CERT_FILE)?"
        }
        _ => "check the address, and whether this machine reaches it",
    };
    format!("cannot read {url}: {}; {advice}", reason(error))
}

/// Errors of a handshake come as those of the connection under it.
fn is_about_tls(error: &Error) -> bool {
    match error {
        Error::Rustls(_) => true,
        Error::Io(error) => {
            error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>)
        }
        _ => false,
    }
}

fn reason(error: &Error) -> String {
    match error {
        Error::HostNotFound => "no such host is known".to_owned(),
        Error::Timeout(_) => format!("it takes longer than {} s", PATIENCE.as_secs()),
        Error::BodyExceedsLimit(limit) => format!("it is longer than {} MiB", limit >> 20),
        Error::Rustls(error) => error.to_string(),
        Error::Io(error) => error.to_string(),
        other => other.to_string(),
    }
}
