//! Requests among the arguments of model calls: what they tell stands on the span.
#![deny(clippy::pedantic)]

use std::{future::Future, sync::Arc};

use agentops::{
    LlmRequest, Message, ToLlmRequest, current, llm, opentelemetry::Value,
    opentelemetry_sdk::trace::SpanData, session, tool, tracing::subscriber::with_default,
};
use agentops_tests::{Recording, attribute, attributes};
use async_trait::async_trait;
use futures_util::FutureExt;
use serde::Serialize;
use serde_json::json;
use tracing_subscriber::{layer::SubscriberExt, registry};

/// A request of a client that nobody knows.
#[derive(Clone, Serialize)]
struct Ask {
    words: &'static str,
}

impl ToLlmRequest for Ask {
    fn to_llm_request(&self) -> LlmRequest {
        assert!(!self.words.is_empty(), "a request of nothing");
        LlmRequest::new()
            .model("m-1")
            .provider("local")
            .stream(true)
            .top_k(40.0)
            .choices(2)
            .messages([Message::user(self.words)])
            .system_instructions("Be short.")
            .tools(&json!([{"name": "look"}]))
    }
}

fn ask() -> Ask {
    Ask { words: "how tall?" }
}

/// Everything that the request may have told.
fn told(span: &SpanData) -> Vec<String> {
    let of_request = |line: &String| {
        line.starts_with("gen_ai.request.")
            || line.starts_with("gen_ai.provider")
            || line.starts_with("gen_ai.input.messages")
            || line.starts_with("gen_ai.system_instructions")
            || line.starts_with("gen_ai.tool.definitions")
    };
    attributes(span).into_iter().filter(of_request).collect()
}

const SETTINGS: [&str; 5] = [
    "gen_ai.request.model=m-1",
    "gen_ai.provider.name=local",
    "gen_ai.request.stream=true",
    "gen_ai.request.top_k=40",
    "gen_ai.request.choice.count=2",
];

const CONTENT: [&str; 3] = [
    r#"gen_ai.system_instructions=[{"content":"Be short.","type":"text"}]"#,
    r#"gen_ai.input.messages=[{"role":"user","parts":[{"type":"text","content":"how tall?"}]}]"#,
    r#"gen_ai.tool.definitions=[{"name":"look","type":"function"}]"#,
];

fn everything() -> Vec<String> {
    SETTINGS.iter().chain(&CONTENT).map(ToString::to_string).collect()
}

#[async_trait]
trait Model {
    async fn complete(&self, request: Ask) -> Result<String, String>;
}

struct Remote;

#[async_trait]
impl Model for Remote {
    #[llm]
    async fn complete(&self, request: Ask) -> Result<String, String> {
        Err(request.words.to_owned())
    }
}

#[test]
fn request_is_recorded_wherever_it_stands() {
    #[llm]
    fn plain(_client: &Remote, request: &Ask) -> usize {
        request.words.len()
    }
    #[llm]
    fn deferred(request: Arc<Ask>) -> impl Future<Output = usize> {
        async move { request.words.len() }
    }
    #[llm]
    async fn optional(request: Option<&Ask>) -> usize {
        request.map_or(0, |request| request.words.len())
    }
    #[llm]
    fn owned(request: Box<Ask>) -> Ask {
        *request
    }
    #[session]
    async fn asking() {
        plain(&Remote, &ask());
        deferred(Arc::new(ask())).await;
        optional(Some(&ask())).await;
        owned(Box::new(ask()));
        assert!(Remote.complete(ask()).await.is_err());
    }
    let recording = Recording::global();
    assert_eq!(asking().now_or_never(), Some(()));
    for span in ["plain", "deferred", "optional", "owned", "complete"] {
        assert_eq!(told(&recording.span_of("asking", span)), everything(), "{span}");
    }
    let input = attribute(&recording.span_of("asking", "plain"), "input.value");
    assert_eq!(input, Some(r#"{"_client":"<opaque>","request":{"words":"how tall?"}}"#.into()));
}

#[test]
fn explicit_options_override_the_request() {
    #[llm(model = "m-2", provider = "far")]
    fn by_option(request: Ask) {
        current().set_request(&LlmRequest::new().top_k(7.0));
    }
    #[session]
    fn overriding() {
        by_option(ask());
    }
    let recording = Recording::global();
    overriding();
    let span = recording.span_of("overriding", "by_option");
    let keys = ["gen_ai.request.model", "gen_ai.provider.name", "gen_ai.request.top_k"];
    let expected = ["m-2".into(), "far".into(), Value::F64(7.0)].map(Some);
    assert_eq!(keys.map(|key| attribute(&span, key)), expected);
}

#[test]
fn several_arguments_make_one_request() {
    #[llm]
    fn continued(history: &[Message], prompt: Message) -> usize {
        history.len() + prompt.parts.len()
    }
    #[session]
    fn conversing() {
        continued(&[Message::user("a"), Message::assistant("b")], Message::user("c"));
    }
    let recording = Recording::global();
    conversing();
    let messages =
        attribute(&recording.span_of("conversing", "continued"), "gen_ai.input.messages");
    let messages: serde_json::Value =
        serde_json::from_str(&messages.expect("they are there").as_str()).expect("it is JSON");
    let words: Vec<_> = messages
        .as_array()
        .into_iter()
        .flatten()
        .map(|message| &message["parts"][0]["content"])
        .collect();
    assert_eq!(words, ["a", "b", "c"]);
}

#[test]
fn skipped_request_is_not_read() {
    #[llm(skip(_request))]
    fn skipped(_request: Ask, n: u8) {}
    #[llm(redact(request))]
    fn redacted(request: Ask) {}
    #[llm(redact(request = words))]
    fn masked(request: Ask) {}
    #[llm(capture_input = false)]
    fn silent(_request: Ask) {}
    #[tool]
    fn no_model(request: Ask) {}
    fn words(request: &Ask) -> usize {
        request.words.len()
    }
    #[session]
    fn hiding() {
        skipped(ask(), 1);
        redacted(ask());
        masked(ask());
        silent(ask());
        no_model(ask());
    }
    let recording = Recording::global();
    hiding();
    for span in ["skipped", "redacted", "masked", "silent", "no_model"] {
        assert_eq!(told(&recording.span_of("hiding", span)), [""; 0], "{span}");
    }
    let input = attribute(&recording.span_of("hiding", "masked"), "input.value");
    assert_eq!(input, Some(r#"{"request":9}"#.into()));
}

#[test]
fn request_without_content_keeps_its_settings() {
    #[llm(redact(key = never))]
    fn quiet(request: Ask, key: &str) {}
    fn never(_: &&str) -> usize {
        unreachable!("nothing is captured")
    }
    #[session]
    fn without_content() {
        quiet(ask(), "k");
    }
    let recording = Recording::new(|builder| builder.capture_content(false));
    with_default(registry().with(agentops::layer(&recording.core)), without_content);
    let span = recording.span_of("without_content", "quiet");
    assert_eq!(told(&span), SETTINGS);
    assert_eq!(attribute(&span, "input.value"), None);
}

#[test]
fn panicking_request_is_harmless() {
    #[llm]
    fn broken(request: Ask) -> usize {
        request.words.len()
    }
    #[session]
    fn breaking() -> usize {
        broken(Ask { words: "" })
    }
    let recording = Recording::global();
    assert_eq!(breaking(), 0);
    assert_eq!(told(&recording.span_of("breaking", "broken")), [""; 0]);
}

#[test]
fn content_of_a_request_is_bounded() {
    #[llm(max_len = 80)]
    fn bounded(request: Ask) {}
    #[session]
    fn bounding() {
        let words = "x".repeat(10_000).leak();
        bounded(Ask { words });
    }
    let recording = Recording::global();
    bounding();
    let messages = attribute(&recording.span_of("bounding", "bounded"), "gen_ai.input.messages");
    assert!(messages.is_some_and(|it| it.as_str().len() <= 80));
}
