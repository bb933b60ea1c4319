//! Sessions that a session has to do with: the one that it was started in, and those that were started in it.

use serde::Serialize;

use super::{seen_list::SeenList, session_list::state_word};
use crate::store::{SessionId, SessionSummary, SpanId};

/// Sessions around a session.
#[derive(Debug, Default, Serialize)]
pub(super) struct RelatedSessions {
    started_by: Option<RelatedSession>,
    /// Those that have ended, the first one first.
    started: Vec<RelatedSession>,
}

#[derive(Debug, Serialize)]
struct RelatedSession {
    id: String,
    /// Span in which the inner one of the two was started.
    span: String,
    /// `None` if the store does not have the session.
    name: Option<String>,
    state: Option<&'static str>,
}

impl RelatedSessions {
    /// Finds the sessions around one.
    pub(super) fn new(list: &SeenList, summary: &SessionSummary) -> Self {
        let started_by =
            summary.started_by.map(|(session, span)| related(session, span, list.get(session)));
        let started = list.started_in(summary.id).into_iter();
        let started = started.map(|(span, inner)| related(inner.id, span, Some(inner))).collect();
        Self { started_by, started }
    }

    /// Returns the number of sessions that were started in the session.
    pub(super) fn started(&self) -> usize {
        self.started.len()
    }
}

fn related(id: SessionId, span: SpanId, summary: Option<&SessionSummary>) -> RelatedSession {
    RelatedSession {
        id: id.to_string(),
        span: span.to_string(),
        name: summary.map(|summary| summary.name.clone()),
        state: summary.map(|summary| state_word(summary.state)),
    }
}
