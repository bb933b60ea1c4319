//! Requests and responses of genai, whole and streamed.

use genai::{
    ModelIden,
    chat::{
        self, ChatOptions, ChatRequest, ChatResponse, ChatStreamEvent, MessageContent, StreamEnd,
    },
};

use crate::{
    inspect::tree,
    llm::{LlmRequest, LlmResponse, Message, Part, ToLlmRequest, ToLlmResponse, Usage},
};

/// Provides messages, instructions and tools. The settings are in [`ChatOptions`], the model in [`ModelIden`].
impl ToLlmRequest for ChatRequest {
    fn to_llm_request(&self) -> LlmRequest {
        LlmRequest {
            messages: Message::list_of(&self.messages),
            system_instructions: self.system.clone(),
            ..LlmRequest::new().tools(&self.tools)
        }
    }
}

impl ToLlmRequest for ChatOptions {
    fn to_llm_request(&self) -> LlmRequest {
        LlmRequest {
            temperature: self.temperature,
            top_p: self.top_p,
            max_tokens: self.max_tokens.map(u64::from),
            seed: self.seed.and_then(|seed| i64::try_from(seed).ok()),
            stop_sequences: self.stop_sequences.clone(),
            ..LlmRequest::new()
        }
    }
}

impl ToLlmRequest for ModelIden {
    fn to_llm_request(&self) -> LlmRequest {
        LlmRequest::new().model(self.model_name.as_str()).provider(provider(self))
    }
}

impl ToLlmResponse for ChatResponse {
    fn to_llm_response(&self) -> LlmResponse {
        let mut response = LlmResponse::new()
            .model(self.provider_model_iden.model_name.as_str())
            .provider(provider(&self.model_iden))
            .usage(usage(&self.usage));
        response.id.clone_from(&self.response_id);
        response
            .finish_reasons
            .extend(self.stop_reason.iter().map(|reason| reason.raw().to_owned()));
        let thoughts = self.reasoning_content.as_deref();
        response.output = message(Some(&self.content), thoughts);
        response
    }
}

impl ToLlmResponse for ChatStreamEvent {
    fn to_llm_response(&self) -> LlmResponse {
        match self {
            Self::Chunk(chunk) => LlmResponse::new().text(&chunk.content),
            Self::ReasoningChunk(chunk) => {
                LlmResponse::new().output(Message::assistant_with(Part::reasoning(&chunk.content)))
            }
            Self::End(end) => ended(end),
            _ => LlmResponse::new(),
        }
    }
}

/// Converts the final event, which repeats the captured content; its text was already recorded from earlier
/// events.
fn ended(end: &StreamEnd) -> LlmResponse {
    let mut response = LlmResponse::new();
    response.id.clone_from(&end.captured_response_id);
    response.usage = end.captured_usage.as_ref().map(usage).unwrap_or_default();
    let reason = end.captured_stop_reason.iter();
    response.finish_reasons.extend(reason.map(|reason| reason.raw().to_owned()));
    response.output = message(end.captured_content.as_ref(), None).and_then(|mut message| {
        message.parts.retain(|part| matches!(part, Part::ToolCall { .. }));
        (!message.parts.is_empty()).then_some(message)
    });
    response
}

fn message(content: Option<&MessageContent>, thoughts: Option<&str>) -> Option<Message> {
    let content = tree(&content)?;
    let json = serde_json::json!({"role": "assistant", "content": content, "reasoning": thoughts});
    let message = Message::list_of(&json).into_iter().next()?;
    (!message.parts.is_empty()).then_some(message)
}

fn usage(usage: &chat::Usage) -> Usage {
    let count = |tokens: Option<i32>| tokens.and_then(|tokens| u64::try_from(tokens).ok());
    let input = usage.prompt_tokens_details.as_ref();
    let output = usage.completion_tokens_details.as_ref();
    Usage {
        input: count(usage.prompt_tokens),
        output: count(usage.completion_tokens),
        cached: count(input.and_then(|details| details.cached_tokens)),
        cache_write: count(input.and_then(|details| details.cache_creation_tokens)),
        reasoning: count(output.and_then(|details| details.reasoning_tokens)),
    }
}

/// Returns the provider's name in the semantic conventions.
fn provider(model: &ModelIden) -> &'static str {
    match model.adapter_kind.as_lower_str() {
        "openai_resp" => "openai",
        "gemini" | "gemini_ix" => "gcp.gemini",
        "vertex" => "gcp.vertex_ai",
        "bedrock_api" | "bedrock_sigv4" => "aws.bedrock",
        "mistral" => "mistral_ai",
        "xai" => "x_ai",
        "moonshot" => "moonshot_ai",
        other => other,
    }
}
