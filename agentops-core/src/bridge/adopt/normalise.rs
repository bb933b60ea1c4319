//! Normalises an ended foreign span: names, numbers, status.

use opentelemetry::{
    Array, KeyValue, Value,
    trace::{Event, Status},
};
use opentelemetry_sdk::trace::SpanData;

use super::USAGE;
use crate::{
    attribute::{find, keep_last},
    record::{RecordedKind, semconv as key},
};

/// Older names, and those that one framework made up, each with its name in the conventions.
const ALIASES: [(&str, &str); 12] = [
    ("gen_ai.system", key::PROVIDER_NAME),
    ("gen_ai.usage.prompt_tokens", key::INPUT_TOKENS),
    ("gen_ai.usage.completion_tokens", key::OUTPUT_TOKENS),
    ("gen_ai.usage.cache_read_tokens", key::CACHE_READ_TOKENS),
    ("gen_ai.usage.cache_read_input_tokens", key::CACHE_READ_TOKENS),
    ("gen_ai.usage.cache_creation_tokens", key::CACHE_CREATION_TOKENS),
    ("gen_ai.usage.cache_creation_input_tokens", key::CACHE_CREATION_TOKENS),
    ("gen_ai.usage.cache_write.input_tokens", key::CACHE_CREATION_TOKENS),
    (key::RIG_REASONING_TOKENS, key::REASONING_TOKENS),
    ("gen_ai.usage.thinking_tokens", key::REASONING_TOKENS),
    ("gen_ai.response.finish_reason", key::FINISH_REASONS),
    ("gen_ai.request.streaming", key::REQUEST_STREAM),
];

/// Unprefixed names of langchain-rust.
const PLAIN: [(&str, &str); 5] = [
    ("provider", key::PROVIDER_NAME),
    ("model", key::REQUEST_MODEL),
    ("stream", key::REQUEST_STREAM),
    ("prompt_tokens", key::INPUT_TOKENS),
    ("completion_tokens", key::OUTPUT_TOKENS),
];

/// Attributes that are numbers, besides the usage. The bridge turns unsigned integers into strings.
const INTEGERS: [&str; 3] = [key::REQUEST_MAX_TOKENS, key::REQUEST_SEED, "server.port"];

/// Attributes that hold content.
const CONTENT: [&str; 10] = [
    key::INPUT_MESSAGES,
    key::OUTPUT_MESSAGES,
    key::SYSTEM_INSTRUCTIONS,
    key::TOOL_DEFINITIONS,
    key::TOOL_ARGUMENTS,
    key::TOOL_RESULT,
    "gen_ai.prompt",
    "gen_ai.completion",
    "gcp.vertex.agent.llm_request",
    "gcp.vertex.agent.llm_response",
];

/// Prefixes of attributes whose texts never hold content, whichever framework sets them.
const HARMLESS: [&str; 33] = [
    key::SPAN_KIND,
    key::ADOPTED_FROM,
    key::TAGS,
    key::OPERATION_NAME,
    key::ERROR_TYPE,
    "exception.",
    "otel.",
    "code.",
    "thread.",
    "target",
    "server.",
    "network.",
    "service.",
    "rpc.",
    "http.request.method",
    "http.response.status_code",
    "rig.completion_parent",
    "rig.provider_request_id",
    "gen_ai.operation.",
    "gen_ai.provider.",
    "gen_ai.request.",
    "gen_ai.response.",
    "gen_ai.usage.",
    "gen_ai.output.type",
    "gen_ai.conversation.",
    "gen_ai.workflow.",
    "gen_ai.agent.",
    key::AGENT_ID,
    key::OPENINFERENCE_AGENT_NAME,
    key::TOOL_CALL_ID,
    key::TOOL_NAME,
    key::TOOL_TYPE,
    key::AGENTOPS_TOOL_NAME,
];

/// Normalises a foreign span that has ended.
pub(crate) fn normalise(kind: RecordedKind, span: &mut SpanData, captures: bool) {
    keep_last(&mut span.attributes);
    let from = text(span, key::ADOPTED_FROM).unwrap_or_default();
    rename(span, &ALIASES);
    if from.starts_with("langchain_rust") {
        rename(span, &PLAIN);
    }
    clean_up(span, captures);
    let name = name_of(kind, span);
    span.attributes.push(KeyValue::new(key::OPERATION_NAME, name));
    if let Some((error_type, message)) = failure_of(kind, span, &from) {
        fail(span, error_type, message);
    }
    if !captures {
        keep_harmless(span);
    }
}

/// Drops every text that may be content. The further attributes of a framework are unknown, so only texts that are
/// known to be harmless are kept.
fn keep_harmless(span: &mut SpanData) {
    let is_harmless = |attribute: &KeyValue| {
        let name = attribute.key.as_str();
        let is_text = matches!(attribute.value, Value::String(_) | Value::Array(Array::String(_)));
        !is_text || HARMLESS.iter().any(|start| name.starts_with(start))
    };
    span.attributes.retain(is_harmless);
    span.events.events.iter_mut().for_each(|event| event.attributes.retain(is_harmless));
}

/// Fixes attributes that a framework may have set, on model calls of ours as well: token counts become numbers, and
/// content is dropped if none is captured.
pub(crate) fn clean_up(span: &mut SpanData, captures: bool) {
    rename(span, &[(key::RIG_REASONING_TOKENS, key::REASONING_TOKENS)]);
    for attribute in &mut span.attributes {
        if let Value::String(text) = &attribute.value
            && let Ok(number) = text.as_str().parse::<i64>()
            && USAGE.iter().chain(&INTEGERS).any(|key| *key == attribute.key.as_str())
        {
            attribute.value = Value::I64(number);
        }
    }
    if !captures {
        span.attributes.retain(|attribute| !CONTENT.contains(&attribute.key.as_str()));
    }
}

fn rename(span: &mut SpanData, names: &[(&str, &'static str)]) {
    for (theirs, ours) in names {
        if find(&span.attributes, theirs).is_none() {
            continue;
        }
        let has_ours = find(&span.attributes, ours).is_some();
        span.attributes.retain(|attribute| !has_ours || attribute.key.as_str() != *theirs);
        for attribute in &mut span.attributes {
            if attribute.key.as_str() == *theirs {
                attribute.key = (*ours).into();
            }
        }
    }
}

/// Returns the name of the call: the name of an agent, a tool or a workflow, the operation of a model call, else the
/// framework's name of the span.
fn name_of(kind: RecordedKind, span: &SpanData) -> String {
    let (keys, prefixes): (&[&str], &[&str]) = match kind {
        RecordedKind::Agent => {
            (&[key::AGENT_NAME, key::OPENINFERENCE_AGENT_NAME], &["invoke_agent "])
        }
        RecordedKind::Tool => {
            (&[key::TOOL_NAME, key::AGENTOPS_TOOL_NAME, "tool"], &["execute_tool ", "tool."])
        }
        RecordedKind::Workflow => (&[key::WORKFLOW_NAME, "chain"], &["invoke_workflow "]),
        RecordedKind::Llm => (&[key::GEN_AI_OPERATION], &[]),
        _ => (&[], &[]),
    };
    let named = keys.iter().find_map(|key| text(span, key)).filter(|name| !name.is_empty());
    named.unwrap_or_else(|| {
        let short = prefixes.iter().find_map(|prefix| span.name.strip_prefix(prefix));
        short.unwrap_or(&span.name).to_owned()
    })
}

/// Returns the reason of a failure that the status of the span does not show.
fn failure_of(kind: RecordedKind, span: &SpanData, from: &str) -> Option<(Option<String>, String)> {
    if matches!(span.status, Status::Error { .. }) {
        return None;
    }
    if let Some(error) = text(span, "error").filter(|error| !error.is_empty()) {
        return Some((None, error));
    }
    let outcome = text(span, "gen_ai.tool.call.outcome");
    if let Some(outcome) =
        outcome.filter(|text| kind == RecordedKind::Tool && (text == "error" || text == "denied"))
    {
        let error_type = text(span, "gen_ai.tool.error.type").unwrap_or_else(|| outcome.clone());
        let message = if outcome == "denied" { "the call was denied" } else { "the tool failed" };
        return Some((Some(error_type), message.to_owned()));
    }
    let answered = [key::RESPONSE_ID, key::INPUT_TOKENS, key::OUTPUT_TOKENS];
    let is_silent = !answered.iter().any(|key| find(&span.attributes, key).is_some());
    // rig reports a failed call in no other way.
    if kind == RecordedKind::Llm && from.starts_with("rig") && is_silent {
        return Some((None, "the model gave no answer".to_owned()));
    }
    text(span, key::ERROR_TYPE).map(|_| (None, String::new()))
}

/// Marks the span as failed, as an error of ours does.
fn fail(span: &mut SpanData, error_type: Option<String>, message: String) {
    let known = find(&span.attributes, key::ERROR_TYPE).map(|value| value.as_str().into_owned());
    let error_type = known.or(error_type).unwrap_or_else(|| "_OTHER".to_owned());
    let attributes = vec![
        KeyValue::new(key::EXCEPTION_TYPE, error_type.clone()),
        KeyValue::new(key::EXCEPTION_MESSAGE, message.clone()),
    ];
    span.events.events.push(Event::new(key::EXCEPTION_EVENT, span.end_time, attributes, 0));
    span.attributes.push(KeyValue::new(key::ERROR_TYPE, error_type));
    span.status = Status::error(message);
}

fn text(span: &SpanData, key: &str) -> Option<String> {
    find(&span.attributes, key).map(|value| value.as_str().into_owned())
}
