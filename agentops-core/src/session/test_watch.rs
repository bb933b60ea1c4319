//! Watch of the sessions in a test, carried in the OpenTelemetry `Context`.

use std::sync::{Arc, MutexGuard};

use opentelemetry::{Context, TraceId};

use crate::process::{Lock, thread_context::with_current};

/// Context value of a test; sessions and orphans below it are noted in the [`Watched`].
#[derive(Clone, Debug)]
pub(crate) struct Watch(pub(crate) Arc<Watched>);

/// Sessions and orphans that a [`Watch`] has noted.
#[derive(Debug, Default)]
pub(crate) struct Watched(Lock<Sights>);

#[derive(Debug, Default)]
pub(crate) struct Sights {
    /// Traces of the sessions, in the order of their starts.
    pub(crate) traces: Vec<TraceId>,
    /// Descriptions of the calls that were refused.
    pub(crate) orphans: Vec<String>,
}

impl Watched {
    pub(crate) fn sights(&self) -> MutexGuard<'_, Sights> {
        self.0.lock()
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
