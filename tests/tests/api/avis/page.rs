//! `GET /avis/{demarche}`

use tests::TestCollector;

use super::Form;
use crate::helpers::Answer;

#[tokio::test]
async fn the_form_is_a_page_that_works_without_scripts() {
    let collector = TestCollector::start().await;

    let page = Answer::of(collector.get("/avis/3059?bouton=12")).await;

    page.wants_page(200);
    assert!(page.text.contains("Déclaration des revenus"));
    assert!(page.text.contains("<html lang=\"fr\""), "{}", page.text);
    assert_eq!(Form::of(&page).visible(), ["satisfaction"]);
}

#[tokio::test]
async fn the_page_gives_nothing_away_and_runs_nothing_foreign() {
    let collector = TestCollector::start().await;

    let page = Answer::of(collector.get("/avis/3059")).await;

    assert_eq!(page.header("cache-control"), "private, no-cache");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("set-cookie"), "");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
    for directive in ["base-uri 'none'", "form-action 'self'"] {
        assert!(policy.contains(directive), "{directive}: {policy}");
    }
}

#[tokio::test]
async fn a_page_that_did_not_change_keeps_its_policy() {
    let collector = TestCollector::start().await;
    let page = Answer::of(collector.get("/avis/3059")).await;
    let tag = page.header("etag");
    assert_ne!(tag, "", "a page that is to be revalidated has something to do it with: {page:?}");

    // What browsers send for a reload.
    let reload =
        collector.get("/avis/3059").header("If-None-Match", tag).header("Cache-Control", "max-age=0");
    let again = Answer::of(reload).await;

    again.wants_status(304);
    // What a 304 says replaces what the browser has kept of the page.
    for name in ["content-security-policy", "referrer-policy", "cache-control", "x-content-type-options"] {
        let kept = again.header(name);
        assert!(kept.is_empty() || kept == page.header(name), "{name}: {kept}");
    }
}

#[tokio::test]
async fn the_language_is_the_one_asked_for_or_the_browsers_or_french() {
    let collector = TestCollector::start().await;
    let page = async |path: &str, accept: &str| {
        let answer = Answer::of(collector.get(path).header("Accept-Language", accept)).await;
        answer.wants_page(200);
        answer.text
    };

    assert!(page("/avis/3059", "").await.contains("<html lang=\"fr\""));
    assert!(page("/avis/3059", "en-GB,en;q=0.8").await.contains("<html lang=\"en\""));
    assert!(page("/avis/3059", "ja").await.contains("<html lang=\"fr\""));
    assert!(page("/avis/3059?lang=en", "fr").await.contains("<html lang=\"en\""));
    assert!(page("/avis/3059?lang=xx", "fr").await.contains("<html lang=\"fr\""));
}

#[tokio::test]
async fn an_unknown_demarche_is_a_404_page_in_the_persons_language() {
    let collector = TestCollector::start().await;

    let french = Answer::of(collector.get("/avis/999")).await;
    let english = Answer::of(collector.get("/avis/999").header("Accept-Language", "en")).await;

    french.wants_page(404);
    english.wants_page(404);
    assert!(french.text.contains("lang=\"fr\"") && english.text.contains("lang=\"en\""));
}

#[tokio::test]
async fn a_closed_bouton_is_a_410_page_and_an_unknown_one_opens_the_form() {
    let mut collector = TestCollector::start().await;
    collector.stop();
    collector.run(&["bouton", "close", "12"]);
    collector.serve().await;

    Answer::of(collector.get("/avis/3059?bouton=12")).await.wants_page(410);
    Answer::of(collector.get("/avis/3059?bouton=999")).await.wants_page(200);
    Answer::of(collector.get("/avis/3059")).await.wants_page(200);
}

#[tokio::test]
async fn what_people_must_be_able_to_read_is_there() {
    let collector = TestCollector::start().await;

    let form = Answer::of(collector.get("/avis/3059")).await;
    assert!(form.text.contains("/confidentialite"), "the notice is linked from the form");
    Answer::of(collector.get("/confidentialite")).await.wants_page(200);
}
