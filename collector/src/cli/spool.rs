//! `collector spool …`.

use super::{Failure, complain, say};
use crate::spool;
use crate::store::{SpoolId, Store};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::PathBuf;

/// The folder of a spool where none is named.
pub(super) const FOLDER: &str = "avis-spool";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Lists the spools that the database knows of
    List,
    /// Has periods close without a spool that will not come back
    Forget(Forget),
    /// Lists what the database refused from the spool of this machine, and why
    KeptApart(KeptApart),
}

#[derive(Debug, Args)]
pub(super) struct Forget {
    /// Its name, as `spool list` shows it
    id: SpoolId,
}

#[derive(Debug, Args)]
pub(super) struct KeptApart {
    /// The folder of the spool
    #[arg(long, env = "AVIS_SPOOL", default_value = FOLDER, value_name = "FOLDER")]
    spool: PathBuf,
    /// Shows what people wrote too, an entry a line as JSON
    #[arg(long)]
    full: bool,
}

impl Command {
    pub(super) async fn run(self, store: &dyn Store) -> Result<(), Failure> {
        match self {
            Self::List => {
                say("id\tseen\tholds_since\trefused");
                for spool in store.spools().await? {
                    let seen = spool.seen_at.map_or("signed off".to_owned(), |seen| seen.to_string());
                    let holds = spool.holds_since.map_or("-".to_owned(), |day| day.to_string());
                    say(&format!("{}\t{seen}\t{holds}\t{}", spool.id, spool.refused));
                }
                Ok(())
            }
            Self::Forget(Forget { id }) => {
                if !store.forget_spool(id).await? {
                    return Err(Failure::new(format!("no collector with the spool {id} is known")));
                }
                say(&format!("spool {id} forgotten"));
                Ok(())
            }
            Self::KeptApart(kept_apart) => kept_apart.run().await,
        }
    }
}

impl KeptApart {
    pub(super) async fn run(&self) -> Result<(), Failure> {
        let (id, entries) =
            spool::kept_apart(&self.spool).await.map_err(|error| Failure::new(error.to_string()))?;
        complain(&format!("this is the spool {id}"));
        if !self.full {
            say("seq\tat\tavis\treason");
        }
        for entry in entries {
            if self.full {
                let spool::KeptApart { seq, reason, at, write } = entry;
                say(&json!({"seq": seq, "at": at.to_string(), "reason": reason, "entry": write}).to_string());
            } else {
                let avis = entry.avis_id().unwrap_or("-");
                say(&format!("{}\t{}\t{avis}\t{}", entry.seq, entry.at, entry.reason));
            }
        }
        Ok(())
    }
}
