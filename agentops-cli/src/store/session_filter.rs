//! Selection of sessions by what a summary says of them.

use super::session_summary::SessionSummary;

/// Selection of sessions; all by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionFilter {
    /// Earliest start, in nanoseconds since 1970.
    pub(crate) since: u64,
    /// Part of the name.
    pub(crate) name: String,
}

impl SessionFilter {
    /// Returns `true` if every session is selected.
    pub(super) fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Returns `true` if a session is selected.
    pub(crate) fn selects(&self, session: &SessionSummary) -> bool {
        session.start >= self.since && session.name.contains(&self.name)
    }
}
