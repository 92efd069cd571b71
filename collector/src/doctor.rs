//! Why a button does not do what it should: reads a page and its headers, without a browser, and says what is wrong
//! with how the button is embedded there.
//!
//! Nothing here goes out to a network or a database: [`Page::targets`] tells what there is to ask for, and
//! [`Facts`] holds what was answered.

pub mod csp;
mod facts;
mod finding;
mod page;

pub use facts::{BoutonStanding, Facts, LoaderStanding, Registered, Standing};
pub use finding::{Blocked, Finding};
pub use page::{Element, Image, Link, OLD_HOSTS, Page, Placement, Script, ScriptKind, Target};

use crate::assets::Integrity;
use crate::embedding::{self, LOADER, Need};
use csp::{Delivery, Directive, Policy};
use shared::Language;
use std::collections::HashSet;
use url::{Host, Url};

/// A page as it was answered.
#[derive(Debug, Default)]
pub struct Visit {
    /// Where it was found in the end; none for a saved page of which nobody said.
    pub url: Option<Url>,
    /// Each address that led to the next, in their order.
    pub redirects: Vec<Url>,
    /// The status; none for a saved page without headers.
    pub status: Option<u16>,
    /// The headers, names in any case.
    pub headers: Vec<(String, String)>,
    /// The HTML.
    pub html: String,
}

impl Visit {
    /// The values of a header.
    pub fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Parses its HTML.
    #[must_use]
    pub fn page(&self) -> Page {
        Page::parse(&self.html, self.url.as_ref())
    }
}

/// Everything that is found in a page, each thing once: what it is as a whole first, what is registered last.
#[must_use]
pub fn examine(visit: &Visit, page: &Page, facts: &Facts) -> Vec<Finding> {
    let examination = Examination { visit, page, facts, policies: policies(visit, page) };
    let mut found = Found::default();
    if examination.whole(&mut found) {
        examination.elements(&mut found);
        examination.scripts(&mut found);
        examination.frames(&mut found);
        examination.images(&mut found);
        examination.mixed_content(&mut found);
        examination.registration(&mut found);
    }
    found.0
}

/// The policies that are enforced.
fn policies(visit: &Visit, page: &Page) -> Vec<Enforced> {
    let of_headers = visit
        .header("content-security-policy")
        .flat_map(|text| Policy::parse_all(text, Delivery::Header))
        .map(|policy| Enforced { from: 0, policy });
    let of_page = page.policies.iter().flat_map(|(place, text)| {
        let policies = Policy::parse_all(text, Delivery::Meta).into_iter();
        policies.map(|policy| Enforced { from: *place, policy })
    });
    of_headers.chain(of_page).collect()
}

/// A policy with the place in the page from which on it holds.
struct Enforced {
    from: usize,
    policy: Policy,
}

/// What was found so far, each thing once.
#[derive(Default)]
struct Found(Vec<Finding>);

impl Found {
    fn add(&mut self, finding: Finding) {
        if !self.0.contains(&finding) {
            self.0.push(finding);
        }
    }

    fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        findings.into_iter().for_each(|finding| self.add(finding));
    }

    fn add_if(&mut self, applies: bool, finding: impl FnOnce() -> Finding) {
        if applies {
            self.add(finding());
        }
    }
}

struct Examination<'a> {
    visit: &'a Visit,
    page: &'a Page,
    facts: &'a Facts,
    policies: Vec<Enforced>,
}

impl Examination<'_> {
    /// What holds for the page as a whole. Returns whether it is one that can show a button to anybody.
    fn whole(&self, found: &mut Found) -> bool {
        let Self { visit, page, .. } = self;
        if let (Some(url), false) = (&visit.url, visit.redirects.is_empty()) {
            found.add(Finding::Redirected(url.clone()));
        }
        if let Some(status) = visit.status.filter(|status| *status >= 400) {
            found.add(Finding::PageStatus(status));
            return false;
        }
        if let Some(other) = visit.header("content-type").find(|text| !text.contains("html")) {
            found.add(Finding::NotHtml(other.to_owned()));
            return false;
        }
        found.add_if(page.is_empty(), || Finding::NoButton);
        let is_reported = visit.header("content-security-policy-report-only").next().is_some();
        found.add_if(is_reported, || Finding::ReportOnly);
        true
    }

    fn elements(&self, found: &mut Found) {
        let mut rated = HashSet::new();
        for element in &self.page.elements {
            attributes(element, found);
            found.add_if(!element.knows_language, || Finding::LangMissing);
            let Some(placement) = element.placement() else {
                found.add(Finding::ElementWithoutDemarche);
                continue;
            };
            let meant = self.facts.meant(&Target::Form(placement.clone()));
            if let Some((demarche, _)) = &meant
                && !rated.insert(demarche.clone())
            {
                found.add(Finding::ElementTwice(demarche.clone()));
            }
            match &element.link {
                None => found.add(Finding::ElementWithoutLink(placement)),
                Some(Link { target: None, written, .. }) => {
                    found.add(Finding::LinkElsewhere(written.clone()));
                }
                Some(Link { target: Some(to), .. }) => {
                    let of_link = self.facts.meant(to).filter(|of_link| Some(of_link) != meant.as_ref());
                    if let Some((demarche, bouton)) = of_link {
                        let link = Placement { demarche, bouton };
                        found.add(Finding::LinkDiffers { element: placement, link });
                    }
                }
            }
        }
    }

    fn scripts(&self, found: &mut Found) {
        let page = self.page;
        if page.loader().is_none() && !page.elements.is_empty() {
            if page.loads_by_script {
                found.add(Finding::ScriptByScript);
            } else {
                let links = page.elements.iter().filter_map(|element| element.link.as_ref()?.url.as_ref());
                let collector = links.map(origin_of).next().unwrap_or_else(|| "https://…".to_owned());
                found.add(Finding::ElementWithoutScript(collector + LOADER));
            }
        }
        for script in &page.scripts {
            match &script.kind {
                ScriptKind::Loader | ScriptKind::Pinned => self.loader(script, found),
                ScriptKind::Modal(form) => {
                    self.script_policy(script, found);
                    if let Some(url) = form.as_ref().and_then(|form| form.url.as_ref()) {
                        self.policy_of(Need::Frame, url, Finding::CspFrame, found);
                    }
                }
            }
        }
    }

    fn loader(&self, script: &Script, found: &mut Found) {
        let elements = &self.page.elements;
        found.add_if(elements.is_empty(), || Finding::ScriptWithoutElement);
        let is_module =
            script.script_type.as_deref().is_some_and(|it| it.trim().eq_ignore_ascii_case("module"));
        found.add_if(!is_module, || Finding::ScriptNotModule);
        let is_loader = script.kind == ScriptKind::Loader;
        found.add_if(is_loader && script.integrity.is_some(), || Finding::IntegrityOnStable);
        if !is_loader {
            self.pinned(script, found);
        }
        let own = origin_of(&script.url);
        for link in elements.iter().filter_map(|element| element.link.as_ref()) {
            let other = link.url.as_ref().filter(|_| link.target.is_some()).map(origin_of);
            if let Some(link) = other.filter(|other| *other != own) {
                found.add(Finding::ScriptOfAnotherHost { script: own.clone(), link });
            }
        }
        if !self.script_policy(script, found) {
            return;
        }
        if elements.iter().any(Element::is_framed) {
            self.policy_of(Need::Frame, &at(&script.url, "/avis/"), Finding::CspFrame, found);
        }
        if elements.iter().any(|element| !element.is_framed()) {
            self.form_policy(script, found);
        }
    }

    /// What a loader at an address with a hash needs besides.
    fn pinned(&self, script: &Script, found: &mut Found) {
        let url = &script.url;
        let wanted = script.integrity.as_deref().and_then(Wanted::of);
        found.add_if(wanted.is_none(), || Finding::PinnedWithoutIntegrity(url.clone()));
        match self.facts.loader(url) {
            None => {}
            Some(LoaderStanding::Unknown) => found.add(Finding::PinnedUnknown(url.clone())),
            Some(LoaderStanding::Revoked) => found.add(Finding::PinnedRevoked(url.clone())),
            Some(LoaderStanding::Served(integrity)) => {
                let is_refused = wanted.is_some_and(|wanted| !wanted.takes(integrity));
                found.add_if(is_refused, || Finding::PinnedIntegrity { url: url.clone(), integrity });
            }
        }
        // An empty value and one that makes no sense mean the same.
        let asked = script.crossorigin.as_deref();
        let credentials = asked.is_some_and(|value| value.eq_ignore_ascii_case("use-credentials"));
        found.add_if(asked.is_none() || credentials, || Finding::PinnedCrossorigin { credentials });
    }

    /// Whether the page's policies let this script run.
    fn script_policy(&self, script: &Script, found: &mut Found) -> bool {
        let url = &self.upgraded(&script.url);
        let (nonce, integrity) = (script.nonce.as_deref(), script.integrity.as_deref());
        let asked = csp::Script { url, nonce, integrity };
        let mut runs = true;
        // A policy in the page holds for what comes after it.
        for Enforced { policy, .. } in self.policies.iter().filter(|it| it.from < script.place) {
            let blocked = |directive| blocked(policy, directive, url);
            let finding = match policy.sandboxes_scripts() {
                Some(directive) => Some(Finding::CspSandbox(blocked(directive))),
                None => {
                    policy.forbids_script(asked, self.visit.url.as_ref()).map(blocked).map(Finding::CspScript)
                }
            };
            runs &= finding.is_none();
            found.extend(finding);
        }
        runs
    }

    /// What the form needs, once the loader runs, to open in the page.
    fn form_policy(&self, script: &Script, found: &mut Found) {
        let url = &self.upgraded(&script.url);
        // The stable loader imports the rest from beside it, under the nonce of its tag; the pinned one is whole.
        let beside = &at(url, "/v1/beside");
        let imported = csp::Script { url: beside, nonce: script.nonce.as_deref(), integrity: None };
        let api = &at(url, "/api/v1/avis");
        let visited = self.visit.url.as_ref();
        for Enforced { policy, .. } in &self.policies {
            let blocked = |directive| blocked(policy, directive, url);
            for need in Need::ALL {
                let finding = match need {
                    Need::Script if script.kind == ScriptKind::Loader => {
                        policy.forbids_script(imported, visited).map(blocked).map(Finding::CspImport)
                    }
                    Need::Connection => {
                        let forbidden = |to: &&Url| policy.forbids(need.directive(), to, visited);
                        let directive = [beside, api].iter().find_map(forbidden);
                        directive.map(blocked).map(Finding::CspConnection)
                    }
                    Need::WebAssembly => policy.forbids_web_assembly().map(blocked).map(|blocked| {
                        let framed = self.may_frame(&at(url, "/avis/"));
                        Finding::CspWebAssembly { blocked, framed }
                    }),
                    // Each is looked at where it is shown.
                    Need::Script | Need::Frame | Need::Image => None,
                };
                found.extend(finding);
            }
        }
    }

    fn may_frame(&self, url: &Url) -> bool {
        let mut found = Found::default();
        self.policy_of(Need::Frame, url, Finding::CspFrame, &mut found);
        found.0.is_empty()
    }

    /// What policies forbid of one need at an address.
    fn policy_of(&self, need: Need, url: &Url, finding: fn(Blocked) -> Finding, found: &mut Found) {
        let url = &self.upgraded(url);
        for Enforced { policy, .. } in &self.policies {
            if let Some(directive) = policy.forbids(need.directive(), url, self.visit.url.as_ref()) {
                found.add(finding(blocked(policy, directive, url)));
            }
        }
    }

    fn frames(&self, found: &mut Found) {
        for url in self.page.frames.iter().filter_map(|frame| frame.url.as_ref()) {
            self.policy_of(Need::Frame, url, Finding::CspFrame, found);
        }
    }

    fn images(&self, found: &mut Found) {
        for image in &self.page.images {
            self.policy_of(Need::Image, &image.url, Finding::CspImage, found);
            found.add_if(!image.is_known, || Finding::ImageUnknown(image.url.clone()));
            found.add_if(!image.is_linked, || Finding::ImageWithoutLink(image.url.clone()));
        }
    }

    fn mixed_content(&self, found: &mut Found) {
        let page = self.page;
        if self.visit.url.as_ref().is_none_or(|url| url.scheme() != "https") {
            return;
        }
        let of_scripts =
            page.scripts.iter().map(|script| ("script", self.upgraded(&script.url), &script.url));
        let of_images = page.images.iter().map(|image| ("image", self.upgraded(&image.url), &image.url));
        let framed = page.frames.iter().filter_map(|frame| frame.url.as_ref());
        let of_frames = framed.map(|url| ("frame", self.upgraded(url), url));
        let in_elements = page.elements.iter().filter_map(|element| element.link.as_ref());
        let linked = in_elements.chain(&page.links).filter_map(|link| link.url.as_ref());
        // A policy that upgrades what a page loads leaves its links to other sites as they are.
        let of_links = linked.map(|url| ("link", url.clone(), url));
        for (what, loaded, written) in of_scripts.chain(of_frames).chain(of_images).chain(of_links) {
            found.add_if(is_in_the_clear(&loaded), || Finding::MixedContent { what, url: written.clone() });
        }
    }

    /// What is registered of the forms that the page names.
    fn registration(&self, found: &mut Found) {
        for (target, _) in self.page.targets() {
            match &target {
                Target::Form(placement) => self.form_standing(&target, placement, found),
                Target::Old(old) => {
                    let of_this = self.page.forms().filter(|link| link.target.as_ref() == Some(&target));
                    for link in of_this {
                        self.old_standing(&target, &link.written, old.wants(), found);
                    }
                }
            }
        }
    }

    fn form_standing(&self, target: &Target, placement: &Placement, found: &mut Found) {
        let placement = placement.clone();
        match self.facts.of(target) {
            None => {}
            Some(Standing::UnknownDemarche) => found.add(Finding::UnknownDemarche(placement.demarche)),
            Some(Standing::Untold(reason)) => {
                found.add(Finding::Unchecked { placement, reason: reason.clone() });
            }
            Some(Standing::Registered(registered)) => {
                self.origin(target, registered, found);
                if registered.closed {
                    return found.add(Finding::ClosedDemarche(placement.demarche));
                }
                match &registered.bouton {
                    None | Some(BoutonStanding::Open { .. }) => {}
                    Some(BoutonStanding::Closed) => found.add(Finding::ClosedBouton(placement)),
                    Some(BoutonStanding::Unknown) => found.add(Finding::UnknownBouton(placement)),
                    Some(BoutonStanding::Untold) => found.add(Finding::BoutonUnchecked(placement)),
                    Some(BoutonStanding::OfAnother(of)) => {
                        found.add(Finding::BoutonOfAnother { placement, of: of.clone() });
                    }
                }
            }
        }
    }

    fn old_standing(&self, target: &Target, written: &str, wants: String, found: &mut Found) {
        let written = written.to_owned();
        match self.facts.of(target) {
            None | Some(Standing::Untold(_)) => found.add(Finding::OldAddressUnchecked { written, wants }),
            Some(Standing::UnknownDemarche) => found.add(Finding::OldAddressUnknown { written, wants }),
            Some(Standing::Registered(registered)) => {
                self.origin(target, registered, found);
                let closed = registered.closed || registered.bouton == Some(BoutonStanding::Closed);
                found.add(match registered.bouton {
                    _ if closed => Finding::OldAddressClosed(written),
                    Some(BoutonStanding::Unknown) => Finding::OldBoutonUnknown(written),
                    _ => Finding::OldAddress { written, demarche: registered.demarche.clone() },
                });
            }
        }
    }

    /// Origins decide who may frame the form, and whose avis are set aside.
    fn origin(&self, target: &Target, registered: &Registered, found: &mut Found) {
        let Some(url) = &self.visit.url else { return };
        let origin = origin_of(url);
        let is_declared = |origins: &[String]| origins.is_empty() || origins.contains(&origin);
        let framed = self.page.frames_form(target);
        if let Some(BoutonStanding::Open { id, origins }) = &registered.bouton
            && !framed
            && !is_declared(origins)
        {
            let placement = Placement { demarche: registered.demarche.clone(), bouton: Some(id.clone()) };
            return found.add(Finding::OriginSetAside { origin, placement });
        }
        if is_declared(&registered.origins) {
            return;
        }
        found.add(Finding::OriginUndeclared { origin, demarche: registered.demarche.clone(), framed });
    }

    /// The address under which something is loaded, where the page has what is http loaded over https.
    fn upgraded(&self, url: &Url) -> Url {
        let mut url = url.clone();
        if url.scheme() == "http" && self.policies.iter().any(|it| it.policy.upgrades_insecure_requests()) {
            // It fails for schemes of another kind alone.
            let _ = url.set_scheme("https");
        }
        url
    }
}

/// Values that the element does not know.
fn attributes(element: &Element, found: &mut Found) {
    let is_level = |level: &str| level.parse().is_ok_and(|level: u8| (1..=6).contains(&level));
    let languages = Language::ALL.map(Language::code);
    let checked = [
        (
            "mode",
            &element.mode,
            (|value| embedding::MODES.contains(&value)) as fn(&str) -> bool,
            embedding::MODES.join(", "),
        ),
        ("theme", &element.theme, |value| embedding::THEMES.contains(&value), embedding::THEMES.join(", ")),
        ("lang", &element.lang, |value| Language::from_tag(value).is_some(), languages.join(", ")),
        ("heading-level", &element.heading_level, is_level, "1 to 6".to_owned()),
    ];
    for (attribute, value, is_known, allowed) in checked {
        for value in value.iter().filter(|value| !is_known(value)) {
            let (value, allowed) = (value.clone(), allowed.clone());
            found.add(Finding::AttributeValue { attribute, value, allowed });
        }
    }
}

/// What an `integrity` asks for, as [browsers read it](https://www.w3.org/TR/SRI/): of several hashes, those of the
/// strongest algorithm, any of which will do.
struct Wanted<'a> {
    algorithm: &'static str,
    hashes: Vec<&'a str>,
}

impl<'a> Wanted<'a> {
    /// None where there is no hash in it: browsers then take whatever comes.
    fn of(integrity: &'a str) -> Option<Self> {
        // Behind a question mark are options, of which there are none.
        let all = || integrity.split_ascii_whitespace().filter_map(|hash| hash.split('?').next());
        ["sha512-", "sha384-", "sha256-"].into_iter().find_map(|algorithm| {
            let hashes: Vec<&str> = all().filter(|hash| hash.starts_with(algorithm)).collect();
            (!hashes.is_empty()).then_some(Self { algorithm, hashes })
        })
    }

    /// Whether it takes what has this digest. Of another algorithm, nobody can tell.
    fn takes(&self, integrity: Integrity) -> bool {
        self.algorithm != "sha384-" || self.hashes.iter().any(|hash| hash.parse() == Ok(integrity))
    }
}

fn blocked(policy: &Policy, directive: &Directive, url: &Url) -> Blocked {
    Blocked { delivery: policy.delivery, directive: directive.clone(), collector: origin_of(url) }
}

/// The origin of an address, as browsers write it.
#[must_use]
pub fn origin_of(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Another path at the same collector.
fn at(url: &Url, path: &str) -> Url {
    let mut url = url.clone();
    url.set_path(path);
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// Whether what is sent there can be read on the way. Browsers take an address of the machine itself for safe.
fn is_in_the_clear(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => true,
    };
    url.scheme() == "http" && !is_here
}

#[cfg(test)]
mod tests;
