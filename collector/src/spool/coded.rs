//! A write as a spool keeps it: JSON in the codes of the public API, so that a spool written by one version is read
//! by the next, and by a person.

use crate::catalogue::{BoutonId, DemarcheId};
use crate::hexadecimal;
use crate::identity::{AvisId, AvisKey};
use crate::quarantine::Reasons;
use crate::store::{OnReplay, Record, Write};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::draft::{AnswersPatch, ChangeDraft, Raw};
use shared::{Answers, Language, PageAddress};

/// What this version writes. A version that has to write otherwise takes the next number, and reads this one still.
const FORMAT: u8 = 1;

/// An entry; `A` is how answers are given, which differs between reading and writing.
#[derive(Serialize, Deserialize)]
struct Line<A> {
    format: u8,
    write: Coded<A>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Coded<A> {
    Record(CodedRecord<A>),
    Change { avis_id: String, answers: A },
    Withdraw { avis_ids: Vec<String> },
}

#[derive(Serialize, Deserialize)]
struct CodedRecord<A> {
    avis_id: String,
    remember: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    former_keys: Vec<String>,
    fingerprint: String,
    /// What a form that is sent again changes; none where the same request is expected.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    on_replay: Option<A>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    closed: bool,
    accepted_at_ms: i64,
    demarche: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bouton: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lang: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page: Option<String>,
    answers: A,
    /// The bits of its reasons.
    #[serde(default, skip_serializing_if = "is_zero")]
    set_aside: u16,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(bits: &u16) -> bool {
    *bits == 0
}

/// Writes a write.
#[must_use]
pub fn write(write: &Write) -> String {
    let coded = match write {
        Write::Record(record) => Coded::Record(CodedRecord {
            avis_id: record.avis_id.to_string(),
            remember: record.remember,
            former_keys: record.former_keys.iter().map(|key| hexadecimal::encode(key.as_bytes())).collect(),
            fingerprint: hexadecimal::encode(&record.fingerprint),
            on_replay: match &record.on_replay {
                OnReplay::Exact => None,
                OnReplay::Change(patch) => Some(value(patch)),
            },
            closed: record.closed,
            accepted_at_ms: record.accepted_at.as_millisecond(),
            demarche: record.demarche.0.clone(),
            bouton: record.bouton.as_ref().map(|bouton| bouton.0.clone()),
            lang: record.language.map(|language| language.code().to_owned()),
            page: record.page.as_ref().map(|page| format!("{}{}", page.origin(), page.path())),
            answers: value(&AnswersPatch::between(&Answers::default(), &record.answers)),
            set_aside: record.set_aside.bits(),
        }),
        Write::Change(avis_id, patch) => {
            Coded::Change { avis_id: avis_id.to_string(), answers: value(patch) }
        }
        Write::Withdraw(ids) => Coded::Withdraw { avis_ids: ids.iter().map(AvisId::to_string).collect() },
    };
    // Texts and numbers always have a JSON form.
    serde_json::to_string(&Line { format: FORMAT, write: coded }).unwrap_or_default()
}

/// Reads a write back.
///
/// # Errors
/// Why that cannot be done, without a word of what it says.
pub fn read(text: &str) -> Result<Write, String> {
    #[derive(Deserialize)]
    struct Format {
        format: u8,
    }
    let unreadable = || "the entry is unreadable".to_owned();
    let Format { format } = serde_json::from_str(text).map_err(|_| unreadable())?;
    if format > FORMAT {
        return Err(format!("the entry is of format {format}, which this version does not know"));
    }
    let line: Line<Raw> = serde_json::from_str(text).map_err(|_| unreadable())?;
    understand(line.write).ok_or_else(unreadable)
}

fn understand(coded: Coded<Raw>) -> Option<Write> {
    Some(match coded {
        Coded::Record(record) => Write::Record(Box::new(Record {
            avis_id: record.avis_id.parse().ok()?,
            remember: record.remember,
            former_keys: record
                .former_keys
                .iter()
                .map(|digits| hexadecimal::decode(digits).map(AvisKey::from_bytes))
                .collect::<Option<_>>()?,
            fingerprint: hexadecimal::decode(&record.fingerprint)?,
            on_replay: match record.on_replay {
                None => OnReplay::Exact,
                Some(raw) => OnReplay::Change(patch(raw)?),
            },
            closed: record.closed,
            accepted_at: Timestamp::from_millisecond(record.accepted_at_ms).ok()?,
            demarche: DemarcheId(record.demarche),
            bouton: record.bouton.map(BoutonId),
            language: match record.lang {
                None => None,
                Some(tag) => Some(Language::from_tag(&tag)?),
            },
            page: match record.page {
                None => None,
                Some(page) => Some(PageAddress::parse(&page)?),
            },
            answers: patch(record.answers)?.apply(&Answers::default()).ok()?,
            set_aside: Reasons::from_bits(record.set_aside)?,
        })),
        Coded::Change { avis_id, answers } => Write::Change(avis_id.parse().ok()?, patch(answers)?),
        Coded::Withdraw { avis_ids } => {
            Write::Withdraw(avis_ids.iter().map(|id| id.parse().ok()).collect::<Option<_>>()?)
        }
    })
}

fn value(patch: &AnswersPatch) -> Value {
    serde_json::from_str(&patch.to_json()).unwrap_or_default()
}

fn patch(raw: Raw) -> Option<AnswersPatch> {
    ChangeDraft(Raw::Map(vec![("answers".to_owned(), raw)])).parse().ok()
}
