//! A bad network between a browser and the collector.

use std::collections::{HashSet, VecDeque};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::collector::TestCollector;
use crate::site::{Request, listen};

/// What happens to one request that writes (`POST`, `PATCH`, `DELETE`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The network is gone: the connection closes before the collector hears anything.
    Offline,
    /// The collector accepts it, and the answer is lost on the way back.
    AnswerLost,
    /// Something on the way answers 429 in the collector's place.
    TooManyRequests,
    /// Something on the way answers 503 in the collector's place.
    Unavailable,
    /// The answer stays away until [`BadNetwork::release`].
    Slow,
    /// No connection lasts: each is closed before a request can be made.
    NoConnection,
    /// The connection closes when half of the request has arrived at the collector.
    CutInside,
    /// Something on the way answers 500 in the collector's place.
    ServerError,
    /// Nothing is heard of the request until [`BadNetwork::heal`], and nothing came of it then.
    Hang,
    /// The collector accepts it, and nothing is heard of it until the browser gives it up.
    NeverAnswered,
}

impl Fault {
    /// Whether the collector has what was written, whatever the browser hears of it.
    #[must_use]
    pub fn arrives(self) -> bool {
        matches!(self, Self::AnswerLost | Self::Slow | Self::NeverAnswered)
    }
}

/// A proxy in front of a collector that lets a test say what happens to the next writes. Reads pass, but for the wasm
/// where a test has it wait.
#[derive(Debug)]
pub struct BadNetwork {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    plan: Mutex<Plan>,
    released: Condvar,
}

#[derive(Debug, Default)]
struct Plan {
    faults: VecDeque<Fault>,
    /// What every write meets, if there are no others first.
    outage: Option<Fault>,
    writes: Vec<String>,
    held: usize,
    holds_wasm: bool,
}

impl BadNetwork {
    /// A network that does no harm yet.
    #[must_use]
    pub fn before(collector: &TestCollector) -> Self {
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let upstream = collector.authority().to_owned();
        let address = listen(move |stream| shared.pass(stream, &upstream));
        Self { address, state }
    }

    /// The address browsers take for the collector's.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next writes meet these, one each; those after them pass.
    pub fn next(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state.plan().faults.extend(faults);
    }

    /// Every write meets this, until [`heal`](Self::heal).
    pub fn strike(&self, fault: Fault) {
        self.state.plan().outage = Some(fault);
    }

    /// The network is as good as new.
    pub fn heal(&self) {
        self.state.plan().outage = None;
        self.state.released.notify_all();
    }

    /// The wasm stays away until [`release`](Self::release): a slow line, on which the page is there long before.
    pub fn hold_wasm(&self) {
        self.state.plan().holds_wasm = true;
    }

    /// Lets the answers that are held go.
    pub fn release(&self) {
        let mut plan = self.state.plan();
        plan.held = 0;
        plan.holds_wasm = false;
        drop(plan);
        self.state.released.notify_all();
    }

    /// The writes that came by, each as its request line and headers.
    #[must_use]
    pub fn writes(&self) -> Vec<String> {
        self.state.plan().writes.clone()
    }

    /// The idempotency keys of the `POST`s that came by: as many as there may be avis, whatever is repeated later.
    #[must_use]
    pub fn keys(&self) -> HashSet<String> {
        let is_key = |line: &&str| line.to_lowercase().starts_with("idempotency-key");
        let writes = self.writes();
        let posts = writes.iter().filter(|write| write.starts_with("POST"));
        posts.flat_map(|write| write.lines()).filter(is_key).map(str::to_owned).collect()
    }
}

impl State {
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pass(&self, mut stream: TcpStream, upstream: &str) -> std::io::Result<()> {
        if self.plan().outage == Some(Fault::NoConnection) {
            return Ok(());
        }
        let request = Request::read(&mut stream)?;
        let fault = self.fault_of(&request);
        match fault {
            Some(Fault::Offline | Fault::NoConnection) => return Ok(()),
            Some(Fault::CutInside) => return send_half(&request, upstream),
            Some(Fault::Hang) => {
                let plan = self.plan();
                drop(
                    self.released
                        .wait_while(plan, |plan| plan.outage.is_some())
                        .unwrap_or_else(PoisonError::into_inner),
                );
                return Ok(());
            }
            Some(Fault::ServerError) => {
                return refuse(&mut stream, &request, "500 Internal Server Error");
            }
            Some(Fault::TooManyRequests) => {
                return refuse(&mut stream, &request, "429 Too Many Requests");
            }
            Some(Fault::Unavailable) => {
                return refuse(&mut stream, &request, "503 Service Unavailable");
            }
            Some(Fault::AnswerLost | Fault::Slow | Fault::NeverAnswered) | None => {}
        }
        let answer = forward(&request, upstream)?;
        if fault == Some(Fault::AnswerLost) {
            return Ok(());
        }
        if fault == Some(Fault::NeverAnswered) {
            // However long that takes.
            stream.set_read_timeout(None)?;
            return stream.read_to_end(&mut Vec::new()).map(drop);
        }
        if fault == Some(Fault::Slow) {
            let mut plan = self.plan();
            plan.held += 1;
            drop(
                self.released.wait_while(plan, |plan| plan.held > 0).unwrap_or_else(PoisonError::into_inner),
            );
        }
        stream.write_all(&answer)
    }

    fn fault_of(&self, request: &Request) -> Option<Fault> {
        let mut plan = self.plan();
        if request.target.contains(".wasm") {
            return plan.holds_wasm.then_some(Fault::Slow);
        }
        if !matches!(request.method.as_str(), "POST" | "PATCH" | "DELETE") {
            return None;
        }
        plan.writes.push(format!("{} {}\n{}", request.method, request.target, request.headers.join("\n")));
        plan.faults.pop_front().or(plan.outage)
    }
}

pub(crate) fn forward(request: &Request, upstream: &str) -> std::io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(upstream)?;
    server.write_all(head(request).as_bytes())?;
    server.write_all(&request.body)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    Ok(answer)
}

/// All of the request but the second half of its body.
fn send_half(request: &Request, upstream: &str) -> std::io::Result<()> {
    let mut server = TcpStream::connect(upstream)?;
    server.write_all(head(request).as_bytes())?;
    server.write_all(&request.body[..request.body.len() / 2])
}

fn head(request: &Request) -> String {
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.target);
    for line in &request.headers {
        let name = line.split(':').next().unwrap_or_default();
        if !name.eq_ignore_ascii_case("connection") {
            head.push_str(line);
            head.push_str("\r\n");
        }
    }
    // One request a connection: the end of the answer is then the end of the stream.
    head.push_str("Connection: close\r\n\r\n");
    head
}

fn refuse(stream: &mut TcpStream, request: &Request, status: &str) -> std::io::Result<()> {
    // What answers in place of the collector, a gateway mostly, knows nothing of problems, and sends CORS
    // headers at best.
    let origin = request
        .headers
        .iter()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("origin"))
        .map_or("*", |(_, value)| value.trim());
    stream.write_all(
        format!(
            "HTTP/1.1 {status}\r\nAccess-Control-Allow-Origin: {origin}\r\nRetry-After: 1\r\n\
             Access-Control-Expose-Headers: Retry-After\r\nContent-Type: text/plain\r\n\
             Content-Length: 0\r\nConnection: close\r\n\r\n"
        )
        .as_bytes(),
    )
}
