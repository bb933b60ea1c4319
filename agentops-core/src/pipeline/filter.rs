//! Which `tracing` spans reach our layer.

use tracing_core::{LevelFilter, Metadata, subscriber::Interest};
use tracing_subscriber::layer::{Context, Filter};

use crate::semconv::SPAN_KIND;

/// Lets through the spans of annotated functions, known by the field that marks them, and no events:
/// an `error!` in a tool that recovers would otherwise fail its span.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnSpans;

/// Whether a `tracing` span is that of an annotated function.
///
/// Two layers of `tracing-opentelemetry` must not see the same span: the second one panics. A program with
/// such a layer of its own gives its provider [`span_processor`](crate::span_processor), or keeps our spans
/// away from it:
///
/// ```
/// use agentops::tracing_opentelemetry;
/// use tracing_subscriber::{Layer, filter::filter_fn, layer::SubscriberExt, registry};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let config = agentops::TracingConfig::builder().console(false).build()?;
/// let core = agentops::TracingCore::new(config)?;
/// let theirs = tracing_opentelemetry::layer();
/// let subscriber = registry()
///     .with(theirs.with_filter(filter_fn(|metadata| !agentops::is_own_span(metadata))))
///     .with(agentops::layer(&core));
/// # drop(subscriber);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn is_own_span(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.fields().field(SPAN_KIND).is_some()
}

impl<S> Filter<S> for OwnSpans {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        is_own_span(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_own_span(metadata) { Interest::always() } else { Interest::never() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::TRACE)
    }
}
