//! Leases that keep a session open after its function has returned, and the end of a session.
//!
//! ```text
//! function returns, last handle dropped ─▶ outcome noted ─┐
//! last lease returned: streams, futures, spawned tasks ───┴▶ root ended, with totals and end state
//! `end(…)`, shutdown, drain timeout ───────────────────────▶ the same at once
//! ```

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use opentelemetry::{Context, KeyValue, trace::TraceContextExt};

use super::{EndState, OpenSession, SessionRegistry, SessionState, admit};
use crate::{
    process::{fork, presentable::name, report},
    record::semconv,
};

/// Lease that keeps a session open. Its function holds one, and so does each live span, task and stream below it.
#[derive(Debug)]
pub(crate) struct SessionLease(Arc<SessionState>);

impl SessionLease {
    /// Takes a lease of a session. It does not reopen a session that has ended.
    #[inline(always)]
    pub(crate) fn of(session: &Arc<SessionState>) -> Self {
        session.leases.count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(session))
    }

    pub(super) fn session(&self) -> &Arc<SessionState> {
        &self.0
    }

    /// Takes a lease of the session that a context belongs to, if it is recorded.
    pub(crate) fn in_context(context: &Context) -> Option<Self> {
        admit(context).ok().map(|place| Self::of(&place.session))
    }
}

impl Clone for SessionLease {
    fn clone(&self) -> Self {
        Self::of(&self.0)
    }
}

impl Drop for SessionLease {
    #[inline(always)]
    fn drop(&mut self) {
        self.0.return_lease();
    }
}

/// Leases of a session, and the outcome of its function.
#[derive(Debug)]
pub(super) struct Leases {
    /// Number of leases; the first belongs to the session's function or handle.
    count: AtomicUsize,
    /// Outcome of the function, set when it returns, with the deadline of the drain timeout.
    returned: OnceLock<Returned>,
}

#[derive(Debug)]
struct Returned {
    state: EndState,
    deadline: Option<Instant>,
}

impl Leases {
    pub(super) fn new() -> Self {
        Self { count: AtomicUsize::new(1), returned: OnceLock::new() }
    }
}

impl SessionState {
    #[inline(always)]
    fn return_lease(&self) {
        // `AcqRel`: everything that other lease holders did with the session happens before its end.
        if self.leases.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.finish_drained();
        }
    }

    #[cold]
    fn finish_drained(&self) {
        // A session of another process has no outcome here. One that has ended is not ended again.
        if let Some(returned) = self.leases.returned.get() {
            self.finish(returned.state);
        }
    }

    /// Notes that the session's function has returned with this end state. The session ends once the last lease is
    /// returned. Returns `true` if leases other than the function's are still held.
    pub(crate) fn leave(&self, state: EndState, root: &Context) -> bool {
        let drains = self.leases.count.load(Ordering::Acquire) > 1;
        let timeout = self.registry().rules().drain_timeout;
        if drains && timeout.is_zero() {
            self.finish(state);
            return false;
        }
        if drains {
            root.span().add_event(semconv::RETURNED_EVENT, Vec::new());
        }
        let deadline = Instant::now().checked_add(timeout);
        if self.leases.returned.set(Returned { state, deadline }).is_ok() {
            if drains && self.has_limits() {
                // Over the budget, code left behind by the function is cancelled from now on.
                self.wake();
            }
            self.return_lease();
        }
        drains
    }

    /// Returns the deadline of the drain timeout, once the function has returned.
    pub(crate) fn drain_deadline(&self) -> Option<Instant> {
        self.leases.returned.get().and_then(|returned| returned.deadline)
    }

    /// Returns `true` if the function has returned and the session is still open.
    pub(crate) fn is_draining(&self) -> bool {
        self.leases.returned.get().is_some() && !self.has_ended()
    }

    /// Ends the session if its drain timeout has passed.
    pub(crate) fn finish_overdue(&self) {
        let Some(Returned { state, deadline: Some(deadline) }) = self.leases.returned.get() else {
            return;
        };
        if *deadline > Instant::now() || self.has_ended() {
            return;
        }
        let left = self.leases.count.load(Ordering::Acquire);
        if self.finish(*state) {
            self.warn_of_drain_timeout(left);
        }
    }

    fn warn_of_drain_timeout(&self, left: usize) {
        let rules = self.registry().rules();
        let (name, timeout) = (name(&self.identity().name), rules.drain_timeout);
        let message = format_args!(
            "session `{name}` ended {timeout:?} after its function had returned, while {left} of its calls, \
             streams or tasks still ran; await them, or raise `session_drain_timeout`"
        );
        report::warn(rules.may_use_stderr, &message);
    }

    /// Ends the session at shutdown: with its function's end state if that has returned, otherwise as `Shutdown`.
    fn shut_down(&self) {
        let returned = self.leases.returned.get();
        self.finish(returned.map_or(EndState::Shutdown, |returned| returned.state));
    }

    /// Ends the session now. It is marked as ended before its totals are taken, so that spans that end later are
    /// not in them. Returns `false` if it had ended before: only the first call counts.
    pub(crate) fn finish(&self, state: EndState) -> bool {
        if fork::is_child() || !self.mark_ended() {
            return false;
        }
        let root = self.trace().and_then(|trace| self.registry().take_session(trace));
        if let Some(OpenSession { root, .. }) = root {
            let span = root.span();
            span.set_attributes(self.totals().attributes());
            self.changes().into_iter().for_each(|known| span.set_attribute(known));
            span.set_attribute(KeyValue::new(semconv::SESSION_END_STATE, state.as_str()));
            span.end();
        }
        true
    }
}

impl SessionRegistry {
    /// Ends all open spans and sessions at shutdown. Spans with children are ended first, while their sessions
    /// still count them.
    pub(crate) fn end_sessions(&self) {
        for context in self.live().take_contexts() {
            let span = context.span();
            span.set_attribute(KeyValue::new(semconv::UNFINISHED, true));
            span.end();
        }
        self.open_sessions().iter().for_each(|open| open.state.shut_down());
    }
}
