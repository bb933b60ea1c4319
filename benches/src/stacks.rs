//! How each way of recording is set up: in this process, with an exporter that throws everything away.

use agentops::{Guard, TracingConfig, TracingConfigBuilder, TracingCore};
use opentelemetry::trace::{TracerProvider, noop::NoopTracer};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider, SpanData, SpanExporter},
};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::{
    Layer, Registry, filter::filter_fn, layer::SubscriberExt, registry::LookupSpan,
};

/// Throws everything away.
#[derive(Debug)]
pub struct Nowhere;

impl SpanExporter for Nowhere {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

/// A layer that wants every span and does nothing with it.
#[derive(Debug)]
pub struct Idle;

impl<S: Subscriber> Layer<S> for Idle {}

/// The SDK's provider with a batch processor whose queue has room for everything.
pub fn sdk_provider() -> SdkTracerProvider {
    let config = BatchConfigBuilder::default().with_max_queue_size(1 << 20).build();
    let processor = BatchSpanProcessor::builder(Nowhere).with_batch_config(config).build();
    SdkTracerProvider::builder().with_span_processor(processor).build()
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
