//! Body of a request for chat completions, in the form of OpenAI.

use agentops_core::{Message, Part};
use serde_json::{Value, json};

use super::model_request::ModelRequest;

/// Settings that have a place in the body: their names in the conventions, and in the body.
const SETTINGS: [(&str, &str); 9] = [
    ("choice.count", "n"),
    ("frequency_penalty", "frequency_penalty"),
    ("max_tokens", "max_tokens"),
    ("presence_penalty", "presence_penalty"),
    ("seed", "seed"),
    ("stop_sequences", "stop"),
    ("stream", "stream"),
    ("temperature", "temperature"),
    ("top_p", "top_p"),
];

/// Returns the body of a request. `notes` receives what has no place in it.
pub(super) fn body(request: &ModelRequest, notes: &mut Vec<String>) -> Value {
    let system = request.instructions.iter();
    let system = system.map(|text| json!({"role": "system", "content": text}));
    let mut body = request.settings_body(&SETTINGS, notes);
    // Models of OpenAI that reason refuse the older name; other servers may not know the newer.
    if request.provider.as_deref() == Some("openai")
        && let Some(tokens) = body.remove("max_tokens")
    {
        body.insert("max_completion_tokens".to_owned(), tokens);
    }
    let messages = system.chain(request.messages.iter().flat_map(messages)).collect();
    body.insert("messages".to_owned(), messages);
    if !request.tools.is_empty() {
        body.insert("tools".to_owned(), request.tools.iter().map(tool).collect());
    }
    body.into()
}

/// Returns a message as one for each result of a tool, and one for the rest of its parts.
fn messages(message: &Message) -> Vec<Value> {
    let (mut messages, mut content, mut calls) = (Vec::new(), Vec::new(), Vec::new());
    for part in &message.parts {
        match part {
            Part::ToolCallResponse { id, response } => messages.push(json!({
                "role": "tool", "tool_call_id": id, "content": text_of(response),
            })),
            Part::ToolCall { id, name, arguments } => calls.push(json!({
                "id": id, "type": "function",
                "function": {"name": name, "arguments": text_of(arguments)},
            })),
            other => content.extend(content_of(other)),
        }
    }
    if !content.is_empty() || !calls.is_empty() {
        messages.push(spoken(message, content, calls));
    }
    messages
}

fn spoken(message: &Message, mut content: Vec<Value>, calls: Vec<Value>) -> Value {
    let content = match &mut content[..] {
        [] => Value::Null,
        [Value::Object(part)] if part.contains_key("text") => part["text"].take(),
        _ => content.into(),
    };
    let mut spoken = json!({"role": message.role, "content": content});
    if let Some(name) = &message.name {
        spoken["name"] = json!(name);
    }
    if !calls.is_empty() {
        spoken["tool_calls"] = calls.into();
    }
    spoken
}

/// Returns a part of the content; `None` for the reasoning of a model, which a request cannot have.
fn content_of(part: &Part) -> Option<Value> {
    match part {
        Part::Text { content } => Some(json!({"type": "text", "text": content})),
        Part::Uri { modality, uri } if modality == "image" => {
            Some(json!({"type": "image_url", "image_url": {"url": uri}}))
        }
        Part::Uri { uri, .. } => Some(json!({"type": "text", "text": uri})),
        _ => None,
    }
}

fn tool(definition: &Value) -> Value {
    if definition["type"] != "function" {
        return definition.clone();
    }
    let mut function = definition.clone();
    if let Some(function) = function.as_object_mut() {
        function.remove("type");
    }
    json!({"type": "function", "function": function})
}

/// Returns a text as it is, and any other value as JSON.
fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
