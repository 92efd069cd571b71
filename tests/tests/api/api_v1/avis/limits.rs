//! How much one address may send to `/api/v1/avis`.

use reqwest::{Method, RequestBuilder};
use serde_json::json;
use tests::TestCollector;
use tests::wait;
use tokio::task::JoinSet;

use crate::helpers::{Answer, accepted, least, patch, post, stored, with_answers};

/// More than any person or kiosk sends, and than any burst allows.
const FLOOD: usize = 5_000;

/// At once: as a program floods, and what finishes the flood in a second.
const CONCURRENT: usize = 16;

/// Sends what `request` makes until one is answered 429, and gives that answer.
async fn flood(request: impl Fn(usize) -> RequestBuilder) -> Option<Answer> {
    let mut requests = JoinSet::new();
    for number in 0..FLOOD {
        if requests.len() >= CONCURRENT
            && let Some(Ok(answer)) = requests.join_next().await
            && answer_is_429(&answer)
        {
            return Some(answer);
        }
        requests.spawn(Answer::of(request(number)));
    }
    requests.join_all().await.into_iter().find(answer_is_429)
}

fn answer_is_429(answer: &Answer) -> bool {
    answer.status == 429
}

async fn behind_a_proxy() -> TestCollector {
    TestCollector::start_with(&["--trusted-proxy", "127.0.0.0/8"]).await
}

fn from(request: RequestBuilder, address: &str) -> RequestBuilder {
    request.header("X-Forwarded-For", address)
}

#[tokio::test]
async fn a_kiosk_with_two_hundred_people_an_hour_passes() {
    let collector = behind_a_proxy().await;

    // Within a second what takes them an hour, with the 3.6 requests that an avis is.
    for _ in 0..200 {
        let request = from(post(&collector, &least()), "203.0.113.7");
        let answer = Answer::of(request).await;
        answer.wants_status(201);
        let avis = answer.accepted();
        for answers in [json!({"ease": "4"}), json!({"help_tried": ["none"]}), json!({"comment": "Bien."})] {
            let request = from(patch(&collector, &avis.id, &avis.edit_token, &answers), "203.0.113.7");
            Answer::of(request).await.wants_status(200);
        }
    }

    assert_eq!(stored(&collector).await, 200);
}

#[tokio::test]
async fn a_flood_gets_429_and_is_told_when_to_come_back() {
    let collector = TestCollector::start().await;

    let answer = flood(|_| post(&collector, &least()).header("Origin", "https://www.impots.gouv.fr"))
        .await
        .expect("a flood is stopped");

    answer.wants_problem(429, "too-many-requests");
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=3600).contains(&wait), "{answer:?}");
    // IETF draft 11: "name";r=0;t=5 and "name";q=100;w=60.
    let limit = answer.header("ratelimit");
    assert!(limit.starts_with('"') && limit.contains(";r=0") && limit.contains(";t="), "{answer:?}");
    let policy = answer.header("ratelimit-policy");
    assert!(policy.starts_with('"') && policy.contains(";q=") && policy.contains(";w="), "{answer:?}");
    assert_eq!(limit.split(';').next(), policy.split(';').next(), "the same policy: {answer:?}");
    assert_ne!(answer.header("access-control-allow-origin"), "", "{answer:?}");
}

#[tokio::test]
async fn what_is_refused_is_not_stored_and_everything_else_is() {
    let collector = TestCollector::start().await;

    let mut accepted = 0;
    for _ in 0..FLOOD {
        match Answer::of(post(&collector, &least())).await.status {
            201 => accepted += 1,
            429 => break,
            status => panic!("{status}"),
        }
    }

    assert!(accepted < FLOOD as u64);
    assert_eq!(stored(&collector).await, accepted);
}

#[tokio::test]
async fn forwarded_addresses_are_not_believed_from_just_anybody_and_warned_about() {
    let collector = TestCollector::start().await;

    let answer = flood(|number| {
        from(post(&collector, &least()), &format!("198.51.{}.{}", number / 250, number % 250))
    })
    .await;

    assert!(answer.is_some(), "a header that anybody can write got round the limits");
    let (_, logs) = collector.written();
    assert!(logs.to_lowercase().contains("x-forwarded-for"), "no warning: {logs}");
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_address_counts_for_itself() {
    let collector = behind_a_proxy().await;

    let one = flood(|_| from(post(&collector, &least()), "203.0.113.7")).await;
    let other = Answer::of(from(post(&collector, &least()), "203.0.113.8")).await;

    assert!(one.is_some());
    other.wants_status(201);
}

#[tokio::test]
async fn what_stands_left_of_an_untrusted_address_is_not_believed() {
    let collector = behind_a_proxy().await;

    let answer = flood(|number| {
        let forged = format!("198.51.{}.{}, 203.0.113.7, 127.0.0.9", number / 250, number % 250);
        from(post(&collector, &least()), &forged)
    })
    .await;

    assert!(answer.is_some(), "a forged address got round the limits");
}

#[tokio::test]
async fn an_ipv6_network_counts_as_one_address() {
    let collector = behind_a_proxy().await;

    let answer = flood(|number| from(post(&collector, &least()), &format!("2001:db8:1:2::{number:x}"))).await;
    let neighbour = Answer::of(from(post(&collector, &least()), "2001:db8:1:3::1")).await;

    assert!(answer.is_some(), "2^64 addresses of one line got round the limits");
    neighbour.wants_status(201);
}

#[tokio::test]
async fn preflights_and_reads_are_not_counted_against_the_citizen() {
    let collector = TestCollector::start().await;

    for _ in 0..2_000 {
        let preflight = collector
            .request(Method::OPTIONS, "/api/v1/avis")
            .header("Origin", "https://www.impots.gouv.fr")
            .header("Access-Control-Request-Method", "POST");
        assert!(Answer::of(preflight).await.status < 300);
    }

    accepted(&collector, &least()).await;
}

#[tokio::test]
async fn a_submit_key_passes_the_limits_but_not_the_validation() {
    let collector = TestCollector::start().await;
    let printed = collector.run(&["key", "create", "--scope", "submit"]).stdout;
    let key = printed.trim();
    assert!(!key.is_empty() && !key.contains(char::is_whitespace), "a key alone, once: {printed:?}");
    wait::until("the new key to be known", async || {
        match Answer::of(post(&collector, &least()).bearer_auth(key)).await {
            answer if answer.status == 201 => Ok(()),
            answer => Err(format!("{answer:?}")),
        }
    })
    .await;

    assert!(flood(|_| post(&collector, &least())).await.is_some());
    for _ in 0..200 {
        Answer::of(post(&collector, &least()).bearer_auth(key)).await.wants_status(201);
    }
    Answer::of(post(&collector, &with_answers(&json!({"ease": "9"}))).bearer_auth(key))
        .await
        .wants_errors("invalid-avis", &[("/answers/ease", "unknown_choice")]);
}

#[tokio::test]
async fn a_key_that_is_none_or_revoked_is_refused() {
    let collector = TestCollector::start().await;
    let key = collector.run(&["key", "create", "--scope", "submit"]).stdout.trim().to_owned();

    Answer::of(post(&collector, &least()).bearer_auth("nonsense")).await.wants_status(401);
    let listed = collector.run(&["key", "list"]).stdout;
    assert!(!listed.contains(&key), "a key is printed once: {listed}");
    let id = listed.lines().find(|line| line.contains("submit")).unwrap();
    let id = id.split_whitespace().next().unwrap();
    collector.run(&["key", "revoke", id]);

    wait::until("the revoked key to be refused", async || {
        match Answer::of(post(&collector, &least()).bearer_auth(&key)).await {
            answer if answer.status == 401 => Ok(()),
            answer => Err(format!("{answer:?}")),
        }
    })
    .await;
}

#[tokio::test]
async fn without_limits_a_flood_passes() {
    let collector = TestCollector::start_with(&["--limits", "off"]).await;

    assert!(flood(|_| post(&collector, &least())).await.is_none());
    assert_eq!(stored(&collector).await, FLOOD as u64);
}

#[tokio::test]
async fn a_429_names_the_limit_that_was_met() {
    let flags =
        ["--trusted-proxy", "127.0.0.0/8", "--limit-network-burst", "20", "--limit-network-per-hour", "1"];
    let collector = TestCollector::start_with(&flags).await;
    let of_a_network =
        |number: usize| from(post(&collector, &least()), &format!("203.0.113.{}", number % 200));

    let answer = flood(of_a_network).await.expect("a network has an end");

    answer.wants_problem(429, "too-many-requests");
    assert!(answer.header("ratelimit").starts_with("\"network\";r=0;t="), "{answer:?}");
    assert_eq!(answer.header("ratelimit-policy"), "\"network\";q=20;w=72000");
    Answer::of(from(post(&collector, &least()), "198.51.100.1")).await.wants_status(201);

    let flags = ["--limit-demarche-burst", "30", "--limit-demarche-per-hour", "1"];
    let collector = TestCollector::start_with(&flags).await;
    for _ in 0..30 {
        accepted(&collector, &least()).await;
    }
    let answer = Answer::of(post(&collector, &least())).await;
    answer.wants_problem(429, "too-many-requests");
    assert!(answer.header("ratelimit").starts_with("\"demarche\";r=0;t="), "{answer:?}");
}
