//! Span that starts: its parent, its session, and its place among the live spans.

use std::sync::Arc;

use opentelemetry::{
    Context,
    trace::{SpanId, Status, TraceContextExt},
};
use opentelemetry_sdk::trace::SpanData;

use super::{recorder::SpanRecorder, sink::EndedSpan};
use crate::{
    process::fork,
    record::RecordedKind,
    session::{Birth, LiveSpan, LiveSpans, SessionState, SpanSource, Step, step_of},
};

/// Span that has just started.
pub(super) struct Started<'a> {
    pub(super) id: SpanId,
    pub(super) parent: SpanId,
    pub(super) session: &'a Arc<SessionState>,
    /// Kind and source of the span, seen by itself.
    pub(super) birth: Birth,
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
        if matches!(birth.source, SpanSource::Adopted | SpanSource::Folded) {
            session.note_adopted();
        }
        // Where all spans are ours, every parent is exported.
        let skips = started.may_skip || session.has_adopted();
        let parent = if skips { self.live().nearest(parent).unwrap_or(parent) } else { parent };
        let stands = matches!(birth.source, SpanSource::Own | SpanSource::Adopted);
        let nearest = if stands { id } else { parent };
        let is_adopted = birth.source == SpanSource::Adopted;
        let run = is_adopted.then(|| self.run_of(birth.kind, data, parent, session)).flatten();
        let (agent_run_host, parent) = run.map_or((None, parent), |run| (Some(parent), run));
        if birth.source == SpanSource::Folded {
            self.live().tell(nearest, |told| told.open += 1);
        }
        let session = Arc::clone(session);
        let lease = started.may_skip.then(|| birth.lease(&session)).flatten();
        let (told, context) = (None, None);
        let live =
            LiveSpan { session, parent, nearest, birth, agent_run_host, told, context, lease };
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
        if birth.kind == RecordedKind::Session && self.sink.wants_starts() {
            data().into_iter().for_each(|root| {
                let (kind, session) = (birth.kind, Arc::clone(session));
                self.sink.begin(EndedSpan { kind, span: Box::new(root), session });
            });
        }
    }

    /// Returns the kind and source of a span, seen together with the spans around it: a model call inside another
    /// model call is the same call.
    pub(super) fn birth_of(&self, started: &Started<'_>) -> Birth {
        let birth = started.birth;
        if birth.source == SpanSource::Adopted && birth.kind == RecordedKind::Llm {
            let outer = self.live().nearest(started.parent);
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
        let step = step_of(kind, &span)?;
        let found = self.live().tell(parent, |told| match step {
            Step::Tool => told.runs.tool(),
            Step::Turn => {
                let (run, new) = told.runs.turn(&span, parent);
                if let Some(new) = new {
                    session.count(RecordedKind::Agent, new);
                }
                Some(run)
            }
        });
        let ended = self.live().tell(parent, |told| told.runs.take_ended());
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
