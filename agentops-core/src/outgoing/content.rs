//! The content of a span that a framework has written, in the neutral form; done by the delivery worker.

use opentelemetry::{Array, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::SpanData;
use serde_json::Value as Json;

use crate::{
    attribute::find,
    capture::{self, Captured},
    llm::{Message, exact_json, messages_json, parts_json},
    record::{Extent, semconv as key},
};

/// Lists that a `tracing` field can only hold as JSON.
const LISTS: [&str; 3] =
    [key::FINISH_REASONS, key::REQUEST_STOP_SEQUENCES, "gen_ai.request.encoding_formats"];

/// Brings what a framework has said into the neutral form: messages by the schema, lists as lists, arguments
/// and results as input and output; each value within its extent.
pub(crate) fn clean_content(span: &mut SpanData, kind: &str, extent: Extent) {
    let is_adopted = find(&span.attributes, key::ADOPTED_FROM).is_some();
    if kind == "llm" || is_adopted && kind == "agent" {
        model_call(&mut span.attributes, extent, is_adopted);
    }
    if is_adopted && kind != "llm" {
        let (input, output) = match kind {
            "tool" => (key::TOOL_ARGUMENTS, key::TOOL_RESULT),
            _ => ("gen_ai.prompt", "gen_ai.completion"),
        };
        rename_json(&mut span.attributes, input, key::INPUT, extent);
        rename_json(&mut span.attributes, output, key::OUTPUT, extent);
    }
}

fn model_call(attributes: &mut Vec<KeyValue>, extent: Extent, is_adopted: bool) {
    for attribute in attributes.iter_mut() {
        if LISTS.contains(&attribute.key.as_str())
            && let Some(list) = list(&attribute.value)
        {
            attribute.value = list;
        }
    }
    instructions(attributes, extent);
    let asked = messages(attributes, key::INPUT_MESSAGES, extent);
    let answered = messages(attributes, key::OUTPUT_MESSAGES, extent);
    if !is_adopted {
        return;
    }
    // What the program said itself is left alone.
    if asked.is_some() && find(attributes, key::INPUT).is_none() {
        let input = find(attributes, key::INPUT_MESSAGES).cloned();
        attributes.extend(input.map(|input| KeyValue::new(key::INPUT, input)));
    }
    let words: String = answered.iter().flatten().map(Message::text).collect();
    if !words.is_empty() && find(attributes, key::OUTPUT).is_none() {
        let output = capture::value(&Captured::Serialize(&words), extent);
        attributes.push(KeyValue::new(key::OUTPUT, output));
    }
}

/// Rewrites instructions by the schema.
fn instructions(attributes: &mut [KeyValue], extent: Extent) {
    let found = attributes.iter_mut().find(|it| it.key.as_str() == key::SYSTEM_INSTRUCTIONS);
    let Some(attribute) = found else { return };
    let parts = serde_json::json!({"role": "system", "parts": json_of(&attribute.value)});
    let words: String = Message::list_of(&parts).iter().map(Message::text).collect();
    attribute.value = parts_json(&words, extent.max_len).into();
}

/// Rewrites messages by the schema; what is no JSON is taken as the words of one.
fn messages(attributes: &mut [KeyValue], name: &str, extent: Extent) -> Option<Vec<Message>> {
    let attribute = attributes.iter_mut().find(|attribute| attribute.key.as_str() == name)?;
    let mut messages = Message::list_of(&json_of(&attribute.value));
    if name == key::OUTPUT_MESSAGES {
        for message in &mut messages {
            message.answers();
        }
    }
    attribute.value = messages_json(&messages, extent).into();
    Some(messages)
}

fn rename_json(attributes: &mut [KeyValue], from: &str, to: &'static str, extent: Extent) {
    if let Some(attribute) = attributes.iter_mut().find(|it| it.key.as_str() == from) {
        let json = json_of(&attribute.value);
        let json = capture::value(&Captured::Serialize(&json), extent);
        *attribute = KeyValue::new(to, json);
    }
}

fn json_of(value: &Value) -> Json {
    let text = value.as_str();
    exact_json(&text).unwrap_or_else(|| text.into())
}

/// A list of strings that is written as JSON, or a single string.
fn list(value: &Value) -> Option<Value> {
    let Value::String(text) = value else { return None };
    let strings: Vec<String> =
        serde_json::from_str(text.as_str()).unwrap_or_else(|_| vec![text.to_string()]);
    Some(Value::Array(Array::String(strings.into_iter().map(StringValue::from).collect())))
}
