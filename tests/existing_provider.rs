//! A provider that the program owns: our processor beside its own exporter.

use std::sync::{Mutex, MutexGuard, PoisonError};

use agentops::{
    EndState, Session, Tool, current, llm,
    opentelemetry::trace::{SpanKind, TracerProvider},
    opentelemetry_sdk::trace::{SdkTracerProvider, SpanData},
    session, tool,
    tracing::{self, info_span},
};
use agentops_tests::{Kept, Recording, attribute, attributes, name};
use tracing_subscriber::{Layer, filter::filter_fn, layer::SubscriberExt, registry};

#[tool(tags("a", "b"))]
fn count(n: u64) -> u64 {
    n
}

#[llm(model = "m")]
fn ask() {}

#[session(user_id = "ada")]
fn in_their_provider() {
    info_span!("theirs").in_scope(|| {
        count(1);
        ask();
    });
}

/// Of the cores that providers of a program's own feed, calls find the first: the tests take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn existing_exporter_sees_our_spans_and_ours_only_ours() {
    let _turn = turn();
    let recording = Recording::new(|builder| builder);
    let theirs = Kept::default();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(agentops::span_processor(&recording.core))
        .with_simple_exporter(theirs.clone())
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("theirs"));
    let subscriber = registry().with(layer.with_location(false).with_threads(false));
    tracing::subscriber::with_default(subscriber, || {
        count(0);
        info_span!("outside").in_scope(|| ());
        in_their_provider();
    });

    let ours: Vec<_> = recording.spans().iter().map(name).collect();
    assert_eq!(ours, ["count", "ask", "in_their_provider"]);
    assert_eq!(
        recording.tree_of("in_their_provider"),
        "session in_their_provider\n  tool count\n  llm ask\n",
        "their span in between is none of ours"
    );
    let span = recording.span_of("in_their_provider", "count");
    let recorded = attributes(&span);
    let recorded: Vec<_> = recorded.iter().filter(|line| !line.contains("_ns=")).collect();
    assert_eq!(
        recorded,
        [
            "target=existing_provider",
            "agentops.span.kind=tool",
            "operation.name=count",
            "code.function.name=existing_provider::count",
            "agentops.tags=[\"a\",\"b\"]",
            "user.id=ada",
            "gen_ai.tool.name=count",
            "gen_ai.tool.type=function",
            "gen_ai.tool.call.arguments={\"n\":1}",
            "gen_ai.tool.call.result=1",
            "gen_ai.operation.name=execute_tool",
            "input.value={\"n\":1}",
            "input.mime_type=application/json",
            "output.value=1",
            "output.mime_type=application/json",
        ]
    );
    assert_eq!(recording.span_of("in_their_provider", "ask").span_kind, SpanKind::Client);
    assert_eq!(recording.core.stats().orphans, 1);

    let stamped = theirs.spans().into_iter().map(|span| {
        let has_session = span.attributes.iter().any(|it| it.key.as_str() == "session.id");
        (span.name.to_string(), has_session)
    });
    // The call outside of any session is a span of theirs like any other, and not one of ours.
    let expected = [
        ("outside", false),
        ("count", true),
        ("ask", true),
        ("theirs", true),
        ("in_their_provider", true),
    ];
    let expected = expected.map(|(name, has_session)| (name.to_owned(), has_session));
    assert_eq!(stamped.collect::<Vec<_>>(), expected);
}

#[test]
fn late_session_attributes_reach_the_existing_exporter() {
    let _turn = turn();
    let recording = Recording::new(|builder| builder);
    let theirs = Kept::default();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(agentops::span_processor(&recording.core))
        .with_simple_exporter(theirs.clone())
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("theirs"));
    tracing::subscriber::with_default(registry().with(layer), || {
        let session = Session::start("told later");
        let long = session.in_scope(|| Tool::start("long"));
        session.set_user_id("ada").set_metadata("plan", "pro").add_cost(0.5);
        session.in_scope(|| count(1));
        long.in_scope(|| _ = current().set_cost(0.25));
        long.end(EndState::Success);
        session.end(EndState::Success);
    });
    let keys = ["user.id", "agentops.metadata.plan", "agentops.session.cost_usd"];
    let told = |span: &SpanData| {
        let values = keys.map(|key| attribute(span, key).map_or("-".into(), |it| it.to_string()));
        (name(span), values.join(" "))
    };
    let expected = |long: &str| {
        [("count", "ada - -"), ("long", long), ("told later", "ada pro 0.75")]
            .map(|(name, told)| (name.to_owned(), told.to_owned()))
    };
    let ours: Vec<_> = recording.spans().iter().map(told).collect();
    assert_eq!(ours, expected("ada - -"));
    let theirs: Vec<_> = theirs.spans().iter().map(told).collect();
    assert_eq!(theirs, expected("- - -"));
}

#[test]
fn stats_answer_for_the_processor_s_core_after_shutdown() {
    let _turn = turn();
    let recording = Recording::new(|builder| builder);
    let processor = agentops::span_processor(&recording.core);
    let provider = SdkTracerProvider::builder().with_span_processor(processor).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("theirs"));
    tracing::subscriber::with_default(registry().with(layer), || {
        in_their_provider();
        assert_eq!(agentops::stats(), recording.core.stats());
        assert_eq!(agentops::stats().started, 3);
        let stats = recording.core.shutdown().unwrap();
        assert_eq!((agentops::stats(), stats.sent), (stats.clone(), 3));
    });
}

#[test]
fn filtered_foreign_layer_records_its_own() {
    #[session]
    fn beside_theirs() {
        info_span!("theirs").in_scope(|| count(1));
    }
    let recording = Recording::new(|builder| builder);
    let theirs = Kept::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(theirs.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("theirs"));
    let core = recording.core.clone();
    let not_ours = filter_fn(move |metadata| !core.records(metadata));
    let subscriber =
        registry().with(layer.with_filter(not_ours)).with(agentops::layer(&recording.core));
    tracing::subscriber::with_default(subscriber, beside_theirs);
    assert_eq!(recording.tree_of("beside_theirs"), "session beside_theirs\n  tool count\n");
    let names: Vec<_> = theirs.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["theirs"]);
}
