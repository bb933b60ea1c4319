//! Filter for the `tracing` spans that reach our layer.

use tracing_core::{LevelFilter, Metadata, Subscriber, subscriber::Interest};
use tracing_subscriber::{
    Layer,
    layer::{Context, Filter},
};

use super::adopt::is_wanted;
use crate::{config::ForeignSpans, span::is_own};

/// Filter that accepts the spans of annotated functions and those that are to be adopted. It accepts no events: an
/// `error!` in a tool that recovers would otherwise fail the tool's span.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnSpanFilter(pub(crate) ForeignSpans);

impl OwnSpanFilter {
    pub(crate) fn accepts(self, metadata: &Metadata<'_>) -> bool {
        is_own(metadata) || is_wanted(metadata, self.0)
    }

    fn interest(self, metadata: &Metadata<'_>) -> Interest {
        if self.accepts(metadata) { Interest::always() } else { Interest::never() }
    }
}

/// Filters for a whole subscriber that has no other layers: a span that is not accepted is disabled everywhere. A
/// per-layer filter would cost more, since it looks each span up at each step.
impl<S: Subscriber> Layer<S> for OwnSpanFilter {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.accepts(metadata)
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.interest(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::TRACE)
    }
}

impl<S> Filter<S> for OwnSpanFilter {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.accepts(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.interest(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::TRACE)
    }
}
