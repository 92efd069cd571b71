//! `collector verify` and `collector rebuild`: the décomptes against the avis, editions and assets against their digests.

use super::{Failure, counted, progress, say};
use crate::edition::ReadError;
use crate::store::{Audited, CountedIn, MissingAvis, Store};
use clap::Args;
use shared::tally::Cell;

/// Recounts every décompte and compares; then compares what is kept for good with its digests.
pub(super) async fn verify(store: &dyn Store) -> Result<(), Failure> {
    let (mut tallies, mut differences, mut missing) = (0_usize, 0_usize, false);
    let spans = store.spans().await?;
    let bar = progress::bar(spans.len() as u64, "days and months");
    for span in spans {
        for audited in store.audit(span).await? {
            tallies += 1;
            if audited.stored != audited.counted {
                // Above the bar, not across it.
                differences += bar.suspend(|| tell(&audited));
                missing |= audited.missing() > 0;
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if differences == 0 {
        say(&format!("{tallies} décomptes verified against the coded answers of their avis, no difference"));
    }
    let advice = if missing {
        "counts differ from the avis, of which some are missing: restore a backup that has them; `collector rebuild` \
         leaves the days that count them as they are"
    } else {
        "counts differ from the avis; `collector rebuild` writes them anew"
    };
    let damaged = verify_editions(store).await?;
    let assets = verify_assets(store).await?;
    let faults = [
        (differences, advice),
        (damaged, "files of editions are damaged; a backup has them"),
        (assets, "assets are damaged and not served; a backup has them"),
    ];
    let faults = faults.into_iter().filter(|(count, _)| *count > 0);
    let faults: Vec<String> = faults.map(|(count, what)| format!("{count} {what}")).collect();
    if faults.is_empty() { Ok(()) } else { Err(Failure::new(faults.join("; "))) }
}

/// Compares each file of an edition with its digest; a line for each that differs. Returns how many do.
async fn verify_editions(store: &dyn Store) -> Result<usize, Failure> {
    let (mut files, mut damaged) = (0_usize, 0_usize);
    for edition in store.editions().await? {
        for file in &edition.files {
            files += 1;
            match edition.read(store, file.format).await {
                Ok(_) => {}
                Err(ReadError::Damaged(error)) => {
                    damaged += 1;
                    say(&error.to_string());
                }
                Err(ReadError::Store(error)) => return Err(error.into()),
            }
        }
    }
    if files > 0 && damaged == 0 {
        say(&format!("{files} files of editions verified, no difference"));
    }
    Ok(damaged)
}

/// Compares each kept asset with its digest; a line for each that differs. Returns how many do.
async fn verify_assets(store: &dyn Store) -> Result<usize, Failure> {
    let catalogue = store.catalogue().await?;
    let mut damaged = 0;
    for asset in catalogue.assets() {
        let content = store.asset_content(&asset.name).await?.unwrap_or_default();
        if asset.decoded(&content).is_none() {
            damaged += 1;
            say(&format!("asset {} is not what its digest says", asset.name));
        }
    }
    if damaged == 0 && !catalogue.assets().is_empty() {
        say(&format!("{} assets verified, no difference", catalogue.assets().len()));
    }
    Ok(damaged)
}

/// Writes every décompte anew from the avis, also while collectors serve. A day that counts avis which are not there is
/// left as it is, with its month: they were lost or deleted by hand, and no averages would tell of them any more
#[derive(Debug, Args)]
pub(super) struct Rebuild {
    /// Also where avis are missing: counts what is there alone, for good. Published averages change; editions do not
    #[arg(long)]
    forget_missing_avis: bool,
}

impl Rebuild {
    pub(super) async fn run(self, store: &dyn Store) -> Result<(), Failure> {
        let to_do = if self.forget_missing_avis { MissingAvis::Forget } else { MissingAvis::Keep };
        let spans = store.spans().await?;
        let bar = progress::bar(spans.len() as u64, "days and months");
        let (mut days, mut months, mut left) = (0_usize, 0_usize, 0_usize);
        for span in spans {
            let missing = store.rebuild(span, to_do).await?;
            if missing > 0 {
                bar.suspend(|| {
                    say(&format!(
                        "{}: {} counted and not there",
                        when(span),
                        counted(missing, "avis", "avis")
                    ));
                });
            }
            match span {
                _ if missing > 0 && to_do == MissingAvis::Keep => left += 1,
                CountedIn::Day(_) => days += 1,
                CountedIn::Month(_) => months += 1,
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        say(&format!("décomptes written anew: {days} days, {months} months"));
        if left == 0 {
            return Ok(());
        }
        Err(Failure::new(format!(
            "{left} of the days and months were left as they are, since avis that they count are missing: restore a backup \
             that has them; if none has, --forget-missing-avis counts what is there alone"
        )))
    }
}

fn when(span: CountedIn) -> String {
    match span {
        CountedIn::Day(day) => day.to_string(),
        CountedIn::Month(month) => format!("{}-{:02}", month / 100, month % 100),
    }
}

/// A line for each count that differs; returns how many do.
fn tell(audited: &Audited) -> usize {
    let bouton = audited.bouton.as_ref().map_or("none", |bouton| &bouton.0);
    let when = when(audited.when);
    let wrong: Vec<Cell> =
        Cell::all().filter(|cell| audited.stored[*cell] != audited.counted[*cell]).collect();
    for cell in &wrong {
        let (name, is, should) = (cell.name(), audited.stored[*cell], audited.counted[*cell]);
        say(&format!(
            "démarche {} bouton {bouton} {when}: {name} is {is} and should be {should}",
            audited.demarche.0
        ));
    }
    wrong.len()
}
