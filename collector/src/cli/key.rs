//! `collector key …`.

use super::demarche::named_demarche;
use super::{Failure, complain, say};
use crate::catalogue::{ApiKey, Scope};
use crate::clock::Clock;
use crate::day::Day;
use crate::store::Store;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args, Subcommand};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::str::FromStr;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Makes a key and prints it, this once
    Create(Create),
    /// Lists keys, without what would open anything: their last days, and when each was last used
    List,
    /// Revokes a key
    Revoke(Revoke),
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// What it allows: submit (sending avis), read (reading what is not public), admin (both, and changing)
    #[arg(long)]
    scope: Scope,
    /// The one démarche it is for, by its id or alias; all, if none is given
    #[arg(long)]
    demarche: Option<String>,
    /// The last day on which it opens anything, in Paris, or `never`; a year from today, if none is given
    #[arg(long, value_name = "DAY|never")]
    expires: Option<Expiry>,
}

/// When a key ends.
#[derive(Debug, Clone, Copy)]
enum Expiry {
    After(Day),
    Never,
}

impl FromStr for Expiry {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "never" => Ok(Self::Never),
            day => day.parse().map(Self::After).map_err(|error| format!("{error}, or `never`")),
        }
    }
}

impl Create {
    fn expires(&self, today: Day) -> Option<Day> {
        match self.expires {
            None => Some(today.a_year_later()),
            Some(Expiry::After(day)) => Some(day),
            Some(Expiry::Never) => None,
        }
    }
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
                let today = Clock::system().today();
                let expires = create.expires(today);
                let demarche = match create.demarche {
                    Some(name) => Some(named_demarche(store, name).await?),
                    None => None,
                };
                store.add_key(digest, create.scope, demarche.as_ref(), today, expires).await?;
                complain("shown this once; send it as Authorization: Bearer KEY");
                match expires {
                    Some(last) if last < today => {
                        complain(&format!("it opens nothing: its last day was {last}"));
                    }
                    Some(last) => complain(&format!("its last day is {last}")),
                    None => {}
                }
                say(&text);
            }
            Self::List => {
                let uses: HashMap<i64, Day> = store.key_uses().await?.into_iter().collect();
                let today = Clock::system().today();
                say("number\tscope\tdemarche\tcreated\tstate\texpires\tlast used");
                for key in store.catalogue().await?.keys() {
                    say(&line(key, uses.get(&key.id).copied(), today));
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

fn line(key: &ApiKey, last_used: Option<Day>, today: Day) -> String {
    let state = match key {
        key if key.revoked => "revoked",
        key if key.is_expired(today) => "expired",
        _ => "valid",
    };
    let (id, scope, created) = (key.id, key.scope.code(), key.created);
    let demarche = key.demarche.as_ref().map_or("all", |id| id.0.as_str());
    let or_never = |day: Option<Day>| day.map_or_else(|| "never".to_owned(), |day| day.to_string());
    let (expires, last_used) = (or_never(key.expires), or_never(last_used));
    format!("{id}\t{scope}\t{demarche}\t{created}\t{state}\t{expires}\t{last_used}")
}
