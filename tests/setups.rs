//! Beside other subscribers: one program under each usual set-up, with what is recorded, by us and by others.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use agentops::{
    SessionContext, Tool, agent, llm,
    opentelemetry::{SpanId, trace::TracerProvider},
    opentelemetry_sdk::trace::{SdkTracerProvider, SpanData},
    session, tool,
    tracing::{self, Instrument, Subscriber, dispatcher, info_span},
};
use agentops_tests::{Kept, Recording, attribute};
use tracing_subscriber::{
    EnvFilter, Layer, fmt, layer::SubscriberExt, registry, registry::LookupSpan,
};

#[tool]
fn look_up(word: &str) -> usize {
    info_span!("http", word).in_scope(|| word.len())
}

#[tool]
fn carried() {}

#[llm(model = "m")]
async fn ask(question: &str) -> String {
    tokio::task::yield_now().await;
    agentops::current().set_usage(3, 4);
    question.to_uppercase()
}

#[agent]
async fn plan() -> usize {
    let found = info_span!("theirs").in_scope(|| look_up("tea"));
    let here = SessionContext::current();
    let subscriber = dispatcher::get_default(Clone::clone);
    let work = move || dispatcher::with_default(&subscriber, || here.in_scope(carried));
    std::thread::spawn(work).join().unwrap();
    let answer = ask("why").instrument(info_span!("client")).await;
    info_span!("handle").in_scope(|| {
        let tool = Tool::start("by hand").unwrap();
        tool.in_scope(|| look_up("by hand"));
        tool.end(agentops::EndState::Success);
    });
    found + answer.len()
}

#[session]
async fn chat() -> usize {
    plan().await
}

/// The program: a request of a service, in which a session runs, and one more after it.
fn program() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let request = info_span!("request");
    assert_eq!(runtime.block_on(chat().instrument(request)), 6);
    assert_eq!(runtime.block_on(chat()), 6);
}

const TREE: &str = "\
session chat
  agent plan
    tool look_up
    tool carried
    llm ask
    tool by hand
      tool look_up
";

/// Runs the program under a subscriber, and says what we have recorded of it.
fn recorded<S>(subscriber: impl FnOnce(&Recording) -> S) -> Vec<String>
where
    S: Subscriber + Send + Sync + 'static,
{
    let recording = Recording::new(|builder| builder);
    let subscriber = subscriber(&recording);
    tracing::subscriber::with_default(subscriber, program);
    let stats = recording.core.stats();
    assert_eq!((stats.orphans, stats.late), (0, 0));
    let traces = recording.traces_of("chat");
    for spans in &traces {
        let usage = spans.iter().find_map(|span| attribute(span, "gen_ai.usage.output_tokens"));
        assert_eq!(usage, Some(4.into()), "what the program says of its span, that span says");
    }
    traces.iter().map(|spans| agentops::testing::tree_of(spans)).collect()
}

/// A layer of the program's own with its exporter.
fn theirs<S>() -> (impl Layer<S>, Kept)
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let kept = Kept::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(kept.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("theirs"));
    (layer.with_location(false).with_threads(false), kept)
}

/// Their spans as they hang together: the same as without us.
fn tree(kept: &Kept) -> String {
    let mut spans = kept.spans();
    spans.sort_by_key(|span| span.start_time);
    let mut text = String::new();
    below(&spans, SpanId::INVALID, 0, &mut text);
    let shown = text.lines().count();
    assert_eq!(shown, spans.len(), "every span of theirs hangs below another one:\n{text}");
    text
}

fn below(spans: &[SpanData], parent: SpanId, depth: usize, text: &mut String) {
    for span in spans.iter().filter(|span| span.parent_span_id == parent) {
        text.push_str(&format!("{}{}\n", "  ".repeat(depth), span.name));
        below(spans, span.span_context.span_id(), depth + 1, text);
    }
}

const THEIR_TREE: &str = "\
request
  chat
    plan
      theirs
        look_up
          http
      carried
      client
        ask
      handle
        tool
          look_up
            http
chat
  plan
    theirs
      look_up
        http
    carried
    client
      ask
    handle
      tool
        look_up
          http
";

#[test]
fn alone_all_is_recorded() {
    assert_eq!(recorded(|ours| registry().with(ours.core.layer())), [TREE; 2]);
}

/// A log that nobody reads.
fn log<S>() -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fmt::layer().with_writer(std::io::sink)
}

#[test]
fn beside_a_log_all_is_recorded() {
    assert_eq!(recorded(|ours| registry().with(ours.core.layer()).with(log())), [TREE; 2]);
    assert_eq!(recorded(|ours| registry().with(log()).with(ours.core.layer())), [TREE; 2]);
}

#[test]
fn beside_filters_of_other_layers_all_is_recorded() {
    let filter = || EnvFilter::new("warn");
    let after =
        |ours: &Recording| registry().with(ours.core.layer()).with(log().with_filter(filter()));
    assert_eq!(recorded(after), [TREE; 2]);
    let before =
        |ours: &Recording| registry().with(log().with_filter(filter())).with(ours.core.layer());
    assert_eq!(recorded(before), [TREE; 2]);
}

#[test]
fn beside_an_opentelemetry_layer_before_it_each_records_its_own() {
    let (layer, kept) = theirs();
    assert_eq!(recorded(|ours| registry().with(layer).with(ours.core.layer())), [TREE; 2]);
    assert_eq!(tree(&kept), THEIR_TREE);
}

#[test]
fn beside_an_opentelemetry_layer_after_it_each_records_its_own() {
    let (layer, kept) = theirs();
    assert_eq!(recorded(|ours| registry().with(ours.core.layer()).with(layer)), [TREE; 2]);
    assert_eq!(tree(&kept), THEIR_TREE);
}
