//! Span that starts: its parent, its session, and its place among the live spans.

use std::sync::Arc;

use opentelemetry::{
    Context,
    trace::{SpanId, Status, TraceContextExt},
};
use opentelemetry_sdk::trace::SpanData;

use super::{recorder::SpanRecorder, span_sink::EndedSpan};
use crate::{
    process::fork,
    record::RecordedKind,
    session::{
        Birth, LiveSpan, LiveSpans, RunStep, SessionState, SpanSource, list_live, run_step_of,
    },
};

/// Provider of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Provider {
    /// Our tracer.
    Own,
    /// A provider of the program's own. Spans that are not exported may stand between exported ones.
    Program,
}

/// Span that has just started.
pub(super) struct Started<'a> {
    pub(super) id: SpanId,
    pub(super) parent: SpanId,
    pub(super) session: &'a Arc<SessionState>,
    /// Kind and source of the span, seen by itself.
    pub(super) birth: Birth,
    pub(super) provider: Provider,
}

impl SpanRecorder {
    pub(super) fn live(&self) -> &LiveSpans {
        self.registry.live()
    }

    /// Lists a span for as long as it is live. `data` copies the span's current data.
    pub(super) fn track(
        &self,
        started: &Started<'_>,
        birth: Birth,
        data: &impl Fn() -> Option<SpanData>,
    ) {
        let Started { id, parent, session, .. } = *started;
        if matches!(birth.source, SpanSource::Adopted | SpanSource::Folded) {
            session.note_adopted();
        }
        // Where all spans are ours, every parent is exported.
        let skips = started.provider == Provider::Program || session.has_adopted();
        let parent =
            if skips { self.live().exported_ancestor(parent).unwrap_or(parent) } else { parent };
        let is_exported = matches!(birth.source, SpanSource::Own | SpanSource::Adopted);
        let exported_ancestor = if is_exported { id } else { parent };
        let is_adopted = birth.source == SpanSource::Adopted;
        let run = is_adopted.then(|| self.run_of(birth.kind, data, parent, session)).flatten();
        let (agent_run_host, parent) = run.map_or((None, parent), |run| (Some(parent), run));
        if birth.source == SpanSource::Folded {
            self.live().amend(exported_ancestor, |amendments| amendments.open_folded += 1);
        }
        let session = Arc::clone(session);
        let lease = match started.provider {
            // The live record of the span has the lease.
            Provider::Own => None,
            Provider::Program => birth.lease(&session),
        };
        let (amendments, context) = (None, None);
        let live = LiveSpan {
            session,
            parent,
            exported_ancestor,
            birth,
            agent_run_host,
            amendments,
            context,
            lease,
        };
        self.live().insert(id, live);
    }

    /// Keeps the context of a span that has children, so that the span can be ended with its session.
    #[cold]
    pub(super) fn keep_parent(&self, context: &Context, session: &SessionState) {
        let span = context.span();
        let parent = span.span_context();
        let is_root = session.root().is_some_and(|root| root.span_id() == parent.span_id());
        // Listed, so that `keep_context` finds it.
        if parent.is_valid()
            && !parent.is_remote()
            && !is_root
            && list_live(&span)
            && self.live().keep_context(parent.span_id(), context)
        {
            span.set_status(Status::Unset);
        }
    }

    /// Sends the start of a session's root to the sink, so that the session is known after a crash.
    pub(super) fn begin(
        &self,
        birth: Birth,
        session: &Arc<SessionState>,
        data: &impl Fn() -> Option<SpanData>,
    ) {
        if birth.kind == RecordedKind::Session && self.sink.wants_starts() {
            data().into_iter().for_each(|root| {
                let (kind, session) = (birth.kind, Arc::clone(session));
                self.sink.begin(EndedSpan { kind, span: Box::new(root), session });
            });
        }
    }

    /// Returns the kind and source of a span, seen together with the spans around it: a model call inside another
    /// model call is the same call.
    pub(super) fn resolve_birth(&self, started: &Started<'_>) -> Birth {
        let birth = started.birth;
        if birth.source == SpanSource::Adopted && birth.kind == RecordedKind::Llm {
            let outer = self.live().exported_ancestor(started.parent);
            let outer = outer.and_then(|outer| self.live().birth(outer));
            if outer.is_some_and(|outer| outer.kind == birth.kind) {
                return Birth { source: SpanSource::Folded, ..birth };
            }
        }
        birth
    }

    /// Returns the run of an agent that a framework's span is a step of, if the framework emits no span for the run.
    fn run_of(
        &self,
        kind: RecordedKind,
        data: impl Fn() -> Option<SpanData>,
        parent: SpanId,
        session: &Arc<SessionState>,
    ) -> Option<SpanId> {
        if self.live().birth(parent).is_none_or(|parent| parent.kind == RecordedKind::Agent) {
            return None;
        }
        let span = data()?;
        let step = run_step_of(kind, &span)?;
        let found = self.live().amend(parent, |amendments| match step {
            RunStep::Tool => amendments.agent_runs.start_tool_call(),
            RunStep::Turn => {
                let (run, new) = amendments.agent_runs.start_turn(&span, parent);
                if let Some(new) = new {
                    session.add_span(RecordedKind::Agent, new);
                }
                Some(run)
            }
        });
        let ended = self.live().amend(parent, |amendments| amendments.agent_runs.remove_ended());
        for run in ended.into_iter().flatten() {
            self.record_agent_run(run, session);
        }
        found.flatten()
    }

    /// Takes a span that has ended, if it was listed. In a forked child any lock may be held forever, so nothing is
    /// recorded there.
    pub(super) fn untrack(&self, span: Box<SpanData>) {
        if fork::is_child() {
            return;
        }
        if let Some(live) = self.live().remove(span.span_context.span_id()) {
            self.record(span, live);
        }
    }
}
