//! How a span's prebuilt attributes reach tracing-opentelemetry.
//!
//! The layer asks its tracer for a builder on the very thread and in the very call that creates the
//! `tracing` span. So the factory leaves the finished builder in a thread-local, and our tracer hands it
//! over: attributes keep their types (arrays too) and are not copied through `tracing` fields, where
//! unsigned integers would become strings.

use std::cell::RefCell;

use opentelemetry::trace::SpanBuilder;

use crate::{
    kind::SpanKind,
    semconv::{ADOPTED_FROM, SPAN_KIND},
    session::{Birth, Origin},
};

thread_local! {
    static PREPARED: RefCell<Option<SpanBuilder>> = const { RefCell::new(None) };
}

/// Leaves a builder for the span that is just being created.
pub(crate) fn prepare(builder: SpanBuilder) {
    PREPARED.set(Some(builder));
}

/// The builder that was left, if there is one.
pub(crate) fn take_prepared() -> Option<SpanBuilder> {
    PREPARED.take()
}

/// What a builder tells of the span to be. The factory writes the kind first, the adopter where the span comes from and then the kind.
pub(crate) fn birth_of(builder: &SpanBuilder) -> Option<Birth> {
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
