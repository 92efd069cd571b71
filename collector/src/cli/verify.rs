//! `collector verify` and `collector rebuild`: the décomptes against the avis, editions and assets against their digests.

use super::{Failure, progress, say};
use crate::edition::ReadError;
use crate::store::{Audited, CountedIn, Store};
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
                missing |= lacks_avis(&audited);
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
         would forget them for good"
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

/// Writes every décompte anew.
pub(super) async fn rebuild(store: &dyn Store) -> Result<(), Failure> {
    let spans = store.spans().await?;
    let bar = progress::bar(spans.len() as u64, "days and months");
    for span in &spans {
        store.rebuild(*span).await?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    let days = spans.iter().filter(|span| matches!(span, CountedIn::Day(_))).count();
    say(&format!("décomptes written anew: {days} days, {} months", spans.len() - days));
    Ok(())
}

/// Whether more avis were counted than there are: some were lost, or deleted by hand.
fn lacks_avis(audited: &Audited) -> bool {
    audited.counted.avis() < audited.stored.avis()
}

/// A line for each count that differs; returns how many do.
fn tell(audited: &Audited) -> usize {
    let bouton = audited.bouton.as_ref().map_or("none", |bouton| &bouton.0);
    let when = match audited.when {
        CountedIn::Day(day) => day.to_string(),
        CountedIn::Month(month) => format!("{}-{:02}", month / 100, month % 100),
    };
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
