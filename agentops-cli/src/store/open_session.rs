//! Session that has no root yet.

use std::path::Path;

use agentops_core::store::OpenSession;

use super::{
    ids::SessionId,
    session_summary::{SessionState, SessionSummary},
};

/// Ending of the file that names an open session.
pub(super) const ENDING: &str = "open";

/// Completes the summary of a session without a root by what its process has written beside its file.
pub(super) fn complete(summary: &mut SessionSummary, dir: &Path, id: SessionId) {
    if summary.state != SessionState::Unfinished {
        return;
    }
    let Ok(open) = OpenSession::read(&dir.join(format!("{id}.{ENDING}"))) else { return };
    summary.state = if open.is_alive() {
        summary.step = open.steps();
        SessionState::Running
    } else {
        SessionState::Aborted
    };
    summary.name = open.name;
    summary.start = open.start_unix_nano;
    summary.end = summary.end.max(summary.start);
    summary.user = open.user_id;
    summary.tags = open.tags;
}
