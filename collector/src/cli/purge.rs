//! `collector purge`.

use super::{Failure, counted, say};
use crate::clock::Clock;
use crate::retention::{self, Kept, Months, Purged, Retention};
use crate::store::Store;
use clap::Args;

/// For how long what names nobody by itself, but might, is kept beside the coded answers.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Keeping {
    /// For how many months what people wrote is kept, from 1 to 120. Afterwards it is blanked, every night, and the avis
    /// counts as before. Two years hold a yearly démarche and the one before to compare it with
    #[arg(long, env = "AVIS_KEEP_TEXTS_MONTHS", default_value_t = Months::TWO_YEARS, value_name = "MONTHS")]
    keep_texts_months: Months,
    /// For how many months the page that an avis came from is kept beside it, from 1 to 120. By it, avis that came from the
    /// page of another démarche are found, and ratings are told by page to the European Commission
    #[arg(long, env = "AVIS_KEEP_PAGES_MONTHS", default_value_t = Months::TWO_YEARS, value_name = "MONTHS")]
    keep_pages_months: Months,
}

impl From<Keeping> for Retention {
    fn from(keeping: Keeping) -> Self {
        Self { texts: keeping.keep_texts_months, pages: keeping.keep_pages_months }
    }
}

/// Blanks the texts and pages of avis that are older than they are kept, as a collector that serves does every night; it
/// may serve meanwhile. Décomptes and averages stay. Give the months that `serve` is given
#[derive(Debug, Args)]
pub(super) struct Purge {
    #[command(flatten)]
    keeping: Keeping,
    /// Only tells how much it would blank
    #[arg(long)]
    dry_run: bool,
    /// Only lists what was blanked, by whichever collector, the first first: on which day, what, from before which day, and
    /// in how many avis. It only grows
    #[arg(long, conflicts_with = "dry_run")]
    list: bool,
}

impl Purge {
    pub(super) async fn run(self, store: &dyn Store) -> Result<(), Failure> {
        if self.list {
            say("day\tkind\tbefore\tavis");
            for retention::Purge { on, kept, before, avis } in store.purges().await? {
                say(&format!("{on}\t{}\t{before}\t{avis}", kept.code()));
            }
            return Ok(());
        }
        let retention = Retention::from(self.keeping);
        let today = Clock::system().today();
        for kept in Kept::ALL {
            let before = retention.first_kept(kept, today);
            let (purged, verb) = if self.dry_run {
                let avis = store.overdue(kept, before).await?;
                (Purged { avis, is_whole: true }, "would be blanked")
            } else {
                (retention::purge(store, kept, before, today).await?, "blanked")
            };
            say(&format!(
                "{} from before {before}, {} months ago, {verb} in {}",
                kept.code(),
                retention.of(kept),
                counted(purged.avis, "avis", "avis")
            ));
            if !purged.is_whole {
                return Err(Failure::new(
                    "another collector is blanking what is left; once it is done, run this again to see that nothing is",
                ));
            }
        }
        Ok(())
    }
}
