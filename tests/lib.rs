//! Parts that the tests share: a collecting exporter, traces as text, a loopback collector.
//!
//! One test file is one process with one global subscriber; within it, tests tell their sessions apart by
//! name, so that they may run side by side.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

pub mod collector;
pub mod files;
pub mod log;
#[cfg(doctest)]
pub mod pages;
pub mod process;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use agentops::testing::tree_of;
use agentops::{
    TracingConfig, TracingConfigBuilder, TracingCore,
    opentelemetry::{TraceId, Value, trace::TracerProvider},
    opentelemetry_sdk::{
        error::OTelSdkResult,
        trace::{SdkTracerProvider, SpanData, SpanExporter},
    },
    tracing::Subscriber,
    tracing_opentelemetry,
};
use tracing_subscriber::{
    Layer, layer::SubscriberExt, registry, registry::LookupSpan, util::SubscriberInitExt,
};

/// An exporter that keeps what it is given.
#[derive(Clone, Debug, Default)]
pub struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Kept {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

/// Runs in a core of its own, whose counters nobody else moves.
pub fn alone<R>(
    configure: impl FnOnce(TracingConfigBuilder) -> TracingConfigBuilder,
    code: impl FnOnce(&Recording) -> R,
) -> R {
    let recording = Recording::new(configure);
    let subscriber = registry().with(agentops::layer(&recording.core));
    tracing::subscriber::with_default(subscriber, || code(&recording))
}

/// Headers of a request.
pub fn headers(entries: &[(&str, &str)]) -> HashMap<String, String> {
    entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// A core with everything it has delivered.
#[derive(Debug)]
pub struct Recording {
    /// The core.
    pub core: TracingCore,
    /// Spans that it has delivered.
    pub kept: Kept,
}

impl Recording {
    /// A core that delivers into memory.
    pub fn new(configure: impl FnOnce(TracingConfigBuilder) -> TracingConfigBuilder) -> Self {
        let kept = Kept::default();
        let builder = TracingConfig::builder().exporter(kept.clone()).console(false);
        let builder = configure(builder).shutdown_timeout(Duration::from_secs(60));
        Self { core: TracingCore::new(builder.build().unwrap()).unwrap(), kept }
    }

    /// The same, as the global subscriber of this process, made by the first test that asks.
    pub fn global() -> &'static Self {
        Self::global_with(|builder| builder)
    }

    /// The same, configured.
    pub fn global_with(
        configure: impl FnOnce(TracingConfigBuilder) -> TracingConfigBuilder,
    ) -> &'static Self {
        static GLOBAL: OnceLock<Recording> = OnceLock::new();
        GLOBAL.get_or_init(|| {
            let recording = Self::new(configure);
            let ours = agentops::layer(&recording.core);
            registry()
                .with(another("before"))
                .with(ours)
                .with(another("after"))
                .with(log::Log)
                .init();
            recording
        })
    }

    /// Everything delivered so far.
    pub fn spans(&self) -> Vec<SpanData> {
        self.core.flush().unwrap();
        self.kept.0.lock().unwrap().clone()
    }

    /// The traces whose session has this name, each with its spans in the order of their starts.
    pub fn traces_of(&self, session: &str) -> Vec<Vec<SpanData>> {
        let spans = self.spans();
        let roots = spans.iter().filter(|span| is_session(span) && name(span) == session);
        let mut traces: Vec<_> =
            roots.map(|root| spans_of(&spans, root.span_context.trace_id())).collect();
        traces.sort_by_key(|spans| spans[0].start_time);
        traces
    }

    /// The only trace whose session has this name.
    pub fn trace_of(&self, session: &str) -> Vec<SpanData> {
        let mut traces = self.traces_of(session);
        assert_eq!(traces.len(), 1, "traces of `{session}`");
        traces.remove(0)
    }

    /// The same as indented text.
    pub fn tree_of(&self, session: &str) -> String {
        tree_of(&self.trace_of(session))
    }

    /// The only span of this name in the only trace of this session.
    pub fn span_of(&self, session: &str, span: &str) -> SpanData {
        let mut spans = self.trace_of(session);
        spans.retain(|candidate| name(candidate) == span);
        assert_eq!(spans.len(), 1, "spans `{span}` of session `{session}`");
        spans.remove(0)
    }
}

/// Returns `true` if there is another layer of `tracing-opentelemetry`, too.
pub fn is_beside() -> bool {
    std::env::var_os("BESIDE").is_some()
}

/// Another layer of `tracing-opentelemetry` before or after ours, if `BESIDE` wants one: then every test shows
/// that we record the same.
fn another<S>(place: &str) -> Option<impl Layer<S> + use<S>>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let is_wanted = std::env::var("BESIDE").is_ok_and(|wanted| wanted == place);
    is_wanted.then(|| {
        let tracer = SdkTracerProvider::builder().build().tracer("theirs");
        tracing_opentelemetry::layer().with_tracer(tracer)
    })
}

fn is_session(span: &SpanData) -> bool {
    attribute(span, "agentops.span.kind").is_some_and(|kind| kind.as_str() == "session")
}

fn spans_of(spans: &[SpanData], trace: TraceId) -> Vec<SpanData> {
    let of_trace = spans.iter().filter(|span| span.span_context.trace_id() == trace);
    let mut of_trace: Vec<_> = of_trace.cloned().collect();
    of_trace.sort_by_key(|span| span.start_time);
    of_trace
}

/// The name that a span was annotated with.
pub fn name(span: &SpanData) -> String {
    attribute(span, "operation.name").expect("every span has `operation.name`").to_string()
}

/// An attribute's value.
pub fn attribute(span: &SpanData, key: &str) -> Option<Value> {
    let found = span.attributes.iter().find(|attribute| attribute.key.as_str() == key);
    found.map(|attribute| attribute.value.clone())
}

/// All attributes as `key=value` lines in their order, without those that differ from run to run.
pub fn attributes(span: &SpanData) -> Vec<String> {
    let stamps = ["session.id", "gen_ai.conversation.id"];
    let lasting = span.attributes.iter().filter(|it| !stamps.contains(&it.key.as_str()));
    lasting.map(|attribute| format!("{}={}", attribute.key, attribute.value)).collect()
}

impl Kept {
    /// Everything it was given.
    pub fn spans(&self) -> Vec<SpanData> {
        self.0.lock().unwrap().clone()
    }
}
