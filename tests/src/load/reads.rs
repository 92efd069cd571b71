//! Reading documents one after the other, from several servers in turn.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::connection::{Connection, Received};

/// What reading from one server came to.
#[derive(Debug, Default)]
pub struct Reads {
    /// How long each took, in the order asked.
    pub times: Vec<Duration>,
    /// The status of each.
    pub statuses: Vec<u16>,
    /// How many bytes the last one's body had.
    pub bytes: usize,
    /// The entity tag of the last one.
    pub etag: Option<String>,
}

/// Reads each path from each server, the servers in turn, so that what slows the machine for a while slows all alike.
///
/// # Errors
/// A server is gone, or answers what is no HTTP.
pub fn read(
    servers: &[SocketAddr],
    paths: &[String],
    if_none_match: Option<&str>,
) -> std::io::Result<Vec<Reads>> {
    let mut connections = Vec::new();
    for server in servers {
        let connection = Connection::open(*server)?;
        // One at a time: there is nothing else to do while waiting.
        connection.stream.set_nonblocking(false)?;
        connections.push((connection, *server, Reads::default()));
    }
    for path in paths {
        for (connection, server, reads) in &mut connections {
            let condition =
                if_none_match.map_or_else(String::new, |etag| format!("If-None-Match: {etag}\r\n"));
            let request = format!("GET {path} HTTP/1.1\r\nHost: {server}\r\n{condition}\r\n");
            let asked = Instant::now();
            connection.send(request.as_bytes())?;
            let Received::Answer { status, head, length } = connection.receive() else {
                return Err(std::io::Error::other(format!("no answer to {path}")));
            };
            reads.times.push(asked.elapsed());
            reads.statuses.push(status);
            reads.bytes = length - head;
            let head = String::from_utf8_lossy(&connection.received()[..head]).into_owned();
            reads.etag = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("etag").then(|| value.trim().to_owned())
            });
        }
    }
    Ok(connections.into_iter().map(|(_, _, reads)| reads).collect())
}
