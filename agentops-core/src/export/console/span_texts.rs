//! Texts of a span as they may be printed.

use opentelemetry::{KeyValue, trace::Status};
use opentelemetry_sdk::trace::SpanData;

use crate::{
    attribute::find,
    process::presentable::{presentable, presentable_ends},
    record::semconv,
};

/// Maximum length of a text in characters.
const MAX_TEXT: usize = 100;

/// Maximum characters of the start and the end of an error in the tree; the end often names the cause.
const MAX_ERROR: [usize; 2] = [120, 119];

/// Returns an attribute as one line.
pub(super) fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    find(attributes, key).map(|value| one_line(&value.as_str()))
}

/// Returns the error of a span as one line, with the place of a panic.
pub(super) fn error(span: &SpanData) -> Option<String> {
    let message = ends_of(message(span)?);
    Some(match location(span) {
        Some(location) => format!("{message} ({location})"),
        None => message,
    })
}

/// Returns the whole message of a failed span.
pub(super) fn message(span: &SpanData) -> Option<&str> {
    match &span.status {
        Status::Error { description } if description.is_empty() => Some("failed"),
        Status::Error { description } => Some(description),
        _ => None,
    }
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
pub(super) fn one_line(text: &str) -> String {
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
