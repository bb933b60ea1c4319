//! What is left of a delivered span: a box, and a list for attributes, that the next span can have.
//!
//! The delivery thread would free what the program's threads allocate, and those would have to ask the system's
//! allocator for the like again. So both go round.

use std::{borrow::Cow, cell::RefCell, mem, time::SystemTime};

use opentelemetry::{
    InstrumentationScope, KeyValue, SpanId,
    trace::{SpanContext, SpanKind, Status},
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

/// Most spans have room for their attributes.
const ATTRIBUTES: usize = 8;

/// A list that has grown longer is not kept.
const MOST: usize = 32;

thread_local! {
    static SHELL: RefCell<Option<Box<SpanData>>> = const { RefCell::new(None) };
}

/// Keeps a shell for the next span of this thread.
pub(crate) fn keep(shell: Box<SpanData>) {
    // A thread that is going down has no more spans.
    let _ = SHELL.try_with(|kept| kept.replace(Some(shell)));
}

/// An empty list of attributes.
pub(crate) fn list() -> Vec<KeyValue> {
    let kept = SHELL.with_borrow_mut(|kept| kept.as_mut().map(|it| mem::take(&mut it.attributes)));
    kept.filter(|list| list.capacity() > 0).unwrap_or_else(|| Vec::with_capacity(ATTRIBUTES))
}

/// A box in which everything is empty but these attributes.
pub(crate) fn shell(attributes: Vec<KeyValue>) -> Box<SpanData> {
    let Some(mut shell) = SHELL.take() else { return Box::new(nothing(attributes)) };
    let list = mem::replace(&mut shell.attributes, attributes);
    if list.capacity() == 0 {
        // As a rule the attributes are in it: then there is nothing to free.
        mem::forget(list);
    }
    shell
}

/// Takes a span out of its box, in which its list remains.
pub(crate) fn take(shell: &mut SpanData) -> SpanData {
    let mut attributes = Vec::with_capacity(shell.attributes.len());
    attributes.append(&mut shell.attributes);
    let list = mem::take(&mut shell.attributes);
    let span = mem::replace(shell, nothing(list));
    SpanData { attributes, ..span }
}

/// Leaves nothing of a span but its list.
pub(crate) fn empty(shell: &mut SpanData) {
    let mut list = mem::take(&mut shell.attributes);
    list.clear();
    *shell = nothing(if list.capacity() > MOST { Vec::new() } else { list });
}

fn nothing(attributes: Vec<KeyValue>) -> SpanData {
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
