//! A collector that serves: built from settings and a store, listening on a port, run until it is told to stop.

use crate::catalogue::LiveCatalogue;
use crate::client_address::TrustedProxies;
use crate::clock::Clock;
use crate::identity::{AvisId, DatedKey, Keyring, LiveKeyring, SecretKey};
use crate::ingest::{Capacity, Ingest, IngestError, Written};
use crate::limits::Limits;
use crate::logging::LostLines;
use crate::metrics::{Metrics, Via};
use crate::satisfaction::Closing;
use crate::satisfaction::validators::Validators;
use crate::spool::{Spool, SpoolError};
use crate::store::{KEY_MEMORY, Store, StoreError, Write};
use crate::{metrics, problem, routes};
use actix_web::dev::{Server, ServerHandle};
use actix_web::http::header;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, HttpServer, web};
use shared::Answers;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// What an operator decides.
pub struct Settings {
    /// The address to listen on; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The address on which operators read metrics; none, and nobody can.
    pub metrics_listen: Option<SocketAddr>,
    /// The address under which the public reaches the collector, for snippets to copy; the request's own if none.
    pub public_url: Option<String>,
    /// Whose `X-Forwarded-For` to believe.
    pub proxies: TrustedProxies,
    /// What one address may do.
    pub limits: Limits,
    /// The keys of the secret, if they come from a file and not from the store.
    pub secret: Option<Vec<DatedKey>>,
    /// How much may wait in the queue.
    pub capacity: Capacity,
    /// Where writes go while the database is away, if it can be.
    pub spool: Option<SpoolSettings>,
    /// Where time comes from.
    pub clock: Clock,
    /// How many lines the log has lost.
    pub lost_lines: LostLines,
}

/// What an operator decides about the spool.
pub struct SpoolSettings {
    /// Its folder.
    pub folder: PathBuf,
    /// What it may hold, in bytes.
    pub bytes: u64,
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
    pub keyring: LiveKeyring,
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
    /// Which periods are closed.
    pub closing: Closing,
    /// The validators of documents that were made.
    pub validators: Validators,
    /// What operators watch.
    pub metrics: Arc<Metrics>,
}

impl Collector {
    /// The answers of an avis: those of the spool, where it knows better than the store.
    ///
    /// # Errors
    /// The spool does not know them, and the store is away.
    pub async fn answers(&self, avis_id: AvisId) -> Result<Option<Answers>, StoreError> {
        // First here, then there: what leaves the spool is in the store already.
        let fold = match self.ingest.spool() {
            Some(spool) => spool.avis(avis_id).await?,
            None => None,
        };
        if let Some(fold) = &fold
            && !fold.needs_store()
        {
            return Ok(fold.over(None));
        }
        let stored = self.store.avis(avis_id).await?.map(|avis| avis.answers);
        Ok(fold.map_or(stored.clone(), |fold| fold.over(stored)))
    }

    /// Has something written, durably, and counts what became of it.
    ///
    /// # Errors
    /// There is no room in the queue, or the write could not be made.
    pub async fn write(&self, via: Via, write: Write) -> Result<Written, IngestError> {
        let written = self.ingest.write(write).await?;
        self.metrics.written(via, &written);
        Ok(written)
    }
}

/// A collector that listens and does not serve yet.
pub struct Application {
    server: Server,
    address: SocketAddr,
    metrics: Option<(ServerHandle, SocketAddr)>,
    ingest: Ingest,
    writer: JoinHandle<()>,
    keeping: JoinHandle<()>,
    store: Arc<dyn Store>,
    spool: Option<(Arc<Spool>, JoinHandle<()>)>,
}

/// Why a collector did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ApplicationError {
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}; choose another address, or port 0 for a free one")]
    Listen(SocketAddr, std::io::Error),
    /// The server stopped by itself.
    #[error("the server stopped: {0}")]
    Server(std::io::Error),
    /// The store failed.
    #[error("{}", .0.chain())]
    Store(#[from] StoreError),
    /// The spool cannot be used.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// There is no secret, and none can be made.
    #[error("cannot make a secret: {0}")]
    Secret(String),
}

/// How long requests may finish after a stop was asked for; well within the ten seconds of the contract.
const STOP_SECONDS: u64 = 5;

/// How long a spool may take to be signed off.
const FORGETTING: Duration = Duration::from_secs(1);

/// How often a spool is made known to the database.
const REPORTING: Duration = Duration::from_secs(30);

/// How often what is over is forgotten: idle addresses, old idempotency keys.
const HOUSEKEEPING: Duration = Duration::from_mins(1);

impl Application {
    /// Prepares everything and listens.
    ///
    /// # Errors
    /// The address is taken, the store fails, or there is no secret.
    pub async fn build(settings: Settings, store: Arc<dyn Store>) -> Result<Self, ApplicationError> {
        let is_stored = settings.secret.is_none();
        let keyring = LiveKeyring::from(keyring(&*store, settings.secret, &settings.clock).await?);
        if is_stored {
            keyring.renew_from(store.clone());
        }
        let catalogue = LiveCatalogue::start(store.clone()).await?;
        let metrics = Arc::new(Metrics::new());
        let spool = match settings.spool {
            None => None,
            Some(SpoolSettings { folder, bytes }) => {
                let spool = Arc::new(Spool::open(&folder, bytes).await?);
                if spool.depth() > 0 {
                    tracing::info!(
                        entries = spool.depth(),
                        "the spool holds writes of before; they go first"
                    );
                }
                // Before anything can go there: a period must not close over what it holds.
                report(&*store, &spool, &settings.clock).await?;
                let reporting =
                    tokio::spawn(keep_reporting(store.clone(), spool.clone(), settings.clock.clone()));
                Some((spool, reporting))
            }
        };
        let (ingest, writer) = Ingest::start(
            store.clone(),
            spool.as_ref().map(|(spool, _)| spool.clone()),
            settings.capacity,
            settings.clock.clone(),
            metrics.clone(),
        );
        let keeping =
            tokio::spawn(keep_house(store.clone(), settings.limits.clone(), settings.clock.clone()));
        let (listener, address) = listen(settings.listen)?;
        let watched = settings
            .metrics_listen
            .map(|at| serve_metrics(at, metrics.clone(), settings.lost_lines))
            .transpose()?;
        let collector = web::Data::new(Collector {
            store: store.clone(),
            catalogue,
            ingest: ingest.clone(),
            keyring,
            clock: settings.clock,
            limits: settings.limits,
            proxies: settings.proxies,
            public_url: settings.public_url,
            series: Semaphore::new(2),
            closing: Closing::of(store.clone()),
            validators: Validators::default(),
            metrics: metrics.clone(),
        });
        let server = HttpServer::new(move || {
            App::new()
                .app_data(collector.clone())
                .configure(|service| routes::configure(service, &metrics))
                .wrap(from_fn(problem::render))
                .wrap(from_fn(routes::middleware::security_headers))
                .wrap(from_fn(routes::middleware::observe))
        })
        .shutdown_timeout(STOP_SECONDS)
        .listen(listener)
        .map_err(|error| ApplicationError::Listen(address, error))?
        .run();
        Ok(Self { server, address, metrics: watched, ingest, writer, keeping, store, spool })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address on which it shows its metrics, if it does.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(|(_, address)| *address)
    }

    /// Serves until it is told to stop, then finishes what was accepted.
    ///
    /// # Errors
    /// The server stopped by itself.
    pub async fn run_until_stopped(self) -> Result<(), ApplicationError> {
        self.server.await.map_err(ApplicationError::Server)?;
        self.keeping.abort();
        // Every worker has ended, and the writer does once the rest is on disk. Nothing is to be concluded from their
        // entrances to the queue: a request that is dropped with its worker goes into the worker's pool of requests,
        // which holds itself from then on, and all that requests lead to with it.
        self.ingest.close();
        let _ = self.writer.await;
        if let Some((spool, reporting)) = self.spool {
            reporting.abort();
            // Not heard of again, and nothing to wait for: periods close without it.
            if spool.depth() == 0 {
                let forgotten = tokio::time::timeout(FORGETTING, self.store.forget_spool(spool.id())).await;
                if !matches!(forgotten, Ok(Ok(_))) {
                    tracing::warn!(spool = %spool.id(), "the empty spool could not be signed off; periods stay open until it is back, or `collector spool forget`");
                }
            }
            spool.close().await;
        }
        if let Some((metrics, _)) = self.metrics {
            metrics.stop(false).await;
        }
        tracing::info!("stopped, everything accepted is on disk");
        Ok(())
    }
}

/// Listens, and tells where: port 0 becomes a free one.
fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ApplicationError> {
    let failed = |error| ApplicationError::Listen(address, error);
    let listener = TcpListener::bind(address).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Serves metrics and nothing else, on a listener of their own that the public need not reach. It goes on while the
/// collector drains, so that one can watch it.
fn serve_metrics(
    address: SocketAddr,
    metrics: Arc<Metrics>,
    lost_lines: LostLines,
) -> Result<(ServerHandle, SocketAddr), ApplicationError> {
    let (listener, address) = listen(address)?;
    let show = move || {
        let text = metrics.text(lost_lines.count());
        async move {
            match text {
                Ok(text) => HttpResponse::Ok()
                    .insert_header((header::CONTENT_TYPE, metrics::CONTENT_TYPE))
                    .insert_header((header::CACHE_CONTROL, "no-store"))
                    .body(text),
                Err(_) => HttpResponse::InternalServerError().finish(),
            }
        }
    };
    let server = HttpServer::new(move || App::new().route("/metrics", web::get().to(show.clone())))
        .workers(1)
        .disable_signals()
        .listen(listener)
        .map_err(|error| ApplicationError::Listen(address, error))?
        .run();
    let handle = server.handle();
    tokio::spawn(server);
    Ok((handle, address))
}

/// The keys of the secret: from the file the operator gave, else from the store, made on the first start.
pub(crate) async fn keyring(
    store: &dyn Store,
    given: Option<Vec<DatedKey>>,
    clock: &Clock,
) -> Result<Keyring, ApplicationError> {
    let secret = |error: &dyn std::fmt::Display| ApplicationError::Secret(error.to_string());
    if let Some(keys) = given {
        return Keyring::dated(keys).map_err(|error| secret(&error));
    }
    let mut keys = store.dated_secret().await?;
    if keys.is_empty() {
        let key = SecretKey::random(1).map_err(|error| secret(&error))?;
        store.add_secret_key(&key, clock.today()).await?;
        // Read again: where two collectors start at once, the database decides whose key it is.
        keys = store.dated_secret().await?;
        tracing::info!("first start: a secret was made and stored");
    }
    let dated = keys.into_iter().map(|(key, made)| DatedKey::made_on(key, made)).collect();
    Keyring::dated(dated).map_err(|error| secret(&error))
}

/// Makes the spool known to the database, with what it holds.
async fn report(store: &dyn Store, spool: &Spool, clock: &Clock) -> Result<(), StoreError> {
    // The time first: what is accepted later belongs to later days.
    let now = clock.now();
    store.report_spool(spool.id(), now, spool.holds_since().await?).await
}

async fn keep_reporting(store: Arc<dyn Store>, spool: Arc<Spool>, clock: Clock) {
    loop {
        let _ = tokio::time::timeout(REPORTING, spool.emptied()).await;
        if let Ok(Err(error)) = tokio::time::timeout(REPORTING, report(&*store, &spool, &clock)).await {
            tracing::debug!(error = error.chain(), "the spool could not be made known");
        }
    }
}

async fn keep_house(store: Arc<dyn Store>, limits: Limits, clock: Clock) {
    loop {
        if let Err(error) = store.prepare_ahead(clock.today()).await {
            tracing::warn!(error = error.chain(), "nothing could be made ready for the months to come");
        }
        limits.forget_the_idle();
        // At the start too: by this a database is known that is no mere copy any more.
        match store.forget_keys(clock.now() - KEY_MEMORY).await {
            Ok(0) => {}
            Ok(keys) => tracing::info!(keys, "idempotency keys older than 72 hours were forgotten"),
            Err(error) => {
                tracing::warn!(error = error.chain(), "old idempotency keys could not be forgotten");
            }
        }
        tokio::time::sleep(HOUSEKEEPING).await;
    }
}
