//! Avis a second, and how long one takes at a steady rate.

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::bench::{
    Bench,
    database::{self, Loaded, address},
    figures::{Report, median, megabytes, thousands},
    running::{Running, load},
};

/// The turns that one server had.
#[derive(Default)]
pub(super) struct Turns(Vec<Turn>);

struct Turn {
    /// Answers of success a second.
    rate: f64,
    /// Microseconds of processor that the server used for each.
    cpu: f64,
    /// Answers that were no success, and connections that broke.
    failed: u64,
}

impl Turns {
    /// As fast as answers come, for one turn.
    pub(super) fn take(&mut self, bench: &Bench<'_>, server: &Running) -> Result<()> {
        let (turn, pid) = (bench.effort.turn.to_string(), server.pid().to_string());
        let answered = load(bench, ["closed", server.authority(), "--seconds", &turn, "--pid", &pid])?;
        let figure =
            |name: &str| answered[name].as_f64().with_context(|| format!("no {name} in the load's report"));
        let rate = figure("successes_per_second")?;
        let cpu = 1e6 * figure("server_cpu_seconds")? / figure("successes")?.max(1.0);
        self.0.push(Turn { rate, cpu, failed: failed(&answered) });
        Ok(())
    }

    fn rates(&self) -> Vec<f64> {
        self.0.iter().map(|turn| turn.rate).collect()
    }

    pub(super) fn failed(&self) -> u64 {
        self.0.iter().map(|turn| turn.failed).sum()
    }

    /// The median of the rounds' ratios, and the smallest and largest of them.
    pub(super) fn ratio_to(&self, other: &Self) -> Ratio {
        let ratios: Vec<f64> =
            self.0.iter().zip(&other.0).map(|(mine, theirs)| mine.rate / theirs.rate).collect();
        Ratio {
            median: median(&ratios),
            least: ratios.iter().copied().fold(f64::INFINITY, f64::min),
            most: ratios.iter().copied().fold(0.0, f64::max),
        }
    }

    pub(super) fn words(&self) -> String {
        let cpu: Vec<f64> = self.0.iter().map(|turn| turn.cpu).collect();
        let failed = match self.failed() {
            0 => String::new(),
            failed => format!(", {failed} FAILED"),
        };
        format!("{}/s, {:.1} µs of processor each{failed}", thousands(median(&self.rates())), median(&cpu))
    }
}

/// One server against another.
pub(super) struct Ratio {
    pub(super) median: f64,
    least: f64,
    most: f64,
}

impl Ratio {
    pub(super) fn words(&self) -> String {
        format!("{:.2} × ({:.2} to {:.2})", self.median, self.least, self.most)
    }
}

/// Answers that were no success, connections that broke, requests without an answer.
fn failed(answered: &Value) -> u64 {
    let statuses = answered["by_status"].as_object();
    let all: u64 = statuses.into_iter().flatten().filter_map(|(_, count)| count.as_u64()).sum();
    let number = |name: &str| answered[name].as_u64().unwrap_or_default();
    all - number("successes") + number("broken") + number("unanswered")
}

/// On an empty database and on a large one, against the server that stores nothing and the one that makes an INSERT
/// of each avis.
pub(super) fn sqlite(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    let loaded = Loaded::with(bench, bench.effort.many)?;
    let large = address(&loaded.copy(bench)?);
    let single_file = bench.directory.join("single.db");
    database::remove(&single_file)?;

    let null_server = Running::tool(bench, "null_server", &[])?;
    let single_server =
        Running::tool(bench, "single_insert_server", &["--database", &address(&single_file)])?;
    let large_server = Running::collector(bench, "collector-large", &large, &[])?;
    let [mut null, mut single, mut on_empty, mut silent, mut on_large] = <[Turns; 5]>::default();
    for _ in 0..bench.effort.rounds {
        null.take(bench, &null_server)?;
        // Empty again each time: otherwise it is not, after a second.
        on_empty.take(bench, &on_empty_database(bench, "empty", &[])?)?;
        on_large.take(bench, &large_server)?;
        silent.take(bench, &on_empty_database(bench, "silent", &["--log", "warn"])?)?;
        single.take(bench, &single_server)?;
    }
    let peak = large_server.memory("VmHWM")?;

    let rounds = format!("{} rounds of {} s", bench.effort.rounds, bench.effort.turn);
    let large = thousands(avis(loaded.avis));
    report.tell(format!("storing nothing ({rounds} each, 256 connections)"), null.words());
    report.tell("SQLite, one INSERT a request", single.words());
    report.tell("SQLite, durable, empty database", on_empty.words());
    report.tell("SQLite, durable, empty database, logging warnings alone", silent.words());
    report.tell(format!("SQLite, durable, {large} avis"), on_large.words());
    for (what, turns) in [("an empty database".to_owned(), &on_empty), (format!("{large} avis"), &on_large)] {
        let ratio = turns.ratio_to(&null);
        let met = ratio.median >= 0.6 && turns.failed() == 0;
        report.judge(format!("SQLite on {what} : storing nothing"), ratio.words(), "≥ 0.6 ×", met);
        let ratio = turns.ratio_to(&single);
        let met = ratio.median >= 10.0 && turns.failed() == 0;
        report.judge(format!("SQLite on {what} : one INSERT a request"), ratio.words(), "≥ 10 ×", met);
    }
    memory_at_full_load(report, &format!("SQLite, {large} avis"), peak);
    Ok(())
}

fn on_empty_database(bench: &Bench<'_>, name: &str, further: &[&str]) -> Result<Running> {
    let file = database::empty(bench, name)?;
    Running::collector(bench, &format!("collector-{name}"), &address(&file), further)
}

pub(super) fn memory_at_full_load(report: &mut Report, what: &str, peak: u64) {
    let what = format!("memory at full load, {what} (VmHWM)");
    report.judge(what, format!("{:.0} MB", megabytes(peak)), "< 256 MB", peak < 256_000_000);
}

/// At a steady rate on a large database.
pub(super) fn latency(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    let loaded = Loaded::with(bench, bench.effort.many)?;
    let large = address(&loaded.copy(bench)?);
    let server = Running::collector(bench, "collector-latency", &large, &[])?;
    steady(bench, report, &server, &format!("SQLite, {} avis", thousands(avis(loaded.avis))))
}

/// A thousand a second, each latency counted from the moment its request was due.
pub(super) fn steady(bench: &Bench<'_>, report: &mut Report, server: &Running, what: &str) -> Result<()> {
    let (seconds, pid) = (bench.effort.steady.to_string(), server.pid().to_string());
    let answered = load(
        bench,
        [
            "open",
            server.authority(),
            "--rate",
            "1000",
            "--seconds",
            &seconds,
            "--warm-up",
            "2",
            "--pid",
            &pid,
        ],
    )?;
    let at = |share: &str| {
        answered["latency_ms"][share].as_f64().with_context(|| format!("no {share} in the load's report"))
    };
    let (p50, p99, max) = (at("p50")?, at("p99")?, at("max")?);
    let failed = failed(&answered);
    let failures = if failed == 0 { String::new() } else { format!(", {failed} FAILED") };
    report.judge(
        format!("p99 at 1,000 avis/s offered for {seconds} s, open loop, {what}"),
        format!("{p99:.1} ms (p50 {p50:.1}, p99.9 {:.1}, longest {max:.1}{failures})", at("p99.9")?),
        "< 20 ms",
        p99 < 20.0 && failed == 0,
    );
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "far from 2^52")]
pub(super) fn avis(count: u64) -> f64 {
    count as f64
}
