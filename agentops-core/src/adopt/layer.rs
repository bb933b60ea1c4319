//! The birth of an adopted span.

use std::fmt;

use opentelemetry::KeyValue;
use tracing_core::{
    Field, Subscriber,
    field::Visit,
    span::{Attributes, Id},
};
use tracing_subscriber::{Layer, layer::Context};

use super::birth_kind;
use crate::{
    kind::SpanKind,
    semconv::{ADOPTED_FROM, GEN_AI_OPERATION, SPAN_KIND},
    span::{Prepared, is_prepared, prepare},
};

/// Lets foreign spans be born with a kind; it stands before the layer that records them.
#[derive(Debug)]
pub(crate) struct AdoptionLayer;

impl<S: Subscriber> Layer<S> for AdoptionLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        if is_prepared() {
            return;
        }
        let metadata = attributes.metadata();
        let mut operation = Operation(None);
        attributes.record(&mut operation);
        let (target, name) = (metadata.target(), metadata.name());
        let kind = birth_kind(target, name, operation.0.as_deref());
        let kind = kind.unwrap_or(SpanKind::Custom("custom"));
        let attributes =
            vec![KeyValue::new(ADOPTED_FROM, target), KeyValue::new(SPAN_KIND, kind.as_str())];
        prepare(Prepared { name: name.into(), attributes, is_client: false, link: None });
    }
}

/// The operation among the first fields of a span.
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
