//! HTTP client, kept from leaking secrets into logs: at level trace, `ureq` logs every byte that it sends.

use std::{io::Read, time::Duration};

use http::{Request, Response};
use log::{Level, LevelFilter, log_enabled, max_level};
use opentelemetry_http::Bytes;
use tracing::subscriber::{NoSubscriber, with_default};
use ureq::{Agent, Body, Error, tls::TlsConfig};

use crate::{config::Proxies, process::FirstTime};

/// Client that follows no redirects and treats every status as a response.
#[derive(Debug)]
pub(super) struct Client {
    agent: Agent,
    proxies: Proxies,
}

impl Client {
    pub(super) fn new(tls: TlsConfig, proxies: Proxies) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .tls_config(tls)
            .proxy(None)
            .user_agent(concat!("agentops-rust/", env!("CARGO_PKG_VERSION")));
        Self { agent: config.build().new_agent(), proxies }
    }

    /// Sends a request within the timeout, and reads at most this many bytes of the response's body.
    pub(super) fn run(
        &self,
        request: Request<&[u8]>,
        timeout: Duration,
        most: u64,
    ) -> Result<Response<Bytes>, Error> {
        let proxy = self.proxies.to(request.uri());
        let request = self.agent.configure_request(request).proxy(proxy);
        let request = request.timeout_global(Some(timeout)).build();
        let run = || {
            let (parts, body) = self.agent.run(request)?.into_parts();
            Ok(Response::from_parts(parts, read_up_to(most, body).into()))
        };
        if max_level() < LevelFilter::Debug {
            return run();
        }
        // Keeps the log events of `ureq` from every `tracing` subscriber.
        with_default(NoSubscriber::default(), || {
            warn_of_bytes();
            run()
        })
    }
}

/// Warns if another logger, from which the bytes cannot be kept, is set to show them.
fn warn_of_bytes() {
    static WARNING: FirstTime = FirstTime::new();
    let shows_bytes = log_enabled!(target: "ureq_proto::util", Level::Trace);
    if shows_bytes && WARNING.claim() {
        log::warn!(
            target: "agentops",
            "this log shows every byte that is sent, keys included; keep `ureq_proto` below level trace"
        );
    }
}

/// Reads a body up to this size, or as far as it arrived: once the status is known, a broken end does not matter.
fn read_up_to(most: u64, body: Body) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = body.into_reader().take(most).read_to_end(&mut bytes);
    bytes
}
