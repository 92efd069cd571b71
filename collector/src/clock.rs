//! Where time comes from.

use crate::day::Day;
use jiff::Timestamp;
use std::sync::Arc;

/// The time of day, as an argument: tests give their own.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The clock of the machine.
    #[must_use]
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place where time is read")]
        Self(Arc::new(Timestamp::now))
    }

    /// A clock that tells what it is told to.
    pub fn custom(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }

    /// Today in Paris.
    #[must_use]
    pub fn today(&self) -> Day {
        Day::of(self.now())
    }
}
