//! AgentOps dialect: the names that its backend and its pages read.

use std::time::Duration;

use opentelemetry::{StringValue, Value};

use super::{
    Record, Words,
    conversation::{Spelling, asked, finish_reason, indexed, messages},
    python, text_or_json,
};
use crate::{
    attribute::find,
    record::{RecordedKind, semconv as key},
};

/// End of a span: its status and its duration.
#[derive(Clone, Copy)]
pub(super) struct End {
    pub(super) failed: bool,
    pub(super) is_unfinished: bool,
    pub(super) took: Duration,
}

pub(super) fn say(words: &mut Words<'_>, record: &Record, end: End) {
    let content = Content::of(record);
    match record.kind {
        RecordedKind::Session => words.say(key::AGENTOPS_VERSION, env!("CARGO_PKG_VERSION")),
        RecordedKind::Agent => {
            words.say(key::OPENINFERENCE_AGENT_NAME, record.name.clone());
            let described = find(words.attributes, key::AGENT_DESCRIPTION).cloned();
            let described = described.or_else(|| record.description.clone());
            words.say_if(key::AGENTOPS_AGENT_DESCRIPTION, described.as_ref());
        }
        RecordedKind::Tool => tool(words, record, &content, end),
        RecordedKind::Llm => model_call(words, record, end.took),
        _ => {}
    }
    // The pages read the content under one name for all kinds, the collector under one name for each kind.
    if !matches!(record.kind, RecordedKind::Session | RecordedKind::Llm) {
        let kind = &record.kind_name;
        words.say_if(format!("agentops.{kind}.input"), content.input.as_ref());
        words.say_if(format!("agentops.{kind}.output"), content.output.as_ref());
    }
    words.say_if(key::INPUT, content.input.as_ref());
    words.say_if(key::OUTPUT, content.output.as_ref());
}

/// Input and output in Python's JSON format. A text is kept as it is.
struct Content {
    input: Option<Value>,
    output: Option<Value>,
}

impl Content {
    fn of(record: &Record) -> Self {
        let input = record.input.as_ref().map(|input| python::arguments(&input.as_str()).into());
        let output = record.output.as_ref().map(|output| match text_or_json(output) {
            (text, "text/plain") => text,
            (json, _) => python::respaced(&json.as_str()).into(),
        });
        Self { input, output }
    }
}

fn tool(words: &mut Words<'_>, record: &Record, content: &Content, end: End) {
    words.say(key::AGENTOPS_TOOL_NAME, record.name.clone());
    let id = find(words.attributes, key::TOOL_CALL_ID).cloned();
    words.say_if(key::OPENINFERENCE_TOOL_ID, id.as_ref());
    words.say_if(key::AGENTOPS_TOOL_DESCRIPTION, record.description.as_ref());
    // Includes the names of the arguments, for which `Content::input` has no place.
    words.say_if(key::AGENTOPS_TOOL_PARAMETERS, record.input.as_ref());
    words.say_if(key::AGENTOPS_TOOL_RESULT, content.output.as_ref());
    let status = match end {
        End { is_unfinished: true, .. } => "executing",
        End { failed: true, .. } => "failed",
        End { .. } => "succeeded",
    };
    words.say(key::AGENTOPS_TOOL_STATUS, status);
}

fn model_call(words: &mut Words<'_>, record: &Record, took: Duration) {
    let provider = find(words.attributes, key::PROVIDER_NAME).cloned();
    words.say_if(key::AGENTOPS_SYSTEM, provider.as_ref());
    let operation = record.operation.as_ref().map(StringValue::as_str);
    let request_type = match operation {
        Some("text_completion") => "completion",
        Some("embeddings") => "embedding",
        _ => "chat",
    };
    words.say(key::AGENTOPS_REQUEST_TYPE, request_type);
    usage(words);
    words.say_if(key::AGENTOPS_PROMPT_COST, record.input_cost.as_ref());
    words.say_if(key::AGENTOPS_COMPLETION_COST, record.output_cost.as_ref());
    words.say_if(key::AGENTOPS_TOTAL_COST, record.cost.as_ref());
    stream(words, took);
    words.say_if(key::AGENTOPS_FINISH_REASON, finish_reason(words).as_ref());
    let asked = asked(words);
    indexed(words, "gen_ai.prompt", &asked, &MESSAGE);
    let answered = messages(words, key::OUTPUT_MESSAGES);
    indexed(words, "gen_ai.completion", &answered, &MESSAGE);
}

/// Writes the timings of a streamed response, in seconds.
fn stream(words: &mut Words<'_>, took: Duration) {
    let Some(first) = find(words.attributes, key::TIME_TO_FIRST_CHUNK).cloned() else { return };
    let chunks = find(words.attributes, key::STREAM_ITEMS).cloned();
    words.say(key::AGENTOPS_REQUEST_STREAMING, true);
    words.say_if(key::AGENTOPS_CHUNK_COUNT, chunks.as_ref());
    if let Value::F64(seconds) = first {
        words.say(key::AGENTOPS_TIME_TO_GENERATE, (took.as_secs_f64() - seconds).max(0.0));
    }
    words.say(key::AGENTOPS_TIME_TO_FIRST_TOKEN, first);
    words.say(key::AGENTOPS_STREAMING_DURATION, took.as_secs_f64());
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
fn usage(words: &mut Words<'_>) {
    let count = |words: &Words<'_>, key: &str| match find(words.attributes, key) {
        Some(Value::I64(tokens)) => Some(*tokens),
        _ => None,
    };
    let (input, output) = (count(words, key::INPUT_TOKENS), count(words, key::OUTPUT_TOKENS));
    for (name, older) in TOKENS {
        if let Some(tokens) = count(words, name) {
            words.say(older, tokens);
        }
    }
    if input.is_some() || output.is_some() {
        let total = input.unwrap_or(0).saturating_add(output.unwrap_or(0));
        words.say(key::AGENTOPS_TOTAL_TOKENS, total);
    }
}

/// Names of the fields of an indexed message.
const MESSAGE: Spelling = Spelling {
    message: "",
    field: "finish_reason",
    call: "",
    calls: &[("id", "id"), ("name", "name"), ("arguments", "arguments")],
};
