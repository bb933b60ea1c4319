//! Tests of the calls, tokens, cost and errors on a session that is closed as `Aborted`.

use super::{dead::*, *};
use crate::{
    config::{Dialect, Dialects},
    outgoing::{drop_unselected, translate},
    record::{RecordedKind, semconv as key},
};

/// Returns the totals on the session with this root, in the order of the keys.
fn totals(dir: &Path, trace: u128, root: u64) -> Vec<String> {
    let text = fs::read_to_string(file_of(dir, TraceId::from(trace))).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<TracesData>(line).unwrap());
    let scopes = lines.flat_map(|line| line.resource_spans).flat_map(|it| it.scope_spans);
    let mut spans = scopes.flat_map(|scope| scope.spans);
    let root = spans.find(|span| span.span_id == SpanId::from(root).to_bytes()).unwrap();
    let told = root.attributes.iter().filter_map(|it| {
        let name = it.key.strip_prefix("agentops.session.").filter(|name| *name != "end_state")?;
        let value = match it.value.as_ref()?.value.as_ref()? {
            Any::StringValue(text) => text.clone(),
            Any::IntValue(number) => number.to_string(),
            Any::DoubleValue(number) => number.to_string(),
            other => panic!("{other:?}"),
        };
        Some(format!("{name}={value}"))
    });
    told.collect()
}

fn of_kind(kind: &'static str, mut span: SpanData) -> SpanData {
    span.attributes.push(KeyValue::new(key::SPAN_KIND, kind));
    span
}

/// Creates a recorded model call.
fn model(span: SpanData) -> SpanData {
    let mut call = of_kind("llm", span);
    call.attributes.extend([
        KeyValue::new(key::OPERATION_NAME, "ask"),
        KeyValue::new(key::REQUEST_MODEL, "m"),
        KeyValue::new(key::INPUT_TOKENS, 7),
        KeyValue::new(key::OUTPUT_TOKENS, 5),
        KeyValue::new(key::CACHE_READ_TOKENS, 2),
        KeyValue::new(key::COST_USD, 0.25),
    ]);
    call
}

fn failed(text: &'static str, span: SpanData) -> SpanData {
    SpanData { status: Status::error(text), ..span }
}

/// Returns a span as it is written in these dialects.
fn written(dialects: &[Dialect], mut span: SpanData) -> SpanData {
    let dialects = Dialects::of(dialects);
    let kind = RecordedKind::among(&span.attributes).unwrap();
    translate(&mut span, kind, dialects);
    drop_unselected(&mut span, kind, dialects);
    span
}

const USUAL: [Dialect; 2] = [Dialect::OpenTelemetry, Dialect::OpenInferenceMin];

/// Creates the root of a session in the default dialects.
fn usual_root() -> SpanData {
    written(&USUAL, root(1))
}

const MODELS: &str = r#"models=[{"model":"m","calls":1,"input_tokens":7,"output_tokens":5,"cached_tokens":2,"cache_write_tokens":0,"reasoning_tokens":0,"cost_usd":0.25}]"#;

#[test]
fn aborted_session_totals_cover_every_dialect() {
    let calls = ["calls.agent=1", "calls.tool=1", "calls.llm=1"];
    let calls_for_agentops = ["agent_calls=1", "tool_calls=1", "llm_calls=1"];
    for (dialects, calls) in [
        (&USUAL[..], calls),
        (&[Dialect::OpenInference], calls),
        (&[Dialect::AgentOps], calls_for_agentops),
        (&[Dialect::OpenTelemetry, Dialect::AgentOps], calls),
    ] {
        let dir = tempdir().unwrap();
        let as_written = |span| written(dialects, span);
        let mut agent = of_kind("agent", at(1, 2, 1, 1, 1));
        agent.attributes.push(KeyValue::new(key::UNFINISHED, true));
        died(
            dir.path(),
            vec![as_written(root(1)), as_written(agent)],
            vec![
                as_written(model(at(1, 3, 2, 1, 2))),
                as_written(failed("no", of_kind("tool", at(1, 4, 2, 2, 3)))),
            ],
        );
        drop(comes(dir.path()));
        let rest = [
            "errors=1",
            "tokens.input=7",
            "tokens.output=5",
            "tokens.cached=2",
            "cost_usd=0.25",
            MODELS,
        ];
        assert_eq!(totals(dir.path(), 1, 1), [&calls[..], &rest].concat(), "{dialects:?}");
    }
}

#[test]
fn session_error_total_counts_propagated_error_once() {
    let dir = tempdir().unwrap();
    let tool = |span| of_kind("tool", span);
    died(
        dir.path(),
        vec![usual_root()],
        vec![
            failed("refused", tool(at(1, 4, 3, 1, 2))),
            failed("search: refused", tool(at(1, 3, 2, 1, 3))),
            failed("late", tool(at(1, 5, 2, 3, 4))),
            of_kind("agent", at(1, 2, 1, 0, 5)),
        ],
    );
    drop(comes(dir.path()));
    assert_eq!(totals(dir.path(), 1, 1), ["calls.agent=1", "calls.tool=3", "errors=2"]);
}

#[test]
fn continued_session_totals_count_per_process() {
    let dir = tempdir().unwrap();
    let mut there = SpanData { parent_span_is_remote: true, ..root(1) };
    there.span_context = at(1, 6, 2, 0, 0).span_context;
    there.parent_span_id = SpanId::from(2);
    died(
        dir.path(),
        vec![usual_root(), written(&USUAL, there)],
        vec![
            of_kind("tool", at(1, 2, 1, 0, 9)),
            model(at(1, 7, 6, 1, 2)),
            of_kind("tool", at(1, 8, 6, 2, 3)),
        ],
    );
    drop(comes(dir.path()));
    assert_eq!(totals(dir.path(), 1, 1), ["calls.tool=1", "errors=0"]);
    let there = ["calls.tool=1", "calls.llm=1", "errors=0", "tokens.input=7", "tokens.output=5"];
    assert_eq!(totals(dir.path(), 1, 6)[..5], there);
}

#[test]
fn session_totals_include_cycles_and_skip_kindless_spans() {
    let dir = tempdir().unwrap();
    died(
        dir.path(),
        vec![usual_root()],
        vec![
            of_kind("tool", at(1, 3, 4, 0, 1)),
            of_kind("tool", at(1, 4, 3, 0, 1)),
            at(1, 5, 1, 0, 1),
        ],
    );
    drop(comes(dir.path()));
    assert_eq!(totals(dir.path(), 1, 1), ["calls.tool=2", "errors=0"]);
}
