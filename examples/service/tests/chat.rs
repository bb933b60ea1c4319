//! Streamed answers over a socket: one session for each request, to the end of its answer.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{io::Read, net::SocketAddr, sync::Arc};

use agentops::{Budget, SpanKind, testing::Capture};
use agentops_service::app;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{spawn_blocking, yield_now},
};

/// The shapes, with the names of their sessions.
const LAYERED: [(&str, &str); 3] = [
    ("/rooms/7/sse", "POST /rooms/{room}/sse"),
    ("/rooms/7/body", "POST /rooms/{room}/body"),
    ("/rooms/7/channel", "POST /rooms/{room}/channel"),
];

/// The record of the requests to a service.
struct Recorded {
    capture: Capture,
    address: SocketAddr,
}

impl Recorded {
    /// Starts a service whose chats may use this many tokens. All of it runs on the thread of the test.
    async fn start(tokens: u64) -> Self {
        let capture = Capture::start();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = app(Arc::default(), Budget::new().tokens(tokens));
        tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
        Self { capture, address }
    }

    /// Asks, and reads what comes: the text, and whether that is all of it.
    async fn ask(&self, path: &str, question: &'static str) -> (String, bool) {
        let url = format!("http://{}{path}", self.address);
        let asks = move || {
            let request = ureq::post(url).header("x-user", "ada");
            let mut response = request.send(question).unwrap();
            let (mut text, mut body) = (Vec::new(), response.body_mut().as_reader());
            let is_whole = body.read_to_end(&mut text).is_ok();
            let words = String::from_utf8(text).unwrap().replace("data:", "");
            (words.split_whitespace().collect::<Vec<_>>().join(" "), is_whole)
        };
        let answer = spawn_blocking(asks).await.unwrap();
        self.ended().await;
        answer
    }

    /// Asks, and hangs up as soon as this much is there.
    async fn hang_up(&self, path: &str, question: &str, after: &str) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let length = question.len();
        let head = format!("POST {path} HTTP/1.1\r\nhost: it\r\ncontent-length: {length}\r\n\r\n");
        stream.write_all((head + question).as_bytes()).await.unwrap();
        let mut read = String::new();
        while !read.contains(after) {
            let mut some = [0; 512];
            let count = stream.read(&mut some).await.unwrap();
            assert!(count > 0, "it ends before `{after}`: {read}");
            read.push_str(std::str::from_utf8(&some[..count]).unwrap());
        }
        drop(stream);
        self.ended().await;
    }

    /// Waits for the end of the session, which has its own time.
    async fn ended(&self) {
        while self.capture.calls(SpanKind::Session).is_empty() {
            yield_now().await;
        }
    }

    /// The only session, of which nothing is late: as a tree, and what its root says of it.
    fn session<const N: usize>(&self, keys: [&str; N]) -> (String, [String; N]) {
        let spans = self.capture.spans();
        let traces: std::collections::HashSet<_> =
            spans.iter().map(|span| span.span_context.trace_id()).collect();
        assert_eq!(traces.len(), 1, "{}", self.capture.tree());
        assert!(spans.iter().all(|span| text(span, "agentops.late").is_empty()));
        self.capture.assert_no_orphans();
        let root = spans.iter().find(|it| text(it, "agentops.span.kind") == "session").unwrap();
        assert!(spans.iter().all(|span| span.end_time <= root.end_time));
        (self.capture.tree(), keys.map(|key| text(root, key)))
    }

    /// The tokens of the model calls, in and out.
    fn tokens(&self) -> Vec<(Option<u64>, Option<u64>)> {
        let calls = self.capture.calls(SpanKind::Llm);
        calls.iter().map(|call| (call.usage().input, call.usage().output)).collect()
    }
}

fn text(span: &agentops::opentelemetry_sdk::trace::SpanData, key: &str) -> String {
    let found = span.attributes.iter().find(|attribute| attribute.key.as_str() == key);
    found.map(|attribute| attribute.value.to_string()).unwrap_or_default()
}

const STATE: &str = "agentops.session.end_state";
const CALLS: [&str; 6] = [
    STATE,
    "user.id",
    "agentops.session.calls.llm",
    "agentops.session.calls.tool",
    "agentops.session.tokens.input",
    "agentops.session.tokens.output",
];

const TREE: &str = "
  agent chat
    llm complete
      tool look_up
      tool look_up
      tool look_up
      tool look_up
";

/// The rest of a session whose task is not done when the answer is out.
fn rest(path: &str) -> &'static str {
    if path.ends_with("channel") { "  tool remember\n" } else { "" }
}

#[tokio::test]
async fn layered_session_covers_streamed_answer() {
    for (path, name) in LAYERED {
        let recorded = Recorded::start(10).await;
        let answer = recorded.ask(path, "why is tea green").await;
        assert_eq!(answer, ("WHY IS TEA GREEN".to_owned(), true), "{path}");
        let (tree, root) = recorded.session(CALLS);
        assert_eq!(tree, format!("session {name}{TREE}{}", rest(path)));
        let tools = if rest(path).is_empty() { "4" } else { "5" };
        assert_eq!(root, ["Success", "ada", "1", tools, "4", "4"], "{path}");
        assert_eq!(recorded.tokens(), [(Some(4), Some(4))]);
    }
}

#[tokio::test]
async fn handler_session_covers_streamed_answer() {
    let recorded = Recorded::start(0).await;
    let answer = recorded.ask("/sse", "why is tea green").await;
    assert_eq!(answer, ("WHY IS TEA GREEN".to_owned(), true));
    let (tree, root) = recorded.session(CALLS);
    assert_eq!(tree, format!("session sse{TREE}"));
    assert_eq!(root, ["Success", "", "1", "4", "4", "4"]);
    assert_eq!(recorded.tokens(), [(Some(4), Some(4))]);
}

/// The first two calls use twelve tokens; the third has begun when that is noticed.
const THREE: &str = "tea is hot. tea is green. tea is old.";

#[tokio::test]
async fn budget_aborts_streamed_answer() {
    for (path, name) in LAYERED {
        let recorded = Recorded::start(10).await;
        let (answer, is_whole) = recorded.ask(path, THREE).await;
        // What is still in a channel is not sent any more.
        let all = "TEA IS HOT. TEA IS GREEN.";
        let sent = if path.ends_with("channel") { "TEA IS HOT. TEA IS" } else { all };
        assert_eq!((answer.as_str(), is_whole), (sent, false), "{path}");
        let (tree, [state, status]) = recorded.session([STATE, "http.response.status_code"]);
        let message = "has used 12 tokens of 10; raise its budget or end it earlier";
        let root = format!("session {name} error=\"session `{name}` {message}\"");
        assert_eq!(tree, root + STOPPED, "{path}");
        assert_eq!((state.as_str(), status.as_str()), ("Failure", "200"));
        assert_eq!(recorded.tokens()[..2], [(Some(3), Some(3)); 2]);
    }
}

const STOPPED: &str = "
  agent chat cancelled
    llm complete
      tool look_up
      tool look_up
      tool look_up
    llm complete
      tool look_up
      tool look_up
      tool look_up
    llm complete cancelled
      tool look_up cancelled
";

#[tokio::test]
async fn budget_ends_handler_session_stream() {
    let recorded = Recorded::start(0).await;
    let answer = recorded.ask("/sse", THREE).await;
    // Nothing says so to the client.
    assert_eq!(answer, ("TEA IS HOT. TEA IS GREEN.".to_owned(), true));
    let (tree, _) = recorded.session([STATE]);
    assert_eq!(tree, format!("session sse{STOPPED}"));
    let spans = recorded.capture.spans();
    let events = spans.iter().flat_map(|span| span.events.iter());
    let events: Vec<_> = events.map(|event| event.name.as_ref()).collect();
    assert_eq!(events, ["agentops.session.returned", "agentops.session.budget_exceeded"]);
}

const HUNG_UP: &str = "
  agent chat cancelled
    llm complete cancelled
      tool look_up
      tool look_up
      tool look_up cancelled
";

#[tokio::test]
async fn client_disconnect_cancels_layered_session() {
    for (path, name) in LAYERED {
        let recorded = Recorded::start(10).await;
        recorded.hang_up(path, "why is …", "IS").await;
        let (tree, root) = recorded.session([STATE, "agentops.cancelled", "error.type"]);
        assert_eq!(tree, format!("session {name} cancelled{HUNG_UP}"), "{path}");
        assert_eq!(root, ["Indeterminate", "true", ""], "{path}");
        assert_cancelled(&recorded);
    }
}

#[tokio::test]
async fn client_disconnect_cancels_calls_in_handler_session() {
    let recorded = Recorded::start(0).await;
    recorded.hang_up("/sse", "why is …", "IS").await;
    let (tree, root) = recorded.session([STATE, "agentops.session.errors"]);
    assert_eq!(tree, format!("session sse{HUNG_UP}"));
    // Its function had succeeded.
    assert_eq!(root, ["Success", "0"]);
    assert_cancelled(&recorded);
}

/// The model call is no error, and tells its tokens so far.
fn assert_cancelled(recorded: &Recorded) {
    use agentops::opentelemetry::trace::Status;
    assert_eq!(recorded.tokens(), [(Some(3), Some(2))]);
    let spans = recorded.capture.spans();
    assert!(spans.iter().all(|span| span.status == Status::Unset), "{}", recorded.capture.tree());
    let llm = spans.iter().find(|span| text(span, "agentops.span.kind") == "llm").unwrap();
    assert_eq!(text(llm, "agentops.cancelled"), "true");
}
