//! Body of a request for messages, in the form of Anthropic.

use agentops_core::{Message, Part};
use serde_json::{Value, json};

use super::model_request::ModelRequest;

/// Settings that have a place in the body: their names in the conventions, and in the body.
const SETTINGS: [(&str, &str); 6] = [
    ("max_tokens", "max_tokens"),
    ("stop_sequences", "stop_sequences"),
    ("stream", "stream"),
    ("temperature", "temperature"),
    ("top_k", "top_k"),
    ("top_p", "top_p"),
];

/// Tokens where the request records no limit, which has to be there.
const MAX_TOKENS: u64 = 1_024;

/// Returns the body of a request. `notes` receives what has no place in it, and what was added.
pub(super) fn body(request: &ModelRequest, notes: &mut Vec<String>) -> Value {
    let mut body = request.settings_body(&SETTINGS, notes);
    if !body.contains_key("max_tokens") {
        notes.push(format!("`max_tokens` was not recorded; the command has {MAX_TOKENS}"));
        body.insert("max_tokens".to_owned(), MAX_TOKENS.into());
    }
    // The conventions have a number, Anthropic an integer.
    if let Some(top_k) = body.get_mut("top_k") {
        *top_k = top_k.as_f64().map_or(Value::Null, |count| Value::from(count as u64));
    }
    let (system, spoken): (Vec<_>, Vec<_>) =
        request.messages.iter().partition(|message| message.role == "system");
    let system = system.into_iter().map(Message::text);
    let system: Vec<_> = request.instructions.iter().cloned().chain(system).collect();
    if !system.is_empty() {
        body.insert("system".to_owned(), system.join("\n\n").into());
    }
    body.insert("messages".to_owned(), messages(&spoken).into());
    if !request.tools.is_empty() {
        body.insert("tools".to_owned(), request.tools.iter().map(tool).collect());
    }
    body.into()
}

/// Returns messages, of which those that follow each other by the same role are one: the results of all tools that a
/// model has called stand in the message after its calls.
fn messages(messages: &[&Message]) -> Vec<Value> {
    let role = |message: &Message| if message.role == "assistant" { "assistant" } else { "user" };
    let turns = messages.chunk_by(|one, next| role(one) == role(next));
    let turns = turns.filter_map(|turn| {
        let parts = turn.iter().flat_map(|message| &message.parts);
        let blocks: Vec<_> = parts.filter_map(block).collect();
        (!blocks.is_empty()).then(|| json!({"role": role(turn[0]), "content": blocks}))
    });
    turns.collect()
}

/// Returns a part as a block; `None` for reasoning, which is accepted only with its signature.
fn block(part: &Part) -> Option<Value> {
    Some(match part {
        Part::Text { content } => json!({"type": "text", "text": content}),
        Part::ToolCall { id, name, arguments } => {
            json!({"type": "tool_use", "id": id, "name": name, "input": arguments})
        }
        Part::ToolCallResponse { id, response } => {
            let text = response.as_str().map_or_else(|| response.to_string(), str::to_owned);
            json!({"type": "tool_result", "tool_use_id": id, "content": text})
        }
        Part::Uri { modality, uri } if modality == "image" => {
            json!({"type": "image", "source": {"type": "url", "url": uri}})
        }
        Part::Uri { uri, .. } => json!({"type": "text", "text": uri}),
        _ => return None,
    })
}

fn tool(definition: &Value) -> Value {
    if definition["type"] != "function" {
        return definition.clone();
    }
    let mut tool = json!({
        "name": definition["name"],
        "input_schema": definition.get("parameters").cloned().unwrap_or_else(|| json!({"type": "object"})),
    });
    if let Some(description) = definition.get("description") {
        tool["description"] = description.clone();
    }
    tool
}
