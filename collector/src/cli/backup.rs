//! `collector backup` and `collector restore`.

use super::{Failure, say};
use crate::store::sqlite::backup::{self, Copied};
use clap::Args;
use std::path::PathBuf;
use std::time::Instant;

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file to make; one that exists is not written over
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// A file that `collector backup` made
    file: PathBuf,
}

impl Backup {
    pub(super) async fn run(self, database: &str) -> Result<(), Failure> {
        refuse_servers(database, "backup")?;
        let begun = Instant::now();
        let copied = backup::backup(database, &self.file).await?;
        tell(&format!("{} holds", self.file.display()), copied, begun);
        Ok(())
    }
}

impl Restore {
    pub(super) async fn run(self, database: &str) -> Result<(), Failure> {
        refuse_servers(database, "restore")?;
        let begun = Instant::now();
        let copied = backup::restore(database, &self.file).await?;
        tell(&format!("{database} is back with"), copied, begun);
        Ok(())
    }
}

fn refuse_servers(database: &str, command: &str) -> Result<(), Failure> {
    if database.starts_with("postgres") {
        return Err(Failure::usage(format!(
            "{command} is for SQLite; PostgreSQL is backed up and restored with its own tools, see docs/operations.md"
        )));
    }
    if database.starts_with("sqlite:") {
        Ok(())
    } else {
        Err(Failure::usage("a database address begins with sqlite://"))
    }
}

fn tell(what: &str, copied: Copied, begun: Instant) {
    let Copied { avis, bytes, audited } = copied;
    let seconds = begun.elapsed().as_secs_f64();
    let verified = if audited {
        "verified"
    } else {
        "of an older version: verified but for its décomptes, which `collector verify` compares once it is upgraded"
    };
    say(&format!("{what} {avis} avis, {bytes} bytes, in {seconds:.1} s; {verified}"));
}
