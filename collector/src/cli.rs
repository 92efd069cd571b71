//! The command line: what an operator types, and what it does.

mod asset;
mod avis;
mod backup;
mod bouton;
mod copy;
mod demarche;
mod demo;
mod doctor;
mod edition;
mod export;
mod import;
mod journal;
mod key;
mod mending;
mod progress;
mod purge;
mod quarantine;
mod secret;
mod serve;
mod spool;
mod table;
mod verify;

use crate::logging::Log;
use crate::store::{self, CatalogueError, Missing, Store, StoreError};
use clap::{Parser, Subcommand};
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Collects avis about démarches and averages them.
#[derive(Debug, Parser)]
#[command(name = "collector", version, about, propagate_version = true, max_term_width = 100)]
struct CommandLine {
    /// Where avis are kept: sqlite://FILE, or postgres://USER:PASSWORD@HOST/DATABASE; sqlite://avis.db if none is given
    #[arg(long, env = "AVIS_DATABASE", value_name = "ADDRESS", global = true)]
    database: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    OnStore(OnStore),
    /// Makes a consistent, verified copy of a SQLite database, also while collectors serve
    Backup(backup::Backup),
    /// Puts a backup in the place of a SQLite database that is not there
    Restore(backup::Restore),
    /// Copies a whole database into another, from one machine to many
    Copy(copy::Copy),
    /// Says what is wrong with the button in a page; ends with 1 if anything is. What the page names is looked up in
    /// the database, if one is given, else the collector that it names is asked
    Doctor(doctor::Doctor),
}

/// Where avis are kept if nothing else is said.
const DATABASE: &str = "sqlite://avis.db";

/// What is done with the one database, opened and brought up to date.
#[derive(Debug, Subcommand)]
enum OnStore {
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
    /// Rotates the secret that receipts and tokens are made with
    #[command(subcommand)]
    Secret(secret::Command),
    /// What collectors keep while the database is away
    #[command(subcommand)]
    Spool(spool::Command),
    /// Freezes quarters for good, and gives what was frozen
    #[command(subcommand)]
    Edition(edition::Command),
    /// The files that pages load at an address with a hash: those that were ever served stay
    #[command(subcommand)]
    Asset(asset::Command),
    /// Avis that are stored and not counted
    #[command(subcommand)]
    Quarantine(quarantine::Command),
    /// Mends what is wrong with stored avis
    #[command(subcommand)]
    Avis(avis::Command),
    /// What was done to stored avis
    #[command(subcommand)]
    Journal(journal::Command),
    /// Fills a database with invented démarches and avis of the real shape
    Demo(demo::Demo),
    /// Brings in avis that were given elsewhere
    #[command(subcommand)]
    Import(import::Command),
    /// Hands avis out: to their administration, to the European Commission
    #[command(subcommand)]
    Export(export::Command),
    /// Recounts every décompte from the avis and compares; compares each edition and asset with its digest
    Verify,
    Rebuild(verify::Rebuild),
    Purge(purge::Purge),
}

impl OnStore {
    /// Whether a database that is not there is made. Where a command only makes sense on one that is, a mistyped
    /// address is an error, not a new file.
    fn missing_database(&self) -> Missing {
        match self {
            Self::Serve(_)
            | Self::Demo(_)
            | Self::Key(key::Command::Create(_))
            | Self::Demarche(demarche::Command::Add(_) | demarche::Command::Import(_)) => Missing::Create,
            _ => Missing::Refuse,
        }
    }

    async fn run(self, store: Arc<dyn Store>, database: &str, log: Option<&Log>) -> Result<(), Failure> {
        let lost_lines = log.map(Log::lost_lines).unwrap_or_default();
        match self {
            Self::Serve(serve) => serve.run(store, database, lost_lines).await,
            Self::Spool(command) => command.run(&*store).await,
            Self::Demarche(command) => command.run(&*store).await,
            Self::Bouton(command) => command.run(&*store).await,
            Self::Key(command) => command.run(&*store).await,
            Self::Secret(command) => command.run(&*store).await,
            Self::Edition(command) => command.run(&*store).await,
            Self::Asset(command) => command.run(&*store).await,
            Self::Quarantine(command) => command.run(&*store).await,
            Self::Avis(command) => command.run(&*store).await,
            Self::Journal(command) => command.run(&*store).await,
            Self::Demo(demo) => demo.run(&*store).await,
            Self::Import(command) => command.run(&*store).await,
            Self::Export(command) => command.run(store).await,
            Self::Verify => verify::verify(&*store).await,
            Self::Rebuild(rebuild) => rebuild.run(&*store).await,
            Self::Purge(purge) => purge.run(&*store).await,
        }
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

/// How long a collector that stops waits for its database to be closed.
const LAST_CLOSE: Duration = Duration::from_secs(2);

/// Runs what the command line says.
pub async fn run() -> ExitCode {
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) => return refuse(&error),
    };
    match execute(line).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure.line);
            ExitCode::from(failure.code)
        }
    }
}

async fn execute(line: CommandLine) -> Result<(), Failure> {
    let database = line.database.as_deref().unwrap_or(DATABASE);
    let command = match line.command {
        // On this machine, whether the database is there or not.
        Command::OnStore(OnStore::Spool(spool::Command::KeptApart(kept_apart))) => {
            return kept_apart.run().await;
        }
        Command::OnStore(command) => command,
        Command::Backup(backup) => return backup.run(database).await,
        Command::Restore(restore) => return restore.run(database).await,
        Command::Copy(copy) => return copy.run().await,
        Command::Doctor(doctor) => return doctor.run(line.database.as_deref()).await,
    };
    // Kept to the end, when the last lines are written.
    let log = match &command {
        OnStore::Serve(serve) => Some(serve.check(database)?),
        _ => None,
    };
    // A database that cannot be opened is a value that cannot be meant.
    let missing = command.missing_database();
    let store = store::open(database, missing).await.map_err(|error| {
        let hint = if log.is_some() && error.is_away() {
            "; it must be there when a collector starts, since the secret and the catalogue are in it: the spool \
             takes over only after that"
        } else {
            ""
        };
        Failure::usage(format!("{}{hint}", error.chain()))
    })?;
    let done = command.run(store.clone(), database, log.as_ref()).await;
    if log.is_some() {
        // A collector that stops has ten seconds. What a file's log holds by then, the next start brings home.
        let _ = tokio::time::timeout(LAST_CLOSE, store.close()).await;
    } else {
        store.close().await;
    }
    done
}

/// `--help` and `--version` as clap shows them; an error as one clear line, and exit code 2.
fn refuse(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        complain("a command is missing; `collector --help` lists them");
        return ExitCode::from(2);
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

/// A line for the operator. Whoever closed the pipe does not want it.
fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "collector: {}", line.replace('\n', " "));
}

/// So many of something.
fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A line of what was asked for.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
