//! `collector demarche …`.

use super::table::{self, Row};
use super::{Failure, counted, say};
use crate::catalogue::{Audience, Demarche, DemarcheId};
use crate::one_line::leaves_its_line;
use crate::store::{DemarcheChange, Store, StoreError};
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Registers a démarche
    Add(Add),
    /// Changes a démarche
    Set(Set),
    /// Closes a démarche: it takes avis no more
    Close(Named),
    /// Opens it again
    Reopen(Named),
    /// Lists démarches
    List,
    /// Registers the démarches of a CSV file, whose columns are named like the flags of `add`; all rows or none.
    /// Several values in a cell are separated by spaces
    Import(Import),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    #[command(flatten)]
    described: Described,
}

#[derive(Debug, Args)]
struct Described {
    /// Its id, such as 3059
    #[arg(long, value_parser = parse_name)]
    id: String,
    /// Its title, as citizens know it
    #[arg(long, value_parser = parse_text)]
    title: String,
    /// The administration in charge
    #[arg(long, value_parser = parse_text)]
    administration: String,
    /// The ministry above it
    #[arg(long, value_parser = parse_text)]
    ministry: Option<String>,
    /// Whom it is for (repeatable): particuliers, entreprises, collectivites, associations
    #[arg(long)]
    audience: Vec<Audience>,
    /// Another name it is known by, such as xwiki:823 (repeatable)
    #[arg(long, value_parser = parse_name)]
    alias: Vec<String>,
    /// It is among the most used ones, which the observatory follows
    #[arg(long)]
    essential: bool,
}

#[derive(Debug, Args)]
pub(super) struct Set {
    /// Its id
    #[arg(long)]
    id: String,
    /// A new title
    #[arg(long, value_parser = parse_text)]
    title: Option<String>,
    /// A new administration
    #[arg(long, value_parser = parse_text)]
    administration: Option<String>,
    /// A new ministry
    #[arg(long, value_parser = parse_text)]
    ministry: Option<String>,
    /// Whom it is for, replacing what was said before (repeatable)
    #[arg(long)]
    audience: Vec<Audience>,
    /// One more name it is known by (repeatable)
    #[arg(long, value_parser = parse_name)]
    add_alias: Vec<String>,
    /// A name that it is known by no more: what leads there by it ends in a 404 (repeatable)
    #[arg(long)]
    remove_alias: Vec<String>,
    /// Whether it is among the most used ones, which the observatory follows
    #[arg(long)]
    essential: Option<bool>,
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// Its id
    #[arg(long)]
    id: Option<String>,
    /// Its id
    #[arg(value_name = "ID", conflicts_with = "id", required_unless_present = "id")]
    positional: Option<String>,
}

impl Named {
    fn id(&self) -> DemarcheId {
        DemarcheId(self.id.clone().or_else(|| self.positional.clone()).unwrap_or_default())
    }
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
                let demarche = Demarche::from(add.described);
                store.add_demarches(std::slice::from_ref(&demarche)).await?;
                say(&format!("démarche {} registered", demarche.id.0));
            }
            Self::Set(set) => {
                let change = DemarcheChange {
                    title: set.title,
                    administration: set.administration,
                    ministry: set.ministry,
                    audience: (!set.audience.is_empty()).then_some(set.audience),
                    remove_aliases: set.remove_alias,
                    add_aliases: set.add_alias,
                    essential: set.essential,
                    closed: None,
                };
                store.change_demarche(&DemarcheId(set.id.clone()), &change).await?;
                say(&format!("démarche {} changed", set.id));
            }
            Self::Close(named) => close(store, &named, true).await?,
            Self::Reopen(named) => close(store, &named, false).await?,
            Self::List => {
                let catalogue = store.catalogue().await?;
                say("id\ttitle\tadministration\tministry\taudience\taliases\tstate\tessential");
                for demarche in catalogue.demarches() {
                    say(&line(demarche));
                }
            }
            Self::Import(import) => {
                let demarches = table::read(&import.file, &COLUMNS, parse_row)?;
                store.add_demarches(&demarches).await?;
                say(&format!("{} registered", counted(demarches.len() as u64, "démarche", "démarches")));
            }
        }
        Ok(())
    }
}

async fn close(store: &dyn Store, named: &Named, closed: bool) -> Result<(), Failure> {
    let id = named.id();
    let change = DemarcheChange { closed: Some(closed), ..DemarcheChange::default() };
    store.change_demarche(&id, &change).await?;
    say(&format!("démarche {} {}", id.0, if closed { "closed" } else { "reopened" }));
    Ok(())
}

impl From<Described> for Demarche {
    fn from(described: Described) -> Self {
        let Described { id, title, administration, ministry, audience, alias, essential } = described;
        Self {
            id: DemarcheId(id),
            aliases: alias,
            title,
            administration,
            ministry,
            audience,
            essential,
            closed: false,
        }
    }
}

const COLUMNS: [&str; 7] = ["id", "title", "administration", "ministry", "audience", "alias", "essential"];

fn parse_row(row: &Row<'_>) -> Result<Demarche, String> {
    Ok(Demarche {
        id: DemarcheId(row.required("id", parse_name)?),
        title: row.required("title", parse_text)?,
        administration: row.required("administration", parse_text)?,
        ministry: row.parsed("ministry", parse_text)?,
        audience: row.list("audience", str::parse)?,
        aliases: row.list("alias", parse_name)?,
        essential: row.parsed("essential", parse_essential)?.unwrap_or(false),
        closed: false,
    })
}

fn line(demarche: &Demarche) -> String {
    let audience: Vec<&str> = demarche.audience.iter().map(|one| one.code()).collect();
    [
        demarche.id.0.as_str(),
        &demarche.title,
        &demarche.administration,
        demarche.ministry.as_deref().unwrap_or_default(),
        &audience.join(" "),
        &demarche.aliases.join(" "),
        if demarche.closed { "closed" } else { "open" },
        if demarche.essential { "true" } else { "false" },
    ]
    .join("\t")
}

fn parse_essential(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "true or false".to_owned())
}

/// The id of the démarche that goes by this name; the name itself where none does, which the store refuses with it.
pub(super) async fn named_demarche(store: &dyn Store, name: String) -> Result<DemarcheId, StoreError> {
    let catalogue = store.catalogue().await?;
    Ok(catalogue.demarche(&name).map_or(DemarcheId(name), |demarche| demarche.id.clone()))
}

/// What an address with an id in it would not lead to.
const RESERVED: [&str; 3] = [".", "..", "editions"];

/// An id or alias: printable, without spaces, short enough for every place it stands in.
pub(super) fn parse_name(text: &str) -> Result<String, String> {
    let fits = !text.is_empty() && text.len() <= shared::draft::REFERENCE_MAX;
    let plain = text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':'));
    if RESERVED.contains(&text) {
        return Err(format!("{text} stands for something else in addresses"));
    }
    (fits && plain).then(|| text.to_owned()).ok_or_else(|| {
        "an id or alias has 1 to 128 letters, digits, hyphens, dots, colons or underscores".to_owned()
    })
}

/// As much as fits wherever a title is shown, in the cell of a workbook too.
const TEXT_MAX: usize = 500;

/// A text on one line, and that stays there.
pub(super) fn parse_text(text: &str) -> Result<String, String> {
    let text = text.trim();
    let fits = (1..=TEXT_MAX).contains(&text.chars().count());
    (fits && !text.chars().any(leaves_its_line)).then(|| text.to_owned()).ok_or_else(|| {
        format!("a text of one line, of 1 to {TEXT_MAX} characters, none of which turns or breaks the line")
    })
}
