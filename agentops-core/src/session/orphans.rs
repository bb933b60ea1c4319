//! Calls outside of any session (orphans), counted at their callsites.
//!
//! Programs that open no session may still call a library's instrumented functions very often. Once all warnings
//! about a callsite have been reported, it counts its further orphans by itself: without a lock and without a
//! search for the registry.

use std::{
    ptr,
    sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
};

use opentelemetry::Context;
use tracing::{Dispatch, dispatcher};

use super::InSession;
#[cfg(feature = "testing")]
use super::Watch;
use crate::process::here::with_current;

/// Orphan counter of one callsite.
#[derive(Debug)]
pub(crate) struct Orphans {
    /// Set once the process default registry has listed the callsite, which then counts by itself.
    is_listed: AtomicBool,
    count: AtomicU64,
}

/// Address of the global `Dispatch`, while a registry that `init` has installed listens to it; 0 if there is none.
static PROCESS_DEFAULT: AtomicUsize = AtomicUsize::new(0);

impl Orphans {
    pub(crate) const fn new() -> Self {
        Self { is_listed: AtomicBool::new(false), count: AtomicU64::new(0) }
    }

    /// Returns `true` if the callsite counts by itself.
    pub(crate) fn is_listed(&self) -> bool {
        self.is_listed.load(Ordering::Relaxed)
    }

    /// Counts a call if it is an orphan of the process default registry. Returns `true` if it was counted.
    pub(crate) fn count_if_orphan(&self) -> bool {
        let is_orphan =
            dispatcher::get_default(is_process_default) && with_current(is_outside_sessions);
        if is_orphan {
            self.count.fetch_add(1, Ordering::Relaxed);
        }
        is_orphan
    }

    pub(super) fn counted(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Marks the callsite as listed. Returns `true` the first time.
    pub(super) fn mark_listed(&self) -> bool {
        !self.is_listed.swap(true, Ordering::Relaxed)
    }
}

fn is_process_default(dispatch: &Dispatch) -> bool {
    ptr::from_ref(dispatch).addr() == PROCESS_DEFAULT.load(Ordering::Relaxed)
}

/// Returns `true` if a context belongs to no session and is neither suppressed nor watched by a test.
fn is_outside_sessions(context: &Context) -> bool {
    #[cfg(feature = "testing")]
    if context.get::<Watch>().is_some() {
        return false;
    }
    !context.is_telemetry_suppressed() && context.get::<InSession>().is_none()
}

/// Makes the current dispatcher, which must be the global one, the process default.
pub(super) fn settle(dispatch: &Dispatch) {
    PROCESS_DEFAULT.store(ptr::from_ref(dispatch).addr(), Ordering::Relaxed);
}

/// Removes the process default.
pub(super) fn leave() {
    PROCESS_DEFAULT.store(0, Ordering::Relaxed);
}
