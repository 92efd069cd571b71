//! `collector doctor`: what is wrong with the button in a page.

mod browser;
mod client;

use super::{Failure, counted, say};
use crate::doctor::{Facts, Page, Target, Visit, examine};
use crate::store::{self, Missing};
use clap::Args;
use client::Client;
use std::io::Read;
use std::path::{Path, PathBuf};
use tokio::task::spawn_blocking;
use url::Url;

/// A page that is longer holds no button that anybody would find.
const LONGEST_PAGE: u64 = 4 << 20;

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// The page that shows the button: its address (http:, https:, file:), or the path of a saved one, which may begin
    /// with its headers as `curl -i` saves them
    #[arg(value_name = "PAGE")]
    page: String,
    /// The address under which a saved page is served
    #[arg(long, value_name = "URL", value_parser = parse_address)]
    served_at: Option<Url>,
    /// Open the page in this browser, without a window, and look at what its scripts made of it: the name or path of
    /// Chromium or one of its kind, and options behind it
    #[arg(long, value_name = "PROGRAM", num_args = 0..=1, default_missing_value = "chromium")]
    browser: Option<String>,
}

impl Doctor {
    /// Looks at the page; `database` is where its démarches are looked up, the collectors that it names are asked else.
    pub(super) async fn run(self, database: Option<&str>) -> Result<(), Failure> {
        let (shown, browser) = (self.page.clone(), self.browser.clone());
        let may_be_opened = Url::parse(&shown).is_ok_and(|url| is_on_the_web(&url));
        let mut visit =
            spawn_blocking(move || self.visit()).await.map_err(|error| Failure::new(error.to_string()))??;
        if let Some(program) = browser {
            let url = visit.url.as_ref().filter(|_| may_be_opened);
            let url =
                url.ok_or_else(|| Failure::usage("--browser opens the address of a page, not a saved one"))?;
            visit.html = browser::draw(&program, url).await.map_err(Failure::usage)?;
        }
        let page = visit.page();
        let facts = match database {
            Some(database) => look_up(database, &page).await?,
            None => ask(&page).await?,
        };
        let found = examine(&visit, &page, &facts);
        for finding in &found {
            let kind = if finding.is_wrong() { "wrong" } else { "note" };
            say(&format!("{kind}\t{}\t{finding}", finding.code()));
        }
        match found.iter().filter(|finding| finding.is_wrong()).count() {
            0 => {
                say(&format!("nothing is wrong with the button in {shown}"));
                Ok(())
            }
            wrong => Err(Failure::new(format!(
                "{} wrong with the button in {shown}",
                counted(wrong as u64, "thing is", "things are")
            ))),
        }
    }

    fn visit(self) -> Result<Visit, Failure> {
        let address = Url::parse(&self.page).ok();
        let file = match &address {
            Some(url) if is_on_the_web(url) => {
                if self.served_at.is_some() {
                    return Err(Failure::usage("--served-at is for a saved page; this one has its address"));
                }
                return Client::new().visit(url.clone(), LONGEST_PAGE).map_err(Failure::usage);
            }
            Some(url) if url.scheme() == "file" => url.to_file_path().ok(),
            Some(url) if self.page.contains("://") => {
                let scheme = url.scheme();
                return Err(Failure::usage(format!(
                    "{scheme}: is not read; give an address that begins with https:, http: or file:, or a path"
                )));
            }
            _ => Some(PathBuf::from(&self.page)),
        };
        let file =
            file.ok_or_else(|| Failure::usage(format!("{} names no file of this machine", self.page)))?;
        let text = read(&file).map_err(|error| {
            Failure::usage(format!(
                "cannot read {}: {error}; give the address of a page (https://…) or the path of a saved one",
                file.display()
            ))
        })?;
        Ok(saved(&text, self.served_at))
    }
}

fn is_on_the_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

fn parse_address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok().filter(is_on_the_web);
    url.ok_or_else(|| "an address is written like https://www.impots.gouv.fr/fin".to_owned())
}

fn read(file: &Path) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    std::fs::File::open(file)?.take(LONGEST_PAGE + 1).read_to_end(&mut bytes)?;
    not_too_long(&bytes)?;
    // Whatever its encoding, what tells of the button is ASCII.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn not_too_long(page: &[u8]) -> std::io::Result<()> {
    if page.len() as u64 > LONGEST_PAGE {
        return Err(std::io::Error::other("it is longer than 4 MiB"));
    }
    Ok(())
}

/// A saved page, with its headers or without.
fn saved(text: &str, url: Option<Url>) -> Visit {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let blank = [("\r\n\r\n", 4), ("\n\n", 2)];
    let ends = blank.iter().filter_map(|(mark, length)| text.find(mark).map(|at| (at, at + length)));
    let (head, body) = match ends.min().filter(|_| text.starts_with("HTTP/")) {
        Some((end, start)) => (&text[..end], &text[start..]),
        None => ("", text),
    };
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split_ascii_whitespace().nth(1)?.parse().ok());
    let pairs = lines.filter_map(|line| line.split_once(':'));
    let headers = pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect();
    Visit { url, redirects: vec![], status, headers, html: body.to_owned() }
}

/// What the catalogue of a database tells.
async fn look_up(database: &str, page: &Page) -> Result<Facts, Failure> {
    let store =
        store::open(database, Missing::Refuse).await.map_err(|error| Failure::usage(error.chain()))?;
    let catalogue = store.catalogue().await;
    store.close().await;
    let targets: Vec<Target> = page.targets().into_iter().map(|(target, _)| target).collect();
    let catalogue = catalogue?;
    Ok(Facts::of_catalogue(&catalogue, &targets).with_loaders(&catalogue, page.pinned()))
}

/// What the collectors that the page names tell the public. Of addresses of the service before, none is asked: it is the
/// one before the move that would answer.
async fn ask(page: &Page) -> Result<Facts, Failure> {
    let (targets, loaders) = (page.targets(), page.pinned().cloned().collect::<Vec<Url>>());
    let asked = spawn_blocking(move || {
        let client = Client::new();
        let mut facts = Facts::default();
        for (target, url) in targets {
            if let (Target::Form(placement), Some(url)) = (&target, url) {
                let standing = client.standing(placement, &url);
                facts.note(target, standing);
            }
        }
        for url in loaders {
            if let Some(standing) = client.loader(&url) {
                facts.note_loader(url, standing);
            }
        }
        facts
    });
    asked.await.map_err(|error| Failure::new(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_page_may_begin_with_its_headers() {
        let visit =
            saved("HTTP/1.1 404 Not Found\r\nX-A: b: c\r\ncontent-type:text/html\r\n\r\n<p>\n\n</p>", None);
        assert_eq!(visit.status, Some(404));
        assert_eq!(visit.header("x-a").collect::<Vec<_>>(), ["b: c"]);
        assert_eq!(visit.html, "<p>\n\n</p>");
        let unix = saved("HTTP/2 200\nX-A: b\n\n<p>\r\n\r\n", None);
        assert_eq!((unix.status, unix.headers.len(), unix.html.as_str()), (Some(200), 1, "<p>\r\n\r\n"));
        let bare = saved("\u{feff}<p>HTTP/1.1\n\n", None);
        assert_eq!((bare.status, bare.html.as_str()), (None, "<p>HTTP/1.1\n\n"));
    }
}
