//! Which `tracing` spans reach our layer.

use tracing_core::{LevelFilter, Metadata, Subscriber, subscriber::Interest};
use tracing_subscriber::{
    Layer,
    layer::{Context, Filter},
};

use super::adopt::is_wanted;
use crate::{config::ForeignSpans, span::is_own};

/// Lets through the spans of annotated functions, those that are to be adopted, and no events: an `error!` in a tool that recovers would otherwise fail its span.
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

/// For a subscriber that has no other layers: what is not let through is off for all of it. A filter for one
/// layer has to look each span up at each step.
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
