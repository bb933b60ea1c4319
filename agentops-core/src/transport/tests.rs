mod address;

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    sync::{
        Arc,
        mpsc::{Receiver, channel},
    },
    thread,
    time::{Duration, Instant},
};

use http::{HeaderValue, Request, header};
use opentelemetry_http::Bytes;

use super::{OnDelay, Persistence, Transport, shutdown_signal::ShutdownSignal};
use crate::config::{AgentOpsKey, Endpoint, OtlpTarget, Proxies, Receipt, Secret, Tls};

pub(super) const LONG: Duration = Duration::from_secs(60);

/// Starts a server that gives these responses, one for each request, and passes the requests on.
fn server(answers: &'static [&'static str]) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (seen, requests) = channel();
    thread::spawn(move || {
        for answer in answers {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            seen.send(read_request(&mut reader)).unwrap();
            (&stream).write_all(answer.as_bytes()).unwrap();
        }
    });
    (address, requests)
}

/// Reads a request: method, path, the relevant headers, body.
fn read_request(reader: &mut impl BufRead) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).unwrap(), 0);
    }
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let mut body = vec![0; header("content-length").unwrap().parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    let told = ["authorization", "x-ours", "x-theirs", "content-type", "content-encoding"]
        .map(|name| header(name).unwrap_or_else(|| "-".to_owned()));
    let line = head.lines().next().unwrap().replace(" HTTP/1.1", "");
    format!("{line} [{}] {}", told.join(", "), String::from_utf8_lossy(&body))
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const BUSY: &str =
    "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nconnection: close\r\nretry-after: 0\r\n\r\n";
const LATER: &str =
    "HTTP/1.1 429 Slow\r\ncontent-length: 0\r\nconnection: close\r\nretry-after: 120\r\n\r\n";
const BAD: &str = "HTTP/1.1 400 Bad\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const MOVED: &str = "HTTP/1.1 302 Found\r\ncontent-length: 0\r\nconnection: close\r\nlocation: http://127.0.0.1:1/\r\n\r\n";
const MOVED_SAYS: &str = "302 Found; redirects are not followed";
const NOWHERE: &str = "HTTP/1.1 404 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const UNAUTHORISED: &str = "HTTP/1.1 401 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const FORBIDDEN: &str = "HTTP/1.1 403 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const TOKEN_1: &str =
    "HTTP/1.1 200 OK\r\ncontent-length: 15\r\nconnection: close\r\n\r\n{\"token\":\"one\"}";
const TOKEN_2: &str =
    "HTTP/1.1 200 OK\r\ncontent-length: 15\r\nconnection: close\r\n\r\n{\"token\":\"two\"}";

pub(super) struct Sending {
    pub(super) transport: Arc<Transport>,
    pub(super) stop: Arc<ShutdownSignal>,
    address: String,
    delays: Receiver<String>,
}

fn target(address: &str, tokens: Option<&str>) -> OtlpTarget {
    let key = tokens.map(|address| AgentOpsKey {
        key: Secret::new("hunter2".to_owned()),
        token_endpoint: Endpoint(format!("{address}/v3/auth/token").parse().unwrap()),
    });
    OtlpTarget {
        endpoint: Endpoint(format!("{address}/v1/traces").parse().unwrap()),
        metrics: None,
        metric_interval: LONG,
        headers: vec![("x-ours".parse().unwrap(), HeaderValue::from_static("1"))],
        timeout: LONG,
        compression: None,
        tls: Tls::default(),
        proxies: Proxies::default(),
        key,
    }
}

impl Sending {
    pub(super) fn to(address: &str, tokens: Option<&str>) -> Self {
        Self::with(address, tokens, Persistence::Memory)
    }

    fn with(address: &str, tokens: Option<&str>, persistence: Persistence) -> Self {
        let target = target(address, tokens);
        let stop = Arc::new(ShutdownSignal::default());
        let (told, delays) = channel();
        let on_delay = OnDelay(Box::new(move |error, _| told.send(error).unwrap()));
        let transport = Transport::new(&target, Arc::clone(&stop), on_delay, persistence);
        Self { transport: Arc::new(transport), stop, address: address.to_owned(), delays }
    }

    /// Returns the error of a response with a status.
    fn answered(&self, status: &str) -> String {
        format!("`{}/v1/traces` answered with status {status}", self.address)
    }

    /// Returns the reasons for the delays so far.
    fn delays(&self) -> Vec<String> {
        self.delays.try_iter().collect()
    }

    /// Sends a body as the exporter does; returns the receipt or the error.
    pub(super) fn send(&self) -> Result<Receipt, String> {
        let request = Request::post(format!("{}/v1/traces", self.address))
            .header(header::CONTENT_TYPE, "application/x-protobuf")
            .header("x-theirs", "from the environment")
            .header(header::AUTHORIZATION, "Bearer of another vendor")
            .body(Bytes::from_static(b"spans"))
            .unwrap();
        self.transport.send(&request).map_err(|failure| failure.to_string())
    }
}

/// Receipt of a batch that was accepted completely.
const WHOLE: Result<Receipt, String> = Ok(Receipt::Complete);
const PLAIN: &str = "POST /v1/traces [-, 1, -, application/x-protobuf, -] spans";

#[test]
fn request_sends_own_headers_and_counts_its_bytes() {
    let (address, requests) = server(&[OK]);
    let sending = Sending::to(&address, None);
    assert_eq!(sending.send(), WHOLE);
    assert_eq!(requests.recv_timeout(LONG).as_deref(), Ok(PLAIN));
    assert_eq!(sending.transport.bytes_sent(), 5);
}

#[test]
fn transport_reuses_its_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let served = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        [(); 3].map(|()| {
            let request = read_request(&mut reader);
            (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
            request
        })
    });
    let sending = Sending::to(&address, None);
    assert_eq!([(); 3].map(|()| sending.send()), [WHOLE; 3]);
    assert_eq!(served.join().unwrap(), [PLAIN; 3]);
}

#[test]
fn transport_retries_a_busy_endpoint() {
    let (address, requests) = server(&[BUSY, BUSY, OK]);
    let sending = Sending::to(&address, None);
    assert_eq!(sending.send(), WHOLE);
    assert_eq!(requests.iter().collect::<Vec<_>>(), [PLAIN; 3]);
    assert_eq!(sending.transport.bytes_sent(), 5);
}

#[test]
fn transport_does_not_retry_a_refusal() {
    for (answer, error) in [
        (&[BAD], "400 Bad Request"),
        (&[MOVED], MOVED_SAYS),
        (&[NOWHERE], "404 Not Found; check the path of the address"),
    ] {
        let (address, requests) = server(answer);
        let sending = Sending::to(&address, None);
        assert_eq!(sending.send(), Err(sending.answered(error)));
        assert_eq!(requests.iter().count(), 1);
        assert_eq!(sending.transport.bytes_sent(), 0);
    }
}

#[test]
fn retry_after_ends_at_shutdown() {
    let (address, requests) = server(&[LATER, LATER]);
    let sending = Sending::to(&address, None);
    let stop = Arc::clone(&sending.stop);
    let asked_to_stop = thread::spawn(move || {
        requests.recv_timeout(LONG).unwrap();
        stop.set(Instant::now() + LONG);
        requests.recv_timeout(LONG).is_ok()
    });
    let error = sending.send().unwrap_err();
    assert_eq!(error, sending.answered("429 Too Many Requests"));
    assert!(asked_to_stop.join().unwrap(), "it is asked a last time");
}

#[test]
fn last_attempts_are_shared_by_requests() {
    let (address, requests) = server(&[BUSY, BUSY, BUSY, BUSY, OK]);
    let sending = Sending::to(&address, None);
    sending.stop.set(Instant::now() + LONG);
    let error = sending.answered("503 Service Unavailable");
    let sent = [sending.send(), sending.send(), sending.send()];
    assert_eq!(sent, [Err(error.clone()), Err(error), WHOLE]);
    assert_eq!(requests.iter().count(), 5);
}

#[test]
fn closed_port_is_given_up_at_shutdown() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let sending = Sending::to(&address, None);
    sending.stop.set(Instant::now() + LONG);
    let error = sending.send().unwrap_err();
    assert!(error.starts_with(&format!("`{address}/v1/traces` does not answer: ")), "{error}");
}

#[test]
fn transport_sends_nothing_after_the_deadline() {
    let sending = Sending::to("http://127.0.0.1:9", None);
    sending.stop.set(Instant::now());
    assert_eq!(
        sending.send(),
        Err("time ran out before it could be sent to `http://127.0.0.1:9/v1/traces`".to_owned())
    );
}

#[test]
fn token_is_fetched_once_and_again_when_refused() {
    let (tokens, bought) = server(&[TOKEN_1, TOKEN_2]);
    let (address, requests) = server(&[OK, OK, UNAUTHORISED, OK]);
    let sending = Sending::to(&address, Some(&tokens));
    assert_eq!([sending.send(), sending.send(), sending.send()], [WHOLE, WHOLE, WHOLE]);
    let with = |token: &str| PLAIN.replace("[-", &format!("[Bearer {token}"));
    assert_eq!(
        requests.iter().collect::<Vec<_>>(),
        [with("one"), with("one"), with("one"), with("two")]
    );
    let request = "POST /v3/auth/token [-, -, -, application/json, -] {\"api_key\":\"hunter2\"}";
    assert_eq!(bought.iter().collect::<Vec<_>>(), [request; 2]);
    let shown = format!("{:?}", sending.transport);
    assert!(!shown.contains("hunter2") && !shown.contains("two"), "{shown}");
}

#[test]
fn key_refusal_is_reported_and_retried() {
    let (tokens, _bought) = server(&[FORBIDDEN, TOKEN_1]);
    let (address, requests) = server(&[OK]);
    let sending = Sending::to(&address, Some(&tokens));
    assert_eq!(sending.send(), WHOLE);
    let error = format!(
        "AgentOps at `{tokens}/v3/auth/token` does not accept the API key (status 403); \
         check `AGENTOPS_API_KEY`"
    );
    assert_eq!(sending.delays(), [error]);
    assert_eq!(requests.iter().collect::<Vec<_>>(), [PLAIN.replace("[-", "[Bearer one")]);
}

#[test]
fn token_refused_twice_is_retried_later() {
    let (tokens, _bought) = server(&[TOKEN_1, TOKEN_2, TOKEN_2]);
    let (address, requests) = server(&[UNAUTHORISED, UNAUTHORISED, OK]);
    let sending = Sending::to(&address, Some(&tokens));
    assert_eq!(sending.send(), WHOLE);
    let error = format!(
        "AgentOps does not accept its own token at `{address}/v1/traces` (status 401 Unauthorized)"
    );
    assert_eq!(sending.delays(), [error]);
    assert_eq!(requests.iter().count(), 3);
}

#[test]
fn server_message_shows_no_secret() {
    let answer = "HTTP/1.1 400 Bad\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n\
                  who is `Bearer one-time-token` with hunter2?";
    let token = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"token\":\"one-time-token\"}";
    let (tokens, _bought) = server(Box::leak(Box::new([token])));
    let (address, _requests) = server(Box::leak(Box::new([answer])));
    let sending = Sending::to(&address, Some(&tokens));
    let error = "400 Bad Request: who is `Bearer <secret>` with <secret>?";
    assert_eq!(sending.send(), Err(sending.answered(error)));
}

#[test]
fn spooled_spans_wait_for_a_key_or_an_address() {
    let (address, requests) = server(&[UNAUTHORISED, FORBIDDEN, NOWHERE, MOVED, OK]);
    let sending = Sending::with(&address, None, Persistence::Disk);
    assert_eq!(sending.send(), WHOLE);
    assert_eq!(requests.iter().count(), 5);
    let key = "check the key: `OTEL_EXPORTER_OTLP_HEADERS` goes only to what `OTEL_EXPORTER_OTLP_ENDPOINT` names, \
               `header` of the builder to any endpoint";
    let told = [
        format!("401 Unauthorized; {key}"),
        format!("403 Forbidden; {key}"),
        "404 Not Found; check the path of the address".to_owned(),
        MOVED_SAYS.to_owned(),
    ];
    assert_eq!(sending.delays(), told.map(|it| sending.answered(&it)));
}

#[test]
fn partial_success_quotes_the_endpoint() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n\
                  {\"partialSuccess\":{\"rejectedSpans\":2,\"errorMessage\":\"too old\"}}";
    let (address, _requests) = server(Box::leak(Box::new([answer])));
    let sending = Sending::to(&address, None);
    let reason = format!("`{address}/v1/traces` rejected some of them: too old");
    assert_eq!(sending.send(), Ok(Receipt::Partial { rejected: 2, reason }));
}

#[test]
fn broken_response_counts_by_its_status() {
    let torn = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\nhal";
    let endless: &'static str = Box::leak(
        format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", "x".repeat(5 << 20)).into(),
    );
    for answer in [torn, endless] {
        let (address, requests) = server(Box::leak(Box::new([answer])));
        let sending = Sending::to(&address, None);
        assert_eq!(sending.send(), WHOLE);
        assert_eq!(requests.iter().count(), 1);
    }
}

#[test]
fn token_service_failure_is_retried() {
    let (tokens, _bought) = server(&[BUSY, TOKEN_1]);
    let (address, requests) = server(&[OK]);
    let sending = Sending::to(&address, Some(&tokens));
    assert_eq!(sending.send(), WHOLE);
    assert_eq!(requests.iter().count(), 1);
}

#[cfg(all(feature = "gzip", feature = "zstd"))]
#[test]
fn compressed_body_names_its_encoding() {
    use super::outbox::Outbox;
    use crate::{
        config::{ErasedExporter, Packing},
        export::OtlpExporter,
    };

    for (compression, named) in [(Packing::Gzip, "gzip"), (Packing::Zstd, "zstd")] {
        let (address, requests) = server(&[OK]);
        let sending = Sending::to(&address, None);
        let target = OtlpTarget { compression: Some(compression), ..target(&address, None) };
        let outbox = Outbox::new(Arc::clone(&sending.transport), None, target.endpoint.clone());
        let exporter = OtlpExporter::new(&target, Arc::new(outbox));
        exporter.export(&mut std::iter::empty()).unwrap();
        let request = requests.recv_timeout(LONG).unwrap();
        let expected = format!("POST /v1/traces [-, 1, -, application/x-protobuf, {named}] ");
        assert!(request.starts_with(&expected), "{request}");
    }
}
