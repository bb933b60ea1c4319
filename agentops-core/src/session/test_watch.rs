//! Watch of the sessions in a test, carried in the OpenTelemetry `Context`.

use std::sync::{Arc, MutexGuard};

use opentelemetry::{Context, TraceId};

use crate::process::{Lock, thread_context::with_current};

/// Context value of a test; sessions and orphans below it are noted in the [`TestSightings`].
#[derive(Clone, Debug)]
pub(crate) struct TestWatch(pub(crate) Arc<TestSightings>);

/// Sessions and orphans that a [`TestWatch`] has noted.
#[derive(Debug, Default)]
pub(crate) struct TestSightings(Lock<Sights>);

#[derive(Debug, Default)]
pub(crate) struct Sights {
    /// Traces of the sessions, in the order of their starts.
    pub(crate) traces: Vec<TraceId>,
    /// Descriptions of the calls that were refused.
    pub(crate) orphans: Vec<String>,
}

impl TestSightings {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Sights> {
        self.0.lock()
    }
}

pub(crate) fn saw_session(root: &Context, trace: TraceId) {
    if let Some(TestWatch(watched)) = root.get::<TestWatch>() {
        watched.lock().traces.push(trace);
    }
}

pub(crate) fn saw_orphan(refused: impl FnOnce() -> String) {
    if let Some(TestWatch(watched)) = with_current(|context| context.get::<TestWatch>().cloned()) {
        watched.lock().orphans.push(refused());
    }
}
