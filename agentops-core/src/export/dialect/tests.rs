use opentelemetry::{
    InstrumentationScope, SpanId, TraceFlags, TraceId,
    trace::{SpanContext, TraceState},
};
use opentelemetry_sdk::trace::{SpanEvents, SpanLinks};

use super::*;

/// An ended span in neutral form.
fn span(attributes: &[(&'static str, Value)]) -> SpanData {
    let now = opentelemetry::time::now();
    SpanData {
        span_context: SpanContext::new(
            TraceId::from(1),
            SpanId::from(2),
            TraceFlags::SAMPLED,
            false,
            TraceState::default(),
        ),
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: "recorded".into(),
        start_time: now,
        end_time: now,
        attributes: attributes
            .iter()
            .map(|(key, value)| KeyValue::new(*key, value.clone()))
            .collect(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::default(),
    }
}

fn of_kind(kind: &'static str, more: &[(&'static str, Value)]) -> SpanData {
    let begin = [(key::SPAN_KIND, kind.into()), (key::OPERATION_NAME, "it".into())];
    span(&[&begin[..], more].concat())
}

/// The name, then each attribute that was not recorded under the same name.
fn translated(mut span: SpanData, dialects: Dialects) -> Vec<String> {
    let recorded = span.attributes.clone();
    translate(&mut span, dialects);
    let added = span.attributes.iter().filter(|attribute| !recorded.contains(attribute));
    let added = added.map(|attribute| format!("{}={}", attribute.key, attribute.value));
    [span.name.into_owned()].into_iter().chain(added).collect()
}

fn otel() -> Dialects {
    Dialects::default()
}

fn with_agentops() -> Dialects {
    Dialects::default().for_agentops(true)
}

fn content() -> [(&'static str, Value); 2] {
    [(key::INPUT, "{\"a\":1}".into()), (key::OUTPUT, "\"text\"".into())]
}

#[test]
fn sessions_and_workflows_are_workflows() {
    for kind in ["session", "workflow"] {
        assert_eq!(
            translated(of_kind(kind, &content()), otel()),
            [
                "invoke_workflow it",
                "gen_ai.workflow.name=it",
                "gen_ai.operation.name=invoke_workflow",
                "openinference.span.kind=CHAIN",
                "input.value={\"a\":1}",
                "input.mime_type=application/json",
                "output.value=text",
                "output.mime_type=text/plain",
            ]
        );
    }
}

#[test]
fn an_agent_tells_who_it_is() {
    let who = [
        (key::OPERATION_VERSION, "2".into()),
        (key::DESCRIPTION, "plans".into()),
        (key::AGENT_ID, 7.into()),
        (key::AGENT_ROLE, "boss".into()),
    ];
    assert_eq!(
        translated(of_kind("agent", &who), otel()),
        [
            "invoke_agent it",
            "gen_ai.agent.name=it",
            "gen_ai.agent.id=7",
            "gen_ai.agent.description=plans",
            "gen_ai.agent.version=2",
            "gen_ai.operation.name=invoke_agent",
            "agent.name=it",
        ]
    );
}

#[test]
fn a_tool_tells_what_it_was_given_and_what_it_gave() {
    let span = of_kind("tool", &[&content()[..], &[(key::DESCRIPTION, "finds".into())]].concat());
    assert_eq!(
        translated(span, otel()),
        [
            "execute_tool it",
            "gen_ai.tool.name=it",
            "gen_ai.tool.type=function",
            "gen_ai.tool.description=finds",
            "gen_ai.tool.call.arguments={\"a\":1}",
            "gen_ai.tool.call.result=\"text\"",
            "gen_ai.operation.name=execute_tool",
            "input.value={\"a\":1}",
            "input.mime_type=application/json",
            "output.value=text",
            "output.mime_type=text/plain",
        ]
    );
}

#[test]
fn a_model_call_is_named_after_its_operation_and_model_and_is_a_client() {
    let name = |more: &[(&'static str, Value)]| {
        let mut span = of_kind("llm", more);
        translate(&mut span, otel());
        (span.name.into_owned(), span.span_kind)
    };
    let model = (key::REQUEST_MODEL, "m".into());
    assert_eq!(name(&[]), ("chat".to_owned(), SpanKind::Client));
    assert_eq!(name(std::slice::from_ref(&model)), ("chat m".to_owned(), SpanKind::Client));
    assert_eq!(
        name(&[model, (key::GEN_AI_OPERATION, "embeddings".into())]),
        ("embeddings m".to_owned(), SpanKind::Client)
    );
}

#[test]
fn the_other_kinds_get_no_operation_of_our_invention() {
    for kind in ["task", "operation", "reranker"] {
        assert_eq!(translated(of_kind(kind, &[]), otel()), ["it", "openinference.span.kind=CHAIN"]);
    }
    assert_eq!(
        translated(of_kind("guardrail", &[]), otel()),
        ["it", "openinference.span.kind=GUARDRAIL"]
    );
}

#[test]
fn agentops_reads_its_own_names_first() {
    let span = of_kind("tool", &[&content()[..], &[(key::COST_USD, 0.5.into())]].concat());
    let lines = translated(span, with_agentops());
    assert_eq!(
        lines[..7],
        [
            "it.tool",
            "tool.name=it",
            "tool.parameters={\"a\":1}",
            "tool.result=text",
            "agentops.entity.output=text",
            "gen_ai.usage.total_cost=0.5",
            "gen_ai.tool.name=it",
        ]
    );
    let names = ["session", "agent", "task", "reranker", "llm"]
        .map(|kind| translated(of_kind(kind, &[]), with_agentops()).remove(0));
    assert_eq!(names, ["it.session", "it.agent", "it.task", "it.reranker", "chat"]);
}

#[test]
fn only_agentops_is_told_of_success_and_never_over_an_error() {
    let status = |status: Status, dialects| {
        let mut span = of_kind("tool", &[]);
        span.status = status;
        translate(&mut span, dialects);
        span.status
    };
    assert_eq!(status(Status::Unset, otel()), Status::Unset);
    assert_eq!(status(Status::Unset, with_agentops()), Status::Ok);
    assert_eq!(status(Status::error("no"), with_agentops()), Status::error("no"));
}

#[test]
fn what_the_program_set_itself_is_left_alone() {
    let mut span =
        of_kind("tool", &[(key::TOOL_NAME, "mine".into()), ("n", 1.into()), ("n", 2.into())]);
    translate(&mut span, otel());
    let value = |name: &str| {
        let found = span.attributes.iter().filter(|attribute| attribute.key.as_str() == name);
        found.map(|attribute| attribute.value.clone()).collect::<Vec<_>>()
    };
    assert_eq!(value(key::TOOL_NAME), ["mine".into()]);
    assert_eq!(value("n"), [Value::I64(2)], "the last value, once, still an integer");
}

#[test]
fn output_that_is_no_string_stays_json() {
    let lines = translated(of_kind("task", &[(key::OUTPUT, "[1,2]".into())]), otel());
    assert_eq!(lines[2..], ["output.value=[1,2]", "output.mime_type=application/json"]);
}

#[test]
fn a_span_that_is_not_ours_is_only_freed_of_doubles() {
    let mut foreign = span(&[("a", 1.into()), ("b", 2.into()), ("a", 3.into())]);
    translate(&mut foreign, with_agentops());
    let expected = [KeyValue::new("a", 3), KeyValue::new("b", 2)];
    assert_eq!((foreign.name.as_ref(), foreign.attributes.as_slice()), ("recorded", &expected[..]));
}
