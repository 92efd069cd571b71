//! The two loops.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;

use super::bodies::Requests;
use super::connection::{Connection, Received};

/// Connections to one server, and what to send over them.
pub struct Generator {
    requests: Requests,
    connections: Vec<Connection>,
    epoll: OwnedFd,
    events: Vec<Event>,
}

/// Each connection asks again as soon as it was answered.
#[derive(Debug, Clone, Copy)]
pub struct Closed {
    /// How long before counting begins.
    pub warm_up: Duration,
    /// How long is counted.
    pub measured: Duration,
    /// Requests to send, the warm-up's among them, even if that takes longer.
    pub at_least: u64,
}

/// How long what was asked is waited for when nothing is answered.
const PATIENCE: Duration = Duration::from_secs(10);

/// The only success there is: the avis is stored. One that merely waits in a spool (202) has cost its server less.
const CREATED: u16 = 201;

/// Requests come at a steady rate.
#[derive(Debug, Clone, Copy)]
pub struct Open {
    /// Requests a second.
    pub rate: u32,
    /// How long before counting begins.
    pub warm_up: Duration,
    /// How long is counted.
    pub measured: Duration,
}

/// What was answered while it was counted.
#[derive(Debug)]
pub struct Answered {
    /// For how long was counted.
    pub time: Duration,
    /// Answers by status.
    pub by_status: BTreeMap<u16, u64>,
    /// Connections that broke.
    pub broken: u64,
    /// Requests that were due and not answered when the run ended.
    pub unanswered: u64,
    /// How long answers took.
    pub latency: Latency,
}

/// How long answers took, to three digits.
#[derive(Debug)]
pub struct Latency(Histogram<u64>);

impl Latency {
    fn new() -> Self {
        // From a microsecond to a minute, in nanoseconds.
        let histogram = Histogram::new_with_bounds(1_000, 60_000_000_000, 3);
        Self(histogram.unwrap_or_else(|error| panic!("a histogram: {error}")))
    }

    fn record(&mut self, time: Duration) {
        self.0.saturating_record(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    }

    /// The time within which this share of answers came (0 to 1; 1 is the longest).
    #[must_use]
    pub fn at(&self, share: f64) -> Duration {
        Duration::from_nanos(self.0.value_at_quantile(share))
    }
}

impl Answered {
    fn new() -> Self {
        Self {
            time: Duration::ZERO,
            by_status: BTreeMap::new(),
            broken: 0,
            unanswered: 0,
            latency: Latency::new(),
        }
    }

    fn count(&mut self, status: u16, time: Duration) {
        *self.by_status.entry(status).or_default() += 1;
        self.latency.record(time);
    }

    /// Avis that were stored (201).
    #[must_use]
    pub fn successes(&self) -> u64 {
        self.by_status.get(&CREATED).copied().unwrap_or_default()
    }

    /// Avis that were stored, a second.
    #[must_use]
    pub fn successes_per_second(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts of one run")]
        let successes = self.successes() as f64;
        successes / self.time.as_secs_f64()
    }
}

impl Generator {
    /// Connects. With `addresses`, requests claim to be forwarded for so many addresses in turn, IPv4 and IPv6.
    ///
    /// # Errors
    /// The server does not take so many connections.
    pub fn connect(
        server: SocketAddr,
        connections: usize,
        seed: u64,
        addresses: Option<NonZeroU32>,
    ) -> std::io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let mut generator = Self {
            requests: Requests::new(server, seed, addresses),
            connections: Vec::with_capacity(connections),
            epoll,
            events: Vec::with_capacity(connections.max(1)),
        };
        for index in 0..connections {
            let connection = Connection::open(server)?;
            generator.watch(index, &connection)?;
            generator.connections.push(connection);
        }
        Ok(generator)
    }

    /// Edge-triggered, so that a connection is registered once and for all.
    fn watch(&self, index: usize, connection: &Connection) -> std::io::Result<()> {
        let flags = EventFlags::IN | EventFlags::OUT | EventFlags::ET;
        Ok(epoll::add(&self.epoll, &connection.stream, EventData::new_u64(index as u64), flags)?)
    }

    /// Opens a broken connection again.
    fn reopen(&mut self, index: usize) -> std::io::Result<()> {
        let connection = self.connections[index].again()?;
        self.watch(index, &connection)?;
        self.connections[index] = connection;
        Ok(())
    }

    fn send(&mut self, index: usize) -> std::io::Result<()> {
        self.connections[index].send(self.requests.take())
    }

    /// Waits until a connection has something, for so long at most; none is for ever.
    fn wait(&mut self, longest: Option<Duration>) -> std::io::Result<()> {
        let longest = longest.map(|time| Timespec {
            tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: time.subsec_nanos().into(),
        });
        self.events.clear();
        match epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut self.events), longest.as_ref()) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// What a connection with an event has come to; none if nothing.
    fn outcome(&mut self, event: Event) -> std::io::Result<Option<(usize, Received)>> {
        let (data, flags) = (event.data, event.flags);
        let index = usize::try_from(data.u64()).unwrap_or(usize::MAX);
        let connection = &mut self.connections[index];
        connection.flush()?;
        if !flags.intersects(EventFlags::IN | EventFlags::HUP | EventFlags::ERR) {
            return Ok(None);
        }
        match connection.receive() {
            Received::Part => Ok(None),
            received => Ok(Some((index, received))),
        }
    }

    /// Asks as fast as answers come. `counting` is called when counting begins and when it ends.
    ///
    /// # Errors
    /// The server is gone.
    pub fn closed(&mut self, run: Closed, mut counting: impl FnMut()) -> std::io::Result<Answered> {
        let start = Instant::now();
        let begin = start + run.warm_up;
        let end = begin + run.measured;
        // When each connection asked; none if it waits for nothing.
        let mut asked = vec![Some(start); self.connections.len()];
        for index in 0..self.connections.len() {
            self.send(index)?;
        }
        let mut answered = Answered::new();
        let mut counts_since = None;
        let mut sent = self.connections.len() as u64;
        let mut waiting = self.connections.len();
        let mut heard = start;
        while waiting > 0 {
            self.wait(Some(Duration::from_secs(1)))?;
            let now = Instant::now();
            if counts_since.is_none() && now >= begin {
                counting();
                counts_since = Some(now);
            }
            // After the end, what was asked is waited for and not counted: it ended outside.
            let silent = now > heard.max(end) + PATIENCE;
            let over = silent || now >= end && sent >= run.at_least;
            if let Some(since) = counts_since
                && over
                && answered.time.is_zero()
            {
                answered.time = now - since;
                counting();
            }
            if silent {
                answered.unanswered = waiting as u64;
                break;
            }
            for place in 0..self.events.len() {
                let Some((index, received)) = self.outcome(self.events[place])? else { continue };
                // Answered after the end, and now hung up on: nobody waits for it.
                let Some(since) = asked[index].take() else { continue };
                heard = now;
                if let Received::Answer { status, .. } = received {
                    if counts_since.is_some() && !over {
                        answered.count(status, now - since);
                    }
                } else {
                    answered.broken += 1;
                    self.reopen(index)?;
                }
                if over {
                    waiting -= 1;
                } else {
                    asked[index] = Some(now);
                    self.send(index)?;
                    sent += 1;
                }
            }
        }
        Ok(answered)
    }

    /// Asks at a steady rate. A request that is due while every connection is busy waits, and its waiting counts.
    ///
    /// # Errors
    /// The server is gone.
    pub fn open(&mut self, run: Open, mut counting: impl FnMut()) -> std::io::Result<Answered> {
        let start = Instant::now();
        let begin = start + run.warm_up;
        let end = begin + run.measured;
        let due = |number: u64| start + Duration::from_nanos(1_000_000_000 * number / u64::from(run.rate));
        let mut answered = Answered::new();
        let mut counts = false;
        let (mut next, mut last) = (0, 0);
        while due(last) < end {
            last += 1;
        }
        // In turn, so that none is idle for so long that the server hangs up.
        let mut idle: VecDeque<usize> = (0..self.connections.len()).collect();
        let mut due_since: Vec<Option<Instant>> = vec![None; self.connections.len()];
        let mut late: VecDeque<Instant> = VecDeque::new();
        loop {
            let mut now = Instant::now();
            if !counts && now >= begin {
                counting();
                counts = true;
            }
            while next < last && due(next) <= now {
                late.push_back(due(next));
                next += 1;
            }
            while let (Some(since), Some(index)) = (late.front().copied(), idle.front().copied()) {
                self.send(index)?;
                due_since[index] = Some(since);
                late.pop_front();
                idle.pop_front();
            }
            let busy = self.connections.len() - idle.len();
            let over = next == last && late.is_empty() && busy == 0;
            if over || now > end + PATIENCE {
                answered.unanswered = (busy + late.len()) as u64;
                break;
            }
            let until = if next < last {
                due(next).saturating_duration_since(now)
            } else {
                Duration::from_millis(100)
            };
            self.wait(Some(until))?;
            now = Instant::now();
            for place in 0..self.events.len() {
                let Some((index, received)) = self.outcome(self.events[place])? else { continue };
                let since = due_since[index].take();
                if let (Received::Answer { status, .. }, Some(since)) = (&received, since) {
                    if since >= begin {
                        answered.count(*status, now - since);
                    }
                } else {
                    // It hung up, or answered what it was not asked: that it does not want to wait any longer.
                    answered.broken += 1;
                    self.reopen(index)?;
                }
                if since.is_some() {
                    idle.push_back(index);
                }
            }
        }
        answered.time = run.measured;
        counting();
        Ok(answered)
    }
}
