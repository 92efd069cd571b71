//! A collector that acknowledges what is not on the disk: SQLite with `synchronous=OFF`. It is there so that the test
//! of durability can be seen to fail.
//!
//! `unsynced_collector sqlite:///tmp/avis.db` prints its address.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;

use collector::application::{Application, Settings};
use collector::client_address::TrustedProxies;
use collector::clock::Clock;
use collector::ingest::Capacity;
use collector::limits::Limits;
use collector::logging::LostLines;
use collector::retention::Retention;
use collector::store::{Missing, Store, sqlite::SqliteStore};
use collector::vigilance::Vigilance;
use sqlx::sqlite::SqliteSynchronous;

#[actix_web::main]
#[expect(clippy::print_stderr, reason = "a tool says what went wrong")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("unsynced_collector: {error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "a tool prints its address")]
async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let database = std::env::args().nth(1).ok_or("the address of a SQLite database is missing")?;
    let store = SqliteStore::open_synced(&database, Missing::Refuse, SqliteSynchronous::Off).await?;
    let store: Arc<dyn Store> = Arc::new(store);
    let settings = Settings {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        metrics_listen: None,
        public_url: None,
        publisher: None,
        privacy_contact: None,
        accessibility_contact: None,
        retention: Retention::default(),
        proxies: TrustedProxies::new(vec![]),
        limits: Limits::off(),
        vigilance: Vigilance::without_counts(),
        secret: None,
        capacity: Capacity::default(),
        spool: None,
        clock: Clock::system(),
        lost_lines: LostLines::default(),
    };
    let application = Application::build(settings, store.clone()).await?;
    println!("http://{}", application.address());
    application.run_until_stopped().await?;
    store.close().await;
    Ok(())
}
