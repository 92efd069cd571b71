//! Somebody between a browser and the collector who changes what comes by.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use crate::collector::TestCollector;
use crate::faults::forward;
use crate::site::{Request, listen};

/// A proxy in front of a collector that notes what is asked for, and adds bytes to what a test names.
#[derive(Debug)]
pub struct Tampering {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    requests: Vec<String>,
    added: Option<(&'static str, &'static [u8])>,
}

impl Tampering {
    /// One that changes nothing yet.
    #[must_use]
    pub fn before(collector: &TestCollector) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let (shared, upstream) = (Arc::clone(&state), collector.authority().to_owned());
        let address = listen(move |stream| pass(&shared, stream, &upstream));
        Self { address, state }
    }

    /// The address browsers take for the collector's.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Adds bytes to the end of whatever has this in its address.
    pub fn add(&self, part_of_address: &'static str, bytes: &'static [u8]) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).added = Some((part_of_address, bytes));
    }

    /// The addresses that were asked for, in their order.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).requests.clone()
    }
}

fn pass(state: &Mutex<State>, mut stream: TcpStream, upstream: &str) -> std::io::Result<()> {
    let mut request = Request::read(&mut stream)?;
    // What is coded could not be added to.
    request.headers.retain(|line| !line.to_ascii_lowercase().starts_with("accept-encoding:"));
    let added = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.requests.push(request.target.clone());
        state.added.filter(|(part, _)| request.target.contains(part))
    };
    let answer = forward(&request, upstream)?;
    let Some((_, bytes)) = added else { return stream.write_all(&answer) };
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(answer.len());
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    // The end of the stream is the end of the answer.
    let lines = head.split("\r\n").filter(|line| !line.to_ascii_lowercase().starts_with("content-length"));
    stream.write_all(lines.collect::<Vec<_>>().join("\r\n").as_bytes())?;
    stream.write_all(&answer[end..])?;
    stream.write_all(bytes)
}
