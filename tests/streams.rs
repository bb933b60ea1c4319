//! Functions that return streams: the span lives while the stream does, and keeps what was read.
#![deny(clippy::pedantic)]

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use agentops::{
    agent, llm, opentelemetry::Value, opentelemetry_sdk::trace::SpanData, session, task, tool,
};
use agentops_tests::{Recording, attribute};
use async_trait::async_trait;
use futures_util::{
    Stream, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream, iter},
};
use serde::Serialize;
use tokio::task::yield_now;

/// Number of items, and the items.
fn content(span: &SpanData) -> (Option<Value>, Option<Value>) {
    (attribute(span, "agentops.stream.items"), attribute(span, "output.value"))
}

fn read(count: i64, output: &str) -> (Option<Value>, Option<Value>) {
    (Some(count.into()), Some(output.to_owned().into()))
}

#[task]
async fn fetch(n: u32) -> u32 {
    yield_now().await;
    n
}

#[tool]
fn numbers(count: u32) -> impl Stream<Item = u32> + Send {
    iter(0..count).then(fetch)
}

#[llm]
fn tokens(text: &str) -> Pin<Box<dyn Stream<Item = Result<String, String>> + Send + '_>> {
    let tokens = text.split_inclusive(' ').map(|token| match token.trim() {
        "error" => Err("a bad token".to_owned()),
        _ => Ok(token.to_owned()),
    });
    Box::pin(iter(tokens))
}

#[tool]
fn fallible(text: &str) -> Result<BoxStream<'_, char>, String> {
    let first = text.chars().next().ok_or_else(|| "no text".to_owned())?;
    Ok(iter(text.chars()).filter(move |other| std::future::ready(*other != first)).boxed())
}

#[tool]
async fn later(count: u8) -> Option<impl Stream<Item = u8>> {
    yield_now().await;
    (count > 0).then(|| iter(0..count))
}

#[tool]
fn much_later(count: u8) -> BoxFuture<'static, Result<BoxStream<'static, u8>, String>> {
    Box::pin(async move {
        yield_now().await;
        if count > 0 { Ok(iter(0..count).boxed()) } else { Err("nothing".to_owned()) }
    })
}

#[tokio::test]
async fn finished_stream_records_all_items() {
    #[session]
    async fn whole_streams() -> u32 {
        let text: Vec<_> = tokens("to be or").collect().await;
        let sum = numbers(3).fold(0, |sum, n| async move { sum + n }).await;
        sum + u32::try_from(text.len()).unwrap()
    }
    let recording = Recording::global();
    assert_eq!(whole_streams().await, 6);
    assert_eq!(
        recording.tree_of("whole_streams"),
        "session whole_streams\n\
        \x20 llm tokens\n\
        \x20 tool numbers\n\
        \x20   task fetch\n\
        \x20   task fetch\n\
        \x20   task fetch\n"
    );
    let llm = recording.span_of("whole_streams", "tokens");
    let tool = recording.span_of("whole_streams", "numbers");
    assert_eq!(content(&llm), read(3, "to be or"));
    assert_eq!(content(&tool), read(3, "[0,1,2]"));
    let first = ["gen_ai.response.time_to_first_chunk", "agentops.stream.time_to_first_item"];
    let timed = |span| first.map(|key| matches!(attribute(span, key), Some(Value::F64(_))));
    assert_eq!((timed(&llm), timed(&tool)), ([true, false], [false, true]));
}

#[tokio::test]
async fn dropped_stream_is_cancelled_and_keeps_its_items() {
    #[session]
    async fn half_streams() -> Vec<u32> {
        drop(numbers(9));
        numbers(9).take(2).collect().await
    }
    let recording = Recording::global();
    assert_eq!(half_streams().await, [0, 1]);
    assert_eq!(
        recording.tree_of("half_streams"),
        "session half_streams\n\
        \x20 tool numbers cancelled\n\
        \x20 tool numbers cancelled\n\
        \x20   task fetch\n\
        \x20   task fetch\n"
    );
    let spans = recording.trace_of("half_streams");
    assert_eq!(content(&spans[1]), read(0, "[]"));
    assert_eq!(content(&spans[2]), read(2, "[0,1]"));
}

#[tokio::test]
async fn first_stream_error_fails_the_span_and_stops_nothing() {
    #[session]
    async fn failing_streams() -> usize {
        tokens("some error more").filter(|item| std::future::ready(item.is_ok())).count().await
    }
    let recording = Recording::global();
    assert_eq!(failing_streams().await, 2);
    assert_eq!(
        recording.tree_of("failing_streams"),
        "session failing_streams\n  llm tokens error=\"a bad token\"\n"
    );
    assert_eq!(content(&recording.span_of("failing_streams", "tokens")), read(1, "some "));
}

#[tokio::test]
async fn value_instead_of_a_stream_ends_the_span() {
    #[session]
    async fn instead_of_streams() -> usize {
        assert_eq!(fallible("").err().as_deref(), Some("no text"));
        assert!(later(0).await.is_none());
        assert_eq!(much_later(0).await.err().as_deref(), Some("nothing"));
        fallible("abab").unwrap().count().await
            + later(2).await.unwrap().count().await
            + much_later(3).await.unwrap().count().await
    }
    let recording = Recording::global();
    assert_eq!(instead_of_streams().await, 2 + 2 + 3);
    assert_eq!(
        recording.tree_of("instead_of_streams"),
        "session instead_of_streams\n\
        \x20 tool fallible error=\"no text\"\n\
        \x20 tool later\n\
        \x20 tool much_later error=\"nothing\"\n\
        \x20 tool fallible\n\
        \x20 tool later\n\
        \x20 tool much_later\n"
    );
    let spans = recording.trace_of("instead_of_streams");
    let contents: Vec<_> = spans[4..].iter().map(content).collect();
    assert_eq!(contents, [read(2, "bb"), read(2, "[0,1]"), read(3, "[0,1,2]")]);
}

#[tokio::test]
async fn stream_belongs_to_its_call() {
    #[agent]
    fn makes() -> BoxStream<'static, u32> {
        numbers(1).boxed()
    }
    #[session]
    async fn made_here() -> Vec<u32> {
        let stream = makes();
        tokio::spawn(stream.collect()).await.unwrap()
    }
    let recording = Recording::global();
    assert_eq!(made_here().await, [0]);
    assert_eq!(
        recording.tree_of("made_here"),
        "session made_here\n  agent makes\n    tool numbers\n      task fetch\n"
    );
}

#[tokio::test]
async fn session_may_be_a_stream() {
    #[session]
    fn streamed_session() -> impl Stream<Item = u32> {
        numbers(2)
    }
    let recording = Recording::global();
    assert_eq!(streamed_session().collect::<Vec<_>>().await, [0, 1]);
    assert_eq!(
        recording.tree_of("streamed_session"),
        "session streamed_session\n  tool numbers\n    task fetch\n    task fetch\n"
    );
    let root = &recording.trace_of("streamed_session")[0];
    assert_eq!(attribute(root, "agentops.session.end_state"), Some("Success".into()));
}

#[derive(Serialize)]
#[serde(untagged)]
enum Event {
    Text(&'static str),
    Usage { tokens: u8 },
}

#[tokio::test]
async fn mixed_items_are_a_bounded_list() {
    #[tool]
    fn events() -> impl Stream<Item = Event> {
        iter([Event::Text("a\nb"), Event::Text(""), Event::Usage { tokens: 2 }, Event::Text("c")])
    }
    #[tool(max_len = 40)]
    fn endless_text() -> impl Stream<Item = &'static str> {
        stream::repeat("0123456789").take(1000)
    }
    #[tool(max_len = 10)]
    fn endless_numbers() -> impl Stream<Item = u16> {
        stream::repeat(1234).take(1000)
    }
    #[tool(capture_output = false)]
    fn silent() -> impl Stream<Item = u16> {
        stream::repeat(1).take(3)
    }
    #[session]
    async fn bounded_streams() -> usize {
        events().count().await
            + endless_text().count().await
            + endless_numbers().count().await
            + silent().count().await
    }
    let recording = Recording::global();
    assert_eq!(bounded_streams().await, 2007);
    let told = |name| content(&recording.span_of("bounded_streams", name));
    assert_eq!(told("events"), read(4, r#"["a\nb","",{"tokens":2},"c"]"#));
    assert_eq!(told("endless_text").0, Some(1000.into()));
    let text = told("endless_text").1.unwrap().to_string();
    assert!(text.starts_with("0123456789012345678901234567890123456789"), "{text}");
    assert!(text.ends_with("…[truncated]") && text.len() < 60, "{text}");
    assert_eq!(told("endless_numbers"), read(1000, r#"[1234,1234,"…[truncated]"]"#));
    assert_eq!(told("silent"), (Some(3.into()), None));
}

type Tokens = Pin<Box<dyn Stream<Item = char> + Send>>;

#[tokio::test]
async fn stream_option_finds_or_ignores_a_stream() {
    #[tool(stream = true)]
    fn renamed(text: &'static str) -> Result<Tokens, String> {
        Ok(Box::pin(iter(text.chars())))
    }
    #[tool(stream = false)]
    fn left_alone() -> BoxStream<'static, char> {
        iter("abc".chars()).boxed()
    }
    #[session]
    async fn by_option() -> usize {
        renamed("abc").unwrap().count().await + left_alone().count().await
    }
    let recording = Recording::global();
    assert_eq!(by_option().await, 6);
    assert_eq!(content(&recording.span_of("by_option", "renamed")), read(3, "abc"));
    let left_alone = content(&recording.span_of("by_option", "left_alone"));
    assert_eq!(left_alone, (None, Some("<opaque>".into())));
}

#[async_trait]
trait Model {
    async fn chat(&self, prompt: &str) -> Result<BoxStream<'static, String>, String>;
}

struct Local;

#[async_trait]
#[llm(model = "m")]
impl Model for Local {
    async fn chat(&self, prompt: &str) -> Result<BoxStream<'static, String>, String> {
        let words: Vec<_> = prompt.split_inclusive(' ').map(str::to_uppercase).collect();
        Ok(iter(words).boxed())
    }
}

#[tokio::test]
async fn async_trait_may_return_streams() {
    #[session]
    async fn chatting() -> usize {
        Local.chat("not yet").await.unwrap().count().await
    }
    let recording = Recording::global();
    assert_eq!(chatting().await, 2);
    assert_eq!(recording.tree_of("chatting"), "session chatting\n  llm chat\n");
    assert_eq!(content(&recording.span_of("chatting", "chat")), read(2, "NOT YET"));
}

#[test]
fn panic_in_a_stream_poll_is_no_cancellation() {
    struct Panics;
    impl Stream for Panics {
        type Item = u8;
        fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u8>> {
            panic!("do not print this in a passing test");
        }
    }
    #[tool]
    fn panics() -> impl Stream<Item = u8> {
        Panics
    }
    #[session]
    async fn panicking_stream() {
        panics().next().await;
    }
    fn ready(future: impl Future<Output = ()>) {
        let mut task = Context::from_waker(std::task::Waker::noop());
        let _ = Box::pin(future).as_mut().poll(&mut task);
    }
    let recording = Recording::global();
    std::panic::catch_unwind(|| ready(panicking_stream())).unwrap_err();
    assert_eq!(
        recording.tree_of("panicking_stream"),
        "session panicking_stream error=\"do not print this in a passing test\"\n  \
         tool panics error=\"do not print this in a passing test\"\n"
    );
}
