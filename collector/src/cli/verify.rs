//! `collector verify`.

use super::{Database, Failure, say};
use crate::store::DayTally;
use clap::Args;
use shared::Tally;
use shared::tally::Cell;
use std::collections::BTreeMap;

#[derive(Debug, Args)]
pub(super) struct Verify {
    #[command(flatten)]
    database: Database,
}

impl Verify {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let store = self.database.open().await?;
        let (stored, counted) = (store.day_tallies().await?, store.recount().await?);
        let differences = differences(&stored, &counted);
        for line in &differences {
            say(line);
        }
        if differences.is_empty() {
            say(&format!("{} décomptes verified, no difference", counted.len()));
            Ok(())
        } else {
            Err(Failure::new(format!("{} counts differ from the avis", differences.len())))
        }
    }
}

/// A line for each count that is not what the avis add up to.
fn differences(stored: &[DayTally], counted: &[DayTally]) -> Vec<String> {
    let mut pairs: BTreeMap<_, (Tally, Tally)> = BTreeMap::new();
    let key = |one: &DayTally| (one.demarche.clone(), one.day, one.bouton.clone());
    for one in stored {
        pairs.entry(key(one)).or_default().0 = one.tally.clone();
    }
    for one in counted {
        pairs.entry(key(one)).or_default().1 = one.tally.clone();
    }
    let mut lines = Vec::new();
    for ((demarche, day, bouton), (stored, counted)) in pairs {
        let bouton = bouton.map_or("none".to_owned(), |bouton| bouton.0);
        for cell in Cell::all().filter(|cell| stored[*cell] != counted[*cell]) {
            let (name, is, should) = (cell.name(), stored[cell], counted[cell]);
            lines.push(format!(
                "démarche {} bouton {bouton} {day}: {name} is {is} and should be {should}",
                demarche.0
            ));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::DemarcheId;
    use shared::questionnaire::Satisfaction;

    #[test]
    fn every_count_that_differs_is_a_line() {
        let tally = |count: i64| {
            let mut tally = Tally::default();
            tally[Cell::Satisfaction(Satisfaction::Moyen)] = count;
            DayTally {
                demarche: DemarcheId("1".into()),
                bouton: None,
                day: "2026-11-22".parse().unwrap(),
                tally,
            }
        };
        assert!(differences(&[tally(2)], &[tally(2)]).is_empty());
        assert_eq!(
            differences(&[tally(3)], &[tally(2)]),
            ["démarche 1 bouton none 2026-11-22: satisfaction_moyen is 3 and should be 2"]
        );
        assert_eq!(differences(&[], &[tally(1)]).len(), 1);
        assert_eq!(differences(&[tally(1)], &[]).len(), 1);
    }
}
