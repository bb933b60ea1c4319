//! Contents of the messages of a model call: who wrote how much of each, and a hash of it.

use std::{collections::BTreeMap, num::NonZeroU64};

use serde_json::Value;

use crate::diff::hash_of_json;

/// Types of a part by which a model asks for the call of a tool, and those with what a tool returned.
const ASKS: [&str; 4] = ["tool_call", "tool_use", "function", "function_call"];
const RESULTS: [&str; 3] = ["tool_call_response", "tool_result", "function_call_output"];
/// Members with the id of the call that a result is of.
const RESULT_IDS: [&str; 3] = ["id", "tool_use_id", "call_id"];
/// Members of a message that are no text of it.
const NO_TEXT: [&str; 7] =
    ["role", "type", "id", "call_id", "tool_call_id", "tool_use_id", "finish_reason"];

/// Author of a text that a model call was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    System,
    User,
    Assistant,
    Tool,
    Other,
}

/// Messages that a model call was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SentMessages {
    pub(super) messages: Vec<SentMessage>,
    /// Characters of each role.
    characters: [u64; 5],
}

/// Message that a model call was sent.
// A long conversation has all earlier messages in each of its calls, so that each byte here counts a thousandfold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SentMessage {
    pub(super) hash: u64,
    /// Hash of the id of the call whose result it is.
    pub(super) result_of: Option<NonZeroU64>,
    pub(super) characters: u32,
    /// Author of most of it.
    pub(super) role: Role,
}

impl Role {
    const ALL: [Self; 5] = [Self::System, Self::User, Self::Assistant, Self::Tool, Self::Other];

    /// Returns the name of the role in the documents.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
            Self::Other => "other",
        }
    }

    fn of(message: &Value) -> Self {
        match message["role"].as_str() {
            Some("system" | "developer") => Self::System,
            Some("user") => Self::User,
            Some("assistant" | "model") => Self::Assistant,
            Some("tool" | "function") => Self::Tool,
            _ => Self::Other,
        }
    }
}

impl SentMessages {
    /// Reads the instructions and the input of a model call.
    pub(super) fn new(system: Option<&str>, input: Option<&str>) -> Self {
        let mut sent = Self::default();
        if let Some(system) = system {
            sent.add(Role::System, &parsed(system));
        }
        if let Some(input) = input {
            match parsed(input) {
                Value::Array(list) if list.iter().all(is_message) => {
                    list.iter().for_each(|message| sent.add(Role::of(message), message));
                }
                Value::Object(mut object)
                    if object.get("messages").is_some_and(Value::is_array) =>
                {
                    let messages = object.remove("messages").unwrap_or_default();
                    let messages = messages.as_array().into_iter().flatten();
                    messages.for_each(|message| sent.add(Role::of(message), message));
                }
                other => sent.add(Role::User, &other),
            }
        }
        sent
    }

    /// Returns the characters of each role that wrote some.
    pub(super) fn characters(&self) -> BTreeMap<&'static str, u64> {
        let each = Role::ALL.map(|role| (role.name(), self.characters[role as usize]));
        each.into_iter().filter(|(_, characters)| *characters > 0).collect()
    }

    fn add(&mut self, role: Role, message: &Value) {
        let mut count = MessageCount::default();
        count.add(role, message);
        for (sum, characters) in self.characters.iter_mut().zip(count.characters) {
            *sum += characters;
        }
        // A message of the user may hold nothing but results of tools.
        let most = Role::ALL.into_iter().rev().max_by_key(|role| count.characters[*role as usize]);
        let all: u64 = count.characters.iter().sum();
        self.messages.push(SentMessage {
            hash: hash_of_json(message),
            result_of: message["tool_call_id"].as_str().map(call_hash).or(count.result_of),
            characters: u32::try_from(all).unwrap_or(u32::MAX),
            role: most.filter(|_| all > 0).unwrap_or(role),
        });
    }
}

/// Returns the hash of the id of a call.
pub(super) fn call_hash(id: &str) -> NonZeroU64 {
    NonZeroU64::new(hash_of_json(&id.into())).unwrap_or(NonZeroU64::MIN)
}

/// Characters of a message.
#[derive(Default)]
struct MessageCount {
    characters: [u64; 5],
    result_of: Option<NonZeroU64>,
}

impl MessageCount {
    // The parser limits how deep a value is, so the recursion is bounded.
    fn add(&mut self, role: Role, value: &Value) {
        match value {
            Value::String(text) => self.characters[role as usize] += text.chars().count() as u64,
            Value::Array(list) => list.iter().for_each(|value| self.add(role, value)),
            Value::Object(object) => {
                let kind = object.get("type").and_then(Value::as_str);
                let is_result = kind.is_some_and(|kind| RESULTS.contains(&kind));
                let role = if is_result { Role::Tool } else { role };
                if is_result && self.result_of.is_none() {
                    let ids = RESULT_IDS.iter().filter_map(|key| object.get(*key)?.as_str());
                    self.result_of = ids.map(call_hash).next();
                }
                let texts = object.iter().filter(|(key, _)| !NO_TEXT.contains(&key.as_str()));
                texts.for_each(|(_, value)| self.add(role, value));
            }
            Value::Bool(_) | Value::Number(_) => {
                self.characters[role as usize] += value.to_string().len() as u64;
            }
            Value::Null => {}
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
            { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "x", "content": 24.5 }] },
            { "role": "poet", "content": "!" },
        ]);
        let sent = SentMessages::new(Some("Be kind"), Some(&input.to_string()));
        let expected =
            [("assistant", 3), ("other", 1), ("system", 7), ("tool", 12), ("user", 5)].into();
        assert_eq!(sent.characters(), expected);
        let of = |SentMessage { role, characters, result_of, .. }: &SentMessage| {
            (role.name(), *characters, *result_of)
        };
        let messages: Vec<_> = sent.messages.iter().map(of).collect();
        let [x, call] = ["x", "call-1"].map(|id| Some(call_hash(id)));
        let expected = [
            ("system", 7, None),
            ("user", 5, None),
            ("assistant", 3, None),
            ("tool", 4, x),
            ("tool", 4, call),
            ("tool", 4, x),
            ("other", 1, None),
        ];
        assert_eq!(messages, expected);
    }

    #[test]
    fn equal_messages_have_equal_hashes_whatever_their_order_of_keys() {
        let hashes = |input: &str| {
            let sent = SentMessages::new(None, Some(input));
            sent.messages.iter().map(|message| message.hash).collect::<Vec<_>>()
        };
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
