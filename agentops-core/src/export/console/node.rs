//! Line of the tree before it is drawn: a span, or a run of equal spans.

use std::time::{Duration, SystemTime};

use opentelemetry::{
    KeyValue,
    trace::{SpanId, Status},
};
use opentelemetry_sdk::trace::SpanData;

use super::usage::Usage;
use crate::{
    attribute::find,
    outgoing::describe_dropped,
    process::presentable::{presentable, presentable_ends},
    record::semconv,
};

/// Maximum length of a text in characters.
const MAX_TEXT: usize = 100;

/// Maximum characters of the start and the end of an error in the tree; the end often names the cause.
const MAX_ERROR: [usize; 2] = [120, 119];

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

/// Returns an attribute as one line.
pub(super) fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    find(attributes, key).map(|value| one_line(&value.as_str()))
}

fn returned(span: &SpanData) -> Option<Duration> {
    let event = span.events.iter().find(|event| event.name == semconv::RETURNED_EVENT)?;
    event.timestamp.duration_since(span.start_time).ok()
}

fn error(span: &SpanData) -> Option<String> {
    let message = match &span.status {
        Status::Error { description } if description.is_empty() => "failed".to_owned(),
        Status::Error { description } => ends_of(description),
        _ => return None,
    };
    Some(match location(span) {
        Some(location) => format!("{message} ({location})"),
        None => message,
    })
}

/// Returns file and line of the panic that failed the span.
pub(super) fn location(span: &SpanData) -> Option<String> {
    let attributes =
        &span.events.iter().find(|event| event.name == semconv::EXCEPTION_EVENT)?.attributes;
    let [file, line] = [semconv::CODE_FILE_PATH, semconv::CODE_LINE_NUMBER]
        .map(|key| find(attributes, key).map(|value| one_line(&value.as_str())));
    Some(format!("{}:{}", file?, line?))
}

/// Returns a text as one line without control characters: neither program nor model may control the terminal.
fn one_line(text: &str) -> String {
    presentable(text, MAX_TEXT).into_owned()
}

/// Returns the start and the end of an error as such a line; the end often names the cause.
fn ends_of(text: &str) -> String {
    presentable_ends(text, MAX_ERROR).into_owned()
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::Event;

    use super::*;
    use crate::fixtures::span;

    #[test]
    fn one_line_escapes_control_characters_and_truncates() {
        assert_eq!(one_line("red\x1b[31m\nand\tmore\u{9b}2J"), "red\\u{1b}[31m and more\\u{9b}2J");
        let long = one_line(&"é".repeat(200));
        assert_eq!(long, "é".repeat(100) + "…");
    }

    #[test]
    fn ends_of_keeps_start_and_cause_of_error() {
        assert_eq!(ends_of("could not plan:\nrefused"), "could not plan: refused");
        let whole = "é".repeat(240);
        assert_eq!(ends_of(&whole), whole);
        let long = format!("{}: {}: refused", "a".repeat(200), "b".repeat(200));
        assert_eq!(ends_of(&long), format!("{}…{}: refused", "a".repeat(120), "b".repeat(110)));
    }

    #[test]
    fn error_shows_message_and_panic_location() {
        let failed = |attributes: Vec<KeyValue>| {
            let mut span = span(1, "");
            span.status = Status::error("boom");
            let event = Event::new(semconv::EXCEPTION_EVENT, span.end_time, attributes, 0);
            span.events.events.push(event);
            error(&span)
        };
        let file = KeyValue::new(semconv::CODE_FILE_PATH, "src/x.rs");
        let line = KeyValue::new(semconv::CODE_LINE_NUMBER, 12);
        assert_eq!(failed(vec![file, line]).as_deref(), Some("boom (src/x.rs:12)"));
        assert_eq!(failed(vec![]).as_deref(), Some("boom"));
    }
}
