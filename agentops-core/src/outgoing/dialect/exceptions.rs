//! Deduplicates the exceptions of a span: an error that was recorded first and then returned is one error.

use std::mem;

use opentelemetry::{KeyValue, trace::Event};
use opentelemetry_sdk::trace::SpanEvents;

use crate::{
    attribute::find,
    capture::HIDDEN,
    record::semconv::{EXCEPTION_EVENT, EXCEPTION_MESSAGE, EXCEPTION_TYPE},
};

/// Keeps one event for each error, the most detailed one, in the place of the first.
pub(super) fn keep_one_of_each(events: &mut SpanEvents) {
    if events.len() < 2 {
        return;
    }
    let mut kept: Vec<Event> = Vec::new();
    for event in mem::take(&mut events.events) {
        if kept.iter().any(|earlier| is_told_by(&event, earlier)) {
            continue;
        }
        match kept.iter_mut().find(|earlier| is_told_by(earlier, &event)) {
            Some(earlier) => *earlier = event,
            None => kept.push(event),
        }
    }
    events.events = kept;
}

/// Returns `true` if `other` contains all of this exception, with or without more causes and a type.
fn is_told_by(exception: &Event, other: &Event) -> bool {
    if [exception, other].iter().any(|event| event.name != EXCEPTION_EVENT) {
        return false;
    }
    exception.attributes.iter().all(|KeyValue { key, value, .. }| {
        let known = find(&other.attributes, key.as_str());
        known.is_some_and(|known| match key.as_str() {
            EXCEPTION_TYPE if value.as_str() == HIDDEN => true,
            EXCEPTION_MESSAGE => goes_on(&known.as_str(), &value.as_str()),
            _ => known == value,
        })
    })
}

/// Returns `true` if a text is `start`, with or without causes behind it.
fn goes_on(text: &str, start: &str) -> bool {
    text.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(": "))
}
