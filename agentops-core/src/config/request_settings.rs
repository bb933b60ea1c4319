//! Settings of OTLP requests, for any endpoint.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Uri};
use percent_encoding::percent_decode_str;

use super::{
    address::{below, beside, parse_target},
    compression::{self, Packing},
    host_match::{Host, Origin},
    otlp_target::{AgentOpsKey, Endpoint, MetricsTarget, OTLP_DEFAULT, OtlpTarget},
    proxy::Proxies,
    request_builder::Wire,
    secret_text::Secret,
    tls_settings::Tls,
    variable_names::{
        OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS,
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT, OTEL_EXPORTER_OTLP_TIMEOUT,
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_HEADERS,
        OTEL_EXPORTER_OTLP_TRACES_TIMEOUT, OTEL_METRIC_EXPORT_INTERVAL, OTEL_METRICS_EXPORTER,
        Variable,
    },
    variable_reader::{Environment, milliseconds},
};
use crate::error::{ConfigError, ConfigErrorKind};

type Headers = Vec<(HeaderName, HeaderValue)>;

/// Headers of `OTEL_EXPORTER_OTLP_*`.
#[derive(Debug)]
struct Conventional {
    traces: Option<Headers>,
    /// Headers for all signals.
    general: Option<Headers>,
}

/// Request settings of the program and of `OTEL_EXPORTER_OTLP_*`; the variables for traces win over the general ones.
#[derive(Debug)]
pub(super) struct Requests {
    /// Endpoint for traces set by the environment.
    pub(super) endpoint: Option<Uri>,
    metrics: Metrics,
    metric_interval: Duration,
    headers: Conventional,
    /// Headers that the program adds, for any endpoint.
    own_headers: Headers,
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
        let headers = Conventional {
            traces: env.parse_secret(OTEL_EXPORTER_OTLP_TRACES_HEADERS, headers)?,
            general: env.parse_secret(OTEL_EXPORTER_OTLP_HEADERS, headers)?,
        };
        let own_headers = wire.headers.into_iter().map(own_header).collect::<Result<_, _>>()?;
        Ok(Self {
            endpoint: Self::endpoint(env)?,
            metrics: Metrics::read(wire.metrics, wire.metrics_endpoint.as_ref(), env)?,
            metric_interval: metric_interval(wire.metric_interval, env)?,
            headers,
            own_headers,
            timeout: timeout(wire.timeout, env)?.unwrap_or(default_timeout),
            compression: compression::choose(wire.compression, env)?,
            tls: Tls::read(wire.certificate.as_ref(), wire.client.as_ref(), env)?,
        })
    }

    /// Returns the endpoint of the environment: the variable for traces as it is, else the general one as a base.
    fn endpoint(env: &Environment) -> Result<Option<Uri>, ConfigError> {
        const TRACES: Variable = OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
        const BASE: Variable = OTEL_EXPORTER_OTLP_ENDPOINT;
        let traces = env.text(TRACES)?.map(|url| parse_target(TRACES, url)).transpose()?;
        let base = env.text(BASE)?.map(|url| below(BASE, parse_target(BASE, url)?, "/v1/traces"));
        Ok(traces.or(base.transpose()?))
    }

    pub(super) fn target(&self, endpoint: Uri, key: Option<AgentOpsKey>) -> Box<OtlpTarget> {
        let headers = self.headers_to(&endpoint, key.is_some());
        let metrics = self.metrics_beside(&endpoint, &headers, key.as_ref());
        // The hosted AgentOps has a publicly trusted certificate.
        let tls = if is_hosted_agentops(&endpoint) { Tls::default() } else { self.tls.clone() };
        Box::new(OtlpTarget {
            endpoint: Endpoint(endpoint),
            metrics,
            metric_interval: self.metric_interval,
            headers,
            timeout: self.timeout,
            compression: self.compression,
            tls,
            proxies: Proxies::default(),
            key,
        })
    }

    /// Returns the headers of requests with traces. Headers from the environment are sent only to the endpoint
    /// they were set for: another vendor's key must go nowhere else, and never to AgentOps.
    fn headers_to(&self, endpoint: &Uri, has_key: bool) -> Headers {
        let is_meant = !has_key && self.is_meant_for(endpoint);
        let Conventional { traces, general } = &self.headers;
        self.with_own(traces.as_ref().or(general.as_ref()).filter(|_| is_meant))
    }

    /// Merges the program's headers into these; those of the program win.
    fn with_own(&self, headers: Option<&Headers>) -> Headers {
        let is_own = |name| self.own_headers.iter().any(|(own, _)| own == name);
        let theirs = headers.into_iter().flatten().filter(|(name, _)| !is_own(name));
        theirs.chain(&self.own_headers).cloned().collect()
    }

    /// Returns `true` if an address has the origin that `OTEL_EXPORTER_OTLP_*` names, or by default that of
    /// OpenTelemetry's exporter, and is not the hosted AgentOps.
    fn is_meant_for(&self, address: &Uri) -> bool {
        let default = Uri::from_static(OTLP_DEFAULT);
        let own = Origin::of(self.endpoint.as_ref().unwrap_or(&default));
        own == Origin::of(address) && !is_hosted_agentops(address)
    }

    /// Returns the target of metrics. If its origin is not that of the traces, it receives neither the headers for
    /// traces nor an AgentOps token.
    fn metrics_beside(
        &self,
        traces: &Uri,
        headers: &Headers,
        key: Option<&AgentOpsKey>,
    ) -> Option<MetricsTarget> {
        let (endpoint, is_meant) = match &self.metrics {
            Metrics::Off => return None,
            // The address of metrics is unknown if the path for traces is not the usual one.
            Metrics::Beside => (beside(traces, "/v1/traces", "/v1/metrics")?, false),
            Metrics::To(endpoint) => (endpoint.clone(), self.is_meant_for(endpoint)),
            Metrics::ByConvention(endpoint) => (endpoint.clone(), !is_hosted_agentops(endpoint)),
        };
        let (headers, key) = if Origin::of(&endpoint) == Origin::of(traces) {
            (headers.clone(), key.cloned())
        } else {
            (self.with_own(self.headers.general.as_ref().filter(|_| is_meant)), None)
        };
        Some(MetricsTarget { endpoint: Endpoint(endpoint), headers, key })
    }

    /// Returns a warning if headers of the environment are sent nowhere, unless an AgentOps key authenticates instead.
    pub(super) fn note(&self, endpoint: &Uri, has_key: bool) -> Option<String> {
        let name = match &self.headers {
            Conventional { traces: Some(_), .. } => OTEL_EXPORTER_OTLP_TRACES_HEADERS,
            Conventional { general: Some(_), .. } => OTEL_EXPORTER_OTLP_HEADERS,
            _ => return None,
        };
        let is_hosted = is_hosted_agentops(endpoint);
        // If another endpoint is set in the environment, the headers are meant for that one.
        let has_home = self
            .endpoint
            .as_ref()
            .is_some_and(|own| !is_hosted || Origin::of(own) != Origin::of(endpoint));
        if has_key || has_home || self.is_meant_for(endpoint) {
            return None;
        }
        let shown = Endpoint(endpoint.clone());
        Some(if is_hosted {
            format!(
                "`{name}` never goes to AgentOps at `{shown}`; set headers for it by `header` of the builder"
            )
        } else {
            format!(
                "`{name}` does not go to `{shown}`, but only to what `{OTEL_EXPORTER_OTLP_ENDPOINT}` names; name \
                 the endpoint by that variable, or set headers by `header` of the builder"
            )
        })
    }
}

fn is_hosted_agentops(endpoint: &Uri) -> bool {
    Host::of(endpoint).is_within("agentops.ai")
}

/// Parses a header that the program adds; the error does not show its value.
fn own_header((name, value): (String, Secret)) -> Result<(HeaderName, HeaderValue), ConfigError> {
    // If the whole header line was given as the name, only the name in it is shown.
    let shown =
        name.split(|letter: char| !(letter.is_ascii_alphanumeric() || "-_.".contains(letter)));
    let shown = shown.map(str::to_owned).next().unwrap_or_default();
    let dots = if shown.len() < name.len() { "…" } else { "" };
    let unusable = |what| {
        ConfigError::new(
            "header",
            ConfigErrorKind::Characters,
            format!("`{shown}{dots}` has {what} no header has"),
        )
    };
    let mut value = HeaderValue::from_str(value.reveal())
        .map_err(|_| unusable("characters in its value that"))?;
    value.set_sensitive(true);
    Ok((name.parse().map_err(|_| unusable("characters in its name that"))?, value))
}

/// Destination of metrics.
#[derive(Debug)]
enum Metrics {
    Off,
    /// Beside the traces, at the same endpoint.
    Beside,
    /// The address set by the program.
    To(Uri),
    /// The address of `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`.
    ByConvention(Uri),
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
        let endpoint = env.text(ENDPOINT)?.map(|url| parse_target(ENDPOINT, url)).transpose()?;
        let set_endpoint =
            set_endpoint.map(|url| parse_target("metrics_endpoint", url.reveal())).transpose()?;
        Ok(match (set.or(is_on), set_endpoint, endpoint) {
            (Some(false), ..) => Self::Off,
            (_, Some(endpoint), _) => Self::To(endpoint),
            (_, None, Some(endpoint)) => Self::ByConvention(endpoint),
            (_, None, None) => Self::Beside,
        })
    }
}

/// Parses a list of headers. Values are percent-encoded, as in W3C baggage.
fn headers(text: &str) -> Result<Headers, &'static str> {
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

/// Rejects a duration of zero, which leaves no time for a request.
fn lasting(setting: &str, set: Option<Duration>) -> Result<Option<Duration>, ConfigError> {
    match set {
        Some(Duration::ZERO) => Err(ConfigError::new(
            setting,
            ConfigErrorKind::OutOfRange,
            "is 0; give a time of at least 1 ms",
        )),
        set => Ok(set),
    }
}
