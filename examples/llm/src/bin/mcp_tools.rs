//! Tools that are served by the Model Context Protocol with rmcp, and an agent that calls them.
//!
//! Both run in one process here and talk through memory; in a program of their own each is the same. What the
//! client writes into the `_meta` of its call the server reads from there, so that the tool's span stands below
//! the call, whoever called.

use agentops::{OrphanPolicy, TracingConfig, agent, inject, session};
use rmcp::{
    ErrorData, Peer, RmcpError, RoleClient, RoleServer, ServerHandler, ServiceError, ServiceExt,
    handler::server::{tool::ToolCallContext, wrapper::Parameters},
    model::{CallToolRequestParams, CallToolResponse, CallToolResult, RequestParamsMeta},
    schemars,
    service::RequestContext,
    tool, tool_handler, tool_router,
};
use serde::Deserialize;
use serde_json::json;

/// A problem of any kind.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Deserialize, schemars::JsonSchema)]
struct Place {
    city: String,
}

/// The tools that are served.
#[derive(Clone, Debug)]
struct Thermometers;

#[tool_router]
impl Thermometers {
    /// The temperature in a city, in degrees Celsius.
    #[agentops::tool]
    #[tool]
    async fn get_temperature(
        &self,
        Parameters(Place { city }): Parameters<Place>,
    ) -> Result<String, String> {
        match &*city {
            "Oslo" => Ok("4".to_owned()),
            other => Err(format!("there is no thermometer in {other}")),
        }
    }
}

#[tool_handler]
impl ServerHandler for Thermometers {
    /// rmcp runs this in a task of its own: where the caller is, it says in the `_meta` of its call.
    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let caller = agentops::extract(&context.meta);
        let call = ToolCallContext::new(self, request, context);
        caller.instrument(Self::tool_router().call(call)).await
    }
}

/// A tool as its caller sees it: a result that says that it is an error fails the span.
#[agentops::tool(name = tool, skip(server))]
async fn call(
    server: &Peer<RoleClient>,
    tool: &'static str,
    city: &str,
) -> Result<CallToolResult, ServiceError> {
    let arguments = json!({ "city": city }).as_object().cloned().unwrap_or_default();
    let mut params = CallToolRequestParams::new(tool).with_arguments(arguments);
    inject(params.meta_or_default());
    server.call_tool(params).await
}

#[agent(name = "weather", skip(server))]
async fn ask(server: &Peer<RoleClient>, cities: [&str; 2]) -> Result<Vec<String>, Error> {
    let mut answers = Vec::new();
    for city in cities {
        let result = call(server, "get_temperature", city).await?;
        let texts = result.content.iter().filter_map(|content| content.as_text());
        answers.extend(texts.map(|text| text.text.clone()));
    }
    Ok(answers)
}

/// Asks for the temperature of a city with a thermometer, and of one without.
///
/// # Errors
/// If the server cannot be reached.
#[session(name = "mcp", skip(server))]
pub async fn run(server: &Peer<RoleClient>) -> Result<Vec<String>, Error> {
    ask(server, ["Oslo", "Rome"]).await
}

/// Serves the tools, and calls what is to be done with a client of them.
///
/// # Errors
/// If the two cannot agree, or what is to be done fails.
pub async fn with_server<R>(
    work: impl AsyncFnOnce(&Peer<RoleClient>) -> Result<R, Error>,
) -> Result<R, Error> {
    let (near, far) = tokio::io::duplex(4096);
    let server = async { Ok::<_, RmcpError>(Thermometers.serve(far).await?.waiting().await?) };
    let server = tokio::spawn(server);
    let client = ().serve(near).await?;
    let done = work(client.peer()).await;
    client.cancel().await?;
    server.await??;
    done
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    // A call of which nothing is known has a session of its own, named after the tool.
    let config = TracingConfig::builder().orphan_policy(OrphanPolicy::AutoSession).build()?;
    let _guard = agentops::init_with(config)?;
    let answers = with_server(async |server| run(server).await).await?;
    println!("{}", answers.join("\n"));
    Ok(())
}
