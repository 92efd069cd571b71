//! The one way in for everything that is written about avis: a bounded queue, and a task that commits what has
//! queued while the commit before it was on its way to the disk. So a lone avis waits for nobody, and many avis
//! share a sync. Nothing enters with the personal data that people write into texts: it is masked at the entrance, before
//! it queues, and so before it is on any disk.
//!
//! Where the database can be away, the same task turns to the [`Spool`] and back (see `ingest/writer.rs`), so that
//! all writes keep their order.

mod drain;
mod letterbox;
mod writer;

use crate::clock::Clock;
use crate::masking::mask;
use crate::metrics::Metrics;
use crate::spool::Spool;
use crate::store::{OnReplay, Outcome, Store, Write};
use letterbox::Letterbox;
use shared::{Choice, Question};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;
use writer::Writer;

/// How much may wait. Beyond, the collector says so at once rather than let people wait in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Writes.
    pub writes: i64,
    /// What they take in memory, about, in bytes.
    pub bytes: i64,
}

impl Default for Capacity {
    fn default() -> Self {
        Self { writes: 8_192, bytes: 32 * 1_024 * 1_024 }
    }
}

/// How patient the writing task is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// How long a batch is tried again while another process keeps the database to itself.
    pub(crate) busy: Duration,
    /// How long a commit may take before the database counts as away, where there is a spool to turn to.
    pub(crate) patience: Duration,
    /// How long after the database was away it is asked again.
    pub(crate) retry: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            busy: Duration::from_secs(10),
            patience: Duration::from_secs(5),
            retry: Duration::from_secs(1),
        }
    }
}

/// What became of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its outcome; where it is spooled, as far as that can be told without the database.
    pub outcome: Outcome,
    /// Whether it is in the spool, to be counted when the database is back.
    pub spooled: bool,
}

/// Why a write was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IngestError {
    /// The queue is full.
    #[error("the queue is full")]
    Full,
    /// The store cannot write now, nor can the spool if there is one: later is as good.
    #[error("the store is away")]
    Away,
    /// The store refused this write alone; what it said is in the log.
    #[error("the store refused the write")]
    Refused,
    /// The writing task has ended.
    #[error("nothing is written any more")]
    Stopped,
}

/// The entrance to the queue; clones share it.
#[derive(Clone)]
pub struct Ingest {
    queue: mpsc::UnboundedSender<Queued>,
    closing: Arc<watch::Sender<bool>>,
    capacity: Capacity,
    spool: Option<Arc<Spool>>,
    in_flight: Arc<Mutex<HashSet<Uuid>>>,
    metrics: Arc<Metrics>,
}

struct Queued {
    write: Write,
    answer: oneshot::Sender<Result<Written, IngestError>>,
    letterbox: Letterbox,
    place: Place,
}

/// A place in the queue, held until the write is answered.
struct Place {
    bytes: i64,
    metrics: Arc<Metrics>,
}

/// Holds an idempotency key while its request is under way.
pub struct InFlight {
    key: Uuid,
    keys: Arc<Mutex<HashSet<Uuid>>>,
}

impl Ingest {
    /// Starts the writing task. It ends, with everything written, once the queue is closed or every entrance dropped; or
    /// with an error, once it cannot go on.
    #[must_use]
    pub fn start(
        store: Arc<dyn Store>,
        spool: Option<Arc<Spool>>,
        capacity: Capacity,
        clock: Clock,
        metrics: Arc<Metrics>,
    ) -> (Self, JoinHandle<()>) {
        Self::start_at(Pace::default(), store, spool, capacity, clock, metrics)
    }

    pub(crate) fn start_at(
        pace: Pace,
        store: Arc<dyn Store>,
        spool: Option<Arc<Spool>>,
        capacity: Capacity,
        clock: Clock,
        metrics: Arc<Metrics>,
    ) -> (Self, JoinHandle<()>) {
        let (queue, waiting) = mpsc::unbounded_channel();
        let (closing, told) = watch::channel(false);
        let closing = Arc::new(closing);
        let writer = Writer::new(store, spool.clone(), clock, pace, metrics.clone(), told);
        let writing = tokio::spawn(writer.run(waiting));
        let writer = tokio::spawn(async move {
            // Its end closes the queue: from then on every write is answered with `Stopped`, nothing is ready, and the
            // collector ends.
            if let Err(error) = writing.await {
                tracing::error!(%error, "the writing task has died: nothing is accepted any more");
                std::panic::resume_unwind(Box::new(error));
            }
        });
        (Self { queue, closing, capacity, spool, in_flight: Arc::default(), metrics }, writer)
    }

    /// Has something written, durably.
    ///
    /// # Errors
    /// There is no room in the queue, or the write could not be made.
    pub async fn write(&self, mut write: Write) -> Result<Written, IngestError> {
        mask_texts(&mut write);
        let place = self.place(weight(&write))?;
        let (answer, written) = oneshot::channel();
        self.queue
            .send(Queued { write, answer, letterbox: Letterbox::here(), place })
            .map_err(|_| IngestError::Stopped)?;
        written.await.unwrap_or(Err(IngestError::Stopped))
    }

    /// Takes nothing any more: what is in the queue is written, and the writing task ends.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Whether the writing task is there and the queue has room.
    #[must_use]
    pub fn has_room(&self) -> bool {
        !self.queue.is_closed()
            && self.metrics.queue_depth.get() < self.capacity.writes
            && self.metrics.queue_bytes.get() < self.capacity.bytes
    }

    /// The spool, where there is one.
    #[must_use]
    pub fn spool(&self) -> Option<&Spool> {
        self.spool.as_deref()
    }

    /// Marks an idempotency key as under way; none if it is already.
    #[must_use]
    pub fn begin(&self, key: Uuid) -> Option<InFlight> {
        let mut keys = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(key).then(|| InFlight { key, keys: self.in_flight.clone() })
    }

    /// Takes a place in the queue, if there is one.
    fn place(&self, bytes: i64) -> Result<Place, IngestError> {
        // Taken before it is known to be free, and given back by its end: two who come at once never both pass.
        let writes = self.metrics.queue_depth.inc();
        let waiting = self.metrics.queue_bytes.inc_by(bytes);
        let place = Place { bytes, metrics: self.metrics.clone() };
        if writes < self.capacity.writes && waiting + bytes <= self.capacity.bytes {
            Ok(place)
        } else {
            Err(IngestError::Full)
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.metrics.queue_depth.dec();
        self.metrics.queue_bytes.dec_by(self.bytes);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

/// Masks the personal data in the texts of a write. The digest of its request is that of what was sent, so a replay is
/// known for one still.
fn mask_texts(write: &mut Write) {
    match write {
        Write::Record(record) => {
            record.answers.rewrite_texts(mask);
            if let OnReplay::Change(patch) = &mut record.on_replay {
                patch.rewrite_texts(mask);
            }
        }
        Write::Change(_, patch) => patch.rewrite_texts(mask),
        Write::Withdraw(_) => {}
    }
}

/// What a write takes in memory, about, in bytes: what is of one size for all, and its texts.
fn weight(write: &Write) -> i64 {
    const FIXED: usize = 1_024;
    let texts = |answers: &shared::Answers| -> usize {
        Question::ALL.iter().filter_map(|question| answers.text(*question)).map(str::len).sum()
    };
    let texts = match write {
        Write::Record(record) => {
            let again = match &record.on_replay {
                OnReplay::Exact => 0,
                OnReplay::Change(patch) => texts(patch.answers()),
            };
            texts(&record.answers) + again
        }
        Write::Change(_, patch) => texts(patch.answers()),
        Write::Withdraw(_) => 0,
    };
    i64::try_from(FIXED + texts).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
