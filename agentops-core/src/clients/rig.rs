//! Requests and responses of rig's models and agents, whole and streamed.

use rig_agent::{
    agent::{MultiTurnStreamItem, PromptResponse},
    run::CompletionCall,
};
use rig_core::{
    completion::{self, AssistantContent, CompletionRequest, CompletionResponse},
    streaming::{Item, StreamEvent},
};

use crate::{
    inspect::tree,
    llm::{LlmRequest, LlmResponse, Message, Part, ToLlmRequest, ToLlmResponse, Usage},
};

impl ToLlmRequest for CompletionRequest {
    fn to_llm_request(&self) -> LlmRequest {
        let options = &self.options;
        let instructions = self.system_instructions();
        let messages = self.chat_history.get(usize::from(instructions.is_some())..);
        LlmRequest {
            model: self.model.clone(),
            temperature: self.temperature,
            top_p: options.top_p,
            max_tokens: self.max_tokens,
            seed: options.seed.and_then(|seed| i64::try_from(seed).ok()),
            stop_sequences: options.stop.clone(),
            messages: Message::list_of(messages.unwrap_or_default()),
            system_instructions: instructions.map(str::to_owned),
            ..LlmRequest::new().tools(&self.tools)
        }
    }
}

/// Provides one message: the prompt, or a message of the history.
impl ToLlmRequest for completion::Message {
    fn to_llm_request(&self) -> LlmRequest {
        LlmRequest::new().messages(Message::list_of(self))
    }
}

impl ToLlmResponse for CompletionResponse {
    fn to_llm_response(&self) -> LlmResponse {
        let origin = &self.origin;
        let mut response = LlmResponse::new()
            .model(origin.response_model.as_ref().unwrap_or(&origin.model))
            .provider(&origin.provider)
            .usage(usage(&self.usage));
        response.id.clone_from(&origin.response_id);
        response.finish_reasons.extend(self.finish_reason().as_ref().and_then(finish_reason));
        response.output = message(&self.choice);
        response
    }
}

impl ToLlmResponse for PromptResponse {
    fn to_llm_response(&self) -> LlmResponse {
        let mut response = LlmResponse::new().usage(usage(&self.usage)).text(self.output());
        if let Some(last) = self.completion_calls.last() {
            response.id.clone_from(&last.response_id);
            response.finish_reasons.extend(last.finish_reason.as_ref().and_then(finish_reason));
        }
        response
    }
}

impl ToLlmResponse for StreamEvent {
    fn to_llm_response(&self) -> LlmResponse {
        match self {
            Self::Text { text, .. } => LlmResponse::new().text(text),
            Self::Reasoning { text, .. } => {
                LlmResponse::new().output(Message::assistant_with(Part::reasoning(text)))
            }
            // The text of other content was already recorded from earlier events.
            Self::End { content: call @ AssistantContent::ToolCall(_), .. } => {
                let mut response = LlmResponse::new();
                response.output = message(std::slice::from_ref(call));
                response
            }
            _ => LlmResponse::new(),
        }
    }
}

impl<E: ToLlmResponse> ToLlmResponse for Item<E> {
    fn to_llm_response(&self) -> LlmResponse {
        match self {
            Self::Event(event) => event.to_llm_response(),
            Self::Unknown(_) => LlmResponse::new(),
        }
    }
}

/// Provides the text of an agent's run and the total usage of its turns.
impl ToLlmResponse for MultiTurnStreamItem {
    fn to_llm_response(&self) -> LlmResponse {
        match self {
            Self::StreamAssistantItem(item) => item.to_llm_response(),
            Self::CompletionCall(CompletionCall { response_id, finish_reason: reason, .. }) => {
                let mut response = LlmResponse::new();
                response.id.clone_from(response_id);
                response.finish_reasons.extend(reason.as_ref().and_then(finish_reason));
                response
            }
            Self::FinalResponse(last) => LlmResponse::new().usage(usage(&last.usage)),
            _ => LlmResponse::new(),
        }
    }
}

fn usage(usage: &completion::Usage) -> Usage {
    Usage {
        input: usage.input_tokens,
        output: usage.output_tokens,
        cached: usage.cached_input_tokens,
        cache_write: usage.cache_creation_input_tokens,
        reasoning: usage.reasoning_tokens,
    }
}

fn finish_reason(reason: &completion::FinishReason) -> Option<String> {
    match serde_json::to_value(reason).ok()? {
        serde_json::Value::String(reason) => Some(reason),
        // A provider-specific reason is an object; its value is the name.
        other => other.as_object()?.values().next()?.as_str().map(str::to_owned),
    }
}

fn message(content: &[AssistantContent]) -> Option<Message> {
    let content = tree(content)?;
    let json = serde_json::json!({"role": "assistant", "content": content});
    let message = Message::list_of(&json).into_iter().next()?;
    (!message.parts.is_empty()).then_some(message)
}
