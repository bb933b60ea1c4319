//! Two real processes over loopback HTTP are one session and one trace.

use std::fs;

use agentops_tests::process;
use opentelemetry_proto::tonic::{
    common::v1::any_value::Value,
    trace::v1::{Span, TracesData},
};

fn session_id(span: &Span) -> &str {
    let found = span.attributes.iter().find(|attribute| attribute.key == "session.id");
    match found.and_then(|attribute| attribute.value.as_ref()?.value.as_ref()) {
        Some(Value::StringValue(id)) => id,
        other => panic!("the session of {} is {other:?}", span.name),
    }
}

#[test]
fn trace_continues_across_two_processes() {
    let folder = tempfile::tempdir().unwrap();
    let output =
        process::example("two_services").env("AGENTOPS_LOCAL_DIR", folder.path()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "Lisbon: 21 degrees\n", "{output:?}");
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().path()).collect();
    let files: Vec<_> =
        files.iter().filter(|path| path.extension().is_some_and(|it| it == "jsonl")).collect();
    assert_eq!(files.len(), 1, "one trace, one file");
    let text = fs::read_to_string(files[0]).unwrap();
    let lines: Vec<TracesData> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let resources = lines.into_iter().flat_map(|line| line.resource_spans);
    let mut spans: Vec<Span> =
        resources.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans).collect();
    spans.sort_by_key(|span| span.start_time_unix_nano);
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "invoke_workflow plan_trip",
            "execute_tool ask_weather",
            "invoke_agent meteorologist",
            "execute_tool read_thermometer"
        ]
    );
    assert!(spans[0].parent_span_id.is_empty());
    assert!(spans.windows(2).all(|pair| pair[1].parent_span_id == pair[0].span_id));
    assert!(spans.iter().all(|span| span.trace_id == spans[0].trace_id));
    assert!(spans.iter().all(|span| session_id(span) == session_id(&spans[0])));
}
