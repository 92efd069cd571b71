//! A collector that serves: built from settings and a store, listening on a port, run until it is told to stop.

use crate::catalogue::LiveCatalogue;
use crate::client_address::TrustedProxies;
use crate::clock::Clock;
use crate::identity::{Keyring, SecretKey};
use crate::ingest::Ingest;
use crate::limits::Limits;
use crate::store::{KEY_MEMORY, Store, StoreError};
use crate::{problem, routes};
use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// What an operator decides.
pub struct Settings {
    /// The address to listen on; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The address under which the public reaches the collector, for snippets to copy; the request's own if none.
    pub public_url: Option<String>,
    /// Whose `X-Forwarded-For` to believe.
    pub proxies: TrustedProxies,
    /// What one address may do.
    pub limits: Limits,
    /// The keys of the secret, if they come from a file and not from the store.
    pub secret: Option<Vec<SecretKey>>,
    /// Where time comes from.
    pub clock: Clock,
}

/// What every handler may need. One for the whole collector.
pub struct Collector {
    /// Where avis are kept.
    pub store: Arc<dyn Store>,
    /// Démarches, boutons and keys.
    pub catalogue: LiveCatalogue,
    /// The way in for writes.
    pub ingest: Ingest,
    /// What ids, receipts and tokens are made with.
    pub keyring: Keyring,
    /// Where time comes from.
    pub clock: Clock,
    /// What one address may do.
    pub limits: Limits,
    /// Whose `X-Forwarded-For` to believe.
    pub proxies: TrustedProxies,
    /// The address under which the public reaches the collector.
    pub public_url: Option<String>,
    /// A turn for each series that is being made.
    pub series: Semaphore,
}

/// A collector that listens and does not serve yet.
pub struct Application {
    server: Server,
    address: SocketAddr,
    writer: JoinHandle<()>,
    keeping: JoinHandle<()>,
}

/// Why a collector did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ApplicationError {
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}; choose another address with --listen, or port 0 for a free one")]
    Listen(SocketAddr, std::io::Error),
    /// The server stopped by itself.
    #[error("the server stopped: {0}")]
    Server(std::io::Error),
    /// The store failed.
    #[error("{}", .0.chain())]
    Store(#[from] StoreError),
    /// There is no secret, and none can be made.
    #[error("cannot make a secret: {0}")]
    Secret(String),
}

/// How long requests may finish after a stop was asked for; well within the ten seconds of the contract.
const STOP_SECONDS: u64 = 5;

/// How often what is over is forgotten: idle addresses, old idempotency keys.
const HOUSEKEEPING: Duration = Duration::from_mins(1);

impl Application {
    /// Prepares everything and listens.
    ///
    /// # Errors
    /// The address is taken, the store fails, or there is no secret.
    pub async fn build(settings: Settings, store: Arc<dyn Store>) -> Result<Self, ApplicationError> {
        let keyring = keyring(&*store, settings.secret, &settings.clock).await?;
        let catalogue = LiveCatalogue::start(store.clone()).await?;
        let (ingest, writer) = Ingest::start(store.clone());
        let keeping =
            tokio::spawn(keep_house(store.clone(), settings.limits.clone(), settings.clock.clone()));
        let listen = |error| ApplicationError::Listen(settings.listen, error);
        let listener = TcpListener::bind(settings.listen).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let collector = web::Data::new(Collector {
            store,
            catalogue,
            ingest,
            keyring,
            clock: settings.clock,
            limits: settings.limits,
            proxies: settings.proxies,
            public_url: settings.public_url,
            series: Semaphore::new(2),
        });
        let server = HttpServer::new(move || {
            App::new()
                .app_data(collector.clone())
                .configure(routes::configure)
                .wrap(from_fn(problem::render))
                .wrap(from_fn(routes::middleware::security_headers))
                .wrap(from_fn(routes::middleware::log_request))
        })
        .shutdown_timeout(STOP_SECONDS)
        .listen(listener)
        .map_err(listen)?
        .run();
        Ok(Self { server, address, writer, keeping })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until it is told to stop, then finishes what was accepted.
    ///
    /// # Errors
    /// The server stopped by itself.
    pub async fn run_until_stopped(self) -> Result<(), ApplicationError> {
        self.server.await.map_err(ApplicationError::Server)?;
        self.keeping.abort();
        // Every worker has dropped its entrance to the queue: the writer ends once the rest is on disk.
        let _ = self.writer.await;
        tracing::info!("stopped, everything accepted is on disk");
        Ok(())
    }
}

/// The keys of the secret: from the file the operator gave, else from the store, made on the first start.
async fn keyring(
    store: &dyn Store,
    given: Option<Vec<SecretKey>>,
    clock: &Clock,
) -> Result<Keyring, ApplicationError> {
    let secret = |error: &dyn std::fmt::Display| ApplicationError::Secret(error.to_string());
    if let Some(keys) = given {
        return Keyring::new(keys).map_err(|error| secret(&error));
    }
    let mut keys = store.secret().await?;
    if keys.is_empty() {
        let key = SecretKey::random(1).map_err(|error| secret(&error))?;
        store.add_secret_key(&key, clock.today()).await?;
        // Read again: where two collectors start at once, the database decides whose key it is.
        keys = store.secret().await?;
        tracing::info!("first start: a secret was made and stored");
    }
    Keyring::new(keys).map_err(|error| secret(&error))
}

async fn keep_house(store: Arc<dyn Store>, limits: Limits, clock: Clock) {
    loop {
        if let Err(error) = store.prepare_ahead(clock.today()).await {
            tracing::warn!(error = error.chain(), "nothing could be made ready for the months to come");
        }
        tokio::time::sleep(HOUSEKEEPING).await;
        limits.forget_the_idle();
        match store.forget_keys(clock.now() - KEY_MEMORY).await {
            Ok(0) => {}
            Ok(keys) => tracing::info!(keys, "idempotency keys older than 72 hours were forgotten"),
            Err(error) => {
                tracing::warn!(error = error.chain(), "old idempotency keys could not be forgotten");
            }
        }
    }
}
