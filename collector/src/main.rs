//! The `collector` binary.

use std::process::ExitCode;

#[actix_web::main]
async fn main() -> ExitCode {
    collector::cli::run().await
}
