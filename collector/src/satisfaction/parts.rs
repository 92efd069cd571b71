//! A document in parts, one a démarche, so that one of a hundred megabytes is sent without ever being held.

use super::csv::{self, Dialect};
use super::{Document, Entry, Figures, Standing};
use crate::catalogue::Demarche;
use crate::store::Period;
use std::io::{Error, Result};

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON.
    Json,
    /// A table.
    Csv(Dialect),
}

impl Format {
    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv(_) => "text/csv; charset=utf-8",
        }
    }
}

/// What the parts of a document have in common.
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    /// How it is written.
    pub format: Format,
    /// Its period.
    pub period: Period,
    /// Whether its figures can still move.
    pub standing: Standing,
}

/// What stands behind the last démarche in JSON.
const END: &str = "]}";

impl Parts {
    /// What comes before the first démarche.
    ///
    /// # Errors
    /// It cannot be written, which what is in memory always can.
    pub fn head(&self) -> Result<Vec<u8>> {
        match self.format {
            Format::Csv(dialect) => csv::head(dialect).map_err(Error::other),
            Format::Json => {
                let empty = Document { period: self.period, standing: self.standing, demarches: Vec::new() };
                let mut head = serde_json::to_vec(&empty)?;
                head.truncate(head.len() - END.len());
                Ok(head)
            }
        }
    }

    /// A démarche, the first or a later one.
    ///
    /// # Errors
    /// It cannot be written, which what is in memory always can.
    pub fn part(&self, is_first: bool, demarche: &Demarche, figures: &Figures) -> Result<Vec<u8>> {
        match self.format {
            Format::Csv(dialect) => csv::part(dialect, demarche, self.period, figures).map_err(Error::other),
            Format::Json => {
                let mut part = if is_first { Vec::new() } else { vec![b','] };
                serde_json::to_writer(&mut part, &Entry { demarche, figures })?;
                Ok(part)
            }
        }
    }

    /// What comes behind the last démarche.
    #[must_use]
    pub fn tail(&self) -> &'static [u8] {
        match self.format {
            Format::Csv(_) => &[],
            Format::Json => END.as_bytes(),
        }
    }
}
