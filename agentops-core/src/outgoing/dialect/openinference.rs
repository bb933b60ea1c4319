//! Whole `OpenInference` dialect, for readers that do not know the OpenTelemetry names.

use opentelemetry::{Array, Key, KeyValue, StringValue, Value};
use serde_json::{Map, Value as Json};

use super::{
    Record, Words,
    conversation::{Spelling, asked, finish_reason, indexed, messages},
    kinds::words_for,
};
use crate::{
    attribute::{find, json_of},
    record::semconv as key,
};

/// Prefix of a request's settings.
const REQUEST: &str = "gen_ai.request.";

/// Key for the model that responded, or else the requested model.
pub(super) const MODEL: &str = "llm.model_name";

pub(super) fn say(words: &mut Words<'_>, kind: &str, record: &Record) {
    match kind {
        "agent" => {
            words.say(key::OPENINFERENCE_KIND, "AGENT");
            words.say(key::OPENINFERENCE_NODE, record.name.clone());
        }
        "tool" => tool(words, record),
        "llm" => model_call(words, record),
        // The kind is written already.
        kind => {
            if let Some(name) = words_for(kind).and_then(|known| known.model) {
                words.say_if(name, record.model.as_ref());
            }
        }
    }
}

fn tool(words: &mut Words<'_>, record: &Record) {
    words.say(key::OPENINFERENCE_KIND, "TOOL");
    words.say(key::AGENTOPS_TOOL_NAME, record.name.clone());
    words.say_if(key::AGENTOPS_TOOL_DESCRIPTION, record.description.as_ref());
    words.say_if(key::AGENTOPS_TOOL_PARAMETERS, record.input.as_ref());
    let id = find(words.attributes, key::TOOL_CALL_ID).cloned();
    words.say_if(key::OPENINFERENCE_TOOL_ID, id.as_ref());
}

fn model_call(words: &mut Words<'_>, record: &Record) {
    let operation = record.operation.as_ref().map(StringValue::as_str);
    let (kind, model) = match operation {
        Some("embeddings") => ("EMBEDDING", "embedding.model_name"),
        Some("rerank") => ("RERANKER", "reranker.model_name"),
        _ => ("LLM", MODEL),
    };
    words.say(key::OPENINFERENCE_KIND, kind);
    let answered = find(words.attributes, key::RESPONSE_MODEL).cloned();
    words.say_if(model, answered.as_ref().or(record.model.as_ref()));
    if let Some(provider) = find(words.attributes, key::PROVIDER_NAME).cloned() {
        words.say("llm.provider", provider_name(&provider.as_str()).to_owned());
        words.say("llm.system", provider);
    }
    usage(words);
    words.say_if("llm.cost.prompt", record.input_cost.as_ref());
    words.say_if("llm.cost.completion", record.output_cost.as_ref());
    words.say_if("llm.cost.total", record.cost.as_ref());
    words.say_if("llm.finish_reason", finish_reason(words).as_ref());
    parameters(words);
    let asked = asked(words);
    indexed(words, "llm.input_messages", &asked, &MESSAGE);
    let answered = messages(words, key::OUTPUT_MESSAGES);
    indexed(words, "llm.output_messages", &answered, &MESSAGE);
    for (place, tool) in messages(words, key::TOOL_DEFINITIONS).iter().enumerate() {
        words.say(Key::from(format!("llm.tools.{place}.tool.json_schema")), tool.to_string());
    }
}

/// Returns the `OpenInference` name of a provider.
fn provider_name(provider: &str) -> &str {
    match provider {
        "mistral_ai" => "mistralai",
        "x_ai" => "xai",
        google if google.starts_with("gcp.") => "google",
        azure if azure.starts_with("azure.") => "azure",
        aws if aws.starts_with("aws.") => "aws",
        other => other,
    }
}

/// Token counts: the neutral name and the one of `OpenInference`.
pub(super) const TOKENS: [(&str, &str); 5] = [
    (key::INPUT_TOKENS, "llm.token_count.prompt"),
    (key::OUTPUT_TOKENS, "llm.token_count.completion"),
    (key::CACHE_READ_TOKENS, "llm.token_count.prompt_details.cache_read"),
    (key::CACHE_CREATION_TOKENS, "llm.token_count.prompt_details.cache_write"),
    (key::REASONING_TOKENS, "llm.token_count.completion_details.reasoning"),
];

fn usage(words: &mut Words<'_>) {
    let mut total = None;
    for (name, theirs) in TOKENS {
        let Some(Value::I64(tokens)) = find(words.attributes, name).cloned() else { continue };
        words.say(theirs, tokens);
        if matches!(name, key::INPUT_TOKENS | key::OUTPUT_TOKENS) {
            total = Some(total.unwrap_or(0_i64).saturating_add(tokens));
        }
    }
    if let Some(total) = total {
        words.say("llm.token_count.total", total);
    }
}

/// Writes the settings of the request as one JSON object.
fn parameters(words: &mut Words<'_>) {
    let parameter = |KeyValue { key, value, .. }: &KeyValue| {
        let name = key.as_str().strip_prefix(REQUEST)?;
        let value = match value {
            Value::Array(Array::String(list)) => {
                list.iter().map(|text| Json::from(text.as_str())).collect()
            }
            other => json_of(other),
        };
        (name != "model").then(|| (name.to_owned(), value))
    };
    let parameters: Map<_, _> = words.attributes.iter().filter_map(parameter).collect();
    if !parameters.is_empty() {
        words.say("llm.invocation_parameters", Json::from(parameters).to_string());
    }
}

/// Names of the fields of an indexed message.
const MESSAGE: Spelling = Spelling {
    message: ".message",
    field: "name",
    call: ".tool_call",
    calls: &[("id", "id"), ("name", "function.name"), ("arguments", "function.arguments")],
};
