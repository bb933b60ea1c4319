//! The recorded messages, read back.

use opentelemetry::{Array, Value};
use serde_json::Value as Json;

use super::Words;
use crate::{attribute::find, semconv as key};

fn json(words: &Words<'_>, key: &str) -> Option<Json> {
    serde_json::from_str(&find(words.attributes, key)?.as_str()).ok()
}

/// The messages under a key.
pub(super) fn messages(words: &Words<'_>, key: &str) -> Vec<Json> {
    match json(words, key) {
        Some(Json::Array(messages)) => messages,
        _ => Vec::new(),
    }
}

/// What a model was told, its instructions first.
pub(super) fn asked(words: &Words<'_>) -> Vec<Json> {
    let instructions = json(words, key::SYSTEM_INSTRUCTIONS);
    let instructions =
        instructions.map(|parts| serde_json::json!({"role": "system", "parts": parts}));
    instructions.into_iter().chain(messages(words, key::INPUT_MESSAGES)).collect()
}

/// Why it stopped, of the first choice.
pub(super) fn finish_reason(words: &Words<'_>) -> Option<Value> {
    match find(words.attributes, key::FINISH_REASONS)? {
        Value::Array(Array::String(reasons)) => reasons.first().cloned().map(Value::String),
        _ => None,
    }
}

/// The words of a message, or else what a tool gave.
pub(super) fn content(parts: &[Json]) -> Json {
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
pub(super) fn text(value: &Json) -> Option<String> {
    match value {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
