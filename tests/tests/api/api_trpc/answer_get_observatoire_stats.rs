//! `GET /api/trpc/answer.getObservatoireStats`

use collector::clock::Clock;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tests::{TestCollector, wait};

use crate::helpers::{Answer, accepted};

const PROCEDURE: &str = "/api/trpc/answer.getObservatoireStats";

/// Two avis today, of which one came through the bouton.
async fn start_with(arguments: &[&str]) -> TestCollector {
    let mut collector = TestCollector::stopped(arguments);
    let aliases = ["--alias", "xwiki:823", "--alias", "form:12"];
    collector.add_demarche_with("3059", "Déclaration des revenus", &aliases);
    collector.add_demarche_with("4079", "Titre de séjour", &["--alias", "form:13"]);
    collector.run(&["bouton", "add", "--demarche", "3059", "--id", "12", "--alias", "button"]);
    collector.run(&["bouton", "add", "--demarche", "4079", "--id", "45"]);
    collector.serve().await;
    let through = json!({"demarche": "3059", "bouton": "12", "answers": {
        "satisfaction": "tres_bien", "clarity": "4", "help_tried": ["none"]}});
    let alone = json!({"demarche": "3059", "answers": {
        "satisfaction": "moyen", "clarity": "5", "help_tried": ["guichet", "telephone"],
        "help_reached": {"guichet": "oui", "telephone": "non"}, "help_quality": {"guichet": "bonne"}}});
    accepted(&collector, &through).await;
    accepted(&collector, &alone).await;
    collector
}

async fn start() -> TestCollector {
    start_with(&[]).await
}

const BOTH: &str = r#"{"result":{"data":{"json":{"data":{"satisfaction":7.5,"comprehension":8.75,"contact":3.75,"contact_reachability":0.5,"contact_satisfaction":7.5,"autonomy":5},"metadata":{"satisfaction_count":2,"comprehension_count":2,"contact_count":2,"contactReachability_count":2,"contactSatisfaction_count":1,"autonomy_count":2}}}}}"#;
const THROUGH_BOUTON: &str = r#"{"result":{"data":{"json":{"data":{"satisfaction":10,"comprehension":7.5,"contact":0,"contact_reachability":0,"contact_satisfaction":0,"autonomy":10},"metadata":{"satisfaction_count":1,"comprehension_count":1,"contact_count":0,"contactReachability_count":0,"contactSatisfaction_count":0,"autonomy_count":1}}}}}"#;
const NOTHING: &str = r#"{"result":{"data":{"json":{"data":{"satisfaction":0,"comprehension":0,"contact":0,"contact_reachability":0,"contact_satisfaction":0,"autonomy":0},"metadata":{"satisfaction_count":0,"comprehension_count":0,"contact_count":0,"contactReachability_count":0,"contactSatisfaction_count":0,"autonomy_count":0}}}}}"#;

fn request(collector: &TestCollector, input: &Value) -> RequestBuilder {
    collector.get(PROCEDURE).query(&[("input", input.to_string())])
}

async fn ask(collector: &TestCollector, json: Value) -> Answer {
    Answer::of(request(collector, &json!({ "json": json }))).await
}

#[track_caller]
fn wants(answer: &Answer, expected: &str) {
    answer.wants_status(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.text, expected);
}

/// Wants the error as clients of tRPC read it, in a problem.
#[track_caller]
fn wants_error(answer: &Answer, status: u16, kind: &str, code: &str, number: i32, path: &str) -> Value {
    let problem = answer.wants_problem(status, kind);
    assert_eq!(
        problem["error"],
        json!({"json": {
            "message": problem["detail"], "code": number, "data": {"code": code, "httpStatus": status, "path": path},
        }}),
        "{problem}"
    );
    problem
}

#[track_caller]
fn wants_bad_request(answer: &Answer, errors: &[(&str, &str)]) {
    let path = "answer.getObservatoireStats";
    let problem = wants_error(answer, 400, "invalid-query", "BAD_REQUEST", -32_600, path);
    let found: Vec<_> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap()))
        .collect();
    assert_eq!(found, errors);
}

#[track_caller]
fn wants_not_found(answer: &Answer, kind: &str) {
    wants_error(answer, 404, kind, "NOT_FOUND", -32_004, "answer.getObservatoireStats");
}

#[tokio::test]
async fn a_demarche_is_found_by_number_text_alias_and_former_number() {
    let collector = start().await;

    for json in [
        json!({"product_id": 3059}),
        json!({"product_id": "3059"}),
        json!({"product_id": "xwiki:823"}),
        json!({"product_id": 823, "isXWiki": true}),
        json!({"product_id": "823", "isXWiki": true}),
        json!({"product_id": 3059, "form_id": 12, "needLogging": true, "anything": null}),
        json!({"product_id": 3059, "form_id": "12", "isXWiki": false}),
    ] {
        wants(&ask(&collector, json).await, BOTH);
    }
    wants(&ask(&collector, json!({"product_id": 4079})).await, NOTHING);
}

#[tokio::test]
async fn a_bouton_filters_every_figure_and_one_of_another_demarche_leaves_nothing() {
    let collector = start().await;

    for (bouton, expected) in [
        (json!(12), THROUGH_BOUTON),
        (json!("12"), THROUGH_BOUTON),
        (json!("button"), THROUGH_BOUTON),
        (json!(45), NOTHING),
        (json!(9), NOTHING),
    ] {
        wants(&ask(&collector, json!({"product_id": 3059, "button_id": bouton})).await, expected);
    }
}

#[tokio::test]
async fn bounds_are_days_instants_and_milliseconds() {
    let collector = start().await;
    let today = Clock::system().today();
    let (yesterday, tomorrow) = (today.plus(-1), today.plus(1));
    // The first and the last millisecond of a day, in UTC and in Paris, in three spellings.
    let utc = |day: collector::day::Day, time: &str| format!("{day}T{time}Z");
    let (midnight, last) = ("00:00:00.000", "23:59:59.999");
    let spellings = |from: collector::day::Day, to: collector::day::Day| {
        let paris = (from.plus(-1).end(), to.end().as_millisecond() - 1);
        [
            (json!(from.to_string()), json!(to.to_string())),
            (json!(utc(from, midnight)), json!(utc(to, last))),
            (json!(utc(from, midnight)), json!(utc(to, midnight))),
            (json!(paris.0.as_millisecond().to_string()), json!(paris.1.to_string())),
            (json!(paris.0.as_millisecond()), json!(paris.1)),
            (json!(paris.0.to_string()), json!(to.to_string())),
        ]
    };

    for (from, to, expected) in [
        (today, today, BOTH),
        (yesterday, tomorrow, BOTH),
        (yesterday, yesterday, NOTHING),
        (tomorrow, tomorrow, NOTHING),
    ] {
        for (start, end) in spellings(from, to) {
            let json = json!({"product_id": 3059, "start_date": start, "end_date": end});
            wants(&ask(&collector, json.clone()).await, expected);
        }
    }
    wants(&ask(&collector, json!({"product_id": 3059, "start_date": today.to_string()})).await, BOTH);
    wants(&ask(&collector, json!({"product_id": 3059, "end_date": today.to_string()})).await, BOTH);
    wants(&ask(&collector, json!({"product_id": 3059, "end_date": yesterday.to_string()})).await, NOTHING);
}

#[tokio::test]
async fn nulls_are_refused_unless_superjson_calls_them_undefined() {
    let collector = start().await;
    let undefined = json!({
        "json": {"product_id": 3059, "form_id": null, "button_id": null, "start_date": null},
        "meta": {"values": {"form_id": ["undefined"], "button_id": ["undefined"], "start_date": ["undefined"]}},
    });

    wants(&Answer::of(request(&collector, &undefined)).await, BOTH);
    // What today's importer sends when its arguments shift.
    let shifted = ask(&collector, json!({"product_id": null, "form_id": 3059})).await;
    wants_bad_request(&shifted, &[("/product_id", "null")]);
    let form = ask(&collector, json!({"product_id": 3059, "form_id": null})).await;
    wants_bad_request(&form, &[("/form_id", "null")]);
}

#[tokio::test]
async fn what_makes_no_sense_is_a_bad_request_that_tells_all_of_it() {
    let collector = start().await;

    let wrong =
        json!({"product_id": true, "form_id": [], "start_date": "hier", "end_date": {}, "isXWiki": 1});
    wants_bad_request(
        &ask(&collector, wrong).await,
        &[
            ("/product_id", "wrong_type"),
            ("/form_id", "wrong_type"),
            ("/isXWiki", "wrong_type"),
            ("/start_date", "not_a_date"),
            ("/end_date", "not_a_date"),
        ],
    );
    let backwards = json!({"product_id": 3059, "start_date": "2026-02-01", "end_date": "2026-01-31"});
    wants_bad_request(&ask(&collector, backwards).await, &[("/end_date", "ends_before_it_begins")]);
    wants_bad_request(&ask(&collector, json!({})).await, &[("/product_id", "required")]);
    wants_bad_request(&Answer::of(collector.get(PROCEDURE)).await, &[("/input", "required")]);
    let cut = collector.get(PROCEDURE).query(&[("input", "{\"json\":{\"product_id\":3059}")]);
    wants_bad_request(&Answer::of(cut).await, &[("/input", "not_json")]);
    let bare = collector.get(PROCEDURE).query(&[("input", "{\"product_id\":3059}")]);
    wants_bad_request(&Answer::of(bare).await, &[("/input", "wrong_type")]);
}

#[tokio::test]
async fn batches_are_refused() {
    let collector = start().await;
    let batched = json!({"0": {"json": {"product_id": 3059}}});

    let one = request(&collector, &batched).query(&[("batch", "1")]);
    wants_bad_request(&Answer::of(one).await, &[("/batch", "batch")]);
    let two = "answer.getObservatoireStats,answer.getObservatoireStats";
    let both = Answer::of(collector.get(&format!("/api/trpc/{two}?batch=1&input=%7B%7D"))).await;
    wants_error(&both, 400, "invalid-query", "BAD_REQUEST", -32_600, two);
}

#[tokio::test]
async fn an_unknown_demarche_and_a_foreign_form_are_not_found() {
    let collector = start().await;

    wants_not_found(&ask(&collector, json!({"product_id": 823})).await, "unknown-demarche");
    wants_not_found(&ask(&collector, json!({"product_id": 3059, "isXWiki": true})).await, "unknown-demarche");
    for form in [13, 3059, 99] {
        wants_not_found(&ask(&collector, json!({"product_id": 3059, "form_id": form})).await, "foreign-form");
    }
}

#[tokio::test]
async fn another_procedure_is_not_found_and_another_method_not_supported() {
    let collector = start().await;

    let other = Answer::of(collector.get("/api/trpc/answer.getByFieldCode?input=%7B%7D")).await;
    wants_error(&other, 404, "not-found", "NOT_FOUND", -32_004, "answer.getByFieldCode");
    let body = json!({"json": {"product_id": 3059}});
    let post = Answer::of(collector.request(Method::POST, PROCEDURE).json(&body)).await;
    let path = "answer.getObservatoireStats";
    wants_error(&post, 405, "method-not-allowed", "METHOD_NOT_SUPPORTED", -32_005, path);
    assert_eq!(post.header("allow"), "GET, HEAD");
}

#[tokio::test]
async fn it_answers_head_minds_no_content_type_and_limits_nobody() {
    let collector = start_with(&["--limit-burst", "5", "--limit-per-hour", "1"]).await;
    let asked = json!({"json": {"product_id": 3059}});

    for _ in 0..50 {
        let as_the_importer = request(&collector, &asked).header("Content-Type", "application/json");
        wants(&Answer::of(as_the_importer).await, BOTH);
    }
    let head = collector.request(Method::HEAD, PROCEDURE).query(&[("input", asked.to_string())]);
    let head = Answer::of(head).await;
    head.wants_status(200);
    assert_eq!((head.text.as_str(), head.header("content-type")), ("", "application/json"));
}

#[tokio::test]
async fn each_refusal_is_a_warning_that_names_the_demarche_and_nobody() {
    let collector = start().await;
    let refused = [
        (json!({"product_id": 777}), r#"demarche="777" form="none" problem="unknown-demarche""#),
        (
            json!({"product_id": null, "form_id": 3059}),
            r#"demarche="none" form="3059" problem="invalid-query""#,
        ),
        (
            json!({"product_id": "xwiki:823", "form_id": 99}),
            r#"demarche="xwiki:823" form="99" problem="foreign-form""#,
        ),
        (
            json!({"product_id": "marie.durand@example.fr", "form_id": 612_345_678}),
            r#"demarche="withheld" form="withheld" problem="unknown-demarche""#,
        ),
    ];
    for (json, _) in &refused {
        ask(&collector, json.clone()).await;
    }
    let bouton = json!({"product_id": 3059, "button_id": 45});
    ask(&collector, bouton).await.wants_status(200);

    let wanted = "statistics of a bouton were asked for that its démarche does not have";
    let log = wait::until("the last warning", async || {
        let (_, log) = collector.written();
        if log.contains(wanted) { Ok(log) } else { Err(log) }
    })
    .await;

    for (_, fields) in refused {
        let line = format!("statistics were refused {fields}");
        assert!(
            log.lines().any(|found| found.contains(" WARN ") && found.contains(&line)),
            "{line} in\n{log}"
        );
    }
    assert!(!log.contains("marie") && !log.contains("612345678"), "{log}");
}
