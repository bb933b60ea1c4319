//! Calls outside of any session (orphans), counted at their callsites.
//!
//! Programs that open no session may still call a library's instrumented functions very often. Once all warnings
//! about a callsite have been reported, it counts its further orphans by itself: without a lock and without a
//! search for the registry.

use std::{
    ptr,
    sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
};

use tracing::Dispatch;

/// Orphan counter of one callsite.
#[derive(Debug)]
pub(crate) struct Orphans {
    /// Set once the process default core has listed the callsite, which then counts by itself.
    is_listed: AtomicBool,
    count: AtomicU64,
}

/// Address of the global `Dispatch`, while a core that `init` has installed listens to it; 0 if there is none.
static PROCESS_DEFAULT: AtomicUsize = AtomicUsize::new(0);

impl Orphans {
    pub(crate) const fn new() -> Self {
        Self { is_listed: AtomicBool::new(false), count: AtomicU64::new(0) }
    }

    /// Returns `true` if the callsite counts by itself.
    pub(crate) fn is_listed(&self) -> bool {
        self.is_listed.load(Ordering::Relaxed)
    }

    pub(super) fn increment(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn counted(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Marks the callsite as listed. Returns `true` the first time.
    pub(super) fn mark_listed(&self) -> bool {
        !self.is_listed.swap(true, Ordering::Relaxed)
    }
}

/// Returns `true` if the dispatcher is the global one and a process default core listens to it.
// `get_default` lends the global `Dispatch` itself, which is a static, wherever no other dispatcher is set. Comparing
// its address replaces a search for our layer among those of the subscriber.
pub(super) fn is_process_default(dispatch: &Dispatch) -> bool {
    ptr::from_ref(dispatch).addr() == PROCESS_DEFAULT.load(Ordering::Relaxed)
}

/// Makes the core that listens to the dispatcher, which must be the global one, the process default.
pub(super) fn set_process_default(dispatch: &Dispatch) {
    PROCESS_DEFAULT.store(ptr::from_ref(dispatch).addr(), Ordering::Relaxed);
}

/// Leaves the process without a default core.
pub(super) fn clear_process_default() {
    PROCESS_DEFAULT.store(0, Ordering::Relaxed);
}
