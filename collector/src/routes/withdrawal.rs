//! `/retrait`: withdrawing an avis with its receipt alone.

use super::avis::count;
use crate::application::Collector;
use crate::identity::Receipt;
use crate::ingest::Written;
use crate::metrics::Via;
use crate::pages::{self, Withdrawal};
use crate::problem::Problem;
use crate::store::{Outcome, Write};
use crate::{body, language};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

/// `GET /retrait`: asks for the receipt.
pub(super) async fn show(request: HttpRequest) -> HttpResponse {
    let page = pages::withdrawal(language::of(&request), &Withdrawal::Asked);
    pages::respond(&request, HttpResponse::Ok(), page)
}

/// `POST /retrait`: withdraws the avis.
pub(super) async fn take(
    request: HttpRequest,
    payload: web::Payload,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    count(&request, &collector)?;
    let body = body::read(&request, payload, "application/x-www-form-urlencoded").await?;
    let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let typed =
        fields.into_iter().find(|(name, _)| name == "receipt").map(|(_, value)| value).unwrap_or_default();
    let language = language::of(&request);
    let (mut response, state) = match typed.parse::<Receipt>() {
        Err(_) => (HttpResponse::UnprocessableEntity(), Withdrawal::Misspelt(typed)),
        Ok(receipt) => {
            let ids = collector.keyring.now().avis_ids(receipt);
            let Written { outcome, spooled } = collector.write(Via::Form, Write::Withdraw(ids)).await?;
            match outcome {
                // Whether there is such an avis, the database alone can tell.
                Outcome::Withdrawn if spooled => (HttpResponse::Accepted(), Withdrawal::Noted),
                Outcome::Withdrawn => (HttpResponse::Ok(), Withdrawal::Done),
                _ => (HttpResponse::NotFound(), Withdrawal::Unknown(typed)),
            }
        }
    };
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    Ok(pages::respond(&request, response, pages::withdrawal(language, &state)))
}
