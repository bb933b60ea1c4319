//! The third door, and the way of an ended span into the queue.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use opentelemetry::{
    Context, Value,
    trace::{Span as _, SpanId, Status},
};
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{Span, SpanData, SpanProcessor},
};

use super::{Sink, stamp_any};
use crate::{
    semconv::SPAN_KIND,
    session::{Admission, SessionState, admit},
};

/// Whose provider the processor serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    /// Our own: spans are stamped by the worker, off the program's threads.
    Ours,
    /// The user's: spans are stamped when they start, so that the user's exporters see the stamps too.
    Theirs,
}

/// Ties each span to its session while it lives; when it ends, adds it to the session's totals and queues it.
#[doc(alias = "Span Processor")]
#[derive(Debug)]
pub(crate) struct AgentOpsSpanProcessor {
    provider: Provider,
    live: LiveSpans,
    sink: Arc<dyn Sink>,
    shutdown_timeout: Duration,
}

impl AgentOpsSpanProcessor {
    pub(crate) fn new(provider: Provider, sink: Arc<dyn Sink>, shutdown_timeout: Duration) -> Self {
        Self { provider, live: LiveSpans::default(), sink, shutdown_timeout }
    }
}

// It runs while tracing-opentelemetry holds its locks, where a panic aborts the process: it emits no event
// and cannot panic.
impl SpanProcessor for AgentOpsSpanProcessor {
    fn on_start(&self, span: &mut Span, context: &Context) {
        let Admission::Admitted(session) = admit(context) else { return };
        if self.provider == Provider::Theirs {
            span.set_attributes(stamp_any(session, span.span_context().trace_id()));
        }
        self.live.insert(span.span_context().span_id(), Arc::clone(session));
    }

    fn on_end(&self, span: SpanData) {
        let Some(session) = self.live.remove(span.span_context.span_id()) else { return };
        let Some(kind) = kind_of(&span) else { return };
        if span.parent_span_id != SpanId::INVALID {
            session.count(kind, matches!(span.status, Status::Error { .. }));
        }
        self.sink.push(span, session);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.sink.flush(self.shutdown_timeout).map_err(OTelSdkError::InternalFailure)
    }

    /// The core shuts the delivery down; here only what has ended so far is sent.
    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.sink.flush(timeout).map_err(OTelSdkError::InternalFailure)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.sink.set_resource(resource.clone());
    }
}

/// The kind of a span of ours; it is the first attribute that the factory writes.
pub(crate) fn kind_of(span: &SpanData) -> Option<&str> {
    let kind = span.attributes.iter().find(|attribute| attribute.key.as_str() == SPAN_KIND)?;
    match &kind.value {
        Value::String(kind) => Some(kind.as_str()),
        _ => None,
    }
}

/// The sessions of the spans that have started and not ended, in shards so that threads rarely meet.
#[derive(Debug, Default)]
struct LiveSpans {
    shards: [Mutex<Shard>; 16],
}

type Shard = HashMap<SpanId, Arc<SessionState>, BuildHasherDefault<RandomId>>;

impl LiveSpans {
    fn insert(&self, span: SpanId, session: Arc<SessionState>) {
        self.shard(span).insert(span, session);
    }

    fn remove(&self, span: SpanId) -> Option<Arc<SessionState>> {
        self.shard(span).remove(&span)
    }

    fn shard(&self, span: SpanId) -> MutexGuard<'_, Shard> {
        let shard = usize::from(span.to_bytes()[0]) % self.shards.len();
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Span ids are random already: they are their own hash.
#[derive(Debug, Default)]
struct RandomId(u64);

impl Hasher for RandomId {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, id: u64) {
        self.0 ^= id;
    }

    fn write_usize(&mut self, _length: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
