//! Where agentops speaks of itself: a `tracing` event of target `agentops`, or stderr if nobody listens. A message is one
//! line, whatever names and texts of others are in it.

use std::{
    fmt::Display,
    io::{IsTerminal, Stderr, Write},
};

use tracing::Level;

use super::{guarded::guarded, presentable::presentable};

/// As much of one message is said, in characters. Names in it are cut where they are put in, so that its end, the remedy,
/// is not what is missing.
pub(crate) const LONGEST_MESSAGE: usize = 4_000;

/// Warns; on stderr only where no layer takes the event and the console is not switched off.
pub(crate) fn warn(may_use_stderr: bool, message: &dyn Display) {
    if tracing::enabled!(target: "agentops", Level::WARN) {
        tell(message, |line| tracing::warn!(target: "agentops", "{line}"));
    } else if may_use_stderr {
        print(message);
    }
}

/// Informs, in the same way.
pub(crate) fn info(may_use_stderr: bool, message: &dyn Display) {
    if tracing::enabled!(target: "agentops", Level::INFO) {
        tell(message, |line| tracing::info!(target: "agentops", "{line}"));
    } else if may_use_stderr {
        print(message);
    }
}

/// What a subscriber does with it is not to harm whoever calls us, least of all a thread that goes down.
fn tell(message: &dyn Display, event: impl FnOnce(&str)) {
    _ = guarded(|| event(&presentable(&message.to_string(), LONGEST_MESSAGE)));
}

/// Writes a line to stderr; a closed stderr is nobody's business.
pub(crate) fn print(message: &dyn Display) {
    let message = message.to_string();
    draw(&format!("agentops: {}\n", presentable(&message, LONGEST_MESSAGE)));
}

/// Writes lines of ours to stderr, in which every text of others is presentable already.
pub(crate) fn draw(lines: &str) {
    let _ = stderr().lock().write_all(lines.as_bytes());
}

/// True if it is a terminal where this is printed.
pub(crate) fn is_terminal() -> bool {
    stderr().is_terminal()
}

#[expect(clippy::disallowed_methods, reason = "here alone: whatever is printed goes this way")]
fn stderr() -> Stderr {
    std::io::stderr()
}
