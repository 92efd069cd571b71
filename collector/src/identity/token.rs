//! The edit token: a signature of the avis' id that lets its holder change the avis for a day.

use super::{AvisId, Identity, Keyring, Purpose, ReadyKey, Receipt};
use crate::day::Day;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use jiff::{SignedDuration, Timestamp};

/// How long an avis can be changed after it was accepted.
pub const EDIT_TIME: SignedDuration = SignedDuration::from_hours(24);

const SIGNATURE: usize = 16;

/// A token as it travels: the key's number, the second at which it expires, the receipt (whoever holds the token was
/// given it in the same answer), and a signature of all this and of the id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditToken(String);

/// Why a token does not open an avis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is no token of this collector for this avis.
    #[error("not a token for this avis")]
    Forged,
    /// It was one.
    #[error("the token has expired")]
    Expired,
}

impl EditToken {
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a genuine token tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// The receipt of its avis.
    pub receipt: Receipt,
    /// Until when the avis can be changed.
    pub edit_until: Timestamp,
}

impl Keyring {
    /// The token of an avis accepted at this instant.
    #[must_use]
    pub fn edit_token(&self, identity: Identity, accepted_at: Timestamp) -> EditToken {
        let key = self.signing(Day::of(accepted_at));
        let expiry = u32::try_from(edit_until(accepted_at).as_second()).unwrap_or(u32::MAX).to_be_bytes();
        let mut token = vec![key.id];
        token.extend(expiry);
        token.extend(identity.receipt.0);
        token.extend(&signature(key, identity.avis_id, &token).finalize().into_bytes()[..SIGNATURE]);
        EditToken(URL_SAFE_NO_PAD.encode(token))
    }

    /// Whether this text is the token of this avis, now.
    ///
    /// # Errors
    /// It is not, or no longer.
    pub fn open_edit_token(&self, text: &str, avis_id: AvisId, now: Timestamp) -> Result<Opened, TokenError> {
        let token = URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenError::Forged)?;
        let (signed, signature_sent) = token.split_at_checked(15).ok_or(TokenError::Forged)?;
        let key = self.find(signed[0]).ok_or(TokenError::Forged)?;
        let genuine = signature_sent.len() == SIGNATURE
            && signature(key, avis_id, signed).verify_truncated_left(signature_sent).is_ok();
        if !genuine {
            return Err(TokenError::Forged);
        }
        let expiry = i64::from(u32::from_be_bytes([signed[1], signed[2], signed[3], signed[4]]));
        if now.as_second() > expiry {
            return Err(TokenError::Expired);
        }
        let mut receipt = [0; 10];
        receipt.copy_from_slice(&signed[5..]);
        let edit_until = Timestamp::from_second(expiry).map_err(|_| TokenError::Forged)?;
        Ok(Opened { receipt: Receipt(receipt), edit_until })
    }
}

/// Until when an avis accepted at this instant can be changed, to the second.
#[must_use]
pub fn edit_until(accepted_at: Timestamp) -> Timestamp {
    let until = accepted_at.saturating_add(EDIT_TIME).unwrap_or(Timestamp::MAX);
    Timestamp::from_second(until.as_second()).unwrap_or(until)
}

fn signature(key: &ReadyKey, avis_id: AvisId, signed: &[u8]) -> hmac::Hmac<sha2::Sha256> {
    key.mac(Purpose::EditToken, &[avis_id.as_bytes(), signed])
}
