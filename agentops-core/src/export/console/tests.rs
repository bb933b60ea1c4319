use std::{
    fs,
    time::{Duration, SystemTime},
};

use opentelemetry::{KeyValue, trace::Status};
use proptest::prelude::*;

use super::{line::width, screen::Palette, *};
use crate::{fixtures, record::semconv};

const SCREEN: Screen = Screen { columns: 80, palette: Palette::Plain };

/// Creates a span that starts `id` milliseconds in and takes a few microseconds.
fn span(id: u64, parent: u64, kind: &'static str, name: &str) -> SpanData {
    let mut span = fixtures::span(parent, "");
    span.span_context = opentelemetry::trace::SpanContext::new(
        TraceId::from(0x4164_8920_u128 << 96 | 1),
        SpanId::from(id),
        opentelemetry::TraceFlags::SAMPLED,
        false,
        opentelemetry::trace::TraceState::default(),
    );
    span.start_time = SystemTime::UNIX_EPOCH + Duration::from_millis(id);
    span.end_time = span.start_time + Duration::from_micros(1 + id % 4);
    span.attributes = vec![
        KeyValue::new(semconv::SPAN_KIND, kind),
        KeyValue::new(semconv::OPERATION_NAME, name.to_owned()),
    ];
    span
}

fn tool(id: u64, parent: u64, name: &str) -> SpanData {
    span(id, parent, "tool", name)
}

fn failed(span: SpanData, message: &str) -> SpanData {
    SpanData { status: Status::error(message.to_owned()), ..span }
}

fn root() -> SpanData {
    span(1, 0, "session", "run")
}

fn remote(span: SpanData) -> SpanData {
    SpanData { parent_span_is_remote: true, parent_span_id: SpanId::from(99_999), ..span }
}

/// Collects spans in the order of their ends. Returns what is shown.
fn shown_on(screen: Screen, spans: impl IntoIterator<Item = SpanData>) -> String {
    let console = ConsoleExporter::new(None);
    let trees = spans.into_iter().filter_map(|span| console.collect_for(&span, || screen));
    trees.map(|tree| tree.with_command()).collect()
}

fn shown(spans: impl IntoIterator<Item = SpanData>) -> String {
    shown_on(SCREEN, spans)
}

#[test]
fn last_error_of_2502_spans_is_shown() {
    let leaves = (2..2_502).map(|id| tool(id, 1, "leaf"));
    let declined = failed(tool(2_502, 1, "charge"), "the card was declined");
    assert_eq!(
        shown(leaves.chain([declined, root()])),
        "session run  2 µs\n\
         ├─ tool leaf ×2500  1–4 µs\n\
         └─ tool charge  3 µs  ✗ the card was declined\n\
         ✗ run › charge\n  the card was declined\n"
    );
}

#[test]
fn long_session_is_cut_after_39_lines() {
    let tools = (2..3_002).map(|id| tool(id, 1, &format!("step {id}")));
    let declined = failed(tool(3_002, 1, "charge"), "the card was declined");
    let text = shown(tools.chain([declined, root()]));
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 39 + 2);
    assert_eq!(lines[..2], ["session run  2 µs", "├─ tool step 2  3 µs"]);
    assert_eq!(
        lines[36..],
        [
            "├─ tool step 37  2 µs",
            "├─ tool charge  3 µs  ✗ the card was declined",
            "└─ … 2964 more spans",
            "✗ run › charge",
            "  the card was declined",
        ]
    );
}

#[test]
fn deep_session_shows_its_top_and_its_error() {
    let deepest = failed(tool(10_001, 10_000, "deep"), "too deep");
    let chain = (2..10_001).rev().map(|id| tool(id, id - 1, &format!("level {id}")));
    let text = shown([deepest].into_iter().chain(chain).chain([root()]));
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 14 + 2, "{text}");
    assert_eq!(lines[12], format!("{}└─ tool level 13  2 µs", " ".repeat(33)));
    assert_eq!(lines[13], format!("{}└─ tool level 14  3 µs  … 9987 more spans", " ".repeat(36)));
    assert_eq!(
        lines[14..],
        [
            "✗ …evel 2 › level 3 › level 4 › … › level 9998 › level 9999 › level 10000 › deep",
            "  too deep"
        ]
    );
}

#[test]
fn runs_of_equal_subtrees_fold_if_the_tree_is_too_long() {
    let agents = |count: u64| {
        let agent = |id: u64| {
            let mut ask = span(id + 1, id, "llm", "ask");
            ask.attributes.push(KeyValue::new(semconv::INPUT_TOKENS, 10));
            ask.attributes.push(KeyValue::new(semconv::COST_USD, 0.25));
            [ask, tool(id + 2, id, "read"), tool(id + 3, id, "read"), span(id, 1, "agent", "work")]
        };
        shown((1..=count).flat_map(|at| agent(at * 4)).chain([root()]))
    };
    assert_eq!(
        agents(13),
        "session run  2 µs\n\
         └─ agent work ×13  1 µs\n\
         \x20  ├─ llm ask ×13  2 µs  130 → ? tokens  $3.25\n\
         \x20  └─ tool read ×26  3–4 µs\n"
    );
    assert_eq!(agents(12).lines().count(), 37);
}

#[test]
fn different_spans_do_not_fold() {
    let mut late = tool(5, 1, "read");
    late.attributes.push(KeyValue::new(semconv::LATE, true));
    let mut cancelled = tool(6, 1, "read");
    cancelled.attributes.push(KeyValue::new(semconv::CANCELLED, true));
    let mut model = tool(7, 1, "read");
    model.attributes.push(KeyValue::new(semconv::REQUEST_MODEL, "m"));
    let spans =
        [tool(3, 1, "read"), tool(4, 1, "write"), late, cancelled, model, tool(8, 1, "read")];
    assert_eq!(
        shown(spans.into_iter().chain([root()])),
        "session run  2 µs\n\
         ├─ tool read  4 µs\n\
         ├─ tool write  1 µs\n\
         ├─ (+4.0 ms) tool read  2 µs\n\
         ├─ tool read  3 µs  ⊘ cancelled\n\
         ├─ tool read  4 µs  m\n\
         └─ tool read  1 µs\n"
    );
}

#[test]
fn error_passed_on_is_shown_once() {
    let spans = [
        failed(tool(3, 2, "read"), "no such file"),
        failed(span(2, 1, "agent", "plan"), "no such file"),
        failed(root(), "could not plan: no such file"),
    ];
    assert_eq!(
        shown(spans),
        "session run  2 µs  ✗ could not plan: no such file\n\
         └─ agent plan  3 µs  ✗\n\
         \x20  └─ tool read  4 µs  ✗ no such file\n\
         ✗ run › plan › read\n  no such file\n\
         ✗ run\n  could not plan: no such file\n"
    );
}

#[test]
fn equal_errors_are_counted_and_others_all_listed() {
    let equal = (10..310).map(|id| failed(tool(id, 2, "fetch"), "timed out"));
    let others = (400..700).map(|id| failed(tool(id, 2, "fetch"), &format!("no page {id}")));
    let spans = equal.chain(others).chain([span(2, 1, "agent", "plan"), root()]);
    let text = shown(spans);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 39 + 2 * 301);
    assert_eq!(lines[2], "   ├─ tool fetch ×300  1–4 µs  ✗ timed out");
    assert_eq!(
        lines[39..43],
        ["✗ run › plan › fetch  ×300", "  timed out", "✗ run › plan › fetch", "  no page 400"]
    );
    assert_eq!(lines[640], "  no page 699");
}

#[test]
fn long_error_is_shown_whole_and_without_control_characters() {
    let words = "word ".repeat(40);
    let message = format!("{words}\n  at \x1b[2Jline 2\n\n{}", "x".repeat(100));
    let text = shown([failed(tool(2, 1, "read"), &message), root()]);
    let row = "  word word word word word word word word word word word word word word word\n";
    assert_eq!(
        text.split_once("✗ run › read\n").unwrap().1,
        [
            row,
            row,
            "  word word word word word word word word word word\n",
            "    at \\u{1b}[2Jline 2\n",
            "\n",
            &format!("  {}\n  {}\n", "x".repeat(78), "x".repeat(22)),
        ]
        .concat()
    );
}

#[test]
fn errors_beyond_four_mebibytes_are_counted() {
    let huge = |id: u64| failed(tool(id, 1, "read"), &format!("{id}{}", "x".repeat(1 << 20)));
    let text = shown((2..7).map(huge).chain([root()]));
    assert!(text.ends_with("✗ 2 more errors\n"), "{}", text.len());
    assert_eq!(text.lines().filter(|line| line.starts_with('✗')).count(), 4);
}

#[test]
fn error_after_the_end_of_its_parent_has_its_path() {
    let late = failed(tool(3, 2, "read"), "gone");
    let spans = [span(2, 1, "agent", "plan"), late, root()];
    assert!(shown(spans).ends_with("✗ run › plan › read\n  gone\n"));
}

#[test]
fn error_after_the_end_of_the_session_is_shown_whole() {
    let late = failed(tool(3, 2, "read"), "gone\naway");
    assert_eq!(
        shown([root(), late]),
        "session run  2 µs\n\
         session run  after its end\n\
         └─ tool read  4 µs  ✗ gone away\n\
         ✗ run › read\n  gone\n  away\n"
    );
}

#[test]
fn requests_of_one_session_show_their_own_errors() {
    let spans = [
        failed(tool(12, 10, "one"), "first"),
        failed(tool(22, 20, "two"), "second"),
        remote(span(10, 0, "task", "a")),
        remote(span(20, 0, "task", "b")),
    ];
    assert_eq!(
        shown(spans),
        "task a  3 µs\n└─ tool one  1 µs  ✗ first\n✗ a › one\n  first\n\
         task b  1 µs\n└─ tool two  3 µs  ✗ second\n✗ b › two\n  second\n"
    );
}

#[test]
fn request_that_has_ended_leaves_nothing_behind() {
    let console = ConsoleExporter::new(None);
    for span in [failed(tool(12, 10, "one"), "first"), remote(span(10, 0, "task", "a"))] {
        console.collect_for(&span, || SCREEN);
    }
    assert!(console.sessions.lock().is_empty());
}

#[test]
fn spans_with_the_same_id_do_not_hang() {
    let spans = [tool(2, 2, "self"), tool(2, 1, "a"), tool(2, 1, "a"), tool(1, 1, "b"), root()];
    assert_eq!(shown(spans).lines().next(), Some("session run  2 µs"));
}

#[test]
fn last_line_is_the_command_that_shows_the_session() {
    let dir = tempfile::tempdir().unwrap();
    let console = ConsoleExporter::new(Some(dir.path().to_owned()));
    let tree = console.collect_for(&root(), || SCREEN).unwrap();
    assert_eq!(tree.with_command(), "session run  2 µs\n");
    fs::write(tree.file.as_ref().unwrap(), "").unwrap();
    assert_eq!(tree.with_command(), "session run  2 µs\nagentops show 41648920\n");
}

proptest! {
    #[test]
    fn no_line_is_wider_than_the_screen(
        columns in 2_usize..90,
        names in prop::collection::vec("[a-z 東🔬\u{301}\u{fe0f}\n\u{1b}]{0,60}", 1..60),
        parents in prop::collection::vec(0_usize..60, 60),
    ) {
        let spans = names.iter().enumerate().map(|(at, name)| {
            let span = tool(at as u64 + 2, (parents[at] % (at + 1)) as u64 + 1, name);
            if at % 3 == 0 { failed(span, name) } else { span }
        });
        let spans: Vec<_> = spans.collect();
        let all = spans.into_iter().rev().chain([root()]);
        let text = shown_on(Screen { columns, ..SCREEN }, all);
        for line in text.lines() {
            prop_assert!(width(line) <= columns, "{line:?}");
        }
        prop_assert!(text.lines().take_while(|line| !line.starts_with('✗')).count() <= 39);
    }
}
