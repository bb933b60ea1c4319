//! Document of the list of sessions.

use serde::Serialize;

use super::{seen_list::ListPart, store_place::StorePlace};
use crate::store::{Faults, SessionState, SessionSummary};

/// List of sessions, or what has changed of it.
#[derive(Debug, Serialize)]
pub(super) struct SessionListDocument<'l> {
    version: &'l str,
    /// The list is whole, also if a version was named.
    whole: bool,
    folder: &'l str,
    /// Paths of what is viewed, if it is several.
    paths: &'l [String],
    now: String,
    sessions: Vec<SummaryDocument<'l>>,
    gone: Vec<String>,
    faults: Option<FaultsDocument>,
}

/// Session of the list.
#[derive(Debug, Serialize)]
struct SummaryDocument<'l> {
    id: String,
    name: &'l str,
    start: String,
    took: u64,
    state: &'static str,
    spans: u64,
    llm: u64,
    tools: u64,
    input: Option<u64>,
    output: Option<u64>,
    cost: Option<f64>,
    errors: u64,
    user: Option<&'l str>,
    tags: &'l [String],
    step: &'l [String],
}

/// Parts that could not be read.
#[derive(Debug, Serialize)]
pub(super) struct FaultsDocument {
    count: u64,
    text: Vec<String>,
}

impl<'l> SessionListDocument<'l> {
    /// Creates the document of a part of the list, at a time in nanoseconds since 1970.
    pub(super) fn new(part: &'l ListPart<'l>, place: &'l StorePlace, now: u64) -> Self {
        Self {
            version: &part.version,
            whole: part.is_whole,
            folder: &place.folder,
            paths: &place.paths,
            now: now.to_string(),
            sessions: part.sessions.iter().map(|session| summary(session)).collect(),
            gone: part.gone.iter().map(ToString::to_string).collect(),
            faults: FaultsDocument::new(part.faults),
        }
    }
}

fn summary(session: &SessionSummary) -> SummaryDocument<'_> {
    SummaryDocument {
        id: session.id.to_string(),
        name: &session.name,
        start: session.start.to_string(),
        took: session.end.saturating_sub(session.start),
        state: state_word(session.state),
        spans: session.spans,
        llm: session.llm_calls,
        tools: session.tool_calls,
        input: session.input_tokens,
        output: session.output_tokens,
        cost: session.cost,
        errors: session.errors,
        user: session.user.as_deref(),
        tags: &session.tags,
        step: &session.step,
    }
}

/// Returns the name of a state in the documents.
pub(super) fn state_word(state: SessionState) -> &'static str {
    match state {
        SessionState::Running => "running",
        SessionState::Succeeded => "ok",
        SessionState::Failed => "failed",
        SessionState::Indeterminate => "indeterminate",
        SessionState::ShutDown => "shutdown",
        SessionState::Aborted => "aborted",
        SessionState::Unfinished => "unfinished",
    }
}

impl FaultsDocument {
    /// Creates the document; `None` if there are no faults.
    pub(super) fn new(faults: &Faults) -> Option<Self> {
        let text = faults.first().iter().map(ToString::to_string).collect();
        (faults.count() > 0).then(|| Self { count: faults.count(), text })
    }
}
