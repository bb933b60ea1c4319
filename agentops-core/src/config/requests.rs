//! What a request over OTLP is like, wherever it goes.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Uri};
use percent_encoding::percent_decode_str;

use super::{
    compression::{self, Packing},
    destination::{AgentOpsKey, Endpoint, OtlpTarget, Secret, parse_url},
    environment::{Environment, milliseconds},
    proxy::Proxies,
    tls::Tls,
    variables::{
        OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS,
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT, OTEL_EXPORTER_OTLP_TIMEOUT,
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_HEADERS,
        OTEL_EXPORTER_OTLP_TRACES_TIMEOUT, OTEL_METRIC_EXPORT_INTERVAL, OTEL_METRICS_EXPORTER,
        Variable,
    },
    wire::Wire,
};
use crate::error::ConfigError;

/// What the program and `OTEL_EXPORTER_OTLP_*` say; the variables for traces win over the general ones.
#[derive(Debug)]
pub(super) struct Requests {
    /// That of the environment.
    pub(super) endpoint: Option<Uri>,
    metrics: Metrics,
    metric_interval: Duration,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Those that the program adds, for whatever endpoint it is.
    own_headers: Vec<(HeaderName, HeaderValue)>,
    timeout: Duration,
    compression: Option<Packing>,
    tls: Tls,
}

impl Requests {
    pub(super) fn read(
        wire: Wire,
        env: &Environment,
        default_timeout: Duration,
    ) -> Result<Self, ConfigError> {
        let names = [OTEL_EXPORTER_OTLP_TRACES_HEADERS, OTEL_EXPORTER_OTLP_HEADERS];
        let headers = env.either(names, |name| env.parse_secret(name, headers))?;
        let own_headers = wire.headers.into_iter().map(own_header).collect::<Result<_, _>>()?;
        Ok(Self {
            endpoint: Self::endpoint(env)?,
            metrics: Metrics::read(wire.metrics, wire.metrics_endpoint.as_ref(), env)?,
            metric_interval: metric_interval(wire.metric_interval, env)?,
            headers: headers.unwrap_or_default(),
            own_headers,
            timeout: timeout(wire.timeout, env)?.unwrap_or(default_timeout),
            compression: compression::choose(wire.compression, env)?,
            tls: Tls::read(wire.certificate.as_ref(), wire.client.as_ref(), env)?,
        })
    }

    /// The address for traces is taken as it is, the general one is a base.
    fn endpoint(env: &Environment) -> Result<Option<Uri>, ConfigError> {
        const TRACES: Variable = OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
        const BASE: Variable = OTEL_EXPORTER_OTLP_ENDPOINT;
        let traces = env.text(TRACES)?.map(|url| parse_url(TRACES, url)).transpose()?;
        let base = env.text(BASE)?.map(|url| {
            parse_url(BASE, url)?;
            parse_url(BASE, &format!("{}/v1/traces", url.trim_end_matches('/')))
        });
        Ok(traces.or(base.transpose()?))
    }

    pub(super) fn target(self, endpoint: Uri, key: Option<AgentOpsKey>) -> Box<OtlpTarget> {
        let is_meant = key.is_none() && self.is_meant_for(&endpoint);
        let mut headers = if is_meant { self.headers } else { Vec::new() };
        headers.retain(|(name, _)| self.own_headers.iter().all(|(own, _)| own != name));
        headers.extend(self.own_headers);
        // A hosted service has the certificate that browsers trust.
        let tls = if is_hosted_agentops(&endpoint) { Tls::default() } else { self.tls };
        let Self { timeout, compression, metric_interval, .. } = self;
        let metrics = self.metrics.beside(&endpoint).map(Endpoint);
        let endpoint = Endpoint(endpoint);
        let proxies = Proxies::default();
        Box::new(OtlpTarget {
            endpoint,
            metrics,
            metric_interval,
            headers,
            timeout,
            compression,
            tls,
            proxies,
            key,
        })
    }

    /// Headers belong to the endpoint they were set for: another vendor's key never goes to AgentOps.
    fn is_meant_for(&self, endpoint: &Uri) -> bool {
        self.endpoint.as_ref().is_none_or(|own| own == endpoint) && !is_hosted_agentops(endpoint)
    }
}

fn is_hosted_agentops(endpoint: &Uri) -> bool {
    let host = endpoint.host().unwrap_or_default();
    host == "agentops.ai" || host.ends_with(".agentops.ai")
}

/// A header of the program's own, with an error that does not show its value.
fn own_header((name, value): (String, Secret)) -> Result<(HeaderName, HeaderValue), ConfigError> {
    let unusable = |what| ConfigError::new("header", format!("`{name}` has {what} no header has"));
    let mut value = HeaderValue::from_str(value.reveal())
        .map_err(|_| unusable("characters in its value that"))?;
    value.set_sensitive(true);
    Ok((name.parse().map_err(|_| unusable("characters in its name that"))?, value))
}

/// What the environment says of metrics.
#[derive(Debug)]
enum Metrics {
    Off,
    /// Where the traces go.
    Beside,
    To(Uri),
}

impl Metrics {
    fn read(
        set: Option<bool>,
        set_endpoint: Option<&Secret>,
        env: &Environment,
    ) -> Result<Self, ConfigError> {
        const ENDPOINT: Variable = OTEL_EXPORTER_OTLP_METRICS_ENDPOINT;
        let is_on = env.parse(OTEL_METRICS_EXPORTER, |exporter| match exporter {
            "otlp" => Ok(true),
            "none" => Ok(false),
            _ => Err("expected `otlp` or `none`"),
        })?;
        let endpoint = env.text(ENDPOINT)?.map(|url| parse_url(ENDPOINT, url)).transpose()?;
        let set_endpoint =
            set_endpoint.map(|url| parse_url("metrics_endpoint", url.reveal())).transpose()?;
        Ok(match (set.or(is_on), set_endpoint.or(endpoint)) {
            (Some(false), _) => Self::Off,
            (_, Some(endpoint)) => Self::To(endpoint),
            (_, None) => Self::Beside,
        })
    }

    /// A collector takes metrics at the path beside that for traces; where the path for traces is another,
    /// nobody knows.
    fn beside(self, traces: &Uri) -> Option<Uri> {
        match self {
            Self::Off => None,
            Self::To(endpoint) => Some(endpoint),
            Self::Beside => {
                let traces = traces.to_string();
                format!("{}/v1/metrics", traces.strip_suffix("/v1/traces")?).parse().ok()
            }
        }
    }
}

/// Values are percent-encoded, as in W3C baggage.
fn headers(text: &str) -> Result<Vec<(HeaderName, HeaderValue)>, &'static str> {
    let header = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
        let mut value = HeaderValue::from_str(&value).ok()?;
        value.set_sensitive(true);
        Some((name.trim().parse().ok()?, value))
    };
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    pairs
        .map(header)
        .collect::<Option<_>>()
        .ok_or("expected `name=value` pairs, separated by commas")
}

fn timeout(set: Option<Duration>, env: &Environment) -> Result<Option<Duration>, ConfigError> {
    let names = [OTEL_EXPORTER_OTLP_TRACES_TIMEOUT, OTEL_EXPORTER_OTLP_TIMEOUT];
    let from_env = env.either(names, |name| env.parse(name, milliseconds))?;
    Ok(lasting("timeout", set)?.or(from_env))
}

fn metric_interval(set: Option<Duration>, env: &Environment) -> Result<Duration, ConfigError> {
    let from_env = env.parse(OTEL_METRIC_EXPORT_INTERVAL, milliseconds)?;
    let set = lasting("metric_interval", set)?;
    Ok(set.or(from_env).unwrap_or(Duration::from_secs(60)))
}

/// A time that is none leaves no time for anything.
fn lasting(setting: &str, set: Option<Duration>) -> Result<Option<Duration>, ConfigError> {
    match set {
        Some(Duration::ZERO) => {
            Err(ConfigError::new(setting, "is 0; give a time of at least 1 ms"))
        }
        set => Ok(set),
    }
}
