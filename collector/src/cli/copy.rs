//! `collector copy`.

use super::{Failure, progress, say};
use crate::copy::{self, CopyError};
use crate::store::{self, Missing};
use clap::Args;
use std::time::Instant;

/// Makes a database the copy of another: démarches, boutons, keys, the secret, avis, editions, assets, the journal, and
/// what is remembered of idempotency keys. The source is only read, and may be served: if it is written meanwhile, this
/// says so at its end and ends with 1. Run again, it brings over what is new, changed or withdrawn since, also where it
/// was cut short; the run that counts is one with the source's collectors stopped. Serve the target only after it: one
/// that was served is refused.
#[derive(Debug, Args)]
pub(super) struct Copy {
    /// The database to read, such as sqlite://avis.db
    #[arg(long, value_name = "ADDRESS")]
    from: String,
    /// The database to write; it is made if it is not there, and must be new or a copy of the other
    #[arg(long, value_name = "ADDRESS")]
    to: String,
}

impl From<CopyError> for Failure {
    fn from(error: CopyError) -> Self {
        Self::new(error.to_string())
    }
}

impl Copy {
    pub(super) async fn run(self) -> Result<(), Failure> {
        if self.from == self.to {
            return Err(Failure::usage("--from and --to are the same database"));
        }
        let begun = Instant::now();
        let open = async |address: &str, missing| {
            store::open(address, missing).await.map_err(|error| Failure::usage(error.chain()))
        };
        let source = open(&self.from, Missing::Refuse).await?;
        let target = match open(&self.to, Missing::Create).await {
            Ok(target) => target,
            Err(failure) => {
                source.close().await;
                return Err(failure);
            }
        };
        let bar = progress::bar(0, "days and months");
        let copied = copy::copy(&*source, &*target, |done, all| {
            bar.set_length(all);
            bar.set_position(done);
        })
        .await;
        bar.finish_and_clear();
        source.close().await;
        target.close().await;
        let copied = copied?;
        if copied.replaced > 0 {
            say(&format!(
                "{} avis have a NUL in the path of their page; it is copied as U+FFFD, since PostgreSQL takes none",
                copied.replaced
            ));
        }
        say(&format!(
            "{} avis copied, {} were there, {} of them changed; {} withdrawn; {} days and {} months equal, and all averages, \
             {} assets, {} entries of the journal, and {} editions; {:.1} s",
            copied.written,
            copied.there,
            copied.changed + copied.mended,
            copied.withdrawn,
            copied.days,
            copied.months,
            copied.assets,
            copied.entries,
            copied.editions,
            begun.elapsed().as_secs_f64()
        ));
        Ok(())
    }
}
