//! A collector that fails on demand and remembers every span that it has truly taken.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
    },
    common::v1::any_value::Value,
    trace::v1::Span,
};
use prost::Message;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::fault::{Fault, Plan};

/// A running collector; clones are the same one.
#[derive(Clone)]
pub struct Collector(Arc<Inner>);

struct Inner {
    address: String,
    plan: Plan,
    /// Number of requests that a token is good for; without it none is asked for.
    token_uses: Option<u64>,
    tls: Option<Arc<ServerConfig>>,
    healed: AtomicBool,
    requests: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    taken: HashMap<(String, String), Taken>,
    tokens: u64,
    uses: u64,
    proxied: u64,
}

/// A span as it was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Number of times that it was taken.
    pub times: u64,
    /// Its parent's id; none for a root.
    pub parent: Option<String>,
    /// End states of its session, if it is a session's root: everything that was said of it.
    pub end_states: Vec<String>,
}

impl Collector {
    /// Starts one on a port of the kernel's choice.
    pub fn start(plan: Plan) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), plan, None, None)
    }

    /// Starts one on a listener; it speaks TLS where there is a file to write its authority to.
    pub fn on(
        listener: TcpListener,
        plan: Plan,
        token_uses: Option<u64>,
        authority: Option<&Path>,
    ) -> Self {
        let tls = authority.map(|authority| Arc::new(certificate(authority)));
        let scheme = if tls.is_some() { "https" } else { "http" };
        let address = format!("{scheme}://{}", listener.local_addr().unwrap());
        let collector = Self(Arc::new(Inner {
            address,
            plan,
            token_uses,
            tls,
            healed: AtomicBool::new(false),
            requests: AtomicU64::new(0),
            state: Mutex::default(),
        }));
        let serving = collector.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = serving.clone();
                // A client may go away at any time.
                thread::spawn(move || serving.accept(stream));
            }
        });
        collector
    }

    /// Its address, without a path.
    pub fn address(&self) -> &str {
        &self.0.address
    }

    /// From here on nothing goes wrong.
    pub fn heal(&self) {
        self.0.healed.store(true, Ordering::Relaxed);
    }

    /// Every span that it has taken, by trace and id.
    pub fn taken(&self) -> HashMap<(String, String), Taken> {
        self.state().taken.clone()
    }

    /// Number of connections that it has forwarded to itself.
    pub fn proxied(&self) -> u64 {
        self.state().proxied
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    fn accept(&self, stream: TcpStream) -> Option<()> {
        let _ = stream.set_nodelay(true);
        match &self.0.tls {
            None => self.serve(stream),
            Some(config) => {
                let connection = ServerConnection::new(Arc::clone(config)).ok()?;
                self.serve(StreamOwned::new(connection, stream))
            }
        }
    }

    /// One connection, for as long as it lasts.
    fn serve(&self, stream: impl Read + Write) -> Option<()> {
        let mut stream = BufReader::new(stream);
        loop {
            let head = read_head(&mut stream)?;
            if head.starts_with("CONNECT ") {
                self.state().proxied += 1;
                stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\n\r\n").ok()?;
                continue;
            }
            if head.contains("/v3/auth/token ") {
                read_body(&mut stream, length_of(&head))?;
                let token = self.new_token();
                answer(
                    stream.get_mut(),
                    200,
                    "content-type: application/json\r\n",
                    token.as_bytes(),
                )?;
                continue;
            }
            let fault = self.fault();
            if fault == Fault::Reset {
                // What is left unread makes the kernel reset the connection.
                return read_body(&mut stream, length_of(&head) / 2).map(drop);
            }
            let body = read_body(&mut stream, length_of(&head))?;
            if !self.accepts_token_of(&head) {
                answer(stream.get_mut(), 401, "", b"")?;
                continue;
            }
            self.meet(fault, &body, stream.get_mut())?;
        }
    }

    fn fault(&self) -> Fault {
        let number = self.0.requests.fetch_add(1, Ordering::Relaxed);
        if self.0.healed.load(Ordering::Relaxed) { Fault::None } else { (self.0.plan)(number) }
    }

    fn meet(&self, fault: Fault, body: &[u8], stream: &mut impl Write) -> Option<()> {
        match fault {
            Fault::Status(status, headers) => answer(stream, status, headers, b""),
            Fault::Hang => {
                thread::sleep(Duration::from_secs(600));
                None
            }
            Fault::Garbage => {
                let _ = stream.write_all(b"\x16\x03\x01 what is this?\r\n\r\n");
                None
            }
            Fault::TakenUnanswered => {
                self.take(body, 0);
                None
            }
            Fault::Partial(rejected) => {
                let rejected = self.take(body, rejected);
                let partial_success = Some(ExportTracePartialSuccess {
                    rejected_spans: rejected as i64,
                    error_message: "as it was asked to".to_owned(),
                });
                let body = ExportTraceServiceResponse { partial_success }.encode_to_vec();
                answer(stream, 200, "content-type: application/x-protobuf\r\n", &body)
            }
            Fault::GarbageBody => {
                self.take(body, 0);
                answer(stream, 200, "content-type: application/x-protobuf\r\n", &[0xff; 64])
            }
            Fault::Slow(time) => {
                thread::sleep(time);
                self.take(body, 0);
                answer(stream, 200, "", b"")
            }
            Fault::None | Fault::Reset => {
                self.take(body, 0);
                answer(stream, 200, "", b"")
            }
        }
    }

    fn new_token(&self) -> String {
        let mut state = self.state();
        state.tokens += 1;
        state.uses = 0;
        format!("{{\"token\":\"secret-token-{}\"}}", state.tokens)
    }

    fn accepts_token_of(&self, head: &str) -> bool {
        let Some(most) = self.0.token_uses else { return true };
        let mut state = self.state();
        state.uses += 1;
        let expected = format!("Bearer secret-token-{}", state.tokens);
        header(head, "authorization") == Some(&expected) && state.uses <= most
    }

    /// Takes all but the first so many; how many those were.
    fn take(&self, body: &[u8], rejected: usize) -> usize {
        let request = ExportTraceServiceRequest::decode(body).unwrap();
        let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        let spans: Vec<_> = scopes.flat_map(|scope| scope.spans).collect();
        let rejected = rejected.min(spans.len());
        let mut state = self.state();
        for span in &spans[rejected..] {
            let key = (hex(&span.trace_id), hex(&span.span_id));
            state.taken.entry(key).or_insert_with(|| Taken::of(span)).again(span);
        }
        rejected
    }
}

impl Taken {
    fn of(span: &Span) -> Self {
        let parent = Some(hex(&span.parent_span_id)).filter(|parent| !parent.is_empty());
        Self { times: 0, parent, end_states: Vec::new() }
    }

    fn again(&mut self, span: &Span) {
        self.times += 1;
        let state = span.attributes.iter().find(|it| it.key == "agentops.session.end_state");
        if let Some(Value::StringValue(state)) =
            state.and_then(|it| it.value.as_ref()?.value.as_ref())
            && !self.end_states.contains(state)
        {
            self.end_states.push(state.clone());
        }
    }
}

fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read_head(stream: &mut impl BufRead) -> Option<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    Some(head)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn length_of(head: &str) -> usize {
    header(head, "content-length").map_or(0, |length| length.parse().unwrap())
}

fn read_body(stream: &mut impl Read, length: usize) -> Option<Vec<u8>> {
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(body)
}

fn answer(stream: &mut impl Write, status: u16, headers: &str, body: &[u8]) -> Option<()> {
    let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n", body.len());
    stream.write_all(&[head.as_bytes(), body].concat()).ok()?;
    stream.flush().ok()
}

/// An authority, written to a file, and a certificate of it for loopback.
fn certificate(authority: &Path) -> ServerConfig {
    let ca_key = rcgen::KeyPair::generate().unwrap();
    let mut ca = rcgen::CertificateParams::default();
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    std::fs::write(authority, ca.self_signed(&ca_key).unwrap().pem()).unwrap();
    let issuer = rcgen::Issuer::new(ca, ca_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let own = rcgen::CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth();
    config.with_single_cert(vec![own.der().clone()], key).unwrap()
}
