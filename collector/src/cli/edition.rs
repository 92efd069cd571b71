//! `collector edition …`.

use super::{Failure, say};
use crate::clock::Clock;
use crate::edition::{self, Edition, Erratum, Format, FreezeError, ReadError};
use crate::one_line::leaves_its_line;
use crate::quarter::Quarter;
use crate::store::Store;
use clap::{Args, Subcommand};
use serde_json::Value;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Freezes a quarter for good: its three months and the twelve that end with it, of every démarche
    Freeze(Named),
    /// Lists editions, the newest first
    List,
    /// Shows an edition: its files with their SHA-256, how much it publishes, its errata
    Show(Named),
    /// Gives a file of an edition as it was frozen
    Export(Export),
    /// Says what is wrong with an edition; it is shown beside it, and cannot be taken back
    Erratum(ErratumArguments),
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// The quarter, such as 2026-T3
    quarter: Quarter,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// The quarter, such as 2026-T3
    quarter: Quarter,
    /// The file to make; one that exists is not written over. Standard output, if none is named
    file: Option<PathBuf>,
    /// Which of its files: json, csv, xlsx
    #[arg(long, default_value = "json")]
    format: Format,
}

#[derive(Debug, Args)]
pub(super) struct ErratumArguments {
    /// The quarter, such as 2026-T3
    quarter: Quarter,
    /// What is wrong, and what is right, for those who read the edition
    #[arg(long, value_parser = parse_text)]
    text: String,
}

fn parse_text(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        "" => Err("an erratum says something"),
        text if text.chars().any(|one| one != '\n' && leaves_its_line(one)) => Err(
            "an erratum is plain text: it has a character that turns or breaks its line, or that a terminal obeys",
        ),
        text => Ok(text.to_owned()),
    }
}

impl From<FreezeError> for Failure {
    fn from(error: FreezeError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::new(error.to_string())
    }
}

impl Command {
    pub(super) async fn run(self, store: &dyn Store) -> Result<(), Failure> {
        let now = Clock::system().now();
        match self {
            Self::Freeze(Named { quarter }) => {
                edition::freeze(store, quarter, now).await?;
                show(store, quarter).await
            }
            Self::List => {
                say("edition\tfrozen\tformula\terrata");
                for Edition { quarter, frozen_at, formula, errata, .. } in store.editions().await? {
                    say(&format!("{quarter}\t{frozen_at}\t{formula}\t{}", errata.len()));
                }
                Ok(())
            }
            Self::Show(Named { quarter }) => show(store, quarter).await,
            Self::Export(export) => export.run(store).await,
            Self::Erratum(ErratumArguments { quarter, text }) => {
                if !store.add_erratum(quarter, &Erratum { added_at: now, text }).await? {
                    return Err(unknown(quarter));
                }
                say(&format!("erratum of {quarter} added"));
                Ok(())
            }
        }
    }
}

async fn find(store: &dyn Store, quarter: Quarter) -> Result<Edition, Failure> {
    let editions = store.editions().await?;
    editions.into_iter().find(|edition| edition.quarter == quarter).ok_or_else(|| unknown(quarter))
}

fn unknown(quarter: Quarter) -> Failure {
    Failure::new(format!(
        "there is no edition {quarter}; `collector edition list` lists those that there are"
    ))
}

/// A line for each thing that is known of an edition, its name first.
async fn show(store: &dyn Store, quarter: Quarter) -> Result<(), Failure> {
    let edition = find(store, quarter).await?;
    let mut lines = vec![
        format!("edition\t{quarter}"),
        format!("frozen\t{}", edition.frozen_at),
        format!("formula\t{}", edition.formula),
    ];
    let document: Value = serde_json::from_slice(&edition.read(store, Format::Json).await?)
        .map_err(|error| Failure::new(format!("the JSON of edition {quarter} cannot be read: {error}")))?;
    for window in ["twelve_months", "three_months"] {
        let (period, demarches) = (&document[window]["period"], document[window]["demarches"].as_array());
        let published = |one: &&Value| one["indicators"]["satisfaction"]["status"] == "published";
        let day = |bound: &str| period[bound].as_str().unwrap_or_default().to_owned();
        lines.push(format!(
            "{window}\tfrom {} to {}\tsatisfaction published for {} of {} démarches",
            day("from"),
            day("to"),
            demarches.map_or(0, |all| all.iter().filter(published).count()),
            demarches.map_or(0, Vec::len),
        ));
    }
    for file in &edition.files {
        // That of the JSON was compared as it was read.
        if file.format != Format::Json {
            edition.read(store, file.format).await?;
        }
        lines.push(format!("{}\t{} bytes\tsha256 {}", file.format.code(), file.bytes, file.sha256));
    }
    lines.extend(edition.errata.iter().map(|one| format!("erratum\t{}\t{}", one.added_at, one.text)));
    say(&lines.join("\n"));
    Ok(())
}

impl Export {
    async fn run(self, store: &dyn Store) -> Result<(), Failure> {
        let edition = find(store, self.quarter).await?;
        let content = edition.read(store, self.format).await?;
        let Some(file) = &self.file else {
            let mut output = io::stdout().lock();
            return output
                .write_all(&content)
                .and_then(|()| output.flush())
                .map_err(|error| Failure::new(format!("cannot write to standard output: {error}")));
        };
        write_new(file, &content).map_err(|error| {
            let file = file.display();
            Failure::new(match error.kind() {
                io::ErrorKind::AlreadyExists => format!("{file} exists, and nothing is ever written over"),
                _ => format!("cannot write {file}: {error}"),
            })
        })?;
        say(&format!("{} holds the {} of {}", file.display(), self.format.code(), self.quarter));
        Ok(())
    }
}

/// Makes a file, whole and on the disk, or none.
fn write_new(file: &Path, content: &[u8]) -> io::Result<()> {
    let mut made = File::create_new(file)?;
    let written = made.write_all(content).and_then(|()| made.sync_all());
    if written.is_err() {
        // Cut short, it would pass for the whole.
        let _ = std::fs::remove_file(file);
    }
    written
}
