//! Line of the tree before it is drawn: a span, or a run of equal spans.

use std::time::{Duration, SystemTime};

use opentelemetry::trace::SpanId;
use opentelemetry_sdk::trace::SpanData;

use super::{
    span_texts::{error, one_line, text},
    usage::Usage,
};
use crate::{attribute::find, outgoing::describe_dropped, record::semconv};

/// Fields of a span that the tree shows.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) id: SpanId,
    pub(super) parent: SpanId,
    pub(super) start: SystemTime,
    pub(super) end: SystemTime,
    pub(super) kind: String,
    pub(super) name: String,
    /// Number of spans of the run.
    pub(super) count: usize,
    /// Shortest and longest duration.
    pub(super) took: [Duration; 2],
    pub(super) usage: Usage,
    /// When the function of a session returned, if the session has outlived it.
    pub(super) returned: Option<Duration>,
    pub(super) is_late: bool,
    pub(super) left_out: Option<String>,
    pub(super) error: Option<String>,
    pub(super) is_cancelled: bool,
    /// Number of spans below that have no node.
    pub(super) hidden: usize,
}

impl Node {
    pub(super) fn of(span: &SpanData) -> Self {
        let kind = text(&span.attributes, semconv::SPAN_KIND).unwrap_or_else(|| "span".to_owned());
        let name =
            text(&span.attributes, semconv::OPERATION_NAME).unwrap_or_else(|| one_line(&span.name));
        Self {
            id: span.span_context.span_id(),
            // A parent in another process is not available here.
            parent: if span.parent_span_is_remote { SpanId::INVALID } else { span.parent_span_id },
            start: span.start_time,
            end: span.end_time,
            kind,
            name,
            count: 1,
            took: [span.end_time.duration_since(span.start_time).unwrap_or_default(); 2],
            usage: Usage::of(&span.attributes),
            returned: returned(span),
            is_late: find(&span.attributes, semconv::LATE).is_some(),
            left_out: describe_dropped(span),
            error: error(span),
            is_cancelled: find(&span.attributes, semconv::CANCELLED).is_some(),
            hidden: 0,
        }
    }

    /// Returns what equal spans have in common. Spans with a time of their own on their line are equal to no other.
    pub(super) fn sameness(&self) -> impl std::hash::Hash + use<'_> {
        let own = (self.is_late || self.returned.is_some()).then_some(self.id);
        let model = &self.usage.model;
        (own, &self.kind, &self.name, model, self.is_cancelled, &self.left_out, &self.error)
    }

    /// Adds an equal span, or a run of them.
    pub(super) fn add(&mut self, other: &Self) {
        let ([shortest, longest], [short, long]) = (self.took, other.took);
        self.took = [shortest.min(short), longest.max(long)];
        self.end = self.end.max(other.end);
        self.count += other.count;
        self.hidden += other.hidden;
        self.usage.add(&other.usage);
    }
}

fn returned(span: &SpanData) -> Option<Duration> {
    let event = span.events.iter().find(|event| event.name == semconv::RETURNED_EVENT)?;
    event.timestamp.duration_since(span.start_time).ok()
}
