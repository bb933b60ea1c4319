//! Who watches the sessions of a test, carried in the OpenTelemetry `Context`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry::{Context, TraceId};

use crate::process::here::with_current;

/// In the context of a test: all that starts below it is seen.
#[derive(Clone, Debug)]
pub(crate) struct Watch(pub(crate) Arc<Watched>);

/// What was seen.
#[derive(Debug, Default)]
pub(crate) struct Watched(Mutex<Sights>);

#[derive(Debug, Default)]
pub(crate) struct Sights {
    /// The sessions, in the order of their starts.
    pub(crate) traces: Vec<TraceId>,
    /// The calls that were refused, and why.
    pub(crate) orphans: Vec<String>,
}

impl Watched {
    pub(crate) fn sights(&self) -> MutexGuard<'_, Sights> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn saw_session(root: &Context, trace: TraceId) {
    if let Some(Watch(watched)) = root.get::<Watch>() {
        watched.sights().traces.push(trace);
    }
}

pub(crate) fn saw_orphan(refused: impl FnOnce() -> String) {
    if let Some(Watch(watched)) = with_current(|context| context.get::<Watch>().cloned()) {
        watched.sights().orphans.push(refused());
    }
}
