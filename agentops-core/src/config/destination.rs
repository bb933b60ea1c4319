//! Where traces go: the first of these that is given.
//!
//! explicit exporter → `exporter_endpoint` → AgentOps by its key → `OTEL_EXPORTER_OTLP_*` → local files.

use std::{fmt, path::PathBuf, time::Duration};

use http::{HeaderName, HeaderValue, Uri};
use percent_encoding::percent_decode_str;

use super::{
    AGENTOPS_API, AGENTOPS_TRACES,
    environment::{Environment, milliseconds},
    proxy::Proxies,
    tls::Tls,
};
use crate::{error::ConfigError, exporter::ErasedExporter};

/// Where traces go.
#[derive(Debug)]
pub(crate) enum Destination {
    /// To an exporter of the program's own.
    Exporter(Box<dyn ErasedExporter>),
    /// Over OTLP/HTTP.
    Otlp(Box<OtlpTarget>),
    /// Into files below this folder.
    Local(PathBuf),
}

impl Destination {
    pub(crate) fn is_agentops(&self) -> bool {
        matches!(self, Self::Otlp(target) if target.key.is_some())
    }
}

/// An address that shows neither user and password nor query.
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

/// An OTLP/HTTP endpoint with what a request to it needs.
#[derive(Debug)]
pub(crate) struct OtlpTarget {
    pub(crate) endpoint: Endpoint,
    /// Where metrics go, if they go anywhere.
    pub(crate) metrics: Option<Endpoint>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) timeout: Duration,
    pub(crate) compression: Option<Compression>,
    pub(crate) tls: Tls,
    pub(crate) proxies: Proxies,
    pub(crate) key: Option<AgentOpsKey>,
}

impl OtlpTarget {
    /// Everything that is spoken to.
    fn addresses(&self) -> impl Iterator<Item = &Uri> {
        let token = self.key.as_ref().map(|key| &key.token_endpoint);
        [Some(&self.endpoint), self.metrics.as_ref(), token].into_iter().flatten().map(|it| &it.0)
    }
}

/// What turns an AgentOps key into a token.
#[derive(Clone, Debug)]
pub(crate) struct AgentOpsKey {
    pub(crate) key: Secret,
    pub(crate) token_endpoint: Endpoint,
}

/// How a body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    Gzip,
    Zstd,
}

/// A text that is never shown.
#[derive(Clone)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(secret: String) -> Self {
        Self(secret)
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// What the program said about the destination.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) exporter: Option<Box<dyn ErasedExporter>>,
    pub(super) endpoint: Option<Secret>,
    pub(super) headers: Vec<(String, Secret)>,
    pub(super) api_key: Option<Secret>,
    pub(super) api_endpoint: Option<Secret>,
    pub(super) local_dir: Option<PathBuf>,
    /// How long a request may take where nobody says so.
    pub(super) timeout: Duration,
}

pub(super) fn choose(choice: Choice, env: &Environment) -> Result<Destination, ConfigError> {
    let otlp = OtlpEnvironment::read(env, choice.headers, choice.timeout)?;
    let endpoint =
        endpoint("exporter_endpoint", choice.endpoint, "AGENTOPS_EXPORTER_ENDPOINT", env)?;
    let self_hosted = choice.api_endpoint.is_some() || env.text("AGENTOPS_API_ENDPOINT")?.is_some();
    let api_endpoint = choice.api_endpoint.as_ref().map(Secret::reveal);
    let key = agentops_key(choice.api_key, api_endpoint, env)?;
    let dir = env.text("AGENTOPS_LOCAL_DIR")?.map(PathBuf::from);
    let mut destination = match (choice.exporter, endpoint, key) {
        (Some(exporter), ..) => Destination::Exporter(exporter),
        // A key goes along to another endpoint only where AgentOps is said to be elsewhere too.
        (None, Some(endpoint), key) => {
            Destination::Otlp(otlp.target(endpoint, key.filter(|_| self_hosted)))
        }
        (None, None, Some(key)) => {
            Destination::Otlp(otlp.target(Uri::from_static(AGENTOPS_TRACES), Some(key)))
        }
        (None, None, None) => match otlp.endpoint.clone() {
            Some(endpoint) => Destination::Otlp(otlp.target(endpoint, None)),
            None => Destination::Local(
                choice.local_dir.or(dir).unwrap_or_else(|| PathBuf::from(".agentops/sessions")),
            ),
        },
    };
    if let Destination::Otlp(target) = &mut destination {
        target.proxies = Proxies::read(env, target.addresses())?;
    }
    Ok(destination)
}

fn agentops_key(
    set: Option<Secret>,
    api_endpoint: Option<&str>,
    env: &Environment,
) -> Result<Option<AgentOpsKey>, ConfigError> {
    let api = base_url("api_endpoint", api_endpoint, "AGENTOPS_API_ENDPOINT", AGENTOPS_API, env)?;
    let from_env = env.text("AGENTOPS_API_KEY")?.map(|key| Secret::new(key.to_owned()));
    let Some(key) = set.or(from_env) else { return Ok(None) };
    if HeaderValue::from_str(key.reveal()).is_err() {
        return Err(ConfigError::new(
            "AGENTOPS_API_KEY",
            "has characters no key has; copy it again",
        ));
    }
    let token_endpoint = parse_url("AGENTOPS_API_ENDPOINT", &format!("{api}/v3/auth/token"))?;
    Ok(Some(AgentOpsKey { key, token_endpoint: Endpoint(token_endpoint) }))
}

/// A base address without its trailing slash.
pub(super) fn base_url(
    setting: &str,
    set: Option<&str>,
    variable: &str,
    default: &str,
    env: &Environment,
) -> Result<String, ConfigError> {
    let from_env = env.text(variable)?;
    let (name, url) = match (set, from_env) {
        (Some(url), _) => (setting, url),
        (None, Some(url)) => (variable, url),
        (None, None) => (variable, default),
    };
    parse_url(name, url)?;
    Ok(url.trim_end_matches('/').to_owned())
}

fn endpoint(
    setting: &str,
    set: Option<Secret>,
    variable: &str,
    env: &Environment,
) -> Result<Option<Uri>, ConfigError> {
    let from_env = env.text(variable)?.map(|url| with_traces_path(variable, url)).transpose()?;
    let set = set.map(|url| with_traces_path(setting, url.reveal())).transpose()?;
    Ok(set.or(from_env))
}

/// A bare address means a collector, which takes traces at `/v1/traces`; a path is taken as it is.
fn with_traces_path(setting: &str, url: &str) -> Result<Uri, ConfigError> {
    let uri = parse_url(setting, url)?;
    match uri.path() {
        "" | "/" if uri.query().is_none() => {
            parse_url(setting, &format!("{}/v1/traces", url.trim_end_matches('/')))
        }
        _ => Ok(uri),
    }
}

fn parse_url(setting: &str, url: &str) -> Result<Uri, ConfigError> {
    let uri = url.parse::<Uri>().ok();
    let usable = uri.filter(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
    });
    usable.ok_or_else(|| {
        let url = without_credentials(url);
        ConfigError::new(
            setting,
            format!("is `{url}`; expected an address like `http://127.0.0.1:4318`"),
        )
    })
}

/// An address may carry a password or, in its query, a key; an error must not.
fn without_credentials(url: &str) -> String {
    let url = url.split_once('?').map_or(url, |(url, _)| url);
    let (scheme, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (scheme, rest));
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://<secret>@{host}"),
        None => url.to_owned(),
    }
}

/// What `OTEL_EXPORTER_OTLP_*` says; the variables for traces win over the general ones.
#[derive(Debug)]
struct OtlpEnvironment {
    endpoint: Option<Uri>,
    metrics: Metrics,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Those that the program adds, for whatever endpoint it is.
    own_headers: Vec<(HeaderName, HeaderValue)>,
    timeout: Duration,
    compression: Option<Compression>,
    tls: Tls,
}

impl OtlpEnvironment {
    fn read(
        env: &Environment,
        own_headers: Vec<(String, Secret)>,
        default_timeout: Duration,
    ) -> Result<Self, ConfigError> {
        let timeout = either("TIMEOUT", |name| env.parse(name, milliseconds))?;
        Ok(Self {
            endpoint: Self::endpoint(env)?,
            metrics: Metrics::read(env)?,
            headers: either("HEADERS", |name| env.parse_secret(name, headers))?.unwrap_or_default(),
            own_headers: own_headers.into_iter().map(own_header).collect::<Result<_, _>>()?,
            timeout: timeout.unwrap_or(default_timeout),
            compression: either("COMPRESSION", |name| env.parse(name, compression))?.flatten(),
            tls: Tls::read(env)?,
        })
    }

    /// The address for traces is taken as it is, the general one is a base.
    fn endpoint(env: &Environment) -> Result<Option<Uri>, ConfigError> {
        const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
        const BASE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
        let traces = env.text(TRACES)?.map(|url| parse_url(TRACES, url)).transpose()?;
        let base = env.text(BASE)?.map(|url| {
            parse_url(BASE, url)?;
            parse_url(BASE, &format!("{}/v1/traces", url.trim_end_matches('/')))
        });
        Ok(traces.or(base.transpose()?))
    }

    fn target(self, endpoint: Uri, key: Option<AgentOpsKey>) -> Box<OtlpTarget> {
        let is_meant = key.is_none() && self.is_meant_for(&endpoint);
        let mut headers = if is_meant { self.headers } else { Vec::new() };
        headers.retain(|(name, _)| self.own_headers.iter().all(|(own, _)| own != name));
        headers.extend(self.own_headers);
        // A hosted service has the certificate that browsers trust.
        let tls = if is_hosted_agentops(&endpoint) { Tls::default() } else { self.tls };
        let Self { timeout, compression, .. } = self;
        let metrics = self.metrics.beside(&endpoint).map(Endpoint);
        let endpoint = Endpoint(endpoint);
        let proxies = Proxies::default();
        Box::new(OtlpTarget { endpoint, metrics, headers, timeout, compression, tls, proxies, key })
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
    fn read(env: &Environment) -> Result<Self, ConfigError> {
        const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
        let is_on = env.parse("OTEL_METRICS_EXPORTER", |exporter| match exporter {
            "otlp" => Ok(true),
            "none" => Ok(false),
            _ => Err("expected `otlp` or `none`"),
        })?;
        let endpoint = env.text(ENDPOINT)?.map(|url| parse_url(ENDPOINT, url)).transpose()?;
        Ok(match (is_on, endpoint) {
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

fn either<T>(
    suffix: &str,
    read: impl Fn(&str) -> Result<Option<T>, ConfigError>,
) -> Result<Option<T>, ConfigError> {
    let traces = read(&format!("OTEL_EXPORTER_OTLP_TRACES_{suffix}"))?;
    let general = read(&format!("OTEL_EXPORTER_OTLP_{suffix}"))?;
    Ok(traces.or(general))
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

fn compression(text: &str) -> Result<Option<Compression>, &'static str> {
    match text {
        "none" => Ok(None),
        "gzip" if cfg!(feature = "gzip") => Ok(Some(Compression::Gzip)),
        "zstd" if cfg!(feature = "zstd") => Ok(Some(Compression::Zstd)),
        "gzip" => Err("this build cannot compress with it; enable the feature `gzip`"),
        "zstd" => Err("this build cannot compress with it; enable the feature `zstd`"),
        _ => Err("expected `gzip`, `zstd` or `none`"),
    }
}
