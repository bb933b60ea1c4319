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

use std::collections::HashSet;

use agentops::{
    SpanKind,
    opentelemetry::Value,
    opentelemetry_sdk::trace::SpanData,
    session,
    testing::{Call, Capture},
};
use rig::{agent::AgentBuilder, providers::openai::OpenAI};
use serde_json::json;

fn needs_the_mock() {
    assert!(
        std::env::var_os("OPENAI_BASE_URL").is_some(),
        "`OPENAI_BASE_URL` is not set; start the tests by `./run`, which starts a mock of a model"
    );
}

fn root(spans: &[SpanData]) -> &SpanData {
    spans.iter().find(|span| span.name.starts_with("invoke_workflow")).unwrap()
}

fn attribute(span: &SpanData, key: &str) -> Option<Value> {
    let found = span.attributes.iter().find(|attribute| attribute.key.as_str() == key);
    found.map(|attribute| attribute.value.clone())
}

/// What the root says that its leaves used.
fn totals(spans: &[SpanData]) -> (Option<Value>, Option<Value>) {
    let total = |which| attribute(root(spans), &format!("agentops.session.tokens.{which}"));
    (total("input"), total("output"))
}

fn usage(calls: &[Call]) -> Vec<(Option<u64>, Option<u64>)> {
    calls.iter().map(|call| (call.input_tokens(), call.output_tokens())).collect()
}

fn no_key_stands_twice(spans: &[SpanData]) {
    for span in spans {
        let keys: HashSet<_> = span.attributes.iter().map(|attribute| &attribute.key).collect();
        assert_eq!(keys.len(), span.attributes.len(), "{span:?}");
    }
}

#[tokio::test]
async fn an_agent_of_rig_is_a_session_without_one_more_annotation() {
    needs_the_mock();
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
    assert_eq!(agents[0].input_tokens(), None, "the turns have them");
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
}

#[tokio::test]
async fn a_call_that_rig_is_refused_fails() {
    needs_the_mock();
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
}

#[tokio::test]
async fn a_model_call_of_ours_by_rig_is_one_span_with_rig_s_numbers() {
    needs_the_mock();
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
}

#[tokio::test]
async fn an_agent_by_async_openai_has_its_tokens_and_its_messages() {
    needs_the_mock();
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
    let streams: Vec<_> = calls.iter().map(|it| it.attribute("gen_ai.request.stream")).collect();
    assert_eq!(streams, [None, None, Some(&true.into())]);
    let messages = calls[1].attribute("gen_ai.input.messages").unwrap().as_str();
    let messages: serde_json::Value = serde_json::from_str(&messages).unwrap();
    let parts: Vec<_> =
        messages.as_array().unwrap().iter().map(|it| &it["parts"][0]["type"]).collect();
    assert_eq!(parts, ["text", "tool_call", "tool_call_response"]);
    no_key_stands_twice(&capture.spans());
}

#[tokio::test]
async fn genai_fills_the_call_of_ours_and_tells_of_its_own() {
    needs_the_mock();
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
}
