//! Recycles the allocations of an exported span, its box and its attribute list, for the next span.
//!
//! Otherwise the delivery thread would free what the program's threads allocate, and the program's threads would ask
//! the system's allocator for the same again.

use std::{borrow::Cow, cell::RefCell, mem, time::SystemTime};

use opentelemetry::{
    InstrumentationScope, KeyValue, SpanId,
    trace::{SpanContext, SpanKind, Status},
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

/// Initial capacity of an attribute list. Most spans need no more.
const ATTRIBUTES: usize = 8;

/// Maximum capacity of a list that is recycled.
const MOST: usize = 32;

thread_local! {
    static SHELL: RefCell<Option<Box<SpanData>>> = const { RefCell::new(None) };
}

/// Keeps a shell for the next span of this thread.
pub(crate) fn keep(shell: Box<SpanData>) {
    // A thread that is being torn down has no more spans.
    let _ = SHELL.try_with(|kept| kept.replace(Some(shell)));
}

/// Returns an empty list of attributes, recycled if possible.
pub(crate) fn list() -> Vec<KeyValue> {
    let of_shell = |kept: &RefCell<Option<Box<SpanData>>>| {
        kept.borrow_mut().as_mut().map(|shell| mem::take(&mut shell.attributes))
    };
    let kept = SHELL.try_with(of_shell).ok().flatten();
    kept.filter(|list| list.capacity() > 0).unwrap_or_else(|| Vec::with_capacity(ATTRIBUTES))
}

/// Returns a span that is empty except for these attributes, in a recycled box if possible.
pub(crate) fn shell(attributes: Vec<KeyValue>) -> Box<SpanData> {
    let kept = SHELL.try_with(RefCell::take).ok().flatten();
    let Some(mut shell) = kept else { return Box::new(nothing(attributes)) };
    let list = mem::replace(&mut shell.attributes, attributes);
    if list.capacity() == 0 {
        // Usually `list()` has taken the list of this shell. The empty one left behind owns no memory: skip its drop.
        mem::forget(list);
    }
    shell
}

/// Takes a span out of its box and leaves the allocation of its list there.
pub(crate) fn take(shell: &mut SpanData) -> SpanData {
    let mut attributes = Vec::with_capacity(shell.attributes.len());
    attributes.append(&mut shell.attributes);
    let list = mem::take(&mut shell.attributes);
    let span = mem::replace(shell, nothing(list));
    SpanData { attributes, ..span }
}

/// Clears a span and keeps the allocation of its list.
pub(crate) fn empty(shell: &mut SpanData) {
    let mut list = mem::take(&mut shell.attributes);
    list.clear();
    *shell = nothing(if list.capacity() > MOST { Vec::new() } else { list });
}

/// Returns a span that is empty except for these attributes.
pub(crate) fn nothing(attributes: Vec<KeyValue>) -> SpanData {
    SpanData {
        span_context: SpanContext::NONE,
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: Cow::Borrowed(""),
        start_time: SystemTime::UNIX_EPOCH,
        end_time: SystemTime::UNIX_EPOCH,
        attributes,
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::span;

    #[test]
    fn the_list_of_a_delivered_span_is_that_of_the_next() {
        let mut delivered = Box::new(span(1, "text"));
        empty(&mut delivered);
        assert_eq!(*delivered, nothing(Vec::new()));
        let (place, room) = (&raw const *delivered, delivered.attributes.capacity());
        keep(delivered);
        let mut attributes = list();
        assert_eq!((attributes.len(), attributes.capacity()), (0, room));
        attributes.push(KeyValue::new("k", 1));
        let shell = shell(attributes.clone());
        assert_eq!(&raw const *shell, place);
        assert_eq!(*shell, nothing(attributes));
    }

    #[test]
    fn where_nothing_is_left_of_others_a_span_gets_what_it_needs() {
        let attributes = list();
        assert_eq!((attributes.len(), attributes.capacity()), (0, ATTRIBUTES));
        assert_eq!(*shell(attributes), nothing(Vec::new()));
    }

    #[test]
    fn whoever_takes_a_span_leaves_its_list() {
        let mut shell = span(1, "text");
        let (whole, room) = (shell.clone(), shell.attributes.capacity());
        assert_eq!(take(&mut shell), whole);
        assert_eq!(shell, nothing(Vec::new()));
        assert_eq!(shell.attributes.capacity(), room);
    }

    #[test]
    fn a_list_that_has_become_long_is_given_up() {
        let mut long = span(1, "");
        long.attributes = vec![KeyValue::new("k", 1); MOST + 1];
        empty(&mut long);
        assert_eq!(long.attributes.capacity(), 0);
    }
}
