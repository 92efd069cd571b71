//! What happens around every request.

use crate::metrics::{Route, method_name};
use crate::problem::{self, Problem};
use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use std::time::{Duration, Instant};

/// Everything at once, as each layer around a service costs every request.
///
/// # Errors
/// Those of the service within, which it has no body to give.
pub async fn around(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let begun = Instant::now();
    let mut response = problem::render(next.call(request).await?.map_into_boxed_body());
    secure(&mut response);
    observe(&response, begun.elapsed());
    Ok(response)
}

/// Tells of a request: one line of the log (the route, never the path; a method that there is; the status; the time; no
/// address, token or answer), and the same in figures.
fn observe(response: &ServiceResponse, time: Duration) {
    let request = response.request();
    // The innermost that there is: of the resource that answered, else of the whole application.
    let Some(route) = request.app_data::<Route>() else { return };
    let (method, status) = (request.method(), response.status());
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let name = method_name(method);
    tracing::info!(method = name, route = route.pattern(), status = status.as_u16(), micros, "request");
    route.answered(method, status, time);
    if [Method::POST, Method::PATCH, Method::DELETE].contains(method)
        && let Some(reason) = refusal(response)
    {
        route.refused(reason);
    }
}

/// Why a write was refused, if it was: its problem, or that of a form that is shown again with what is wrong in it.
fn refusal(response: &ServiceResponse) -> Option<&'static str> {
    let told = response.response().extensions().get::<Problem>().map(Problem::slug);
    let again = response.status() == StatusCode::UNPROCESSABLE_ENTITY;
    told.or_else(|| again.then(|| Problem::Invalid(vec![]).slug()))
}

/// Headers that every response carries unless its handler set others.
fn secure(response: &mut ServiceResponse) {
    const HEADERS: [(HeaderName, &str); 3] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ];
    if response.status() == StatusCode::NOT_MODIFIED {
        // Its headers replace those of the page that the browser has, whose policy must stay.
        return;
    }
    for (name, value) in HEADERS {
        if !response.headers().contains_key(&name) {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
    }
}
