//! Work that outlives the function that opened the session: streams in the answer, tasks, threads, futures.
#![deny(clippy::pedantic)]

use std::{
    pin::{Pin, pin},
    sync::{
        Mutex,
        mpsc::{Receiver, channel},
    },
    time::Duration,
};

use agentops::{
    Budget, BudgetPolicy, EndState, Session, SessionContext, SessionExt, Tool, Totals, Usage,
    agent, current, current_session, llm,
    opentelemetry::Context,
    opentelemetry_sdk::trace::{SdkTracerProvider, SpanData},
    session, tool, tracing_opentelemetry,
};
use agentops_tests::{Recording, attribute, is_beside, log};
use futures_util::{Stream, StreamExt, future::BoxFuture, stream};
use tokio::sync::mpsc;
use tracing_subscriber::{layer::SubscriberExt, registry};

#[tool]
fn look_up(word: usize) -> usize {
    word
}

/// A model's answer, word by word, with a tool for each.
#[llm(model = "gpt-4o-mini")]
fn tokens(count: usize) -> impl Stream<Item = String> + Send {
    stream::iter(0..count).map(move |word| {
        look_up(word);
        current().set_usage(Usage::new().input(5_u64).output(7_u64));
        format!("w{word}")
    })
}

/// A server's answer: nothing of its type tells that there is a stream in it.
struct Response(Pin<Box<dyn Stream<Item = String> + Send>>);

impl Response {
    async fn body(mut self) -> Vec<String> {
        let mut all = Vec::new();
        while let Some(word) = self.0.next().await {
            all.push(word);
        }
        all
    }
}

const WORDS: [&str; 3] = ["w0", "w1", "w2"];

fn state(root: &SpanData) -> String {
    attribute(root, "agentops.session.end_state").map(|it| it.to_string()).unwrap_or_default()
}

/// Calls, errors and tokens, as the root tells them.
fn totals(root: &SpanData) -> [Option<String>; 4] {
    ["calls.llm", "calls.tool", "errors", "tokens.input"].map(|key| {
        attribute(root, &format!("agentops.session.{key}")).map(|value| value.to_string())
    })
}

fn all(totals: [u64; 4]) -> [Option<String>; 4] {
    totals.map(|total| (total > 0 || totals[2] == total).then(|| total.to_string()))
}

fn events(root: &SpanData) -> Vec<String> {
    root.events.iter().map(|event| event.name.to_string()).collect()
}

fn has_late(trace: &[SpanData]) -> bool {
    trace.iter().any(|span| attribute(span, "agentops.late").is_some())
}

/// The trace of a chat: one session, a model call with its tokens, its tools below it, nothing late.
fn assert_chat(recording: &Recording, session: &str) -> Vec<SpanData> {
    let trace = recording.trace_of(session);
    let tree = recording.tree_of(session);
    let expected = format!(
        "session {session}\n  llm tokens\n    tool look_up\n    tool look_up\n    tool look_up\n"
    );
    assert_eq!(tree, expected);
    assert_eq!(totals(&trace[0]), all([1, 3, 0, 5]));
    assert!(!has_late(&trace));
    assert!(trace.iter().all(|span| span.end_time <= trace[0].end_time));
    trace
}

#[tokio::test]
async fn nested_stream_keeps_the_session_open() {
    #[session]
    async fn streams() -> Response {
        tokio::task::yield_now().await;
        Response(Box::pin(tokens(3)))
    }
    let recording = Recording::global();
    let response = streams().await;
    assert!(recording.traces_of("streams").is_empty(), "it still runs");
    assert!(agentops::sessions().iter().any(|it| it.name() == "streams" && it.is_open()));
    assert_eq!(response.body().await, WORDS);
    let trace = assert_chat(recording, "streams");
    assert_eq!(state(&trace[0]), "Success");
    assert_eq!(events(&trace[0]), ["agentops.session.returned"]);
    let returned = trace[0].events[0].timestamp;
    assert!(trace[0].start_time <= returned && returned <= trace[1].end_time);
}

#[tokio::test]
async fn feeding_task_keeps_the_session_open() {
    async fn produce(sender: mpsc::Sender<String>) {
        let mut tokens = pin!(tokens(3));
        while let Some(token) = tokens.next().await {
            sender.send(token).await.unwrap();
        }
    }
    fn received(receiver: mpsc::Receiver<String>) -> Response {
        let next =
            |mut receiver: mpsc::Receiver<_>| async { Some((receiver.recv().await?, receiver)) };
        Response(Box::pin(stream::unfold(receiver, next)))
    }
    #[session]
    async fn spawns() -> Response {
        let (sender, receiver) = mpsc::channel(1);
        agentops::spawn(produce(sender));
        received(receiver)
    }
    #[session]
    async fn carries() -> Response {
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(produce(sender).in_current_session());
        received(receiver)
    }
    let recording = Recording::global();
    assert_eq!(spawns().await.body().await, WORDS);
    assert_eq!(carries().await.body().await, WORDS);
    for session in ["spawns", "carries"] {
        wait_for_end(session).await;
        assert_chat(recording, session);
    }
}

/// Waits until no session of this name is open: its task ends when it likes.
async fn wait_for_end(session: &str) {
    while agentops::sessions().iter().any(|it| it.name() == session) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn unannotated_stream_carries_its_session_by_hand() {
    #[session]
    fn by_extension() -> Response {
        let words = stream::iter([0]).flat_map(|_| tokens(3));
        Response(Box::pin(words.in_current_session()))
    }
    fn by_handle() -> Response {
        let session = Session::start("by_handle");
        let words = stream::iter([0]).flat_map(|_| tokens(3));
        Response(Box::pin(session.instrument_stream(words)))
    }
    fn by_context() -> Response {
        let session = Session::start("by_context");
        let context = session.in_scope(SessionContext::current);
        let words = stream::iter([0]).flat_map(|_| tokens(3));
        Response(Box::pin(context.instrument(words)))
    }
    let recording = Recording::global();
    let sessions = [
        ("by_extension", by_extension as fn() -> Response, "Success"),
        ("by_handle", by_handle, "Success"),
        ("by_context", by_context, "Indeterminate"),
    ];
    for (name, answer, expected) in sessions {
        assert_eq!(answer().body().await, WORDS, "{name}");
        assert_eq!(state(&assert_chat(recording, name)[0]), expected, "{name}");
    }
}

#[tokio::test]
async fn client_disconnect_ends_the_session() {
    #[session]
    async fn hung_up() -> Response {
        Response(Box::pin(tokens(3)))
    }
    fn dropped_handle() -> Response {
        let session = Session::start("dropped_handle");
        Response(Box::pin(session.instrument_stream(tokens(3))))
    }
    let recording = Recording::global();
    let mut response = hung_up().await;
    assert_eq!(response.0.next().await.as_deref(), Some("w0"));
    drop(response);
    let trace = recording.trace_of("hung_up");
    assert_eq!((trace.len(), state(&trace[0]).as_str()), (3, "Success"));
    assert_eq!(attribute(&trace[1], "agentops.cancelled"), Some(true.into()));
    assert_eq!(attribute(&trace[1], "gen_ai.usage.output_tokens"), Some(7.into()));
    assert!(!has_late(&trace));

    let mut response = dropped_handle();
    assert_eq!(response.0.next().await.as_deref(), Some("w0"));
    drop(response);
    assert_eq!(state(&recording.trace_of("dropped_handle")[0]), "Indeterminate");
}

#[tokio::test]
async fn last_call_is_in_its_session() {
    /// A callsite of its own, of which nothing was said yet.
    #[llm]
    fn last_words() -> impl Stream<Item = String> + Send {
        stream::iter(["w0".to_owned()])
    }
    #[session]
    fn ends_with_a_call() -> Response {
        Response(Box::pin(last_words()))
    }
    #[session(budget(tokens = 11))]
    fn ends_over_its_budget() -> Response {
        Response(Box::pin(tokens(1)))
    }
    let recording = Recording::global();
    ends_with_a_call().body().await;
    ends_over_its_budget().body().await;
    assert_eq!(log::lines_with("`ends_with_a_call`"), [""; 0]);
    assert_eq!(
        log::lines_with("`ends_over_its_budget`"),
        [
            "session `ends_over_its_budget` has used 12 tokens of 11; raise its budget or end it earlier"
        ]
    );
    let root = &recording.trace_of("ends_over_its_budget")[0];
    assert_eq!(events(root), ["agentops.session.returned", "agentops.session.budget_exceeded"]);
}

#[tokio::test]
async fn unused_continuation_keeps_nothing_open() {
    #[tool]
    fn later() -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
    #[session]
    fn unused() -> (impl Future<Output = ()>, impl Stream<Item = u8>, BoxFuture<'static, ()>) {
        (async {}.in_current_session(), stream::empty().in_current_session(), later())
    }
    let recording = Recording::global();
    let unused = unused();
    assert!(recording.traces_of("unused").is_empty());
    drop(unused);
    assert_eq!(recording.tree_of("unused"), "session unused\n");
}

#[tokio::test]
async fn threads_tasks_and_futures_keep_a_session_open() {
    #[tool]
    fn deferred() -> BoxFuture<'static, ()> {
        Box::pin(async {
            look_up(9);
        })
    }
    #[session]
    fn on_a_thread(wait: Receiver<()>) -> std::thread::JoinHandle<()> {
        agentops::thread::spawn(move || {
            wait.recv().unwrap();
            look_up(1);
        })
    }
    #[session]
    fn blocking(wait: Receiver<()>) -> tokio::task::JoinHandle<()> {
        agentops::spawn_blocking(move || {
            wait.recv().unwrap();
            look_up(1);
        })
    }
    #[session]
    fn in_a_vec() -> Vec<BoxFuture<'static, ()>> {
        vec![deferred()]
    }
    let recording = Recording::global();
    let (go, wait) = channel();
    let thread = on_a_thread(wait);
    go.send(()).unwrap();
    thread.join().unwrap();
    let (go, wait) = channel();
    let task = blocking(wait);
    go.send(()).unwrap();
    task.await.unwrap();
    in_a_vec().remove(0).await;
    for session in ["on_a_thread", "blocking"] {
        wait_for_end(session).await;
        assert_eq!(recording.tree_of(session), format!("session {session}\n  tool look_up\n"));
    }
    assert_eq!(
        recording.tree_of("in_a_vec"),
        "session in_a_vec\n  tool deferred\n    tool look_up\n"
    );
    for session in ["on_a_thread", "blocking", "in_a_vec"] {
        assert!(!has_late(&recording.trace_of(session)), "{session}");
    }
}

#[tokio::test]
async fn failed_session_waits_for_its_tasks() {
    #[session]
    async fn fails(started: mpsc::Sender<()>) -> Result<(), String> {
        agentops::spawn(async move {
            tokio::task::yield_now().await;
            look_up(1);
            started.send(()).await.unwrap();
        });
        Err("no answer".to_owned())
    }
    let recording = Recording::global();
    let (sender, mut receiver) = mpsc::channel(1);
    fails(sender).await.unwrap_err();
    receiver.recv().await.unwrap();
    wait_for_end("fails").await;
    assert_eq!(recording.tree_of("fails"), "session fails error=\"no answer\"\n  tool look_up\n");
    assert_eq!(state(&recording.trace_of("fails")[0]), "Failure");
}

#[tokio::test]
async fn awaiting_session_has_no_return_event() {
    #[session]
    async fn awaits() {
        agentops::spawn(async { look_up(1) }).await.unwrap();
        assert_eq!(tokens(3).collect::<Vec<_>>().await, WORDS);
    }
    let recording = Recording::global();
    awaits().await;
    // The task may be dropped a moment after its end is told.
    wait_for_end("awaits").await;
    let trace = recording.trace_of("awaits");
    assert_eq!((trace.len(), state(&trace[0]).as_str()), (6, "Success"));
}

#[test]
fn explicit_end_ends_despite_running_work() {
    let recording = Recording::global();
    let session = Session::start("ended by hand");
    let (tool, context) = session.in_scope(|| (Tool::start("leaks"), Context::current()));
    session.end(EndState::Success);
    assert_eq!(recording.tree_of("ended by hand"), "session ended by hand\n");
    tool.end(EndState::Success);
    {
        let _attached = context.attach();
        look_up(1);
    }
    let trace = recording.trace_of("ended by hand");
    let late = trace.iter().filter(|span| attribute(span, "agentops.late").is_some()).count();
    assert_eq!((trace.len(), late), (3, 2));
    assert_eq!(events(&trace[0]), [""; 0]);
}

#[test]
fn inner_session_has_its_own_end() {
    #[session]
    fn outer() -> Session {
        Session::start("inner")
    }
    let recording = Recording::global();
    let inner = outer();
    assert_eq!(recording.tree_of("outer"), "session outer\n");
    inner.end(EndState::Success);
    assert_eq!(recording.tree_of("inner"), "session inner\n");
}

#[test]
fn last_of_many_ends_the_session_without_late_spans() {
    #[session]
    fn many(sender: &Mutex<Vec<std::thread::JoinHandle<()>>>) {
        for n in 0..16 {
            let spawned = agentops::thread::spawn(move || {
                for m in 0..50 {
                    look_up(n * 50 + m);
                }
            });
            sender.lock().unwrap().push(spawned);
        }
    }
    let recording = Recording::global();
    let threads = Mutex::default();
    many(&threads);
    threads.into_inner().unwrap().into_iter().for_each(|thread| thread.join().unwrap());
    let trace = recording.trace_of("many");
    assert_eq!(totals(&trace[0]), [None, Some("800".to_owned()), Some("0".to_owned()), None]);
    assert_eq!((trace.len(), has_late(&trace)), (801, false));
}

/// Runs code with a core of its own: the drain timeout is a setting of a core.
fn drained_after(timeout: Duration, act: impl FnOnce(&Recording)) {
    let recording = Recording::new(|builder| builder.session_drain_timeout(timeout));
    let subscriber = registry().with(agentops::layer(&recording.core)).with(log::Log);
    tracing::subscriber::with_default(subscriber, || act(&recording));
}

#[test]
fn session_without_drain_timeout_ends_at_once() {
    #[session]
    fn at_once() -> Tool {
        Tool::start("leaks")
    }
    drained_after(Duration::ZERO, |recording| {
        let tool = at_once();
        assert_eq!(recording.tree_of("at_once"), "session at_once\n");
        tool.end(EndState::Success);
        let trace = recording.trace_of("at_once");
        assert!(has_late(&trace));
        assert_eq!((events(&trace[0]).len(), state(&trace[0]).as_str()), (0, "Success"));
    });
}

#[test]
fn drain_timeout_ends_the_session_with_a_warning() {
    #[session]
    fn overdue() -> (Tool, agentops::SessionRef) {
        (Tool::start("leaks"), current_session().unwrap())
    }
    drained_after(Duration::from_millis(20), |recording| {
        let (tool, session) = overdue();
        // It is said after the end, by another thread.
        while log::lines_with("session `overdue` ended").is_empty() {
            std::thread::yield_now();
        }
        assert!(!session.is_open());
        let trace = recording.trace_of("overdue");
        assert_eq!(events(&trace[0]), ["agentops.session.returned"]);
        assert_eq!((trace.len(), state(&trace[0]).as_str()), (1, "Success"));
        tool.end(EndState::Success);
        // It is said when the session has ended.
        let said = loop {
            match log::lines_with("session `overdue` ended") {
                none if none.is_empty() => std::thread::yield_now(),
                said => break said,
            }
        };
        assert_eq!(
            said,
            [
                "session `overdue` ended 20ms after its function had returned, while 1 of its calls, streams or \
              tasks still ran; await them, or raise `session_drain_timeout`"
            ]
        );
        let late: fn(&Totals) -> u64 = |totals| totals.calls(agentops::SpanKind::Tool);
        assert_eq!([late(&session.totals()), late(&session.late_totals())], [0, 1]);
    });
}

#[test]
fn shutdown_ends_a_draining_session_with_its_result() {
    #[session]
    fn shut_down() -> Tool {
        Tool::start("leaks")
    }
    drained_after(Duration::from_secs(300), |recording| {
        let tool = shut_down();
        assert!(recording.core.shutdown().is_ok());
        let spans = recording.kept.spans();
        assert_eq!((spans.len(), state(&spans[0]).as_str()), (1, "Success"));
        drop(tool);
    });
}

#[test]
fn existing_provider_keeps_sessions_open() {
    use agentops::opentelemetry::trace::TracerProvider;
    #[session]
    fn in_their_provider() -> Response {
        Response(Box::pin(tokens(3)))
    }
    if is_beside() {
        return;
    }
    let recording = Recording::new(|builder| builder);
    let provider = SdkTracerProvider::builder()
        .with_span_processor(agentops::span_processor(&recording.core))
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("theirs"));
    let subscriber = registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        let response = in_their_provider();
        assert_eq!(futures_util::FutureExt::now_or_never(response.body()).unwrap(), WORDS);
    });
    assert_chat(&recording, "in_their_provider");
}

/// Words without an end.
#[llm(model = "gpt-4o-mini")]
fn endless() -> impl Stream<Item = u64> + Send {
    stream::unfold(0, |n| async move {
        tokio::task::yield_now().await;
        think(n);
        Some((n, n + 1))
    })
}

#[llm]
fn think(n: u64) {
    current().set_usage(Usage::new().input(10_u64).output(n));
}

fn limited(name: &str) -> Session {
    let budget = Budget::new().tokens(100).policy(BudgetPolicy::Cancel);
    Session::builder(name).budget(budget).start()
}

#[tokio::test]
async fn budget_ends_remaining_work() {
    let recording = Recording::global();
    let annotated = limited("annotated stream").in_scope(endless);
    assert!(annotated.count().await < 20);
    let carried = limited("carried stream").in_scope(|| {
        let words = stream::repeat_with(|| think(1)).then(|()| tokio::task::yield_now());
        words.in_current_session()
    });
    assert!(carried.count().await < 20);
    let spawned = limited("spawned task").in_scope(|| {
        agentops::spawn(async {
            loop {
                think(1);
                tokio::task::yield_now().await;
            }
        })
    });
    assert!(spawned.await.unwrap_err().is_cancelled());
    let session = limited("session in a stream");
    let in_hand = session.instrument_stream(stream::unfold(0, |n| async move {
        tokio::task::yield_now().await;
        think(n);
        Some((n, n + 1))
    }));
    drop(session);
    assert!(in_hand.count().await < 20);
    let root = &recording.trace_of("session in a stream")[0];
    let message = "session `session in a stream` has used 108 tokens of 100; raise its budget or end it earlier";
    assert_eq!(
        (state(root).as_str(), &root.status),
        ("Failure", &agentops::opentelemetry::trace::Status::error(message))
    );
    for session in ["annotated stream", "carried stream", "spawned task", "session in a stream"] {
        let trace = recording.trace_of(session);
        let told = events(&trace[0]);
        assert!(told.contains(&"agentops.session.budget_exceeded".to_owned()), "{told:?}");
        assert!(!has_late(&trace));
    }
}

/// An answer of thirty tokens.
#[llm]
fn answer() -> impl Stream<Item = u64> + Send {
    stream::iter(0..2).then(|n| async move {
        tokio::task::yield_now().await;
        current().set_usage(Usage::new().input(30_u64).output(0_u64));
        n
    })
}

/// A loop that takes the end of an answer for its cue.
#[agent]
fn turns() -> impl Stream<Item = u64> + Send {
    stream::iter(0..1_000).flat_map(|_| answer())
}

#[tokio::test]
async fn budget_ends_the_outermost_remaining_work() {
    let recording = Recording::global();
    let streamed = limited("a loop in a stream").in_scope(turns);
    streamed.collect::<Vec<_>>().await;
    let carried = limited("a loop that is carried").in_scope(|| turns().in_current_session());
    carried.collect::<Vec<_>>().await;
    let spawned = limited("a loop in a task")
        .in_scope(|| agentops::spawn(async { turns().collect::<Vec<_>>().await }));
    assert!(spawned.await.unwrap_err().is_cancelled());
    let traveling =
        limited("a loop that travels").instrument_stream(stream::iter([0]).flat_map(|_| turns()));
    traveling.collect::<Vec<_>>().await;
    for session in
        ["a loop in a stream", "a loop that is carried", "a loop in a task", "a loop that travels"]
    {
        let tree = recording.tree_of(session);
        let (root, rest) = tree.split_once('\n').unwrap();
        assert!(root.starts_with(&format!("session {session}")), "{root}");
        let answers = "    llm answer\n".repeat(4) + "    llm answer cancelled\n";
        assert_eq!(rest, format!("  agent turns cancelled\n{answers}"), "{session}");
    }
}

#[tokio::test]
async fn stream_may_stop_at_its_budget() {
    #[session(budget(tokens = 100))]
    async fn asks() -> impl Stream<Item = u64> + Send {
        let is_spent = || current_session().is_some_and(|session| session.budget().is_exceeded());
        endless().take_while(move |_| std::future::ready(!is_spent())).in_current_session()
    }
    let recording = Recording::global();
    let words = asks().await.count().await;
    assert!(words < 20, "{words}");
    assert!(!has_late(&recording.trace_of("asks")));
}
