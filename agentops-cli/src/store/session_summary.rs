//! Session as a list shows it.

use super::{
    ids::{SessionId, SpanId},
    known_attributes::KnownAttributes,
    raw_span::RawSpan,
    span_table::SpanTable,
};

/// State of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionState {
    /// Its process runs, and the root has not ended.
    Running,
    Succeeded,
    Failed,
    /// It was cancelled, or its handle was dropped without an end.
    Indeterminate,
    /// Its process ended in an orderly way while it was running.
    ShutDown,
    /// Its process died.
    Aborted,
    /// It has no root, and nothing tells whether its process still runs.
    Unfinished,
}

/// Session as a list shows it: from its root if it has ended, else from its spans so far.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SessionSummary {
    pub(crate) id: SessionId,
    pub(crate) name: String,
    /// Start, in nanoseconds since 1970.
    pub(crate) start: u64,
    /// End of the root, or of the last span so far.
    pub(crate) end: u64,
    pub(crate) state: SessionState,
    /// Number of spans, with the root.
    pub(crate) spans: u64,
    pub(crate) llm_calls: u64,
    pub(crate) tool_calls: u64,
    pub(crate) input_tokens: Option<u64>,
    pub(crate) output_tokens: Option<u64>,
    /// Cost in US dollars; `None` if no call has a known cost.
    pub(crate) cost: Option<f64>,
    pub(crate) errors: u64,
    pub(crate) user: Option<String>,
    pub(crate) tags: Vec<String>,
    /// Session and span that it was started in, once it has ended.
    pub(crate) started_by: Option<(SessionId, SpanId)>,
    /// Names of the spans that run now, from the outside in.
    pub(crate) step: Vec<String>,
    /// Bytes on disk.
    pub(crate) bytes: u64,
}

impl SessionState {
    /// Returns the state that a root records; a root of another library has only its status.
    pub(super) fn of_root(end_state: Option<&str>, has_failed: bool) -> Self {
        match end_state {
            Some("Success") => Self::Succeeded,
            Some("Failure") => Self::Failed,
            Some("Indeterminate") => Self::Indeterminate,
            Some("Shutdown") => Self::ShutDown,
            Some("Aborted") => Self::Aborted,
            _ if has_failed => Self::Failed,
            _ => Self::Succeeded,
        }
    }
}

impl SessionSummary {
    /// Summarises an ended session by its root. Returns `None` if the root has no totals, as one of another library.
    pub(super) fn of_root(id: SessionId, root: &RawSpan<'_>, bytes: u64) -> Option<Self> {
        if root.trace_id.parse() != Ok(id) {
            return None;
        }
        let known = KnownAttributes::of(root);
        let has_failed = root.error().is_some();
        let end_state = known.end_state.as_deref()?;
        let totals = &known.session;
        let calls = |kind: &str| {
            let of_kind = totals.calls.iter().filter(|(name, _)| name == kind);
            of_kind.map(|(_, calls)| calls).sum()
        };
        Some(Self {
            id,
            name: known.name.as_deref().unwrap_or(&root.name).to_owned(),
            start: root.start(),
            end: root.end(),
            state: SessionState::of_root(Some(end_state), has_failed),
            spans: 1 + totals.calls.iter().map(|(_, calls)| calls).sum::<u64>(),
            llm_calls: calls("llm"),
            tool_calls: calls("tool"),
            input_tokens: totals.input_tokens,
            output_tokens: totals.output_tokens,
            cost: totals.cost,
            errors: totals.errors.unwrap_or_else(|| u64::from(has_failed)),
            user: known.user.as_deref().map(str::to_owned),
            tags: known.tags,
            started_by: root.link().filter(|(session, _)| *session != id),
            step: Vec::new(),
            bytes,
        })
    }
}

impl SessionSummary {
    /// Summarises a session without spans.
    pub(super) fn begun(id: SessionId) -> Self {
        Self {
            id,
            name: String::new(),
            start: 0,
            end: 0,
            state: SessionState::Unfinished,
            spans: 0,
            llm_calls: 0,
            tool_calls: 0,
            input_tokens: None,
            output_tokens: None,
            cost: None,
            errors: 0,
            user: None,
            tags: Vec::new(),
            started_by: None,
            step: Vec::new(),
            bytes: 0,
        }
    }

    /// Adds further spans of a session. The last root counts.
    pub(super) fn add(&mut self, table: &SpanTable) {
        for row in table.rows() {
            self.start = if self.spans == 0 { row.start } else { self.start.min(row.start) };
            self.spans += 1;
            self.llm_calls += u64::from(table.text(row.kind) == "llm");
            self.tool_calls += u64::from(table.text(row.kind) == "tool");
            self.input_tokens = sum(self.input_tokens, row.tokens.input);
            self.output_tokens = sum(self.output_tokens, row.tokens.output);
            self.cost = self.cost.into_iter().chain(row.cost).reduce(|sum, usd| sum + usd);
            self.errors += u64::from(row.error.is_some());
            if row.parent.is_none() {
                self.state = SessionState::of_root(None, row.error.is_some());
                (self.name, self.end) = (table.text(row.name).to_owned(), row.end);
            } else if self.state == SessionState::Unfinished {
                self.end = self.end.max(row.end);
            }
        }
    }
}

fn sum(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    one.into_iter().chain(other).reduce(u64::saturating_add)
}
