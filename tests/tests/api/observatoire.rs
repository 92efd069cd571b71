//! `GET /observatoire`, its tables, and the page and badge of each démarche

mod badge;
mod demarche;
mod editions;
mod list;
mod tables;

use std::fmt::Write;

use serde_json::json;
use tests::TestCollector;

use crate::helpers::{Answer, accepted};

/// Every day on which a test can have posted.
pub(crate) const ALWAYS: &str = "from=2020-01-01&to=2099-12-31";

/// A year of the demo, to the day whole.
const YEAR: &str = "from=2025-11-01&to=2026-10-31";

/// Thirty démarches with invented avis, the same each time.
async fn demo() -> TestCollector {
    let mut collector = TestCollector::stopped(&[]);
    collector.run(&["demo", "--demarches", "30", "--avis", "12000", "--seed", "5", "--until", "2026-10-31"]);
    collector.serve().await;
    collector
}

/// The démarches of this file, and what of them is there: title, what follows, avis as `pas_bien`, `moyen`, `tres_bien`.
async fn with(demarches: &[(&str, &str, &[&str], [usize; 3])]) -> TestCollector {
    let mut collector = TestCollector::stopped(&["--limits", "off"]);
    for (id, title, further, _) in demarches {
        let mut arguments = vec!["demarche", "add", "--id", id, "--title", title];
        arguments.extend(*further);
        collector.run(&arguments);
    }
    collector.serve().await;
    for (id, _, _, avis) in demarches {
        for (smiley, count) in ["pas_bien", "moyen", "tres_bien"].into_iter().zip(avis) {
            for _ in 0..*count {
                accepted(&collector, &json!({"demarche": id, "answers": {"satisfaction": smiley}})).await;
            }
        }
    }
    collector
}

async fn get(collector: &TestCollector, path: &str) -> Answer {
    Answer::of(collector.get(path)).await
}

/// The rows of the page, each as the text between its tags.
fn rows(page: &Answer) -> Vec<String> {
    let body = page.text.split_once("<tbody").map_or("", |(_, rest)| rest);
    let body = body.split_once("</tbody>").map_or("", |(body, _)| body);
    body.split("<tr").skip(1).map(text_of).collect()
}

/// The titles of the rows, in their order.
fn titles(page: &Answer) -> Vec<String> {
    let body = page.text.split_once("<tbody").map_or("", |(_, rest)| rest);
    body.split("role=\"rowheader\">")
        .skip(1)
        .filter_map(|rest| rest.split_once("</a>"))
        .map(|(title, _)| text_of(title))
        .collect()
}

/// What a reader sees of HTML: tags are a space, entities are characters.
fn text_of(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        let seen = part.split_once('>').map_or(part, |(_, seen)| seen);
        let _ = write!(text, "{seen} ");
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Wants a page that runs and loads nothing, and that its policy lets look as it should.
#[track_caller]
fn wants_quiet_page(page: &Answer) {
    page.wants_page(200);
    for unwanted in ["<script", " style=", "onclick", "javascript:", "http://", "https://"] {
        assert!(!page.text.contains(unwanted), "{unwanted} in {page:?}");
    }
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
}
