//! Avis a second, and how long one takes at a steady rate.

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::bench::{
    Bench,
    database::{self, Loaded, address},
    figures::{Report, median, megabytes, thousands},
    running::{Commits, Running, load},
};

/// The turns that one server had.
#[derive(Default)]
pub(super) struct Turns(Vec<Turn>);

struct Turn {
    /// Avis stored a second.
    rate: f64,
    cost: Cost,
    failures: Failures,
    /// Of a collector.
    commits: Option<Commits>,
}

/// What an avis cost, and whom.
struct Cost {
    /// Microseconds of processor that the server used for each avis.
    server: f64,
    /// Those that the load generator used.
    generator: f64,
    /// In how much of the time the machine's processors had something to do.
    busy: f64,
}

impl Cost {
    fn of(answered: &Value) -> Result<Self> {
        let successes = figure(answered, "successes")?.max(1.0);
        Ok(Self {
            server: 1e6 * figure(answered, "server_cpu_seconds")? / successes,
            generator: 1e6 * figure(answered, "generator_cpu_seconds")? / successes,
            busy: figure(answered, "machine_busy")?,
        })
    }

    fn words(&self) -> String {
        let Self { server, generator, busy } = self;
        let busy = 100.0 * busy;
        format!(
            "{server:.1} µs of processor each (the generator {generator:.1} µs; machine {busy:.0} % busy)"
        )
    }
}

impl Turns {
    /// As fast as answers come, for one turn. One in which nothing was stored is no turn, and nothing to compare with.
    pub(super) fn take(&mut self, bench: &Bench<'_>, server: &Running) -> Result<()> {
        let (turn, pid) = (bench.effort.turn.to_string(), server.pid().to_string());
        let before = server.commits()?;
        let answered = load(bench, ["closed", server.authority(), "--seconds", &turn, "--pid", &pid])?;
        let commits = server.commits()?.zip(before).map(|(after, before)| after.since(before));
        let (rate, failures) = (figure(&answered, "successes_per_second")?, Failures::of(&answered));
        ensure!(rate > 0.0, "{} stored nothing in a turn{}", server.name(), failures.words());
        self.0.push(Turn { rate, cost: Cost::of(&answered)?, failures, commits });
        Ok(())
    }

    fn median_of(&self, figure: impl Fn(&Turn) -> f64) -> f64 {
        median(&self.0.iter().map(figure).collect::<Vec<_>>())
    }

    fn failures(&self) -> Failures {
        self.0.iter().map(|turn| &turn.failures).collect()
    }

    /// The median of the rounds' ratios, and the smallest and largest of them.
    pub(super) fn ratio_to(&self, other: &Self) -> Ratio {
        let ratios: Vec<f64> =
            self.0.iter().zip(&other.0).map(|(mine, theirs)| mine.rate / theirs.rate).collect();
        Ratio {
            median: median(&ratios),
            least: ratios.iter().copied().fold(f64::INFINITY, f64::min),
            most: ratios.iter().copied().fold(0.0, f64::max),
            sound: self.failures().none() && other.failures().none(),
        }
    }

    pub(super) fn words(&self) -> String {
        let rate = thousands(self.median_of(|turn| turn.rate));
        let cost = Cost {
            server: self.median_of(|turn| turn.cost.server),
            generator: self.median_of(|turn| turn.cost.generator),
            busy: self.median_of(|turn| turn.cost.busy),
        };
        let commits = self.0.iter().filter_map(|turn| turn.commits).reduce(Commits::and);
        let commits = commits.map(|commits| format!("; {}", commits.words())).unwrap_or_default();
        format!("{rate}/s, {}{commits}{}", cost.words(), self.failures().words())
    }
}

/// One server against another.
pub(super) struct Ratio {
    median: f64,
    least: f64,
    most: f64,
    /// Neither of the two failed: a failure costs less than an avis, and whoever is measured against a server that
    /// fails looks better than it is.
    sound: bool,
}

impl Ratio {
    pub(super) fn meets(&self, budget: f64) -> bool {
        self.sound && self.median >= budget
    }

    pub(super) fn words(&self) -> String {
        let unsound = if self.sound { "" } else { ", one of them FAILED requests" };
        format!("{:.2} × ({:.2} to {:.2}){unsound}", self.median, self.least, self.most)
    }
}

/// Answers that were no success by their status, connections that broke, requests without an answer.
struct Failures(BTreeMap<String, u64>);

impl Failures {
    fn of(answered: &Value) -> Self {
        let statuses = answered["by_status"].as_object().into_iter().flatten();
        let others = statuses.filter(|(status, _)| *status != CREATED);
        let rest = ["broken", "unanswered"].map(|name| (name.to_owned(), &answered[name]));
        let all = others.map(|(status, count)| (status.clone(), count)).chain(rest);
        Self(all.map(|(what, count)| (what, count.as_u64().unwrap_or_default())).collect())
    }

    fn none(&self) -> bool {
        self.0.values().all(|count| *count == 0)
    }

    fn words(&self) -> String {
        if self.none() {
            return String::new();
        }
        let some = self.0.iter().filter(|(_, count)| **count > 0);
        let some: Vec<String> = some.map(|(what, count)| format!("{count} × {what}")).collect();
        format!(", FAILED: {}", some.join(", "))
    }
}

impl<'a> FromIterator<&'a Self> for Failures {
    fn from_iter<I: IntoIterator<Item = &'a Self>>(several: I) -> Self {
        let mut sum = BTreeMap::new();
        for (what, count) in several.into_iter().flat_map(|failures| &failures.0) {
            *sum.entry(what.clone()).or_default() += count;
        }
        Self(sum)
    }
}

/// The only success: stored. A 202 would be an avis in the spool.
const CREATED: &str = "201";

fn figure(answered: &Value, name: &str) -> Result<f64> {
    answered[name].as_f64().with_context(|| format!("no {name} in the load's report"))
}

/// On an empty database and on a large one, against the server that stores nothing and the one that makes an INSERT
/// of each avis.
pub(super) fn sqlite(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    let loaded = Loaded::with(bench, bench.effort.many)?;
    let large = address(&loaded.copy(bench)?);
    let single_file = bench.scratch().join("single.db");

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
    report.tell(format!("storing nothing ({rounds} each, 512 connections)"), null.words());
    report.tell("SQLite, one INSERT a request", single.words());
    report.tell("SQLite, durable, empty database", on_empty.words());
    report.tell("SQLite, durable, empty database, logging warnings alone", silent.words());
    report.tell(format!("SQLite, durable, {large} avis"), on_large.words());
    for (what, turns) in [("an empty database".to_owned(), &on_empty), (format!("{large} avis"), &on_large)] {
        let ratio = turns.ratio_to(&null);
        let met = ratio.meets(0.6);
        report.judge(format!("SQLite on {what} : storing nothing"), ratio.words(), "≥ 0.6 ×", met);
        let ratio = turns.ratio_to(&single);
        let met = ratio.meets(10.0);
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
    let before = server.commits()?;
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
    let latency = &answered["latency_ms"];
    let (p50, p99, max) = (figure(latency, "p50")?, figure(latency, "p99")?, figure(latency, "max")?);
    let failures = Failures::of(&answered);
    report.judge(
        format!("p99 at 1,000 avis/s offered for {seconds} s, open loop, {what}"),
        format!(
            "{p99:.1} ms (p50 {p50:.1}, p99.9 {:.1}, longest {max:.1}{})",
            figure(latency, "p99.9")?,
            failures.words()
        ),
        "< 20 ms",
        p99 < 20.0 && failures.none(),
    );
    let commits = server.commits()?.zip(before).map(|(after, before)| after.since(before).words());
    let cost = Cost::of(&answered)?.words();
    report.tell(
        format!("cost at that rate, {what}"),
        [cost].into_iter().chain(commits).collect::<Vec<_>>().join("; "),
    );
    Ok(())
}

/// Full load, forwarded for a million addresses, limits on: what is kept of each must not fill the memory. What stays of
/// it after them is told as well; the caches of the database are in it. What comes about one démarche and in all is not
/// limited here: the rest would be refused, and cost less.
pub(super) fn crowd(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    let file = database::empty(bench, "crowd")?;
    let proxy =
        ["--trusted-proxy=127.0.0.0/8", "--limit-demarche-burst=2000000", "--limit-everyone-burst=2000000"];
    let server = Running::limited(bench, "collector-crowd", &address(&file), &proxy)?;
    let addresses = bench.effort.addresses.to_string();
    let before = server.memory("VmRSS")?;
    let since = Instant::now();
    let answered = load(bench, ["closed", server.authority(), "--seconds", "1", "--addresses", &addresses])?;
    let (seconds, failures) = (since.elapsed().as_secs_f64(), Failures::of(&answered));
    let peak = server.memory("VmHWM")?;
    report.judge(
        format!(
            "memory at full load from {} client addresses, limits on (VmHWM)",
            thousands(avis(bench.effort.addresses))
        ),
        format!(
            "{:.0} MB (IPv4 in 2,048 /24, IPv6 /64 in /48 of four, in {seconds:.0} s{})",
            megabytes(peak),
            failures.words()
        ),
        "< 256 MB",
        peak < 256_000_000 && failures.none(),
    );
    thread::sleep(FORGETTING);
    let after = server.memory("VmRSS")?;
    report.tell(
        "memory before, during and after them (VmRSS, VmHWM, VmRSS)",
        format!("{:.0}, {:.0}, {:.0} MB", megabytes(before), megabytes(peak), megabytes(after)),
    );
    Ok(())
}

/// How long a collector needs to forget a crowd: it looks once a minute, and memory goes back a little later.
const FORGETTING: Duration = Duration::from_secs(150);

#[expect(clippy::cast_precision_loss, reason = "far from 2^52")]
pub(super) fn avis(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn turns(rate: f64, answered: &Value) -> Turns {
        let cost = Cost { server: 0.0, generator: 0.0, busy: 0.0 };
        Turns(vec![Turn { rate, cost, failures: Failures::of(answered), commits: None }])
    }

    #[test]
    fn only_an_avis_that_is_stored_is_no_failure() {
        let answered = json!({"by_status": {"201": 9, "202": 2, "503": 1}, "broken": 0, "unanswered": 3});
        let failures = Failures::of(&answered);
        assert_eq!(failures.words(), ", FAILED: 2 × 202, 1 × 503, 3 × unanswered");
        assert!(Failures::of(&json!({"by_status": {"201": 9}, "broken": 0, "unanswered": 0})).none());
    }

    #[test]
    fn a_ratio_to_a_server_that_fails_meets_nothing() {
        let (good, bad) = (json!({"by_status": {"201": 9}}), json!({"by_status": {"201": 1, "503": 9}}));
        assert!(turns(4.0, &good).ratio_to(&turns(1.0, &good)).meets(4.0));
        assert!(!turns(3.0, &good).ratio_to(&turns(1.0, &good)).meets(4.0));
        assert!(!turns(4.0, &good).ratio_to(&turns(1.0, &bad)).meets(4.0));
        assert!(!turns(4.0, &bad).ratio_to(&turns(1.0, &good)).meets(4.0));
    }
}
