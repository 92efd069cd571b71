//! Avis handed out with their texts, for their administration: as a table, or as lines of JSON.
//!
//! They stream: what is read waits in memory only until it is written. An output that fails is cut within a record and
//! never looks complete.

mod rows;

pub use rows::Format;

use crate::catalogue::{Catalogue, DemarcheId};
use crate::store::{Avis, StoreError};
use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use rows::Rows;
use std::io::{self, Write};
use tokio::sync::mpsc;

/// Portions of avis that may wait to be written while more are read.
const AHEAD: usize = 2;

/// Why an export was cut.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store failed.
    #[error("{}", .0.chain())]
    Store(#[from] StoreError),
    /// The output takes no more.
    #[error("cannot write: {0}")]
    Output(#[from] io::Error),
}

/// Writes avis about a démarche in their order. Tells how many are written whenever more are. Returns how many there
/// were.
///
/// # Errors
/// The store failed, or the output takes no more: it is cut then.
pub async fn export(
    mut avis: BoxStream<'_, Result<Vec<Avis>, StoreError>>,
    demarche: &DemarcheId,
    catalogue: &Catalogue,
    format: Format,
    output: impl Write + Send + 'static,
    progress: impl Fn(u64) + Send + 'static,
) -> Result<u64, ExportError> {
    let rows = Rows::new(format, catalogue, demarche);
    let (sender, mut portions) = mpsc::channel::<Vec<Avis>>(AHEAD);
    // On a thread of its own: an output may be slow, and reading goes on meanwhile.
    let writer = tokio::task::spawn_blocking(move || {
        let mut output = Unended::new(output);
        let mut written = 0;
        output.write(rows.head()?)?;
        while let Some(some) = portions.blocking_recv() {
            output.write(rows.body(&some)?)?;
            written += some.len() as u64;
            progress(written);
        }
        Ok::<_, io::Error>((output, written))
    });
    let read = async move {
        while let Some(some) = avis.try_next().await? {
            if sender.send(some).await.is_err() {
                // The writer has failed, and says why.
                break;
            }
        }
        Ok::<(), StoreError>(())
    };
    let read = read.await;
    let written = writer.await.map_err(io::Error::other)?;
    let (output, written) = written?;
    read?;
    output.end()?;
    Ok(written)
}

/// Records on their way out.
struct Records {
    bytes: Vec<u8>,
    /// Where the last one begins.
    last: usize,
}

/// An output that stops in the middle of a record until it is ended, so that nobody takes one that was cut for whole.
struct Unended<W> {
    output: W,
    held: Vec<u8>,
}

impl<W: Write> Unended<W> {
    fn new(output: W) -> Self {
        Self { output, held: vec![] }
    }

    fn write(&mut self, Records { mut bytes, last }: Records) -> io::Result<()> {
        let rest = bytes.split_off(last + (bytes.len() - last) / 2);
        self.output.write_all(&self.held)?;
        self.held = rest;
        self.output.write_all(&bytes)
    }

    fn end(mut self) -> io::Result<()> {
        self.output.write_all(&self.held)?;
        self.output.flush()
    }
}

#[cfg(test)]
mod tests;
