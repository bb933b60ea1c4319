//! Selection of sessions by what a summary says of them.

use super::{ids::SessionId, session_summary::SessionSummary};

/// Selection of sessions; all by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionFilter {
    /// Earliest start, in nanoseconds since 1970.
    pub(crate) since: u64,
    /// Part of the name.
    pub(crate) name: String,
    /// The only session.
    pub(crate) session: Option<SessionId>,
}

impl SessionFilter {
    /// Returns `true` if every session is selected.
    pub(super) fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Returns `true` if a session is selected.
    pub(crate) fn selects(&self, session: &SessionSummary) -> bool {
        let is_named = session.name.contains(&self.name);
        session.start >= self.since && is_named && self.may_select(session.id)
    }

    /// Returns `true` if a session with this id may be selected.
    pub(super) fn may_select(&self, id: SessionId) -> bool {
        self.session.is_none_or(|only| only == id)
    }
}
