//! `GET /demarches/{demarche}/badge.svg`

use reqwest::Method;
use tests::TestCollector;

use super::{get, text_of, with};
use crate::helpers::Answer;

/// A demo that ends yesterday, so that its last twelve months are those of the badge.
async fn demo() -> TestCollector {
    let mut collector = TestCollector::stopped(&[]);
    collector.run(&["demo", "--demarches", "2", "--avis", "3000", "--seed", "5"]);
    collector.serve().await;
    collector
}

#[tokio::test]
async fn it_gives_title_note_level_avis_and_period_of_the_last_twelve_months() {
    let collector = demo().await;

    let badge = get(&collector, "/demarches/1001/badge.svg?lang=en").await;
    let page = get(&collector, "/observatoire/1001?lang=en").await;

    badge.wants_status(200);
    assert_eq!(badge.header("content-type"), "image/svg+xml");
    assert!(badge.text.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""), "{}", badge.text);
    assert!(badge.text.contains("role=\"img\" aria-labelledby=\"t\""), "{}", badge.text);
    let (_, title) = badge.text.split_once("<title id=\"t\">").unwrap();
    let (title, _) = title.split_once("</title>").unwrap();
    // `Demande de …: 8.3 out of 10, Very good. 1,234 avis, Nov 2025 – Oct 2026.`
    let note = title.split_once(": ").unwrap().1.split_once(" out of 10").unwrap().0;
    assert!(page.text.contains(&format!("<b>{note}</b>")), "{note} is not on the page: {title}");
    for part in [" avis, ", " – "] {
        assert!(title.contains(part), "{title}");
    }
    assert!(text_of(&badge.text).contains("out of 10"), "{}", badge.text);
}

#[tokio::test]
async fn any_page_may_show_it_and_it_is_kept_for_a_while() {
    let collector = demo().await;
    let path = "/demarches/1001/badge.svg";

    let badge = get(&collector, path).await;

    assert_eq!(badge.header("access-control-allow-origin"), "*");
    assert_eq!(badge.header("cross-origin-resource-policy"), "cross-origin");
    assert_eq!(badge.header("cache-control"), "public, max-age=3600");
    assert!(badge.header("content-security-policy").contains("style-src 'sha256-"), "{badge:?}");
    let known = collector.get(path).header("If-None-Match", badge.header("etag"));
    let same = Answer::of(known).await;
    same.wants_status(304);
    assert_eq!(same.header("cache-control"), "public, max-age=3600");
    let head = Answer::of(collector.request(Method::HEAD, path)).await;
    assert_eq!((head.status, head.header("etag")), (200, badge.header("etag")));
    Answer::of(collector.request(Method::POST, path)).await.wants_status(405);
}

#[tokio::test]
async fn its_language_is_that_of_its_address_and_not_of_who_looks() {
    let collector = demo().await;

    let browser = collector.get("/demarches/1001/badge.svg").header("Accept-Language", "en");
    assert!(Answer::of(browser).await.text.contains("sur 10"));
    assert!(get(&collector, "/demarches/1001/badge.svg?lang=en").await.text.contains("out of 10"));
}

#[tokio::test]
async fn without_enough_avis_it_says_so() {
    let collector =
        with(&[("1", "L’été & l’hiver <3", &["--administration", "A", "--alias", "x:1"], [0, 0, 0])]).await;

    let badge = get(&collector, "/demarches/x:1/badge.svg").await;

    badge.wants_status(200);
    assert!(badge.text.contains("Aucun avis sur cette période"), "{}", badge.text);
    assert!(badge.text.contains("L’été &amp; l’hiver &lt;3"), "{}", badge.text);
    get(&collector, "/demarches/2/badge.svg").await.wants_page(404);
}
