//! `GET /observatoire.csv`, `.xlsx`, `.json`

use tests::TestCollector;

use super::{YEAR, demo, get, titles};
use crate::helpers::Answer;

/// The démarches of a table, in its order.
fn titles_in(csv: &str, separator: char) -> Vec<String> {
    let mut titles: Vec<String> = csv
        .split("\r\n")
        .skip(1)
        .filter_map(|row| row.split(separator).nth(1))
        .map(ToOwned::to_owned)
        .collect();
    titles.dedup();
    titles
}

#[tokio::test]
async fn tables_hold_the_demarches_of_the_view_in_its_order() {
    let collector = demo().await;

    for query in ["sort=-n", "sort=title&level=yellow", "q=demande", "ministry=Int%C3%A9rieur", "sort=trend"]
    {
        let at = |extension: &str| format!("/observatoire{extension}?{YEAR}&{query}");
        let shown = titles(&get(&collector, &at("")).await);
        let csv = get(&collector, &at(".csv")).await;
        let french = get(&collector, &format!("{}&format=csv-excel-fr", at(".csv"))).await;
        let json = get(&collector, &at(".json")).await;

        assert!(!shown.is_empty() && shown.len() < 31, "{query}: {shown:?}");
        assert_eq!(titles_in(&csv.text, ','), shown, "{query}");
        assert_eq!(titles_in(french.text.trim_start_matches('\u{feff}'), ';'), shown, "{query}");
        let body = json.json();
        let listed: Vec<_> =
            body["demarches"].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap()).collect();
        assert_eq!(listed, shown, "{query}");
        assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(
            csv.header("content-disposition"),
            "attachment; filename=\"observatoire_2025-11-01_2026-10-31.csv\""
        );
    }
}

#[tokio::test]
async fn the_workbook_of_a_view_is_a_file_to_keep() {
    let collector = demo().await;

    let answer = collector.get(&format!("/observatoire.xlsx?{YEAR}&level=red")).send().await.unwrap();

    assert_eq!(answer.status(), 200);
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert!(header("content-type").ends_with("spreadsheetml.sheet"), "{}", header("content-type"));
    assert!(header("content-disposition").contains("observatoire_2025-11-01_2026-10-31.xlsx"));
    assert!(answer.bytes().await.unwrap().starts_with(b"PK"));
}

#[tokio::test]
async fn the_document_of_everything_is_that_of_the_api() {
    let collector = demo().await;

    let here = get(&collector, &format!("/observatoire.json?{YEAR}&sort=title")).await.json();
    let mut demarches = here["demarches"].as_array().unwrap().clone();
    demarches.sort_by_key(|demarche| demarche["id"].as_str().unwrap().parse::<u64>().unwrap());
    let there = get(&collector, &format!("/api/v1/satisfaction?{YEAR}")).await.json();

    assert_eq!(here["period"], there["period"]);
    assert_eq!(&demarches, there["demarches"].as_array().unwrap());
}

#[tokio::test]
async fn a_program_that_misspells_a_parameter_is_told_so() {
    let collector = TestCollector::start().await;

    for path in
        ["/observatoire.csv?minstry=A", "/observatoire.json?level=orange", "/observatoire.csv?format=pdf"]
    {
        get(&collector, path).await.wants_page(400);
    }
    let table = get(&collector, "/observatoire.csv").await;
    table.wants_status(200);
    let request = collector.get("/observatoire.csv").header("If-None-Match", table.header("etag"));
    Answer::of(request).await.wants_status(304);
}
