//! State of a session that has no root yet.

use std::path::Path;

use super::{ids::SessionId, session_summary::SessionState};

/// Returns the state of a session without a root.
pub(super) fn open_state(_dir: &Path, _id: SessionId) -> SessionState {
    SessionState::Unfinished
}
