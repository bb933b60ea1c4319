//! The length of a span: of each of its texts, and of all of them together.
//!
//! Here alone it is bounded, whoever set the texts: every span comes by before it waits in memory, and what masks
//! and dialects have made of it comes by before a line is written. A text that is cut ends in the usual mark.

use std::borrow::Cow;

use opentelemetry::{
    Key, KeyValue, Value,
    trace::{Event, Status},
};
use opentelemetry_sdk::trace::SpanData;

use crate::{
    attribute::{PIECE, cut, cut_value, length_of},
    extent::LONGEST_TEXT,
    mask::quote,
    semconv::{INPUT, OUTPUT},
};

/// The bytes of all texts of a span together.
const LONGEST_SPAN: usize = 8 << 20;

/// The bytes that one byte of a text takes in JSON, at the most: `\u0000`.
const MOST_ESCAPED: usize = 6;

/// No text is cut to less than this: rather something is left out.
const SHORTEST: usize = 64;

/// Bounds a span that takes about so many bytes; false if it is short.
#[inline(always)]
pub(crate) fn shorten(span: &mut SpanData, bytes: usize) -> bool {
    let is_long = bytes > LONGEST_TEXT;
    if is_long {
        shorten_to(span, LONGEST_SPAN);
    }
    is_long
}

/// Bounds each text of a span, and all of them: the longest are cut first. Where that is not enough, the longest
/// events are left out, then the longest attributes.
#[cold]
pub(crate) fn shorten_to(span: &mut SpanData, most: usize) {
    let mut longest = LONGEST_TEXT;
    cut_texts(span, longest);
    while length(span) > most && longest > SHORTEST {
        longest /= 2;
        cut_texts(span, longest);
    }
    while length(span) > most && leave_out_longest(span) {}
}

/// The bytes of all texts of a span, with some for each attribute, event and link.
pub(crate) fn length(span: &SpanData) -> usize {
    let status = match &span.status {
        Status::Error { description } => description.len(),
        Status::Unset | Status::Ok => 0,
    };
    let events: usize = span.events.iter().map(of_event).sum();
    let links: usize = span.links.iter().map(|link| PIECE + of_list(&link.attributes)).sum();
    span.name.len() + status + of_list(&span.attributes) + events + links
}

fn of_event(event: &Event) -> usize {
    PIECE + event.name.len() + of_list(&event.attributes)
}

fn of_list(attributes: &[KeyValue]) -> usize {
    attributes.iter().map(of_attribute).sum()
}

fn of_attribute(attribute: &KeyValue) -> usize {
    PIECE + attribute.key.as_str().len() + length_of(&attribute.value)
}

/// Cuts every text that is longer than this, keys and names as well.
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

/// Cuts a value. JSON stays JSON.
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

/// Leaves out the longest event or attribute; false if there is nothing more.
fn leave_out_longest(span: &mut SpanData) -> bool {
    if let Some(place) = longest_of(&span.events.events, of_event) {
        span.events.events.remove(place);
        span.events.dropped_count = span.events.dropped_count.saturating_add(1);
    } else if let Some(place) = longest_of(&span.attributes, of_attribute) {
        span.attributes.remove(place);
        span.dropped_attributes_count = span.dropped_attributes_count.saturating_add(1);
    } else {
        return false;
    }
    true
}

fn longest_of<T>(items: &[T], weight: impl Fn(&T) -> usize) -> Option<usize> {
    (0..items.len()).max_by_key(|place| weight(&items[*place]))
}

#[cfg(test)]
mod tests;
