//! Programs under test: started with their output in files, ended with the value.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// A running program. Dropping it ends the program.
///
/// Output goes to files rather than pipes, so that nobody has to keep reading and a failing test can still
/// show all of it.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Process {
    /// Starts `command`, its standard output and error in files of `directory` called after `name`.
    ///
    /// # Panics
    ///
    /// When the program cannot be started; the message ends with `hint`.
    #[must_use]
    pub fn start(name: &str, command: &mut Command, directory: &Path, hint: &str) -> Self {
        let stdout = directory.join(format!("{name}.stdout"));
        let stderr = directory.join(format!("{name}.stderr"));
        let file =
            |path: &Path| File::create(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let child = command
            .stdin(Stdio::null())
            .stdout(file(&stdout))
            .stderr(file(&stderr))
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {name} ({command:?}): {error}. {hint}"));
        Self { name: name.to_owned(), child, stdout, stderr }
    }

    /// What it has written to standard output so far.
    #[must_use]
    pub fn stdout(&self) -> String {
        read(&self.stdout)
    }

    /// What it has written to standard error so far.
    #[must_use]
    pub fn stderr(&self) -> String {
        read(&self.stderr)
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Asks it to end (`SIGTERM`) and waits until it has.
    ///
    /// # Panics
    ///
    /// When it is still there after `patience`, with what it wrote.
    #[must_use]
    pub fn terminate(self, patience: Duration) -> ExitStatus {
        let name = self.name.clone();
        let stderr = self.stderr.clone();
        self.end_with(Signal::TERM, patience)
            .unwrap_or_else(|| panic!("{name} is still there {patience:?} after SIGTERM\n{}", read(&stderr)))
    }

    /// Sends it `signal` and waits until it has ended. None when it is still there after `patience`, and had to
    /// be killed.
    #[must_use]
    pub fn end_with(mut self, signal: Signal, patience: Duration) -> Option<ExitStatus> {
        self.signal(signal);
        self.wait(patience)
    }

    /// Ends it at once, as a power cut would (`SIGKILL`).
    pub fn kill(mut self) {
        self.end();
    }

    /// Sends it a signal, which it may not survive.
    pub fn signal(&self, signal: Signal) {
        // Gone already is what was wanted.
        let _ = kill_process(Pid::from_child(&self.child), signal);
    }

    /// The number of its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn wait(&mut self, patience: Duration) -> Option<ExitStatus> {
        let start = Instant::now();
        while start.elapsed() < patience {
            if let Some(status) = self.ended() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// A file that a program writes, as far as it has.
pub(crate) fn read(path: &Path) -> String {
    std::fs::read(path).map_or_else(
        |error| format!("({}: {error})", path.display()),
        |bytes| String::from_utf8_lossy(&bytes).into_owned(),
    )
}
