//! One trace through the eyes of each dialect: kind, model, tokens, cost, input and output under its names.
#![deny(clippy::pedantic)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{collections::BTreeMap, env, process::Command};

use agentops_tests::collector::Collector;
use opentelemetry_proto::tonic::{
    common::v1::any_value::Value,
    trace::v1::{Span, status::StatusCode},
};
use serde_json::json;

/// The spans of the program that other servers read, by their names.
fn exported(dialect: &str) -> BTreeMap<String, Span> {
    let collector = Collector::start();
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["run", "--quiet", "-p", "agentops-tests", "--example", "interop_emit"])
        .env("AGENTOPS_EXPORTER_ENDPOINT", collector.address())
        .env("AGENTOPS_DIALECT", dialect)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let spans = collector.spans().into_iter();
    spans.map(|span| (text(&span, "operation.name").unwrap(), span)).collect()
}

fn value<'a>(span: &'a Span, key: &str) -> Option<&'a Value> {
    let found = span.attributes.iter().find(|attribute| attribute.key == key);
    found?.value.as_ref()?.value.as_ref()
}

fn text(span: &Span, key: &str) -> Option<String> {
    match value(span, key)? {
        Value::StringValue(text) => Some(text.clone()),
        other => panic!("`{key}` is {other:?}"),
    }
}

fn kinds(spans: &BTreeMap<String, Span>, key: &str) -> Vec<String> {
    let names = ["interop", "surveyor", "lookup", "complete"];
    names.iter().map(|name| text(&spans[*name], key).unwrap_or_default()).collect()
}

fn integers(span: &Span, keys: [&str; 2]) -> [Option<Value>; 2] {
    keys.map(|key| value(span, key).cloned())
}

const TOKENS: [Option<Value>; 2] = [Some(Value::IntValue(1_000)), Some(Value::IntValue(100))];
/// By the bundled table, as every dialect has it.
const COST: Option<&Value> = Some(&Value::DoubleValue(0.00018));
const QUESTION: &str = "How tall is tower 7?";
const ANSWER: &str = "It is 88 m tall.";

#[test]
fn opentelemetry_reads_it() {
    let spans = exported("otel");
    let call = &spans["complete"];
    assert_eq!(
        kinds(&spans, "gen_ai.operation.name"),
        ["invoke_workflow", "invoke_agent", "execute_tool", "chat"]
    );
    assert_eq!(text(call, "gen_ai.request.model").unwrap(), "gpt-4o-mini");
    let tokens = ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"];
    assert_eq!(integers(call, tokens), TOKENS);
    assert_eq!(value(call, "agentops.usage.cost_usd"), COST);
    let messages =
        |key| -> serde_json::Value { serde_json::from_str(&text(call, key).unwrap()).unwrap() };
    let asked = messages("gen_ai.input.messages");
    assert_eq!(asked[0], json!({"role": "user", "parts": [{"type": "text", "content": QUESTION}]}));
    assert_eq!(
        messages("gen_ai.output.messages"),
        json!([{
            "role": "assistant",
            "parts": [{"type": "text", "content": ANSWER}],
            "finish_reason": "stop"
        }])
    );
    assert_eq!(
        messages("gen_ai.system_instructions"),
        json!([{"type": "text", "content": "Answer in one sentence."}])
    );
    let tool = &spans["lookup"];
    assert_eq!(text(tool, "gen_ai.tool.call.arguments").unwrap(), r#"{"tower":7}"#);
    assert_eq!(text(tool, "gen_ai.tool.call.result").unwrap(), r#"{"metres":88}"#);
    assert_eq!(spans["broken"].status.as_ref().unwrap().code, StatusCode::Error as i32);
    assert_eq!(call.status.clone().unwrap_or_default().code, StatusCode::Unset as i32);
    let theirs = [
        "llm.",
        "openinference.",
        "input.value",
        "gen_ai.prompt",
        "gen_ai.completion",
        "gen_ai.usage.total",
    ];
    let keys = spans.values().flat_map(|span| &span.attributes).map(|it| it.key.as_str());
    let others: Vec<_> =
        keys.filter(|key| theirs.iter().any(|prefix| key.starts_with(prefix))).collect();
    assert!(others.is_empty(), "names of dialects that nobody asked for: {others:?}");
}

#[test]
fn agentops_reads_it() {
    let spans = exported("agentops");
    let call = &spans["complete"];
    assert_eq!(kinds(&spans, "agentops.span.kind"), ["session", "agent", "tool", "llm"]);
    let mut names: Vec<_> = spans.values().map(|span| span.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["broken.tool", "chat gpt-4o-mini", "interop.session", "lookup.tool", "surveyor.agent"]
    );
    let tokens = ["gen_ai.usage.prompt_tokens", "gen_ai.usage.completion_tokens"];
    assert_eq!(integers(call, tokens), TOKENS);
    assert_eq!(value(call, "gen_ai.usage.total_tokens"), Some(&Value::IntValue(1_100)));
    assert_eq!(value(call, "gen_ai.usage.total_cost"), COST);
    assert_eq!(text(call, "gen_ai.system").unwrap(), "openai");
    assert_eq!(text(call, "gen_ai.prompt.0.role").unwrap(), "system");
    assert_eq!(text(call, "gen_ai.prompt.1.content").unwrap(), QUESTION);
    assert_eq!(text(call, "gen_ai.prompt.2.tool_calls.0.arguments").unwrap(), r#"{"tower":7}"#);
    assert_eq!(text(call, "gen_ai.prompt.3.tool_call_id").unwrap(), "t1");
    assert_eq!(text(call, "gen_ai.completion.0.content").unwrap(), ANSWER);
    assert_eq!(text(call, "gen_ai.completion.0.finish_reason").unwrap(), "stop");
    // The bundled table tells what went in, of which 400 tokens were cached, from what came out.
    let costs = ["gen_ai.usage.prompt_cost", "gen_ai.usage.completion_cost"];
    let costs = costs.map(|key| match value(call, key) {
        Some(Value::DoubleValue(usd)) => format!("{usd:.6}"),
        other => panic!("{key} is {other:?}"),
    });
    assert_eq!(costs, ["0.000120", "0.000060"]);
    let below_gen_ai = spans.iter().filter(|(_, span)| {
        span.attributes.iter().any(|attribute| attribute.key.starts_with("gen_ai."))
    });
    assert_eq!(below_gen_ai.map(|(name, _)| name).collect::<Vec<_>>(), ["complete"]);
    let tool = &spans["lookup"];
    assert_eq!(text(tool, "tool.parameters").unwrap(), r#"{"tower":7}"#);
    assert_eq!(text(tool, "tool.status").unwrap(), "succeeded");
    let codes = |name: &str| spans[name].status.clone().unwrap_or_default().code;
    assert_eq!(codes("broken"), StatusCode::Error as i32);
    for name in ["interop", "surveyor", "lookup", "complete"] {
        assert_eq!(codes(name), StatusCode::Ok as i32, "{name}");
    }
}

#[test]
fn openinference_reads_it() {
    let spans = exported("openinference");
    let call = &spans["complete"];
    assert_eq!(kinds(&spans, "openinference.span.kind"), ["CHAIN", "AGENT", "TOOL", "LLM"]);
    assert_eq!(text(call, "llm.model_name").unwrap(), "gpt-4o-mini");
    let tokens = ["llm.token_count.prompt", "llm.token_count.completion"];
    assert_eq!(integers(call, tokens), TOKENS);
    assert_eq!(value(call, "llm.cost.total"), COST);
    assert_eq!(text(call, "llm.input_messages.1.message.content").unwrap(), QUESTION);
    assert_eq!(text(call, "llm.output_messages.0.message.content").unwrap(), ANSWER);
    assert_eq!(text(call, "llm.invocation_parameters").unwrap(), r#"{"temperature":0.5}"#);
    assert_eq!(text(call, "output.value").unwrap(), ANSWER);
    let tool = &spans["lookup"];
    assert_eq!(text(tool, "input.value").unwrap(), r#"{"tower":7}"#);
    assert_eq!(text(tool, "output.value").unwrap(), r#"{"metres":88}"#);
    for span in spans.values() {
        assert!(text(span, "session.id").is_some());
        assert_eq!(text(span, "user.id").as_deref(), Some("ada"));
    }
}
