//! `/health/*`: is the process there, can it keep what it is sent.

use crate::application::Collector;
use crate::problem::Problem;
use actix_web::{HttpResponse, web};
use serde_json::json;
use std::time::Duration;

/// `GET /health/live`: the process answers.
pub(super) async fn live() -> HttpResponse {
    HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(json!({"status": "ok"}))
}

/// How long the store may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the store could make a write durable now.
pub(super) async fn store_is_ready(collector: &Collector) -> bool {
    matches!(tokio::time::timeout(PATIENCE, collector.store.ready()).await, Ok(Ok(())))
}

/// `GET /health/ready`: writes can be made durable now, by the store or else by the spool.
pub(super) async fn ready(collector: web::Data<Collector>) -> Result<HttpResponse, Problem> {
    if !collector.ingest.has_room() {
        return Err(Problem::Unavailable);
    }
    let store = tokio::time::timeout(PATIENCE, collector.store.ready()).await;
    let mut body = json!({"status": "ok", "store": "ok"});
    match (collector.ingest.spool(), store) {
        (None, Ok(Ok(()))) => {}
        (None, Ok(Err(error))) => return Err(error.into()),
        // Another process writes, for a moment or for long: the queue waits for it.
        (None, Err(_)) => return Err(Problem::Unavailable),
        (Some(spool), store) => {
            let is_away = !matches!(store, Ok(Ok(())));
            // While the spool holds anything, what comes goes there too, that nothing be overtaken.
            if is_away || spool.depth() > 0 {
                spool.ready().await?;
            }
            if is_away {
                body["store"] = "away".into();
            }
            body["spool"] = spool.depth().into();
        }
    }
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(body))
}
