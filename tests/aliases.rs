//! Model calls whose streams and futures stand behind names of their own: the compiler tells what they are.
#![deny(clippy::pedantic)]

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use agentops::{
    LlmResponse, ToLlmResponse, Usage, llm, opentelemetry::Value,
    opentelemetry_sdk::trace::SpanData, session, task,
};
use agentops_tests::{Recording, attribute, log};
use async_trait::async_trait;
use futures_util::{FutureExt, Stream, StreamExt, stream::iter};
use serde::Serialize;
use tokio::task::yield_now;

/// A piece of an answer, as a client has it.
#[derive(Clone, Debug, Serialize)]
struct Chunk(&'static str);

impl ToLlmResponse for Chunk {
    fn to_llm_response(&self) -> LlmResponse {
        LlmResponse::new().model("m-1").text(self.0).usage(Usage::new().input(7).output(2))
    }
}

#[derive(Debug)]
struct Refused;

type Chunks = Pin<Box<dyn Stream<Item = Result<Chunk, Refused>> + Send>>;
type LocalChunks<'a> = Pin<Box<dyn Stream<Item = Chunk> + 'a>>;
type SharedChunks = Pin<Box<dyn Stream<Item = Chunk> + Send + Sync>>;
type Answering<'a> = Pin<Box<dyn Future<Output = Result<Chunk, Refused>> + Send + 'a>>;
type Outcome = Result<Chunks, Refused>;

#[task]
async fn fetch(words: &'static str) -> Result<Chunk, Refused> {
    yield_now().await;
    if words == "no" { Err(Refused) } else { Ok(Chunk(words)) }
}

fn chunks(words: &'static [&'static str]) -> Chunks {
    iter(words).then(|words| fetch(words)).boxed()
}

#[llm]
async fn chat(words: &'static [&'static str]) -> Result<Chunks, Refused> {
    yield_now().await;
    if words.is_empty() { Err(Refused) } else { Ok(chunks(words)) }
}

fn content(span: &SpanData) -> (Option<Value>, Option<Value>, Option<Value>) {
    let keys = ["agentops.stream.items", "output.value", "gen_ai.usage.input_tokens"];
    let [items, output, tokens] = keys.map(|key| attribute(span, key));
    (items, output, tokens)
}

fn read(items: i64, output: &str) -> (Option<Value>, Option<Value>, Option<Value>) {
    (Some(items.into()), Some(output.to_owned().into()), Some(7.into()))
}

#[tokio::test]
async fn aliased_stream_keeps_its_span_open() {
    #[session]
    async fn by_name() -> usize {
        chat(&["Hel", "lo"]).await.unwrap().count().await
    }
    let recording = Recording::global();
    assert_eq!(by_name().await, 2);
    assert_eq!(
        recording.tree_of("by_name"),
        "session by_name\n  llm chat\n    task fetch\n    task fetch\n"
    );
    let span = recording.span_of("by_name", "chat");
    assert_eq!(content(&span), read(2, "Hello"));
    assert!(attribute(&span, "gen_ai.response.time_to_first_chunk").is_some());
}

#[tokio::test]
async fn aliased_stream_ends_by_error_or_drop() {
    #[session]
    async fn by_ends() {
        assert!(chat(&[]).await.is_err());
        assert_eq!(chat(&["a", "no", "b"]).await.unwrap().count().await, 3);
        drop(chat(&["a"]).await.unwrap());
        drop(chat(&["a"]));
        assert!(chat(&["a"]).now_or_never().is_none());
    }
    let recording = Recording::global();
    by_ends().await;
    assert_eq!(
        recording.tree_of("by_ends"),
        "session by_ends\n\
        \x20 llm chat error=\"Refused\"\n\
        \x20 llm chat error=\"Refused\"\n\
        \x20   task fetch\n\
        \x20   task fetch error=\"Refused\"\n\
        \x20   task fetch\n\
        \x20 llm chat cancelled\n\
        \x20 llm chat cancelled\n"
    );
}

struct Client {
    name: &'static str,
}

#[llm]
impl Client {
    pub fn local(&self) -> LocalChunks<'_> {
        Box::pin(iter([Chunk(self.name), Chunk("!")]))
    }

    pub fn shared(&self) -> Option<SharedChunks> {
        (!self.name.is_empty()).then(|| -> SharedChunks { Box::pin(iter([Chunk("shared")])) })
    }

    pub fn later(&self, words: &'static str) -> Answering<'_> {
        Box::pin(fetch(words))
    }
}

#[async_trait]
trait Model {
    async fn answer(&self) -> Result<Chunks, Refused>;
}

#[async_trait]
impl Model for Client {
    #[llm]
    async fn answer(&self) -> Result<Chunks, Refused> {
        yield_now().await;
        Ok(chunks(&["boxed"]))
    }
}

#[tokio::test]
async fn methods_have_streams_and_futures_of_every_kind() {
    #[session]
    async fn by_methods() {
        let client = Client { name: "tom" };
        assert_eq!(client.local().count().await, 2);
        assert_eq!(client.shared().unwrap().count().await, 1);
        assert!(client.later("future").await.is_ok() && client.later("no").await.is_err());
        assert_eq!(client.answer().await.unwrap().count().await, 1);
        assert!(Client { name: "" }.shared().is_none());
    }
    let recording = Recording::global();
    by_methods().await;
    assert_eq!(
        recording.tree_of("by_methods"),
        "session by_methods\n\
        \x20 llm local\n\
        \x20 llm shared\n\
        \x20 llm later\n\
        \x20   task fetch\n\
        \x20 llm later error=\"Refused\"\n\
        \x20   task fetch error=\"Refused\"\n\
        \x20 llm answer\n\
        \x20   task fetch\n\
        \x20 llm shared\n"
    );
    let spans = recording.trace_of("by_methods");
    assert_eq!(content(&spans[1]), read(2, "tom!"));
    assert_eq!(content(&spans[2]), read(1, "shared"));
    assert_eq!(attribute(&spans[3], "output.value"), Some("future".into()));
    assert_eq!(content(&spans[7]), read(1, "boxed"));
}

#[tokio::test]
async fn values_end_their_spans_as_they_did() {
    #[llm]
    fn value(words: &'static str) -> Result<Chunk, Refused> {
        assert!(!words.is_empty(), "no words");
        if words == "no" { Err(Refused) } else { Ok(Chunk(words)) }
    }
    #[llm]
    async fn generic<T: Clone + Send>(value: T) -> T {
        yield_now().await;
        value
    }
    #[session]
    async fn by_value() {
        assert_eq!(value("yes").map(|chunk| chunk.0).ok(), Some("yes"));
        assert!(value("no").is_err());
        assert!(catch_unwind(AssertUnwindSafe(|| value(""))).is_err());
        assert_eq!(generic(Chunk("any")).await.0, "any");
        assert!(generic(Chunk("any")).now_or_never().is_none());
    }
    let recording = Recording::global();
    by_value().await;
    let spans = recording.trace_of("by_value");
    let told = |place: usize| {
        let keys = ["output.value", "gen_ai.response.model", "error.type"];
        keys.map(|key| attribute(&spans[place], key).map(|value| value.to_string()))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(told(1), [some("yes"), some("m-1"), None]);
    assert_eq!(told(2), [None, None, some("aliases::Refused")]);
    assert_eq!(told(3), [None, None, some("panic")]);
    assert_eq!(told(4), [some("<opaque>"), None, None]);
    assert_eq!(attribute(&spans[5], "agentops.cancelled"), Some(true.into()));
    assert!(spans.iter().all(|span| attribute(span, "agentops.stream.items").is_none()));
}

/// A stream that nothing can take the place of.
struct Own(u8);

impl Stream for Own {
    type Item = u8;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u8>> {
        self.0 = self.0.saturating_sub(1);
        Poll::Ready((self.0 > 0).then_some(self.0))
    }
}

#[tokio::test]
async fn irreplaceable_stream_is_warned_of_once() {
    #[llm]
    fn unboxed_stream() -> Own {
        Own(3)
    }
    #[llm]
    async fn renamed_result() -> Outcome {
        Ok(chunks(&["a"]))
    }
    #[llm(stream = false)]
    fn unobserved_stream() -> Own {
        Own(3)
    }
    #[session]
    async fn by_struct() {
        for _ in 0..2 {
            assert_eq!(unboxed_stream().count().await, 2);
            assert_eq!(renamed_result().await.unwrap().count().await, 1);
            assert_eq!(unobserved_stream().count().await, 2);
        }
    }
    Recording::global();
    by_struct().await;
    for name in ["unboxed_stream", "renamed_result"] {
        let lines = log::lines_with(name);
        assert_eq!(lines.len(), 1, "{lines:?}");
        let (head, tail) = lines[0].split_once(" ends before the stream").expect("it says so");
        assert!(head.starts_with(&format!("the span of `{name}` (tests/aliases.rs:")), "{head}");
        assert_eq!(
            tail,
            " that it returns, whose type cannot be replaced; return \
             `impl Stream<Item = ..>` or `Pin<Box<dyn Stream<Item = ..> + Send>>`, itself or in a `Result` \
             that is spelled out, or write `stream = false` if that is meant"
        );
    }
    assert_eq!(log::lines_with("unobserved_stream"), [""; 0]);
}

#[tokio::test]
async fn stream_without_a_session_is_unchanged() {
    Recording::global();
    assert_eq!(chat(&["a", "b"]).await.unwrap().count().await, 2);
}
