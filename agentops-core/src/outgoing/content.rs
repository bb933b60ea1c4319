//! Normalises the content that a framework has recorded on a span. Runs on the delivery thread.

use opentelemetry::{Array, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::SpanData;
use serde_json::Value as Json;

use crate::{
    attribute::find,
    capture::{self, Captured},
    llm::{Message, exact_json, messages_json, parts_json},
    record::{Extent, RecordedKind, semconv as key},
};

/// Lists that a `tracing` field can hold only as JSON.
const LISTS: [&str; 3] =
    [key::FINISH_REASONS, key::REQUEST_STOP_SEQUENCES, "gen_ai.request.encoding_formats"];

/// Brings the content of a framework into the neutral form: messages follow the schema, lists become lists, arguments
/// and results become input and output. Each value is cut to `extent`.
pub(crate) fn clean_content(span: &mut SpanData, kind: RecordedKind, extent: Extent) {
    let is_adopted = find(&span.attributes, key::ADOPTED_FROM).is_some();
    if kind == RecordedKind::Llm || is_adopted && kind == RecordedKind::Agent {
        model_call(&mut span.attributes, extent, is_adopted);
    }
    if is_adopted && kind != RecordedKind::Llm {
        let (input, output) = match kind {
            RecordedKind::Tool => (key::TOOL_ARGUMENTS, key::TOOL_RESULT),
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
    // Values that the program itself has set are kept.
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

/// Rewrites the instructions according to the schema.
fn instructions(attributes: &mut [KeyValue], extent: Extent) {
    let found =
        attributes.iter_mut().find(|attribute| attribute.key.as_str() == key::SYSTEM_INSTRUCTIONS);
    let Some(attribute) = found else { return };
    let parts = serde_json::json!({"role": "system", "parts": json_of(&attribute.value)});
    let words: String = Message::list_of(&parts).iter().map(Message::text).collect();
    attribute.value = parts_json(&words, extent.max_len).into();
}

/// Rewrites messages according to the schema. Text that is not JSON becomes the text of a single message.
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
    if let Some(attribute) = attributes.iter_mut().find(|attribute| attribute.key.as_str() == from)
    {
        let json = json_of(&attribute.value);
        let json = capture::value(&Captured::Serialize(&json), extent);
        *attribute = KeyValue::new(to, json);
    }
}

fn json_of(value: &Value) -> Json {
    let text = value.as_str();
    exact_json(&text).unwrap_or_else(|| text.into())
}

/// Parses a list of strings from JSON. Any other string becomes a list of one.
fn list(value: &Value) -> Option<Value> {
    let Value::String(text) = value else { return None };
    let strings: Vec<String> =
        serde_json::from_str(text.as_str()).unwrap_or_else(|_| vec![text.to_string()]);
    Some(Value::Array(Array::String(strings.into_iter().map(StringValue::from).collect())))
}
