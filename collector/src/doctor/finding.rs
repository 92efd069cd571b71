//! What the doctor finds, and how it says so: what is the matter, and what to do next.

use super::csp::{Delivery, Directive};
use super::page::Placement;
use crate::assets::Integrity;
use crate::embedding::{ELEMENT, LOADER, Need};
use crate::one_line::leaves_its_line;
use std::fmt;
use url::Url;

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The address asked for leads to another.
    Redirected(Url),
    /// The page is not one that citizens get to see.
    PageStatus(u16),
    /// What is there is no HTML.
    NotHtml(String),
    /// Nothing in the page has to do with a button.
    NoButton,
    /// A policy that browsers report and do not enforce.
    ReportOnly,
    /// An element without the script that makes it work; the address of that script, where it can be told.
    ElementWithoutScript(String),
    /// The page loads the script by a script of its own.
    ScriptByScript,
    /// The script without an element.
    ScriptWithoutElement,
    /// The script of one collector, the link of another: origins.
    ScriptOfAnotherHost {
        /// That of the script.
        script: String,
        /// That of the link.
        link: String,
    },
    /// The script without `type="module"`.
    ScriptNotModule,
    /// A hash of what changes with each version.
    IntegrityOnStable,
    /// A loader at an address with a hash, of which no collector knows.
    PinnedUnknown(Url),
    /// One that was revoked.
    PinnedRevoked(Url),
    /// One whose bytes are not what the page asks for.
    PinnedIntegrity {
        /// Its address.
        url: Url,
        /// What it has.
        integrity: Integrity,
    },
    /// One that the page does not compare with anything.
    PinnedWithoutIntegrity(Url),
    /// One without `crossorigin`, or with credentials.
    PinnedCrossorigin {
        /// Whether it is asked for with credentials.
        credentials: bool,
    },
    /// An element that does not say what is rated.
    ElementWithoutDemarche,
    /// Several elements for one démarche.
    ElementTwice(String),
    /// An element without a link in it.
    ElementWithoutLink(Placement),
    /// The link in an element leads to no form.
    LinkElsewhere(String),
    /// The link in an element leads to another form than the element's.
    LinkDiffers {
        /// Démarche and bouton of the element.
        element: Placement,
        /// Those of the link.
        link: Placement,
    },
    /// An attribute with a value that it does not take.
    AttributeValue {
        /// Which one.
        attribute: &'static str,
        /// What stands there.
        value: String,
        /// What may.
        allowed: String,
    },
    /// Nothing says in which language the page is.
    LangMissing,
    /// No démarche has this id or alias.
    UnknownDemarche(String),
    /// The démarche takes avis no more.
    ClosedDemarche(String),
    /// No bouton of the démarche has this id or alias.
    UnknownBouton(Placement),
    /// The bouton takes avis no more.
    ClosedBouton(Placement),
    /// The bouton belongs to another démarche.
    BoutonOfAnother {
        /// As the page has it.
        placement: Placement,
        /// The démarche that it belongs to.
        of: String,
    },
    /// What is registered could not be learned, and why.
    Unchecked {
        /// What is not known.
        placement: Placement,
        /// Why.
        reason: String,
    },
    /// A collector tells no more of a bouton than that it is not closed.
    BoutonUnchecked(Placement),
    /// The origin of the page is none that the boutons declare.
    OriginUndeclared {
        /// That of the page.
        origin: String,
        /// The démarche.
        demarche: String,
        /// Whether the page shows the form in a frame.
        framed: bool,
    },
    /// The bouton declares other origins than that of the page, so avis from there are set aside.
    OriginSetAside {
        /// That of the page.
        origin: String,
        /// The démarche and its bouton.
        placement: Placement,
    },
    /// An address of the service before that opens this démarche after the move.
    OldAddress {
        /// As it is written.
        written: String,
        /// The démarche.
        demarche: String,
    },
    /// One that leads to no démarche after the move: the name that has to be registered.
    OldAddressUnknown {
        /// As it is written.
        written: String,
        /// The id or alias.
        wants: String,
    },
    /// One that leads to a page which says that the form is closed.
    OldAddressClosed(String),
    /// One that opens its form after the move, but whose bouton is not known.
    OldBoutonUnknown(String),
    /// One of which nobody was asked.
    OldAddressUnchecked {
        /// As it is written.
        written: String,
        /// The id or alias that has to be registered.
        wants: String,
    },
    /// An image that leads nowhere.
    ImageWithoutLink(Url),
    /// An image of the service before that collectors do not have.
    ImageUnknown(Url),
    /// Over http, in a page over https.
    MixedContent {
        /// What it is.
        what: &'static str,
        /// Its address.
        url: Url,
    },
    /// A policy without scripts at all.
    CspSandbox(Blocked),
    /// A policy that forbids the script.
    CspScript(Blocked),
    /// A policy that allows the script and not what it imports.
    CspImport(Blocked),
    /// A policy that forbids the connection.
    CspConnection(Blocked),
    /// A policy that forbids WebAssembly, and whether it allows the frame that takes over.
    CspWebAssembly {
        /// By what.
        blocked: Blocked,
        /// Whether the form opens in a frame instead.
        framed: bool,
    },
    /// A policy that forbids the frame which the page asks for.
    CspFrame(Blocked),
    /// A policy that forbids the image.
    CspImage(Blocked),
}

/// What a policy forbids, and by which directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// How the policy came.
    pub delivery: Delivery,
    /// The directive that decides.
    pub directive: Directive,
    /// The origin that is forbidden.
    pub collector: String,
}

impl Finding {
    /// Its code: stable, for programs and for tests.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Redirected(_) => "redirected",
            Self::PageStatus(_) => "page-status",
            Self::NotHtml(_) => "not-html",
            Self::NoButton => "no-button",
            Self::ReportOnly => "report-only",
            Self::ElementWithoutScript(_) => "element-without-script",
            Self::ScriptByScript => "script-by-script",
            Self::ScriptWithoutElement => "script-without-element",
            Self::ScriptOfAnotherHost { .. } => "script-of-another-host",
            Self::ScriptNotModule => "script-not-module",
            Self::IntegrityOnStable => "integrity-on-stable",
            Self::PinnedUnknown(_) => "pinned-unknown",
            Self::PinnedRevoked(_) => "pinned-revoked",
            Self::PinnedIntegrity { .. } => "pinned-integrity",
            Self::PinnedWithoutIntegrity(_) => "pinned-without-integrity",
            Self::PinnedCrossorigin { .. } => "pinned-crossorigin",
            Self::ElementWithoutDemarche => "element-without-demarche",
            Self::ElementTwice(_) => "element-twice",
            Self::ElementWithoutLink(_) => "element-without-link",
            Self::LinkElsewhere(_) => "link-elsewhere",
            Self::LinkDiffers { .. } => "link-differs",
            Self::AttributeValue { .. } => "attribute-value",
            Self::LangMissing => "lang-missing",
            Self::UnknownDemarche(_) => "unknown-demarche",
            Self::ClosedDemarche(_) => "closed-demarche",
            Self::UnknownBouton(_) => "unknown-bouton",
            Self::ClosedBouton(_) => "closed-bouton",
            Self::BoutonOfAnother { .. } => "bouton-of-another",
            Self::Unchecked { .. } => "unchecked",
            Self::BoutonUnchecked(_) => "bouton-unchecked",
            Self::OriginUndeclared { .. } => "origin-undeclared",
            Self::OriginSetAside { .. } => "origin-set-aside",
            Self::OldAddress { .. } => "old-address",
            Self::OldAddressUnknown { .. } => "old-address-unknown",
            Self::OldAddressClosed(_) => "old-address-closed",
            Self::OldBoutonUnknown(_) => "old-bouton-unknown",
            Self::OldAddressUnchecked { .. } => "old-address-unchecked",
            Self::ImageWithoutLink(_) => "image-without-link",
            Self::ImageUnknown(_) => "image-unknown",
            Self::MixedContent { .. } => "mixed-content",
            Self::CspSandbox(_) => "csp-sandbox",
            Self::CspScript(_) => "csp-script",
            Self::CspImport(_) => "csp-import",
            Self::CspConnection(_) => "csp-connection",
            Self::CspWebAssembly { .. } => "csp-webassembly",
            Self::CspFrame(_) => "csp-frame",
            Self::CspImage(_) => "csp-image",
        }
    }

    /// Whether it is to be mended; else it is good to know.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        match self {
            Self::Redirected(_)
            | Self::ReportOnly
            | Self::ScriptByScript
            | Self::Unchecked { .. }
            | Self::BoutonUnchecked(_)
            | Self::OldAddress { .. }
            | Self::OldBoutonUnknown(_)
            | Self::OldAddressUnchecked { .. }
            | Self::CspWebAssembly { .. } => false,
            Self::OriginUndeclared { framed, .. } => *framed,
            Self::PinnedCrossorigin { credentials } => *credentials,
            _ => true,
        }
    }
}

impl fmt::Display for Placement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "démarche {}", Short(&self.demarche))?;
        self.bouton.iter().try_for_each(|bouton| write!(formatter, ", bouton {}", Short(bouton)))
    }
}

/// What stands in a page, in one line and at a length that can be read.
struct Short<'a>(&'a str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 160;
        let shown = |c: char| if leaves_its_line(c) { '\u{fffd}' } else { c };
        self.0.chars().take(LONGEST).try_for_each(|c| write!(formatter, "{}", shown(c)))?;
        if self.0.chars().nth(LONGEST).is_some() { formatter.write_str("…") } else { Ok(()) }
    }
}

impl fmt::Display for Blocked {
    /// What decides: the policy and its directive.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} (`{}`)", self.delivery, Short(&self.directive.to_string()))
    }
}

impl Blocked {
    /// What to write where, for something to be allowed.
    fn remedy(&self, need: Need) -> String {
        let (own, name, source) =
            (need.directive(), self.directive.name.as_str(), need.source(&self.collector));
        if name == "default-src" {
            format!("add a {own} with what default-src has and {source}")
        } else {
            format!("add {source} to its {name}")
        }
    }

    /// The same for the script: policies that go by nonces want one on its tag.
    fn script_remedy(&self) -> String {
        if self.directive.takes_nonces() {
            "give the <script> of the button the nonce of the page, nonce=\"…\", as its other scripts have it"
                .to_owned()
        } else if self.directive.has("'strict-dynamic'") {
            "take the pinned script with its integrity, and add that hash to the directive".to_owned()
        } else {
            self.remedy(Need::Script)
        }
    }
}

impl fmt::Display for Finding {
    /// In one line.
    #[expect(clippy::too_many_lines, reason = "a sentence for each")]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redirected(to) => write!(
                formatter,
                "the address leads to {}: that page is the one looked at; where people sign in on the way, save the page they see and give the file instead",
                Short(to.as_str())
            ),
            Self::PageStatus(status) => write!(
                formatter,
                "the page answers {status}, so people do not see what is in it: check the address, or save the page that they see and give the file instead"
            ),
            Self::NotHtml(content_type) => write!(
                formatter,
                "what is there is no HTML ({}): give the address of the page that shows the button",
                Short(content_type)
            ),
            Self::NoButton => write!(
                formatter,
                "the page holds no button, neither the element <{ELEMENT}> nor a link to a form nor an image of it: paste the snippet of /integration/ID; if a script of the page draws it, add --browser, or save the page from a browser and give the file instead"
            ),
            Self::ReportOnly => write!(
                formatter,
                "the header Content-Security-Policy-Report-Only is reported by browsers and forbids nothing: it was left aside, nothing to do until it is enforced"
            ),
            Self::ElementWithoutScript(script) => write!(
                formatter,
                "nothing loads the script of the element, so it stays a plain link: add <script type=\"module\" src=\"{}\"></script>",
                Short(script)
            ),
            Self::ScriptByScript => write!(
                formatter,
                "a script of the page loads {LOADER}, which cannot be followed here: look in a browser whether the button is drawn"
            ),
            Self::ScriptWithoutElement => write!(
                formatter,
                "the script is loaded and there is no <{ELEMENT}> for it: paste the whole snippet, or take the script out"
            ),
            Self::ScriptOfAnotherHost { script, link } => write!(
                formatter,
                "the script comes from {} and the link leads to {}: the form would send avis to the first; take both from one collector",
                Short(script),
                Short(link)
            ),
            Self::ScriptNotModule => write!(
                formatter,
                "the script is loaded without type=\"module\" and fails in every browser: write <script type=\"module\" src=…>"
            ),
            Self::IntegrityOnStable => write!(
                formatter,
                "the script at {LOADER} has an integrity, but changes with each version of the collector, and is then refused: pin the address with a hash in its name, or take the integrity out"
            ),
            Self::PinnedUnknown(url) => write!(
                formatter,
                "no version of this collector ever had the pinned script {}, so the element stays a plain link: copy the snippet of /integration/ID again",
                Short(url.as_str())
            ),
            Self::PinnedRevoked(url) => write!(
                formatter,
                "the pinned script {} was revoked, so the element stays a plain link, which works: take the present version from /integration/ID",
                Short(url.as_str())
            ),
            Self::PinnedIntegrity { url, integrity } => write!(
                formatter,
                "the pinned script {} has another hash than the page asks for, so browsers refuse it and the element stays a plain link: write integrity=\"{integrity}\", or copy the snippet of /integration/ID again",
                Short(url.as_str())
            ),
            Self::PinnedWithoutIntegrity(url) => write!(
                formatter,
                "the pinned script {} has no integrity, so browsers compare it with nothing: take that of /integration/ID",
                Short(url.as_str())
            ),
            Self::PinnedCrossorigin { credentials: true } => write!(
                formatter,
                "the pinned script is asked for with credentials, which collectors do not take, so browsers refuse it and the element stays a plain link: write crossorigin without a value"
            ),
            Self::PinnedCrossorigin { credentials: false } => write!(
                formatter,
                "the pinned script has no crossorigin: browsers do without for a module, what else reads the page may not; write crossorigin beside the integrity"
            ),
            Self::ElementWithoutDemarche => write!(
                formatter,
                "an element has no `demarche`, so it stays a plain link: add demarche=\"ID\""
            ),
            Self::ElementTwice(demarche) => write!(
                formatter,
                "the page has the element for démarche {} more than once: people would be asked twice; leave one of them",
                Short(demarche)
            ),
            Self::ElementWithoutLink(placement) => write!(
                formatter,
                "the element of {placement} has no link in it, so there is nothing where scripts do not run: put <a href=\"…/avis/{}\"> inside",
                Short(&placement.demarche)
            ),
            Self::LinkElsewhere(written) => write!(
                formatter,
                "the link in the element leads to {}, which is no form: make it that of the snippet, …/avis/ID",
                Short(written)
            ),
            Self::LinkDiffers { element, link } => write!(
                formatter,
                "the element is for {element}, the link in it for {link}: avis would be counted for one or the other; make both the same"
            ),
            Self::AttributeValue { attribute, value, allowed } => write!(
                formatter,
                "`{attribute}=\"{}\"` is not known and left aside: it takes {allowed}",
                Short(value)
            ),
            Self::LangMissing => write!(
                formatter,
                "nothing says in which language the page is, so the form is in French and read aloud by guess: write <html lang=\"fr\">"
            ),
            Self::UnknownDemarche(name) => write!(
                formatter,
                "no démarche has the id or alias {}: mend it in the page, or register it with `collector demarche add`",
                Short(name)
            ),
            Self::ClosedDemarche(name) => write!(
                formatter,
                "the démarche {} is closed and takes no avis: take the button out, or `collector demarche reopen`",
                Short(name)
            ),
            Self::UnknownBouton(placement) => write!(
                formatter,
                "{placement}: there is no such bouton, so avis of the element are refused and those of the link have none: mend it in the page, or register it with `collector bouton add`"
            ),
            Self::ClosedBouton(placement) => write!(
                formatter,
                "{placement}: this bouton is closed and takes no avis: take the button out, or `collector bouton reopen`"
            ),
            Self::BoutonOfAnother { placement, of } => write!(
                formatter,
                "{placement}: this bouton belongs to démarche {}, so avis are refused: copy the snippet of the right démarche",
                Short(of)
            ),
            Self::Unchecked { placement, reason } => write!(
                formatter,
                "{placement}: nobody knows whether it is registered: {}; give --database, or try again",
                Short(reason)
            ),
            Self::BoutonUnchecked(placement) => write!(
                formatter,
                "{placement}: it is not closed; whether it is a bouton of this démarche, collectors do not tell the public: give --database to know"
            ),
            Self::OriginUndeclared { origin, demarche, framed: true } => write!(
                formatter,
                "the form is shown in a frame, which {} may not do, since the boutons of démarche {} declare other origins: `collector bouton set --id … --origin {}`, beside those it has",
                Short(origin),
                Short(demarche),
                Short(origin)
            ),
            Self::OriginUndeclared { origin, demarche, framed: false } => write!(
                formatter,
                "the boutons of démarche {} declare other origins than {}: a frame would be refused, and avis of boutons that declare others are set aside; if the page is right, declare its origin with `collector bouton set`",
                Short(demarche),
                Short(origin)
            ),
            Self::OriginSetAside { origin, placement } => write!(
                formatter,
                "{placement}: the bouton declares other origins than {}, so avis from this page are set aside and do not count: `collector bouton set --id {} --origin {}`, beside those it has, or take the bouton of this page",
                Short(origin),
                Short(placement.bouton.as_deref().unwrap_or_default()),
                Short(origin)
            ),
            Self::OldAddress { written, demarche } => write!(
                formatter,
                "{} is an address of the service before: after the move it opens démarche {}, nothing to do",
                Short(written),
                Short(demarche)
            ),
            Self::OldAddressUnknown { written, wants } => write!(
                formatter,
                "{} is an address of the service before that leads nowhere after the move: `collector demarche set --id … --add-alias {}`, or register that id",
                Short(written),
                Short(wants)
            ),
            Self::OldAddressClosed(written) => write!(
                formatter,
                "{} is an address of the service before, of a démarche or bouton that is closed: take the button out, or reopen it",
                Short(written)
            ),
            Self::OldBoutonUnknown(written) => write!(
                formatter,
                "{} is an address of the service before: after the move it opens its form, but its bouton is not known, so avis are stored without: `collector bouton add` under that number",
                Short(written)
            ),
            Self::OldAddressUnchecked { written, wants } => write!(
                formatter,
                "{} is an address of the service before: after the move it works if {} is registered: give --database to know",
                Short(written),
                Short(wants)
            ),
            Self::ImageWithoutLink(url) => write!(
                formatter,
                "the image {} is in no link to a form, so it does nothing: put it into <a href=\"…/avis/ID\">",
                Short(url.as_str())
            ),
            Self::ImageUnknown(url) => write!(
                formatter,
                "the image {} is none that collectors have, so it is missing after the move: take one of those that /integration/ID shows",
                Short(url.as_str())
            ),
            Self::MixedContent { what, url } => write!(
                formatter,
                "the {what} {} is http in a page over https, where browsers block or warn: write https",
                Short(url.as_str())
            ),
            Self::CspSandbox(blocked) => write!(
                formatter,
                "{blocked} lets no script run in the page, so the element stays a plain link: add allow-scripts to its sandbox"
            ),
            Self::CspScript(blocked) => write!(
                formatter,
                "{blocked} forbids the script of the button, so the element stays a plain link: {}",
                blocked.script_remedy()
            ),
            Self::CspImport(blocked) => write!(
                formatter,
                "{blocked} allows the script of the button and not what it imports from beside it, so the form does not open in the page: {}",
                blocked.remedy(Need::Script)
            ),
            Self::CspConnection(blocked) => write!(
                formatter,
                "{blocked} forbids the connection to {}, so the form does not open in the page: {}",
                blocked.collector,
                blocked.remedy(Need::Connection)
            ),
            Self::CspWebAssembly { blocked, framed: true } => write!(
                formatter,
                "{blocked} forbids WebAssembly, so the form opens in a frame: that works; for the form in the page, {}; mode=\"frame\" spares the page the violation that browsers report",
                blocked.remedy(Need::WebAssembly)
            ),
            Self::CspWebAssembly { blocked, framed: false } => write!(
                formatter,
                "{blocked} forbids WebAssembly, and frames of {} are forbidden too, so the link takes over: that works; for the form in the page, {}",
                blocked.collector,
                blocked.remedy(Need::WebAssembly)
            ),
            Self::CspFrame(blocked) => write!(
                formatter,
                "{blocked} forbids the frame that the page asks for: {}",
                blocked.remedy(Need::Frame)
            ),
            Self::CspImage(blocked) => write!(
                formatter,
                "{blocked} forbids the image of the button: {}",
                blocked.remedy(Need::Image)
            ),
        }
    }
}
