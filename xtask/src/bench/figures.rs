//! The lines of the report: what, figure, budget, met or not.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Result;
use serde_json::{Value, json};

use crate::bench::machine::Machine;

/// All lines so far.
pub(super) struct Report {
    machine: Machine,
    /// Which build is measured.
    build: String,
    extent: Extent,
    lines: Vec<Line>,
    parts: Vec<(String, Duration)>,
}

/// How much of the benchmark is run.
pub(super) struct Extent {
    /// Small databases, short rounds.
    pub(super) quick: bool,
    /// The parts, if not all of them.
    pub(super) only: Option<String>,
}

impl Extent {
    /// The results of less than everything never replace the whole table.
    fn file(&self) -> String {
        let quick = if self.quick { "-quick" } else { "" };
        let partial = if self.only.is_some() { "-partial" } else { "" };
        format!("results{quick}{partial}")
    }
}

struct Line {
    what: String,
    figure: String,
    budget: String,
    verdict: Verdict,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Met,
    NotMet,
    NotMeasured,
    /// There is no budget for it.
    None,
}

impl Verdict {
    fn of(met: bool) -> Self {
        if met { Self::Met } else { Self::NotMet }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "NOT MET",
            Self::NotMeasured => "NOT MEASURED",
            Self::None => "",
        }
    }
}

impl Report {
    pub(super) fn new(machine: Machine, build: String, extent: Extent) -> Self {
        Self { machine, build, extent, lines: Vec::new(), parts: Vec::new() }
    }

    pub(super) fn print_head(&self) {
        println!();
        for line in self.head() {
            println!("{line}");
        }
    }

    fn head(&self) -> Vec<String> {
        let mut head = self.machine.lines();
        head.push(format!("Build: {}.", self.build));
        head.push(
            "Load generator, servers and database share this machine. Memory is that of the collector's process \
             alone, the most it ever held (VmHWM): without the load generator, without PostgreSQL, without the page \
             cache."
                .to_owned(),
        );
        if let Some(parts) = &self.extent.only {
            head.push(format!("Not the whole benchmark, only: {parts}."));
        }
        if self.extent.quick {
            head.push(
                "A quick run: one million avis instead of sixteen, short rounds. Not to judge by.".to_owned(),
            );
        }
        head
    }

    /// A figure that has a budget.
    pub(super) fn judge(
        &mut self,
        what: impl Into<String>,
        figure: impl Into<String>,
        budget: &str,
        met: bool,
    ) {
        let line = Line {
            what: what.into(),
            figure: figure.into(),
            budget: budget.to_owned(),
            verdict: Verdict::of(met),
        };
        self.push(line);
    }

    /// A figure that has none.
    pub(super) fn tell(&mut self, what: impl Into<String>, figure: impl Into<String>) {
        self.push(Line {
            what: what.into(),
            figure: figure.into(),
            budget: String::new(),
            verdict: Verdict::None,
        });
    }

    /// A part that failed, with its reason.
    pub(super) fn not_measured(&mut self, what: &str) {
        self.push(Line {
            what: what.to_owned(),
            figure: String::new(),
            budget: String::new(),
            verdict: Verdict::NotMeasured,
        });
    }

    fn push(&mut self, line: Line) {
        let budget =
            if line.budget.is_empty() { String::new() } else { format!("  (budget {})", line.budget) };
        println!("{:>12}  {}: {}{budget}", line.verdict.words(), line.what, line.figure);
        self.lines.push(line);
    }

    pub(super) fn part_took(&mut self, name: &str, time: Duration) {
        println!("{:>12}  {name}: {:.0} s", "", time.as_secs_f64());
        self.parts.push((name.to_owned(), time));
    }

    /// Budgets not met, or not measured.
    pub(super) fn failures(&self) -> usize {
        self.lines
            .iter()
            .filter(|line| matches!(line.verdict, Verdict::NotMet | Verdict::NotMeasured))
            .count()
    }

    /// As a table, whose file is returned, and the same as JSON beside it.
    pub(super) fn write(&self, directory: &Path) -> Result<PathBuf> {
        let table = directory.join(self.extent.file()).with_extension("md");
        fs::write(&table, self.markdown())?;
        fs::write(table.with_extension("json"), format!("{:#}\n", self.json()))?;
        Ok(table)
    }

    fn markdown(&self) -> String {
        let mut lines = self.head();
        lines.push(String::new());
        lines.push("| what | measured | budget | |\n|---|---|---|---|".to_owned());
        lines.extend(self.lines.iter().map(|line| {
            let cells = [&line.what, &line.figure, &line.budget].map(|text| text.replace('|', "\\|"));
            format!("| {} | {} |", cells.join(" | "), line.verdict.words())
        }));
        lines.push(String::new());
        let took: Vec<String> =
            self.parts.iter().map(|(name, time)| format!("{name} {:.0} s", time.as_secs_f64())).collect();
        lines.push(format!("Seconds a part took: {}.", took.join(", ")));
        lines.push(String::new());
        lines.join("\n")
    }

    fn json(&self) -> Value {
        let lines: Vec<Value> = self
            .lines
            .iter()
            .map(|line| {
                json!({
                    "what": line.what, "figure": line.figure, "budget": line.budget,
                    "verdict": line.verdict.words(),
                })
            })
            .collect();
        let parts: Vec<Value> = self
            .parts
            .iter()
            .map(|(name, time)| json!({"part": name, "seconds": time.as_secs_f64()}))
            .collect();
        json!({
            "machine": self.machine.lines(), "build": self.build, "quick": self.extent.quick,
            "only": self.extent.only, "lines": lines, "parts": parts,
        })
    }
}

/// The middle one; of an even number, the mean of the two in the middle. None of nothing is 0.
pub(super) fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    match (sorted.get((sorted.len().max(1) - 1) / 2), sorted.get(sorted.len() / 2)) {
        (Some(low), Some(high)) => f64::midpoint(*low, *high),
        _ => 0.0,
    }
}

/// The figure that this many of a hundred do not exceed.
pub(super) fn percentile(figures: &[f64], percent: usize) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

/// A whole number with its thousands apart: 16,000,000.
pub(super) fn thousands(number: f64) -> String {
    let digits = format!("{:.0}", number.abs());
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Bytes in MB of a million.
pub(super) fn megabytes(bytes: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "memory of a process")]
    let bytes = bytes as f64;
    bytes / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_less_than_everything_has_a_file_of_its_own() {
        let file = |quick, only: Option<&str>| Extent { quick, only: only.map(str::to_owned) }.file();
        assert_eq!(file(false, None), "results");
        assert_eq!(file(true, None), "results-quick");
        assert_eq!(file(false, Some("disk")), "results-partial");
        assert_eq!(file(true, Some("disk")), "results-quick-partial");
    }

    #[test]
    fn a_median_lies_in_the_middle_whatever_the_order() {
        assert_eq!(format!("{} {}", median(&[3.0, 1.0, 2.0]), median(&[4.0, 1.0])), "2 2.5");
        assert_eq!(format!("{}", median(&[])), "0");
    }

    #[test]
    fn of_a_hundred_figures_one_exceeds_the_99th_percentile() {
        let figures: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(format!("{} {}", percentile(&figures, 99), percentile(&figures, 100)), "99 100");
        assert_eq!(format!("{}", percentile(&[7.0], 99)), "7");
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([1.0, 999.0, 1000.0, 16e6].map(thousands), ["1", "999", "1,000", "16,000,000"]);
    }
}
