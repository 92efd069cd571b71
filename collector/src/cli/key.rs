//! `collector key …`.

use super::{Failure, complain, say};
use crate::catalogue::{DemarcheId, Scope};
use crate::clock::Clock;
use crate::store::Store;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args, Subcommand};
use sha2::{Digest, Sha256};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Makes a key and prints it, this once
    Create(Create),
    /// Lists keys, without what would open anything
    List,
    /// Revokes a key
    Revoke(Revoke),
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// What it allows: submit, read, admin
    #[arg(long)]
    scope: Scope,
    /// The one démarche it is for; all, if none is given
    #[arg(long)]
    demarche: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// Its number, as `key list` shows it
    number: i64,
}

impl Command {
    pub(super) async fn run(self, store: &dyn Store) -> Result<(), Failure> {
        match self {
            Self::Create(create) => {
                let mut bytes = [0; 32];
                getrandom::fill(&mut bytes)
                    .map_err(|error| Failure::new(format!("no randomness: {error}")))?;
                let text = format!("avis_{}", URL_SAFE_NO_PAD.encode(bytes));
                let digest = Sha256::digest(text.as_bytes()).into();
                let demarche = create.demarche.map(DemarcheId);
                let today = Clock::system().today();
                store.add_key(digest, create.scope, demarche.as_ref(), today).await?;
                complain("shown this once; send it as Authorization: Bearer KEY");
                say(&text);
            }
            Self::List => {
                say("number\tscope\tdemarche\tcreated\tstate");
                for key in store.catalogue().await?.keys() {
                    let demarche = key.demarche.as_ref().map_or("all", |id| &id.0);
                    let state = if key.revoked { "revoked" } else { "valid" };
                    say(&format!("{}\t{}\t{demarche}\t{}\t{state}", key.id, key.scope.code(), key.created));
                }
            }
            Self::Revoke(revoke) => {
                store.revoke_key(revoke.number).await?;
                say(&format!("key {} revoked", revoke.number));
            }
        }
        Ok(())
    }
}
