//! Sessions within sessions, after sessions, below foreign parents: each is the root of its own trace.

use std::sync::mpsc;

use agentops::{
    opentelemetry::{
        Context, SpanId, TraceFlags, TraceId,
        trace::{SpanContext, TraceContextExt, TraceState},
    },
    session, tool,
    tracing::Instrument,
};
use agentops_tests::{Recording, attribute};

#[tool]
fn touch() {}

#[test]
fn inner_session_has_its_own_trace_and_a_link() {
    #[session]
    fn inner_session() {
        touch();
    }
    #[tool]
    fn delegate() {
        inner_session();
        touch();
    }
    #[session]
    fn outer_session() {
        delegate();
    }
    let recording = Recording::global();
    outer_session();
    assert_eq!(recording.tree_of("inner_session"), "session inner_session\n  tool touch\n");
    assert_eq!(
        recording.tree_of("outer_session"),
        "session outer_session\n  tool delegate\n    tool touch\n"
    );
    let inner = &recording.trace_of("inner_session")[0];
    let delegate = recording.span_of("outer_session", "delegate");
    assert_ne!(inner.span_context.trace_id(), delegate.span_context.trace_id());
    let links: Vec<_> = inner.links.iter().map(|link| link.span_context.clone()).collect();
    assert_eq!(links, [delegate.span_context]);
}

#[test]
fn unsampled_foreign_parent_does_not_stop_a_session() {
    #[session]
    fn below_a_foreign_parent() {
        touch();
    }
    let recording = Recording::global();
    let foreign = SpanContext::new(
        TraceId::from(7),
        SpanId::from(7),
        TraceFlags::default(),
        true,
        TraceState::default(),
    );
    let attached = Context::current().with_remote_span_context(foreign.clone()).attach();
    below_a_foreign_parent();
    drop(attached);
    let root = &recording.trace_of("below_a_foreign_parent")[0];
    assert_eq!(root.parent_span_id, SpanId::INVALID);
    assert_ne!(root.span_context.trace_id(), foreign.trace_id());
    let links: Vec<_> = root.links.iter().map(|link| link.span_context.clone()).collect();
    assert_eq!(links, [foreign]);
}

#[test]
fn context_values_reach_into_the_session() {
    #[derive(Debug, PartialEq)]
    struct Tenant(u8);
    #[session]
    fn with_values() -> bool {
        Context::map_current(|context| context.get::<Tenant>() == Some(&Tenant(3)))
    }
    Recording::global();
    let _attached = Context::current_with_value(Tenant(3)).attach();
    assert!(with_values());
}

#[tokio::test]
async fn outliving_call_keeps_its_session_open() {
    #[tool]
    async fn outlives(release: tokio::sync::oneshot::Receiver<()>) {
        release.await.unwrap();
    }
    #[session]
    async fn leaky(release: tokio::sync::oneshot::Receiver<()>) -> tokio::task::JoinHandle<()> {
        let leaked = tokio::spawn(outlives(release).in_current_span());
        tokio::task::yield_now().await;
        leaked
    }
    let recording = Recording::global();
    let (release, released) = tokio::sync::oneshot::channel();
    let leaked = leaky(released).await;
    assert!(recording.traces_of("leaky").is_empty(), "it still runs");
    release.send(()).unwrap();
    leaked.await.unwrap();
    assert_eq!(recording.tree_of("leaky"), "session leaky\n  tool outlives\n");
    let trace = recording.trace_of("leaky");
    assert!(trace[1].end_time <= trace[0].end_time);
    assert_eq!(attribute(&trace[1], "agentops.late"), None);
}

#[test]
fn call_after_its_session_is_late() {
    #[tool]
    fn comes_too_late() {}
    #[session]
    fn over() -> Context {
        Context::current()
    }
    let recording = Recording::global();
    let context = over();
    let before = recording.core.stats();
    let (done, wait) = mpsc::channel();
    std::thread::spawn(move || {
        let _attached = context.attach();
        comes_too_late();
        done.send(()).unwrap();
    });
    wait.recv().unwrap();
    assert_eq!(recording.tree_of("over"), "session over\n  tool comes_too_late\n");
    let after = recording.core.stats();
    assert_eq!([after.late - before.late, after.orphans - before.orphans], [1, 0]);
    let late = recording.span_of("over", "comes_too_late");
    assert_eq!(attribute(&late, "agentops.late"), Some(true.into()));
    let root = recording.span_of("over", "over");
    assert_eq!(attribute(&root, "agentops.session.calls.tool"), None);
    let line = line!() - 23;
    assert_eq!(
        agentops_tests::log::lines_with("comes_too_late"),
        [format!(
            "tool `comes_too_late` (tests/nesting.rs:{line}) ended after its session `over` had, and is in \
             no total of it; start it by `agentops::spawn`, with `.in_current_session()` or by \
             `agentops::thread::spawn`, which keep the session open, or end the session after it"
        )]
    );
}

#[test]
fn sequential_sessions_are_separate_traces() {
    #[session]
    fn again() {
        touch();
    }
    let recording = Recording::global();
    again();
    again();
    let traces = recording.traces_of("again");
    let sizes: Vec<_> = traces.iter().map(Vec::len).collect();
    assert_eq!(sizes, [2, 2]);
}

#[test]
fn first_attribute_is_outermost() {
    #[session]
    #[agentops::agent]
    #[agentops::traced(kind = "step")]
    #[must_use]
    fn stacked(n: u8) -> Option<u8> {
        Some(n)
    }
    let recording = Recording::global();
    assert_eq!(stacked(1), Some(1));
    assert_eq!(
        recording.tree_of("stacked"),
        "session stacked\n  agent stacked\n    step stacked\n"
    );
    let inputs = recording
        .trace_of("stacked")
        .into_iter()
        .map(|span| attribute(&span, "input.value").map(|input| input.to_string()));
    let expected = ["{\"n\":1}"; 3].map(|input| Some(input.to_owned()));
    assert_eq!(inputs.collect::<Vec<_>>(), expected);
}

#[test]
fn carried_context_stays_the_parent() {
    #[tool]
    fn carried() {}
    #[session]
    fn other_session(context: Context) {
        let _attached = context.attach();
        carried();
    }
    #[session]
    fn carrying() {
        #[agentops::agent]
        fn first() {
            let second = Context::current();
            count_below(second);
        }
        first();
        other_session(Context::current());
    }
    #[agentops::agent]
    fn count_below(context: Context) {
        let _attached = context.attach();
        carried();
    }
    if agentops_tests::is_beside() {
        // There a context of OpenTelemetry carries the other layer's span; ours is carried by `SessionContext`.
        return;
    }
    let recording = Recording::global();
    carrying();
    assert_eq!(
        recording.tree_of("carrying"),
        "session carrying\n\
        \x20 agent first\n\
        \x20   agent count_below\n\
        \x20   tool carried\n\
        \x20 tool carried\n"
    );
    assert_eq!(recording.tree_of("other_session"), "session other_session\n");
}
