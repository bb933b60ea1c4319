//! Model calls: what the answer tells of itself, the messages in and out, the words of streams.
#![deny(clippy::pedantic)]

use agentops::tracing::subscriber::with_default;
use agentops::{
    Llm, LlmRequest, LlmResponse, Message, Part, Session, ToLlmResponse, Usage, current, llm,
    opentelemetry::Value, opentelemetry_sdk::trace::SpanData, session, tool,
};
use agentops_tests::{Recording, attribute};
use futures_util::{FutureExt, Stream, StreamExt, stream};
use serde_json::json;

/// An answer, or a part of one.
#[derive(Clone, Default)]
struct Answer {
    words: Option<&'static str>,
    tokens: Option<(u64, u64)>,
    reason: Option<&'static str>,
}

impl Answer {
    fn words(words: &'static str) -> Self {
        Self { words: Some(words), ..Self::default() }
    }
}

impl ToLlmResponse for Answer {
    fn to_llm_response(&self) -> LlmResponse {
        let mut response = LlmResponse::new().model("m-1");
        response.output = self.words.map(Message::assistant);
        response.finish_reasons.extend(self.reason.map(str::to_owned));
        match self.tokens {
            Some((input, output)) => response.usage(Usage::new().input(input).output(output)),
            None => response,
        }
    }
}

fn text(span: &SpanData, key: &str) -> Option<String> {
    attribute(span, key).map(|value| value.to_string())
}

fn messages(span: &SpanData, key: &str) -> serde_json::Value {
    text(span, key).and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
}

#[test]
fn response_type_needs_no_option() {
    #[llm(model = "m")]
    fn whole() -> Result<Option<Answer>, String> {
        Ok(Some(Answer { tokens: Some((7, 2)), reason: Some("stop"), ..Answer::words("Hello") }))
    }
    #[llm]
    async fn boxed() -> Box<Answer> {
        Box::new(Answer::words("boxed"))
    }
    #[tool]
    fn no_model() -> Answer {
        Answer::words("a tool's")
    }
    #[session]
    async fn answering() {
        let _ = whole();
        boxed().await;
        no_model();
    }
    let recording = Recording::global();
    assert_eq!(answering().now_or_never(), Some(()));
    let span = recording.span_of("answering", "whole");
    assert_eq!(text(&span, "output.value").as_deref(), Some("Hello"));
    assert_eq!(attribute(&span, "gen_ai.usage.input_tokens"), Some(Value::I64(7)));
    assert_eq!(text(&span, "gen_ai.response.model").as_deref(), Some("m-1"));
    assert_eq!(
        messages(&span, "gen_ai.output.messages"),
        json!([{
            "role": "assistant",
            "parts": [{"type": "text", "content": "Hello"}],
            "finish_reason": "stop"
        }])
    );
    let boxed = recording.span_of("answering", "boxed");
    assert_eq!(messages(&boxed, "gen_ai.output.messages")[0]["finish_reason"], "unknown");
    let tool = recording.span_of("answering", "no_model");
    assert_eq!(text(&tool, "gen_ai.output.messages"), None);
}

#[test]
fn stream_is_one_answer_with_final_usage() {
    #[llm(model = "m")]
    fn streamed() -> impl Stream<Item = Result<Answer, String>> {
        stream::iter([
            Ok(Answer::words("Hel")),
            Ok(Answer::words("")),
            Ok(Answer::words("lo")),
            Ok(Answer { tokens: Some((9, 4)), reason: Some("stop"), ..Answer::default() }),
        ])
    }
    #[session]
    async fn streaming() {
        assert_eq!(streamed().count().await, 4);
        streamed().take(1).count().await;
    }
    let recording = Recording::global();
    assert_eq!(streaming().now_or_never(), Some(()));
    let spans = recording.trace_of("streaming");
    let told = |span: &SpanData| {
        let answer = messages(span, "gen_ai.output.messages");
        let tokens = attribute(span, "gen_ai.usage.output_tokens");
        (text(span, "output.value"), answer[0]["parts"][0]["content"].clone(), tokens)
    };
    assert_eq!(told(&spans[1]), (Some("Hello".into()), json!("Hello"), Some(Value::I64(4))));
    assert_eq!(messages(&spans[1], "gen_ai.output.messages")[0]["finish_reason"], "stop");
    assert_eq!(told(&spans[2]), (Some("Hel".into()), json!("Hel"), None));
    assert_eq!(attribute(&spans[1], "agentops.stream.items"), Some(Value::I64(4)));
    assert!(attribute(&spans[1], "gen_ai.response.time_to_first_chunk").is_some());
}

#[test]
fn request_is_set_inside_or_by_handle() {
    fn ask() {
        let call = Message::assistant_with(Part::tool_call("t", "lookup", json!({"n": 1})));
        current()
            .set_system_instructions("Be brief.")
            .set_input_messages(&[Message::user("How tall?"), call, Message::tool("t", json!(88))])
            .set_request(&LlmRequest::new().temperature(0.5).max_tokens(10));
    }
    #[llm(model = "m", skip_all)]
    fn inside() {
        ask();
    }
    let recording = Recording::global();
    let session = Session::start("asking");
    session.in_scope(|| {
        inside();
        let call = Llm::start("m");
        call.in_scope(ask);
        call.set_response(&LlmResponse::new().text("88 m").finish_reason("stop"));
    });
    drop(session);
    let spans = recording.trace_of("asking");
    for span in &spans[1..] {
        let asked = messages(span, "gen_ai.input.messages");
        assert_eq!(
            asked[0],
            json!({"role": "user", "parts": [{"type": "text", "content": "How tall?"}]})
        );
        assert_eq!(asked[1]["parts"][0]["arguments"], json!({"n": 1}));
        assert_eq!(asked[2]["parts"][0]["response"], json!(88));
        let instructions = json!([{"type": "text", "content": "Be brief."}]);
        assert_eq!(messages(span, "gen_ai.system_instructions"), instructions);
        assert_eq!(attribute(span, "gen_ai.request.temperature"), Some(Value::F64(0.5)));
        assert_eq!(attribute(span, "gen_ai.request.max_tokens"), Some(Value::I64(10)));
    }
    assert_eq!(text(&spans[2], "output.value").as_deref(), Some("88 m"));
    assert_eq!(messages(&spans[2], "gen_ai.output.messages")[0]["parts"][0]["content"], "88 m");
}

#[test]
fn numbers_are_recorded_without_content() {
    #[llm(model = "m")]
    fn silent() -> Answer {
        current().set_input_messages(&[Message::user("secret")]).set_system_instructions("secret");
        current().set_response(&LlmResponse::new().text("secret"));
        Answer { tokens: Some((7, 2)), ..Answer::words("secret") }
    }
    #[llm(capture_output = false)]
    fn silent_at_the_end() -> Answer {
        Answer { tokens: Some((7, 2)), ..Answer::words("secret") }
    }
    #[session(skip_all, capture_output = false)]
    fn keeping() {
        silent();
        silent_at_the_end();
    }
    let recording = Recording::new(|builder| builder.capture_content(false));
    let subscriber = tracing_subscriber::layer::SubscriberExt::with(
        tracing_subscriber::registry(),
        agentops::layer(&recording.core),
    );
    with_default(subscriber, keeping);
    let spans = recording.trace_of("keeping");
    assert!(!format!("{spans:?}").contains("secret"));
    let tokens: Vec<_> =
        spans[1..].iter().map(|span| attribute(span, "gen_ai.usage.input_tokens")).collect();
    assert_eq!(tokens, [Some(Value::I64(7)), Some(Value::I64(7))]);
}

#[test]
fn client_types_are_accepted() {
    #[agentops::llm]
    fn counts() {
        let (prompt, completion): (u32, Option<i32>) = (12, None);
        current().set_usage(Usage::new().input(prompt).output(completion));
        current()
            .set_usage(Usage::new().input(-1_i64).output(3_usize))
            .set_usage(Usage::new().input(None::<u64>).output(Some(4_u16)));
        let request = LlmRequest::new().max_tokens(500_u32);
        current().set_request(&request);
    }
    #[agentops::session]
    fn counting() {
        counts();
        let call = Llm::start("by hand");
        call.set_usage(Usage::new().input(1).output(2))
            .set_usage(Usage::new().input(u64::MAX).output(-2));
        call.end(agentops::EndState::Success);
    }
    let recording = Recording::global();
    counting();
    let keys = ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"];
    let of = |name| keys.map(|key| attribute(&recording.span_of("counting", name), key));
    assert_eq!(of("counts"), [12, 4].map(|it| Some(Value::I64(it))));
    assert_eq!(of("by hand"), [i64::MAX, 2].map(|it| Some(Value::I64(it))));
    assert_eq!(
        attribute(&recording.span_of("counting", "counts"), "gen_ai.request.max_tokens"),
        Some(Value::I64(500))
    );
    let usage = Usage::new().input(1_u8).output(2_i128).cached(Some(1_u32)).reasoning(-3);
    assert_eq!((usage.input, usage.cached, usage.reasoning), (Some(1), Some(1), None));
}
