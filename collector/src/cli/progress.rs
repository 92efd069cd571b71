//! How far a long command is, on standard error: a bar for a person, nothing for a file.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar to so many steps, hidden where standard error is no terminal.
pub(super) fn bar(steps: u64, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {human_pos} of {human_len}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(steps).with_style(style).with_message(what)
}
