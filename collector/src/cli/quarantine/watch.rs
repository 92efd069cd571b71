//! `collector quarantine watch`.

use super::printable;
use crate::cli::{Failure, say};
use crate::clock::Clock;
use crate::mending::{Counting, Selection};
use crate::quarantine::watch::{self, Comments};
use crate::store::{Period, Store};
use clap::Args;
use futures_util::TryStreamExt;

#[derive(Debug, Args)]
pub(in crate::cli) struct Watch {
    /// The day to look at and the one before; today if none is given
    #[arg(long, value_name = "DAY")]
    day: Option<crate::day::Day>,
    /// How many avis of a day must give a comment for it to be shown
    #[arg(long, default_value_t = 10, value_name = "AVIS", value_parser = clap::value_parser!(u64).range(2..))]
    alike: u64,
}

impl Watch {
    pub(super) async fn run(self, store: &dyn Store) -> Result<(), Failure> {
        let last = self.day.unwrap_or_else(|| Clock::system().today());
        let days = watch::days(last);
        let periods = [
            watch::before(last),
            Period { from: days[0], to: days[0] },
            Period { from: days[1], to: days[1] },
        ];
        let tallies = store.tallies_of_periods(&periods).await?;
        let (before, those) = tallies.split_first().unwrap_or((const { &vec![] }, &[]));
        say("demarche\tday\tpas_bien\tn\tpas_bien before\tn before\tz");
        for (day, tallies) in days.iter().zip(those) {
            for one in watch::changes(tallies, before) {
                say(&format!(
                    "{}\t{day}\t{:.1} %\t{}\t{:.1} %\t{}\t{:+.1}",
                    one.demarche.0,
                    one.now.percent(),
                    one.now.avis,
                    one.before.percent(),
                    one.before.avis,
                    one.z
                ));
            }
        }
        let selection = Selection::of(Period { from: days[0], to: days[1] }, Counting::Anyhow);
        let mut comments = Comments::default();
        let mut avis = store.selected(&selection);
        while let Some(some) = avis.try_next().await? {
            comments.add(&some);
        }
        say("\ndemarche\tday\tavis\tcomment");
        for one in comments.alike(self.alike) {
            say(&format!("{}\t{}\t{}\t{}", one.demarche.0, one.day, one.avis, printable(&one.example)));
        }
        Ok(())
    }
}
