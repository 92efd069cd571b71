//! The task behind the queue, and where it writes.
//!
//! It writes to the store until the store is away; then to the spool, whose oldest entries a step beside it hands to
//! the store whenever that is there; and to the store again once the spool is empty. Only this task appends to the
//! spool, so an empty one stays empty until it says otherwise: no write overtakes another on the way back.
//!
//! Avis that keep coming would never let the spool run dry. So while the store is there, one batch at most is appended
//! during each step, which takes away more than that; and during the last step, new writes wait in the queue.

use super::drain::{self, Step};
use super::letterbox::Post;
use super::{IngestError, Pace, Queued, Written};
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::spool::{Appended, Spool};
use crate::store::{Outcome, Store, StoreError, Write};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::Instant;

/// Writes in one commit.
const BATCH: usize = 2_048;

/// Entries in one step of draining at most: twice a batch, so that the spool gets shorter whatever comes in.
const STEP: usize = 2 * BATCH;

/// Entries in one step at least, where the database is slow.
const STEP_LEAST: usize = 64;

/// How often an entry that fails alone is tried before it is kept apart. What is wrong may be the database, which
/// then refuses every entry: a person has that long to see it in the log before a first one is set aside.
const ATTEMPTS: u32 = 3;

/// How long after the database was busy it is asked again.
const BUSY_PAUSE: Duration = Duration::from_millis(20);

/// How long a commit may take once the collector was told to stop.
const LAST_COMMIT: Duration = Duration::from_secs(1);

/// How long the spool may be drained once the collector was told to stop.
const LAST_STEPS: Duration = Duration::from_secs(2);

type Result<T> = std::result::Result<T, IngestError>;

pub(super) struct Writer {
    store: Arc<dyn Store>,
    spool: Option<Arc<Spool>>,
    clock: Clock,
    pace: Pace,
    metrics: Arc<Metrics>,
    /// Whether the queue is to be closed.
    closing: watch::Receiver<bool>,
    draining: Draining,
}

/// How far the spool is on its way to the store.
struct Draining {
    /// The step that is under way.
    step: Option<JoinHandle<Step>>,
    /// Whether the store was there when it was last asked.
    reachable: bool,
    /// Whether the step will leave the spool empty if nothing is appended meanwhile.
    is_last: bool,
    /// Whether a batch was appended during the step.
    appended: bool,
    /// When the next step begins.
    next: Instant,
    /// Entries in a step.
    entries: usize,
    /// The entry that fails alone, and how often it did.
    stuck: Option<(i64, u32)>,
}

impl Writer {
    pub(super) fn new(
        store: Arc<dyn Store>,
        spool: Option<Arc<Spool>>,
        clock: Clock,
        pace: Pace,
        metrics: Arc<Metrics>,
        closing: watch::Receiver<bool>,
    ) -> Self {
        let draining = Draining {
            step: None,
            reachable: true,
            is_last: false,
            appended: false,
            next: Instant::now(),
            entries: STEP,
            stuck: None,
        };
        Self { store, spool, clock, pace, metrics, closing, draining }
    }

    /// Writes until the queue is closed, or every entrance to it dropped, and what it held is written.
    pub(super) async fn run(mut self, mut waiting: mpsc::UnboundedReceiver<Queued>) {
        let closing = self.closing.clone();
        // From the start, not from the first write: a collector that nobody uses must not look like one in trouble.
        self.show_where();
        let mut batch = Vec::with_capacity(BATCH);
        let mut is_open = true;
        loop {
            let is_due = self.draining.step.is_none() && self.is_spooling();
            if is_due && self.draining.next <= Instant::now() {
                // Now, and not a tick of the timer later: a write could be taken before it.
                self.begin_step();
                continue;
            }
            tokio::select! {
                biased;
                () = told(closing.clone()), if is_open => {
                    waiting.close();
                    is_open = false;
                }
                step = finished(&mut self.draining.step), if self.draining.step.is_some() => {
                    self.draining.step = None;
                    self.after(step);
                    self.show_where();
                }
                () = tokio::time::sleep_until(self.draining.next), if is_due => self.begin_step(),
                taken = waiting.recv_many(&mut batch, BATCH), if self.takes() => {
                    if taken == 0 {
                        break;
                    }
                    self.write(&mut batch).await;
                }
            }
        }
        // What is in the spool is durable; who can hand it over now leaves nothing behind for the next start.
        let _ = tokio::time::timeout(LAST_STEPS, self.finish()).await;
        if let Some(step) = self.draining.step.take() {
            step.abort();
        }
    }

    /// Drains the spool as long as that goes well.
    async fn finish(&mut self) {
        while self.is_spooling() && self.draining.reachable && self.draining.stuck.is_none() {
            if self.draining.step.is_none() {
                self.begin_step();
            }
            let step = finished(&mut self.draining.step).await;
            self.draining.step = None;
            let goes_on = matches!(step, Ok(Step::Done));
            self.after(step);
            if !goes_on {
                return;
            }
        }
    }

    /// Whether writes go to the spool: those before them are there.
    fn is_spooling(&self) -> bool {
        self.spool.as_ref().is_some_and(|spool| spool.depth() > 0)
    }

    /// Whether the next batch is taken now.
    fn takes(&self) -> bool {
        let Draining { step, reachable, is_last, appended, .. } = &self.draining;
        step.is_none() || !reachable || !(*is_last || *appended)
    }

    fn begin_step(&mut self) {
        let Some(spool) = self.spool.clone() else { return };
        let draining = &mut self.draining;
        let entries = u64::try_from(draining.entries).unwrap_or(u64::MAX);
        draining.is_last = spool.depth() <= entries;
        draining.appended = false;
        let request = drain::Request {
            entries: draining.entries,
            asks_first: !draining.reachable,
            give_up: draining.stuck.filter(|(_, attempts)| *attempts >= ATTEMPTS).map(|(seq, _)| seq),
            patience: self.pace.patience,
        };
        let (store, clock) = (self.store.clone(), self.clock.clone());
        draining.step =
            Some(tokio::spawn(async move { drain::step(&*store, &spool, &clock, request).await }));
    }

    fn after(&mut self, step: std::result::Result<Step, JoinError>) {
        let draining = &mut self.draining;
        let is_empty = self.spool.as_ref().is_none_or(|spool| spool.depth() == 0);
        let later = Instant::now() + self.pace.retry;
        match step {
            Ok(Step::Done) => {
                if !draining.reachable {
                    tracing::info!("the database is back: the spool is drained");
                }
                if is_empty {
                    tracing::info!("the spool is empty: writes go to the database again");
                }
                draining.reachable = true;
                draining.stuck = None;
                draining.entries = (draining.entries * 2).min(STEP);
            }
            Ok(Step::Away(error)) => {
                if draining.reachable {
                    tracing::warn!(error = error.chain(), "the database is away: writes stay in the spool");
                }
                draining.reachable = false;
                draining.next = later;
                draining.entries = (draining.entries / 2).max(STEP_LEAST);
            }
            Ok(Step::Stuck(seq, error)) => {
                tracing::error!(error = error.chain(), seq, "an entry of the spool cannot be written");
                draining.reachable = true;
                draining.stuck = match draining.stuck {
                    Some((same, attempts)) if same == seq => Some((seq, attempts + 1)),
                    _ => Some((seq, 1)),
                };
                draining.next = later;
            }
            Ok(Step::Unreadable(error)) => {
                tracing::error!(error = error.chain(), "the spool cannot be read or written");
                draining.next = later;
            }
            Err(error) => {
                tracing::error!(%error, "a step of draining the spool died");
                draining.next = later;
            }
        }
    }

    /// Shows operators where writes go.
    fn show_where(&self) {
        self.metrics.database_writes(self.draining.reachable);
        if let Some(spool) = &self.spool {
            self.metrics.spool_depth.set(i64::try_from(spool.depth()).unwrap_or(i64::MAX));
        }
    }

    /// Counts the avis that are new and set aside.
    fn show_set_aside(&self, writes: &[Write], results: &[Result<Written>]) {
        for (write, result) in writes.iter().zip(results) {
            if let (Write::Record(record), Ok(Written { outcome: Outcome::Recorded, .. })) = (write, result) {
                self.metrics.set_aside(record.set_aside);
            }
        }
    }

    async fn write(&mut self, batch: &mut Vec<Queued>) {
        let count = batch.len();
        let mut writes = Vec::with_capacity(count);
        let mut answers = Vec::with_capacity(count);
        for Queued { write, answer, letterbox, place } in batch.drain(..) {
            writes.push(write);
            answers.push((answer, letterbox, place));
        }
        let begun = Instant::now();
        let results = self.results(&writes).await;
        self.metrics.commit(count, begun.elapsed());
        self.show_set_aside(&writes, &results);
        self.show_where();
        let mut post = Post::default();
        for ((answer, letterbox, place), result) in answers.into_iter().zip(results) {
            // The place is free before the answer is heard, so that who waits for it may come again.
            drop(place);
            post.add(letterbox, (answer, result));
        }
        post.deliver();
    }

    async fn results(&mut self, writes: &[Write]) -> Vec<Result<Written>> {
        if self.is_spooling() {
            self.draining.appended = true;
            return self.append(writes).await;
        }
        let (mut results, away) = self.commit(writes).await;
        let Some(error) = away else {
            self.draining.reachable = true;
            return results;
        };
        let rest = &writes[results.len()..];
        if self.spool.is_none() {
            tracing::error!(error = error.chain(), writes = rest.len(), "a commit failed");
            self.draining.reachable = false;
            results.extend(rest.iter().map(|_| Err(IngestError::Away)));
            return results;
        }
        tracing::warn!(error = error.chain(), "the database is away: writes go to the spool");
        self.draining.reachable = false;
        self.draining.next = Instant::now() + self.pace.retry;
        results.extend(self.append(rest).await);
        results
    }

    async fn append(&self, writes: &[Write]) -> Vec<Result<Written>> {
        let Some(spool) = &self.spool else { return vec![Err(IngestError::Away); writes.len()] };
        match spool.append(writes).await {
            Ok(appended) => {
                let full = appended.iter().filter(|one| **one == Appended::Full).count();
                if full > 0 {
                    tracing::error!(writes = full, "the spool is full");
                }
                appended
                    .into_iter()
                    .map(|one| match one {
                        Appended::Kept(outcome) => Ok(Written { outcome, spooled: true }),
                        Appended::Full => Err(IngestError::Away),
                    })
                    .collect()
            }
            Err(error) => {
                tracing::error!(error = error.chain(), writes = writes.len(), "the spool failed");
                vec![Err(IngestError::Away); writes.len()]
            }
        }
    }

    /// Commits a batch. If the store refuses it as a whole, its halves are tried, and so on down to the write that
    /// cannot be stored, which fails none of its neighbours. Ends early where the store is away, with the results up
    /// to there.
    async fn commit(&self, writes: &[Write]) -> (Vec<Result<Written>>, Option<StoreError>) {
        let mut results: Vec<Result<Written>> = Vec::with_capacity(writes.len());
        let until = Instant::now() + self.pace.busy;
        let mut pieces: Vec<Range<usize>> = std::iter::once(0..writes.len()).collect();
        while let Some(piece) = pieces.pop() {
            match self.commit_patiently(&writes[piece.clone()], until).await {
                Ok(outcomes) => {
                    let written = |outcome| Ok(Written { outcome, spooled: false });
                    results.extend(outcomes.into_iter().map(written));
                }
                Err(error) if error.is_away() => return (results, Some(error)),
                Err(error) if piece.len() == 1 => {
                    tracing::error!(error = error.chain(), "a write cannot be stored");
                    results.push(Err(IngestError::Refused));
                }
                Err(error) => {
                    tracing::warn!(
                        error = error.chain(),
                        writes = piece.len(),
                        "a batch failed and is split"
                    );
                    let middle = piece.start + piece.len() / 2;
                    pieces.push(middle..piece.end);
                    pieces.push(piece.start..middle);
                }
            }
        }
        (results, None)
    }

    /// Commits, again and again while another process is writing.
    async fn commit_patiently(
        &self,
        writes: &[Write],
        until: Instant,
    ) -> std::result::Result<Vec<Outcome>, StoreError> {
        loop {
            // Without a spool, the store's own patience is all there is. Whatever became of a commit that took too long,
            // it can be written again: a key, an id and a state are the same twice.
            let patience = if self.spool.is_some() { self.pace.patience } else { Duration::MAX };
            let committed = tokio::select! {
                committed = within(patience, self.store.commit(writes)) => committed,
                () = self.last_commit_is_over() => Err(StoreError::message("the collector stops").away()),
            };
            match committed {
                Err(error) if error.is_busy() && Instant::now() < until && !*self.closing.borrow() => {
                    tracing::warn!(writes = writes.len(), "another process is writing; the batch waits");
                    // The store has waited for a while, mostly; not where it found a lock of its own file.
                    tokio::time::sleep(BUSY_PAUSE).await;
                }
                other => return other,
            }
        }
    }

    /// Waits until no commit is waited for any more, since the collector has to end.
    async fn last_commit_is_over(&self) {
        told(self.closing.clone()).await;
        tokio::time::sleep(LAST_COMMIT).await;
    }
}

/// Waits until the queue is to be closed; for ever, if nobody is left who could say so.
async fn told(mut closing: watch::Receiver<bool>) {
    if closing.wait_for(|closing| *closing).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The end of a step; never, if there is none.
async fn finished(step: &mut Option<JoinHandle<Step>>) -> std::result::Result<Step, JoinError> {
    match step {
        Some(step) => step.await,
        None => std::future::pending().await,
    }
}

/// What takes longer counts as away.
pub(super) async fn within<T>(
    patience: Duration,
    asked: impl Future<Output = std::result::Result<T, StoreError>>,
) -> std::result::Result<T, StoreError> {
    let late = || StoreError::message(format!("the database did not answer within {patience:?}")).away();
    tokio::time::timeout(patience, asked).await.unwrap_or_else(|_| Err(late()))
}
