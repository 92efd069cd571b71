//! What the vigilance reads from décomptes: what démarches usually get, and what they got today.

use super::{Usual, Vigilance};
use crate::catalogue::DemarcheId;
use crate::clock::Clock;
use crate::day::Day;
use crate::rhythm;
use crate::store::{Period, Store, StoreError};
use shared::tally::Cell;
use shared::{Question, Tally};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// How often today is read.
const TODAY: Duration = Duration::from_mins(1);

/// How many readings of today there are to one of the half year before.
const READINGS: u32 = 60;

/// The days over which a démarche that grows is known for what it is now.
const LATELY: u16 = 28;

/// Reads on, as long as it runs.
pub async fn keep_learning(store: Arc<dyn Store>, vigilance: Vigilance, clock: Clock) {
    if !vigilance.counts() {
        return;
    }
    let mut learning = Learning::default();
    loop {
        if let Err(error) = learning.read(&*store, &vigilance, clock.today()).await {
            tracing::warn!(
                error = error.chain(),
                "what démarches usually get could not be read: who gives too much is told by what came since the start"
            );
        }
        vigilance.forget_the_rare();
        tokio::time::sleep(TODAY).await;
    }
}

/// How far the reading is.
#[derive(Debug, Default)]
pub(super) struct Learning {
    /// Readings of today until the half year before is due again; it stays due until it was read.
    until_usual: u32,
}

impl Learning {
    /// Reads today, and what is usual if that is due; each also where the other fails.
    pub(super) async fn read(
        &mut self,
        store: &dyn Store,
        vigilance: &Vigilance,
        today: Day,
    ) -> Result<(), StoreError> {
        let mut usual = Ok(());
        if self.until_usual == 0 {
            usual = learn_usual(store, vigilance, today).await;
            if usual.is_ok() {
                self.until_usual = READINGS;
            }
        }
        self.until_usual = self.until_usual.saturating_sub(1);
        let of_today = store.tallies(Period { from: today, to: today }).await;
        vigilance.learn_today(today, avis(&of_today?));
        usual
    }
}

async fn learn_usual(store: &dyn Store, vigilance: &Vigilance, today: Day) -> Result<(), StoreError> {
    let half_a_year = rhythm::window(today);
    let lately = Period { from: today.plus(-i32::from(LATELY)), ..half_a_year };
    let read = store.tallies_of_periods(&[half_a_year, lately]).await?;
    let [history, lately] = [0, 1].map(|place| avis(read.get(place).into_iter().flatten()));
    let days = u64::from(half_a_year.from.days_until(today));
    vigilance.learn_usual(history.into_iter().map(|(demarche, history)| {
        let lately = lately.get(&demarche).copied().unwrap_or_default();
        let a_day = (history / days).max(lately / u64::from(LATELY));
        (demarche, Usual { a_day, history })
    }));
    Ok(())
}

/// How many avis these décomptes are of.
fn avis<'a>(tallies: impl IntoIterator<Item = &'a (DemarcheId, Tally)>) -> HashMap<DemarcheId, u64> {
    let every = Cell::Answered(Question::Satisfaction);
    tallies.into_iter().map(|(demarche, tally)| (demarche.clone(), tally.count(every))).collect()
}
