//! Editions: what was published of a quarter, frozen. The bytes of each format are kept with their SHA-256 and never
//! change, whatever becomes of avis, formulas or names; what turns out wrong is said beside them, in an erratum.

use crate::catalogue::{Catalogue, Demarche, DemarcheId, codes};
use crate::hexadecimal;
use crate::quarter::Quarter;
use crate::satisfaction::csv::Dialect;
use crate::satisfaction::{self, Document, Figures, Standing, Wait, csv, xlsx};
use crate::store::{Store, StoreError};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::Tally;
use shared::indicator::FORMULA;
use std::collections::HashMap;
use std::fmt;

/// The version of an edition's form, as it names it.
pub const SCHEMA: &str = "edition/1";

codes! {
    /// A format in which an edition is frozen.
    Format {
        /// The document that programs read.
        Json = "json",
        /// The table of its figures.
        Csv = "csv",
        /// The workbook of its figures.
        Xlsx = "xlsx",
    }
}

impl Format {
    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// Where the file of an edition in this format is served, byte for byte as it was frozen. Its JSON with errata is served
/// without an ending.
#[must_use]
pub fn path(quarter: Quarter, format: Format) -> String {
    format!("/api/v1/editions/{quarter}.{}", format.code())
}

/// What its file is called on the disk of who downloads it.
#[must_use]
pub fn file_name(quarter: Quarter, format: Format) -> String {
    format!("satisfaction-{quarter}.{}", format.code())
}

/// The SHA-256 of a file, shown as hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileDigest(pub [u8; 32]);

impl FileDigest {
    /// That of these bytes.
    #[must_use]
    pub fn of(content: &[u8]) -> Self {
        Self(Sha256::digest(content).into())
    }
}

impl fmt::Display for FileDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hexadecimal::encode(&self.0))
    }
}

impl Serialize for FileDigest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An edition in one format, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionFile {
    /// Its format.
    pub format: Format,
    /// The digest it was frozen with.
    pub sha256: FileDigest,
    /// How many bytes it has.
    pub bytes: u64,
}

/// What turned out to be wrong with an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erratum {
    /// When it was said.
    pub added_at: Timestamp,
    /// What it says.
    pub text: String,
}

impl Erratum {
    /// As it stands in documents.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({"added_at": self.added_at.to_string(), "text": self.text})
    }
}

/// A frozen quarter, without the bytes of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// Its quarter, which names it.
    pub quarter: Quarter,
    /// When it was frozen.
    pub frozen_at: Timestamp,
    /// The version of the formulas that made its figures.
    pub formula: String,
    /// What it consists of.
    pub files: Vec<EditionFile>,
    /// What was said of it since, the first one first.
    pub errata: Vec<Erratum>,
}

/// What is stored of an edition is not what was frozen.
#[derive(Debug, thiserror::Error)]
#[error(
    "the {} of edition {quarter} is damaged: its SHA-256 is not the one it was frozen with; a backup has what was",
    .format.code()
)]
pub struct Damaged {
    quarter: Quarter,
    format: Format,
}

/// Why a file of an edition cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// What is stored is not what was frozen.
    #[error(transparent)]
    Damaged(#[from] Damaged),
    /// The store failed.
    #[error("{}", .0.chain())]
    Store(#[from] StoreError),
}

impl Edition {
    /// What is known of a format, if the edition has it.
    #[must_use]
    pub fn file(&self, format: Format) -> Option<&EditionFile> {
        self.files.iter().find(|file| file.format == format)
    }

    /// The bytes of a format, as they were frozen.
    ///
    /// # Errors
    /// What is stored is not what was frozen, or the store failed.
    pub async fn read(&self, store: &dyn Store, format: Format) -> Result<Vec<u8>, ReadError> {
        let content = store.edition_file(self.quarter, format).await?.unwrap_or_default();
        self.check(format, &content)?;
        Ok(content)
    }

    /// Compares bytes with the digest that a format was frozen with.
    ///
    /// # Errors
    /// They are not what was frozen.
    pub fn check(&self, format: Format, content: &[u8]) -> Result<(), Damaged> {
        match self.file(format) {
            Some(file) if file.sha256 == FileDigest::of(content) => Ok(()),
            _ => Err(Damaged { quarter: self.quarter, format }),
        }
    }

    /// Its JSON with what was said of it since; without errata, exactly as frozen.
    #[must_use]
    pub fn with_errata(&self, mut frozen: Vec<u8>) -> Vec<u8> {
        // The frozen document ends with the list that is filled here, and the brace around it.
        const END: &[u8] = b"]}";
        if frozen.ends_with(END) {
            let errata: Vec<String> = self.errata.iter().map(|one| one.to_json().to_string()).collect();
            frozen.truncate(frozen.len() - END.len());
            frozen.extend(errata.join(",").into_bytes());
            frozen.extend(END);
        }
        frozen
    }
}

/// An edition that is to be kept.
#[derive(Debug, Clone)]
pub struct NewEdition {
    /// Its quarter.
    pub quarter: Quarter,
    /// When it was frozen, in whole milliseconds.
    pub frozen_at: Timestamp,
    /// The version of the formulas.
    pub formula: String,
    /// Its bytes in each format, with their digest.
    pub files: Vec<(Format, FileDigest, Vec<u8>)>,
}

/// Why a quarter was not frozen.
#[derive(Debug, thiserror::Error)]
pub enum FreezeError {
    /// It is not over, or its avis can be changed yet.
    #[error("{0} is not closed: its avis can be changed until {1} in Paris; freeze it then")]
    Early(Quarter, String),
    /// A spool may hold avis of it.
    #[error("{0} is not closed: {1}")]
    Spool(Quarter, String),
    /// It is frozen already.
    #[error(
        "{0} is frozen already, and nothing changes an edition; `collector edition erratum {0} --text …` says what is \
         wrong with it"
    )]
    Frozen(Quarter),
    /// A format cannot be written.
    #[error("cannot write the edition: {0}")]
    Format(String),
    /// The store failed.
    #[error("{}", .0.chain())]
    Store(#[from] StoreError),
}

impl FreezeError {
    fn of(quarter: Quarter, wait: Wait) -> Self {
        match wait {
            Wait::Until(instant) => Self::Early(quarter, crate::day::paris_time(instant)),
            Wait::Spool(spool) => {
                let (id, seen) = (spool.id, spool.seen_at.unwrap_or(Timestamp::MIN));
                let line = match spool.holds_since.filter(|day| *day <= quarter.period().to) {
                    Some(day) => format!(
                        "the spool {id} holds avis since {day}; freeze it once its collector has brought them home"
                    ),
                    None => format!(
                        "the spool {id} has not been heard of since {} in Paris; start its collector, or give it up \
                         with `collector spool forget {id}`",
                        crate::day::paris_time(seen)
                    ),
                };
                Self::Spool(quarter, line)
            }
        }
    }
}

/// Freezes a quarter, once it is closed.
///
/// # Errors
/// It is not closed, it is frozen already, or the store failed.
pub async fn freeze(store: &dyn Store, quarter: Quarter, now: Timestamp) -> Result<(), FreezeError> {
    // Before the décomptes: what a spool no longer holds by then is counted in them.
    if let Some(wait) = satisfaction::wait(quarter.period(), now, &store.spools().await?) {
        return Err(FreezeError::of(quarter, wait));
    }
    let catalogue = store.catalogue().await?;
    let windows = [quarter.twelve_months(), quarter.period()];
    let tallies = store.tallies_of_periods(&windows).await?;
    let documents: Vec<Document<'_>> = windows
        .into_iter()
        .zip(tallies)
        .map(|(period, tallies)| Document {
            period,
            standing: Standing::Closed,
            demarches: figures(&catalogue, tallies),
        })
        .collect();
    let [twelve_months, three_months] = &documents[..] else {
        return Err(FreezeError::Format("the store did not read two periods".to_owned()));
    };
    let edition = write(quarter, now, twelve_months, three_months)?;
    if store.freeze(&edition).await? { Ok(()) } else { Err(FreezeError::Frozen(quarter)) }
}

/// The figures of every démarche, from the décomptes of one period.
fn figures(catalogue: &Catalogue, tallies: Vec<(DemarcheId, Tally)>) -> Vec<(&Demarche, Figures)> {
    let mut tallies: HashMap<DemarcheId, Tally> = tallies.into_iter().collect();
    let mut of = |demarche: &Demarche| Figures::whole(&tallies.remove(&demarche.id).unwrap_or_default());
    catalogue.demarches().iter().map(|demarche| (demarche, of(demarche))).collect()
}

/// What is frozen as JSON. It says nothing of the time: the same figures make the same bytes.
#[derive(Serialize)]
struct EditionDocument<'a> {
    schema: &'static str,
    edition: Quarter,
    twelve_months: &'a Document<'a>,
    three_months: &'a Document<'a>,
    /// Last, so that errata can be put in: see [`Edition::with_errata`].
    errata: [(); 0],
}

fn write(
    quarter: Quarter,
    now: Timestamp,
    twelve_months: &Document<'_>,
    three_months: &Document<'_>,
) -> Result<NewEdition, FreezeError> {
    let cannot = |error: &dyn fmt::Display| FreezeError::Format(error.to_string());
    let document =
        EditionDocument { schema: SCHEMA, edition: quarter, twelve_months, three_months, errata: [] };
    let json = serde_json::to_vec(&document).map_err(|error| cannot(&error))?;
    let table =
        csv::table(&[twelve_months, three_months], Dialect::Standard).map_err(|error| cannot(&error))?;
    let sheets = [("12 mois", twelve_months), ("3 mois", three_months)];
    let workbook = xlsx::workbook(&sheets).map_err(|error| cannot(&error))?;
    let files = [(Format::Json, json), (Format::Csv, table), (Format::Xlsx, workbook)];
    Ok(NewEdition {
        quarter,
        frozen_at: Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now),
        formula: FORMULA.to_owned(),
        files: files.map(|(format, content)| (format, FileDigest::of(&content), content)).into(),
    })
}

#[cfg(test)]
mod tests;
