//! Destination of traces: the first of these that is set.
//!
//! explicit exporter → `exporter_endpoint` → AgentOps by its key → `OTEL_EXPORTER_OTLP_*` → local files.

use std::time::Duration;

use http::{HeaderValue, Uri};

use super::erased_exporter::ErasedExporter;
use super::{
    address::{below, parse_target, parse_url},
    exporter_variables::Asked,
    local_files::{self, LocalSettings},
    otlp_target::{AgentOpsKey, Endpoint, OTLP_DEFAULT, OtlpTarget},
    proxy::Proxies,
    request_builder::Wire,
    request_settings::Requests,
    secret_text::Secret,
    variable_names::{
        AGENTOPS_API_ENDPOINT, AGENTOPS_API_KEY, AGENTOPS_EXPORTER_ENDPOINT, Variable,
    },
    variable_reader::Environment,
};
use crate::error::{ConfigError, ConfigErrorKind};

/// Addresses of `AgentOps`, unless others are set.
const AGENTOPS_API: &str = "https://api.agentops.ai";
const AGENTOPS_TRACES: &str = "https://otlp.agentops.ai/v1/traces";

/// Destination of traces.
#[derive(Debug)]
pub(crate) enum Destination {
    /// An exporter supplied by the program.
    Exporter(Box<dyn ErasedExporter>),
    /// An OTLP/HTTP endpoint.
    Otlp(Box<OtlpTarget>),
    /// Files in a local folder.
    Local(LocalSettings),
}

impl Destination {
    pub(crate) fn is_agentops(&self) -> bool {
        matches!(self, Self::Otlp(target) if target.key.is_some())
    }
}

/// Destination settings of the program, and what `OTEL_TRACES_EXPORTER` asks for.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) exporter: Option<Box<dyn ErasedExporter>>,
    pub(super) endpoint: Option<Secret>,
    pub(super) wire: Wire,
    pub(super) api_key: Option<Secret>,
    pub(super) api_endpoint: Option<Secret>,
    pub(super) local: local_files::Choice,
    /// Default timeout of a request.
    pub(super) timeout: Duration,
    pub(super) asked: Asked,
}

/// Returns the destination, with warnings to report at startup.
pub(super) fn choose(
    mut choice: Choice,
    env: &Environment,
) -> Result<(Destination, Vec<String>), ConfigError> {
    let proxy = choice.wire.proxy.take();
    let requests = Requests::read(choice.wire, env, choice.timeout)?;
    let endpoint = endpoint("exporter_endpoint", choice.endpoint, AGENTOPS_EXPORTER_ENDPOINT, env)?;
    let self_hosted = choice.api_endpoint.is_some() || env.text(AGENTOPS_API_ENDPOINT)?.is_some();
    let api_endpoint = choice.api_endpoint.as_ref().map(Secret::reveal);
    let key = agentops_key(choice.api_key, api_endpoint, env)?;
    let local = local_files::choose(choice.local, env)?;
    let mut notes = Vec::new();
    let mut target = |endpoint: Uri, key: Option<AgentOpsKey>| {
        notes.extend(requests.note(&endpoint, key.is_some()));
        requests.target(endpoint, key)
    };
    let mut destination = match (choice.exporter, endpoint, key) {
        (Some(exporter), ..) => Destination::Exporter(exporter),
        // The AgentOps key is sent to another endpoint only if the AgentOps API endpoint has been set as well.
        (None, Some(endpoint), key) => {
            Destination::Otlp(target(endpoint, key.filter(|_| self_hosted)))
        }
        (None, None, Some(key)) => {
            Destination::Otlp(target(Uri::from_static(AGENTOPS_TRACES), Some(key)))
        }
        (None, None, None) => match by_convention(choice.asked, requests.endpoint.clone()) {
            Some(endpoint) => Destination::Otlp(target(endpoint, None)),
            None => Destination::Local(local),
        },
    };
    if let Destination::Otlp(target) = &mut destination {
        target.proxies = Proxies::choose(proxy.as_ref(), env, target.addresses(), &mut notes)?;
    }
    Ok((destination, notes))
}

/// Returns the endpoint that OpenTelemetry's own variables select, if any.
fn by_convention(asked: Asked, endpoint: Option<Uri>) -> Option<Uri> {
    match asked {
        Asked { console: true, otlp: false, .. } => None,
        Asked { otlp: true, .. } => endpoint.or_else(|| Some(Uri::from_static(OTLP_DEFAULT))),
        _ => endpoint,
    }
}

fn agentops_key(
    set: Option<Secret>,
    api_endpoint: Option<&str>,
    env: &Environment,
) -> Result<Option<AgentOpsKey>, ConfigError> {
    let (name, api) =
        given("api_endpoint", api_endpoint, AGENTOPS_API_ENDPOINT, AGENTOPS_API, env)?;
    let token_endpoint = below(name, parse_target(name, api)?, "/v3/auth/token")?;
    let from_env = env.text(AGENTOPS_API_KEY)?.map(|key| Secret::new(key.to_owned()));
    let Some(key) = set.or(from_env) else { return Ok(None) };
    if HeaderValue::from_str(key.reveal()).is_err() {
        return Err(ConfigError::new(
            AGENTOPS_API_KEY,
            ConfigErrorKind::Characters,
            "has characters no key has; copy it again",
        ));
    }
    Ok(Some(AgentOpsKey { key, token_endpoint: Endpoint(token_endpoint) }))
}

/// Returns the base address of web pages without its trailing slash.
pub(super) fn base_url(
    setting: &str,
    set: Option<&str>,
    variable: Variable,
    default: &str,
    env: &Environment,
) -> Result<String, ConfigError> {
    let (name, url) = given(setting, set, variable, default, env)?;
    parse_url(name, url)?;
    Ok(url.trim_end_matches('/').to_owned())
}

/// Returns the effective text, with the name of the setting or variable it comes from.
fn given<'text>(
    setting: &'text str,
    set: Option<&'text str>,
    variable: Variable,
    default: &'text str,
    env: &'text Environment,
) -> Result<(&'text str, &'text str), ConfigError> {
    Ok(match (set, env.text(variable)?) {
        (Some(url), _) => (setting, url),
        (None, Some(url)) => (variable.name(), url),
        (None, None) => (variable.name(), default),
    })
}

fn endpoint(
    setting: &str,
    set: Option<Secret>,
    variable: Variable,
    env: &Environment,
) -> Result<Option<Uri>, ConfigError> {
    let from_env =
        env.text(variable)?.map(|url| with_traces_path(variable.name(), url)).transpose()?;
    let set = set.map(|url| with_traces_path(setting, url.reveal())).transpose()?;
    Ok(set.or(from_env))
}

/// Appends `/v1/traces`, the path of a collector, to an address without a path; another path is left unchanged.
fn with_traces_path(setting: &str, url: &str) -> Result<Uri, ConfigError> {
    let uri = parse_target(setting, url)?;
    match uri.path() {
        "" | "/" => below(setting, uri, "/v1/traces"),
        _ => Ok(uri),
    }
}
