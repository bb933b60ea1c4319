//! What a span takes in memory.

use std::mem::size_of;

use opentelemetry::{Array, KeyValue, Value, trace::Status};
use opentelemetry_sdk::trace::SpanData;

/// What the allocator adds to a piece, roughly.
const PIECE: usize = 16;

/// Roughly the bytes behind a span; what it is made of is counted by whoever holds it.
pub(super) fn heap_bytes(span: &SpanData) -> usize {
    let events = span.events.iter().map(|event| {
        size_of_val(event)
            + event.name.len()
            + PIECE
            + size_of_val(&*event.attributes)
            + values_bytes(&event.attributes)
    });
    let links = span.links.iter().map(|link| PIECE + values_bytes(&link.attributes));
    let status = match &span.status {
        Status::Error { description } => description.len(),
        Status::Unset | Status::Ok => 0,
    };
    span.name.len()
        + status
        + links.sum::<usize>()
        + span.attributes.capacity() * size_of::<KeyValue>()
        + values_bytes(&span.attributes)
        + events.sum::<usize>()
}

/// A list, and what is behind its values.
fn values_bytes(attributes: &[KeyValue]) -> usize {
    let heap = attributes.iter().map(|attribute| {
        let value = match &attribute.value {
            Value::String(text) => text.as_str().len() + PIECE,
            Value::Bool(_) | Value::I64(_) | Value::F64(_) => 0,
            value => heap_bytes_of(value),
        };
        attribute.key.as_str().len() + value
    });
    PIECE + heap.sum::<usize>()
}

#[cold]
fn heap_bytes_of(value: &Value) -> usize {
    match value {
        Value::Array(Array::String(texts)) => {
            texts.iter().map(|text| size_of_val(text) + text.as_str().len() + PIECE).sum()
        }
        Value::Array(Array::I64(list)) => list.len() * 8 + PIECE,
        Value::Array(Array::F64(list)) => list.len() * 8 + PIECE,
        Value::Array(Array::Bool(list)) => list.len() + PIECE,
        _ => 0,
    }
}
