//! What an operator waits for, and what it takes: loading, recounting, starting, disk, memory.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::{
    bench::{
        Bench,
        database::{Loaded, address},
        figures::{Report, median, megabytes, percentile, thousands},
        posts::avis,
        running::{Running, collector, tool},
    },
    exec,
};

const STARTS: usize = 5;

/// After this, whatever a start leaves to be done is done.
const SETTLED: Duration = Duration::from_secs(3);

/// Seconds to load, now or when the database was made that is kept.
pub(super) fn demo(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    for count in [bench.effort.few, bench.effort.many] {
        let loaded = Loaded::with(bench, count)?;
        let kept = if loaded.kept { ", on an earlier run of the same build" } else { "" };
        tell_loading(report, "SQLite", count, loaded.seconds, kept);
    }
    Ok(())
}

pub(super) fn tell_loading(report: &mut Report, engine: &str, count: u64, seconds: f64, when: &str) {
    report.tell(
        format!("`collector demo`, {} avis of 250 démarches, {engine}", thousands(avis(count))),
        format!("{seconds:.1} s ({}/s{when})", thousands(avis(count) / seconds)),
    );
}

/// Rewrites every décompte, then recounts and compares, which has to find no difference.
pub(super) fn rebuild(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    let loaded = Loaded::with(bench, bench.effort.many)?;
    let copy = address(&loaded.copy(bench)?);
    let large = thousands(avis(loaded.avis));
    let seconds = |words: &[&str]| -> Result<f64> {
        let since = Instant::now();
        exec::read(&mut collector(bench, words, &copy))?;
        Ok(since.elapsed().as_secs_f64())
    };
    let time = seconds(&["rebuild"])?;
    report.judge(format!("rebuild of {large} avis"), format!("{time:.1} s"), "< 120 s", time < 120.0);
    report.tell(format!("verify of {large} avis: no difference"), format!("{:.1} s", seconds(&["verify"])?));
    Ok(())
}

pub(super) fn disk(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    weigh(bench, report, "SQLite", &Loaded::with(bench, bench.effort.many)?.address())
}

/// Everything in a loaded database but what people wrote, by avis: rows, indexes, décomptes. Loaded avis have no
/// idempotency keys; those of real ones come on top, for three days.
pub(super) fn weigh(bench: &Bench<'_>, report: &mut Report, engine: &str, database: &str) -> Result<()> {
    let weight = exec::read(tool(bench, "database").args(["weigh", database]))?;
    let weight: Value = serde_json::from_str(&weight)?;
    let bytes = |value: &Value| value.as_f64().context("no bytes in the weight");
    let count = bytes(&weight["avis"])?;
    let texts = weight["tables"]["avis_text"].as_f64().unwrap_or_default();
    let all = bytes(&weight["bytes"])?;
    let each = (all - texts) / count;
    report.judge(
        format!("disk per avis without its texts, {} avis, {engine}", thousands(count)),
        format!("{each:.0} bytes (the database {:.2} GB, of which texts {:.2} GB)", all / 1e9, texts / 1e9),
        "< 250 bytes",
        each < 250.0,
    );
    let mut tables: Vec<(&String, f64)> = weight["tables"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, bytes)| (name, bytes.as_f64().unwrap_or_default() / count))
        .filter(|(_, each)| *each >= 0.5)
        .collect();
    tables.sort_by(|one, other| other.1.total_cmp(&one.1));
    let tables: Vec<String> = tables.iter().map(|(name, each)| format!("{name} {each:.0}")).collect();
    report.tell(format!("bytes per avis by table, indexes included, {engine}"), tables.join(", "));
    Ok(())
}

/// From the start of the process to the first 200 of `/health/ready`, the file in the page cache; then what the
/// process holds when nothing is asked of it.
pub(super) fn start(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    let loaded = Loaded::with(bench, bench.effort.many)?;
    let large = thousands(avis(loaded.avis));
    let mut times = Vec::new();
    let mut idle = 0;
    for _ in 0..STARTS {
        let mut server = Running::collector(bench, "collector-start", &loaded.address(), &[])?;
        times.push(server.ready()?.as_secs_f64() * 1e3);
        if times.len() == STARTS {
            thread::sleep(SETTLED);
            idle = server.memory("VmHWM")?;
        }
        server.stop()?;
    }
    let longest = percentile(&times, 100);
    report.judge(
        format!("start to ready on {large} avis (longest of {STARTS})"),
        format!("{longest:.0} ms (median {:.0})", median(&times)),
        "< 1 s",
        longest < 1000.0,
    );
    report.judge(
        format!("memory idle on {large} avis (VmHWM)"),
        format!("{:.1} MB", megabytes(idle)),
        "< 40 MB",
        idle < 40_000_000,
    );
    Ok(())
}
