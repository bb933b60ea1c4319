//! Cancellation of the futures, streams and tasks in a session whose budget cancels.

use std::{
    cell::Cell,
    collections::{BTreeMap, btree_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Waker,
};

use super::{SessionState, admit_current};
use crate::{config::BudgetExceeded, record::SpanKind};

thread_local! {
    /// Address of the session whose stream or task, cancelled as a whole, is the innermost on this thread; 0 if
    /// none is.
    static AROUND: Cell<usize> = const { Cell::new(0) };
}

/// Guard that marks the thread as inside a stream or task that is cancelled as a whole; holds the earlier mark.
struct Around(usize);

impl Around {
    fn enter(session: usize) -> Self {
        // Once the thread-local is destroyed, the thread runs nothing that could be cancelled.
        Self(AROUND.try_with(|around| around.replace(session)).unwrap_or_default())
    }
}

impl Drop for Around {
    fn drop(&mut self) {
        let _ = AROUND.try_with(|around| around.set(self.0));
    }
}

/// Wakers of everything in a session that can be cancelled.
#[derive(Debug, Default)]
pub(super) struct Waiting(Mutex<Wakers>);

#[derive(Debug, Default)]
struct Wakers {
    by_place: BTreeMap<u64, Waker>,
    next: u64,
}

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, Wakers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Cancellation of one future, stream or task when its session exceeds a limit.
#[derive(Debug)]
pub(crate) struct Cancellation {
    session: Arc<SessionState>,
    place: u64,
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
        let mut wakers = session.waiting.lock();
        wakers.next += 1;
        Self { session: Arc::clone(session), place: wakers.next }
    }

    /// Returns the exceeded limit if the code is to be cancelled. Otherwise registers the waker, which is woken
    /// when a limit is exceeded.
    pub(crate) fn poll(&self, waker: &Waker) -> Option<BudgetExceeded> {
        match self.session.waiting.lock().by_place.entry(self.place) {
            Entry::Occupied(mut earlier) => earlier.get_mut().clone_from(waker),
            Entry::Vacant(none) => _ = none.insert(waker.clone()),
        }
        self.session.budget().exceeded.filter(|_| !self.session.has_ended())
    }

    /// Does the same as [`poll`](Self::poll) for code that still runs after the session's function has returned.
    /// Returns `None` as long as the function runs, and inside of another stream or task that is cancelled as a
    /// whole: the code ends with it.
    pub(crate) fn poll_after_return(&self, waker: &Waker) -> Option<BudgetExceeded> {
        let is_inside = AROUND.try_with(|around| around.get() == self.session_address());
        self.poll(waker).filter(|_| self.session.is_draining() && is_inside != Ok(true))
    }

    /// Polls for a stream of a span of kind `of`. The stream of a session is the session's own work and is
    /// cancelled at once; other streams are cancelled only after the session's function has returned.
    pub(crate) fn poll_stream(&self, of: SpanKind, waker: &Waker) -> Option<BudgetExceeded> {
        if of == SpanKind::Session { self.poll(waker) } else { self.poll_after_return(waker) }
    }

    /// Runs code, marked as cancelled as a whole if there is a cancellation for it.
    #[inline(always)]
    pub(crate) fn around<R>(this: Option<&Self>, code: impl FnOnce() -> R) -> R {
        let Some(this) = this else { return code() };
        let _around = Around::enter(this.session_address());
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
        let waker = self.session.waiting.lock().by_place.remove(&self.place);
        // Dropped outside of the lock, since a waker runs the program's code.
        drop(waker);
    }
}

impl SessionState {
    /// Wakes everything that waits to be cancelled.
    pub(crate) fn wake(&self) {
        let waiting: Vec<_> = self.waiting.lock().by_place.values().cloned().collect();
        waiting.into_iter().for_each(Waker::wake);
    }
}
