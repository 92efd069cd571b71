//! `collector secret …`.

use super::{Failure, complain, say};
use crate::clock::Clock;
use crate::identity::{DatedKey, Keyring, SecretKey};
use crate::store::Store;
use clap::Subcommand;
use std::cmp::Ordering;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Lists the keys of the secret, without what would open anything
    List,
    /// Makes a new key, which running collectors learn at once and sign with from the day after tomorrow. Those
    /// started with --secret-file never ask for it
    Add,
}

impl Command {
    pub(super) async fn run(self, store: &dyn Store) -> Result<(), Failure> {
        match self {
            Self::List => list(store).await,
            Self::Add => add(store).await,
        }
    }
}

async fn list(store: &dyn Store) -> Result<(), Failure> {
    say("number\tmade\tsigns_from\tstate");
    let today = Clock::system().today();
    let stored = store.dated_secret().await?;
    let dated: Vec<DatedKey> =
        stored.iter().map(|(key, made)| DatedKey::made_on(key.clone(), *made)).collect();
    // No key at all: no collector has started yet.
    let signing = Keyring::dated(dated.clone()).ok().map(|keyring| keyring.signing_number(today));
    for (DatedKey { key, signs_from }, (_, made)) in dated.iter().zip(&stored) {
        let state = match Some(key.id).cmp(&signing) {
            Ordering::Less => "verifies",
            Ordering::Equal => "signs",
            Ordering::Greater => "will sign",
        };
        // The first one signs from the moment it is made: there is no other.
        let from = signs_from.filter(|_| key.id > 1).unwrap_or(*made);
        say(&format!("{}\t{made}\t{from}\t{state}", key.id));
    }
    Ok(())
}

async fn add(store: &dyn Store) -> Result<(), Failure> {
    let newest = store.dated_secret().await?.iter().map(|(key, _)| key.id).max();
    if newest.is_none() && store.spans().await?.is_empty() {
        return Err(Failure::new("there is no secret yet; `collector serve` makes it when it first starts"));
    }
    let number = newest
        .unwrap_or(0)
        .checked_add(1)
        .ok_or_else(|| Failure::new("the secret has a key of the highest number, 255; none can be added"))?;
    let key = SecretKey::random(number).map_err(|error| Failure::new(format!("no randomness: {error}")))?;
    let today = Clock::system().today();
    store.add_secret_key(&key, today).await?;
    if !store.secret().await?.contains(&key) {
        return Err(Failure::new(format!(
            "key {number} was added by somebody else meanwhile; nothing was changed"
        )));
    }
    complain("back up the database: what is signed with the new key is good only as long as the key is kept");
    if newest.is_none() {
        complain("it is the only key: receipts and tokens of the avis that are there are good no more");
        say("key 1 added; it signs at once");
        return Ok(());
    }
    let from = DatedKey::made_on(key, today).signs_from.map_or_else(String::new, |day| day.to_string());
    say(&format!("key {number} added; it signs from {from}"));
    Ok(())
}
