//! State of one tracing core that its sessions reach.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use tracing::Dispatch;

use super::{
    CallLocation, Rules,
    open_roots::OpenRoots,
    orphans::{self, Orphans},
    span_counts::SpanCounts,
};
use crate::process::fork;

/// State of one tracing core that its sessions reach: settings, counters, and the roots of the open sessions.
#[derive(Debug)]
pub(crate) struct CoreState {
    rules: Rules,
    counts: SpanCounts,
    roots: OpenRoots,
    open: AtomicBool,
    is_process_default: AtomicBool,
}

/// Number of open cores in this process; at zero, every entry point returns at once.
// One load, where the search for the registry would ask the dispatcher first.
static OPEN: AtomicUsize = AtomicUsize::new(0);

impl CoreState {
    pub(super) fn new(rules: Rules) -> Arc<Self> {
        OPEN.fetch_add(usize::from(!rules.disabled), Ordering::Relaxed);
        Arc::new(Self {
            open: AtomicBool::new(!rules.disabled),
            rules,
            counts: SpanCounts::default(),
            roots: OpenRoots::default(),
            is_process_default: AtomicBool::new(false),
        })
    }

    /// Returns `true` if any core of this process records.
    pub(crate) fn any_open() -> bool {
        OPEN.load(Ordering::Relaxed) > 0 && !fork::is_child()
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(crate) fn counts(&self) -> &SpanCounts {
        &self.counts
    }

    pub(crate) fn roots(&self) -> &OpenRoots {
        &self.roots
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed) && !fork::is_child()
    }

    /// Stops admitting spans: the core is shutting down.
    pub(crate) fn close(&self) {
        if self.open.swap(false, Ordering::Relaxed) {
            OPEN.fetch_sub(1, Ordering::Relaxed);
            if self.is_process_default.load(Ordering::Relaxed) {
                orphans::clear_process_default();
            }
        }
    }

    /// Marks this core as the one that the global subscriber reports to. `dispatch` is the global dispatcher.
    pub(super) fn become_process_default(&self, dispatch: &Dispatch) {
        self.is_process_default.store(true, Ordering::Relaxed);
        orphans::set_process_default(dispatch);
    }

    /// Lets a callsite count its further orphans by itself, once all warnings about it have been reported.
    pub(crate) fn let_callsite_count(&self, location: CallLocation, orphans: &'static Orphans) {
        if self.is_process_default.load(Ordering::Relaxed) && orphans.mark_listed() {
            self.counts.add_self_counting(location, orphans);
        }
    }
}

impl Drop for CoreState {
    fn drop(&mut self) {
        self.close();
    }
}
