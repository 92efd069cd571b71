//! Names by which a collector is called, and what it says of them.

use crate::raw::{get, send, summed};
use crate::siege::Siege;

const PAGES: [&str; 10] = [
    "/",
    "/avis/3059",
    "/integration/3059",
    "/api/",
    "/api/openapi.json",
    "/catalogue.jsonld",
    "/observatoire",
    "/observatoire/3059",
    "/observatoire/editions",
    "/api/v1/demarches",
];

/// An origin that no page may name.
const EVIL: &str = "evil.example";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_name_is_nothing_but_text_and_nothing_that_is_kept() {
    let siege = Siege::begin("host names that somebody made up").await;
    let mut outcomes = Vec::new();
    for host in [
        EVIL,
        "evil.example:80",
        "\"><script>alert(1)</script>evil.example",
        "evil.example/..;@x",
        "a b evil.example",
        "",
    ] {
        for page in PAGES {
            let request = get(page).replace("avis.example.fr", host);
            let answer = send(siege.address(), request.as_bytes()).await.only();
            assert!(answer.status == 200 || answer.status == 400, "{host:?} {page}: {answer:.600?}");
            assert!(!answer.body.contains("<script>alert"), "{host:?} {page} reflects: {answer:.2000?}");
            if answer.body.contains(EVIL) {
                // Not at all, or never shown without asking whether it still holds.
                let unkept =
                    ["no-store", "private", "no-cache"].iter().any(|word| answer.head.contains(word));
                assert!(unkept, "{page} may be shown to others: {}", answer.head);
            }
            outcomes.push(answer.status.to_string());
        }
    }
    siege.end(&summed(outcomes)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_name_the_public_knows_is_all_that_pages_tell() {
    let mut collector = tests::TestCollector::stopped(&[
        "--public-url",
        "https://avis.example.fr",
        "--trusted-proxy",
        "127.0.0.1",
    ]);
    collector.register();
    collector.serve().await;
    let to = collector.authority().parse().unwrap();
    for page in PAGES {
        let headers = format!(
            "X-Forwarded-Host: {EVIL}\r\nForwarded: host={EVIL}\r\nX-Host: {EVIL}\r\nX-Original-URL: /{EVIL}\r\n"
        );
        let request =
            get(page).replace("avis.example.fr", EVIL).replace("\r\n\r\n", &format!("\r\n{headers}\r\n"));
        let answer = send(to, request.as_bytes()).await.only();
        assert_eq!(answer.status, 200, "{page}");
        assert!(!answer.body.contains(EVIL) && !answer.head.contains(EVIL), "{page}: {answer:.2000?}");
    }
    assert!(collector.stop().success());
}
