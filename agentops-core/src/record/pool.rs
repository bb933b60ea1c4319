//! Recycles the allocations of an exported span, its box and its attribute list, for the next span.
//!
//! Otherwise the delivery thread would free what the program's threads allocate, and the program's threads would ask
//! the system's allocator for the same again. Saves 370 instructions a span (`benches/run`).

use std::{borrow::Cow, cell::RefCell, mem, time::SystemTime};

use opentelemetry::{
    InstrumentationScope, KeyValue, SpanId,
    trace::{SpanContext, SpanKind, Status},
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

/// Initial capacity of an attribute list. Most spans need no more.
const ATTRIBUTES: usize = 8;

/// Maximum capacity of a list that is recycled.
const MAX_RECYCLED: usize = 32;

thread_local! {
    static SHELL: RefCell<Option<Box<SpanData>>> = const { RefCell::new(None) };
}

/// Keeps a shell for the next span of this thread.
pub(crate) fn recycle(shell: Box<SpanData>) {
    // A thread that is being torn down has no more spans.
    let _ = SHELL.try_with(|kept| kept.replace(Some(shell)));
}

/// Returns an empty list of attributes, recycled if possible.
pub(crate) fn attributes() -> Vec<KeyValue> {
    let of_shell = |kept: &RefCell<Option<Box<SpanData>>>| {
        kept.borrow_mut().as_mut().map(|shell| mem::take(&mut shell.attributes))
    };
    let kept = SHELL.try_with(of_shell).ok().flatten();
    kept.filter(|list| list.capacity() > 0).unwrap_or_else(|| Vec::with_capacity(ATTRIBUTES))
}

/// Returns a span that is empty except for these attributes, in a recycled box if possible.
pub(crate) fn span(attributes: Vec<KeyValue>) -> Box<SpanData> {
    let kept = SHELL.try_with(RefCell::take).ok().flatten();
    let Some(mut shell) = kept else { return Box::new(blank(attributes)) };
    let list = mem::replace(&mut shell.attributes, attributes);
    if list.capacity() == 0 {
        // Usually `attributes()` has taken the list of this shell. The empty one left behind owns no memory: skip its drop.
        mem::forget(list);
    }
    shell
}

/// Takes a span out of its box and leaves the allocation of its list there.
pub(crate) fn detach(shell: &mut SpanData) -> SpanData {
    let mut attributes = Vec::with_capacity(shell.attributes.len());
    attributes.append(&mut shell.attributes);
    let list = mem::take(&mut shell.attributes);
    let span = mem::replace(shell, blank(list));
    SpanData { attributes, ..span }
}

/// Clears a span and keeps the allocation of its list.
pub(crate) fn clear(shell: &mut SpanData) {
    let mut list = mem::take(&mut shell.attributes);
    list.clear();
    *shell = blank(if list.capacity() > MAX_RECYCLED { Vec::new() } else { list });
}

/// Returns a span that is empty except for these attributes.
pub(crate) fn blank(attributes: Vec<KeyValue>) -> SpanData {
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
    use crate::fixtures;

    #[test]
    fn pool_reuses_delivered_span_allocations() {
        let mut delivered = Box::new(fixtures::span(1, "text"));
        clear(&mut delivered);
        assert_eq!(*delivered, blank(Vec::new()));
        let (address, capacity) = (&raw const *delivered, delivered.attributes.capacity());
        recycle(delivered);
        let mut attributes = attributes();
        assert_eq!((attributes.len(), attributes.capacity()), (0, capacity));
        attributes.push(KeyValue::new("k", 1));
        let next = span(attributes.clone());
        assert_eq!(&raw const *next, address);
        assert_eq!(*next, blank(attributes));
    }

    #[test]
    fn allocations_are_new_where_none_were_recycled() {
        let attributes = attributes();
        assert_eq!((attributes.len(), attributes.capacity()), (0, ATTRIBUTES));
        assert_eq!(*span(attributes), blank(Vec::new()));
    }

    #[test]
    fn detached_span_leaves_its_list_in_its_box() {
        let mut shell = fixtures::span(1, "text");
        let (whole, capacity) = (shell.clone(), shell.attributes.capacity());
        assert_eq!(detach(&mut shell), whole);
        assert_eq!(shell, blank(Vec::new()));
        assert_eq!(shell.attributes.capacity(), capacity);
    }

    #[test]
    fn long_list_is_not_recycled() {
        let mut long = fixtures::span(1, "");
        long.attributes = vec![KeyValue::new("k", 1); MAX_RECYCLED + 1];
        clear(&mut long);
        assert_eq!(long.attributes.capacity(), 0);
    }
}
