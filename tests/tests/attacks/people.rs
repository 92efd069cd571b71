//! People who send avis at a steady rate, whatever else goes on.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use uuid::Uuid;

/// Avis a second: what a State's busiest day has in its busiest hour, tenfold.
const RATE: u64 = 50;

/// Far above what anybody waits, so that only what never comes fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// A minute, in microseconds: nothing takes longer.
const LONGEST: u64 = 60_000_000;

/// What honest people say; nobody else here does.
const ANSWER: &str = "tres_bien";

/// People at work.
pub(crate) struct People {
    stop: oneshot::Sender<()>,
    work: JoinHandle<Served>,
}

/// How they were served.
pub(crate) struct Served {
    /// From when a request was due until it was answered, in microseconds.
    latency: Histogram<u64>,
    /// Those that were not answered by a 201, and why.
    failures: Vec<String>,
}

impl People {
    /// Has people begin, each with a connection and an address of their own, as a trusted proxy tells them.
    pub(crate) fn begin(collector: SocketAddr) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let work = tokio::spawn(async move {
            let mut served =
                Served { latency: Histogram::new_with_bounds(1, LONGEST, 3).unwrap(), failures: Vec::new() };
            let mut under_way = JoinSet::new();
            let mut due = interval(Duration::from_micros(1_000_000 / RATE));
            due.set_missed_tick_behavior(MissedTickBehavior::Burst);
            for number in 0_u32.. {
                tokio::select! {
                    // Late where the machine is busy: the wait counts from when it was due.
                    at = due.tick() => { under_way.spawn(send(collector, number, at)); }
                    _ = &mut stopped => break,
                }
                while let Some(sent) = under_way.try_join_next() {
                    served.count(sent.unwrap());
                }
            }
            while let Some(sent) = under_way.join_next().await {
                served.count(sent.unwrap());
            }
            served
        });
        Self { stop, work }
    }

    /// Has them finish what they began.
    pub(crate) async fn finish(self) -> Served {
        let _ = self.stop.send(());
        self.work.await.unwrap()
    }
}

async fn send(collector: SocketAddr, number: u32, due: Instant) -> Result<Duration, String> {
    let answer = timeout(PATIENCE, exchange(collector, number)).await;
    match answer {
        Ok(Ok(answer)) if answer.starts_with("HTTP/1.1 201 ") => Ok(due.elapsed()),
        Ok(Ok(answer)) => Err(answer.lines().next().unwrap_or("nothing").to_owned()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer in {PATIENCE:?}")),
    }
}

async fn exchange(collector: SocketAddr, number: u32) -> io::Result<String> {
    let body = format!(r#"{{"demarche":"3059","answers":{{"satisfaction":"{ANSWER}"}}}}"#);
    // Each from another network, and far from the one before: a crowd that shares one is another matter.
    let [a, b, c, _] = number.reverse_bits().to_be_bytes();
    let request = format!(
        "POST /api/v1/avis HTTP/1.1\r\nHost: avis.example.fr\r\nContent-Type: application/json\r\n\
         X-Forwarded-For: 100.{a}.{b}.{c}\r\nIdempotency-Key: {key}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}",
        key = Uuid::new_v4(),
        length = body.len(),
    );
    let mut stream = TcpStream::connect(collector).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

impl Served {
    fn count(&mut self, sent: Result<Duration, String>) {
        match sent {
            Ok(time) => self.latency.saturating_record(u64::try_from(time.as_micros()).unwrap_or(u64::MAX)),
            Err(failure) => self.failures.push(failure),
        }
    }

    /// How many avis of theirs were accepted.
    pub(crate) fn accepted(&self) -> u64 {
        self.latency.len()
    }

    pub(crate) fn failures(&self) -> &[String] {
        &self.failures
    }
}

impl fmt::Display for Served {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |share| Duration::from_micros(self.latency.value_at_quantile(share));
        write!(
            formatter,
            "{:>5} avis, p50 {:>8.1?}, p99 {:>8.1?}, {} failed",
            self.accepted(),
            at(0.5),
            at(0.99),
            self.failures.len()
        )
    }
}
