//! `/api/v1/token`: what a form shows its avis came with.

use crate::application::Collector;
use crate::identity::{FORM_TIME, FormToken};
use crate::problem::{ParameterError, ParameterErrorCode, Problem};
use crate::query::parameters;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use serde_json::json;

/// `GET /api/v1/token?demarche=`: a new token for the form of a démarche. Whoever opens a form may have one, so it is
/// not counted against their address; what they send with it is.
pub(super) async fn get(
    request: HttpRequest,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let name = asked_demarche(&request)?;
    let catalogue = collector.catalogue.now();
    let demarche = catalogue.demarche(&name).ok_or_else(|| Problem::UnknownDemarche(vec![name.clone()]))?;
    let token = FormToken::new(collector.clock.now());
    let expires = to_the_second(token.issued.saturating_add(FORM_TIME).unwrap_or(Timestamp::MAX));
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(json!({
        "token": collector.keyring.now().sign_form_token(&token, &demarche.id.0),
        "expires": expires.to_string(),
    })))
}

/// The one parameter there is. `lang` says how errors are worded.
fn asked_demarche(request: &HttpRequest) -> Result<String, Problem> {
    let (mut demarche, mut errors) = (None, Vec::new());
    let mut error = |name: &str, code| errors.push(ParameterError { name: name.to_owned(), code });
    for (name, value) in parameters(request.query_string()) {
        match name.as_str() {
            "demarche" if demarche.is_some() => error(&name, ParameterErrorCode::Duplicate),
            "demarche" => demarche = Some(value),
            "lang" => {}
            _ => error(&name, ParameterErrorCode::Unknown),
        }
    }
    let demarche = demarche.filter(|name| !name.is_empty());
    if demarche.is_none() {
        error("demarche", ParameterErrorCode::Required);
    }
    demarche.filter(|_| errors.is_empty()).ok_or(Problem::InvalidQuery(errors))
}

fn to_the_second(time: Timestamp) -> Timestamp {
    time.round(TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Trunc)).unwrap_or(time)
}
