//! Content codings: how the bytes of an answer travel, as who asks takes them.

use crate::accept;
use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::Bytes;
use brotli::CompressorWriter;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream::{self, Stream, StreamExt};
use std::io::{Result, Write};

/// A content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// None.
    Identity,
    /// What every program takes.
    Gzip,
    /// Smaller, and as quick.
    Brotli,
}

impl Coding {
    /// The best coding that a request accepts; none unless it asks for one.
    #[must_use]
    pub fn accepted(request: &HttpRequest) -> Self {
        Self::of(&accepted(request))
    }

    /// The coding that an `Accept-Encoding` likes most (RFC 9110, 12.5.3); of those it likes alike, the smallest.
    fn of(accepted: &str) -> Self {
        let (brotli, gzip) = (weight(accepted, "br"), weight(accepted, "gzip"));
        if brotli > 0.0 && brotli >= gzip {
            Self::Brotli
        } else if gzip > 0.0 {
            Self::Gzip
        } else {
            Self::Identity
        }
    }

    /// Its name in `Content-Encoding`.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }

    /// The strong validator of what has this one when it travels plain: other bytes have another.
    #[must_use]
    pub fn etag(self, plain: &str) -> String {
        match (self.name(), plain.strip_suffix('"')) {
            (Some(name), Some(open)) => format!("{open}-{name}\""),
            _ => plain.to_owned(),
        }
    }

    /// Codes bytes.
    ///
    /// # Errors
    /// None that writing to memory has.
    pub fn code(self, bytes: Vec<u8>) -> Result<Vec<u8>> {
        let mut coder = Coder::new(self);
        let mut coded = coder.code(bytes)?;
        coded.extend(coder.finish()?);
        Ok(coded)
    }
}

/// Whether a request takes brotli, for what is there coded by it and not otherwise.
#[must_use]
pub fn takes_brotli(request: &HttpRequest) -> bool {
    weight(&accepted(request), "br") > 0.0
}

fn accepted(request: &HttpRequest) -> String {
    accept::list(request, &header::ACCEPT_ENCODING)
}

/// How much an `Accept-Encoding` likes a coding: not at all, 0, if it does not name it.
fn weight(accepted: &str, coding: &str) -> f32 {
    accept::weight(accepted, coding).unwrap_or(0.0)
}

/// Codes bytes as they come.
pub enum Coder {
    /// As they are.
    Identity,
    /// By gzip.
    Gzip(Box<GzEncoder<Vec<u8>>>),
    /// By brotli.
    Brotli(Box<CompressorWriter<Vec<u8>>>),
}

/// What makes an answer half as long again smaller takes longer than sending it.
const GZIP_LEVEL: u32 = 4;
const BROTLI_QUALITY: u32 = 4;
const BROTLI_WINDOW: u32 = 20;

impl Coder {
    /// One of this coding.
    #[must_use]
    pub fn new(coding: Coding) -> Self {
        match coding {
            Coding::Identity => Self::Identity,
            Coding::Gzip => Self::Gzip(Box::new(GzEncoder::new(Vec::new(), Compression::new(GZIP_LEVEL)))),
            Coding::Brotli => {
                const BUFFER: usize = 16 * 1_024;
                Self::Brotli(Box::new(CompressorWriter::new(
                    Vec::new(),
                    BUFFER,
                    BROTLI_QUALITY,
                    BROTLI_WINDOW,
                )))
            }
        }
    }

    /// What is to be sent after these bytes; nothing yet, maybe.
    ///
    /// # Errors
    /// None that writing to memory has.
    pub fn code(&mut self, bytes: Vec<u8>) -> Result<Vec<u8>> {
        match self {
            Self::Identity => Ok(bytes),
            Self::Gzip(coder) => {
                coder.write_all(&bytes)?;
                Ok(std::mem::take(coder.get_mut()))
            }
            Self::Brotli(coder) => {
                coder.write_all(&bytes)?;
                Ok(std::mem::take(coder.get_mut()))
            }
        }
    }

    /// What is left to be sent.
    ///
    /// # Errors
    /// None that writing to memory has.
    pub fn finish(self) -> Result<Vec<u8>> {
        match self {
            Self::Identity => Ok(Vec::new()),
            Self::Gzip(coder) => coder.finish(),
            Self::Brotli(coder) => Ok(coder.into_inner()),
        }
    }
}

/// Codes the parts of a stream as they come. What fails ends it.
pub fn coded(
    coding: Coding,
    parts: impl Stream<Item = Result<Vec<u8>>>,
) -> impl Stream<Item = Result<Bytes>> {
    stream::unfold((Box::pin(parts), Some(Coder::new(coding))), |(mut parts, coder)| async move {
        let mut coder = coder?;
        match parts.next().await {
            Some(Ok(part)) => Some((coder.code(part).map(Bytes::from), (parts, Some(coder)))),
            Some(Err(error)) => Some((Err(error), (parts, None))),
            None => Some((coder.finish().map(Bytes::from), (parts, None))),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::TryStreamExt;
    use std::io::Read;

    #[test]
    fn the_coding_is_the_one_that_is_liked_most() {
        assert_eq!(Coding::of(""), Coding::Identity);
        assert_eq!(Coding::of("gzip, deflate, br"), Coding::Brotli);
        assert_eq!(Coding::of("gzip;q=1.0, br;q=0.5"), Coding::Gzip);
        assert_eq!(Coding::of("BR;q=0, gzip;q=0"), Coding::Identity);
        assert_eq!(Coding::of("br ; q=0.000 , GZIP"), Coding::Gzip);
        assert_eq!(Coding::of("deflate, zstd"), Coding::Identity);
    }

    #[test]
    fn each_coding_has_its_own_strong_validator() {
        let etags = [Coding::Identity, Coding::Gzip, Coding::Brotli].map(|coding| coding.etag("\"ab\""));
        assert_eq!(etags, ["\"ab\"", "\"ab-gzip\"", "\"ab-br\""]);
    }

    #[tokio::test]
    async fn what_was_coded_in_pieces_is_read_whole() {
        let text = "Ce que les usagers disent. ".repeat(10_000);
        for coding in [Coding::Identity, Coding::Gzip, Coding::Brotli] {
            let pieces = text.as_bytes().chunks(7_000).map(|piece| Ok(piece.to_vec()));
            let sent: Vec<Bytes> = super::coded(coding, stream::iter(pieces)).try_collect().await.unwrap();
            let coded = sent.concat();
            assert!(coding == Coding::Identity || coded.len() < text.len() / 20);
            let mut read = String::new();
            match coding {
                Coding::Identity => (&coded[..]).read_to_string(&mut read),
                Coding::Gzip => flate2::read::GzDecoder::new(&coded[..]).read_to_string(&mut read),
                Coding::Brotli => brotli::Decompressor::new(&coded[..], 4_096).read_to_string(&mut read),
            }
            .unwrap();
            assert!(read == text, "{coding:?}");
        }
    }

    #[tokio::test]
    async fn what_fails_on_the_way_is_cut_there() {
        let parts = || stream::iter([Ok(b"un".to_vec()), Err(std::io::ErrorKind::Other.into()), Ok(vec![])]);
        for coding in [Coding::Identity, Coding::Gzip, Coding::Brotli] {
            let sent: Vec<Result<Bytes>> = super::coded(coding, parts()).collect().await;
            assert_eq!(sent.len(), 2, "{coding:?}");
            assert!(sent[0].is_ok() && sent[1].is_err());
        }
    }
}
