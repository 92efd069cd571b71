//! Avis in and out: the import of today's export, and the export of avis with their comments.

use std::{
    fs::{self, File},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use crate::{
    bench::{
        Bench,
        database::address,
        figures::{Report, megabytes, thousands},
        posts::avis,
        running::{collector, tool},
    },
    exec,
};

const IMPORTED: f64 = 50_000.0;
const EXPORTED: f64 = 200_000.0;

/// How often a program is asked for the most memory that it held.
const LOOK: Duration = Duration::from_millis(5);

/// A synthetic export of today's service, in which each avis has a comment, is imported, imported again, and exported;
/// a tenth of it before, to see whether memory grows with it.
pub(super) fn measure(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    for count in [bench.effort.few / 10, bench.effort.few] {
        let file = bench.scratch().join("export.csv");
        let mut writing = tool(bench, "jdma_export");
        exec::run(writing.args(["--commented", "--avis", &count.to_string()]).stdout(File::create(&file)?))?;
        let path = bench.scratch().join("imported.db");
        let database = address(&path);
        exec::read(&mut collector(
            bench,
            &["demarche", "add", "--id", "3059", "--title", "Une démarche", "--administration", "Une"],
            &database,
        ))?;
        let large = thousands(avis(count));
        let file = file.to_string_lossy().into_owned();
        let import = ["import", "jdma-csv", "--demarche", "3059", "--filtered", &file];
        for what in ["", ", all of them there already"] {
            let run = Run::of(collector(bench, &import, &database).stdout(Stdio::null()))?;
            run.judge(
                report,
                format!("import jdma-csv of {large} avis with comments{what}"),
                count,
                IMPORTED,
            );
        }
        exec::read(&mut collector(bench, &["verify"], &database))?;
        for format in ["csv", "jsonl"] {
            let days = ["--from", "2020-01-01", "--to", "2999-12-31", "--format", format];
            let words = [&["export", "avis", "--demarche", "3059"][..], &days].concat();
            let output = File::create(bench.scratch().join("export.out"))?;
            let run = Run::of(collector(bench, &words, &database).stdout(output))?;
            run.judge(
                report,
                format!("export avis of {large} avis with comments, {format}"),
                count,
                EXPORTED,
            );
        }
        fs::remove_file(&path)?;
    }
    Ok(())
}

/// A program that was run to its end.
struct Run {
    seconds: f64,
    /// The most memory that it held, in bytes.
    memory: u64,
}

impl Run {
    fn of(command: &mut Command) -> Result<Self> {
        let since = Instant::now();
        let mut process = command.spawn()?;
        let status = format!("/proc/{}/status", process.id());
        let mut memory = 0;
        let ended = loop {
            if let Some(ended) = process.try_wait()? {
                break ended;
            }
            let held = fs::read_to_string(&status).ok().and_then(|status| {
                let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
                line.trim().strip_suffix(" kB")?.parse::<u64>().ok()
            });
            memory = memory.max(held.unwrap_or(0) * 1_024);
            thread::sleep(LOOK);
        };
        if !ended.success() {
            bail!("`{}` ended with {ended}", exec::shown(command));
        }
        Ok(Self { seconds: since.elapsed().as_secs_f64(), memory })
    }

    fn judge(&self, report: &mut Report, what: String, count: u64, budget: f64) {
        let rate = avis(count) / self.seconds;
        report.judge(
            what,
            format!("{}/s ({:.1} s, VmHWM {:.0} MB)", thousands(rate), self.seconds, megabytes(self.memory)),
            &format!("≥ {}/s", thousands(budget)),
            rate >= budget,
        );
    }
}
