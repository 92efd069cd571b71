//! A bad network between the collector and PostgreSQL.

use std::collections::HashMap;
use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::postgres::Cluster;
use crate::{port, wait};

/// At which moment of a commit the connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// The server never hears of the commit, and rolls back.
    BeforeCommit,
    /// The server has committed, and its answer is lost.
    AfterCommit,
}

/// A proxy in front of PostgreSQL that does to connections what a test says. It reads PostgreSQL's own
/// protocol, without encryption, as far as it takes to see a commit go by.
///
/// Its address stays the same whatever happens to the network. Dropping it ends every connection through it.
#[derive(Debug)]
pub struct Wire {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Who accepts connections, unless the network is gone.
    accepting: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    server: String,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    is_gone: bool,
    is_silent: bool,
    next_break: Option<Break>,
    breaks: usize,
    last_connection: u64,
    /// Both ends of each connection that is open.
    connections: HashMap<u64, [TcpStream; 2]>,
}

impl Wire {
    /// A network in front of `server` that does no harm yet.
    ///
    /// # Panics
    ///
    /// When there is no free port.
    #[must_use]
    pub fn before(server: &Cluster) -> Self {
        let shared = Shared { server: server.authority(), state: Mutex::default(), changed: Condvar::new() };
        let address = SocketAddr::from(([127, 0, 0, 1], port::free()));
        let mut wire = Self { address, shared: Arc::new(shared), accepting: None };
        wire.pass();
        wire
    }

    /// The address of a database by way of this network, from its own.
    ///
    /// # Panics
    ///
    /// When that database is on another server.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        assert!(database.contains(&self.shared.server), "{database} is not on {}", self.shared.server);
        database.replacen(&self.shared.server, &self.address.to_string(), 1)
    }

    /// Everything passes. What was held back by [`silence`](Self::silence) goes on its way, however late.
    ///
    /// # Panics
    ///
    /// When somebody took the port while the network was gone.
    pub fn pass(&mut self) {
        self.shared.change(|state| (state.is_gone, state.is_silent) = (false, false));
        if self.accepting.is_none() {
            let listener =
                TcpListener::bind(self.address).unwrap_or_else(|error| panic!("{}: {error}", self.address));
            let shared = Arc::clone(&self.shared);
            self.accepting = Some(std::thread::spawn(move || shared.accept(&listener)));
        }
    }

    /// The network is gone: every connection breaks now, and new ones are refused until [`pass`](Self::pass).
    pub fn cut(&mut self) {
        self.shared.change(|state| {
            state.is_gone = true;
            state.break_connections();
        });
        if let Some(accepting) = self.accepting.take() {
            // Wakes who waits for a connection. That nobody does any more is as good.
            let _ = TcpStream::connect(self.address);
            // It only panics when the test has failed already.
            let _ = accepting.join();
        }
    }

    /// A black hole: connections stay open and new ones are accepted, but nothing comes through in either
    /// direction until [`pass`](Self::pass). What was sent meanwhile arrives late then, even of a connection that the
    /// client has given up since: networks do that too. After [`cut`](Self::cut), it never arrives.
    pub fn silence(&self) {
        self.shared.change(|state| state.is_silent = true);
    }

    /// Every connection breaks now; new ones pass.
    pub fn break_connections(&self) {
        self.shared.change(State::break_connections);
    }

    /// The connection of the next commit breaks at that moment, once. All others, and new ones, pass.
    ///
    /// A commit is a `COMMIT`: what a statement outside of any transaction commits by itself passes.
    pub fn break_next_commit(&self, moment: Break) {
        self.shared.change(|state| state.next_break = Some(moment));
    }

    /// How many commits have been broken.
    #[must_use]
    pub fn breaks(&self) -> usize {
        self.shared.state().breaks
    }

    /// Waits until that many commits have been broken.
    ///
    /// # Panics
    ///
    /// When they never come.
    pub async fn has_broken(&self, commits: usize) {
        wait::until("a commit to break", async || match self.breaks() {
            breaks if breaks >= commits => Ok(()),
            breaks => Err(format!("{breaks} broken")),
        })
        .await;
    }

    /// How many connections are open.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.state().connections.len()
    }
}

impl State {
    fn break_connections(&mut self) {
        for end in self.connections.drain().flat_map(|(_, ends)| ends) {
            // One that has ended by itself is no concern.
            let _ = end.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.cut();
    }
}

/// Which way a message goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    ToServer,
    ToClient,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for client in listener.incoming().flatten() {
            if self.state().is_gone {
                return;
            }
            let shared = Arc::clone(self);
            std::thread::spawn(move || {
                // What becomes of a connection is what the test asserts, at its ends.
                let _ = shared.connect(&client);
            });
        }
    }

    /// Carries one connection to its end.
    fn connect(self: &Arc<Self>, client: &TcpStream) -> io::Result<()> {
        let server = {
            // As long as nothing comes through, the server hears of nobody.
            let state = self.audible();
            if state.is_gone {
                return Ok(());
            }
            drop(state);
            TcpStream::connect(&self.server)?
        };
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let ends = [client.try_clone()?, server.try_clone()?];
        let mut state = self.state();
        if state.is_gone {
            return Ok(());
        }
        state.last_connection += 1;
        let id = state.last_connection;
        state.connections.insert(id, ends);
        drop(state);

        let back = {
            let (shared, server, client) = (Arc::clone(self), server.try_clone()?, client.try_clone()?);
            std::thread::spawn(move || {
                let carried = shared.carry(id, Direction::ToClient, &server, &client);
                shared.end(id);
                carried
            })
        };
        // The server learns that the client has gone, and may still have something to say: its end is the
        // connection's.
        let carried = self.say_hello(id, client, &server).and_then(|greeted| {
            if greeted { self.carry(id, Direction::ToServer, client, &server) } else { Ok(()) }
        });
        let _ = server.shutdown(Shutdown::Write);
        let _ = back.join();
        carried
    }

    /// Passes the client's first message, the only one without a type. False when there was none. Asked for
    /// encryption, it answers by itself that there is none.
    fn say_hello(&self, id: u64, mut client: &TcpStream, mut server: &TcpStream) -> io::Result<bool> {
        const WANTS_TLS: u32 = 80_877_103;
        const WANTS_GSS: u32 = 80_877_104;
        loop {
            let mut message = vec![0; 4];
            if client.read(&mut message[..1])? == 0 {
                return Ok(false);
            }
            client.read_exact(&mut message[1..])?;
            read_rest(&mut client, &mut message, 0)?;
            let wanted = message.get(4..8).map(big_endian);
            if !matches!(wanted, Some(WANTS_TLS | WANTS_GSS)) {
                if !self.audible().connections.contains_key(&id) {
                    return Ok(false);
                }
                server.write_all(&message)?;
                return Ok(true);
            }
            client.write_all(b"N")?;
        }
    }

    /// Carries messages one way until there are no more of them, or the connection breaks.
    fn carry(&self, id: u64, direction: Direction, from: &TcpStream, mut to: &TcpStream) -> io::Result<()> {
        let mut from = BufReader::with_capacity(1 << 16, from);
        let mut ready = Vec::new();
        let mut prepared = PreparedCommits::default();
        loop {
            let mut message = vec![0; 5];
            if from.read(&mut message[..1])? == 0 {
                return Ok(());
            }
            from.read_exact(&mut message[1..])?;
            read_rest(&mut from, &mut message, 1)?;

            let breaks_at = match direction {
                Direction::ToServer => prepared.asks_to_commit(&message).then_some(Break::BeforeCommit),
                Direction::ToClient => has_committed(&message).then_some(Break::AfterCommit),
            };
            let mut state = self.audible();
            // Broken while this was on its way.
            if !state.connections.contains_key(&id) {
                return Ok(());
            }
            if breaks_at.is_some() && state.next_break == breaks_at {
                state.next_break = None;
                state.breaks += 1;
                drop(state);
                // What came before it on the same connection has still arrived.
                to.write_all(&ready)?;
                self.end(id);
                return Ok(());
            }
            drop(state);
            ready.append(&mut message);
            // What has arrived together goes on together: one packet, not one for each message.
            if from.buffer().is_empty() {
                to.write_all(&ready)?;
                ready.clear();
            }
        }
    }

    /// Waits while nothing comes through.
    fn audible(&self) -> MutexGuard<'_, State> {
        self.changed
            .wait_while(self.state(), |state| state.is_silent && !state.is_gone)
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, id: u64) {
        self.change(|state| {
            for end in state.connections.remove(&id).into_iter().flatten() {
                let _ = end.shutdown(Shutdown::Both);
            }
        });
    }
}

/// The prepared statements of a connection that commit, by name.
#[derive(Default)]
struct PreparedCommits(Vec<Vec<u8>>);

impl PreparedCommits {
    /// Whether the client commits with this message: a query of its own, or a prepared one to be executed.
    fn asks_to_commit(&mut self, message: &[u8]) -> bool {
        let (kind, mut strings) = (message[0], message[5..].split(|byte| *byte == 0));
        let mut next = || strings.next().unwrap_or_default();
        match kind {
            b'Q' => is_commit(next()),
            b'P' => {
                let (name, query) = (next(), next());
                self.0.retain(|known| known != name);
                if is_commit(query) {
                    self.0.push(name.to_vec());
                }
                false
            }
            b'B' => {
                let (_portal, name) = (next(), next());
                self.0.iter().any(|known| known == name)
            }
            _ => false,
        }
    }
}

fn is_commit(query: &[u8]) -> bool {
    let query = query.trim_ascii();
    query.strip_suffix(b";").unwrap_or(query).trim_ascii().eq_ignore_ascii_case(b"commit")
}

/// Whether the server says that it has committed; a commit of what failed before says `ROLLBACK`.
fn has_committed(message: &[u8]) -> bool {
    message[0] == b'C' && &message[5..] == b"COMMIT\0"
}

/// Reads what follows the length of a message, which is at `start` and counts itself.
fn read_rest(from: &mut impl Read, message: &mut Vec<u8>, start: usize) -> io::Result<()> {
    let length = usize::try_from(big_endian(&message[start..])).unwrap_or(usize::MAX);
    let header = message.len();
    let end = start.saturating_add(length);
    if length < 4 || end > (1 << 30) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "not a message of PostgreSQL"));
    }
    message.resize(end, 0);
    from.read_exact(&mut message[header..])
}

/// The first four bytes as a number.
fn big_endian(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
}
