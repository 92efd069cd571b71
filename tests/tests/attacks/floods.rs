//! Much of what is small, or large of what is one.

use tokio::task::JoinSet;

use crate::raw::{get, send, summed};
use crate::siege::Siege;
use crate::sized;

/// How many lines the metrics of a collector have.
async fn series(siege: &Siege) -> usize {
    siege.collector.metrics().await.lines().count()
}

/// Many connections send the same; the statuses that were answered.
async fn flood(siege: &Siege, connections: usize, bytes: &str) -> String {
    let to = siege.address();
    let mut all = JoinSet::new();
    for _ in 0..connections {
        let bytes = bytes.to_owned();
        all.spawn(async move { format!("{:?}", send(to, bytes.as_bytes()).await.statuses()) });
    }
    summed(all.join_all().await)
}

/// Refused as too much each time, or hung up on before that could be read.
#[track_caller]
fn wants_refused(outcome: &str) {
    let refused = ["[]", "[400]", "[414]", "[431]"];
    let each =
        outcome.split(", ").all(|one| refused.iter().any(|answer| one.ends_with(&format!("× {answer}"))));
    assert!(each, "{outcome}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_have_their_limits() {
    let count = sized(200, 2_000);
    let siege = Siege::begin(&format!(
        "{count} requests each of 5,000 headers, of one of 1 MiB, of a method of 1 MiB"
    ))
    .await;
    let host = "GET /health/live HTTP/1.1\r\nHost: a\r\n";
    let many = (0..5_000).map(|number| format!("X-{number}: a\r\n")).collect::<Vec<_>>().concat();
    let large = "a".repeat(1 << 20);
    let shapes = [
        format!("{host}{many}\r\n"),
        format!("{host}X-Large: {large}\r\n\r\n"),
        format!("{large} / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ];

    let mut outcomes = Vec::new();
    for shape in &shapes {
        outcomes.push(flood(&siege, count, shape).await);
    }

    for outcome in &outcomes {
        wants_refused(outcome);
    }
    siege.end(&outcomes.join("; ")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_have_their_limits_and_leave_no_trace() {
    let count = sized(20_000, 100_000);
    let siege =
        Siege::begin(&format!("{count} different paths, and 200 addresses of 60 kB and of 1 MiB")).await;
    send(siege.address(), get("/a").as_bytes()).await;
    let before = series(&siege).await;

    let to = siege.address();
    let mut all = JoinSet::new();
    for sender in 0..20 {
        let paths = ["/", "/avis/", "/demarches/", "/api/v1/demarches/", "/v1/"];
        let each = count / 20;
        let some = (0..each).map(|number| get(&format!("{}p{sender}-{number}", paths[number % paths.len()])));
        let bytes: String = some.collect();
        all.spawn(async move { send(to, bytes.as_bytes()).await.statuses() });
    }
    let statuses: Vec<u16> = all.join_all().await.into_iter().flatten().collect();
    assert_eq!(statuses.len(), count);
    let different = summed(statuses.into_iter().map(|status| status.to_string()));
    let long = flood(&siege, 200, &get(&format!("/avis/3059?{}", "a".repeat(60_000)))).await;
    let longer = flood(&siege, 200, &get(&format!("/{}", "a".repeat(1 << 20)))).await;

    assert_eq!(different, format!("{count} × 404"));
    assert_eq!(long, "200 × [200]", "a query that nobody asked for");
    wants_refused(&longer);
    // What was asked for the first time: the form, one démarche, a file.
    let after = series(&siege).await;
    assert!(after < before + 200, "{before} series before, {after} after");
    let (_, log) = siege.collector.written();
    assert!(!log.contains("p7-"), "a path is in the log");
    siege.end(&format!("{different}; {long}; {longer}; {after} lines of metrics, {before} before")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_ranges_cost_no_more_than_one_answer() {
    let count = sized(200, 2_000);
    let siege = Siege::begin(&format!("{count} requests of 1,000 ranges each")).await;
    let ranges: Vec<String> = (0..1_000).map(|number| format!("{number}-")).collect();
    let request = |target: &str| {
        get(target).replace("\r\n\r\n", &format!("\r\nRange: bytes={}\r\n\r\n", ranges.join(",")))
    };

    let mut outcomes = Vec::new();
    for target in ["/static/bouton-bleu.svg", "/observatoire.csv", "/schemas/satisfaction.json"] {
        let plain = send(siege.address(), get(target).as_bytes()).await.bytes.len();
        let ranged = send(siege.address(), request(target).as_bytes()).await.bytes.len();
        assert!(ranged <= plain + 100, "{target}: {ranged} bytes instead of {plain}");
        let outcome = flood(&siege, count, &request(target)).await;
        assert_eq!(outcome, format!("{count} × [200]"), "{target}");
        outcomes.push(outcome);
    }

    siege.end(&outcomes.join("; ")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_requests_at_once_have_a_thousand_answers_in_their_order() {
    let count = sized(1_000, 20_000);
    let siege = Siege::begin(&format!("{count} requests sent at once on each of 20 connections")).await;
    let both = get("/health/live") + &get("/nowhere");
    let to = siege.address();

    let mut all = JoinSet::new();
    for _ in 0..20 {
        let bytes = both.repeat(count / 2);
        all.spawn(async move { send(to, bytes.as_bytes()).await.statuses() });
    }
    for statuses in all.join_all().await {
        assert_eq!(statuses, [200, 404].repeat(count / 2));
    }

    siege.end("each answered, in their order").await;
}
