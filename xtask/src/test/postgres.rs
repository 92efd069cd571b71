//! The PostgreSQL on which tests make a database each, started for one run of `cargo xtask test`.

use std::{
    env,
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Seek as _},
    process::{Child, ChildStdin, Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

use crate::{exec, project::Project};

/// Tells the tests where it is.
const SERVER: &str = "AVIS_TEST_POSTGRES";

/// The server, once there is one. Dropped, it is stopped if it was started here.
#[derive(Default)]
pub(super) struct Postgres {
    own: Option<Server>,
}

struct Server {
    url: String,
    process: Child,
    /// Closing it is how the server is asked to stop; it closes by itself should we die.
    stdin: Option<ChildStdin>,
}

impl Postgres {
    /// Starts one, unless `AVIS_TEST_POSTGRES` names one that is there already.
    pub(super) fn start(&mut self, project: &Project) -> Result<()> {
        if env::var_os(SERVER).is_some() {
            println!("{SERVER} names a server: tests use that one");
            return Ok(());
        }
        let program = ["--package=tests", "--bin=postgres"];
        exec::run(exec::cargo(project).arg("build").args(program))?;
        let mut command = exec::cargo(project);
        command.args(["run", "--quiet"]).args(program);
        let server = Server::start(command)?;
        println!("tests use {}", server.url);
        self.own = Some(server);
        Ok(())
    }

    /// Tells `command` where the server is. Without one, its tests fail and say so.
    pub(super) fn tell(&self, command: &mut Command) {
        if let Some(server) = &self.own {
            command.env(SERVER, &server.url);
        }
    }
}

impl Server {
    /// Starts the program that prints an address once its server is ready.
    fn start(mut command: Command) -> Result<Self> {
        let shown = exec::shown(&command);
        // Nobody reads along while it runs, so a file: a pipe would fill.
        let mut complaints = tempfile::tempfile()?;
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(complaints.try_clone()?)
            // The reason is in its message; where it stood belongs into no verdict.
            .env("RUST_BACKTRACE", "0")
            .spawn()
            .with_context(|| format!("cannot start `{shown}`"))?;
        let stdin = process.stdin.take();
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let mut server = Self { url: line.trim().to_owned(), process, stdin };
        if !server.url.starts_with("postgres://") {
            let status = server.stop()?;
            bail!("`{shown}` ended without an address ({status}):\n{}", read(&mut complaints)?);
        }
        Ok(server)
    }

    fn stop(&mut self) -> Result<std::process::ExitStatus> {
        drop(self.stdin.take());
        Ok(self.process.wait()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            exec::complain(&error);
        }
    }
}

fn read(file: &mut File) -> Result<String> {
    let mut text = String::new();
    file.rewind()?;
    file.read_to_string(&mut text)?;
    Ok(text.trim_end().to_owned())
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
    fn a_server_runs_until_it_is_dropped() {
        let directory = tempfile::tempdir().unwrap();
        let ended = directory.path().join("ended");
        let script = format!("echo postgres://here; cat; touch {}", ended.display());
        let server = Server::start(shell(&script)).unwrap();
        assert_eq!(server.url, "postgres://here");
        assert!(!ended.exists());
        drop(server);
        assert!(ended.exists());
    }

    #[test]
    fn a_server_that_does_not_start_says_why() {
        let error = Server::start(shell("echo no initdb >&2; exit 3")).err().unwrap();
        assert!(error.to_string().contains("no initdb"), "{error}");
    }
}
