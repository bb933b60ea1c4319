//! Span that starts: its parent, its session, and its place among the live spans.

use std::sync::Arc;

use opentelemetry::{
    Context,
    trace::{SpanId, Status, TraceContextExt},
};
use opentelemetry_sdk::trace::SpanData;

use super::recorder::SpanRecorder;
use crate::{
    process::fork,
    record::slot,
    session::{Birth, LiveSpan, LiveSpans, RunStep, SessionState, SpanSource, run_step_of},
};

/// Span that has just started.
pub(super) struct Started<'a> {
    pub(super) id: SpanId,
    pub(super) parent: SpanId,
    pub(super) session: &'a Arc<SessionState>,
    /// Kind and source of the span, if they are known.
    pub(super) birth: Option<Birth>,
    /// `true` if spans that are not exported may stand between exported ones.
    pub(super) may_skip: bool,
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
        if matches!(birth.origin, SpanSource::Adopted | SpanSource::Folded) {
            session.note_adopted();
        }
        // Where all spans are ours, every parent is exported.
        let skips = started.may_skip || session.has_adopted();
        let parent =
            if skips { self.live().exported_ancestor(parent).unwrap_or(parent) } else { parent };
        let stands = matches!(birth.origin, SpanSource::Own | SpanSource::Adopted);
        let exported_ancestor = if stands { id } else { parent };
        let is_adopted = birth.origin == SpanSource::Adopted;
        let run = is_adopted.then(|| self.run_of(data, parent, session)).flatten();
        let (agent_run_host, parent) = run.map_or((None, parent), |run| (Some(parent), run));
        if birth.origin == SpanSource::Folded {
            self.live().amend(exported_ancestor, |amendments| amendments.open_folded += 1);
        }
        let session = Arc::clone(session);
        let lease = started.may_skip.then(|| birth.lease(&session)).flatten();
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
    pub(super) fn keep_parent(&self, place: &Context, session: &SessionState) {
        let span = place.span();
        let parent = span.span_context();
        let is_root = session.root().is_some_and(|root| root.span_id() == parent.span_id());
        // `is_recording` also registers the span in the live spans, where `keep_context` looks it up.
        if parent.is_valid()
            && !parent.is_remote()
            && !is_root
            && span.is_recording()
            && self.live().keep_context(parent.span_id(), place)
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
        if birth.slot == slot::SESSION && self.sink.wants_starts() {
            data().into_iter().for_each(|root| self.sink.begin(root, Arc::clone(session)));
        }
    }

    pub(super) fn birth_of(&self, started: &Started<'_>) -> Birth {
        let passing = Birth { slot: slot::CUSTOM, origin: SpanSource::NotExported };
        let birth = started.birth.unwrap_or(passing);
        // A model call inside another model call is the same call.
        if birth.origin == SpanSource::Adopted && birth.slot == slot::LLM {
            let outer = self.live().exported_ancestor(started.parent);
            let outer = outer.and_then(|outer| self.live().birth(outer));
            if outer.is_some_and(|outer| outer.slot == birth.slot) {
                return Birth { origin: SpanSource::Folded, ..birth };
            }
        }
        birth
    }

    /// Returns the run of an agent that a framework's span is a step of, if the framework emits no span for the run.
    fn run_of(
        &self,
        data: impl Fn() -> Option<SpanData>,
        parent: SpanId,
        session: &Arc<SessionState>,
    ) -> Option<SpanId> {
        if self.live().birth(parent).is_none_or(|parent| parent.slot == slot::AGENT) {
            return None;
        }
        let span = data()?;
        let step = run_step_of(&span)?;
        let found = self.live().amend(parent, |amendments| match step {
            RunStep::Tool => amendments.agent_runs.start_tool_call(),
            RunStep::Turn => {
                let (run, new) = amendments.agent_runs.start_turn(&span, parent);
                if let Some(new) = new {
                    session.add_span(slot::AGENT, new);
                }
                Some(run)
            }
        });
        let ended = self.live().amend(parent, |amendments| amendments.agent_runs.remove_ended());
        for run in ended.into_iter().flatten() {
            self.run(run, session);
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
            self.take(span, live);
        }
    }
}
