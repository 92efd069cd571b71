//! `/api/v1/avis`: avis as programs and the widget send them.

use super::authorization::{bearer, holder};
use super::integration::is_own_page;
use crate::application::Collector;
use crate::body;
use crate::catalogue::{Bouton, Catalogue, Demarche, Scope};
use crate::day::Day;
use crate::identity::{AvisId, FormToken, Identity, Opened, Receipt, TokenError, edit_until};
use crate::ingest::{IngestError, Written};
use crate::limits::Exceeded;
use crate::metrics::Via;
use crate::problem::Problem;
use crate::sender::Sender;
use crate::store::{OnReplay, Outcome, Record, Write};
use crate::vigilance::{Arrival, Judgement};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::{Timestamp, Unit};
use serde::Serialize;
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};
use shared::draft::ChangeDraft;
use shared::{AvisDraft, FieldError, FieldErrorCode, NewAvis, PageAddress};
use uuid::Uuid;

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Forged => Self::Unauthorized,
            TokenError::Expired => Self::EditExpired,
        }
    }
}

impl From<IngestError> for Problem {
    fn from(error: IngestError) -> Self {
        match error {
            IngestError::Full | IngestError::Away | IngestError::Stopped => Self::Unavailable,
            // Sent again, it would be refused again: no reason to ask for that.
            IngestError::Refused => Self::Internal,
        }
    }
}

/// The status of what was done: counted now, or on the disk and counted once the database is back.
pub(super) fn status(done: StatusCode, spooled: bool) -> StatusCode {
    if spooled { StatusCode::ACCEPTED } else { done }
}

/// `POST /api/v1/avis`: stores an avis, once.
pub(super) async fn post(
    request: HttpRequest,
    payload: web::Payload,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let catalogue = collector.catalogue.now();
    let holder = holder(&request, &collector, &catalogue, Scope::Submit)?;
    let sender = match holder {
        Some(_) => None,
        None => Some(count(&request, &collector)?),
    };
    let body = body::read(&request, payload, "application/json").await?;
    let draft: AvisDraft = read_json(&body)?;
    let parsed = draft.parse();
    let key = idempotency_key(&request, parsed.as_ref().ok())?;
    let avis = parsed.map_err(Problem::Invalid)?;
    let _in_flight = collector.ingest.begin(key).ok_or(Problem::InFlight)?;
    let Place { demarche, bouton, closed } = place(&catalogue, &avis)?;
    if holder.is_some_and(|holder| !holder.reaches(&demarche.id)) {
        return Err(Problem::Forbidden);
    }
    let accepted_at = now_in_milliseconds(&collector);
    let today = Day::of(accepted_at);
    let keyring = collector.keyring.now();
    let identity = keyring.identity(today, key);
    let token = avis.token.as_deref().and_then(|token| keyring.read_form_token(token, &demarche.id.0));
    let coming = Coming { demarche, bouton, page: avis.page.as_ref(), key, token, honeypot: avis.honeypot };
    let judgement = match sender {
        Some(sender) => judge(&request, &collector, sender, &coming, accepted_at)?,
        None => Judgement::TRUSTED,
    };
    let record = Record {
        avis_id: identity.avis_id,
        remember: true,
        former_keys: keyring.other_keys(today, key),
        fingerprint: fingerprint(key, &body),
        on_replay: OnReplay::Exact,
        closed,
        accepted_at,
        demarche: demarche.id.clone(),
        bouton: bouton.map(|bouton| bouton.id.clone()),
        language: avis.language,
        page: avis.page,
        answers: avis.answers,
        set_aside: judgement.reasons,
    };
    let Written { outcome, spooled } = record_avis(&collector, Via::Api, record, &judgement).await?;
    let status = status(StatusCode::CREATED, spooled);
    match outcome {
        Outcome::Recorded => Ok(created(&collector, status, identity, accepted_at)),
        Outcome::Replayed(avis_id, accepted_at) => {
            let first = collector.keyring.now().identity_again(avis_id, key);
            first.map(|identity| created(&collector, status, identity, accepted_at)).ok_or(Problem::Internal)
        }
        Outcome::KeyReused => Err(Problem::KeyReused),
        Outcome::Closed => Err(Problem::Closed),
        _ => Err(Problem::Internal),
    }
}

/// `PATCH /api/v1/avis/{id}`: adds or changes answers, for a day.
pub(super) async fn patch(
    request: HttpRequest,
    id: web::Path<String>,
    payload: web::Payload,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    count(&request, &collector)?;
    let body = body::read(&request, payload, "application/json").await?;
    let avis_id: AvisId = id.parse().map_err(|_| Problem::UnknownAvis)?;
    let token = bearer(&request).ok_or(Problem::Unauthorized)?;
    let opened = collector.keyring.now().open_edit_token(token, avis_id, collector.clock.now())?;
    let draft: ChangeDraft = read_json(&body)?;
    let patch = draft.parse().map_err(Problem::Invalid)?;
    let Written { outcome, spooled } = collector.write(Via::Api, Write::Change(avis_id, patch)).await?;
    match outcome {
        Outcome::Changed => Ok(HttpResponse::build(status(StatusCode::OK, spooled))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .json(names(avis_id, &opened, token))),
        Outcome::Refused(errors) => Err(Problem::Invalid(errors)),
        Outcome::Missing => Err(Problem::UnknownAvis),
        _ => Err(Problem::Internal),
    }
}

/// `DELETE /api/v1/avis/{id}`: withdraws an avis; again, changes nothing and says the same.
pub(super) async fn delete(
    request: HttpRequest,
    id: web::Path<String>,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    count(&request, &collector)?;
    let avis_id: AvisId = id.parse().map_err(|_| Problem::UnknownAvis)?;
    let token = bearer(&request).ok_or(Problem::Unauthorized)?;
    let by_receipt = token
        .parse::<Receipt>()
        .is_ok_and(|receipt| collector.keyring.now().avis_ids(receipt).contains(&avis_id));
    if !by_receipt {
        collector.keyring.now().open_edit_token(token, avis_id, collector.clock.now())?;
    }
    let Written { outcome, spooled } = collector.write(Via::Api, Write::Withdraw(vec![avis_id])).await?;
    match outcome {
        Outcome::Withdrawn | Outcome::Missing => {
            Ok(HttpResponse::build(status(StatusCode::NO_CONTENT, spooled)).finish())
        }
        _ => Err(Problem::Internal),
    }
}

/// Counts a request against its sender.
pub(super) fn count(request: &HttpRequest, collector: &Collector) -> Result<Sender, Problem> {
    let sender = collector.senders.sender(collector.proxies.client_of(request), collector.clock.today());
    collector.limits.check(&sender).map(|()| sender).map_err(|exceeded| refused(collector, exceeded))
}

fn refused(collector: &Collector, exceeded: Exceeded) -> Problem {
    collector.metrics.limited(exceeded.policy);
    Problem::TooManyRequests(exceeded)
}

/// What is known of a new avis when it comes.
pub(super) struct Coming<'a> {
    /// Its démarche.
    pub(super) demarche: &'a Demarche,
    /// Its bouton.
    pub(super) bouton: Option<&'a Bouton>,
    /// The page on which its form was opened.
    pub(super) page: Option<&'a PageAddress>,
    /// Its idempotency key.
    pub(super) key: Uuid,
    /// Its form token, if a genuine one came with it.
    pub(super) token: Option<FormToken>,
    /// Whether the field was filled that people do not see.
    pub(super) honeypot: bool,
}

/// Counts a new avis against its démarche, and decides whether it is set aside.
pub(super) fn judge(
    request: &HttpRequest,
    collector: &Collector,
    sender: Sender,
    coming: &Coming<'_>,
    at: Timestamp,
) -> Result<Judgement, Problem> {
    let demarche = &coming.demarche.id;
    collector
        .limits
        .check_demarche(collector.senders.demarche(demarche, Day::of(at)))
        .map_err(|exceeded| refused(collector, exceeded))?;
    Ok(collector.vigilance.judge(&Arrival {
        at,
        sender,
        demarche,
        bouton: coming.bouton,
        page: coming.page,
        is_own_page: coming.page.is_some_and(|page| is_own_page(request, collector, page)),
        key: coming.key,
        token: coming.token,
        honeypot: coming.honeypot,
    }))
}

/// Has a new avis stored. One that proves to be there already, or is not stored for another reason, counts for nothing
/// in what is decided about others.
pub(super) async fn record_avis(
    collector: &Collector,
    via: Via,
    record: Record,
    judgement: &Judgement,
) -> Result<Written, IngestError> {
    let written = collector.write(via, Write::Record(Box::new(record))).await;
    if !matches!(&written, Ok(written) if written.outcome == Outcome::Recorded) {
        collector.vigilance.take_back(judgement);
    }
    written
}

/// The key of the header, else of the body, quoted or not.
///
/// # Errors
/// There is none, or it is no UUID.
pub fn idempotency_key(request: &HttpRequest, avis: Option<&NewAvis>) -> Result<Uuid, Problem> {
    let header = request.headers().get("idempotency-key");
    let text = match header {
        Some(value) => value.to_str().map_err(|_| Problem::KeyMalformed)?,
        None => match avis {
            // Fields come first where they are wrong: the key may be among what could not be read.
            None => return Ok(Uuid::nil()),
            Some(avis) => avis.idempotency_key.as_deref().ok_or(Problem::KeyMissing)?,
        },
    };
    let text = text.trim();
    let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    Uuid::try_parse(bare).map_err(|_| Problem::KeyMalformed)
}

/// What an avis is about, and came through.
struct Place<'a> {
    demarche: &'a Demarche,
    bouton: Option<&'a Bouton>,
    closed: bool,
}

fn place<'a>(catalogue: &'a Catalogue, avis: &NewAvis) -> Result<Place<'a>, Problem> {
    let demarche = catalogue.demarche(&avis.demarche).ok_or(Problem::UnknownDemarche(vec![]))?;
    let bouton = match &avis.bouton {
        None => None,
        Some(name) => Some(catalogue.bouton(&demarche.id, name).ok_or(Problem::UnknownBouton)?),
    };
    if bouton.is_some_and(|bouton| bouton.demarche != demarche.id) {
        return Err(Problem::ForeignBouton);
    }
    Ok(Place { demarche, bouton, closed: demarche.closed || bouton.is_some_and(|bouton| bouton.closed) })
}

/// Reads JSON, telling what is none from what is well-formed and cannot be meant, such as the number 1e999 or half of a
/// surrogate pair.
///
/// # Errors
/// Either of the two.
pub fn read_json<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(body).map_err(|_| Problem::NotJson)?;
    serde_json::from_str(text).map_err(|_| match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => {
            Problem::Invalid(vec![FieldError { pointer: String::new(), code: FieldErrorCode::Malformed }])
        }
        Err(_) => Problem::NotJson,
    })
}

/// A digest of the request: the same bytes are the same request. With the key, which is kept nowhere, nobody can find
/// out by trying what a withdrawn avis said.
fn fingerprint(key: Uuid, body: &[u8]) -> [u8; 16] {
    let digest: [u8; 32] = Sha256::new().chain_update(key.as_bytes()).chain_update(body).finalize().into();
    let mut fingerprint = [0; 16];
    fingerprint.copy_from_slice(&digest[..16]);
    fingerprint
}

/// Now, as precisely as it is stored, so that a replay tells the very same time.
pub(super) fn now_in_milliseconds(collector: &Collector) -> Timestamp {
    let now = collector.clock.now();
    now.round(Unit::Millisecond).unwrap_or(now)
}

fn created(
    collector: &Collector,
    status: StatusCode,
    identity: Identity,
    accepted_at: Timestamp,
) -> HttpResponse {
    let Identity { avis_id, receipt } = identity;
    let token = collector.keyring.now().edit_token(identity, accepted_at);
    let opened = Opened { receipt, edit_until: edit_until(accepted_at) };
    HttpResponse::build(status)
        .insert_header((header::LOCATION, format!("/api/v1/avis/{avis_id}")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(names(avis_id, &opened, token.as_str()))
}

/// What the sender of an avis holds of it.
fn names(avis_id: AvisId, opened: &Opened, edit_token: &str) -> impl Serialize {
    #[derive(Serialize)]
    struct Names<'a> {
        id: String,
        receipt: String,
        edit_token: &'a str,
        edit_until: String,
    }
    Names {
        id: avis_id.to_string(),
        receipt: opened.receipt.to_string(),
        edit_token,
        edit_until: opened.edit_until.to_string(),
    }
}
