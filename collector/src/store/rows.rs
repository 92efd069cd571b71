//! Rows as any database gives them, and what they are in the terms of the store.

use super::encoding::CodedAnswers;
use super::{Avis, StoreError};
use crate::catalogue::{BoutonId, DemarcheId};
use crate::day::Day;
use crate::identity::{AvisId, SecretKey};
use crate::quarantine::Reasons;
use shared::Language;
use uuid::Uuid;

/// An avis with its page and its texts.
#[derive(sqlx::FromRow)]
pub(super) struct AvisRow {
    avis_id: Uuid,
    demarche_id: String,
    bouton_id: Option<String>,
    day: i32,
    language: Option<String>,
    origin: Option<String>,
    path: Option<String>,
    #[sqlx(flatten)]
    coded: CodedAnswers,
    help_tried_other: Option<String>,
    malfunctions_other: Option<String>,
    comment: Option<String>,
    quarantine: Option<i64>,
}

impl TryFrom<AvisRow> for Avis {
    type Error = StoreError;

    fn try_from(row: AvisRow) -> Result<Self, StoreError> {
        let texts = [row.help_tried_other, row.malfunctions_other, row.comment];
        Ok(Self {
            id: AvisId::from_bytes(row.avis_id.into_bytes()),
            demarche: DemarcheId(row.demarche_id),
            bouton: row.bouton_id.map(BoutonId),
            day: day(row.day)?,
            language: row.language.as_deref().and_then(Language::from_tag),
            page: row.origin.zip(row.path),
            answers: row.coded.answers_with(texts)?,
            tally: row.coded.tally()?,
            set_aside: reasons(row.quarantine)?,
        })
    }
}

pub(super) const SECRET: &str = "select secret_id, secret_key, created_day from secret order by secret_id";

/// A key of the secret.
#[derive(sqlx::FromRow)]
pub(super) struct SecretRow {
    secret_id: i64,
    secret_key: Vec<u8>,
    created_day: i32,
}

impl SecretRow {
    /// The key, with the day it was made.
    pub(super) fn key(self) -> Result<(SecretKey, Day), StoreError> {
        let impossible = || StoreError::message("the database holds a secret key of an impossible form");
        let key = SecretKey {
            id: self.secret_id.try_into().map_err(|_| impossible())?,
            bytes: self.secret_key.try_into().map_err(|_| impossible())?,
        };
        Ok((key, day(self.created_day)?))
    }
}

/// The reasons that a row holds; none for an avis that counts.
pub(super) fn reasons(quarantine: Option<i64>) -> Result<Reasons, StoreError> {
    let Some(bits) = quarantine else { return Ok(Reasons::NONE) };
    u16::try_from(bits).ok().and_then(Reasons::from_bits).filter(|reasons| !reasons.is_empty()).ok_or_else(
        || {
            StoreError::message(format!(
                "the database holds an avis set aside for reasons {bits}, which are none"
            ))
        },
    )
}

/// The reasons as a row holds them; null for an avis that counts.
pub(super) fn quarantine(reasons: Reasons) -> Option<i16> {
    (!reasons.is_empty()).then(|| i16::try_from(reasons.bits()).unwrap_or(i16::MAX))
}

/// The day of a number.
pub(super) fn day(number: i32) -> Result<Day, StoreError> {
    Day::from_number(number)
        .ok_or_else(|| StoreError::message(format!("the database holds day {number}, which is none")))
}
