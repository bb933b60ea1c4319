//! Session that has no root yet.

use std::path::Path;

use agentops_core::store::OpenSession;

use super::{
    ids::SpanId,
    session_summary::{SessionState, SessionSummary},
};

/// Ending of the file that names an open session.
pub(super) const ENDING: &str = "open";

/// Span that runs, with its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OpenSpan {
    pub(crate) id: SpanId,
    pub(crate) parent: SpanId,
}

impl OpenSpan {
    /// Reads the spans of a session that run now, beside its file.
    pub(super) fn all(file: &Path) -> Vec<Self> {
        let Ok(open) = OpenSession::read(&file.with_extension(ENDING)) else { return Vec::new() };
        let spans = open.spans().into_iter().filter_map(|span| {
            Some(Self { id: span.span_id.parse().ok()?, parent: span.parent_span_id.parse().ok()? })
        });
        spans.collect()
    }
}

/// Completes the summary of a session without a root by what its process has written beside its file.
pub(super) fn complete(summary: &mut SessionSummary, file: &Path) {
    if summary.state != SessionState::Unfinished {
        return;
    }
    let Ok(open) = OpenSession::read(&file.with_extension(ENDING)) else { return };
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
