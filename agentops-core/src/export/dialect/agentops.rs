//! The AgentOps dialect: the names that its backend and its pages read.

use opentelemetry::{Array, Key, Value};
use serde_json::Value as Json;

use super::{Record, Words, text_or_json};
use crate::{attribute::find, semconv as key};

pub(super) fn say(words: &mut Words<'_>, kind: &str, record: &Record, failed: bool) {
    match kind {
        "agent" => {
            words.say(key::OPENINFERENCE_AGENT_NAME, record.name.clone());
            let described = find(words.attributes, key::AGENT_DESCRIPTION).cloned();
            let described = described.or_else(|| record.description.clone());
            words.say_if(key::AGENTOPS_AGENT_DESCRIPTION, described.as_ref());
        }
        "tool" => tool(words, record, failed),
        "llm" => model_call(words, record),
        _ => {}
    }
    words.say_if(key::INPUT, record.input.as_ref());
    words.say_if(key::OUTPUT, record.output.as_ref().map(|output| text_or_json(output).0).as_ref());
    words.say_if(key::AGENTOPS_TOTAL_COST, record.cost.as_ref());
}

fn tool(words: &mut Words<'_>, record: &Record, failed: bool) {
    words.say(key::AGENTOPS_TOOL_NAME, record.name.clone());
    words.say_if(key::AGENTOPS_TOOL_DESCRIPTION, record.description.as_ref());
    words.say_if(key::AGENTOPS_TOOL_PARAMETERS, record.input.as_ref());
    let result = record.output.as_ref().map(|output| text_or_json(output).0);
    words.say_if(key::AGENTOPS_TOOL_RESULT, result.as_ref());
    words.say(key::AGENTOPS_TOOL_STATUS, if failed { "failed" } else { "succeeded" });
}

fn model_call(words: &mut Words<'_>, record: &Record) {
    let provider = find(words.attributes, key::PROVIDER_NAME).cloned();
    words.say_if(key::AGENTOPS_SYSTEM, provider.as_ref());
    let operation = record.operation.as_ref().map(|operation| operation.as_str().into_owned());
    let request_type = match operation.as_deref() {
        Some("text_completion") => "completion",
        Some("embeddings") => "embedding",
        _ => "chat",
    };
    words.say(key::AGENTOPS_REQUEST_TYPE, request_type);
    usage(words);
    let reasons = find(words.attributes, key::FINISH_REASONS).cloned();
    if let Some(Value::Array(Array::String(reasons))) = reasons
        && let Some(reason) = reasons.first()
    {
        words.say(key::AGENTOPS_FINISH_REASON, reason.clone());
    }
    let instructions = json(words, key::SYSTEM_INSTRUCTIONS);
    let instructions =
        instructions.map(|parts| serde_json::json!({"role": "system", "parts": parts}));
    let asked: Vec<_> =
        instructions.into_iter().chain(messages(words, key::INPUT_MESSAGES)).collect();
    indexed(words, "gen_ai.prompt", &asked);
    let answered = messages(words, key::OUTPUT_MESSAGES);
    indexed(words, "gen_ai.completion", &answered);
}

/// The backend reads the older names only; without a total it counts the cached tokens twice.
fn usage(words: &mut Words<'_>) {
    let count = |words: &Words<'_>, key: &str| match find(words.attributes, key) {
        Some(Value::I64(tokens)) => Some(*tokens),
        _ => None,
    };
    let names = [
        (key::INPUT_TOKENS, key::AGENTOPS_PROMPT_TOKENS),
        (key::OUTPUT_TOKENS, key::AGENTOPS_COMPLETION_TOKENS),
        (key::CACHE_READ_TOKENS, key::AGENTOPS_CACHE_READ_TOKENS),
        (key::CACHE_CREATION_TOKENS, key::AGENTOPS_CACHE_CREATION_TOKENS),
        (key::REASONING_TOKENS, key::AGENTOPS_REASONING_TOKENS),
    ];
    let (input, output) = (count(words, key::INPUT_TOKENS), count(words, key::OUTPUT_TOKENS));
    for (name, older) in names {
        if let Some(tokens) = count(words, name) {
            words.say(older, tokens);
        }
    }
    if input.is_some() || output.is_some() {
        let total = input.unwrap_or(0).saturating_add(output.unwrap_or(0));
        words.say(key::AGENTOPS_TOTAL_TOKENS, total);
    }
}

fn json(words: &Words<'_>, key: &str) -> Option<Json> {
    serde_json::from_str(&find(words.attributes, key)?.as_str()).ok()
}

fn messages(words: &Words<'_>, key: &str) -> Vec<Json> {
    match json(words, key) {
        Some(Json::Array(messages)) => messages,
        _ => Vec::new(),
    }
}

/// Messages as one attribute for each field of each, counted from zero.
fn indexed(words: &mut Words<'_>, prefix: &str, messages: &[Json]) {
    for (place, message) in messages.iter().enumerate() {
        let mut say = |field: &str, value: &Json| {
            if let Some(text) = text(value) {
                words.say(Key::from(format!("{prefix}.{place}.{field}")), text);
            }
        };
        let parts = message["parts"].as_array().map_or(&[][..], Vec::as_slice);
        say("role", &message["role"]);
        say("content", &content(parts));
        say("finish_reason", &message["finish_reason"]);
        let response = parts.iter().find(|part| part["type"] == "tool_call_response");
        say("tool_call_id", response.map_or(&Json::Null, |part| &part["id"]));
        let calls = parts.iter().filter(|part| part["type"] == "tool_call");
        for (number, call) in calls.enumerate() {
            for field in ["id", "name", "arguments"] {
                say(&format!("tool_calls.{number}.{field}"), &call[field]);
            }
        }
    }
}

/// The words of a message, or else what a tool gave.
fn content(parts: &[Json]) -> Json {
    let words: String = parts
        .iter()
        .filter(|part| part["type"] == "text")
        .filter_map(|part| part["content"].as_str())
        .collect();
    let response = parts.iter().find(|part| part["type"] == "tool_call_response");
    match response {
        _ if !words.is_empty() => words.into(),
        Some(part) => part["response"].clone(),
        None => Json::Null,
    }
}

/// A text as it is, anything else as JSON; nothing of what is not there.
fn text(value: &Json) -> Option<String> {
    match value {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
