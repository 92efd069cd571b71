//! `collector key …`, and what a key tells of itself.

use serde_json::json;
use tests::collector::DEMARCHE;
use tests::{TestCollector, wait};

use crate::helpers::{Answer, least, post};

/// Waits until a running collector has heard of a key, whatever that allows.
pub(crate) async fn known(collector: &TestCollector, key: &str) {
    wait::until("the new key to be known", async || {
        match Answer::of(collector.get("/api/open-api/services").bearer_auth(key)).await {
            answer if answer.status == 401 && answer.json()["type"] == "/problems/unauthorized" => {
                Err(format!("{answer:?}"))
            }
            _ => Ok(()),
        }
    })
    .await;
}

/// The columns of `key list`, without its header.
fn list(collector: &TestCollector) -> Vec<Vec<String>> {
    let listed = collector.run(&["key", "list"]).stdout;
    let mut lines = listed.lines().map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
    assert_eq!(
        lines.next().unwrap(),
        ["number", "scope", "demarche", "created", "state", "expires", "last used"]
    );
    lines.collect()
}

#[tokio::test]
async fn a_key_ends_after_a_year_unless_it_is_told_otherwise() {
    let collector = TestCollector::stopped(&[]);
    collector.register();
    let create = |further: &[&str]| collector.run(&[&["key", "create"], further].concat());
    create(&["--scope", "submit", "--demarche", DEMARCHE]);
    create(&["--scope", "read", "--expires", "never"]);
    create(&["--scope", "admin", "--expires", "2099-11-22"]);
    let over = create(&["--scope", "admin", "--expires", "2020-01-31"]);
    collector.run(&["key", "revoke", "2"]);

    let today = collector::clock::Clock::system().today();
    let (created, next_year) = (today.to_string(), today.a_year_later().to_string());
    assert_eq!(
        list(&collector),
        [
            ["1", "submit", DEMARCHE, &created, "valid", &next_year, "never"],
            ["2", "read", "all", &created, "revoked", "never", "never"],
            ["3", "admin", "all", &created, "valid", "2099-11-22", "never"],
            ["4", "admin", "all", &created, "expired", "2020-01-31", "never"],
        ]
    );
    assert!(over.stderr.contains("it opens nothing: its last day was 2020-01-31"), "{}", over.stderr);
}

#[tokio::test]
async fn an_end_that_is_no_day_is_refused() {
    let collector = TestCollector::stopped(&[]);

    let refused = collector.try_run(&["key", "create", "--scope", "read", "--expires", "2027-02-30"]);

    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("a day is written like 2026-09-30, or `never`"), "{}", refused.stderr);
    assert_eq!(refused.stderr.lines().count(), 1);
}

#[tokio::test]
async fn an_expired_key_sends_nothing_and_is_told_so() {
    let mut collector = TestCollector::stopped(&[]);
    collector.register();
    let created = collector.run(&["key", "create", "--scope", "submit", "--expires", "2026-01-31"]);
    collector.serve().await;

    let answer = Answer::of(post(&collector, &least()).bearer_auth(created.stdout.trim())).await;

    let problem = answer.wants_problem(401, "key-expired");
    assert_eq!(problem["title"], "Cette clé a expiré");
    assert!(
        problem["detail"].as_str().unwrap().contains("Son dernier jour était le 2026-01-31"),
        "{problem}"
    );
    assert_eq!(collector.smileys(DEMARCHE).await, [0, 0, 0]);
}

#[tokio::test]
async fn a_key_of_one_demarche_sends_for_that_one_alone() {
    let mut collector = TestCollector::stopped(&[]);
    collector.register();
    collector.add_demarche("1", "Une autre");
    let created = collector.run(&["key", "create", "--scope", "submit", "--demarche", "1"]);
    collector.serve().await;
    let key = created.stdout.trim();

    Answer::of(post(&collector, &least()).bearer_auth(key)).await.wants_problem(403, "forbidden");
    let own = json!({"demarche": "1", "answers": {"satisfaction": "moyen"}});
    Answer::of(post(&collector, &own).bearer_auth(key)).await.wants_status(201);
}

#[tokio::test]
async fn the_last_use_of_a_key_is_listed_once_its_collector_has_told_it() {
    let mut collector = TestCollector::stopped(&[]);
    collector.register();
    let keys = ["submit", "admin", "read"]
        .map(|scope| collector.run(&["key", "create", "--scope", scope]).stdout.trim().to_owned());
    collector.serve().await;
    for key in &keys[..2] {
        Answer::of(post(&collector, &least()).bearer_auth(key)).await.wants_status(201);
    }
    // A use is one of what the key allows.
    Answer::of(post(&collector, &least()).bearer_auth(&keys[2])).await.wants_problem(403, "forbidden");
    assert!(collector.stop().success());

    let today = collector::clock::Clock::system().today().to_string();
    let uses: Vec<_> = list(&collector).into_iter().map(|mut columns| columns.remove(6)).collect();
    assert_eq!(uses, [today.as_str(), today.as_str(), "never"]);
}
