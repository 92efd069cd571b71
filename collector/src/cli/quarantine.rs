//! `collector quarantine …`.

mod watch;

use super::bouton::parse_origin;
use super::import::named;
use super::mending::{self, Consent};
use super::{Failure, complain, say};
use crate::catalogue::{BoutonId, Catalogue};
use crate::day::Day;
use crate::identity::AvisId;
use crate::mending::{Act, Counting, FromBouton, Selection};
use crate::one_line::leaves_its_line;
use crate::quarantine::Reason;
use crate::store::{Avis, Period, Store};
use clap::builder::PossibleValue;
use clap::{Args, Subcommand, ValueEnum};
use futures_util::TryStreamExt;
use serde_json::Value;
use shared::json;
use shared::questionnaire::{Choice, Question};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Counts the avis in quarantine, by démarche, day and reason
    List(Filter),
    /// Shows each of them, with its answers and texts
    Show(Filter),
    /// Counts avis of the quarantine from now on, on the days they came; those that are confirmed, only with --state
    Release(Doing),
    /// Says of avis in quarantine that somebody looked, and that they are not to count
    Confirm(Doing),
    /// Sets avis aside that count, as when somebody saw what no rule sees, or released them by mistake
    Hold(Hold),
    /// Shows what is worth a look: a démarche whose avis are suddenly others, comments that are alike. Nothing is set
    /// aside for it
    Watch(watch::Watch),
}

/// Which avis: those of which all of this is so.
#[derive(Debug, Args)]
pub(super) struct Filter {
    /// Of this démarche, by its id or an alias
    #[arg(long)]
    demarche: Option<String>,
    /// Of this bouton
    #[arg(long)]
    bouton: Option<String>,
    /// Set aside for this reason
    #[arg(long)]
    reason: Option<Reason>,
    /// From pages of this origin
    #[arg(long, value_name = "ORIGIN", value_parser = parse_origin)]
    page_origin: Option<String>,
    /// Of this day or later
    #[arg(long, value_name = "DAY")]
    from: Option<Day>,
    /// Of this day or earlier
    #[arg(long, value_name = "DAY")]
    to: Option<Day>,
    /// This one alone (repeatable)
    #[arg(long, value_name = "ID")]
    avis: Vec<AvisId>,
    /// Whether somebody confirmed that they are not to count
    #[arg(long)]
    state: Option<State>,
}

impl ValueEnum for Reason {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.code()))
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    /// Nobody did
    Held,
    /// Somebody did
    Confirmed,
}

#[derive(Debug, Args)]
pub(super) struct Doing {
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    consent: Consent,
}

#[derive(Debug, Args)]
pub(super) struct Hold {
    /// The reason to set them aside for, such as that for which they were before
    #[arg(long, value_enum, default_value_t = Reason::ByHand)]
    reason: Reason,
    /// Of this démarche, by its id or an alias
    #[arg(long)]
    demarche: Option<String>,
    /// Of this bouton
    #[arg(long)]
    bouton: Option<String>,
    /// From pages of this origin
    #[arg(long, value_name = "ORIGIN", value_parser = parse_origin)]
    page_origin: Option<String>,
    /// Of this day or later
    #[arg(long, value_name = "DAY")]
    from: Option<Day>,
    /// Of this day or earlier
    #[arg(long, value_name = "DAY")]
    to: Option<Day>,
    /// This one alone (repeatable)
    #[arg(long, value_name = "ID")]
    avis: Vec<AvisId>,
    #[command(flatten)]
    consent: Consent,
}

impl Command {
    pub(super) async fn run(self, store: &dyn Store) -> Result<(), Failure> {
        match self {
            Self::List(filter) => list(store, &filter).await,
            Self::Show(filter) => show(store, &filter).await,
            Self::Release(doing) => doing.run(store, &Act::Release).await,
            Self::Confirm(doing) => doing.run(store, &Act::Confirm).await,
            Self::Hold(hold) => hold.run(store).await,
            Self::Watch(watch) => watch.run(store).await,
        }
    }
}

impl Filter {
    /// The avis that it means; `kept` where it says nothing of their state.
    fn selection(&self, catalogue: &Catalogue, kept: Counting) -> Result<Selection, Failure> {
        let period =
            Period { from: self.from.unwrap_or(Period::ALL.from), to: self.to.unwrap_or(Period::ALL.to) };
        if period.from > period.to {
            return Err(Failure::usage(format!("--from {} is after --to {}", period.from, period.to)));
        }
        let bouton = self.bouton.as_deref().map(|name| bouton_named(catalogue, name)).transpose()?;
        Ok(Selection {
            period,
            kept: match self.state {
                None => kept,
                Some(State::Held) => Counting::Held,
                Some(State::Confirmed) => Counting::Confirmed,
            },
            demarche: self.demarche.as_deref().map(|name| named(catalogue, name)).transpose()?,
            bouton: bouton.map(FromBouton::Of),
            page_origin: self.page_origin.clone(),
            reason: self.reason,
            avis: self.avis.clone(),
        })
    }

    /// Whether it means all avis of a state.
    fn is_empty(&self) -> bool {
        let Self { demarche, bouton, reason, page_origin, from, to, avis, state: _ } = self;
        let chosen = [demarche.is_some(), bouton.is_some(), reason.is_some(), page_origin.is_some()];
        !chosen.contains(&true) && from.or(*to).is_none() && avis.is_empty()
    }
}

/// The bouton of this id.
pub(super) fn bouton_named(catalogue: &Catalogue, name: &str) -> Result<BoutonId, Failure> {
    let bouton = catalogue.bouton_by_id(name).ok_or_else(|| {
        Failure::new(format!("there is no bouton {name}; `collector bouton list` shows those there are"))
    })?;
    Ok(bouton.id.clone())
}

async fn list(store: &dyn Store, filter: &Filter) -> Result<(), Failure> {
    let selection = filter.selection(&store.catalogue().await?, Counting::Quarantined)?;
    let groups = mending::groups(store, &selection).await?;
    mending::show(&groups);
    complain(&mending::how_many(&groups));
    Ok(())
}

async fn show(store: &dyn Store, filter: &Filter) -> Result<(), Failure> {
    let selection = filter.selection(&store.catalogue().await?, Counting::Quarantined)?;
    let mut avis = store.selected(&selection);
    let mut shown = 0_u64;
    while let Some(some) = avis.try_next().await? {
        for one in &some {
            let between = if shown == 0 { "" } else { "\n" };
            say(&format!("{between}{}", describe(one)));
            shown += 1;
        }
    }
    complain(&format!("{shown} avis"));
    Ok(())
}

/// A line for each thing that is known of an avis, its name first.
fn describe(avis: &Avis) -> String {
    let state = if avis.set_aside.is_confirmed() { "confirmed" } else { "held" };
    let mut lines = vec![
        format!("avis\t{}", avis.id),
        format!("demarche\t{}", avis.demarche.0),
        format!("day\t{}", avis.day),
        format!("state\t{state}"),
        format!("reasons\t{}", avis.set_aside),
    ];
    lines.extend(avis.bouton.as_ref().map(|bouton| format!("bouton\t{}", bouton.0)));
    let page =
        avis.page.as_ref().map(|(origin, path)| format!("page\t{}", printable(&format!("{origin}{path}"))));
    lines.extend(page);
    let answered: Vec<Question> =
        Question::ALL.iter().copied().filter(|question| avis.answers.answered(*question)).collect();
    let mut written = String::new();
    json::answers(&mut written, &avis.answers, &answered);
    let answers: Value = serde_json::from_str(&written).unwrap_or_default();
    for question in answered {
        let said = match &answers[question.code()] {
            Value::String(text) => printable(text),
            other => other.to_string(),
        };
        lines.push(format!("{}\t{said}", question.code()));
    }
    lines.join("\n")
}

/// A text of somebody's on one line, for a terminal: what would leave it is written as its code.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' => shown.push_str(" ⏎ "),
            letter if leaves_its_line(letter) => shown.extend(letter.escape_unicode()),
            letter => shown.push(letter),
        }
    }
    shown
}

impl Doing {
    async fn run(self, store: &dyn Store, act: &Act) -> Result<(), Failure> {
        if self.filter.is_empty() {
            return Err(unfiltered(act));
        }
        let selection = self.filter.selection(&store.catalogue().await?, Counting::Held)?;
        if *act == Act::Confirm && selection.kept == Counting::Confirmed {
            return Err(Failure::usage("--state confirmed: those are confirmed already"));
        }
        let groups = mending::groups(store, &selection).await?;
        mending::show(&groups);
        mending::act(store, act, &selection, &groups, &self.consent).await
    }
}

impl Hold {
    async fn run(self, store: &dyn Store) -> Result<(), Failure> {
        if self.reason == Reason::TooFast {
            return Err(Failure::usage(
                "--reason too_fast: nothing is set aside for that alone; leave the reason out for by_hand",
            ));
        }
        let act = Act::Hold(self.reason);
        let filter = Filter {
            demarche: self.demarche,
            bouton: self.bouton,
            reason: None,
            page_origin: self.page_origin,
            from: self.from,
            to: self.to,
            avis: self.avis,
            state: None,
        };
        if filter.is_empty() {
            return Err(unfiltered(&act));
        }
        let selection = filter.selection(&store.catalogue().await?, Counting::Counted)?;
        let groups = mending::groups(store, &selection).await?;
        mending::show(&groups);
        mending::act(store, &act, &selection, &groups, &self.consent).await
    }
}

fn unfiltered(act: &Act) -> Failure {
    Failure::usage(format!(
        "{}: which avis? Name at least a démarche, a bouton, a reason, an origin, a day or an id",
        act.code()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_command_a_terminal() {
        assert_eq!(printable("Trop lent\u{a0}!\nOui."), "Trop lent\u{a0}! ⏎ Oui.");
        assert_eq!(printable("a\u{1b}[2J\r\u{9b}31m"), "a\\u{1b}[2J\\u{d}\\u{9b}31m");
        assert_eq!(printable("\u{202e}x\u{2028}"), "\\u{202e}x\\u{2028}");
        assert_eq!(printable("شكرا\u{200f} 🙂 नौकरी\u{200d}"), "شكرا\u{200f} 🙂 नौकरी\u{200d}");
    }
}
