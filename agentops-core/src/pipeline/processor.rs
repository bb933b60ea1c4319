//! The third door, and the way of an ended span into the queue.

use std::{sync::Arc, time::Duration};

use opentelemetry::{
    Array, Context, KeyValue, Value,
    trace::{Span as _, SpanId, TraceContextExt},
};
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{Span, SpanData, SpanProcessor},
};

use super::{Sink, stamp_any};
use crate::{
    attribute::find,
    kind::SpanKind,
    semconv::{COST_USD, OUTPUT, SPAN_KIND, TAGS},
    session::{Admission, InSession, LiveSpan, SessionRegistry, SessionState, Told, admit},
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
    registry: Arc<SessionRegistry>,
    sink: Arc<dyn Sink>,
    shutdown_timeout: Duration,
}

impl AgentOpsSpanProcessor {
    pub(crate) fn new(
        provider: Provider,
        registry: Arc<SessionRegistry>,
        sink: Arc<dyn Sink>,
        shutdown_timeout: Duration,
    ) -> Self {
        Self { provider, registry, sink, shutdown_timeout }
    }
}

impl AgentOpsSpanProcessor {
    /// The session that a span belongs to. Our own sampler has asked the rule already: what it let in is in,
    /// though the session may have ended a moment ago. A provider of theirs has not asked yet.
    fn session_of<'a>(&self, context: &'a Context) -> Option<&'a Arc<SessionState>> {
        match (self.provider, admit(context)) {
            (_, Admission::Admitted(session)) => Some(session),
            (Provider::Ours, _) => context.get::<InSession>().map(|InSession(session)| session),
            (Provider::Theirs, _) => None,
        }
    }
}

// It runs while tracing-opentelemetry holds its locks, where a panic aborts the process: it emits no event
// and cannot panic.
impl SpanProcessor for AgentOpsSpanProcessor {
    fn on_start(&self, span: &mut Span, context: &Context) {
        let Some(session) = self.session_of(context) else { return };
        let (parent, id) = (context.span().span_context().span_id(), span.span_context().span_id());
        let live = match self.provider {
            Provider::Ours => {
                LiveSpan { session: Arc::clone(session), parent, nearest: id, told: None }
            }
            Provider::Theirs => {
                span.set_attributes(stamp_any(session, span.span_context().trace_id()));
                let parent = self.registry.live().nearest(parent).unwrap_or(parent);
                let is_ours = span.exported_data().is_some_and(|span| kind_of(&span).is_some());
                let nearest = if is_ours { id } else { parent };
                LiveSpan { session: Arc::clone(session), parent, nearest, told: None }
            }
        };
        self.registry.live().insert(id, live);
    }

    fn on_end(&self, mut span: SpanData) {
        let Some(live) = self.registry.live().remove(span.span_context.span_id()) else { return };
        if kind_of(&span) == Some(SpanKind::Llm.as_str())
            && let Some(usd) = self.registry.rules().prices.at_once(&span)
        {
            span.attributes.push(KeyValue::new(COST_USD, usd));
        }
        let Some(kind) = kind_of(&span) else { return };
        if span.parent_span_id != SpanId::INVALID {
            live.session.count(kind, &span);
            span.parent_span_id = live.parent;
        }
        if let Some(told) = live.told {
            say(&mut span, *told);
        }
        self.sink.push(span, live.session);
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

/// Adds what the program said of a span itself.
fn say(span: &mut SpanData, told: Told) {
    let Told { output, tags } = told;
    if let Some(output) = output {
        span.attributes.push(KeyValue::new(OUTPUT, output));
    }
    if !tags.is_empty() {
        let mut all = match find(&span.attributes, TAGS) {
            Some(Value::Array(Array::String(tags))) => tags.clone(),
            _ => Vec::new(),
        };
        for tag in tags {
            if !all.contains(&tag) {
                all.push(tag);
            }
        }
        span.attributes.push(KeyValue::new(TAGS, Value::Array(Array::String(all))));
    }
}

/// The kind of a span of ours; it is the first attribute that the factory writes.
pub(crate) fn kind_of(span: &SpanData) -> Option<&str> {
    match find(&span.attributes, SPAN_KIND)? {
        Value::String(kind) => Some(kind.as_str()),
        _ => None,
    }
}
