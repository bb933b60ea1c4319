//! Tracer for every span that reaches our layer, foreign ones included. Admitted spans are recorded here.
//!
//! It replaces the SDK's tracer, sampler and processors with the only pipeline that there is: a span is a box of
//! plain data, which is passed on as it is when the span ends.

use std::{borrow::Cow, mem, sync::Arc, time::SystemTime};

use opentelemetry::{
    Context, InstrumentationScope, KeyValue,
    trace::{
        Event, Link, Span, SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt, TraceFlags,
    },
};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator, SpanData};

use super::{
    live_record::LiveRecord,
    recorder::SpanRecorder,
    span_limits::{add_attribute, add_event, add_link, cut, cut_attributes},
    span_sink::SpanSink,
    started_span::{Provider, Started},
};
use crate::{
    record::pool,
    session::{Birth, InSession, SessionRegistry, SpanSource, admit, list_live},
};

/// Returns the instrumentation scope of our spans, with the version of the conventions.
pub(crate) fn scope() -> InstrumentationScope {
    InstrumentationScope::builder("agentops")
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url("https://opentelemetry.io/schemas/1.41.1")
        .build()
}

/// Tracer that records a span if the session rule admits it.
///
/// It runs inside of a layer, where an event of its own would come back to it, so it emits none.
#[derive(Clone, Debug)]
pub(crate) struct AgentOpsTracer(Arc<SpanRecorder>);

impl AgentOpsTracer {
    pub(crate) fn new(registry: Arc<SessionRegistry>, sink: Arc<dyn SpanSink>) -> Self {
        Self(Arc::new(SpanRecorder { registry, sink }))
    }
}

/// Creates the data of a span from its builder and its place in the trace.
fn data(builder: SpanBuilder, span_context: SpanContext, parent: &SpanContext) -> Box<SpanData> {
    let SpanBuilder { span_kind, name, start_time, attributes, events, links, .. } = builder;
    let mut span = pool::span(attributes.unwrap_or_default());
    span.span_context = span_context;
    if parent.is_valid() {
        span.parent_span_id = parent.span_id();
        span.parent_span_is_remote = parent.is_remote();
    }
    span.span_kind = span_kind.unwrap_or(SpanKind::Internal);
    span.name = name;
    span.start_time = start_time.unwrap_or_else(opentelemetry::time::now);
    span.end_time = span.start_time;
    span.dropped_attributes_count = cut_attributes(&mut span.attributes);
    if let Some(mut events) = events {
        span.events.dropped_count = cut(&mut events);
        span.events.events = events;
    }
    if let Some(mut links) = links {
        span.links.dropped_count = cut(&mut links);
        span.links.links = links;
    }
    span
}

impl AgentOpsTracer {
    /// Starts a span as a child of the span in `context`. The span is recorded if the session rule admits it.
    pub(crate) fn build(
        &self,
        birth: Birth,
        builder: SpanBuilder,
        context: &Context,
    ) -> RecordedSpan {
        let (ids, outer) = (RandomIdGenerator::default(), context.span());
        let parent = outer.span_context();
        let trace = if parent.is_valid() { parent.trace_id() } else { ids.new_trace_id() };
        let id = ids.new_span_id();
        let of_flags =
            |flags| SpanContext::new(trace, id, flags, false, parent.trace_state().clone());
        let Ok(InSession { session, .. }) = admit(context) else {
            return RecordedSpan(State::Refused(of_flags(TraceFlags::NOT_SAMPLED)));
        };
        let span_context = of_flags(parent.trace_flags() | TraceFlags::SAMPLED);
        let span = data(builder, span_context, parent);
        let started =
            Started { id, parent: parent.span_id(), session, birth, provider: Provider::Own };
        if birth.source == SpanSource::Adopted {
            // Listed, so that its child finds it there.
            list_live(&outer);
        }
        if self.0.sink.wants_starts() {
            self.0.keep_parent(context, session);
        }
        let life = LiveRecord::of(&self.0, &started, || Some((*span).clone()));
        RecordedSpan(State::Recording { span, life })
    }
}

/// Span of our tracer. It ends when it is dropped, at the latest.
#[derive(Debug)]
pub(crate) struct RecordedSpan(State);

#[derive(Debug)]
enum State {
    /// The span is recorded.
    Recording { span: Box<SpanData>, life: LiveRecord },
    /// The span was refused. It has a place in its trace and nothing else.
    Refused(SpanContext),
    /// The span has ended. The context that holds it keeps its place in the trace.
    Ended,
}

impl RecordedSpan {
    fn change(&mut self, change: impl FnOnce(&mut SpanData)) {
        if let State::Recording { span, .. } = &mut self.0 {
            change(span);
        }
    }

    /// Lists the span among the live ones, where it can be found by its id. Returns `false` if it has ended.
    // A span that nobody looks up does not pay for the table: 250 instructions.
    fn list_live(&self) -> bool {
        let State::Recording { span, life } = &self.0 else { return false };
        life.list(span);
        true
    }

    fn finish(&mut self, end: impl FnOnce() -> SystemTime) {
        if !matches!(self.0, State::Recording { .. }) {
            return;
        }
        if let State::Recording { mut span, life } = mem::replace(&mut self.0, State::Ended) {
            span.end_time = end();
            life.end(span);
        }
    }
}

impl Span for RecordedSpan {
    fn add_event_with_timestamp<T: Into<Cow<'static, str>>>(
        &mut self,
        name: T,
        timestamp: SystemTime,
        attributes: Vec<KeyValue>,
    ) {
        self.change(|span| add_event(span, Event::new(name, timestamp, attributes, 0)));
    }

    fn span_context(&self) -> &SpanContext {
        match &self.0 {
            State::Recording { span, .. } => &span.span_context,
            State::Refused(span_context) => span_context,
            State::Ended => &SpanContext::NONE,
        }
    }

    /// Returns `true` until the span ends, and lists it among the live spans.
    // A context hands out a span as OpenTelemetry's `SpanRef`, which lets nothing else through that returns a value:
    // `list_live` has no other way to the span.
    fn is_recording(&self) -> bool {
        self.list_live()
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        self.change(|span| add_attribute(span, attribute));
    }

    /// Sets the status. `Ok` wins over `Error` and `Error` over `Unset`, as the specification requires; of several
    /// errors the last one with a description is kept. Setting `Unset` announces the span: the first child does so,
    /// since a context forwards no other signal to the span in it.
    #[inline(always)]
    fn set_status(&mut self, status: Status) {
        if matches!(status, Status::Unset) {
            if let State::Recording { span, life } = &self.0 {
                life.announce(span);
            }
            return;
        }
        self.change(|span| {
            let outranks = match (&status, &span.status) {
                (Status::Error { description }, Status::Error { .. }) => !description.is_empty(),
                (status, earlier) => status > earlier,
            };
            if outranks {
                span.status = status;
            }
        });
    }

    fn update_name<T: Into<Cow<'static, str>>>(&mut self, new_name: T) {
        self.change(|span| span.name = new_name.into());
    }

    fn add_link(&mut self, span_context: SpanContext, attributes: Vec<KeyValue>) {
        self.change(|span| add_link(span, Link::new(span_context, attributes, 0)));
    }

    fn end(&mut self) {
        self.finish(opentelemetry::time::now);
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        self.finish(|| timestamp);
    }
}

impl Drop for RecordedSpan {
    /// Ends the span, if it has not ended yet.
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use opentelemetry_sdk::Resource;

    use super::{super::span_sink::EndedSpan, *};
    use crate::{
        attribute::find_last,
        fixtures::{registry, session_in},
        process::Lock,
        record::{
            RecordedKind,
            semconv::{
                ERROR_TYPE, EXCEPTION_EVENT, INPUT_TOKENS, METADATA_PREFIX, OUTPUT, REQUEST_MODEL,
                SESSION_END_STATE, SESSION_ERRORS, SPAN_KIND,
            },
        },
    };

    const OF_TOOL: Birth = Birth { kind: RecordedKind::Tool, source: SpanSource::Own };

    /// Sink that keeps ended spans.
    #[derive(Debug, Default)]
    struct Kept(Lock<Vec<SpanData>>);

    impl SpanSink for Kept {
        fn push(&self, ended: EndedSpan) {
            self.0.lock().push(*ended.span);
        }

        fn set_resource(&self, _: Resource) {}

        fn flush(&self, _: Duration) -> Result<(), String> {
            Ok(())
        }
    }

    /// Starts a span in a session, applies `act` to it, and returns the spans that ended.
    fn kept(builder: SpanBuilder, act: impl FnOnce(&mut RecordedSpan)) -> Vec<SpanData> {
        let (registry, sink) = (registry(), Arc::new(Kept::default()));
        let tracer = AgentOpsTracer::new(Arc::clone(&registry), sink.clone());
        let context = Context::new().with_value(InSession::new(session_in(&registry), registry));
        let mut span = tracer.build(OF_TOOL, builder, &context);
        act(&mut span);
        drop(span);
        sink.0.lock().clone()
    }

    /// Returns the builder of a tool's span with this many further attributes.
    fn tool(attributes: usize) -> SpanBuilder {
        let kind = [KeyValue::new(SPAN_KIND, "tool")].into_iter();
        SpanBuilder::from_name("it").with_attributes(kind.chain(numbered(attributes)))
    }

    fn numbered(count: usize) -> Vec<KeyValue> {
        (0..count).map(|n| KeyValue::new(format!("k{n}"), n as i64)).collect()
    }

    #[test]
    fn span_limits_drop_and_count_overflow() {
        let spans = kept(tool(129), |span| {
            span.set_attribute(KeyValue::new("late", true));
            (0..130).for_each(|n| span.add_event(format!("e{n}"), numbered(129)));
            (0..130).for_each(|_| span.add_link(SpanContext::NONE, Vec::new()));
        });
        let SpanData { attributes, events, links, .. } = &spans[0];
        assert_eq!((attributes.len(), spans[0].dropped_attributes_count), (128, 3));
        assert_eq!((events.len(), events.dropped_count), (128, 2));
        let event = &events[0];
        assert_eq!((event.attributes.len(), event.dropped_attributes_count), (128, 1));
        assert_eq!((links.len(), links.dropped_count), (128, 2));
    }

    #[test]
    fn reserved_attributes_exempt_from_span_limits() {
        let own = [ERROR_TYPE, INPUT_TOKENS, OUTPUT, SESSION_ERRORS, SESSION_END_STATE];
        let spans = kept(tool(200), |span| {
            (0..300)
                .for_each(|n| span.set_attribute(KeyValue::new(format!("gen_ai.prompt.{n}"), n)));
            (0..300).for_each(|n| {
                span.set_attribute(KeyValue::new(format!("{METADATA_PREFIX}m{n}"), n));
            });
            own.iter().for_each(|key| span.set_attribute(KeyValue::new(*key, "first")));
            own.iter().for_each(|key| span.set_attribute(KeyValue::new(*key, "said")));
            (0..130).for_each(|n| span.add_event(format!("e{n}"), Vec::new()));
            (0..20).for_each(|n| span.add_event(EXCEPTION_EVENT, vec![KeyValue::new("n", n)]));
        });
        let SpanData { attributes, dropped_attributes_count, events, .. } = &spans[0];
        let last: Vec<_> = attributes[128..]
            .iter()
            .map(|attribute| (attribute.key.as_str(), attribute.value.as_str()))
            .collect();
        assert_eq!(last, own.map(|key| (key, "said".into())));
        assert_eq!(*dropped_attributes_count, 1 + 200 - 128 + 600);
        assert_eq!((events.len(), events.dropped_count), (128 + 8, 2 + 12));
        assert_eq!(events[135].attributes, [KeyValue::new("n", 19)]);
    }

    #[test]
    fn set_attribute_overwrite_consumes_no_limit() {
        let spans = kept(tool(100), |span| {
            (0..1_000).for_each(|n| span.set_attribute(KeyValue::new("progress", n)));
            span.set_attribute(KeyValue::new("late", true));
            (0..100).for_each(|n| span.set_attribute(KeyValue::new(format!("more{n}"), n)));
            span.set_attribute(KeyValue::new("progress", 1_000));
        });
        let SpanData { attributes, dropped_attributes_count, .. } = &spans[0];
        let of = |key| find_last(attributes, key).cloned();
        assert_eq!((of("progress"), of("late")), (Some(1_000.into()), Some(true.into())));
        assert_eq!((attributes.len(), *dropped_attributes_count), (128, 1 + 100 + 2 + 100 - 128));
    }

    #[test]
    fn span_builder_keeps_reserved_attributes_beyond_limit() {
        let late = KeyValue::new(REQUEST_MODEL, "m");
        let builder = tool(0).with_attributes(
            [KeyValue::new(SPAN_KIND, "llm")]
                .into_iter()
                .chain(numbered(200))
                .chain([late.clone()]),
        );
        let SpanData { attributes, dropped_attributes_count, .. } = &kept(builder, |_| {})[0];
        assert_eq!((attributes.len(), *dropped_attributes_count), (129, 73));
        assert_eq!(attributes.last(), Some(&late));
    }

    #[test]
    fn span_status_keeps_highest_priority() {
        let status = |all: &[Status]| {
            let act = |span: &mut RecordedSpan| {
                all.iter().for_each(|status| span.set_status(status.clone()));
            };
            kept(tool(0), act)[0].status.clone()
        };
        let error = Status::error("no");
        assert_eq!(status(&[error.clone(), Status::Ok, Status::Unset]), Status::Ok);
        assert_eq!(status(&[Status::Unset, error.clone(), Status::Unset]), error);
        let errors = ["z", "a", ""].map(Status::error);
        assert_eq!(status(&errors), Status::error("a"));
    }

    #[test]
    fn span_ends_once_or_on_drop() {
        let (start, end) =
            (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + Duration::from_secs(1));
        let builder = || tool(0).with_start_time(start);
        let ended = kept(builder(), |span| {
            span.update_name("renamed");
            span.end_with_timestamp(end);
            span.end();
            span.update_name("too late");
        });
        assert_eq!(ended.len(), 1);
        assert_eq!(
            (&*ended[0].name, ended[0].start_time, ended[0].end_time),
            ("renamed", start, end)
        );
        assert!(kept(builder(), |_| {})[0].end_time > end);
    }

    #[test]
    fn span_registered_from_is_recording_until_end() {
        let (registry, sink) = (registry(), Arc::new(Kept::default()));
        let tracer = AgentOpsTracer::new(Arc::clone(&registry), sink);
        let inside = InSession::new(session_in(&registry), Arc::clone(&registry));
        let context = Context::new().with_value(inside);
        let mut span = tracer.build(OF_TOOL, tool(0), &context);
        let id = span.span_context().span_id();
        let found = || registry.live().exported_ancestor(id);
        assert_eq!(found(), None);
        assert!(span.is_recording());
        assert_eq!(found(), Some(id));
        span.end();
        assert_eq!((found(), span.is_recording()), (None, false));
    }

    #[test]
    fn span_without_session_has_only_context() {
        let sink = Arc::new(Kept::default());
        let tracer = AgentOpsTracer::new(registry(), sink.clone());
        let mut span = tracer.build(OF_TOOL, tool(0), &Context::new());
        span.set_attribute(KeyValue::new("k", 1));
        assert!(span.span_context().is_valid() && !span.span_context().is_sampled());
        assert!(!span.is_recording());
        drop(span);
        assert!(sink.0.lock().is_empty());
    }
}
