//! Documents of the page over the fixed store, and what its server refuses.

mod scores;

use std::{fs, path::Path, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode},
};
use http_body_util::BodyExt;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::runtime;
use tower::ServiceExt;

use super::{
    assert_snapshot,
    broken::cases,
    run_on,
    sample::{span, trace, write_ask_before},
    store,
};
use crate::{
    commands::view::FORMATS,
    page::{Access, Guard, StorePlace, Token, WatchedStore, router},
    store::{
        FolderStore, Store,
        fixture::{TestFolder, TestSpan, line},
    },
    terminal::Colour,
};

const PORT: u16 = 7_001;

/// Server of a test, without a port.
struct TestServer {
    router: Router,
    token: Token,
}

/// Answer of a server.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl TestServer {
    fn new(dir: &Path) -> Self {
        Self::with_access(dir, Access::Scores)
    }

    fn with_access(dir: &Path, access: Access) -> Self {
        Self::of(Arc::new(FolderStore::awaited(dir.to_owned())), access)
    }

    fn of(store: Arc<dyn Store>, access: Access) -> Self {
        let token = Token::new().unwrap();
        let watched = WatchedStore::new(store, StorePlace::new(&["sessions".into()]), access, 7);
        let guard = Guard { port: PORT, token: token.clone() };
        Self { router: router(guard, Arc::new(watched), FORMATS), token }
    }

    /// Asks for a path below the secret.
    fn get(&self, path: &str) -> Answer {
        let host = format!("127.0.0.1:{PORT}");
        self.ask(&Method::GET, &format!("/{}{path}", self.token), &[("host", &host)])
    }

    fn ask(&self, method: &Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(method, path, headers, String::new())
    }

    /// Sends a body to the scores of a session, as the page does but for other headers.
    fn post_score(&self, session: &str, others: &[(&str, &str)], body: &str) -> Answer {
        let host = format!("127.0.0.1:{PORT}");
        let own = [
            ("host", &*host),
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/json"),
        ];
        let is_other = |name: &str| others.iter().any(|(other, _)| *other == name);
        let headers = own.into_iter().filter(|(name, _)| !is_other(name));
        let others = others.iter().copied().filter(|(_, value)| !value.is_empty());
        let headers: Vec<_> = headers.chain(others).collect();
        let path = format!("/{}/api/s/{session}/scores", self.token);
        self.send(&Method::POST, &path, &headers, body.to_owned())
    }

    fn send(&self, method: &Method, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).unwrap();
        let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (head, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let body = String::from_utf8(body.to_vec()).unwrap();
            Answer { status: head.status, headers: head.headers, body }
        })
    }

    /// Returns a document.
    fn json(&self, path: &str) -> Map<String, Value> {
        let answer = self.get(path);
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }
}

/// Returns an answer with a line for each member of its documents, without those that differ from run to run.
fn shown(path: &str, answer: &Answer) -> String {
    let mut shown = format!("GET {path}\n{}\n", answer.status.as_u16());
    for line in answer.body.lines() {
        let document: Map<String, Value> = serde_json::from_str(line).unwrap();
        let is_fixed = |(name, _): &(String, Value)| name != "now" && name != "version";
        for (name, value) in document.into_iter().filter(is_fixed) {
            shown.push_str(&format!("  {name}: {value}\n"));
        }
    }
    shown
}

#[test]
fn page_documents_of_fixed_store() {
    let store = store();
    write_ask_before(store.path());
    let (server, [before, ask, failed, open]) =
        (TestServer::new(store.path()), [0, 1, 2, 17].map(trace));
    let paths = [
        "/api/sessions".to_owned(),
        format!("/api/s/{ask}"),
        format!("/api/s/{ask}/calls"),
        format!("/api/s/{ask}/totals"),
        format!("/api/s/{ask}/scores"),
        format!("/api/s/{ask}/3333333333333333"),
        format!("/api/s/{ask}/8888888888888888"),
        format!("/api/s/{open}"),
        format!("/api/s/{open}/7777777777777777"),
        format!("/api/diff?a={ask}"),
        format!("/api/diff?a={ask}&b={ask}"),
        format!("/api/diff?a={failed}"),
        "/api/stats".to_owned(),
        "/api/stats?by=agent".to_owned(),
        "/api/stats?by=tool".to_owned(),
        "/api/stats?by=day".to_owned(),
        "/api/stats?by=day&state=failed".to_owned(),
        "/api/stats?by=day&q=NIGHTLY".to_owned(),
        "/api/stats?state=moon".to_owned(),
        "/api/stats?by=moon".to_owned(),
        "/api/stats?since=yesterday".to_owned(),
        "/api/search?q=PASSAGES&case=0".to_owned(),
        format!("/api/search?q=passages&session={before}"),
        "/api/search?q=start%3F&kind=tool".to_owned(),
        "/api/search?q=".to_owned(),
        "/api/s/../sessions".to_owned(),
        format!("/api/s/{}", &ask[..8]),
        format!("/api/s/{}", "4164".to_owned() + &"0".repeat(27) + "1"),
        format!("/api/s/{ask}/9999999999999999"),
        format!("/api/s/{ask}/9"),
        format!("/s/{ask}.exe"),
        "/api/none".to_owned(),
    ];
    let all = paths.iter().map(|path| shown(path, &server.get(path)) + "\n");
    let text = all.collect::<String>().replace(store.path().to_str().unwrap(), "STORE");
    assert_snapshot("page", &text);
}

/// Returns a column by the names of its document.
fn column<'d>(document: &'d Map<String, Value>, name: &str) -> &'d [Value] {
    document[name].as_array().unwrap()
}

#[test]
fn columns_have_the_numbers_of_show() {
    let store = store();
    let server = TestServer::new(store.path());
    for session in [1, 2, 17].map(trace) {
        let (shown, _) = run_on(store.path(), 80, Colour::Plain, &["show", &session, "--json"]);
        let shown: Value = serde_json::from_str(&shown).unwrap();
        let columns = server.json(&format!("/api/s/{session}"));
        let start: u64 = columns["start"].as_str().unwrap().parse().unwrap();
        let text = |name: &str, node: usize| {
            let place = column(&columns, name)[node].as_i64().unwrap();
            usize::try_from(place).map_or(Value::Null, |place| columns["strings"][place].clone())
        };
        for (node, span) in shown["spans"].as_array().unwrap().iter().enumerate() {
            let of = |name| &column(&columns, name)[node];
            let begin = span["start_unix_nano"].as_u64().unwrap() - start;
            let took = span["end_unix_nano"].as_u64().unwrap() - begin - start;
            let is_open = of("marks").as_u64().unwrap() & 8 != 0;
            let id = &columns["id16"].as_str().unwrap()[node * 16..][..16];
            let mut expected = json!({
                "id": id, "parent": span["parent"], "depth": of("depth"), "has_ended": !is_open,
                "kind": text("kind", node), "name": text("title", node),
                "agent": text("agent", node), "model": text("model", node),
                "error": text("error", node), "is_cancelled": false,
                "start_unix_nano": start + of("begin").as_u64().unwrap(),
                "end_unix_nano": start + begin + of("took").as_u64().unwrap(),
                "sums": span["sums"],
            });
            for (sum, name) in [
                ("input_tokens", "input"),
                ("output_tokens", "output"),
                ("cached_tokens", "cached"),
                ("cost_usd", "cost"),
                ("errors", "errors"),
            ] {
                expected["sums"][sum] = of(name).clone();
            }
            assert_eq!((&expected, took), (span, of("took").as_u64().unwrap()));
        }
        assert_eq!(columns["nodes"], shown["spans"].as_array().unwrap().len());
    }
}

#[test]
fn guard_stands_before_every_route() {
    let store = store();
    let (server, ask) = (TestServer::new(store.path()), trace(1));
    let host = format!("localhost:{PORT}");
    let paths =
        ["", "/", "/app.js", "/app.css", "/api/sessions", "/api/search?q=a", "/api/diff?a=b"];
    let of_session = [format!("/api/s/{ask}"), format!("/s/{ask}.html")];
    for path in paths.into_iter().chain(of_session.iter().map(String::as_str)) {
        let whole = format!("/{}{path}", server.token);
        let status = |method, path: &str, headers: &[(&str, &str)]| {
            let answer = server.ask(&method, path, headers);
            assert_eq!(answer.body, "", "{path}");
            answer.status.as_u16()
        };
        let own = ("host", &*host);
        let refused = [
            status(Method::GET, &whole, &[]),
            status(Method::GET, &whole, &[("host", "evil.example:7001")]),
            status(Method::GET, &whole, &[own, ("sec-fetch-site", "cross-site")]),
            status(Method::POST, &whole, &[own]),
            status(Method::GET, if path.is_empty() { "/" } else { path }, &[own]),
            status(Method::GET, &format!("/{}{path}", Token::new().unwrap()), &[own]),
        ];
        assert_eq!(refused, [403, 403, 403, 405, 404, 404], "{path}");
    }
}

#[test]
fn every_answer_says_what_a_browser_may_do_with_it() {
    let store = store();
    let (server, ask) = (TestServer::new(store.path()), trace(1));
    let page = server.get("/");
    assert!(page.body.contains("<script src=\"app.js\"></script>"));
    assert_eq!(server.get("").headers["location"], format!("/{}/", server.token));
    let paths = ["/app.js".to_owned(), format!("/s/{ask}.html"), "/api/none".to_owned()];
    for path in ["/".to_owned(), "/api/sessions".to_owned()].iter().chain(&paths) {
        let headers = server.get(path).headers;
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        let others = [
            "x-content-type-options",
            "referrer-policy",
            "cache-control",
            "cross-origin-opener-policy",
            "cross-origin-resource-policy",
        ];
        assert_eq!(
            others.map(|name| headers[name].to_str().unwrap()),
            ["nosniff", "no-referrer", "no-store", "same-origin", "same-origin"]
        );
        assert!(!headers.contains_key("access-control-allow-origin"));
    }
    let page = server.get(&format!("/s/{ask}.html"));
    assert_eq!(
        page.headers["content-disposition"],
        "attachment; filename=\"session-41648920.html\""
    );
}

#[test]
fn formats_of_other_commands_are_theirs() {
    let store = store();
    let (server, ask) = (TestServer::new(store.path()), trace(1));
    let printed = |arguments: &[&str]| run_on(store.path(), 80, Colour::Plain, arguments).0;
    let lines = server.get(&format!("/s/{ask}.jsonl")).body;
    assert_eq!(lines, printed(&["export", &ask, "--otlp"]));
    let markdown = server.get(&format!("/s/{ask}.md")).body;
    assert_eq!(markdown, printed(&["show", &ask, "--md", "--io"]));
    let call = "8888888888888888";
    let of_span = |format: &str| server.get(&format!("/api/s/{ask}/{call}/{format}"));
    let named = format!("{ask}/{call}");
    assert_eq!(of_span("md").body, printed(&["show", &named, "--md", "--io"]));
    let curl = of_span("curl").body;
    let (note, command) = curl.split_once('\n').unwrap();
    assert!(note.starts_with("# the address of provider `unknown` is not known; "), "{note}");
    assert_eq!(command, printed(&["curl", &named]));
    assert_eq!(of_span("exe").status, StatusCode::NOT_FOUND);
    let tool = server.get(&format!("/api/s/{ask}/3333333333333333/curl"));
    assert_eq!(tool.status, StatusCode::BAD_REQUEST);
    let unknown = server.get(&format!("/api/s/{}/{call}/md", trace(99)));
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[test]
fn session_names_what_started_it_and_what_it_started() {
    let folder = TestFolder::new();
    let root = |session, name| TestSpan::new(session, 1, 0, name).at(10, 20).ended();
    let tool = TestSpan::new(1, 2, 1, "tool order").at(11, 12);
    let outer = folder.write(1, &[&[tool], &[root(1, "session outer")]]);
    let inner = folder.write(2, &[&[root(2, "session inner").linked(1, 2)]]);
    let lost = folder.write(3, &[&[root(3, "session lost").linked(77, 2)]]);
    folder.write(4, &[&[root(4, "session own").linked(4, 1)]]);
    let server = TestServer::new(folder.path());
    let related = |id| server.json(&format!("/api/s/{id}"))["related"].clone();
    let span = format!("{:016x}", 2);
    let started = json!({ "id": inner.to_string(), "span": span, "name": "inner", "state": "ok" });
    let by = json!({ "id": outer.to_string(), "span": span, "name": "outer", "state": "ok" });
    let gone = json!({ "id": format!("{:032x}", 77), "span": span, "name": null, "state": null });
    assert_eq!(related(outer), json!({ "started_by": null, "started": [started] }));
    assert_eq!(related(inner), json!({ "started_by": by, "started": [] }));
    assert_eq!(related(lost), json!({ "started_by": gone, "started": [] }));
    let own = format!("{:032x}", 4).parse().unwrap();
    assert_eq!(related(own), json!({ "started_by": null, "started": [] }));
}

#[test]
fn calls_name_what_the_call_before_was_not_sent() {
    let folder = TestFolder::new();
    let message = |role: &str, text: &str| json!({ "role": role, "content": text });
    let result = json!({ "role": "tool", "tool_call_id": "look-1", "content": "nothing" });
    let call = |id, input: &[Value]| {
        TestSpan::new(1, id, 1, "llm think")
            .at(id, id + 1)
            .text("gen_ai.input.messages", &json!(input).to_string())
    };
    let tool = TestSpan::new(1, 3, 1, "tool look").at(3, 4).text("gen_ai.tool.call.id", "look-1");
    let (system, ask) = (message("system", "be kind"), message("user", "a lamp"));
    let spans = [
        call(2, &[system, ask.clone()]),
        tool,
        call(4, &[message("system", "be quick"), ask, result]),
    ];
    let id = folder.write(1, &[&spans, &[TestSpan::new(1, 1, 0, "session ask").at(1, 9).ended()]]);
    let calls = TestServer::new(folder.path()).json(&format!("/api/s/{id}/calls"));
    let expected = json!([[3, [["system", -1, 8], ["tool", 2, 7]]]]);
    assert_eq!((&calls["prefix"], &calls["added"]), (&json!([[3, 1, 0, 2]]), &expected));
}

#[test]
fn session_that_grows_is_read_on() {
    const NOW: u64 = 1_795_859_196_000_000_000;
    let folder = TestFolder::new();
    let span = |id, parent, title| TestSpan::new(1, id, parent, title).at(NOW + id, NOW + 100 - id);
    let id = folder.write(1, &[&[span(3, 2, "tool find")]]);
    let server = TestServer::new(folder.path());
    let path = format!("/api/s/{id}");
    let since = |version: &Value| {
        server.get(&format!("{path}?version={}", version.as_str().unwrap())).status.as_u16()
    };
    let first = server.json(&path);
    assert_eq!((&first["nodes"], since(&first["version"])), (&json!(2), 204));
    folder.append(1, &line(&[span(4, 2, "llm answer"), span(2, 1, "agent plan")]));
    let grown = server.json(&format!("{path}?version={}", first["version"].as_str().unwrap()));
    let marks: Vec<_> = column(&grown, "marks").iter().map(|it| it.as_u64().unwrap()).collect();
    assert_eq!((marks, since(&grown["version"])), (vec![8, 0, 0, 0], 204));
    folder.append(1, &line(&[span(1, 0, "session ask").ended()])[..20]);
    let torn = server.json(&path);
    assert_eq!(torn["faults"]["count"], 1);
    folder.append(1, &line(&[span(1, 0, "session ask").ended()])[20..]);
    let ended = server.json(&path);
    assert_eq!((&ended["nodes"], &ended["faults"]), (&json!(4), &Value::Null));
    // As a file that another one took the place of.
    folder.write(1, &[&[span(9, 0, "session other").ended()]]);
    assert_eq!(server.json(&path)["nodes"], 1);
}

#[test]
fn session_that_has_only_begun_has_no_spans_yet() {
    let folder = TestFolder::new();
    let process = folder.process();
    process.start(&TestSpan::new(1, 1, 0, "session ask").at(1_000, 0));
    let server = TestServer::new(folder.path());
    let columns = server.json(&format!("/api/s/{:032x}", 1));
    let shown = ["name", "state", "start", "nodes", "id16"].map(|name| &columns[name]);
    assert_eq!(json!(shown), json!(["ask", "running", "1000", 0, ""]));
    assert_eq!(server.json(&format!("/api/s/{:032x}/calls", 1))["node"], json!([]));
    for ending in ["html", "jsonl", "md"] {
        let answer = server.get(&format!("/s/{:032x}.{ending}", 1));
        let error = format!("session `{:032x}` has no spans yet", 1);
        let expected = json!({ "error": error }).to_string();
        assert_eq!((answer.status, answer.body), (StatusCode::NOT_FOUND, expected));
    }
}

#[test]
fn broken_stores_have_an_answer() {
    let paths = |id: &str| {
        [
            "/api/s/ID",
            "/api/s/ID/calls",
            "/api/s/ID/2222222222222222",
            "/api/diff?a=ID&b=ID",
            "/api/search?q=t2",
            "/api/stats?by=tool",
            "/s/ID.jsonl",
            "/s/ID.md",
        ]
        .map(|path| path.replace("ID", id))
    };
    for (name, broken) in cases() {
        let (dir, id) = (TempDir::new().unwrap(), trace(1));
        broken.write(&dir.path().join(format!("{id}.jsonl")));
        let server = TestServer::new(dir.path());
        assert_eq!(server.get("/api/sessions").status, StatusCode::OK, "{name}");
        for path in paths(&id) {
            let answer = server.get(&path);
            assert!(!answer.status.is_server_error(), "{name}: {path}: {}", answer.body);
        }
    }
}

#[test]
fn folder_that_is_not_there_yet_is_served() {
    let dir = TempDir::new().unwrap();
    let folder = dir.path().join("later");
    let server = TestServer::new(&folder);
    assert_eq!(server.json("/api/sessions")["sessions"], json!([]));
    assert_eq!(shown("", &server.get("/api/search?q=a")).lines().nth(2), Some("  done: true"));
    assert!(!folder.exists());
}

/// Texts that would end a script, or a line, if they were taken for what they are.
const HOSTILE: &str =
    "</script><script>alert(1)</script><!--\u{2028}\u{2029}\u{0}\u{202e}&amp;\"'`";

fn write_hostile(dir: &Path) {
    let root = span(1, 1, 0, "session run", [0, 100])
        .text("operation.name", HOSTILE)
        .text("gen_ai.agent.name", HOSTILE)
        .text(HOSTILE, HOSTILE)
        .text("input.value", HOSTILE)
        .text("api_key", "not for others")
        .failed(HOSTILE);
    fs::write(dir.join(format!("{}.jsonl", trace(1))), line(&[root.ended()])).unwrap();
}

/// Exports the session of a folder. Returns what was printed, the page and the content of the spans in it.
fn exported(dir: &Path, arguments: &[&str]) -> (String, String, Value) {
    let file = dir.join("page.html");
    let all = [&["show", "last", "--html", file.to_str().unwrap()], arguments].concat();
    let (printed, result) = run_on(dir, 80, Colour::Plain, &all);
    result.unwrap();
    let page = fs::read_to_string(&file).unwrap();
    let data = r#"<script type="application/json" id="agentops-content">"#;
    let (_, data) = page.split_once(data).unwrap();
    let (data, _) = data.split_once("</script>").unwrap();
    let data = serde_json::from_str(data).unwrap();
    (printed.replace(dir.to_str().unwrap(), "STORE"), page, data)
}

#[test]
fn hostile_texts_are_dead_in_an_exported_page() {
    let dir = TempDir::new().unwrap();
    write_hostile(dir.path());
    let (_, page, data) = exported(dir.path(), &[]);
    assert_eq!(
        page.matches("alert(1)").count(),
        page.matches("\\u003cscript\\u003ealert(1)").count()
    );
    assert_eq!(page.matches("<script").count(), page.matches("</script>").count());
    assert!(!page.contains(['\u{2028}', '\u{2029}', '\u{0}']));
    let span = &data["spans"]["1111111111111111"];
    let attributes = span["attributes"].as_array().unwrap();
    let of = |key: &str| attributes.iter().rfind(|pair| pair[0] == key).map(|pair| &pair[1]);
    assert_eq!([span["name"].as_str(), of(HOSTILE).unwrap().as_str()], [Some(HOSTILE); 2]);
    assert_eq!(of("api_key").unwrap(), "<key>");
}

#[test]
fn exported_page_says_what_is_in_it() {
    let store = store();
    let session = trace(1);
    let file = store.path().join("page.html");
    let arguments = ["show", &session, "--html", file.to_str().unwrap()];
    let (printed, _) = run_on(store.path(), 80, Colour::Plain, &arguments);
    let size = crate::terminal::bytes(fs::metadata(&file).unwrap().len());
    let written = format!("written to `{}`", file.display());
    let inside = format!("8 spans, 1 message, {size}, no value looks like a key");
    assert_eq!(printed, format!("{inside}\n{written}\n"));
}

#[test]
fn exported_page_without_content_has_no_text_of_it() {
    let dir = TempDir::new().unwrap();
    write_hostile(dir.path());
    let (printed, page, data) = exported(dir.path(), &["--no-content"]);
    assert!(printed.starts_with("1 span, no content, "), "{printed}");
    assert!(!page.contains("not for others"));
    let span = &data["spans"]["1111111111111111"];
    let expected = json!([
        ["agentops.span.kind", "session"],
        ["operation.name", HOSTILE],
        ["gen_ai.agent.name", HOSTILE]
    ]);
    let known = |pair: &&Value| pair[0] != "agentops.session.end_state";
    let attributes: Vec<_> = span["attributes"].as_array().unwrap().iter().filter(known).collect();
    assert_eq!((json!(attributes), &span["status"]["message"]), (expected, &json!("(left out)")));
}
