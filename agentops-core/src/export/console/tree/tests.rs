use std::time::{Duration, SystemTime};

use opentelemetry::{KeyValue, trace::Event};

use super::*;
use crate::fixtures::span;

/// Creates a node that starts `start` milliseconds in and takes `took` microseconds.
fn node(id: u64, parent: u64, kind: &str, name: &str, start: u64, took: u64) -> Node {
    Node {
        id: SpanId::from(id),
        parent: SpanId::from(parent),
        start: SystemTime::UNIX_EPOCH + Duration::from_millis(start),
        kind: kind.to_owned(),
        name: name.to_owned(),
        took: Duration::from_micros(took),
        end: SystemTime::UNIX_EPOCH + Duration::from_millis(start) + Duration::from_micros(took),
        is_late: false,
        detail: String::new(),
        left_out: None,
        error: None,
        is_cancelled: false,
    }
}

#[test]
fn siblings_render_in_start_order() {
    let model =
        Node { detail: "m  12 → 3 tokens".to_owned(), ..node(5, 2, "llm", "ask", 4, 3_400) };
    let failed = Node { error: Some("not found".to_owned()), ..node(4, 2, "tool", "read", 3, 12) };
    let nodes = vec![
        failed,
        Node { is_cancelled: true, ..node(3, 2, "tool", "list", 2, 900) },
        model,
        node(2, 1, "agent", "plan", 1, 2_500_000),
        node(6, 1, "task", "sum up", 9, 1_000),
        node(1, 0, "session", "run", 0, 61_000_000),
    ];
    assert_eq!(
        render(nodes, false),
        "session run  61.00 s\n\
         ├─ agent plan  2.50 s\n\
         │  ├─ tool list  900 µs  ⊘ cancelled\n\
         │  ├─ tool read  12 µs  ✗ not found\n\
         │  └─ llm ask  3.4 ms  m  12 → 3 tokens\n\
         └─ task sum up  1.0 ms\n"
    );
}

#[test]
fn detail_prefers_request_model_over_response_model() {
    let asked = KeyValue::new(semconv::REQUEST_MODEL, "gpt-5");
    let answered = KeyValue::new(semconv::RESPONSE_MODEL, "gpt-5-2026");
    let tokens = KeyValue::new(semconv::OUTPUT_TOKENS, 3);
    assert_eq!(detail(&[answered.clone(), asked]), "gpt-5");
    assert_eq!(detail(&[answered, tokens]), "gpt-5-2026  ? → 3 tokens");
    assert_eq!(detail(&[]), "");
}

#[test]
fn session_detail_shows_early_function_return() {
    let mut root = span(0, "");
    let at = root.start_time + Duration::from_micros(1_500);
    root.attributes.push(KeyValue::new(semconv::SESSION_OUTPUT_TOKENS, 3));
    root.events.events.push(Event::new(semconv::RETURNED_EVENT, at, Vec::new(), 0));
    assert_eq!(Node::of(&root).detail, "? → 3 tokens  returned after 1.5 ms");
    root.attributes.clear();
    assert_eq!(Node::of(&root).detail, "returned after 1.5 ms");
}

#[test]
fn orphan_span_renders_below_root() {
    let nodes = vec![node(3, 77, "tool", "stray", 1, 5), node(1, 0, "session", "run", 0, 9)];
    assert_eq!(render(nodes, false), "session run  9 µs\n└─ tool stray  5 µs\n");
}

#[test]
fn cyclic_parents_do_not_hang_render() {
    let nodes = vec![
        node(2, 3, "tool", "a", 1, 1),
        node(3, 2, "tool", "b", 2, 1),
        node(1, 0, "session", "run", 0, 9),
    ];
    assert_eq!(render(nodes, false), "session run  9 µs\n");
}

#[test]
fn render_without_root_is_empty() {
    assert_eq!(render(vec![node(2, 1, "tool", "a", 1, 1)], false), "");
}

#[test]
fn colours_are_for_terminals() {
    let failed = Node { error: Some("no".to_owned()), ..node(1, 0, "session", "run", 0, 9) };
    assert_eq!(
        render(vec![failed], true),
        "\x1b[2m\x1b[0msession \x1b[1mrun\x1b[0m  \x1b[2m9 µs\x1b[0m  \x1b[31m✗ no\x1b[0m\n"
    );
}

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
fn line_reports_dropped_attributes_and_events() {
    let mut span = span(1, "");
    span.parent_span_id = SpanId::INVALID;
    (span.dropped_attributes_count, span.events.dropped_count) = (1, 2);
    span.status = Status::error("no");
    let node = Node { took: Duration::from_micros(5), ..Node::of(&span) };
    let line = render(vec![node], false);
    assert!(line.ends_with("  5 µs  (1 attribute, 2 events left out)  ✗ no\n"), "{line}");
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

#[test]
fn dollars_show_small_costs_without_rounding_to_zero() {
    let shown = [0.0, 12.5, 0.4, 0.001_84, 0.000_000_25].map(dollars);
    assert_eq!(shown, ["$0.00", "$12.50", "$0.40", "$0.0018", "$0.00000025"]);
}

#[test]
fn late_span_shows_delay_after_session_end() {
    let root = node(1, 0, "session", "run", 0, 5_000);
    let late = Node { is_late: true, ..node(2, 1, "tool", "index", 6, 50_000) };
    let leaked = Node { is_late: true, ..node(3, 1, "tool", "leaked", 1, 7_000) };
    assert_eq!(
        render_late(&root, &late, false),
        "session run  after its end\n└─ (+51.0 ms) tool index  50.0 ms\n"
    );
    assert_eq!(
        render(vec![leaked, root], false),
        "session run  5.0 ms\n└─ (+3.0 ms) tool leaked  7.0 ms\n"
    );
}
