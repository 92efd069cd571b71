//! The edit token: a signature of the avis' id that lets its holder change the avis for a day.

use super::{AvisId, Keyring, SecretKey};
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use hmac::Mac;
use jiff::{SignedDuration, Timestamp};

/// How long an avis can be changed after it was accepted.
pub const EDIT_TIME: SignedDuration = SignedDuration::from_hours(24);

const SIGNATURE: usize = 16;

/// A token as it travels: the key's number, the second at which it expires, and a signature of both and of the id.
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

impl Keyring {
    /// The token of an avis accepted at this instant.
    #[must_use]
    pub fn edit_token(&self, avis_id: AvisId, accepted_at: Timestamp) -> EditToken {
        let key = self.newest();
        let expiry = u32::try_from(edit_until(accepted_at).as_second()).unwrap_or(u32::MAX).to_be_bytes();
        let mut token = vec![key.id];
        token.extend(expiry);
        token.extend(&signature(key, avis_id, expiry).finalize().into_bytes()[..SIGNATURE]);
        EditToken(URL_SAFE_NO_PAD.encode(token))
    }

    /// Whether this text is the token of this avis, now.
    ///
    /// # Errors
    /// It is not, or no longer.
    pub fn check_edit_token(&self, text: &str, avis_id: AvisId, now: Timestamp) -> Result<(), TokenError> {
        let token = URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenError::Forged)?;
        let (head, signed) = token.split_at_checked(5).ok_or(TokenError::Forged)?;
        let expiry = [head[1], head[2], head[3], head[4]];
        let key = self.find(head[0]).ok_or(TokenError::Forged)?;
        if signed.len() != SIGNATURE || signature(key, avis_id, expiry).verify_truncated_left(signed).is_err() {
            return Err(TokenError::Forged);
        }
        if now.as_second() > i64::from(u32::from_be_bytes(expiry)) {
            return Err(TokenError::Expired);
        }
        Ok(())
    }
}

/// Until when an avis accepted at this instant can be changed.
#[must_use]
pub fn edit_until(accepted_at: Timestamp) -> Timestamp {
    accepted_at.saturating_add(EDIT_TIME).unwrap_or(Timestamp::MAX)
}

fn signature(key: &SecretKey, avis_id: AvisId, expiry: [u8; 4]) -> hmac::Hmac<sha2::Sha256> {
    key.mac("edit", &[avis_id.as_bytes(), &expiry])
}
