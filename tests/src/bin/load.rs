//! The load generator as a program, for the benchmark and for trying things out by hand:
//! `cargo run --release -p tests --bin load -- closed 127.0.0.1:8080`.
//!
//! Prints one line of JSON. Démarches 1001 to 1250 have to be there, and limits be off.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::process::ExitCode;
use std::time::Duration;

use ::tests::load::usage::{self, Ticks};
use ::tests::load::{self, Answered, Closed, Generator, Open};
use clap::{Args, Parser, Subcommand};
use serde_json::{Value, json};

/// Loads a server with avis of the real shape.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// As fast as answers come
    Closed {
        #[command(flatten)]
        run: Run,
        /// Connections, each with one request at a time
        #[arg(long, default_value_t = 512)]
        connections: usize,
        /// Goes on until a request was sent for each of so many addresses (X-Forwarded-For)
        #[arg(long)]
        addresses: Option<NonZeroU32>,
    },
    /// At a steady rate, latencies counted from the moment each request was due
    Open {
        #[command(flatten)]
        run: Run,
        /// Connections; a request that finds all of them busy waits
        #[arg(long, default_value_t = 64)]
        connections: usize,
        /// Requests a second
        #[arg(long, default_value_t = 1000)]
        rate: u32,
    },
    /// Reads documents one after the other, from several servers in turn
    Read {
        /// A server (repeatable)
        #[arg(long, required = true)]
        server: Vec<SocketAddr>,
        /// What to read (repeatable)
        #[arg(long, required = true)]
        path: Vec<String>,
        /// How many times all of it
        #[arg(long, default_value_t = 1)]
        rounds: usize,
        /// An entity tag to send along
        #[arg(long)]
        if_none_match: Option<String>,
    },
}

#[derive(Args)]
struct Run {
    /// The server
    server: SocketAddr,
    /// How long is counted
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// How long before counting begins
    #[arg(long, default_value_t = 1.0)]
    warm_up: f64,
    /// Which avis
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The server's process, whose processor time and memory are told too
    #[arg(long)]
    pid: Option<u32>,
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool prints its figures")]
fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> std::io::Result<Value> {
    match command {
        Command::Closed { run, connections, addresses } => {
            let mut generator = Generator::connect(run.server, connections, run.seed, addresses)?;
            let at_least = addresses.map_or(0, NonZeroU32::get).into();
            let closed = Closed { warm_up: run.warm_up(), measured: run.measured(), at_least };
            measure(run.pid, |counting| generator.closed(closed, counting))
        }
        Command::Open { run, connections, rate } => {
            let mut generator = Generator::connect(run.server, connections, run.seed, None)?;
            let open = Open { rate, warm_up: run.warm_up(), measured: run.measured() };
            measure(run.pid, |counting| generator.open(open, counting))
        }
        Command::Read { server, path, rounds, if_none_match } => {
            let paths: Vec<String> = std::iter::repeat_n(path, rounds).flatten().collect();
            let reads = load::read(&server, &paths, if_none_match.as_deref())?;
            Ok(reads
                .into_iter()
                .map(|reads| {
                    let milliseconds: Vec<f64> = reads.times.into_iter().map(milliseconds).collect();
                    json!({
                        "milliseconds": milliseconds, "statuses": reads.statuses,
                        "bytes": reads.bytes, "etag": reads.etag,
                    })
                })
                .collect())
        }
    }
}

impl Run {
    fn warm_up(&self) -> Duration {
        Duration::from_secs_f64(self.warm_up)
    }

    fn measured(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }
}

/// What was used up to a moment: seconds of processor of the generator and of the server, and the whole machine's.
struct Look {
    generator: f64,
    server: Option<f64>,
    machine: Ticks,
}

/// Runs a loop, and tells what it, the server and the machine used while it counted.
fn measure(
    server: Option<u32>,
    run: impl FnOnce(&mut dyn FnMut()) -> std::io::Result<Answered>,
) -> std::io::Result<Value> {
    let mut looks = Vec::new();
    let mut look = || {
        let cpu = |pid| usage::of(pid).unwrap_or_default().cpu_seconds;
        looks.push(Look {
            generator: cpu(std::process::id()),
            server: server.map(cpu),
            machine: usage::of_machine(),
        });
    };
    let answered = run(&mut look)?;
    let between = looks.first().zip(looks.last());
    let used = |of: fn(&Look) -> Option<f64>| between.and_then(|(first, last)| Some(of(last)? - of(first)?));
    let memory = server.and_then(usage::of);
    let latency = |share| milliseconds(answered.latency.at(share));
    Ok(json!({
        "seconds": answered.time.as_secs_f64(),
        "by_status": answered.by_status,
        "broken": answered.broken,
        "unanswered": answered.unanswered,
        "successes": answered.successes(),
        "successes_per_second": answered.successes_per_second(),
        "latency_ms": {
            "p50": latency(0.5), "p90": latency(0.9), "p99": latency(0.99), "p99.9": latency(0.999), "max": latency(1.0),
        },
        "generator_cpu_seconds": used(|look| Some(look.generator)),
        "server_cpu_seconds": used(|look| look.server),
        "machine_busy": between.map(|(first, last)| last.machine.busy_since(first.machine)),
        "server_resident_bytes": memory.map(|memory| memory.resident),
        "server_resident_peak_bytes": memory.map(|memory| memory.resident_peak),
    }))
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::thread;
    use std::time::Instant;

    use super::*;

    const MEASURED: Duration = Duration::from_millis(100);

    /// Answers at once at first; from half of the run on, keeps a request until `kept`, answers, and hangs up.
    fn serve(mut stream: TcpStream, begun: Instant, kept: Duration) {
        let mut request = [0; 8 * 1024];
        loop {
            let _ = stream.read(&mut request).unwrap();
            let is_last = begun.elapsed() > MEASURED / 2;
            if is_last {
                thread::sleep(kept.saturating_sub(begun.elapsed()));
            }
            stream.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n").unwrap();
            if is_last {
                return;
            }
        }
    }

    #[test]
    fn who_is_answered_after_the_end_and_then_hung_up_on_is_not_waited_for_twice() {
        let kept = [2 * MEASURED, 5 * MEASURED];
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut generator = Generator::connect(listener.local_addr().unwrap(), kept.len(), 1, None).unwrap();
        let begun = Instant::now();
        for kept in kept {
            let (stream, _) = listener.accept().unwrap();
            thread::spawn(move || serve(stream, begun, kept));
        }
        let closed = Closed { warm_up: Duration::ZERO, measured: MEASURED, at_least: 0 };
        let answered = generator.closed(closed, || ()).unwrap();
        assert!(begun.elapsed() >= kept[1], "the second one was not waited for");
        assert_eq!((answered.unanswered, answered.broken), (0, 0));
    }
}
