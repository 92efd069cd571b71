//! The CSV export of Je donne mon avis.

use super::{CATALOGUE, TODAY};
use collector::import::{Column, Plan, Report, check};

/// A file is found sound or damaged; of a sound one, each line is taken, or noted once as not.
///
/// The input is what follows the header, so that not every one has to find it; a whole file if it begins like one.
pub fn import(bytes: &[u8]) {
    let headings = Column::ALL.map(|column| format!("\"{}\"", column.heading()));
    let header = format!("{}\n", headings.join(","));
    let file = if bytes.starts_with(b"Date") { bytes.to_vec() } else { [header.as_bytes(), bytes].concat() };
    let demarche = &CATALOGUE.demarches()[0].id;
    let plan = Plan { demarche, catalogue: &CATALOGUE, filtered: true, now: TODAY.end() };
    let mut report = Report::default();
    match check(&file[..], &plan, &mut report, |_| ()) {
        Ok(sound) => {
            assert_eq!(sound.len + report.refused() + report.seen_before(), sound.lines);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
