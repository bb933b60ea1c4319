//! Where agentops speaks of itself: a `tracing` event of target `agentops`, or stderr if nobody listens.

use std::{
    fmt::Display,
    io::{Write, stderr},
};

use tracing::Level;

use crate::guarded::guarded;

/// Warns; on stderr only where no layer takes the event and the console is not switched off.
pub(crate) fn warn(may_use_stderr: bool, message: &dyn Display) {
    if tracing::enabled!(target: "agentops", Level::WARN) {
        tell(|| tracing::warn!(target: "agentops", "{message}"));
    } else if may_use_stderr {
        print(message);
    }
}

/// Informs, in the same way.
pub(crate) fn info(may_use_stderr: bool, message: &dyn Display) {
    if tracing::enabled!(target: "agentops", Level::INFO) {
        tell(|| tracing::info!(target: "agentops", "{message}"));
    } else if may_use_stderr {
        print(message);
    }
}

/// What a subscriber does with it is not to harm whoever calls us, least of all a thread that goes down.
fn tell(event: impl FnOnce()) {
    _ = guarded(event);
}

/// Writes a line to stderr; a closed stderr is nobody's business.
pub(crate) fn print(message: &dyn Display) {
    let _ = writeln!(stderr().lock(), "agentops: {message}");
}
