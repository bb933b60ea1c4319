//! Requests and responses of async-openai: chat completions and the Responses API, whole and streamed.

mod request;

use async_openai::types::{
    chat::{
        ChatChoiceStream, CompletionUsage, CreateChatCompletionResponse,
        CreateChatCompletionStreamResponse, FinishReason,
    },
    responses::{Response, ResponseStreamEvent, ResponseUsage, Status},
};
use serde_json::{Value, json};

use crate::{
    inspect::tree,
    llm::{LlmResponse, Message, Part, ToLlmResponse, Usage},
};

impl ToLlmResponse for CreateChatCompletionResponse {
    fn to_llm_response(&self) -> LlmResponse {
        let mut response = chat(&self.id, &self.model, self.usage.as_ref());
        let reasons = self.choices.iter().filter_map(|choice| choice.finish_reason);
        response.finish_reasons = reasons.map(finish_reason).collect();
        let mut messages = self.choices.iter().flat_map(|choice| Message::list_of(&choice.message));
        response.output = messages.next();
        response.alternatives = messages.collect();
        response
    }
}

impl ToLlmResponse for CreateChatCompletionStreamResponse {
    fn to_llm_response(&self) -> LlmResponse {
        let mut response = chat(&self.id, &self.model, self.usage.as_ref());
        let reasons = self.choices.iter().filter_map(|choice| choice.finish_reason);
        response.finish_reasons = reasons.map(finish_reason).collect();
        response.output = self.choices.first().and_then(added);
        response
    }
}

fn chat(id: &str, model: &str, usage: Option<&CompletionUsage>) -> LlmResponse {
    let response = LlmResponse::new().model(model).usage(chat_usage(usage));
    // Some servers stream chunks with an empty id.
    if id.is_empty() { response } else { response.id(id) }
}

fn chat_usage(usage: Option<&CompletionUsage>) -> Usage {
    let Some(usage) = usage else { return Usage::default() };
    let cached = usage.prompt_tokens_details.as_ref().and_then(|details| details.cached_tokens);
    let details = usage.completion_tokens_details.as_ref();
    let reasoning = details.and_then(|details| details.reasoning_tokens);
    Usage {
        cached: cached.map(u64::from),
        reasoning: reasoning.map(u64::from),
        ..Usage::new().input(usage.prompt_tokens).output(usage.completion_tokens)
    }
}

/// Returns the finish reason in the provider's spelling.
fn finish_reason(reason: FinishReason) -> String {
    match reason {
        FinishReason::Stop => "stop",
        FinishReason::Length => "length",
        FinishReason::ToolCalls => "tool_calls",
        FinishReason::ContentFilter => "content_filter",
        FinishReason::FunctionCall => "function_call",
    }
    .to_owned()
}

/// Returns the text or the pieces of tool calls that a chunk adds to the first choice.
fn added(choice: &ChatChoiceStream) -> Option<Message> {
    let delta = &choice.delta;
    let words = delta.content.iter().chain(&delta.refusal).map(Part::text);
    let calls = delta.tool_calls.iter().flatten().map(|call| {
        let function = call.function.as_ref();
        Part::ToolCall {
            id: call.id.clone(),
            name: function.and_then(|function| function.name.clone()).unwrap_or_default(),
            arguments: function
                .and_then(|function| function.arguments.clone())
                .unwrap_or_default()
                .into(),
        }
    });
    let parts: Vec<_> = words.chain(calls).collect();
    (!parts.is_empty()).then(|| Message::assistant_with_parts(parts))
}

impl ToLlmResponse for Response {
    fn to_llm_response(&self) -> LlmResponse {
        let mut response = LlmResponse::new().id(&self.id).model(&self.model);
        response.usage = self.usage.as_ref().map(responses_usage).unwrap_or_default();
        let details = self.incomplete_details.as_ref().map(|details| details.reason.clone());
        response.finish_reasons.push(details.unwrap_or_else(|| status(&self.status).to_owned()));
        let output = tree(&self.output).unwrap_or_default();
        let parts: Vec<_> = output.as_array().into_iter().flatten().flat_map(parts).collect();
        if !parts.is_empty() {
            response.output = Some(Message::assistant_with_parts(parts));
        }
        response
    }
}

impl ToLlmResponse for ResponseStreamEvent {
    fn to_llm_response(&self) -> LlmResponse {
        match self {
            Self::ResponseOutputTextDelta(event) => LlmResponse::new().text(&event.delta),
            Self::ResponseRefusalDelta(event) => LlmResponse::new().text(&event.delta),
            Self::ResponseCompleted(event) => ended(&event.response),
            Self::ResponseIncomplete(event) => ended(&event.response),
            Self::ResponseFailed(event) => ended(&event.response),
            _ => LlmResponse::new(),
        }
    }
}

/// Converts the last event, which repeats the whole answer; its text was already recorded from earlier events.
fn ended(response: &Response) -> LlmResponse {
    let mut response = response.to_llm_response();
    if let Some(output) = &mut response.output {
        output.parts.retain(|part| matches!(part, Part::ToolCall { .. }));
    }
    response.output = response.output.filter(|output| !output.parts.is_empty());
    response
}

fn responses_usage(usage: &ResponseUsage) -> Usage {
    let input = &usage.input_tokens_details;
    Usage {
        cached: Some(input.cached_tokens.into()),
        cache_write: input.cache_write_tokens.and_then(|tokens| u64::try_from(tokens).ok()),
        reasoning: Some(usage.output_tokens_details.reasoning_tokens.into()),
        ..Usage::new().input(usage.input_tokens).output(usage.output_tokens)
    }
}

fn status(status: &Status) -> &'static str {
    match status {
        Status::Completed => "stop",
        Status::Failed => "error",
        Status::InProgress => "in_progress",
        Status::Cancelled => "cancelled",
        Status::Queued => "queued",
        Status::Incomplete => "incomplete",
    }
}

/// Returns the parts of an output item, which is either a message or a single part.
fn parts(item: &Value) -> Vec<Part> {
    let message = match item["type"].as_str() {
        Some("message") => json!({"role": "assistant", "content": item["content"]}),
        Some("function_call" | "reasoning") => json!({"role": "assistant", "content": [item]}),
        _ => return Vec::new(),
    };
    Message::list_of(&message).into_iter().flat_map(|message| message.parts).collect()
}
