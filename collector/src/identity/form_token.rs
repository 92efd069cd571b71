//! The form token: a signature that says when somebody began to fill in a form, and about which démarche. It names
//! nobody: two tokens of one person have nothing in common.

use super::{Keyring, Purpose, ReadyKey, Suite};
use crate::day::Day;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// For how long a form may lie open before its token says nothing any more: as long as an avis can be changed.
pub const FORM_TIME: SignedDuration = SignedDuration::from_hours(24);

const SIGNATURE: usize = 16;

/// What a token begins with: the number of its key, six bytes of milliseconds, and eight of a nonce.
const SIGNED: usize = 15;

/// What a genuine token tells. The démarche is in its signature alone: of another one, it is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormToken {
    /// When it was given out, to the millisecond.
    pub issued: Timestamp,
    /// What no other token has.
    pub nonce: u64,
}

impl FormToken {
    /// A new one.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self { issued: now, nonce: nonce(Uuid::new_v4()) }
    }

    /// What the state of a form by pages tells, which is signed as well and names its one avis.
    #[must_use]
    pub fn of_suite(suite: &Suite) -> Option<Self> {
        Some(Self { issued: suite.issued?, nonce: nonce(suite.key) })
    }

    /// For how long the form has lain open; less than nothing where the clock of another collector is ahead.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.issued)
    }
}

/// The random bits of such a UUID, folded: the few that are always the same do no harm.
fn nonce(random: Uuid) -> u64 {
    let (high, low) = random.as_u64_pair();
    high ^ low
}

impl Keyring {
    /// Writes and signs a token for the form of a démarche, by its id.
    #[must_use]
    pub fn sign_form_token(&self, token: &FormToken, demarche: &str) -> String {
        let key = self.signing(Day::of(token.issued));
        let mut bytes = vec![key.id];
        bytes.extend(&token.issued.as_millisecond().to_be_bytes()[2..]);
        bytes.extend(token.nonce.to_be_bytes());
        bytes.extend(&signature(key, demarche, &bytes).finalize().into_bytes()[..SIGNATURE]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a token back, whatever its age; none if it was not signed here for this démarche.
    #[must_use]
    pub fn read_form_token(&self, text: &str, demarche: &str) -> Option<FormToken> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (signed, sent) = bytes.split_at_checked(SIGNED)?;
        if sent.len() != SIGNATURE {
            return None;
        }
        signature(self.find(signed[0])?, demarche, signed).verify_truncated_left(sent).ok()?;
        let mut issued = [0; 8];
        issued[2..].copy_from_slice(&signed[1..7]);
        let issued = Timestamp::from_millisecond(i64::from_be_bytes(issued)).ok()?;
        let mut nonce = [0; 8];
        nonce.copy_from_slice(&signed[7..]);
        Some(FormToken { issued, nonce: u64::from_be_bytes(nonce) })
    }
}

fn signature(key: &ReadyKey, demarche: &str, signed: &[u8]) -> hmac::Hmac<sha2::Sha256> {
    key.mac(Purpose::FormToken, &[signed, demarche.as_bytes()])
}
