//! Servers, proxies and addresses: answers that repeat secrets, headers that must not go there, answers without an end.
//!
//! | what was done | test |
//! |---|---|
//! | fault 2: a key late in a server's text | `repeated_key_is_never_shown`; `transport/secrets.rs`, `transport/secret_pattern.rs` |
//! | fault 3: keys in addresses, bases with a query | `repeated_address_key_is_never_shown`, `proxy_password_is_not_shown`; `config/tests/credentials.rs`, `config/address.rs` |
//! | fault 4: headers that go elsewhere | `opentelemetry_headers_go_nowhere_else`; `config/tests/credentials.rs`, `config/host_match.rs` |
//! | fault 5: a key in the place of its path | `key_in_a_path_is_in_no_error`; `config/tests/credentials.rs` |
//! | fault 15: numbers as texts in `partial_success` | `spans_that_are_rejected_in_json_are_counted`; `transport/response_outcome.rs` |
//! | fault 17: httpoxy | `proxy_header_of_cgi_is_ignored`; `config/proxy.rs` |
//! | held: endless bodies and chunks, 100 Continue, headers without end, noise, HTTP/1.0, negative lengths, bad chunks, depth, trickles | `endless_response_is_bounded_in_time`, `accepted_status_stays_accepted` |
//! | held: gzip bombs | `response_is_never_decompressed` |
//! | held: `Retry-After` of years | `retry_after_years_ends_with_shutdown`; `transport/response_outcome.rs` |
//! | held: cookies | `cookie_is_not_returned` |
//! | held: redirects with a key, of the token service, too | `redirect_is_not_followed_with_a_key` |
//! | held: a body that trickles costs the whole timeout | `accepted_status_stays_accepted` |
//! | held: no key in `Debug`, files, logs | `tests/secrets.rs`; in errors of settings `config/tests.rs`, `config/tests/credentials.rs`; of the token service `key_repeated_by_token_service_is_not_quoted` |
//! | held: TLS of another host refused, an own authority accepted | `certificate_of_another_host_is_rejected`; `tests/faults/run TLS` |
//! | held: no proxy for loopback | `loopback_uses_no_proxy`; `config/proxy.rs` |
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    io::{BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use agentops::{TracingConfig, TracingConfigBuilder, TracingCore, session, tracing};
use agentops_tests::{
    collector::read_request,
    process::{part, play},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::Message;
use tracing_subscriber::{layer::SubscriberExt, registry};

const KEY: &str = "sk-live-AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHHIIIIJJJJKKKKLLLLMMMMNNNN";

#[session]
fn work() {}

#[test]
#[ignore = "a part of the other tests, played in a process of its own"]
fn plays_its_part() {
    assert_eq!(part(), "work");
    let guard = match agentops::init() {
        Ok(guard) => guard,
        Err(error) => return println!("refused: {error} {error:?}"),
    };
    work();
    println!("{:?}", guard.shutdown().map_err(|error| format!("{error} {error:?}")));
}

/// Output of a program with these variables.
fn said(variables: &[(&str, &str)]) -> String {
    let quick = [("OTEL_EXPORTER_OTLP_TIMEOUT", "400"), ("OTEL_METRICS_EXPORTER", "none")];
    let output = play("work", &[&quick, variables].concat());
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

/// A server on loopback that hands its connections and their first requests to somebody; what it heard and the
/// bytes that it could write are kept.
#[derive(Clone)]
struct Server {
    address: String,
    heard: Arc<Mutex<Vec<String>>>,
    written: Arc<AtomicU64>,
}

impl Server {
    fn start(
        answer: impl Fn(&Self, &str, &mut TcpStream) -> Option<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = Self { address, heard: Arc::default(), written: Arc::default() };
        let (serving, answer) = (server.clone(), Arc::new(answer));
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let (serving, answer) = (serving.clone(), Arc::clone(&answer));
                thread::spawn(move || {
                    let mut reader = BufReader::new(stream.try_clone().ok()?);
                    while let Some((head, body)) = read_request(&mut reader) {
                        let body = String::from_utf8_lossy(&body).into_owned();
                        serving.heard.lock().unwrap().push(format!("{head}{body}"));
                        answer(&serving, &head, &mut stream)?;
                    }
                    Some(())
                });
            }
        });
        server
    }

    /// One that always says the same.
    fn saying(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |server, _, stream| server.write(stream, &answer))
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// Writes, and ends the connection if the client has.
    fn write(&self, stream: &mut TcpStream, bytes: &[u8]) -> Option<()> {
        stream.write_all(bytes).ok()?;
        self.written.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Some(())
    }

    /// Writes the same again and again until the client goes away.
    fn flood(&self, stream: &mut TcpStream, bytes: &[u8]) -> Option<()> {
        loop {
            self.write(stream, bytes)?;
        }
    }
}

fn answer(status: &str, kind: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// A core that is quick to give up.
fn core(configure: impl FnOnce(TracingConfigBuilder) -> TracingConfigBuilder) -> TracingCore {
    let builder = TracingConfig::builder()
        .console(false)
        .metrics(false)
        .timeout(Duration::from_millis(300))
        .shutdown_timeout(Duration::from_secs(2));
    TracingCore::new(configure(builder).build().unwrap()).unwrap()
}

fn work_in(core: &TracingCore) {
    tracing::subscriber::with_default(registry().with(agentops::layer(core)), work);
}

/// Fate of a session that goes to an address: of how many spans it is said that they were sent, and what
/// else is said.
fn delivered(core: &TracingCore) -> (u64, String) {
    work_in(core);
    match core.shutdown() {
        Ok(stats) => (stats.sent, String::new()),
        Err(error) => (error.stats().sent, error.to_string()),
    }
}

fn repeated(offset: usize) -> String {
    format!("{}{KEY}, who?", ".".repeat(offset))
}

fn as_text(offset: usize) -> Vec<u8> {
    repeated(offset).into_bytes()
}

fn as_json(offset: usize) -> Vec<u8> {
    format!("{{\"code\":16,\"message\":\"{}\"}}", repeated(offset)).into_bytes()
}

/// A `google.rpc.Status` has its number and its text where this has them.
fn as_protobuf(offset: usize) -> Vec<u8> {
    partial(offset).encode_to_vec()
}

fn in_part(offset: usize) -> Vec<u8> {
    ExportTraceServiceResponse { partial_success: Some(partial(offset)) }.encode_to_vec()
}

fn in_part_as_json(offset: usize) -> Vec<u8> {
    let partial = format!("{{\"rejectedSpans\":\"1\",\"errorMessage\":\"{}\"}}", repeated(offset));
    format!("{{\"partialSuccess\":{partial}}}").into_bytes()
}

fn partial(offset: usize) -> ExportTracePartialSuccess {
    ExportTracePartialSuccess { rejected_spans: 1, error_message: repeated(offset) }
}

#[test]
fn repeated_key_is_never_shown() {
    type Body = fn(usize) -> Vec<u8>;
    let cases: [(&str, &str, Body); 5] = [
        ("400 Bad", "text/plain", as_text),
        ("400 Bad", "application/json", as_json),
        ("400 Bad", "application/x-protobuf", as_protobuf),
        ("200 OK", "application/x-protobuf", in_part),
        ("200 OK", "application/json", in_part_as_json),
    ];
    for (code, kind, body) in cases {
        let server = Server::start(move |server, _, stream| {
            let offset = server.heard().len() - 1;
            server.write(stream, &answer(code, kind, &body(offset)))
        });
        let core = core(|builder| {
            builder
                .exporter_endpoint(server.url())
                .header("x-key", KEY)
                .timeout(Duration::from_secs(20))
                .shutdown_timeout(Duration::from_secs(20))
        });
        for offset in 0..=320 {
            work_in(&core);
            let error = core.flush().unwrap_err().to_string();
            assert!(!error.contains(&KEY[..4]), "{code} {kind} {offset}: {error}");
            assert_eq!(error.contains("<secret>"), offset < 300, "{code} {kind} {offset}: {error}");
        }
        assert!(server.heard().iter().all(|request| request.contains(KEY)));
    }
}

#[test]
fn repeated_address_key_is_never_shown() {
    let parrot = Server::start(|server, head, stream| {
        let line = head.lines().next().unwrap_or_default();
        let path = line.trim_start_matches("POST ").trim_end_matches(" HTTP/1.1");
        let auth = head.lines().find_map(|line| line.strip_prefix("authorization: "));
        let auth = auth.unwrap_or_default();
        let plain = BASE64_STANDARD.decode(auth.trim_start_matches("Basic ")).unwrap_or_default();
        let plain = String::from_utf8_lossy(&plain);
        let escaped = path.replace('%', "%25").replace('=', "%3D");
        let said = format!("Cannot POST {path} or {escaped} with {auth} of {plain}!");
        server.write(stream, &answer("400 Bad", "text/plain", said.as_bytes()))
    });
    let told = |endpoint: String| delivered(&core(|it| it.exporter_endpoint(endpoint))).1;
    let address = &parrot.address;
    let by_query = told(format!("http://{address}/v1/traces?v=1&api_key=sk%2Dlive%2BAAAABBBB"));
    let expected = "Cannot POST /v1/traces?v=1&api_key=<secret> or \
                    /v1/traces?v%3D1&api_key%3D<secret> with";
    assert!(by_query.contains(expected), "{by_query}");
    let by_user = told(format!("http://user:{KEY}@{address}"));
    assert!(by_user.contains("/v1/traces with Basic <secret>"), "{by_user}");
    assert!(by_user.ends_with("of <secret>!"), "{by_user}");
    let by_base = told(format!("http://{address}?api_key={KEY}"));
    assert!(by_base.contains("Cannot POST /v1/traces?api_key=<secret> or"), "{by_base}");
    for said in [by_query, by_user, by_base] {
        assert!(!said.contains("sk-l") && !said.contains("AAAA"), "{said}");
    }
}

#[test]
fn proxy_password_is_not_shown() {
    let refusing = |head: &str| {
        let said = format!("who is {}", head.replace("\r\n", " "));
        answer("407 Who", "text/plain", said.as_bytes())
    };
    let basic = BASE64_STANDARD.encode(format!("user:{KEY}"));
    let basic = &*basic.leak();
    // It refuses, or lets through and then repeats as the endpoint what it was told as the proxy.
    let strict = Server::start(move |server, head, stream| server.write(stream, &refusing(head)));
    let lax = Server::start(move |server, head, stream| {
        if head.starts_with("CONNECT ") {
            return server.write(stream, b"HTTP/1.1 200 OK\r\n\r\n");
        }
        let said = format!("through a proxy with Basic {basic}, which is user:{KEY}, or {KEY}!");
        server.write(stream, &answer("400 Bad", "text/plain", said.as_bytes()))
    });
    for (proxy, expected) in [
        (&strict, "does not answer: CONNECT proxy failed: proxy server responded 407/407"),
        (&lax, "through a proxy with Basic <secret>, which is <secret>, or <secret>!"),
    ] {
        let url = format!("http://user:{KEY}@{}", proxy.address);
        let core =
            core(|builder| builder.exporter_endpoint("http://collector.invalid:4318").proxy(url));
        let said = delivered(&core).1;
        assert!(said.contains(expected), "{said}");
        assert!(!said.contains("sk-l") && !said.contains(&basic[..8]), "{said}");
        let heard = proxy.heard().concat();
        assert!(heard.contains(basic), "it was told: {heard}");
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

#[test]
fn opentelemetry_headers_go_nowhere_else() {
    let (ours, theirs) = (Server::saying(OK), Server::saying(OK));
    let headers = ("OTEL_EXPORTER_OTLP_HEADERS", format!("x-key={KEY}"));
    let headers = (headers.0, headers.1.as_str());
    let (to_ours, to_theirs) = (ours.url(), theirs.url());
    let alone = said(&[headers, ("AGENTOPS_EXPORTER_ENDPOINT", &to_ours)]);
    let note = format!(
        "agentops: `OTEL_EXPORTER_OTLP_HEADERS` does not go to `{to_ours}/v1/traces`, but only to what \
         `OTEL_EXPORTER_OTLP_ENDPOINT` names; name the endpoint by that variable, or set headers by `header` of \
         the builder"
    );
    assert_eq!(alone.matches(&note).count(), 1, "{alone}");
    let with_home = [
        headers,
        ("AGENTOPS_EXPORTER_ENDPOINT", &to_ours),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &to_theirs),
    ];
    assert!(!said(&with_home).contains("HEADERS"));
    assert_eq!(ours.heard().len(), 2);
    assert!(!ours.heard().concat().contains(KEY));
    assert_eq!(theirs.heard().len(), 0);
    said(&[headers, ("OTEL_EXPORTER_OTLP_ENDPOINT", &to_theirs)]);
    assert!(theirs.heard().concat().contains(KEY), "{:?}", theirs.heard());
}

#[test]
fn agentops_token_is_not_sent_to_other_metrics() {
    let token = answer("200 OK", "application/json", b"{\"token\":\"sk-token-AAAA\"}");
    let (tokens, traces, metrics) = (Server::saying(token), Server::saying(OK), Server::saying(OK));
    let (tokens_at, traces_at) = (tokens.url(), traces.url());
    let metrics_at = format!("{}/v1/metrics", metrics.url());
    let output = play(
        "work",
        &[
            ("AGENTOPS_API_KEY", KEY),
            ("AGENTOPS_API_ENDPOINT", &tokens_at),
            ("AGENTOPS_EXPORTER_ENDPOINT", &traces_at),
            ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", &metrics_at),
        ],
    );
    assert!(output.status.success(), "{output:?}");
    assert!(traces.heard().concat().contains("sk-token-AAAA"));
    assert!(!metrics.heard().concat().contains("sk-token-AAAA"), "{:?}", metrics.heard());
}

#[test]
fn key_in_a_path_is_in_no_error() {
    let pem = format!("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg{KEY}\n");
    for variable in ["OTEL_EXPORTER_OTLP_CLIENT_KEY", "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY"] {
        let said = said(&[(variable, &pem)]);
        let expected = format!(
            "refused: `{variable}` holds a key or certificate itself; name a file in the format PEM"
        );
        assert!(said.contains(&expected), "{said}");
        assert!(!said.contains("MIIE") && !said.contains(KEY), "{said}");
    }
}

#[test]
fn spans_that_are_rejected_in_json_are_counted() {
    let body = br#"{"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}}"#;
    let server = Server::saying(answer("200 OK", "application/json", body));
    let core = core(|builder| builder.exporter_endpoint(server.url()));
    let (sent, said) = delivered(&core);
    assert_eq!(sent, 0);
    assert!(said.starts_with("1 of 1 spans were not delivered: 1 failed; "), "{said}");
    assert!(said.ends_with("rejected some of them: too old"), "{said}");
}

#[test]
fn proxy_header_of_cgi_is_ignored() {
    let evil = Server::saying(answer("400 Bad", "text/plain", b""));
    let proxy = evil.url();
    let to_nowhere = ("AGENTOPS_EXPORTER_ENDPOINT", "http://collector.invalid:4318");
    let cgi = ("REQUEST_METHOD", "GET");
    let said_in_cgi = said(&[to_nowhere, ("HTTP_PROXY", &proxy), cgi]);
    let note = "agentops: `HTTP_PROXY` is ignored because `REQUEST_METHOD` is set: in a CGI program it may be a \
                header of the request; set `http_proxy`";
    assert_eq!(said_in_cgi.matches(note).count(), 1, "{said_in_cgi}");
    assert_eq!(evil.heard().len(), 0);
    said(&[to_nowhere, ("HTTP_PROXY", &proxy)]);
    assert!(!evil.heard().is_empty(), "elsewhere it is the proxy");
}

#[test]
fn loopback_uses_no_proxy() {
    let (proxy, collector) = (Server::saying(OK), Server::saying(OK));
    let (proxy_at, endpoint) = (proxy.url(), collector.url());
    let endpoint = ("AGENTOPS_EXPORTER_ENDPOINT", endpoint.as_str());
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        said(&[(variable, &proxy_at), endpoint]);
    }
    assert_eq!((proxy.heard().len(), collector.heard().len()), (0, 3));
}

/// Course of a server after the head of a request that it was sent.
type Going = fn(&Server, &str, &mut TcpStream) -> Option<()>;

/// A byte now and then until the client goes away: it never is quiet for long enough to seem dead.
fn trickle(server: &Server, stream: &mut TcpStream) -> Option<()> {
    stream.set_read_timeout(Some(Duration::from_millis(20))).ok()?;
    loop {
        server.write(stream, b"x")?;
        if matches!(stream.read(&mut [0]), Ok(0)) {
            return None;
        }
    }
}

#[test]
fn endless_response_is_bounded_in_time() {
    let cases: [(&str, Going); 8] = [
        ("100 Continue for ever", |server, _, stream| {
            server.flood(stream, b"HTTP/1.1 100 Continue\r\n\r\n")
        }),
        ("a header of any length", |server, _, stream| {
            server.write(stream, b"HTTP/1.1 200 OK\r\nx-long: ")?;
            server.flood(stream, &[b'a'; 1 << 16])
        }),
        ("headers without end", |server, _, stream| {
            server.write(stream, b"HTTP/1.1 200 OK\r\n")?;
            server.flood(stream, b"x-one: more\r\n")
        }),
        ("5,000 headers", |server, _, stream| {
            server.write(stream, b"HTTP/1.1 200 OK\r\n")?;
            server.write(stream, "x-one: more\r\n".repeat(5_000).as_bytes())?;
            server.write(stream, b"content-length: 0\r\n\r\n")
        }),
        ("a negative length", |server, _, stream| {
            server.write(stream, b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n")
        }),
        ("noise", |server, _, stream| server.flood(stream, b"\x15\x03\x01\0\x02\xff\x80\r\n")),
        ("a head that trickles", |server, _, stream| {
            server.write(stream, b"HTTP/1.1 200 OK\r\nx-slow: ")?;
            trickle(server, stream)
        }),
        ("silence", |_, _, stream| stream.read(&mut [0]).ok().map(drop)),
    ];
    for (name, going) in cases {
        let server = Server::start(going);
        let core = core(|builder| builder.exporter_endpoint(server.url()));
        let began = Instant::now();
        let (sent, said) = delivered(&core);
        assert_eq!(sent, 0, "{name}");
        assert!(said.contains("answer"), "{name}: {said}");
        assert!(said.len() < 1_000, "{name}: {said}");
        assert!(began.elapsed() < Duration::from_secs(10), "{name}: {:?}", began.elapsed());
    }
}

#[test]
fn accepted_status_stays_accepted() {
    let cases: [(&str, Going); 7] = [
        ("a body without end", |server, _, stream| {
            server.write(stream, b"HTTP/1.1 200 OK\r\n\r\n")?;
            server.flood(stream, &[b'a'; 1 << 16])
        }),
        ("chunks without end", |server, _, stream| {
            server.write(stream, b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
            server.flood(stream, b"5\r\nhello\r\n")
        }),
        ("bad chunks", |server, _, stream| {
            server.write(
                stream,
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-5\r\nhello\r\n",
            )
        }),
        ("HTTP/1.0", |server, _, stream| {
            server.write(stream, b"HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n")
        }),
        ("a body that trickles", |server, _, stream| {
            server.write(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")?;
            trickle(server, stream)
        }),
        ("JSON of any depth", |server, _, stream| {
            let deep = format!("{{\"partialSuccess\":{{\"x\":{}", "[".repeat(1_000_000));
            server.write(stream, &answer("200 OK", "application/json", deep.as_bytes()))
        }),
        ("a length beyond all bounds", |server, _, stream| {
            server.write(
                stream,
                b"HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\n",
            )?;
            server.flood(stream, &[0xff; 1 << 16])
        }),
    ];
    for (name, going) in cases {
        let server = Server::start(going);
        let core = core(|builder| builder.exporter_endpoint(server.url()));
        let began = Instant::now();
        assert_eq!(delivered(&core), (1, String::new()), "{name}");
        assert!(began.elapsed() < Duration::from_secs(10), "{name}: {:?}", began.elapsed());
        // What it reads, and what the buffers of two sockets hold.
        let written = server.written.load(Ordering::Relaxed);
        assert!(written < 32 << 20, "{name}: {written} bytes were taken");
    }
    let deep = format!("{{\"message\":{}", "[".repeat(1_000_000));
    let server = Server::saying(answer("400 Bad", "application/json", deep.as_bytes()));
    let said = delivered(&core(|builder| builder.exporter_endpoint(server.url()))).1;
    assert!(said.ends_with("answered with status 400 Bad Request"), "{said}");
}

#[test]
fn response_is_never_decompressed() {
    // "unpacked words", by gzip.
    let packed = [
        0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0x2b, 0xcd, 0x2b, 0x48, 0x4c, 0xce, 0x4e, 0x4d, 0x51,
        0x28, 0xcf, 0x2f, 0x4a, 0x29, 6, 0, 0x89, 0x30, 0x95, 0x4d, 0x0e, 0, 0, 0,
    ];
    let head = "HTTP/1.1 400 Bad\r\ncontent-type: text/plain\r\ncontent-encoding: gzip\r\ncontent-length: 34\r\n\r\n";
    let server = Server::saying([head.as_bytes(), &packed].concat());
    let said = delivered(&core(|builder| builder.exporter_endpoint(server.url()))).1;
    assert!(said.contains("400 Bad Request") && !said.contains("unpacked"), "{said}");
    assert!(!said.chars().any(char::is_control), "{said:?}");
    let heard = server.heard().concat().to_ascii_lowercase();
    assert!(!heard.contains("gzip"), "and nobody asks for it: {heard}");
}

#[test]
fn retry_after_years_ends_with_shutdown() {
    for pause in
        ["1000000000", "100000000000000000000000000", "1e26", "Fri, 31 Dec 9999 23:59:59 GMT"]
    {
        let head =
            format!("HTTP/1.1 503 Busy\r\nretry-after: {pause}\r\ncontent-length: 0\r\n\r\n");
        let server = Server::saying(head);
        let core = core(|builder| builder.exporter_endpoint(server.url()));
        let began = Instant::now();
        let (sent, said) = delivered(&core);
        assert!(sent == 0 && said.contains("503 Service Unavailable"), "{pause}: {said}");
        assert!(began.elapsed() < Duration::from_secs(10), "{pause}: {:?}", began.elapsed());
    }
}

#[test]
fn cookie_is_not_returned() {
    let cookie = "HTTP/1.1 200 OK\r\nset-cookie: id=evil; Path=/\r\ncontent-length: 0\r\n\r\n";
    let server = Server::saying(cookie);
    let core = core(|builder| builder.exporter_endpoint(server.url()));
    for _ in 0..3 {
        work_in(&core);
        core.flush().unwrap();
    }
    let heard = server.heard();
    assert_eq!(heard.len(), 3);
    assert!(!heard.concat().to_ascii_lowercase().contains("cookie"), "{heard:?}");
}

#[test]
fn redirect_is_not_followed_with_a_key() {
    let target = Server::saying(OK);
    let location = format!("{}/v1/traces?stolen={KEY}", target.url());
    let head =
        format!("HTTP/1.1 307 Elsewhere\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
    let away = Server::saying(head);
    let with_header = core(|builder| builder.exporter_endpoint(away.url()).header("x-key", KEY));
    let said = delivered(&with_header).1;
    assert!(said.ends_with("307 Temporary Redirect; redirects are not followed"), "{said}");
    let (collector, tokens) = (Server::saying(OK), away.url());
    let with_key = core(|builder| {
        builder.api_key(KEY).api_endpoint(tokens).exporter_endpoint(collector.url())
    });
    let said = delivered(&with_key).1;
    assert!(said.ends_with("/v3/auth/token` answers with status 307"), "{said}");
    assert!(away.heard().concat().matches(KEY).count() >= 2, "{:?}", away.heard());
    assert_eq!((target.heard().len(), collector.heard().len()), (0, 0));
}

#[test]
fn key_repeated_by_token_service_is_not_quoted() {
    for said_of_it in [
        answer("500 Oops", "text/plain", format!("no {KEY}").as_bytes()),
        answer("403 No", "application/json", format!("{{\"message\":\"{KEY}\"}}").as_bytes()),
        answer(
            "200 OK",
            "application/json",
            format!("{{\"token\":\"{KEY}\\r\\nx: y\"}}").as_bytes(),
        ),
        answer("200 OK", "application/json", format!("{{\"error\":\"{KEY}\"}}").as_bytes()),
        format!("HTTP/1.1 {KEY}\r\n\r\n").into_bytes(),
    ] {
        let (tokens, collector) = (Server::saying(said_of_it.clone()), Server::saying(OK));
        let core = core(|builder| {
            builder.api_key(KEY).api_endpoint(tokens.url()).exporter_endpoint(collector.url())
        });
        let (sent, said) = delivered(&core);
        assert!(tokens.heard().concat().contains(KEY));
        assert_eq!((sent, collector.heard().len()), (0, 0));
        assert!(said.contains("/v3/auth/token`") && !said.contains("sk-l"), "{said}");
    }
}

/// A server of TLS that has a certificate for another host by an authority that the client trusts, and what it
/// heard.
fn impostor() -> (String, String, Arc<Mutex<Vec<u8>>>) {
    let ca_key = rcgen::KeyPair::generate().unwrap();
    let mut ca = rcgen::CertificateParams::default();
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = ca.self_signed(&ca_key).unwrap().pem();
    let issuer = rcgen::Issuer::new(ca, ca_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let names = vec!["other.example".to_owned()];
    let own = rcgen::CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], key);
    let config = Arc::new(config.unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    let heard: Arc<Mutex<Vec<u8>>> = Arc::default();
    let hearing = Arc::clone(&heard);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut request = Vec::new();
            // Refused, it ends in an error, after what it has heard.
            let _ = rustls::StreamOwned::new(connection, stream).read_to_end(&mut request);
            hearing.lock().unwrap().extend(request);
        }
    });
    (address, authority, heard)
}

#[test]
fn certificate_of_another_host_is_rejected() {
    let (address, authority, heard) = impostor();
    let core = core(|builder| {
        builder.exporter_endpoint(address).certificate(authority).header("x-key", KEY)
    });
    let (sent, said) = delivered(&core);
    assert_eq!(sent, 0);
    assert!(said.contains("certificate not valid for name"), "{said}");
    assert_eq!(*heard.lock().unwrap(), b"", "no request arrived");
}
