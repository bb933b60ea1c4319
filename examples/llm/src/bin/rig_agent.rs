//! An agent by rig, with no annotation but the session's: rig's own spans become its agent, model and tool
//! calls.
//!
//! `OPENAI_BASE_URL` and `OPENAI_API_KEY` name the endpoint, any that speaks OpenAI's chat completions.

use agentops::session;
use futures_util::StreamExt;
use rig::{agent::AgentBuilder, providers::openai::OpenAI, rig_tool, tool::ToolExecutionError};

/// A problem of any kind.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[rig_tool(
    description = "The temperature in a city, in degrees Celsius.",
    params(city = "The city")
)]
fn get_temperature(city: String) -> Result<i32, ToolExecutionError> {
    Ok(if city == "Oslo" { 4 } else { 20 })
}

/// Asks once by a loop with a tool, and once for a stream.
///
/// The calls of rig stand inside of this async block, since rig looks for the span that it belongs to when
/// the future is made, not when it is polled.
///
/// # Errors
/// If the model cannot be reached, or refuses.
#[session(name = "rig")]
pub async fn run() -> Result<(String, String), Error> {
    let model = OpenAI::from_env()?.chat("gpt-4o-mini");
    let agent = AgentBuilder::new(model)
        .name("weather")
        .record_content_telemetry(true)
        .tool(GetTemperature)
        .build();
    let answer = agent.prompt("What is the temperature in Oslo?").max_turns(3).await?;
    let mut items = agent.prompt("ping").stream();
    let mut words = String::new();
    while let Some(item) = items.next().await {
        if let rig::agent::MultiTurnStreamItem::FinalResponse(last) = item? {
            words.push_str(&last.output());
        }
    }
    Ok((answer.output(), words))
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let _guard = agentops::init()?;
    let (answer, words) = run().await?;
    println!("{answer}\n{words}");
    Ok(())
}
