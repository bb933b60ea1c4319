//! The errors of the clients: what they say of themselves, and what is known of them where their type is hidden.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::error::Error;

use agentops::{SpanKind, session, testing::Capture, tool};
use async_openai::error::OpenAIError;
use genai::{ModelIden, adapter::AdapterKind};
use rig::{
    completion::{PromptError, StructuredOutputError},
    error::{ErrorKind, ErrorReport, ProviderError},
    tool::ToolExecutionError,
};
use rmcp::{ErrorData, ServiceError};

type Hidden = Box<dyn Error + Send + Sync>;

/// The record of a call that fails: `error.type`, `exception.type` and the message.
#[derive(Debug, PartialEq, Eq)]
struct Recorded {
    error_type: String,
    exception_type: String,
    message: String,
}

fn recorded(error_type: &str, exception_type: &str, message: &str) -> Recorded {
    Recorded {
        error_type: error_type.to_owned(),
        exception_type: exception_type.to_owned(),
        message: message.to_owned(),
    }
}

/// The record of the only tool that a session calls.
fn told(call: impl FnOnce()) -> Recorded {
    #[session(skip_all)]
    fn calls(call: impl FnOnce()) {
        call();
    }
    let capture = Capture::start();
    calls(call);
    let tools = capture.calls(SpanKind::Tool);
    let [tool] = &tools[..] else { panic!("{}", capture.tree()) };
    let event = &tool.span().events.events[0];
    let said = |key: &str| {
        let found = event.attributes.iter().find(|it| it.key.as_str() == key);
        found.map(|it| it.value.to_string()).unwrap_or_default()
    };
    assert_eq!(tool.error(), Some(&*said("exception.message")));
    Recorded {
        error_type: tool.attribute("error.type").unwrap().to_string(),
        exception_type: said("exception.type"),
        message: said("exception.message"),
    }
}

/// An error by its own type, in a box, and by `anyhow` below a context.
fn in_every_way<E>(make: impl Fn() -> E) -> [Recorded; 3]
where
    E: Error + Send + Sync + 'static,
{
    #[tool(skip_all)]
    fn plain<E: Error>(error: E) -> Result<(), E> {
        Err(error)
    }
    #[tool(skip_all)]
    fn boxed(error: Hidden) -> Result<(), Hidden> {
        Err(error)
    }
    #[tool(skip_all)]
    fn by_anyhow(error: anyhow::Error) -> anyhow::Result<()> {
        Err(error.context("could not plan"))
    }
    [
        told(|| _ = plain(make())),
        told(|| _ = boxed(make().into())),
        told(|| _ = by_anyhow(make().into())),
    ]
}

/// Asserts what is told of an error whose innermost known type is this.
fn assert_known<E>(make: impl Fn() -> E, exception_type: &str, error_type: &str, message: &str)
where
    E: Error + Send + Sync + 'static,
{
    let below = format!("could not plan: {message}");
    let expected = [
        recorded(error_type, exception_type, message),
        recorded(error_type, "Box<dyn Error>", message),
        recorded(error_type, "anyhow::Error", &below),
    ];
    assert_eq!(in_every_way(make), expected);
}

fn not_json() -> serde_json::Error {
    serde_json::from_str::<u8>("no").unwrap_err()
}

const JSON: &str = "serde_json::error::Error";
const NOT_JSON: &str = "expected ident at line 1 column 2";

#[test]
fn rig_errors_record_type_and_message() {
    let provider = "rig_core::error::ProviderError";
    let status = || ProviderError::from_http_response(http(429), "slow down");
    let said = status().to_string();
    assert!(said.contains("slow down"), "{said}");
    assert_known(status, provider, provider, &said);
    let prompt = "rig_agent::run::response::PromptError";
    assert_known(|| PromptError::from(status()), prompt, prompt, &said);
    let structured = "rig_agent::completion::StructuredOutputError";
    let wrapped = || StructuredOutputError::from(PromptError::from(status()));
    assert_known(wrapped, structured, structured, &said);
    let report = || ErrorReport::new(ErrorKind::Timeout, "too slow");
    let of_report = "rig_core::error::ErrorReport";
    assert_known(report, of_report, of_report, "too slow");
    let tool = "rig_core::tool::result::ToolExecutionError";
    assert_known(|| ToolExecutionError::refused("not here"), tool, tool, "not here");
}

fn http(status: u16) -> rig::http_client::StatusCode {
    rig::http_client::StatusCode::from_u16(status).unwrap()
}

#[test]
fn below_an_error_of_rig_its_cause_is_known() {
    let provider = "rig_core::error::ProviderError";
    let json = || ProviderError::from(not_json());
    assert_known(json, provider, JSON, &format!("JsonError: {NOT_JSON}"));
    let prompt = "rig_agent::run::response::PromptError";
    let message = format!("JsonError: {NOT_JSON}");
    assert_known(|| PromptError::from(json()), prompt, JSON, &message);
    let io = || ProviderError::request(std::io::Error::other("no route"));
    assert_known(io, provider, "std::io::error::Error", "RequestError: no route");
    let tool = "rig_core::tool::result::ToolExecutionError";
    assert_known(|| ToolExecutionError::from_error(not_json()), tool, JSON, NOT_JSON);
}

#[test]
fn rmcp_errors_record_type_and_message() {
    let data = "rmcp::model::ErrorData";
    let refused = || ErrorData::invalid_params("too small", None);
    assert_known(refused, data, data, "-32602: too small");
    let service = "rmcp::service::ServiceError";
    let message = "Mcp error: -32602: too small";
    assert_known(|| ServiceError::McpError(refused()), service, service, message);
    assert_known(|| ServiceError::TransportClosed, service, service, "Transport closed");
}

#[test]
fn async_openai_errors_record_type_and_message() {
    let of = "async_openai::error::OpenAIError";
    let invalid = || OpenAIError::InvalidArgument("no model".to_owned());
    assert_known(invalid, of, of, "invalid args: no model");
    // It holds the cause without naming it as such.
    let json = || OpenAIError::JSONDeserialize(not_json(), "no".to_owned());
    let message = format!("failed to deserialize api response: error:{NOT_JSON} content:no");
    assert_known(json, of, of, &message);
}

#[test]
fn genai_errors_record_type_and_message() {
    let of = "genai::error::Error";
    let model_iden = || ModelIden::new(AdapterKind::OpenAI, "gpt-5");
    let empty = || genai::Error::NoChatResponse { model_iden: model_iden() };
    assert_known(empty, of, of, &empty().to_string());
    let json = || genai::Error::SerdeJson(not_json());
    assert_known(json, of, of, &format!("Serde JSON error: {NOT_JSON}"));
}
