//! What each screen of the hosted form weighs, seen as a browser without JavaScript sees it: from a real
//! collector, over HTTP, going from screen to screen by posting its forms.

use std::{collections::HashSet, fs, fs::File};

use anyhow::{Context as _, Result, bail, ensure};
use html5gum::{StartTag, Token, Tokenizer};
use ureq::{
    Agent, Body,
    http::{Response, header},
};

use crate::{
    build::weights::Weight,
    collector::{self, Collector},
    exec,
    project::Project,
};

/// HTML and CSS of one screen.
const SCREEN_BUDGET: usize = 15_000;

/// More screens than the form could ever have: going round in circles ends there.
const SCREENS_AT_MOST: usize = 12;

/// Walks the whole form of a démarche on a temporary collector, and weighs every page it shows.
pub(crate) fn weigh(project: &Project) -> Result<Vec<Weight>> {
    let directory = tempfile::tempdir()?;
    let database = directory.path().join("avis.db");
    let log = directory.path().join("log");

    exec::read(collector::command(project, &["demarche", "add"], &database).args([
        "--id=3059",
        "--title=Déclaration des revenus",
        "--administration=DGFIP",
        "--audience=particuliers",
    ]))?;
    let mut serve = collector::command(project, &["serve"], &database);
    serve.args(["--listen=127.0.0.1:0", "--limits=off"]).stderr(File::create(&log)?);
    let weights = Collector::start(serve).and_then(|collector| walk(collector.address()));
    weights.with_context(|| {
        let log = fs::read_to_string(&log).unwrap_or_default();
        format!("cannot weigh the hosted form; the collector's log:\n{log}")
    })
}

fn walk(collector: &str) -> Result<Vec<Weight>> {
    let browser: Agent = Agent::config_builder().max_redirects(0).http_status_as_error(false).build().into();
    let mut weights = Vec::new();
    let mut page = Page::get(&browser, &format!("{collector}/avis/3059"))?;
    while let Some(answers) = page.answers() {
        weights.push(page.weight(format!("screen {}", weights.len() + 1))?);
        ensure!(weights.len() < SCREENS_AT_MOST, "the form never ends");
        page = Page::get(&browser, &page.post(&browser, collector, &answers)?)?;
    }
    ensure!(!weights.is_empty(), "{} asks nothing", page.url);
    weights.push(page.weight("thank-you".to_owned())?);
    Ok(weights)
}

/// One page of the form, and what it weighed on its way.
struct Page {
    url: String,
    html: String,
    bytes: usize,
}

impl Page {
    fn get(browser: &Agent, url: &str) -> Result<Self> {
        let mut response = browser.get(url).header(header::ACCEPT_ENCODING, "br").call()?;
        ensure!(response.status() == 200, "GET {url} answers {}", response.status());
        let body = response.body_mut().read_to_vec()?;
        let html = match header_text(&response, &header::CONTENT_ENCODING) {
            Some("br") => {
                let mut decoded = Vec::new();
                brotli::BrotliDecompress(&mut &body[..], &mut decoded)?;
                decoded
            }
            _ => body.clone(),
        };
        Ok(Self { url: url.to_owned(), html: String::from_utf8(html)?, bytes: body.len() })
    }

    /// Its weight: the bytes that travelled. They are all there is, since a style sheet of its own would be
    /// a second request, which the budget does not allow.
    fn weight(&self, what: String) -> Result<Weight> {
        let second_request = tags(&self.html)
            .any(|tag| tag.name == b"link" && attribute(&tag, "rel").as_deref() == Some("stylesheet"));
        ensure!(!second_request, "{} asks for a style sheet: its CSS should be in the page", self.url);
        Ok(Weight { what, bytes: self.bytes, budget: SCREEN_BUDGET })
    }

    /// What a person in a hurry sends: hidden fields as they are, everything ticked that can be. None when
    /// the page asks nothing.
    fn answers(&self) -> Option<Vec<(String, String)>> {
        let mut answers = Vec::new();
        let mut asked = HashSet::new();
        for tag in tags(&self.html) {
            let Some(name) = attribute(&tag, "name") else { continue };
            let value = attribute(&tag, "value").unwrap_or_default();
            let kind = attribute(&tag, "type").unwrap_or_default();
            match (String::from_utf8_lossy(&tag.name).as_ref(), kind.as_str()) {
                ("input", "hidden") => answers.push((name, value)),
                // The first of its group.
                ("input", "radio") if asked.insert(name.clone()) => answers.push((name, value)),
                // «None of these» excludes the others.
                ("input", "checkbox") if value != "none" => {
                    asked.insert(name.clone());
                    answers.push((name, value));
                }
                ("textarea", _) => {
                    asked.insert(name.clone());
                    answers.push((name, "Très simple.".to_owned()));
                }
                _ => {}
            }
        }
        (!asked.is_empty()).then_some(answers)
    }

    /// Posts the page's form and returns the address of the next page.
    fn post(&self, browser: &Agent, collector: &str, answers: &[(String, String)]) -> Result<String> {
        let form = tags(&self.html)
            .find(|tag| tag.name == b"form" && attribute(tag, "method").as_deref() == Some("post"))
            .with_context(|| format!("{} has no form to post", self.url))?;
        let url = match attribute(&form, "action").as_deref() {
            None | Some("") => self.url.clone(),
            Some(path) if path.starts_with('/') => format!("{collector}{path}"),
            Some(other) => bail!("the form of {} goes to {other}", self.url),
        };
        let fields = answers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        // A browser sends it with each form; a collector may refuse those of other sites.
        let response = browser.post(&url).header(header::ORIGIN, collector).send_form(fields)?;
        ensure!(response.status() == 303, "POST {url} answers {}, not 303", response.status());
        let next = header_text(&response, &header::LOCATION).context("303 without Location")?;
        Ok(if next.starts_with('/') { format!("{collector}{next}") } else { next.to_owned() })
    }
}

fn tags(html: &str) -> impl Iterator<Item = StartTag<()>> + '_ {
    Tokenizer::new(html).filter_map(|token| match token {
        Ok(Token::StartTag(tag)) => Some(tag),
        _ => None,
    })
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    tag.attributes.get(name.as_bytes()).map(|value| String::from_utf8_lossy(value).into_owned())
}

fn header_text<'a>(response: &'a Response<Body>, name: &header::HeaderName) -> Option<&'a str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(html: &str) -> Page {
        Page { url: "http://localhost/avis/1".to_owned(), html: html.to_owned(), bytes: html.len() }
    }

    #[test]
    fn a_form_is_answered_like_a_person_in_a_hurry_would() {
        let page = page(
            r#"<form method="post"><input type="hidden" name="suite" value="a&amp;b">
               <input type="radio" name="ease" value="1"><input type="radio" name="ease" value="2">
               <input type="checkbox" name="malfunctions" value="slow">
               <input type="checkbox" name="malfunctions" value="none">
               <textarea name="comment"></textarea><button name="back">Retour</button></form>"#,
        );
        let answers = page.answers().unwrap();
        let answers: Vec<(&str, &str)> = answers.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(
            answers,
            [("suite", "a&b"), ("ease", "1"), ("malfunctions", "slow"), ("comment", "Très simple.")]
        );
    }

    #[test]
    fn a_page_that_asks_nothing_ends_the_walk() {
        let thanks = page(r#"<h1>Merci</h1><form method="post"><input type="hidden" name="x"></form>"#);
        assert!(thanks.answers().is_none());
    }

    #[test]
    fn a_style_sheet_beside_the_page_is_refused() {
        assert!(page(r#"<link href="a.css" rel="stylesheet">"#).weight("screen 1".to_owned()).is_err());
    }
}
