//! Setup of each way of recording: in this process, with an exporter that throws everything away.

use std::sync::{
    OnceLock,
    atomic::{AtomicU64, Ordering},
};

use agentops::{Guard, TracingConfig, TracingConfigBuilder, TracingCore};
use fastrace::collector::{Reporter, SpanId, SpanRecord};
use opentelemetry::trace::{TracerProvider, noop::NoopTracer};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider, SpanData, SpanExporter},
};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::{
    Layer, Registry, filter::filter_fn, layer::SubscriberExt, registry::LookupSpan,
};

/// Throws everything away, and counts it.
#[derive(Debug)]
pub struct Nowhere;

static ARRIVED: AtomicU64 = AtomicU64::new(0);

/// Number of spans that this process has thrown away.
pub fn arrived() -> u64 {
    ARRIVED.load(Ordering::SeqCst)
}

impl SpanExporter for Nowhere {
    async fn export(&self, spans: Vec<SpanData>) -> OTelSdkResult {
        ARRIVED.fetch_add(spans.len() as u64, Ordering::SeqCst);
        Ok(())
    }
}

/// Of fastrace it counts what is below a root.
impl Reporter for Nowhere {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        let below = spans.iter().filter(|span| span.parent_id != SpanId::default());
        ARRIVED.fetch_add(below.count() as u64, Ordering::SeqCst);
    }
}

/// A layer that wants every span and does nothing with it.
#[derive(Debug)]
pub struct Idle;

impl<S: Subscriber> Layer<S> for Idle {}

/// The SDK's provider with a batch processor, one for the whole process.
pub fn sdk_provider() -> SdkTracerProvider {
    static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();
    let start = || {
        let config = BatchConfigBuilder::default().build();
        let processor = BatchSpanProcessor::builder(Nowhere).with_batch_config(config).build();
        SdkTracerProvider::builder().with_span_processor(processor).build()
    };
    PROVIDER.get_or_init(start).clone()
}

/// The default layer over the SDK's provider: what most programs have.
pub fn default_layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    tracing_opentelemetry::layer().with_tracer(sdk_provider().tracer("peer"))
}

/// The same without what can be switched off.
pub fn tuned_layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    tracing_opentelemetry::layer()
        .with_tracer(sdk_provider().tracer("peer"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_target(false)
        .with_context_activation(false)
}

fn nowhere() -> TracingConfigBuilder {
    TracingConfig::builder().exporter(Nowhere).console(false)
}

/// A core of ours.
pub fn core() -> TracingCore {
    core_with(|config| config)
}

/// A core of ours, configured.
pub fn core_with(
    configure: impl FnOnce(TracingConfigBuilder) -> TracingConfigBuilder,
) -> TracingCore {
    let config = configure(nowhere());
    TracingCore::new(config.build().expect("it can be built")).expect("it starts")
}

/// The layer itself: contexts are activated, as agentops needs it, and spans are built of nothing.
pub fn idle_layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    tracing_opentelemetry::layer()
        .with_tracer(NoopTracer::new())
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_target(false)
}

/// Ours as most programs have it, for the whole process.
pub fn init() -> Guard {
    agentops::init_with(nowhere().build().expect("it can be built")).expect("it is the first")
}

/// Ours as the only layer of a subscriber.
pub fn by_itself(core: &TracingCore) -> impl Subscriber + Send + Sync + use<> {
    Registry::default().with(agentops::layer(core))
}

/// Ours beside a layer that wants every span.
pub fn beside_another(core: &TracingCore) -> impl Subscriber + Send + Sync + use<> {
    Registry::default().with(agentops::layer(core)).with(Idle)
}

/// Ours where a filter of the whole subscriber lets nothing through.
pub fn filtered(core: &TracingCore) -> impl Subscriber + Send + Sync + use<> {
    let nothing = filter_fn(|_: &Metadata<'_>| false);
    Registry::default().with(agentops::layer(core)).with(nothing)
}
