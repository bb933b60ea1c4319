//! The recorded messages, read back.

use serde_json::Value as Json;

use super::Words;
use crate::attribute::find;

/// The JSON under a key.
pub(super) fn json(words: &Words<'_>, key: &str) -> Option<Json> {
    serde_json::from_str(&find(words.attributes, key)?.as_str()).ok()
}

/// The messages under a key.
pub(super) fn messages(words: &Words<'_>, key: &str) -> Vec<Json> {
    match json(words, key) {
        Some(Json::Array(messages)) => messages,
        _ => Vec::new(),
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
