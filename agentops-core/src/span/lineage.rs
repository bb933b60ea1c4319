//! The nearest span of ours, whatever else is current.
//!
//! Another provider's layer may put a span of its own between two of ours. It is the current span, but it is
//! not in our trace's export: a child that named it as its parent would hang in the air.

use std::cell::Cell;

use opentelemetry::{
    Context, ContextGuard, SpanId,
    trace::{SpanContext, TraceContextExt},
};
use tracing::{Dispatch, dispatcher, span::Id};
use tracing_opentelemetry::get_otel_context;
use tracing_subscriber::{Registry, registry::LookupSpan};

use crate::session::SessionState;

thread_local! {
    /// A span that is known to be ours: as a rule the innermost one of ours that this thread has entered.
    static OURS: Cell<SpanId> = const { Cell::new(SpanId::INVALID) };
}

/// As long as it lives, the span that was current when it began is known to be ours.
pub(super) struct Ours {
    before: SpanId,
}

impl Ours {
    pub(super) fn current() -> Self {
        Self { before: OURS.replace(current_id()) }
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        OURS.set(self.before);
    }
}

/// Makes the nearest span of ours the current one, if a foreign one is.
pub(super) fn skip_foreign(session: &SessionState) -> Option<ContextGuard> {
    let current = current_id();
    if OURS.get() == current { None } else { find_ours(session, current) }
}

#[cold]
fn find_ours(session: &SessionState, current: SpanId) -> Option<ContextGuard> {
    if Context::map_current(|context| is_ours(session, context)) {
        OURS.set(current);
        return None;
    }
    let nearest = nearest(session)?;
    Some(Context::map_current(|context| context.with_remote_span_context(nearest)).attach())
}

/// The nearest span of ours among those that this thread has entered. They may be another session's, where a
/// context was carried here.
fn nearest(session: &SessionState) -> Option<SpanContext> {
    let ours = |id: &Id, dispatch: &Dispatch| {
        let context = get_otel_context(id, dispatch)?;
        let span = context.span().span_context().clone();
        (is_ours(session, &context) && session.is_of_trace(span.trace_id())).then_some(span)
    };
    dispatcher::get_default(|dispatch| {
        let current = dispatch.current_span();
        let registry = dispatch.downcast_ref::<Registry>()?;
        let span = registry.span(current.id()?)?;
        span.scope().find_map(|span| ours(&span.id(), dispatch))
    })
}

fn is_ours(session: &SessionState, context: &Context) -> bool {
    let span = context.span();
    // Asked, it lets itself be found.
    span.is_recording()
        && session.registry().live().nearest(span.span_context().span_id()).is_some()
}

fn current_id() -> SpanId {
    Context::map_current(|context| context.span().span_context().span_id())
}
