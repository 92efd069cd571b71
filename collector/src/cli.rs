//! The command line: what an operator types, and what it does.

mod bouton;
mod demarche;
mod key;
mod serve;
mod table;
mod verify;

use crate::store::{self, CatalogueError, Store, StoreError};
use clap::{Args, Parser, Subcommand};
use std::process::ExitCode;
use std::sync::Arc;

/// Collects avis about démarches and averages them.
#[derive(Debug, Parser)]
#[command(name = "collector", version, about, propagate_version = true, max_term_width = 100)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the form, takes avis, publishes averages
    Serve(Box<serve::Serve>),
    /// Registers what is rated
    #[command(subcommand)]
    Demarche(demarche::Command),
    /// Registers the placements of the button
    #[command(subcommand)]
    Bouton(bouton::Command),
    /// Makes and revokes the keys of programs
    #[command(subcommand)]
    Key(key::Command),
    /// Recounts every décompte from the avis and compares
    Verify(verify::Verify),
}

/// Which database; every command takes it.
#[derive(Debug, Args)]
struct Database {
    /// Where avis are kept: sqlite://FILE
    #[arg(long, env = "AVIS_DATABASE", default_value = "sqlite://avis.db", value_name = "ADDRESS")]
    database: String,
}

impl Database {
    async fn open(&self) -> Result<Arc<dyn Store>, Failure> {
        // A database that cannot be opened is a value that cannot be meant.
        store::open(&self.database).await.map_err(|error| Failure::usage(error.chain()))
    }
}

/// Why a command did not do what it was told to: one line for the operator, and the exit code.
#[derive(Debug)]
struct Failure {
    line: String,
    code: u8,
}

impl Failure {
    /// Something went wrong on the way.
    fn new(line: impl Into<String>) -> Self {
        Self { line: line.into(), code: 1 }
    }

    /// A value that cannot be meant.
    fn usage(line: impl Into<String>) -> Self {
        Self { line: line.into(), code: 2 }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(error.chain())
    }
}

impl From<CatalogueError> for Failure {
    fn from(error: CatalogueError) -> Self {
        match error {
            CatalogueError::Store(error) => error.into(),
            other => Self::new(other.to_string()),
        }
    }
}

/// Runs what the command line says.
pub async fn run() -> ExitCode {
    let command = match CommandLine::try_parse() {
        Ok(line) => line.command,
        Err(error) => return refuse(&error),
    };
    let done = match command {
        Command::Serve(serve) => serve.run().await,
        Command::Demarche(command) => command.run().await,
        Command::Bouton(command) => command.run().await,
        Command::Key(command) => command.run().await,
        Command::Verify(verify) => verify.run().await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure.line);
            ExitCode::from(failure.code)
        }
    }
}

/// `--help` and `--version` as clap shows them; an error as one clear line, and exit code 2.
fn refuse(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let whole = error.render().to_string();
    let mut lines =
        whole.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("Usage:"));
    let first = lines.next().unwrap_or("error: the command line makes no sense");
    // What was missing stands on the lines after a first one that ends with a colon.
    let listed: Vec<&str> = if first.ends_with(':') {
        lines.take_while(|line| !line.starts_with("For more")).collect()
    } else {
        vec![]
    };
    let line = format!("{first} {}", listed.join(", "));
    complain(line.trim_start_matches("error:").trim());
    ExitCode::from(2)
}

#[expect(clippy::print_stderr, reason = "what an operator at the terminal reads")]
fn complain(line: &str) {
    eprintln!("collector: {}", line.replace('\n', " "));
}

#[expect(clippy::print_stdout, reason = "what a command was asked for")]
fn say(line: &str) {
    println!("{line}");
}
