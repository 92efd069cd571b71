//! Programs that take part: started, asked for their address, stopped.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use ureq::Agent;

use crate::{bench::Bench, exec};

/// More than any of them takes to write what it was sent; sixteen million avis may have to be checkpointed.
const TIME_TO_STOP: Duration = Duration::from_mins(1);

/// A program of ours in the background. Dropped, it is stopped.
pub(super) struct Running {
    name: String,
    process: Child,
    /// Kept open: the PostgreSQL of the tests ends when it closes.
    stdin: Option<ChildStdin>,
    stdout: Option<BufReader<ChildStdout>>,
    /// The first line that it printed.
    pub(super) line: String,
    /// Where it shows its metrics.
    metrics: Option<String>,
    /// When it was started.
    pub(super) since: Instant,
}

impl Running {
    /// Starts a program and waits for its first line: its address. What it logs goes to a file, as an operator's does.
    pub(super) fn start(bench: &Bench<'_>, name: &str, command: &mut Command) -> Result<Self> {
        let log = bench.directory.join(format!("{name}.log"));
        let since = Instant::now();
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()
            .with_context(|| format!("cannot start `{}`", exec::shown(command)))?;
        let stdin = process.stdin.take();
        let stdout = process.stdout.take().map(BufReader::new);
        let mut running =
            Self { name: name.to_owned(), process, stdin, stdout, line: String::new(), metrics: None, since };
        running.line = running.next_line()?;
        if running.line.is_empty() {
            running.stop()?;
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            bail!("`{}` ended: {}", exec::shown(command), said.trim());
        }
        Ok(running)
    }

    fn next_line(&mut self) -> Result<String> {
        let mut line = String::new();
        if let Some(stdout) = &mut self.stdout {
            stdout.read_line(&mut line)?;
        }
        Ok(line.trim().to_owned())
    }

    /// One of the programs of `tests`.
    pub(super) fn tool(bench: &Bench<'_>, name: &str, arguments: &[&str]) -> Result<Self> {
        Self::start(bench, name, tool(bench, name).args(arguments))
    }

    /// A collector that serves this database, and counts nobody's requests.
    pub(super) fn collector(bench: &Bench<'_>, name: &str, database: &str, further: &[&str]) -> Result<Self> {
        Self::limited(bench, name, database, &[&["--limits", "off"], further].concat())
    }

    /// A collector that counts requests by address, as one that serves the public does.
    pub(super) fn limited(bench: &Bench<'_>, name: &str, database: &str, further: &[&str]) -> Result<Self> {
        let mut serve = collector(bench, &["serve", "--listen", "127.0.0.1:0"], database);
        serve.args(["--metrics-listen", "127.0.0.1:0", "--spool"]).arg(bench.scratch().join("spool"));
        let mut running = Self::start(bench, name, serve.args(further))?;
        running.metrics = Some(running.next_line()?);
        Ok(running)
    }

    /// What it has committed so far; none if it is no collector.
    pub(super) fn commits(&self) -> Result<Option<Commits>> {
        let Some(metrics) = &self.metrics else { return Ok(None) };
        // Whatever proxy our environment names: it is on this machine.
        let agent: Agent = Agent::config_builder().proxy(None).build().into();
        let text = agent.get(format!("{metrics}/metrics")).call()?.body_mut().read_to_string()?;
        Commits::read(&text).map(Some)
    }

    /// As its log is called.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// `127.0.0.1:8080`.
    pub(super) fn authority(&self) -> &str {
        self.line.trim_start_matches("http://")
    }

    pub(super) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Waits until it says that it is ready, and how long that was after its start.
    pub(super) fn ready(&self) -> Result<Duration> {
        let address: SocketAddr = self.authority().parse()?;
        while self.since.elapsed() < TIME_TO_STOP {
            if is_ready(address).unwrap_or(false) {
                return Ok(self.since.elapsed());
            }
            thread::sleep(Duration::from_millis(1));
        }
        bail!("{} did not get ready", self.line)
    }

    /// Bytes of memory, from `/proc`: `VmRSS` is what it holds, `VmHWM` the most it ever held.
    pub(super) fn memory(&self, name: &str) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let kibibytes: u64 =
            line.and_then(|line| line.split_whitespace().next()).unwrap_or_default().parse()?;
        Ok(kibibytes * 1024)
    }

    pub(super) fn stop(&mut self) -> Result<()> {
        drop(self.stdin.take());
        if self.process.try_wait()?.is_some() {
            return Ok(());
        }
        kill_process(Pid::from_child(&self.process), Signal::TERM)?;
        let asked = Instant::now();
        while asked.elapsed() < TIME_TO_STOP {
            if self.process.try_wait()?.is_some() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(10));
        }
        self.process.kill()?;
        self.process.wait()?;
        bail!("{} was still running {} s after SIGTERM", self.line, TIME_TO_STOP.as_secs())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            exec::complain(&error);
        }
    }
}

/// What a collector has committed, by its own metrics.
#[derive(Clone, Copy)]
pub(super) struct Commits {
    writes: f64,
    count: f64,
    seconds: f64,
}

impl Commits {
    fn read(metrics: &str) -> Result<Self> {
        let value = |name: &str| {
            let mut lines = metrics.lines();
            let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
            value.with_context(|| format!("no {name} in the metrics"))
        };
        Ok(Self {
            writes: value("avis_batch_size_sum")?,
            count: value("avis_batch_size_count")?,
            seconds: value("avis_commit_seconds_sum")?,
        })
    }

    /// Those since.
    pub(super) fn since(self, before: Self) -> Self {
        Self {
            writes: self.writes - before.writes,
            count: self.count - before.count,
            seconds: self.seconds - before.seconds,
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            writes: self.writes + other.writes,
            count: self.count + other.count,
            seconds: self.seconds + other.seconds,
        }
    }

    /// Means: where the time goes.
    pub(super) fn words(self) -> String {
        let count = self.count.max(1.0);
        format!("{:.1} avis a commit of {:.1} ms", self.writes / count, 1e3 * self.seconds / count)
    }
}

/// One of the programs of `tests`.
pub(super) fn tool(bench: &Bench<'_>, name: &str) -> Command {
    alone(bench.project.release_binary(name))
}

/// A command of the collector.
pub(super) fn collector(bench: &Bench<'_>, words: &[&str], database: &str) -> Command {
    let mut command = alone(bench.project.collector_binary());
    command.args(words).args(["--database", database]);
    command
}

/// A program with nothing of our environment but what says where things are. Much of the rest would be heard: settings
/// for another collector (`AVIS_…`) or PostgreSQL (`PG…`), for runtimes and allocators (`TOKIO_WORKER_THREADS`,
/// `MIMALLOC_…`, `LD_PRELOAD`).
fn alone(program: PathBuf) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    for name in ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    command
}

/// Runs the load generator; its report.
pub(super) fn load<S: AsRef<std::ffi::OsStr>>(
    bench: &Bench<'_>,
    arguments: impl IntoIterator<Item = S>,
) -> Result<Value> {
    Ok(serde_json::from_str(&exec::read(tool(bench, "load").args(arguments))?)?)
}

/// By hand, over a connection of its own: the first answer is what is waited for.
fn is_ready(address: SocketAddr) -> Result<bool> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(stream, "GET /health/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    Ok(status.ends_with(b" 200"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_are_read_from_metrics() {
        let metrics = "# TYPE avis_batch_size histogram\navis_batch_size_sum 30.0\navis_batch_size_count 12\n\
            avis_commit_seconds_sum 0.06\navis_commit_seconds_count 12\n# EOF\n";
        let before = Commits { writes: 6.0, count: 4.0, seconds: 0.02 };
        assert_eq!(Commits::read(metrics).unwrap().since(before).words(), "3.0 avis a commit of 5.0 ms");
        assert!(Commits::read("# EOF").is_err());
    }
}
