//! Bytes over a connection, as no client would send them, and what is answered to them.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Far above what a collector takes to hang up on somebody.
const PATIENCE: Duration = Duration::from_secs(40);

/// Everything that was answered on one connection until its end.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    pub(crate) bytes: Vec<u8>,
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Status line and headers, in lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Sends these bytes, then nothing more, and reads until the other side hangs up.
pub(crate) async fn send(to: SocketAddr, bytes: &[u8]) -> Answers {
    exchange(to, bytes, true).await
}

/// The same by somebody who stays on the line.
pub(crate) async fn send_and_stay(to: SocketAddr, bytes: &[u8]) -> Answers {
    exchange(to, bytes, false).await
}

async fn exchange(to: SocketAddr, bytes: &[u8], done: bool) -> Answers {
    let mut stream = TcpStream::connect(to).await.unwrap();
    let (mut reader, mut writer) = stream.split();
    let mut answers = Answers::default();
    let talk = async {
        let writing = async {
            // Whoever hangs up before all was said has answered.
            let _ = writer.write_all(bytes).await;
            if done {
                let _ = writer.shutdown().await;
            }
        };
        let reading = async { read(&mut reader, &mut answers.bytes).await };
        tokio::join!(writing, reading)
    };
    assert!(timeout(PATIENCE, talk).await.is_ok(), "still there after {PATIENCE:?}: {bytes:.200?}");
    answers
}

/// Reads to the end; a connection that is reset has ended as well.
async fn read(reader: &mut (impl tokio::io::AsyncRead + Unpin), bytes: &mut Vec<u8>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = reader.read(&mut buffer).await {
        bytes.extend_from_slice(&buffer[..read]);
    }
}

/// A connection that is kept.
pub(crate) async fn connect(to: SocketAddr) -> io::Result<TcpStream> {
    timeout(PATIENCE, TcpStream::connect(to)).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

/// What comes until the other side hangs up; none if it does not.
pub(crate) async fn until_the_end(stream: &mut TcpStream) -> Option<Answers> {
    let mut answers = Answers::default();
    timeout(PATIENCE, read(stream, &mut answers.bytes)).await.ok()?;
    Some(answers)
}

impl Answers {
    /// Each answer, those on the way (1xx) left out. What no client could read as one stands as a last, of status 0.
    ///
    /// # Panics
    ///
    /// When one is 500: whatever is sent, that is a fault of ours.
    #[track_caller]
    pub(crate) fn each(&self) -> Vec<Answer> {
        let mut answers = Vec::new();
        let mut rest = &self.bytes[..];
        while !rest.is_empty() {
            let Some((answer, length)) = first(rest) else {
                let text = String::from_utf8_lossy(rest).into_owned();
                answers.push(Answer { status: 0, head: text, body: String::new() });
                break;
            };
            assert_ne!(answer.status, 500, "{answer:.600?}");
            rest = &rest[length..];
            if answer.status >= 200 {
                answers.push(answer);
            }
        }
        answers
    }

    /// The status of each answer.
    ///
    /// # Panics
    ///
    /// As [`each`](Self::each).
    #[track_caller]
    pub(crate) fn statuses(&self) -> Vec<u16> {
        self.each().iter().map(|answer| answer.status).collect()
    }

    /// Its one answer.
    #[track_caller]
    pub(crate) fn only(&self) -> Answer {
        let mut all = self.each();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }
}

/// The first answer of these bytes, and its length.
fn first(bytes: &[u8]) -> Option<(Answer, usize)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let status =
        head.strip_prefix("http/1.1 ").or_else(|| head.strip_prefix("http/1.0 "))?.get(..3)?.parse().ok()?;
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let rest = &bytes[end + 4..];
    let (body, length) = if header("transfer-encoding").is_some_and(|coding| coding.trim() == "chunked") {
        chunked(rest)?
    } else {
        let length = match header("content-length") {
            Some(length) => length.trim().parse().ok()?,
            None => 0,
        };
        (rest.get(..length)?.to_vec(), length)
    };
    let body = String::from_utf8_lossy(&body).into_owned();
    Some((Answer { status, head, body }, end + 4 + length))
}

fn chunked(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let line = bytes[at..].windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[at..at + line]).ok()?, 16).ok()?;
        at += line + 2;
        body.extend_from_slice(bytes.get(at..at + size)?);
        at += size + 2;
        if size == 0 {
            return Some((body, at));
        }
    }
}

/// How often each thing happened, in words.
pub(crate) fn summed(outcomes: impl IntoIterator<Item = String>) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for outcome in outcomes {
        *counts.entry(outcome).or_default() += 1;
    }
    counts.iter().map(|(outcome, count)| format!("{count} × {outcome}")).collect::<Vec<_>>().join(", ")
}

/// A request that stores an avis, with what differs in it; its answer is not that of honest people.
pub(crate) fn avis(headers: &str) -> String {
    let body = r#"{"demarche":"3059","answers":{"satisfaction":"pas_bien"}}"#;
    post(headers, body)
}

/// A request with this body.
pub(crate) fn post(headers: &str, body: &str) -> String {
    format!(
        "POST /api/v1/avis HTTP/1.1\r\nHost: avis.example.fr\r\nContent-Type: application/json\r\n\
         Idempotency-Key: {}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        uuid::Uuid::new_v4(),
        body.len(),
    )
}

/// A request for a page by somebody who wants no other.
pub(crate) fn get_alone(target: &str) -> String {
    get(target).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
}

/// A request for a page.
pub(crate) fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: avis.example.fr\r\n\r\n")
}
