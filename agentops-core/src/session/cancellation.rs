//! The cancellation of what runs in a session whose budget says so.

use std::{
    cell::Cell,
    collections::{BTreeMap, btree_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Waker,
};

use super::{SessionState, admit_current};
use crate::{config::BudgetExceeded, record::SpanKind};

thread_local! {
    /// The session of the innermost stream or task that runs here and is cancelled as a whole; 0 if none does.
    static AROUND: Cell<usize> = const { Cell::new(0) };
}

/// Something that is cancelled as a whole runs here; holds what ran here before.
struct Around(usize);

impl Around {
    fn enter(session: usize) -> Self {
        // A thread that is going down runs nothing that could be cancelled.
        Self(AROUND.try_with(|around| around.replace(session)).unwrap_or_default())
    }
}

impl Drop for Around {
    fn drop(&mut self) {
        let _ = AROUND.try_with(|around| around.set(self.0));
    }
}

/// All that wait to be cancelled.
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

/// A future, stream or task that is cancelled when its session passes a limit.
#[derive(Debug)]
pub(crate) struct Cancellation {
    session: Arc<SessionState>,
    place: u64,
}

impl Cancellation {
    /// The cancellation of what runs in a session, if its budget cancels.
    pub(crate) fn of(session: &Arc<SessionState>) -> Option<Self> {
        session.identity().budget.cancels().then(|| Self::new(session))
    }

    /// The cancellation of what runs in the current session, if its budget cancels.
    pub(crate) fn current() -> Option<Self> {
        admit_current().ok().as_ref().and_then(Self::of)
    }

    #[cold]
    fn new(session: &Arc<SessionState>) -> Self {
        let mut wakers = session.waiting.lock();
        wakers.next += 1;
        Self { session: Arc::clone(session), place: wakers.next }
    }

    /// The limit that was passed, if what waits here is to be cancelled; else it is woken when that happens.
    pub(crate) fn poll(&self, waker: &Waker) -> Option<BudgetExceeded> {
        match self.session.waiting.lock().by_place.entry(self.place) {
            Entry::Occupied(mut earlier) => earlier.get_mut().clone_from(waker),
            Entry::Vacant(none) => _ = none.insert(waker.clone()),
        }
        self.session.budget().exceeded.filter(|_| !self.session.has_ended())
    }

    /// The same for what the session's function has left behind; what runs in the function, or in something
    /// else that is left behind, ends with that.
    pub(crate) fn poll_behind(&self, waker: &Waker) -> Option<BudgetExceeded> {
        let is_inside = AROUND.try_with(|around| around.get() == self.session_place());
        self.poll(waker).filter(|_| self.session.is_draining() && is_inside != Ok(true))
    }

    /// The same for a stream of a span of this kind: that of a session is what the session runs.
    pub(crate) fn poll_stream(&self, of: SpanKind, waker: &Waker) -> Option<BudgetExceeded> {
        if of == SpanKind::Session { self.poll(waker) } else { self.poll_behind(waker) }
    }

    /// Runs what is cancelled as a whole, if it is.
    #[inline(always)]
    pub(crate) fn around<R>(this: Option<&Self>, code: impl FnOnce() -> R) -> R {
        let Some(this) = this else { return code() };
        let _around = Around::enter(this.session_place());
        code()
    }

    fn session_place(&self) -> usize {
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
        // Outside of the lock: it is the program's.
        drop(waker);
    }
}

impl SessionState {
    /// Wakes who waits to be cancelled.
    pub(crate) fn wake(&self) {
        let waiting: Vec<_> = self.waiting.lock().by_place.values().cloned().collect();
        waiting.into_iter().for_each(Waker::wake);
    }
}
