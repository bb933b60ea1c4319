//! Bounds on the length of a span: of each of its texts, and of all of them together.
//!
//! This is the only place where they are enforced, whichever code set the texts: every span passes it before it is
//! queued, and again before it is written, after masks and dialects have changed it. A text that is cut ends in
//! the usual mark.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use opentelemetry::{
    Key, KeyValue, Value,
    trace::{Event, Status},
};
use opentelemetry_sdk::trace::SpanData;

use crate::{
    attribute::{PIECE, cut, cut_value, length_of},
    mask::quote,
    record::{
        LONGEST_TEXT,
        semconv::{INPUT, OUTPUT},
    },
};

/// Maximum bytes of all texts of a span together.
const LONGEST_SPAN: usize = 8 << 20;

/// Maximum bytes that one byte of a text takes in JSON: `\u0000`.
const MOST_ESCAPED: usize = 6;

/// Minimum length to which texts are cut; below it, whole events and attributes are removed instead.
const SHORTEST: usize = 64;

/// Bounds a span of about this many bytes; returns `false` if it is short enough to be left unchanged.
#[inline(always)]
pub(crate) fn shorten(span: &mut SpanData, bytes: usize) -> bool {
    let is_long = bytes > LONGEST_TEXT;
    if is_long {
        shorten_to(span, LONGEST_SPAN);
    }
    is_long
}

/// Bounds each text of a span, and all of them together. The longest texts are cut first; if that is not enough,
/// the longest events are removed, then the longest attributes.
#[cold]
pub(crate) fn shorten_to(span: &mut SpanData, most: usize) {
    let mut longest = LONGEST_TEXT;
    cut_texts(span, longest);
    while length(span) > most && longest > SHORTEST {
        longest /= 2;
        cut_texts(span, longest);
    }
    while length(span) > most && remove_longest(span) {}
}

/// Returns the bytes of all texts of a span, with a surcharge for each attribute, event and link.
pub(crate) fn length(span: &SpanData) -> usize {
    let status = match &span.status {
        Status::Error { description } => description.len(),
        Status::Unset | Status::Ok => 0,
    };
    let events: usize = span.events.iter().map(event_length).sum();
    let links: usize = span.links.iter().map(|link| PIECE + list_length(&link.attributes)).sum();
    span.name.len() + status + list_length(&span.attributes) + events + links
}

fn event_length(event: &Event) -> usize {
    PIECE + event.name.len() + list_length(&event.attributes)
}

fn list_length(attributes: &[KeyValue]) -> usize {
    attributes.iter().map(attribute_length).sum()
}

fn attribute_length(attribute: &KeyValue) -> usize {
    PIECE + attribute.key.as_str().len() + length_of(&attribute.value)
}

/// Cuts every text that is longer than this, including keys and names.
fn cut_texts(span: &mut SpanData, longest: usize) {
    cut_name(&mut span.name, longest);
    if let Status::Error { description } = &mut span.status {
        cut_name(description, longest);
    }
    for event in &mut span.events.events {
        cut_name(&mut event.name, longest);
    }
    let of_events = span.events.events.iter_mut().flat_map(|event| &mut event.attributes);
    let of_links = span.links.links.iter_mut().flat_map(|link| &mut link.attributes);
    for attribute in span.attributes.iter_mut().chain(of_events).chain(of_links) {
        if attribute.key.as_str().len() > longest {
            attribute.key = Key::from(cut(attribute.key.as_str(), longest));
        }
        cut_attribute(attribute, longest);
    }
}

fn cut_name(name: &mut Cow<'static, str>, longest: usize) {
    if name.len() > longest {
        *name = cut(name, longest).into();
    }
}

/// Cuts a value; a JSON text that is cut is quoted, so that it stays valid JSON.
fn cut_attribute(KeyValue { key, value, .. }: &mut KeyValue, longest: usize) {
    match value {
        Value::String(text) if [INPUT, OUTPUT].contains(&key.as_str()) => {
            if text.as_str().len() > longest {
                *value = quote(&cut(text.as_str(), longest / MOST_ESCAPED)).into();
            }
        }
        other => cut_value(other, longest),
    }
}

/// Removes the longest event, or else the longest attribute; returns `false` if there is none.
fn remove_longest(span: &mut SpanData) -> bool {
    if let Some(index) = longest_of(&span.events.events, event_length) {
        span.events.events.remove(index);
        span.events.dropped_count = span.events.dropped_count.saturating_add(1);
    } else if let Some(index) = longest_of(&span.attributes, attribute_length) {
        span.attributes.remove(index);
        span.dropped_attributes_count = span.dropped_attributes_count.saturating_add(1);
    } else {
        return false;
    }
    true
}

fn longest_of<T>(items: &[T], weight: impl Fn(&T) -> usize) -> Option<usize> {
    (0..items.len()).max_by_key(|index| weight(&items[*index]))
}
