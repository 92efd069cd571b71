//! What a page holds of the button: elements, links, scripts, images, frames, policies, as a browser parses them.

use crate::embedding::{ELEMENT, LOADER, PINNED};
use crate::jdma::addresses::OldAddress;
use crate::{pages, query};
use scraper::{ElementRef, Html, Selector};
use std::sync::LazyLock;
use url::{Origin, Url};

/// The hosts of the service before.
pub const OLD_HOSTS: [&str; 3] =
    ["jedonnemonavis.numerique.gouv.fr", "voxusagers.numerique.gouv.fr", "monavis.numerique.gouv.fr"];

/// A page, as far as the button is concerned.
#[derive(Debug, Default)]
pub struct Page {
    /// Whether `<html>` says its language.
    pub has_lang: bool,
    /// The elements, in their order.
    pub elements: Vec<Element>,
    /// Links to forms that stand outside of elements.
    pub links: Vec<Link>,
    /// Frames that show a form.
    pub frames: Vec<Link>,
    /// Scripts that draw a button.
    pub scripts: Vec<Script>,
    /// Whether a script in the page names a loader: what it does with it cannot be read.
    pub loads_by_script: bool,
    /// Images of the button.
    pub images: Vec<Image>,
    /// Policies of `<meta>`, each with its place among all elements, counted from 1.
    pub policies: Vec<(usize, String)>,
}

/// A `<je-donne-mon-avis>`.
#[derive(Debug)]
pub struct Element {
    /// Its `demarche`, if it has one.
    pub demarche: Option<String>,
    /// Its `bouton`, if it has one.
    pub bouton: Option<String>,
    /// Its `mode`.
    pub mode: Option<String>,
    /// Its `theme`.
    pub theme: Option<String>,
    /// Its own `lang`.
    pub lang: Option<String>,
    /// Its `heading-level`.
    pub heading_level: Option<String>,
    /// Whether it or what is around it says a language.
    pub knows_language: bool,
    /// The first link in it, wherever that leads.
    pub link: Option<Link>,
}

/// A link, or the address of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The address as it is written.
    pub written: String,
    /// The whole address; none where it makes none.
    pub url: Option<Url>,
    /// Which form it opens; none where it leads elsewhere.
    pub target: Option<Target>,
}

/// A form that an address opens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// The address of a collector.
    Form(Placement),
    /// An address of the service before.
    Old(OldAddress),
}

/// A démarche and a bouton, as a page names them: ids or aliases.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Placement {
    /// The démarche.
    pub demarche: String,
    /// The bouton, if one is named.
    pub bouton: Option<String>,
}

/// A script that draws a button.
#[derive(Debug)]
pub struct Script {
    /// Which one.
    pub kind: ScriptKind,
    /// Its address.
    pub url: Url,
    /// Its `type`.
    pub script_type: Option<String>,
    /// Its `nonce`.
    pub nonce: Option<String>,
    /// Its `integrity`.
    pub integrity: Option<String>,
    /// Its `crossorigin`; empty where it has no value.
    pub crossorigin: Option<String>,
    /// Its place among all elements.
    pub place: usize,
}

/// Which script it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScriptKind {
    /// The loader at its stable address.
    Loader,
    /// The loader at an address that holds its hash.
    Pinned,
    /// The modal script of the service before, with the form that it opens.
    Modal(Option<Link>),
}

/// An image of the button.
#[derive(Debug)]
pub struct Image {
    /// Its address.
    pub url: Url,
    /// Whether a collector has it.
    pub is_known: bool,
    /// Whether it is in a link to a form.
    pub is_linked: bool,
}

impl Page {
    /// Parses a page that is served at this address; of one whose address nobody knows, relative addresses are left
    /// out.
    #[must_use]
    pub fn parse(html: &str, url: Option<&Url>) -> Self {
        let document = Html::parse_document(html);
        let written_base = document.select(&BASE).next().and_then(|base| base.attr("href"));
        let base = match written_base {
            Some(href) => resolved(href, url).or_else(|| url.cloned()),
            None => url.cloned(),
        };
        let mut page = Self::default();
        let all = document.root_element().descendent_elements();
        for (place, element) in (1..).zip(all).filter(|(_, element)| !is_inert(*element)) {
            page.take(place, element, base.as_ref());
        }
        page.keep_own_links(url);
        page
    }

    /// Every form that the page names, each with an address at its collector where one is known. Elements come first,
    /// then links; the same form through the same collector once.
    #[must_use]
    pub fn targets(&self) -> Vec<(Target, Option<Url>)> {
        let loader = self.loader().map(|script| &script.url);
        let of_elements = self.elements.iter().filter_map(|element| {
            let through = element.link.as_ref().and_then(|link| link.url.as_ref()).or(loader);
            Some((Target::Form(element.placement()?), through.cloned()))
        });
        let of_links = self.forms().filter_map(|link| Some((link.target.clone()?, link.url.clone())));
        let mut targets: Vec<(Target, Option<Url>)> = Vec::new();
        for (target, url) in of_elements.chain(of_links) {
            if !targets.iter().any(|(known, _)| *known == target) {
                targets.push((target, url));
            }
        }
        targets
    }

    /// Every link and frame, inside of elements and outside.
    pub fn forms(&self) -> impl Iterator<Item = &Link> {
        let in_elements = self.elements.iter().filter_map(|element| element.link.as_ref());
        let of_scripts = self.scripts.iter().filter_map(|script| match &script.kind {
            ScriptKind::Modal(link) => link.as_ref(),
            ScriptKind::Loader | ScriptKind::Pinned => None,
        });
        in_elements.chain(&self.links).chain(&self.frames).chain(of_scripts)
    }

    /// Whether the page shows this form in a frame: by an element, by the script of the service before, or by itself.
    #[must_use]
    pub fn frames_form(&self, target: &Target) -> bool {
        let is_this = |link: &Link| link.target.as_ref() == Some(target);
        let is_own = |element: &Element| element.placement().map(Target::Form).as_ref() == Some(target);
        self.frames.iter().any(is_this)
            || self.elements.iter().any(|element| element.is_framed() && is_own(element))
            || self
                .scripts
                .iter()
                .any(|it| matches!(&it.kind, ScriptKind::Modal(Some(link)) if is_this(link)))
    }

    /// The script that makes elements work, if the page loads one.
    #[must_use]
    pub fn loader(&self) -> Option<&Script> {
        self.scripts.iter().find(|script| !matches!(script.kind, ScriptKind::Modal(_)))
    }

    /// The addresses of the loaders that it pins.
    pub fn pinned(&self) -> impl Iterator<Item = &Url> {
        self.scripts.iter().filter(|script| script.kind == ScriptKind::Pinned).map(|script| &script.url)
    }

    /// Whether nothing in it has to do with a button.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { elements, links, frames, scripts, images, .. } = self;
        elements.is_empty()
            && links.is_empty()
            && frames.is_empty()
            && scripts.is_empty()
            && images.is_empty()
    }

    fn take(&mut self, place: usize, element: ElementRef<'_>, base: Option<&Url>) {
        match element.value().name() {
            "html" => self.has_lang = filled(element, "lang").is_some(),
            "meta" if is_policy(element) => {
                self.policies.extend(element.attr("content").map(|text| (place, text.to_owned())));
            }
            ELEMENT => self.elements.push(Element::read(element, base)),
            "a" | "area" if !is_in_button(element) => self.links.extend(Link::read(element, "href", base)),
            "iframe" => self.frames.extend(Link::read(element, "src", base).filter(Link::is_to_form)),
            "script" => self.take_script(place, element, base),
            "img" | "input" => self.images.extend(Image::read(element, base)),
            _ => {}
        }
    }

    fn take_script(&mut self, place: usize, element: ElementRef<'_>, base: Option<&Url>) {
        let Some(src) = filled(element, "src") else {
            let text: String = element.text().collect();
            self.loads_by_script |= text.contains(LOADER) || text.contains(PINNED);
            return;
        };
        let Some(url) = resolved(src, base) else { return };
        let form = || Link::read(element, "data-jdma-form-url", base);
        let kind = match url.path() {
            LOADER => ScriptKind::Loader,
            path if path.starts_with(PINNED) => ScriptKind::Pinned,
            path if path.ends_with("/jdma-modal-widget.js") => ScriptKind::Modal(form()),
            _ => return,
        };
        let own = |name: &str| element.attr(name).map(str::to_owned);
        let (script_type, nonce) = (own("type"), own("nonce"));
        let (integrity, crossorigin) = (own("integrity"), own("crossorigin"));
        self.scripts.push(Script { kind, url, script_type, nonce, integrity, crossorigin, place });
    }

    /// Leaves out links that only look like ones to a form: a site may have pages of its own below `/avis/`.
    fn keep_own_links(&mut self, url: Option<&Url>) {
        let in_elements = self.elements.iter().filter_map(|element| element.link.as_ref()?.url.as_ref());
        let of_scripts = self.scripts.iter().map(|script| &script.url);
        let known: Vec<Origin> = in_elements.chain(of_scripts).map(Url::origin).collect();
        self.links.retain(|link| match (&link.target, &link.url) {
            (Some(Target::Old(_)), _) => true,
            (Some(Target::Form(placement)), Some(to)) => {
                let is_elsewhere = url.is_none_or(|url| url.origin() != to.origin());
                known.contains(&to.origin()) || is_elsewhere || placement.bouton.is_some()
            }
            _ => false,
        });
    }
}

impl Element {
    fn read(element: ElementRef<'_>, base: Option<&Url>) -> Self {
        let own = |name: &str| filled(element, name).map(str::to_owned);
        let around = element.ancestors().filter_map(ElementRef::wrap);
        Self {
            demarche: own("demarche"),
            bouton: own("bouton"),
            mode: own("mode"),
            theme: own("theme"),
            lang: own("lang"),
            heading_level: own("heading-level"),
            knows_language: std::iter::once(element).chain(around).any(|one| filled(one, "lang").is_some()),
            link: element.select(&LINK).next().and_then(|link| Link::read(link, "href", base)),
        }
    }

    /// What it stands for, if it says so.
    #[must_use]
    pub fn placement(&self) -> Option<Placement> {
        Some(Placement { demarche: self.demarche.clone()?, bouton: self.bouton.clone() })
    }

    /// Whether it shows the hosted form in a frame, whatever the page allows.
    #[must_use]
    pub fn is_framed(&self) -> bool {
        self.mode.as_deref() == Some("frame")
    }
}

impl Link {
    fn read(element: ElementRef<'_>, attribute: &str, base: Option<&Url>) -> Option<Self> {
        let written = filled(element, attribute)?.to_owned();
        let url = resolved(&written, base);
        let target = url.as_ref().and_then(Target::of);
        Some(Self { written, url, target })
    }

    fn is_to_form(&self) -> bool {
        self.target.is_some()
    }
}

impl Target {
    /// The form that an address opens.
    #[must_use]
    pub fn of(url: &Url) -> Option<Self> {
        let query = url.query().unwrap_or_default();
        if let Some(old) = OldAddress::parse(url.path(), query) {
            return Some(Self::Old(old));
        }
        let name = url.path().strip_prefix("/avis/")?;
        let name = name.strip_suffix('/').unwrap_or(name);
        if name.is_empty() || name.contains('/') {
            return None;
        }
        let demarche = percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned();
        let bouton = query::parameters(query).into_iter().find(|(key, _)| key == "bouton");
        let bouton = bouton.map(|(_, value)| value).filter(|value| !value.is_empty());
        Some(Self::Form(Placement { demarche, bouton }))
    }
}

impl Image {
    fn read(element: ElementRef<'_>, base: Option<&Url>) -> Option<Self> {
        let url = resolved(filled(element, "src")?, base)?;
        let is_old_host = url.host_str().is_some_and(|host| OLD_HOSTS.contains(&host));
        let (folder, name) = url.path().rsplit_once('/')?;
        let is_folder =
            ["/static", "/static/buttons", "/monavis-static", "/Demarches/assets/buttons"].contains(&folder);
        let is_known = is_folder && pages::button_image(name).is_some();
        let is_named = is_folder && (name.starts_with("bouton-") || name.starts_with("button-"));
        if !(is_known || is_old_host && is_named) {
            return None;
        }
        let around = element.ancestors().filter_map(ElementRef::wrap);
        let is_linked = around.filter_map(|one| Link::read(one, "href", base)).any(|link| link.is_to_form());
        Some(Self { url, is_known, is_linked })
    }
}

static LINK: LazyLock<Selector> = LazyLock::new(|| selector("a[href]"));
static BASE: LazyLock<Selector> = LazyLock::new(|| selector("base[href]"));

#[expect(clippy::expect_used, reason = "the selectors of this file, which its tests use")]
fn selector(text: &str) -> Selector {
    Selector::parse(text).expect("a selector")
}

/// What stands in an attribute, if anything does.
fn filled<'a>(element: ElementRef<'a>, name: &str) -> Option<&'a str> {
    element.attr(name).map(str::trim).filter(|value| !value.is_empty())
}

fn resolved(written: &str, base: Option<&Url>) -> Option<Url> {
    Url::options().base_url(base).parse(written.trim()).ok()
}

/// Browsers heed a policy in the head alone.
fn is_policy(meta: ElementRef<'_>) -> bool {
    let in_head =
        meta.parent().and_then(ElementRef::wrap).is_some_and(|parent| parent.value().name() == "head");
    in_head
        && meta.attr("http-equiv").is_some_and(|name| name.eq_ignore_ascii_case("content-security-policy"))
}

/// Whether an element does nothing where it is: in a template, which is a page's stock and not its content.
fn is_inert(element: ElementRef<'_>) -> bool {
    let mut around = element.ancestors().filter_map(ElementRef::wrap);
    around.any(|one| one.value().name() == "template")
}

fn is_in_button(link: ElementRef<'_>) -> bool {
    link.ancestors().filter_map(ElementRef::wrap).any(|one| one.value().name() == ELEMENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(html: &str) -> Page {
        Page::parse(html, Some(&Url::parse("https://www.example.fr/fin/").unwrap()))
    }

    fn form(demarche: &str, bouton: Option<&str>) -> Target {
        Target::Form(Placement { demarche: demarche.into(), bouton: bouton.map(Into::into) })
    }

    #[test]
    fn the_snippet_is_read_whole() {
        let page = parse(
            r#"<html lang=fr><je-donne-mon-avis demarche="3059" bouton="12" mode="inline">
               <p><a href="https://avis.example.fr/avis/3059?bouton=12">Je donne mon avis</a></p></je-donne-mon-avis>
               <script type="module" src="https://avis.example.fr/v1/avis.js" nonce="n"></script>"#,
        );
        let [element] = page.elements.as_slice() else { panic!("{page:?}") };
        assert_eq!((element.demarche.as_deref(), element.mode.as_deref()), (Some("3059"), Some("inline")));
        assert!(element.knows_language && page.has_lang);
        assert_eq!(element.link.as_ref().unwrap().target, Some(form("3059", Some("12"))));
        let [script] = page.scripts.as_slice() else { panic!("{page:?}") };
        assert_eq!((&script.kind, script.nonce.as_deref()), (&ScriptKind::Loader, Some("n")));
        assert!(page.links.is_empty(), "the link belongs to the element");
    }

    #[test]
    fn what_a_browser_does_not_run_is_not_read() {
        let page = parse(
            "<!-- <je-donne-mon-avis demarche=1></je-donne-mon-avis> --><template><je-donne-mon-avis demarche=2>\
             </je-donne-mon-avis></template><textarea><je-donne-mon-avis></textarea><pre>&lt;je-donne-mon-avis></pre>\
             <noscript><je-donne-mon-avis demarche=3></je-donne-mon-avis></noscript>",
        );
        assert!(page.is_empty(), "{page:?}");
    }

    #[test]
    fn addresses_are_whole_by_the_base_of_the_page() {
        let page = parse(
            "<base href='https://avis.example.fr/x/'><a href='/avis/3059/?a=b&bouton='>a</a><a href='../avis/a%20b'>b</a>",
        );
        let targets: Vec<_> = page.links.iter().map(|link| link.target.clone()).collect();
        assert_eq!(targets, [Some(form("3059", None)), Some(form("a b", None))]);
    }

    #[test]
    fn a_page_of_the_site_itself_below_avis_is_no_form() {
        let html = "<a href='/avis/mentions'>a</a><a href='/avis/a/b'>b</a><a href='https://other.example/avis/1'>c</a>";
        assert_eq!(parse(html).links.len(), 1);
        let same = "<a href='/avis/1'>a</a><script type=module src='/v1/avis.js'></script>";
        assert_eq!(parse(same).links.len(), 1, "its collector is on the same host");
    }

    #[test]
    fn policies_stand_in_the_head() {
        let meta = |name: &str| format!("<meta http-equiv={name} content='default-src *'>");
        let (head, body) = (meta("content-security-POLICY"), meta("Content-Security-Policy"));
        let page = parse(&format!("<head>{head}{}</head><body>{body}", meta("refresh")));
        assert_eq!(page.policies.len(), 1);
    }

    #[test]
    fn images_are_those_of_the_service_with_or_without_a_link() {
        let page = parse(
            "<a href='https://jedonnemonavis.numerique.gouv.fr/Demarches/4079?button=4509'><b>\
             <img src='https://jedonnemonavis.numerique.gouv.fr/static/bouton-bleu.svg'></b></a>\
             <img src='https://voxusagers.numerique.gouv.fr/static/bouton-rouge.svg'>\
             <img src='/static/bouton-rouge.svg'><img src='/images/logo.svg'>",
        );
        let images: Vec<_> = page.images.iter().map(|image| (image.is_known, image.is_linked)).collect();
        assert_eq!(images, [(true, true), (false, false)]);
        assert!(matches!(page.links[..], [Link { target: Some(Target::Old(_)), .. }]), "{page:?}");
    }

    #[test]
    fn scripts_are_known_by_their_addresses() {
        let page = parse(
            "<script src='https://a.example/v1/avis-0f3c.js' integrity='sha384-a'></script><script src='/app.js'></script>\
             <script src='https://b.example/static/jdma-modal-widget.js' data-jdma-form-url='https://b.example/Demarches/1'>\
             </script><script type=module>import 'https://a.example/v1/avis.js'</script>",
        );
        let kinds: Vec<_> = page.scripts.iter().map(|script| &script.kind).collect();
        assert!(matches!(kinds[..], [ScriptKind::Pinned, ScriptKind::Modal(Some(_))]), "{kinds:?}");
        assert!(page.loads_by_script);
    }
}
