//! An error is told whole: with its causes, by the innermost type that is known, and wherever it is.
#![expect(clippy::type_complexity, reason = "types that are nested are the point")]

use std::{
    error::Error,
    fmt::{self, Display},
    io,
    num::ParseIntError,
    ops::{ControlFlow, Deref},
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use agentops::{
    EndState, Tool, current, llm,
    opentelemetry::{Value, trace::Status},
    opentelemetry_sdk::trace::SpanData,
    session, tool,
};
use agentops_tests::{Recording, attribute};
use anyhow::Context;
use futures_util::{Stream, StreamExt, future::BoxFuture, stream};

const IO: &str = "std::io::error::Error";

fn refused() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionRefused, "connection refused")
}

/// Record of a failure: the status, `error.type` and `exception.type`.
type Failure = (String, String, String);

fn failure(message: &str, kind: &str, of: &str) -> Option<Failure> {
    Some((message.to_owned(), kind.to_owned(), of.to_owned()))
}

fn failure_of(span: &SpanData) -> Option<Failure> {
    let Status::Error { description } = &span.status else { return None };
    let kind = attribute(span, "error.type").map_or_else(String::new, |kind| kind.to_string());
    let [event] = &span.events.events[..] else { panic!("{:?}", span.events) };
    let said = |key| {
        let found = event.attributes.iter().find(|it| it.key.as_str() == key);
        found.map_or_else(String::new, |it| it.value.to_string())
    };
    assert_eq!((&*event.name, &*said("exception.message")), ("exception", &**description));
    Some((description.to_string(), kind, said("exception.type")))
}

/// Span of the only tool below a session of this name.
fn recorded(session: &str) -> SpanData {
    let trace = Recording::global().trace_of(session);
    assert_eq!(trace.len(), 2, "{session}");
    trace[1].clone()
}

/// Record of this value, as a tool with this return type returns it: its failure, or its output.
macro_rules! told {
    ($name:ident, $of:ty, $value:expr $(, $option:ident = $with:ident)?) => {{
        #[tool($($option = $with)?)]
        fn told() -> $of {
            $value
        }
        #[session(capture_output = false)]
        fn $name() {
            let _ = told();
        }
        Recording::global();
        $name();
        let span = recorded(stringify!($name));
        match failure_of(&span) {
            Some(failure) => Err(failure),
            None => Ok(attribute(&span, "output.value").map(|it| it.to_string())),
        }
    }};
}

/// The failure alone.
macro_rules! failed {
    ($($told:tt)*) => { told!($($told)*).err() };
}

#[derive(Debug, thiserror::Error)]
enum Planning {
    #[error("request failed")]
    Request(#[source] io::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("no plan")]
    Nothing,
    #[error("bad step: {0}")]
    Step(#[source] ParseIntError),
}

#[derive(Debug, snafu::Snafu)]
#[snafu(display("could not read config"))]
struct Reading {
    source: io::Error,
}

#[derive(Debug, thiserror::Error)]
#[error("bad plan")]
struct Diagnosed(#[source] io::Error);

impl miette::Diagnostic for Diagnosed {}

const WHOLE: &str = "could not plan: request failed: connection refused";

fn by_anyhow() -> anyhow::Error {
    anyhow::Error::new(refused()).context("request failed").context("could not plan")
}

fn by_eyre() -> eyre::Report {
    eyre::Report::new(refused()).wrap_err("request failed").wrap_err("could not plan")
}

#[test]
fn hidden_error_records_causes_and_innermost_type() {
    assert_eq!(
        failed!(of_anyhow, anyhow::Result<u8>, Err(by_anyhow())),
        failure(WHOLE, IO, "anyhow::Error")
    );
    assert_eq!(
        failed!(of_anyhow_by_display, anyhow::Result<u8>, Err(by_anyhow()), err = Display),
        failure(WHOLE, IO, "anyhow::Error")
    );
    assert_eq!(
        failed!(of_eyre, eyre::Result<u8>, Err(by_eyre())),
        failure(WHOLE, IO, "eyre::Report")
    );
    assert_eq!(
        failed!(of_miette, miette::Result<u8>, Err(Diagnosed(refused()).into())),
        failure("bad plan: connection refused", IO, "miette::eyreish::Report")
    );
    assert_eq!(
        failed!(of_words, anyhow::Result<u8>, Err(anyhow::anyhow!("out of ideas"))),
        failure("out of ideas", "anyhow::Error", "anyhow::Error")
    );
    assert_eq!(
        failed!(of_plain_io, anyhow::Result<u8>, Err(refused().into())),
        failure("connection refused", IO, "anyhow::Error")
    );
}

#[test]
fn pointers_to_an_error_tell_what_it_tells() {
    let said = "request failed: connection refused";
    macro_rules! all {
        ($($name:ident: $of:ty = $value:expr => $spelled:expr;)*) => {$(
            assert_eq!(failed!($name, Result<u8, $of>, Err($value)), failure(said, IO, $spelled));
        )*};
    }
    all! {
        boxed: Box<dyn Error> = Box::new(Planning::Request(refused())) => "Box<dyn Error>";
        boxed_send: Box<dyn Error + Send> = Box::new(Planning::Request(refused())) => "Box<dyn Error>";
        boxed_both: Box<dyn Error + Send + Sync> = Planning::Request(refused()).into() => "Box<dyn Error>";
        shared: Arc<dyn Error> = Arc::new(Planning::Request(refused())) => "Arc<dyn Error>";
        rc: Rc<dyn Error> = Rc::new(Planning::Request(refused())) => "Rc<dyn Error>";
        leaked: &'static dyn Error = Box::leak(Box::new(Planning::Request(refused()))) => "&dyn Error";
        boxed_itself: Box<Planning> = Box::new(Planning::Request(refused())) => "causes::Planning";
        shared_itself: Arc<Planning> = Arc::new(Planning::Request(refused())) => "causes::Planning";
        boxed_twice: Box<Box<dyn Error>> = Box::new(Box::new(Planning::Request(refused()))) => "Box<dyn Error>";
        of_diagnostic: Box<dyn miette::Diagnostic> = Box::new(Requested(Planning::Request(refused())))
            => "dyn miette::protocol::Diagnostic";
    }
    assert_eq!(
        failed!(of_shared_anyhow, Result<u8, Arc<anyhow::Error>>, Err(Arc::new(by_anyhow()))),
        failure(WHOLE, IO, "anyhow::Error")
    );
    assert_eq!(
        failed!(of_boxed_io, Result<u8, Box<dyn Error>>, Err(refused().into())),
        failure("connection refused", IO, "Box<dyn Error>")
    );
}

/// An error that others see as something else besides.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Requested(Planning);

impl miette::Diagnostic for Requested {}

#[test]
fn error_records_its_sources() {
    let typed = "causes::Planning";
    assert_eq!(
        failed!(of_source, Result<u8, Planning>, Err(Planning::Request(refused()))),
        failure("request failed: connection refused", IO, typed)
    );
    assert_eq!(
        failed!(of_nothing, Result<u8, Planning>, Err(Planning::Nothing)),
        failure("no plan", typed, typed)
    );
    assert_eq!(
        failed!(of_itself, Result<u8, Planning>, Err(refused().into())),
        failure("connection refused", typed, typed)
    );
    assert_eq!(
        failed!(of_snafu, Result<u8, Reading>, Err(Reading { source: refused() })),
        failure("could not read config: connection refused", IO, "causes::Reading")
    );
    assert_eq!(
        failed!(of_whatever, Result<u8, snafu::Whatever>, {
            snafu::ResultExt::whatever_context(Err(refused()), "could not plan")
        }),
        failure("could not plan: connection refused", IO, "snafu::whatever::Whatever")
    );
    assert_eq!(
        failed!(of_other_io, io::Result<u8>, Err(io::Error::other(Planning::Request(refused())))),
        failure("request failed: connection refused", IO, IO)
    );
}

#[test]
fn error_debug_records_causes() {
    let parsed = || "x".parse::<u8>().unwrap_err();
    assert_eq!(
        failed!(debugged, Result<u8, Planning>, Err(Planning::Step("x".parse::<u8>().unwrap_err())), err = Debug),
        failure(
            &format!("{:?}", Planning::Step(parsed())),
            "core::num::error::ParseIntError",
            "causes::Planning"
        )
    );
}

#[test]
fn cause_in_the_message_is_not_repeated() {
    assert_eq!(
        failed!(of_step, Result<u8, Planning>, Err(Planning::Step("x".parse::<u8>().unwrap_err()))),
        failure(
            "bad step: invalid digit found in string",
            "core::num::error::ParseIntError",
            "causes::Planning"
        )
    );
}

/// An error of these texts, each the cause of the one before it; the last is its own cause.
#[derive(Debug)]
struct Chain(Vec<String>, Option<Box<Chain>>);

impl Chain {
    fn of(texts: impl DoubleEndedIterator<Item = String>) -> Self {
        let mut texts = texts.rev();
        let last = Self(texts.next().into_iter().collect(), None);
        texts.fold(last, |inner, text| Self(vec![text], Some(Box::new(inner))))
    }
}

impl Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0[0] == "panics" {
            panic!("do not print this in a passing test");
        }
        f.write_str(&self.0[0])
    }
}

impl Error for Chain {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        if self.0[0] == "has no source" {
            panic!("do not print this in a passing test");
        }
        Some(self.1.as_deref().unwrap_or(self))
    }
}

fn chain(texts: &[&str]) -> Result<u8, Chain> {
    Err(Chain::of(texts.iter().map(|&text| text.to_owned())))
}

#[test]
fn endless_or_broken_chain_is_cut() {
    let message = |told: Option<Failure>| told.unwrap().0;
    assert_eq!(message(failed!(endless, Result<u8, Chain>, chain(&["a", "b"]))), "a: b");
    assert_eq!(
        message(failed!(with_a_panic, Result<u8, Chain>, chain(&["a", "panics", "c"]))),
        "a: <panicked>: c"
    );
    assert_eq!(
        message(failed!(without_a_source, Result<u8, Chain>, chain(&["a", "has no source", "c"]))),
        "a: has no source"
    );
    assert_eq!(
        message(failed!(with_a_gap, Result<u8, Chain>, chain(&["", "a", " ", "b a", "c b"]))),
        "a: b a: c b"
    );
    let long = message(failed!(of_many, Result<u8, Chain>, {
        Err(Chain::of((0..100).map(|number| format!("cause {number}"))))
    }));
    assert!(
        long.starts_with("cause 0: cause 1: ") && long.ends_with(": cause 32: …[truncated]"),
        "{long}"
    );
}

#[test]
fn long_cause_leaves_room_for_others() {
    let told = failed!(of_long, Result<u8, Chain>, {
        Err(Chain::of(["a".repeat(10_000), "why".to_owned(), "b".repeat(3_000)].into_iter()))
    });
    let (message, ..) = told.unwrap();
    let parts: Vec<_> = message.split(": ").collect();
    assert_eq!(
        (parts[1], parts.len(), message.len()),
        ("why", 3, 4096 - 2 + 2 * "…[truncated]".len())
    );
    assert!(
        parts[0].ends_with("a…[truncated]") && parts[2].ends_with("b…[truncated]"),
        "{message}"
    );
}

#[derive(Debug)]
struct Pointing(Planning);

impl Deref for Pointing {
    type Target = dyn Error;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

struct Seen(Planning);

impl AsRef<dyn Error> for Seen {
    fn as_ref(&self) -> &(dyn Error + 'static) {
        &self.0
    }
}

impl Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("seen")
    }
}

struct AppError(#[expect(dead_code, reason = "as in many a web server")] anyhow::Error);

#[test]
fn custom_error_records_what_it_shows() {
    assert_eq!(
        failed!(of_seen, Result<u8, Seen>, Err(Seen(Planning::Request(refused())))),
        failure("seen: connection refused", IO, "causes::Seen")
    );
    assert_eq!(
        failed!(of_pointing, Result<u8, Pointing>, Err(Pointing(Planning::Request(refused())))),
        failure(
            "Pointing(Request(Custom { kind: ConnectionRefused, error: \"connection refused\" }))",
            IO,
            "causes::Pointing"
        )
    );
    assert_eq!(
        failed!(of_app, Result<u8, AppError>, Err(AppError(by_anyhow()))),
        failure("<opaque: causes::AppError>", "causes::AppError", "causes::AppError")
    );
    let string = "alloc::string::String";
    assert_eq!(
        failed!(of_empty, Result<u8, String>, Err(String::new())),
        failure("<empty: alloc::string::String>", string, string)
    );
    assert_eq!(failed!(of_unit, Result<u8, ()>, Err(())), failure("()", "()", "()"));
}

/// A name that does not say what it is.
type Hidden = Result<u8, &'static str>;

#[test]
fn nested_error_is_recorded() {
    let inner = || failure("no", "&str", "&str");
    macro_rules! all {
        ($($name:ident: $of:ty = $value:expr;)*) => {$(
            assert_eq!(failed!($name, $of, $value), inner(), stringify!($name));
        )*};
    }
    type R = Result<u8, &'static str>;
    all! {
        in_a_result: Result<R, io::Error> = Ok(Err("no"));
        in_results: Result<Result<R, fmt::Error>, io::Error> = Ok(Ok(Err("no")));
        in_more_results: Result<Result<Result<R, fmt::Error>, io::Error>, io::Error> = Ok(Ok(Ok(Err("no"))));
        behind_a_name: Result<Hidden, io::Error> = Ok(Err("no"));
        in_the_middle: Result<Result<R, &'static str>, io::Error> = Ok(Err("no"));
        in_an_option: Option<R> = Some(Err("no"));
        in_a_result_of_options: Result<Option<R>, io::Error> = Ok(Some(Err("no")));
        in_a_box: Box<R> = Box::new(Err("no"));
        in_an_arc: Arc<R> = Arc::new(Err("no"));
        in_an_rc: Rc<R> = Rc::new(Err("no"));
        in_a_reference: &'static R = &Err("no");
        in_a_pin: Pin<Box<R>> = Box::pin(Err("no"));
        in_a_poll: Poll<R> = Poll::Ready(Err("no"));
        in_polls: Poll<Option<R>> = Poll::Ready(Some(Err("no")));
        in_a_poll_of_a_task: Poll<Option<Result<R, io::Error>>> = Poll::Ready(Some(Ok(Err("no"))));
        in_a_continue: ControlFlow<u8, R> = ControlFlow::Continue(Err("no"));
        in_a_break: ControlFlow<R, u8> = ControlFlow::Break(Err("no"));
        in_all: Box<Option<Arc<Result<Pin<Box<Option<R>>>, io::Error>>>> =
            Box::new(Some(Arc::new(Ok(Box::pin(Some(Err("no")))))));
    }
    assert_eq!(failed!(by_display, Option<R>, Some(Err("no")), err = Display), inner());
    assert_eq!(
        failed!(by_debug, Result<R, io::Error>, Ok(Err("no")), err = Debug),
        failure("\"no\"", "&str", "&str")
    );
    assert_eq!(told!(not_at_all, Result<R, io::Error>, Ok(Err("no")), err = off), Ok(None));
    assert_eq!(
        failed!(before_it, Result<R, io::Error>, Err(refused())),
        failure("connection refused", IO, IO)
    );
}

#[test]
fn nested_success_is_recorded_alone() {
    type R = Result<u8, &'static str>;
    let output = |told: Result<Option<String>, Failure>| told.unwrap().unwrap();
    assert_eq!(output(told!(ok_ok, Result<R, io::Error>, Ok(Ok(7)))), "7");
    assert_eq!(output(told!(some_ok, Option<R>, Some(Ok(7)))), "7");
    assert_eq!(output(told!(no_result, Option<R>, None)), "null");
    assert_eq!(output(told!(ok_none, Result<Option<u8>, io::Error>, Ok(None))), "null");
    assert_eq!(output(told!(ok_no_result, Result<Option<R>, io::Error>, Ok(None))), "null");
    assert_eq!(output(told!(boxed_ok, Box<R>, Box::new(Ok(7)))), "7");
    assert_eq!(output(told!(ready_ok, Poll<R>, Poll::Ready(Ok(7)))), "7");
    assert_eq!(output(told!(pending, Poll<R>, Poll::Pending)), "Pending");
    assert_eq!(output(told!(goes_on, ControlFlow<u8, R>, ControlFlow::Continue(Ok(7)))), "7");
    assert_eq!(output(told!(breaks, ControlFlow<u8, R>, ControlFlow::Break(8))), "8");
    assert_eq!(output(told!(breaks_well, ControlFlow<R, u8>, ControlFlow::Break(Ok(7)))), "7");
    // A break is how a search ends that has found something.
    let found = told!(breaks_off, ControlFlow<&'static str, u8>, ControlFlow::Break("found"));
    assert_eq!(output(found), "Break(\"found\")");
    // Several outcomes are none.
    assert_eq!(
        output(told!(of_several, Vec<R>, vec![Ok(1), Err("no")])),
        r#"[{"Ok":1},{"Err":"no"}]"#
    );
}

#[tokio::test]
async fn task_and_timeout_results_are_unwrapped() {
    async fn refuses(fails: bool) -> anyhow::Result<u8> {
        if fails { Err(refused()).context("model refused") } else { Ok(7) }
    }
    #[tool]
    async fn waits(fails: bool) -> Result<anyhow::Result<u8>, tokio::time::error::Elapsed> {
        tokio::time::timeout(Duration::from_secs(60), refuses(fails)).await
    }
    #[tool]
    async fn joins()
    -> Result<Result<anyhow::Result<u8>, tokio::time::error::Elapsed>, tokio::task::JoinError> {
        tokio::spawn(tokio::time::timeout(Duration::from_secs(60), refuses(true))).await
    }
    #[tool]
    fn boxed() -> BoxFuture<'static, Option<anyhow::Result<u8>>> {
        Box::pin(async { Some(refuses(true).await) })
    }
    #[llm]
    fn streams() -> impl Stream<Item = Result<anyhow::Result<u8>, io::Error>> {
        stream::iter([Ok(Ok(1)), Ok(Err(anyhow::Error::new(refused()).context("model refused")))])
    }
    #[session]
    async fn waiting() {
        let _ = (waits(true).await, joins().await, boxed().await, waits(false).await);
        streams().collect::<Vec<_>>().await;
    }
    Recording::global();
    waiting().await;
    let trace = Recording::global().trace_of("waiting");
    let told: Vec<_> = trace[1..].iter().map(failure_of).collect();
    let refused = || failure("model refused: connection refused", IO, "anyhow::Error");
    assert_eq!(told, [refused(), refused(), refused(), None, refused()]);
    assert_eq!(attribute(&trace[4], "output.value"), Some("7".into()));
    assert_eq!(attribute(&trace[5], "output.value"), Some("[1]".into()));
}

#[test]
fn awaited_model_call_records_its_answer() {
    #[llm(response = read)]
    fn answered() -> Result<Result<String, fmt::Error>, io::Error> {
        Ok(Ok("yes".to_owned()))
    }
    fn read(answer: &str) -> agentops::LlmResponse {
        agentops::LlmResponse::new().model(answer)
    }
    #[session]
    fn asks() {
        drop(answered());
    }
    let recording = Recording::global();
    asks();
    let span = recording.span_of("asks", "answered");
    assert_eq!(attribute(&span, "gen_ai.response.model"), Some("yes".into()));
}

#[test]
fn handle_records_an_error_with_causes() {
    #[session]
    fn holds() {
        let tool = Tool::start("typed");
        tool.record_exception(&Planning::Request(refused())).end(EndState::Failure);
        let tool = Tool::start("hidden");
        tool.record_exception(&*by_anyhow()).end(EndState::Failure);
        let tool = Tool::start("shown");
        tool.record_error(&by_anyhow()).end(EndState::Failure);
        let tool = Tool::start("empty");
        tool.record_error("").end(EndState::Failure);
        let boxed: Box<dyn Error + Send + Sync> = refused().into();
        Tool::start("current").in_scope(|| {
            current().record_exception(&*boxed);
        });
    }
    Recording::global();
    holds();
    let trace = Recording::global().trace_of("holds");
    assert_eq!(
        trace[1..].iter().map(failure_of).collect::<Vec<_>>(),
        [
            failure("request failed: connection refused", IO, "causes::Planning"),
            failure(WHOLE, IO, "dyn Error"),
            failure(WHOLE, "anyhow::Error", "anyhow::Error"),
            failure("<empty: str>", "str", "str"),
            failure("connection refused", IO, "dyn Error"),
        ]
    );
}

#[test]
fn recorded_and_returned_error_appears_once() {
    #[tool]
    fn shown() -> Result<u8, Planning> {
        let error = Planning::Request(refused());
        current().record_error(&error);
        Err(error)
    }
    #[tool]
    fn looked_into() -> Result<u8, Planning> {
        let error = Planning::Request(refused());
        current().record_exception(&error).record_error(&error);
        Err(error)
    }
    #[tool]
    fn hidden() -> anyhow::Result<u8> {
        let error = by_anyhow();
        current().record_exception(&*error);
        Err(error)
    }
    #[session]
    fn recorded_before() {
        let _ = (shown(), looked_into(), hidden());
    }
    Recording::global();
    recorded_before();
    let typed = || failure("request failed: connection refused", IO, "causes::Planning");
    assert_eq!(
        Recording::global().trace_of("recorded_before")[1..]
            .iter()
            .map(failure_of)
            .collect::<Vec<_>>(),
        [typed(), typed(), failure(WHOLE, IO, "anyhow::Error")]
    );
}

#[test]
fn generic_code_records_what_its_bounds_show() {
    #[tool]
    fn by_error<E: Error>(error: E) -> Result<(), E> {
        Err(error)
    }
    #[tool]
    fn by_display<E: Display>(error: E) -> Result<(), E> {
        Err(error)
    }
    #[tool]
    fn unseen<E>(error: E) -> Result<(), E> {
        Err(error)
    }
    #[session]
    fn generic() {
        let _ = by_error(Planning::Request(refused()));
        let _ = by_display(by_anyhow());
        let _ = unseen(refused());
    }
    Recording::global();
    generic();
    let trace = Recording::global().trace_of("generic");
    assert_eq!(
        trace[1..].iter().map(failure_of).collect::<Vec<_>>(),
        [
            failure("request failed: connection refused", IO, "causes::Planning"),
            failure(WHOLE, "anyhow::Error", "anyhow::Error"),
            failure("<opaque: std::io::error::Error>", IO, IO),
        ]
    );
}

#[test]
fn error_passed_on_without_cause_counts_once() {
    #[tool]
    fn works() {}
    #[tool]
    fn fails() -> Result<u8, Planning> {
        Err(Planning::Request(refused()))
    }
    #[tool]
    fn passes_on() -> Result<u8, String> {
        let failed = fails();
        works();
        failed.map_err(|error| format!("no answer: {error}"))
    }
    #[session]
    fn counted() {
        passes_on().unwrap_err();
    }
    let recording = Recording::global();
    counted();
    let root = &recording.trace_of("counted")[0];
    assert_eq!(attribute(root, "agentops.session.errors"), Some(Value::I64(1)));
}
