//! The HTTP client, kept from logging what it must not: at level trace it shows every byte that it sends.

use std::{
    io::Read,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use http::{Request, Response};
use log::{Level, LevelFilter, log_enabled, max_level};
use opentelemetry_http::Bytes;
use tracing::subscriber::{NoSubscriber, with_default};
use ureq::{Agent, Body, Error, tls::TlsConfig};

use crate::config::Proxies;

/// What follows no redirect and takes every status for an answer.
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

    /// Sends a request, which has so much time for all, and reads so much of the answer's body.
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
        // A log that is made of `tracing` events ends here.
        with_default(NoSubscriber::default(), || {
            warn_of_bytes();
            run()
        })
    }
}

/// Another log cannot be kept from hearing it.
fn warn_of_bytes() {
    static HAS_WARNED: AtomicBool = AtomicBool::new(false);
    let shows_bytes = log_enabled!(target: "ureq_proto::util", Level::Trace);
    if shows_bytes && !HAS_WARNED.swap(true, Ordering::Relaxed) {
        log::warn!(
            target: "agentops",
            "this log shows every byte that is sent, keys included; keep `ureq_proto` below level trace"
        );
    }
}

/// A body as far as it came, and no further: when the status is known, its end changes nothing.
fn read_up_to(most: u64, body: Body) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = body.into_reader().take(most).read_to_end(&mut bytes);
    bytes
}
