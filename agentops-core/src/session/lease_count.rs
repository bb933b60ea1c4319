//! Number of the leases that keep a session open, and the outcome of its function.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use super::EndState;

/// Leases of a session, and the outcome of its function.
#[derive(Debug)]
pub(super) struct LeaseCount {
    /// Number of leases; the first belongs to the session's function or handle.
    count: AtomicUsize,
    /// Outcome of the function, set when it returns.
    returned: OnceLock<Returned>,
}

/// Outcome of a session's function, with the deadline of the drain timeout.
#[derive(Debug)]
pub(super) struct Returned {
    pub(super) state: EndState,
    pub(super) deadline: Option<Instant>,
}

impl LeaseCount {
    pub(super) fn new() -> Self {
        Self { count: AtomicUsize::new(1), returned: OnceLock::new() }
    }

    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Acquire)
    }

    #[inline(always)]
    pub(super) fn add(&self) {
        // `Relaxed`: a new lease is taken from one that is held.
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// Subtracts a lease and returns the number of those that are left.
    #[inline(always)]
    pub(super) fn subtract(&self) -> usize {
        // `AcqRel`: everything that other lease holders did with the session happens before its end.
        self.count.fetch_sub(1, Ordering::AcqRel).wrapping_sub(1)
    }

    pub(super) fn returned(&self) -> Option<&Returned> {
        self.returned.get()
    }

    /// Sets the outcome of the function. Returns `false` if it was set before.
    pub(super) fn set_returned(&self, returned: Returned) -> bool {
        self.returned.set(returned).is_ok()
    }
}
