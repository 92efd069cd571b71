//! `collector import …`.

use super::{Failure, counted, progress, say};
use crate::catalogue::{Catalogue, DemarcheId};
use crate::clock::Clock;
use crate::import::{self, ImportError, Plan, Report};
use crate::store::Store;
use clap::{Args, Subcommand};
use std::fs::File;
use std::io::{Read, stdin};
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Imports the CSV export of Je donne mon avis: the avis of one form. The whole file is checked before anything
    /// is written; an avis that is there already is left as it is, so that it can be run again
    JdmaCsv(JdmaCsv),
}

#[derive(Debug, Args)]
pub(super) struct JdmaCsv {
    /// The démarche that the form is about, by its id or an alias
    #[arg(long)]
    demarche: String,
    /// Imports a file in which each avis has a comment, which bends every mean
    #[arg(long)]
    filtered: bool,
    /// Says what would be imported, and writes nothing
    #[arg(long)]
    dry_run: bool,
    /// Writes each line and reason of what is not taken into this file, as CSV
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// The file; - for standard input
    file: PathBuf,
}

impl Command {
    pub(super) async fn run(self, store: &dyn Store) -> Result<(), Failure> {
        match self {
            Self::JdmaCsv(import) => import.run(store).await,
        }
    }
}

impl JdmaCsv {
    async fn run(self, store: &dyn Store) -> Result<(), Failure> {
        let name = if self.file == Path::new("-") {
            "standard input".to_owned()
        } else {
            self.file.display().to_string()
        };
        let failed = |error: ImportError| Failure::new(format!("{name}: {error}"));
        let begun = Instant::now();
        let catalogue = store.catalogue().await?;
        let demarche = named(&catalogue, &self.demarche)?;
        let plan = Plan {
            demarche: &demarche,
            catalogue: &catalogue,
            filtered: self.filtered,
            now: Clock::system().now(),
        };
        let (file, bytes) = open(&self.file).map_err(|error| failed(ImportError::Unreadable(error)))?;
        let mut report = self.report()?;

        let bar = progress::bar(bytes, "bytes checked");
        let sound = import::check(file, &plan, &mut report, |bytes| bar.set_position(bytes));
        bar.finish_and_clear();
        let sound = sound.map_err(failed)?;
        let (lines, new_boutons) = (sound.lines, sound.new_boutons().len());

        let bar = progress::bar(sound.len, "avis");
        let through = |avis| bar.set_position(avis);
        let imported = if self.dry_run {
            import::rehearse(store, sound, &mut report, through).await
        } else {
            import::write(store, sound, &mut report, through).await
        };
        bar.finish_and_clear();
        let imported = imported.map_err(failed)?;

        let would = if self.dry_run { "would be " } else { "" };
        say(&format!(
            "{}: {imported} avis {would}imported, {} seen before, {} refused; {} {would}registered; {:.1} s",
            counted(lines, "line", "lines"),
            report.seen_before(),
            counted(report.refused(), "line", "lines"),
            counted(new_boutons as u64, "bouton", "boutons"),
            begun.elapsed().as_secs_f64()
        ));
        tell(&report);
        report.finish().map_err(|error| self.unreported(&error))
    }

    fn unreported(&self, error: &std::io::Error) -> Failure {
        let path = self.report.as_deref().unwrap_or(Path::new("")).display();
        Failure::new(format!("the report {path} cannot be written: {error}; all the rest is as said above"))
    }
}

impl JdmaCsv {
    /// The report. It never takes the place of the file that it is about.
    fn report(&self) -> Result<Report, Failure> {
        let Some(path) = &self.report else { return Ok(Report::default()) };
        let is_same = |one: &Path, other: &Path| {
            one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
        };
        if is_same(path, &self.file) {
            return Err(Failure::usage(format!("--report {} is the file to import", path.display())));
        }
        Report::into_file(path).map_err(|error| {
            Failure::new(format!(
                "the report {} cannot be written: {error}; nothing was changed",
                path.display()
            ))
        })
    }
}

/// The démarche of an id or alias.
pub(super) fn named(catalogue: &Catalogue, name: &str) -> Result<DemarcheId, Failure> {
    let demarche = catalogue.demarche(name).ok_or_else(|| {
        Failure::new(format!("there is no démarche {name}; `collector demarche list` shows those there are"))
    })?;
    Ok(demarche.id.clone())
}

/// The file to read, and how large it is if that is known.
fn open(file: &Path) -> std::io::Result<(Box<dyn Read>, u64)> {
    if file == Path::new("-") {
        return Ok((Box::new(stdin().lock()), 0));
    }
    let file = File::open(file)?;
    let bytes = file.metadata()?.len();
    Ok((Box::new(file), bytes))
}

/// A line for each reason, with the first lines of the file that it is about.
fn tell(report: &Report) {
    for (note, noted) in report.notes() {
        let lines: Vec<String> = noted.first.iter().map(ToString::to_string).collect();
        let more = if noted.count > lines.len() as u64 { ", …" } else { "" };
        let line = if noted.count == 1 { "line" } else { "lines" };
        say(&format!("{} × {note} ({line} {}{more})", noted.count, lines.join(", ")));
    }
}
