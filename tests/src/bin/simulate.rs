//! Crowds and attackers against the limits and the quarantine: `cargo run --release -p tests --bin simulate`.
//!
//! Prints the table of `docs/vigilance.md`; with `--write`, writes it there. That it says there what comes of it now is
//! tested.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::tests::simulation::{self, Ledger, Scenario};
use clap::Parser;

/// The seed of the published table.
const SEED: u64 = 1;

/// Between these lines the document has the table.
const BEGIN: &str = "<!-- simulate: begin -->\n";
const END: &str = "<!-- simulate: end -->\n";

#[derive(Parser)]
struct Arguments {
    /// Which random numbers
    #[arg(long, default_value_t = SEED)]
    seed: u64,
    /// Writes the table into docs/vigilance.md
    #[arg(long, conflicts_with = "seed")]
    write: bool,
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool prints its table")]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let table = simulation::table(&play(arguments.seed));
    print!("{table}");
    if arguments.write
        && let Err(error) = write(&table)
    {
        eprintln!("simulate: {}: {error}", document().display());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn play(seed: u64) -> Vec<(Scenario, Ledger)> {
    simulation::all().into_iter().map(|scenario| (scenario, scenario.run(seed))).collect()
}

fn document() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/vigilance.md")
}

/// The document before the table, the table, and what follows it.
fn parts(text: &str) -> Option<[&str; 3]> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (table, after) = rest.split_once(END)?;
    Some([before, table, after])
}

fn write(table: &str) -> std::io::Result<()> {
    let text = std::fs::read_to_string(document())?;
    let [before, _, after] =
        parts(&text).ok_or_else(|| std::io::Error::other("it has no place for the table"))?;
    std::fs::write(document(), format!("{before}{BEGIN}{table}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::tests::simulation::Bound;

    #[test]
    fn crowds_are_heard_and_cheats_are_not_and_the_document_says_how_far() {
        let results = play(SEED);
        let mut all = Ledger::default();
        for (Scenario { name, bound, .. }, ledger) in &results {
            all += *ledger;
            match bound {
                Bound::NoneHeldBack => assert_eq!((ledger.held_back, ledger.refused), (0, 0), "{name}"),
                Bound::OneInAHundred => {
                    assert!(100 * ledger.counted <= ledger.dishonest, "{name}: {ledger:?}");
                }
                Bound::ATenth => assert!(ledger.shift() >= -0.1, "{name}: {ledger:?}"),
                // The document tells by how much. Once it is met, it is asked for.
                Bound::KnownShortfall => assert!(ledger.shift() < -0.1, "{name} is met: {ledger:?}"),
            }
        }
        assert!(1_000 * (all.held_back + all.refused) <= all.honest, "{all:?}");
        let text = std::fs::read_to_string(document()).unwrap();
        let [_, written, _] = parts(&text).expect("docs/vigilance.md has a table");
        assert_eq!(written, simulation::table(&results), "write it anew: simulate --write");
    }
}
