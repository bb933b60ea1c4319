//! Converts messages in the formats of other libraries.

use serde_json::{Map, Value, map::Entry};

use super::{Message, Part};
use crate::llm::exact_json;

type Object = Map<String, Value>;

/// Converts a list of messages, or a single one.
pub(super) fn messages(json: Value) -> Vec<Message> {
    match json {
        Value::Null => Vec::new(),
        Value::Array(messages) => messages.into_iter().filter_map(message).collect(),
        one => message(one).into_iter().collect(),
    }
}

fn message(json: Value) -> Option<Message> {
    let mut object = match json {
        Value::Null => return None,
        Value::Object(object) => object,
        text => return Some(Message::new("user", part(text)?)),
    };
    let role =
        take_text(&mut object, &["role"]).map_or_else(|| "user".to_owned(), |text| role(&text));
    let mut parts = thoughts(&mut object);
    // A tool message has the id of the call next to the content.
    let id = take_text(&mut object, &["tool_call_id"]);
    let content = take(&mut object, &["parts", "content", "refusal"]);
    match content {
        Some(content) if role == "tool" && id.is_some() => {
            parts.push(Part::ToolCallResponse { id, response: plain(content) });
        }
        Some(Value::Array(list)) => parts.extend(list.into_iter().filter_map(part)),
        Some(one) => parts.extend(part(one)),
        None => {}
    }
    if let Some(Value::Array(calls)) = take(&mut object, &["tool_calls"]) {
        parts.extend(calls.into_iter().filter_map(part));
    }
    let name = take_text(&mut object, &["name"]);
    let finish_reason = take_text(&mut object, &["finish_reason"]);
    if parts.is_empty() && !object.is_empty() {
        parts.extend(part(Value::Object(object)));
    }
    Some(Message { role: role.into(), parts, name, finish_reason })
}

fn role(theirs: &str) -> String {
    match theirs.to_lowercase().as_str() {
        "model" | "ai" => "assistant".to_owned(),
        "human" => "user".to_owned(),
        "function" => "tool".to_owned(),
        other => other.to_owned(),
    }
}

fn thoughts(message: &mut Object) -> Vec<Part> {
    let thought = take_text(message, &["reasoning_content", "reasoning"]);
    thought.filter(|thought| !thought.is_empty()).map(Part::reasoning).into_iter().collect()
}

/// Converts a part of a message. Returns `None` for `null`.
fn part(json: Value) -> Option<Part> {
    let mut object = match json {
        Value::Null => return None,
        Value::String(text) => return Some(Part::Text { content: text }),
        Value::Object(object) => object,
        other => return Some(Part::Text { content: other.to_string() }),
    };
    let kind = object.get("type").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let known = match kind.as_str() {
        "" => untagged(&mut object),
        "text" | "input_text" | "output_text" | "refusal" => text(&mut object),
        "reasoning" | "thinking" => thought(&mut object),
        "tool_call" | "tool_use" | "toolcall" | "function_call" | "function" => call(&mut object),
        "tool_call_response" | "tool_result" | "toolresult" | "function_call_output" => {
            response(&mut object)
        }
        "uri" | "image_url" | "image" | "audio" | "input_audio" | "video" | "file" | "document"
        | "blob" => Some(media(&kind, &mut object)),
        _ => None,
    };
    Some(known.unwrap_or_else(|| Part::Text { content: Value::Object(object).to_string() }))
}

/// Converts a part that is identified by its keys instead of a `type` (Gemini, genai and rig).
fn untagged(object: &mut Object) -> Option<Part> {
    const CALLS: [&str; 3] = ["functionCall", "ToolCall", "function_call"];
    const RESPONSES: [&str; 3] = ["functionResponse", "ToolResponse", "function_response"];
    if let Some(Value::Object(mut inner)) = take(object, &CALLS) {
        return call(&mut inner);
    }
    if let Some(Value::Object(mut inner)) = take(object, &RESPONSES) {
        return response(&mut inner);
    }
    if object.contains_key("function") || object.contains_key("fn_name") {
        return call(object);
    }
    if let Some(thought) = take_text(object, &["reasoning", "ReasoningContent", "ThoughtSignature"])
    {
        return Some(Part::Reasoning { content: thought });
    }
    match take(object, &["Binary", "inlineData", "inline_data", "image"]) {
        Some(Value::Object(mut inner)) => Some(media("image", &mut inner)),
        Some(_) => Some(Part::text("[image]")),
        None => text(object),
    }
}

fn text(object: &mut Object) -> Option<Part> {
    let content = take_text(object, &["content", "text", "Text", "refusal"])?;
    Some(Part::Text { content })
}

fn thought(object: &mut Object) -> Option<Part> {
    let content = take(object, &["content", "thinking", "reasoning", "text", "summary"])?;
    Some(Part::Reasoning { content: words(content) })
}

fn call(object: &mut Object) -> Option<Part> {
    let id = take_id(object, &["id", "call_id", "tool_call_id"]);
    let mut inner = match take(object, &["function"]) {
        Some(Value::Object(inner)) => inner,
        _ => std::mem::take(object),
    };
    let Some(name) = take_text(&mut inner, &["name", "fn_name"]) else {
        *object = inner;
        return None;
    };
    let arguments = take(&mut inner, &["arguments", "input", "args", "fn_arguments"]);
    Some(Part::ToolCall { id, name, arguments: arguments.map(parsed).unwrap_or_default() })
}

fn response(object: &mut Object) -> Option<Part> {
    let response = take(object, &["response", "result", "content", "output"])?;
    let id = take_id(object, &["id", "call_id", "tool_use_id", "tool_call_id"]);
    Some(Part::ToolCallResponse { id, response: plain(response) })
}

/// Converts media to its URI. Media without a URI becomes a placeholder, since raw bytes are of no use to a
/// reader.
fn media(kind: &str, object: &mut Object) -> Part {
    let kind = take_text(object, &["modality"]).unwrap_or_else(|| match kind {
        "image_url" | "image" => "image".to_owned(),
        "audio" | "input_audio" => "audio".to_owned(),
        other => other.to_owned(),
    });
    let uri = match take(object, &["uri", "url", "image_url", "source"]) {
        Some(Value::Object(mut inner)) => take_text(&mut inner, &["url", "uri"]),
        Some(Value::String(uri)) => Some(uri),
        _ => None,
    };
    match uri.filter(|uri| !uri.starts_with("data:")) {
        Some(uri) if matches!(kind.as_str(), "image" | "audio" | "video") => {
            Part::Uri { modality: kind, uri }
        }
        Some(uri) => Part::Text { content: uri },
        None => Part::Text { content: format!("[{kind}]") },
    }
}

/// Parses arguments that are JSON in a string.
fn parsed(arguments: Value) -> Value {
    match &arguments {
        Value::String(json) => exact_json(json).unwrap_or(arguments),
        _ => arguments,
    }
}

/// Simplifies a tool's content: joins a list of text parts into one text, and parses a text that is JSON.
fn plain(content: Value) -> Value {
    let is_words = |part: &Value| part.get("text").is_some_and(Value::is_string);
    match content {
        Value::Array(parts) if !parts.is_empty() && parts.iter().all(is_words) => {
            parsed(words(Value::Array(parts)).into())
        }
        other => parsed(other),
    }
}

/// Joins all the text in a string, a part or a list of parts.
fn words(content: Value) -> String {
    match content {
        Value::String(text) => text,
        Value::Array(parts) => parts.into_iter().map(words).collect(),
        Value::Object(mut object) => {
            take_text(&mut object, &["text", "content"]).unwrap_or_default()
        }
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Removes and returns the first non-null value among these keys.
fn take(object: &mut Object, keys: &[&str]) -> Option<Value> {
    keys.iter().find_map(|key| match object.entry(*key) {
        Entry::Occupied(entry) if !entry.get().is_null() => Some(entry.remove()),
        _ => None,
    })
}

fn take_text(object: &mut Object, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| match object.entry(*key) {
        Entry::Occupied(entry) if entry.get().is_string() => match entry.remove() {
            Value::String(text) => Some(text),
            _ => None,
        },
        _ => None,
    })
}

/// Removes and returns an id; rig wraps it in an object keyed by the provider.
fn take_id(object: &mut Object, keys: &[&str]) -> Option<String> {
    match take(object, keys)? {
        Value::String(id) => Some(id),
        Value::Object(wrapped) => wrapped.values().next()?.as_str().map(str::to_owned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::llm::{
        bounded_messages::tests::fits_the_schema, message::tests::any_message, messages_json,
    };
    use crate::record::Extent;

    #[test]
    fn openai_chat_with_a_tool_round_is_parsed() {
        let chat = json!([
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
            ]},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "t1", "type": "function", "function": {"name": "lookup", "arguments": "{\"n\":7}"}}
            ]},
            {"role": "tool", "tool_call_id": "t1", "content": "{\"metres\":88}"}
        ]);
        let image = Part::Uri { modality: "image".into(), uri: "https://example.com/a.png".into() };
        assert_eq!(
            messages(chat),
            [
                Message::system("Be brief."),
                Message::user("What is this?").part(image).part(Part::text("[image]")),
                Message::assistant_with(Part::tool_call("t1", "lookup", json!({"n": 7}))),
                Message::tool("t1", json!({"metres": 88})),
            ]
        );
    }

    #[test]
    fn blocks_of_anthropic_are_understood() {
        let chat = json!([
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "look it up"},
                {"type": "tool_use", "id": "t1", "name": "lookup", "input": {"n": 7}}
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "88"}]}
            ]}
        ]);
        let call = Part::tool_call("t1", "lookup", json!({"n": 7}));
        let response = Part::ToolCallResponse { id: Some("t1".into()), response: json!(88) };
        assert_eq!(
            messages(chat),
            [
                Message::assistant_with(Part::reasoning("look it up")).part(call),
                Message::new("user", response),
            ]
        );
    }

    #[test]
    fn parts_of_gemini_and_of_genai_are_understood() {
        let chat = json!([
            {"role": "model", "parts": [{"text": "Hm."}, {"functionCall": {"name": "f", "args": {"a": 1}}}]},
            {"role": "Assistant", "content": [
                {"Text": "Hm."},
                {"ToolCall": {"call_id": "c", "fn_name": "f", "fn_arguments": {"a": 1}}}
            ]}
        ]);
        let answer = |id: Option<&str>| {
            let call = Part::ToolCall {
                id: id.map(Into::into),
                name: "f".into(),
                arguments: json!({"a": 1}),
            };
            Message::assistant("Hm.").part(call)
        };
        assert_eq!(messages(chat), [answer(None), answer(Some("c"))]);
    }

    #[test]
    fn unknown_messages_are_kept_as_json() {
        assert_eq!(messages(json!("hello")), [Message::user("hello")]);
        assert_eq!(messages(json!(null)), []);
        assert_eq!(messages(json!([{"a": 1}])), [Message::user(r#"{"a":1}"#)]);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let key = prop_oneof![
            Just("role".to_owned()),
            Just("content".to_owned()),
            Just("parts".to_owned()),
            Just("type".to_owned()),
            Just("tool_calls".to_owned()),
            Just("function".to_owned()),
            Just("name".to_owned()),
            Just("arguments".to_owned()),
            Just("id".to_owned()),
            ".{0,4}",
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            prop_oneof![Just("text"), Just("tool_use"), Just("tool_result"), Just("user")]
                .prop_map(Value::from),
            ".{0,40}".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 40, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((key.clone(), inner), 0..5)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn messages_of_any_json_fit_schema_and_bound(
            json in any_json(),
            max_len in 2_usize..500,
        ) {
            let text = messages_json(&messages(json), Extent::whole(max_len));
            prop_assert!(text.len() <= max_len);
            let read: Vec<Value> = serde_json::from_str(&text).unwrap();
            prop_assert!(read.iter().all(fits_the_schema), "{text}");
        }

        #[test]
        fn our_own_messages_come_back_as_they_were(list in prop::collection::vec(any_message(), 0..4)) {
            // A role that is an alias of a schema role is converted to that role.
            prop_assume!(list.iter().all(|message| role(&message.role) == message.role));
            let json = serde_json::to_value(&list).unwrap();
            prop_assert_eq!(&serde_json::to_value(messages(json.clone())).unwrap(), &json);
        }
    }
}
