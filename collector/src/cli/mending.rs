//! What commands have in common that do something to many stored avis.

use super::{Failure, counted, progress, say};
use crate::clock::Clock;
use crate::mending::{Act, Groups, Selection};
use crate::store::{Store, StoreError};
use clap::Args;
use futures_util::TryStreamExt;

/// Avis of one transaction, if they are of several days.
const PORTION: u64 = 4_096;

/// Whether it is done.
#[derive(Debug, Args)]
pub(super) struct Consent {
    /// Does it; without, it is only said to how many avis it would be done
    #[arg(long)]
    yes: bool,
    /// Only says to how many avis it would be done, as without --yes
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
}

/// Counts the avis that are meant.
pub(super) async fn groups(store: &dyn Store, selection: &Selection) -> Result<Groups, StoreError> {
    let mut groups = Groups::default();
    let mut avis = store.selected(selection);
    while let Some(some) = avis.try_next().await? {
        groups.add(&some);
    }
    Ok(groups)
}

/// A line for each group.
pub(super) fn show(groups: &Groups) {
    say("demarche\tday\treasons\tstate\tavis");
    for (group, avis) in groups.iter() {
        let state = match (group.reasons.as_str(), group.confirmed) {
            ("", _) => "counted",
            (_, true) => "confirmed",
            (_, false) => "held",
        };
        let reasons = if group.reasons.is_empty() { "-" } else { &group.reasons };
        say(&format!("{}\t{}\t{reasons}\t{state}\t{avis}", group.demarche.0, group.day));
    }
}

/// So many avis about so many démarches.
pub(super) fn how_many(groups: &Groups) -> String {
    let demarches = counted(groups.demarches() as u64, "démarche", "démarches");
    format!("{} avis about {demarches}", groups.avis())
}

/// Does an act to the avis that are meant, portion by portion, or says what it would be done to.
pub(super) async fn act(
    store: &dyn Store,
    act: &Act,
    selection: &Selection,
    groups: &Groups,
    consent: &Consent,
) -> Result<(), Failure> {
    let name = act.code();
    if groups.avis() == 0 {
        return Err(Failure::new(format!(
            "there is no avis to {name} of which all this is so; nothing was changed"
        )));
    }
    if !consent.yes {
        say(&format!("{name}: {} would change; nothing was changed, --yes does it", how_many(groups)));
        return Ok(());
    }
    let bar = progress::bar(groups.avis(), "avis");
    let mut done = 0;
    for period in groups.portions(PORTION) {
        let portion = selection.within(period);
        loop {
            let some = store.mend(act, &portion, Clock::system().now()).await.map_err(|error| {
                let all = groups.avis();
                Failure::new(format!(
                    "{}; {done} of {all} avis are done, run it again for the rest",
                    error.chain()
                ))
            })?;
            if some == 0 {
                break;
            }
            done += some;
            bar.set_position(done);
        }
    }
    bar.finish_and_clear();
    say(&format!("{name}: {done} avis changed; `collector journal list` tells it"));
    Ok(())
}
