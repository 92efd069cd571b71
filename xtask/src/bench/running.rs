//! Programs that take part: started, asked for their address, stopped.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::{Child, ChildStdin, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::{bench::Bench, exec};

/// More than any of them takes to write what it was sent; sixteen million avis may have to be checkpointed.
const TIME_TO_STOP: Duration = Duration::from_mins(1);

/// A program of ours in the background. Dropped, it is stopped.
pub(super) struct Running {
    process: Child,
    /// Kept open: the PostgreSQL of the tests ends when it closes.
    stdin: Option<ChildStdin>,
    /// The first line that it printed.
    pub(super) line: String,
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
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let mut running = Self { process, stdin, line: line.trim().to_owned(), since };
        if running.line.is_empty() {
            running.stop()?;
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            bail!("`{}` ended: {}", exec::shown(command), said.trim());
        }
        Ok(running)
    }

    /// One of the programs of `tests`.
    pub(super) fn tool(bench: &Bench<'_>, name: &str, arguments: &[&str]) -> Result<Self> {
        Self::start(bench, name, tool(bench, name).args(arguments))
    }

    /// A collector that serves this database.
    pub(super) fn collector(bench: &Bench<'_>, name: &str, database: &str, further: &[&str]) -> Result<Self> {
        let mut serve = collector(bench, &["serve", "--listen", "127.0.0.1:0", "--limits", "off"], database);
        Self::start(bench, name, serve.args(further))
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

/// One of the programs of `tests`.
pub(super) fn tool(bench: &Bench<'_>, name: &str) -> Command {
    without_settings(Command::new(bench.project.release_binary(name)))
}

/// A command of the collector.
pub(super) fn collector(bench: &Bench<'_>, words: &[&str], database: &str) -> Command {
    let mut command = without_settings(Command::new(bench.project.collector_binary()));
    command.args(words).args(["--database", database]);
    command
}

/// What the surroundings set for a collector of theirs must not reach those that are measured.
fn without_settings(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AVIS_") {
            command.env_remove(name);
        }
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
