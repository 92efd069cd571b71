//! One step of `cargo xtask test`: something to run, what it printed and what came of it.

use std::{
    io::{self, BufRead as _, BufReader},
    process::{Command, ExitStatus},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

use crate::{
    exec,
    project::Project,
    test::{
        postgres::Postgres,
        tally::{Tally, TestLines},
    },
};

/// How often a step that prints nothing but cargo's progress shows where it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(20);

/// What cargo says while it works, hundreds of times.
const PROGRESS: [&str; 8] =
    ["Compiling", "Checking", "Documenting", "Downloading", "Downloaded", "Blocking", "Locking", "Adding"];

/// A named piece of work.
pub(super) struct Step {
    name: &'static str,
    work: Work,
}

enum Work {
    /// Passes or fails as a whole.
    Check(Command),
    /// Holds many tests, each of which counts.
    Tests(Command),
    /// A check of our own, without another program.
    Own(fn(&Project) -> Result<()>),
    /// Starts the PostgreSQL of the tests after it.
    Postgres,
}

/// What came of a step.
pub(super) struct Outcome {
    name: &'static str,
    took: Duration,
    pub(super) tally: Tally,
    /// Names of what failed.
    pub(super) failures: Vec<String>,
}

impl Step {
    pub(super) fn check(name: &'static str, command: Command) -> Self {
        Self { name, work: Work::Check(command) }
    }

    pub(super) fn tests(name: &'static str, command: Command) -> Self {
        Self { name, work: Work::Tests(command) }
    }

    pub(super) fn own(name: &'static str, check: fn(&Project) -> Result<()>) -> Self {
        Self { name, work: Work::Own(check) }
    }

    /// What follows it finds a PostgreSQL; should it not start, this step is what failed.
    pub(super) fn postgres() -> Self {
        Self { name: "PostgreSQL for the tests", work: Work::Postgres }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Runs it, printing what it prints. Whatever goes wrong is in the outcome.
    pub(super) fn run(self, project: &Project, postgres: &mut Postgres) -> Outcome {
        let started = Instant::now();
        let (tally, failures) = match self.work {
            Work::Check(mut command) => match stream(&mut command, |_| ()) {
                Ok(status) if status.success() => (Tally::ONE_PASSED, Vec::new()),
                Ok(status) => {
                    (Tally::ONE_FAILED, vec![format!("`{}` failed ({status})", exec::shown(&command))])
                }
                Err(error) => (Tally::ONE_FAILED, vec![format!("{error:#}")]),
            },
            Work::Tests(mut command) => {
                postgres.tell(&mut command);
                let mut lines = TestLines::default();
                match stream(&mut command, |line| lines.read(line)) {
                    Ok(status) => lines.finish(status.success()),
                    Err(error) => (Tally::ONE_FAILED, vec![format!("{error:#}")]),
                }
            }
            Work::Own(check) => whole(check(project)),
            Work::Postgres => whole(postgres.start(project)),
        };
        Outcome { name: self.name, took: started.elapsed(), tally, failures }
    }
}

/// What a piece of work of our own comes to.
fn whole(result: Result<()>) -> (Tally, Vec<String>) {
    match result {
        Ok(()) => (Tally::ONE_PASSED, Vec::new()),
        Err(error) => {
            println!("{error:#}");
            (Tally::ONE_FAILED, vec![format!("{error:#}")])
        }
    }
}

impl Outcome {
    /// `✓ clippy: 1 passed · 93.1 s`
    pub(super) fn line(&self) -> String {
        let Tally { passed, failed, ignored } = self.tally;
        let mark = if failed == 0 { '✓' } else { '✗' };
        let mut facts = vec![format!("{mark} {}: {passed} passed", self.name)];
        for (count, what) in [(failed, "failed"), (ignored, "ignored")] {
            if count > 0 {
                facts.push(format!("{count} {what}"));
            }
        }
        facts.push(format!("{:.1} s", self.took.as_secs_f64()));
        facts.join(" · ")
    }
}

/// Runs the command, printing its lines as they come, standard output and error in the order they were
/// written, and showing each to `each`.
fn stream(command: &mut Command, mut each: impl FnMut(&str)) -> Result<ExitStatus> {
    println!("$ {}", exec::shown(command));
    let (reader, writer) = io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer).env("CARGO_TERM_COLOR", "never");
    let mut child = command.spawn().with_context(|| format!("cannot start `{}`", exec::shown(command)))?;
    // `command` holds the writing end: as long as it does, the pipe never ends.
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());

    // Lines come through a thread, so that a browser left behind with the pipe still open cannot keep us
    // waiting for its end.
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(reader).split(b'\n').map_while(Result::ok) {
            if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                break;
            }
        }
    });

    let mut last_printed = Instant::now();
    let mut ended = None;
    loop {
        match lines.recv_timeout(Duration::from_millis(300)) {
            Ok(line) => {
                each(&line);
                if !is_progress(&line) || last_printed.elapsed() > PROGRESS_EVERY {
                    println!("{line}");
                    last_printed = Instant::now();
                }
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) if ended.is_some() => break,
            Err(RecvTimeoutError::Timeout) => ended = child.try_wait()?,
        }
    }
    Ok(child.wait()?)
}

fn is_progress(line: &str) -> bool {
    // Cargo sets these words to the right of a column; a test that prints one does not.
    line.starts_with("  ") && PROGRESS.iter().any(|word| line.trim_start().starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn both_outputs_arrive_in_the_order_they_were_written() {
        let mut seen = Vec::new();
        let status =
            stream(&mut shell("echo a; echo b >&2; echo c; exit 3"), |line| seen.push(line.to_owned()));
        assert_eq!(seen, ["a", "b", "c"]);
        assert_eq!(status.unwrap().code(), Some(3));
    }

    #[test]
    fn a_process_left_behind_does_not_hold_the_step() {
        let started = Instant::now();
        stream(&mut shell("sleep 20 & echo done"), |_| ()).unwrap();
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_failing_check_is_one_failure() {
        let outcome = Step::check("nothing", shell("exit 1")).run(&Project::find(), &mut Postgres::default());
        assert_eq!(outcome.tally, Tally::ONE_FAILED);
    }

    #[test]
    fn a_program_that_does_not_exist_is_one_failure() {
        let outcome = Step::tests("nothing", Command::new("no-such-program"))
            .run(&Project::find(), &mut Postgres::default());
        assert_eq!(outcome.tally, Tally::ONE_FAILED);
    }
}
