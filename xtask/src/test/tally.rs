//! Counting tests in what `cargo test` prints.

use std::{fmt, iter::Sum, ops::Add};

/// How many passed, failed and were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: u32,
    pub(super) failed: u32,
    pub(super) ignored: u32,
}

impl Tally {
    pub(super) const ONE_PASSED: Self = Self { passed: 1, failed: 0, ignored: 0 };
    pub(super) const ONE_FAILED: Self = Self { passed: 0, failed: 1, ignored: 0 };

    /// Reads `test result: ok. 12 passed; 0 failed; 1 ignored; …`.
    fn from_result(line: &str) -> Option<Self> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let mut tally = Self::default();
        for count in counts.split("; ") {
            let (number, what) = count.split_once(' ')?;
            match what {
                "passed" => tally.passed = number.parse().ok()?,
                "failed" => tally.failed = number.parse().ok()?,
                "ignored" => tally.ignored = number.parse().ok()?,
                _ => {}
            }
        }
        Some(tally)
    }
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            ignored: self.ignored + other.ignored,
        }
    }
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), Add::add)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Reads the lines of one `cargo test` as they come.
#[derive(Default)]
pub(super) struct TestLines {
    tally: Tally,
    failures: Vec<String>,
    has_results: bool,
    /// The test binary that began and has not given its result yet.
    pending: Option<String>,
}

impl TestLines {
    pub(super) fn read(&mut self, line: &str) {
        let trimmed = line.trim_start();
        if (trimmed.starts_with("Running ") && trimmed.ends_with(')')) || trimmed.starts_with("Doc-tests ") {
            self.give_up_pending();
            self.pending = Some(trimmed.to_owned());
        } else if let Some(tally) = Tally::from_result(trimmed) {
            self.tally = self.tally + tally;
            self.has_results = true;
            self.pending = None;
        } else if let Some(name) =
            line.strip_prefix("test ").and_then(|line| line.strip_suffix(" ... FAILED"))
        {
            self.failures.push(name.to_owned());
        }
    }

    /// What it came to. A failure that no test stands for (a crate that does not compile, a test binary that
    /// died half-way) counts as one, and so does a run without a single result.
    pub(super) fn finish(mut self, succeeded: bool) -> (Tally, Vec<String>) {
        self.give_up_pending();
        let reason = match (succeeded, self.has_results) {
            (true, false) => Some("not one test result was printed"),
            (false, _) if self.tally.failed == 0 => Some("failed outside any test, see its output above"),
            _ => None,
        };
        if let Some(reason) = reason {
            self.tally = self.tally + Tally::ONE_FAILED;
            self.failures.push(reason.to_owned());
        }
        (self.tally, self.failures)
    }

    fn give_up_pending(&mut self) {
        if let Some(binary) = self.pending.take() {
            self.tally = self.tally + Tally::ONE_FAILED;
            self.failures.push(format!("died before its result: {binary}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str, succeeded: bool) -> (Tally, Vec<String>) {
        let mut tests = TestLines::default();
        lines.lines().for_each(|line| tests.read(line));
        tests.finish(succeeded)
    }

    #[test]
    fn the_results_of_all_binaries_add_up() {
        let (tally, failures) = read(
            "     Running unittests src/lib.rs (target/debug/deps/shared-1f)\n\
             test a ... ok\n\
             test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s\n\
             \n   Doc-tests shared\n\
             test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s\n",
            true,
        );
        assert_eq!(tally, Tally { passed: 15, failed: 0, ignored: 1 });
        assert!(failures.is_empty());
    }

    #[test]
    fn failing_tests_are_counted_and_named() {
        let (tally, failures) = read(
            "     Running tests/api.rs (target/debug/deps/api-1f)\n\
             test avis::a_key_is_required ... FAILED\n\
             test result: FAILED. 4 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s\n",
            false,
        );
        assert_eq!(tally, Tally { passed: 4, failed: 1, ignored: 0 });
        assert_eq!(failures, ["avis::a_key_is_required"]);
    }

    #[test]
    fn what_does_not_compile_is_one_failure() {
        let (tally, _) = read("error[E0425]: cannot find value `x` in this scope\n", false);
        assert_eq!(tally, Tally::ONE_FAILED);
    }

    #[test]
    fn a_binary_that_dies_is_one_failure_beside_the_others() {
        let (tally, failures) = read(
            "     Running unittests src/lib.rs (target/debug/deps/a-1f)\n\
             running 2 tests\n\
             error: test failed, to rerun pass `--lib` (signal: 6, SIGABRT: process abort signal)\n\
             \x20    Running tests/api.rs (target/debug/deps/api-1f)\n\
             test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s\n",
            false,
        );
        assert_eq!(tally, Tally { passed: 4, failed: 1, ignored: 0 });
        assert_eq!(
            failures,
            ["died before its result: Running unittests src/lib.rs (target/debug/deps/a-1f)"]
        );
    }

    #[test]
    fn a_run_without_any_result_is_no_success() {
        assert_eq!(read("", true).0, Tally::ONE_FAILED);
    }

    #[test]
    fn the_verdict_is_one_plain_line() {
        assert_eq!(Tally { passed: 41, failed: 2, ignored: 3 }.to_string(), "41 passed, 2 failed");
    }
}
