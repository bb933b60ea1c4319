//! Functions that return futures, `#[async_trait]` among them: the span is the future's.
#![deny(clippy::pedantic)]

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    time::Duration,
};

use agentops::{agent, session, task, tool};
use agentops_tests::{Recording, attribute};
use async_trait::async_trait;
use futures_util::future::{BoxFuture, FutureExt};
use tokio::{task::yield_now, time::timeout};

#[tool]
fn opaque(n: u32) -> impl Future<Output = u32> + Send {
    async move {
        yield_now().await;
        inside(n)
    }
}

#[task]
fn inside(n: u32) -> u32 {
    n + 1
}

#[tool]
fn boxed<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = Result<usize, String>> + Send + 'a>> {
    Box::pin(async move { text.parse().map_err(|_| format!("no number: {text}")) })
}

#[tool]
fn named(n: u32) -> BoxFuture<'static, u32> {
    async move { n + 2 }.boxed()
}

#[tool]
fn movable(n: u32) -> Box<dyn Future<Output = u32> + Unpin> {
    Box::new(std::future::ready(n))
}

#[tool]
fn fallible(n: u32) -> Result<impl Future<Output = u32>, std::num::TryFromIntError> {
    let small = u8::try_from(n)?;
    Ok(async move { u32::from(small) })
}

#[tool]
fn optional(n: u32) -> Option<BoxFuture<'static, u32>> {
    (n > 0).then(|| named(n))
}

#[tokio::test]
async fn returned_future_keeps_its_span_open() {
    #[session]
    async fn returned_futures() -> u32 {
        assert_eq!(boxed("12").await, Ok(12));
        assert!(boxed("x").await.is_err());
        opaque(1).await + named(2).await + movable(3).await
    }
    let recording = Recording::global();
    assert_eq!(returned_futures().await, 2 + 4 + 3);
    assert_eq!(
        recording.tree_of("returned_futures"),
        "session returned_futures\n\
        \x20 tool boxed\n\
        \x20 tool boxed error=\"no number: x\"\n\
        \x20 tool opaque\n\
        \x20   task inside\n\
        \x20 tool named\n\
        \x20 tool movable\n"
    );
    let span = recording.span_of("returned_futures", "opaque");
    assert_eq!(attribute(&span, "input.value"), Some(r#"{"n":1}"#.into()));
    assert_eq!(attribute(&span, "output.value"), Some("2".into()));
}

#[tokio::test]
async fn value_instead_of_a_future_ends_the_span() {
    #[session]
    async fn instead_of_futures() -> u32 {
        assert!(fallible(256).is_err());
        assert!(optional(0).is_none());
        fallible(2).unwrap().await + optional(3).unwrap().await
    }
    let recording = Recording::global();
    assert_eq!(instead_of_futures().await, 2 + 5);
    assert_eq!(
        recording.tree_of("instead_of_futures"),
        "session instead_of_futures\n\
        \x20 tool fallible error=\"out of range integral type conversion attempted\"\n\
        \x20 tool optional\n\
        \x20 tool fallible\n\
        \x20 tool optional\n\
        \x20   tool named\n"
    );
    let empty = &recording.trace_of("instead_of_futures")[2];
    assert_eq!(attribute(empty, "output.value"), Some("null".into()));
}

#[tokio::test]
async fn future_belongs_to_its_call() {
    #[agent]
    fn calls() -> BoxFuture<'static, u32> {
        async { 0 }.boxed()
    }
    #[agent]
    async fn hands_out() -> BoxFuture<'static, u32> {
        named(1)
    }
    #[session]
    async fn called_here() -> u32 {
        let elsewhere = tokio::spawn(hands_out().await);
        calls().await + elsewhere.await.unwrap()
    }
    let recording = Recording::global();
    assert_eq!(called_here().await, 3);
    assert_eq!(
        recording.tree_of("called_here"),
        "session called_here\n\
        \x20 agent hands_out\n\
        \x20   tool named\n\
        \x20 agent calls\n"
    );
}

#[tokio::test]
async fn future_from_before_the_session_belongs_to_its_poll() {
    #[session]
    async fn made_before(future: BoxFuture<'static, u32>) -> u32 {
        future.await
    }
    let recording = Recording::global();
    let orphans = recording.core.stats().orphans;
    assert_eq!(made_before(named(1)).await, 3);
    assert_eq!(recording.tree_of("made_before"), "session made_before\n  tool named\n");
    assert_eq!(recording.core.stats().orphans, orphans);
}

#[tokio::test]
async fn unpolled_future_has_no_span_and_dropped_is_cancelled() {
    #[tool]
    fn endless() -> impl Future<Output = ()> {
        std::future::pending()
    }
    #[session]
    async fn unfinished() {
        drop(endless());
        assert!(timeout(Duration::ZERO, endless()).await.is_err());
    }
    let recording = Recording::global();
    unfinished().await;
    assert_eq!(recording.tree_of("unfinished"), "session unfinished\n  tool endless cancelled\n");
}

#[tokio::test]
async fn panic_before_the_future_is_recorded() {
    #[tool]
    fn panics() -> BoxFuture<'static, ()> {
        panic!("do not print this in a passing test");
    }
    #[session]
    async fn panicking_early() {
        catch_unwind(AssertUnwindSafe(|| drop(panics()))).unwrap_err();
    }
    let recording = Recording::global();
    panicking_early().await;
    assert_eq!(
        recording.tree_of("panicking_early"),
        "session panicking_early\n  tool panics error=\"do not print this in a passing test\"\n"
    );
}

#[tokio::test]
async fn future_keeps_its_session_open() {
    #[session]
    fn hands_out() -> Vec<BoxFuture<'static, u32>> {
        vec![named(1)]
    }
    let recording = Recording::global();
    assert_eq!(hands_out().remove(0).await, 3);
    let handed_out = recording.span_of("hands_out", "named");
    assert_eq!(attribute(&handed_out, "agentops.late"), None);
}

#[async_trait]
trait Search: Sync {
    async fn find(&self, query: &str, (from, to): (usize, usize)) -> Result<String, String>;

    #[tool(name = "described")]
    async fn describe(&self, mut prefix: String) -> String {
        prefix.push_str("searcher");
        prefix
    }
}

struct Web {
    text: &'static str,
}

#[tool]
#[async_trait]
impl Search for Web {
    async fn find(&self, query: &str, (from, to): (usize, usize)) -> Result<String, String> {
        yield_now().await;
        let part = self.text.get(from..to).ok_or("out of range")?;
        if part.contains(query) { Ok(part.to_owned()) } else { Err(format!("no {query}")) }
    }
}

struct Desk;

#[async_trait]
#[session(version = "2")]
#[agent]
impl Search for Desk {
    async fn find(&self, query: &str, range: (usize, usize)) -> Result<String, String> {
        Web { text: "a desk" }.find(query, range).await
    }

    #[agentops(skip)]
    async fn describe(&self, prefix: String) -> String {
        prefix
    }
}

#[tokio::test]
async fn async_trait_may_stand_above_or_below() {
    #[session]
    async fn async_traits() -> String {
        let web: Box<dyn Search> = Box::new(Web { text: "the web" });
        assert_eq!(web.find("web", (4, 7)).await.as_deref(), Ok("web"));
        assert_eq!(web.find("desk", (0, 7)).await, Err("no desk".to_owned()));
        web.describe("a ".to_owned()).await
    }
    let recording = Recording::global();
    assert_eq!(async_traits().await, "a searcher");
    assert_eq!(
        recording.tree_of("async_traits"),
        "session async_traits\n\
        \x20 tool find\n\
        \x20 tool find error=\"no desk\"\n\
        \x20 tool described\n"
    );
    let spans = recording.trace_of("async_traits");
    assert_eq!(attribute(&spans[1], "input.value"), Some(r#"{"query":"web"}"#.into()));
    assert_eq!(attribute(&spans[3], "input.value"), Some(r#"{"prefix":"a "}"#.into()));
}

#[tokio::test]
async fn async_trait_attributes_nest_in_order() {
    let recording = Recording::global();
    assert_eq!(Desk.find("desk", (2, 6)).await.as_deref(), Ok("desk"));
    assert_eq!(Desk.describe(String::new()).await, "");
    assert_eq!(recording.tree_of("find"), "session find\n  agent Desk\n    tool find\n");
}

#[tokio::test]
async fn async_trait_methods_nest_in_a_session() {
    struct Lab;

    #[async_trait]
    impl Search for Lab {
        #[agent(name = "lab")]
        #[tool]
        async fn find(&self, query: &str, range: (usize, usize)) -> Result<String, String> {
            Web { text: "a lab" }.find(query, range).await
        }
    }
    #[session]
    async fn in_the_lab() {
        Lab.find("lab", (0, 5)).await.unwrap();
    }
    let recording = Recording::global();
    in_the_lab().await;
    assert_eq!(
        recording.tree_of("in_the_lab"),
        "session in_the_lab\n  agent lab\n    tool find\n      tool find\n"
    );
}
