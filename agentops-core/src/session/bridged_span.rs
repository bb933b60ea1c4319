//! Data that agentops keeps in the extensions of a `tracing` span.

use std::time::SystemTime;

use opentelemetry::{
    Context, KeyValue,
    trace::{SpanBuilder, Status},
};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::record::RecordedKind;

/// Span data of agentops in the extensions of a `tracing` span. It is a type of its own, so that it does not
/// collide with the data of another OpenTelemetry layer.
#[derive(Debug)]
pub(crate) enum BridgedSpan {
    /// A span of an annotated function or a handle, which ends it.
    Own(Context),
    /// A framework's span that has not been entered yet. Attributes recorded until then count as set at its start.
    Waiting(Box<WaitingSpan>),
    /// A framework's span that has started.
    Adopted {
        context: Context,
        /// Time of the last exit, which becomes the end of the exported span: a span may be closed long after its
        /// work.
        left: Option<SystemTime>,
    },
}

/// Span that has not been built yet.
#[derive(Debug)]
pub(crate) struct WaitingSpan {
    pub(crate) kind: RecordedKind,
    pub(crate) builder: SpanBuilder,
    pub(crate) parent: Context,
    pub(crate) status: Status,
}

impl BridgedSpan {
    /// Returns the context with the span of agentops that a `tracing` span holds, once it has started.
    pub(crate) fn context_of<'s, S: LookupSpan<'s>>(span: &SpanRef<'s, S>) -> Option<Context> {
        span.extensions().get::<Self>().and_then(Self::context).cloned()
    }

    fn context(&self) -> Option<&Context> {
        match self {
            Self::Own(context) | Self::Adopted { context, .. } => Some(context),
            Self::Waiting(_) => None,
        }
    }
}

impl WaitingSpan {
    /// Adds attributes.
    pub(crate) fn extend(&mut self, attributes: Vec<KeyValue>) {
        self.builder.attributes.get_or_insert_default().extend(attributes);
    }
}
