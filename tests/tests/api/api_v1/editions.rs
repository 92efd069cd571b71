//! `/api/v1/editions`

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use collector::identity::AvisKey;
use collector::quarantine::Reasons;
use collector::store::{self, Avis, Missing, OnReplay, Outcome, Record, Write};
use reqwest::Method;
use serde_json::{Value, json};
use shared::Answers;
use shared::draft::AnswersPatch;
use shared::questionnaire::Satisfaction;
use tests::TestCollector;
use tests::postgres::{create_database, shared_server};

use crate::editions::{filled, filled_on, sha256};
use crate::helpers::Answer;

const TYPES: [(&str, &str, &str); 3] = [
    ("json", ".json", "application/json"),
    ("csv", ".csv", "text/csv; charset=utf-8"),
    ("xlsx", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
];

/// A collector that serves 2026-T1 and 2026-T2.
async fn start() -> TestCollector {
    let mut collector = filled();
    for quarter in ["2026-T1", "2026-T2"] {
        collector.run(&["edition", "freeze", quarter]);
    }
    collector.serve().await;
    collector
}

async fn get(collector: &TestCollector, path: &str) -> Answer {
    Answer::of(collector.get(&format!("/api/v1/editions{path}"))).await
}

/// The bytes of an edition, with the value of `Repr-Digest` that goes with them.
async fn bytes(collector: &TestCollector, path: &str) -> (Vec<u8>, String) {
    let answer = collector.get(&format!("/api/v1/editions{path}")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let digest = answer.headers()["repr-digest"].to_str().unwrap().to_owned();
    (answer.bytes().await.unwrap().to_vec(), digest)
}

/// What `Repr-Digest` says of bytes with this SHA-256.
fn repr_digest(sha256: &str) -> String {
    let byte = |at| u8::from_str_radix(&sha256[at..at + 2], 16).unwrap();
    let digest: Vec<u8> = (0..64).step_by(2).map(byte).collect();
    format!("sha-256=:{}:", STANDARD.encode(digest))
}

#[tokio::test]
async fn the_list_has_every_edition_with_its_windows_and_digests_the_newest_first() {
    let collector = start().await;

    let answer = get(&collector, "").await;

    answer.wants_status(200);
    let list = answer.json();
    let editions = list["editions"].as_array().unwrap();
    let ids: Vec<_> = editions.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["2026-T2", "2026-T1"]);
    let newest = &editions[0];
    assert_eq!(newest["twelve_months"], json!({"from": "2025-07-01", "to": "2026-06-30"}));
    assert_eq!(newest["three_months"], json!({"from": "2026-04-01", "to": "2026-06-30"}));
    assert_eq!((&newest["formula"], &newest["errata"]), (&json!("avis-0-5-10/1"), &json!([])));
    assert!(newest["frozen_at"].as_str().unwrap().ends_with('Z'), "{newest}");
    for (format, ending, _) in TYPES {
        let url = newest["files"][format]["url"].as_str().unwrap();
        assert_eq!(url, format!("/api/v1/editions/2026-T2{ending}"));
        assert!(newest["files"][format]["bytes"].as_u64().unwrap() > 1_000, "{newest}");
    }
    let etag = answer.header("etag").to_owned();
    let again = collector.get("/api/v1/editions").header("If-None-Match", etag);
    Answer::of(again).await.wants_status(304);
    let put = Answer::of(collector.request(Method::PUT, "/api/v1/editions")).await;
    put.wants_problem(405, "method-not-allowed");
    assert_eq!(put.header("allow"), "GET, HEAD");
}

#[tokio::test]
async fn an_edition_is_served_as_it_was_frozen_and_no_byte_otherwise() {
    let collector = start().await;
    let list = get(&collector, "").await.json();
    let mut etags = Vec::new();

    for (format, ending, content_type) in TYPES {
        let path = format!("/api/v1/editions/2026-T2{ending}");
        let asked = collector.get(&path).header("Accept-Encoding", "br, gzip").send().await.unwrap();
        let header =
            |name: &str| asked.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        let etag = header("etag");
        let sha = list["editions"][0]["files"][format]["sha256"].as_str().unwrap();
        assert_eq!(asked.status(), 200);
        assert_eq!(header("content-type"), content_type);
        assert_eq!(header("cache-control"), "no-cache, no-transform");
        assert_eq!(header("repr-digest"), repr_digest(sha));
        assert_eq!(header("content-encoding"), "");
        let name = format!("attachment; filename=\"satisfaction-2026-T2.{format}\"");
        assert_eq!(header("content-disposition"), name);
        assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag}");
        let length = header("content-length");
        let content = asked.bytes().await.unwrap();
        assert_eq!(sha256(&content), sha);
        assert_eq!(length, content.len().to_string());

        let head = Answer::of(collector.request(Method::HEAD, &path)).await;
        head.wants_status(200);
        assert_eq!(
            (head.header("etag"), head.header("repr-digest")),
            (etag.as_str(), repr_digest(sha).as_str())
        );
        assert_eq!((head.header("content-length"), head.text.as_str()), (length.as_str(), ""));
        let again = Answer::of(collector.get(&path).header("If-None-Match", &etag)).await;
        again.wants_status(304);
        assert_eq!((again.header("etag"), again.text.as_str()), (etag.as_str(), ""));
        assert_eq!(again.header("cache-control"), "no-cache, no-transform");
        etags.push(etag);
    }
    etags.dedup();
    assert_eq!(etags.len(), 3, "each is a document of its own");
    let put = Answer::of(collector.request(Method::DELETE, "/api/v1/editions/2026-T2.csv")).await;
    put.wants_problem(405, "method-not-allowed");
}

#[tokio::test]
async fn an_edition_holds_two_documents_like_those_of_satisfaction() {
    let collector = start().await;

    let edition = get(&collector, "/2026-T2").await.json();

    assert_eq!((&edition["schema"], &edition["edition"]), (&json!("edition/1"), &json!("2026-T2")));
    for (window, from) in [("twelve_months", "2025-07-01"), ("three_months", "2026-04-01")] {
        let path = format!("/api/v1/satisfaction?from={from}&to=2026-06-30");
        let live = Answer::of(collector.get(&path)).await.json();
        assert_eq!(edition[window], live);
        assert_eq!(live["period"]["closed"], true);
    }
    let table = get(&collector, "/2026-T2.csv").await.text;
    for from in ["2025-07-01", "2026-04-01"] {
        let path = format!("/api/v1/satisfaction?from={from}&to=2026-06-30&format=csv");
        let live = Answer::of(collector.get(&path)).await.text;
        let (header, rows) = live.split_once("\r\n").unwrap();
        assert!(table.starts_with(header) && table.contains(rows));
    }
}

#[tokio::test]
async fn an_erratum_shows_at_once_and_moves_no_digest() {
    let collector = start().await;
    let (before, list) = (get(&collector, "/2026-T2").await, get(&collector, "").await);
    let digests = |list: &Answer| list.json()["editions"][0]["files"].clone();

    collector.run(&["edition", "erratum", "2026-T2", "--text", "Le n de « 1001 » est trop haut."]);

    let after = get(&collector, "/2026-T2").await;
    assert_ne!(after.header("etag"), before.header("etag"));
    assert_eq!(after.header("repr-digest"), repr_digest(&sha256(after.text.as_bytes())));
    let errata = &after.json()["errata"];
    assert_eq!(errata[0]["text"], "Le n de « 1001 » est trop haut.");
    assert!(errata[0]["added_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{errata}");
    let frozen = before.text.strip_suffix("]}").unwrap();
    assert_eq!(after.text, format!("{frozen}{}]}}", errata[0]));
    assert_eq!(get(&collector, "/2026-T2.json").await.text, before.text, "the frozen bytes are there still");
    let old = collector.get("/api/v1/editions/2026-T2").header("If-None-Match", before.header("etag"));
    Answer::of(old).await.wants_status(200);

    let told = get(&collector, "").await;
    assert_eq!(digests(&told), digests(&list));
    assert_eq!(&told.json()["editions"][0]["errata"], errata);
    assert_eq!(told.json()["editions"][1]["errata"], json!([]));
    collector.run(&["edition", "erratum", "2026-T2", "--text", "Et celui de 1002."]);
    let second = get(&collector, "/2026-T2").await;
    assert_ne!(second.header("etag"), after.header("etag"));
    assert_eq!(second.json()["errata"].as_array().unwrap().len(), 2);
    assert_eq!(
        get(&collector, "/2026-T2.csv").await.header("repr-digest"),
        repr_digest(digests(&list)["csv"]["sha256"].as_str().unwrap())
    );
}

#[tokio::test]
async fn an_unknown_edition_is_404_that_says_which_there_are() {
    let collector = start().await;

    for path in ["/2026-T3", "/2026-T3.csv", "/2026-T3.xlsx", "/nonsense", "/2026-t2", "/2026-T2.pdf"] {
        let problem = get(&collector, path).await.wants_problem(404, "unknown-edition");
        assert_eq!(problem["editions"], json!(["2026-T2", "2026-T1"]), "{path}");
        assert!(problem["detail"].as_str().unwrap().contains("2026-T2, 2026-T1"), "{problem}");
    }
    let none = TestCollector::start().await;
    let problem = get(&none, "/2026-T2").await.wants_problem(404, "unknown-edition");
    assert_eq!(problem["editions"], json!([]));
    assert_eq!(get(&none, "").await.text, r#"{"editions":[]}"#);
}

/// Whatever happens to avis afterwards, on either engine: live figures move, what was frozen does not.
#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_avis_later_moves_live_figures_and_no_edition() {
    let postgres = create_database(&shared_server()).await;
    let mut digests = Vec::new();
    for mut collector in [filled(), filled_on(&postgres)] {
        collector.run(&["edition", "freeze", "2026-T2"]);
        collector.serve().await;
        let live = async || {
            let path = "/api/v1/satisfaction?from=2026-04-01&to=2026-06-30";
            Answer::of(collector.get(path)).await.text
        };
        let frozen = async || {
            let mut all = Vec::new();
            for (_, ending, _) in TYPES {
                all.push(bytes(&collector, &format!("/2026-T2{ending}")).await);
            }
            all
        };
        let (before, edition) = (live().await, frozen().await);
        assert!(String::from_utf8(edition[0].0.clone()).unwrap().contains(&before));

        for (what, write) in later_writes(collector.database()).await {
            let was = live().await;
            let store = store::open(collector.database(), Missing::Refuse).await.unwrap();
            let outcome = store.commit(&[write]).await.unwrap().remove(0);
            store.close().await;
            assert!(
                matches!(outcome, Outcome::Withdrawn | Outcome::Changed | Outcome::Recorded),
                "{outcome:?}"
            );
            assert_ne!(live().await, was, "{what}");
        }

        assert!(frozen().await == edition);
        let shown = collector.run(&["edition", "show", "2026-T2"]).stdout;
        for (content, digest) in &edition {
            assert!(shown.contains(&sha256(content)), "{shown}");
            assert_eq!(*digest, repr_digest(&sha256(content)));
        }
        assert_eq!(collector.try_run(&["edition", "freeze", "2026-T2"]).code, 1);
        collector.run(&["verify"]);
        digests.push(edition.into_iter().map(|(_, digest)| digest).collect::<Vec<_>>());
    }
    assert_eq!(digests[0], digests[1], "the same avis make the same bytes, whichever engine keeps them");
}

/// In the quarter that is frozen: an avis withdrawn, one changed, one added.
async fn later_writes(database: &str) -> [(&'static str, Write); 3] {
    let store = store::open(database, Missing::Refuse).await.unwrap();
    let day = "2026-05-20".parse().unwrap();
    let avis: Vec<Avis> = store.avis_of(day).await.unwrap();
    store.close().await;
    let answers = |satisfaction| Answers { satisfaction: Some(satisfaction), ..Answers::default() };
    let pleased = avis.iter().rfind(|one| one.answers.satisfaction == Some(Satisfaction::TresBien)).unwrap();
    let displeased = Answers { satisfaction: Some(Satisfaction::PasBien), ..pleased.answers.clone() };
    let gone = avis.iter().find(|one| one.id != pleased.id).unwrap();
    let new = Record {
        avis_id: AvisKey::from_bytes([9; 12]).on(day),
        remember: false,
        former_keys: vec![],
        fingerprint: [0; 16],
        on_replay: OnReplay::Exact,
        closed: false,
        accepted_at: day.plus(-1).end(),
        demarche: gone.demarche.clone(),
        bouton: None,
        language: None,
        page: None,
        answers: AnswersPatch::between(&Answers::default(), &answers(Satisfaction::Moyen))
            .apply(&Answers::default())
            .unwrap(),
        set_aside: Reasons::NONE,
    };
    [
        ("withdrawn", Write::Withdraw(vec![gone.id])),
        ("changed", Write::Change(pleased.id, AnswersPatch::between(&pleased.answers, &displeased))),
        ("added", Write::Record(Box::new(new))),
    ]
}

#[tokio::test]
async fn the_digests_of_the_list_are_those_of_what_is_served() {
    let collector = start().await;
    let list = get(&collector, "").await.json();

    for edition in list["editions"].as_array().unwrap() {
        for (_, file) in edition["files"].as_object().unwrap() {
            let path = file["url"].as_str().unwrap().strip_prefix("/api/v1/editions").unwrap();
            let (content, _) = bytes(&collector, path).await;
            assert_eq!(Value::from(sha256(&content)), file["sha256"]);
            assert_eq!(Value::from(content.len()), file["bytes"]);
        }
    }
}
