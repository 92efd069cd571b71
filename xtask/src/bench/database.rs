//! The databases of the benchmark: empty ones, and large ones that are kept between runs.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context as _, Result};
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
    /// The one with so many avis: that of an earlier run, or a new one.
    pub(super) fn with(bench: &Bench<'_>, avis: u64) -> Result<Self> {
        let file = bench.directory.join(format!("avis-{avis}.db"));
        let note = file.with_extension("json");
        if bench.fresh && !note_is_of_this_run(&note) {
            remove(&file)?;
            let _ = fs::remove_file(&note);
        }
        if file.is_file()
            && let Some((seconds, until)) = read_note(&note)
        {
            return Ok(Self { file, avis, seconds, until, kept: true });
        }
        remove(&file)?;
        let until = yesterday();
        let mut demo = running::collector(bench, &["demo"], &address(&file));
        demo.args(["--demarches", &DEMARCHES.count().to_string(), "--avis", &avis.to_string()]);
        demo.args(["--seed", "1", "--until", &until.to_string()]);
        println!("$ {}", exec::shown(&demo));
        let since = Instant::now();
        exec::read(&mut demo)?;
        let seconds = since.elapsed().as_secs_f64();
        // The note comes last: without it, what is there is not whole.
        let text = json!({"seconds": seconds, "until": until.to_string(), "run": std::process::id()});
        fs::write(note, text.to_string())?;
        Ok(Self { file, avis, seconds, until, kept: false })
    }

    /// `sqlite://…`.
    pub(super) fn address(&self) -> String {
        address(&self.file)
    }

    /// A copy that may be written to, so that the one that is kept stays as it was loaded.
    pub(super) fn copy(&self, bench: &Bench<'_>) -> Result<PathBuf> {
        let copy = bench.directory.join("copy.db");
        remove(&copy)?;
        fs::copy(&self.file, &copy).with_context(|| format!("cannot copy {}", self.file.display()))?;
        // Now rather than while something is measured.
        File::open(&copy)?.sync_all()?;
        Ok(copy)
    }
}

fn read_note(note: &Path) -> Option<(f64, Date)> {
    let note: Value = serde_json::from_str(&fs::read_to_string(note).ok()?).ok()?;
    Some((note["seconds"].as_f64()?, note["until"].as_str()?.parse().ok()?))
}

fn note_is_of_this_run(note: &Path) -> bool {
    let text = fs::read_to_string(note).unwrap_or_default();
    let note: Value = serde_json::from_str(&text).unwrap_or_default();
    note["run"] == json!(std::process::id())
}

/// A new database with the démarches of the load and no avis.
pub(super) fn empty(bench: &Bench<'_>, name: &str) -> Result<PathBuf> {
    let file = bench.directory.join(format!("{name}.db"));
    remove(&file)?;
    register(bench, &address(&file))?;
    Ok(file)
}

/// Registers the démarches of the load.
pub(super) fn register(bench: &Bench<'_>, database: &str) -> Result<()> {
    let csv = bench.directory.join("demarches.csv");
    let rows: Vec<String> = DEMARCHES.map(|id| format!("{id},Démarche {id},DINUM")).collect();
    fs::write(&csv, format!("id,title,administration\n{}\n", rows.join("\n")))?;
    exec::read(running::collector(bench, &["demarche", "import"], database).arg(csv))?;
    Ok(())
}

/// Removes a database with its log.
pub(super) fn remove(file: &Path) -> Result<()> {
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

fn yesterday() -> Date {
    #[expect(clippy::disallowed_methods, reason = "the bench is started by a person, today")]
    let today = Zoned::now().date();
    today.saturating_sub(1.day())
}
