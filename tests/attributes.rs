//! Record of a call: arguments, results, options; and how each is left out.

use std::{collections::HashMap, fmt};

use agentops::{
    CustomSpan, Usage, agent, guardrail, llm, opentelemetry::Value, session, tool, traced,
};
use agentops_tests::{Recording, attribute, attributes};
use serde::Serialize;

#[derive(Serialize)]
struct Query {
    text: &'static str,
    limit: u8,
}

#[derive(Debug)]
#[expect(dead_code, reason = "read by `Debug`")]
struct OnlyDebug(u8);

struct Nothing;

/// Arguments and result on a tool's span, and whether they are cut.
fn content(recording: &Recording, session: &str, tool: &str) -> [Option<String>; 2] {
    let span = recording.span_of(session, tool);
    ["input.value", "output.value"].map(|key| attribute(&span, key).map(|value| value.to_string()))
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn arguments_captured_as_json_object_results_as_text() {
    #[tool]
    fn find(query: Query, debug: OnlyDebug, nothing: Nothing, (a, b): (u8, Option<u8>)) -> String {
        let _ = (debug, nothing, query.limit, a, b);
        query.text.to_owned()
    }
    #[session]
    fn captures() {
        find(Query { text: "a \"b\"", limit: 3 }, OnlyDebug(1), Nothing, (1, None));
    }
    let recording = Recording::global();
    captures();
    assert_eq!(
        content(recording, "captures", "find"),
        [
            some(
                r#"{"query":{"text":"a \"b\"","limit":3},"debug":"OnlyDebug(1)","nothing":"<opaque>","a":1,"b":null}"#
            ),
            some("a \"b\""),
        ]
    );
}

#[test]
fn generic_bounds_select_the_capture() {
    #[tool(name = "bare")]
    fn bare<T>(value: T) {
        let _ = value;
    }
    #[tool(name = "bounded")]
    fn bounded<T: fmt::Debug>(value: T) {
        let _ = value;
    }
    #[tool(name = "serialised")]
    fn serialised(value: impl Serialize) {
        let _ = value;
    }
    #[session]
    fn generic_values() {
        bare(1);
        bounded(OnlyDebug(2));
        serialised([3]);
    }
    let recording = Recording::global();
    generic_values();
    let input = |tool| content(recording, "generic_values", tool)[0].clone();
    assert_eq!(input("bare"), some(r#"{"value":"<opaque>"}"#));
    assert_eq!(input("bounded"), some(r#"{"value":"OnlyDebug(2)"}"#));
    assert_eq!(input("serialised"), some(r#"{"value":[3]}"#));
}

#[test]
fn skipped_values_are_not_recorded() {
    #[tool(skip(password))]
    fn skips(user: &str, password: &str) -> usize {
        user.len() + password.len()
    }
    #[tool(only(user))]
    fn names(user: &str, password: &str) -> usize {
        user.len() + password.len()
    }
    #[tool(skip_all, capture_output = false)]
    fn hides(user: &str, password: &str) -> usize {
        user.len() + password.len()
    }
    #[tool(capture_input = false)]
    fn answers(user: &str, password: &str) -> usize {
        user.len() + password.len()
    }
    #[session(capture_input = false)]
    fn secrets(password: &str) {
        skips("ada", password);
        names("ada", password);
        hides("ada", password);
        answers("ada", password);
    }
    let recording = Recording::global();
    secrets("hunter2");
    let content = |tool| content(recording, "secrets", tool);
    assert_eq!(content("skips"), [some(r#"{"user":"ada"}"#), some("10")]);
    assert_eq!(content("names"), [some(r#"{"user":"ada"}"#), some("10")]);
    assert_eq!(content("hides"), [None, None]);
    assert_eq!(content("answers"), [None, some("10")]);
    let everything = format!("{:?}", recording.trace_of("secrets"));
    assert!(!everything.contains("hunter2"), "{everything}");
}

#[test]
fn long_value_is_cut_and_stays_json() {
    #[tool(max_len = 24)]
    fn reads(text: String, n: u8) -> Vec<String> {
        let _ = n;
        vec![text]
    }
    #[session(skip_all)]
    fn bounded_values(text: String) {
        reads(text, 1);
    }
    let recording = Recording::global();
    bounded_values("x".repeat(10_000));
    assert_eq!(
        content(recording, "bounded_values", "reads"),
        [some(r#"{"text":"xxxxxxxx…[truncated]","n":1}"#), some(r#"["xxxxxxx…[truncated]"]"#)]
    );
}

#[test]
fn tool_carries_options_and_names() {
    /// Adds two numbers.
    ///
    /// More about it.
    #[tool(
        name = "add",
        version = "2",
        tags("math", "fast"),
        cost = 0.25,
        fields(sum = a + 2, as_text = %a, as_debug = ?b, "quoted key" = true, big = u64::MAX, none = None::<u8>, a)
    )]
    fn sum_up(a: u64, b: i32) -> u64 {
        a + u64::from(b.unsigned_abs())
    }
    #[session]
    fn options() -> u64 {
        let (a, b) = (1_u64, 2_i32);
        sum_up(a, b)
    }
    let recording = Recording::global();
    options();
    let span = recording.span_of("options", "add");
    assert_eq!(span.name, "execute_tool add");
    assert_eq!(
        attributes(&span),
        [
            "agentops.span.kind=tool",
            "operation.name=add",
            "code.function.name=attributes::tool_carries_options_and_names::sum_up",
            "operation.version=2",
            "agentops.tags=[\"math\",\"fast\"]",
            "sum=3",
            "as_text=1",
            "as_debug=2",
            "quoted key=true",
            "big=18446744073709551615",
            "a=1",
            "agentops.usage.cost_usd=0.25",
            "gen_ai.tool.name=add",
            "gen_ai.tool.type=function",
            "gen_ai.tool.description=Adds two numbers.",
            "gen_ai.tool.call.arguments={\"a\":1,\"b\":2}",
            "gen_ai.tool.call.result=3",
            "gen_ai.operation.name=execute_tool",
            "input.value={\"a\":1,\"b\":2}",
            "input.mime_type=application/json",
            "output.value=3",
            "output.mime_type=application/json",
        ]
    );
    assert_eq!(attribute(&span, "sum"), Some(Value::I64(3)));
}

#[test]
fn agents_guardrails_and_models_carry_their_own() {
    struct Writer {
        model: String,
        role: &'static str,
    }
    impl Writer {
        /// Writes things.
        #[agent(name = "writer", id = 7, role = self.role, version = "1", capture_output = false)]
        fn write(&self) {
            check();
            self.ask();
        }

        #[llm(model = self.model.as_str(), provider = "local", operation = "text_completion", capture_output = false)]
        fn ask(&self) {
            agentops::current()
                .set_usage(Usage::new().input(12).output(3))
                .set_attribute("late", 1_u8);
        }
    }
    #[guardrail(spec = "output", capture_output = false)]
    fn check() {}
    #[session(capture_output = false)]
    fn identities() {
        Writer { model: "m-2".to_owned(), role: "author" }.write();
    }
    let recording = Recording::global();
    identities();
    let lines = |name| attributes(&recording.span_of("identities", name));
    assert_eq!(
        lines("writer"),
        [
            "agentops.span.kind=agent",
            "operation.name=writer",
            "code.function.name=attributes::agents_guardrails_and_models_carry_their_own::Writer::write",
            "operation.version=1",
            "agent.role=author",
            "agent.id=7",
            "gen_ai.agent.name=writer",
            "gen_ai.agent.id=7",
            "gen_ai.agent.description=Writes things.",
            "gen_ai.agent.version=1",
            "gen_ai.operation.name=invoke_agent",
            "agent.name=writer",
        ]
    );
    assert_eq!(
        lines("check"),
        [
            "agentops.span.kind=guardrail",
            "operation.name=check",
            "code.function.name=attributes::agents_guardrails_and_models_carry_their_own::check",
            "agentops.guardrail.spec=output",
            "openinference.span.kind=GUARDRAIL",
        ]
    );
    assert_eq!(
        lines("ask"),
        [
            "agentops.span.kind=llm",
            "operation.name=ask",
            "code.function.name=attributes::agents_guardrails_and_models_carry_their_own::Writer::ask",
            "gen_ai.agent.name=writer",
            "gen_ai.request.model=m-2",
            "gen_ai.provider.name=local",
            "gen_ai.operation.name=text_completion",
            "gen_ai.usage.input_tokens=12",
            "gen_ai.usage.output_tokens=3",
            "late=1",
        ]
    );
    assert_eq!(recording.span_of("identities", "ask").name, "text_completion m-2");
}

#[test]
fn session_and_user_are_on_every_span() {
    #[tool]
    fn inner() {}
    #[session(session_id = format!("chat-{number}"), user_id = user)]
    fn stamped(number: u8, user: Option<&str>) {
        inner();
        assert_eq!(
            agentops::current_session().map(|session| session.id()),
            Some("chat-9".to_owned())
        );
    }
    let recording = Recording::global();
    stamped(9, Some("ada"));
    let stamps = recording.trace_of("stamped").into_iter().map(|span| {
        ["session.id", "user.id", "gen_ai.conversation.id"]
            .map(|key| attribute(&span, key).map(|value| value.to_string()))
    });
    let (id, user) = (some("chat-9"), some("ada"));
    assert_eq!(
        stamps.collect::<Vec<_>>(),
        [[id.clone(), user.clone(), id.clone()], [id, user, None]]
    );
}

#[test]
fn session_without_an_id_uses_its_trace() {
    #[session(session_id = "", user_id = None::<&str>)]
    fn anonymous() -> (String, String) {
        agentops::current_session()
            .map(|session| (session.id(), session.trace_id().to_string()))
            .unwrap_or_default()
    }
    let recording = Recording::global();
    let (id, trace) = anonymous();
    let root = &recording.trace_of("anonymous")[0];
    assert_eq!(id, trace);
    assert_eq!(root.span_context.trace_id().to_string(), trace);
    assert_eq!(attribute(root, "session.id"), Some(trace.into()));
    assert_eq!(attribute(root, "user.id"), None);
    assert_eq!(attribute(root, "gen_ai.conversation.id"), None, "nobody has named a conversation");
}

#[test]
fn repeated_key_keeps_the_last_value() {
    #[tool(fields(step = 1))]
    fn stepping() {
        agentops::current().set_attribute("step", 2).set_attribute("step", 3);
    }
    #[session]
    fn twice() {
        stepping();
    }
    let recording = Recording::global();
    twice();
    let span = recording.span_of("twice", "stepping");
    let steps: Vec<_> =
        attributes(&span).into_iter().filter(|line| line.starts_with("step")).collect();
    assert_eq!(steps, ["step=3"]);
}

#[test]
fn unrecorded_values_are_never_formatted() {
    struct Loud;
    impl fmt::Debug for Loud {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            unreachable!("nobody asked")
        }
    }
    #[tool(name = "unrecorded", fields(loud = ?loud))]
    fn unrecorded(loud: Loud) -> Loud {
        loud
    }
    Recording::global();
    unrecorded(Loud);
}

#[test]
fn tools_and_model_calls_carry_the_agent_name() {
    #[tool]
    fn act() {}
    #[llm]
    fn think() {
        act();
    }
    #[agent]
    fn inner_agent() {
        act();
    }
    #[agent(name = "outer agent")]
    fn outer_agent() {
        think();
        inner_agent();
        session_of_its_own();
    }
    #[session]
    fn session_of_its_own() {
        act();
    }
    #[session]
    fn with_agents() {
        act();
        outer_agent();
    }
    let recording = Recording::global();
    with_agents();
    let agents = |session| {
        let trace = recording.trace_of(session);
        let agents = trace.iter().filter(|span| agentops_tests::name(span).len() < 6).map(|span| {
            let agent = attribute(span, "gen_ai.agent.name").map(|agent| agent.to_string());
            (agentops_tests::name(span), agent)
        });
        agents.collect::<Vec<_>>()
    };
    assert_eq!(
        agents("with_agents"),
        [
            ("act".to_owned(), None),
            ("think".to_owned(), some("outer agent")),
            ("act".to_owned(), some("outer agent")),
            ("act".to_owned(), some("inner_agent")),
        ]
    );
    assert_eq!(agents("session_of_its_own"), [("act".to_owned(), None)]);
}

#[test]
fn remote_session_takes_its_conversation_along() {
    #[agent]
    fn there(headers: &HashMap<String, String>) {
        let _ = headers;
    }
    #[session]
    fn unnamed() {
        elsewhere();
    }
    #[session(session_id = "chat-7")]
    fn named() {
        elsewhere();
    }
    fn elsewhere() {
        let mut headers = HashMap::new();
        agentops::inject(&mut headers);
        agentops::extract(&headers).in_scope(|| there(&headers));
    }
    let recording = Recording::global();
    unnamed();
    named();
    let stamps = |session: &str| {
        let span = recording.span_of(session, "there");
        ["session.id", "gen_ai.conversation.id"]
            .map(|key| attribute(&span, key).map(|value| value.to_string()))
    };
    let trace = recording.trace_of("unnamed")[0].span_context.trace_id().to_string();
    assert_eq!(stamps("unnamed"), [Some(trace), None]);
    assert_eq!(stamps("named"), [some("chat-7"), some("chat-7")]);
}

#[test]
fn kinds_that_others_know_have_their_names() {
    #[traced(kind = "retriever")]
    fn find() {}
    #[traced(kind = "critic")]
    fn judge() {}
    #[session]
    fn kinds() {
        find();
        judge();
        drop(CustomSpan::start("Embedding", "embed"));
    }
    let recording = Recording::global();
    kinds();
    let kind = |name: &str| {
        let span = recording.span_of("kinds", name);
        let text = |key| attribute(&span, key).map(|value| value.to_string());
        [
            Some(span.name.to_string()),
            text("openinference.span.kind"),
            text("gen_ai.operation.name"),
        ]
    };
    assert_eq!(kind("find"), [some("retrieval find"), some("RETRIEVER"), some("retrieval")]);
    assert_eq!(kind("embed"), [some("embeddings embed"), some("EMBEDDING"), some("embeddings")]);
    assert_eq!(kind("judge"), [some("judge"), some("CHAIN"), None]);
}
