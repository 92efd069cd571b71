//! The one way in for everything that is written about avis: a bounded queue, and a task that commits what has
//! queued while the commit before it was on its way to the disk. So a lone avis waits for nobody, and many avis
//! share a sync.

use crate::metrics::Metrics;
use crate::store::{Outcome, Store, StoreError, Write};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use uuid::Uuid;

/// Writes that may wait. Beyond, the collector says so at once rather than let people wait in vain.
const QUEUE: usize = 4_096;

/// Writes in one commit.
const BATCH: usize = 512;

/// Why a write was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IngestError {
    /// The queue is full.
    #[error("the queue is full")]
    Full,
    /// The store failed, and said so in the log.
    #[error("the store failed")]
    Failed,
}

/// The entrance to the queue; clones share it.
#[derive(Clone)]
pub struct Ingest {
    queue: mpsc::Sender<Queued>,
    in_flight: Arc<Mutex<HashSet<Uuid>>>,
    metrics: Arc<Metrics>,
}

struct Queued {
    write: Write,
    answer: oneshot::Sender<Result<Outcome, IngestError>>,
}

/// Holds an idempotency key while its request is under way.
pub struct InFlight {
    key: Uuid,
    keys: Arc<Mutex<HashSet<Uuid>>>,
}

impl Ingest {
    /// Starts the writing task. It ends, with everything written, once every entrance is dropped.
    #[must_use]
    pub fn start(store: Arc<dyn Store>, metrics: Arc<Metrics>) -> (Self, JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let writer = tokio::spawn(write_batches(store, waiting, metrics.clone()));
        (Self { queue, in_flight: Arc::default(), metrics }, writer)
    }

    /// Has something written, durably.
    ///
    /// # Errors
    /// The queue is full, or the store failed.
    pub async fn write(&self, write: Write) -> Result<Outcome, IngestError> {
        let (answer, outcome) = oneshot::channel();
        self.metrics.queue_depth.inc();
        self.queue.try_send(Queued { write, answer }).map_err(|refused| {
            self.metrics.queue_depth.dec();
            match refused {
                mpsc::error::TrySendError::Full(_) => IngestError::Full,
                mpsc::error::TrySendError::Closed(_) => IngestError::Failed,
            }
        })?;
        outcome.await.unwrap_or(Err(IngestError::Failed))
    }

    /// Whether the writing task is there and the queue has room.
    #[must_use]
    pub fn has_room(&self) -> bool {
        !self.queue.is_closed() && self.queue.capacity() > 0
    }

    /// Marks an idempotency key as under way; none if it is already.
    #[must_use]
    pub fn begin(&self, key: Uuid) -> Option<InFlight> {
        let mut keys = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(key).then(|| InFlight { key, keys: self.in_flight.clone() })
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

async fn write_batches(store: Arc<dyn Store>, mut waiting: mpsc::Receiver<Queued>, metrics: Arc<Metrics>) {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        metrics.queue_depth.dec_by(i64::try_from(batch.len()).unwrap_or(i64::MAX));
        let (writes, answers): (Vec<Write>, Vec<_>) =
            batch.drain(..).map(|queued| (queued.write, queued.answer)).unzip();
        let begun = Instant::now();
        let results = commit(&*store, &writes).await;
        metrics.commit(writes.len(), begun.elapsed());
        for (answer, result) in answers.into_iter().zip(results) {
            // Nobody listens any more where a client has gone away; what it sent is stored all the same.
            let _ = answer.send(result);
        }
    }
}

/// Commits a batch. If the store refuses it as a whole, each write is tried alone, so that one which cannot be
/// stored fails none of its neighbours.
async fn commit(store: &dyn Store, writes: &[Write]) -> Vec<Result<Outcome, IngestError>> {
    match store.commit(writes).await {
        Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
        Err(error) if writes.len() > 1 && store.ready().await.is_ok() => {
            tracing::warn!(
                error = error.chain(),
                writes = writes.len(),
                "a batch failed and is tried one by one"
            );
            let mut results = Vec::with_capacity(writes.len());
            for write in writes {
                results.push(
                    store.commit(std::slice::from_ref(write)).await.map(|mut all| all.remove(0)).map_err(log),
                );
            }
            results
        }
        Err(error) => vec![Err(log(error)); writes.len()],
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used as a mapping of errors")]
fn log(error: StoreError) -> IngestError {
    tracing::error!(error = error.chain(), "a commit failed");
    IngestError::Failed
}
