//! AgentOps' pages, by their own rules, over what the quickstart sends to them: they count what is there.
//!
//! The rules are those of its dashboard and API as of their last release: keys with dots become nested
//! objects, the type of a span is that of the first key that is found in it, and a call of a model is whatever
//! has a key below `gen_ai`.
#![deny(clippy::pedantic)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{collections::BTreeMap, fs};

use agentops_tests::{collector::Collector, process};
use opentelemetry_proto::tonic::{
    common::v1::any_value::Value,
    trace::v1::{Span, status::StatusCode},
};

/// An object whose keys stand in the order in which they came.
#[derive(Debug, Default)]
struct Nested(Vec<(String, Nested)>);

impl Nested {
    fn of(span: &Span) -> Self {
        let mut nested = Self::default();
        for attribute in &span.attributes {
            let mut place = &mut nested;
            for part in attribute.key.split('.') {
                place = place.at(part);
            }
        }
        nested
    }

    fn at(&mut self, part: &str) -> &mut Self {
        let found = self.0.iter().position(|(key, _)| key == part).unwrap_or_else(|| {
            self.0.push((part.to_owned(), Self::default()));
            self.0.len() - 1
        });
        &mut self.0[found].1
    }

    /// The type that its API gives to a span: the first of these keys, depth first.
    fn span_type(&self) -> Option<&'static str> {
        self.0.iter().find_map(|(key, below)| match key.as_str() {
            "gen_ai" => Some("request"),
            "agent" => Some("agent"),
            "tool" => Some("tool"),
            _ => below.span_type(),
        })
    }
}

/// The icon that its page gives to a span: by the end of its name, or else by what it has.
fn icon(span: &Span) -> &'static str {
    let ends = ["session", "agent", "operation", "task", "workflow", "tool"];
    let end = span.name.rsplit_once('.').map(|(_, end)| end);
    match ends.into_iter().find(|known| Some(*known) == end) {
        Some(known) => known,
        None if is_model_call(span) => "llm",
        None => "other",
    }
}

/// Returns `true` for a span that opens as a model call when it is chosen, and is counted in the header.
fn is_model_call(span: &Span) -> bool {
    span.attributes.iter().any(|attribute| attribute.key.starts_with("gen_ai."))
}

fn value<'a>(span: &'a Span, key: &str) -> Option<&'a Value> {
    let found = span.attributes.iter().find(|attribute| attribute.key == key);
    found?.value.as_ref()?.value.as_ref()
}

fn text<'a>(span: &'a Span, key: &str) -> &'a str {
    match value(span, key) {
        Some(Value::StringValue(text)) => text,
        other => panic!("`{key}` of {} is {other:?}", span.name),
    }
}

fn number(span: &Span, key: &str) -> i64 {
    match value(span, key) {
        Some(Value::IntValue(number)) => *number,
        _ => 0,
    }
}

/// Spans that the quickstart sends to AgentOps, the first to start first.
fn quickstart(variables: &[(&str, &str)]) -> Vec<Span> {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.md", "b.md", "c.md", "d.md"] {
        let text = "A session is the root of a trace and it ends explicitly.\n";
        fs::write(folder.path().join(name), text).unwrap();
    }
    let collector = Collector::start();
    let output = process::example("quickstart")
        .arg(folder.path())
        .arg("What is a session?")
        .env("AGENTOPS_EXPORTER_ENDPOINT", collector.address())
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut spans = collector.spans();
    spans.sort_by_key(|span| span.start_time_unix_nano);
    spans
}

#[test]
fn agentops_pages_count_calls_and_span_types() {
    let spans = quickstart(&[("AGENTOPS_DIALECT", "agentops")]);
    let calls = spans.iter().filter(|span| is_model_call(span)).count();
    let typed = |wanted| spans.iter().filter(|it| Nested::of(it).span_type() == wanted).count();
    assert_eq!((calls, typed(Some("tool")), typed(Some("agent"))), (1, 6, 1), "the header");
    let kinds: BTreeMap<_, _> = spans
        .iter()
        .map(|span| (span.name.as_str(), (icon(span), Nested::of(span).span_type())))
        .collect();
    let expected = [
        ("answer", ("llm", Some("request"))),
        ("ask.session", ("session", None)),
        ("list_files.tool", ("tool", Some("tool"))),
        ("read_file.tool", ("tool", Some("tool"))),
        ("research.agent", ("agent", Some("agent"))),
        ("search.tool", ("tool", Some("tool"))),
    ];
    let names: BTreeMap<_, _> =
        expected.into_iter().map(|(name, kind)| (named(name), kind)).collect();
    assert_eq!(kinds, names, "icons and types");
}

/// A call of a model is named by its operation and model.
fn named(name: &'static str) -> &'static str {
    if name == "answer" { "chat extractive-scorer" } else { name }
}

#[test]
fn agentops_pages_find_their_attributes() {
    let spans = quickstart(&[("AGENTOPS_DIALECT", "agentops")]);
    let of = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    let root = &spans[0];
    assert_eq!(root.name, "ask.session");
    assert_eq!(text(root, "instrumentation.version"), env!("CARGO_PKG_VERSION"), "the badge");
    assert_eq!(number(root, "agentops.session.tool_calls"), 6);
    let call = of("chat extractive-scorer");
    let sum =
        number(call, "gen_ai.usage.prompt_tokens") + number(call, "gen_ai.usage.completion_tokens");
    assert!(sum > 0);
    assert_eq!(number(call, "gen_ai.usage.total_tokens"), sum);
    assert_eq!(value(call, "gen_ai.usage.prompt_cost"), None, "no price is made up");
    assert_eq!(text(of("research.agent"), "agent.name"), "research");
    let tool = of("search.tool");
    assert_eq!(text(tool, "tool.name"), "search");
    assert!(text(tool, "tool.result").contains("a.md"));
    let failed = spans.iter().filter(|span| {
        span.status.as_ref().is_some_and(|status| status.code == StatusCode::Error as i32)
    });
    assert_eq!(failed.map(|span| span.name.as_str()).collect::<Vec<_>>(), ["read_file.tool"]);
}

#[test]
fn reader_would_count_spans_of_both_dialects() {
    let spans = quickstart(&[("AGENTOPS_DIALECT", "otel,agentops")]);
    assert_eq!(spans.iter().filter(|span| is_model_call(span)).count(), spans.len());
}
