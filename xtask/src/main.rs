//! The project's own commands: `cargo xtask build`, `run`, `test`, `bench`, `fuzz` and `sbom`.
//!
//! Everything a contributor or a build machine does goes through these, so that there is one way to
//! do it and it is written in the language of the rest.

#![expect(clippy::print_stdout, reason = "a tool for people at a terminal: printing is its work")]

mod bench;
mod build;
mod collector;
mod digest;
mod exec;
mod fuzz;
mod project;
mod run;
mod sbom;
mod test;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{project::Project, test::Extent};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "The project's own commands")]
struct Arguments {
    #[command(subcommand)]
    command: Command,

    /// Install nothing: name what is missing and how to install it, then stop.
    #[arg(long, global = true)]
    no_install: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Build the collector with the widget inside (target/release/collector), and weigh what people download.
    Build,
    /// Build, then serve the collector and a host page to try it on, until Ctrl-C.
    Run,
    /// Run every check and every test; the last line is `N passed, M failed`.
    Test {
        /// Only build, and run the tests that harm the database, for as long as it takes to trust the answer.
        #[arg(long)]
        faults: bool,
    },
    /// Measure the engine against its budgets on this machine: twenty minutes, and some 5 GB of disk.
    Bench(bench::Options),
    /// Look for bytes that a parser cannot stand, for some minutes, and try again all that were ever found.
    Fuzz(fuzz::Options),
    /// List what the collector's binary is made of, as CycloneDX (target/release/collector.cdx.json).
    Sbom,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let project = Project::find();
    let installing =
        if arguments.no_install { tools::Installing::Refused } else { tools::Installing::Allowed };

    let result = match arguments.command {
        Command::Build => build::build(&project, installing),
        Command::Run => run::run(&project, installing),
        Command::Bench(options) => bench::bench(&project, installing, &options),
        Command::Sbom => sbom::sbom(&project, installing),
        Command::Fuzz(options) => fuzz::fuzz(&project, installing, &options),
        // Its last line is the verdict: nothing is printed after it.
        Command::Test { faults } => match test::test(&project, installing, Extent::of(faults)) {
            Ok(verdict) => return verdict,
            Err(error) => Err(error),
        },
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            exec::complain(&error);
            ExitCode::FAILURE
        }
    }
}
