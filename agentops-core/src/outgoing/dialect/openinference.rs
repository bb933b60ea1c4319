//! Whole `OpenInference` dialect, for readers that do not know the OpenTelemetry names.

use opentelemetry::{Array, Key, KeyValue, StringValue, Value};
use serde_json::{Map, Value as Json};

use super::{
    AttributeWriter, NeutralRecord,
    conversation::{FieldNames, asked, finish_reason, indexed, messages},
    kinds::names_for,
};
use crate::{
    attribute::{find, json_of},
    record::{RecordedKind, semconv as key},
};

/// Prefix of a request's settings.
const REQUEST: &str = "gen_ai.request.";

/// Key for the model that responded, or else the requested model.
pub(super) const MODEL: &str = "llm.model_name";

pub(super) fn write(writer: &mut AttributeWriter<'_>, record: &NeutralRecord) {
    match record.kind {
        RecordedKind::Agent => {
            writer.write(key::OPENINFERENCE_KIND, "AGENT");
            writer.write(key::OPENINFERENCE_NODE, record.name.clone());
        }
        RecordedKind::Tool => tool(writer, record),
        RecordedKind::Llm => model_call(writer, record),
        // The kind is written already.
        _ => {
            if let Some(name) = names_for(record.kind_name.as_str()).and_then(|known| known.model) {
                writer.write_some(name, record.model.as_ref());
            }
        }
    }
}

fn tool(writer: &mut AttributeWriter<'_>, record: &NeutralRecord) {
    writer.write(key::OPENINFERENCE_KIND, "TOOL");
    writer.write(key::AGENTOPS_TOOL_NAME, record.name.clone());
    writer.write_some(key::AGENTOPS_TOOL_DESCRIPTION, record.description.as_ref());
    writer.write_some(key::AGENTOPS_TOOL_PARAMETERS, record.input.as_ref());
    let id = find(writer.attributes, key::TOOL_CALL_ID).cloned();
    writer.write_some(key::OPENINFERENCE_TOOL_ID, id.as_ref());
}

fn model_call(writer: &mut AttributeWriter<'_>, record: &NeutralRecord) {
    let operation = record.operation.as_ref().map(StringValue::as_str);
    let (kind, model) = match operation {
        Some("embeddings") => ("EMBEDDING", "embedding.model_name"),
        Some("rerank") => ("RERANKER", "reranker.model_name"),
        _ => ("LLM", MODEL),
    };
    writer.write(key::OPENINFERENCE_KIND, kind);
    let answered = find(writer.attributes, key::RESPONSE_MODEL).cloned();
    writer.write_some(model, answered.as_ref().or(record.model.as_ref()));
    if let Some(provider) = find(writer.attributes, key::PROVIDER_NAME).cloned() {
        writer.write("llm.provider", provider_name(&provider.as_str()).to_owned());
        writer.write("llm.system", provider);
    }
    usage(writer);
    writer.write_some("llm.cost.prompt", record.input_cost.as_ref());
    writer.write_some("llm.cost.completion", record.output_cost.as_ref());
    writer.write_some("llm.cost.total", record.cost.as_ref());
    writer.write_some("llm.finish_reason", finish_reason(writer).as_ref());
    parameters(writer);
    let asked = asked(writer);
    indexed(writer, "llm.input_messages", &asked, &MESSAGE);
    let answered = messages(writer, key::OUTPUT_MESSAGES);
    indexed(writer, "llm.output_messages", &answered, &MESSAGE);
    for (index, tool) in messages(writer, key::TOOL_DEFINITIONS).iter().enumerate() {
        writer.write(Key::from(format!("llm.tools.{index}.tool.json_schema")), tool.to_string());
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

fn usage(writer: &mut AttributeWriter<'_>) {
    let mut total = None;
    for (name, theirs) in TOKENS {
        let Some(Value::I64(tokens)) = find(writer.attributes, name).cloned() else { continue };
        writer.write(theirs, tokens);
        if matches!(name, key::INPUT_TOKENS | key::OUTPUT_TOKENS) {
            total = Some(total.unwrap_or(0_i64).saturating_add(tokens));
        }
    }
    if let Some(total) = total {
        writer.write("llm.token_count.total", total);
    }
}

/// Writes the settings of the request as one JSON object.
fn parameters(writer: &mut AttributeWriter<'_>) {
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
    let parameters: Map<_, _> = writer.attributes.iter().filter_map(parameter).collect();
    if !parameters.is_empty() {
        writer.write("llm.invocation_parameters", Json::from(parameters).to_string());
    }
}

/// Names of the fields of an indexed message.
const MESSAGE: FieldNames = FieldNames {
    message: ".message",
    field: "name",
    call: ".tool_call",
    calls: &[("id", "id"), ("name", "function.name"), ("arguments", "function.arguments")],
};
