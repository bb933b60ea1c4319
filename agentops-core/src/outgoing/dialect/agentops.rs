//! AgentOps dialect: the names that its backend and its pages read.

use std::time::Duration;

use opentelemetry::{StringValue, Value};

use super::{
    AttributeWriter, NeutralRecord,
    conversation::{FieldNames, asked, finish_reason, indexed, messages},
    python, text_or_json,
};
use crate::{
    attribute::find,
    record::{RecordedKind, semconv as key},
};

/// End of a span.
#[derive(Clone, Copy)]
pub(super) struct End {
    pub(super) status: EndStatus,
    pub(super) took: Duration,
}

/// Status of a span at its end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum EndStatus {
    /// The process died before the span ended.
    Unfinished,
    Failed,
    Succeeded,
}

pub(super) fn write(writer: &mut AttributeWriter<'_>, record: &NeutralRecord, end: End) {
    let content = Content::of(record);
    match record.kind {
        RecordedKind::Session => writer.write(key::AGENTOPS_VERSION, env!("CARGO_PKG_VERSION")),
        RecordedKind::Agent => {
            writer.write(key::OPENINFERENCE_AGENT_NAME, record.name.clone());
            let described = find(writer.attributes, key::AGENT_DESCRIPTION).cloned();
            let described = described.or_else(|| record.description.clone());
            writer.write_some(key::AGENTOPS_AGENT_DESCRIPTION, described.as_ref());
        }
        RecordedKind::Tool => tool(writer, record, &content, end),
        RecordedKind::Llm => model_call(writer, record, end.took),
        _ => {}
    }
    // The pages read the content under one name for all kinds, the collector under one name for each kind.
    if !matches!(record.kind, RecordedKind::Session | RecordedKind::Llm) {
        let kind = &record.kind_name;
        writer.write_some(format!("agentops.{kind}.input"), content.input.as_ref());
        writer.write_some(format!("agentops.{kind}.output"), content.output.as_ref());
    }
    writer.write_some(key::INPUT, content.input.as_ref());
    writer.write_some(key::OUTPUT, content.output.as_ref());
}

/// Input and output in Python's JSON format. A text is kept as it is.
struct Content {
    input: Option<Value>,
    output: Option<Value>,
}

impl Content {
    fn of(record: &NeutralRecord) -> Self {
        let input = record.input.as_ref().map(|input| python::arguments(&input.as_str()).into());
        let output = record.output.as_ref().map(|output| match text_or_json(output) {
            (text, "text/plain") => text,
            (json, _) => python::respaced(&json.as_str()).into(),
        });
        Self { input, output }
    }
}

fn tool(writer: &mut AttributeWriter<'_>, record: &NeutralRecord, content: &Content, end: End) {
    writer.write(key::AGENTOPS_TOOL_NAME, record.name.clone());
    let id = find(writer.attributes, key::TOOL_CALL_ID).cloned();
    writer.write_some(key::OPENINFERENCE_TOOL_ID, id.as_ref());
    writer.write_some(key::AGENTOPS_TOOL_DESCRIPTION, record.description.as_ref());
    // Includes the names of the arguments, for which `Content::input` has no place.
    writer.write_some(key::AGENTOPS_TOOL_PARAMETERS, record.input.as_ref());
    writer.write_some(key::AGENTOPS_TOOL_RESULT, content.output.as_ref());
    let status = match end.status {
        EndStatus::Unfinished => "executing",
        EndStatus::Failed => "failed",
        EndStatus::Succeeded => "succeeded",
    };
    writer.write(key::AGENTOPS_TOOL_STATUS, status);
}

fn model_call(writer: &mut AttributeWriter<'_>, record: &NeutralRecord, took: Duration) {
    let provider = find(writer.attributes, key::PROVIDER_NAME).cloned();
    writer.write_some(key::AGENTOPS_SYSTEM, provider.as_ref());
    let operation = record.operation.as_ref().map(StringValue::as_str);
    let request_type = match operation {
        Some("text_completion") => "completion",
        Some("embeddings") => "embedding",
        _ => "chat",
    };
    writer.write(key::AGENTOPS_REQUEST_TYPE, request_type);
    usage(writer);
    writer.write_some(key::AGENTOPS_PROMPT_COST, record.input_cost.as_ref());
    writer.write_some(key::AGENTOPS_COMPLETION_COST, record.output_cost.as_ref());
    writer.write_some(key::AGENTOPS_TOTAL_COST, record.cost.as_ref());
    stream(writer, took);
    writer.write_some(key::AGENTOPS_FINISH_REASON, finish_reason(writer).as_ref());
    let asked = asked(writer);
    indexed(writer, "gen_ai.prompt", &asked, &MESSAGE);
    let answered = messages(writer, key::OUTPUT_MESSAGES);
    indexed(writer, "gen_ai.completion", &answered, &MESSAGE);
}

/// Writes the timings of a streamed response, in seconds.
fn stream(writer: &mut AttributeWriter<'_>, took: Duration) {
    let Some(first) = find(writer.attributes, key::TIME_TO_FIRST_CHUNK).cloned() else { return };
    let chunks = find(writer.attributes, key::STREAM_ITEMS).cloned();
    writer.write(key::AGENTOPS_REQUEST_STREAMING, true);
    writer.write_some(key::AGENTOPS_CHUNK_COUNT, chunks.as_ref());
    if let Value::F64(seconds) = first {
        writer.write(key::AGENTOPS_TIME_TO_GENERATE, (took.as_secs_f64() - seconds).max(0.0));
    }
    writer.write(key::AGENTOPS_TIME_TO_FIRST_TOKEN, first);
    writer.write(key::AGENTOPS_STREAMING_DURATION, took.as_secs_f64());
}

/// Token counts: the neutral name and the one that AgentOps reads.
pub(super) const TOKENS: [(&str, &str); 5] = [
    (key::INPUT_TOKENS, key::AGENTOPS_PROMPT_TOKENS),
    (key::OUTPUT_TOKENS, key::AGENTOPS_COMPLETION_TOKENS),
    (key::CACHE_READ_TOKENS, key::AGENTOPS_CACHE_READ_TOKENS),
    (key::CACHE_CREATION_TOKENS, key::AGENTOPS_CACHE_CREATION_TOKENS),
    (key::REASONING_TOKENS, key::AGENTOPS_REASONING_TOKENS),
];

/// Writes the older names of the token counts, the only ones that the backend reads. Without a total the backend
/// counts cached tokens twice.
fn usage(writer: &mut AttributeWriter<'_>) {
    let count = |writer: &AttributeWriter<'_>, key: &str| match find(writer.attributes, key) {
        Some(Value::I64(tokens)) => Some(*tokens),
        _ => None,
    };
    let (input, output) = (count(writer, key::INPUT_TOKENS), count(writer, key::OUTPUT_TOKENS));
    for (name, older) in TOKENS {
        if let Some(tokens) = count(writer, name) {
            writer.write(older, tokens);
        }
    }
    if input.is_some() || output.is_some() {
        let total = input.unwrap_or(0).saturating_add(output.unwrap_or(0));
        writer.write(key::AGENTOPS_TOTAL_TOKENS, total);
    }
}

/// Names of the fields of an indexed message.
const MESSAGE: FieldNames = FieldNames {
    message: "",
    field: "finish_reason",
    call: "",
    calls: &[("id", "id"), ("name", "name"), ("arguments", "arguments")],
};
