//! One connection that stays open: a request out, an answer in, nothing else.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::LazyLock;

use memchr::memmem::Finder;

static END_OF_HEAD: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\r\n\r\n"));

/// As actix writes it. A server that writes it otherwise is read the slow way.
static LENGTH: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\r\ncontent-length: "));

/// Room for the answers we expect; a longer one makes it grow.
const ROOM: usize = 2048;

pub(super) struct Connection {
    server: SocketAddr,
    pub(super) stream: TcpStream,
    received: Vec<u8>,
    filled: usize,
    /// What the socket would not take at once.
    unsent: Vec<u8>,
}

/// What reading a connection came to.
pub(super) enum Received {
    /// The whole answer.
    Answer {
        /// Its status.
        status: u16,
        /// How many bytes at the beginning of what was received are its head.
        head: usize,
        /// How many it has in all.
        length: usize,
    },
    /// More is to come.
    Part,
    /// The other side hung up, or answered what is no HTTP.
    Broken,
}

impl Connection {
    /// Connects, and waits until it is.
    pub(super) fn open(server: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(server)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self { server, stream, received: vec![0; ROOM], filled: 0, unsent: Vec::new() })
    }

    /// The same anew, after the other side hung up.
    pub(super) fn again(&self) -> std::io::Result<Self> {
        Self::open(self.server)
    }

    /// Sends a request; what the socket does not take is kept for [`flush`](Self::flush).
    pub(super) fn send(&mut self, request: &[u8]) -> std::io::Result<()> {
        self.filled = 0;
        match self.stream.write(request) {
            Ok(sent) if sent == request.len() => Ok(()),
            Ok(sent) => {
                self.unsent.extend_from_slice(&request[sent..]);
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.unsent.extend_from_slice(request);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Sends what was kept.
    pub(super) fn flush(&mut self) -> std::io::Result<()> {
        if self.unsent.is_empty() {
            return Ok(());
        }
        match self.stream.write(&self.unsent) {
            Ok(sent) => {
                self.unsent.drain(..sent);
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Reads what has come. Edge-triggered: as long as the answer is not whole, reads until the socket is empty.
    pub(super) fn receive(&mut self) -> Received {
        loop {
            if self.filled == self.received.len() {
                self.received.resize(2 * self.filled, 0);
            }
            match self.stream.read(&mut self.received[self.filled..]) {
                Ok(0) => return Received::Broken,
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Received::Part,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return Received::Broken,
            }
            match whole(&self.received[..self.filled]) {
                Received::Part => {}
                other => return other,
            }
        }
    }

    /// What was received so far.
    pub(super) fn received(&self) -> &[u8] {
        &self.received[..self.filled]
    }
}

/// Whether this is a whole answer.
fn whole(received: &[u8]) -> Received {
    let Some(end) = END_OF_HEAD.find(received) else { return Received::Part };
    // With the line break that ends the last header.
    let (head, body_at) = (&received[..end + 2], end + 4);
    let Some(status) = head.get(9..12).and_then(number).and_then(|status| u16::try_from(status).ok()) else {
        return Received::Broken;
    };
    let length = match content_length(head) {
        Some(length) => length,
        None if status == 204 || status == 304 => 0,
        None => return Received::Broken,
    };
    if received.len() < body_at + length {
        return Received::Part;
    }
    Received::Answer { status, head: body_at, length: body_at + length }
}

fn content_length(head: &[u8]) -> Option<usize> {
    if let Some(at) = LENGTH.find(head) {
        let value = &head[at + LENGTH.needle().len()..];
        return number(&value[..memchr::memchr(b'\r', value)?]);
    }
    std::str::from_utf8(head).ok()?.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    })
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}
