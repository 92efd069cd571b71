//! `cargo xtask test`: every check and every test, one after the other, to the end.
//!
//! A failing step never stops the others: who broke two things learns of both.

mod layers;
mod postgres;
mod step;
mod tally;

use std::{
    env,
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{
    build, exec,
    project::Project,
    sbom,
    test::{
        postgres::Postgres,
        step::{Outcome, Step},
        tally::Tally,
    },
    tools::{self, Installing, Tool},
};

/// How much is run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Every check and every test, each as short as it can be.
    Everything,
    /// The tests that harm the database, and what they need; long. Alone: who waits for these has run the
    /// others.
    LongFaults,
}

impl Extent {
    pub(crate) fn of(faults: bool) -> Self {
        if faults { Self::LongFaults } else { Self::Everything }
    }

    fn tools(self) -> Vec<Tool> {
        match self {
            Self::Everything => tools::to_test(),
            Self::LongFaults => tools::to_test_faults(),
        }
    }

    fn steps(self, project: &Project) -> Vec<Step> {
        match self {
            Self::Everything => steps(project),
            Self::LongFaults => steps_of_long_faults(project),
        }
    }
}

/// Runs everything and prints the verdict: its last line is `N passed, M failed`. The one error is something
/// missing that may not be installed: then nothing was run.
pub(crate) fn test(project: &Project, installing: Installing, extent: Extent) -> Result<ExitCode> {
    let started = Instant::now();
    if installing == Installing::Refused {
        tools::prepare(project, extent.tools(), installing)?;
    }

    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut postgres = Postgres::default();
    for step in extent.steps(project) {
        println!("\n━━ {}", step.name());
        let outcome = step.run(project, &mut postgres);
        println!("━━ {}", outcome.line());
        outcomes.push(outcome);
    }
    drop(postgres);

    let total: Tally = outcomes.iter().map(|outcome| outcome.tally).sum();
    println!("\nIn {}:", minutes(started.elapsed()));
    for outcome in &outcomes {
        println!("  {}", outcome.line());
        for failure in &outcome.failures {
            println!("      {failure}");
        }
    }
    if extent == Extent::LongFaults {
        println!("The other checks and tests were not run.");
    } else if env::var_os("AVIS_REFERENCE_DATA").is_some() {
        println!("The published notes in AVIS_REFERENCE_DATA were checked.");
    } else {
        println!("AVIS_REFERENCE_DATA is not set: no published notes were checked.");
    }
    println!("{total}");
    Ok(if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Cheap checks come first, and the build before whatever compiles the collector for its tests: those embed
/// the widget too, and would be compiled twice.
fn steps(project: &Project) -> Vec<Step> {
    let cargo = |arguments: &[&str]| {
        let mut command = exec::cargo(project);
        command.args(arguments);
        command
    };
    let mut documentation = cargo(&["doc", "--workspace", "--no-deps"]);
    documentation.env("RUSTDOCFLAGS", "-D warnings");

    vec![
        Step::own("tools", |project| tools::prepare(project, tools::to_test(), Installing::Allowed)),
        Step::check("format", cargo(&["fmt", "--all", "--check", "--", "--color=never"])),
        Step::check(
            "dependencies: licences, sources, duplicates",
            cargo(&["deny", "--log-level=error", "check", "bans", "licenses", "sources"]),
        ),
        Step::own("layers: who may depend on whom", layers::check),
        Step::own("dependencies: the list of what the binary is made of", |project| {
            sbom::sbom(project, Installing::Refused)
        }),
        Step::own("build and weights", |project| build::build(project, Installing::Refused)),
        // `csr` is left out here: it and `ssr`, which the collector turns on, exclude each other.
        Step::check("clippy", cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])),
        Step::check(
            "clippy, widget in the browser",
            cargo(&[
                "clippy",
                "--package=widget",
                "--target=wasm32-unknown-unknown",
                "--no-default-features",
                "--features=csr",
                "--",
                "-D",
                "warnings",
            ]),
        ),
        Step::check("documentation", documentation),
        Step::tests(
            "tests of shared",
            cargo(&["test", "--package=shared", "--all-features", "--no-fail-fast"]),
        ),
        Step::tests("tests of widget", cargo(&["test", "--package=widget", "--no-fail-fast"])),
        Step::tests(
            "tests of widget, rendering on the server",
            cargo(&["test", "--package=widget", "--features=ssr", "--no-fail-fast"]),
        ),
        Step::postgres(),
        Step::tests("tests of collector", cargo(&["test", "--package=collector", "--no-fail-fast"])),
        Step::tests("fuzzing: what was found before", cargo(&["test", "--package=fuzz", "--no-fail-fast"])),
        Step::tests("tests of xtask", cargo(&["test", "--package=xtask", "--no-fail-fast"])),
        Step::tests(
            "tests from outside: API and browsers",
            outside(
                project,
                &["test", "--no-fail-fast", "--bin=load", "--bin=simulate", "--test=api", "--test=browser"],
            ),
        ),
        Step::check("what is published, read by programs of others", tools::validators(project)),
        Step::tests("faults", faults(project)),
        Step::tests("attacks", attacks(project)),
        // A figure to read, never a verdict: it depends on what else the machine does.
        Step::check("first question on a slow phone", outside(project, &["run", "--bin=first_question"])),
    ]
}

fn steps_of_long_faults(project: &Project) -> Vec<Step> {
    let long = |mut command: Command| {
        command.env("AVIS_FAULTS", "long");
        command
    };
    vec![
        Step::own("tools", |project| tools::prepare(project, tools::to_test_faults(), Installing::Allowed)),
        Step::own("build and weights", |project| build::build(project, Installing::Refused)),
        Step::postgres(),
        Step::tests("faults, the long runs", long(faults(project))),
        Step::tests("attacks, the long runs", long(attacks(project))),
    ]
}

fn faults(project: &Project) -> Command {
    one_by_one(project, "--test=faults")
}

fn attacks(project: &Project) -> Command {
    one_by_one(project, "--test=attacks")
}

/// One after the other: each of them weighs on the machine that the others measure.
fn one_by_one(project: &Project, tests: &str) -> Command {
    let mut command = outside(project, &["test", "--no-fail-fast", tests]);
    command.args(["--", "--test-threads=1"]);
    command
}

/// The `tests` crate, told where things are: the collector as it is delivered, axe-core, and programs that were only
/// unpacked. It finds the drivers of the browsers itself.
fn outside(project: &Project, arguments: &[&str]) -> Command {
    let mut command = exec::cargo(project);
    command.args(arguments).arg("--package=tests");
    command.env("AVIS_COLLECTOR", project.collector_binary());
    command.env("AVIS_AXE", tools::axe_script(project));
    if let Ok(path) = tools::path(project) {
        command.env("PATH", path);
    }
    command
}

fn minutes(time: Duration) -> String {
    format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60)
}
