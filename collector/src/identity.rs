//! What names an avis: its id, its receipt, its edit token, all made from the idempotency key and a secret.
//!
//! ```text
//! idempotency key ──HMAC──▶ receipt (16 bits of day, 64 of HMAC) ──HMAC──▶ avis id (day, 90 bits of HMAC)
//!                                                                             └──HMAC──▶ edit token
//! ```
//! A replay, or another collector with the same secret, makes the same ones; nothing has to be looked up, and the
//! receipt need not be stored to find its avis again. Each arrow goes one way: who knows an id (it stands in
//! exports) knows no receipt. The day only stands in front: what follows it, the [`AvisKey`], is the same whatever
//! the day, so that one look finds a replay from before midnight.
//!
//! An avis that was given elsewhere and is imported has an id alone, a digest of the number that it had there.

mod form_token;
mod live;
mod suite;
mod token;

pub use form_token::{FORM_TIME, FormToken};
pub use live::LiveKeyring;
pub use suite::{Step, Suite};
pub use token::{EDIT_TIME, EditToken, Opened, TokenError, edit_until};

use crate::day::Day;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// A key of the secret. Tokens carry its number, so that a new one can be added while what older ones signed
/// stays good.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey {
    /// Its number.
    pub id: u8,
    /// Its bytes.
    pub bytes: [u8; 32],
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SecretKey({})", self.id)
    }
}

/// A key of the secret with the day from which it signs; none if it always did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatedKey {
    /// The key.
    pub key: SecretKey,
    /// The first day on which it signs. It verifies from the moment it is known.
    pub signs_from: Option<Day>,
}

/// How long after the day it was made a key begins to sign. By then every collector knows it, also one that was cut
/// off from its database for a day: none meets a token that another signed and takes it for forged.
const NOTICE_DAYS: i32 = 2;

/// The keys of the secret, the newest first. All verify; of those whose day has come, the newest signs.
///
/// Which one that is depends on the day alone, so that collectors that know the same keys sign with the same one.
#[derive(Clone)]
pub struct Keyring(Vec<ReadyKey>);

/// A key made ready: what HMAC does with a key before it sees a message is done once, for each purpose.
#[derive(Clone)]
struct ReadyKey {
    id: u8,
    signs_from: Option<Day>,
    macs: [Hmac<Sha256>; Purpose::ALL.len()],
}

/// What an HMAC is made for: that of one purpose is none for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Receipt,
    AvisId,
    EditToken,
    Suite,
    FormToken,
}

/// A keyring needs a key.
#[derive(Debug, thiserror::Error)]
#[error("the secret holds no key")]
pub struct NoKey;

/// The id of an avis without its day. Made from the idempotency key alone, it is what the key is remembered by: the
/// key itself is kept nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AvisKey([u8; 12]);

impl AvisKey {
    /// Its bytes: how it is stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 12] {
        &self.0
    }

    /// The key of such bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 12]) -> Self {
        Self(bytes)
    }

    /// The key of an avis that was given elsewhere, under a number of that service, about this démarche: the same
    /// whenever and wherever it is imported. It holds no secret, since it hides none: no receipt leads to it, and no
    /// edit token is made of it.
    #[must_use]
    pub fn imported(service: &str, demarche: &str, number: u64) -> Self {
        let mut digest = Sha256::new();
        for part in [service.as_bytes(), demarche.as_bytes(), &number.to_be_bytes()] {
            digest.update(part);
            digest.update([0]);
        }
        Self::of_digest(&digest.finalize())
    }

    /// The id of its avis, if that was accepted on this day.
    #[must_use]
    pub fn on(&self, day: Day) -> AvisId {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&day_prefix(day));
        bytes[4..].copy_from_slice(&self.0);
        AvisId(Uuid::from_bytes(bytes))
    }
}

/// What names one avis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// Its id.
    pub avis_id: AvisId,
    /// Its receipt.
    pub receipt: Receipt,
}

/// The id of an avis: a UUID of version 8 whose first eight digits are the Paris day of its acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AvisId(Uuid);

/// The receipt of an avis: 16 characters of Crockford base 32, in groups of four. Who holds it can withdraw the
/// avis at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt([u8; 10]);

/// A text that is no receipt.
#[derive(Debug, thiserror::Error)]
#[error("a receipt has 16 characters in groups of four")]
pub struct NotAReceipt;

impl Keyring {
    /// A keyring whose newest key signs, the keys in any order.
    ///
    /// # Errors
    /// There is no key.
    pub fn new(keys: Vec<SecretKey>) -> Result<Self, NoKey> {
        Self::dated(keys.into_iter().map(|key| DatedKey { key, signs_from: None }).collect())
    }

    /// A keyring of keys that each sign from a day on, in any order.
    ///
    /// # Errors
    /// There is no key.
    pub fn dated(mut keys: Vec<DatedKey>) -> Result<Self, NoKey> {
        keys.sort_by_key(|dated| std::cmp::Reverse(dated.key.id));
        if keys.is_empty() { Err(NoKey) } else { Ok(Self(keys.iter().map(ReadyKey::of).collect())) }
    }

    /// The same keyring with further keys.
    fn with(&self, keys: &[DatedKey]) -> Self {
        let mut keys: Vec<ReadyKey> = keys.iter().map(ReadyKey::of).chain(self.0.iter().cloned()).collect();
        keys.sort_by_key(|key| std::cmp::Reverse(key.id));
        Self(keys)
    }

    /// The names of an avis accepted on this day under this idempotency key.
    #[must_use]
    pub fn identity(&self, day: Day, idempotency_key: Uuid) -> Identity {
        Identity::made_with(self.signing(day), day, idempotency_key)
    }

    /// By what an avis under this idempotency key is remembered that was not made with the key of this day: with one
    /// from before the secret was rotated or, around that midnight, with the next one by a collector whose clock is a
    /// little ahead.
    #[must_use]
    pub fn other_keys(&self, day: Day, idempotency_key: Uuid) -> Vec<AvisKey> {
        let signing = self.signing(day).id;
        // A day more than keys are remembered on one side, and one for clocks on the other.
        let (since, until) = (day.plus(-4), day.plus(1));
        let mut ended = None;
        let mut others = Vec::new();
        for key in &self.0 {
            let has_begun = key.signs_from.is_none_or(|from| from <= until);
            if key.id != signing && has_begun && ended.is_none_or(|ended| ended >= since) {
                others.push(AvisKey::made_with(key, &receipt_code(key, idempotency_key)));
            }
            ended = key.signs_from;
        }
        others
    }

    /// The names of a stored avis, made again from its idempotency key, whatever its day and under whatever key of
    /// the secret it was made. None if the avis was not made from this key.
    #[must_use]
    pub fn identity_again(&self, avis_id: AvisId, idempotency_key: Uuid) -> Option<Identity> {
        let day = avis_id.day()?;
        self.0
            .iter()
            .map(|key| Identity::made_with(key, day, idempotency_key))
            .find(|identity| identity.avis_id == avis_id)
    }

    /// The ids that the avis of this receipt may have: one for each key of the secret.
    #[must_use]
    pub fn avis_ids(&self, receipt: Receipt) -> Vec<AvisId> {
        receipt
            .day()
            .map(|day| self.0.iter().map(|key| AvisKey::made_with(key, receipt.code()).on(day)).collect())
            .unwrap_or_default()
    }

    /// The number of the key that signs on this day.
    #[must_use]
    pub fn signing_number(&self, day: Day) -> u8 {
        self.signing(day).id
    }

    /// The newest key whose day has come; before any has, the first that was made.
    fn signing(&self, day: Day) -> &ReadyKey {
        let due = |key: &&ReadyKey| key.signs_from.is_none_or(|from| from <= day);
        self.0.iter().find(due).unwrap_or(&self.0[self.0.len() - 1])
    }

    fn find(&self, id: u8) -> Option<&ReadyKey> {
        self.0.iter().find(|key| key.id == id)
    }
}

impl DatedKey {
    /// A key that was made on this day: it signs once every collector has had the time to hear of it.
    #[must_use]
    pub fn made_on(key: SecretKey, day: Day) -> Self {
        Self { key, signs_from: Some(day.plus(NOTICE_DAYS)) }
    }
}

impl SecretKey {
    /// A key of random bytes.
    ///
    /// # Errors
    /// The operating system has no randomness to give.
    pub fn random(id: u8) -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self { id, bytes })
    }
}

impl Purpose {
    const ALL: [Self; 5] = [Self::Receipt, Self::AvisId, Self::EditToken, Self::Suite, Self::FormToken];

    /// What an HMAC of this purpose begins with. Never changes: ids and tokens are made with it.
    fn code(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::AvisId => "avis",
            Self::EditToken => "edit",
            Self::Suite => "suite",
            Self::FormToken => "form",
        }
    }
}

impl ReadyKey {
    fn of(dated: &DatedKey) -> Self {
        let DatedKey { key, signs_from } = dated;
        let begun = |purpose: Purpose| {
            #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
            let mut mac = Hmac::<Sha256>::new_from_slice(&key.bytes).expect("any key length");
            mac.update(purpose.code().as_bytes());
            mac
        };
        Self { id: key.id, signs_from: *signs_from, macs: Purpose::ALL.map(begun) }
    }

    /// An HMAC-SHA-256 of the parts, under this key and for this purpose.
    fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.macs[purpose as usize].clone();
        for part in parts {
            mac.update(&[0]);
            mac.update(part);
        }
        mac
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0.iter().map(|key| key.id)).finish()
    }
}

impl Identity {
    fn made_with(key: &ReadyKey, day: Day, idempotency_key: Uuid) -> Self {
        let code = receipt_code(key, idempotency_key);
        Self { avis_id: AvisKey::made_with(key, &code).on(day), receipt: Receipt::new(day, code) }
    }
}

impl AvisKey {
    fn made_with(key: &ReadyKey, receipt_code: &[u8]) -> Self {
        Self::of_digest(&key.mac(Purpose::AvisId, &[receipt_code]).finalize().into_bytes())
    }

    fn of_digest(digest: &[u8]) -> Self {
        let mut bytes = [0; 16];
        bytes[4..].copy_from_slice(&digest[..12]);
        AvisId(uuid::Builder::from_custom_bytes(bytes).into_uuid()).key()
    }
}

/// The part of a receipt that nobody can guess.
fn receipt_code(key: &ReadyKey, idempotency_key: Uuid) -> [u8; 8] {
    let mac = key.mac(Purpose::Receipt, &[idempotency_key.as_bytes()]).finalize().into_bytes();
    let mut code = [0; 8];
    code.copy_from_slice(&mac[..8]);
    code
}

impl AvisId {
    /// The id without its day.
    #[must_use]
    pub fn key(&self) -> AvisKey {
        let mut bytes = [0; 12];
        bytes.copy_from_slice(&self.as_bytes()[4..]);
        AvisKey(bytes)
    }

    /// Its bytes: how it is stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The id of such bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The day that the id begins with.
    #[must_use]
    pub fn day(&self) -> Option<Day> {
        let digits = self.as_bytes()[..4].iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let number = digits.fold(0_i32, |number, digit| number * 10 + i32::from(digit));
        Day::from_number(number)
    }

    /// The smallest id that an avis of this day can have.
    #[must_use]
    pub fn first_of(day: Day) -> Self {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&day_prefix(day));
        Self(Uuid::from_bytes(bytes))
    }
}

/// The day in eight decimal digits, each in four bits, so that a person can read it in the id.
fn day_prefix(day: Day) -> [u8; 4] {
    let mut rest = day.number().unsigned_abs();
    let mut digits = 0_u32;
    for place in 0..8 {
        digits |= (rest % 10) << (4 * place);
        rest /= 10;
    }
    digits.to_be_bytes()
}

impl fmt::Display for AvisId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for AvisId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

/// Letters and digits without I, L, O, U: those that are read and heard wrongly.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The day from which receipts count theirs.
const RECEIPT_EPOCH: Day = Day::constant(2020, 1, 1);

impl Receipt {
    fn new(day: Day, code: [u8; 8]) -> Self {
        let mut bytes = [0; 10];
        bytes[..2].copy_from_slice(&RECEIPT_EPOCH.days_until(day).to_be_bytes());
        bytes[2..].copy_from_slice(&code);
        Self(bytes)
    }

    fn code(&self) -> &[u8] {
        &self.0[2..]
    }

    fn day(self) -> Option<Day> {
        RECEIPT_EPOCH.checked_plus(u16::from_be_bytes([self.0[0], self.0[1]]))
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        for place in 0..16 {
            if place > 0 && place % 4 == 0 {
                formatter.write_str("-")?;
            }
            let digit = (bits >> (75 - 5 * place)) & 31;
            write!(formatter, "{}", char::from(CROCKFORD[usize::try_from(digit).unwrap_or(0)]))?;
        }
        Ok(())
    }
}

impl FromStr for Receipt {
    type Err = NotAReceipt;

    /// Takes it as people copy it: in either case, with or without groups, O for 0, I or L for 1.
    fn from_str(text: &str) -> Result<Self, NotAReceipt> {
        let mut bits = 0_u128;
        let mut digits = 0;
        for character in text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '‐' | '–' | '.'))
        {
            let digit = match character.to_ascii_uppercase() {
                'O' => Some(0),
                'I' | 'L' => Some(1),
                other => CROCKFORD.iter().position(|known| char::from(*known) == other),
            };
            bits = bits << 5 | u128::try_from(digit.ok_or(NotAReceipt)?).map_err(|_| NotAReceipt)?;
            digits += 1;
            if digits > 16 {
                return Err(NotAReceipt);
            }
        }
        if digits != 16 {
            return Err(NotAReceipt);
        }
        let mut bytes = [0; 10];
        bytes.copy_from_slice(&bits.to_be_bytes()[6..]);
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests;
