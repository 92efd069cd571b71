//! `/catalogue.jsonld`, `/schemas/satisfaction.json` and `/methode`: what the published data are. That programs of others
//! take them for what they are, `tests/validators` shows.

use serde_json::Value;
use tests::TestCollector;

use crate::helpers::Answer;

async fn catalogue(collector: &TestCollector) -> Value {
    let answer = Answer::of(collector.get("/catalogue.jsonld")).await;
    answer.wants_status(200);
    assert_eq!(answer.header("content-type"), "application/ld+json");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("vary"), "Accept-Encoding, Accept-Language");
    answer.json()
}

#[tokio::test]
async fn the_catalogue_names_the_public_address_and_the_publisher() {
    let collector = TestCollector::start_with(&[
        "--public-url",
        "https://avis.example.fr/",
        "--publisher",
        "Direction des essais",
    ])
    .await;

    let catalogue = catalogue(&collector).await;

    assert_eq!(catalogue["@id"], "https://avis.example.fr/catalogue.jsonld");
    assert_eq!(catalogue["dct:publisher"]["foaf:name"], "Direction des essais");
    let url = &catalogue["dcat:dataset"][0]["dcat:distribution"][0]["dcat:downloadURL"]["@id"];
    assert!(url.as_str().unwrap().starts_with("https://avis.example.fr/api/v1/satisfaction?from="), "{url}");
}

#[tokio::test]
async fn without_either_the_catalogue_names_the_host_that_was_asked() {
    let collector = TestCollector::start().await;

    let catalogue = catalogue(&collector).await;

    assert_eq!(catalogue["@id"], collector.url("/catalogue.jsonld"));
    assert_eq!(catalogue["dct:publisher"]["foaf:name"], collector.authority());
}

#[tokio::test]
async fn every_edition_is_a_dataset_of_the_catalogue_with_the_digests_of_its_files() {
    let mut collector = TestCollector::stopped(&[]);
    collector.run(&["demo", "--demarches", "2", "--avis", "400", "--seed", "1", "--until", "2025-12-31"]);
    collector.run(&["edition", "freeze", "2025-T4"]);
    collector.serve().await;
    let editions = Answer::of(collector.get("/api/v1/editions")).await.json();

    let catalogue = catalogue(&collector).await;

    let edition = &catalogue["dcat:dataset"][2];
    assert_eq!(edition["dcat:inSeries"]["@id"], catalogue["dcat:dataset"][1]["@id"]);
    for (place, format) in ["json", "csv", "xlsx"].into_iter().enumerate() {
        let file = &edition["dcat:distribution"][place];
        let known = &editions["editions"][0]["files"][format];
        assert_eq!(file["spdx:checksum"]["spdx:checksumValue"]["@value"], known["sha256"], "{format}");
        let url = collector.url(known["url"].as_str().unwrap());
        assert_eq!(file["dcat:downloadURL"]["@id"], url, "{format}");
    }
    assert_eq!(catalogue["dcat:dataset"][0]["dct:temporal"]["dcat:startDate"]["@value"], "2024-11-01");
}

#[tokio::test]
async fn the_table_schema_names_the_columns_of_the_table_in_their_order() {
    let collector = TestCollector::start().await;

    let schema = Answer::of(collector.get("/schemas/satisfaction.json")).await.json();
    let table =
        Answer::of(collector.get("/api/v1/satisfaction?from=2025-01-01&to=2025-12-31&format=csv")).await.text;

    let names: Vec<&str> =
        schema["fields"].as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap()).collect();
    assert_eq!(names.join(","), table.lines().next().unwrap());
}

#[tokio::test]
async fn the_method_is_told_in_french_whoever_asks() {
    let collector = TestCollector::start().await;

    let page = Answer::of(collector.get("/methode").header("Accept-Language", "en")).await;

    page.wants_page(200);
    assert!(page.text.contains("<html lang=\"fr\""), "{page:?}");
    assert!(page.text.contains("<h1>Comment ces notes sont calculées</h1>"), "{page:?}");
}
