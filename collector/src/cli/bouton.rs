//! `collector bouton …`.

use super::demarche::{named_demarche, parse_name, parse_text};
use super::import::named;
use super::table::{self, Row};
use super::{Failure, counted, say};
use crate::catalogue::{Bouton, BoutonChannel, BoutonId, Catalogue};
use crate::clock::Clock;
use crate::rhythm::{self, Rhythm};
use crate::store::{BoutonChange, Store};
use clap::{Args, Subcommand};
use shared::PageAddress;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Registers a placement of the button
    Add(Box<Add>),
    /// Changes a bouton
    Set(Set),
    /// Closes a bouton: it takes avis no more
    Close(Named),
    /// Opens it again
    Reopen(Named),
    /// Lists boutons, with the day of the last avis, how many came in a week until then, and how many are missed since
    List,
    /// Registers the boutons of a CSV file, whose columns are named like the flags of `add`; all rows or none.
    /// Several values in a cell are separated by spaces
    Import(Import),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The démarche it is pasted in, by its id or alias
    #[arg(long)]
    demarche: String,
    /// Its id; one is made if none is given, never a bare number
    #[arg(long, value_parser = parse_name)]
    id: Option<String>,
    /// What its administration calls it
    #[arg(long, value_parser = parse_text)]
    label: Option<String>,
    /// Where it is shown: online, guichet, telephone, courrier, borne
    #[arg(long, default_value = "online")]
    channel: BoutonChannel,
    /// Another name, known within its démarche (repeatable)
    #[arg(long, value_parser = parse_name)]
    alias: Vec<String>,
    /// An origin of its pages (repeatable; any, if none is given): these alone show the hosted form in a frame, and avis
    /// from pages elsewhere are set aside, stored and not counted
    #[arg(long, value_parser = parse_origin)]
    origin: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct Set {
    /// Its id
    #[arg(long)]
    id: String,
    /// A new label
    #[arg(long, value_parser = parse_text)]
    label: Option<String>,
    /// A new channel
    #[arg(long)]
    channel: Option<BoutonChannel>,
    /// One more name (repeatable)
    #[arg(long, value_parser = parse_name)]
    add_alias: Vec<String>,
    /// A name that it is known by no more (repeatable)
    #[arg(long)]
    remove_alias: Vec<String>,
    /// The origins of its pages, replacing the present ones (repeatable): these alone show the hosted form in a frame, and
    /// avis from pages elsewhere are set aside from now on, stored and not counted
    #[arg(long, value_parser = parse_origin, conflicts_with = "any_origin")]
    origin: Vec<String>,
    /// Lets pages of any origin send, and show the hosted form in a frame
    #[arg(long)]
    any_origin: bool,
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// Its id
    id: String,
}

#[derive(Debug, Args)]
pub(super) struct Import {
    /// The file
    file: PathBuf,
}

impl Command {
    pub(super) async fn run(self, store: &dyn Store) -> Result<(), Failure> {
        match self {
            Self::Add(add) => {
                let bouton = Bouton {
                    id: add.id.map(BoutonId).map_or_else(generated_id, Ok)?,
                    demarche: named_demarche(store, add.demarche).await?,
                    aliases: add.alias,
                    label: add.label,
                    channel: add.channel,
                    origins: add.origin,
                    closed: false,
                };
                store.add_boutons(std::slice::from_ref(&bouton)).await?;
                say(&format!("bouton {} registered", bouton.id.0));
            }
            Self::Set(set) => {
                let origins = if set.any_origin {
                    Some(vec![])
                } else {
                    Some(set.origin).filter(|all| !all.is_empty())
                };
                let change = BoutonChange {
                    label: set.label,
                    channel: set.channel,
                    remove_aliases: set.remove_alias,
                    add_aliases: set.add_alias,
                    origins,
                    closed: None,
                };
                store.change_bouton(&BoutonId(set.id.clone()), &change).await?;
                say(&format!("bouton {} changed", set.id));
            }
            Self::Close(named) => close(store, named, true).await?,
            Self::Reopen(named) => close(store, named, false).await?,
            Self::List => show(store).await?,
            Self::Import(import) => {
                let catalogue = store.catalogue().await?;
                let boutons = table::read(&import.file, &COLUMNS, |row| parse_row(row, &catalogue))?;
                store.add_boutons(&boutons).await?;
                say(&format!("{} registered", counted(boutons.len() as u64, "bouton", "boutons")));
            }
        }
        Ok(())
    }
}

async fn close(store: &dyn Store, named: Named, closed: bool) -> Result<(), Failure> {
    let change = BoutonChange { closed: Some(closed), ..BoutonChange::default() };
    store.change_bouton(&BoutonId(named.id.clone()), &change).await?;
    say(&format!("bouton {} {}", named.id, if closed { "closed" } else { "reopened" }));
    Ok(())
}

async fn show(store: &dyn Store) -> Result<(), Failure> {
    let last: BTreeMap<_, _> = store.last_avis().await?.into_iter().collect();
    let rhythms = rhythm::rhythms(store, &last, Clock::system().today()).await?;
    say("id\tdemarche\tlabel\tchannel\taliases\torigins\tstate\tlast avis\ta week\tmissed");
    let catalogue = store.catalogue().await?;
    for bouton in catalogue.boutons() {
        let rhythm = rhythms.get(&bouton.id);
        let fields = [
            bouton.id.0.clone(),
            bouton.demarche.0.clone(),
            bouton.label.clone().unwrap_or_default(),
            bouton.channel.code().to_owned(),
            bouton.aliases.join(" "),
            bouton.origins.join(" "),
            state(catalogue.takes_avis(bouton), rhythm).to_owned(),
            last.get(&bouton.id).map_or("never".to_owned(), ToString::to_string),
            rhythm.map_or_else(String::new, |rhythm| format!("{:.1}", rhythm.a_week)),
            rhythm.map_or_else(String::new, |rhythm| format!("{:.1}", rhythm.missed)),
        ];
        say(&fields.join("\t"));
    }
    Ok(())
}

/// Whether a bouton takes avis, and whether those that it should bring stay out.
fn state(takes_avis: bool, rhythm: Option<&Rhythm>) -> &'static str {
    match rhythm {
        _ if !takes_avis => "closed",
        Some(rhythm) if rhythm.is_silent() => "silent",
        _ => "open",
    }
}

const COLUMNS: [&str; 6] = ["demarche", "id", "label", "channel", "alias", "origin"];

fn parse_row(row: &Row<'_>, catalogue: &Catalogue) -> Result<Bouton, String> {
    let id = row.parsed("id", parse_name)?;
    Ok(Bouton {
        id: id.map(BoutonId).map_or_else(generated_id, Ok).map_err(|failure| failure.line)?,
        demarche: row.required("demarche", |name| named(catalogue, name).map_err(|failure| failure.line))?,
        aliases: row.list("alias", parse_name)?,
        label: row.parsed("label", parse_text)?,
        channel: row.parsed("channel", str::parse)?.unwrap_or(BoutonChannel::Online),
        origins: row.list("origin", parse_origin)?,
        closed: false,
    })
}

fn generated_id() -> Result<BoutonId, Failure> {
    BoutonId::generated().map_err(|error| Failure::new(format!("no randomness: {error}")))
}

/// An origin as browsers write it.
pub(super) fn parse_origin(text: &str) -> Result<String, String> {
    PageAddress::parse(text)
        .filter(|page| page.origin() == text.trim_end_matches('/'))
        .map(|page| page.origin().to_owned())
        .ok_or_else(|| "an origin is written like https://www.impots.gouv.fr, without a path".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        assert_eq!(parse_origin("https://www.impots.gouv.fr/").unwrap(), "https://www.impots.gouv.fr");
        for wrong in ["www.impots.gouv.fr", "https://a.fr/fin", "https://A.fr", "https://a.fr;x"] {
            assert!(parse_origin(wrong).is_err(), "{wrong}");
        }
    }
}
