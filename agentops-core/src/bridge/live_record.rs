//! Bookkeeping of a live span, besides its data.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use opentelemetry_sdk::trace::SpanData;

use super::{recorder::SpanRecorder, span_sink::EndedSpan, started_span::Started};
use crate::{
    process::fork,
    record::RecordedKind,
    session::{Birth, LiveSpan, SessionLease, SessionState, SpanSource},
};

/// Bookkeeping of a live span, besides its data.
#[derive(Debug)]
pub(super) struct LiveRecord {
    recorder: Arc<SpanRecorder>,
    session: Arc<SessionState>,
    birth: Birth,
    /// Lease that keeps the session open.
    lease: Option<SessionLease>,
    /// `true` once the span can be found by its id among the live spans.
    is_listed: AtomicBool,
    /// `true` once the sink has received the start of the span, or if it does not need it.
    is_announced: AtomicBool,
}

impl LiveRecord {
    /// Creates the record of a span that starts. A span of ours is listed only where it is looked up: below or beside
    /// spans of frameworks, or once `is_recording` was called on it.
    pub(super) fn of(
        recorder: &Arc<SpanRecorder>,
        started: &Started<'_>,
        data: impl Fn() -> Option<SpanData>,
    ) -> Self {
        let (session, birth) = (started.session, recorder.resolve_birth(started));
        // A span that nobody looks up does not pay for the table: 250 instructions.
        let is_listed = birth.source != SpanSource::Own || session.has_adopted();
        if is_listed {
            recorder.track(started, birth, &data);
        }
        recorder.begin(birth, session, &data);
        // The root of a session was announced just now. Adopted spans may be exported under another id.
        let is_announced = birth.kind == RecordedKind::Session || birth.source != SpanSource::Own;
        let (is_listed, is_announced) = (is_listed.into(), is_announced.into());
        let (recorder, lease) = (Arc::clone(recorder), birth.lease(session));
        Self { recorder, session: Arc::clone(session), birth, lease, is_listed, is_announced }
    }

    /// Sends the start of a span that has children to the sink: if the process dies, the children would have no
    /// parent.
    #[cold]
    pub(super) fn announce(&self, span: &SpanData) {
        if self.recorder.sink.wants_starts() && !self.is_announced.swap(true, Ordering::Relaxed) {
            let (kind, session) = (self.birth.kind, Arc::clone(&self.session));
            let span = Box::new(span.clone());
            self.recorder.sink.begin(EndedSpan { kind, span, session });
        }
    }

    /// Registers the span among the live spans.
    pub(super) fn list(&self, span: &SpanData) {
        if !self.is_listed.swap(true, Ordering::Relaxed) {
            let id = span.span_context.span_id();
            self.recorder.live().insert(id, self.own_entry(span));
        }
    }

    /// Takes the span, which has ended. In a forked child any lock may be held forever, so nothing is recorded
    /// there.
    #[inline(always)]
    pub(super) fn end(self, span: Box<SpanData>) {
        // Queued before the lease is returned, so that the root comes last.
        let Self { recorder, session, birth, lease: _lease, is_listed, .. } = self;
        if fork::is_child() {
            return;
        }
        if is_listed.into_inner() {
            recorder.untrack(span);
        } else {
            recorder.record_own(EndedSpan { kind: birth.kind, span, session }, None);
        }
    }

    /// Returns the entry of a span of ours where all spans are ours: each is its own exported span.
    fn own_entry(&self, span: &SpanData) -> LiveSpan {
        LiveSpan {
            session: Arc::clone(&self.session),
            parent: span.parent_span_id,
            exported_ancestor: span.span_context.span_id(),
            birth: self.birth,
            agent_run_host: None,
            amendments: None,
            context: None,
            lease: None,
        }
    }
}
