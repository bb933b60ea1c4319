//! A collector on loopback that takes OTLP over HTTP and keeps spans and metrics.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use opentelemetry_proto::tonic::{
    collector::{metrics::v1::ExportMetricsServiceRequest, trace::v1::ExportTraceServiceRequest},
    metrics::v1::{Metric, ResourceMetrics},
    trace::v1::{ResourceSpans, Span},
};
use prost::Message;

/// A running collector; its port is the kernel's choice.
#[derive(Clone, Debug)]
pub struct Collector {
    address: String,
    requests: Arc<Mutex<Vec<ResourceSpans>>>,
    metrics: Arc<Mutex<Vec<ResourceMetrics>>>,
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl Collector {
    /// Starts one.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (requests, metrics, bytes) = Default::default();
        let collector = Self { address, requests, metrics, bytes };
        let serving = collector.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let serving = serving.clone();
                thread::spawn(move || serving.serve(stream.unwrap()));
            }
        });
        collector
    }

    /// Its address, without a path.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Every span it has taken.
    pub fn spans(&self) -> Vec<Span> {
        let requests = self.requests.lock().unwrap();
        let scopes = requests.iter().flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }

    /// Every metric it has taken, as often as it was sent.
    pub fn metrics(&self) -> Vec<Metric> {
        let requests = self.metrics.lock().unwrap();
        let scopes = requests.iter().flat_map(|resource| &resource.scope_metrics);
        scopes.flat_map(|scope| scope.metrics.clone()).collect()
    }

    /// Every byte it has taken, heads and bodies.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().unwrap().clone()
    }

    /// One connection, for as long as the client keeps it.
    fn serve(&self, stream: TcpStream) {
        let mut writer = stream.try_clone().unwrap();
        let mut reader = BufReader::new(stream);
        while let Some((head, body)) = read_request(&mut reader) {
            self.bytes.lock().unwrap().extend(head.bytes().chain(body.iter().copied()));
            if head.starts_with("POST /v1/metrics HTTP/1.1") {
                let request = ExportMetricsServiceRequest::decode(body.as_slice()).unwrap();
                self.metrics.lock().unwrap().extend(request.resource_metrics);
            } else {
                assert!(head.starts_with("POST /v1/traces HTTP/1.1"), "{head}");
                let request = ExportTraceServiceRequest::decode(body.as_slice()).unwrap();
                self.requests.lock().unwrap().extend(request.resource_spans);
            }
            writer.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        }
    }
}

/// An address where nobody listens.
pub fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let address = client.local_addr().unwrap();
    // The client's port has no listener, and stays the client's: the kernel gives it to no other test's server.
    std::mem::forget((listener, client));
    format!("http://{address}")
}

/// The head and the body of the next request; none if the client has gone away.
pub fn read_request(reader: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}
