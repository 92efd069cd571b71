//! `/health/*`: is the process there, can it keep what it is sent.

use crate::application::Collector;
use crate::problem::Problem;
use actix_web::{HttpResponse, web};
use serde_json::json;

/// `GET /health/live`: the process answers.
pub(super) async fn live() -> HttpResponse {
    HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(json!({"status": "ok"}))
}

/// `GET /health/ready`: writes can be made durable now.
pub(super) async fn ready(collector: web::Data<Collector>) -> Result<HttpResponse, Problem> {
    if !collector.ingest.has_room() {
        return Err(Problem::Unavailable);
    }
    let ready = collector.store.ready().await;
    collector.metrics.database_up(ready.is_ok());
    ready?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(json!({"status": "ok"})))
}
