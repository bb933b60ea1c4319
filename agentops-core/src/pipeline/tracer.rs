//! The second door: every span that reaches our layer, foreign ones too. What is let in is recorded here.
//!
//! It does what the SDK's tracer, sampler and processors would, for the one pipeline that there is: a span is
//! a box of plain data that is handed on as it is when it ends.

use std::{borrow::Cow, sync::Arc, time::SystemTime};

use opentelemetry::{
    Context, InstrumentationScope, KeyValue, SpanId,
    trace::{
        Event, Link, Span, SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt, TraceFlags,
        Tracer,
    },
};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator, SpanData, SpanEvents, SpanLinks};

use super::{Sink, ended::Ended, started::Started};
use crate::{
    session::{Admission, SessionRegistry, admit},
    span::{Prepared, birth_of, take_prepared},
};

/// As many attributes, events and links a span has at the most, and as many attributes each of those: the
/// SDK's own bounds.
const MOST: usize = 128;

/// Under what name our spans are recorded, and by which version of the conventions.
pub(crate) fn scope() -> InstrumentationScope {
    InstrumentationScope::builder("agentops")
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url("https://opentelemetry.io/schemas/1.41.1")
        .build()
}

/// Records a span if the session rule admits it.
///
/// It runs while tracing-opentelemetry holds its locks, where a panic aborts the process: it emits no event
/// and cannot panic.
#[derive(Clone, Debug)]
pub(crate) struct AgentOpsTracer(Arc<Ended>);

impl AgentOpsTracer {
    pub(crate) fn new(registry: Arc<SessionRegistry>, sink: Arc<dyn Sink>) -> Self {
        Self(Arc::new(Ended { registry, sink }))
    }

    fn record(
        &self,
        builder: SpanBuilder,
        span_context: SpanContext,
        parent: &SpanContext,
    ) -> RecordedSpan {
        let start_time = builder.start_time.unwrap_or_else(opentelemetry::time::now);
        let mut span = Box::new(SpanData {
            span_context: span_context.clone(),
            parent_span_id: if parent.is_valid() { parent.span_id() } else { SpanId::INVALID },
            parent_span_is_remote: parent.is_valid() && parent.is_remote(),
            span_kind: builder.span_kind.unwrap_or(SpanKind::Internal),
            name: builder.name,
            start_time,
            end_time: start_time,
            attributes: builder.attributes.unwrap_or_default(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            // The delivery says so: it is the same for all.
            instrumentation_scope: InstrumentationScope::default(),
        });
        span.dropped_attributes_count = cut(&mut span.attributes);
        span.events.events = builder.events.unwrap_or_default();
        span.events.dropped_count = cut(&mut span.events.events);
        span.links.links = builder.links.unwrap_or_default();
        span.links.dropped_count = cut(&mut span.links.links);
        RecordedSpan { span_context, recording: Some((span, Arc::clone(&self.0))) }
    }
}

/// How many were too many.
fn cut<T>(list: &mut Vec<T>) -> u32 {
    let dropped = list.len().saturating_sub(MOST);
    list.truncate(MOST);
    u32::try_from(dropped).unwrap_or(u32::MAX)
}

impl Tracer for AgentOpsTracer {
    type Span = RecordedSpan;

    fn span_builder<T: Into<Cow<'static, str>>>(&self, name: T) -> SpanBuilder {
        take_prepared().map_or_else(|| SpanBuilder::from_name(name), Prepared::builder)
    }

    fn build_with_context(&self, builder: SpanBuilder, context: &Context) -> RecordedSpan {
        let (ids, place) = (RandomIdGenerator::default(), context.span());
        let parent = place.span_context();
        let trace = if parent.is_valid() { parent.trace_id() } else { ids.new_trace_id() };
        let id = ids.new_span_id();
        let of_flags =
            |flags| SpanContext::new(trace, id, flags, false, parent.trace_state().clone());
        let Admission::Admitted(session) = admit(context) else {
            return RecordedSpan {
                span_context: of_flags(TraceFlags::NOT_SAMPLED),
                recording: None,
            };
        };
        let birth = birth_of(&builder);
        let flags = parent.trace_flags() | TraceFlags::SAMPLED;
        let span = self.record(builder, of_flags(flags), parent);
        let started = Started { id, parent: parent.span_id(), session, birth, may_skip: false };
        self.0.tie(&started, || span.data().cloned());
        span
    }
}

/// A span that is recorded, or one that only has its place in a trace.
#[derive(Debug)]
pub(crate) struct RecordedSpan {
    span_context: SpanContext,
    recording: Option<(Box<SpanData>, Arc<Ended>)>,
}

impl RecordedSpan {
    fn data(&self) -> Option<&SpanData> {
        self.recording.as_ref().map(|(span, _)| &**span)
    }

    fn change(&mut self, change: impl FnOnce(&mut SpanData)) {
        if let Some((span, _)) = &mut self.recording {
            change(span);
        }
    }

    fn finish(&mut self, end: impl FnOnce() -> SystemTime) {
        if let Some((mut span, ended)) = self.recording.take() {
            span.end_time = end();
            ended.untie(span);
        }
    }
}

impl Span for RecordedSpan {
    fn add_event_with_timestamp<T: Into<Cow<'static, str>>>(
        &mut self,
        name: T,
        timestamp: SystemTime,
        mut attributes: Vec<KeyValue>,
    ) {
        self.change(|SpanData { events, .. }| {
            if events.events.len() < MOST {
                let dropped = cut(&mut attributes);
                events.events.push(Event::new(name, timestamp, attributes, dropped));
            } else {
                events.dropped_count += 1;
            }
        });
    }

    fn span_context(&self) -> &SpanContext {
        &self.span_context
    }

    fn is_recording(&self) -> bool {
        self.recording.is_some()
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        self.change(|span| {
            if span.attributes.len() < MOST {
                span.attributes.push(attribute);
            } else {
                span.dropped_attributes_count += 1;
            }
        });
    }

    /// The greater of Ok, Error and Unset counts, as in the SDK.
    fn set_status(&mut self, status: Status) {
        self.change(|span| {
            if status > span.status {
                span.status = status;
            }
        });
    }

    fn update_name<T: Into<Cow<'static, str>>>(&mut self, new_name: T) {
        self.change(|span| span.name = new_name.into());
    }

    fn add_link(&mut self, span_context: SpanContext, attributes: Vec<KeyValue>) {
        self.change(|SpanData { links, .. }| {
            if links.links.len() < MOST {
                let mut attributes = attributes;
                let dropped = cut(&mut attributes);
                links.links.push(Link::new(span_context, attributes, dropped));
            } else {
                links.dropped_count += 1;
            }
        });
    }

    fn end(&mut self) {
        self.finish(opentelemetry::time::now);
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        self.finish(|| timestamp);
    }
}

impl Drop for RecordedSpan {
    /// What nobody ended ends now.
    fn drop(&mut self) {
        self.end();
    }
}
