//! What is registered of the démarches and boutons that a page names.

use super::page::{Placement, Target};
use crate::assets::Integrity;
use crate::catalogue::{Bouton, Catalogue, Demarche};
use std::collections::HashMap;
use url::Url;

/// What is known of each form and pinned loader that a page names.
#[derive(Debug, Default)]
pub struct Facts {
    standings: HashMap<Target, Standing>,
    loaders: HashMap<Url, LoaderStanding>,
}

/// How a pinned loader stands at its collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoaderStanding {
    /// It is served, with this digest.
    Served(Integrity),
    /// It is served no more.
    Revoked,
    /// No version ever had it.
    Unknown,
}

/// How one of them stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The démarche is registered.
    Registered(Registered),
    /// No démarche has this id or alias.
    UnknownDemarche,
    /// Nobody could tell, for this reason.
    Untold(String),
}

/// A démarche that is registered, with the bouton that was named beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The id of the démarche, where an alias was named too.
    pub demarche: String,
    /// Whether it takes avis no more.
    pub closed: bool,
    /// The bouton; none if none was named.
    pub bouton: Option<BoutonStanding>,
    /// The origins that may show its form in a frame; none means any.
    pub origins: Vec<String>,
}

/// How a bouton stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BoutonStanding {
    /// It takes avis.
    Open {
        /// Its id.
        id: String,
        /// The origins that it declares; none means any.
        origins: Vec<String>,
    },
    /// It takes avis no more.
    Closed,
    /// No bouton has this id or alias.
    Unknown,
    /// It belongs to this other démarche.
    OfAnother(String),
    /// It is not closed; more was not told.
    Untold,
}

impl Facts {
    /// What a catalogue tells of these.
    #[must_use]
    pub fn of_catalogue<'a>(catalogue: &Catalogue, targets: impl IntoIterator<Item = &'a Target>) -> Self {
        let told = targets.into_iter().map(|target| (target.clone(), in_catalogue(catalogue, target)));
        Self { standings: told.collect(), ..Self::default() }
    }

    /// The same with what it tells of the loaders at these addresses.
    #[must_use]
    pub fn with_loaders<'a>(
        mut self,
        catalogue: &Catalogue,
        loaders: impl IntoIterator<Item = &'a Url>,
    ) -> Self {
        for url in loaders {
            let name = url.path().rsplit('/').next().unwrap_or_default();
            let standing = match catalogue.asset(name) {
                None => LoaderStanding::Unknown,
                Some(asset) if asset.revoked => LoaderStanding::Revoked,
                Some(asset) => LoaderStanding::Served(asset.integrity),
            };
            self.note_loader(url.clone(), standing);
        }
        self
    }

    /// Notes what was told of a pinned loader.
    pub fn note_loader(&mut self, url: Url, standing: LoaderStanding) {
        self.loaders.insert(url, standing);
    }

    /// What is known of a pinned loader; none where nobody was asked.
    #[must_use]
    pub fn loader(&self, url: &Url) -> Option<LoaderStanding> {
        self.loaders.get(url).copied()
    }

    /// Notes what was told of one.
    pub fn note(&mut self, target: Target, standing: Standing) {
        self.standings.insert(target, standing);
    }

    /// What is known of one; none where nobody was asked.
    #[must_use]
    pub fn of(&self, target: &Target) -> Option<&Standing> {
        self.standings.get(target)
    }

    /// The id of the démarche, and the id of the bouton, that a form means, as far as that is known; else their names.
    #[must_use]
    pub fn meant(&self, target: &Target) -> Option<(String, Option<String>)> {
        let named = match target {
            Target::Form(placement) => placement.bouton.clone(),
            Target::Old(_) => None,
        };
        match (self.of(target), target) {
            (Some(Standing::Registered(registered)), _) => {
                let bouton = match &registered.bouton {
                    Some(BoutonStanding::Open { id, .. }) => Some(id.clone()),
                    _ => named,
                };
                Some((registered.demarche.clone(), bouton))
            }
            (_, Target::Form(Placement { demarche, .. })) => Some((demarche.clone(), named)),
            (_, Target::Old(_)) => None,
        }
    }
}

fn in_catalogue(catalogue: &Catalogue, target: &Target) -> Standing {
    match target {
        Target::Form(Placement { demarche, bouton }) => {
            let Some(found) = catalogue.demarche(demarche) else { return Standing::UnknownDemarche };
            let bouton = bouton.as_deref().map(|name| match catalogue.bouton(&found.id, name) {
                Some(bouton) if bouton.demarche == found.id => standing(bouton),
                Some(bouton) => BoutonStanding::OfAnother(bouton.demarche.0.clone()),
                None => BoutonStanding::Unknown,
            });
            registered(catalogue, found, bouton)
        }
        Target::Old(address) => match address.find(catalogue) {
            Some((found, bouton)) => {
                let unknown = || address.names_bouton().then_some(BoutonStanding::Unknown);
                registered(catalogue, found, bouton.map(standing).or_else(unknown))
            }
            None => Standing::UnknownDemarche,
        },
    }
}

fn registered(catalogue: &Catalogue, demarche: &Demarche, bouton: Option<BoutonStanding>) -> Standing {
    Standing::Registered(Registered {
        demarche: demarche.id.0.clone(),
        closed: demarche.closed,
        bouton,
        origins: catalogue.origins_of(&demarche.id),
    })
}

fn standing(bouton: &Bouton) -> BoutonStanding {
    if bouton.closed {
        return BoutonStanding::Closed;
    }
    BoutonStanding::Open { id: bouton.id.0.clone(), origins: bouton.origins.clone() }
}
