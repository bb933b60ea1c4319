//! Leases, which keep a session open after its function has returned, and its end.
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

/// Keeps a session open: its function has one, and each span, task and stream below it that has not ended.
#[derive(Debug)]
pub(crate) struct SessionLease(Arc<SessionState>);

impl SessionLease {
    /// A lease of a session. One of a session that has ended opens it no more.
    #[inline(always)]
    pub(crate) fn of(session: &Arc<SessionState>) -> Self {
        session.leases.count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(session))
    }

    pub(super) fn session(&self) -> &Arc<SessionState> {
        &self.0
    }

    /// A lease of the session that a context belongs to, if that is recorded.
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

/// The leases of a session, and what its function came to.
#[derive(Debug)]
pub(super) struct Leases {
    /// The first is that of its function, or its handle.
    count: AtomicUsize,
    /// The function's outcome, from its return on, and the moment at which nothing is waited for any longer.
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
        // What the others have done with the session comes before its end.
        if self.leases.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.finish_drained();
        }
    }

    #[cold]
    fn finish_drained(&self) {
        // A session of another process has no outcome here, and one that has ended is not ended again.
        if let Some(returned) = self.leases.returned.get() {
            self.finish(returned.state);
        }
    }

    /// Notes that its function has returned: it ends as soon as nobody has a lease any more. True if somebody
    /// has.
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
                // Over its budget, what was inside of the function is behind it now.
                self.wake();
            }
            self.return_lease();
        }
        drains
    }

    /// When nothing that its function has left behind is waited for any longer.
    pub(crate) fn drain_deadline(&self) -> Option<Instant> {
        self.leases.returned.get().and_then(|returned| returned.deadline)
    }

    /// True if its function has returned, and something of it still runs.
    pub(crate) fn is_draining(&self) -> bool {
        self.leases.returned.get().is_some() && !self.has_ended()
    }

    /// Ends it if its time to drain is over.
    pub(crate) fn finish_overdue(&self) {
        let Some(Returned { state, deadline: Some(deadline) }) = self.leases.returned.get() else {
            return;
        };
        if *deadline > Instant::now() || self.has_ended() {
            return;
        }
        let left = self.leases.count.load(Ordering::Acquire);
        if self.finish(*state) {
            self.tell_of_overdue(left);
        }
    }

    fn tell_of_overdue(&self, left: usize) {
        let rules = self.registry().rules();
        let (name, timeout) = (name(&self.identity().name), rules.drain_timeout);
        let message = format_args!(
            "session `{name}` ended {timeout:?} after its function had returned, while {left} of its calls, \
             streams or tasks still ran; await them, or raise `session_drain_timeout`"
        );
        report::warn(rules.may_use_stderr, &message);
    }

    /// Ends it now, as the program goes down: as its function did, if that has returned.
    fn shut_down(&self) {
        let returned = self.leases.returned.get();
        self.finish(returned.map_or(EndState::Shutdown, |returned| returned.state));
    }

    /// Ends it: first the door, then the sum, so that what ends later is no part of it. Only the first ending
    /// counts.
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
    /// Ends what is still open, as the program goes down. What has children goes first: it is part of its session.
    pub(crate) fn end_sessions(&self) {
        for context in self.live().take_contexts() {
            let span = context.span();
            span.set_attribute(KeyValue::new(semconv::UNFINISHED, true));
            span.end();
        }
        self.open_sessions().iter().for_each(|open| open.state.shut_down());
    }
}
