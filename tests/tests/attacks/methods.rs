//! Methods and ways of speaking that nobody needs here.

use crate::raw::{avis, get, send, send_and_stay, summed};
use crate::siege::Siege;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn methods_that_nobody_needs_do_nothing() {
    let siege = Siege::begin("methods: TRACE, CONNECT, PRI and invented ones").await;
    let mut outcomes = Vec::new();
    for target in ["/", "/avis/3059", "/api/v1/avis", "/health/live", "*", "avis.example.fr:443"] {
        for method in ["TRACE", "TRACK", "CONNECT", "PUT", "PROPFIND", "get", "G", "DEBUG", "AVIS"] {
            let secret = "X-Secret: 0123456789";
            let bytes = format!("{method} {target} HTTP/1.1\r\nHost: a\r\n{secret}\r\n\r\n");
            let answers = send(siege.address(), bytes.as_bytes()).await;
            let answer = answers.only();
            assert!([400, 404, 405].contains(&answer.status), "{method} {target}: {answer:?}");
            assert!(!String::from_utf8_lossy(&answers.bytes).contains("0123456789"), "{method} reflects");
            assert!(
                answer.status != 405 || answer.head.contains("\r\nallow: "),
                "{method} {target}: {answer:?}"
            );
            outcomes.push(answer.status.to_string());
        }
    }
    siege.end(&summed(outcomes)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_wants_another_protocol_gets_this_one() {
    let siege = Siege::begin("WebSocket, HTTP/2 in clear, 100-continue").await;
    let ask = |headers: &str| get("/health/live").replace("\r\n\r\n", &format!("\r\n{headers}\r\n\r\n"));

    let websocket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    let h2c =
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA";
    for headers in [websocket, h2c] {
        let answer = send(siege.address(), ask(headers).as_bytes()).await.only();
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0";
    let answer = send_and_stay(siege.address(), preface.as_bytes()).await;
    assert!(answer.statuses().iter().all(|status| *status == 400), "{answer:?}");

    let waited = send(siege.address(), avis("Expect: 100-continue\r\n").as_bytes()).await;
    assert!(waited.bytes.starts_with(b"HTTP/1.1 100 "), "{waited:?}");
    assert_eq!(waited.only().status, 201);
    // Who would send too much is told before.
    let head = "POST /api/v1/avis HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n";
    let refused = send_and_stay(siege.address(), head.as_bytes()).await;
    assert_eq!(refused.only().status, 413);

    siege.end("answered as plain requests").await;
}
