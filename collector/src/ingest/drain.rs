//! A step of draining: the oldest entries of the spool go to the store, and leave the spool once they are there.

use super::writer::within;
use crate::clock::Clock;
use crate::spool::Spool;
use crate::store::{Store, StoreError};
use std::ops::Range;
use std::time::Duration;

/// What a step is to do.
pub(super) struct Request {
    /// How many entries to take at most.
    pub(super) entries: usize,
    /// Whether to ask first if the store is there.
    pub(super) asks_first: bool,
    /// An entry that has failed alone too often, and is kept apart if it does again.
    pub(super) give_up: Option<i64>,
    /// How long the store may take for an answer.
    pub(super) patience: Duration,
}

/// How a step ended.
pub(super) enum Step {
    /// All its entries are settled.
    Done,
    /// The store is away.
    Away(StoreError),
    /// This entry fails alone; those before it are settled.
    Stuck(i64, StoreError),
    /// The spool itself fails.
    Unreadable(StoreError),
}

pub(super) async fn step(store: &dyn Store, spool: &Spool, clock: &Clock, request: Request) -> Step {
    let patience = request.patience;
    if request.asks_first
        && let Err(error) = within(patience, store.ready()).await
    {
        return Step::Away(error);
    }
    let mut entries = match spool.oldest(request.entries).await {
        Ok(entries) => entries,
        Err(error) => return Step::Unreadable(error),
    };
    let mut pieces: Vec<Range<usize>> = std::iter::once(0..entries.len()).collect();
    while let Some(piece) = pieces.pop() {
        let part = &entries[piece.clone()];
        let Some(first) = part.first().map(|entry| entry.seq) else { continue };
        match within(patience, store.drain(spool.id(), part)).await {
            Ok(refusals) => {
                if let Err(error) = spool.settle(part, &refusals, clock.now()).await {
                    return Step::Unreadable(error);
                }
                if !refusals.is_empty() {
                    tracing::warn!(
                        entries = refusals.len(),
                        "entries of the spool were refused and are kept apart: `collector spool kept-apart` tells why"
                    );
                }
            }
            Err(error) if error.is_away() => return Step::Away(error),
            Err(error) if piece.len() == 1 => {
                let entry = &mut entries[piece.start];
                if request.give_up != Some(first) || entry.write.is_err() {
                    return Step::Stuck(first, error);
                }
                entry.write = Err(format!("the database cannot store it: {}", error.chain()));
                pieces.push(piece);
            }
            Err(error) => {
                tracing::warn!(error = error.chain(), entries = piece.len(), "entries failed and are split");
                let middle = piece.start + piece.len() / 2;
                pieces.push(middle..piece.end);
                pieces.push(piece.start..middle);
            }
        }
    }
    Step::Done
}
