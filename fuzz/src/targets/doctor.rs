//! Pages and policies of hosts, as the doctor reads them.

use super::CATALOGUE;
use collector::doctor::{Facts, Visit, examine};
use std::str::FromStr;
use url::Url;

/// The first line of the input is a policy, the rest a page. Nothing is found twice, and all of it can be told.
pub fn doctor(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (policy, html) = text.split_once('\n').unwrap_or(("", text));
    let visit = Visit {
        url: Url::from_str("https://www.impots.example.fr/fin").ok(),
        status: Some(200),
        headers: vec![("Content-Security-Policy".to_owned(), policy.to_owned())],
        html: html.to_owned(),
        ..Visit::default()
    };
    let page = visit.page();
    let targets = page.targets();
    let facts = Facts::of_catalogue(&CATALOGUE, targets.iter().map(|(target, _)| target));
    let findings = examine(&visit, &page, &facts);
    for (place, finding) in findings.iter().enumerate() {
        assert!(!findings[..place].contains(finding), "found twice: {finding:?}");
        assert!(!finding.to_string().is_empty() && !finding.code().is_empty());
    }
}
