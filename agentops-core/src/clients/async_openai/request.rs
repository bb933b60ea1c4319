//! Requests of async-openai: chat completions and the Responses API.

use async_openai::types::{
    chat::{CreateChatCompletionRequest, StopConfiguration},
    responses::{CreateResponse, InputParam},
};
use serde_json::{Value, json};

use crate::{
    inspect::tree,
    llm::{LlmRequest, Message, ToLlmRequest},
};

/// Provider recorded for this client; requests do not identify the compatible server that answers.
const PROVIDER: &str = "openai";

impl ToLlmRequest for CreateChatCompletionRequest {
    #[expect(deprecated, reason = "older models and other servers still want them")]
    fn to_llm_request(&self) -> LlmRequest {
        LlmRequest {
            provider: Some(PROVIDER.to_owned()),
            model: model(&self.model),
            stream: self.stream,
            temperature: self.temperature.map(exact),
            top_p: self.top_p.map(exact),
            choices: self.n.map(u64::from),
            max_tokens: self.max_completion_tokens.or(self.max_tokens).map(u64::from),
            frequency_penalty: self.frequency_penalty.map(exact),
            presence_penalty: self.presence_penalty.map(exact),
            seed: self.seed,
            stop_sequences: self.stop.as_ref().map(stop_sequences).unwrap_or_default(),
            messages: Message::list_of(&self.messages),
            ..LlmRequest::new().tools(&self.tools)
        }
    }
}

impl ToLlmRequest for CreateResponse {
    fn to_llm_request(&self) -> LlmRequest {
        LlmRequest {
            provider: Some(PROVIDER.to_owned()),
            model: self.model.as_deref().and_then(model),
            stream: self.stream,
            temperature: self.temperature.map(exact),
            top_p: self.top_p.map(exact),
            max_tokens: self.max_output_tokens.map(u64::from),
            messages: messages(&self.input),
            system_instructions: self.instructions.clone(),
            ..LlmRequest::new().tools(&self.tools)
        }
    }
}

/// Returns the model's name; it is empty in a request that was not filled in.
fn model(name: &str) -> Option<String> {
    (!name.is_empty()).then(|| name.to_owned())
}

/// Converts to `f64` by the decimal text, so that `0.2` does not become `0.20000000298`.
fn exact(number: f32) -> f64 {
    number.to_string().parse().unwrap_or_else(|_| number.into())
}

fn stop_sequences(stop: &StopConfiguration) -> Vec<String> {
    match stop {
        StopConfiguration::String(stop) => vec![stop.clone()],
        StopConfiguration::StringArray(stops) => stops.clone(),
    }
}

fn messages(input: &InputParam) -> Vec<Message> {
    match input {
        InputParam::Text(text) => vec![Message::user(text)],
        InputParam::Items(items) => items
            .iter()
            .flat_map(|item| Message::list_of(&message(tree(item).unwrap_or_default())))
            .collect(),
    }
}

/// Converts an input item to a message: it is either a message already or a single part.
fn message(item: Value) -> Value {
    let role = match item["type"].as_str() {
        Some("function_call" | "reasoning") => "assistant",
        Some("function_call_output") => "tool",
        _ => return item,
    };
    json!({"role": role, "content": [item]})
}
