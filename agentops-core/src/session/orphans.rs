//! Calls outside of any session, counted where they happen.
//!
//! A library's functions may be called very often by programs that open no session. Where everything has been
//! said of a callsite once, its further calls are counted by itself: no lock, no search for the registry.

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

/// The orphans of one callsite.
#[derive(Debug)]
pub(crate) struct Orphans {
    /// Whether the registry that is at home knows of it, so that it counts for itself.
    is_listed: AtomicBool,
    count: AtomicU64,
}

/// Where the dispatcher of the whole process is, while a registry listens to it that `init` has put there;
/// zero if there is none.
static HOME: AtomicUsize = AtomicUsize::new(0);

impl Orphans {
    pub(crate) const fn new() -> Self {
        Self { is_listed: AtomicBool::new(false), count: AtomicU64::new(0) }
    }

    /// Whether it may count a call by itself.
    pub(crate) fn is_listed(&self) -> bool {
        self.is_listed.load(Ordering::Relaxed)
    }

    /// Counts a call if it is an orphan of the registry that is at home.
    pub(crate) fn count_if_orphan(&self) -> bool {
        let is_orphan = dispatcher::get_default(is_at_home) && with_current(is_nowhere);
        if is_orphan {
            self.count.fetch_add(1, Ordering::Relaxed);
        }
        is_orphan
    }

    pub(super) fn counted(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Marks it as listed; true the first time.
    pub(super) fn mark_listed(&self) -> bool {
        !self.is_listed.swap(true, Ordering::Relaxed)
    }
}

fn is_at_home(dispatch: &Dispatch) -> bool {
    ptr::from_ref(dispatch).addr() == HOME.load(Ordering::Relaxed)
}

/// Whether a context belongs to no session, without having been told so.
fn is_nowhere(context: &Context) -> bool {
    #[cfg(feature = "testing")]
    if context.get::<Watch>().is_some() {
        return false;
    }
    !context.is_telemetry_suppressed() && context.get::<InSession>().is_none()
}

/// Makes the current dispatcher, which is that of the whole process, the home.
pub(super) fn settle(dispatch: &Dispatch) {
    HOME.store(ptr::from_ref(dispatch).addr(), Ordering::Relaxed);
}

/// Nobody is at home any more.
pub(super) fn leave() {
    HOME.store(0, Ordering::Relaxed);
}
