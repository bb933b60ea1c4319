//! The examples as traces: real clients over real HTTP, against the mock that `./run` starts.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../src/bin/async_openai_agent.rs"]
#[allow(dead_code, reason = "only the session is of interest")]
mod async_openai_agent;
#[path = "../src/bin/genai_chat.rs"]
#[allow(dead_code, reason = "only the session is of interest")]
mod genai_chat;
#[path = "../src/bin/rig_agent.rs"]
#[allow(dead_code, reason = "only the session is of interest")]
mod rig_agent;

use std::{collections::HashSet, pin::Pin, sync::LazyLock};

use agentops::{
    SpanKind,
    opentelemetry::Value,
    opentelemetry_sdk::trace::SpanData,
    session,
    testing::{Call, Capture},
};
use futures_util::{Stream, StreamExt};
use rig::{agent::AgentBuilder, providers::openai::OpenAI};
use serde_json::json;
use tokio::runtime::Runtime;

/// Runs a test against the mock, on one runtime of all tests: the clients keep connections for the whole process, and a
/// runtime that ends closes those that it opened, also below a call of another test.
fn with_mock(test: impl Future<Output = ()>) {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
    assert!(
        std::env::var_os("OPENAI_BASE_URL").is_some(),
        "`OPENAI_BASE_URL` is not set; start the tests by `./run`, which starts a mock of a model"
    );
    RUNTIME.block_on(test);
}

fn root(spans: &[SpanData]) -> &SpanData {
    spans.iter().find(|span| span.name.starts_with("invoke_workflow")).unwrap()
}

fn attribute(span: &SpanData, key: &str) -> Option<Value> {
    let found = span.attributes.iter().find(|attribute| attribute.key.as_str() == key);
    found.map(|attribute| attribute.value.clone())
}

/// Totals of the leaves, as their root records them.
fn totals(spans: &[SpanData]) -> (Option<Value>, Option<Value>) {
    let total = |which| attribute(root(spans), &format!("agentops.session.tokens.{which}"));
    (total("input"), total("output"))
}

fn usage(calls: &[Call]) -> Vec<(Option<u64>, Option<u64>)> {
    calls.iter().map(|call| (call.usage().input, call.usage().output)).collect()
}

fn no_key_stands_twice(spans: &[SpanData]) {
    for span in spans {
        let keys: HashSet<_> = span.attributes.iter().map(|attribute| &attribute.key).collect();
        assert_eq!(keys.len(), span.attributes.len(), "{span:?}");
    }
}

#[test]
fn rig_agent_is_recorded_without_annotations() {
    with_mock(async {
        let capture = Capture::start();
        let (answer, words) = rig_agent::run().await.unwrap();
        assert_eq!(
            (answer.as_str(), words.as_str()),
            ("It is 4 degrees in Oslo.", "pong from the mock")
        );
        assert_eq!(
            capture.tree(),
            "session rig\n  agent weather\n    llm chat\n    tool get_temperature\n    llm chat\n  \
         agent weather\n    llm chat\n"
        );
        let agents = capture.calls(SpanKind::Agent);
        assert_eq!(agents[0].output(), json!("It is 4 degrees in Oslo."));
        assert_eq!(agents[0].usage().input, None, "the turns have them");
        let calls = capture.calls(SpanKind::Llm);
        let expected = [(Some(75), Some(15)), (Some(120), Some(9)), (Some(11), Some(6))];
        assert_eq!(usage(&calls), expected);
        assert_eq!(totals(&capture.spans()), (Some(206.into()), Some(30.into())));
        assert_eq!(calls[0].attribute("gen_ai.request.model"), Some(&"gpt-4o-mini".into()));
        assert_eq!(calls[0].attribute("gen_ai.agent.name"), Some(&"weather".into()));
        assert_eq!(calls[1].output(), json!("It is 4 degrees in Oslo."));
        let messages = calls[1].input();
        assert_eq!(messages[0]["parts"][0]["content"], "What is the temperature in Oslo?");
        assert_eq!(messages[1]["parts"][0]["type"], "tool_call");
        assert_eq!(messages[2]["parts"][0]["type"], "tool_call_response");
        let tools = capture.calls(SpanKind::Tool);
        assert_eq!((tools[0].input(), tools[0].output()), (json!({"city": "Oslo"}), json!(4)));
        assert!(tools[0].attribute("gen_ai.tool.call.id").is_some());
        assert!(attribute(root(&capture.spans()), "agentops.session.cost_usd").is_some());
        no_key_stands_twice(&capture.spans());
    });
}

#[test]
fn rig_refused_call_fails_agent_and_llm() {
    with_mock(async {
        #[session]
        async fn refused() -> bool {
            let model = OpenAI::from_env().unwrap().chat("gpt-4o-mini");
            AgentBuilder::new(model).build().prompt("fail").await.is_err()
        }
        let capture = Capture::start();
        assert!(refused().await);
        assert_eq!(
            capture.tree(),
            "session refused\n  agent Unnamed Agent error=\"the model gave no answer\"\n    llm chat error=\"the model gave no answer\"\n"
        );
    });
}

#[test]
fn llm_annotation_merges_with_rig_span() {
    with_mock(async {
        #[agentops::llm(skip_all)]
        async fn ping() -> Result<rig::completion::CompletionResponse, rig::error::ProviderError> {
            let model = OpenAI::from_env().unwrap().chat("gpt-4o-mini");
            model.call(rig::completion::CompletionRequest::new("ping")).await
        }
        #[session]
        async fn by_rig() {
            ping().await.unwrap();
        }
        let capture = Capture::start();
        by_rig().await;
        assert_eq!(capture.tree(), "session by_rig\n  llm ping\n");
        let calls = capture.calls(SpanKind::Llm);
        assert_eq!(usage(&calls), [(Some(11), Some(6))]);
        assert_eq!(calls[0].output(), json!("pong from the mock"));
        assert_eq!(calls[0].attribute("gen_ai.provider.name"), Some(&"openai".into()));
    });
}

#[test]
fn async_openai_agent_records_tokens_and_messages() {
    with_mock(async {
        let capture = Capture::start();
        let (answer, words) = async_openai_agent::run().await.unwrap();
        assert_eq!(
            (answer.as_str(), words.as_str()),
            ("It is 4 degrees in Oslo.", "pong from the mock")
        );
        assert_eq!(
            capture.tree(),
            "session async_openai\n  agent weather\n    llm complete\n    tool get_temperature\n    \
         llm complete\n  llm stream\n"
        );
        let calls = capture.calls(SpanKind::Llm);
        let expected = [(Some(75), Some(15)), (Some(120), Some(9)), (Some(11), Some(6))];
        assert_eq!(usage(&calls), expected);
        assert_eq!(totals(&capture.spans()), (Some(206.into()), Some(30.into())));
        let wanted: serde_json::Value =
            serde_json::from_str(&calls[0].attribute("gen_ai.output.messages").unwrap().as_str())
                .unwrap();
        let call = &wanted[0]["parts"][0];
        assert_eq!(
            (&call["name"], &call["arguments"]),
            (&json!("get_temperature"), &json!({"city": "Oslo"}))
        );
        assert_eq!(wanted[0]["finish_reason"], "tool_calls");
        assert_eq!(calls[1].output(), json!("It is 4 degrees in Oslo."));
        assert_eq!(calls[2].output(), json!("pong from the mock"));
        assert!(calls[2].attribute("gen_ai.response.time_to_first_chunk").is_some());
        assert!(calls[0].attribute("gen_ai.tool.definitions").is_some());
        for call in &calls {
            let told = ["gen_ai.request.model", "gen_ai.provider.name"];
            let told = told.map(|key| call.attribute(key).cloned());
            assert_eq!(told, [Some("gpt-4o-mini".into()), Some("openai".into())]);
        }
        let streams: Vec<_> =
            calls.iter().map(|it| it.attribute("gen_ai.request.stream")).collect();
        assert_eq!(streams, [None, None, Some(&true.into())]);
        let messages = calls[1].attribute("gen_ai.input.messages").unwrap().as_str();
        let messages: serde_json::Value = serde_json::from_str(&messages).unwrap();
        let parts: Vec<_> =
            messages.as_array().unwrap().iter().map(|it| &it["parts"][0]["type"]).collect();
        assert_eq!(parts, ["text", "tool_call", "tool_call_response"]);
        no_key_stands_twice(&capture.spans());
    });
}

#[test]
fn genai_enriches_annotated_call_and_records_own() {
    with_mock(async {
        let capture = Capture::start();
        let (answer, words) = genai_chat::run().await.unwrap();
        assert_eq!((answer.as_str(), words.as_str()), ("pong from the mock", "pong from the mock"));
        assert_eq!(capture.tree(), "session genai\n  llm ask\n  llm chat\n");
        let calls = capture.calls(SpanKind::Llm);
        assert_eq!(usage(&calls), [(Some(11), Some(6)), (Some(11), Some(6))]);
        assert_eq!(totals(&capture.spans()), (Some(22.into()), Some(12.into())));
        assert_eq!(calls[0].output(), json!("pong from the mock"));
        assert_eq!(calls[0].attribute("gen_ai.provider.name"), Some(&"openai".into()));
        assert!(calls[0].attribute("server.address").is_some(), "which only genai knows");
        assert!(calls[1].attribute("gen_ai.response.time_to_first_chunk").is_some());
        no_key_stands_twice(&capture.spans());
    });
}

#[test]
fn rig_call_belongs_to_session_at_creation() {
    with_mock(async {
        #[session]
        async fn awaits(call: impl Future<Output = bool>) -> bool {
            call.await
        }
        let model = OpenAI::from_env().unwrap().chat("gpt-4o-mini");
        let agent = AgentBuilder::new(model).name("a").build();
        let capture = Capture::start();
        let made_before = agent.prompt("ping").into_future();
        assert!(awaits(async { made_before.await.is_ok() }).await);
        assert!(awaits(async { agent.prompt("ping").await.is_ok() }).await);
        let inside = "session awaits\n  agent a\n    llm chat\n";
        assert_eq!(capture.tree(), format!("session awaits\n{inside}"));
    });
}

#[test]
fn agent_annotation_replaces_rig_agent_span() {
    with_mock(async {
        #[agentops::agent]
        async fn ours() -> bool {
            let model = OpenAI::from_env().unwrap().chat("gpt-4o-mini");
            AgentBuilder::new(model).name("a").build().prompt("ping").await.is_ok()
        }
        #[session]
        async fn wraps() -> bool {
            ours().await
        }
        let capture = Capture::start();
        assert!(wraps().await);
        assert_eq!(capture.tree(), "session wraps\n  agent ours\n    llm chat\n");
    });
}

type Boxed<T> = Pin<Box<dyn Stream<Item = T> + Send>>;

async fn drained<T>(mut stream: impl Stream<Item = T> + Unpin) -> usize {
    let mut items = 0;
    while stream.next().await.is_some() {
        items += 1;
    }
    items
}

/// The end of a call: its tokens, and what it left to be done later.
fn ending(call: &Call) -> (Option<u64>, Option<u64>, Option<String>) {
    let deferred = call.attribute("agentops.deferred").map(ToString::to_string);
    (call.usage().input, call.usage().output, deferred)
}

#[test]
fn rig_boxed_stream_is_recorded_to_end() {
    with_mock(async {
        use rig::{
            completion::{CompletionRequest, CompletionResponse},
            error::ProviderError,
            streaming::CompletionStream,
        };
        async fn stream() -> Result<CompletionStream, ProviderError> {
            let model = OpenAI::from_env().unwrap().chat("gpt-4o-mini");
            model.stream(CompletionRequest::new("ping"))
        }
        #[agentops::llm]
        async fn finished() -> Result<CompletionResponse, ProviderError> {
            let mut items = stream().await?;
            while let Some(item) = items.next().await {
                item?;
            }
            items.finish().await
        }
        #[agentops::llm]
        async fn boxed() -> Result<Boxed<<CompletionStream as Stream>::Item>, ProviderError> {
            Ok(Box::pin(stream().await?))
        }
        #[agentops::llm]
        async fn as_it_is() -> Result<CompletionStream, ProviderError> {
            stream().await
        }
        #[session]
        async fn streams() {
            finished().await.unwrap();
            assert!(drained(boxed().await.unwrap()).await > 0);
            assert!(drained(as_it_is().await.unwrap()).await > 0);
        }
        let capture = Capture::start();
        streams().await;
        assert_eq!(
            capture.tree(),
            "session streams\n  llm finished\n  llm boxed\n  llm as_it_is\n"
        );
        let calls = capture.calls(SpanKind::Llm);
        for call in &calls[..2] {
            assert_eq!(call.output(), json!("pong from the mock"));
        }
        let endings: Vec<_> = calls.iter().map(ending).collect();
        // What was used, rig tells to `finish` alone.
        let deferred = (None, None, Some("stream".to_owned()));
        assert_eq!(endings, [(Some(11), Some(6), None), (None, None, None), deferred]);
    });
}

#[test]
fn genai_boxed_stream_is_recorded_to_end() {
    with_mock(async {
        use genai::chat::{ChatMessage, ChatOptions, ChatRequest, ChatStream, ChatStreamEvent};
        async fn stream() -> genai::Result<ChatStream> {
            let request = ChatRequest::new(vec![ChatMessage::user("ping")]);
            let options = ChatOptions::default().with_capture_usage(true);
            let client = genai_chat::client()?;
            Ok(client.exec_chat_stream("gpt-4o-mini", request, Some(&options)).await?.stream)
        }
        #[agentops::llm]
        async fn boxed() -> genai::Result<Boxed<genai::Result<ChatStreamEvent>>> {
            Ok(Box::pin(stream().await?))
        }
        #[agentops::llm]
        async fn as_it_is() -> genai::Result<ChatStream> {
            stream().await
        }
        #[session]
        async fn streams() {
            assert!(drained(boxed().await.unwrap()).await > 0);
            assert!(drained(as_it_is().await.unwrap()).await > 0);
        }
        let capture = Capture::start();
        streams().await;
        assert_eq!(capture.tree(), "session streams\n  llm boxed\n  llm as_it_is\n");
        let calls = capture.calls(SpanKind::Llm);
        assert_eq!(calls[0].output(), json!("pong from the mock"));
        let endings: Vec<_> = calls.iter().map(ending).collect();
        // genai's own span, which lives as long as the stream, tells of both.
        let deferred = (Some(11), Some(6), Some("stream".to_owned()));
        assert_eq!(endings, [(Some(11), Some(6), None), deferred]);
        assert_eq!(totals(&capture.spans()), (Some(22.into()), Some(12.into())));
    });
}

#[test]
fn llm_options_and_arguments_set_provider_and_model() {
    with_mock(async {
        use async_openai::{Client, types::chat::CreateChatCompletionRequest};
        use genai::{
            ModelIden,
            adapter::AdapterKind,
            chat::{ChatMessage, ChatRequest},
        };
        fn request() -> CreateChatCompletionRequest {
            let json =
                json!({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "ping"}]});
            serde_json::from_value(json).unwrap()
        }
        #[agentops::llm]
        async fn by_default(request: CreateChatCompletionRequest) -> bool {
            Client::new().chat().create(request).await.is_ok()
        }
        #[agentops::llm(provider = "groq")]
        async fn as_said(request: CreateChatCompletionRequest) -> bool {
            Client::new().chat().create(request).await.is_ok()
        }
        #[agentops::llm]
        async fn by_argument(_model: ModelIden, _request: ChatRequest) {}
        #[agentops::llm(model = "gpt-5")]
        async fn by_option(_request: ChatRequest) {}
        #[session]
        async fn tells() {
            assert!(by_default(request()).await && as_said(request()).await);
            let ping = || ChatRequest::new(vec![ChatMessage::user("ping")]);
            by_argument(ModelIden::new(AdapterKind::Gemini, "gemini-3"), ping()).await;
            by_option(ping()).await;
        }
        let capture = Capture::start();
        tells().await;
        let told = capture.calls(SpanKind::Llm).into_iter().map(|call| {
            ["gen_ai.provider.name", "gen_ai.request.model"]
                .map(|key| call.attribute(key).map(ToString::to_string).unwrap_or_default())
        });
        let told: Vec<_> = told.collect();
        let expected = [
            ["openai", "gpt-4o-mini"],
            ["groq", "gpt-4o-mini"],
            ["gcp.gemini", "gemini-3"],
            ["", "gpt-5"],
        ];
        assert_eq!(told, expected);
    });
}

#[test]
fn openai_stream_without_usage_option_lacks_tokens() {
    with_mock(async {
        use async_openai::{Client, error::OpenAIError, types::chat::ChatCompletionResponseStream};
        #[agentops::llm]
        async fn stream() -> Result<ChatCompletionResponseStream, OpenAIError> {
            let request = json!({
                "model": "gpt-4o-mini", "stream": true, "messages": [{"role": "user", "content": "ping"}]
            });
            Client::new().chat().create_stream(serde_json::from_value(request).unwrap()).await
        }
        #[session]
        async fn streams() {
            assert!(drained(stream().await.unwrap()).await > 0);
        }
        let capture = Capture::start();
        streams().await;
        let calls = capture.calls(SpanKind::Llm);
        assert_eq!(calls[0].output(), json!("pong from the mock"));
        assert_eq!(ending(&calls[0]), (None, None, None));
    });
}

#[rig::rig_tool(description = "The temperature in a city.")]
#[agentops::tool]
fn get_temperature(city: String) -> Result<i32, rig::tool::ToolExecutionError> {
    Ok(i32::from(city == "Oslo") * 4)
}

#[test]
fn tool_annotation_merges_with_rig_call_id() {
    with_mock(async {
        #[session]
        async fn asks() -> bool {
            let model = OpenAI::from_env().unwrap().chat("gpt-4o-mini");
            let agent = AgentBuilder::new(model).name("a").tool(GetTemperature).build();
            agent.prompt("What is the temperature in Oslo?").max_turns(3).await.is_ok()
        }
        let capture = Capture::start();
        assert!(asks().await);
        assert_eq!(
            capture.tree(),
            "session asks\n  agent a\n    llm chat\n    tool get_temperature\n    llm chat\n"
        );
        let tool = &capture.calls(SpanKind::Tool)[0];
        assert_eq!((tool.input(), tool.output()), (json!({"city": "Oslo"}), json!(4)));
        assert!(tool.attribute("gen_ai.tool.call.id").is_some());
        assert_eq!(tool.attribute("agentops.adopted_from"), None, "it is ours");
    });
}
