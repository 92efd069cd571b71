//! The databases of the benchmark: empty ones, and large ones that are kept between runs.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context as _, Result, bail};
use jiff::{ToSpan as _, Zoned, civil::Date};
use serde_json::{Value, json};

use crate::{
    bench::{Bench, running},
    exec,
};

/// As `collector demo` numbers démarches, and the load generator knows them.
const DEMARCHES: std::ops::RangeInclusive<u32> = 1001..=1250;

/// A SQLite file filled by `collector demo`.
pub(super) struct Loaded {
    pub(super) file: PathBuf,
    pub(super) avis: u64,
    /// Seconds that loading took.
    pub(super) seconds: f64,
    /// The last day with avis.
    pub(super) until: Date,
    /// Whether it was there already.
    pub(super) kept: bool,
}

impl Loaded {
    /// The one with so many avis: that of an earlier run of this very collector, or a new one. What another build has
    /// loaded says little about this one: its bytes, its time to load.
    pub(super) fn with(bench: &Bench<'_>, avis: u64) -> Result<Self> {
        let file = bench.directory.join(format!("avis-{avis}.db"));
        let note = Note::beside(&file);
        if file.is_file()
            && let Some(Note { seconds, until, collector, run }) = Note::read(&note)
        {
            let is_of_this_run = run == std::process::id();
            if collector == bench.collector && (is_of_this_run || !bench.fresh) {
                return Ok(Self { file, avis, seconds, until, kept: !is_of_this_run });
            }
            println!("{} was loaded by another build of the collector, or is to be anew", file.display());
        }
        let _ = fs::remove_file(&note);
        remove(&file)?;
        let until = yesterday();
        let seconds = fill(bench, &address(&file), avis, until)?;
        // The note comes last: without it, what is there is not whole.
        Note { seconds, until, collector: bench.collector.clone(), run: std::process::id() }.write(&note)?;
        Ok(Self { file, avis, seconds, until, kept: false })
    }

    /// `sqlite://…`.
    pub(super) fn address(&self) -> String {
        address(&self.file)
    }

    /// A copy that may be written to, so that the one that is kept stays as it was loaded.
    pub(super) fn copy(&self, bench: &Bench<'_>) -> Result<PathBuf> {
        let copy = bench.scratch().join("copy.db");
        // A log with something in it would be a part of the database that is left behind.
        let mut log = self.file.clone().into_os_string();
        log.push("-wal");
        if fs::metadata(log).is_ok_and(|log| log.len() > 0) {
            bail!("{} was not closed in order: --fresh loads it anew", self.file.display());
        }
        fs::copy(&self.file, &copy).with_context(|| format!("cannot copy {}", self.file.display()))?;
        // Now rather than while something is measured.
        File::open(&copy)?.sync_all()?;
        Ok(copy)
    }
}

/// What is told about a loaded database in a file beside it, which is written last: without it, what is there is not
/// whole.
struct Note {
    seconds: f64,
    until: Date,
    /// The digest of the collector that loaded it.
    collector: String,
    /// The process of the run that it was loaded in.
    run: u32,
}

impl Note {
    fn beside(file: &Path) -> PathBuf {
        file.with_extension("json")
    }

    fn read(path: &Path) -> Option<Self> {
        let note: Value = serde_json::from_str(&fs::read_to_string(path).ok()?).ok()?;
        Some(Self {
            seconds: note["seconds"].as_f64()?,
            until: note["until"].as_str()?.parse().ok()?,
            collector: note["collector"].as_str()?.to_owned(),
            run: u32::try_from(note["run"].as_u64()?).ok()?,
        })
    }

    fn write(&self, path: &Path) -> Result<()> {
        let Self { seconds, until, collector, run } = self;
        let note =
            json!({"seconds": seconds, "until": until.to_string(), "collector": collector, "run": run});
        Ok(fs::write(path, note.to_string())?)
    }
}

/// A new database with the démarches of the load and no avis.
pub(super) fn empty(bench: &Bench<'_>, name: &str) -> Result<PathBuf> {
    let file = bench.scratch().join(format!("{name}.db"));
    remove(&file)?;
    register(bench, &address(&file))?;
    Ok(file)
}

/// Registers the démarches of the load.
pub(super) fn register(bench: &Bench<'_>, database: &str) -> Result<()> {
    let csv = bench.scratch().join("demarches.csv");
    let rows: Vec<String> = DEMARCHES.map(|id| format!("{id},Démarche {id},DINUM")).collect();
    fs::write(&csv, format!("id,title,administration\n{}\n", rows.join("\n")))?;
    exec::read(running::collector(bench, &["demarche", "import"], database).arg(csv))?;
    Ok(())
}

/// Fills a database with synthetic avis; the seconds that it took.
pub(super) fn fill(bench: &Bench<'_>, database: &str, avis: u64, until: Date) -> Result<f64> {
    let mut demo = running::collector(bench, &["demo"], database);
    demo.args(["--demarches", &DEMARCHES.count().to_string(), "--avis", &avis.to_string()]);
    demo.args(["--seed", "1", "--until", &until.to_string()]);
    println!("$ {}", exec::shown(&demo));
    let since = Instant::now();
    exec::read(&mut demo)?;
    Ok(since.elapsed().as_secs_f64())
}

/// Removes a database with its log.
fn remove(file: &Path) -> Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut path = file.as_os_str().to_owned();
        path.push(suffix);
        match fs::remove_file(PathBuf::from(path)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// `sqlite://…`.
pub(super) fn address(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

pub(super) fn yesterday() -> Date {
    #[expect(clippy::disallowed_methods, reason = "the bench is started by a person, today")]
    let today = Zoned::now().date();
    today.saturating_sub(1.day())
}
