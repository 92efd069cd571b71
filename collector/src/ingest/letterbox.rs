//! The way back of answers.
//!
//! To wake a task that waits on another thread costs a system call here and a turn of the processor there, and a
//! commit answers hundreds. So the answers for a thread go there together: one task is woken, and hands them out to
//! those beside it, which costs next to nothing.

use super::{IngestError, Written};
use std::cell::RefCell;
use tokio::runtime::{self, Handle};
use tokio::sync::{mpsc, oneshot};

/// An answer, and who waits for it.
pub(super) type Letter = (oneshot::Sender<Result<Written, IngestError>>, Result<Written, IngestError>);

/// Where a thread takes its answers.
#[derive(Clone)]
pub(super) struct Letterbox(mpsc::UnboundedSender<Vec<Letter>>);

thread_local! {
    /// The letterbox of this thread, and the runtime that empties it.
    static HERE: RefCell<Option<(runtime::Id, Letterbox)>> = const { RefCell::new(None) };
}

impl Letterbox {
    /// That of this thread.
    pub(super) fn here() -> Self {
        let runtime = Handle::current();
        HERE.with_borrow_mut(|here| match here {
            // One of another runtime might never be emptied: two of them can take turns on a thread.
            Some((known, letterbox)) if *known == runtime.id() => letterbox.clone(),
            _ => here.insert((runtime.id(), Self::open(&runtime))).1.clone(),
        })
    }

    fn open(runtime: &Handle) -> Self {
        let (letterbox, mut letters) = mpsc::unbounded_channel::<Vec<Letter>>();
        runtime.spawn(async move {
            while let Some(letters) = letters.recv().await {
                for (waiting, answer) in letters {
                    // Nobody listens any more where a client has gone away; what it sent is stored all the same.
                    let _ = waiting.send(answer);
                }
            }
        });
        Self(letterbox)
    }
}

/// Answers on their way, by letterbox. There are few: one for each thread that serves.
#[derive(Default)]
pub(super) struct Post(Vec<(Letterbox, Vec<Letter>)>);

impl Post {
    pub(super) fn add(&mut self, to: Letterbox, letter: Letter) {
        match self.0.iter_mut().find(|(letterbox, _)| letterbox.0.same_channel(&to.0)) {
            Some((_, letters)) => letters.push(letter),
            None => self.0.push((to, vec![letter])),
        }
    }

    pub(super) fn deliver(self) {
        for (letterbox, letters) in self.0 {
            // Where the thread has ended, those who waited there have too.
            let _ = letterbox.0.send(letters);
        }
    }
}
