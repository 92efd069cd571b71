//! A collector that serves: built from settings and a store, listening on a port, run until it is told to stop.

mod housekeeping;
mod listening;
mod reporting;

use crate::assets::{self, Shelf};
use crate::catalogue::{KeyUses, LiveCatalogue};
use crate::client_address::TrustedProxies;
use crate::clock::Clock;
use crate::identity::{AvisId, DatedKey, Keyring, LiveKeyring, SecretKey};
use crate::ingest::{Capacity, Ingest, IngestError, Written};
use crate::limits::Limits;
use crate::logging::LostLines;
use crate::metrics::{Metrics, Via};
use crate::pages::Responsible;
use crate::retention::Retention;
use crate::satisfaction::Closing;
use crate::satisfaction::validators::Validators;
use crate::sender::DayKey;
use crate::spool::{Spool, SpoolError};
use crate::store::{Store, StoreError, Write};
use crate::vigilance::Vigilance;
use crate::{file_limit, routes};
use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use housekeeping::{House, keep};
use listening::{listen, serve_metrics};
use reporting::{FORGETTING, Reporting, open_spool};
use shared::Answers;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
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
    /// Who publishes the data, for catalogues to name.
    pub publisher: Option<String>,
    /// Whose `X-Forwarded-For` to believe.
    pub proxies: TrustedProxies,
    /// How many requests may come.
    pub limits: Limits,
    /// Which avis are set aside.
    pub vigilance: Vigilance,
    /// The keys of the secret, if they come from a file and not from the store.
    pub secret: Option<Vec<DatedKey>>,
    /// How much may wait in the queue.
    pub capacity: Capacity,
    /// Where writes go while the database is away, if it can be.
    pub spool: Option<SpoolSettings>,
    /// Where its data protection officer is reached.
    pub privacy_contact: Option<String>,
    /// Where somebody is reached who cannot use the form.
    pub accessibility_contact: Option<String>,
    /// For how long texts and pages are kept.
    pub retention: Retention,
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
    /// Files of former versions.
    pub shelf: Shelf,
    /// When keys were used.
    pub key_uses: KeyUses,
    /// The way in for writes.
    pub ingest: Ingest,
    /// What ids, receipts and tokens are made with.
    pub keyring: LiveKeyring,
    /// Where time comes from.
    pub clock: Clock,
    /// How many requests may come.
    pub limits: Limits,
    /// Which avis are set aside.
    pub vigilance: Vigilance,
    /// By what senders are told apart today.
    pub senders: DayKey,
    /// Whose `X-Forwarded-For` to believe.
    pub proxies: TrustedProxies,
    /// The address under which the public reaches the collector.
    pub public_url: Option<String>,
    /// Who publishes the data.
    pub publisher: Option<String>,
    /// What pages say of who is behind it.
    pub responsible: Responsible,
    /// A turn for each series that is being made.
    pub series: Arc<Semaphore>,
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
    key_uses: KeyUses,
    spool: Option<(Arc<Spool>, Reporting)>,
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
    /// Nothing can be written any more.
    #[error("the writing task has died; what it was doing is in the log")]
    Writing,
    /// The store failed.
    #[error("{}", .0.chain())]
    Store(#[from] StoreError),
    /// The spool cannot be used.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// There is no secret, and none can be made.
    #[error("cannot make a secret: {0}")]
    Secret(String),
    /// The database holds avis, and the secret they were made with is elsewhere.
    #[error(
        "the database holds avis and no key of the secret, so that nobody could withdraw them: start with the \
         --secret-file that they were made with, or restore a backup; if the secret is lost, `collector secret add` \
         makes another one"
    )]
    SecretMissing,
}

/// How long requests may finish after a stop was asked for; well within the ten seconds of the contract.
const STOP_SECONDS: u64 = 5;

/// How long the last uses of keys may take to be stored when a collector stops.
const NOTING: Duration = Duration::from_secs(1);

/// How long headers may take to arrive. A machine that is busy for so long has not looked at those that are there: more
/// than the five seconds of actix, in which honest people were told that they are slow.
const HEADERS: Duration = Duration::from_secs(10);

impl Application {
    /// Prepares everything and listens.
    ///
    /// # Errors
    /// The address is taken, the store fails, or there is no secret.
    pub async fn build(settings: Settings, store: Arc<dyn Store>) -> Result<Self, ApplicationError> {
        // Before anything begins to work: where the address is taken, that is all there is to say.
        let (listener, address) = listen(settings.listen)?;
        let metrics = Arc::new(Metrics::new());
        let watched = settings
            .metrics_listen
            .map(|at| serve_metrics(at, metrics.clone(), settings.lost_lines))
            .transpose()?;
        let is_stored = settings.secret.is_none();
        let keyring = LiveKeyring::from(keyring(&*store, settings.secret, &settings.clock).await?);
        if is_stored {
            keyring.renew_from(store.clone());
        }
        // Before anybody can pin them here: from now on, every collector on this database serves them.
        let kept = store.keep_assets(&assets::to_keep(settings.clock.today())).await?;
        if kept > 0 {
            tracing::info!(assets = kept, "assets of this version are kept");
        }
        let catalogue = LiveCatalogue::start(store.clone(), metrics.clone()).await?;
        let spool = match settings.spool {
            None => None,
            Some(one) => {
                let spool = Arc::new(open_spool(&one, &*store, &settings.clock).await?);
                tracing::info!(spool = %spool.id(), folder = %one.folder.display(), "the spool is open");
                if spool.depth() > 0 {
                    tracing::info!(
                        entries = spool.depth(),
                        "the spool holds writes of before; they go first"
                    );
                }
                let reporting =
                    Reporting::start(store.clone(), spool.clone(), settings.clock.clone(), metrics.clone());
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
        let key_uses = KeyUses::default();
        let keeping = tokio::spawn(keep(House {
            store: store.clone(),
            limits: settings.limits.clone(),
            key_uses: key_uses.clone(),
            vigilance: settings.vigilance.clone(),
            retention: settings.retention,
            metrics: metrics.clone(),
            clock: settings.clock.clone(),
        }));
        let collector = web::Data::new(Collector {
            store: store.clone(),
            catalogue,
            shelf: Shelf::of(store.clone()),
            key_uses: key_uses.clone(),
            ingest: ingest.clone(),
            keyring,
            senders: DayKey::new(settings.clock.today()),
            clock: settings.clock,
            limits: settings.limits,
            vigilance: settings.vigilance,
            proxies: settings.proxies,
            public_url: settings.public_url,
            responsible: Responsible {
                publisher: settings.publisher.clone(),
                privacy_contact: settings.privacy_contact,
                accessibility_contact: settings.accessibility_contact,
                retention: settings.retention,
            },
            publisher: settings.publisher,
            series: Arc::new(Semaphore::new(2)),
            closing: Closing::of(store.clone()),
            validators: Validators::default(),
            metrics: metrics.clone(),
        });
        let workers = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let server = HttpServer::new(move || {
            App::new()
                .app_data(collector.clone())
                .configure(|service| routes::configure(service, &metrics))
                .wrap(from_fn(routes::middleware::around))
        })
        .workers(workers)
        .max_connections((file_limit::connections() / workers).max(1))
        .client_request_timeout(HEADERS)
        .shutdown_timeout(STOP_SECONDS)
        .listen(listener)
        .map_err(|error| ApplicationError::Listen(address, error))?
        .run();
        Ok(Self { server, address, metrics: watched, ingest, writer, keeping, store, key_uses, spool })
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
    /// The server stopped by itself, or nothing could be written any more.
    pub async fn run_until_stopped(mut self) -> Result<(), ApplicationError> {
        tokio::select! {
            served = &mut self.server => served.map_err(ApplicationError::Server)?,
            // A process that lives on would answer 503 for ever; one that ends is started again.
            _ = &mut self.writer => {
                let stopping = self.server.handle().stop(true);
                let _ = tokio::join!(stopping, self.server);
                return Err(ApplicationError::Writing);
            }
        }
        self.keeping.abort();
        // Every worker has ended, and the writer does once the rest is on disk. Nothing is to be concluded from their
        // entrances to the queue: a request that is dropped with its worker goes into the worker's pool of requests,
        // which holds itself from then on, and all that requests lead to with it.
        self.ingest.close();
        self.writer.await.map_err(|_| ApplicationError::Writing)?;
        let noting = self.key_uses.store_in(&*self.store);
        if !matches!(tokio::time::timeout(NOTING, noting).await, Ok(Ok(()))) {
            tracing::warn!(
                "when keys were last used could not be stored; `collector key list` may show an earlier day"
            );
        }
        if let Some((spool, reporting)) = self.spool {
            reporting.end().await;
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

/// The keys of the secret: from the file the operator gave, else from the store, made on the first start.
pub(crate) async fn keyring(
    store: &dyn Store,
    given: Option<Vec<DatedKey>>,
    clock: &Clock,
) -> Result<Keyring, ApplicationError> {
    let secret = |error: &dyn std::fmt::Display| ApplicationError::Secret(error.to_string());
    let mut keys = store.dated_secret().await?;
    if let Some(given) = given {
        let is_given = |key: &SecretKey| given.iter().any(|dated| dated.key == *key);
        let others: Vec<u8> = keys.iter().filter(|(key, _)| !is_given(key)).map(|(key, _)| key.id).collect();
        if !others.is_empty() {
            tracing::warn!(
                keys = ?others,
                "the database has keys of the secret that the secret file has not: receipts and tokens made with them \
                 are refused"
            );
        }
        return Keyring::dated(given).map_err(|error| secret(&error));
    }
    if keys.is_empty() {
        if !store.spans().await?.is_empty() {
            return Err(ApplicationError::SecretMissing);
        }
        let key = SecretKey::random(1).map_err(|error| secret(&error))?;
        store.add_secret_key(&key, clock.today()).await?;
        // Read again: where two collectors start at once, the database decides whose key it is.
        keys = store.dated_secret().await?;
        tracing::info!("first start: a secret was made and stored");
    }
    let dated = keys.into_iter().map(|(key, made)| DatedKey::made_on(key, made)).collect();
    Keyring::dated(dated).map_err(|error| secret(&error))
}

#[cfg(test)]
mod tests;
