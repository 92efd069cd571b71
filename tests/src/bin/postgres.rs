//! A PostgreSQL for the tests: `cargo run -p tests --bin postgres`.
//!
//! Prints its address, for `AVIS_TEST_POSTGRES`, and runs until its standard input ends or Ctrl-C, so that it never
//! outlives who started it; its data go with it.

use std::io::Read as _;
use std::path::PathBuf;

use clap::Parser;
use tests::Cluster;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// Runs a PostgreSQL.
#[derive(Parser)]
struct Arguments {
    /// Where its data lie for as long as it runs
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "its address is what it is started for")]
async fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    // First of all, so that neither can end us between the start of the server and its end.
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let cluster = Cluster::start_in(&arguments.folder).await;
    println!("{}", cluster.url("postgres"));

    let (ended, input_ended) = oneshot::channel();
    // A thread of our own: the runtime would wait for a read of its own before the program may end.
    std::thread::spawn(move || {
        // That it cannot be read any more is its end as well.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        let _ = ended.send(());
    });
    tokio::select! {
        _ = input_ended => {}
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    drop(cluster);
    Ok(())
}
