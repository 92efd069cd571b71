//! Averages of all démarches: made anew, and found unchanged.

use anyhow::{Context as _, Result, bail};
use jiff::{ToSpan as _, civil::Date};
use serde_json::Value;

use crate::bench::{
    Bench,
    database::Loaded,
    figures::{Report, median, percentile, thousands},
    posts::avis,
    running::{Running, load},
};

/// Periods of 365 days within the 400 days that have avis.
const PERIODS: i64 = 36;

/// How often a document that did not change is asked for.
const REPEATS: &str = "2000";

/// Twelve months of 250 démarches, on the large database and on the small one in turn.
///
/// Each request asks for other twelve months, one day earlier than the one before, so none can be answered from what
/// was kept of another; and both its ends lie within a month, which reads more rows than whole months do.
pub(super) fn satisfaction(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    let many = Loaded::with(bench, bench.effort.many)?;
    let few = Loaded::with(bench, bench.effort.few)?;
    let on_many = Running::collector(bench, "collector-many", &many.address(), &[])?;
    let on_few = Running::collector(bench, "collector-few", &few.address(), &[])?;
    on_many.ready()?;
    on_few.ready()?;

    // One may have been loaded on a later day: periods of which both have every day.
    let until = many.until.min(few.until);
    let paths: Vec<String> = (0..PERIODS).map(|ago| path(until, ago)).collect();
    let mut arguments = vec!["read", "--server", on_many.authority(), "--server", on_few.authority()];
    arguments.extend(paths.iter().flat_map(|path| ["--path", path.as_str()]));
    let reads = load(bench, arguments)?;
    let (times, few_times) = (times(&reads[0], 200)?, times(&reads[1], 200)?);
    let (time, large) = (median(&times), thousands(avis(many.avis)));
    report.judge(
        format!("250 démarches × 12 months, {large} avis, not cached (median of {PERIODS} periods)"),
        format!(
            "{time:.1} ms (p90 {:.1}, longest {:.1}; {:.0} kB)",
            percentile(&times, 90),
            percentile(&times, 100),
            reads[0]["bytes"].as_f64().unwrap_or_default() / 1e3
        ),
        "< 50 ms",
        time < 50.0,
    );
    let ratios: Vec<f64> = times.iter().zip(&few_times).map(|(many, few)| many / few).collect();
    report.judge(
        format!("the same with {large} avis : with {}", thousands(avis(few.avis))),
        format!("{:.2} × ({:.1} ms)", median(&ratios), median(&few_times)),
        "≤ 1.3 ×",
        median(&ratios) <= 1.3,
    );

    let etag = reads[0]["etag"].as_str().context("the averages have no ETag")?.to_owned();
    let last = path(until, PERIODS - 1);
    let unchanged = load(
        bench,
        [
            "read",
            "--server",
            on_many.authority(),
            "--path",
            &last,
            "--rounds",
            REPEATS,
            "--if-none-match",
            &etag,
        ],
    )?;
    let unchanged = self::times(&unchanged[0], 304)?;
    let p99 = percentile(&unchanged, 99);
    report.judge(
        format!("304 for who has them already, {large} avis (p99 of {REPEATS})"),
        format!("{p99:.2} ms (median {:.2}, longest {:.2})", median(&unchanged), percentile(&unchanged, 100)),
        "< 2 ms",
        p99 < 2.0,
    );
    Ok(())
}

/// The averages of the 365 days that end so many days before `until`.
fn path(until: Date, ago: i64) -> String {
    let to = until.saturating_sub(ago.days());
    format!("/api/v1/satisfaction?from={}&to={to}", to.saturating_sub(364.days()))
}

/// The milliseconds of a reading, all of which were answered with this status.
fn times(reads: &Value, status: u64) -> Result<Vec<f64>> {
    let statuses = reads["statuses"].as_array().context("no statuses in the load's report")?;
    if let Some(other) = statuses.iter().find(|other| other.as_u64() != Some(status)) {
        bail!("the averages were answered with {other}, not with {status}");
    }
    let times = reads["milliseconds"].as_array().context("no times in the load's report")?;
    Ok(times.iter().filter_map(Value::as_f64).collect())
}
