//! The same on PostgreSQL.

use anyhow::Result;

use crate::{
    bench::{
        Bench, database,
        figures::Report,
        posts::{self, Turns},
        running::{Running, tool},
        upkeep,
    },
    exec,
};

/// Avis to weigh. Fewer would weigh the décomptes, of which there are as many for any number of avis; more would take
/// long to load.
const LOADED: u64 = 1_000_000;

/// A server of its own, with the settings that it comes with: synced commits. Its data lie where those of SQLite do.
pub(super) fn measure(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    let server = Running::tool(bench, "postgres", &["--folder", &bench.scratch().display().to_string()])?;
    let make = |name: &str| -> Result<String> {
        let made = exec::read(tool(bench, "database").args(["create", &server.line, name]))?;
        Ok(made.trim().to_owned())
    };
    let (durable, singles) = (make("avis_durable")?, make("avis_single")?);
    database::register(bench, &durable)?;
    let collector = Running::collector(bench, "collector-postgres", &durable, &[])?;
    let single_server = Running::tool(bench, "single_insert_server", &["--database", &singles])?;

    let [mut many, mut single] = <[Turns; 2]>::default();
    for _ in 0..bench.effort.rounds {
        many.take(bench, &collector)?;
        single.take(bench, &single_server)?;
    }
    report.tell("PostgreSQL, one INSERT a request, 16 connections", single.words());
    report.tell("PostgreSQL, durable, a database that was empty before the first round", many.words());
    let ratio = many.ratio_to(&single);
    report.judge("PostgreSQL : one INSERT a request", ratio.words(), "≥ 3 ×", ratio.meets(3.0));
    posts::memory_at_full_load(report, "PostgreSQL", collector.memory("VmHWM")?);
    posts::steady(bench, report, &collector, "PostgreSQL")?;
    drop((collector, single_server));

    let loaded = make("avis_loaded")?;
    let seconds = database::fill(bench, &loaded, LOADED, database::yesterday())?;
    upkeep::tell_loading(report, "PostgreSQL", LOADED, seconds, "");
    upkeep::weigh(bench, report, "PostgreSQL", &loaded)
}
