//! That nothing is acknowledged before it is on the disk. A kill cannot show it: the kernel keeps what a dead process
//! wrote. The order of the process's calls does.

use std::collections::HashMap;
use std::process::Command;

use serde_json::json;
use tests::TestCollector;
use tests::collector::DEMARCHE;
use uuid::Uuid;

use crate::client::Client;
use crate::strace::{Call, Watched};
use crate::{FLAGS, tell};

const CALLS: &str =
    "read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,pwritev,fdatasync,fsync";

const CONNECTIONS: usize = 8;
/// Avis on each connection.
const AVIS: usize = 125;

/// What the calls of a collector say about its promises.
#[derive(Debug, Default, PartialEq, Eq)]
struct Findings {
    /// Requests answered with 2xx.
    acknowledged: usize,
    syncs: usize,
    /// Requests whose answer left before their rows were on the disk.
    violations: Vec<String>,
}

/// The comment of an avis, by which its row is found among what is written to the log.
fn marker(connection: usize, number: usize, version: usize) -> String {
    format!("comment {connection:02}-{number:04}-{version}.")
}

fn marker_in(text: &str) -> Option<&str> {
    let start = text.find("comment ")?;
    text.get(start..start + marker(0, 0, 0).len())
}

/// Sends avis over several connections at once, and changes some of them.
fn send_avis(collector: &str) {
    let senders: Vec<_> = (0..CONNECTIONS)
        .map(|connection| {
            let mut client = Client::of(collector);
            std::thread::spawn(move || {
                for number in 0..AVIS {
                    let answers = json!({"satisfaction": "moyen", "comment": marker(connection, number, 0)});
                    let avis = json!({"demarche": DEMARCHE, "answers": answers}).to_string();
                    let key = Uuid::from_u128((connection * AVIS + number) as u128);
                    let names =
                        ask(&mut client, 201, "POST /api/v1/avis", &format!("Idempotency-Key: {key}"), &avis);
                    if number % 4 == 0 {
                        let change =
                            json!({"answers": {"comment": marker(connection, number, 1)}}).to_string();
                        let path = format!("PATCH /api/v1/avis/{}", names["id"].as_str().unwrap());
                        let token =
                            format!("Authorization: Bearer {}", names["edit_token"].as_str().unwrap());
                        ask(&mut client, 200, &path, &token, &change);
                    }
                }
            })
        })
        .collect();
    for sender in senders {
        sender.join().unwrap();
    }
}

fn ask(client: &mut Client, expected: u16, start: &str, header: &str, body: &str) -> serde_json::Value {
    let request = format!(
        "{start} HTTP/1.1\r\nHost: collector\r\n{header}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = client.exchange(request.as_bytes()).unwrap();
    assert_eq!(answer.status, expected, "{}", answer.text());
    serde_json::from_slice(&answer.body).unwrap()
}

/// The lengths of what SQLite writes to the log (sqlite.org/fileformat2.html#walformat): a header once, and of each
/// frame a header and then a page.
const HEADER_OF_LOG: i64 = 32;
const HEADER_OF_FRAME: i64 = 24;

/// Checks that each answer with 2xx began to leave after the end of a sync of the log that began after the last frame
/// of the transaction that wrote its row.
fn findings(calls: &[Call]) -> Findings {
    let mut written: HashMap<&str, usize> = HashMap::new();
    let mut uncommitted: Vec<&str> = Vec::new();
    let mut is_last_frame = false;
    let mut syncs: Vec<&Call> = Vec::new();
    let mut answers: Vec<(&str, &Call)> = Vec::new();
    let mut asked: HashMap<&str, &str> = HashMap::new();
    for call in calls {
        let is_log = call.file().ends_with("-wal");
        let is_connection = call.file().contains("<TCP");
        match call.name.as_str() {
            "pwrite64" if is_log => match call.result() {
                HEADER_OF_LOG => {}
                // Its second number is not zero in the last frame of a transaction.
                HEADER_OF_FRAME => is_last_frame = call.data(8)[4..] != [0; 4],
                _ => {
                    // A page holds the rows of many avis, those written before among them.
                    let mut rest = call.text.as_str();
                    while let Some(marker) = marker_in(rest) {
                        uncommitted.push(marker);
                        rest = &rest[rest.find(marker).map_or(rest.len(), |start| start + marker.len())..];
                    }
                    if is_last_frame {
                        for marker in uncommitted.drain(..) {
                            written.entry(marker).or_insert(call.ended);
                        }
                    }
                }
            },
            "write" | "writev" | "pwritev" if is_log => panic!("SQLite writes its log otherwise: {call:?}"),
            "fdatasync" | "fsync" if is_log && call.has_succeeded() => syncs.push(call),
            "read" | "readv" | "recvfrom" | "recvmsg" if is_connection => {
                if let Some(marker) = marker_in(&call.text) {
                    asked.insert(call.file(), marker);
                }
            }
            "write" | "writev" | "sendto" | "sendmsg"
                if is_connection && call.text.contains("\"HTTP/1.1 2") =>
            {
                match asked.remove(call.file()) {
                    Some(marker) => answers.push((marker, call)),
                    None => panic!("an answer to a request that was not seen: {call:?}"),
                }
            }
            _ => {}
        }
    }
    let is_safe = |marker: &str, answer: &Call| {
        let Some(written) = written.get(marker) else { return false };
        // The first sync that began late enough; all syncs of the log are made one after the other.
        let next = syncs.partition_point(|sync| sync.begun <= *written);
        syncs.get(next).is_some_and(|sync| sync.ended < answer.begun)
    };
    let violations = answers.iter().filter(|(marker, answer)| !is_safe(marker, answer));
    Findings {
        acknowledged: answers.len(),
        syncs: syncs.len(),
        violations: violations.map(|(marker, _)| (*marker).to_owned()).collect(),
    }
}

/// Watches a collector take the avis.
async fn watch(collector: &TestCollector, command: &Command) -> Findings {
    let watched = Watched::start(command, CALLS, collector.directory());
    let address = watched.first_line().await;
    send_avis(address.trim_start_matches("http://"));
    findings(&watched.calls().await)
}

#[tokio::test]
async fn no_avis_is_acknowledged_before_a_sync_that_began_after_its_transaction_was_written() {
    let collector = TestCollector::stopped(&[]);
    collector.register();
    let mut command = collector.command(&["serve", "--listen", "127.0.0.1:0"]);
    let found = watch(&collector, command.args(FLAGS)).await;
    assert!(found.violations.is_empty(), "{found:?}");
    let Findings { acknowledged, syncs, .. } = found;
    assert_eq!(acknowledged, CONNECTIONS * (AVIS + AVIS.div_ceil(4)));
    tell(&format!(
        "strace: {} avis and {} changes over {CONNECTIONS} connections, {syncs} syncs of the log, 0 violations",
        CONNECTIONS * AVIS,
        acknowledged - CONNECTIONS * AVIS
    ));
}

#[tokio::test]
async fn the_check_of_syncs_sees_a_collector_that_makes_none() {
    let collector = TestCollector::stopped(&[]);
    collector.register();
    let mut command = Command::new(env!("CARGO_BIN_EXE_unsynced_collector"));
    let found = watch(&collector, command.arg(collector.database())).await;
    assert_eq!(found.violations.len(), found.acknowledged, "{found:?}");
    assert_eq!(found.acknowledged, CONNECTIONS * (AVIS + AVIS.div_ceil(4)));
    tell(&format!(
        "strace with synchronous=OFF: {} acknowledged, {} syncs of the log, {} violations, as it should be",
        found.acknowledged,
        found.syncs,
        found.violations.len()
    ));
}
