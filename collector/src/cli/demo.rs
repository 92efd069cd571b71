//! `collector demo`.

use super::{Failure, progress, say};
use crate::application::keyring;
use crate::clock::Clock;
use crate::day::Day;
use crate::demo::{self, Plan};
use crate::store::Store;
use clap::Args;
use std::sync::Arc;
use std::time::Instant;

/// The first day that may be the last one: receipts count days from 2020 on.
const EARLIEST: Day = Day::constant(2021, 3, 1);

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// How many démarches
    #[arg(long, default_value_t = 250, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    demarches: u32,
    /// How many avis, of all démarches together
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    avis: u64,
    /// What chance is made of: the same seed and the same last day make the same averages to the byte
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The last of the 400 days over which the avis spread; yesterday in Paris, if none is given
    #[arg(long, value_name = "DAY")]
    until: Option<Day>,
}

impl Demo {
    pub(super) async fn run(self, store: &dyn Store) -> Result<(), Failure> {
        let clock = Clock::system();
        let until = self.until.unwrap_or_else(|| clock.today().plus(-1));
        if until < EARLIEST {
            return Err(Failure::usage(format!("--until {until}: no day before {EARLIEST} can be the last")));
        }
        let begun = Instant::now();
        let demarches = usize::try_from(self.demarches).unwrap_or(usize::MAX);
        let plan = Plan { demarches, avis: self.avis, seed: self.seed, until };
        let demo = Arc::new(demo::Demo::new(&plan));
        let (from, to) = demo.days();
        let keyring = keyring(store, None, &clock).await?;
        let bar = progress::bar(self.avis, "avis");
        let filled = demo::fill(store, demo, keyring, |written| bar.set_position(written)).await;
        bar.finish_and_clear();
        filled.map_err(|error| Failure::new(error.to_string()))?;
        let milliseconds = begun.elapsed().as_millis().max(1);
        let rate = u128::from(self.avis) * 1_000 / milliseconds;
        say(&format!(
            "{demarches} démarches and {} avis from {from} to {to} in {}.{} s, {rate} avis/s",
            self.avis,
            milliseconds / 1_000,
            milliseconds % 1_000 / 100
        ));
        Ok(())
    }
}
