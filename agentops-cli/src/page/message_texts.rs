//! Contents of the messages of a model call: characters by role, and a hash of each message.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diff::hash_of_json;

/// Types of a part by which a model asks for the call of a tool, and those with what a tool returned.
const ASKS: [&str; 4] = ["tool_call", "tool_use", "function", "function_call"];
const RESULTS: [&str; 3] = ["tool_call_response", "tool_result", "function_call_output"];
/// Members of a message that are no text of it.
const NO_TEXT: [&str; 7] =
    ["role", "type", "id", "call_id", "tool_call_id", "tool_use_id", "finish_reason"];

/// Messages that a model call was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SentMessages {
    /// Hash of each message.
    pub(super) hashes: Vec<u64>,
    /// Characters by `system`, `user`, `assistant`, `tool` and `other`.
    pub(super) characters: BTreeMap<&'static str, u64>,
}

impl SentMessages {
    /// Reads the instructions and the input of a model call.
    pub(super) fn new(system: Option<&str>, input: Option<&str>) -> Self {
        let mut sent = Self::default();
        if let Some(system) = system {
            sent.add("system", &parsed(system));
        }
        if let Some(input) = input {
            match parsed(input) {
                Value::Array(list) if list.iter().all(is_message) => {
                    list.iter().for_each(|message| sent.add_message(message));
                }
                Value::Object(mut object)
                    if object.get("messages").is_some_and(Value::is_array) =>
                {
                    let messages = object.remove("messages").unwrap_or_default();
                    let messages = messages.as_array().into_iter().flatten();
                    messages.for_each(|message| sent.add_message(message));
                }
                other => sent.add("user", &other),
            }
        }
        sent
    }

    fn add_message(&mut self, message: &Value) {
        let role = match message["role"].as_str() {
            Some("system" | "developer") => "system",
            Some("user") => "user",
            Some("assistant" | "model") => "assistant",
            Some("tool" | "function") => "tool",
            _ => "other",
        };
        self.add(role, message);
    }

    fn add(&mut self, role: &'static str, value: &Value) {
        self.hashes.push(hash_of_json(value));
        self.count(role, value);
    }

    // The parser limits how deep a value is, so the recursion is bounded.
    fn count(&mut self, role: &'static str, value: &Value) {
        match value {
            Value::String(text) => {
                *self.characters.entry(role).or_default() += text.chars().count() as u64;
            }
            Value::Array(list) => list.iter().for_each(|value| self.count(role, value)),
            Value::Object(object) => {
                let is_result = object.get("type").and_then(Value::as_str);
                let is_result = is_result.is_some_and(|kind| RESULTS.contains(&kind));
                let role = if is_result { "tool" } else { role };
                let texts = object.iter().filter(|(key, _)| !NO_TEXT.contains(&key.as_str()));
                texts.for_each(|(_, value)| self.count(role, value));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

fn is_message(value: &Value) -> bool {
    value["role"].is_string() || value["parts"].is_array()
}

/// Returns the ids of the calls of tools that an output asks for.
pub(super) fn asked_calls(output: &str) -> Vec<String> {
    let mut ids = Vec::new();
    if let Ok(output) = serde_json::from_str(output) {
        add_asked(&output, &mut ids);
    }
    ids
}

// Bounded like `count`. What a tool is called with is not looked into.
fn add_asked(value: &Value, ids: &mut Vec<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| add_asked(value, ids)),
        Value::Object(object) => {
            let is_call = object.get("type").and_then(Value::as_str);
            if is_call.is_some_and(|kind| ASKS.contains(&kind)) {
                let id = object.get("id").or_else(|| object.get("call_id"));
                ids.extend(id.and_then(Value::as_str).map(str::to_owned));
                return;
            }
            let calls = object.get("tool_calls").and_then(Value::as_array).into_iter().flatten();
            let untyped = calls.filter(|call| !call["type"].is_string());
            ids.extend(untyped.filter_map(|call| call["id"].as_str()).map(str::to_owned));
            object.values().for_each(|value| add_asked(value, ids));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sent_messages_are_counted_by_who_wrote_them() {
        let input = json!([
            { "role": "user", "parts": [{ "type": "text", "content": "héllo" }] },
            { "role": "assistant", "content": "", "tool_calls":
                [{ "id": "call-1", "function": { "name": "f", "arguments": "{}" } }] },
            { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "x", "content": "four" }] },
            { "role": "tool", "tool_call_id": "call-1", "content": "four" },
            { "role": "poet", "content": "!" },
        ]);
        let sent = SentMessages::new(Some("Be kind"), Some(&input.to_string()));
        let expected =
            [("assistant", 3), ("other", 1), ("system", 7), ("tool", 8), ("user", 5)].into();
        assert_eq!((sent.hashes.len(), sent.characters), (6, expected));
    }

    #[test]
    fn equal_messages_have_equal_hashes_whatever_their_order_of_keys() {
        let hashes = |input: &str| SentMessages::new(None, Some(input)).hashes;
        let [one, other] = [
            r#"[{"role":"user","content":"a"},{"role":"user","content":"b"}]"#,
            r#"{"messages":[{"content":"a","role":"user"},{"role":"user","content":"c"}]}"#,
        ]
        .map(hashes);
        assert_eq!((one[0] == other[0], one[1] == other[1]), (true, false));
        assert_eq!(hashes("plain").len(), 1);
    }

    #[test]
    fn asked_calls_are_found_in_every_form() {
        let output = json!([{ "role": "assistant", "parts": [
            { "type": "text", "content": "I look" },
            { "type": "tool_call", "id": "a", "name": "f", "arguments": { "type": "function", "id": "no" } },
            { "type": "function_call", "call_id": "b" },
        ], "tool_calls": [{ "id": "c" }, { "type": "function", "id": "d" }] }]);
        let mut asked = asked_calls(&output.to_string());
        asked.sort_unstable();
        assert_eq!(asked, ["a", "b", "c", "d"]);
        assert_eq!(asked_calls("no JSON"), Vec::<String>::new());
    }
}
