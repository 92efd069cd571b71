//! A running collector, started and stopped by us.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::project::Project;

/// What it promises on SIGTERM (contract.md, section 6).
const TIME_TO_STOP: Duration = Duration::from_secs(10);

/// The release binary with one of its commands, to which the caller adds the rest.
pub(crate) fn command(project: &Project, words: &[&str], database: &Path) -> Command {
    let mut command = Command::new(project.collector_binary());
    command.args(words).arg("--database").arg(format!("sqlite://{}", database.display()));
    command
}

/// A collector that serves. Dropped, it is stopped.
pub(crate) struct Collector {
    process: Child,
    address: String,
    /// Kept open, so that it can go on writing there.
    _stdout: BufReader<ChildStdout>,
}

impl Collector {
    /// Starts `collector serve …` and returns once it listens.
    pub(crate) fn start(mut serve: Command) -> Result<Self> {
        let mut process = serve
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .context("cannot start the collector")?;
        let stdout = process.stdout.take().context("the collector has no standard output")?;
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let address = line.trim().trim_end_matches('/').to_owned();
        if !address.starts_with("http://") {
            process.kill()?;
            let status = process.wait()?;
            bail!("the collector did not print its address but {line:?} ({status})");
        }
        Ok(Self { process, address, _stdout: stdout })
    }

    /// What it printed: `http://127.0.0.1:8080`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// How it ended, if it did.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.process.try_wait()?)
    }

    /// Asks it to stop, and insists when it takes longer than it promises.
    pub(crate) fn stop(&mut self) -> Result<ExitStatus> {
        if let Some(status) = self.process.try_wait()? {
            return Ok(status);
        }
        kill_process(Pid::from_child(&self.process), Signal::TERM)?;
        let asked = Instant::now();
        while asked.elapsed() < TIME_TO_STOP {
            if let Some(status) = self.process.try_wait()? {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(20));
        }
        self.process.kill()?;
        self.process.wait()?;
        bail!("the collector was still running {} s after SIGTERM", TIME_TO_STOP.as_secs())
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            crate::exec::complain(&error);
        }
    }
}
