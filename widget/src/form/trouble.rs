//! Why a request failed, and what to tell the person who waits for it.

use super::Method;
use shared::Language;

/// Why the last request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No answer: offline, blocked, or too slow.
    Unreachable,
    /// Too many from this address; with the seconds to wait, when known.
    Limited(Option<u32>),
    /// The server failed.
    Server,
    /// The bouton is closed.
    Closed,
    /// The collector does not know this démarche or bouton.
    Unknown,
    /// The time to change the avis is over, or it is withdrawn.
    Expired,
    /// The server refuses for a reason that no field of the form can mend.
    Refused,
    /// The avis has waited for so long that it could be stored twice.
    TooLate,
}

impl Trouble {
    /// What an answer that is no success stands for, by its HTTP status; 0 when none came.
    pub(super) fn of(method: Method, status: u16, retry_after: Option<u32>) -> Self {
        match (method, status) {
            (_, 0) => Self::Unreachable,
            (_, 429) => Self::Limited(retry_after),
            // 408: the body came too slowly. 409: an earlier attempt is still being stored.
            (_, 408 | 409 | 500..) => Self::Server,
            (Method::Post, 404) => Self::Unknown,
            (Method::Post, 410) => Self::Closed,
            (Method::Patch | Method::Delete, 401 | 403 | 404 | 410) => Self::Expired,
            _ => Self::Refused,
        }
    }

    /// Whether the same request may succeed later.
    #[must_use]
    pub fn can_be_retried(self) -> bool {
        matches!(self, Self::Unreachable | Self::Limited(_) | Self::Server)
    }

    /// What to tell the person.
    #[must_use]
    pub fn text(self, language: Language) -> String {
        let form = &language.texts().form;
        match self {
            Self::Unreachable => form.unreachable.into(),
            Self::Limited(seconds) => language.limited(seconds),
            Self::Server => form.server_failed.into(),
            Self::Closed => form.closed.into(),
            Self::Unknown => form.unknown.into(),
            Self::Expired => form.expired.into(),
            Self::Refused => form.refused.into(),
            Self::TooLate => form.too_late.into(),
        }
    }
}
