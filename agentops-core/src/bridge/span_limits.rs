//! Limits of a span: those of the SDK for the program's own data, and reserved room for the recorder's.
//!
//! The outcome of a call is recorded last and must not be dropped for lack of room.

use opentelemetry::{
    KeyValue,
    trace::{Event, Link},
};
use opentelemetry_sdk::trace::SpanData;

use crate::{
    attribute::keep_last,
    record::semconv::{is_own, is_own_event},
};

/// Maximum number of attributes, events and links of a span, and of attributes of each event and link: the SDK's own
/// limits.
pub(super) const MOST: usize = 128;

/// Reserved room for further attributes of the recorder's own: twice as many as it has.
const RESERVED: usize = 128;

/// Reserved room for further events of the recorder's own.
const RESERVED_EVENTS: usize = 8;

#[inline(always)]
pub(super) fn add_attribute(span: &mut SpanData, attribute: KeyValue) {
    if span.attributes.len() < MOST {
        span.attributes.push(attribute);
    } else {
        add_to_full(span, attribute);
    }
}

#[cold]
fn add_to_full(span: &mut SpanData, attribute: KeyValue) {
    let attributes = &mut span.attributes;
    if attributes.len() == MOST && span.dropped_attributes_count == 0 {
        // Earlier values of a key are dropped first.
        keep_last(attributes);
    }
    if let Some(earlier) = attributes.iter_mut().rev().find(|earlier| earlier.key == attribute.key)
    {
        earlier.value = attribute.value;
    } else if has_room(attributes.len(), &attribute) {
        attributes.push(attribute);
    } else {
        span.dropped_attributes_count += 1;
    }
}

fn has_room(count: usize, attribute: &KeyValue) -> bool {
    count < MOST || count < MOST + RESERVED && is_own(attribute.key.as_str())
}

/// Cuts the attributes that a span starts with to the limit. Returns how many were dropped.
#[inline(always)]
pub(super) fn cut_attributes(attributes: &mut Vec<KeyValue>) -> u32 {
    if attributes.len() <= MOST { 0 } else { cut_long(attributes) }
}

#[cold]
fn cut_long(attributes: &mut Vec<KeyValue>) -> u32 {
    keep_last(attributes);
    let (all, mut kept) = (attributes.len(), 0);
    // Attributes of the recorder's own may follow the ones that are dropped.
    attributes.retain(|attribute| {
        let is_kept = has_room(kept, attribute);
        kept += usize::from(is_kept);
        is_kept
    });
    number(all - attributes.len())
}

/// Adds an event. If there is no room, an event of the recorder's own replaces the last one.
pub(super) fn add_event(span: &mut SpanData, mut event: Event) {
    event.dropped_attributes_count += cut(&mut event.attributes);
    let events = &mut span.events;
    let is_own = is_own_event(&event.name);
    let most = if is_own { MOST + RESERVED_EVENTS } else { MOST };
    if events.events.len() < most {
        events.events.push(event);
        return;
    }
    events.dropped_count += 1;
    if is_own {
        events.events.pop();
        events.events.push(event);
    }
}

pub(super) fn add_link(span: &mut SpanData, mut link: Link) {
    link.dropped_attributes_count += cut(&mut link.attributes);
    let links = &mut span.links;
    if links.links.len() < MOST {
        links.links.push(link);
    } else {
        links.dropped_count += 1;
    }
}

/// Truncates a list to the limit. Returns how many items were dropped.
pub(super) fn cut<T>(list: &mut Vec<T>) -> u32 {
    let dropped = list.len().saturating_sub(MOST);
    list.truncate(MOST);
    number(dropped)
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
