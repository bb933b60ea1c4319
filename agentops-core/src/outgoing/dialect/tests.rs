use opentelemetry::Array;
use serde_json::json;

use super::*;
use crate::{config::Dialect, fixtures};

/// Returns an ended span in neutral form.
fn span(attributes: &[(&'static str, Value)]) -> SpanData {
    let attributes = attributes.iter().map(|(key, value)| KeyValue::new(*key, value.clone()));
    SpanData { name: "recorded".into(), attributes: attributes.collect(), ..fixtures::span(0, "") }
}

fn of_kind(kind: &'static str, more: &[(&'static str, Value)]) -> SpanData {
    let begin = [(key::SPAN_KIND, kind.into()), (key::OPERATION_NAME, "it".into())];
    span(&[&begin[..], more].concat())
}

fn kind_of(span: &SpanData) -> RecordedKind {
    RecordedKind::among(&span.attributes).unwrap()
}

fn translate_by_kind(span: &mut SpanData, dialects: Dialects) {
    translate(span, kind_of(span), dialects);
}

/// Returns the name, then each attribute that was not recorded under the same name.
fn translated(mut span: SpanData, dialects: Dialects) -> Vec<String> {
    let recorded = span.attributes.clone();
    translate_by_kind(&mut span, dialects);
    let kind = kind_of(&span);
    drop_unselected(&mut span, kind, dialects);
    let added = span.attributes.iter().filter(|attribute| !recorded.contains(attribute));
    let added = added.map(|attribute| format!("{}={}", attribute.key, attribute.value));
    [span.name.into_owned()].into_iter().chain(added).collect()
}

fn otel() -> Dialects {
    Dialects::usual(false)
}

fn agentops() -> Dialects {
    Dialects::usual(true)
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
fn agent_identity_maps_to_gen_ai_attributes() {
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
fn tool_arguments_and_result_map_to_attributes() {
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
fn llm_span_name_combines_operation_and_model() {
    let name = |more: &[(&'static str, Value)]| {
        let mut span = of_kind("llm", more);
        translate_by_kind(&mut span, otel());
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
fn other_kinds_get_no_operation_name() {
    for kind in ["task", "operation", "chain", "critic"] {
        assert_eq!(translated(of_kind(kind, &[]), otel()), ["it", "openinference.span.kind=CHAIN"]);
    }
}

#[test]
fn custom_kinds_map_to_openinference_kinds() {
    for (kind, theirs) in [
        ("reranker", "RERANKER"),
        ("rerank", "RERANKER"),
        ("evaluator", "EVALUATOR"),
        ("Evaluation", "EVALUATOR"),
        ("prompt", "PROMPT"),
        ("PROMPT", "PROMPT"),
        ("guardrail", "GUARDRAIL"),
    ] {
        let expected = ["it".to_owned(), format!("openinference.span.kind={theirs}")];
        assert_eq!(translated(of_kind(kind, &[]), otel()), expected, "{kind}");
    }
    for (kind, operation, theirs) in [
        ("retriever", "retrieval", "RETRIEVER"),
        ("Retrieval", "retrieval", "RETRIEVER"),
        ("embedding", "embeddings", "EMBEDDING"),
        ("EMBEDDINGS", "embeddings", "EMBEDDING"),
    ] {
        let expected = [
            format!("{operation} it"),
            format!("gen_ai.operation.name={operation}"),
            format!("openinference.span.kind={theirs}"),
        ];
        assert_eq!(translated(of_kind(kind, &[]), otel()), expected, "{kind}");
    }
    let model = [(key::REQUEST_MODEL, "m".into())];
    assert_eq!(
        translated(of_kind("embedding", &model), Dialects::of(&[Dialect::OpenInference])),
        ["embeddings m", "openinference.span.kind=EMBEDDING", "embedding.model_name=m"]
    );
}

/// Returns the keys below `gen_ai` and those of `OpenInference`, and the keys that hold the content.
fn keys(kind: &'static str, list: &[Dialect]) -> [bool; 3] {
    let stamps = [(key::METADATA, "{}".into()), (key::CONVERSATION_ID, "c".into())];
    let mut span = of_kind(kind, &[&content()[..], &stamps].concat());
    let dialects = Dialects::of(list);
    translate_by_kind(&mut span, dialects);
    let kind = kind_of(&span);
    drop_unselected(&mut span, kind, dialects);
    let has = |begin: &[&str]| {
        span.attributes
            .iter()
            .any(|attribute| begin.iter().any(|begin| attribute.key.as_str().starts_with(begin)))
    };
    [
        has(&["gen_ai."]),
        has(&["openinference.", "input.value", "metadata"]),
        has(&["agentops.entity.input"]),
    ]
}

#[test]
fn dialects_emit_selected_keys_and_keep_content() {
    use Dialect::{AgentOps, OpenInference, OpenInferenceMin, OpenTelemetry};
    let session = |list: &[Dialect]| keys("session", list);
    assert_eq!(session(&[OpenTelemetry, OpenInferenceMin]), [true, true, false]);
    assert_eq!(session(&[OpenTelemetry]), [true, false, true]);
    assert_eq!(session(&[OpenInferenceMin]), [false, true, false]);
    assert_eq!(session(&[OpenInference]), [false, true, false]);
    assert_eq!(session(&[AgentOps]), [false, false, true]);
    assert_eq!(session(&[OpenTelemetry, AgentOps]), [true, false, true]);
    assert_eq!(session(&[]), [false, false, true]);
    assert_eq!(keys("tool", &[OpenTelemetry]), [true, false, false]);
    assert_eq!(keys("tool", &[]), [false, false, true]);
}

#[test]
fn agentops_types_no_span_as_what_it_is_not() {
    let more = [
        ("agentops.session.calls.agent", 1.into()),
        ("agentops.session.calls.custom", 2.into()),
        ("agentops.metadata.tool", "hammer".into()),
        (key::AGENT_ID, 7.into()),
        ("gen_ai.mine", 1.into()),
    ];
    assert_eq!(
        translated(of_kind("session", &more), agentops()),
        [
            "it.session",
            "agentops.session.agent_calls=1",
            "agentops.session.custom_calls=2",
            "agentops.metadata.tool_=hammer",
            "agent_id=7",
            &format!("instrumentation.version={}", env!("CARGO_PKG_VERSION")),
        ]
    );
    let on_an_agent = translated(of_kind("agent", &more), agentops());
    assert!(!on_an_agent.iter().any(|it| it.starts_with("agent_id")), "{on_an_agent:?}");
}

#[test]
fn unfinished_tool_keeps_unset_status() {
    let mut tool = of_kind("tool", &[(key::UNFINISHED, true.into())]);
    translate_by_kind(&mut tool, agentops());
    assert_eq!(find(&tool.attributes, key::AGENTOPS_TOOL_STATUS), Some(&"executing".into()));
    assert_eq!(tool.status, Status::Unset);
}

#[test]
fn agentops_reads_its_own_names_first() {
    let span = of_kind("tool", &[&content()[..], &[(key::COST_USD, 0.5.into())]].concat());
    let lines = translated(span, agentops());
    assert_eq!(
        lines,
        [
            "it.tool",
            "tool.name=it",
            "tool.parameters={\"a\":1}",
            "tool.result=text",
            "tool.status=succeeded",
            "agentops.tool.input={\"args\": [1], \"kwargs\": {}}",
            "agentops.tool.output=text",
            "agentops.entity.input={\"args\": [1], \"kwargs\": {}}",
            "agentops.entity.output=text",
        ]
    );
    let names = ["session", "agent", "task", "reranker", "llm"]
        .map(|kind| translated(of_kind(kind, &[]), agentops()).remove(0));
    assert_eq!(names, ["it.session", "it.agent", "it.task", "it.reranker", "chat"]);
}

#[test]
fn agentops_dialect_flattens_llm_messages_under_legacy_keys() {
    let asked = json!([
        {"role": "user", "parts": [{"type": "text", "content": "How tall"}, {"type": "text", "content": "?"}]},
        {"role": "assistant", "parts": [
            {"type": "reasoning", "content": "look it up"},
            {"type": "tool_call", "id": "t1", "name": "lookup", "arguments": {"tower": 7}},
            {"type": "tool_call", "id": "t2", "name": "lookup", "arguments": "8"},
        ]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "t1", "response": {"metres": 88}}]},
    ]);
    let answered = json!([
        {"role": "assistant", "parts": [{"type": "text", "content": "88 m"}], "finish_reason": "stop"},
    ]);
    let reasons = Value::Array(Array::String(vec!["stop".into()]));
    let call = of_kind(
        "llm",
        &[
            (key::REQUEST_MODEL, "m".into()),
            (key::PROVIDER_NAME, "openai".into()),
            (key::SYSTEM_INSTRUCTIONS, r#"[{"type":"text","content":"Be brief."}]"#.into()),
            (key::INPUT_MESSAGES, asked.to_string().into()),
            (key::OUTPUT_MESSAGES, answered.to_string().into()),
            (key::INPUT_TOKENS, 12.into()),
            (key::OUTPUT_TOKENS, 3.into()),
            (key::CACHE_READ_TOKENS, 4.into()),
            (key::CACHE_CREATION_TOKENS, 2.into()),
            (key::REASONING_TOKENS, 1.into()),
            (key::FINISH_REASONS, reasons),
            (key::COST_USD, 0.25.into()),
            (key::INPUT_COST_USD, 0.2.into()),
            (key::OUTPUT_COST_USD, 0.05.into()),
        ],
    );
    assert_eq!(
        translated(call, agentops()),
        [
            "chat m",
            "gen_ai.system=openai",
            "gen_ai.request.type=chat",
            "gen_ai.usage.prompt_tokens=12",
            "gen_ai.usage.completion_tokens=3",
            "gen_ai.usage.cache_read_input_tokens=4",
            "gen_ai.usage.cache_creation_input_tokens=2",
            "gen_ai.usage.reasoning_tokens=1",
            "gen_ai.usage.total_tokens=15",
            "gen_ai.usage.prompt_cost=0.2",
            "gen_ai.usage.completion_cost=0.05",
            "gen_ai.usage.total_cost=0.25",
            "gen_ai.response.finish_reason=stop",
            "gen_ai.prompt.0.role=system",
            "gen_ai.prompt.0.content=Be brief.",
            "gen_ai.prompt.1.role=user",
            "gen_ai.prompt.1.content=How tall?",
            "gen_ai.prompt.2.role=assistant",
            "gen_ai.prompt.2.tool_calls.0.id=t1",
            "gen_ai.prompt.2.tool_calls.0.name=lookup",
            "gen_ai.prompt.2.tool_calls.0.arguments={\"tower\":7}",
            "gen_ai.prompt.2.tool_calls.1.id=t2",
            "gen_ai.prompt.2.tool_calls.1.name=lookup",
            "gen_ai.prompt.2.tool_calls.1.arguments=8",
            "gen_ai.prompt.3.role=tool",
            "gen_ai.prompt.3.content={\"metres\":88}",
            "gen_ai.prompt.3.tool_call_id=t1",
            "gen_ai.completion.0.role=assistant",
            "gen_ai.completion.0.content=88 m",
            "gen_ai.completion.0.finish_reason=stop",
        ]
    );
}

#[test]
fn error_type_defaults_and_exceptions_are_deduplicated() {
    let mut failed = of_kind("tool", &[]);
    failed.status = Status::error("");
    let exception = |message: &'static str| {
        opentelemetry::trace::Event::new(
            key::EXCEPTION_EVENT,
            failed.end_time,
            vec![KeyValue::new(key::EXCEPTION_MESSAGE, message)],
            0,
        )
    };
    let other = || opentelemetry::trace::Event::with_name("exception of mine");
    failed.events.events = vec![
        exception("a"),
        exception("b: c"),
        other(),
        exception("a: why"),
        exception("b"),
        other(),
        exception("a"),
        exception("ab"),
    ];
    translate_by_kind(&mut failed, otel());
    assert_eq!(find(&failed.attributes, key::ERROR_TYPE), Some(&"_OTHER".into()));
    let message = |event: &opentelemetry::trace::Event| {
        find(&event.attributes, key::EXCEPTION_MESSAGE).map_or("-".into(), ToString::to_string)
    };
    let told: Vec<_> = failed.events.iter().map(message).collect();
    assert_eq!(told, ["a: why", "b: c", "-", "-", "ab"]);
}

#[test]
fn ok_status_set_only_for_agentops_dialect() {
    let status = |status: Status, dialects| {
        let mut span = of_kind("tool", &[]);
        span.status = status;
        translate_by_kind(&mut span, dialects);
        span.status
    };
    assert_eq!(status(Status::Unset, otel()), Status::Unset);
    assert_eq!(status(Status::Unset, agentops()), Status::Ok);
    assert_eq!(status(Status::error("no"), agentops()), Status::error("no"));
}

#[test]
fn translation_preserves_program_set_attributes() {
    let mut span =
        of_kind("tool", &[(key::TOOL_NAME, "mine".into()), ("n", 1.into()), ("n", 2.into())]);
    translate_by_kind(&mut span, otel());
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
fn span_without_attributes_is_translated_by_its_kind() {
    let mut emptied = span(&[("a", 1.into()), ("b", 2.into()), ("a", 3.into())]);
    translate(&mut emptied, RecordedKind::Custom, agentops());
    let expected = [KeyValue::new("a", 3), KeyValue::new("b", 2)];
    assert_eq!(emptied.name, ".custom");
    assert_eq!(emptied.attributes[..2], expected);
}

#[test]
fn openinference_dialect_emits_full_attributes() {
    let asked = json!([{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]);
    let answered = json!([{"role": "assistant", "finish_reason": "tool_calls", "parts": [
        {"type": "tool_call", "id": "t1", "name": "f", "arguments": {"n": 1}}
    ]}]);
    let tools = json!([{"type": "function", "name": "f"}]);
    let call = of_kind(
        "llm",
        &[
            (key::REQUEST_MODEL, "m".into()),
            (key::PROVIDER_NAME, "mistral_ai".into()),
            (key::REQUEST_TEMPERATURE, 0.5.into()),
            (key::INPUT_TOKENS, 7.into()),
            (key::OUTPUT_TOKENS, 2.into()),
            (key::CACHE_READ_TOKENS, 1.into()),
            (key::COST_USD, 0.25.into()),
            (key::FINISH_REASONS, Value::Array(Array::String(vec!["tool_calls".into()]))),
            (key::INPUT_MESSAGES, asked.to_string().into()),
            (key::OUTPUT_MESSAGES, answered.to_string().into()),
            (key::TOOL_DEFINITIONS, tools.to_string().into()),
        ],
    );
    let on_demand = Dialects::of(&[Dialect::OpenTelemetry, Dialect::OpenInference]);
    assert_eq!(
        translated(call, on_demand),
        [
            "chat m",
            "gen_ai.operation.name=chat",
            "openinference.span.kind=LLM",
            "llm.model_name=m",
            "llm.provider=mistralai",
            "llm.system=mistral_ai",
            "llm.token_count.prompt=7",
            "llm.token_count.completion=2",
            "llm.token_count.prompt_details.cache_read=1",
            "llm.token_count.total=9",
            "llm.cost.total=0.25",
            "llm.finish_reason=tool_calls",
            "llm.invocation_parameters={\"temperature\":0.5}",
            "llm.input_messages.0.message.role=user",
            "llm.input_messages.0.message.content=Hi",
            "llm.output_messages.0.message.role=assistant",
            "llm.output_messages.0.message.tool_calls.0.tool_call.id=t1",
            "llm.output_messages.0.message.tool_calls.0.tool_call.function.name=f",
            "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments={\"n\":1}",
            "llm.tools.0.tool.json_schema={\"name\":\"f\",\"type\":\"function\"}",
        ]
    );
    let tool = translated(of_kind("tool", &[(key::TOOL_CALL_ID, "c".into())]), on_demand);
    assert!(tool.contains(&"openinference.span.kind=TOOL".to_owned()), "{tool:?}");
    assert!(tool.contains(&"tool.id=c".to_owned()), "{tool:?}");
}

#[test]
fn agentops_dialect_emits_streaming_timings() {
    let mut call =
        of_kind("llm", &[(key::TIME_TO_FIRST_CHUNK, 0.5.into()), (key::STREAM_ITEMS, 3.into())]);
    call.end_time = call.start_time + std::time::Duration::from_secs(2);
    let said = translated(call, agentops());
    for expected in [
        "gen_ai.request.streaming=true",
        "gen_ai.streaming.chunk_count=3",
        "gen_ai.streaming.time_to_first_token=0.5",
        "gen_ai.streaming.time_to_generate=1.5",
        "gen_ai.streaming_duration=2",
    ] {
        assert!(said.contains(&expected.to_owned()), "{expected} in {said:?}");
    }
}
