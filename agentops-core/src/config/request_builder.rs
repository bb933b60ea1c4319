//! Request settings of the builder: headers, timeout, compression, TLS, proxy, metrics.

use std::time::Duration;

use super::{Compression, Secret, TracingConfigBuilder};

/// Request settings that the program has set; the environment supplies the rest.
#[derive(Debug, Default)]
pub(super) struct Wire {
    pub(super) headers: Vec<(String, Secret)>,
    pub(super) timeout: Option<Duration>,
    pub(super) compression: Option<Compression>,
    pub(super) certificate: Option<Secret>,
    /// Client certificate with its key.
    pub(super) client: Option<(Secret, Secret)>,
    pub(super) proxy: Option<Secret>,
    pub(super) metrics: Option<bool>,
    pub(super) metrics_endpoint: Option<Secret>,
    pub(super) metric_interval: Option<Duration>,
}

impl TracingConfigBuilder {
    /// Adds a header to every request that carries spans or metrics, for an endpoint with its own API key. It wins
    /// over one of the same name in `OTEL_EXPORTER_OTLP_HEADERS` (default: none), whose headers are sent only to
    /// the endpoint that `OTEL_EXPORTER_OTLP_ENDPOINT` names. The value is never shown.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.wire.headers.push((name.into(), Secret::new(value.into())));
        self
    }

    /// Sets the timeout of a request (`OTEL_EXPORTER_OTLP_TIMEOUT` in milliseconds; default: 10 s, or four fifths
    /// of the shutdown timeout if that is less). A request that times out is retried.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.wire.timeout = Some(timeout);
        self
    }

    /// Sets the compression of requests (`OTEL_EXPORTER_OTLP_COMPRESSION`, default: none). A compression whose
    /// feature is not enabled is an error of `build`.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.wire.compression = Some(compression);
        self
    }

    /// Sets the only certificate authorities to trust (`OTEL_EXPORTER_OTLP_CERTIFICATE`, default: those that
    /// browsers trust): the path of a PEM file, or its text, which begins with `-----BEGIN`.
    pub fn certificate(mut self, pem: impl Into<String>) -> Self {
        self.wire.certificate = Some(Secret::new(pem.into()));
        self
    }

    /// Sets the client certificate and its key (`OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE` and
    /// `OTEL_EXPORTER_OTLP_CLIENT_KEY`, default: none): paths of PEM files, or their texts.
    pub fn client_certificate(mut self, pem: impl Into<String>, key: impl Into<String>) -> Self {
        self.wire.client = Some((Secret::new(pem.into()), Secret::new(key.into())));
        self
    }

    /// Sends requests through an HTTP proxy, such as `http://proxy:3128` (`HTTPS_PROXY` or `HTTP_PROXY`, depending
    /// on the endpoint's scheme, else `ALL_PROXY`, with the exceptions of `NO_PROXY`; default: none). A proxy set
    /// here is used for every host but the local one. If `REQUEST_METHOD` is set, `HTTP_PROXY` may stem from the
    /// header `Proxy` of a request to a CGI program: it is ignored with a warning, while `http_proxy` is used.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.wire.proxy = Some(Secret::new(url.into()));
        self
    }

    /// Exports metrics beside the spans (`OTEL_METRICS_EXPORTER`: `otlp` or `none`; default: on if the endpoint
    /// accepts them; feature `metrics`).
    #[cfg(feature = "metrics")]
    pub fn metrics(mut self, metrics: bool) -> Self {
        self.wire.metrics = Some(metrics);
        self
    }

    /// Sets the address for metrics, used as it is (`OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`; default: `/v1/metrics`
    /// beside `/v1/traces`; feature `metrics`).
    #[cfg(feature = "metrics")]
    pub fn metrics_endpoint(mut self, url: impl Into<String>) -> Self {
        self.wire.metrics_endpoint = Some(Secret::new(url.into()));
        self
    }

    /// Sets the interval between two exports of metrics (`OTEL_METRIC_EXPORT_INTERVAL` in milliseconds, default 60
    /// s; feature `metrics`).
    #[cfg(feature = "metrics")]
    pub fn metric_interval(mut self, interval: Duration) -> Self {
        self.wire.metric_interval = Some(interval);
        self
    }
}
