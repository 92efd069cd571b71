//! `cargo xtask bench`: the budgets of the engine, one line each, measured on this machine beside their own load.
//!
//! What is a ratio is measured side by side: the servers to compare take turns of a few seconds, for several rounds,
//! and the figure is the median of the rounds' ratios, so that a machine that slows down for a while slows all alike.
//! Generator, servers and database share the machine; a ratio is what remains comparable.

mod database;
mod figures;
mod machine;
mod postgres;
mod posts;
mod pure;
mod reads;
mod running;
mod transfer;
mod upkeep;

use std::{
    fs::{self, File},
    io,
    path::PathBuf,
    process::Command,
    time::Instant,
};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::{
    bench::figures::{Extent, Report},
    digest, exec,
    project::Project,
    tools::{self, Installing},
};

/// What to measure, and for how long.
#[derive(Args)]
pub(crate) struct Options {
    /// One million avis instead of sixteen and short rounds: to try the benchmark out, not to judge by it.
    #[arg(long)]
    quick: bool,

    /// Only these parts (repeatable).
    #[arg(long, value_enum, num_args = 1.., value_name = "PART")]
    only: Vec<Part>,

    /// Load the databases anew, rather than keep those of an earlier run.
    #[arg(long)]
    fresh: bool,
}

/// A part of the benchmark.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Loading synthetic avis into SQLite.
    Demo,
    /// Avis a second on SQLite, against storing nothing and against single inserts; memory at full load.
    Sqlite,
    /// Latency at a steady rate on SQLite.
    Latency,
    /// Memory at full load from a million client addresses.
    Crowd,
    /// Avis a second, latency, memory and bytes per avis on PostgreSQL.
    Postgres,
    /// Averages of all démarches.
    Satisfaction,
    /// Recounting everything.
    Rebuild,
    /// Importing avis, and exporting them with their comments.
    Transfer,
    /// Bytes per avis on SQLite.
    Disk,
    /// Time to ready, memory when idle.
    Start,
    /// The pure parts, by Criterion.
    Pure,
}

impl Part {
    fn measure(self, bench: &Bench<'_>, report: &mut Report) -> Result<()> {
        match self {
            Self::Demo => upkeep::demo(bench, report),
            Self::Sqlite => posts::sqlite(bench, report),
            Self::Latency => posts::latency(bench, report),
            Self::Crowd => posts::crowd(bench, report),
            Self::Postgres => postgres::measure(bench, report),
            Self::Satisfaction => reads::satisfaction(bench, report),
            Self::Rebuild => upkeep::rebuild(bench, report),
            Self::Transfer => transfer::measure(bench, report),
            Self::Disk => upkeep::disk(bench, report),
            Self::Start => upkeep::start(bench, report),
            Self::Pure => pure::measure(bench, report),
        }
    }
}

/// How long things are measured.
struct Effort {
    /// Avis of the large database.
    many: u64,
    /// Avis of the database that the large one is compared with.
    few: u64,
    /// Rounds of servers that take turns.
    rounds: usize,
    /// Seconds of each turn that count.
    turn: f64,
    /// Seconds at a steady rate.
    steady: f64,
    /// Client addresses of a crowd.
    addresses: u64,
}

impl Effort {
    const FULL: Self =
        Self { many: 16_000_000, few: 1_000_000, rounds: 5, turn: 5.0, steady: 30.0, addresses: 1_000_000 };
    const QUICK: Self =
        Self { many: 1_000_000, few: 100_000, rounds: 3, turn: 2.0, steady: 5.0, addresses: 300_000 };
}

/// What every part needs.
struct Bench<'a> {
    project: &'a Project,
    effort: Effort,
    fresh: bool,
    /// Loaded databases, logs and results: `target/bench`.
    directory: PathBuf,
    /// The digest of the collector that is measured.
    collector: String,
}

impl Bench<'_> {
    /// Where a part keeps what is of no use after it: empty when it begins, gone when it has ended. On the disk of the
    /// directory, which is the one that is described.
    fn scratch(&self) -> PathBuf {
        self.directory.join("scratch")
    }

    fn clean(&self) -> Result<()> {
        match fs::remove_dir_all(self.scratch()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn run(&self, part: Part, report: &mut Report) -> Result<()> {
        self.clean()?;
        fs::create_dir(self.scratch())?;
        part.measure(self, report)?;
        self.clean()
    }
}

/// Builds, measures, prints; fails if a budget is not met or could not be measured.
pub(crate) fn bench(project: &Project, installing: Installing, options: &Options) -> Result<()> {
    let parts: Vec<Part> = if options.only.is_empty() {
        Part::value_variants().to_vec()
    } else {
        // In the order that makes sense, whatever the order they were named in.
        Part::value_variants().iter().copied().filter(|part| options.only.contains(part)).collect()
    };
    if parts.contains(&Part::Postgres) {
        tools::prepare(project, tools::to_bench(), installing)?;
    }
    let directory = project.bench_directory();
    fs::create_dir_all(&directory)?;
    // Held until we end. A second one would take the first one's databases away, and its time.
    let lock = File::create(directory.join("lock"))?;
    if lock.try_lock().is_err() {
        bail!("another benchmark is running in {}", directory.display());
    }
    let busy = machine::load_average();
    build(project, &parts)?;
    let effort = if options.quick { Effort::QUICK } else { Effort::FULL };
    let collector = digest::sha256(fs::read(project.collector_binary())?);
    let build = format!("{}, the collector's SHA-256 is {:.12}…", described(project), collector);
    let names: Vec<String> = parts.iter().copied().map(part_name).collect();
    let is_whole = parts.len() == Part::value_variants().len();
    let extent = Extent { quick: options.quick, only: (!is_whole).then(|| names.join(", ")) };
    let bench = Bench { project, effort, fresh: options.fresh, directory, collector };
    let mut report = Report::new(machine::describe(&bench.directory, busy)?, build, extent);
    report.print_head();
    for part in parts {
        let since = Instant::now();
        // One part that fails takes no other with it.
        if let Err(error) = bench.run(part, &mut report) {
            report.not_measured(&format!("{}: {}", part_name(part), brief(&error)));
        }
        report.part_took(&part_name(part), since.elapsed());
    }
    let results = report.write(&bench.directory)?;
    bench.clean()?;
    println!("\nwritten to {}", project.relative(&results).display());
    match report.failures() {
        0 => Ok(()),
        failures => bail!("{failures} of the budgets not met or not measured"),
    }
}

fn part_name(part: Part) -> String {
    part.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// The commit that is measured, and whether anything differs from it.
fn described(project: &Project) -> String {
    let mut git = Command::new("git");
    git.current_dir(project.root()).args(["describe", "--always", "--dirty"]);
    exec::read(&mut git).map_or_else(|_| "of no commit".to_owned(), |commit| commit.trim().to_owned())
}

/// An error and its causes in one line: what a program wrote before it failed may be long.
fn brief(error: &anyhow::Error) -> String {
    let lines: Vec<String> = format!("{error:#}").lines().map(|line| line.trim().to_owned()).collect();
    lines.join(" ")
}

/// What takes part. The collector by itself: built together with the others, its dependencies would be built with
/// their features too.
fn build(project: &Project, parts: &[Part]) -> Result<()> {
    exec::run(exec::cargo(project).args(["build", "--release", "--package=collector"]))?;
    let mut others = exec::cargo(project);
    others.args(["build", "--release", "--package=tests"]);
    for program in ["database", "jdma_export", "load", "null_server", "single_insert_server"] {
        others.arg(format!("--bin={program}"));
    }
    if parts.contains(&Part::Postgres) {
        others.arg("--bin=postgres");
    }
    exec::run(&mut others)
}
