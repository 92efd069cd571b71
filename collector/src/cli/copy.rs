//! `collector copy`.

use super::{Failure, progress, say};
use crate::copy::{self, CopyError};
use crate::store::{self, Missing};
use clap::Args;
use std::time::Instant;

/// Copies a whole database into another: démarches, boutons, keys, the secret, avis, and what is remembered of
/// idempotency keys. Stop the collectors of the source first: it must not be written meanwhile. A copy that was cut
/// short goes on where it was when it is run again.
#[derive(Debug, Args)]
pub(super) struct Copy {
    /// The database to read, such as sqlite://avis.db
    #[arg(long, value_name = "ADDRESS")]
    from: String,
    /// The database to write; it is made if it is not there, and must hold nothing that the other does not
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
        say(&format!(
            "{} avis copied, {} were there; {} days and {} months equal, and all averages; {:.1} s",
            copied.written,
            copied.there,
            copied.days,
            copied.months,
            begun.elapsed().as_secs_f64()
        ));
        Ok(())
    }
}
