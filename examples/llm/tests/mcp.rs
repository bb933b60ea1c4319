//! Tools that rmcp serves, and runs in tasks of its own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../src/bin/mcp_tools.rs"]
#[allow(dead_code, reason = "only the session is of interest")]
mod mcp_tools;

use std::sync::{Arc, Mutex};

use agentops::{
    OrphanPolicy, SpanKind, TracingConfig, TracingCore,
    opentelemetry_sdk::{
        error::OTelSdkResult,
        trace::{SpanData, SpanExporter},
    },
    session,
    testing::{Call, Capture, tree_of},
    tracing::subscriber::set_default,
};
use futures_util::future::join;
use rmcp::{
    ErrorData, Json, Peer, RoleClient, RoleServer, ServerHandler, ServiceExt,
    handler::server::{tool::ToolCallContext, wrapper::Parameters},
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, RequestMetaObject,
        RequestParamsMeta,
    },
    schemars,
    service::RequestContext,
    tool, tool_handler, tool_router,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tracing_subscriber::{layer::SubscriberExt, registry};

#[derive(Debug, Deserialize, schemars::JsonSchema)]
struct Number {
    number: i64,
}

#[derive(Serialize, schemars::JsonSchema)]
struct Sum {
    sum: i64,
}

/// Tools with the attributes in every order, and of every return type.
#[derive(Clone)]
struct Tools;

#[tool_router]
impl Tools {
    /// It goes one up.
    #[session(skip_all)]
    #[agentops::tool]
    #[tool]
    async fn session_tool_rmcp(&self, Parameters(Number { number }): Parameters<Number>) -> String {
        tokio::task::yield_now().await;
        (number + 1).to_string()
    }

    /// It goes one up.
    #[tool]
    #[session(skip_all)]
    #[agentops::tool]
    async fn rmcp_session_tool(&self, Parameters(Number { number }): Parameters<Number>) -> String {
        tokio::task::yield_now().await;
        (number + 1).to_string()
    }

    /// It goes one up.
    #[session(skip_all)]
    #[rmcp::tool]
    #[agentops::tool]
    async fn session_rmcp_tool(&self, Parameters(Number { number }): Parameters<Number>) -> String {
        tokio::task::yield_now().await;
        (number + 1).to_string()
    }

    /// It goes one up.
    #[session(skip_all)]
    #[agentops::tool]
    #[tool(name = "not_async_here")]
    fn not_async(&self, Parameters(Number { number }): Parameters<Number>) -> String {
        (number + 1).to_string()
    }

    #[session(skip_all)]
    #[agentops::tool]
    #[tool(description = "It adds.")]
    async fn structured(&self, numbers: Parameters<Number>) -> Json<Sum> {
        Json(Sum { sum: self.add(numbers.0.number) })
    }

    #[session(skip_all)]
    #[agentops::tool(name = "renamed", skip(context))]
    #[tool(name = "renamed", description = "It has a name of its own.")]
    async fn named_otherwise(&self, context: RequestContext<RoleServer>) -> String {
        context.protocol_version().map_or_else(String::new, |_| "agreed".to_owned())
    }

    #[session(skip_all)]
    #[agentops::tool]
    #[tool(description = "It refuses.")]
    async fn refuses(&self) -> Result<CallToolResult, ErrorData> {
        Err(ErrorData::invalid_params("too small", None))
    }

    #[session(skip_all)]
    #[tool(description = "It fails.")]
    #[agentops::tool]
    async fn fails(&self) -> Result<CallToolResult, ErrorData> {
        Ok(CallToolResult::error(vec![ContentBlock::text("no such tower")]))
    }

    #[session(skip_all)]
    #[agentops::tool]
    #[tool(description = "It fails, too.")]
    async fn fails_before_its_end(&self) -> Result<CallToolResponse, ErrorData> {
        Ok(CallToolResult::error(vec![ContentBlock::text("no such bridge")]).into())
    }

    #[session(skip_all)]
    #[agentops::tool]
    #[tool(description = "It fails in words.")]
    async fn complains(&self) -> Result<String, String> {
        Err("out of paper".to_owned())
    }

    /// No session is above it.
    #[agentops::tool]
    #[tool]
    async fn plain(&self) -> String {
        "done".to_owned()
    }
}

/// A step of a tool: rmcp would take it for a handler above.
impl Tools {
    #[agentops::tool]
    fn add(&self, number: i64) -> i64 {
        number + 1
    }
}

#[tool_handler]
impl ServerHandler for Tools {
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

/// Serves the tools for as long as they are needed.
async fn with_tools<R>(work: impl AsyncFnOnce(&Peer<RoleClient>) -> R) -> R {
    let (near, far) = tokio::io::duplex(4096);
    let server = tokio::spawn(async { Tools.serve(far).await.unwrap().waiting().await });
    let client = ().serve(near).await.unwrap();
    let done = work(client.peer()).await;
    client.cancel().await.unwrap();
    server.await.unwrap().unwrap();
    done
}

fn params(tool: &'static str, arguments: &Value) -> CallToolRequestParams {
    CallToolRequestParams::new(tool).with_arguments(arguments.as_object().unwrap().clone())
}

/// Calls tools one after another, and says of each what came back: text, an error's text, or the error itself.
async fn called(server: &Peer<RoleClient>, tools: &[(&'static str, Value)]) -> Vec<String> {
    let mut answers = Vec::new();
    for (tool, arguments) in tools {
        let answer = server.call_tool(params(tool, arguments)).await;
        answers.push(match answer {
            Ok(result) => result.content[0].as_text().unwrap().text.clone(),
            Err(error) => error.to_string(),
        });
    }
    answers
}

#[tokio::test]
async fn mcp_call_starts_session_in_any_attribute_order() {
    let capture = Capture::start();
    let tools = ["session_tool_rmcp", "rmcp_session_tool", "session_rmcp_tool", "not_async_here"];
    let calls = tools.map(|tool| (tool, json!({"number": 1})));
    let answers = with_tools(async |server| called(server, &calls).await).await;
    assert_eq!(answers, ["2"; 4]);
    assert_eq!(
        capture.tree(),
        "session session_tool_rmcp\n  tool session_tool_rmcp\n\
         session rmcp_session_tool\n  tool rmcp_session_tool\n\
         session session_rmcp_tool\n  tool session_rmcp_tool\n\
         session not_async\n  tool not_async\n"
    );
    let tools = capture.calls(SpanKind::Tool);
    assert_eq!(tools.iter().map(Call::input).collect::<Vec<_>>(), vec![json!({"number": 1}); 4]);
    assert_eq!(tools.iter().map(Call::output).collect::<Vec<_>>(), vec![json!("2"); 4]);
    for tool in &tools {
        let said = ["gen_ai.operation.name", "gen_ai.tool.name", "gen_ai.tool.description"];
        let said = said.map(|key| tool.attribute(key).map(|value| value.to_string()));
        let name = tool.name();
        let expected = ["execute_tool", &name, "It goes one up."];
        assert_eq!(said, expected.map(|it| Some(it.to_owned())));
    }
    capture.assert_no_orphans();
}

#[tokio::test]
async fn mcp_errors_are_recorded_on_tool_spans() {
    let capture = Capture::start();
    let tools = ["refuses", "fails", "fails_before_its_end", "complains"];
    let calls = tools.map(|tool| (tool, json!({})));
    let answers = with_tools(async |server| called(server, &calls).await).await;
    let expected =
        ["Mcp error: -32602: too small", "no such tower", "no such bridge", "out of paper"];
    assert_eq!(answers, expected);
    let error = |name: &str, said: &str| format!("{name} error=\"{said}\"\n");
    let tool = |name: &str, said: &str| format!("  tool {}", error(name, said));
    let tree = format!(
        "session {}{}{}{}{}{}session {}{}",
        error("refuses", "-32602: too small"),
        tool("refuses", "-32602: too small"),
        "session fails\n",
        tool("fails", "no such tower"),
        "session fails_before_its_end\n",
        tool("fails_before_its_end", "no such bridge"),
        error("complains", "out of paper"),
        tool("complains", "out of paper"),
    );
    assert_eq!(capture.tree(), tree);
    let types = capture.calls(SpanKind::Tool);
    let types: Vec<_> =
        types.iter().map(|tool| tool.attribute("error.type").unwrap().to_string()).collect();
    let of_rmcp = "rmcp::model::ErrorData";
    assert_eq!(types, [of_rmcp, "tool_error", "tool_error", "alloc::string::String"]);
    capture.assert_no_orphans();
}

#[tokio::test]
async fn rmcp_wrapped_arguments_and_results_are_recorded() {
    let capture = Capture::start();
    let calls = [("structured", json!({"number": 41}))];
    let answers = with_tools(async |server| called(server, &calls).await).await;
    assert_eq!(answers, [r#"{"sum":42}"#]);
    assert_eq!(capture.tree(), "session structured\n  tool structured\n    tool add\n");
    let tool = &capture.calls(SpanKind::Tool)[0];
    assert_eq!(tool.input(), json!({"numbers": "Parameters(Number { number: 41 })"}));
    assert_eq!(tool.output(), json!({"sum": 42}));
    assert_eq!(capture.calls(SpanKind::Session)[0].output(), json!({"sum": 42}));
}

#[tokio::test]
async fn mcp_tool_name_is_shared_and_context_skipped() {
    let capture = Capture::start();
    let calls = [("renamed", json!({}))];
    assert_eq!(with_tools(async |server| called(server, &calls).await).await, ["agreed"]);
    assert_eq!(capture.tree(), "session named_otherwise\n  tool renamed\n");
    let tool = &capture.calls(SpanKind::Tool)[0];
    assert_eq!(tool.attribute("gen_ai.tool.call.arguments"), None);
    assert_eq!(tool.output(), json!("agreed"));
}

#[tokio::test]
async fn arguments_that_do_not_fit_leave_no_trace() {
    let capture = Capture::start();
    let calls = [("structured", json!({"number": "many"}))];
    let answers = with_tools(async |server| called(server, &calls).await).await;
    assert!(answers[0].contains("failed to deserialize parameters"), "{answers:?}");
    assert_eq!(capture.tree(), "");
    capture.assert_no_orphans();
}

#[tokio::test]
async fn mcp_call_continues_caller_trace() {
    #[agentops::tool(skip_all)]
    async fn calls(server: &Peer<RoleClient>, tool: &'static str) -> bool {
        let mut params = params(tool, &json!({"number": 1}));
        agentops::inject(params.meta_or_default());
        server.call_tool(params).await.is_ok()
    }
    #[session(skip_all)]
    async fn client(server: &Peer<RoleClient>) {
        assert!(calls(server, "plain").await);
        assert!(calls(server, "session_tool_rmcp").await);
    }
    let capture = Capture::start();
    with_tools(async |server| client(server).await).await;
    assert_eq!(
        capture.tree(),
        "session client\n  tool calls\n    tool plain\n  tool calls\n\
         session session_tool_rmcp (in #1)\n  tool session_tool_rmcp\n"
    );
    capture.assert_no_orphans();
}

#[tokio::test]
async fn mcp_example_links_client_and_server() {
    let capture = Capture::start();
    let answers = mcp_tools::with_server(async |server| mcp_tools::run(server).await).await;
    assert_eq!(answers.unwrap(), ["4", "there is no thermometer in Rome"]);
    let error = "error=\"there is no thermometer in Rome\"";
    assert_eq!(
        capture.tree(),
        format!(
            "session mcp\n  agent weather\n    tool get_temperature\n      tool get_temperature\n    \
             tool get_temperature {error}\n      tool get_temperature {error}\n"
        )
    );
    capture.assert_no_orphans();
}

/// The record of a call that nobody traces, and the number of orphans.
async fn recorded_by(policy: OrphanPolicy) -> (String, u64) {
    let kept = Kept::default();
    let config = TracingConfig::builder().exporter(kept.clone()).console(false);
    let core = TracingCore::new(config.orphan_policy(policy).build().unwrap()).unwrap();
    let _default = set_default(registry().with(agentops::layer(&core)));
    let calls = [("plain", json!({}))];
    assert_eq!(with_tools(async |server| called(server, &calls).await).await, ["done"]);
    core.flush().unwrap();
    let spans = kept.0.lock().unwrap();
    (tree_of(&spans), core.stats().orphans)
}

#[tokio::test]
async fn orphan_policy_governs_mcp_tool_without_session() {
    assert_eq!(recorded_by(OrphanPolicy::Drop).await, (String::new(), 1));
    let of_its_own = "session plain\n  tool plain\n".to_owned();
    assert_eq!(recorded_by(OrphanPolicy::AutoSession).await, (of_its_own, 0));
}

#[tokio::test]
async fn mcp_server_joins_enclosing_session() {
    #[session]
    async fn serves() {
        let (near, far) = tokio::io::duplex(4096);
        let (server, client) = join(Tools.serve(far), ().serve(near)).await;
        let (server, client) = (server.unwrap(), client.unwrap());
        let calls = [("plain", json!({})), ("session_tool_rmcp", json!({"number": 1}))];
        assert_eq!(called(client.peer(), &calls).await, ["done", "2"]);
        client.cancel().await.unwrap();
        server.waiting().await.unwrap();
    }
    let capture = Capture::start();
    serves().await;
    assert_eq!(
        capture.tree(),
        "session serves\n  tool plain\n\
         session session_tool_rmcp (in #1)\n  tool session_tool_rmcp\n"
    );
}

#[tokio::test]
async fn mcp_meta_propagates_traceparent_and_baggage() {
    #[session(session_id = "s-1")]
    fn speaks() -> RequestMetaObject {
        let mut meta = RequestMetaObject::new();
        agentops::inject(&mut meta);
        meta
    }
    let _capture = Capture::start();
    let meta = speaks();
    assert!(meta.get_traceparent().unwrap().starts_with("00-"));
    assert!(meta.get_baggage().unwrap().contains("session.id=s-1"));
    let there = agentops::extract(&meta).session().unwrap();
    assert_eq!(there.id(), "s-1");
    assert!(agentops::extract(&RequestMetaObject::new()).session().is_none());
}

/// An exporter that keeps what it is given.
#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Kept {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}
