//! Work that a function leaves to a future, a stream or an iterator that it returns, whatever that is called.
#![deny(clippy::pedantic)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::implied_bounds_in_impls, reason = "all of them are to be seen")]

use std::{
    fmt,
    future::{IntoFuture, Ready, ready},
    iter::FusedIterator,
    ops::Range,
    pin::{Pin, pin},
    task::{Context, Poll},
};

use agentops::{opentelemetry_sdk::trace::SpanData, session, tool};
use agentops_tests::{Recording, attribute, log};
use futures_util::{
    FutureExt, Stream, StreamExt, TryStream, TryStreamExt,
    future::{BoxFuture, FusedFuture, Shared, TryFuture},
    stream::{FusedStream, iter},
};
use tokio::task::{JoinHandle, yield_now};

type Outcome = Result<u8, &'static str>;

#[tool]
fn step() {}

/// Work of all futures here: a tool, and then an error.
async fn fails() -> Outcome {
    yield_now().await;
    step();
    Err("boom")
}

type Alias = Pin<Box<dyn Future<Output = Outcome> + Send>>;
type Generic<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

#[tool]
fn alias() -> Alias {
    Box::pin(fails())
}

#[tool]
fn generic_alias<'a>() -> Generic<'a, Outcome> {
    Box::pin(fails())
}

#[tool]
fn unpinned_box() -> Box<dyn Future<Output = Outcome> + Send> {
    Box::new(fails())
}

#[tool]
fn alias_in_a_result() -> Result<Alias, String> {
    Ok(Box::pin(fails()))
}

#[tool]
async fn alias_of_an_async_function() -> Alias {
    yield_now().await;
    Box::pin(fails())
}

#[tool]
async fn boxed_of_an_async_function() -> BoxFuture<'static, Outcome> {
    yield_now().await;
    Box::pin(fails())
}

#[tool(future = true)]
fn said_by_an_option() -> Alias {
    Box::pin(fails())
}

#[tool]
fn fused() -> impl FusedFuture<Output = Outcome> {
    Box::pin(fails()).fuse()
}

#[tool]
fn fused_too() -> impl Future<Output = Outcome> + FusedFuture + Unpin + fmt::Debug {
    Quiet(Box::pin(fails()).fuse())
}

#[tool]
fn try_future() -> impl TryFuture<Ok = u8, Error = &'static str, Output = Outcome> {
    fails()
}

/// A future with a `Debug`.
struct Quiet<F>(F);

impl<F> fmt::Debug for Quiet<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Quiet")
    }
}

impl<F: Future + Unpin> Future for Quiet<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<F::Output> {
        self.0.poll_unpin(task)
    }
}

impl<F: FusedFuture + Unpin> FusedFuture for Quiet<F> {
    fn is_terminated(&self) -> bool {
        self.0.is_terminated()
    }
}

/// A service, as tower has it.
trait Service {
    type Future: Future<Output = Outcome>;

    fn call(&mut self) -> Self::Future;
}

struct Model;

impl Service for Model {
    type Future = Alias;

    #[tool(name = "service")]
    fn call(&mut self) -> Self::Future {
        Box::pin(fails())
    }
}

#[tokio::test]
async fn replaceable_futures_are_recorded_to_their_end() {
    #[session]
    async fn futures() {
        alias().await.unwrap_err();
        generic_alias().await.unwrap_err();
        Box::into_pin(unpinned_box()).await.unwrap_err();
        alias_in_a_result().unwrap().await.unwrap_err();
        alias_of_an_async_function().await.await.unwrap_err();
        boxed_of_an_async_function().await.await.unwrap_err();
        said_by_an_option().await.unwrap_err();
        pin!(fused()).await.unwrap_err();
        assert!(!fused_too().is_terminated());
        fused_too().await.unwrap_err();
        pin!(try_future()).await.unwrap_err();
        Model.call().await.unwrap_err();
    }
    let recording = Recording::global();
    futures().await;
    let names = [
        "alias",
        "generic_alias",
        "unpinned_box",
        "alias_in_a_result",
        "alias_of_an_async_function",
        "boxed_of_an_async_function",
        "said_by_an_option",
        "fused",
        "fused_too",
        "try_future",
        "service",
    ];
    let calls = names.map(|name| format!("  tool {name} error=\"boom\"\n    tool step\n"));
    assert_eq!(recording.tree_of("futures"), format!("session futures\n{}", calls.concat()));
}

#[tool]
fn named() -> Ready<Outcome> {
    ready(Err("boom"))
}

#[tool]
fn into_future() -> impl IntoFuture<Output = Outcome> {
    ready(Err("boom"))
}

#[tool]
fn cloned() -> impl Future<Output = Outcome> + Clone {
    let shared: Shared<_> = fails().boxed().shared();
    shared
}

#[tool]
fn passed_on<F: Future<Output = Outcome>>(future: F) -> F {
    future
}

#[tool]
fn task() -> JoinHandle<Outcome> {
    agentops::spawn(fails())
}

#[tool]
fn in_another_result() -> AnotherResult {
    Ok(ready(Err("boom")))
}

type AnotherResult = Result<Ready<Outcome>, String>;

#[tool(future = false)]
fn meant() -> Ready<Outcome> {
    ready(Err("boom"))
}

fn deferred(span: &SpanData) -> [Option<String>; 2] {
    ["agentops.deferred", "output.value"]
        .map(|key| attribute(span, key).map(|value| value.to_string()))
}

#[tokio::test]
async fn irreplaceable_futures_are_marked_and_warned_once() {
    #[session]
    async fn marked() {
        for _ in 0..2 {
            named().await.unwrap_err();
            into_future().await.unwrap_err();
            cloned().await.unwrap_err();
            passed_on(fails()).await.unwrap_err();
            task().await.unwrap().unwrap_err();
            in_another_result().unwrap().await.unwrap_err();
            meant().await.unwrap_err();
        }
    }
    let recording = Recording::global();
    marked().await;
    let trace = recording.trace_of("marked");
    for name in ["named", "into_future", "cloned", "passed_on", "task", "in_another_result"] {
        let mut calls = trace.iter().filter(|span| agentops_tests::name(span) == name);
        let call = calls.next().expect(name);
        assert_eq!(deferred(call), [Some("future".to_owned()), None], "{name}");
        let lines = log::lines_with(&format!("of `{name}`"));
        assert_eq!(lines.len(), 1, "{name}: {lines:?}");
        let (_, said) = lines[0].split_once("ends before ").expect("it says so");
        assert_eq!(
            said,
            "the future that it returns, whose type cannot be replaced; make it an `async fn`, return \
             `impl Future<Output = ..>` or `Pin<Box<dyn Future<Output = ..> + Send>>`, or write \
             `future = false` if that is meant"
        );
    }
    let meant = trace.iter().find(|span| agentops_tests::name(span) == "meant").unwrap();
    assert_eq!(deferred(meant), [None, Some("Ready(Some(Err(\"boom\")))".to_owned())]);
    assert_eq!(log::lines_with("of `meant`"), [""; 0]);
}

fn items() -> impl Stream<Item = Outcome> + Send + Unpin + Clone + fmt::Debug {
    iter([Ok(1), Err("boom")])
}

#[tool]
fn fused_stream() -> impl Stream<Item = Outcome> + FusedStream {
    items().fuse()
}

#[tool]
fn only_fused_stream() -> impl FusedStream<Item = Outcome> + Unpin {
    items().fuse()
}

#[tool]
fn try_stream() -> impl TryStream<Ok = u8, Error = &'static str, Item = Outcome> {
    items()
}

#[tool]
fn debugged_stream() -> impl Stream<Item = Outcome> + fmt::Debug {
    items()
}

#[tool]
fn unpinned_stream() -> Box<dyn Stream<Item = Outcome> + Send + Unpin> {
    Box::new(items())
}

type Items = Pin<Box<dyn Stream<Item = Outcome>>>;

#[tool]
fn aliased_stream() -> Items {
    Box::pin(items())
}

#[tool(stream = true)]
fn aliased_stream_by_option() -> Result<Items, String> {
    Ok(Box::pin(items()))
}

#[tool]
async fn aliased_stream_of_an_async_function() -> Items {
    yield_now().await;
    Box::pin(items())
}

#[tokio::test]
async fn streams_are_recorded_despite_other_options() {
    #[session]
    async fn streams() {
        fused_stream().count().await;
        assert!(!only_fused_stream().is_terminated());
        only_fused_stream().count().await;
        assert_eq!(try_stream().into_stream().try_next().await, Ok(Some(1)));
        try_stream().into_stream().count().await;
        assert!(format!("{:?}", debugged_stream()).starts_with("RecordedStream { stream: Some("));
        debugged_stream().count().await;
        unpinned_stream().count().await;
        aliased_stream().count().await;
        aliased_stream_by_option().unwrap().count().await;
        aliased_stream_of_an_async_function().await.count().await;
    }
    let recording = Recording::global();
    streams().await;
    let failed = |name| format!("  tool {name} error=\"boom\"\n");
    let cancelled = |name| format!("  tool {name} cancelled\n");
    let expected = [
        "session streams\n".to_owned(),
        failed("fused_stream"),
        cancelled("only_fused_stream"),
        failed("only_fused_stream"),
        cancelled("try_stream"),
        failed("try_stream"),
        cancelled("debugged_stream"),
        failed("debugged_stream"),
        failed("unpinned_stream"),
        failed("aliased_stream"),
        failed("aliased_stream_by_option"),
        failed("aliased_stream_of_an_async_function"),
    ];
    assert_eq!(recording.tree_of("streams"), expected.concat());
    let last = recording.trace_of("streams").pop().unwrap();
    assert_eq!(attribute(&last, "agentops.stream.items"), Some(1.into()));
}

/// Numbers, each by a tool.
fn numbers(count: u8) -> impl DoubleEndedIterator<Item = u8> + ExactSizeIterator + FusedIterator {
    (0..usize::from(count)).map(|number| {
        step();
        u8::try_from(number).unwrap()
    })
}

#[tool]
fn lazily(count: u8) -> impl Iterator<Item = u8> {
    numbers(count)
}

#[tool]
fn from_both_ends() -> impl DoubleEndedIterator<Item = u8> + ExactSizeIterator + FusedIterator {
    numbers(3)
}

#[tool]
fn boxed_iterator<'a>() -> Box<dyn Iterator<Item = u8> + 'a> {
    Box::new(numbers(1))
}

type Numbers = Box<dyn Iterator<Item = Outcome> + Send>;

#[tool]
fn aliased_iterator() -> Numbers {
    Box::new(numbers(2).map(|number| if number == 0 { Ok(0) } else { Err("boom") }))
}

#[tool]
fn panics_at(number: u8) -> impl Iterator<Item = u8> {
    numbers(9).inspect(move |it| assert_ne!(*it, number, "do not print this in a passing test"))
}

#[tool]
fn by_its_type() -> std::vec::IntoIter<u8> {
    vec![1].into_iter()
}

#[tool]
fn range() -> Range<u8> {
    0..3
}

#[test]
fn iterators_are_recorded_to_their_end() {
    #[session]
    fn iterators() {
        assert_eq!(lazily(2).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(lazily(9).next(), Some(0));
        let mut ends = from_both_ends();
        assert_eq!((ends.len(), ends.next_back(), ends.next()), (3, Some(2), Some(0)));
        assert_eq!((ends.next(), ends.next()), (Some(1), None));
        assert_eq!((boxed_iterator().count(), aliased_iterator().count()), (1, 2));
        let unwound = std::panic::catch_unwind(|| panics_at(1).count());
        assert!(unwound.is_err());
        assert_eq!((by_its_type().count(), by_its_type().count(), range().len()), (1, 1, 3));
    }
    let recording = Recording::global();
    iterators();
    assert_eq!(
        recording.tree_of("iterators"),
        "session iterators\n\
        \x20 tool lazily\n    tool step\n    tool step\n\
        \x20 tool lazily cancelled\n    tool step\n\
        \x20 tool from_both_ends\n    tool step\n    tool step\n    tool step\n\
        \x20 tool boxed_iterator\n    tool step\n\
        \x20 tool aliased_iterator error=\"boom\"\n    tool step\n    tool step\n\
        \x20 tool panics_at error=\"assertion `left != right` failed: do not print this in a passing \
        test\\n  left: 1\\n right: 1\"\n    tool step\n    tool step\n\
        \x20 tool by_its_type\n  tool by_its_type\n\
        \x20 tool range\n"
    );
    let outputs: Vec<_> = recording
        .trace_of("iterators")
        .iter()
        .filter(|span| !["step", "iterators"].contains(&&*agentops_tests::name(span)))
        .map(|span| {
            let text = |key| attribute(span, key).map_or("-".to_owned(), |it| it.to_string());
            ["agentops.stream.items", "output.value", "agentops.deferred"].map(text).join(" ")
        })
        .collect();
    assert_eq!(
        outputs,
        [
            "2 [0,1] -",
            "1 [0] -",
            "3 [2,0,1] -",
            "1 [0] -",
            "1 [0] -",
            "1 [0] -",
            "- - iterator",
            "- - iterator",
            "- {\"start\":0,\"end\":3} -",
        ]
    );
    let lines = log::lines_with("`by_its_type`");
    assert_eq!(lines.len(), 1);
    let (_, said) = lines[0].split_once("ends before ").expect("it says so");
    assert_eq!(
        said,
        "the iterator that it returns, whose type cannot be replaced; return `impl Iterator<Item = ..>` or \
         `Box<dyn Iterator<Item = ..>>`, or write `stream = false` if that is meant"
    );
}
