//! End state of a session.

/// End state of a session, recorded as `agentops.session.end_state` on its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndState {
    /// The session completed without an error.
    Success,
    /// The session returned an error or panicked.
    Failure,
    /// The session was cancelled, or its handle was dropped without an end.
    Indeterminate,
    /// Tracing or the process was shut down while the session's function was running.
    Shutdown,
    /// The process died while the session was running. Set by the process that later closes or sends what the dead
    /// one left on disk.
    Aborted,
}

impl EndState {
    /// Returns the value of `agentops.session.end_state`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::Failure => "Failure",
            Self::Indeterminate => "Indeterminate",
            Self::Shutdown => "Shutdown",
            Self::Aborted => "Aborted",
        }
    }
}
