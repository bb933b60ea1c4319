//! Values that are read from the types of the clients, without a server.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use agentops::{
    LlmRequest, LlmResponse, Message, Part, SpanKind, ToLlmRequest, ToLlmResponse, Usage, session,
    testing::Capture, tool,
};
use async_openai::types::{
    chat::{
        ChatCompletionRequestMessage, ChatCompletionRequestUserMessage,
        CreateChatCompletionRequest, CreateChatCompletionResponse,
        CreateChatCompletionStreamResponse,
    },
    responses::{CreateResponse, Response, ResponseStreamEvent},
};
use genai::{
    ModelIden,
    adapter::AdapterKind,
    chat::{ChatMessage, ChatOptions, ChatRequest, ChatStreamEvent, StreamEnd, Tool},
};
use rig::completion::{CompletionRequest, CompletionResponse};
use rmcp::model::{CallToolResult, ContentBlock};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn told<T: DeserializeOwned + ToLlmResponse>(json: Value) -> LlmResponse {
    serde_json::from_value::<T>(json).unwrap().to_llm_response()
}

#[test]
fn openai_chat_completion_maps_to_llm_response() {
    let response = told::<CreateChatCompletionResponse>(json!({
        "id": "c-1", "object": "chat.completion", "created": 1, "model": "gpt-5",
        "choices": [{
            "index": 0, "finish_reason": "tool_calls", "logprobs": null,
            "message": {"role": "assistant", "content": "Let me see.", "tool_calls": [
                {"id": "t1", "type": "function", "function": {"name": "f", "arguments": "{\"n\":1}"}}
            ]}
        }, {
            "index": 1, "finish_reason": "length", "logprobs": null,
            "message": {"role": "assistant", "content": "Or not"}
        }],
        "usage": {
            "prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 14,
            "prompt_tokens_details": {"cached_tokens": 8},
            "completion_tokens_details": {"reasoning_tokens": 3}
        }
    }));
    let output =
        Message::assistant("Let me see.").part(Part::tool_call("t1", "f", json!({"n": 1})));
    assert_eq!(
        response,
        LlmResponse::new()
            .id("c-1")
            .model("gpt-5")
            .finish_reason("tool_calls")
            .finish_reason("length")
            .usage(Usage::new().input(10).output(4).cached(8).reasoning(3))
            .output(output)
            .alternative(Message::assistant("Or not"))
    );
}

#[test]
fn chunks_of_a_chat_completion_tell_what_they_add() {
    let chunk = |choices: Value, usage: Value| {
        told::<CreateChatCompletionStreamResponse>(json!({
            "id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-5",
            "choices": choices, "usage": usage
        }))
    };
    let base = || LlmResponse::new().id("c-1").model("gpt-5");
    let words = chunk(json!([{"index": 0, "delta": {"content": "Hel"}}]), Value::Null);
    assert_eq!(words, base().text("Hel"));
    let piece = chunk(
        json!([{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": "{"}}]}}]),
        Value::Null,
    );
    let call = Part::ToolCall { id: None, name: String::new(), arguments: json!("{") };
    assert_eq!(piece, base().output(Message::assistant_with(call)));
    let last =
        chunk(json!([]), json!({"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}));
    assert_eq!(last, base().usage(Usage::new().input(1).output(2)));
}

fn response(status: &str) -> Value {
    json!({
        "id": "r-1", "object": "response", "created_at": 1, "model": "gpt-5", "status": status,
        "output": [
            {"type": "reasoning", "id": "x", "summary": [{"type": "summary_text", "text": "Hm."}]},
            {"type": "message", "id": "m", "role": "assistant", "status": "completed",
                "content": [{"type": "output_text", "text": "Yes.", "annotations": []}]},
            {"type": "function_call", "call_id": "t1", "name": "f", "arguments": "{\"n\":1}"}
        ],
        "usage": {
            "input_tokens": 9, "input_tokens_details": {"cached_tokens": 2},
            "output_tokens": 5, "output_tokens_details": {"reasoning_tokens": 1}, "total_tokens": 14
        }
    })
}

#[test]
fn openai_response_and_stream_events_map_without_repetition() {
    let base = || {
        LlmResponse::new()
            .id("r-1")
            .model("gpt-5")
            .finish_reason("stop")
            .usage(Usage::new().input(9).output(5).cached(2).reasoning(1))
    };
    let call = || Part::tool_call("t1", "f", json!({"n": 1}));
    let parts = vec![Part::reasoning("Hm."), Part::text("Yes."), call()];
    assert_eq!(
        told::<Response>(response("completed")),
        base().output(Message::assistant_with_parts(parts))
    );
    let delta = told::<ResponseStreamEvent>(json!({
        "type": "response.output_text.delta", "sequence_number": 1, "item_id": "m",
        "output_index": 0, "content_index": 0, "delta": "Ye"
    }));
    assert_eq!(delta, LlmResponse::new().text("Ye"));
    let last = told::<ResponseStreamEvent>(json!({
        "type": "response.completed", "sequence_number": 2, "response": response("completed")
    }));
    assert_eq!(last, base().output(Message::assistant_with(call())));
}

#[test]
fn genai_stream_end_reports_usage() {
    let mut usage = genai::chat::Usage::default();
    (usage.prompt_tokens, usage.completion_tokens) = (Some(7), Some(2));
    let end = StreamEnd {
        captured_usage: Some(usage),
        captured_response_id: Some("g-1".into()),
        ..StreamEnd::default()
    };
    let told = ChatStreamEvent::End(end).to_llm_response();
    assert_eq!(told, LlmResponse::new().id("g-1").usage(Usage::new().input(7).output(2)));
}

#[test]
fn rig_completion_maps_to_llm_response() {
    let response = told::<CompletionResponse>(json!({
        "choice": [
            {"type": "text", "text": "Yes."},
            {"type": "toolcall", "id": {"provider": "t1"}, "function": {"name": "f", "arguments": {"n": 1}}}
        ],
        "usage": {"input_tokens": 9, "output_tokens": 5, "cached_input_tokens": 2},
        "origin": {
            "api": "openai-completions", "provider": "openai", "model": "gpt-5",
            "response_model": "gpt-5-2026", "response_id": "r-1"
        },
        "finish_reason": "tool_calls",
        "raw": null
    }));
    let output = Message::assistant("Yes.").part(Part::tool_call("t1", "f", json!({"n": 1})));
    assert_eq!(response.usage, Usage::new().input(9).output(5).cached(2));
    assert_eq!(response.model.as_deref(), Some("gpt-5-2026"));
    assert_eq!(response.provider.as_deref(), Some("openai"));
    assert_eq!(response.id.as_deref(), Some("r-1"));
    assert_eq!(response.finish_reasons.len(), 1);
    assert_eq!(response.output, Some(output));
}

fn asked<T: DeserializeOwned + ToLlmRequest>(json: Value) -> LlmRequest {
    serde_json::from_value::<T>(json).unwrap().to_llm_request()
}

/// A conversation with a tool, as each client writes it.
fn conversation() -> [Message; 3] {
    [
        Message::user("How tall?"),
        Message::assistant_with(Part::tool_call("t1", "f", json!({"n": 1}))),
        Message::tool("t1", json!(88)),
    ]
}

#[test]
fn openai_chat_request_maps_to_llm_request() {
    let tools = json!([{"type": "function", "function": {"name": "f", "parameters": {"a": "b"}}}]);
    let request = asked::<CreateChatCompletionRequest>(json!({
        "model": "gpt-5", "stream": true, "n": 2, "temperature": 0.2, "top_p": 0.9, "seed": 7,
        "max_completion_tokens": 500, "frequency_penalty": 0.1, "presence_penalty": -0.1,
        "stop": ["END"], "tools": tools,
        "messages": [
            {"role": "user", "content": "How tall?"},
            {"role": "assistant", "tool_calls": [
                {"id": "t1", "type": "function", "function": {"name": "f", "arguments": "{\"n\":1}"}}
            ]},
            {"role": "tool", "tool_call_id": "t1", "content": "88"}
        ]
    }));
    let expected = LlmRequest::new()
        .model("gpt-5")
        .provider("openai")
        .stream(true)
        .choices(2)
        .temperature(0.2)
        .top_p(0.9)
        .seed(7)
        .max_tokens(500)
        .frequency_penalty(0.1)
        .presence_penalty(-0.1)
        .stop_sequence("END")
        .messages(conversation())
        .tools(&tools);
    assert_eq!(request, expected);
}

#[test]
fn openai_response_request_maps_to_llm_request() {
    let tools =
        json!([{"type": "function", "name": "f", "parameters": {"a": "b"}, "strict": true}]);
    let request = asked::<CreateResponse>(json!({
        "model": "gpt-5", "instructions": "Be short.", "temperature": 0.2, "top_p": 0.9,
        "max_output_tokens": 500, "tools": tools,
        "input": [
            {"type": "message", "role": "user", "content": "How tall?"},
            {"type": "function_call", "call_id": "t1", "name": "f", "arguments": "{\"n\":1}"},
            {"type": "function_call_output", "call_id": "t1", "output": "88"}
        ]
    }));
    let expected = LlmRequest::new()
        .model("gpt-5")
        .provider("openai")
        .system_instructions("Be short.")
        .temperature(0.2)
        .top_p(0.9)
        .max_tokens(500)
        .messages(conversation())
        .tools(&tools);
    assert_eq!(request, expected);
    let text = asked::<CreateResponse>(json!({"input": "How tall?"}));
    assert_eq!(text.messages, [Message::user("How tall?")]);
}

#[test]
fn genai_request_combines_three_arguments() {
    let request = ChatRequest::from_system("Be short.")
        .append_message(ChatMessage::user("How tall?"))
        .with_tools([Tool::new("f").with_description("it looks")]);
    let told = request.to_llm_request();
    assert_eq!(told.messages, [Message::user("How tall?")]);
    assert_eq!(told.system_instructions.as_deref(), Some("Be short."));
    assert_eq!(told.tools[0]["name"], "f");
    let options = ChatOptions::default().with_temperature(0.2).with_max_tokens(500).with_seed(7);
    assert_eq!(
        Some(&options).to_llm_request(),
        LlmRequest::new().temperature(0.2).max_tokens(500).seed(7)
    );
    assert_eq!(
        ModelIden::new(AdapterKind::Gemini, "gemini-3").to_llm_request(),
        LlmRequest::new().model("gemini-3").provider("gcp.gemini")
    );
}

#[test]
fn rig_request_maps_to_llm_request() {
    let mut request = CompletionRequest::new("How tall?");
    request.chat_history.insert(0, rig::completion::Message::system("Be short."));
    request.model = Some("gpt-5".into());
    (request.temperature, request.max_tokens) = (Some(0.2), Some(500));
    let expected = LlmRequest::new()
        .model("gpt-5")
        .system_instructions("Be short.")
        .temperature(0.2)
        .max_tokens(500)
        .messages([Message::user("How tall?")]);
    assert_eq!(request.to_llm_request(), expected);
    let history = vec![rig::completion::Message::user("a"), rig::completion::Message::user("b")];
    assert_eq!(history.to_llm_request().messages, [Message::user("a"), Message::user("b")]);
}

#[test]
fn message_list_accepts_each_client_type() {
    let expected = [Message::user("ping")];
    let openai: ChatCompletionRequestMessage =
        ChatCompletionRequestUserMessage::from("ping").into();
    assert_eq!(Message::list_of(&[openai]), expected);
    assert_eq!(Message::list_of(&[ChatMessage::user("ping")]), expected);
    assert_eq!(Message::list_of(&[rig::completion::Message::user("ping")]), expected);
}

#[test]
fn mcp_error_result_fails_tool() {
    #[tool]
    fn lookup(works: bool) -> Result<CallToolResult, String> {
        let content = vec![ContentBlock::text("no such tower")];
        Ok(if works { CallToolResult::success(content) } else { CallToolResult::error(content) })
    }
    #[session]
    fn serves() {
        _ = lookup(true);
        _ = lookup(false);
    }
    let capture = Capture::start();
    serves();
    assert_eq!(
        capture.tree(),
        "session serves\n  tool lookup\n  tool lookup error=\"no such tower\"\n"
    );
    let tools = capture.calls(SpanKind::Tool);
    assert_eq!(tools[1].attribute("error.type"), Some(&"tool_error".into()));
    assert_eq!(tools[0].output()["content"][0]["text"], "no such tower");
}
