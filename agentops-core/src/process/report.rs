//! Messages of agentops itself: `tracing` events with the target `agentops`, or lines on stderr if no layer takes
//! the event. Each message is one line; texts and names of others in it are escaped.

use std::{
    fmt::Display,
    io::{IsTerminal, Stderr, Write},
};

use tracing::Level;

use super::{catch_user_panic::catch_user_panic, presentable::presentable};

/// Most characters of a message. Names are cut before they are inserted, so that the remedy at its end is not cut
/// off.
pub(crate) const LONGEST_MESSAGE: usize = 4_000;

/// Destination of the messages of one core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reporter {
    /// The log: `tracing` events with the target `agentops`.
    LogOnly,
    /// The log, or stderr if no layer takes the event.
    LogOrStderr,
}

impl Reporter {
    /// Creates the reporter of a core whose console is switched on or off.
    pub(crate) const fn new(has_console: bool) -> Self {
        if has_console { Self::LogOrStderr } else { Self::LogOnly }
    }

    /// Logs a warning.
    pub(crate) fn warn(self, message: &dyn Display) {
        if tracing::enabled!(target: "agentops", Level::WARN) {
            emit(message, |line| tracing::warn!(target: "agentops", "{line}"));
        } else {
            self.print(message);
        }
    }

    /// Logs a message of level `INFO`.
    pub(crate) fn info(self, message: &dyn Display) {
        if tracing::enabled!(target: "agentops", Level::INFO) {
            emit(message, |line| tracing::info!(target: "agentops", "{line}"));
        } else {
            self.print(message);
        }
    }

    fn print(self, message: &dyn Display) {
        if self == Self::LogOrStderr {
            print(message);
        }
    }
}

/// Emits an event. A panic in a subscriber must not reach the caller, in particular not a thread that is being
/// destroyed.
fn emit(message: &dyn Display, event: impl FnOnce(&str)) {
    _ = catch_user_panic(|| event(&presentable(&message.to_string(), LONGEST_MESSAGE)));
}

/// Writes a line to stderr. Errors are ignored, since stderr may be closed.
pub(crate) fn print(message: &dyn Display) {
    let message = message.to_string();
    draw(&format!("agentops: {}\n", presentable(&message, LONGEST_MESSAGE)));
}

/// Writes lines to stderr. Texts of others in them must be escaped already.
pub(crate) fn draw(lines: &str) {
    let _ = stderr().lock().write_all(lines.as_bytes());
}

/// Returns `true` if stderr is a terminal.
pub(crate) fn is_terminal() -> bool {
    stderr().is_terminal()
}

/// Returns the columns of the terminal that stderr is, if it is one.
pub(crate) fn columns() -> Option<usize> {
    #[cfg(any(unix, windows))]
    return terminal_size::terminal_size_of(stderr()).map(|(width, _)| usize::from(width.0));
    #[cfg(not(any(unix, windows)))]
    None
}

#[expect(clippy::disallowed_methods, reason = "here alone: whatever is printed goes this way")]
fn stderr() -> Stderr {
    std::io::stderr()
}
