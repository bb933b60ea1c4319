//! Work that a function leaves to something in what it returns: a future in a tuple, the far end of a channel.

use std::{
    sync::{Arc, Mutex, mpsc as std_mpsc},
    thread,
};

use agentops::{session, tool};
use agentops_tests::{Recording, attribute, log, name};
use futures_util::{
    StreamExt,
    future::BoxFuture,
    stream::{BoxStream, iter},
};
use tokio::{
    sync::{broadcast, mpsc},
    task::JoinSet,
};

type Outcome = Result<u8, &'static str>;
type Fails = BoxFuture<'static, Outcome>;

fn fails() -> Fails {
    Box::pin(async { Err("boom") })
}

#[tool]
fn in_a_tuple() -> (u8, Fails) {
    (1, fails())
}

#[tool]
fn in_a_list() -> Vec<Fails> {
    vec![fails()]
}

#[tool]
fn behind_a_lock() -> Arc<Mutex<Fails>> {
    Arc::new(Mutex::new(fails()))
}

#[tool]
fn of_a_closure() -> Box<dyn Fn() -> Fails> {
    Box::new(fails)
}

#[tool]
async fn in_a_tuple_of_an_async_function() -> (u8, Fails) {
    (1, fails())
}

#[tool]
fn in_a_tuple_in_a_result() -> Result<(Fails, u8), String> {
    Ok((fails(), 1))
}

#[tool]
fn stream_in_a_tuple() -> (u8, BoxStream<'static, u8>) {
    (1, iter([1, 2]).boxed())
}

/// Generic, as many an answer is.
struct Reply<B> {
    body: B,
}

#[tool]
fn stream_in_a_struct() -> Reply<BoxStream<'static, u8>> {
    Reply { body: iter([1, 2]).boxed() }
}

#[tool]
fn channel() -> mpsc::Receiver<u8> {
    mpsc::channel(1).1
}

#[tool]
fn unbounded_channel() -> mpsc::UnboundedReceiver<u8> {
    mpsc::unbounded_channel().1
}

#[tool]
fn channel_of_the_standard_library() -> std_mpsc::Receiver<u8> {
    std_mpsc::channel().1
}

#[tool]
fn broadcast_channel() -> Result<broadcast::Receiver<u8>, String> {
    Ok(broadcast::channel(1).1)
}

#[tool]
fn thread_of_its_own() -> thread::JoinHandle<u8> {
    thread::spawn(|| 1)
}

#[tool]
fn tasks() -> JoinSet<u8> {
    JoinSet::new()
}

#[tool(future = false)]
fn meant() -> (u8, Fails) {
    (1, fails())
}

#[tool(stream = false)]
fn meant_channel() -> std_mpsc::Receiver<u8> {
    std_mpsc::channel().1
}

#[tool]
fn fails_before() -> Result<(u8, Fails), &'static str> {
    Err("no")
}

/// A type of the program's that is only called like one of others.
#[derive(Debug)]
struct Receiver<T>(T);

#[tool]
fn no_channel() -> Receiver<u8> {
    Receiver(1)
}

const FUTURE: (&str, &str) = (
    "future",
    "the future in what it returns; annotate the function that makes the future, or write `future = false` if \
     that is meant",
);
const STREAM: (&str, &str) = (
    "stream",
    "the stream in what it returns; annotate the function that makes the stream, or write `stream = false` if \
     that is meant",
);
const CHANNEL: (&str, &str) = (
    "channel",
    "what comes through the channel that it returns; return the receiving end as `impl Stream<Item = ..>`, or \
     write `stream = false` if that is meant",
);
const TASK: (&str, &str) = (
    "task",
    "the task that it returns; annotate what the task runs, or write `future = false` if that is meant",
);

#[tokio::test]
async fn hidden_work_is_marked_and_warned_once() {
    #[session]
    async fn hidden() {
        for _ in 0..2 {
            in_a_tuple().1.await.unwrap_err();
            in_a_list().pop().unwrap().await.unwrap_err();
            drop(behind_a_lock());
            of_a_closure()().await.unwrap_err();
            in_a_tuple_of_an_async_function().await.1.await.unwrap_err();
            in_a_tuple_in_a_result().unwrap().0.await.unwrap_err();
            assert_eq!(stream_in_a_tuple().1.count().await, 2);
            assert_eq!(stream_in_a_struct().body.count().await, 2);
            drop((channel(), unbounded_channel(), channel_of_the_standard_library()));
            drop((broadcast_channel(), thread_of_its_own(), tasks()));
        }
    }
    let recording = Recording::global();
    hidden().await;
    let trace = recording.trace_of("hidden");
    for (called, (mark, said)) in [
        ("in_a_tuple", FUTURE),
        ("in_a_list", FUTURE),
        ("behind_a_lock", FUTURE),
        ("of_a_closure", FUTURE),
        ("in_a_tuple_of_an_async_function", FUTURE),
        ("in_a_tuple_in_a_result", FUTURE),
        ("stream_in_a_tuple", STREAM),
        ("stream_in_a_struct", STREAM),
        ("channel", CHANNEL),
        ("unbounded_channel", CHANNEL),
        ("channel_of_the_standard_library", CHANNEL),
        ("broadcast_channel", CHANNEL),
        ("thread_of_its_own", TASK),
        ("tasks", TASK),
    ] {
        let calls = trace.iter().filter(|span| name(span) == called);
        let told: Vec<_> = calls
            .map(|span| ["agentops.deferred", "output.value"].map(|key| attribute(span, key)))
            .collect();
        assert_eq!(told, [[Some(mark.into()), None], [Some(mark.into()), None]], "{called}");
        let lines = log::lines_with(&format!("of `{called}`"));
        assert_eq!(lines.len(), 1, "{called}: {lines:?}");
        assert!(lines[0].ends_with(&format!("ends before {said}")), "{called}: {lines:?}");
    }
}

#[test]
fn plain_value_is_recorded_unchanged() {
    #[session]
    fn plain() {
        let _ = (meant(), meant_channel(), no_channel().0, fails_before().is_err());
    }
    let recording = Recording::global();
    plain();
    let trace = recording.trace_of("plain");
    let told = ["meant", "meant_channel", "no_channel", "fails_before"].map(|called| {
        let span = trace.iter().find(|span| name(span) == called).unwrap();
        let text = |key| attribute(span, key).map_or("-".to_owned(), |it| it.to_string());
        ["agentops.deferred", "output.value", "error.type"].map(text).join(" ")
    });
    assert_eq!(told, ["- <opaque> -", "- Receiver { .. } -", "- Receiver(1) -", "- - &str"]);
}
