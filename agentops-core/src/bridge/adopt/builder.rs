//! Builder of an adopted span.

use std::fmt;

use opentelemetry::trace::SpanBuilder;
use tracing_core::{Field, field::Visit, span::Attributes};

use super::emitter::birth_kind;
use crate::record::{RecordedKind, SpanAttributes, SpanKind, semconv::GEN_AI_OPERATION};

/// Returns the builder of a framework's span, and its kind.
pub(crate) fn adopted_builder(span: &Attributes<'_>) -> (SpanBuilder, RecordedKind) {
    let metadata = span.metadata();
    let mut operation = Operation(None);
    span.record(&mut operation);
    let (target, name) = (metadata.target(), metadata.name());
    let kind = birth_kind(target, name, operation.0.as_deref());
    let kind = kind.unwrap_or(SpanKind::Custom("custom"));
    let mut builder = SpanBuilder::from_name(name);
    builder.attributes = Some(SpanAttributes::adopted(target, kind).into_list());
    (builder, kind.into())
}

/// Visitor that finds the operation among the initial fields of a span.
struct Operation(Option<String>);

impl Visit for Operation {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == GEN_AI_OPERATION {
            self.0 = Some(value.to_owned());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == GEN_AI_OPERATION {
            self.0 = Some(format!("{value:?}"));
        }
    }
}
