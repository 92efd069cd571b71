//! `GET /api/v1/satisfaction`

use reqwest::Method;
use serde_json::{Value, json};
use tests::{TestCollector, wait};

use crate::helpers::{Answer, accepted, delete, least, patch, with_answers};

const PERIOD: &str = "from=2020-01-01&to=2099-12-31";
const CSV_HEADER: &str = "id,title,administration,ministry,from,to,indicator,status,n,mean,share,note,percent,\
                          interval_low,interval_high,level,counts";
const INDICATORS: [&str; 7] =
    ["satisfaction", "ease", "clarity", "help_quality", "help_reachable", "malfunctions", "autonomy"];

async fn satisfaction(collector: &TestCollector, query: &str) -> Answer {
    Answer::of(collector.get(&format!("/api/v1/satisfaction?{query}"))).await
}

/// 100 avis: the first number of which notes are published.
async fn start_with_a_hundred_avis() -> TestCollector {
    let collector = TestCollector::start_with(&["--limits", "off"]).await;
    for number in 0..100 {
        let smiley = match number {
            0..11 => "pas_bien",
            11..26 => "moyen",
            _ => "tres_bien",
        };
        let mut avis = with_answers(&json!({"malfunctions": [if number < 5 { "slow" } else { "none" }]}));
        avis["answers"]["satisfaction"] = json!(smiley);
        accepted(&collector, &avis).await;
    }
    collector
}

#[tokio::test]
async fn the_document_has_the_members_of_the_contract() {
    let collector = TestCollector::start().await;

    let body = satisfaction(&collector, PERIOD).await.json();

    assert_eq!(body["schema"], "satisfaction/1");
    assert_eq!(body["formula"], "avis-0-5-10/1");
    assert_eq!(
        body["period"],
        json!({"from": "2020-01-01", "to": "2099-12-31", "timezone": "Europe/Paris", "closed": false})
    );
    assert_eq!(
        body["minimum"],
        json!({"satisfaction": 100, "ease": 100, "clarity": 100, "malfunctions": 100,
               "help_reachable": 100, "help_quality": 50, "autonomy": 100})
    );
    let demarche = &body["demarches"][0];
    assert_eq!(
        (&demarche["id"], &demarche["title"], &demarche["administration"]),
        (&json!("3059"), &json!("Déclaration des revenus"), &json!("DGFIP"))
    );
    assert_eq!((&demarche["aliases"], &demarche["quarantined"]), (&json!([]), &json!(0)));
    let mut indicators: Vec<_> =
        demarche["indicators"].as_object().unwrap().keys().map(String::as_str).collect();
    indicators.sort_unstable();
    let mut expected = INDICATORS;
    expected.sort_unstable();
    assert_eq!(indicators, expected);
}

#[tokio::test]
async fn an_open_period_tells_how_fresh_it_is_and_a_closed_one_is_the_same_for_ever() {
    let collector = TestCollector::start().await;
    let before = satisfaction(&collector, PERIOD).await;
    assert_eq!((&before.json()["last_avis_at"], before.header("last-modified")), (&Value::Null, ""));

    accepted(&collector, &least()).await;

    let after = satisfaction(&collector, PERIOD).await;
    let last: jiff::Timestamp = after.json()["last_avis_at"].as_str().unwrap().parse().unwrap();
    let date = jiff::fmt::rfc2822::parse(after.header("last-modified")).unwrap().timestamp();
    assert!(date.duration_since(last).as_secs().abs() <= 1, "{after:?}");
    let closed = "from=2020-01-01&to=2020-12-31";
    let (one, other) = (satisfaction(&collector, closed).await, satisfaction(&collector, closed).await);
    assert!(one.json().get("last_avis_at").is_none());
    assert_eq!((one.text.as_bytes(), one.header("etag")), (other.text.as_bytes(), other.header("etag")));
}

#[tokio::test]
async fn it_travels_coded_for_who_asks_with_a_validator_of_its_own() {
    let collector = start_with_a_hundred_avis().await;
    let path = format!("/api/v1/satisfaction?{PERIOD}");
    let plain = satisfaction(&collector, PERIOD).await;
    let mut etags = vec![plain.header("etag").to_owned()];
    for (accepts, coding) in [("gzip", "gzip"), ("gzip, deflate, br", "br"), ("br;q=0, gzip;q=0.5", "gzip")] {
        let coded = collector.get(&path).header("Accept-Encoding", accepts).send().await.unwrap();
        assert_eq!(coded.headers()["content-encoding"], coding);
        assert!(coded.headers()["vary"].to_str().unwrap().contains("Accept-Encoding"));
        let etag = coded.headers()["etag"].to_str().unwrap().to_owned();
        let bytes = coded.bytes().await.unwrap();
        assert!(bytes.len() < plain.text.len() / 2, "{coding}: {} bytes", bytes.len());

        let again = collector.get(&path).header("Accept-Encoding", accepts).header("If-None-Match", &etag);
        Answer::of(again).await.wants_status(304);
        // The same document in another coding is other bytes.
        Answer::of(collector.get(&path).header("If-None-Match", &etag)).await.wants_status(200);
        etags.push(etag);
    }
    etags.sort_unstable();
    etags.dedup();
    assert_eq!(etags.len(), 3, "{etags:?}");
}

#[tokio::test]
async fn a_series_of_many_megabytes_comes_whole_and_says_its_length() {
    let collector = start_with_a_hundred_avis().await;
    let query = "from=2019-01-01&to=2027-12-31&interval=day";
    let head = Answer::of(collector.request(Method::HEAD, &format!("/api/v1/satisfaction?{query}"))).await;

    let whole = satisfaction(&collector, query).await;

    assert!(whole.text.len() > 3_000_000, "{} bytes", whole.text.len());
    assert_eq!(whole.header("content-length"), whole.text.len().to_string());
    for header in ["content-length", "etag", "content-type"] {
        assert_eq!(head.header(header), whole.header(header), "{header}");
    }
    let series = whole.json()["demarches"][0]["series"].as_array().unwrap().clone();
    assert_eq!(series.len(), 3_287);
    let counted: u64 =
        series.iter().map(|day| day["indicators"]["satisfaction"]["n"].as_u64().unwrap()).sum();
    assert_eq!(counted, 100);
    let table = satisfaction(&collector, &format!("{query}&format=csv")).await;
    assert_eq!(table.text.lines().count(), 1 + 3_287 * 7);
    let known =
        collector.get(&format!("/api/v1/satisfaction?{query}")).header("If-None-Match", whole.header("etag"));
    Answer::of(known).await.wants_status(304);
}

#[tokio::test]
async fn a_demarche_without_avis_is_listed_with_nulls_and_no_zero_figure() {
    let collector = TestCollector::start().await;

    for indicator in INDICATORS {
        let found = collector.indicator("3059", indicator).await;
        assert_eq!((&found["status"], &found["n"]), (&json!("none"), &json!(0)), "{indicator}: {found}");
        for figure in ["mean", "share", "note", "percent", "interval", "level"] {
            assert!(found[figure].is_null(), "{indicator}.{figure}: {found}");
        }
    }
}

#[tokio::test]
async fn below_the_minimum_n_and_counts_are_given_and_figures_are_not() {
    let collector = TestCollector::start().await;
    accepted(&collector, &least()).await;

    let found = collector.indicator("3059", "satisfaction").await;

    assert_eq!((&found["status"], &found["n"]), (&json!("insufficient"), &json!(1)));
    assert_eq!(found["counts"], json!({"pas_bien": 0, "moyen": 0, "tres_bien": 1}));
    for figure in ["mean", "note", "interval", "level"] {
        assert!(found.get(figure).is_some_and(Value::is_null), "{figure}: {found}");
    }
}

#[tokio::test]
async fn a_hundred_avis_have_a_note_an_interval_and_a_level() {
    let collector = start_with_a_hundred_avis().await;

    let found = collector.indicator("3059", "satisfaction").await;

    // 815 / 100; s² = (11·8.15² + 15·3.15² + 74·1.85²) / 99; m ± 1.96·s/√100 = 7.48701… and 8.81298….
    assert_eq!(found["status"], "published");
    assert_eq!(found["counts"], json!({"pas_bien": 11, "moyen": 15, "tres_bien": 74}));
    assert_eq!(
        (&found["mean"], &found["note"], &found["level"]),
        (&json!(8.15), &json!("8.2"), &json!("green"))
    );
    assert_eq!(found["interval"], json!([7.487, 8.813]));
}

#[tokio::test]
async fn a_share_has_a_percentage_and_a_wilson_interval_and_may_have_no_level() {
    let collector = start_with_a_hundred_avis().await;

    let found = collector.indicator("3059", "malfunctions").await;

    assert_eq!((&found["status"], &found["n"]), (&json!("published"), &json!(100)));
    assert_eq!((&found["share"], &found["percent"]), (&json!(0.05), &json!("5.0")));
    assert_eq!(found["interval"], json!([0.0215, 0.1118]));
    assert!(found["level"].is_null(), "{found}");
}

#[tokio::test]
async fn csv_has_the_header_of_the_contract_and_a_row_per_demarche_and_indicator() {
    let collector = start_with_a_hundred_avis().await;

    let by_query = satisfaction(&collector, &format!("{PERIOD}&format=csv")).await;
    let by_header =
        Answer::of(collector.get(&format!("/api/v1/satisfaction?{PERIOD}")).header("Accept", "text/csv"))
            .await;

    by_query.wants_status(200);
    assert!(by_query.header("content-type").starts_with("text/csv"), "{by_query:?}");
    assert_eq!(by_query.text, by_header.text);
    let mut lines = by_query.text.split("\r\n");
    assert_eq!(lines.next(), Some(CSV_HEADER));
    let rows: Vec<_> = lines.collect();
    assert_eq!(rows.len(), INDICATORS.len() + 1, "a row each, and the end of the last: {rows:?}");
    assert_eq!(rows.last(), Some(&""));
    let row = rows.iter().find(|row| row.contains(",satisfaction,")).unwrap();
    assert_eq!(
        *row,
        "3059,Déclaration des revenus,DGFIP,,2020-01-01,2099-12-31,satisfaction,published,100,8.15,,8.2,,\
         7.487,8.813,green,pas_bien=11;moyen=15;tres_bien=74"
    );
}

#[tokio::test]
async fn csv_cells_that_a_spreadsheet_would_run_are_neutralised() {
    let mut collector = TestCollector::stopped(&[]);
    collector.add_demarche("1", "=HYPERLINK(\"https://example.org\"), vraiment");
    collector.serve().await;

    let answer = satisfaction(&collector, &format!("{PERIOD}&format=csv")).await;

    assert!(
        answer.text.contains("\"'=HYPERLINK(\"\"https://example.org\"\"), vraiment\""),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn demarches_can_be_chosen_by_id_or_alias() {
    let mut collector = TestCollector::stopped(&[]);
    collector.add_demarche("1", "Une");
    collector.add_demarche_with("2", "Deux", &["--alias", "xwiki:823"]);
    collector.add_demarche("3", "Trois");
    collector.serve().await;
    let ids = |answer: &Answer| -> Vec<String> {
        let body = answer.json();
        let demarches = body["demarches"].as_array().unwrap();
        demarches.iter().map(|demarche| demarche["id"].as_str().unwrap().to_owned()).collect()
    };

    assert_eq!(ids(&satisfaction(&collector, PERIOD).await), ["1", "2", "3"]);
    let chosen = satisfaction(&collector, &format!("{PERIOD}&demarche=3&demarche=xwiki:823")).await;
    assert_eq!(ids(&chosen), ["2", "3"]);
}

#[tokio::test]
async fn an_unknown_demarche_is_404_that_lists_the_missing_and_nothing_partial() {
    let collector = TestCollector::start().await;

    let answer = satisfaction(&collector, &format!("{PERIOD}&demarche=3059&demarche=998&demarche=999")).await;

    let problem = answer.wants_problem(404, "unknown-demarche").to_string();
    assert!(problem.contains("998") && problem.contains("999") && !problem.contains("3059"), "{problem}");
}

#[tokio::test]
async fn both_bounds_are_required_and_are_days_in_order() {
    let collector = TestCollector::start().await;

    let queries = [
        "",
        "from=2026-01-01",
        "to=2026-01-01",
        "from=2026-01-02&to=2026-01-01",
        "from=2026-02-30&to=2026-03-01",
        "from=2026-13-01&to=2026-12-31",
        "from=hier&to=demain",
        "from=01/01/2026&to=31/12/2026",
        "from=2026-01-01T00:00:00Z&to=2026-12-31",
        "from=&to=",
    ];
    for query in queries {
        let answer = satisfaction(&collector, query).await;
        answer.wants_status(400);
        answer.wants_problem(400, "invalid-query");
    }
}

#[tokio::test]
async fn a_format_that_is_none_is_refused() {
    let collector = TestCollector::start().await;

    satisfaction(&collector, &format!("{PERIOD}&format=pdf")).await.wants_problem(400, "invalid-query");
}

#[tokio::test]
async fn one_day_is_a_period_and_a_past_one_is_closed() {
    let collector = TestCollector::start().await;
    accepted(&collector, &least()).await;

    let body = satisfaction(&collector, "from=2024-02-29&to=2024-02-29").await.json();

    assert_eq!(body["period"]["closed"], true);
    assert_eq!(body["demarches"][0]["indicators"]["satisfaction"]["n"], 0);
}

#[tokio::test]
async fn a_closed_period_is_the_same_to_the_byte_while_avis_come_in() {
    let collector = TestCollector::start().await;
    let query = "from=2024-01-01&to=2024-12-31";

    let before = satisfaction(&collector, query).await;
    accepted(&collector, &least()).await;
    let after = satisfaction(&collector, query).await;

    assert_eq!(before.text, after.text);
}

/// The document, unless it has this validator still.
async fn satisfaction_since(collector: &TestCollector, query: &str, etag: &str) -> Answer {
    let request = collector.get(&format!("/api/v1/satisfaction?{query}")).header("If-None-Match", etag);
    Answer::of(request).await
}

#[tokio::test]
async fn who_has_the_document_is_told_so_until_an_avis_arrives() {
    let collector = TestCollector::start().await;
    let first = satisfaction(&collector, PERIOD).await;
    first.wants_status(200);
    let etag = first.header("etag").to_owned();
    assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag}");

    let same = satisfaction_since(&collector, PERIOD, &etag).await;
    same.wants_status(304);
    assert_eq!((same.header("etag"), same.text.as_str()), (etag.as_str(), ""));
    assert!(same.header("vary").contains("Accept-Encoding"), "{same:?}");
    accepted(&collector, &least()).await;
    let other = satisfaction_since(&collector, PERIOD, &etag).await;

    other.wants_status(200);
    assert_ne!(other.header("etag"), etag);
    assert_eq!(other.json()["demarches"][0]["indicators"]["satisfaction"]["n"], 1);
    satisfaction_since(&collector, PERIOD, other.header("etag")).await.wants_status(304);
    satisfaction_since(&collector, PERIOD, &format!("\"other\", W/{}", other.header("etag")))
        .await
        .wants_status(304);
}

#[tokio::test]
async fn a_change_and_a_withdrawal_make_it_another_document() {
    let collector = TestCollector::start().await;
    let empty = satisfaction(&collector, PERIOD).await;
    let avis = accepted(&collector, &least()).await;
    let one = satisfaction_since(&collector, PERIOD, empty.header("etag")).await;
    one.wants_status(200);

    Answer::of(patch(&collector, &avis.id, &avis.edit_token, &json!({"ease": "3"}))).await.wants_status(200);
    let changed = satisfaction_since(&collector, PERIOD, one.header("etag")).await;
    changed.wants_status(200);
    Answer::of(delete(&collector, &avis.id, &avis.receipt)).await.wants_status(204);
    let withdrawn = satisfaction_since(&collector, PERIOD, changed.header("etag")).await;

    withdrawn.wants_status(200);
    // The same bytes have the same validator, whatever came in between: a table holds no instant.
    let table = format!("{PERIOD}&format=csv");
    let etag = satisfaction(&collector, &table).await.header("etag").to_owned();
    let other = accepted(&collector, &least()).await;
    satisfaction_since(&collector, &table, &etag).await.wants_status(200);
    Answer::of(delete(&collector, &other.id, &other.receipt)).await.wants_status(204);
    satisfaction_since(&collector, &table, &etag).await.wants_status(304);
}

#[tokio::test]
async fn a_period_is_the_same_document_whatever_arrives_outside_of_it() {
    let collector = TestCollector::start().await;
    let past = "from=2024-01-01&to=2024-12-31&interval=month";
    let etag = satisfaction(&collector, past).await.header("etag").to_owned();

    accepted(&collector, &least()).await;

    satisfaction_since(&collector, past, &etag).await.wants_status(304);
}

#[tokio::test]
async fn each_way_to_ask_has_a_validator_of_its_own() {
    let collector = TestCollector::start().await;
    collector.add_demarche("1001", "Carte grise");
    let queries = [
        "from=2024-01-01&to=2024-12-31",
        "from=2024-01-01&to=2024-12-30",
        "from=2024-01-01&to=2024-12-31&interval=year",
        "from=2024-01-01&to=2024-12-31&format=csv",
        "from=2024-01-01&to=2024-12-31&format=csv-excel-fr",
        "from=2024-01-01&to=2024-12-31&demarche=3059",
        "from=2024-01-01&to=2024-12-31&audience=entreprises",
    ];
    // What the command added shows within two seconds.
    wait::until("the second démarche", async || {
        let answer = satisfaction(&collector, queries[0]).await;
        if answer.text.contains("1001") { Ok(()) } else { Err(answer.text) }
    })
    .await;
    let mut etags = Vec::new();
    for query in queries {
        etags.push(satisfaction(&collector, query).await.header("etag").to_owned());
    }

    for (asked, query) in queries.iter().enumerate() {
        for (known, etag) in etags.iter().enumerate() {
            let status = if asked == known { 304 } else { 200 };
            satisfaction_since(&collector, query, etag).await.wants_status(status);
        }
    }
    let head = collector.request(Method::HEAD, &format!("/api/v1/satisfaction?{}", queries[0]));
    Answer::of(head.header("If-None-Match", &etags[0])).await.wants_status(304);
    let one = collector.get("/api/v1/demarches/3059/satisfaction?from=2024-01-01&to=2024-12-31");
    Answer::of(one.header("If-None-Match", &etags[5])).await.wants_status(304);
}

#[tokio::test]
async fn another_title_makes_it_another_document() {
    let collector = TestCollector::start().await;
    let etag = satisfaction(&collector, PERIOD).await.header("etag").to_owned();
    satisfaction_since(&collector, PERIOD, &etag).await.wants_status(304);

    collector.run(&["demarche", "set", "--id", "3059", "--title", "Impôts"]);

    wait::until("the new title", async || {
        let answer = satisfaction_since(&collector, PERIOD, &etag).await;
        if answer.text.contains("Impôts") { Ok(()) } else { Err(format!("{answer:?}")) }
    })
    .await;
}
