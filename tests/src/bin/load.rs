//! The load generator as a program, for the benchmark and for trying things out by hand:
//! `cargo run --release -p tests --bin load -- closed 127.0.0.1:8080`.
//!
//! Prints one line of JSON. Démarches 1001 to 1250 have to be there, and limits be off.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use serde_json::{Value, json};
use tests::load::{self, Answered, Closed, Generator, Open, usage};

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
        #[arg(long, default_value_t = 256)]
        connections: usize,
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
        Command::Closed { run, connections } => {
            let mut generator = Generator::connect(run.server, connections, run.seed)?;
            let closed = Closed { warm_up: run.warm_up(), measured: run.measured() };
            measure(run.pid, |counting| generator.closed(closed, counting))
        }
        Command::Open { run, connections, rate } => {
            let mut generator = Generator::connect(run.server, connections, run.seed)?;
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

/// Runs a loop, and tells what it and the server used while it counted.
fn measure(
    server: Option<u32>,
    run: impl FnOnce(&mut dyn FnMut()) -> std::io::Result<Answered>,
) -> std::io::Result<Value> {
    let mut seconds = Vec::new();
    let mut look = || {
        let cpu = |pid| usage::of(pid).unwrap_or_default().cpu_seconds;
        seconds.push((cpu(std::process::id()), server.map(cpu)));
    };
    let answered = run(&mut look)?;
    let used =
        |of: fn(&(f64, Option<f64>)) -> Option<f64>| Some(of(seconds.last()?)? - of(seconds.first()?)?);
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
        "generator_cpu_seconds": used(|seconds| Some(seconds.0)),
        "server_cpu_seconds": used(|seconds| seconds.1),
        "server_resident_bytes": memory.map(|memory| memory.resident),
        "server_resident_peak_bytes": memory.map(|memory| memory.resident_peak),
    }))
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
