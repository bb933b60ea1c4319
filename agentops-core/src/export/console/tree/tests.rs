use std::time::{Duration, SystemTime};

use opentelemetry::{
    KeyValue,
    trace::{Event, Status},
};
use opentelemetry_sdk::trace::SpanData;

use super::*;
use crate::{
    export::console::{screen::Palette, usage::Usage},
    fixtures::span,
    record::semconv,
};

const SCREEN: Screen = Screen { columns: 80, palette: Palette::Plain };

/// Creates a node that starts `start` milliseconds in and takes `took` microseconds.
fn node(id: u64, parent: u64, kind: &str, name: &str, start: u64, took: u64) -> Node {
    let start = SystemTime::UNIX_EPOCH + Duration::from_millis(start);
    Node {
        id: SpanId::from(id),
        parent: SpanId::from(parent),
        start,
        end: start + Duration::from_micros(took),
        kind: kind.to_owned(),
        name: name.to_owned(),
        count: 1,
        took: [Duration::from_micros(took); 2],
        usage: Usage::default(),
        returned: None,
        is_late: false,
        left_out: None,
        error: None,
        is_cancelled: false,
        hidden: 0,
    }
}

/// Draws nodes in the order in which their spans end.
fn draw(nodes: Vec<Node>, screen: Screen) -> String {
    let mut forest = Forest::default();
    nodes.into_iter().for_each(|node| forest.add(node));
    render(forest, screen)
}

fn usage(model: &'static str, input: i64, output: i64) -> Usage {
    let tokens = [(semconv::INPUT_TOKENS, input), (semconv::OUTPUT_TOKENS, output)];
    let tokens = tokens.map(|(key, count)| KeyValue::new(key, count));
    Usage::of(&[&tokens[..], &[KeyValue::new(semconv::REQUEST_MODEL, model)]].concat())
}

#[test]
fn siblings_render_in_start_order() {
    let model = Node { usage: usage("m", 12, 3), ..node(5, 2, "llm", "ask", 4, 3_400) };
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
        draw(nodes, SCREEN),
        "session run  61.00 s\n\
         ├─ agent plan  2.50 s\n\
         │  ├─ tool list  900 µs  ⊘ cancelled\n\
         │  ├─ tool read  12 µs  ✗ not found\n\
         │  └─ llm ask  3.4 ms  m  12 → 3 tokens\n\
         └─ task sum up  1.0 ms\n"
    );
}

#[test]
fn session_detail_shows_early_function_return() {
    let mut root = span(0, "");
    let at = root.start_time + Duration::from_micros(1_500);
    root.attributes.push(KeyValue::new(semconv::SESSION_OUTPUT_TOKENS, 3));
    root.events.events.push(Event::new(semconv::RETURNED_EVENT, at, Vec::new(), 0));
    let detail = |root: &SpanData| {
        let node = Node { parent: SpanId::INVALID, ..Node::of(root) };
        draw(vec![node], SCREEN).split_once("s  ").unwrap().1.to_owned()
    };
    assert_eq!(detail(&root), "? → 3 tokens  returned after 1.5 ms\n");
    root.attributes.clear();
    assert_eq!(detail(&root), "returned after 1.5 ms\n");
}

#[test]
fn orphan_span_renders_below_root() {
    let nodes = vec![node(3, 77, "tool", "stray", 1, 5), node(1, 0, "session", "run", 0, 9)];
    assert_eq!(draw(nodes, SCREEN), "session run  9 µs\n└─ tool stray  5 µs\n");
}

#[test]
fn cyclic_parents_do_not_hang_render() {
    let nodes = vec![
        node(2, 3, "tool", "a", 1, 1),
        node(3, 2, "tool", "b", 2, 1),
        node(1, 0, "session", "run", 0, 9),
    ];
    assert_eq!(draw(nodes, SCREEN), "session run  9 µs\n");
}

#[test]
fn render_without_root_is_empty() {
    assert_eq!(draw(vec![node(2, 1, "tool", "a", 1, 1)], SCREEN), "");
}

#[test]
fn colours_are_for_terminals() {
    let failed = Node { error: Some("no".to_owned()), ..node(1, 0, "session", "run", 0, 9) };
    assert_eq!(
        draw(vec![failed], Screen { palette: Palette::Ansi, ..SCREEN }),
        "session \x1b[1mrun\x1b[0m  \x1b[2m9 µs\x1b[0m  \x1b[31m✗ no\x1b[0m\n"
    );
}

#[test]
fn line_reports_dropped_attributes_and_events() {
    let mut span = span(1, "");
    span.parent_span_id = SpanId::INVALID;
    (span.dropped_attributes_count, span.events.dropped_count) = (1, 2);
    span.status = Status::error("no");
    let node = Node { took: [Duration::from_micros(5); 2], ..Node::of(&span) };
    let line = draw(vec![node], SCREEN);
    assert!(line.ends_with("  5 µs  (1 attribute, 2 events left out)  ✗ no\n"), "{line}");
}

#[test]
fn late_span_shows_delay_after_session_end() {
    let root = node(1, 0, "session", "run", 0, 5_000);
    let late = Node { is_late: true, ..node(2, 1, "tool", "index", 6, 50_000) };
    let leaked = Node { is_late: true, ..node(3, 1, "tool", "leaked", 1, 7_000) };
    assert_eq!(
        render_late(&root, &late, SCREEN),
        "session run  after its end\n└─ (+51.0 ms) tool index  50.0 ms\n"
    );
    assert_eq!(
        draw(vec![leaked, root], SCREEN),
        "session run  5.0 ms\n└─ (+3.0 ms) tool leaked  7.0 ms\n"
    );
}
