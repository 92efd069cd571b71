//! Who may do what: where the key of a request is read and checked, and nowhere else.

use super::avis::count;
use crate::application::Collector;
use crate::catalogue::{Catalogue, DemarcheId, Scope};
use crate::problem::Problem;
use actix_web::HttpRequest;
use actix_web::http::header;
use sha2::{Digest, Sha256};

/// Who holds a key that allows what was asked for. Their requests are not counted against their address.
pub(super) struct Holder {
    demarche: Option<DemarcheId>,
}

impl Holder {
    /// Whether the key is for this démarche, be it for this one alone or for all.
    pub(super) fn reaches(&self, demarche: &DemarcheId) -> bool {
        self.demarche.as_ref().is_none_or(|only| only == demarche)
    }

    /// Whether the key is for all démarches.
    pub(super) fn reaches_all(&self) -> bool {
        self.demarche.is_none()
    }
}

/// The holder of the key that came with a request, none if none came. A key that does not do is an error, and counted
/// against the address of who sent it, or keys could be tried out at any pace.
pub(super) fn holder(
    request: &HttpRequest,
    collector: &Collector,
    catalogue: &Catalogue,
    needed: Scope,
) -> Result<Option<Holder>, Problem> {
    let Some(token) = bearer(request) else { return Ok(None) };
    let refuse = |problem| Err(count(request, collector).err().unwrap_or(problem));
    let today = collector.clock.today();
    match catalogue.key(&Sha256::digest(token.as_bytes()).into()) {
        None => refuse(Problem::Unauthorized),
        Some(key) if key.is_expired(today) => refuse(Problem::KeyExpired(key.expires)),
        Some(key) if !key.scope.allows(needed) => refuse(Problem::Forbidden),
        Some(key) => {
            collector.key_uses.note(key.id, today);
            Ok(Some(Holder { demarche: key.demarche.clone() }))
        }
    }
}

/// What follows `Authorization: Bearer`.
pub(super) fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
