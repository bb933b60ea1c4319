//! Traps for attribute macros: one of them has fallen into each.
#![deny(warnings, clippy::pedantic)]

use std::{
    cell::RefCell,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    rc::Rc,
};

use agentops::{
    agent,
    opentelemetry::{
        Context, SpanId, TraceFlags, TraceId,
        trace::{SpanContext, TraceContextExt, TraceState},
    },
    session, task, tool,
    tracing::Instrument,
};
use agentops_tests::{Recording, attribute, name};
use futures_util::FutureExt;
use serde::Serialize;
use tokio::{select, sync::oneshot, task::yield_now};

#[test]
fn single_block_body_has_no_brace_lint() {
    #[tool]
    fn one_block(n: u8) -> u8 {
        if n > 1 { n } else { 1 }
    }
    #[session]
    fn blocks() -> u8 {
        one_block(2)
    }
    let recording = Recording::global();
    assert_eq!(blocks(), 2);
    assert_eq!(recording.tree_of("blocks"), "session blocks\n  tool one_block\n");
}

#[test]
fn returned_iterator_keeps_its_span_open() {
    #[task]
    fn step(n: u8) -> u8 {
        n
    }
    #[tool]
    fn iterate(count: u8) -> impl Iterator<Item = u8> {
        (0..count).map(step)
    }
    #[session]
    fn iterated() -> usize {
        iterate(2).count()
    }
    let recording = Recording::global();
    assert_eq!(iterated(), 2);
    assert_eq!(
        recording.tree_of("iterated"),
        "session iterated\n  tool iterate\n    task step\n    task step\n"
    );
    let span = recording.span_of("iterated", "iterate");
    assert_eq!(attribute(&span, "output.value"), Some("[0,1]".into()));
}

#[test]
fn diverging_body_has_no_result() {
    #[tool]
    fn diverges(n: u8) {
        panic!("{n}")
    }
    #[session]
    fn diverging() {
        let caught = catch_unwind(|| diverges(1));
        assert!(caught.is_err());
    }
    let recording = Recording::global();
    diverging();
    assert_eq!(recording.tree_of("diverging"), "session diverging\n  tool diverges error=\"1\"\n");
}

#[test]
fn mutable_argument_can_be_reborrowed_and_returned() {
    struct Notes(Vec<u8>);
    impl Notes {
        #[tool]
        fn last(&mut self) -> Option<&mut u8> {
            self.0.last_mut()
        }
    }
    #[tool]
    fn first<'a>(all: &'a mut [u8], _: &str) -> &'a mut u8 {
        &mut all[0]
    }
    #[session]
    fn reborrowed() -> Vec<u8> {
        let mut notes = Notes(vec![1, 2]);
        *first(&mut notes.0, "now") += 10;
        if let Some(last) = notes.last() {
            *last += 20;
        }
        notes.0
    }
    let recording = Recording::global();
    assert_eq!(reborrowed(), [11, 22]);
    assert_eq!(recording.tree_of("reborrowed"), "session reborrowed\n  tool first\n  tool last\n");
}

struct Silent;

#[derive(Debug, Serialize, PartialEq)]
struct Answer {
    text: &'static str,
}

#[test]
fn success_is_recorded_despite_an_opaque_error() {
    #[tool]
    fn half(ok: bool) -> Result<Answer, Silent> {
        if ok { Ok(Answer { text: "yes" }) } else { Err(Silent) }
    }
    #[session]
    fn halves() -> (bool, bool) {
        (half(true).is_ok(), half(false).is_err())
    }
    let recording = Recording::global();
    assert_eq!(halves(), (true, true));
    let spans = recording.trace_of("halves");
    assert_eq!(attribute(&spans[1], "output.value"), Some(r#"{"text":"yes"}"#.into()));
    assert_eq!(attribute(&spans[2], "output.value"), None);
    assert_eq!(
        recording.tree_of("halves"),
        "session halves\n  tool half\n  tool half error=\"<opaque: traps::Silent>\"\n"
    );
}

#[tokio::test]
async fn spawned_tool_stays_in_its_session_with_its_span() {
    #[tool]
    async fn spawned() -> u8 {
        yield_now().await;
        3
    }
    #[session]
    async fn spawning() -> u8 {
        tokio::spawn(spawned().in_current_span()).await.unwrap_or_default()
    }
    let recording = Recording::global();
    assert_eq!(spawning().await, 3);
    assert_eq!(recording.tree_of("spawning"), "session spawning\n  tool spawned\n");
}

#[tokio::test]
async fn boxed_recursion_makes_a_span_per_level() {
    #[tool]
    fn down(n: u8) -> Pin<Box<dyn Future<Output = u8>>> {
        Box::pin(async move { if n == 0 { 0 } else { 1 + down(n - 1).await } })
    }
    #[agent]
    async fn deeper(n: u8) -> u8 {
        if n == 0 { 0 } else { 1 + Box::pin(deeper(n - 1)).await }
    }
    #[session]
    async fn boxed_recursion() -> u8 {
        down(1).await + deeper(1).await
    }
    let recording = Recording::global();
    assert_eq!(boxed_recursion().await, 2);
    assert_eq!(
        recording.tree_of("boxed_recursion"),
        "session boxed_recursion\n\
        \x20 tool down\n\
        \x20   tool down\n\
        \x20 agent deeper\n\
        \x20   agent deeper\n"
    );
}

#[tokio::test]
async fn dropped_select_branch_and_aborted_task_are_cancelled() {
    #[tool]
    async fn waits(until: oneshot::Receiver<()>) {
        let _ = until.await;
    }
    #[tool]
    async fn quick() {}
    #[session]
    async fn selecting() {
        let (_never, receiver) = oneshot::channel();
        select! {
            biased;
            () = waits(receiver) => {}
            () = quick() => {}
        }
        let (_never, receiver) = oneshot::channel();
        let task = tokio::spawn(waits(receiver).in_current_span());
        yield_now().await;
        task.abort();
        assert!(task.await.is_err());
    }
    let recording = Recording::global();
    selecting().await;
    assert_eq!(
        recording.tree_of("selecting"),
        "session selecting\n\
        \x20 tool waits cancelled\n\
        \x20 tool quick\n\
        \x20 tool waits cancelled\n"
    );
}

#[test]
fn session_under_a_remote_parent_is_a_root() {
    #[session]
    fn below_a_remote_parent() {}
    let recording = Recording::global();
    let remote = SpanContext::new(
        TraceId::from(8),
        SpanId::from(8),
        TraceFlags::SAMPLED,
        true,
        TraceState::default(),
    );
    let attached = Context::new().with_remote_span_context(remote.clone()).attach();
    below_a_remote_parent();
    drop(attached);
    let root = &recording.trace_of("below_a_remote_parent")[0];
    assert_eq!(
        (name(root).as_str(), root.parent_span_id),
        ("below_a_remote_parent", SpanId::INVALID)
    );
    assert_ne!(root.span_context.trace_id(), remote.trace_id());
    let links: Vec<_> = root.links.iter().map(|link| link.span_context.clone()).collect();
    assert_eq!(links, [remote]);
}

#[test]
fn body_sets_attributes_under_any_key() {
    #[tool]
    fn tells() {
        agentops::current().set_attribute("any.key", "told").event("half way");
    }
    #[session]
    fn telling() {
        tells();
    }
    let recording = Recording::global();
    telling();
    let span = recording.span_of("telling", "tells");
    assert_eq!(attribute(&span, "any.key"), Some("told".into()));
    let events: Vec<_> = span.events.iter().map(|event| event.name.as_ref()).collect();
    assert_eq!(events, ["half way"]);
}

#[test]
fn unsendable_arguments_and_results_are_accepted() {
    #[tool]
    fn shares(list: Rc<RefCell<Vec<u8>>>) -> Rc<RefCell<Vec<u8>>> {
        list.borrow_mut().push(1);
        list
    }
    #[session]
    async fn sharing() -> usize {
        shares(Rc::default()).borrow().len()
    }
    let recording = Recording::global();
    let caught = catch_unwind(AssertUnwindSafe(|| sharing().now_or_never()));
    assert_eq!(caught.ok().flatten(), Some(1));
    assert_eq!(recording.tree_of("sharing"), "session sharing\n  tool shares\n");
}
