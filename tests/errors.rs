//! The errors of a session: a failure counts once, not once for each level that it passes.
#![deny(clippy::pedantic)]

use std::{
    fmt,
    panic::catch_unwind,
    sync::{Arc, Barrier},
};

use agentops::{
    Agent, EndState, Tool, agent, current, current_session, llm,
    opentelemetry::{Value, trace::TracerProvider},
    opentelemetry_sdk::trace::SdkTracerProvider,
    session, tool,
};
use agentops_tests::{Recording, attribute};
use futures_util::{FutureExt, Stream, StreamExt, future::BoxFuture, stream};
use tracing::info_span;
use tracing_subscriber::{layer::SubscriberExt, registry};

type Result<T = ()> = std::result::Result<T, Error>;

/// An error that does not say what it came from.
#[derive(Debug)]
struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn error<T>(text: &str) -> Result<T> {
    Err(Error(text.to_owned()))
}

#[llm]
fn ask(answer: Result<u8>) -> Result<u8> {
    answer
}

#[tool]
fn fails(text: &str) -> Result {
    error(text)
}

#[tool]
fn works() {}

fn recording() -> &'static Recording {
    Recording::global()
}

/// The errors of the only session of this name.
fn errors(session: &str) -> i64 {
    match attribute(&recording().trace_of(session)[0], "agentops.session.errors") {
        Some(Value::I64(errors)) => errors,
        other => panic!("{other:?}"),
    }
}

#[test]
fn passed_on_error_counts_once() {
    #[tool]
    fn search() -> Result<u8> {
        ask(error("rate limited"))
    }
    #[agent]
    fn researcher() -> Result<u8> {
        search().map_err(|error| Error(format!("could not search: {error}")))
    }
    #[agent]
    fn planner() -> Result<u8> {
        researcher().or_else(|_| error("no plan"))
    }
    #[session]
    fn passes_on() -> Result<u8> {
        let planned = planner();
        assert_eq!(current_session().unwrap().totals().errors(), 1);
        planned
    }
    recording();
    passes_on().unwrap_err();
    assert_eq!(
        recording().tree_of("passes_on"),
        "session passes_on error=\"no plan\"\n  \
         agent planner error=\"no plan\"\n    \
         agent researcher error=\"could not search: rate limited\"\n      \
         tool search error=\"rate limited\"\n        \
         llm ask error=\"rate limited\"\n"
    );
    assert_eq!(errors("passes_on"), 1);
}

#[test]
fn passing_panic_counts_once() {
    #[tool]
    fn bursts() {
        panic!("do not print this in a passing test");
    }
    #[agent]
    fn unwinds() {
        bursts();
    }
    #[session]
    fn panicked() {
        unwinds();
    }
    recording();
    catch_unwind(panicked).unwrap_err();
    assert_eq!(errors("panicked"), 1);
}

#[test]
fn recovered_failures_each_count() {
    #[agent]
    fn recovers(failures: usize) {
        (0..failures).for_each(|n| drop(fails(&format!("no {n}")).unwrap_err()));
        works();
    }
    #[session]
    fn recovers_once() {
        recovers(1);
    }
    #[session]
    fn recovers_twice() {
        recovers(2);
    }
    recording();
    recovers_once();
    recovers_twice();
    assert_eq!((errors("recovers_once"), errors("recovers_twice")), (1, 2));
}

#[test]
fn attempts_count_and_their_common_end_does_not() {
    #[agent]
    fn tries() -> Result<u8> {
        ask(error("busy 1")).unwrap_err();
        ask(error("busy 2")).unwrap_err();
        ask(error("busy 3")).or_else(|_| error("gave up"))
    }
    #[agent]
    fn tries_another_tool() -> Result {
        fails("first").unwrap_err();
        works();
        fails("second")
    }
    #[session]
    fn retries() {
        tries().unwrap_err();
    }
    #[session]
    fn tries_two() {
        tries_another_tool().unwrap_err();
    }
    recording();
    retries();
    tries_two();
    assert_eq!((errors("retries"), errors("tries_two")), (3, 2));
}

#[test]
fn own_error_after_a_recovery_counts() {
    #[agent]
    fn speaks_of_it() -> Result {
        fails("no file").unwrap_err();
        works();
        error("no file was asked for, not even no files")
    }
    #[agent]
    fn fails_by_itself() -> Result {
        fails("no file").unwrap_err();
        works();
        error("out of ideas")
    }
    #[agent]
    fn keeps_it_for_later() -> Result {
        let kept = fails("no file");
        works();
        kept.map_err(|error| Error(format!("after all: {error}")))
    }
    #[session]
    fn own_error() {
        fails_by_itself().unwrap_err();
    }
    #[session]
    fn kept_error() {
        keeps_it_for_later().unwrap_err();
    }
    #[session]
    fn same_words() {
        speaks_of_it().unwrap_err();
    }
    recording();
    own_error();
    kept_error();
    same_words();
    assert_eq!((errors("own_error"), errors("kept_error"), errors("same_words")), (2, 1, 1));
}

#[test]
fn failure_below_and_of_a_session_is_one() {
    #[session]
    fn fails_itself() -> Result {
        error("alone")
    }
    #[session]
    fn fails_through() -> Result {
        fails("a").unwrap_err();
        fails("b")
    }
    recording();
    fails_itself().unwrap_err();
    fails_through().unwrap_err();
    assert_eq!((errors("fails_itself"), errors("fails_through")), (0, 2));
}

#[tokio::test]
async fn sibling_failures_count_and_their_callers_does_not() {
    #[tool]
    async fn after(turns: usize, fails: bool) -> Result {
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        if fails { error("one of them") } else { Ok(()) }
    }
    #[agent]
    async fn joins() -> Result {
        let (a, b, c) = tokio::join!(after(1, true), after(5, false), after(3, true));
        a.and(b).and(c).or_else(|_| error("a round failed"))
    }
    #[tool]
    fn works_until_met(meeting: &Barrier) {
        meeting.wait();
        meeting.wait();
    }
    #[agent]
    fn joins_threads() -> Result {
        let meeting = Arc::new(Barrier::new(2));
        let inside = Arc::clone(&meeting);
        let beside = agentops::thread::spawn(move || works_until_met(&inside));
        meeting.wait();
        let failed = agentops::thread::spawn(|| fails("elsewhere")).join().unwrap();
        meeting.wait();
        beside.join().unwrap();
        failed.or_else(|_| error("a thread failed"))
    }
    #[session]
    async fn side_by_side() {
        joins().await.unwrap_err();
    }
    #[session]
    fn in_threads() {
        joins_threads().unwrap_err();
    }
    recording();
    side_by_side().await;
    in_threads();
    assert_eq!((errors("side_by_side"), errors("in_threads")), (2, 1));
}

#[tokio::test]
async fn streams_and_futures_pass_errors_on_alike() {
    #[llm(stream = true)]
    fn streams() -> impl Stream<Item = Result<u8>> {
        stream::iter([Ok(1), error("broken off")])
    }
    #[tool]
    fn reads() -> BoxFuture<'static, Result> {
        async {
            let mut stream = std::pin::pin!(streams());
            while let Some(item) = stream.next().await {
                item.or_else(|_| error("no answer"))?;
            }
            Ok(())
        }
        .boxed()
    }
    #[session]
    async fn streamed() {
        reads().await.unwrap_err();
    }
    recording();
    streamed().await;
    assert_eq!(errors("streamed"), 1);
}

#[test]
fn handles_pass_errors_on_alike() {
    #[session]
    fn held() {
        let agent = Agent::start("held agent");
        agent.in_scope(|| {
            let tool = Tool::start("held tool");
            tool.record_error("not found");
            tool.end(EndState::Failure);
        });
        agent.end(EndState::Failure);
    }
    #[session]
    fn told_beside() {
        #[agent]
        fn tells() {
            fails("no").unwrap_err();
            works();
            current().record_error("something else");
        }
        tells();
    }
    recording();
    held();
    told_beside();
    assert_eq!((errors("held"), errors("told_beside")), (1, 2));
}

#[test]
fn failure_after_its_caller_counts() {
    #[agent]
    fn leaves(tool: &mut Option<Tool>) -> Result {
        *tool = Some(Tool::start("left"));
        error("early")
    }
    #[session]
    fn left_behind() {
        let mut tool = None;
        leaves(&mut tool).unwrap_err();
        tool.unwrap().record_error("late");
    }
    recording();
    left_behind();
    assert_eq!(errors("left_behind"), 2);
}

#[test]
fn errors_count_alike_in_an_existing_provider() {
    #[tool]
    fn bursts() {
        panic!("do not print this in a passing test");
    }
    #[agent]
    fn unwinds() {
        info_span!("theirs").in_scope(bursts);
    }
    #[agent]
    fn passes_on() -> Result {
        info_span!("theirs").in_scope(|| fails("no")).or_else(|_| error("not at all"))
    }
    #[session]
    fn in_their_provider() {
        catch_unwind(unwinds).unwrap_err();
        passes_on().unwrap_err();
    }
    let recording = Recording::new(|builder| builder);
    let provider = SdkTracerProvider::builder()
        .with_span_processor(agentops::span_processor(&recording.core))
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("theirs"));
    tracing::subscriber::with_default(registry().with(layer), in_their_provider);
    let root = &recording.trace_of("in_their_provider")[0];
    assert_eq!(attribute(root, "agentops.session.errors"), Some(Value::I64(2)));
}
