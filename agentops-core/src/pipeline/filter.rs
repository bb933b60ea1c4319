//! Which `tracing` spans reach our layer.

use tracing_core::{LevelFilter, Metadata, subscriber::Interest};
use tracing_subscriber::layer::{Context, Filter};

use crate::semconv::SPAN_KIND;

/// Lets through the spans of annotated functions, known by the field that marks them, and no events:
/// an `error!` in a tool that recovers would otherwise fail its span.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnSpans;

impl OwnSpans {
    fn wants(metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.fields().field(SPAN_KIND).is_some()
    }
}

impl<S> Filter<S> for OwnSpans {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        Self::wants(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if Self::wants(metadata) { Interest::always() } else { Interest::never() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::TRACE)
    }
}
