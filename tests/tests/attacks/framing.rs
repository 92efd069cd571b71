//! Requests whose end can be read in two ways: each has one answer, or none, and never that of another.

use crate::raw::{avis, get, send, summed};
use crate::siege::Siege;

/// A request that must never be seen as one: it would store an avis.
fn hidden() -> String {
    avis("")
}

const POST: &str = "POST /api/v1/avis HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";

fn chunk(size: &str, data: &str) -> String {
    format!("{size}\r\n{data}\r\n0\r\n\r\n")
}

/// Shapes whose end is unclear, around a request: refused, or not answered at all.
fn unclear(inner: &str) -> Vec<(&'static str, String)> {
    let length = inner.len();
    let hex = format!("{length:x}");
    vec![
        (
            "Content-Length twice, alike",
            format!("{POST}Content-Length: 0\r\nContent-Length: 0\r\n\r\n{inner}"),
        ),
        (
            "Content-Length twice, unlike",
            format!("{POST}Content-Length: 0\r\nContent-Length: {length}\r\n\r\n{inner}"),
        ),
        ("Content-Length as a list", format!("{POST}Content-Length: 0, 0\r\n\r\n{inner}")),
        ("Content-Length with a plus", format!("{POST}Content-Length: +0\r\n\r\n{inner}")),
        ("Content-Length with a minus", format!("{POST}Content-Length: -1\r\n\r\n{inner}")),
        ("Content-Length in hexadecimal", format!("{POST}Content-Length: 0x10\r\n\r\n{inner}")),
        ("Content-Length empty", format!("{POST}Content-Length: \r\n\r\n{inner}")),
        ("Content-Length of 30 digits", format!("{POST}Content-Length: {}\r\n\r\n{inner}", "9".repeat(30))),
        (
            "a length and chunks",
            format!("{POST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}"),
        ),
        (
            "chunks and a length",
            format!("{POST}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n{inner}"),
        ),
        (
            "Transfer-Encoding twice",
            format!(
                "{POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{inner}"
            ),
        ),
        ("chunked, identity", format!("{POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{inner}")),
        ("identity, chunked", format!("{POST}Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n{inner}")),
        ("xchunked", format!("{POST}Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n{inner}")),
        (
            "identity and a length",
            format!("{POST}Transfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n{inner}"),
        ),
        ("a space before the colon", format!("{POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n{inner}")),
        ("a folded line", format!("{POST}X-A: b\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}")),
        ("a folded value", format!("{POST}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n{inner}")),
        (
            "vertical tab before chunked",
            format!("{POST}Transfer-Encoding: \u{b}chunked\r\n\r\n0\r\n\r\n{inner}"),
        ),
        (
            "chunks in HTTP/1.0",
            format!("{}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}", POST.replace("1.1", "1.0")),
        ),
        ("a NUL in a value", format!("{POST}X-A: b\0c\r\nContent-Length: 0\r\n\r\n{inner}")),
        ("a NUL in a name", format!("{POST}X\0A: b\r\nContent-Length: 0\r\n\r\n{inner}")),
        ("a return in a value", format!("{POST}X-A: b\rc\r\nContent-Length: 0\r\n\r\n{inner}")),
        ("a header without a name", format!("{POST}: b\r\nContent-Length: 0\r\n\r\n{inner}")),
        ("a line that is no header", format!("{POST}x\r\nContent-Length: 0\r\n\r\n{inner}")),
        ("no Host", format!("{}Content-Length: 0\r\n\r\n{inner}", POST.replace("Host: a\r\n", ""))),
        ("two Hosts", format!("{POST}Host: b\r\nContent-Length: 0\r\n\r\n{inner}")),
        ("HTTP/1.2", format!("{}Content-Length: 0\r\n\r\n{inner}", POST.replace("1.1", "1.2"))),
        ("HTTP/2.0", format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{inner}")),
        ("no version", format!("GET /health/live\r\n\r\n{inner}")),
        ("a tab in the request line", format!("GET\t/health/live HTTP/1.1\r\nHost: a\r\n\r\n{inner}")),
        ("TLS", format!("\u{16}\u{3}\u{1}\u{2}\0\u{1}{inner}")),
        (
            "a size in hexadecimal notation",
            format!("{POST}Transfer-Encoding: chunked\r\n\r\n{}", chunk("0x5", "hello") + inner),
        ),
        (
            "a negative size",
            format!("{POST}Transfer-Encoding: chunked\r\n\r\n{}", chunk("-5", "hello") + inner),
        ),
        (
            "a size of 20 digits",
            format!("{POST}Transfer-Encoding: chunked\r\n\r\n{}", chunk(&"f".repeat(20), "hello") + inner),
        ),
        (
            "a size that lies",
            format!("{POST}Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n{inner}"),
        ),
        ("chunks that end in a line feed", format!("{POST}Transfer-Encoding: chunked\r\n\r\n0\n\n{inner}")),
        (
            "a size with a line feed",
            format!("{POST}Transfer-Encoding: chunked\r\n\r\n{hex}\n{inner}\r\n0\r\n\r\n{inner}"),
        ),
        (
            "a return in an extension",
            format!("{POST}Transfer-Encoding: chunked\r\n\r\n5;a\rb\r\nhello\r\n0\r\n\r\n{inner}"),
        ),
        (
            "bodies of other types, unread",
            format!(
                "{}Content-Length: {}\r\n\r\n{}",
                POST.replace("json", "xml"),
                400 * length,
                inner.repeat(400)
            ),
        ),
    ]
}

/// Shapes that are whole and hold what looks like a request, and what each is answered.
fn whole(inner: &str) -> Vec<(&'static str, String, &'static [u16])> {
    let length = inner.len();
    let hex = format!("{length:x}");
    vec![
        ("a body that is a request", format!("{POST}Content-Length: {length}\r\n\r\n{inner}"), &[400]),
        (
            "a chunk that is a request",
            format!("{POST}Transfer-Encoding: chunked\r\n\r\n{}", chunk(&hex, inner)),
            &[400],
        ),
        (
            "an extension",
            format!("{POST}Transfer-Encoding: chunked\r\n\r\n{}", chunk(&format!("{hex};a=b"), inner)),
            &[400],
        ),
        (
            "a GET with a body that is a request",
            format!("GET /health/live HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{inner}"),
            &[200],
        ),
        (
            "the same, and another behind it",
            format!(
                "GET /health/live HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{inner}{}",
                get("/nowhere")
            ),
            &[200, 404],
        ),
        (
            "a header that holds a request",
            format!("GET /health/live HTTP/1.1\r\nHost: a\r\nX-A: {}\r\n\r\n", inner.lines().next().unwrap()),
            &[200],
        ),
        ("another host in the target", get("http://other.example/health/live"), &[200]),
        ("what is asked for by HTTP/1.0", "GET /health/live HTTP/1.0\r\n\r\n".to_owned(), &[200]),
        ("line feeds alone", "GET /health/live HTTP/1.1\nHost: a\n\n".to_owned(), &[200]),
        ("empty lines first", format!("\r\n\r\n{}", get("/health/live")), &[200]),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_hides_in_another() {
    let siege = Siege::begin("requests within requests").await;
    let inner = hidden();

    let mut outcomes = Vec::new();
    for (case, bytes) in &unclear(&inner) {
        let statuses = send(siege.address(), bytes.as_bytes()).await.statuses();
        assert!(statuses.len() <= 1, "{case}: {statuses:?}");
        assert!(statuses.iter().all(|status| (400..500).contains(status)), "{case}: {statuses:?}");
        outcomes.push(format!("{statuses:?}"));
    }
    for (case, bytes, expected) in &whole(&inner) {
        let statuses = send(siege.address(), bytes.as_bytes()).await.statuses();
        assert_eq!(&statuses, expected, "{case}");
        outcomes.push(format!("{statuses:?}"));
    }
    // None of those that were hidden has come out.
    let [hidden, ..] = siege.collector.smileys(tests::collector::DEMARCHE).await;
    assert_eq!(hidden, 0);

    siege.end(&format!("{} shapes: {}", outcomes.len(), summed(outcomes))).await;
}
