//! Reads the recorded messages back.

use opentelemetry::{Array, Key, Value};
use serde_json::Value as Json;

use super::AttributeWriter;
use crate::{attribute::find, record::semconv as key};

fn json(writer: &AttributeWriter<'_>, key: &str) -> Option<Json> {
    serde_json::from_str(&find(writer.attributes, key)?.as_str()).ok()
}

/// Returns the messages under a key.
pub(super) fn messages(writer: &AttributeWriter<'_>, key: &str) -> Vec<Json> {
    match json(writer, key) {
        Some(Json::Array(messages)) => messages,
        _ => Vec::new(),
    }
}

/// Returns the messages to a model, its instructions first.
pub(super) fn asked(writer: &AttributeWriter<'_>) -> Vec<Json> {
    let instructions = json(writer, key::SYSTEM_INSTRUCTIONS);
    let instructions =
        instructions.map(|parts| serde_json::json!({"role": "system", "parts": parts}));
    instructions.into_iter().chain(messages(writer, key::INPUT_MESSAGES)).collect()
}

/// Returns the finish reason of the first choice.
pub(super) fn finish_reason(writer: &AttributeWriter<'_>) -> Option<Value> {
    match find(writer.attributes, key::FINISH_REASONS)? {
        Value::Array(Array::String(reasons)) => reasons.first().cloned().map(Value::String),
        _ => None,
    }
}

/// Names that a dialect uses for the parts of a message.
pub(super) struct FieldNames {
    /// Separator between the index of a message and its field.
    pub message: &'static str,
    /// Field that is written besides the role, the content and the tool calls of a message.
    pub field: &'static str,
    /// Separator between the index of a tool call and its field.
    pub call: &'static str,
    /// Fields of a tool call, each with its name in the dialect.
    pub calls: &'static [(&'static str, &'static str)],
}

/// Writes messages as one attribute for each field, with indices from zero.
pub(super) fn indexed(
    writer: &mut AttributeWriter<'_>,
    prefix: &str,
    messages: &[Json],
    names: &FieldNames,
) {
    for (index, message) in messages.iter().enumerate() {
        let mut write = |field: &str, value: &Json| {
            if let Some(text) = text(value) {
                let between = names.message;
                writer.write(Key::from(format!("{prefix}.{index}{between}.{field}")), text);
            }
        };
        let parts = message["parts"].as_array().map_or(&[][..], Vec::as_slice);
        write("role", &message["role"]);
        write("content", &content(parts));
        write(names.field, &message[names.field]);
        let response = parts.iter().find(|part| part["type"] == "tool_call_response");
        write("tool_call_id", response.map_or(&Json::Null, |part| &part["id"]));
        let calls = parts.iter().filter(|part| part["type"] == "tool_call");
        for (number, call) in calls.enumerate() {
            for (field, name) in names.calls {
                write(&format!("tool_calls.{number}{}.{name}", names.call), &call[field]);
            }
        }
    }
}

/// Returns the text of a message, or else the result of a tool.
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

/// Returns a string as it is, and any other value as JSON. Returns `None` for null.
fn text(value: &Json) -> Option<String> {
    match value {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
