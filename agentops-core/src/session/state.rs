//! One session: who it is, whether it lives, what it adds up to.

use std::{
    borrow::Cow,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use opentelemetry::{KeyValue, trace::TraceId};

use super::SessionRegistry;
use crate::{
    kind::SpanKind,
    semconv::{SESSION_CALLS_PREFIX, SESSION_ERRORS},
};

/// How a session ended; recorded as `agentops.session.end_state` on its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndState {
    /// It did what it was for.
    Success,
    /// It returned an error or panicked.
    Failure,
    /// It was left before it could tell: cancelled.
    Indeterminate,
}

impl EndState {
    /// The value of `agentops.session.end_state`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::Failure => "Failure",
            Self::Indeterminate => "Indeterminate",
        }
    }
}

/// What a session is called and for whom it runs.
#[derive(Debug, Default)]
pub(crate) struct Identity {
    pub(crate) name: Cow<'static, str>,
    /// The user's own id; without one a session is known by its trace.
    pub(crate) session_id: Option<Arc<str>>,
    pub(crate) user_id: Option<Arc<str>>,
}

/// A session, shared by everything that runs in it.
#[derive(Debug)]
pub(crate) struct SessionState {
    identity: Identity,
    trace: OnceLock<(TraceId, Arc<str>)>,
    sampled: bool,
    ended: AtomicBool,
    counts: Counts,
    started: Instant,
    registry: Arc<SessionRegistry>,
}

impl SessionState {
    pub(crate) fn new(registry: Arc<SessionRegistry>, identity: Identity, sampled: bool) -> Self {
        Self {
            identity,
            trace: OnceLock::new(),
            sampled,
            ended: AtomicBool::new(false),
            counts: Counts::default(),
            started: Instant::now(),
            registry,
        }
    }

    pub(crate) fn registry(&self) -> &Arc<SessionRegistry> {
        &self.registry
    }

    pub(crate) fn is_sampled(&self) -> bool {
        self.sampled
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// From here on nothing joins.
    pub(crate) fn mark_ended(&self) {
        self.ended.store(true, Ordering::Release);
    }

    /// The id that every span carries; the trace is known once the root is built.
    pub(crate) fn id(&self, trace: TraceId) -> Arc<str> {
        match &self.identity.session_id {
            Some(id) => Arc::clone(id),
            None => Arc::clone(&self.trace.get_or_init(|| (trace, trace.to_string().into())).1),
        }
    }

    pub(crate) fn set_trace(&self, trace: TraceId) {
        let _ = self.trace.set((trace, trace.to_string().into()));
    }

    pub(crate) fn is_of_trace(&self, trace: TraceId) -> bool {
        self.trace.get().is_some_and(|(own, _)| *own == trace)
    }

    pub(crate) fn user_id(&self) -> Option<&Arc<str>> {
        self.identity.user_id.as_ref()
    }

    /// Adds one ended span below the root to the totals.
    pub(crate) fn count(&self, kind: &str, failed: bool) {
        self.counts.calls[SpanKind::slot(kind)].fetch_add(1, Ordering::Relaxed);
        if failed {
            self.counts.errors.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn totals(&self) -> Totals {
        Totals {
            calls: self.counts.calls.each_ref().map(|calls| calls.load(Ordering::Relaxed)),
            errors: self.counts.errors.load(Ordering::Relaxed),
        }
    }
}

#[derive(Debug, Default)]
struct Counts {
    calls: [AtomicU64; SpanKind::SLOTS],
    errors: AtomicU64,
}

/// What the ended spans of a session add up to, the session's own span not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    calls: [u64; SpanKind::SLOTS],
    errors: u64,
}

impl Totals {
    /// How many calls of this kind have ended; all custom kinds count together.
    #[must_use]
    pub fn calls(&self, kind: SpanKind) -> u64 {
        let slot = match kind {
            SpanKind::Custom(_) => SpanKind::SLOTS - 1,
            kind => SpanKind::slot(kind.as_str()),
        };
        self.calls[slot]
    }

    /// How many of them ended in an error.
    #[must_use]
    pub const fn errors(&self) -> u64 {
        self.errors
    }

    /// The attributes of the root: the kinds that were called, and the errors.
    pub(crate) fn attributes(&self) -> Vec<KeyValue> {
        let calls = self.calls.iter().enumerate().filter(|(_, calls)| **calls > 0);
        calls
            .map(|(slot, calls)| {
                let key = format!("{SESSION_CALLS_PREFIX}{}", SpanKind::slot_name(slot));
                KeyValue::new(key, i64::try_from(*calls).unwrap_or(i64::MAX))
            })
            .chain([KeyValue::new(SESSION_ERRORS, i64::try_from(self.errors).unwrap_or(i64::MAX))])
            .collect()
    }
}

/// A look at a session, from [`current_session`](super::current_session).
#[derive(Clone, Debug)]
pub struct SessionRef {
    state: Arc<SessionState>,
}

impl SessionRef {
    pub(crate) fn new(state: Arc<SessionState>) -> Self {
        Self { state }
    }

    /// Its id: the one it was given, else its trace id in 32 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> String {
        match (&self.state.identity.session_id, self.state.trace.get()) {
            (Some(id), _) | (None, Some((_, id))) => id.to_string(),
            (None, None) => String::new(),
        }
    }

    /// Its trace id in 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        self.state.trace.get().map(|(trace, _)| trace.to_string()).unwrap_or_default()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.state.identity.name
    }

    /// The time since it started.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.state.started.elapsed()
    }

    /// What its ended spans add up to so far.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.state.totals()
    }
}
