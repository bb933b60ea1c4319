//! What a `tracing` span holds for us in its extensions.

use std::time::SystemTime;

use opentelemetry::{
    Context, KeyValue,
    trace::{SpanBuilder, Status},
};

/// Our part of a `tracing` span: a type of our own, so that another layer that keeps an OpenTelemetry span
/// there, too, stays out of our way, and we out of its.
#[derive(Debug)]
pub(crate) enum BridgedSpan {
    /// That of an annotated function or a handle, which ends it.
    Own(Context),
    /// A framework's span that was not entered yet: what is recorded until then counts as known from its start.
    Waiting(Box<WaitingSpan>),
    /// A framework's span.
    Adopted {
        context: Context,
        /// When it was last left: nobody tells when it ends.
        left: Option<SystemTime>,
    },
}

/// A span that is still to be built.
#[derive(Debug)]
pub(crate) struct WaitingSpan {
    pub(crate) builder: SpanBuilder,
    pub(crate) parent: Context,
    pub(crate) status: Status,
}

impl BridgedSpan {
    /// The context with the span in it, once it has started.
    pub(crate) fn context(&self) -> Option<&Context> {
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
