//! A synthetic CSV export of today's service: `cargo run -p tests --bin jdma_export -- --avis 1000000 > export.csv`.

use std::io::{self, BufWriter, stdout};

use clap::Parser;
use tests::jdma_export::Export;

/// Writes a synthetic CSV export of Je donne mon avis to standard output.
#[derive(Parser)]
struct Arguments {
    /// How many avis
    #[arg(long, default_value_t = 1_000_000)]
    avis: u64,
    /// What chance is made of: the same seed makes the same file
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// In any order, rather than the oldest first
    #[arg(long)]
    shuffled: bool,
    /// Each with a comment, as today's service exports them by default
    #[arg(long)]
    commented: bool,
}

fn main() -> io::Result<()> {
    let Arguments { avis, seed, shuffled, commented } = Arguments::parse();
    let export = Export { avis, seed, shuffled, commented };
    export.write(&mut BufWriter::with_capacity(1 << 16, stdout().lock()))
}
