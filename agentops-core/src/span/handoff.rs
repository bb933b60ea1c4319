//! How a span's prebuilt attributes reach tracing-opentelemetry.
//!
//! The layer asks its tracer for a builder on the very thread and in the very call that creates the
//! `tracing` span. So the factory leaves the finished builder in a thread-local, and our tracer hands it
//! over: attributes keep their types (arrays too) and are not copied through `tracing` fields, where
//! unsigned integers would become strings.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
};

use opentelemetry::{
    Context,
    trace::{SpanBuilder, Tracer},
};
use opentelemetry_sdk::trace::{SdkTracer, Span};

use crate::{
    kind::SpanKind,
    semconv::{ADOPTED_FROM, SPAN_KIND},
    session::{Birth, Origin},
};

thread_local! {
    static PREPARED: RefCell<Option<SpanBuilder>> = const { RefCell::new(None) };
    /// Of the span that is being built on this thread.
    static BIRTH: Cell<Option<Birth>> = const { Cell::new(None) };
}

/// Leaves a builder for the span that is just being created.
pub(crate) fn prepare(builder: SpanBuilder) {
    PREPARED.set(Some(builder));
}

/// What is known of the span that is being built: the processor cannot look into it.
pub(crate) fn birth() -> Option<Birth> {
    BIRTH.get()
}

/// The factory writes the kind first, the adopter where the span comes from and then the kind.
fn birth_of(builder: &SpanBuilder) -> Option<Birth> {
    let attributes = builder.attributes.as_deref()?;
    let origin = match attributes.first()?.key.as_str() {
        SPAN_KIND => Origin::Own,
        ADOPTED_FROM => Origin::Adopted,
        _ => return None,
    };
    let kind = attributes.get(usize::from(origin == Origin::Adopted))?;
    let slot = SpanKind::slot(&kind.value.as_str());
    Some(Birth { slot, origin })
}

/// Creates a `tracing` span for a prepared builder; gives the builder back if no layer of ours took it.
pub(super) fn hand_over(
    builder: SpanBuilder,
    create: impl FnOnce() -> tracing::Span,
) -> (tracing::Span, Option<SpanBuilder>) {
    prepare(builder);
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
        BIRTH.set(birth_of(&builder));
        let span = self.sdk.build_with_context(builder, parent);
        BIRTH.set(None);
        span
    }
}
