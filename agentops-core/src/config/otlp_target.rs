//! OTLP/HTTP endpoint with its request settings.

use std::{fmt, time::Duration};

use http::{HeaderName, HeaderValue, Uri};

use super::{compression::Packing, proxy::Proxies, secret_text::Secret, tls_settings::Tls};

/// Default endpoint of OpenTelemetry's exporter.
pub(super) const OTLP_DEFAULT: &str = "http://localhost:4318/v1/traces";

/// Address that is displayed without user, password and query.
#[derive(Clone, PartialEq)]
pub(crate) struct Endpoint(pub(crate) Uri);

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(uri) = self;
        let (scheme, host) = (uri.scheme_str().unwrap_or_default(), uri.host().unwrap_or_default());
        write!(f, "{scheme}://{host}")?;
        if let Some(port) = uri.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(uri.path())
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// OTLP/HTTP endpoint with its request settings.
#[derive(Clone, Debug)]
pub(crate) struct OtlpTarget {
    pub(crate) endpoint: Endpoint,
    /// Target of metrics, if they are exported.
    pub(crate) metrics: Option<MetricsTarget>,
    /// Interval between two exports of metrics.
    #[cfg_attr(
        not(any(test, feature = "metrics")),
        expect(dead_code, reason = "nothing is measured")
    )]
    pub(crate) metric_interval: Duration,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) timeout: Duration,
    pub(crate) compression: Option<Packing>,
    pub(crate) tls: Tls,
    pub(crate) proxies: Proxies,
    pub(crate) key: Option<AgentOpsKey>,
}

/// Endpoint of metrics with the headers and key that it may receive; it may have another operator than the
/// endpoint of traces.
#[derive(Clone, Debug)]
#[cfg_attr(not(any(test, feature = "metrics")), expect(dead_code, reason = "nothing is measured"))]
pub(crate) struct MetricsTarget {
    pub(crate) endpoint: Endpoint,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) key: Option<AgentOpsKey>,
}

impl OtlpTarget {
    /// Returns all addresses that requests are sent to.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &Uri> {
        let token = self.key.as_ref().map(|key| &key.token_endpoint);
        let metrics = self.metrics.as_ref().map(|metrics| &metrics.endpoint);
        [Some(&self.endpoint), metrics, token].into_iter().flatten().map(|endpoint| &endpoint.0)
    }

    /// Returns a target with the endpoint, headers and key of metrics, if they are exported.
    #[cfg(feature = "metrics")]
    pub(crate) fn of_metrics(&self) -> Option<Self> {
        let MetricsTarget { endpoint, headers, key } = self.metrics.clone()?;
        Some(Self { endpoint, headers, key, metrics: None, ..self.clone() })
    }
}

/// AgentOps API key with the endpoint that exchanges it for a token.
#[derive(Clone, Debug)]
pub(crate) struct AgentOpsKey {
    pub(crate) key: Secret,
    pub(crate) token_endpoint: Endpoint,
}
