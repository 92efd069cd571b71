//! `collector journal …`.

use super::{Failure, say};
use crate::store::Store;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Lists what was done to stored avis, the first first: when, what, to which and to how many. It only grows
    List(List),
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// A table, or a JSON object a line
    #[arg(long, default_value = "table")]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Jsonl,
}

impl Command {
    pub(super) async fn run(self, store: &dyn Store) -> Result<(), Failure> {
        let Self::List(List { format }) = self;
        if matches!(format, Format::Table) {
            say("number\tat\tact\tdetail");
        }
        for entry in store.journal().await? {
            let (id, at, act, detail) = (entry.id, entry.at.to_string(), entry.act, entry.detail);
            match format {
                Format::Table => say(&format!("{id}\t{at}\t{act}\t{detail}")),
                Format::Jsonl => {
                    say(&json!({"number": id, "at": at, "act": act, "detail": detail}).to_string());
                }
            }
        }
        Ok(())
    }
}
