//! Span processor for a provider of the program's own.

use std::{sync::Arc, time::Duration};

use opentelemetry::{
    Context, KeyValue,
    trace::{Span as _, TraceContextExt},
};
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{Span, SpanData, SpanProcessor},
};

use super::adopt::birth_kind;
use super::{
    recorder::SpanRecorder,
    span_sink::SpanSink,
    started_span::{Provider, Started},
};
use crate::session::stamps_at_start;
use crate::{
    attribute::find,
    config::ForeignSpans,
    process::fork,
    record::{
        RecordedKind, SpanKind,
        semconv::{ADOPTED_FROM, GEN_AI_OPERATION, SPAN_KIND},
    },
    session::{Birth, InSession, SessionRegistry, SpanSource, admit},
};

/// Tracks each span of the user's provider in its session while the span is live. When the span ends, the processor
/// adds it to the session's totals and queues it. Spans are stamped when they start, so that the user's exporters see
/// the stamps too.
#[doc(alias = "Span Processor")]
#[derive(Debug)]
pub(crate) struct AgentOpsSpanProcessor {
    recorder: SpanRecorder,
    shutdown_timeout: Duration,
}

impl AgentOpsSpanProcessor {
    pub(crate) fn new(
        registry: Arc<SessionRegistry>,
        sink: Arc<dyn SpanSink>,
        shutdown_timeout: Duration,
    ) -> Self {
        Self { recorder: SpanRecorder { registry, sink }, shutdown_timeout }
    }

    /// Waits until the queue is delivered. Returns at once in a forked child, which has no delivery thread.
    fn flush(&self, timeout: Duration) -> OTelSdkResult {
        if fork::is_child() {
            return Ok(());
        }
        self.recorder.sink.flush(timeout).map_err(OTelSdkError::InternalFailure)
    }

    /// Returns the kind and source of another provider's span, if it is to be exported. A foreign span that is to be
    /// adopted gets its kind here.
    fn classify(&self, span: &mut Span) -> Option<Birth> {
        let data = span.exported_data()?;
        if let Some(kind) = RecordedKind::among(&data.attributes) {
            return Some(Birth { kind, source: SpanSource::Own });
        }
        let text = |key| find(&data.attributes, key).map(|value| value.as_str().into_owned());
        let target = text("target").unwrap_or_default();
        let which = self.recorder.registry.rules().foreign_spans;
        let kind = birth_kind(&target, &data.name, text(GEN_AI_OPERATION).as_deref());
        let kind = match which {
            ForeignSpans::GenAi => kind?,
            ForeignSpans::All => kind.unwrap_or(SpanKind::Custom("custom")),
            ForeignSpans::None => return None,
        };
        span.set_attribute(KeyValue::new(ADOPTED_FROM, target));
        span.set_attribute(KeyValue::new(SPAN_KIND, kind.as_str()));
        Some(Birth { kind: kind.into(), source: SpanSource::Adopted })
    }
}

// Runs while tracing-opentelemetry holds its locks, where a panic aborts the process: it emits no event and cannot
// panic.
impl SpanProcessor for AgentOpsSpanProcessor {
    fn on_start(&self, span: &mut Span, context: &Context) {
        let Ok(InSession { session, .. }) = admit(context) else { return };
        let (parent, id) = (context.span().span_context().span_id(), span.span_context().span_id());
        span.set_attributes(stamps_at_start(session, span.span_context().trace_id()));
        let not_exported = Birth { kind: RecordedKind::Custom, source: SpanSource::NotExported };
        let birth = self.classify(span).unwrap_or(not_exported);
        let started = Started { id, parent, session, birth, provider: Provider::Program };
        let (birth, data) = (self.recorder.resolve_birth(&started), || span.exported_data());
        self.recorder.track(&started, birth, &data);
        self.recorder.begin(birth, session, &data);
    }

    fn on_end(&self, span: SpanData) {
        self.recorder.untrack(Box::new(span));
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.flush(self.shutdown_timeout)
    }

    /// Flushes the spans that have ended so far. The core itself shuts the delivery down.
    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.flush(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.recorder.sink.set_resource(resource.clone());
    }
}
