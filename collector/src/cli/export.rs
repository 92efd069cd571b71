//! `collector export …`.

use super::import::named;
use super::{Failure, complain, progress};
use crate::clock::Clock;
use crate::day::Day;
use crate::export::{self, Format};
use crate::mending::{Counting, Selection};
use crate::satisfaction::Closing;
use crate::sdg::{Month, MonthlyFile};
use crate::spreadsheet::Dialect;
use crate::store::{Period, Store};
use clap::{Args, Subcommand};
use shared::questionnaire::Question;
use shared::tally::Cell;
use std::io::{Write, stdout};
use std::str::FromStr;
use std::sync::Arc;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Writes the avis about a démarche, with their comments, to standard output, and how many they are to standard
    /// error. What is cut short ends within a record, and the exit code is not 0
    Avis(Avis),
    /// Writes the ratings of a month, by page, for the European Commission's feedback repository: counts, no text
    Sdg(Sdg),
}

#[derive(Debug, Args)]
pub(super) struct Avis {
    /// The démarche, by its id or an alias
    #[arg(long)]
    demarche: String,
    /// The first day
    #[arg(long, value_name = "DAY")]
    from: Day,
    /// The last day
    #[arg(long, value_name = "DAY")]
    to: Day,
    /// csv, csv-excel-fr (its twin for French spreadsheets), or jsonl (a JSON object a line)
    #[arg(long, default_value = "csv")]
    format: Format,
    /// Only those in quarantine, which are left out otherwise
    #[arg(long)]
    quarantined: bool,
}

#[derive(Debug, Args)]
pub(super) struct Sdg {
    /// The month, such as 2026-09
    month: Month,
    /// Only this démarche, by its id or an alias (repeatable; all, if none is given)
    #[arg(long)]
    demarche: Vec<String>,
    /// json, csv or csv-excel-fr
    #[arg(long, default_value = "json")]
    format: SdgFormat,
}

#[derive(Debug, Clone, Copy)]
enum SdgFormat {
    Json,
    Csv(Dialect),
}

impl FromStr for SdgFormat {
    type Err = String;

    fn from_str(code: &str) -> Result<Self, String> {
        let dialect = Dialect::ALL.into_iter().find(|dialect| dialect.code() == code);
        let known = dialect.map(Self::Csv).or((code == "json").then_some(Self::Json));
        known.ok_or_else(|| "one of: json, csv, csv-excel-fr".to_owned())
    }
}

impl Command {
    pub(super) async fn run(self, store: Arc<dyn Store>) -> Result<(), Failure> {
        match self {
            Self::Avis(avis) => avis.run(&*store).await,
            Self::Sdg(sdg) => sdg.run(store).await,
        }
    }
}

impl Avis {
    async fn run(self, store: &dyn Store) -> Result<(), Failure> {
        let Self { from, to, format, .. } = self;
        if from > to {
            return Err(Failure::usage(format!("--from {from} is after --to {to}")));
        }
        let catalogue = store.catalogue().await?;
        let demarche = named(&catalogue, &self.demarche)?;
        let period = Period { from, to };
        let tallied = store.tallies(period).await?.into_iter().find(|(id, _)| *id == demarche);
        let count = |cell| tallied.as_ref().map_or(0, |(_, tally)| tally.count(cell));
        let (counted, aside) = (count(Cell::Answered(Question::Satisfaction)), count(Cell::Quarantined));
        let bar = progress::bar(if self.quarantined { aside } else { counted }, "avis");
        let shown = bar.clone();
        let kept = if self.quarantined { Counting::Quarantined } else { Counting::Counted };
        let selection = Selection { kept, ..Selection::counted(&demarche, period) };
        let avis = store.selected(&selection);
        let through = move |avis| shown.set_position(avis);
        let written = export::export(avis, &demarche, &catalogue, format, stdout(), through).await;
        bar.finish_and_clear();
        let written =
            written.map_err(|error| Failure::new(format!("{error}; what was written is cut short")))?;
        if aside > 0 && !self.quarantined {
            complain(&format!("{aside} avis in quarantine are left out; --quarantined gives them"));
        }
        complain(&format!("{written} rows"));
        Ok(())
    }
}

impl Sdg {
    async fn run(self, store: Arc<dyn Store>) -> Result<(), Failure> {
        let catalogue = store.catalogue().await?;
        let demarches =
            self.demarche.iter().map(|name| named(&catalogue, name)).collect::<Result<Vec<_>, _>>()?;
        let period = self.month.period();
        let closed = Closing::of(store.clone()).is_closed(period, Clock::system().now()).await?;
        let rated = store.rated_by_page(period).await?;
        let file = MonthlyFile::of(self.month, closed, rated, &demarches);
        let failed = |error: std::io::Error| Failure::new(format!("cannot write: {error}"));
        let bytes = match self.format {
            SdgFormat::Json => file.to_json().map_err(|error| failed(error.into()))?,
            SdgFormat::Csv(dialect) => file.to_csv(dialect).map_err(failed)?,
        };
        let mut output = stdout().lock();
        output.write_all(&bytes).and_then(|()| output.flush()).map_err(failed)?;
        complain(&format!("{} avis from {} pages", file.avis(), file.pages()));
        if !closed {
            complain("the month is not closed: avis may still come or change; export it again once it is");
        }
        Ok(())
    }
}
