//! Bodies that are not what they say, or more than they look.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::raw::{Answer, post, send, summed};
use crate::siege::Siege;

const JSON: &str = "Content-Type: application/json\r\n";

/// A request to a path with these bytes, whatever they are.
fn request(path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: a\r\nIdempotency-Key: {}\r\n{headers}Content-Length: {}\r\n\r\n",
        uuid::Uuid::new_v4(),
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// What is answered to one request.
async fn answer(siege: &Siege, bytes: &[u8]) -> Answer {
    send(siege.address(), bytes).await.only()
}

fn codes(answer: &Answer) -> Vec<String> {
    let problem: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| error["code"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compressed_body_is_not_opened() {
    let siege = Siege::begin("compressed bodies, 60 kB that would be 60 MB").await;
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&vec![b' '; 60 << 20]).unwrap();
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 64 << 10, "{}", bomb.len());

    let mut statuses = Vec::new();
    for (target, media_type) in [
        ("/api/v1/avis", "application/json"),
        ("/avis/3059", "application/x-www-form-urlencoded"),
        ("/retrait", "application/x-www-form-urlencoded"),
    ] {
        for coding in ["gzip", "br", "deflate", "zstd", "gzip, gzip", "identity, gzip", "x-unknown"] {
            let headers = format!("Content-Type: {media_type}\r\nContent-Encoding: {coding}\r\n");
            let answer = answer(&siege, &request(target, &headers, &bomb)).await;
            assert_eq!(answer.status, 415, "{target} {coding}: {answer:?}");
            statuses.push(answer.status.to_string());
        }
    }
    // What is not coded may be said.
    let plain = answer(&siege, post("Content-Encoding: identity\r\n", "{}").as_bytes()).await;
    assert_eq!(plain.status, 422);

    siege.end(&summed(statuses)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_of_every_shape_is_read_or_refused() {
    let siege = Siege::begin("JSON: deep, huge, twice, half, too much").await;
    let deep = |open: &str, close: &str| {
        let depth = 64 * 1024 / (open.len() + close.len()) - 100;
        open.repeat(depth) + "1" + &close.repeat(depth)
    };
    let with =
        |member: &str| format!(r#"{{"demarche":"3059","answers":{{"satisfaction":"pas_bien"}},{member}}}"#);
    let comment = |text: &str| {
        json!({"demarche": "3059", "answers": {"satisfaction": "pas_bien", "comment": text}}).to_string()
    };
    let cases = [
        ("nested lists", deep("[", "]"), 422),
        ("nested objects", deep("{\"a\":", "}"), 422),
        ("lists that never close", "[".repeat(60_000), 400),
        ("nested answers", with(&format!("\"x\":{}", deep("[", "]").replacen('[', "[1,", 1))), 422),
        ("a number of 60,000 digits", with(&format!("\"x\":{}", "9".repeat(60_000))), 422),
        ("1e999", with("\"x\":1e999"), 422),
        ("-1e-999", with("\"x\":-1e-999"), 422),
        ("a démarche of 60,000 digits", format!(r#"{{"demarche":{}}}"#, "9".repeat(60_000)), 422),
        ("a key twice", with("\"demarche\":\"3059\""), 422),
        ("a key ten thousand times", format!("{{{}}}", vec!["\"a\":1"; 10_000].join(",")), 422),
        (
            "five thousand unknown keys",
            format!("{{{}}}", (0..5_000).map(|key| format!("\"k{key}\":1")).collect::<Vec<_>>().join(",")),
            422,
        ),
        ("half of a surrogate pair", with(r#""x":"\ud800""#), 422),
        ("a NUL", comment("\0"), 422),
        ("nothing", String::new(), 400),
        ("a byte order mark", format!("\u{feff}{}", with("\"lang\":\"fr\"")), 400),
        ("what follows", with("\"lang\":\"fr\"") + "{}", 400),
        ("a comment of JavaScript", with("\"lang\":\"fr\"") + "// x", 400),
        ("NaN", with("\"x\":NaN"), 400),
        ("64 KiB and a byte", comment(&"a".repeat(64 * 1024)), 413),
    ];
    let mut outcomes = Vec::new();
    for (case, body, status) in &cases {
        let answer = answer(&siege, post("", body).as_bytes()).await;
        // What PostgreSQL does not take may be dropped instead.
        let is_well = answer.status == *status || (*case == "a NUL" && answer.status == 201);
        assert!(is_well, "{case}: {answer:.300?}");
        assert!(answer.head.len() + answer.body.len() < 2 << 20, "{case}: {} bytes", answer.body.len());
        assert!(
            answer.status == 413
                || answer.status == 400
                || answer.status == 201
                || !codes(&answer).is_empty()
        );
        outcomes.push(answer.status.to_string());
    }
    // Bytes that are no text at all.
    for bytes in [&b"\xff\xfe{\x00}\x00"[..], b"\"\xed\xa0\x80\"", b"\"\xc0\xaf\""] {
        let answer = answer(&siege, &request("/api/v1/avis", JSON, bytes)).await;
        assert_eq!(answer.status, 400, "{bytes:?}: {answer:?}");
        outcomes.push(answer.status.to_string());
    }
    siege.end(&summed(outcomes)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_media_types_are_refused_unread() {
    let siege = Siege::begin("bodies of other types").await;
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"satisfaction\"\r\n\r\nmoyen\r\n--x--\r\n";
    let mut outcomes = Vec::new();
    for (target, media_type) in [
        ("/api/v1/avis", "multipart/form-data; boundary=x"),
        ("/avis/3059", "multipart/form-data; boundary=x"),
        ("/avis/3059", "text/plain"),
        ("/retrait", "application/json"),
        ("/api/v1/avis", "application/x-www-form-urlencoded"),
        ("/api/v1/avis", "application/xml"),
        ("/api/v1/avis", "application/jsonx"),
        ("/api/v1/avis", "text/json, application/json"),
    ] {
        let headers = format!("Content-Type: {media_type}\r\n");
        let answer = answer(&siege, &request(target, &headers, multipart.as_bytes())).await;
        assert_eq!(answer.status, 415, "{target} {media_type}: {answer:?}");
        outcomes.push(answer.status.to_string());
    }
    siege.end(&summed(outcomes)).await;
}
