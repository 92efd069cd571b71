//! `cargo xtask fuzz`: libFuzzer looks for bytes that a parser cannot stand.
//!
//! It follows which branches an input takes, for which everything is compiled in a way of its own, in a folder of its own.
//! The stable compiler can do that: it lets LLVM's passes be asked for. What libFuzzer would need a nightly one for,
//! looking after memory, is what Rust does already where `unsafe` is forbidden.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::{
    exec,
    project::Project,
    tools::{self, Installing},
};

/// Has every branch counted.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                        -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";

/// The longest input, in bytes, and the longest that is kept in the repository: what a parser does with a byte it does
/// with the thousandth.
const LENGTH_MAX: u32 = 4_096;
const KEPT_MAX: u32 = 512;

/// How long one input may take, in seconds: a thousand times as long as any should.
const TIMEOUT: u32 = 5;

/// What one input may have in memory, in mebibytes.
const MEMORY_MAX: u32 = 1_024;

#[derive(Args)]
pub(crate) struct Options {
    /// The target (a folder of fuzz/corpus); each in turn if none is named.
    targets: Vec<String>,

    /// How long each target is tried.
    #[arg(long, default_value_t = 1)]
    minutes: u32,

    /// Keep in fuzz/corpus the fewest inputs that reach what was reached, and no others.
    #[arg(long)]
    keep: bool,
}

/// What came of a target.
struct Outcome {
    target: String,
    executions: u64,
    /// Branches that some input took.
    covered: u64,
    /// The inputs that make it panic, hang or grow.
    crashes: Vec<PathBuf>,
}

pub(crate) fn fuzz(project: &Project, installing: Installing, options: &Options) -> Result<()> {
    tools::prepare(project, tools::to_fuzz(), installing)?;
    let folders = Folders::of(project);
    let known = folders.targets()?;
    if let Some(unknown) = options.targets.iter().find(|target| !known.contains(target)) {
        bail!("there is no target {unknown}, but {}", known.join(", "));
    }
    let chosen = if options.targets.is_empty() { &known } else { &options.targets };
    let program = build(project, &folders)?;

    let mut outcomes = Vec::new();
    for target in chosen {
        outcomes.push(try_out(&program, &folders, target, options.minutes)?);
        if options.keep {
            keep(&program, &folders, target)?;
        }
    }

    println!("\n{:14} {:>14} {:>9} {:>8}", "target", "executions", "branches", "crashes");
    for Outcome { target, executions, covered, crashes } in &outcomes {
        println!("{target:14} {executions:>14} {covered:>9} {:>8}", crashes.len());
    }
    let crashes: Vec<String> = outcomes
        .iter()
        .flat_map(|outcome| &outcome.crashes)
        .map(|input| project.relative(input).display().to_string())
        .collect();
    if !crashes.is_empty() {
        bail!(
            "inputs that a target cannot stand, to be kept in its corpus and mended:\n{}",
            crashes.join("\n")
        );
    }
    Ok(())
}

/// Where inputs are.
struct Folders {
    /// Those in the repository, a folder for each target.
    kept: PathBuf,
    /// What is built, and found.
    work: PathBuf,
}

impl Folders {
    fn of(project: &Project) -> Self {
        Self { kept: project.root().join("fuzz/corpus"), work: project.target().join("fuzz") }
    }

    fn targets(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.kept)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    /// What was found of a target, in this run and those before.
    fn found(&self, target: &str) -> Result<PathBuf> {
        self.own("found", target)
    }

    /// What a target could not stand.
    fn crashes(&self, target: &str) -> Result<PathBuf> {
        self.own("crashes", target)
    }

    fn own(&self, what: &str, target: &str) -> Result<PathBuf> {
        let folder = self.work.join(what).join(target);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}

/// Builds the program of all targets. That a platform is named keeps the flags from what runs while it is built.
fn build(project: &Project, folders: &Folders) -> Result<PathBuf> {
    let platform = platform()?;
    let mut command = exec::cargo(project);
    command
        .args(["build", "--package=fuzz", "--features=libfuzzer", "--profile=fuzz", "--locked"])
        .arg(format!("--target={platform}"))
        .arg("--target-dir")
        .arg(&folders.work)
        .env("AVIS_WIDGET_DIR", project.widget_bundle())
        .env("RUSTFLAGS", COVERAGE);
    exec::run(&mut command)?;
    Ok(folders.work.join(platform).join("fuzz/fuzz"))
}

/// The platform of this machine, as the compiler names it.
fn platform() -> Result<String> {
    let version = exec::read(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("`rustc -vV` names no host")?.to_owned())
}

fn libfuzzer(program: &Path, target: &str) -> Command {
    let mut command = Command::new(program);
    command.env("AVIS_FUZZ_TARGET", target);
    command
}

fn try_out(program: &Path, folders: &Folders, target: &str, minutes: u32) -> Result<Outcome> {
    let crashes = folders.crashes(target)?;
    let before = files(&crashes)?;
    let mut command = libfuzzer(program, target);
    command
        .arg(format!("-max_total_time={}", u64::from(minutes) * 60))
        .arg(format!("-max_len={LENGTH_MAX}"))
        .arg(format!("-timeout={TIMEOUT}"))
        .arg(format!("-rss_limit_mb={MEMORY_MAX}"))
        .arg(format!("-artifact_prefix={}/", crashes.display()))
        .arg("-print_final_stats=1")
        // The first folder is the one that new inputs go to.
        .args([folders.found(target)?, folders.kept.join(target)]);
    println!("$ {}", exec::shown(&command));

    let mut child = command.stderr(Stdio::piped()).spawn().context("the targets cannot be started")?;
    let (mut executions, mut covered) = (0, 0);
    if let Some(told) = child.stderr.take() {
        for line in BufReader::new(told).lines() {
            let line = line?;
            if let Some(count) = line.strip_prefix("stat::number_of_executed_units:") {
                executions = count.trim().parse().unwrap_or(executions);
            }
            if let Some(count) = line.split("cov: ").nth(1).and_then(|rest| rest.split(' ').next()) {
                covered = count.parse().unwrap_or(covered);
            }
            // It tells of every input that is new to it.
            if !line.contains("\tNEW ") && !line.contains("\tREDUCE ") {
                println!("{line}");
            }
        }
    }
    let status = child.wait()?;
    let crashes: Vec<PathBuf> = files(&crashes)?.into_iter().filter(|file| !before.contains(file)).collect();
    if !status.success() && crashes.is_empty() {
        bail!("libFuzzer failed on {target} ({status}); what it says is above");
    }
    Ok(Outcome { target: target.to_owned(), executions, covered, crashes })
}

/// Puts the fewest inputs that take every branch that some input took in the place of those that are kept. How often they
/// take it does not matter: that would keep ten times as many.
fn keep(program: &Path, folders: &Folders, target: &str) -> Result<()> {
    let kept = folders.kept.join(target);
    let fewest = tempfile::tempdir_in(&folders.work)?;
    let mut command = libfuzzer(program, target);
    command
        .args(["-set_cover_merge=1", "-use_counters=0"])
        .arg(format!("-max_len={KEPT_MAX}"))
        .arg(fewest.path())
        .args([folders.found(target)?, kept.clone()])
        .stderr(Stdio::null());
    exec::run(&mut command)?;
    fs::remove_dir_all(&kept)?;
    fs::create_dir(&kept)?;
    for input in files(fewest.path())? {
        fs::copy(&input, kept.join(input.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
}
