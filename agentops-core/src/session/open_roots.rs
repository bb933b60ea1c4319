//! Table of the sessions that have started and not ended.

use std::collections::HashMap;

use opentelemetry::{Context, trace::TraceId};

use crate::process::Lock;

/// Contexts with the roots of the open sessions, by trace. Each context also holds its session as an
/// [`InSession`](super::InSession), so the table names no session itself and a session can reach it.
#[derive(Debug, Default)]
pub(crate) struct OpenRoots(Lock<HashMap<TraceId, Context>>);

impl OpenRoots {
    pub(crate) fn insert(&self, trace: TraceId, root: Context) {
        self.0.lock().insert(trace, root);
    }

    /// Removes the root of a session that ends and returns it, so that the caller drops it outside of the lock: a
    /// context may hold values of any type.
    pub(super) fn remove(&self, trace: TraceId) -> Option<Context> {
        self.0.lock().remove(&trace)
    }

    pub(super) fn get(&self, trace: TraceId) -> Option<Context> {
        self.0.lock().get(&trace).cloned()
    }

    /// Returns `true` if no session is open.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().is_empty()
    }

    pub(super) fn all(&self) -> Vec<Context> {
        self.0.lock().values().cloned().collect()
    }
}
