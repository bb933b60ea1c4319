//! The program that Python's SDK and this one both have: names, kinds, parents and JSON are the same.
#![deny(clippy::pedantic)]
#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::fs;

use agentops_tests::process;
use opentelemetry_proto::tonic::{
    common::v1::any_value::Value,
    trace::v1::{Span, TracesData},
};

/// All sessions of the program, each with its spans in the order of their starts.
fn sessions() -> Vec<Vec<Span>> {
    let folder = tempfile::tempdir().expect("a folder for the sessions");
    let output = process::example("python_parity")
        .env("AGENTOPS_LOCAL_DIR", folder.path())
        .env("AGENTOPS_DIALECT", "agentops")
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{output:?}");
    let files = fs::read_dir(folder.path()).expect("the sessions are there");
    let files = files.map(|entry| entry.expect("it can be read").path());
    let files = files.filter(|path| path.extension().is_some_and(|it| it == "jsonl"));
    let mut sessions: Vec<Vec<Span>> = files
        .map(|path| {
            let text = fs::read_to_string(path).expect("it can be read");
            let lines = text.lines().map(|line| serde_json::from_str(line).expect("it is OTLP"));
            let resources = lines.flat_map(|line: TracesData| line.resource_spans);
            let scopes = resources.flat_map(|resource| resource.scope_spans);
            let mut spans: Vec<Span> = scopes.flat_map(|scope| scope.spans).collect();
            spans.sort_by_key(|span| span.start_time_unix_nano);
            spans
        })
        .collect();
    sessions.sort_by_key(|session| session[0].start_time_unix_nano);
    sessions
}

fn text(span: &Span, key: &str) -> String {
    let found = span.attributes.iter().find(|attribute| attribute.key == key);
    match found.and_then(|attribute| attribute.value.as_ref()?.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(other) => format!("{other:?}"),
        None => "-".to_owned(),
    }
}

/// Name, parent, what went in, what came out.
fn line(span: &Span, session: &[Span]) -> String {
    let parent = session.iter().find(|it| it.span_id == span.parent_span_id);
    let parent = parent.map_or("-", |parent| parent.name.as_str());
    let (input, output) =
        (text(span, "agentops.entity.input"), text(span, "agentops.entity.output"));
    format!("{} < {parent} | {input} | {output}", span.name)
}

#[test]
fn spans_equal_those_of_python() {
    let sessions = sessions();
    let names: Vec<_> = sessions.iter().map(|session| session[0].name.as_str()).collect();
    assert_eq!(names.len(), 17, "{names:?}");
    let main = &sessions[0];
    let lines: Vec<_> = main.iter().map(|span| line(span, main)).collect();
    let below = "main_session.session";
    let call = |name: &str, args: &str, output: &str| {
        format!(r#"{name} < {below} | {{"args": [{args}], "kwargs": {{}}}} | {output}"#)
    };
    let by_keyword = |ret: &str, output: &str| {
        format!(r#"types.tool < {below} | {{"args": [], "kwargs": {{"ret": {ret}}}}} | {output}"#)
    };
    let expected = [
        r#"main_session.session < - | {"args": ["q"], "kwargs": {}} | done"#.to_owned(),
        format!(r#"cost_tool.tool < {below} | {{"args": [1], "kwargs": {{"y": 3}}}} | 4"#),
        call("plain.tool", r#""hello""#, "hello"),
        call("renamed.tool", "5", r#"{"r": 5}"#),
        call("fagent.agent", r#""q""#, "3"),
        r#"cost_tool.tool < fagent.agent | {"args": [1], "kwargs": {}} | 3"#.to_owned(),
        call("op.operation", "1", "1"),
        call("tsk.task", "2", "2"),
        call("wf.workflow", "3", "3"),
        r#"op.operation < wf.workflow | {"args": [3], "kwargs": {}} | 3"#.to_owned(),
        call("realop.operation", "4", "4"),
        call("gin.guardrail", r#""x""#, r#"{"tripwire": false}"#),
        call("gnone.guardrail", "1", "true"),
        format!("failing.tool < {below} | - | -"),
        by_keyword("null", "null"),
        by_keyword(r#""plain \"str\"""#, r#"plain "str""#),
        by_keyword("true", "true"),
        by_keyword("1.5", "1.5"),
        by_keyword("[1, 2]", "[1, 2]"),
        by_keyword(r#"{"\u00e9": "\u00fc"}"#, r#"{"\u00e9": "\u00fc"}"#),
    ];
    assert_eq!(lines, expected);
    let kinds: Vec<_> = main.iter().map(|span| text(span, "agentops.span.kind")).collect();
    assert_eq!(kinds[..7], ["session", "tool", "tool", "tool", "agent", "tool", "operation"]);
}
