//! What a span that lives knows of itself.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use opentelemetry_sdk::trace::SpanData;

use super::{recorder::SpanRecorder, started::Started};
use crate::{
    process::fork,
    record::slot,
    session::{Birth, LiveSpan, SessionLease, SessionState, SpanSource},
};

/// What a span that lives knows of itself.
#[derive(Debug)]
pub(super) struct LiveRecord {
    ended: Arc<SpanRecorder>,
    session: Arc<SessionState>,
    birth: Birth,
    /// Keeps its session open.
    lease: Option<SessionLease>,
    /// Whether it is among the living spans that can be found by their ids.
    is_listed: AtomicBool,
    /// Whether its start is known to whoever comes after a crash, or needs not to be.
    is_announced: AtomicBool,
}

impl LiveRecord {
    /// One of ours is listed only where somebody looks for it: below or beside spans of frameworks, or when it
    /// is asked.
    pub(super) fn of(
        ended: &Arc<SpanRecorder>,
        started: &Started<'_>,
        data: impl Fn() -> Option<SpanData>,
    ) -> Self {
        let (session, birth) = (started.session, ended.birth_of(started));
        let is_listed = birth.origin != SpanSource::Own || session.has_adopted();
        if is_listed {
            ended.tie(started, birth, &data);
        }
        ended.begin(birth, session, &data);
        // The one was announced just now; of the others, what is exported may stand under another id.
        let is_announced = birth.slot == slot::SESSION || birth.origin != SpanSource::Own;
        let (is_listed, is_announced) = (is_listed.into(), is_announced.into());
        let (ended, lease) = (Arc::clone(ended), birth.lease(session));
        Self { ended, session: Arc::clone(session), birth, lease, is_listed, is_announced }
    }

    /// Lets it be known that the span has begun: without it, its children would hang in the air.
    #[cold]
    pub(super) fn announce(&self, span: &SpanData) {
        if self.ended.sink.wants_starts() && !self.is_announced.swap(true, Ordering::Relaxed) {
            self.ended.sink.begin(span.clone(), Arc::clone(&self.session));
        }
    }

    /// Lets the span be found.
    pub(super) fn list(&self, span: &SpanData) {
        if !self.is_listed.swap(true, Ordering::Relaxed) {
            let id = span.span_context.span_id();
            self.ended.live().insert(id, self.itself(span));
        }
    }

    /// Takes the span, which has ended. In a forked child whatever lock there is may be held for ever.
    #[inline(always)]
    pub(super) fn end(self, span: Box<SpanData>) {
        // In the queue before the lease is returned: the root is the last.
        let Self { ended, session, birth, lease: _lease, is_listed, .. } = self;
        if fork::is_child() {
            return;
        }
        if is_listed.into_inner() {
            ended.untie(span);
        } else {
            ended.own(span, session, birth.slot, None);
        }
    }

    /// A span of ours where all are: each stands for itself.
    fn itself(&self, span: &SpanData) -> LiveSpan {
        LiveSpan {
            session: Arc::clone(&self.session),
            parent: span.parent_span_id,
            nearest: span.span_context.span_id(),
            birth: self.birth,
            run_below: None,
            told: None,
            context: None,
            lease: None,
        }
    }
}
