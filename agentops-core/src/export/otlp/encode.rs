//! Encoder of spans as an OTLP request.
//!
//! The official conversion copies every key and every text into a tree of messages, measures that twice and then
//! writes it, which is eight times the work. Numbers are the field numbers in `opentelemetry/proto/*.proto`.

use std::{
    mem,
    time::{SystemTime, UNIX_EPOCH},
};

use opentelemetry::{
    Array, InstrumentationScope, KeyValue, Value,
    trace::{Event, Link, SpanContext, SpanId, SpanKind, Status},
};
use opentelemetry_proto::tonic::trace::v1::{
    SpanFlags, span::SpanKind as Kind, status::StatusCode as Code,
};
use opentelemetry_sdk::{Resource, trace::SpanData};
use prost::encoding::encoded_len_varint;

use super::proto_writer::{Wire, counted};

/// Estimated size of a span in bytes.
const SPAN: usize = 512;

/// Builder of an `ExportTraceServiceRequest`; the spans are collected by scope.
pub(super) struct Request {
    scopes: Vec<(InstrumentationScope, Wire)>,
    /// Capacity for the first scope.
    room: usize,
}

impl Request {
    /// Creates a builder for about this many spans.
    pub(super) fn of_about(spans: usize) -> Self {
        Self { scopes: Vec::new(), room: spans * SPAN }
    }

    pub(super) fn add(&mut self, span: &SpanData) {
        let scope = &span.instrumentation_scope;
        // A linear search is enough: there are few scopes, and mostly just one.
        let known = self.scopes.iter().position(|(known, _)| known == scope);
        let index = known.unwrap_or_else(|| self.begin(scope));
        let (_, wire) = &mut self.scopes[index];
        wire.message(2, SPAN, |wire| self::span(wire, span));
    }

    /// Starts the `ScopeSpans` of another scope; returns its index.
    fn begin(&mut self, scope: &InstrumentationScope) -> usize {
        let mut wire = Wire::with_capacity(mem::take(&mut self.room));
        wire.message(1, 0, |wire| {
            wire.text(1, scope.name());
            wire.text(2, scope.version().unwrap_or_default());
            attributes(wire, 3, scope.attributes());
        });
        wire.text(3, scope.schema_url().unwrap_or_default());
        self.scopes.push((scope.clone(), wire));
        self.scopes.len() - 1
    }

    /// Returns the encoded request. The headers in front of the spans are written last, when the lengths are known.
    pub(super) fn finish(self, resource: &Resource) -> Vec<u8> {
        let resource = about(resource);
        let lengths = self.scopes.iter().map(|(_, spans)| counted(spans.as_bytes().len()));
        let mut head = Wire::with_capacity(SPAN);
        head.open(1, resource.as_bytes().len() + lengths.sum::<usize>());
        head.extend(resource.as_bytes());
        let mut scopes = self.scopes.into_iter().map(|(_, spans)| spans);
        let Some(mut body) = scopes.next() else { return head.into_bytes() };
        head.open(2, body.as_bytes().len());
        body.put_before(head);
        scopes.for_each(|spans| body.bytes(2, spans.as_bytes()));
        body.into_bytes()
    }
}

/// Encodes the resource fields of `ResourceSpans`.
fn about(resource: &Resource) -> Wire {
    let mut wire = Wire::with_capacity(SPAN);
    wire.message(1, SPAN, |wire| {
        resource.iter().for_each(|(key, value)| attribute(wire, 1, key.as_str(), value));
    });
    wire.text(3, resource.schema_url().unwrap_or_default());
    wire
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

/// Writes trace id, span id and tracestate, with which spans and links start.
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

/// Writes a time in nanoseconds; a time before 1970 is omitted.
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
    let size = size(value);
    wire.open(field, counted(key.len()) + counted(size));
    wire.bytes(1, key.as_bytes());
    wire.open(2, size);
    any_value(wire, value);
}

/// Returns the encoded size of an `AnyValue`.
fn size(value: &Value) -> usize {
    match value {
        Value::Bool(_) => 2,
        Value::I64(number) => 1 + encoded_len_varint(*number as u64),
        Value::F64(_) => 9,
        Value::String(text) => counted(text.as_str().len()),
        Value::Array(array) => counted(size_of_all(&elements(array))),
        other => counted(other.as_str().len()),
    }
}

fn size_of_all(values: &[Value]) -> usize {
    values.iter().map(|value| counted(size(value))).sum()
}

/// Writes an `AnyValue`. Default values such as 0 are written, too, since it is a oneof.
fn any_value(wire: &mut Wire, value: &Value) {
    match value {
        Value::Bool(is) => wire.number(2, (*is).into()),
        Value::I64(number) => wire.number(3, *number as u64),
        Value::F64(number) => wire.fixed64(4, number.to_bits()),
        Value::String(text) => wire.bytes(1, text.as_str().as_bytes()),
        Value::Array(array) => array_value(wire, &elements(array)),
        // `Value` is non-exhaustive, but has no other variants yet.
        other => wire.bytes(1, other.as_str().as_bytes()),
    }
}

fn array_value(wire: &mut Wire, values: &[Value]) {
    wire.open(5, size_of_all(values));
    for value in values {
        wire.open(1, size(value));
        any_value(wire, value);
    }
}

fn elements(array: &Array) -> Vec<Value> {
    match array {
        Array::Bool(list) => list.iter().map(|item| (*item).into()).collect(),
        Array::I64(list) => list.iter().map(|item| (*item).into()).collect(),
        Array::F64(list) => list.iter().map(|item| (*item).into()).collect(),
        Array::String(list) => list.iter().map(|item| item.clone().into()).collect(),
        other => vec![other.to_string().into()],
    }
}

#[cfg(test)]
mod tests;
