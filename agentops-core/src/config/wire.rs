//! What the program says about requests: how they go out, and what goes along.

use std::time::Duration;

use super::{Compression, Secret, TracingConfigBuilder};

/// The program's settings of requests; what it does not say the environment does.
#[derive(Debug, Default)]
pub(super) struct Wire {
    pub(super) headers: Vec<(String, Secret)>,
    pub(super) timeout: Option<Duration>,
    pub(super) compression: Option<Compression>,
    pub(super) certificate: Option<Secret>,
    /// A certificate with its key.
    pub(super) client: Option<(Secret, Secret)>,
    pub(super) proxy: Option<Secret>,
    pub(super) metrics: Option<bool>,
    pub(super) metrics_endpoint: Option<Secret>,
    pub(super) metric_interval: Option<Duration>,
}

impl TracingConfigBuilder {
    /// Adds a header to every request that carries spans or metrics, for an endpoint that wants a key of its
    /// own. It wins over one of the same name in `OTEL_EXPORTER_OTLP_HEADERS` (default: none), which goes to the
    /// endpoint that `OTEL_EXPORTER_OTLP_ENDPOINT` names alone. Its value is never shown.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.wire.headers.push((name.into(), Secret::new(value.into())));
        self
    }

    /// Bounds the time of a request (`OTEL_EXPORTER_OTLP_TIMEOUT` in milliseconds; default: 10 s, or four
    /// fifths of the shutdown timeout if that is less). A request without an answer by then is sent again.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.wire.timeout = Some(timeout);
        self
    }

    /// Compresses requests (`OTEL_EXPORTER_OTLP_COMPRESSION`, default: not). What the build has no feature for
    /// is an error.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.wire.compression = Some(compression);
        self
    }

    /// Trusts these authorities and no others (`OTEL_EXPORTER_OTLP_CERTIFICATE`, default: those that browsers
    /// trust): the path of a file in the format PEM, or its text, which begins with `-----BEGIN`.
    pub fn certificate(mut self, pem: impl Into<String>) -> Self {
        self.wire.certificate = Some(Secret::new(pem.into()));
        self
    }

    /// Shows this certificate to the endpoint, with the key to it (`OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE` and
    /// `OTEL_EXPORTER_OTLP_CLIENT_KEY`, default: none): paths of files in the format PEM, or their texts.
    pub fn client_certificate(mut self, pem: impl Into<String>, key: impl Into<String>) -> Self {
        self.wire.client = Some((Secret::new(pem.into()), Secret::new(key.into())));
        self
    }

    /// Sends through an HTTP proxy, like `http://proxy:3128` (`HTTPS_PROXY` or `HTTP_PROXY`, whichever the
    /// endpoint's address asks for, else `ALL_PROXY`, with the exceptions of `NO_PROXY`; default: none). This
    /// one has no exceptions but this machine. Where `REQUEST_METHOD` is set, `HTTP_PROXY` may be the header
    /// `Proxy` of a request to a CGI program: it is ignored with a warning, and `http_proxy` is not.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.wire.proxy = Some(Secret::new(url.into()));
        self
    }

    /// Sends metrics beside the spans (`OTEL_METRICS_EXPORTER`: `otlp` or `none`; default: yes,
    /// where a collector takes them; feature `metrics`).
    #[cfg(feature = "metrics")]
    pub fn metrics(mut self, metrics: bool) -> Self {
        self.wire.metrics = Some(metrics);
        self
    }

    /// The address that takes metrics, as it is (`OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`; default: `/v1/metrics`
    /// beside `/v1/traces`; feature `metrics`).
    #[cfg(feature = "metrics")]
    pub fn metrics_endpoint(mut self, url: impl Into<String>) -> Self {
        self.wire.metrics_endpoint = Some(Secret::new(url.into()));
        self
    }

    /// The time from one export of metrics to the next (`OTEL_METRIC_EXPORT_INTERVAL` in milliseconds, default
    /// 60 s; feature `metrics`).
    #[cfg(feature = "metrics")]
    pub fn metric_interval(mut self, interval: Duration) -> Self {
        self.wire.metric_interval = Some(interval);
        self
    }
}
