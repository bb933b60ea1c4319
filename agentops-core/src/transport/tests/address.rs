//! Tests that errors of wrong addresses name the remedy, and that those of a slow endpoint state whether the spans
//! may have been received.

use std::{
    io::{self, Read, Write},
    net::TcpListener,
    thread,
    time::{Duration, Instant},
};

use super::{LONG, Sending};
use crate::{config::Endpoint, transport::address_remedies};

/// Starts a server that sends these bytes on every connection, whatever it receives, and closes it.
fn server_with_response(words: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(words);
        }
    });
    address
}

/// Returns why nothing was sent, without the texts of the libraries.
fn refusal(address: &str) -> (String, String) {
    let sending = Sending::to(address, None);
    sending.stop.set(Instant::now() + LONG);
    let error = sending.send().unwrap_err();
    let (problem, remedy) = error.split_once("; ").unwrap_or((&error, ""));
    let problem = problem.split_once(": ").map_or(problem, |(problem, _)| problem);
    (problem.to_owned(), remedy.to_owned())
}

const NO_HTTP: &str = "this sends OTLP over HTTP: use the port for HTTP, mostly 4318, where that one is for \
                       gRPC, and `https://` where it is for TLS";

#[test]
fn port_without_http_is_reported_with_remedy() {
    // The settings frame of an HTTP/2 server, and the alert of a TLS server.
    for words in [&b"\0\0\0\x04\0\0\0\0\0"[..], b"\x15\x03\x01\0\x02\x02\x46"] {
        let address = format!("http://{}", server_with_response(words));
        let problem = format!("`{address}/v1/traces` does not answer");
        assert_eq!(refusal(&address), (problem, NO_HTTP.to_owned()), "{words:?}");
    }
}

#[test]
fn server_hangup_is_reported_without_a_guess() {
    let address = format!("http://{}", server_with_response(b""));
    assert_eq!(
        refusal(&address),
        (format!("`{address}/v1/traces` does not answer"), String::new())
    );
}

#[test]
fn tls_to_a_plain_port_is_reported_with_remedy() {
    let address = format!("https://{}", server_with_response(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    let problem = format!("`{address}/v1/traces` does not answer");
    let remedy = "that port does not speak TLS: use `http://`".to_owned();
    assert_eq!(refusal(&address), (problem, remedy));
}

#[test]
fn endpoint_check_reports_http_on_tls_port() {
    let words =
        b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n\
                  Client sent an HTTP request to an HTTPS server.";
    let address = format!("http://{}", server_with_response(words));
    let problem = format!("`{address}/v1/traces` answered with status 400 Bad Request");
    let remedy = "that port speaks TLS: use `https://`".to_owned();
    assert_eq!(refusal(&address), (problem, remedy));
}

#[test]
fn private_authority_and_grpc_port_have_remedies() {
    let hinted = |address: &str, error| {
        address_remedies::of_no_answer(&Endpoint(address.parse().unwrap()), &ureq::Error::Io(error))
    };
    let unknown =
        io::Error::new(io::ErrorKind::InvalidData, "invalid peer certificate: UnknownIssuer");
    let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
    assert_eq!(
        [
            hinted("https://h", unknown),
            hinted("http://h:4317", refused()),
            hinted("http://h:4318", refused()),
        ],
        [
            "; name its authority in `OTEL_EXPORTER_OTLP_CERTIFICATE` if it is one of your own",
            "; port 4317 is that of gRPC, and this sends OTLP over HTTP: use port 4318",
            "",
        ]
    );
}

#[test]
fn timed_out_request_may_have_arrived() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let sending = Sending::to(&address, None);
    let deadline = Instant::now() + Duration::from_millis(60);
    sending.stop.set(deadline);
    let (told, again) = (sending.send().unwrap_err(), sending.send().unwrap_err());
    let (before, waited) = told.split_once(" within ").unwrap();
    assert_eq!(before, format!("`{address}/v1/traces` gave no answer"));
    assert!(waited.ends_with(" s; the endpoint may have received them"), "{told}");
    assert_eq!(again, told, "what follows has the same cause");
    assert_eq!(sending.transport.waits_for(), None);
}
