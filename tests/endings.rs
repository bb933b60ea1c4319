//! Endings of a call, and what its span says then: one status, one exception event, one `error.type`.
#![deny(clippy::pedantic)]

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use agentops::{
    agent, llm, opentelemetry::trace::Status, opentelemetry_sdk::trace::SpanData, session, tool,
};
use agentops_tests::{Recording, attribute, attributes};
use futures_util::{Stream, stream};
use tokio::time::timeout;

struct Shown;

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("shown to people")
    }
}

#[derive(Debug)]
#[expect(dead_code, reason = "read by `Debug`")]
struct Debugged(u8);

struct Mute;

/// Status, `error.type` and exception events of a span.
fn error_of(span: &SpanData) -> (Status, Option<String>, Vec<String>) {
    let events = span.events.iter().map(|event| {
        let attributes: Vec<_> =
            event.attributes.iter().map(|it| format!("{}={}", it.key, it.value)).collect();
        format!("{} {}", event.name, attributes.join(" "))
    });
    let error_type = attribute(span, "error.type").map(|kind| kind.to_string());
    (span.status.clone(), error_type, events.collect())
}

fn error(message: &str, kind: &str) -> (Status, Option<String>, Vec<String>) {
    let event = format!("exception exception.type={kind} exception.message={message}");
    (Status::error(message.to_owned()), Some(kind.to_owned()), vec![event])
}

/// The marks of a call that has not failed.
const NO_ERROR: (Status, Option<String>, Vec<String>) = (Status::Unset, None, Vec::new());

fn is_cancelled(span: &SpanData) -> bool {
    attribute(span, "agentops.cancelled") == Some(true.into())
}

/// The marks of a panic that was raised in this line.
fn panicked(line: u32) -> (Status, Option<String>, Vec<String>) {
    let message = "do not print this in a passing test";
    let (status, kind, events) = error(message, "panic");
    let place = format!("code.file.path={} code.line.number={line} code.column.number=9", file!());
    (status, kind, events.into_iter().map(|event| format!("{event} {place}")).collect())
}

#[test]
fn error_is_recorded_by_display_or_debug() {
    #[tool]
    fn displays() -> Result<(), Shown> {
        Err(Shown)
    }
    #[tool]
    fn debugs() -> Result<(), Debugged> {
        Err(Debugged(7))
    }
    #[tool]
    fn is_mute() -> Result<(), Mute> {
        Err(Mute)
    }
    #[tool(err = Debug)]
    fn debugs_by_wish() -> Result<(), &'static str> {
        Err("a \"quote\"")
    }
    #[session]
    fn failing_tools() {
        let _ = (displays().is_err(), debugs().is_err(), is_mute().is_err(), debugs_by_wish());
    }
    let recording = Recording::global();
    failing_tools();
    let told = |name| error_of(&recording.span_of("failing_tools", name));
    assert_eq!(told("displays"), error("shown to people", "endings::Shown"));
    assert_eq!(told("debugs"), error("Debugged(7)", "endings::Debugged"));
    assert_eq!(told("is_mute"), error("<opaque: endings::Mute>", "endings::Mute"));
    assert_eq!(told("debugs_by_wish"), error("\"a \\\"quote\\\"\"", "&str"));
}

#[test]
fn failed_tool_leaves_a_recovered_session_unharmed() {
    #[tool]
    fn fails() -> Result<u8, String> {
        Err("no".to_owned())
    }
    #[session]
    fn recovers() -> u8 {
        fails().unwrap_or(3)
    }
    let recording = Recording::global();
    assert_eq!(recovers(), 3);
    assert_eq!(recording.tree_of("recovers"), "session recovers\n  tool fails error=\"no\"\n");
    assert_eq!(
        attributes(&recording.trace_of("recovers")[0]),
        [
            "agentops.span.kind=session",
            "operation.name=recovers",
            "code.function.name=endings::failed_tool_leaves_a_recovered_session_unharmed::recovers",
            "agentops.session.calls.tool=1",
            "agentops.session.errors=1",
            "agentops.session.end_state=Success",
            "gen_ai.workflow.name=recovers",
            "gen_ai.operation.name=invoke_workflow",
            "openinference.span.kind=CHAIN",
            "output.value=3",
            "output.mime_type=application/json",
        ]
    );
}

#[test]
fn disabled_error_is_no_failure() {
    #[tool(err = off)]
    fn expected_miss() -> Result<u8, String> {
        Err("not there".to_owned())
    }
    #[session]
    fn without_errors() {
        expected_miss().unwrap_err();
    }
    let recording = Recording::global();
    without_errors();
    let span = recording.span_of("without_errors", "expected_miss");
    assert_eq!(error_of(&span), (Status::Unset, None, vec![]));
    assert_eq!(attribute(&span, "output.value"), None);
}

#[test]
fn panic_fails_every_span_it_passes() {
    const PANICS: u32 = line!() + 3;
    #[tool]
    fn panics() {
        panic!("do not print this in a passing test");
    }
    #[session]
    fn panicking() {
        panics();
    }
    let recording = Recording::global();
    catch_unwind(panicking).unwrap_err();
    let session = &recording.trace_of("panicking")[0];
    assert_eq!(error_of(&recording.span_of("panicking", "panics")), panicked(PANICS));
    assert_eq!(error_of(session), panicked(PANICS));
    assert_eq!(attribute(session, "agentops.session.end_state").unwrap().as_str(), "Failure");
}

#[tokio::test]
async fn panic_in_a_poll_is_no_cancellation() {
    const PANICS_LATER: u32 = line!() + 4;
    #[tool]
    async fn panics_later() {
        tokio::task::yield_now().await;
        panic!("do not print this in a passing test");
    }
    #[session]
    async fn panicking_later() {
        panics_later().await;
    }
    let recording = Recording::global();
    tokio::spawn(panicking_later()).await.unwrap_err();
    let told = error_of(&recording.span_of("panicking_later", "panics_later"));
    assert_eq!(told, panicked(PANICS_LATER));
}

#[tokio::test]
async fn dropped_future_is_cancelled() {
    #[tool]
    async fn never_ends() {
        std::future::pending::<()>().await;
    }
    #[agent]
    async fn gives_up() -> u8 {
        timeout(Duration::ZERO, never_ends()).await.map_or(1, |()| 2)
    }
    #[session]
    async fn impatient() -> u8 {
        gives_up().await
    }
    let recording = Recording::global();
    assert_eq!(impatient().await, 1);
    let tool = recording.span_of("impatient", "never_ends");
    assert_eq!((error_of(&tool), is_cancelled(&tool)), (NO_ERROR, true));
    let root = recording.span_of("impatient", "impatient");
    assert_eq!(attribute(&root, "agentops.session.errors"), Some(0.into()));
    assert_eq!(
        recording.tree_of("impatient"),
        "session impatient\n  agent gives_up\n    tool never_ends cancelled\n"
    );
}

#[tokio::test]
async fn future_dropped_by_unwinding_is_cancelled() {
    #[tool]
    async fn waits() {
        std::future::pending::<()>().await;
    }
    #[session]
    async fn unwinding() {
        let mut waiting = Box::pin(waits());
        assert!(timeout(Duration::ZERO, &mut waiting).await.is_err());
        let unwound = catch_unwind(AssertUnwindSafe(move || {
            let _waiting = waiting;
            panic!("do not print this in a passing test");
        }));
        unwound.unwrap_err();
    }
    let recording = Recording::global();
    unwinding().await;
    let waits = recording.span_of("unwinding", "waits");
    assert_eq!((error_of(&waits), is_cancelled(&waits)), (NO_ERROR, true));
}

#[tokio::test]
async fn cancelled_session_ends_indeterminate() {
    #[session]
    async fn cancelled_session() {
        std::future::pending::<()>().await;
    }
    let recording = Recording::global();
    assert!(timeout(Duration::ZERO, cancelled_session()).await.is_err());
    let root = &recording.trace_of("cancelled_session")[0];
    assert_eq!((error_of(root), is_cancelled(root)), (NO_ERROR, true));
    assert_eq!(attribute(root, "agentops.session.end_state").unwrap().as_str(), "Indeterminate");
}

#[tokio::test]
async fn cancelled_call_fails_if_configured() {
    #[tool(cancelled = error)]
    async fn must_not_be_left() {
        std::future::pending::<()>().await;
    }
    #[llm(cancelled = error)]
    fn must_be_read() -> impl Stream<Item = u8> {
        stream::pending()
    }
    #[session(cancelled = error)]
    async fn must_end() {
        drop(must_be_read());
        must_not_be_left().await;
    }
    let recording = Recording::global();
    assert!(timeout(Duration::ZERO, must_end()).await.is_err());
    let trace = recording.trace_of("must_end");
    for span in &trace {
        assert_eq!((error_of(span), is_cancelled(span)), (error("cancelled", "cancelled"), true));
    }
    let root = &trace[0];
    assert_eq!(attribute(root, "agentops.session.errors"), Some(2.into()));
    assert_eq!(attribute(root, "agentops.session.end_state").unwrap().as_str(), "Indeterminate");
}

#[test]
fn failed_session_records_its_error() {
    #[session]
    fn failing_session() -> Result<(), &'static str> {
        Err("nothing worked")
    }
    let recording = Recording::global();
    failing_session().unwrap_err();
    let root = &recording.trace_of("failing_session")[0];
    assert_eq!(error_of(root), error("nothing worked", "&str"));
    assert_eq!(attribute(root, "agentops.session.end_state").unwrap().as_str(), "Failure");
}
