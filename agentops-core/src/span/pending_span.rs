//! Passes a span's initial attributes from the factory to our layer, and the context of the created span back.
//!
//! The factory stores the pending span in a thread-local, our layer takes it in the very call that creates the
//! `tracing` span, and leaves the context of the recorded span there. The page of `bridge` says why.

use std::{borrow::Cow, cell::RefCell, mem};

use opentelemetry::{
    Context,
    trace::{Link, SpanBuilder, SpanKind as OtelKind},
};

use crate::record::{RecordedKind, SpanAttributes};

thread_local! {
    static HANDED: RefCell<Handed> = const { RefCell::new(Handed::Nothing) };
}

/// Content of the slot between the factory and our layer.
#[derive(Debug)]
pub(super) enum Handed {
    Nothing,
    /// For the layer: the span to create.
    PendingSpan(PendingSpan),
    /// For the factory: the context that holds the span.
    Started(Context),
}

/// Initial state of a span. Smaller to pass around than the `SpanBuilder` that it becomes.
#[derive(Debug)]
pub(crate) struct PendingSpan {
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: RecordedKind,
    pub(crate) attributes: SpanAttributes,
    pub(crate) link: Option<Vec<Link>>,
    /// Parent context, if it is not the current context.
    pub(crate) parent: Option<Context>,
}

impl PendingSpan {
    /// Returns the builder, and the parent context if it is not the current one.
    pub(crate) fn builder(self) -> (SpanBuilder, Option<Context>) {
        let mut builder = SpanBuilder::from_name(self.name);
        builder.attributes = Some(self.attributes.into_list());
        // A model call is the only kind that calls another service.
        builder.span_kind = (self.kind == RecordedKind::Llm).then_some(OtelKind::Client);
        builder.links = self.link;
        (builder, self.parent)
    }
}

fn replace(handed: Handed) -> Handed {
    // A thread that is being torn down creates no more spans.
    HANDED.try_with(|slot| mem::replace(&mut *slot.borrow_mut(), handed)).unwrap_or(Handed::Nothing)
}

/// Takes the pending span for the `tracing` span that is just being created. Returns `None` for a foreign span.
pub(crate) fn take_pending() -> Option<PendingSpan> {
    match replace(Handed::Nothing) {
        Handed::PendingSpan(pending) => Some(pending),
        Handed::Nothing | Handed::Started(_) => None,
    }
}

/// Stores the context of the span that was just created.
pub(crate) fn leave_started(context: Context) {
    replace(Handed::Started(context));
}

/// Creates a `tracing` span for a pending span. Returns the context of the span, or the pending span if no layer of
/// ours took it.
#[inline(always)]
pub(super) fn hand_over(
    pending: PendingSpan,
    create: impl FnOnce() -> tracing::Span,
) -> (tracing::Span, Handed) {
    replace(Handed::PendingSpan(pending));
    let span = create();
    (span, replace(Handed::Nothing))
}
