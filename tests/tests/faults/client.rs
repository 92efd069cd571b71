//! The least that speaks HTTP/1.1: one connection that is opened when it is needed, one request at a time.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Far above what a collector may take for an answer, so that only a request that hangs counts as unanswered.
const HANGING: Duration = Duration::from_secs(40);

/// A connection to a collector.
pub(crate) struct Client {
    collector: SocketAddr,
    connection: Option<BufReader<TcpStream>>,
}

/// What a collector answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Whether it says when to come again.
    pub(crate) retry_after: bool,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Client {
    /// To the collector at `host:port`; it need not be there yet.
    pub(crate) fn of(collector: &str) -> Self {
        Self { collector: collector.parse().unwrap(), connection: None }
    }

    /// Sends a request and waits for its answer. After an error nobody knows what became of it.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        let mut connection = self.connection.take().map_or_else(|| self.connected(), Ok)?;
        connection.get_mut().write_all(request)?;
        let (answer, stays_open) = read(&mut connection)?;
        self.connection = stays_open.then_some(connection);
        Ok(answer)
    }

    fn connected(&self) -> io::Result<BufReader<TcpStream>> {
        let connection = TcpStream::connect(self.collector)?;
        connection.set_nodelay(true)?;
        connection.set_read_timeout(Some(HANGING))?;
        Ok(BufReader::new(connection))
    }
}

fn read(connection: &mut BufReader<TcpStream>) -> io::Result<(Answer, bool)> {
    let mut line = String::new();
    connection.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or(io::ErrorKind::UnexpectedEof)?;
    let (mut length, mut retry_after, mut stays_open) = (0, false, true);
    loop {
        line.clear();
        if connection.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().map_err(|_| io::ErrorKind::InvalidData)?,
            "retry-after" => retry_after = true,
            "connection" => stays_open = !value.trim().eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body)?;
    Ok((Answer { status, retry_after, body }, stays_open))
}
