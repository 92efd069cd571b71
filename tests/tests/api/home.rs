//! `GET /`

use tests::TestCollector;

use crate::helpers::Answer;

#[tokio::test]
async fn the_front_page_says_what_this_is_and_each_of_its_ways_leads_somewhere() {
    let collector = TestCollector::start().await;

    let page = Answer::of(collector.get("/")).await;

    page.wants_page(200);
    assert!(page.text.contains("<h1>Je donne mon avis</h1>"), "{page:?}");
    let ways: Vec<&str> = page
        .text
        .split("href=\"/")
        .skip(1)
        .filter_map(|rest| rest.split_once('"').map(|(address, _)| address))
        .collect();
    for way in ["observatoire", "methode", "api/", "confidentialite", "retrait"] {
        assert!(ways.iter().any(|address| address.starts_with(way)), "no {way}: {ways:?}");
    }
    for way in ways {
        Answer::of(collector.get(&format!("/{way}"))).await.wants_page(200);
    }
    let english = Answer::of(collector.get("/?lang=en")).await;
    assert!(english.text.contains("The observatory"), "{english:?}");
}
