//! Reading a request's body, limited in size and in time: actix limits the time of headers alone.

use crate::problem::Problem;
use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::{BytesMut, Payload};
use futures_util::StreamExt;
use std::time::Duration;

/// The largest body, in bytes: 5,000 characters of any script fit, percent-encoded too.
pub const BODY_MAX: usize = 64 * 1024;

/// How long a body may take to arrive: 64 KiB at the pace of a poor mobile connection.
const BODY_TIME: Duration = Duration::from_secs(15);

/// Reads a whole body of this media type.
///
/// # Errors
/// It is of another type, compressed, too large or too slow.
pub async fn read(request: &HttpRequest, payload: Payload, media_type: &str) -> Result<Vec<u8>, Problem> {
    read_within(request, payload, media_type, BODY_TIME).await
}

async fn read_within(
    request: &HttpRequest,
    payload: Payload,
    media_type: &str,
    time: Duration,
) -> Result<Vec<u8>, Problem> {
    let sent =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !sent.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(media_type) {
        return Err(Problem::UnsupportedMediaType);
    }
    if is_coded(request) {
        return Err(Problem::UnsupportedMediaType);
    }
    if declared_length(request).is_some_and(|length| length > BODY_MAX as u64) {
        return Err(Problem::TooLarge);
    }
    match actix_web::rt::time::timeout(time, collect(payload)).await {
        Ok(body) => body,
        Err(_) => Err(Problem::SlowBody),
    }
}

/// Whether a body is compressed. None is opened: how large it would be is told by nobody, and citizens send little.
fn is_coded(request: &HttpRequest) -> bool {
    let mut codings = request.headers().get_all(header::CONTENT_ENCODING);
    codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

fn declared_length(request: &HttpRequest) -> Option<u64> {
    request.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn collect(mut payload: Payload) -> Result<Vec<u8>, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Problem::NotJson)?;
        if body.len() + chunk.len() > BODY_MAX {
            return Err(Problem::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.to_vec())
}
