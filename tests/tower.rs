//! Requests of a server by tower: each is a session that lives to the end of its answer's body.
#![deny(clippy::pedantic)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    convert::Infallible,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use agentops::{
    Budget, BudgetPolicy, SpanKind, Usage, current, current_session, inject, llm,
    opentelemetry::trace::Status, opentelemetry_sdk::trace::SpanData, session, tool,
    tower::SessionLayer,
};
use agentops_tests::{Recording, attribute};
use futures_util::{Stream, StreamExt, stream};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use tokio::{
    sync::{Semaphore, mpsc},
    task::{JoinHandle, yield_now},
};
use tower::{Layer, ServiceExt, service_fn};

type Bytes = std::collections::VecDeque<u8>;
type Answer = Pin<Box<dyn Body<Data = Bytes, Error = Broken> + Send>>;

/// The error of a body.
#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the disk is gone")
    }
}

impl std::error::Error for Broken {}

#[tool]
fn look_up(word: u8) -> u8 {
    word
}

#[llm(model = "gpt-4o-mini")]
fn tokens(count: u8) -> impl Stream<Item = u8> + Send {
    stream::iter(0..count).then(|word| async move {
        yield_now().await;
        current().set_usage(Usage::new().input(5_u64).output(7_u64));
        look_up(word)
    })
}

fn streamed(frames: impl Stream<Item = Result<u8, Broken>> + Send + 'static) -> Answer {
    let frames = frames.map(|frame| frame.map(|byte| Frame::data(Bytes::from([byte]))));
    Box::pin(StreamBody::new(frames))
}

fn whole(text: &str) -> Answer {
    Box::pin(Full::new(Bytes::from(text.as_bytes().to_vec())).map_err(|never| match never {}))
}

/// The handler of all requests here, by their path.
async fn handle(request: Request<Empty<Bytes>>) -> Result<Response<Answer>, Broken> {
    yield_now().await;
    let (status, body) = match request.uri().path() {
        "/stream" => (200, streamed(tokens(3).map(Ok))),
        "/endless" => (200, streamed(stream::iter(0_u8..).cycle().map(|word| Ok(look_up(word))))),
        "/spends" => (200, streamed(stream::repeat_with(|| Ok(spend())))),
        "/spends-first" => loop {
            spend();
            yield_now().await;
        },
        "/panics" => panic!("no handler"),
        "/panics-late" => (
            200,
            streamed(tokens(3).map(|word| if word < 2 { Ok(word) } else { panic!("no word") })),
        ),
        "/breaks" => (200, streamed(stream::iter([Ok(1), Err(Broken)]))),
        "/whole" => (200, whole("tea")),
        "/no-content" => (204, streamed(stream::empty())),
        "/not-modified" => (304, streamed(stream::empty())),
        "/missing" => (404, whole("")),
        "/fails" => (503, whole("later")),
        _ => return Err(Broken),
    };
    look_up(9);
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    Ok(response)
}

#[llm]
fn spend() -> u8 {
    current().set_usage(Usage::new().input(10_u64).output(1_u64));
    1
}

fn request(method: &str, path: &str) -> Request<Empty<Bytes>> {
    Request::builder().method(method).uri(path).body(Empty::new()).unwrap()
}

/// A layer whose sessions are called like this, by one test each.
fn layer(name: &'static str) -> SessionLayer {
    SessionLayer::new().customize(move |_, session| session.name(name))
}

async fn answer(
    layer: SessionLayer,
    request: Request<Empty<Bytes>>,
) -> Result<Response<agentops::tower::SessionBody<Answer>>, Broken> {
    layer.layer(service_fn(handle)).oneshot(request).await
}

fn texts<const N: usize>(span: &SpanData, keys: [&str; N]) -> [Option<String>; N] {
    keys.map(|key| attribute(span, key).map(|value| value.to_string()))
}

/// Ending of the session of a request.
fn ending(recording: &Recording, session: &str) -> [Option<String>; 4] {
    let keys = [
        "agentops.session.end_state",
        "http.response.status_code",
        "error.type",
        "agentops.cancelled",
    ];
    texts(&recording.trace_of(session)[0], keys)
}

fn some<const N: usize>(texts: [&str; N]) -> [Option<String>; N] {
    texts.map(|text| (!text.is_empty()).then(|| text.to_owned()))
}

#[tokio::test]
async fn session_lasts_to_the_end_of_the_body() {
    let recording = Recording::global();
    let response = answer(layer("streamed"), request("POST", "/stream")).await.unwrap();
    assert!(recording.traces_of("streamed").is_empty(), "its body is still to come");
    let body: Vec<_> = response.into_body().collect().await.unwrap().to_bytes().into();
    assert_eq!(body, [0, 1, 2]);
    assert_eq!(
        recording.tree_of("streamed"),
        "session streamed\n  llm tokens\n    tool look_up\n    tool look_up\n    tool look_up\n\
        \x20 tool look_up\n"
    );
    assert_eq!(ending(recording, "streamed"), some(["Success", "200", "", ""]));
    let root = &recording.trace_of("streamed")[0];
    let keys = ["http.request.method", "url.path", "agentops.session.tokens.output"];
    assert_eq!(texts(root, keys), some(["POST", "/stream", "7"]));
}

#[tokio::test]
async fn session_without_a_route_is_named_by_method() {
    let recording = Recording::global();
    let response = answer(SessionLayer::new(), request("PATCH", "/whole")).await.unwrap();
    // A server does not ask a body of a known length for more than that.
    let mut body = pin!(response.into_body());
    let frame = body.frame().await.unwrap().unwrap();
    assert_eq!(frame.into_data().unwrap(), *b"tea");
    assert_eq!(ending(recording, "PATCH"), some(["Success", "200", "", ""]));
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn status_from_500_on_is_a_failure() {
    let recording = Recording::global();
    for (name, path) in [("missing", "/missing"), ("fails", "/fails")] {
        let response = answer(layer(name), request("GET", path)).await.unwrap();
        let _ = response.into_body().collect().await.unwrap();
    }
    assert_eq!(ending(recording, "missing"), some(["Success", "404", "", ""]));
    assert_eq!(ending(recording, "fails"), some(["Failure", "503", "503", ""]));
    assert_eq!(recording.trace_of("fails")[0].status, Status::error(""));
}

#[tokio::test]
async fn errors_of_handlers_and_bodies_are_failures() {
    let recording = Recording::global();
    assert!(answer(layer("no answer"), request("GET", "/nowhere")).await.is_err());
    assert_eq!(ending(recording, "no answer"), some(["Failure", "", "_OTHER", ""]));
    let response = answer(layer("half an answer"), request("GET", "/breaks")).await.unwrap();
    let Err(error) = response.into_body().collect().await else { panic!("it breaks") };
    assert_eq!(error.to_string(), "the disk is gone");
    let root = &recording.trace_of("half an answer")[0];
    assert_eq!(texts(root, ["agentops.session.end_state"]), some(["Failure"]));
    assert_eq!(root.status, Status::error("the disk is gone"));
}

#[tokio::test]
async fn disconnected_client_cancels_its_session() {
    let recording = Recording::global();
    let response = answer(layer("hung up"), request("GET", "/endless")).await.unwrap();
    let mut body = Box::pin(response.into_body());
    assert!(body.frame().await.is_some_and(|frame| frame.is_ok()));
    drop(body);
    assert_eq!(ending(recording, "hung up"), some(["Indeterminate", "200", "", "true"]));
    let mut early = Box::pin(answer(layer("hung up early"), request("GET", "/stream")));
    let mut task = Context::from_waker(std::task::Waker::noop());
    assert!(matches!(early.as_mut().poll(&mut task), Poll::Pending));
    drop(early);
    assert_eq!(ending(recording, "hung up early"), some(["Indeterminate", "", "", "true"]));
    assert_eq!(recording.trace_of("hung up")[0].status, Status::Unset);
}

#[tokio::test]
async fn unsent_body_is_not_cancelled() {
    let recording = Recording::global();
    let asks = [
        ("only the head", "HEAD", "/stream", "200"),
        ("nothing to say", "GET", "/no-content", "204"),
        ("nothing new", "GET", "/not-modified", "304"),
    ];
    for (name, method, path, status) in asks {
        drop(answer(layer(name), request(method, path)).await.unwrap());
        assert_eq!(ending(recording, name), some(["Success", status, "", ""]));
    }
    drop(answer(layer("failing head"), request("HEAD", "/fails")).await.unwrap());
    assert_eq!(ending(recording, "failing head"), some(["Failure", "503", "503", ""]));
    drop(answer(layer("never read"), request("GET", "/stream")).await.unwrap());
    assert_eq!(ending(recording, "never read"), some(["Indeterminate", "200", "", "true"]));
}

#[tokio::test]
async fn request_continues_the_callers_session() {
    #[session]
    fn calls() -> HeaderMap {
        let mut headers = HeaderMap::new();
        inject(&mut headers);
        headers
    }
    let recording = Recording::global();
    let mut request = request("PUT", "/stream");
    *request.headers_mut() = calls();
    let response = answer(layer("not asked"), request).await.unwrap();
    let _ = response.into_body().collect().await.unwrap();
    assert!(recording.traces_of("not asked").is_empty());
    let trace = recording.trace_of("calls");
    let request =
        trace.iter().find(|span| agentops_tests::name(span) == "PUT").expect("it is there");
    let keys = ["agentops.span.kind", "http.response.status_code"];
    assert_eq!(texts(request, keys), some(["request", "200"]));
    assert_eq!(request.parent_span_id, trace[0].span_context.span_id());
    let llm = trace.iter().find(|span| agentops_tests::name(span) == "tokens").unwrap();
    assert_eq!(llm.parent_span_id, request.span_context.span_id());
}

#[tokio::test]
async fn request_head_changes_the_session() {
    let recording = Recording::global();
    let customized = SessionLayer::new().customize(|head, session| {
        assert!(!head.headers.contains_key("x-bad"), "do not print this in a passing test");
        let user = head.headers.get("x-user").and_then(|user| user.to_str().ok());
        session.name("customized").user_id(user).metadata("plan", "pro")
    });
    let mut head = request("GET", "/whole");
    head.headers_mut().insert("x-user", "ada".parse().unwrap());
    let _ = answer(customized.clone(), head).await.unwrap().into_body().collect().await.unwrap();
    let root = &recording.trace_of("customized")[0];
    assert_eq!(texts(root, ["user.id", "agentops.metadata.plan"]), some(["ada", "pro"]));
    let mut head = request("TRACE", "/whole");
    head.headers_mut().insert("x-bad", "1".parse().unwrap());
    let _ = answer(customized, head).await.unwrap().into_body().collect().await.unwrap();
    assert_eq!(ending(recording, "TRACE"), some(["Success", "200", "", ""]));
}

/// Waits until no session of this name is open: its task ends when it likes.
async fn wait_for_end(session: &str) {
    while agentops::sessions().iter().any(|it| it.name() == session) {
        yield_now().await;
    }
}

/// Asks a handler that leaves a task behind, which waits.
async fn leave_behind(name: &'static str, status: StatusCode, go_on: &Arc<Semaphore>) -> Arc<Task> {
    let task = Arc::new(Task::default());
    let (go_on, left) = (Arc::clone(go_on), Arc::clone(&task));
    let handler = service_fn(move |_: Request<Empty<Bytes>>| {
        let go_on = Arc::clone(&go_on);
        let spawned = agentops::spawn(async move {
            let _permit = go_on.acquire().await.unwrap();
            look_up(1);
        });
        *left.lock().unwrap() = Some(spawned);
        let response = Response::builder().status(status).body(Empty::<Bytes>::new());
        std::future::ready(Ok::<_, Infallible>(response.unwrap()))
    });
    let response = layer(name).layer(handler).oneshot(request("GET", "/")).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes().len(), 0);
    task
}

type Task = std::sync::Mutex<Option<JoinHandle<()>>>;

#[tokio::test]
async fn handler_task_keeps_its_session_open() {
    let recording = Recording::global();
    let ends = [
        ("leaves a task", StatusCode::OK, ["Success", "200", "", ""]),
        ("fails with a task", StatusCode::BAD_GATEWAY, ["Failure", "502", "502", ""]),
    ];
    for (name, status, expected) in ends {
        let go_on = Arc::new(Semaphore::new(0));
        let task = leave_behind(name, status, &go_on).await;
        assert!(agentops::sessions().iter().any(|it| it.name() == name && it.is_open()));
        go_on.add_permits(1);
        let task = task.lock().unwrap().take().unwrap();
        task.await.unwrap();
        wait_for_end(name).await;
        assert_eq!(ending(recording, name), some(expected));
        let failed = if expected[0] == "Failure" { " error=\"\"" } else { "" };
        let tree = format!("session {name}{failed}\n  tool look_up\n");
        assert_eq!(recording.tree_of(name), tree);
        let trace = recording.trace_of(name);
        let told: Vec<_> = trace[0].events.iter().map(|event| event.name.as_ref()).collect();
        assert_eq!(told, ["agentops.session.returned"]);
        assert_eq!(attribute(&trace[1], "agentops.late"), None);
    }
}

#[tokio::test]
async fn budget_ends_tasks_of_a_handler() {
    let recording = Recording::global();
    let (sender, mut tasks) = mpsc::unbounded_channel();
    let handler = service_fn(move |_: Request<Empty<Bytes>>| {
        let task = agentops::spawn(async {
            loop {
                look_up(1);
                yield_now().await;
            }
        });
        sender.send(task).unwrap();
        let body = streamed(stream::repeat_with(|| Ok(spend())));
        std::future::ready(Ok::<_, Infallible>(Response::new(body)))
    });
    let service = limited("spends beside a task").layer(handler);
    let response = service.oneshot(request("GET", "/")).await.unwrap();
    assert!(response.into_body().collect().await.is_err());
    let task: JoinHandle<()> = tasks.recv().await.unwrap();
    assert!(task.await.unwrap_err().is_cancelled());
    wait_for_end("spends beside a task").await;
    assert_eq!(ending(recording, "spends beside a task")[..2], some(["Failure", "200"]));
    let trace = recording.trace_of("spends beside a task");
    assert!(trace.iter().all(|span| attribute(span, "agentops.late").is_none()));
}

fn limited(name: &'static str) -> SessionLayer {
    let budget = Budget::new().tokens(100).policy(BudgetPolicy::Cancel);
    SessionLayer::new().customize(move |_, session| session.name(name).budget(budget))
}

#[tokio::test]
async fn budget_stops_body_and_handler() {
    let recording = Recording::global();
    let response = answer(limited("frugal"), request("GET", "/stream")).await.unwrap();
    assert!(response.into_body().collect().await.is_ok());
    assert_eq!(recording.trace_of("frugal")[0].events.len(), 0, "nothing was left behind");
    let response = answer(limited("spends"), request("GET", "/spends")).await.unwrap();
    let Err(error) = response.into_body().collect().await else { panic!("it is stopped") };
    assert!(error.to_string().starts_with("session `spends` has used "), "{error}");
    assert_eq!(ending(recording, "spends")[..2], some(["Failure", "200"]));
    let response = answer(limited("spends first"), request("GET", "/spends-first")).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.into_body().collect().await.unwrap().to_bytes().is_empty());
    assert_eq!(ending(recording, "spends first")[..2], some(["Failure", "503"]));
}

#[tokio::test]
async fn handler_knows_its_session() {
    let recording = Recording::global();
    let handler = service_fn(|_: Request<Empty<Bytes>>| async {
        let session = current_session().map(|session| session.name().to_owned());
        let tools = current_session().map(|session| session.totals().calls(SpanKind::Tool));
        assert_eq!((session.as_deref(), tools), (Some("known"), Some(0)));
        Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
    });
    let response = layer("known").layer(handler).oneshot(request("GET", "/")).await.unwrap();
    drop(response);
    assert_eq!(ending(recording, "known"), some(["Success", "200", "", ""]));
}

/// The record of a panic on the span of a request.
fn panicked(recording: &Recording, session: &str) -> ([Option<String>; 2], Status) {
    let root = recording.trace_of(session)[0].clone();
    (texts(&root, ["agentops.session.end_state", "error.type"]), root.status)
}

/// A server catches the panic and drops the future or the body afterwards.
#[tokio::test]
async fn panicking_handler_or_body_is_a_failure() {
    let recording = Recording::global();
    let handler = tokio::spawn(answer(layer("panics"), request("GET", "/panics")));
    assert!(handler.await.is_err_and(|error| error.is_panic()));
    let response = answer(layer("panics late"), request("GET", "/panics-late")).await.unwrap();
    let body = tokio::spawn(async { response.into_body().collect().await.map(drop) });
    assert!(body.await.unwrap_err().is_panic());
    for (session, text) in [("panics", "no handler"), ("panics late", "no word")] {
        let told = (some(["Failure", "panic"]), Status::error(text));
        assert_eq!(panicked(recording, session), told, "{session}");
    }
    let call = |span: &SpanData| agentops_tests::name(span) == "tokens";
    let tokens = recording.trace_of("panics late").into_iter().find(call).unwrap();
    assert_eq!(texts(&tokens, ["agentops.cancelled"]), some(["true"]), "it did not panic itself");
}
