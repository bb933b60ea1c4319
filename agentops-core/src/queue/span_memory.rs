//! Estimate of the memory that a span takes.

use std::mem::size_of;

use opentelemetry::{Array, KeyValue, Value, trace::Status};
use opentelemetry_sdk::trace::SpanData;

/// Estimated overhead of the allocator for one allocation.
const ALLOCATION_OVERHEAD: usize = 16;

/// Estimates the heap bytes of a span, without the `SpanData` itself.
pub(super) fn heap_bytes(span: &SpanData) -> usize {
    let events = span.events.iter().map(|event| {
        size_of_val(event)
            + event.name.len()
            + ALLOCATION_OVERHEAD
            + size_of_val(&*event.attributes)
            + values_bytes(&event.attributes)
    });
    let links = span.links.iter().map(|link| ALLOCATION_OVERHEAD + values_bytes(&link.attributes));
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

/// Estimates the heap bytes of a list of attributes and of their values.
fn values_bytes(attributes: &[KeyValue]) -> usize {
    let heap = attributes.iter().map(|attribute| {
        let value = match &attribute.value {
            Value::String(text) => text.as_str().len() + ALLOCATION_OVERHEAD,
            Value::Bool(_) | Value::I64(_) | Value::F64(_) => 0,
            value => heap_bytes_of(value),
        };
        attribute.key.as_str().len() + value
    });
    ALLOCATION_OVERHEAD + heap.sum::<usize>()
}

#[cold]
fn heap_bytes_of(value: &Value) -> usize {
    match value {
        Value::Array(Array::String(texts)) => texts
            .iter()
            .map(|text| size_of_val(text) + text.as_str().len() + ALLOCATION_OVERHEAD)
            .sum(),
        Value::Array(Array::I64(list)) => list.len() * 8 + ALLOCATION_OVERHEAD,
        Value::Array(Array::F64(list)) => list.len() * 8 + ALLOCATION_OVERHEAD,
        Value::Array(Array::Bool(list)) => list.len() + ALLOCATION_OVERHEAD,
        _ => 0,
    }
}
