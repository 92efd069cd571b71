//! What a server can do at most that takes avis and keeps nothing: the measure of the collector.
//!
//! The same HTTP server, workers, limit of size and allocator; the same parsing and validation (`shared`); an answer of
//! the same shape and size. No queue, no store, no log, no identity to make.

use std::process::ExitCode;

use actix_web::web::{self, Bytes, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use tests::bare_server;

/// The collector's: a server that pays more for what it lets go would be no measure of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[actix_web::main]
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool prints its address, or what went wrong"
)]
async fn main() -> ExitCode {
    let server = HttpServer::new(|| {
        App::new()
            .app_data(PayloadConfig::new(bare_server::BODY_MAX))
            .service(web::resource("/api/v1/avis").route(web::post().to(post)))
    })
    .bind("127.0.0.1:0");
    let server = match server {
        Ok(server) => server,
        Err(error) => {
            eprintln!("null_server: {error}");
            return ExitCode::FAILURE;
        }
    };
    for address in server.addrs() {
        println!("http://{address}");
    }
    match server.run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("null_server: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn post(request: HttpRequest, body: Bytes) -> HttpResponse {
    match bare_server::parse(&request, &body) {
        Ok(_) => bare_server::created(),
        Err(status) => HttpResponse::new(status),
    }
}
