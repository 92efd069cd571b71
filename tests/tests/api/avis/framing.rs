//! The form in a frame of somebody else's page: who may show it there, and `mode=widget&nonce=N`, by which a host asks
//! to hear from it.

use reqwest::header::CONTENT_SECURITY_POLICY;
use tests::TestCollector;

use super::form::{Form, follow};
use crate::helpers::Answer;

/// Démarche 1 has a bouton without origin, 2 one with, and a closed one; 3 has none.
async fn start() -> TestCollector {
    let mut collector = TestCollector::stopped(&[]);
    collector.add_demarche("1", "Sans origine");
    collector.add_demarche("2", "Avec");
    collector.add_demarche("3", "Sans bouton");
    collector.run(&["bouton", "add", "--demarche", "1", "--id", "11"]);
    let origin = ["--origin", "https://www.impots.gouv.fr"];
    for id in ["21", "22"] {
        collector.run(&[&["bouton", "add", "--demarche", "2", "--id", id], &origin[..]].concat());
    }
    collector.run(&["bouton", "close", "22"]);
    collector.serve().await;
    collector
}

/// A directive of a page's policy.
fn directive(page: &Answer, name: &str) -> Option<String> {
    assert_eq!(page.header("x-frame-options"), "", "{page:?}");
    assert_eq!(page.headers.get_all(CONTENT_SECURITY_POLICY).iter().count(), 1, "{page:?}");
    let policy = page.header("content-security-policy");
    policy.split(';').find_map(|part| part.trim().strip_prefix(name).map(|sources| sources.trim().to_owned()))
}

#[track_caller]
fn wants_ancestors(page: &Answer, ancestors: Option<&str>) {
    assert_eq!(directive(page, "frame-ancestors").as_deref(), ancestors, "{page:?}");
}

#[tokio::test]
async fn every_step_may_be_framed_by_the_origins_of_the_boutons() {
    let collector = start().await;
    let only = Some("'self' https://www.impots.gouv.fr");

    let mut page = Answer::of(collector.get("/avis/2?bouton=21")).await;
    let refused = Form::of(&page).send(&collector).await;
    refused.wants_page(422);
    wants_ancestors(&refused, only);
    for step in 1..=5 {
        wants_ancestors(&page, only);
        let form = Form::of(&page);
        page = if step == 1 { form.with("satisfaction", "moyen") } else { form }.step(&collector).await;
    }
    assert!(page.text.contains("class=\"ticket\""), "{page:?}");
    wants_ancestors(&page, only);
}

#[tokio::test]
async fn anyone_may_frame_a_form_without_origins() {
    let collector = start().await;

    for path in ["/avis/1", "/avis/1?bouton=11", "/avis/3", "/Demarches/3", "/Demarches/1?button=11"] {
        wants_ancestors(&Answer::of(collector.get(path)).await, None);
    }
    wants_ancestors(&Answer::of(collector.get("/retrait")).await, Some("'none'"));
}

#[tokio::test]
async fn the_pages_that_say_why_there_is_no_form_may_be_framed_as_it_may() {
    let collector = start().await;
    let only = Some("'self' https://www.impots.gouv.fr");

    for path in ["/avis/2?bouton=22", "/Demarches/2?button=22"] {
        let closed = Answer::of(collector.get(path)).await;
        closed.wants_page(410);
        wants_ancestors(&closed, only);
    }
    let broken = Answer::of(collector.get("/avis/2?suite=abc")).await;
    broken.wants_page(400);
    wants_ancestors(&broken, only);
    for path in ["/avis/9", "/Demarches/9?button=22", "/Demarches/avis/9", "/Demarches/de/2"] {
        let unknown = Answer::of(collector.get(path)).await;
        unknown.wants_page(404);
        wants_ancestors(&unknown, None);
    }
}

/// The sources that the policy allows scripts from, and whether the page holds the script that tells the host.
fn telling(page: &Answer) -> (String, bool) {
    (directive(page, "script-src").unwrap_or_default(), page.text.contains("jdma-widget"))
}

#[tokio::test]
async fn the_mode_and_the_nonce_go_with_the_form_from_step_to_step() {
    let collector = start().await;
    let carried = "mode=widget&nonce=6f2a%22%3E%3Cx-y+%C3%A9";

    let mut page = Answer::of(collector.get(&format!("/Demarches/1?button=11&{carried}&lang=fr"))).await;
    for step in 1..=5 {
        page.wants_page(200);
        let (sources, tells) = telling(&page);
        assert!(sources.contains("'sha256-") && tells, "{step}: {page:?}");
        assert!(!page.text.contains("<x-y"), "the nonce is markup: {page:?}");
        let form = Form::of(&page);
        assert_eq!(form.action(), format!("/avis/1?etape={step}&{carried}"));
        let form = if step == 1 { form.with("satisfaction", "moyen") } else { form };
        let sent = form.send(&collector).await;
        assert!(sent.location().ends_with(&format!("&{carried}")), "{sent:?}");
        page = follow(&collector, &sent).await;
    }
    assert!(page.text.contains("class=\"ticket\"") && telling(&page).1, "{page:?}");
}

#[tokio::test]
async fn they_go_with_it_back_and_through_errors() {
    let collector = start().await;
    let carried = "mode=widget&nonce=6f2a";

    let page = Answer::of(collector.get(&format!("/avis/1?{carried}"))).await;
    let refused = Form::of(&page).send(&collector).await;
    refused.wants_page(422);
    assert!(telling(&refused).1, "{refused:?}");
    let page = Form::of(&refused).with("satisfaction", "moyen").step(&collector).await;
    let back = Form::of(&page).press(&collector, "back").await;
    assert!(back.location().ends_with(&format!("&{carried}")), "{back:?}");
    let first = follow(&collector, &back).await;
    assert_eq!(Form::of(&first).action(), format!("/avis/1?etape=1&{carried}"));

    for (path, status) in [("/Demarches/2?button=22&", 410), ("/avis/9?", 404), ("/avis/1?suite=abc&", 400)] {
        let problem = Answer::of(collector.get(&format!("{path}{carried}"))).await;
        problem.wants_page(status);
        let (sources, tells) = telling(&problem);
        assert!(sources.contains("'sha256-") && tells, "{problem:?}");
    }
}

#[tokio::test]
async fn a_nonce_may_be_missing() {
    let collector = start().await;

    let page = Answer::of(collector.get("/avis/1?mode=widget")).await;

    assert!(telling(&page).1, "{page:?}");
    assert_eq!(Form::of(&page).action(), "/avis/1?etape=1&mode=widget");
}

#[tokio::test]
async fn a_form_that_nobody_asked_to_hear_from_says_nothing() {
    let collector = start().await;

    for path in ["/avis/1", "/avis/1?nonce=6f2a", "/avis/1?mode=preview&nonce=6f2a", "/avis/9"] {
        let page = Answer::of(collector.get(path)).await;
        let (sources, tells) = telling(&page);
        assert!(!tells && !sources.contains("sha256"), "{path}: {page:?}");
    }
    let page = Answer::of(collector.get("/avis/1?nonce=6f2a")).await;
    assert_eq!(Form::of(&page).action(), "/avis/1?etape=1");
    let second = Form::of(&page).with("satisfaction", "moyen").step(&collector).await;
    assert_eq!(directive(&second, "script-src"), None, "a plain step runs nothing");
}
