//! A collector that serves: built from settings and a store, listening on a port, run until it is told to stop.

use crate::assets::{self, Shelf};
use crate::catalogue::{Bouton, KeyUses, LiveCatalogue};
use crate::client_address::TrustedProxies;
use crate::clock::Clock;
use crate::day::Day;
use crate::identity::{AvisId, DatedKey, Keyring, LiveKeyring, SecretKey};
use crate::ingest::{Capacity, Ingest, IngestError, Written};
use crate::limits::Limits;
use crate::logging::LostLines;
use crate::metrics::{Metrics, Via};
use crate::pages::Responsible;
use crate::retention::{self, Retention};
use crate::satisfaction::Closing;
use crate::satisfaction::validators::Validators;
use crate::sender::DayKey;
use crate::spool::{Spool, SpoolError};
use crate::store::{KEY_MEMORY, SpoolState, Store, StoreError, Write};
use crate::vigilance::{self, Vigilance};
use crate::{file_limit, metrics, rhythm, routes};
use actix_web::dev::{Server, ServerHandle};
use actix_web::http::header;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, HttpServer, web};
use jiff::Timestamp;
use shared::Answers;
use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpSocket;
use tokio::sync::{Notify, Semaphore};
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

/// The task that makes a spool known.
struct Reporting {
    task: JoinHandle<()>,
    is_over: Arc<Notify>,
}

impl Reporting {
    fn start(store: Arc<dyn Store>, spool: Arc<Spool>, clock: Clock, metrics: Arc<Metrics>) -> Self {
        let is_over = Arc::new(Notify::new());
        let ends = is_over.clone();
        let task =
            tokio::spawn(async move { keep_reporting(&*store, &spool, &clock, &metrics, &ends).await });
        Self { task, is_over }
    }

    /// Ends it in order: a report that is under way would bring back a spool that is forgotten meanwhile.
    async fn end(mut self) {
        self.is_over.notify_one();
        if tokio::time::timeout(FORGETTING, &mut self.task).await.is_err() {
            self.task.abort();
            let _ = self.task.await;
        }
    }
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

/// How long a spool may take to be signed off.
const FORGETTING: Duration = Duration::from_secs(1);

/// How long the last uses of keys may take to be stored when a collector stops.
const NOTING: Duration = Duration::from_secs(1);

/// How often a spool is made known to the database.
const REPORTING: Duration = Duration::from_secs(30);

/// How often what is over is forgotten, such as idle addresses and old idempotency keys, and uses of keys are stored.
const HOUSEKEEPING: Duration = Duration::from_mins(1);

/// How often it is told which boutons are silent: they fall silent by the day.
const SILENCE: Duration = Duration::from_hours(1);

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
        let house =
            keep_house(store.clone(), settings.limits.clone(), key_uses.clone(), settings.clock.clone());
        let silence = keep_telling_silence(store.clone(), metrics.clone(), settings.clock.clone());
        let learning =
            vigilance::keep_learning(store.clone(), settings.vigilance.clone(), settings.clock.clone());
        let purging = {
            let (store, metrics, clock) = (store.clone(), metrics.clone(), settings.clock.clone());
            async move { retention::keep_purging(&*store, settings.retention, &metrics, &clock).await }
        };
        let keeping = tokio::spawn(async {
            tokio::join!(house, silence, learning, purging);
        });
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

/// Connections that may wait to be accepted. The standard library says 128: the next ones that come at once are not
/// answered at all, and try again a second later, and three.
const BACKLOG: u32 = 4_096;

/// How long headers may take to arrive. A machine that is busy for so long has not looked at those that are there: more
/// than the five seconds of actix, in which honest people were told that they are slow.
const HEADERS: Duration = Duration::from_secs(10);

/// How long a client may leave an answer unread. Headers and bodies have their own times: this is who reads nothing
/// more, and would hold a connection for as long as they like.
#[cfg(target_os = "linux")]
const UNREAD: Duration = Duration::from_secs(30);

/// Listens, and tells where: port 0 becomes a free one.
fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ApplicationError> {
    let failed = |error| ApplicationError::Listen(address, error);
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
    let socket = socket.map_err(failed)?;
    // Or a restart would have to wait until the last connection of before is forgotten. Elsewhere it means another thing.
    #[cfg(unix)]
    socket.set_reuseaddr(true).map_err(failed)?;
    socket.bind(address).map_err(failed)?;
    // What a listener has, each connection has that it accepts.
    #[cfg(target_os = "linux")]
    rustix::net::sockopt::set_tcp_user_timeout(
        &socket,
        u32::try_from(UNREAD.as_millis()).unwrap_or(u32::MAX),
    )
    .map_err(|error| failed(error.into()))?;
    let listener = socket.listen(BACKLOG).and_then(tokio::net::TcpListener::into_std).map_err(failed)?;
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

/// Opens the spool, and makes it known before anything can go there: a period must not close over what it holds.
///
/// A file that was put back from a backup, or of which another machine uses a copy, would give numbers
/// that the database has seen: what gets them would be taken for written, and be lost. So it goes on under a new name,
/// and hands over once more what it holds; an avis that comes twice is stored once.
async fn open_spool(
    settings: &SpoolSettings,
    store: &dyn Store,
    clock: &Clock,
) -> Result<Spool, ApplicationError> {
    let mut spool = Spool::open(&settings.folder, settings.bytes).await?;
    let former = spool.id();
    let written = store.spool_progress(former).await?;
    if written > spool.last_number().await? {
        spool.rename().await?;
        tracing::warn!(%former, spool = %spool.id(), "the spool's file is older than what the database has from it: it goes on under a new name");
    }
    report(store, &spool, clock).await?;
    if spool.id() != former {
        // Not before the new name is known. Where a copy of the file is in use, that makes itself known again.
        store.forget_spool(former).await?;
    }
    Ok(spool)
}

/// Makes the spool known to the database, with what it holds.
async fn report(store: &dyn Store, spool: &Spool, clock: &Clock) -> Result<(), StoreError> {
    // The time first: what is accepted later belongs to later days.
    let now = clock.now();
    store.report_spool(spool.id(), now, spool.holds_since().await?).await
}

async fn keep_reporting(
    store: &dyn Store,
    spool: &Spool,
    clock: &Clock,
    metrics: &Metrics,
    is_over: &Notify,
) {
    loop {
        tokio::select! {
            () = is_over.notified() => return,
            () = spool.emptied() => {}
            () = tokio::time::sleep(REPORTING) => {}
        }
        spool.tidy().await;
        let reporting = async {
            report(store, spool, clock).await?;
            metrics.spool_unheard.set(unheard(&store.spools().await?, clock.now()));
            Ok::<(), StoreError>(())
        };
        if let Ok(Err(error)) = tokio::time::timeout(REPORTING, reporting).await {
            tracing::debug!(error = error.chain(), "the spool could not be made known");
        }
    }
}

/// For how many seconds the most silent of these spools has not been heard of. Periods wait for it.
fn unheard(spools: &[SpoolState], now: Timestamp) -> i64 {
    let last = spools.iter().filter_map(|spool| spool.seen_at).min();
    last.map_or(0, |seen| (now.as_second() - seen.as_second()).max(0))
}

/// Looks once an hour which boutons have fallen silent.
async fn keep_telling_silence(store: Arc<dyn Store>, metrics: Arc<Metrics>, clock: Clock) {
    loop {
        if let Err(error) = tell_silence(&*store, &metrics, clock.today()).await {
            tracing::warn!(
                error = error.chain(),
                "which boutons are silent could not be read; in an hour again"
            );
        }
        tokio::time::sleep(SILENCE).await;
    }
}

/// Tells what each bouton that takes avis misses by its own rhythm.
async fn tell_silence(store: &dyn Store, metrics: &Metrics, today: Day) -> Result<(), StoreError> {
    let catalogue = store.catalogue().await?;
    let takes_avis = |bouton: &Bouton| {
        !bouton.closed && catalogue.demarche(&bouton.demarche.0).is_some_and(|demarche| !demarche.closed)
    };
    let open = || catalogue.boutons().iter().filter(|bouton| takes_avis(bouton));
    let mut last: HashMap<_, _> = store.last_avis().await?.into_iter().collect();
    let last = open().filter_map(|bouton| last.remove_entry(&bouton.id)).collect();
    let rhythms = rhythm::rhythms(store, &last, today).await?;
    metrics.missed(open().filter_map(|bouton| Some((bouton, rhythms.get(&bouton.id)?.missed))));
    Ok(())
}

async fn keep_house(store: Arc<dyn Store>, limits: Limits, key_uses: KeyUses, clock: Clock) {
    loop {
        if let Err(error) = store.prepare_ahead(clock.today()).await {
            tracing::warn!(error = error.chain(), "nothing could be made ready for the months to come");
        }
        limits.forget_the_idle();
        if let Err(error) = key_uses.store_in(&*store).await {
            tracing::warn!(
                error = error.chain(),
                "when keys were last used could not be stored; in a minute again"
            );
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::IngestError;
    use crate::store::contract::{noon, record, smile, with_catalogue, write};
    use crate::store::unsteady::{Mood, Unsteady};
    use crate::store::{SpoolEntry, SpoolId};
    use jiff::SignedDuration;

    #[actix_web::test]
    async fn a_spool_that_went_back_in_time_loses_nothing() {
        let store = Unsteady::new().await;
        with_catalogue(&store).await;
        let folder = tempfile::tempdir().unwrap();
        let settings = SpoolSettings { folder: folder.path().to_owned(), bytes: 1 << 20 };
        let avis = |key| write(&record(key, noon("2026-11-22"), &smile("moyen")));
        let clock = Clock::custom(|| noon("2026-11-22"));
        let open = async || open_spool(&settings, &store, &clock).await.unwrap();
        let spool = open().await;
        let id = spool.id();
        spool.append(&[avis(1), avis(2)]).await.unwrap();
        let entries = spool.oldest(2).await.unwrap();
        store.drain(id, &entries).await.unwrap();
        spool.close().await;
        drop(spool);
        let spool = open().await;
        assert_eq!(spool.id(), id, "it is as far as the database, or further");
        store.drain(id, &[SpoolEntry { seq: 3, ..entries[0].clone() }]).await.unwrap();
        spool.close().await;
        drop(spool);

        let spool = open().await;
        assert_ne!(spool.id(), id);
        let known: Vec<SpoolId> = store.spools().await.unwrap().iter().map(|one| one.id).collect();
        assert_eq!(known, [spool.id()]);
        spool.append(&[avis(3)]).await.unwrap();
        let entries = spool.oldest(9).await.unwrap();
        assert_eq!(store.drain(spool.id(), &entries).await.unwrap(), []);
        assert_eq!(store.avis_of("2026-11-22".parse().unwrap()).await.unwrap().len(), 3);
    }

    #[actix_web::test]
    async fn a_spool_is_forgotten_for_good_after_its_last_report() {
        let store = Arc::new(Unsteady::new().await);
        let folder = tempfile::tempdir().unwrap();
        let spool = Arc::new(Spool::open(folder.path(), 1 << 20).await.unwrap());
        let metrics = Arc::new(Metrics::new());
        let silent = SpoolId::random();
        let now = noon("2026-11-22");
        store.report_spool(silent, now - SignedDuration::from_mins(2), None).await.unwrap();
        let clock = Clock::custom(|| noon("2026-11-22"));
        let reporting = Reporting::start(store.clone(), spool.clone(), clock, metrics.clone());
        spool.append(&[write(&record(1, now, &smile("moyen")))]).await.unwrap();
        spool.settle(&spool.oldest(1).await.unwrap(), &[], now).await.unwrap();
        while metrics.spool_unheard.get() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(metrics.spool_unheard.get(), 120);
        reporting.end().await;
        assert!(store.forget_spool(spool.id()).await.unwrap());
        tokio::time::sleep(Duration::from_millis(50)).await;
        let known: Vec<SpoolId> = store.spools().await.unwrap().iter().map(|one| one.id).collect();
        assert_eq!(known, [silent]);
    }

    #[actix_web::test]
    async fn a_database_that_is_away_shows_while_nobody_writes() {
        let store = Arc::new(Unsteady::new().await);
        let metrics = Arc::new(Metrics::new());
        let _catalogue = LiveCatalogue::start(store.clone(), metrics.clone()).await.unwrap();
        let shows = async |line: &str| {
            while !metrics.text(0).unwrap().lines().any(|found| found == line) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        for (mood, line) in [(Mood::Away, "avis_database_up 0"), (Mood::There, "avis_database_up 1")] {
            store.is(mood);
            tokio::time::timeout(Duration::from_secs(5), shows(line)).await.expect(line);
        }
    }

    #[tokio::test]
    async fn a_crowd_may_knock_before_anybody_opens() {
        let (listener, address) = listen(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let knock = || std::net::TcpStream::connect_timeout(&address, Duration::from_secs(30));
        let crowd: Vec<_> = (0..1_000).map(|_| knock().unwrap()).collect();
        drop((crowd, listener));
    }

    async fn listening(store: Arc<Unsteady>) -> Application {
        with_catalogue(&*store).await;
        let settings = Settings {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            metrics_listen: None,
            public_url: None,
            publisher: None,
            proxies: TrustedProxies::new(vec![]),
            limits: Limits::off(),
            vigilance: Vigilance::without_counts(),
            secret: None,
            capacity: Capacity::default(),
            spool: None,
            privacy_contact: None,
            accessibility_contact: None,
            retention: Retention::default(),
            clock: Clock::system(),
            lost_lines: LostLines::default(),
        };
        Application::build(settings, store).await.unwrap()
    }

    #[actix_web::test]
    async fn it_ends_where_nothing_can_be_written_any_more() {
        let store = Arc::new(Unsteady::new().await);
        let application = listening(store.clone()).await;
        let ingest = application.ingest.clone();
        let running = tokio::task::spawn_local(application.run_until_stopped());
        store.is(Mood::Panics);
        let avis = write(&record(1, noon("2026-11-22"), &smile("moyen")));
        assert_eq!(ingest.write(avis).await, Err(IngestError::Stopped));
        let ended = tokio::time::timeout(Duration::from_secs(10), running).await.expect("it ends").unwrap();
        assert!(matches!(ended, Err(ApplicationError::Writing)));
    }

    #[actix_web::test]
    async fn it_says_so_where_the_last_writes_cannot_be_made() {
        let store = Arc::new(Unsteady::new().await);
        let application = listening(store.clone()).await;
        let (ingest, server) = (application.ingest.clone(), application.server.handle());
        let running = tokio::task::spawn_local(application.run_until_stopped());
        store.is(Mood::Busy(usize::MAX));
        let avis = write(&record(1, noon("2026-11-22"), &smile("moyen")));
        let waiting = tokio::spawn(async move { ingest.write(avis).await });
        server.stop(true).await;
        store.is(Mood::Panics);
        let ended = tokio::time::timeout(Duration::from_secs(10), running).await.expect("it ends").unwrap();
        assert!(matches!(ended, Err(ApplicationError::Writing)));
        assert_eq!(waiting.await.unwrap(), Err(IngestError::Stopped));
    }
}
