//! The spool of a collector, made known to the database for as long as it may hold something.

use super::{ApplicationError, SpoolSettings};
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::spool::Spool;
use crate::store::{SpoolState, Store, StoreError};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// How often a spool is made known to the database.
const REPORTING: Duration = Duration::from_secs(30);

/// How long a spool may take to be signed off.
pub(super) const FORGETTING: Duration = Duration::from_secs(1);

/// The task that makes a spool known.
pub(super) struct Reporting {
    task: JoinHandle<()>,
    is_over: Arc<Notify>,
}

impl Reporting {
    pub(super) fn start(
        store: Arc<dyn Store>,
        spool: Arc<Spool>,
        clock: Clock,
        metrics: Arc<Metrics>,
    ) -> Self {
        let is_over = Arc::new(Notify::new());
        let ends = is_over.clone();
        let task =
            tokio::spawn(async move { keep_reporting(&*store, &spool, &clock, &metrics, &ends).await });
        Self { task, is_over }
    }

    /// Ends it in order: a report that is under way would bring back a spool that is forgotten meanwhile.
    pub(super) async fn end(mut self) {
        self.is_over.notify_one();
        if tokio::time::timeout(FORGETTING, &mut self.task).await.is_err() {
            self.task.abort();
            let _ = self.task.await;
        }
    }
}

/// Opens the spool, and makes it known before anything can go there: a period must not close over what it holds.
///
/// A file that was put back from a backup, or of which another machine uses a copy, would give numbers
/// that the database has seen: what gets them would be taken for written, and be lost. So it goes on under a new name,
/// and hands over once more what it holds; an avis that comes twice is stored once.
pub(super) async fn open_spool(
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::{noon, record, smile, with_catalogue, write};
    use crate::store::unsteady::Unsteady;
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
}
