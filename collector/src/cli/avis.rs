//! `collector avis …`.

use super::bouton::parse_origin;
use super::import::named;
use super::mending::{self, Consent};
use super::quarantine::bouton_named;
use super::{Failure, complain, say};
use crate::catalogue::{BoutonId, Catalogue, DemarcheId};
use crate::day::Day;
use crate::mending::{Act, Counting, FromBouton, Groups, Selection};
use crate::store::{Period, Store};
use clap::{Args, Subcommand};
use futures_util::TryStreamExt;
use shared::questionnaire::{Choice, Satisfaction};
use shared::tally::Cell;
use shared::{Indicator, IndicatorKind, Tally};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Gives avis to the démarche that they are about, where a button stood on a page of another one. They count there
    /// from now on, on the days they came; editions stay as they were frozen
    Reattribute(Reattribute),
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("through").required(true).args(["bouton", "without_bouton_of"])))]
pub(super) struct Reattribute {
    /// Those that came through this bouton
    #[arg(long)]
    bouton: Option<String>,
    /// Those about this démarche, by its id or an alias, that came through no bouton
    #[arg(long, value_name = "DEMARCHE")]
    without_bouton_of: Option<String>,
    /// From pages of this origin
    #[arg(long, value_name = "ORIGIN", value_parser = parse_origin)]
    page_origin: Option<String>,
    /// The first day
    #[arg(long, value_name = "DAY")]
    from: Day,
    /// The last day
    #[arg(long, value_name = "DAY")]
    to: Day,
    /// The démarche that they are about, by its id or an alias
    #[arg(long)]
    demarche: String,
    /// The bouton of it that they shall have; none, if none is given
    #[arg(long, value_name = "BOUTON")]
    to_bouton: Option<String>,
    #[command(flatten)]
    consent: Consent,
}

impl Command {
    pub(super) async fn run(self, store: &dyn Store) -> Result<(), Failure> {
        match self {
            Self::Reattribute(reattribute) => reattribute.run(store).await,
        }
    }
}

impl Reattribute {
    async fn run(self, store: &dyn Store) -> Result<(), Failure> {
        let catalogue = store.catalogue().await?;
        let (source, selection) = self.selection(&catalogue)?;
        let target = named(&catalogue, &self.demarche)?;
        let bouton = self.target_bouton(&catalogue, &target)?;
        let is_there = match &selection.bouton {
            Some(FromBouton::Of(from)) => bouton.as_ref().is_none_or(|to| to == from),
            _ => bouton.is_none(),
        };
        if source == target && is_there {
            return Err(Failure::usage(format!(
                "these avis are about démarche {} already; --to-bouton names another bouton of it",
                source.0
            )));
        }
        for spool in store.spools().await? {
            if let Some(since) = spool.holds_since.filter(|since| *since <= self.to) {
                complain(&format!(
                    "the spool {} holds avis since {since} that are not here yet: run this again once its collector \
                     has brought them home",
                    spool.id
                ));
            }
        }
        let (mut groups, mut moved) = (Groups::default(), Tally::default());
        let mut avis = store.selected(&selection);
        while let Some(some) = avis.try_next().await? {
            groups.add(&some);
            for one in &some {
                moved += &one.counts_for();
            }
        }
        mending::show(&groups);
        if source != target && groups.avis() > 0 {
            let tallies = store.tallies(selection.period).await?;
            let of = |id: &DemarcheId| {
                let found = tallies.iter().find(|(one, _)| one == id);
                found.map_or_else(Tally::default, |(_, tally)| tally.clone())
            };
            let (from, to) = (of(&source), of(&target));
            say("\ndemarche\twhen\tn\tpas_bien\tmoyen\ttres_bien\tnote\tquarantined");
            for (id, when, tally) in [
                (&source, "before", from.clone()),
                (&source, "after", from - moved.clone()),
                (&target, "before", to.clone()),
                (&target, "after", sum(to, &moved)),
            ] {
                say(&figures(id, when, &tally));
            }
        }
        mending::act(store, &Act::Reattribute(target, bouton), &selection, &groups, &self.consent).await
    }

    /// The avis to move, and the démarche that they are about as yet.
    fn selection(&self, catalogue: &Catalogue) -> Result<(DemarcheId, Selection), Failure> {
        let period = Period { from: self.from, to: self.to };
        if period.from > period.to {
            return Err(Failure::usage(format!("--from {} is after --to {}", self.from, self.to)));
        }
        let (source, bouton) = match (&self.bouton, &self.without_bouton_of) {
            (Some(name), _) => {
                let id = bouton_named(catalogue, name)?;
                let of = catalogue.bouton_by_id(&id.0).map(|bouton| bouton.demarche.clone());
                (
                    of.ok_or_else(|| Failure::new(format!("bouton {name} is of no démarche")))?,
                    FromBouton::Of(id),
                )
            }
            (None, name) => (named(catalogue, name.as_deref().unwrap_or_default())?, FromBouton::None),
        };
        let selection = Selection {
            demarche: Some(source.clone()),
            bouton: Some(bouton),
            page_origin: self.page_origin.clone(),
            ..Selection::of(period, Counting::Anyhow)
        };
        Ok((source, selection))
    }

    fn target_bouton(&self, catalogue: &Catalogue, target: &DemarcheId) -> Result<Option<BoutonId>, Failure> {
        let Some(name) = &self.to_bouton else { return Ok(None) };
        let id = bouton_named(catalogue, name)?;
        match catalogue.bouton_by_id(&id.0) {
            Some(bouton) if bouton.demarche == *target => Ok(Some(id)),
            _ => Err(Failure::usage(format!("--to-bouton {name} is not a bouton of démarche {}", target.0))),
        }
    }
}

fn sum(mut tally: Tally, other: &Tally) -> Tally {
    tally += other;
    tally
}

/// The satisfaction that a décompte comes to, as it is published.
fn figures(id: &DemarcheId, when: &str, tally: &Tally) -> String {
    let satisfaction = Indicator::of(IndicatorKind::Satisfaction, tally);
    let counts: Vec<String> =
        Satisfaction::ALL.iter().map(|choice| tally[Cell::Satisfaction(*choice)].to_string()).collect();
    let note = satisfaction.figure.map_or_else(|| "-".to_owned(), |figure| figure.printed);
    format!(
        "{}\t{when}\t{}\t{}\t{note}\t{}",
        id.0,
        satisfaction.n,
        counts.join("\t"),
        tally.count(Cell::Quarantined)
    )
}
