//! What the addresses answer while the database is away. All else is seen from outside, on the real binary.

use super::configure;
use crate::application::Collector;
use crate::assets::Shelf;
use crate::catalogue::{KeyUses, LiveCatalogue, Scope};
use crate::client_address::TrustedProxies;
use crate::clock::Clock;
use crate::edition;
use crate::identity::{Keyring, SecretKey};
use crate::ingest::{Capacity, Ingest};
use crate::limits::Limits;
use crate::quarter::Quarter;
use crate::satisfaction::Closing;
use crate::satisfaction::validators::Validators;
use crate::sender::DayKey;
use crate::spool::Spool;
use crate::store::samples::{noon, with_catalogue};
use crate::store::unsteady::{Mood, Unsteady};
use crate::store::{Period, Store};
use crate::vigilance::Vigilance;
use actix_web::http::header;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, call_service, init_service, read_body, try_read_body};
use actix_web::{App, http::StatusCode, web};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;
use uuid::Uuid;

/// A key that may do everything.
const KEY: &str = "a key";

/// A collector whose database a test can take away, and what its spool lies in.
async fn collector() -> (web::Data<Collector>, Arc<Unsteady>, tempfile::TempDir) {
    collector_at(Clock::custom(|| noon("2026-11-22"))).await
}

/// The same, with the time that this clock tells.
async fn collector_at(clock: Clock) -> (web::Data<Collector>, Arc<Unsteady>, tempfile::TempDir) {
    let store = Arc::new(Unsteady::new().await);
    with_catalogue(&*store).await;
    let (digest, today) = (Sha256::digest(KEY), "2026-11-22".parse().unwrap());
    store.add_key(digest.into(), Scope::Admin, None, today, None).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let spool = Arc::new(Spool::open(folder.path(), 1 << 20).await.unwrap());
    let (ingest, _) =
        Ingest::start(store.clone(), Some(spool), Capacity::default(), clock.clone(), Arc::default());
    let collector = Collector {
        catalogue: LiveCatalogue::start(store.clone(), Arc::default()).await.unwrap(),
        shelf: Shelf::of(store.clone()),
        key_uses: KeyUses::default(),
        ingest,
        keyring: Keyring::new(vec![SecretKey { id: 1, bytes: [7; 32] }]).unwrap().into(),
        clock,
        limits: Limits::off(),
        vigilance: Vigilance::without_counts(),
        senders: DayKey::new("2026-11-22".parse().unwrap()),
        proxies: TrustedProxies::new(vec![]),
        public_url: None,
        publisher: None,
        responsible: crate::pages::Responsible::default(),
        series: Arc::new(Semaphore::new(1)),
        closing: Closing::of(store.clone()),
        validators: Validators::default(),
        metrics: Arc::default(),
        store: store.clone(),
    };
    (web::Data::new(collector), store, folder)
}

/// Sends a request, and gives status, headers and body of the answer.
macro_rules! ask {
    ($collector:expr, $request:expr) => {{
        let app = App::new()
            .app_data($collector.clone())
            .configure(|service| configure(service, &$collector.metrics))
            .wrap(from_fn(crate::routes::middleware::around));
        let answer = call_service(&init_service(app).await, $request.to_request()).await;
        let (status, headers) = (answer.status(), answer.headers().clone());
        (status, headers, String::from_utf8(read_body(answer).await.to_vec()).unwrap())
    }};
}

fn post(key: u128, smile: &str) -> TestRequest {
    TestRequest::post()
        .uri("/api/v1/avis")
        .insert_header(("idempotency-key", Uuid::from_u128(key).to_string()))
        .set_json(json!({"demarche": "1", "answers": {"satisfaction": smile}}))
}

fn bearer(request: TestRequest, avis: &Value, token: &str) -> TestRequest {
    let path = format!("/api/v1/avis/{}", avis["id"].as_str().unwrap());
    request
        .uri(&path)
        .insert_header((header::AUTHORIZATION, format!("Bearer {}", avis[token].as_str().unwrap())))
}

fn change(avis: &Value, answers: &Value) -> TestRequest {
    bearer(TestRequest::patch(), avis, "edit_token").set_json(json!({ "answers": answers }))
}

#[actix_web::test]
async fn what_is_spooled_is_answered_with_202_and_all_that_a_sender_needs() {
    let (collector, store, _folder) = collector().await;
    let (status, _, stored) = ask!(collector, post(1, "moyen"));
    assert_eq!(status, StatusCode::CREATED);
    let stored: Value = serde_json::from_str(&stored).unwrap();
    store.is(Mood::Away);

    let (status, headers, body) = ask!(collector, post(2, "moyen"));
    assert_eq!(status, StatusCode::ACCEPTED, "{body}");
    let avis: Value = serde_json::from_str(&body).unwrap();
    for member in ["id", "receipt", "edit_token", "edit_until"] {
        assert!(avis[member].is_string(), "{body}");
    }
    assert_eq!(
        headers.get(header::LOCATION).unwrap().to_str().unwrap(),
        format!("/api/v1/avis/{}", avis["id"].as_str().unwrap())
    );
    let (status, _, again) = ask!(collector, post(2, "moyen"));
    assert_eq!((status, again), (StatusCode::ACCEPTED, body.clone()));
    assert_eq!(ask!(collector, post(2, "pas_bien")).0, StatusCode::UNPROCESSABLE_ENTITY);

    for avis in [&avis, &stored] {
        let (status, _, changed) = ask!(collector, change(avis, &json!({"ease": "5"})));
        assert_eq!(status, StatusCode::ACCEPTED, "{changed}");
        let changed: Value = serde_json::from_str(&changed).unwrap();
        assert_eq!((&changed["id"], &changed["receipt"]), (&avis["id"], &avis["receipt"]));
    }
    let contradiction = json!({"help_quality": {"chat": "bonne"}});
    let (status, _, errors) = ask!(collector, change(&avis, &contradiction));
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(errors.contains("/answers/help_quality/chat"), "{errors}");
    let (status, _, nothing) = ask!(collector, bearer(TestRequest::delete(), &stored, "receipt"));
    assert_eq!((status, nothing.as_str()), (StatusCode::ACCEPTED, ""));

    store.is(Mood::There);
    while collector.ingest.spool().is_some_and(|spool| spool.depth() > 0) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (status, _, again) = ask!(collector, post(2, "moyen"));
    assert_eq!((status, again), (StatusCode::CREATED, body));
    assert_eq!(store.avis_of("2026-11-22".parse().unwrap()).await.unwrap().len(), 1);
}

#[actix_web::test]
async fn a_form_goes_on_while_the_database_is_away() {
    let (collector, store, _folder) = collector().await;
    let step = |at: &str, fields: &[(&str, &str)]| TestRequest::post().uri(at).set_form(fields);
    let location =
        |headers: &header::HeaderMap| headers.get(header::LOCATION).unwrap().to_str().unwrap().to_owned();
    let suite = |location: &str| location.split_once("suite=").unwrap().1.to_owned();

    // One form began before, one begins now.
    let (_, before, _) = ask!(collector, step("/avis/1", &[("satisfaction", "moyen")]));
    store.is(Mood::Away);
    let (status, headers, _) = ask!(collector, step("/avis/1", &[("satisfaction", "moyen")]));
    assert_eq!(status, StatusCode::SEE_OTHER);
    let next = location(&headers);
    let (status, _, page) = ask!(collector, TestRequest::get().uri(&next));
    assert_eq!(status, StatusCode::OK, "{page}");
    let fields = [("suite", suite(&next)), ("clarity", "4".to_owned()), ("ease", String::new())];
    let (status, headers, _) = ask!(collector, TestRequest::post().uri("/avis/1").set_form(&fields));
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(ask!(collector, TestRequest::get().uri(&location(&headers))).0, StatusCode::OK);

    // What the database alone knows has to wait for it.
    let before = location(&before);
    let (status, headers, _) = ask!(collector, TestRequest::get().uri(&before));
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(headers.contains_key(header::RETRY_AFTER));
    let fields = [("suite", suite(&before)), ("clarity", "4".to_owned())];
    assert_eq!(
        ask!(collector, TestRequest::post().uri("/avis/1").set_form(&fields)).0,
        StatusCode::SEE_OTHER
    );
    let receipt = [("receipt", "7K3M-9QX2-0B4T-HZ8R")];
    assert_eq!(ask!(collector, step("/retrait", &receipt)).0, StatusCode::ACCEPTED);
}

#[actix_web::test]
async fn readiness_says_where_writes_go() {
    let (collector, store, _folder) = collector().await;
    let ready = || TestRequest::get().uri("/health/ready");
    let body = |text: String| serde_json::from_str::<Value>(&text).unwrap();
    assert_eq!(body(ask!(collector, ready()).2), json!({"status": "ok", "store": "ok", "spool": 0}));
    store.is(Mood::Away);
    ask!(collector, post(1, "moyen"));
    let (status, _, text) = ask!(collector, ready());
    assert_eq!((status, body(text)), (StatusCode::OK, json!({"status": "ok", "store": "away", "spool": 1})));
    // Averages are the database's.
    let (status, headers, _) =
        ask!(collector, TestRequest::get().uri("/api/v1/satisfaction?from=2026-01-01&to=2026-11-30"));
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(headers.contains_key(header::RETRY_AFTER));
}

#[actix_web::test]
async fn nothing_is_ready_once_nothing_can_be_written() {
    let (collector, store, _folder) = collector().await;
    store.is(Mood::Panics);
    assert_eq!(ask!(collector, post(1, "moyen")).0, StatusCode::SERVICE_UNAVAILABLE);
    store.is(Mood::There);
    assert_eq!(ask!(collector, post(2, "moyen")).0, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ask!(collector, TestRequest::get().uri("/health/ready")).0, StatusCode::SERVICE_UNAVAILABLE);
}

/// A request as clients of Je donne mon avis make it, with the key.
fn open_api(path: &str, body: Option<Value>) -> TestRequest {
    let request = TestRequest::default()
        .uri(&format!("/api/open-api/{path}"))
        .insert_header((header::AUTHORIZATION, format!("Bearer {KEY}")));
    match body {
        Some(body) => request.method(actix_web::http::Method::POST).set_json(body),
        None => request,
    }
}

#[actix_web::test]
async fn clients_of_the_service_before_are_told_in_their_words_that_the_database_is_away() {
    let (collector, store, _folder) = collector().await;
    let statistics = json!({"start_date": "2026-01-01", "end_date": "2026-11-22"});
    let input = "%7B%22json%22%3A%7B%22product_id%22%3A1%7D%7D";
    let observatoire =
        TestRequest::get().uri(&format!("/api/trpc/answer.getObservatoireStats?input={input}"));
    store.is(Mood::Away);

    let (status, headers, body) = ask!(collector, observatoire);
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, headers.contains_key(header::RETRY_AFTER)), (StatusCode::SERVICE_UNAVAILABLE, true));
    assert_eq!(
        (&body["error"]["json"]["code"], &body["error"]["json"]["data"]["code"]),
        (&json!(-32_603), &json!("SERVICE_UNAVAILABLE"))
    );
    for (request, status, code) in [
        (open_api("statistiques", Some(statistics)), StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE"),
        (
            open_api("setTop250", Some(json!({"form_ids": []}))),
            StatusCode::SERVICE_UNAVAILABLE,
            "SERVICE_UNAVAILABLE",
        ),
        (open_api("health", None), StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR"),
    ] {
        let (found, _, body) = ask!(collector, request);
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((found, &body["code"]), (status, &json!(code)), "{body}");
    }
    // What is in memory is still told.
    assert_eq!(ask!(collector, open_api("services", None)).0, StatusCode::OK);
}

#[actix_web::test]
async fn statistics_are_cut_where_the_database_leaves_in_the_middle_of_them() {
    let (collector, store, _folder) = collector().await;
    let body = json!({"start_date": "2026-01-01", "end_date": "2026-11-22"});
    let app = App::new()
        .app_data(collector.clone())
        .configure(|service| configure(service, &collector.metrics))
        .wrap(from_fn(crate::routes::middleware::around));
    let app = init_service(app).await;

    let whole = call_service(&app, open_api("statistiques", Some(body.clone())).to_request()).await;
    let whole: Value = serde_json::from_slice(&read_body(whole).await).unwrap();
    assert_eq!(whole["data"].as_array().map(Vec::len), Some(2));
    // The first démarche is read before the answer begins, the second once the first was taken.
    let cut = call_service(&app, open_api("statistiques", Some(body)).to_request()).await;
    store.is(Mood::Away);
    assert_eq!(cut.status(), StatusCode::OK);
    assert!(try_read_body(cut).await.is_err(), "an answer without its end does not end as if it were whole");
}

/// The last millisecond of a quarter and the first of the next in Paris, in winter time and in summer time: what is
/// accepted then counts in the one or the other, in averages and in editions.
#[actix_web::test]
async fn an_avis_counts_in_the_quarter_of_the_millisecond_in_which_it_was_accepted() {
    let now = Arc::new(Mutex::new(noon("2025-10-01")));
    let told = now.clone();
    let (collector, store, _folder) = collector_at(Clock::custom(move || *told.lock().unwrap())).await;
    let instants = [
        // One avis in the last millisecond, two in the first: which went where is seen.
        ("2025-12-31T22:59:59.999Z", 1),
        ("2025-12-31T23:00:00Z", 2),
        ("2026-03-31T21:59:59.999Z", 1),
        ("2026-03-31T22:00:00Z", 2),
        ("2026-06-30T21:59:59.999Z", 1),
        ("2026-06-30T22:00:00Z", 2),
        ("2026-09-30T21:59:59.999Z", 1),
        ("2026-09-30T22:00:00Z", 2),
    ];
    for (key, instant) in (0..).zip(instants.iter().flat_map(|(instant, times)| vec![instant; *times])) {
        *now.lock().unwrap() = instant.parse().unwrap();
        assert_eq!(ask!(collector, post(key, "moyen")).0, StatusCode::CREATED, "{instant}");
    }
    *now.lock().unwrap() = noon("2027-01-03");

    let moyen =
        |document: &Value| document["demarches"][0]["indicators"]["satisfaction"]["counts"]["moyen"].clone();
    let get = async |path: &str| -> Value {
        let (status, _, body) = ask!(collector, TestRequest::get().uri(path));
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    };
    for (name, three_months, twelve_months) in
        [("2025-T4", 1, 1), ("2026-T1", 3, 4), ("2026-T2", 3, 7), ("2026-T3", 3, 10), ("2026-T4", 2, 11)]
    {
        let quarter = name.parse::<Quarter>().unwrap();
        let Period { from, to } = quarter.period();
        let live = get(&format!("/api/v1/satisfaction?from={from}&to={to}")).await;
        assert_eq!(moyen(&live), three_months, "{name}");
        edition::freeze(&*store, quarter, collector.clock.now()).await.unwrap();
        let frozen = get(&format!("/api/v1/editions/{name}")).await;
        assert_eq!(moyen(&frozen["three_months"]), three_months, "{name}");
        assert_eq!(moyen(&frozen["twelve_months"]), twelve_months, "{name}");
    }
}
