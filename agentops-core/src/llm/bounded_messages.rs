//! Serialises messages to JSON of a bounded length that still matches the schema: only texts inside the messages
//! are cut.

mod pieces;

use serde_json::Value;

use self::pieces::max_text_len;
use super::{Message, Part, json_depth::shallow};
use crate::{
    credential::{Form, redact_text, redact_value},
    inspect::TRUNCATED,
    record::Extent,
    text::prefix,
};

/// Minimum number of bytes kept of a tool's name.
const LEAST_OF_A_NAME: usize = 64;

/// Serialises the messages to JSON of at most `max_len` bytes. The longest texts are cut first; if that is not
/// enough, messages between the first and the last are left out.
pub(crate) fn messages_json(messages: &[Message], extent: Extent) -> String {
    let Extent { max_len, redacts } = extent;
    // Cut first, so that a single long text costs no more than the bytes kept of it.
    let mut messages: Vec<Message> = messages.iter().map(|message| cut(message, max_len)).collect();
    if redacts {
        messages.iter_mut().flat_map(|message| &mut message.parts).for_each(redact);
    }
    let mut json = json_of(&messages);
    let mut tried = usize::MAX;
    while json.len() > max_len {
        match max_text_len(&messages, json.len(), max_len) {
            Some(most) if most < tried => {
                cut_all(&mut messages, most);
                tried = most;
            }
            _ if messages.len() > 1 => drop_half(&mut messages),
            _ => match messages.first_mut() {
                Some(message) if message.parts.len() > 1 => drop_half(&mut message.parts),
                _ => return "[]".to_owned(),
            },
        }
        json = json_of(&messages);
    }
    json
}

/// Serialises system instructions as the message parts that the schema requires.
pub(crate) fn parts_json(text: &str, max_len: usize) -> String {
    // Length of the JSON around the parts of that one message.
    const AROUND: usize = r#"[{"role":"system","parts":}]"#.len();
    let around = Extent { max_len: max_len.saturating_add(AROUND), redacts: false };
    let whole = messages_json(&[Message::system(text)], around);
    let parsed: Result<Vec<Value>, _> = serde_json::from_str(&whole);
    let parts = parsed.ok().and_then(|messages| Some(messages.first()?["parts"].to_string()));
    parts.unwrap_or_else(|| "[]".to_owned())
}

/// Redacts values named like credentials in tool arguments, tool responses and texts that are JSON.
fn redact(part: &mut Part) {
    match part {
        Part::Text { content } | Part::Reasoning { content } => {
            if let Some(redacted) = redact_text(content, Form::Json) {
                *content = redacted;
            }
        }
        Part::ToolCall { arguments: value, .. }
        | Part::ToolCallResponse { response: value, .. } => {
            redact_value(value);
        }
        Part::Uri { .. } => {}
    }
}

fn json_of(messages: &[Message]) -> String {
    // Only strings and JSON values: serialising them cannot fail.
    serde_json::to_string(messages).unwrap_or_else(|_| "[]".to_owned())
}

/// Removes half of the items between the first and the last; of two items only the first is kept.
fn drop_half<T>(items: &mut Vec<T>) {
    let between = items.len().saturating_sub(2);
    if between == 0 {
        items.truncate(1);
    } else {
        items.drain(1..=between.div_ceil(2));
    }
}

fn cut_all(messages: &mut [Message], most: usize) {
    messages.iter_mut().for_each(|message| *message = cut(message, most));
}

fn cut(message: &Message, most: usize) -> Message {
    let parts = message.parts.iter().map(|part| cut_part(part, most)).collect();
    Message { parts, ..message.clone_without_parts() }
}

fn cut_part(part: &Part, most: usize) -> Part {
    match part {
        Part::Text { content } => Part::Text { content: cut_text(content, most) },
        Part::Reasoning { content } => Part::Reasoning { content: cut_text(content, most) },
        Part::ToolCall { id, name, arguments } => {
            let arguments = cut_value(arguments, most);
            Part::ToolCall {
                id: id.clone(),
                name: cut_text(name, most.max(LEAST_OF_A_NAME)),
                arguments,
            }
        }
        Part::ToolCallResponse { id, response } => {
            Part::ToolCallResponse { id: id.clone(), response: cut_value(response, most) }
        }
        Part::Uri { modality, uri } => {
            Part::Uri { modality: modality.clone(), uri: cut_text(uri, most) }
        }
    }
}

fn cut_text(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    format!("{}{TRUNCATED}", prefix(text, most))
}

/// Cuts a value: one that is too long becomes the beginning of its JSON text.
fn cut_value(value: &Value, most: usize) -> Value {
    match value {
        Value::String(text) => Value::String(cut_text(text, most)),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        Value::Array(_) | Value::Object(_) => {
            let value = shallow(value);
            let text = value.to_string();
            if text.len() <= most {
                value.into_owned()
            } else {
                Value::String(cut_text(&text, most))
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{super::message::tests::any_message, *};

    fn parsed(messages: &[Message], max_len: usize) -> Value {
        serde_json::from_str(&messages_json(messages, Extent::whole(max_len))).expect("it is JSON")
    }

    #[test]
    fn fitting_messages_are_whole() {
        let messages = [Message::user("a"), Message::assistant("b").finish_reason("stop")];
        let expected = json!([
            {"role": "user", "parts": [{"type": "text", "content": "a"}]},
            {"role": "assistant", "parts": [{"type": "text", "content": "b"}], "finish_reason": "stop"},
        ]);
        assert_eq!(parsed(&messages, 1_000), expected);
    }

    #[test]
    fn longest_texts_are_cut_first() {
        let messages = [Message::system("short"), Message::user("x".repeat(1_000))];
        let json = parsed(&messages, 300);
        assert_eq!(json[0]["parts"][0]["content"], "short");
        let cut = json[1]["parts"][0]["content"].as_str().expect("a text");
        assert!(cut.ends_with(TRUNCATED) && cut.len() > 100, "{cut}");
    }

    #[test]
    fn tool_arguments_and_answers_are_redacted() {
        let call =
            Part::tool_call("1", "login", json!("{\"user\":\"ann\",\"password\":\"hunter2\"}"));
        let messages = [
            Message::assistant_with(call),
            Message::tool("1", json!({"access_token": "t", "expires_in": 60})),
            Message::user("{\"api_key\":\"k\"}"),
        ];
        let redacts = |redacts| messages_json(&messages, Extent { max_len: 1_000, redacts });
        let expected = json!([
            {"role": "assistant", "parts": [{"type": "tool_call", "id": "1", "name": "login",
                "arguments": "{\"user\":\"ann\",\"password\":\"<redacted>\"}"}]},
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": "1",
                "response": {"access_token": "<redacted>", "expires_in": 60}}]},
            {"role": "user", "parts": [{"type": "text", "content": "{\"api_key\":\"<redacted>\"}"}]},
        ]);
        assert_eq!(serde_json::from_str::<Value>(&redacts(true)).expect("it is JSON"), expected);
        assert!(redacts(false).contains("hunter2"));
    }

    #[test]
    fn first_and_last_message_are_kept() {
        let messages: Vec<_> = (0..100).map(|number| Message::user(number.to_string())).collect();
        let json = parsed(&messages, 300);
        let contents: Vec<_> = json
            .as_array()
            .expect("a list")
            .iter()
            .map(|message| &message["parts"][0]["content"])
            .collect();
        assert_eq!((contents.first(), contents.last()), (Some(&&json!("0")), Some(&&json!("99"))));
        assert!(contents.len() > 2);
    }

    #[test]
    fn long_conversation_is_cut_at_its_bound() {
        let messages: Vec<_> = (0..1_000).map(|_| Message::user("a\"é\n".repeat(40))).collect();
        let max_len = 150_000;
        let json = messages_json(&messages, Extent::whole(max_len));
        assert!(json.len() <= max_len && json.len() > max_len - 40_000, "{}", json.len());
        assert_eq!(serde_json::from_str::<Value>(&json).expect("it is JSON")[999]["role"], "user");
    }

    /// Returns `true` if the message matches the schema of `gen_ai.input.messages`.
    pub(in super::super) fn fits_the_schema(message: &Value) -> bool {
        let part = |part: &Value| match part["type"].as_str() {
            Some("text" | "reasoning") => part["content"].is_string(),
            Some("tool_call") => part["name"].is_string() && part.get("arguments").is_some(),
            Some("tool_call_response") => part.get("response").is_some(),
            Some("uri") => part["uri"].is_string() && part["modality"].is_string(),
            _ => false,
        };
        message["role"].is_string()
            && message["parts"].as_array().is_some_and(|parts| parts.iter().all(part))
    }

    proptest! {
        #[test]
        fn messages_json_fits_schema_and_bound(
            messages in prop::collection::vec(any_message(), 0..8),
            max_len in 2_usize..600,
        ) {
            let json = messages_json(&messages, Extent::whole(max_len));
            prop_assert!(json.len() <= max_len, "{} > {max_len}: {json}", json.len());
            let parsed: Value = serde_json::from_str(&json).unwrap();
            prop_assert!(parsed.as_array().unwrap().iter().all(fits_the_schema), "{json}");
            let whole = serde_json::to_string(&messages).unwrap();
            if whole.len() <= max_len {
                prop_assert_eq!(json, whole);
            }
        }
    }
}
