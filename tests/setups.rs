//! Beside other subscribers: one program under each usual set-up, with what is recorded, by us and by others.
//! tokio-console, which needs a flag of its own to be built, is in `console/`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::mpsc;

use agentops::{
    Session, SessionContext, Tool, TracingConfig, TracingCore, Usage, agent, llm,
    opentelemetry::{SpanId, trace::TracerProvider},
    opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, SpanData},
    session, tool,
    tracing::{self, Instrument, Subscriber, dispatcher, info_span},
};
use agentops_tests::{
    Kept, Recording, attribute,
    process::{part, play},
};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::{
    EnvFilter, Layer, filter::filter_fn, fmt, layer::SubscriberExt, registry, registry::LookupSpan,
    util::SubscriberInitExt,
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
    agentops::current().set_usage(Usage::new().input(3).output(4));
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
        let tool = Tool::start("by hand");
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

#[test]
fn stats_remain_available_after_core_shutdown() {
    let none = agentops::Stats::default();
    let recording = Recording::new(|builder| builder);
    let subscriber = registry().with(agentops::layer(&recording.core));
    tracing::subscriber::with_default(subscriber, || {
        let session = Session::start("counted");
        let open: Vec<_> = agentops::sessions().iter().map(|it| it.name().to_owned()).collect();
        assert_eq!((open, agentops::stats().started), (vec!["counted".to_owned()], 1));
        session.end(agentops::EndState::Success);
        let stats = recording.core.shutdown().unwrap();
        assert_eq!((stats.ended, stats.sent), (1, 1));
        assert_eq!(agentops::stats(), stats, "after the shutdown");
        drop(recording);
        assert_eq!(agentops::stats(), stats, "once the core is gone, and only the layer is there");
        assert_eq!(agentops::sessions().len(), 0);
    });
    assert_eq!(agentops::stats(), none, "here is neither a subscriber nor a fallback");
}

#[test]
fn readme_compatibility_table_matches_manifest_versions() {
    let manifest = include_str!("../Cargo.toml");
    let version = |name: &str| {
        let line = manifest.lines().find(|line| line.starts_with(&format!("{name} = "))).unwrap();
        let version = line.split('"').nth(1).unwrap();
        version.splitn(3, '.').take(2).collect::<Vec<_>>().join(".")
    };
    let versions = ["version", "opentelemetry", "tracing-opentelemetry", "tracing"];
    let [agentops, otel, bridge, tracing] = versions.map(version);
    let (sdk, subscriber, rust) =
        (version("opentelemetry_sdk"), version("tracing-subscriber"), version("rust-version"));
    assert_eq!(otel, sdk);
    let row =
        format!("| {agentops} | {otel} | {bridge} | {tracing} | {subscriber} | {rust} or newer |");
    assert!(include_str!("../README.md").lines().any(|line| line == row), "{row}");
}

/// A layer of the program's own with its exporter.
fn theirs<S>() -> (OpenTelemetryLayer<S, SdkTracer>, Kept)
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
    tree_of(kept.spans())
}

fn tree_of(mut spans: Vec<SpanData>) -> String {
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
    assert_eq!(recorded(|ours| registry().with(agentops::layer(&ours.core))), [TREE; 2]);
}

/// A log that nobody reads.
fn log<S>() -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fmt::layer().with_writer(std::io::sink)
}

#[test]
fn layer_records_all_beside_fmt_layer() {
    assert_eq!(
        recorded(|ours| registry().with(agentops::layer(&ours.core)).with(log())),
        [TREE; 2]
    );
    assert_eq!(
        recorded(|ours| registry().with(log()).with(agentops::layer(&ours.core))),
        [TREE; 2]
    );
}

#[test]
fn layer_records_all_beside_filtered_layers() {
    let filter = || EnvFilter::new("warn");
    let after = |ours: &Recording| {
        registry().with(agentops::layer(&ours.core)).with(log().with_filter(filter()))
    };
    assert_eq!(recorded(after), [TREE; 2]);
    let before = |ours: &Recording| {
        registry().with(log().with_filter(filter())).with(agentops::layer(&ours.core))
    };
    assert_eq!(recorded(before), [TREE; 2]);
}

#[test]
fn opentelemetry_layer_before_ours_records_its_own() {
    let (layer, kept) = theirs();
    assert_eq!(
        recorded(|ours| registry().with(layer).with(agentops::layer(&ours.core))),
        [TREE; 2]
    );
    assert_eq!(tree(&kept), THEIR_TREE);
}

#[test]
fn opentelemetry_layer_after_ours_records_its_own() {
    let (layer, kept) = theirs();
    assert_eq!(
        recorded(|ours| registry().with(agentops::layer(&ours.core)).with(layer)),
        [TREE; 2]
    );
    assert_eq!(tree(&kept), THEIR_TREE);
}

/// A tool of a framework, in which it calls a tool of ours and a model.
fn framework() {
    let outer = info_span!(
        target: "rig::agent",
        "execute_tool",
        gen_ai.operation.name = "execute_tool",
        gen_ai.tool.name = "outer",
    );
    outer.in_scope(|| {
        info_span!("http").in_scope(|| {
            look_up("tea");
            let chat = info_span!(
                target: "genai::otel::span", "genai.chat", gen_ai.operation.name = "chat"
            );
            chat.in_scope(carried);
        });
    });
}

// `tracing` lends no dispatcher to a layer whose span is being created, once a thread has a subscriber of its own.
#[test]
fn scoped_subscriber_nests_framework_spans_beside_another_layer() {
    #[session]
    fn adopts() {
        framework();
    }
    fn adopted<S>(subscriber: impl FnOnce(&Recording) -> S) -> String
    where
        S: Subscriber + Send + Sync + 'static,
    {
        let recording = Recording::new(|builder| builder);
        tracing::subscriber::with_default(subscriber(&recording), adopts);
        recording.tree_of("adopts")
    }
    let expected =
        "session adopts\n  tool outer\n    tool look_up\n    llm chat\n      tool carried\n";
    let trees = [
        adopted(|ours| registry().with(agentops::layer(&ours.core))),
        adopted(|ours| registry().with(theirs().0).with(agentops::layer(&ours.core))),
        adopted(|ours| registry().with(agentops::layer(&ours.core)).with(theirs().0)),
        adopted(|ours| registry().with(Some(agentops::layer(&ours.core))).with(theirs().0)),
    ];
    assert_eq!(trees, [expected; 4]);
}

#[test]
fn opentelemetry_layer_without_context_stays_apart() {
    let (layer, kept) = theirs();
    let layer = layer.with_context_activation(false);
    assert_eq!(
        recorded(|ours| registry().with(agentops::layer(&ours.core)).with(layer)),
        [TREE; 2]
    );
    // Nothing carries their spans into a thread: there, one of them hangs below ours.
    let mut spans = kept.spans();
    spans.retain(|span| span.name != "carried");
    let expected = THEIR_TREE.replace("      carried\n", "").replace("    carried\n", "");
    assert_eq!(tree_of(spans), expected);
}

#[test]
fn opentelemetry_layer_filtered_from_us_records_its_own() {
    let (layer, kept) = theirs();
    let subscriber = |ours: &Recording| {
        let core = ours.core.clone();
        let not_ours = filter_fn(move |metadata| !core.records(metadata));
        registry().with(agentops::layer(&ours.core)).with(layer.with_filter(not_ours))
    };
    assert_eq!(recorded(subscriber), [TREE; 2]);
    let mut names: Vec<_> = kept.spans().into_iter().map(|span| span.name).collect();
    names.sort();
    let one = ["client", "handle", "http", "http", "theirs"];
    let mut expected = [&["request"][..], &one, &one].concat();
    expected.sort_unstable();
    assert_eq!(names, expected);
}

#[test]
fn layer_records_all_beside_tracing_tree() {
    let tree = || tracing_tree::HierarchicalLayer::new(2).with_writer(std::io::sink);
    assert_eq!(
        recorded(|ours| registry().with(agentops::layer(&ours.core)).with(tree())),
        [TREE; 2]
    );
    assert_eq!(
        recorded(|ours| registry().with(tree()).with(agentops::layer(&ours.core))),
        [TREE; 2]
    );
}

#[test]
fn existing_provider_records_all_by_a_processor() {
    let recording = Recording::new(|builder| builder);
    let processor = agentops::span_processor(&recording.core);
    let provider = SdkTracerProvider::builder().with_span_processor(processor).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("theirs"));
    tracing::subscriber::with_default(registry().with(layer), program);
    let trees: Vec<_> =
        recording.traces_of("chat").iter().map(|spans| agentops::testing::tree_of(spans)).collect();
    assert_eq!(trees, [TREE; 2]);
}

/// Lines of agentops on stderr, of a part with these variables.
fn said(part: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    let output = play(part, &[&[("AGENTOPS_LOCAL_DIR", path)], variables].concat());
    assert!(output.status.success(), "{output:?}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    stderr.lines().filter(|line| line.contains("agentops: ")).map(str::to_owned).collect()
}

#[session]
fn plain() {
    look_up("tea");
}

#[test]
#[ignore = "a part of the other tests, played in a process of its own"]
fn plays_its_part() {
    let core = || TracingCore::new(TracingConfig::from_env().unwrap()).unwrap();
    match part().as_str() {
        "filtered" => {
            let core = core();
            let log = fmt::layer().with_writer(std::io::stderr);
            let filter = EnvFilter::from_default_env();
            registry().with(agentops::layer(&core)).with(log).with(filter).init();
            (0..3).for_each(|_| plain());
            core.shutdown().unwrap();
        }
        "never started" => (0..3).for_each(|_| plain()),
        "not in the subscriber" => {
            let core = core();
            registry().with(fmt::layer().with_writer(std::io::stderr).without_time()).init();
            (0..3).for_each(|_| plain());
            core.shutdown().unwrap();
        }
        "started later" => {
            plain();
            let guard = agentops::init().unwrap();
            plain();
            guard.shutdown().unwrap();
        }
        "loose ends" => {
            let guard = agentops::init().unwrap();
            (0..2).for_each(|_| _ = look_up("alone"));
            let (done, wait) = mpsc::channel();
            let session = Session::start("index all");
            let background = session.in_scope(|| {
                agentops::thread::spawn(move || {
                    wait.recv().unwrap();
                    look_up("late");
                })
            });
            session.end(agentops::EndState::Success);
            done.send(()).unwrap();
            background.join().unwrap();
            guard.shutdown().unwrap();
        }
        other => panic!("no part `{other}`"),
    }
}

const FILTERED: &str = "agentops: session `plain` (tests/setups.rs:LINE) is not recorded: a filter of the whole subscriber disables its target `setups`, and may disable others; give the filter to the layer that it is meant for, as in `fmt::layer().with_filter(…)`, or let it pass `setups=info`";

/// The line of the first annotated function of this name.
fn at(text: &str, attribute: &str, function: &str) -> String {
    let source = include_str!("setups.rs");
    let function = format!("#[{attribute}]\nfn {function}(");
    let before = source[..source.find(&function).unwrap()].lines().count();
    text.replace("LINE", &(before + 1).to_string())
}

#[test]
fn global_filter_hiding_a_session_is_warned_once() {
    assert_eq!(said("filtered", &[("RUST_LOG", "warn")]), [at(FILTERED, "session", "plain")]);
    let tree = said("filtered", &[("RUST_LOG", "info")]);
    assert_eq!(tree.len(), 0, "{tree:?}");
}

#[test]
fn unrecorded_session_is_warned_once_in_debug_builds() {
    let line = |text: &str| at(text, "session", "plain");
    let start = "agentops: session `plain` (tests/setups.rs:LINE) is not recorded: ";
    let end = " (said in debug builds; `AGENTOPS_CONSOLE=off` stops it)";
    let never = "tracing was not started; call `agentops::init()` first and keep its guard";
    assert_eq!(said("never started", &[]), [line(&format!("{start}{never}{end}"))]);
    assert_eq!(said("never started", &[("AGENTOPS_CONSOLE", "off")]), [""; 0]);
    assert_eq!(said("never started", &[("OTEL_SDK_DISABLED", "true")]), [""; 0]);
    let elsewhere = said("not in the subscriber", &[]);
    assert_eq!(elsewhere.len(), 1, "{elsewhere:?}");
    assert!(elsewhere[0].contains("add `agentops::layer(&core)` to it"), "{elsewhere:?}");
}

#[test]
fn session_before_tracing_is_warned_at_start() {
    let said = said("started later", &[]);
    let before = "agentops: session `plain` (tests/setups.rs:LINE) began before tracing was started and is \
                  not recorded; call `agentops::init()` before the first session, and no `#[session]` \
                  function as the one that calls it";
    assert_eq!(
        said.iter().filter(|line| **line == at(before, "session", "plain")).count(),
        1,
        "{said:?}"
    );
}

#[test]
fn orphans_and_late_calls_are_listed_with_remedies() {
    let said = said("loose ends", &[]);
    let orphans = "agentops: 2 calls outside of any session not recorded: `look_up` \
                   (tests/setups.rs:LINE) ×2; call them below a `#[session]` function, and spawn them by \
                   `agentops::spawn`, with `.in_current_session()` or by `agentops::thread::spawn`; where a \
                   server or a queue calls them, put `#[session]` above them";
    let late = "agentops: 1 call ended after the session had, and in no total of it: `look_up` \
                (tests/setups.rs:LINE) ×1; start them by `agentops::spawn`, with \
                `.in_current_session()` or by `agentops::thread::spawn`, which keep the session open, and end \
                a session in hand after them";
    for line in [orphans, late] {
        assert!(said.contains(&at(line, "tool", "look_up")), "{said:#?}");
    }
}
