//! The log, on standard error: a line of text or JSON for each event.
//!
//! Lines gather in memory and a thread of its own writes them, many at once, so that no request waits for a terminal, a
//! pipe or a disk, and a busy second costs hundreds of writes rather than tens of thousands.

use clap::ValueEnum;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{LevelFilter, ParseError};
use tracing_subscriber::fmt::MakeWriter;

/// Bytes of lines that may wait to be written. Beyond, lines are dropped and counted: whoever reads the log may be slow
/// or gone, and avis matter more.
const WAITING_MAX: usize = 4 * 1024 * 1024;

/// How long the first line waits for others to be written with it.
const GATHERING: Duration = Duration::from_millis(5);

/// How long the end of the program waits for what was logged.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What libraries say of themselves and our own lines tell better: unless the filter names them, little or nothing.
const QUIET: &str = "actix_http=off,actix_server=warn,sqlx_core::pool=off,sqlx::postgres::notice=warn";

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The log of this process. Dropping it writes what waits.
pub struct Log(Lines);

/// How many lines were dropped. Clones share it.
#[derive(Clone, Default)]
pub struct LostLines(Arc<AtomicU64>);

impl LostLines {
    /// How many until now.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Log {
    /// Starts the log.
    ///
    /// # Errors
    /// The filter makes no sense.
    pub fn start(format: LogFormat, filter: &str) -> Result<Self, FilterError> {
        let filter = parse_filter(filter)?;
        let lines = Lines::written_to(io::stderr());
        let log = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(lines.clone())
            .with_ansi(io::stderr().is_terminal())
            .with_target(false);
        match format {
            LogFormat::Text => log.init(),
            LogFormat::Json => log.json().flatten_event(true).init(),
        }
        Ok(Self(lines))
    }

    /// How many lines were dropped because nobody took them in time.
    #[must_use]
    pub fn lost_lines(&self) -> LostLines {
        self.0.lost.clone()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.0.finish();
    }
}

/// Why a filter makes no sense.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// A word of it is no level.
    #[error("{0:?} is no level; there are off, error, warn, info, debug and trace, or TARGET=LEVEL")]
    NoLevel(String),
    /// What it says of a target cannot be read.
    #[error(transparent)]
    Malformed(#[from] ParseError),
}

/// Reads a filter. To [`EnvFilter`] a word that is no level is a target, and all others are off: a mistyped level would
/// silence the log.
fn parse_filter(text: &str) -> Result<EnvFilter, FilterError> {
    let is_known = |one: &&str| one.contains('=') || (!one.is_empty() && one.parse::<LevelFilter>().is_ok());
    if let Some(unknown) = text.split(',').find(|one| !is_known(one)) {
        return Err(FilterError::NoLevel(unknown.to_owned()));
    }
    // What comes last of a target counts.
    Ok(EnvFilter::try_new(format!("{QUIET},{text}"))?)
}

/// The lines that wait to be written. Clones share them.
#[derive(Clone)]
struct Lines {
    shared: Arc<Shared>,
    lost: LostLines,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    ending: bool,
    ended: bool,
}

impl Lines {
    /// Lines that a thread writes there.
    fn written_to(mut output: impl Write + Send + 'static) -> Self {
        let lines = Self { shared: Arc::default(), lost: LostLines::default() };
        let shared = lines.shared.clone();
        let thread = std::thread::Builder::new().name("log".to_owned()).spawn(move || {
            let mut taken = Vec::new();
            while shared.take(&mut taken) {
                // Nobody is left to tell that the log cannot be written.
                let _ = output.write_all(&taken).and_then(|()| output.flush());
                taken.clear();
            }
            shared.lock().ended = true;
            shared.changed.notify_all();
        });
        if thread.is_err() {
            lines.shared.lock().ended = true;
        }
        lines
    }

    /// Has everything written, unless that takes too long.
    fn finish(&self) {
        let mut waiting = self.shared.lock();
        waiting.ending = true;
        self.shared.changed.notify_all();
        let _ = self.shared.changed.wait_timeout_while(waiting, LAST_WORDS, |waiting| !waiting.ended);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what waits, once something does; false at the end.
    fn take(&self, taken: &mut Vec<u8>) -> bool {
        let idle = |waiting: &mut Waiting| waiting.bytes.is_empty() && !waiting.ending;
        let waiting = self.changed.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        let (mut waiting, _) = self
            .changed
            .wait_timeout_while(waiting, GATHERING, |waiting| !waiting.ending)
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut waiting.bytes, taken);
        !taken.is_empty()
    }
}

impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut waiting = self.shared.lock();
        if waiting.ended || waiting.bytes.len() + line.len() > WAITING_MAX {
            self.lost.0.fetch_add(1, Ordering::Relaxed);
        } else {
            waiting.bytes.extend_from_slice(line);
            // The thread sleeps only while nothing waits, so only the first line wakes it.
            if waiting.bytes.len() == line.len() {
                self.shared.changed.notify_all();
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> &'a Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// An output that says what it is given, and takes nothing while it is held.
    struct Slow(mpsc::Sender<Vec<u8>>, Arc<Mutex<()>>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _held = self.1.lock().unwrap();
            self.0.send(bytes.to_vec()).unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn slow() -> (Slow, mpsc::Receiver<Vec<u8>>, Arc<Mutex<()>>) {
        let (sender, written) = mpsc::channel();
        let hold = Arc::new(Mutex::new(()));
        (Slow(sender, hold.clone()), written, hold)
    }

    #[test]
    fn a_filter_has_levels_that_there_are() {
        for good in ["off", "error", "WARN", "info,sqlx=warn", "debug,collector=trace", "collector=debug"] {
            assert!(parse_filter(good).is_ok(), "{good}");
        }
        for (wrong, word) in [("", ""), ("warning", "warning"), ("info,verbose", "verbose"), ("info,", "")] {
            let error = parse_filter(wrong).unwrap_err();
            assert!(matches!(&error, FilterError::NoLevel(named) if named == word), "{wrong:?}: {error}");
            assert!(error.to_string().contains("info"), "{error}");
        }
        assert!(parse_filter("collector=loud").is_err());
    }

    #[test]
    fn libraries_are_quiet_unless_they_are_named() {
        let rules = |text| parse_filter(text).unwrap().to_string();
        assert!(rules("debug").contains("sqlx_core::pool=off"));
        assert!(!rules("info,sqlx_core::pool=warn").contains("sqlx_core::pool=off"));
    }

    #[test]
    fn lines_are_written_in_order_and_all_of_them_at_the_end() {
        let (output, written, _) = slow();
        let lines = Lines::written_to(output);
        for number in 0..1_000 {
            (&lines).write_all(format!("{number}\n").as_bytes()).unwrap();
        }

        lines.finish();

        let text = String::from_utf8(written.try_iter().flatten().collect()).unwrap();
        assert!(text.lines().eq((0..1_000).map(|number| number.to_string())), "{text}");
        assert_eq!(lines.lost.count(), 0);
    }

    #[test]
    fn a_line_is_written_without_waiting_for_another() {
        let (output, written, _) = slow();
        let lines = Lines::written_to(output);

        (&lines).write_all(b"one\n").unwrap();

        assert_eq!(written.recv_timeout(Duration::from_secs(10)).unwrap(), b"one\n");
    }

    #[test]
    fn an_output_that_takes_nothing_costs_lines_and_neither_time_nor_memory() {
        let (output, _written, hold) = slow();
        let held = hold.lock().unwrap();
        let lines = Lines::written_to(output);
        let line = vec![b'x'; 64 * 1024];

        for _ in 0..1_000 {
            (&lines).write_all(&line).unwrap();
        }

        assert!(lines.lost.count() >= 1_000 - 2 * (WAITING_MAX / line.len()) as u64);
        drop(held);
        lines.finish();
    }
}
