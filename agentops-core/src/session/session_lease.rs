//! Leases that keep a session open after its function has returned, and the end of a session.
//!
//! ```text
//! function returns, last handle dropped ─▶ outcome noted ─┐
//! last lease returned: streams, futures, spawned tasks ───┴▶ root ended, with totals and end state
//! `end(…)`, shutdown, drain timeout ───────────────────────▶ the same at once
//! ```

use std::{sync::Arc, time::Instant};

use opentelemetry::{Context, KeyValue, trace::TraceContextExt};

use super::{EndState, SessionState, lease_count::Returned};
use crate::{
    process::{fork, presentable::name},
    record::semconv,
};

/// Lease that keeps a session open. Its function holds one, and so does each live span, task and stream below it.
#[derive(Debug)]
pub(crate) struct SessionLease(Arc<SessionState>);

impl SessionLease {
    /// Takes a lease of a session. It does not reopen a session that has ended.
    #[inline(always)]
    pub(crate) fn of(session: &Arc<SessionState>) -> Self {
        session.leases.add();
        Self(Arc::clone(session))
    }

    pub(super) fn session(&self) -> &Arc<SessionState> {
        &self.0
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

impl SessionState {
    #[inline(always)]
    fn return_lease(&self) {
        if self.leases.subtract() == 0 {
            self.finish_drained();
        }
    }

    #[cold]
    fn finish_drained(&self) {
        // A session of another process has no outcome here. One that has ended is not ended again.
        if let Some(returned) = self.leases.returned() {
            self.finish(returned.state);
        }
    }

    /// Notes that the session's function has returned with this end state. The session ends once the last lease is
    /// returned. Returns `true` if leases other than the function's are still held.
    pub(crate) fn note_return(&self, state: EndState, root: &Context) -> bool {
        let drains = self.leases.count() > 1;
        let timeout = self.rules().drain_timeout;
        if drains && timeout.is_zero() {
            self.finish(state);
            return false;
        }
        if drains {
            root.span().add_event(semconv::RETURNED_EVENT, Vec::new());
        }
        let deadline = Instant::now().checked_add(timeout);
        if self.leases.set_returned(Returned { state, deadline }) {
            if drains && self.has_limits() {
                // Over the budget, code left behind by the function is cancelled from now on.
                self.wake_cancellable();
            }
            self.return_lease();
        }
        drains
    }

    /// Returns the deadline of the drain timeout, once the function has returned.
    pub(crate) fn drain_deadline(&self) -> Option<Instant> {
        self.leases.returned().and_then(|returned| returned.deadline)
    }

    /// Returns `true` if the function has returned and the session is still open.
    pub(crate) fn is_draining(&self) -> bool {
        self.leases.returned().is_some() && !self.has_ended()
    }

    /// Ends the session if its drain timeout has passed.
    pub(crate) fn finish_overdue(&self) {
        let Some(Returned { state, deadline: Some(deadline) }) = self.leases.returned() else {
            return;
        };
        if *deadline > Instant::now() || self.has_ended() {
            return;
        }
        let left = self.leases.count();
        if self.finish(*state) {
            self.warn_of_drain_timeout(left);
        }
    }

    fn warn_of_drain_timeout(&self, left: usize) {
        let rules = self.rules();
        let (name, timeout) = (name(&self.identity().name), rules.drain_timeout);
        let message = format_args!(
            "session `{name}` ended {timeout:?} after its function had returned, while {left} of its calls, \
             streams or tasks still ran; await them, or raise `session_drain_timeout`"
        );
        rules.reporter.warn(&message);
    }

    /// Ends the session at shutdown: with its function's end state if that has returned, otherwise as `Shutdown`.
    pub(super) fn shut_down(&self) {
        let returned = self.leases.returned();
        self.finish(returned.map_or(EndState::Shutdown, |returned| returned.state));
    }

    /// Ends the session now. It is marked as ended before its totals are taken, so that spans that end later are
    /// not in them. Returns `false` if it had ended before: only the first call counts.
    pub(crate) fn finish(&self, state: EndState) -> bool {
        if fork::is_child() || !self.mark_ended() {
            return false;
        }
        if let Some(root) = self.trace().and_then(|trace| self.core().roots().remove(trace)) {
            let span = root.span();
            span.set_attributes(self.totals().attributes());
            self.changes().into_iter().for_each(|changed| span.set_attribute(changed));
            span.set_attribute(KeyValue::new(semconv::SESSION_END_STATE, state.as_str()));
            span.end();
        }
        true
    }
}
