//! A document whose figures are known, written part by part: once for its validator, and once more as it is sent if it
//! is too long to be held.

use crate::catalogue::Demarche;
use crate::coding::{Coder, Coding};
use crate::routes::reading::etag_of_digest;
use crate::satisfaction::Figures;
use crate::satisfaction::parts::Parts;
use actix_web::body::SizedStream;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, HttpResponseBuilder, rt};
use futures_util::stream;
use sha2::{Digest, Sha256};
use std::io;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

/// How long somebody may take for a part of a document before it is cut: its figures are held meanwhile.
const STALLED: Duration = Duration::from_secs(30);

/// A document to be written.
pub(super) struct Made {
    pub(super) parts: Parts,
    pub(super) demarches: Vec<(Demarche, Figures)>,
}

/// What is known of a document once it was written.
pub(super) struct Drafted {
    /// The validator of its plain bytes.
    pub(super) etag: String,
    pub(super) length: u64,
    /// The bytes themselves, unless they are too many to be held.
    pub(super) bytes: Option<Vec<u8>>,
}

/// Writes a document once, for its validator.
pub(super) fn draft(made: Made) -> (Made, io::Result<Drafted>) {
    let drafted = made.draft();
    (made, drafted)
}

/// What is on its way to who asked.
enum Piece {
    Part(io::Result<Bytes>),
    End,
}

impl Made {
    /// The most that is held of a document, in bytes.
    const HELD_MAX: usize = 2 << 20;

    fn draft(&self) -> io::Result<Drafted> {
        let (mut digest, mut length) = (Sha256::new(), 0);
        let mut bytes = Some(Vec::new());
        for part in (0..).map_while(|place| self.part(place)) {
            let part = part?;
            digest.update(&part);
            length += part.len() as u64;
            bytes = bytes.filter(|held| held.len() + part.len() <= Self::HELD_MAX);
            if let Some(held) = &mut bytes {
                held.extend(part);
            }
        }
        Ok(Drafted { etag: etag_of_digest(digest.finalize().into()), length, bytes })
    }

    /// The part at this place; none behind the last.
    fn part(&self, place: usize) -> Option<io::Result<Vec<u8>>> {
        let Some(index) = place.checked_sub(1) else { return Some(self.parts.head()) };
        match self.demarches.get(index) {
            Some((demarche, figures)) => Some(self.parts.part(index == 0, demarche, figures)),
            None if index == self.demarches.len() => Some(Ok(self.parts.tail().to_vec())),
            None => None,
        }
    }

    /// Sends it part by part, and gives back its turn when all is sent. What cannot be written, or is not taken, cuts
    /// the answer, which is then shorter than it says or has no end.
    pub(super) fn send(
        self,
        turn: Option<OwnedSemaphorePermit>,
        coding: Coding,
        length: u64,
        mut response: HttpResponseBuilder,
    ) -> HttpResponse {
        let (sender, receiver) = mpsc::channel(1);
        rt::spawn(async move {
            // Whoever does not read on finds the answer cut: there is nobody to tell.
            let _ = self.write(&sender, coding, STALLED).await;
            drop(turn);
        });
        let pieces = stream::unfold(Some(receiver), |receiver| async move {
            let mut receiver = receiver?;
            match receiver.recv().await {
                Some(Piece::Part(part)) => Some((part, Some(receiver))),
                Some(Piece::End) => None,
                None => Some((Err(io::ErrorKind::TimedOut.into()), None)),
            }
        });
        match coding {
            Coding::Identity => response.body(SizedStream::new(length, pieces)),
            _ => response.streaming(pieces),
        }
    }

    async fn write(
        &self,
        pieces: &mpsc::Sender<Piece>,
        coding: Coding,
        patience: Duration,
    ) -> Result<(), mpsc::error::SendTimeoutError<Piece>> {
        let mut coder = Coder::new(coding);
        for part in (0..).map_while(|place| self.part(place)) {
            let coded = part.and_then(|part| coder.code(part));
            let is_cut = coded.is_err();
            pieces.send_timeout(Piece::Part(coded.map(Bytes::from)), patience).await?;
            if is_cut {
                return Ok(());
            }
        }
        pieces.send_timeout(Piece::Part(coder.finish().map(Bytes::from)), patience).await?;
        pieces.send_timeout(Piece::End, patience).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::Day;
    use crate::satisfaction::Standing;
    use crate::satisfaction::csv::Dialect;
    use crate::satisfaction::parts::Format;
    use crate::store::Period;
    use crate::store::samples::demarche;
    use shared::Tally;
    use std::sync::Arc;
    use tokio::sync::Semaphore;

    fn made() -> Made {
        let day = Day::constant(2026, 9, 30);
        let parts = Parts {
            format: Format::Csv(Dialect::Standard),
            period: Period { from: day, to: day },
            standing: Standing::Closed,
        };
        let demarches =
            (0..9).map(|id| (demarche(&id.to_string()), Figures::whole(&Tally::default()))).collect();
        Made { parts, demarches }
    }

    #[actix_web::test]
    async fn what_is_sent_is_what_was_drafted_and_gives_its_turn_back() {
        let turns = Arc::new(Semaphore::new(1));
        let turn = turns.clone().acquire_owned().await.unwrap();
        let (made, drafted) = draft(made());
        let Drafted { length, bytes, .. } = drafted.unwrap();
        let answer = made.send(Some(turn), Coding::Identity, length, HttpResponse::Ok());
        let body = actix_web::body::to_bytes(answer.into_body()).await.unwrap();
        assert_eq!(body, bytes.unwrap());
        assert_eq!(body.len() as u64, length);
        let _turn = turns.acquire().await.unwrap();
    }

    #[actix_web::test]
    async fn who_does_not_read_on_is_waited_for_no_longer() {
        let (sender, mut receiver) = mpsc::channel(1);
        assert!(made().write(&sender, Coding::Identity, Duration::ZERO).await.is_err());
        drop(sender);
        assert!(matches!(receiver.recv().await, Some(Piece::Part(Ok(_)))));
        assert!(receiver.recv().await.is_none(), "without an end");
    }
}
