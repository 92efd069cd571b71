//! Waiting for a condition, within bounds and with words.

use std::fmt::Display;
use std::time::{Duration, Instant};

/// Far above what anything here takes on a slow machine, so that only what never comes is reported.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Far above what one look takes.
const HANGING: Duration = Duration::from_mins(1);

/// Between two looks: short against what a browser does, long against what a look costs.
const PAUSE: Duration = Duration::from_millis(20);

/// Asks `probe` until it gives a value, and returns it.
///
/// # Panics
///
/// When [`PATIENCE`] is over, with `what` was awaited and what the last look saw.
pub async fn until<T, E: Display>(what: &str, probe: impl AsyncFnMut() -> Result<T, E>) -> T {
    until_within(PATIENCE, what, probe).await
}

/// As [`until`], within a patience of its own.
///
/// # Panics
///
/// When `patience` is over, with `what` was awaited and what the last look saw.
pub async fn until_within<T, E: Display>(
    patience: Duration,
    what: &str,
    mut probe: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    let start = Instant::now();
    loop {
        let Ok(seen) = tokio::time::timeout(HANGING, probe()).await else {
            panic!("waited for {what}, and looking for it hangs")
        };
        match seen {
            Ok(value) => return value,
            Err(seen) if start.elapsed() > patience => {
                panic!("waited {patience:?} for {what}; last seen: {seen}")
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}
