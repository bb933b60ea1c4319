//! Remedies for the most common wrong addresses.

use std::io::ErrorKind;

use http::StatusCode;
use ureq::Error;

use crate::config::Endpoint;

const GRPC_PORT: u16 = 4317;
const GRPC: &str = "; port 4317 is that of gRPC, and this sends OTLP over HTTP: use port 4318";
const NO_HTTP: &str = "; this sends OTLP over HTTP: use the port for HTTP, mostly 4318, where that one is for \
                       gRPC, and `https://` where it is for TLS";
const NO_TLS: &str = "; that port does not speak TLS: use `http://`";
const NEEDS_TLS: &str = "; that port speaks TLS: use `https://`";
const KEY: &str = "; check the key: `OTEL_EXPORTER_OTLP_HEADERS` goes only to what `OTEL_EXPORTER_OTLP_ENDPOINT` \
                   names, `header` of the builder to any endpoint";
const AUTHORITY: &str =
    "; name its authority in `OTEL_EXPORTER_OTLP_CERTIFICATE` if it is one of your own";

/// Returns the remedy for a missing response, as the end of a sentence; empty if it is unknown.
pub(super) fn of_no_answer(endpoint: &Endpoint, error: &Error) -> &'static str {
    let is_tls = endpoint.0.scheme_str() == Some("https");
    match error {
        _ if is_for_grpc(endpoint) => GRPC,
        Error::Protocol(_) => NO_HTTP,
        Error::Io(error) if is_tls && error.kind() == ErrorKind::InvalidData => {
            let said = error.to_string();
            if said.contains("certificate") { AUTHORITY } else { NO_TLS }
        }
        _ => "",
    }
}

/// Returns the remedy for a refusal, as the end of a sentence; empty if it is unknown.
pub(super) fn of_refusal(endpoint: &Endpoint, status: StatusCode, body: &[u8]) -> &'static str {
    let is_tls = endpoint.0.scheme_str() == Some("https");
    match status.as_u16() {
        _ if is_for_grpc(endpoint) => GRPC,
        400 | 497 if !is_tls && body.windows(5).any(|word| word == b"HTTPS") => NEEDS_TLS,
        401 | 403 => KEY,
        404 | 405 => "; check the path of the address",
        _ => "",
    }
}

fn is_for_grpc(endpoint: &Endpoint) -> bool {
    endpoint.0.port_u16() == Some(GRPC_PORT)
}
