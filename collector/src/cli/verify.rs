//! `collector verify`.

use super::{Failure, say};
use crate::store::{CountedIn, Store};
use shared::tally::Cell;

pub(super) async fn run(store: &dyn Store) -> Result<(), Failure> {
    let audit = store.audit().await?;
    let mut differences = 0_usize;
    for one in &audit {
        let bouton = one.bouton.as_ref().map_or("none", |bouton| &bouton.0);
        let when = match one.when {
            CountedIn::Day(day) => day.to_string(),
            CountedIn::Month(month) => format!("{}-{:02}", month / 100, month % 100),
        };
        for cell in Cell::all().filter(|cell| one.stored[*cell] != one.counted[*cell]) {
            let (name, is, should) = (cell.name(), one.stored[cell], one.counted[cell]);
            say(&format!(
                "démarche {} bouton {bouton} {when}: {name} is {is} and should be {should}",
                one.demarche.0
            ));
            differences += 1;
        }
    }
    if differences == 0 {
        say(&format!("{} décomptes verified, no difference", audit.len()));
        Ok(())
    } else {
        Err(Failure::new(format!("{differences} counts differ from the avis")))
    }
}
