//! `collector asset …`.

use super::{Failure, complain, counted, say};
use crate::assets::{self, KeptAsset};
use crate::clock::Clock;
use crate::store::Store;
use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Lists the files that pages load at an address with a hash, of this version and of former ones, the first served
    /// first
    List,
    /// Takes a file out of service at every collector, for good reasons only: where a page loads it, the link takes over
    Revoke(Named),
    /// Serves a file again that was revoked
    Restore(Named),
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// Its integrity (sha384-…), the digits in its name, at least eight of them, or its name; files of other names with
    /// the same content go with it
    #[arg(value_name = "HASH")]
    hash: String,
}

/// So few digits of a hash might be those of another file.
const FEWEST_DIGITS: usize = 8;

impl Named {
    fn names(&self, asset: &KeptAsset) -> bool {
        let digits = self.hash.to_ascii_lowercase();
        let are_digits = digits.len() >= FEWEST_DIGITS && digits.bytes().all(|c| c.is_ascii_hexdigit());
        asset.name == self.hash
            || asset.integrity.to_string() == self.hash
            || are_digits && asset.integrity.digits().starts_with(&digits)
    }

    /// The files that are meant, which have one content.
    fn find<'a>(&self, all: &'a [KeptAsset]) -> Result<Vec<&'a KeptAsset>, Failure> {
        let Some(meant) = all.iter().find(|asset| self.names(asset)) else {
            return Err(Failure::new(format!(
                "no asset has the hash {}; `collector asset list` lists those that there are",
                self.hash
            )));
        };
        let (named, others) = all
            .iter()
            .filter(|asset| self.names(asset) || asset.integrity == meant.integrity)
            .partition::<Vec<_>, _>(|asset| asset.integrity == meant.integrity);
        match others.first() {
            None => Ok(named),
            Some(other) => Err(Failure::new(format!(
                "{} may be {} or {}; give more digits, nothing was changed",
                self.hash, meant.name, other.name
            ))),
        }
    }

    async fn set_revoked(&self, store: &dyn Store, revoked: bool) -> Result<(), Failure> {
        let catalogue = store.catalogue().await?;
        let named = self.find(catalogue.assets())?;
        let now = Clock::system().now();
        let changed = store.revoke_asset(named[0].integrity, revoked, Some(now)).await?;
        let names: Vec<&str> = named.iter().map(|asset| asset.name.as_str()).collect();
        let (names, state) = (names.join(", "), if revoked { "revoked" } else { "restored" });
        say(&match changed {
            0 => format!("{names}: was {} already", if revoked { "revoked" } else { "served" }),
            changed => format!("{names}: {} {state}", counted(changed, "asset", "assets")),
        });
        if revoked && named.iter().any(|asset| is_current(asset)) {
            complain(
                "it is of this version: until another one serves, the links inside the elements take over",
            );
        }
        Ok(())
    }
}

impl Command {
    pub(super) async fn run(self, store: &dyn Store) -> Result<(), Failure> {
        match self {
            Self::List => {
                say("name\tbytes\tfirst served\tstate\tversion\tintegrity");
                store.catalogue().await?.assets().iter().for_each(|asset| say(&line(asset)));
                Ok(())
            }
            Self::Revoke(named) => named.set_revoked(store, true).await,
            Self::Restore(named) => named.set_revoked(store, false).await,
        }
    }
}

/// Whether this version has it.
fn is_current(asset: &KeptAsset) -> bool {
    assets::find(&asset.name).is_some()
}

fn line(asset: &KeptAsset) -> String {
    let KeptAsset { name, size, first_served, integrity, .. } = asset;
    let state = if asset.revoked { "revoked" } else { "served" };
    let version = if is_current(asset) { "current" } else { "former" };
    format!("{name}\t{size}\t{first_served}\t{state}\t{version}\t{integrity}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::asset;

    fn found(hash: &str, all: &[KeptAsset]) -> Result<Vec<String>, String> {
        let named = Named { hash: hash.to_owned() };
        let found = named.find(all).map_err(|failure| failure.line)?;
        Ok(found.into_iter().map(|asset| asset.name.clone()).collect())
    }

    #[test]
    fn a_file_is_meant_by_its_hash_however_that_is_written_with_all_its_names() {
        let (first, _) = asset("form-1.js", b"one");
        let second = KeptAsset { name: "form-0001.js".into(), ..first.clone() };
        let all = [first.clone(), asset("form-2.js", b"two").0, second];
        let digits = first.integrity.digits();
        for hash in ["form-1.js", &first.integrity.to_string(), &digits, &digits[..8].to_uppercase()] {
            assert_eq!(found(hash, &all).unwrap(), ["form-1.js", "form-0001.js"], "{hash}");
        }
        for wrong in ["", "form-3.js", &digits[..7], "sha384-", "00000000"] {
            assert!(found(wrong, &all).unwrap_err().contains("asset list"), "{wrong}");
        }
    }

    #[test]
    fn digits_of_two_files_are_refused() {
        let (one, _) = asset("form-1.js", b"one");
        let mut other = KeptAsset { name: "form-2.js".into(), ..one.clone() };
        other.integrity.0[47] ^= 1;
        let digits = one.integrity.digits();
        assert!(found(&digits[..32], &[one.clone(), other.clone()]).unwrap_err().contains("more digits"));
        assert_eq!(found(&digits, &[one, other]).unwrap(), ["form-1.js"]);
    }
}
