//! Conversion of a `tracing` span's fields into attributes, name, kind and status, as `tracing-opentelemetry` does
//! it.

use std::fmt;

use opentelemetry::{
    KeyValue,
    trace::{SpanKind, SpanRef, Status},
};
use tracing_core::{Field, field::Visit};

use crate::session::WaitingSpan;

/// Fields of a `tracing` span, converted.
#[derive(Debug, Default)]
pub(super) struct Fields {
    name: Option<String>,
    kind: Option<SpanKind>,
    status: Option<Status>,
    attributes: Vec<KeyValue>,
}

impl Fields {
    /// Applies the fields to a span that is still to be built.
    pub(super) fn add_to_waiting(self, span: &mut WaitingSpan) {
        if let Some(name) = self.name {
            span.builder.name = name.into();
        }
        if let Some(status) = self.status {
            span.status = status;
        }
        span.builder.span_kind = self.kind.or(span.builder.span_kind.take());
        span.extend(self.attributes);
    }

    /// Applies the fields to a span that has started. Its kind is fixed by then and stays as it is.
    pub(super) fn set_on_started(self, span: &SpanRef<'_>) {
        if let Some(name) = self.name {
            span.update_name(name);
        }
        if let Some(status) = self.status {
            span.set_status(status);
        }
        span.set_attributes(self.attributes);
    }

    fn text(&mut self, field: &Field, text: String) {
        match field.name() {
            "otel.name" => self.name = Some(text),
            "otel.kind" => self.kind = kind(&text),
            "otel.status_code" => self.status = Some(status(&text)),
            "otel.status_description" => self.status = Some(Status::error(text)),
            name => self.attributes.push(KeyValue::new(name, text)),
        }
    }
}

impl Visit for Fields {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.attributes.push(KeyValue::new(field.name(), value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.attributes.push(KeyValue::new(field.name(), value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.attributes.push(KeyValue::new(field.name(), value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, format!("{value:?}"));
    }
}

fn kind(text: &str) -> Option<SpanKind> {
    match text.to_ascii_lowercase().as_str() {
        "server" => Some(SpanKind::Server),
        "client" => Some(SpanKind::Client),
        "producer" => Some(SpanKind::Producer),
        "consumer" => Some(SpanKind::Consumer),
        "internal" => Some(SpanKind::Internal),
        _ => None,
    }
}

fn status(text: &str) -> Status {
    match text.to_ascii_lowercase().as_str() {
        "ok" => Status::Ok,
        "error" => Status::error(""),
        _ => Status::Unset,
    }
}
