//! What is rated and where: démarches, boutons, and the keys of programs. Small, changed by commands, read on every
//! request; so each collector holds a copy in memory ([`LiveCatalogue`]) and renews it within two seconds.

mod live;
mod uses;

pub use live::{LiveCatalogue, Snapshot};
pub use uses::KeyUses;

use crate::assets::{Integrity, KeptAsset};
use crate::day::Day;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::cmp::Ordering;
use std::collections::HashMap;

/// The id of a démarche, as published.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct DemarcheId(pub String);

/// The id of a bouton.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct BoutonId(pub String);

impl BoutonId {
    /// A new id: bare numbers belong to the buttons that are out there already.
    ///
    /// # Errors
    /// The operating system has no randomness to give.
    pub fn generated() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 5];
        getrandom::fill(&mut bytes)?;
        Ok(Self::of_bytes(bytes))
    }

    /// The id of a bouton that is known by its label alone where its avis were given: the same whenever and wherever
    /// they are imported.
    #[must_use]
    pub fn imported(demarche: &DemarcheId, label: &str) -> Self {
        let digest = Sha256::new().chain_update(&demarche.0).chain_update([0]).chain_update(label).finalize();
        Self::of_bytes(std::array::from_fn(|place| digest[place]))
    }

    fn of_bytes(bytes: [u8; 5]) -> Self {
        const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstvwxyz0123456789";
        let number = bytes.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
        let name: String = (0..8).map(|place| char::from(LETTERS[number >> (5 * place) & 31])).collect();
        Self(format!("b-{name}"))
    }
}

impl Ord for DemarcheId {
    /// Numbers first, by value; the rest by bytes.
    fn cmp(&self, other: &Self) -> Ordering {
        let number = |id: &Self| id.0.parse::<u128>().ok();
        match (number(self), number(other)) {
            (Some(mine), Some(theirs)) => mine.cmp(&theirs).then_with(|| self.0.cmp(&other.0)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => self.0.cmp(&other.0),
        }
    }
}

impl PartialOrd for DemarcheId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Defines a closed list of codes, as clap and the database read them.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its code.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(code: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|known| known.code() == code).ok_or_else(|| {
                    let known: Vec<&str> = Self::ALL.iter().map(|known| known.code()).collect();
                    format!("one of: {}", known.join(", "))
                })
            }
        }
    };
}

pub(crate) use codes;

codes! {
    /// Whom a démarche is for.
    Audience {
        /// Private persons.
        Particuliers = "particuliers",
        /// Companies.
        Entreprises = "entreprises",
        /// Local authorities.
        Collectivites = "collectivites",
        /// Associations.
        Associations = "associations",
    }
}

codes! {
    /// The channel in which a bouton is shown.
    BoutonChannel {
        /// At the end of an online service.
        Online = "online",
        /// At a counter.
        Guichet = "guichet",
        /// After a telephone call.
        Telephone = "telephone",
        /// On a letter.
        Courrier = "courrier",
        /// On a kiosk.
        Borne = "borne",
    }
}

codes! {
    /// What a key allows.
    Scope {
        /// Posting avis without the anti-abuse limits.
        Submit = "submit",
        /// Reading what is not public.
        Read = "read",
        /// Everything.
        Admin = "admin",
    }
}

impl Scope {
    /// Whether a key of this scope may do what this other one is for.
    #[must_use]
    pub fn allows(self, needed: Self) -> bool {
        self == needed || self == Self::Admin
    }
}

/// A formality of an administration: what is rated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demarche {
    /// Its id.
    pub id: DemarcheId,
    /// Other names it is known by, such as `xwiki:823`.
    pub aliases: Vec<String>,
    /// Its title, as citizens know it.
    pub title: String,
    /// The administration in charge.
    pub administration: String,
    /// The ministry above it.
    pub ministry: Option<String>,
    /// Whom it is for.
    pub audience: Vec<Audience>,
    /// Whether it is among the most used ones, which the observatory follows.
    pub essential: bool,
    /// Whether it takes avis no more.
    pub closed: bool,
}

/// One placement of the button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bouton {
    /// Its id.
    pub id: BoutonId,
    /// Its démarche.
    pub demarche: DemarcheId,
    /// Other names, known within its démarche.
    pub aliases: Vec<String>,
    /// What its administration calls it.
    pub label: Option<String>,
    /// Where it is shown.
    pub channel: BoutonChannel,
    /// The origins that may show the hosted form in a frame; none means any.
    pub origins: Vec<String>,
    /// Whether it takes avis no more.
    pub closed: bool,
}

/// A key of a program, without what would open anything: the digest alone is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its number.
    pub id: i64,
    /// The SHA-256 of its text.
    pub digest: [u8; 32],
    /// What it allows.
    pub scope: Scope,
    /// The one démarche it is for; none means all.
    pub demarche: Option<DemarcheId>,
    /// The day it was made.
    pub created: Day,
    /// The last day on which it opens anything; none if it has no end.
    pub expires: Option<Day>,
    /// Whether it was revoked.
    pub revoked: bool,
}

impl ApiKey {
    /// Whether its last day is over.
    #[must_use]
    pub fn is_expired(&self, today: Day) -> bool {
        self.expires.is_some_and(|last| last < today)
    }
}

/// Everything at one moment, with the ways to find it.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    demarches: Vec<Demarche>,
    boutons: Vec<Bouton>,
    keys: Vec<ApiKey>,
    assets: Vec<KeptAsset>,
    demarche_by_name: HashMap<String, usize>,
    bouton_by_id: HashMap<String, usize>,
    bouton_by_alias: HashMap<(DemarcheId, String), usize>,
    key_by_digest: HashMap<[u8; 32], usize>,
    asset_by_name: HashMap<String, usize>,
}

impl Catalogue {
    /// Indexes what the store holds.
    #[must_use]
    pub fn new(mut demarches: Vec<Demarche>, mut boutons: Vec<Bouton>, keys: Vec<ApiKey>) -> Self {
        demarches.sort_by(|a, b| a.id.cmp(&b.id));
        boutons.sort_by(|a, b| (&a.demarche, &a.id).cmp(&(&b.demarche, &b.id)));
        let mut demarche_by_name = HashMap::new();
        // Ids after aliases: where one demarche's alias is another's id, the id wins.
        for (index, demarche) in demarches.iter().enumerate() {
            demarche_by_name.extend(demarche.aliases.iter().map(|alias| (alias.clone(), index)));
        }
        demarche_by_name.extend(demarches.iter().enumerate().map(|(index, one)| (one.id.0.clone(), index)));
        let bouton_by_id = boutons.iter().enumerate().map(|(index, one)| (one.id.0.clone(), index)).collect();
        let bouton_by_alias = boutons
            .iter()
            .enumerate()
            .flat_map(|(index, one)| {
                one.aliases.iter().map(move |alias| ((one.demarche.clone(), alias.clone()), index))
            })
            .collect();
        let key_by_digest = keys.iter().enumerate().map(|(index, key)| (key.digest, index)).collect();
        Self {
            demarches,
            boutons,
            keys,
            demarche_by_name,
            bouton_by_id,
            bouton_by_alias,
            key_by_digest,
            ..Self::default()
        }
    }

    /// The same with the files that are kept.
    #[must_use]
    pub fn with_assets(self, mut assets: Vec<KeptAsset>) -> Self {
        assets.sort_by(|a, b| (a.first_served, &a.name).cmp(&(b.first_served, &b.name)));
        let asset_by_name = assets.iter().enumerate().map(|(index, one)| (one.name.clone(), index)).collect();
        Self { assets, asset_by_name, ..self }
    }

    /// Every démarche, in the order of publication.
    #[must_use]
    pub fn demarches(&self) -> &[Demarche] {
        &self.demarches
    }

    /// Every bouton, by démarche.
    #[must_use]
    pub fn boutons(&self) -> &[Bouton] {
        &self.boutons
    }

    /// Every key.
    #[must_use]
    pub fn keys(&self) -> &[ApiKey] {
        &self.keys
    }

    /// Every file that is kept, the first served first.
    #[must_use]
    pub fn assets(&self) -> &[KeptAsset] {
        &self.assets
    }

    /// The kept file of this name, revoked or not.
    #[must_use]
    pub fn asset(&self, name: &str) -> Option<&KeptAsset> {
        self.asset_by_name.get(name).map(|index| &self.assets[*index])
    }

    /// Whether a file of this digest is served no more.
    #[must_use]
    pub fn is_revoked(&self, integrity: Integrity) -> bool {
        self.assets.iter().any(|asset| asset.revoked && asset.integrity == integrity)
    }

    /// The démarche of this id or alias.
    #[must_use]
    pub fn demarche(&self, name: &str) -> Option<&Demarche> {
        self.demarche_by_name.get(name).map(|index| &self.demarches[*index])
    }

    /// The bouton of this id, whatever its démarche.
    #[must_use]
    pub fn bouton_by_id(&self, id: &str) -> Option<&Bouton> {
        self.bouton_by_id.get(id).map(|index| &self.boutons[*index])
    }

    /// The bouton that has this alias within a démarche.
    #[must_use]
    pub fn bouton_by_alias(&self, demarche: &DemarcheId, alias: &str) -> Option<&Bouton> {
        let index = self.bouton_by_alias.get(&(demarche.clone(), alias.to_owned()));
        index.map(|index| &self.boutons[*index])
    }

    /// The bouton known by this id or alias within a démarche; else the one that has this id elsewhere.
    #[must_use]
    pub fn bouton(&self, demarche: &DemarcheId, name: &str) -> Option<&Bouton> {
        match self.bouton_by_id(name) {
            Some(bouton) if bouton.demarche == *demarche => Some(bouton),
            other => self.bouton_by_alias(demarche, name).or(other),
        }
    }

    /// The bouton known by this id or alias within a démarche; none, where its name is another démarche's.
    #[must_use]
    pub fn own_bouton(&self, demarche: &DemarcheId, name: &str) -> Option<&Bouton> {
        self.bouton(demarche, name).filter(|bouton| bouton.demarche == *demarche)
    }

    /// Whether avis can come through a bouton: neither it nor its démarche is closed.
    #[must_use]
    pub fn takes_avis(&self, bouton: &Bouton) -> bool {
        !bouton.closed && self.demarche(&bouton.demarche.0).is_some_and(|demarche| !demarche.closed)
    }

    /// The boutons of a démarche.
    pub fn boutons_of<'a>(&'a self, demarche: &'a DemarcheId) -> impl Iterator<Item = &'a Bouton> {
        self.boutons.iter().filter(move |bouton| bouton.demarche == *demarche)
    }

    /// The origins that may show the form of a démarche in a frame: those of all its boutons; none means any.
    #[must_use]
    pub fn origins_of(&self, demarche: &DemarcheId) -> Vec<String> {
        let mut origins: Vec<String> =
            self.boutons_of(demarche).flat_map(|bouton| bouton.origins.iter().cloned()).collect();
        origins.sort_unstable();
        origins.dedup();
        origins
    }

    /// The key of this digest, unless it was revoked; it may have expired.
    #[must_use]
    pub fn key(&self, digest: &[u8; 32]) -> Option<&ApiKey> {
        self.key_by_digest.get(digest).map(|index| &self.keys[*index]).filter(|key| !key.revoked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demarche(id: &str, aliases: &[&str]) -> Demarche {
        Demarche {
            id: DemarcheId(id.into()),
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            title: String::new(),
            administration: String::new(),
            ministry: None,
            audience: vec![],
            essential: false,
            closed: false,
        }
    }

    fn bouton(id: &str, of: &str, alias: &str) -> Bouton {
        Bouton {
            id: BoutonId(id.into()),
            demarche: DemarcheId(of.into()),
            aliases: vec![alias.into()],
            label: None,
            channel: BoutonChannel::Online,
            origins: vec![],
            closed: false,
        }
    }

    #[test]
    fn a_generated_id_is_no_number() {
        let id = BoutonId::generated().unwrap();
        assert!(id.0.starts_with("b-") && id.0.len() == 10, "{id:?}");
        assert_ne!(id, BoutonId::generated().unwrap());
    }

    #[test]
    fn numbers_come_first_and_by_value() {
        let mut ids = ["b", "10", "9", "a", "xwiki:1", "009"].map(|id| DemarcheId(id.into()));
        ids.sort();
        assert_eq!(ids.map(|id| id.0), ["009", "9", "10", "a", "b", "xwiki:1"]);
    }

    #[test]
    fn an_id_wins_over_an_alias_and_a_bouton_is_found_within_its_demarche() {
        let catalogue = Catalogue::new(
            vec![demarche("1", &["2", "xwiki:1"]), demarche("2", &[])],
            vec![bouton("12", "1", "button"), bouton("13", "2", "button")],
            vec![],
        );
        assert_eq!(catalogue.demarche("2").map(|d| d.id.0.as_str()), Some("2"));
        assert_eq!(catalogue.demarche("xwiki:1").map(|d| d.id.0.as_str()), Some("1"));
        let found =
            |of: &str, name: &str| catalogue.bouton(&DemarcheId(of.into()), name).map(|b| b.id.0.as_str());
        assert_eq!((found("1", "button"), found("2", "button")), (Some("12"), Some("13")));
        assert_eq!((found("2", "13"), found("1", "13"), found("1", "99")), (Some("13"), Some("13"), None));
    }
}
