//! What a form without scripts carries from step to step, in its address: signed, opaque, and with nothing in it
//! that the person wrote.

use super::{AvisId, Keyring, Purpose};
use crate::day::Day;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::{Choice, Language, Screen};
use uuid::Uuid;

const SIGNATURE: usize = 16;

/// Where a form is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// At a screen.
    Screen(Screen),
    /// Past the last.
    Thanks,
}

/// The state of one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suite {
    /// Where it is.
    pub step: Step,
    /// The id of its démarche.
    pub demarche: String,
    /// The id of the bouton it was opened through.
    pub bouton: Option<String>,
    /// Its language.
    pub language: Language,
    /// The origin and path of the page that led to it.
    pub page: Option<String>,
    /// The idempotency key of its avis: what makes a second click the same avis.
    pub key: Uuid,
    /// When its first screen was given out; none in a form from before this was kept.
    pub issued: Option<Timestamp>,
    /// The avis once it is stored, and when it was accepted.
    pub stored: Option<(AvisId, Timestamp)>,
}

/// The same in short, as it is written.
#[derive(Serialize, Deserialize)]
struct Written {
    #[serde(rename = "s")]
    step: u8,
    #[serde(rename = "d")]
    demarche: String,
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    bouton: Option<String>,
    #[serde(rename = "l")]
    language: String,
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    page: Option<String>,
    #[serde(rename = "k")]
    key: Uuid,
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    issued: Option<i64>,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    stored: Option<(Uuid, i64)>,
}

impl Step {
    /// The step after this one.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Screen(screen) => screen.next().map_or(Self::Thanks, Self::Screen),
            Self::Thanks => Self::Thanks,
        }
    }

    /// The step before this one.
    #[must_use]
    pub fn previous(self) -> Self {
        match self {
            Self::Screen(screen) => Self::Screen(screen.previous().unwrap_or(screen)),
            Self::Thanks => Self::Screen(Screen::Comment),
        }
    }

    fn number(self) -> u8 {
        match self {
            Self::Screen(screen) => u8::try_from(screen.index()).unwrap_or(u8::MAX),
            Self::Thanks => u8::MAX,
        }
    }

    fn from_number(number: u8) -> Self {
        Screen::ALL.get(usize::from(number)).copied().map_or(Self::Thanks, Self::Screen)
    }
}

impl Suite {
    /// The same form at another step.
    #[must_use]
    pub fn at(&self, step: Step) -> Self {
        Self { step, ..self.clone() }
    }
}

impl Keyring {
    /// Writes and signs the state of a form, today.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "it cannot happen: see within")]
    pub fn sign_suite(&self, suite: &Suite, today: Day) -> String {
        let written = Written {
            step: suite.step.number(),
            demarche: suite.demarche.clone(),
            bouton: suite.bouton.clone(),
            language: suite.language.code().to_owned(),
            page: suite.page.clone(),
            key: suite.key,
            issued: suite.issued.map(Timestamp::as_millisecond),
            stored: suite.stored.map(|(avis_id, at)| (avis_id.0, at.as_millisecond())),
        };
        #[expect(clippy::expect_used, reason = "texts and numbers always have a JSON form")]
        let body = serde_json::to_vec(&written).expect("plain data");
        let key = self.signing(today);
        let signature = key.mac(Purpose::Suite, &[&body]).finalize().into_bytes();
        let mut bytes = vec![key.id];
        bytes.extend(&signature[..SIGNATURE]);
        bytes.extend(body);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads the state of a form back; none if it was not signed here.
    #[must_use]
    pub fn read_suite(&self, text: &str) -> Option<Suite> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (id, rest) = bytes.split_first()?;
        let (signature, body) = rest.split_at_checked(SIGNATURE)?;
        self.find(*id)?.mac(Purpose::Suite, &[body]).verify_truncated_left(signature).ok()?;
        let written: Written = serde_json::from_slice(body).ok()?;
        let stored = match written.stored {
            Some((avis_id, at)) => Some((AvisId(avis_id), Timestamp::from_millisecond(at).ok()?)),
            None => None,
        };
        Some(Suite {
            step: Step::from_number(written.step),
            demarche: written.demarche,
            bouton: written.bouton,
            language: Language::from_tag(&written.language)?,
            page: written.page,
            key: written.key,
            issued: written.issued.and_then(|at| Timestamp::from_millisecond(at).ok()),
            stored,
        })
    }
}
