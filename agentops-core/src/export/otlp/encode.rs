//! Spans → the bytes of an OTLP request.
//!
//! The official conversion copies every key and every text into a tree of messages, measures that twice and
//! then writes it: some ten times the work. Numbers are those of the fields in `opentelemetry/proto/*.proto`.

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::{
    Array, InstrumentationScope, KeyValue, Value,
    trace::{Event, Link, SpanContext, SpanId, SpanKind, Status},
};
use opentelemetry_proto::tonic::trace::v1::{
    SpanFlags, span::SpanKind as Kind, status::StatusCode as Code,
};
use opentelemetry_sdk::{Resource, trace::SpanData};

use super::wire::Wire;

/// A span is of about so many bytes, where nothing is known of it.
const SPAN: usize = 512;

/// An `ExportTraceServiceRequest`.
pub(super) fn request(spans: &[SpanData], resource: &Resource) -> Vec<u8> {
    let about = spans.len() * SPAN;
    let mut wire = Wire::with_capacity(about + SPAN);
    wire.message(1, about, |wire| resource_spans(wire, spans, resource));
    wire.into_bytes()
}

fn resource_spans(wire: &mut Wire, spans: &[SpanData], resource: &Resource) {
    wire.message(1, SPAN, |wire| {
        resource.iter().for_each(|(key, value)| attribute(wire, 1, key.as_str(), value));
    });
    for (scope, spans) in by_scope(spans) {
        wire.message(2, spans.len() * SPAN, |wire| scope_spans(wire, scope, &spans));
    }
    wire.text(3, resource.schema_url().unwrap_or_default());
}

/// Scopes are few: mostly one.
fn by_scope(spans: &[SpanData]) -> Vec<(&InstrumentationScope, Vec<&SpanData>)> {
    let mut scopes: Vec<(&InstrumentationScope, Vec<&SpanData>)> = Vec::new();
    for span in spans {
        let scope = &span.instrumentation_scope;
        match scopes.iter_mut().find(|(known, _)| *known == scope) {
            Some((_, spans)) => spans.push(span),
            None => scopes.push((scope, vec![span])),
        }
    }
    scopes
}

fn scope_spans(wire: &mut Wire, scope: &InstrumentationScope, spans: &[&SpanData]) {
    wire.message(1, 0, |wire| {
        wire.text(1, scope.name());
        wire.text(2, scope.version().unwrap_or_default());
        attributes(wire, 3, scope.attributes());
    });
    for span in spans {
        wire.message(2, SPAN, |wire| self::span(wire, span));
    }
    wire.text(3, scope.schema_url().unwrap_or_default());
}

fn span(wire: &mut Wire, span: &SpanData) {
    ids(wire, &span.span_context);
    if span.parent_span_id != SpanId::INVALID {
        wire.bytes(4, &span.parent_span_id.to_bytes());
    }
    wire.text(5, &span.name);
    wire.number(6, kind(&span.span_kind) as u64);
    time(wire, 7, span.start_time);
    time(wire, 8, span.end_time);
    attributes(wire, 9, &span.attributes);
    wire.count(10, span.dropped_attributes_count);
    span.events.iter().for_each(|event| wire.message(11, SPAN, |wire| self::event(wire, event)));
    wire.count(12, span.events.dropped_count);
    span.links.iter().for_each(|link| wire.message(13, 0, |wire| self::link(wire, link)));
    wire.count(14, span.links.dropped_count);
    wire.message(15, 0, |wire| status(wire, &span.status));
    wire.fixed32(16, flags(&span.span_context, span.parent_span_is_remote));
}

/// Trace, span and state, which spans and links begin with.
fn ids(wire: &mut Wire, context: &SpanContext) {
    wire.bytes(1, &context.trace_id().to_bytes());
    wire.bytes(2, &context.span_id().to_bytes());
    wire.text(3, &context.trace_state().header());
}

fn event(wire: &mut Wire, event: &Event) {
    time(wire, 1, event.timestamp);
    wire.text(2, &event.name);
    attributes(wire, 3, &event.attributes);
    wire.count(4, event.dropped_attributes_count);
}

fn link(wire: &mut Wire, link: &Link) {
    ids(wire, &link.span_context);
    attributes(wire, 4, &link.attributes);
    wire.count(5, link.dropped_attributes_count);
    wire.fixed32(6, flags(&link.span_context, link.span_context.is_remote()));
}

fn status(wire: &mut Wire, status: &Status) {
    let code = match status {
        Status::Unset => return,
        Status::Ok => Code::Ok,
        Status::Error { description } => {
            wire.text(2, description);
            Code::Error
        }
    };
    wire.number(3, code as u64);
}

fn flags(context: &SpanContext, is_remote: bool) -> u32 {
    let remote = if is_remote { SpanFlags::ContextIsRemoteMask as u32 } else { 0 };
    u32::from(context.trace_flags().to_u8()) | SpanFlags::ContextHasIsRemoteMask as u32 | remote
}

fn kind(kind: &SpanKind) -> Kind {
    match kind {
        SpanKind::Client => Kind::Client,
        SpanKind::Server => Kind::Server,
        SpanKind::Producer => Kind::Producer,
        SpanKind::Consumer => Kind::Consumer,
        SpanKind::Internal => Kind::Internal,
    }
}

/// In nanoseconds; what was before 1970 is left out.
fn time(wire: &mut Wire, field: u32, time: SystemTime) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    if !since.is_zero() {
        wire.fixed64(field, since.as_nanos() as u64);
    }
}

fn attributes<'a>(wire: &mut Wire, field: u32, all: impl IntoIterator<Item = &'a KeyValue>) {
    for KeyValue { key, value, .. } in all {
        attribute(wire, field, key.as_str(), value);
    }
}

fn attribute(wire: &mut Wire, field: u32, key: &str, value: &Value) {
    wire.message(field, key.len() + length(value), |wire| {
        wire.text(1, key);
        any_value(wire, 2, value);
    });
}

/// About so many bytes a value takes, the numbers around it included.
fn length(value: &Value) -> usize {
    match value {
        Value::String(text) => text.as_str().len() + 6,
        _ => 12,
    }
}

/// An `AnyValue`, in which the least of values stands, too.
fn any_value(wire: &mut Wire, field: u32, value: &Value) {
    wire.message(field, length(value) - 4, |wire| match value {
        Value::String(text) => wire.bytes(1, text.as_str().as_bytes()),
        Value::Bool(is) => wire.number(2, (*is).into()),
        Value::I64(number) => wire.number(3, *number as u64),
        Value::F64(number) => wire.fixed64(4, number.to_bits()),
        Value::Array(array) => wire.message(5, 0, |wire| array_value(wire, array)),
        // There are no others yet.
        other => wire.bytes(1, other.as_str().as_bytes()),
    });
}

fn array_value(wire: &mut Wire, array: &Array) {
    let mut say = |value: Value| any_value(wire, 1, &value);
    match array {
        Array::Bool(list) => list.iter().for_each(|it| say((*it).into())),
        Array::I64(list) => list.iter().for_each(|it| say((*it).into())),
        Array::F64(list) => list.iter().for_each(|it| say((*it).into())),
        Array::String(list) => list.iter().for_each(|it| say(it.clone().into())),
        other => say(other.to_string().into()),
    }
}

#[cfg(test)]
mod tests;
