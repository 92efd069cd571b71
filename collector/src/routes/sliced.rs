//! Bodies in slices, so that whoever does not read them costs little memory.
//!
//! A connection copies what it is given into a buffer, and asks for more only when there is room. Given a body of
//! megabytes at once, it copies all of it: a few hundred clients that ask for the largest file and read nothing held
//! 360 MiB.

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Bytes of a slice: a quarter of what a connection's buffer holds.
const SLICE: usize = 8 * 1024;

/// The same body in slices, unless it is no larger than one.
pub(super) fn sliced(body: BoxBody) -> BoxBody {
    match body.size() {
        BodySize::None => body,
        BodySize::Sized(size) if size <= SLICE as u64 => body,
        _ => BoxBody::new(Sliced { body, rest: Bytes::new() }),
    }
}

struct Sliced {
    body: BoxBody,
    /// What of the body's last bytes was not given yet.
    rest: Bytes,
}

impl MessageBody for Sliced {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_next(context)) {
                Some(Ok(bytes)) => self.rest = bytes,
                end => return Poll::Ready(end),
            }
        }
        let slice = self.rest.len().min(SLICE);
        Poll::Ready(Some(Ok(self.rest.split_to(slice))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    #[actix_web::test]
    async fn a_large_body_comes_in_slices_and_whole() {
        let whole: Bytes = (0..251).cycle().take(3 * SLICE + 5).collect();
        let mut body = sliced(BoxBody::new(whole.clone()));
        assert_eq!(body.size(), BodySize::Sized(whole.len() as u64));

        let mut slices = Vec::new();
        while let Some(slice) = poll_fn(|context| Pin::new(&mut body).poll_next(context)).await {
            slices.push(slice.unwrap());
        }

        assert_eq!(slices.iter().map(Bytes::len).collect::<Vec<_>>(), [SLICE, SLICE, SLICE, 5]);
        assert_eq!(slices.concat(), whole);
    }

    #[actix_web::test]
    async fn a_small_body_stays_as_it_is() {
        assert!(sliced(BoxBody::new(Bytes::from_static(b"{}"))).try_into_bytes().is_ok());
        assert_eq!(sliced(BoxBody::new(())).size(), BodySize::Sized(0));
    }
}
