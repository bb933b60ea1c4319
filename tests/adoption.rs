//! Spans that frameworks emit become spans of the session: one for each call, with kind, name, numbers and
//! status. The frameworks are played by plain `tracing` spans with their fields; the real ones run in
//! `examples/llm`.
#![deny(clippy::pedantic)]

use std::future::pending;

use agentops::{
    EndState, ForeignSpans, OrphanPolicy, Session, SpanKind, Usage, agent, current_session, llm,
    opentelemetry::{
        Array, Value,
        trace::{Status, TracerProvider},
    },
    opentelemetry_sdk::trace::{SdkTracerProvider, SpanData},
    session, span_processor, task, tool,
    tracing::subscriber::with_default,
};
use agentops_tests::{Kept, Recording, attribute, name};
use futures_util::FutureExt;
use tracing::{Span, field::Empty, info_span};
use tracing_subscriber::{layer::SubscriberExt, registry};

/// The span of a model's turn in an agent of rig.
fn rig_chat() -> Span {
    info_span!(
        target: "rig::agent_chat",
        "chat",
        rig.completion_parent = true,
        gen_ai.operation.name = "chat",
        gen_ai.agent.name = "oslo",
        gen_ai.provider.name = Empty,
        gen_ai.request.model = Empty,
        gen_ai.response.id = Empty,
        gen_ai.response.model = Empty,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        gen_ai.usage.reasoning_tokens = Empty,
        gen_ai.input.messages = Empty,
        gen_ai.output.messages = Empty,
    )
}

/// Asserts what the provider records of an answer: its operation once more, and unsigned numbers.
fn rig_answers(chat: &Span, input: u64, output: u64) {
    chat.record("gen_ai.operation.name", "chat");
    chat.record("gen_ai.provider.name", "openai");
    chat.record("gen_ai.request.model", "gpt-4o-mini");
    chat.record("gen_ai.response.id", "r-1");
    chat.record("gen_ai.usage.input_tokens", input);
    chat.record("gen_ai.usage.output_tokens", output);
    // A streamed answer tells twice.
    chat.record("gen_ai.usage.output_tokens", output);
    chat.record("gen_ai.usage.reasoning_tokens", 1_u64);
}

/// A call of a tool by an agent of rig.
fn rig_tool<R>(name: &str, outcome: &str, call: impl FnOnce() -> R) -> R {
    let span = info_span!(
        target: "rig_agent::agent::telemetry",
        "execute_tool",
        gen_ai.operation.name = "execute_tool",
        gen_ai.tool.type = "function",
        gen_ai.tool.name = Empty,
        gen_ai.tool.call.id = Empty,
        gen_ai.tool.call.arguments = Empty,
        gen_ai.tool.call.result = Empty,
        gen_ai.tool.call.outcome = Empty,
        gen_ai.tool.error.type = Empty,
    );
    span.record("gen_ai.tool.name", name);
    span.record("gen_ai.tool.call.id", "c-1");
    span.record("gen_ai.tool.call.arguments", r#"{"city":"Oslo"}"#);
    let result = span.in_scope(call);
    span.record("gen_ai.tool.call.result", "4");
    span.record("gen_ai.tool.call.outcome", outcome);
    if outcome == "error" {
        span.record("gen_ai.tool.error.type", "timeout");
    }
    result
}

/// A call of a model by genai.
fn genai_chat<R>(input: i64, call: impl FnOnce() -> R) -> R {
    let span = genai_begins();
    let result = span.in_scope(call);
    genai_answers(&span, input);
    result
}

/// The span of a call by genai, which for a stream lives as long as that.
fn genai_begins() -> Span {
    info_span!(
        target: "genai::otel::span",
        "genai.chat",
        "otel.name" = "chat gpt-4o",
        "otel.kind" = "client",
        "otel.status_code" = Empty,
        "error.type" = Empty,
        "gen_ai.operation.name" = "chat",
        "gen_ai.provider.name" = "openai",
        "gen_ai.request.model" = "gpt-4o",
        "gen_ai.response.id" = Empty,
        "gen_ai.response.finish_reasons" = Empty,
        "gen_ai.usage.input_tokens" = Empty,
        "gen_ai.usage.output_tokens" = Empty,
        "gen_ai.input.messages" = Empty,
        "gen_ai.output.messages" = Empty,
    )
}

fn genai_answers(span: &Span, input: i64) {
    span.record("gen_ai.response.id", "g-1");
    span.record("gen_ai.response.finish_reasons", r#"["stop"]"#);
    span.record("gen_ai.usage.input_tokens", input);
    span.record("gen_ai.usage.output_tokens", 2_i64);
}

fn integer(span: &SpanData, key: &str) -> Option<Value> {
    attribute(span, key).filter(|value| matches!(value, Value::I64(_)))
}

fn error_of(span: &SpanData) -> Option<&str> {
    match &span.status {
        Status::Error { description } => Some(description),
        _ => None,
    }
}

#[test]
fn framework_agent_becomes_a_trace_without_annotations() {
    #[session]
    fn rig_agent() -> (Option<u64>, Option<u64>) {
        let first = rig_chat();
        rig_answers(&first, 75, 15);
        drop(first);
        rig_tool("get_temperature", "success", || {});
        let second = rig_chat();
        rig_answers(&second, 120, 9);
        drop(second);
        let usage = current_session().expect("a session").totals().usage();
        (usage.input, usage.output)
    }
    let recording = Recording::global();
    assert_eq!(
        rig_agent(),
        (Some(195), Some(24)),
        "the totals are the sum of the leaves, each number once"
    );
    assert_eq!(
        recording.tree_of("rig_agent"),
        "session rig_agent\n  agent oslo\n    llm chat\n    tool get_temperature\n    llm chat\n"
    );
    let mut spans = recording.trace_of("rig_agent");
    let run = spans.iter().position(|span| span.name == "invoke_agent oslo").expect("a run");
    let run = spans.remove(run);
    assert_eq!((run.start_time, run.end_time), (spans[1].start_time, spans[3].end_time));
    let names: Vec<_> = spans.iter().map(|span| span.name.as_ref()).collect();
    let chat = "chat gpt-4o-mini";
    assert_eq!(names, ["invoke_workflow rig_agent", chat, "execute_tool get_temperature", chat]);
    assert_eq!(integer(&spans[1], "gen_ai.usage.input_tokens"), Some(Value::I64(75)));
    assert_eq!(integer(&spans[1], "gen_ai.usage.reasoning.output_tokens"), Some(Value::I64(1)));
    assert_eq!(attribute(&spans[1], "agentops.adopted_from"), Some("rig::agent_chat".into()));
    assert_eq!(attribute(&spans[2], "input.value"), Some(r#"{"city":"Oslo"}"#.into()));
    assert_eq!(attribute(&spans[2], "gen_ai.tool.call.result"), Some("4".into()));
    assert_eq!(spans.iter().filter_map(error_of).count(), 0);
    let root = &spans[0];
    assert_eq!(integer(root, "agentops.session.tokens.input"), Some(Value::I64(195)));
    assert_eq!(integer(root, "agentops.session.calls.llm"), Some(Value::I64(2)));
    assert_eq!(integer(root, "agentops.session.calls.agent"), Some(Value::I64(1)));
    for span in &spans {
        let mut keys: Vec<_> = span.attributes.iter().map(|it| it.key.as_str()).collect();
        keys.sort_unstable();
        let all = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), all, "no key of `{}` stands twice", span.name);
    }
}

#[test]
fn framework_run_is_one_span_with_our_agent() {
    fn turn() {
        let chat = rig_chat();
        rig_answers(&chat, 1, 1);
    }
    fn run() {
        turn();
        rig_tool("search", "success", || {});
        rig_tool("fetch", "success", turn);
        turn();
    }
    #[agent]
    fn ours() {
        run();
    }
    #[session]
    fn runs() {
        run();
        turn();
        ours();
    }
    let recording = Recording::global();
    runs();
    assert_eq!(
        recording.tree_of("runs"),
        "session runs\n  agent oslo\n    llm chat\n    tool search\n    tool fetch\n      \
         agent oslo\n        llm chat\n    llm chat\n  agent oslo\n    llm chat\n  agent ours\n    \
         llm chat\n    tool search\n    tool fetch\n      agent oslo\n        llm chat\n    llm chat\n"
    );
    let root = recording.trace_of("runs").remove(0);
    assert_eq!(integer(&root, "agentops.session.calls.agent"), Some(Value::I64(5)));
}

#[test]
fn failure_is_recorded_without_the_framework() {
    #[session]
    fn rig_fails() {
        rig_tool("search", "error", || {});
        rig_tool("shell", "denied", || {});
        rig_tool("idle", "skipped", || {});
        drop(rig_chat());
    }
    let recording = Recording::global();
    rig_fails();
    assert_eq!(
        recording.tree_of("rig_fails"),
        "session rig_fails\n  tool search error=\"the tool failed\"\n  \
         tool shell error=\"the call was denied\"\n  tool idle\n  \
         agent oslo error=\"the model gave no answer\"\n    \
         llm chat error=\"the model gave no answer\"\n"
    );
    let failed = recording.span_of("rig_fails", "search");
    assert_eq!(attribute(&failed, "error.type"), Some("timeout".into()));
    assert_eq!(failed.events.len(), 1);
    let root = recording.trace_of("rig_fails").remove(0);
    assert_eq!(integer(&root, "agentops.session.errors"), Some(Value::I64(3)));
}

#[test]
fn passed_on_framework_error_counts_once() {
    #[tool]
    fn get_temperature(works: bool) -> Result<i32, String> {
        works.then_some(4).ok_or_else(|| "no sensor".to_owned())
    }
    #[agent]
    fn asks() -> Result<i32, String> {
        rig_tool("get_temperature", "error", || get_temperature(false))
    }
    #[agent]
    fn asks_around() -> Result<i32, String> {
        rig_tool("outer", "error", || get_temperature(false)).map_err(|_| "no answer".to_owned())
    }
    #[agent]
    fn is_told_otherwise() -> Result<i32, String> {
        rig_tool("get_temperature", "error", || get_temperature(true)).and(Err("why?".to_owned()))
    }
    #[task]
    fn takes_a_turn() -> Result<i32, String> {
        drop(rig_chat());
        Err("no turn".to_owned())
    }
    #[session]
    fn passed_on() -> [u64; 4] {
        [asks, asks_around, is_told_otherwise, takes_a_turn].map(|call| {
            call().unwrap_err();
            current_session().unwrap().totals().errors()
        })
    }
    let recording = Recording::global();
    assert_eq!(passed_on(), [1, 2, 3, 4]);
    assert_eq!(
        recording.tree_of("passed_on"),
        "session passed_on\n  \
         agent asks error=\"no sensor\"\n    tool get_temperature error=\"no sensor\"\n  \
         agent asks_around error=\"no answer\"\n    tool outer error=\"the tool failed\"\n      \
         tool get_temperature error=\"no sensor\"\n  \
         agent is_told_otherwise error=\"why?\"\n    \
         tool get_temperature error=\"the tool failed\"\n  \
         task takes_a_turn error=\"no turn\"\n    \
         agent oslo error=\"the model gave no answer\"\n      \
         llm chat error=\"the model gave no answer\"\n"
    );
}

#[test]
fn our_tool_called_by_a_framework_is_one_span() {
    #[tool]
    fn get_temperature(city: &str) -> i32 {
        i32::try_from(city.len()).unwrap_or(0)
    }
    #[tool]
    fn other() {}
    #[session]
    fn calls_ours() {
        rig_tool("get_temperature", "success", || get_temperature("Oslo"));
        rig_tool("outer", "success", other);
        rig_tool("several", "success", || {
            get_temperature("Bergen");
            other();
        });
    }
    let recording = Recording::global();
    calls_ours();
    assert_eq!(
        recording.tree_of("calls_ours"),
        "session calls_ours\n  tool get_temperature\n  tool outer\n    tool other\n  \
         tool several\n    tool get_temperature\n    tool other\n"
    );
    let merged = &recording.trace_of("calls_ours")[1];
    assert_eq!(attribute(merged, "output.value"), Some("4".into()));
    assert_eq!(attribute(merged, "input.value"), Some(r#"{"city":"Oslo"}"#.into()));
    assert_eq!(attribute(merged, "gen_ai.tool.call.id"), Some("c-1".into()));
    let root = recording.trace_of("calls_ours").remove(0);
    assert_eq!(integer(&root, "agentops.session.calls.tool"), Some(Value::I64(6)));
}

#[test]
fn attributes_inside_a_framework_call_go_to_it() {
    #[session]
    fn speaks() {
        rig_tool("get_temperature", "success", || {
            agentops::current().set_output(&-3).set_attribute("sensor", 7).add_tag("outside");
        });
        let chat = rig_chat();
        rig_answers(&chat, 1, 1);
        chat.record("gen_ai.output.messages", r#"[{"role":"assistant","content":"no"}]"#);
        chat.in_scope(|| _ = agentops::current().set_output("yes"));
    }
    let recording = Recording::global();
    speaks();
    let tool = recording.span_of("speaks", "get_temperature");
    assert_eq!(attribute(&tool, "output.value"), Some("-3".into()));
    assert_eq!(attribute(&tool, "sensor"), Some(Value::I64(7)));
    let tags = Value::Array(Array::String(vec!["outside".into()]));
    assert_eq!(attribute(&tool, "agentops.tags"), Some(tags));
    let chat = recording.span_of("speaks", "chat");
    assert_eq!(attribute(&chat, "output.value"), Some("yes".into()));
}

#[test]
fn many_runs_are_adopted_without_waiting() {
    #[session]
    fn tireless() {
        for _ in 0..100 {
            let chat = rig_chat();
            rig_answers(&chat, 1, 1);
        }
    }
    let recording = Recording::global();
    tireless();
    let spans = recording.trace_of("tireless");
    let runs = spans.iter().filter(|span| span.name == "invoke_agent oslo").count();
    assert_eq!((runs, spans.len()), (100, 201));
    let tree = recording.tree_of("tireless");
    assert!(!tree.contains("missing"), "{tree}");
}

#[test]
fn our_model_call_absorbs_the_client_span() {
    #[llm]
    fn ask(prompt: &str) -> usize {
        genai_chat(7, || prompt.len())
    }
    #[llm]
    fn ask_twice() {
        genai_chat(7, || ());
        genai_chat(5, || ());
    }
    #[llm]
    fn knows_better() {
        genai_chat(7, || ());
        agentops::current().set_usage(Usage::new().input(1).output(1)).set_model("mine");
    }
    #[session]
    fn asks_by_genai() {
        ask("hello");
        ask_twice();
        knows_better();
    }
    let recording = Recording::global();
    asks_by_genai();
    assert_eq!(
        recording.tree_of("asks_by_genai"),
        "session asks_by_genai\n  llm ask\n  llm ask_twice\n  llm knows_better\n"
    );
    let spans = recording.trace_of("asks_by_genai");
    assert_eq!(spans[1].name, "chat gpt-4o");
    assert_eq!(integer(&spans[1], "gen_ai.usage.input_tokens"), Some(Value::I64(7)));
    let reasons = Value::Array(Array::String(vec!["stop".into()]));
    assert_eq!(attribute(&spans[1], "gen_ai.response.finish_reasons"), Some(reasons));
    assert_eq!(attribute(&spans[1], "output.value"), Some("5".into()));
    assert_eq!(integer(&spans[2], "gen_ai.usage.input_tokens"), Some(Value::I64(12)));
    assert_eq!(integer(&spans[3], "gen_ai.usage.input_tokens"), Some(Value::I64(1)));
    assert_eq!(spans[3].name, "chat mine");
    assert_eq!(integer(&spans[0], "agentops.session.tokens.input"), Some(Value::I64(20)));
}

/// The streams of a client, played by its spans, which a function of ours returns before they end.
#[llm]
fn streams(ended: &[i64], open: usize) -> Vec<Span> {
    for input in ended {
        genai_chat(*input, || ());
    }
    (0..open).map(|_| genai_begins()).collect()
}

#[llm]
fn streams_and_knows() -> Span {
    agentops::current().set_usage(Usage::new().input(1).output(1));
    genai_begins()
}

/// The names of the spans in a trace, and the tokens that went in.
fn used(trace: &[SpanData]) -> Vec<(String, Option<i64>)> {
    let input = |span: &SpanData| match attribute(span, "gen_ai.usage.input_tokens") {
        Some(Value::I64(tokens)) => Some(tokens),
        _ => None,
    };
    trace.iter().map(|span| (name(span), input(span))).collect()
}

#[test]
fn our_model_call_absorbs_the_client_stream() {
    #[session]
    fn streams_by_genai() {
        for span in streams(&[], 1) {
            genai_answers(&span, 7);
        }
        let spans = streams(&[3], 2);
        spans.iter().zip([5, 9]).for_each(|(span, input)| genai_answers(span, input));
        drop(spans);
        genai_answers(&streams_and_knows(), 100);
    }
    let recording = Recording::global();
    streams_by_genai();
    assert_eq!(
        recording.tree_of("streams_by_genai"),
        "session streams_by_genai\n  llm streams\n  llm streams\n  llm streams_and_knows\n"
    );
    let trace = recording.trace_of("streams_by_genai");
    let used: Vec<_> = used(&trace).into_iter().map(|(_, input)| input).collect();
    assert_eq!(used, [None, Some(7), Some(3 + 5 + 9), Some(1)]);
    assert_eq!(integer(&trace[0], "agentops.session.tokens.input"), Some(Value::I64(25)));
    assert_eq!(integer(&trace[0], "agentops.session.calls.llm"), Some(Value::I64(3)));
}

#[test]
fn client_stream_keeps_the_session_open() {
    #[session]
    fn hands_out_streams() -> Vec<Span> {
        streams(&[], 1)
    }
    let recording = Recording::global();
    let open = hands_out_streams();
    assert!(recording.traces_of("hands_out_streams").is_empty());
    genai_answers(&open[0], 7);
    drop(open);
    let trace = recording.trace_of("hands_out_streams");
    assert_eq!(used(&trace)[1..], [("streams".to_owned(), Some(7))]);
    assert_eq!(integer(&trace[0], "agentops.session.tokens.input"), Some(Value::I64(7)));
}

#[test]
fn leaked_client_stream_is_delivered_with_its_session() {
    let recording = Recording::global();
    let session = Session::start("leaks a stream");
    let leaked = session.in_scope(|| streams(&[3], 1));
    session.end(EndState::Success);
    let trace = recording.trace_of("leaks a stream");
    assert_eq!(used(&trace)[1..], [("streams".to_owned(), Some(3))]);
    genai_answers(&leaked[0], 7);
    drop(leaked);
    let trace = recording.trace_of("leaks a stream");
    assert_eq!(used(&trace)[2..], [("chat".to_owned(), Some(7))]);
    assert_eq!(attribute(&trace[2], "agentops.late"), Some(true.into()));
}

#[test]
fn rig_fills_our_model_call_span() {
    /// Fields that rig asks the current span for, before it decides whether to open one.
    fn rig_completion() {
        const REQUIRED: [&str; 15] = [
            "rig.completion_parent",
            "gen_ai.operation.name",
            "gen_ai.provider.name",
            "gen_ai.request.model",
            "gen_ai.system_instructions",
            "gen_ai.response.id",
            "gen_ai.response.model",
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.output_tokens",
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.cache_creation.input_tokens",
            "gen_ai.usage.tool_use_prompt_tokens",
            "gen_ai.usage.reasoning_tokens",
            "gen_ai.input.messages",
            "gen_ai.output.messages",
        ];
        let span = Span::current();
        let fields = span.metadata().expect("there is a span").fields();
        let missing: Vec<_> =
            REQUIRED.into_iter().filter(|name| fields.field(name).is_none()).collect();
        assert!(missing.is_empty(), "{missing:?}");
        rig_answers(&span, 11, 6);
        span.record("gen_ai.output.messages", r#"[{"role":"assistant","content":"pong"}]"#);
    }
    #[llm]
    fn ping() -> &'static str {
        rig_completion();
        "pong"
    }
    #[session]
    fn asks_by_rig() {
        ping();
    }
    let recording = Recording::global();
    asks_by_rig();
    assert_eq!(recording.tree_of("asks_by_rig"), "session asks_by_rig\n  llm ping\n");
    let span = recording.span_of("asks_by_rig", "ping");
    assert_eq!(integer(&span, "gen_ai.usage.input_tokens"), Some(Value::I64(11)));
    assert_eq!(integer(&span, "gen_ai.usage.reasoning.output_tokens"), Some(Value::I64(1)));
    assert_eq!(
        attribute(&span, "gen_ai.output.messages"),
        Some(
            r#"[{"role":"assistant","parts":[{"type":"text","content":"pong"}],"finish_reason":"unknown"}]"#
                .into()
        )
    );
    let root = recording.trace_of("asks_by_rig").remove(0);
    assert_eq!(integer(&root, "agentops.session.tokens.output"), Some(Value::I64(6)));
}

#[test]
fn our_model_call_absorbs_the_framework_turn() {
    #[llm]
    fn complete() -> &'static str {
        "hi"
    }
    #[session]
    fn own_provider() {
        let chat = rig_chat();
        chat.in_scope(complete);
        rig_answers(&chat, 7, 3);
    }
    let recording = Recording::global();
    own_provider();
    assert_eq!(
        recording.tree_of("own_provider"),
        "session own_provider\n  agent oslo\n    llm complete\n"
    );
    let spans = recording.trace_of("own_provider");
    assert_eq!(
        integer(&recording.span_of("own_provider", "complete"), "gen_ai.usage.output_tokens"),
        Some(Value::I64(3))
    );
    assert_eq!(integer(&spans[0], "agentops.session.tokens.output"), Some(Value::I64(3)));
    assert_eq!(integer(&spans[0], "agentops.session.calls.llm"), Some(Value::I64(1)));
}

#[test]
fn frameworks_with_words_of_their_own_are_understood() {
    #[session]
    fn by_langchain() {
        let span = info_span!(
            target: "langchain_rust::observability",
            "llm.generate",
            provider = "openai",
            model = "gpt-4o",
            stream = false,
            prompt_tokens = Empty,
            completion_tokens = Empty,
            error = Empty,
        );
        span.record("prompt_tokens", 9_u32);
        span.record("completion_tokens", 4_u32);
        drop(span);
        let tool = info_span!(
            target: "langchain_rust::agent::executor", "tool.call", tool = "add", error = Empty
        );
        tool.record("error", "no numbers");
    }
    #[session]
    fn by_adk() {
        let tool = info_span!(
            target: "adk_agent::llm_agent", "", otel.name = "execute_tool add", tool.name = "add"
        );
        tool.in_scope(|| {
            let _wrapper = info_span!(
                target: "adk_agent::llm_agent", "call_llm", "gen_ai.conversation.id" = "theirs"
            )
            .entered();
            let call = info_span!(
                target: "adk_telemetry::spans",
                "gen_ai.generate",
                gen_ai.system = "gemini",
                gen_ai.request.model = "gemini-2.5-flash",
                gen_ai.usage.input_tokens = Empty,
                gen_ai.usage.thinking_tokens = Empty,
                otel.kind = "client",
            );
            call.record("gen_ai.usage.input_tokens", 10_i64);
            call.record("gen_ai.usage.thinking_tokens", 3_i64);
        });
    }
    let recording = Recording::global();
    by_langchain();
    by_adk();
    assert_eq!(
        recording.tree_of("by_langchain"),
        "session by_langchain\n  llm llm.generate\n  tool add error=\"no numbers\"\n"
    );
    let call = recording.span_of("by_langchain", "llm.generate");
    assert_eq!(call.name, "chat gpt-4o");
    assert_eq!(integer(&call, "gen_ai.usage.output_tokens"), Some(Value::I64(4)));
    assert_eq!(
        recording.tree_of("by_adk"),
        "session by_adk\n  tool add\n    llm gen_ai.generate\n",
        "a wrapper is no call of its own"
    );
    let call = recording.span_of("by_adk", "gen_ai.generate");
    assert_eq!(attribute(&call, "gen_ai.provider.name"), Some("gemini".into()));
    assert_eq!(integer(&call, "gen_ai.usage.reasoning.output_tokens"), Some(Value::I64(3)));
}

#[test]
fn our_and_framework_spans_nest_in_each_other() {
    #[agent]
    fn planner() {
        rig_tool("outer", "success", || {
            helper();
            genai_chat(1, inner);
        });
    }
    #[agent]
    fn helper() {
        genai_chat(1, || ());
    }
    #[tool]
    fn inner() {}
    #[session]
    fn woven() {
        planner();
    }
    let recording = Recording::global();
    woven();
    assert_eq!(
        recording.tree_of("woven"),
        "session woven\n  agent planner\n    tool outer\n      agent helper\n        llm chat\n      \
         llm chat\n        tool inner\n"
    );
}

#[test]
fn framework_spans_without_a_session_are_ignored() {
    let recording = Recording::new(|it| it.orphan_policy(OrphanPolicy::Panic));
    let subscriber = registry().with(agentops::layer(&recording.core));
    with_default(subscriber, || {
        rig_tool("alone", "success", || {});
    });
    assert_eq!(recording.spans(), []);
    assert_eq!(recording.core.stats().orphans, 0);
}

#[test]
fn foreign_spans_setting_selects_adoption() {
    #[session]
    fn chosen() {
        info_span!("of_the_program", n = 1).in_scope(|| genai_chat(1, || ()));
    }
    let tree = |which| {
        let recording = Recording::new(|builder| builder.foreign_spans(which));
        with_default(registry().with(agentops::layer(&recording.core)), chosen);
        recording.tree_of("chosen")
    };
    assert_eq!(tree(ForeignSpans::None), "session chosen\n");
    assert_eq!(tree(ForeignSpans::GenAi), "session chosen\n  llm chat\n");
    assert_eq!(tree(ForeignSpans::All), "session chosen\n  custom of_the_program\n    llm chat\n");
}

#[test]
fn framework_content_respects_the_capture_setting() {
    #[tool]
    fn quiet() {}
    #[session]
    fn secret() {
        let chat = rig_chat();
        chat.record("gen_ai.input.messages", r#"[{"role":"user","content":"psst"}]"#);
        rig_answers(&chat, 1, 1);
        rig_tool("whisper", "success", || {});
    }
    let recording = Recording::new(|builder| builder.capture_content(false));
    with_default(registry().with(agentops::layer(&recording.core)), secret);
    let said = format!("{:?}", recording.spans());
    assert!(!said.contains("psst") && !said.contains("Oslo"), "{said}");
    assert_eq!(recording.trace_of("secret").len(), 4);
}

#[test]
fn framework_span_keeps_the_session_open() {
    #[session]
    fn hands_out() -> Span {
        calls_a_tool()
    }
    let recording = Recording::global();
    let handed_out = hands_out();
    assert!(recording.traces_of("hands_out").is_empty());
    drop(handed_out);
    assert_eq!(recording.tree_of("hands_out"), "session hands_out\n  tool get_temperature\n");
}

/// A framework's call of a tool, and ours in it.
fn calls_a_tool() -> Span {
    #[tool]
    fn get_temperature() {}
    let span = info_span!(
        target: "rig_agent::agent::telemetry",
        "execute_tool",
        gen_ai.operation.name = "execute_tool",
        gen_ai.tool.name = "get_temperature",
    );
    span.in_scope(get_temperature);
    span
}

#[test]
fn leaked_framework_span_is_not_waited_for() {
    let recording = Recording::global();
    let session = Session::start("leaks");
    let leaked = session.in_scope(calls_a_tool);
    session.end(EndState::Success);
    let names: Vec<_> =
        recording.trace_of("leaks").iter().map(|span| span.name.to_string()).collect();
    assert_eq!(names, ["invoke_workflow leaks", "execute_tool get_temperature"]);
    let root = recording.trace_of("leaks").remove(0);
    assert_eq!(integer(&root, "agentops.session.calls.tool"), Some(Value::I64(1)));
    drop(leaked);
}

#[test]
fn cancelled_turn_still_ends() {
    #[session]
    async fn cancelled_turn() {
        let chat = rig_chat();
        let _entered = chat.entered();
        pending::<()>().await;
    }
    let recording = Recording::global();
    assert_eq!(cancelled_turn().now_or_never(), None);
    assert_eq!(
        recording.tree_of("cancelled_turn"),
        "session cancelled_turn cancelled\n  agent oslo error=\"the model gave no answer\"\n    \
         llm chat error=\"the model gave no answer\"\n"
    );
}

#[test]
fn frameworks_are_adopted_in_an_existing_provider() {
    #[tool]
    fn get_temperature() {}
    #[session]
    fn with_their_provider() {
        rig_tool("get_temperature", "success", get_temperature);
        info_span!("between").in_scope(|| genai_chat(3, || ()));
    }
    let recording = Recording::new(|builder| builder);
    let theirs = Kept::default();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(span_processor(&recording.core))
        .with_simple_exporter(theirs.clone())
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("theirs"));
    with_default(registry().with(layer), with_their_provider);
    assert_eq!(
        recording.tree_of("with_their_provider"),
        "session with_their_provider\n  tool get_temperature\n  llm chat\n"
    );
    let root = recording.trace_of("with_their_provider").remove(0);
    assert_eq!(integer(&root, "agentops.session.tokens.input"), Some(Value::I64(3)));
    assert_eq!(SpanKind::Llm.as_str(), "llm");
    assert_eq!(theirs.spans().len(), 5);
}
