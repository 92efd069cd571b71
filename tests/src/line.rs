//! What a collector can be to a page: there, gone, silent, broken, or at the end of a very slow line.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use crate::collector::TestCollector;
use crate::faults::forward;
use crate::site::{Request, listen};

/// The line between a page and its collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// It answers.
    Healthy,
    /// Nothing listens: the connection is refused.
    Stopped,
    /// It takes connections and requests, and never answers.
    Hanging,
    /// It answers everything with 500.
    Failing,
    /// It answers at 1 kB/s.
    Throttled,
}

/// How the answers of a [`Line::Throttled`] come: so many bytes every so often.
const TRICKLE: (usize, Duration) = (128, Duration::from_millis(125));

impl Line {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Healthy, Self::Stopped, Self::Hanging, Self::Failing, Self::Throttled];

    /// The address that a page takes for that of `collector`, at the end of this line.
    ///
    /// # Panics
    ///
    /// When there is no free port.
    #[must_use]
    pub fn to(self, collector: &TestCollector) -> String {
        let upstream = collector.authority().to_owned();
        let address = match self {
            Self::Healthy => return collector.address().to_owned(),
            Self::Stopped => TcpListener::bind("127.0.0.1:0")
                .and_then(|listener| listener.local_addr())
                .unwrap_or_else(|error| panic!("no free port: {error}")),
            // Until the browser gives up.
            Self::Hanging => listen(|mut stream| {
                stream.set_read_timeout(None)?;
                stream.read_to_end(&mut Vec::new()).map(drop)
            }),
            Self::Failing => listen(|mut stream| {
                Request::read(&mut stream)?;
                stream.write_all(
                    b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                )
            }),
            Self::Throttled => listen(move |mut stream| {
                let request = Request::read(&mut stream)?;
                trickle(&mut stream, &forward(&request, &upstream)?)
            }),
        };
        format!("http://{address}")
    }
}

fn trickle(stream: &mut TcpStream, answer: &[u8]) -> std::io::Result<()> {
    let (bytes, pause) = TRICKLE;
    for part in answer.chunks(bytes) {
        stream.write_all(part)?;
        std::thread::sleep(pause);
    }
    Ok(())
}
