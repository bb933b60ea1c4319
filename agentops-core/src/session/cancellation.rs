//! Cancellation of the futures, streams and tasks in a session whose budget cancels.

use std::{cell::Cell, sync::Arc, task::Waker};

use super::{SessionState, admit_current};
use crate::{config::BudgetExceeded, record::SpanKind};

thread_local! {
    /// Address of the session whose stream or task, cancelled as a whole, is the innermost on this thread; 0 if
    /// none is.
    static INNERMOST_CANCELLED: Cell<usize> = const { Cell::new(0) };
}

/// Guard that marks the thread as inside a stream or task that is cancelled as a whole; holds the earlier mark.
struct CancelledScope(usize);

impl CancelledScope {
    fn enter(session: usize) -> Self {
        // Once the thread-local is destroyed, the thread runs nothing that could be cancelled.
        Self(
            INNERMOST_CANCELLED
                .try_with(|innermost| innermost.replace(session))
                .unwrap_or_default(),
        )
    }
}

impl Drop for CancelledScope {
    fn drop(&mut self) {
        let _ = INNERMOST_CANCELLED.try_with(|innermost| innermost.set(self.0));
    }
}

/// Cancellation of one future, stream or task when its session exceeds a limit.
#[derive(Debug)]
pub(crate) struct Cancellation {
    session: Arc<SessionState>,
    /// Number of the registered waker.
    number: u64,
}

impl Cancellation {
    /// Creates a cancellation for code in a session; `None` if the session's budget does not cancel.
    pub(crate) fn of(session: &Arc<SessionState>) -> Option<Self> {
        session.identity().budget.cancels().then(|| Self::new(session))
    }

    /// Creates a cancellation for code in the current session; `None` without one whose budget cancels.
    pub(crate) fn current() -> Option<Self> {
        admit_current().ok().as_ref().and_then(Self::of)
    }

    #[cold]
    fn new(session: &Arc<SessionState>) -> Self {
        Self { session: Arc::clone(session), number: session.wakers.reserve() }
    }

    /// Returns the exceeded limit if the code is to be cancelled. Otherwise registers the waker, which is woken
    /// when a limit is exceeded.
    pub(crate) fn poll(&self, waker: &Waker) -> Option<BudgetExceeded> {
        self.session.wakers.register(self.number, waker);
        self.session.check_budget().exceeded.filter(|_| !self.session.has_ended())
    }

    /// Does the same as [`poll`](Self::poll) for code that still runs after the session's function has returned.
    /// Returns `None` as long as the function runs, and inside of another stream or task that is cancelled as a
    /// whole: the code ends with it.
    pub(crate) fn poll_after_return(&self, waker: &Waker) -> Option<BudgetExceeded> {
        let is_inside =
            INNERMOST_CANCELLED.try_with(|innermost| innermost.get() == self.session_address());
        self.poll(waker).filter(|_| self.session.is_draining() && is_inside != Ok(true))
    }

    /// Polls for a stream of a span of kind `of`. The stream of a session is the session's own work and is
    /// cancelled at once; other streams are cancelled only after the session's function has returned.
    pub(crate) fn poll_stream(&self, of: SpanKind, waker: &Waker) -> Option<BudgetExceeded> {
        if of == SpanKind::Session { self.poll(waker) } else { self.poll_after_return(waker) }
    }

    /// Runs code, marked as cancelled as a whole if there is a cancellation for it.
    #[inline(always)]
    pub(crate) fn in_scope<R>(this: Option<&Self>, code: impl FnOnce() -> R) -> R {
        let Some(this) = this else { return code() };
        let _scope = CancelledScope::enter(this.session_address());
        code()
    }

    fn session_address(&self) -> usize {
        Arc::as_ptr(&self.session).addr()
    }
}

impl Clone for Cancellation {
    fn clone(&self) -> Self {
        Self::new(&self.session)
    }
}

impl Drop for Cancellation {
    fn drop(&mut self) {
        self.session.wakers.remove(self.number);
    }
}
