//! How a span's prebuilt attributes reach tracing-opentelemetry.
//!
//! The layer asks its tracer for a builder on the very thread and in the very call that creates the
//! `tracing` span. So the factory leaves the finished builder in a thread-local, and our tracer hands it
//! over: attributes keep their types (arrays too) and are not copied through `tracing` fields, where
//! unsigned integers would become strings.

use std::{borrow::Cow, cell::RefCell};

use opentelemetry::{
    Context,
    trace::{SpanBuilder, Tracer},
};
use opentelemetry_sdk::trace::{SdkTracer, Span};

thread_local! {
    static PREPARED: RefCell<Option<SpanBuilder>> = const { RefCell::new(None) };
}

/// Creates a `tracing` span for a prepared builder; gives the builder back if no layer of ours took it.
pub(super) fn hand_over(
    builder: SpanBuilder,
    create: impl FnOnce() -> tracing::Span,
) -> (tracing::Span, Option<SpanBuilder>) {
    PREPARED.set(Some(builder));
    let span = create();
    (span, PREPARED.take())
}

/// The SDK's tracer, except that it starts from the prepared builder if there is one.
#[derive(Clone, Debug)]
pub(crate) struct AgentOpsTracer {
    sdk: SdkTracer,
}

impl AgentOpsTracer {
    pub(crate) fn new(sdk: SdkTracer) -> Self {
        Self { sdk }
    }
}

impl Tracer for AgentOpsTracer {
    type Span = Span;

    fn span_builder<T: Into<Cow<'static, str>>>(&self, name: T) -> SpanBuilder {
        PREPARED.take().unwrap_or_else(|| SpanBuilder::from_name(name))
    }

    fn build_with_context(&self, builder: SpanBuilder, parent: &Context) -> Span {
        self.sdk.build_with_context(builder, parent)
    }
}
