//! A span that starts: where it stands among the others, and whose it is.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use opentelemetry::trace::SpanId;
use opentelemetry_sdk::trace::SpanData;

use super::ended::Ended;
use crate::{
    fork,
    kind::slot,
    session::{Birth, LiveSpan, LiveSpans, Origin, SessionState, Step, step_of},
};

/// A span that has just started.
pub(super) struct Started<'a> {
    pub(super) id: SpanId,
    pub(super) parent: SpanId,
    pub(super) session: &'a Arc<SessionState>,
    /// What is known of it, if anything is.
    pub(super) birth: Option<Birth>,
    /// Whether spans that are not exported may stand between those that are.
    pub(super) may_skip: bool,
}

/// What a span that lives knows of itself.
#[derive(Debug)]
pub(super) struct Life {
    ended: Arc<Ended>,
    session: Arc<SessionState>,
    birth: Birth,
    /// Whether it is among the living spans that can be found by their ids.
    is_listed: AtomicBool,
}

impl Life {
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
        let Self { ended, session, birth, is_listed } = self;
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
        }
    }
}

impl Ended {
    /// Starts the life of a span. One of ours is listed only where somebody looks for it: below or beside spans
    /// of frameworks, or when it is asked.
    pub(super) fn start(
        ended: &Arc<Self>,
        started: &Started<'_>,
        data: impl Fn() -> Option<SpanData>,
    ) -> Life {
        let (session, birth) = (started.session, ended.birth_of(started));
        let is_own = birth.origin == Origin::Own;
        let is_listed = !is_own || session.has_adopted();
        if is_listed {
            ended.tie(started, birth, &data);
        }
        if birth.slot == slot::SESSION {
            ended.begin(session, &data);
        }
        let (ended, session) = (Arc::clone(ended), Arc::clone(session));
        Life { ended, session, birth, is_listed: is_listed.into() }
    }

    pub(super) fn live(&self) -> &LiveSpans {
        self.registry.live()
    }

    /// Lists a span for as long as it lives; `data` copies what it holds.
    pub(super) fn tie(
        &self,
        started: &Started<'_>,
        birth: Birth,
        data: &impl Fn() -> Option<SpanData>,
    ) {
        let Started { id, parent, session, .. } = *started;
        if matches!(birth.origin, Origin::Adopted | Origin::Folded) {
            session.note_adopted();
        }
        // Where all spans are ours, each stands for itself.
        let skips = started.may_skip || session.has_adopted();
        let parent = if skips { self.live().nearest(parent).unwrap_or(parent) } else { parent };
        let stands = matches!(birth.origin, Origin::Own | Origin::Adopted);
        let nearest = if stands { id } else { parent };
        let is_adopted = birth.origin == Origin::Adopted;
        let run = is_adopted.then(|| self.run_of(data, parent, session)).flatten();
        let (run_below, parent) = run.map_or((None, parent), |run| (Some(parent), run));
        let session = Arc::clone(session);
        let live = LiveSpan { session, parent, nearest, birth, run_below, told: None };
        self.live().insert(id, live);
    }

    /// Says that a session has begun, to whoever comes after a crash.
    pub(super) fn begin(&self, session: &Arc<SessionState>, data: &impl Fn() -> Option<SpanData>) {
        if self.sink.wants_starts() {
            data().into_iter().for_each(|root| self.sink.begin(root, Arc::clone(session)));
        }
    }

    pub(super) fn birth_of(&self, started: &Started<'_>) -> Birth {
        let passing = Birth { slot: slot::CUSTOM, origin: Origin::Passing };
        let birth = started.birth.unwrap_or(passing);
        // One call of a model inside another is the same call.
        if birth.origin == Origin::Adopted && birth.slot == slot::LLM {
            let outer = self.live().nearest(started.parent);
            let outer = outer.and_then(|outer| self.live().birth(outer));
            if outer.is_some_and(|outer| outer.slot == birth.slot) {
                return Birth { origin: Origin::Folded, ..birth };
            }
        }
        birth
    }

    /// The run of an agent that a framework's span is a step of, where there is no span for the run.
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
        let step = step_of(&span)?;
        let found = self.live().tell(parent, |told| match step {
            Step::Tool => told.runs.tool(),
            Step::Turn => {
                let (run, new) = told.runs.turn(&span, parent);
                if let Some(new) = new {
                    session.count(slot::AGENT, new);
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

    /// Takes a span that has ended, if it was tied to a session. In a forked child whatever lock there is may
    /// be held for ever.
    pub(super) fn untie(&self, span: Box<SpanData>) {
        if fork::is_child() {
            return;
        }
        if let Some(live) = self.live().remove(span.span_context.span_id()) {
            self.take(span, live);
        }
    }
}
