//! The `collector` binary.

use std::process::ExitCode;

/// A request makes a hundred small things and lets them go on another thread: the allocator of the C library spends a
/// fifth of the collector's time on that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[actix_web::main]
async fn main() -> ExitCode {
    collector::cli::run().await
}
