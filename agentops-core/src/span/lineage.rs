//! The nearest span of ours, whatever else is current.
//!
//! Another provider's layer may put a span of its own between two of ours. It is the current span, but it is
//! not in our trace's export: a child that named it as its parent would hang in the air.

use std::cell::RefCell;

use opentelemetry::{
    Context, ContextGuard,
    trace::{SpanContext, TraceContextExt},
};
use tracing::span::Id;
use tracing_core::Subscriber;
use tracing_subscriber::{Layer, layer};

use crate::session::SessionState;

thread_local! {
    /// The spans of ours that this thread has entered, innermost last.
    static ENTERED: RefCell<Vec<(Id, SpanContext)>> = const { RefCell::new(Vec::new()) };
}

/// Watches which spans of ours are entered; it stands behind the layer that makes them current.
#[derive(Debug)]
pub(crate) struct LineageLayer;

impl<S: Subscriber> Layer<S> for LineageLayer {
    fn on_enter(&self, id: &Id, _: layer::Context<'_, S>) {
        let entered = Context::map_current(|context| context.span().span_context().clone());
        with_entered(|spans| spans.push((id.clone(), entered)));
    }

    fn on_exit(&self, id: &Id, _: layer::Context<'_, S>) {
        with_entered(|spans| {
            if let Some(place) = spans.iter().rposition(|(entered, _)| entered == id) {
                spans.remove(place);
            }
        });
    }
}

/// Makes the nearest span of ours the current one, if a foreign one is.
pub(super) fn skip_foreign(session: &SessionState) -> Option<ContextGuard> {
    let current = Context::map_current(|context| context.span().span_context().span_id());
    let another = |(_, span): &&(Id, SpanContext)| span.span_id() != current;
    let nearest = with_entered(|spans| spans.last().filter(another).map(|(_, span)| span.clone()));
    let nearest = nearest.flatten()?;
    let ours = Context::map_current(|context| {
        let is_ours = session.registry().live().nearest(current).is_some();
        // What this thread has entered may be another session's, where a context was carried here.
        let may_stand_in = !is_ours && session.is_of_trace(nearest.trace_id());
        may_stand_in.then(|| context.with_remote_span_context(nearest))
    });
    ours.map(Context::attach)
}

/// A thread that is going down has no more spans.
fn with_entered<T>(look: impl FnOnce(&mut Vec<(Id, SpanContext)>) -> T) -> Option<T> {
    ENTERED.try_with(|spans| look(&mut spans.borrow_mut())).ok()
}
