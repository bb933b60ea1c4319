//! One session with an agent, a tool, a model call and a failing tool, for other servers to read.
//!
//! It goes where the environment says; its id is its line on stdout.
#![expect(clippy::print_stdout, reason = "the caller reads it")]

use std::time::Duration;

use agentops::{
    LlmRequest, LlmResponse, Message, Part, TracingConfig, Usage, agent, current, current_session,
    llm, session, tool,
};
use serde_json::{Value, json};

#[tool(description = "The height of a tower in metres.")]
fn lookup(tower: u32) -> Value {
    json!({"metres": tower * 11 + 11})
}

#[tool]
fn broken() -> Result<(), String> {
    Err("out of order".to_owned())
}

#[llm(model = "gpt-4o-mini", provider = "openai")]
fn complete(question: &str) -> LlmResponse {
    let call = Part::tool_call("t1", "lookup", json!({"tower": 7}));
    current()
        .set_request(&LlmRequest::new().temperature(0.5))
        .set_system_instructions("Answer in one sentence.")
        .set_tool_definitions(&json!([{"name": "lookup", "input_schema": {"type": "object"}}]))
        .set_input_messages(&[
            Message::user(question),
            Message::assistant_with(call),
            Message::tool("t1", json!({"metres": 88})),
        ]);
    LlmResponse::new()
        .model("gpt-4o-mini")
        .id("r-1")
        .finish_reason("stop")
        .usage(Usage::new().input(1_000).output(100).cached(400))
        .text("It is 88 m tall.")
}

#[agent(role = "surveyor")]
fn surveyor(question: &str) -> Option<String> {
    lookup(7);
    let _ = broken();
    complete(question).output.map(|message| message.text())
}

#[session(user_id = "ada", tags("interop"))]
fn interop(question: &str) -> Option<String> {
    if let Some(session) = current_session() {
        println!("{}", session.trace_id());
    }
    surveyor(question)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Some of them take their time for the first request.
    let config = TracingConfig::builder().shutdown_timeout(Duration::from_secs(60)).build()?;
    let guard = agentops::init_with(config)?;
    interop("How tall is tower 7?");
    guard.shutdown()?;
    Ok(())
}
